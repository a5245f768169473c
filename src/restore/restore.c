#include "config.h"

#include "incant/restore.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "restore_inside.h"

/*
 * The outer shape of a restore: begin and look, refuse, keep the accounts, and clean up after what did not
 * come to its end.
 */

static void
init_lanes(struct restore *restore, unsigned jobs)
{
	restore->lane_count = jobs > 0 ? jobs : 1;
	restore->lanes = mem_zero(restore->lane_count * sizeof(restore->lanes[0]));
	for (unsigned i = 0; i < restore->lane_count; i++)
		restore_lane_init(&restore->lanes[i], restore, i);
}

struct restore *
restore_begin(const struct restore_options *options)
{
	struct restore *restore = mem_zero(sizeof(*restore));
	restore->conninfo = mem_text(options->conninfo);
	restore->password = mem_text(options->password);
	restore->names = options->names;
	restore->name_count = options->name_count;
	restore->mark = options->mark;
	restore->keep_going = options->keep_going;
	restore->source_major = options->server_version_number / 10000;
	pthread_mutex_init(&restore->mutex, NULL);
	init_lanes(restore, options->jobs);
	restore->roles.whole =
		options->database_count == 0 && options->name_count == 0 && !options->may_be_source;
	restore->roles.same = options->may_be_source;
	restore->roles.scratch = options->scratch;
	if (restore_plan_steps(options, &restore->plan) != 0 || restore_target_look(restore) != 0 ||
		restore_plan_check_target(options, &restore->facts) != 0 ||
		restore_target_look_inside(restore) != 0) {
		restore_free(restore, NULL);
		return NULL;
	}
	restore_plan_obstacles(&restore->plan, &restore->facts, restore->roles.whole);
	return restore;
}

const struct restore_plan *
restore_get_plan(const struct restore *restore)
{
	return &restore->plan;
}

const char *
restore_data_directory(const struct restore *restore, bool *local)
{
	*local = restore->facts.local;
	return restore->facts.data_directory;
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

int
restore_look(struct restore *restore, struct restore_feed *feed, bool deep)
{
	return restore_look_run(restore, feed, deep);
}

int
restore_step_run(struct restore *restore, size_t step, struct restore_feed *feed)
{
	return restore_run_step(restore, step, feed);
}

/* What lanes tell. */

void
restore_count_rows(struct restore *restore, uint64_t rows)
{
	pthread_mutex_lock(&restore->mutex);
	restore->result.rows += rows;
	pthread_mutex_unlock(&restore->mutex);
}

int
restore_note_part(struct restore *restore, struct extent at, const struct contents *found)
{
	if (restore_compare_part(restore_current_section(restore), at, found) != 0)
		return -1;
	pthread_mutex_lock(&restore->mutex);
	restore_seen_take(&restore->seen, found);
	pthread_mutex_unlock(&restore->mutex);
	return 0;
}

void
restore_note_failure(struct restore *restore, uint64_t plain_off, const char *sqlstate)
{
	struct restore_result *result = &restore->result;
	const struct error *error = error_get();
	log_verbose("%s", error->message);
	pthread_mutex_lock(&restore->mutex);
	MEM_GROW(result->failures, result->failure_count, result->failure_capacity);
	struct restore_failure *failure = &result->failures[result->failure_count++];
	*failure = (struct restore_failure){
		.database = mem_text(restore_current_section(restore)->database),
		.message = mem_text(error->message),
		.hint = error->hint[0] != '\0' ? mem_text(error->hint) : NULL,
		.plain_off = plain_off,
	};
	strncpy(failure->sqlstate, sqlstate, sizeof(failure->sqlstate) - 1);
	pthread_mutex_unlock(&restore->mutex);
	error_clear();
}

bool
restore_has_choice(const struct restore *restore)
{
	return restore->plan.steps[restore->step].chosen != NULL;
}

bool
restore_is_wanted(const struct restore *restore, const struct contents_table *table)
{
	const struct restore_step *step = &restore->plan.steps[restore->step];
	return step->chosen == NULL || step->chosen[table - step->section->tables];
}

const struct restore_result *
restore_get_result(const struct restore *restore)
{
	return &restore->result;
}

static void
close_lanes(struct restore *restore)
{
	for (unsigned i = 0; restore->lanes != NULL && i < restore->lane_count; i++)
		restore_lane_close(&restore->lanes[i]);
}

static void
clear_result(struct restore_result *result)
{
	for (size_t i = 0; i < result->failure_count; i++) {
		free(result->failures[i].database);
		free(result->failures[i].message);
		free(result->failures[i].hint);
	}
	free(result->failures);
}

/* The database that was under way. *dropped is set when it was dropped. */
static void
clean_up(struct restore *restore, char **dropped)
{
	const char *database = restore->plan.steps[restore->step].as;
	close_lanes(restore);
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
	close_lanes(restore);
	free(restore->lanes);
	clear_result(&restore->result);
	restore_tables_clear(&restore->tables);
	restore_session_clear(&restore->session);
	restore_tasks_clear(&restore->tasks);
	restore_seen_clear(&restore->seen);
	pthread_mutex_destroy(&restore->mutex);
	restore_plan_clear(&restore->plan);
	restore_facts_clear(&restore->facts);
	restore_roles_clear(&restore->roles);
	restore_names_clear(&restore->replaced);
	free(restore->conninfo);
	if (restore->password != NULL)
		explicit_bzero(restore->password, strlen(restore->password));
	free(restore->password);
	free(restore);
}
