/*
 * What the files here share about libarchive: the locale that it works in, its errors, and a tar being
 * written or read.
 */
#ifndef INCANT_FILES_ARCHIVE_H
#define INCANT_FILES_ARCHIVE_H

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/stat.h>

#include "incant/files.h"

/*
 * libarchive converts names by the thread's locale. Writing wants UTF-8, so that names that are UTF-8 are
 * stored as such and others as they are (hdrcharset=BINARY). Reading wants the C locale: there it fails to
 * convert what is not ASCII and keeps the bytes, while in a UTF-8 locale it composes characters (NFC), which
 * would rename files. Each gives the locale that was in use, for files_locale_end().
 */
locale_t files_locale_begin_write(void);
locale_t files_locale_begin_read(void);
void files_locale_end(locale_t before);

/* libarchive's own words for its last error, printable. */
const char *files_archive_error(struct archive *archive);

/* The entry under the reader's hands. */
struct archive *files_unpack_archive(struct files_unpack *unpack);
struct archive_entry *files_unpack_current(struct files_unpack *unpack);
/* A failed call on the archive as this program's error: the feed's, or ERR_DAMAGED. -1. */
int files_unpack_fail(struct files_unpack *unpack);

#endif
