/*
 * Two lists of files, sorted by path, side by side. Times alone make no difference: a file that was written
 * again as it was is the same file.
 */
#include "config.h"

#include "op_diff_files.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_files_opened.h"

/* The entries of a section of one backup; none where it does not have the section. */
struct side {
	struct files_entry *entries;
	size_t count, capacity;
};

static int
by_path(const void *left, const void *right)
{
	const struct files_entry *a = left, *b = right;

	return strcmp(a->path, b->path);
}

static void
side_clear(struct side *side)
{
	for (size_t i = 0; i < side->count; i++)
		files_entry_clear(&side->entries[i]);
	free(side->entries);
}

/* Reads all entries of an opened section, and sorts them. */
static int
side_read(const struct op_files_opened *files, struct side *side)
{
	struct files_cursor rows = op_files_record_rows(&files->record);
	int got = FILES_GOT;

	while (got == FILES_GOT) {
		MEM_GROW(side->entries, side->count, side->capacity);
		got = files_list_next(&rows, files->about->name, &side->entries[side->count]);
		side->count += got == FILES_GOT ? 1 : 0;
	}
	if (side->count > 0)
		qsort(side->entries, side->count, sizeof(side->entries[0]), by_path);
	return got == FILES_END ? 0 : -1;
}

/* A section of a backup. One that the backup lacks is empty. */
static int
side_load(const struct settings *settings, const struct op_backup *backup, const char *store,
	const char *section, struct side *side, uint64_t *read_bytes)
{
	const struct manifest_files *about = manifest_find_files(&backup->manifest, section);
	const struct op_which which = { .which = backup->manifest.id, .store = store };
	struct op_files_opened files;
	int rc;

	if (about == NULL || about->missing != NULL)
		return 0;
	rc = op_files_opened_open(&files, settings, &which, section);
	if (rc == 0)
		rc = op_files_opened_need_record(&files);
	if (rc == 0)
		rc = side_read(&files, side);
	*read_bytes += op_files_opened_read_bytes(&files);
	op_files_opened_clear(&files);
	return rc;
}

static bool
is_same(const struct files_entry *a, const struct files_entry *b)
{
	return a->type == b->type && a->mode == b->mode && a->size == b->size &&
	       digest128_equal(a->digest, b->digest) && text_equal(a->link, b->link);
}

/* "file, mode 0640, 12 bytes, digest …"; "symlink, mode 0777, to …". NULL is "missing". */
static char *
describe(const struct files_entry *entry)
{
	char hex[DIGEST_XXH128_HEX];
	struct buf text = BUF_EMPTY;

	if (entry == NULL)
		return mem_text("missing");
	buf_append_format(&text, "%s, mode %04o", files_type_name(entry->type), entry->mode);
	if (entry->type == FILES_FILE)
		buf_append_format(&text, ", %llu bytes, digest %s", (unsigned long long)entry->size,
			digest128_format(hex, entry->digest));
	if (entry->link != NULL)
		buf_append_format(&text, ", to %s", entry->link);
	return buf_take(&text);
}

static void
add_change(struct op_diff_report *report, const char *section, const struct files_entry *was,
	const struct files_entry *is)
{
	MEM_GROW(report->files, report->files_count, report->files_capacity);
	report->files[report->files_count++] = (struct op_file_change){
		.how = was == NULL  ? SCAN_DIFF_ADDED
		       : is == NULL ? SCAN_DIFF_REMOVED
				    : SCAN_DIFF_CHANGED,
		.section = mem_text(section),
		.path = mem_text(was != NULL ? was->path : is->path),
		.before = describe(was),
		.after = describe(is),
	};
}

static void
compare(const char *section, const struct side *before, const struct side *after,
	struct op_diff_report *report)
{
	size_t i = 0, k = 0;

	while (i < before->count || k < after->count) {
		const struct files_entry *was = i < before->count ? &before->entries[i] : NULL;
		const struct files_entry *is = k < after->count ? &after->entries[k] : NULL;
		int order = was == NULL ? 1 : is == NULL ? -1 : strcmp(was->path, is->path);

		if (order < 0)
			is = NULL;
		else if (order > 0)
			was = NULL;
		i += was != NULL ? 1 : 0;
		k += is != NULL ? 1 : 0;
		if (was == NULL || is == NULL || !is_same(was, is))
			add_change(report, section, was, is);
	}
}

static int
diff_section(const struct settings *settings, const char *before_store, const char *after_store,
	const char *section, struct op_diff_report *report)
{
	struct side before = { .entries = NULL }, after = { .entries = NULL };
	int rc = side_load(settings, &report->before, before_store, section, &before, &report->read_bytes);

	if (rc == 0)
		rc = side_load(settings, &report->after, after_store, section, &after, &report->read_bytes);
	if (rc == 0)
		compare(section, &before, &after, report);
	side_clear(&before);
	side_clear(&after);
	return rc;
}

int
op_diff_files(const struct settings *settings, const char *before_store, const char *after_store,
	struct op_diff_report *report)
{
	const struct manifest *before = &report->before.manifest, *after = &report->after.manifest;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < before->files_count; i++)
		rc = diff_section(settings, before_store, after_store, before->files[i].name, report);
	for (size_t i = 0; rc == 0 && i < after->files_count; i++)
		if (manifest_find_files(before, after->files[i].name) == NULL)
			rc = diff_section(settings, before_store, after_store, after->files[i].name, report);
	return rc;
}
