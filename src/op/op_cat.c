/*
 * cat: the dump, or the part of it that was asked for, byte for byte. Contents say where a part lies, the
 * frame index which frames hold it; nothing else is read.
 */
#include "config.h"

#include "incant/op_cat.h"

#include "incant/error.h"
#include "incant/frame.h"
#include "incant/stage.h"

#include "op_cat_files.h"
#include "op_opened.h"

/* The section to look in: the named database's, or the only one when a table was named alone. */
static const struct contents_section *
cat_section(const struct op_opened *opened, const char *database)
{
	const struct contents *contents = &opened->contents;
	const struct contents_section *section = NULL;

	if (database != NULL) {
		section = contents_find_database(contents, database);
		if (section == NULL) {
			error_set(
				ERR_NOT_FOUND, "backup %s has no database '%s'", opened->entry->id, database);
			error_hint("`incant-backup show %s --tables` lists them.", opened->entry->id);
		}
		return section;
	}
	for (size_t i = 0; i < contents->section_count; i++) {
		if (contents->sections[i].table_count == 0)
			continue;
		if (section != NULL) {
			error_set(ERR_USAGE, "backup %s has tables in several databases", opened->entry->id);
			error_hint("Say which one with --database.");
			return NULL;
		}
		section = &contents->sections[i];
	}
	if (section == NULL)
		error_set(ERR_NOT_FOUND, "backup %s has no table", opened->entry->id);
	return section;
}

/* One table's data. */
static int
cat_table_extent(const struct op_opened *opened, const struct op_cat_request *request, struct extent *extent)
{
	const struct contents_section *section = cat_section(opened, request->database);
	const struct contents_table *table;
	size_t matches = 0;

	if (section == NULL)
		return -1;
	table = contents_find_table(section, request->table, &matches);
	if (table == NULL) {
		if (matches > 1)
			error_set(ERR_NOT_FOUND, "database '%s' of backup %s has %zu tables called '%s'",
				section->database, opened->entry->id, matches, request->table);
		else
			error_set(ERR_NOT_FOUND, "database '%s' of backup %s has no data of a table '%s'",
				section->database, opened->entry->id, request->table);
		return error_hint("Name it as schema.table; `incant-backup show %s --tables` lists them. "
				  "Views and partitioned tables hold no rows of their own.",
			opened->entry->id);
	}
	*extent = table->at;
	return 0;
}

/* Where in the dump the wanted part lies. */
static int
cat_extent(const struct op_opened *opened, const struct op_cat_request *request, struct extent *extent)
{
	const struct contents_section *section;

	if (request->table != NULL)
		return cat_table_extent(opened, request, extent);
	if (request->globals) {
		if (opened->contents.section_count == 0)
			return error_set(ERR_DAMAGED, "the contents of %s are empty", opened->entry->id);
		*extent = opened->contents.sections[0].at;
		return 0;
	}
	section = cat_section(opened, request->database);
	if (section == NULL)
		return -1;
	*extent = section->at;
	return 0;
}

static int
cat_write(struct op_opened *opened, const struct op_cat_request *request, struct op_cat_report *report)
{
	bool whole = request->database == NULL && request->table == NULL && !request->globals;
	struct extent extent = { 0, 0 };
	struct stage *out = NULL;
	int rc;

	if (whole) {
		rc = op_opened_read_index(opened);
		extent.bytes = opened->index.plain_bytes;
	} else {
		rc = op_opened_read_record(opened);
		if (rc == 0)
			rc = cat_extent(opened, request, &extent);
	}
	if (rc != 0)
		return -1;
	out = stage_fd_new(request->fd, ERR_INTERNAL, "standard output");
	rc = frame_read(opened->cluster, &opened->index, extent.plain_off, extent.bytes, out);
	if (rc == 0)
		rc = stage_finish(out);
	report->plain_bytes = out->in_bytes;
	stage_free(out);
	return rc;
}

int
op_cat_run(
	const struct settings *settings, const struct op_cat_request *request, struct op_cat_report *report)
{
	struct op_opened opened;
	int rc;

	*report = (struct op_cat_report){ 0, 0 };
	if (request->files != NULL)
		return op_cat_files(settings, request, report);
	rc = op_opened_open(&opened, settings, &request->which);
	if (rc == 0)
		rc = cat_write(&opened, request, report);
	report->read_bytes = op_opened_read_bytes(&opened);
	op_opened_clear(&opened);
	return rc;
}
