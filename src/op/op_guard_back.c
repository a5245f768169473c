/*
 * The way back: the databases that changed are restored from the backup and change names with the live ones,
 * which stay beside. What the command left is all there then, so no other backup of it is made.
 */
#include "config.h"

#include "op_guard_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/log.h"
#include "incant/mem.h"

/* Names borrowed from the contents. */
struct changed {
	const char **names;
	size_t count, capacity;
};

static void
add_name(struct changed *changed, const char *name)
{
	for (size_t i = 0; i < changed->count; i++)
		if (strcmp(changed->names[i], name) == 0)
			return;
	MEM_GROW(changed->names, changed->count, changed->capacity);
	changed->names[changed->count++] = name;
}

/* What a swap of databases can bring back, and what it cannot. */
static void
list_changed(const struct op_guard_report *report, struct changed *changed)
{
	bool globals = false;

	for (size_t i = 0; i < report->diff.count; i++) {
		const struct scan_difference *difference = &report->diff.list[i];
		const char *database = scan_difference_database(difference);

		if (database == NULL)
			globals = true;
		else if (difference->was_in == NULL)
			log_info("database %s, which the command made, stays", database);
		else
			add_name(changed, database);
	}
	if (globals)
		log_warning(
			"roles, or settings of the cluster, were changed too; they are left as they are now");
}

/* All that the backup can make: what the command changed is not known. */
static void
list_all(const struct op_guard_report *report, struct changed *changed)
{
	for (size_t i = 0; i < report->before.section_count; i++)
		if (report->before.sections[i].creates)
			add_name(changed, report->before.sections[i].database);
}

int
op_guard_go_back(struct op_guard *guard)
{
	struct op_guard_report *report = guard->report;
	struct changed changed = { NULL, 0, 0 };
	int rc = 0;

	if (report->compared)
		list_changed(report, &changed);
	else
		list_all(report, &changed);
	if (changed.count > 0) {
		const struct op_restore_request request = {
			.which = { .which = report->backup.backup.manifest.id },
			.databases = changed.names,
			.database_count = changed.count,
			.in_place = true,
			.no_safety_backup = true,
			.lock = guard->lock,
		};

		rc = op_restore_run(guard->settings, &request, &report->restore);
		report->went_back = rc == 0;
	} else {
		log_info("no database was changed, so none is restored");
	}
	free(changed.names);
	return rc;
}
