/*
 * The way back: roles that are missing are made again, and the databases that changed are restored from the
 * backup and change names with the live ones, which stay beside. What the command left is all there then, so
 * no other backup of it is made.
 */
#include "config.h"

#include "op_guard_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/log.h"
#include "incant/mem.h"

static void
add_name(struct op_guard_choice *changed, const char *name)
{
	for (size_t i = 0; i < changed->count; i++)
		if (strcmp(changed->names[i], name) == 0)
			return;
	MEM_GROW(changed->names, changed->count, changed->capacity);
	changed->names[changed->count++] = name;
}

/* Whether a role is gone. */
static bool
is_missing_role(const struct scan_difference *difference)
{
	return difference->what == SCAN_DIFF_STATEMENT && difference->statement.is == NULL &&
	       strcmp(difference->statement.was->kind, "CREATE ROLE") == 0;
}

/* A role, or a setting of the cluster, that is not as it was. */
static void
add_global(struct op_guard_choice *changed, const struct scan_difference *difference)
{
	struct buf name = BUF_EMPTY;

	scan_difference_write_name(difference, &name);
	log_info("%s by the command: %s", scan_diff_how_word(scan_difference_how(difference)),
		buf_text(&name));
	buf_clear(&name);
	changed->globals = true;
	changed->roles_missing |= is_missing_role(difference);
}

/* Roles that are missing come back with all that is theirs; what there is now is not taken from anybody who
 * may be using it. */
static void
tell_globals(const struct op_guard_choice *changed, const char *id)
{
	if (!changed->globals)
		return;
	log_warning("roles, or settings of the cluster, were changed too; %sthe others are left as they are "
		    "now: `incant-backup cat %s --globals` shows how they were",
		changed->roles_missing ? "roles that are missing are made again, " : "", id);
}

/* What a swap of databases and the globals can bring back, and what they cannot. */
static void
list_changed(const struct op_guard_report *report, struct op_guard_choice *changed)
{
	for (size_t i = 0; i < report->diff.count; i++) {
		const struct scan_difference *difference = &report->diff.list[i];
		const char *database = scan_difference_database(difference);

		if (database == NULL)
			add_global(changed, difference);
		else if (difference->was_in == NULL)
			log_info("database %s, which the command made, stays", database);
		else
			add_name(changed, database);
	}
}

/* All that the backup can make: what the command changed is not known. */
static void
list_all(const struct op_guard_report *report, struct op_guard_choice *changed)
{
	for (size_t i = 0; i < report->before.section_count; i++)
		if (report->before.sections[i].creates)
			add_name(changed, report->before.sections[i].database);
}

void
op_guard_choose(const struct op_guard_report *report, struct op_guard_choice *choice)
{
	*choice = (struct op_guard_choice){ .names = NULL };
	if (report->compared)
		list_changed(report, choice);
	else
		list_all(report, choice);
}

/* The databases change names with the live ones; missing roles are made before them. */
static int
restore_databases(struct op_guard *guard, const struct op_guard_choice *changed)
{
	const struct op_restore_request request = {
		.which = { .which = guard->report->backup.backup.manifest.id },
		.databases = changed->names,
		.database_count = changed->count,
		.in_place = true,
		.no_safety_backup = true,
		.lock = guard->lock,
	};

	return op_restore_run(guard->settings, &request, &guard->report->restore);
}

/* Roles alone are missing. */
static int
restore_roles(struct op_guard *guard)
{
	const struct op_restore_request request = {
		.which = { .which = guard->report->backup.backup.manifest.id },
		.globals = true,
	};

	return op_restore_run(guard->settings, &request, &guard->report->restore);
}

int
op_guard_go_back(struct op_guard *guard)
{
	struct op_guard_report *report = guard->report;
	struct op_guard_choice changed;
	int rc = 0;

	op_guard_choose(report, &changed);
	tell_globals(&changed, report->backup.backup.manifest.id);
	if (changed.count > 0)
		rc = restore_databases(guard, &changed);
	else if (changed.roles_missing)
		rc = restore_roles(guard);
	else
		log_info("no database was changed, so none is restored");
	report->went_back = rc == 0 && (changed.count > 0 || changed.roles_missing);
	free(changed.names);
	return rc;
}
