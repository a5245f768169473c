/*
 * Fuzzes the reader of a tar's list: the first byte says whether the rest is lines of entries or of notes.
 * Whatever is accepted must be the same after it was written and read again; a refusal names the list.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/files.h"

#define WHAT "x.files"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check_refusal(void)
{
	if (error_get()->class != ERR_DAMAGED || strstr(error_get()->message, WHAT) == NULL)
		abort();
}

/* Reads entries into a list. 0 or -1. */
static int
read_entries(const char *text, size_t len, struct files_list *list)
{
	struct files_cursor cursor = { .text = text, .len = len };
	struct files_entry entry;
	int rc;

	while ((rc = files_list_next(&cursor, WHAT, &entry)) == FILES_GOT) {
		files_list_add(list, &entry);
		files_entry_clear(&entry);
	}
	return rc;
}

static int
read_notes(const char *text, size_t len, struct files_list *list)
{
	struct files_cursor cursor = { .text = text, .len = len };
	struct files_note note;
	int rc;

	while ((rc = files_list_next_note(&cursor, WHAT, &note)) == FILES_GOT) {
		files_list_add_note(list, &note);
		files_note_clear(&note);
	}
	return rc;
}

static bool
same(const struct buf *left, const struct buf *right)
{
	return left->len == right->len &&
	       (left->len == 0 || memcmp(left->bytes, right->bytes, left->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct files_list list, again;

	error_clear();
	if (len == 0)
		return 0;
	bool notes = bytes[0] % 2 == 1;
	int (*const read)(const char *, size_t, struct files_list *) = notes ? read_notes : read_entries;
	files_list_init(&list);
	files_list_init(&again);
	if (read((const char *)bytes + 1, len - 1, &list) != 0)
		check_refusal();
	struct buf *rows = notes ? &list.note_rows : &list.rows;
	if (read(rows->bytes, rows->len, &again) != 0)
		abort();
	if (!same(rows, notes ? &again.note_rows : &again.rows) || list.entries != again.entries ||
		list.bytes != again.bytes || list.notes != again.notes || list.unread != again.unread)
		abort();
	files_list_clear(&list);
	files_list_clear(&again);
	return 0;
}
