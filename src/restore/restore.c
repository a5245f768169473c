#include "config.h"

#include "incant/restore.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "restore_inside.h"

/*
 * The outer shape of a restore: begin and look, refuse, hand out the sink, and clean up after what did not
 * come to its end.
 */

struct restore *
restore_begin(const struct restore_options *options)
{
	struct restore *restore = mem_zero(sizeof(*restore));
	restore->conninfo = mem_text(options->conninfo);
	restore->password = mem_text(options->password);
	restore->names = options->names;
	restore->name_count = options->name_count;
	restore->mark = options->mark;
	restore->roles.whole = options->database_count == 0 && options->name_count == 0;
	restore->roles.same = options->may_be_source;
	restore->roles.scratch = options->scratch;
	if (restore_plan_steps(options, &restore->plan) != 0 || restore_target_look(restore) != 0 ||
		restore_plan_check_target(options, &restore->facts) != 0 ||
		restore_target_look_inside(restore) != 0) {
		restore_free(restore, NULL);
		return NULL;
	}
	restore_plan_obstacles(&restore->plan, &restore->facts, restore->roles.whole);
	restore_run_init(restore);
	return restore;
}

const struct restore_plan *
restore_get_plan(const struct restore *restore)
{
	return &restore->plan;
}

int
restore_check_plan(const struct restore *restore)
{
	const struct restore_plan *plan = &restore->plan;
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].obstacle == NULL)
			continue;
		if (plan->obstacles > 1)
			error_set(ERR_RESTORE, "cannot restore into %s: %s, and %zu more in the way",
				plan->target, plan->steps[i].obstacle, plan->obstacles - 1);
		else
			error_set(ERR_RESTORE, "cannot restore into %s: %s", plan->target,
				plan->steps[i].obstacle);
		return error_hint("Nothing was changed. A restore only adds: drop or rename on the target "
				  "what exists, install what is missing, or choose another target.");
	}
	return 0;
}

struct scan_sink *
restore_sink(struct restore *restore)
{
	return &restore->sink;
}

int
restore_end_section(struct restore *restore, const struct contents_section *recorded,
	const struct contents_section *found)
{
	return restore_run_end_section(restore, recorded, found);
}

const struct restore_result *
restore_get_result(const struct restore *restore)
{
	return &restore->result;
}

/* The database that was under way. *dropped is set when it was dropped. */
static void
clean_up(struct restore *restore, char **dropped)
{
	const char *database = restore->plan.steps[restore->step].as;
	pg_free(restore->pg);
	restore->pg = NULL;
	if (restore->creating)
		log_warning(
			"database %s may have been created on the target: drop it there if it was", database);
	if (restore->connected && !restore->created && !restore->told)
		log_warning("database %s of the target holds a part of the backup now", database);
	if (!restore->created)
		return;
	if (restore_target_drop(restore, database) == 0) {
		*dropped = mem_text(database);
		return;
	}
	log_warning("database %s on the target is not complete and could not be dropped: %s", database,
		error_get()->message);
}

void
restore_free(struct restore *restore, char **dropped)
{
	struct error kept;
	char *name = NULL;
	if (dropped != NULL)
		*dropped = NULL;
	if (restore == NULL)
		return;
	error_take(&kept);
	if (restore->entered)
		clean_up(restore, &name);
	if (kept.class != ERR_NONE)
		error_put(&kept);
	if (dropped != NULL)
		*dropped = name;
	else
		free(name);
	pg_free(restore->pg);
	restore_plan_clear(&restore->plan);
	restore_facts_clear(&restore->facts);
	restore_roles_clear(&restore->roles);
	restore_names_clear(&restore->replaced);
	free(restore->copy_text);
	free(restore->conninfo);
	if (restore->password != NULL)
		explicit_bzero(restore->password, strlen(restore->password));
	free(restore->password);
	free(restore);
}
