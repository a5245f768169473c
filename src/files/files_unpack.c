/*
 * A tar's entries, one by one. libarchive asks for bytes, the feed gives them; names come out as the bytes
 * that they are.
 */
#include "config.h"

#include "files_archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/mem.h"

struct files_unpack {
	struct archive *archive;
	struct archive_entry *entry; /* libarchive's */
	const struct files_feed *feed;
	const char *what;
	bool failed; /* the feed did: its error is set */
};

static la_ssize_t
pull(struct archive *archive, void *context, const void **bytes)
{
	struct files_unpack *unpack = context;
	size_t len = 0;

	if (unpack->feed->next(unpack->feed->context, bytes, &len) != 0) {
		unpack->failed = true;
		archive_set_error(archive, EIO, "the feed failed");
		return -1;
	}
	return (la_ssize_t)len;
}

int
files_unpack_fail(struct files_unpack *unpack)
{
	if (unpack->failed)
		return -1;
	return error_set(
		ERR_DAMAGED, "%s is no sound tar: %s", unpack->what, files_archive_error(unpack->archive));
}

struct archive *
files_unpack_archive(struct files_unpack *unpack)
{
	return unpack->archive;
}

struct archive_entry *
files_unpack_current(struct files_unpack *unpack)
{
	return unpack->entry;
}

struct files_unpack *
files_unpack_new(const struct files_feed *feed, const char *what)
{
	struct files_unpack *unpack = mem_zero(sizeof(*unpack));
	locale_t before = files_locale_begin_read();

	unpack->feed = feed;
	unpack->what = what;
	unpack->archive = archive_read_new();
	if (unpack->archive == NULL || archive_read_support_format_tar(unpack->archive) != ARCHIVE_OK ||
		archive_read_open(unpack->archive, unpack, NULL, pull, NULL) != ARCHIVE_OK) {
		if (unpack->archive == NULL)
			error_set(ERR_INTERNAL, "libarchive cannot be used");
		else
			files_unpack_fail(unpack);
		files_unpack_free(unpack);
		unpack = NULL;
	}
	files_locale_end(before);
	return unpack;
}

void
files_unpack_free(struct files_unpack *unpack)
{
	if (unpack == NULL)
		return;
	(void)archive_read_free(unpack->archive);
	free(unpack);
}

static enum files_type
type_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry) != NULL)
		return FILES_HARDLINK;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return FILES_FILE;
	case AE_IFDIR:
		return FILES_DIRECTORY;
	case AE_IFLNK:
		return FILES_SYMLINK;
	case AE_IFIFO:
		return FILES_FIFO;
	default:
		return FILES_OTHER;
	}
}

/* Without "./" in front and slashes at the end. The caller frees it. */
static char *
plain_path(const char *path)
{
	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len == 0 ? mem_text(".") : mem_text_n(path, len);
}

static void
describe(struct files_unpack *unpack, struct files_entry *to)
{
	struct archive_entry *entry = unpack->entry;
	const char *path = archive_entry_pathname(entry);

	*to = (struct files_entry){
		.path = plain_path(path != NULL ? path : ""),
		.type = type_of(entry),
		.mode = (unsigned)archive_entry_perm(entry) & 07777u,
		.mtime = archive_entry_mtime(entry),
		.plain_off = (uint64_t)archive_read_header_position(unpack->archive),
	};
	if (to->type == FILES_FILE && archive_entry_size(entry) > 0)
		to->size = (uint64_t)archive_entry_size(entry);
	if (to->type == FILES_HARDLINK)
		to->link = plain_path(archive_entry_hardlink(entry));
	else if (to->type == FILES_SYMLINK)
		to->link = mem_text(archive_entry_symlink(entry) != NULL ? archive_entry_symlink(entry) : "");
}

/* ARCHIVE_WARN is what every name that is not ASCII gives in the C locale. */
int
files_unpack_next(struct files_unpack *unpack, struct files_entry *entry)
{
	locale_t before = files_locale_begin_read();
	int rc = archive_read_next_header(unpack->archive, &unpack->entry);

	*entry = (struct files_entry){ .path = NULL };
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		describe(unpack, entry);
		rc = FILES_GOT;
	} else if (rc == ARCHIVE_EOF) {
		rc = FILES_END;
	} else {
		rc = files_unpack_fail(unpack);
	}
	files_locale_end(before);
	return rc;
}

static int
push_zeros(struct stage *to, uint64_t len)
{
	static const char zeros[64 * 1024];

	while (len > 0) {
		size_t step = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
		if (interrupt_check() != 0 || stage_write(to, zeros, step) != 0)
			return -1;
		len -= step;
	}
	return 0;
}

int
files_unpack_data(struct files_unpack *unpack, struct stage *to)
{
	uint64_t size = (uint64_t)archive_entry_size(unpack->entry), at = 0;
	const void *bytes = NULL;
	size_t len = 0;
	la_int64_t off = 0;
	int rc;

	for (;;) {
		rc = archive_read_data_block(unpack->archive, &bytes, &len, &off);
		if (rc == ARCHIVE_EOF)
			break;
		if (rc != ARCHIVE_OK)
			return files_unpack_fail(unpack);
		if ((uint64_t)off < at || (uint64_t)off + len > size)
			return error_set(ERR_DAMAGED, "%s has data outside a file", unpack->what);
		if (interrupt_check() != 0 || push_zeros(to, (uint64_t)off - at) != 0 ||
			stage_write(to, bytes, len) != 0)
			return -1;
		at = (uint64_t)off + len;
	}
	return push_zeros(to, size - at);
}
