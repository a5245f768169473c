/*
 * restore --table --in-place: the rows of live tables are replaced by those of a backup, in one transaction.
 * Only the tables' own frames are read.
 */
#include "config.h"

#include "op_table.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/frame.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/restore_replace.h"
#include "incant/scan.h"
#include "incant/stage.h"
#include "incant/text.h"

/* What is replaced: tables of one database. */
struct table_choice {
	const struct contents_section *section;
	const struct contents_table **tables;
	size_t count;
};

/* D.S.T, or S.T of the one database that --database names. *database (the caller frees it) and the rest. */
static const char *
table_split(const struct op_restore_request *request, const struct contents *contents, const char *name,
	const struct contents_section **section)
{
	if (request->database_count == 1) {
		*section = contents_find_database(contents, request->databases[0]);
		return name;
	}
	/* A name may have dots itself: the longest database that fits is meant. */
	size_t longest = 0;
	for (size_t i = 0; i < contents->section_count; i++) {
		const char *database = contents->sections[i].database;
		size_t len = database != NULL ? strlen(database) : 0;
		if (len > longest && text_starts(name, database) && name[len] == '.') {
			*section = &contents->sections[i];
			longest = len;
		}
	}
	return name + longest + (longest > 0 ? 1 : 0);
}

static int
table_choose(const struct op_restore_request *request, const struct contents *contents, const char *name,
	struct table_choice *choice)
{
	const struct contents_section *section = NULL;
	const char *rest = table_split(request, contents, name, &section);
	size_t matches = 0;

	if (section == NULL) {
		error_set(ERR_NOT_FOUND, "the backup has no database for table '%s'", name);
		return error_hint("A table is DATABASE.SCHEMA.TABLE.");
	}
	if (choice->section != NULL && choice->section != section)
		return error_set(ERR_USAGE, "tables of two databases cannot be replaced in one transaction");
	const struct contents_table *table = contents_find_table(section, rest, &matches);
	if (table == NULL)
		return error_set(ERR_NOT_FOUND, "the backup has %s table '%s' in database %s",
			matches > 1 ? "more than one" : "no", rest, section->database);
	choice->section = section;
	choice->tables[choice->count++] = table;
	return 0;
}

/* Streams one table's rows. */
static int
table_stream(struct op_opened *opened, struct restore_replace *tables, const struct contents_table *table)
{
	struct contents found;
	const struct scan_options scan = {
		.contents = &found,
		.sink = restore_replace_sink(tables),
		.keep_bytes = SCAN_KEEP_WHOLE,
		.error_class = ERR_DAMAGED,
		.fragment = true,
		.plain_off = table->at.plain_off,
	};
	int rc = -1;

	contents_init(&found);
	struct stage *head = scan_new(stage_progress_new(stage_null_new()), &scan);
	if (head != NULL)
		rc = frame_read(opened->cluster, &opened->index, table->at.plain_off, table->at.bytes, head);
	if (rc == 0)
		rc = stage_finish(head);
	if (rc == 0 && (found.section_count == 0 || found.sections[0].table_count != 1))
		rc = error_set(ERR_DAMAGED, "there are no rows at byte %llu of the dump",
			(unsigned long long)table->at.plain_off);
	if (rc == 0)
		rc = restore_replace_compare(table, &found.sections[0].tables[0]);
	stage_free(head);
	contents_clear(&found);
	return rc != 0 ? error_add("table %s.%s", table->schema, table->name) : 0;
}

static int
table_replace(
	struct op_opened *opened, const struct op_restore_request *request, const struct table_choice *choice)
{
	const struct restore_replace_options options = {
		.conninfo = request->conninfo, .password = request->password, .section = choice->section
	};
	struct restore_replace *tables = restore_replace_begin(&options);
	uint64_t bytes = 0;
	int rc = tables != NULL ? 0 : -1;

	for (size_t i = 0; i < choice->count; i++)
		bytes += choice->tables[i]->at.bytes;
	progress_begin("restore", bytes);
	for (size_t i = 0; rc == 0 && i < choice->count; i++)
		rc = restore_replace_empty(tables, choice->tables[i]);
	for (size_t i = 0; rc == 0 && i < choice->count; i++)
		rc = table_stream(opened, tables, choice->tables[i]);
	if (rc == 0)
		rc = restore_replace_finish(tables);
	progress_end();
	restore_replace_free(tables);
	return rc;
}

static void
table_report(const struct op_restore_request *request, const struct table_choice *choice,
	struct op_restore_report *report)
{
	struct op_restored line = { .name = mem_text(choice->section->database),
		.restored_as = mem_text(choice->section->database),
		.tables = choice->count };

	for (size_t i = 0; i < choice->count; i++) {
		line.rows += choice->tables[i]->rows;
		line.plain_bytes += choice->tables[i]->at.bytes;
	}
	MEM_GROW(report->databases, report->count, report->capacity);
	report->databases[report->count++] = line;
	report->target = mem_text(request->conninfo);
}

int
op_table_in_place(
	struct op_opened *opened, const struct op_restore_request *request, struct op_restore_report *report)
{
	struct table_choice choice = { .tables = mem_zero(request->table_count * sizeof(*choice.tables)) };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < request->table_count; i++)
		rc = table_choose(request, &opened->contents, request->tables[i], &choice);
	if (rc == 0 && !request->dry_run)
		rc = table_replace(opened, request, &choice);
	if (rc == 0)
		table_report(request, &choice, report);
	free(choice.tables);
	return rc;
}
