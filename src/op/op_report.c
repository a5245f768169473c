/*
 * report: the merged catalog of the stores, and of the newest backups their contents.
 */
#include "config.h"

#include "incant/op_report.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/contents.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_list_inside.h"
#include "op_record.h"
#include "op_shelf.h"

static void
add_database(struct op_report_entry *entry, const struct contents_section *section)
{
	struct op_report_database *database;

	MEM_GROW(entry->databases, entry->database_count, entry->database_capacity);
	database = &entry->databases[entry->database_count++];
	*database = (struct op_report_database){
		.name = mem_text(section->database),
		.bytes = section->at.bytes,
	};
	for (size_t i = 0; i < section->table_count; i++)
		database->rows += section->tables[i].rows;
}

/* What a backup's record says of its databases, from the first store that gives it. 0, or -1 where none does.
 */
static int
read_databases(const struct op_shelf *shelf, struct op_keys *keys, struct op_report_entry *entry)
{
	const struct manifest *manifest = &entry->backup.manifest;
	uint64_t read_bytes = 0;

	for (size_t i = 0; i < shelf->count; i++) {
		const struct catalog_entry *there =
			op_place_find(&shelf->places[i], manifest->source, manifest->id);
		struct op_record_place place = { .store = shelf->places[i].store, .keys = keys };
		struct contents contents;
		struct frame_index index;
		int rc;

		if (there == NULL)
			continue;
		place.manifest = &there->manifest;
		contents_init(&contents);
		frame_index_init(&index);
		rc = op_record_load(&place, &contents, &index, &read_bytes);
		for (size_t s = 0; rc == 0 && s < contents.section_count; s++)
			if (contents.sections[s].database != NULL)
				add_database(entry, &contents.sections[s]);
		contents_clear(&contents);
		frame_index_clear(&index);
		if (rc == 0)
			return 0;
		log_verbose("%s", error_get()->message);
		error_clear();
	}
	return -1;
}

static int
report_fill(const struct op_shelf *shelf, struct op_keys *keys, struct op_list_report *list,
	struct op_report *report)
{
	for (size_t i = 0; i < list->count; i++) {
		struct op_report_entry *entry;

		if (interrupt_check() != 0)
			return -1;
		MEM_GROW(report->entries, report->count, report->capacity);
		entry = &report->entries[report->count++];
		*entry = (struct op_report_entry){ .backup = list->backups[i] };
		list->backups[i] = (struct op_backup){ .stores = NULL };
		if (i >= OP_REPORT_CONTENTS_MAX || read_databases(shelf, keys, entry) != 0)
			report->unread++;
	}
	return 0;
}

/* A store in which nothing can be decided says so in its own part of the page. */
static void
report_rotation(const struct settings *settings, const char *store, struct op_report *report)
{
	const struct op_prune_request request = { .store = store, .dry_run = true };

	if (op_prune_run(settings, &request, &report->rotation) != 0) {
		log_verbose("%s", error_get()->message);
		error_clear();
	}
}

int
op_report_run(const struct settings *settings, const char *store, struct op_report *report)
{
	struct op_list_report list = { .backups = NULL };
	struct op_shelf shelf = { .places = NULL };
	struct op_keys *keys = op_keys_new(settings);
	int rc;

	*report = (struct op_report){ .source = mem_text(settings->source.name), .at = clock_now() };
	rc = op_shelf_open(settings, store, settings->source.name, &shelf);
	if (rc == 0) {
		op_list_merge(&shelf, &list);
		rc = report_fill(&shelf, keys, &list, report);
	}
	op_shelf_clear(&shelf);
	op_keys_free(keys);
	op_list_report_clear(&list);
	if (rc == 0)
		report_rotation(settings, store, report);
	return rc;
}

void
op_report_clear(struct op_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		struct op_report_entry *entry = &report->entries[i];

		op_backup_clear(&entry->backup);
		for (size_t d = 0; d < entry->database_count; d++)
			free(entry->databases[d].name);
		free(entry->databases);
	}
	free(report->entries);
	op_prune_report_clear(&report->rotation);
	free(report->source);
	*report = (struct op_report){ .source = NULL };
}
