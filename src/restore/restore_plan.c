#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * The plan: which sections are restored, and what in the target stands against it. Nothing here talks to a
 * server; restore_target.c has found out the facts.
 */

void
restore_names_add(struct restore_names *list, const char *name)
{
	MEM_GROW(list->names, list->count, list->capacity);
	list->names[list->count++] = mem_text(name);
}

bool
restore_names_have(const struct restore_names *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_equal(list->names[i], name))
			return true;
	return false;
}

void
restore_names_clear(struct restore_names *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct restore_names){ .names = NULL };
}

void
restore_facts_add_occupied(struct restore_facts *facts, const char *database, const char *object)
{
	MEM_GROW(facts->occupied, facts->occupied_count, facts->occupied_capacity);
	facts->occupied[facts->occupied_count++] =
		(struct restore_occupied){ .database = mem_text(database), .object = mem_text(object) };
}

void
restore_facts_clear(struct restore_facts *facts)
{
	free(facts->description);
	free(facts->data_directory);
	restore_names_clear(&facts->databases);
	restore_names_clear(&facts->tablespaces);
	restore_names_clear(&facts->extensions);
	restore_names_clear(&facts->settings);
	for (size_t i = 0; i < facts->occupied_count; i++) {
		free(facts->occupied[i].database);
		free(facts->occupied[i].object);
	}
	free(facts->occupied);
	*facts = (struct restore_facts){ .description = NULL };
}

bool
restore_section_is_empty(const struct contents_section *section)
{
	return !section->creates && section->statement_count == 0 && section->table_count == 0 &&
	       section->sequence_count == 0 && section->large_object_count == 0;
}

/* The steps. */

static int
fail_no_database(const struct contents *contents, const char *database)
{
	struct buf names = BUF_EMPTY;
	for (size_t i = 0; i < contents->section_count; i++) {
		if (contents->sections[i].database == NULL)
			continue;
		buf_append_format(&names, "%s%s", names.len > 0 ? ", " : "", contents->sections[i].database);
	}
	error_set(ERR_NOT_FOUND, "the backup has no database '%s'", database);
	error_hint("It has: %s.", names.len > 0 ? buf_text(&names) : "none");
	buf_clear(&names);
	return -1;
}

static bool
is_wanted(const struct restore_options *options, const struct contents_section *section)
{
	if (section->database == NULL)
		return true;
	if (restore_section_is_empty(section))
		return false;
	if (options->globals && options->database_count == 0)
		return false;
	for (size_t i = 0; i < options->database_count; i++)
		if (text_equal(options->databases[i], section->database))
			return true;
	return options->database_count == 0;
}

int
restore_plan_steps(const struct restore_options *options, struct restore_plan *plan)
{
	const struct contents *contents = options->contents;
	for (size_t i = 0; i < options->database_count; i++)
		if (contents_find_database(contents, options->databases[i]) == NULL)
			return fail_no_database(contents, options->databases[i]);
	for (size_t i = 0; i < contents->section_count; i++) {
		const struct contents_section *section = &contents->sections[i];
		const char *as = restore_rename_find(options->names, options->name_count, section->database);
		struct restore_step step = {
			.section = section,
			.as = as,
			.creates = section->creates || !text_equal(as, section->database),
			.wanted = is_wanted(options, section),
			.tables = section->table_count,
			.plain_bytes = section->at.bytes,
		};
		for (size_t t = 0; t < section->table_count; t++)
			step.rows += section->tables[t].rows;
		MEM_GROW(plan->steps, plan->count, plan->capacity);
		plan->steps[plan->count++] = step;
	}
	return restore_plan_choose(options, plan);
}

int
restore_plan_check_target(const struct restore_options *options, const struct restore_facts *facts)
{
	if (!options->may_be_source && options->system_identifier != 0 &&
		facts->system_identifier == options->system_identifier) {
		error_set(ERR_RESTORE, "the target is the server that the backup was taken from (%s)",
			facts->description);
		return error_hint(
			"Restore into another server. One that began as a copy of the source's data "
			"directory (a snapshot, a replica) counts as the source.");
	}
	return 0;
}

/* The obstacles. */

static const char *
occupied_by(const struct restore_facts *facts, const char *database)
{
	for (size_t i = 0; i < facts->occupied_count; i++)
		if (text_equal(facts->occupied[i].database, database))
			return facts->occupied[i].object;
	return NULL;
}

/* An identifier as written, in double quotes or not, up to its end. The caller frees it; NULL for none. */
static char *
decode_identifier(const char *written)
{
	struct restore_token token;
	restore_token_next(&written, &token);
	return token.name;
}

/* Of the names of all statements of that kind, the first that is (or is not) in the list; the caller frees
 * it. */
static char *
first_statement(const struct contents_section *section, const char *kind, const struct restore_names *list,
	bool in_list)
{
	for (size_t i = 0; i < section->statement_count; i++) {
		if (!text_equal(section->statements[i].kind, kind))
			continue;
		char *name = decode_identifier(section->statements[i].name);
		if (name != NULL && restore_names_have(list, name) == in_list)
			return name;
		free(name);
	}
	return NULL;
}

/* All extensions that the target has not got, in one text; NULL for none. */
static char *
missing_extensions(const struct contents_section *section, const struct restore_facts *facts)
{
	struct buf list = BUF_EMPTY;
	for (size_t i = 0; i < section->statement_count; i++) {
		if (!text_equal(section->statements[i].kind, "CREATE EXTENSION"))
			continue;
		char *name = decode_identifier(section->statements[i].name);
		if (name != NULL && !restore_names_have(&facts->extensions, name))
			buf_append_format(&list, "%s%s", list.len > 0 ? ", " : "", name);
		free(name);
	}
	if (list.len == 0) {
		buf_clear(&list);
		return NULL;
	}
	char *text = mem_format("database %s needs the extension %s, which the target does not have",
		section->database, buf_text(&list));
	buf_clear(&list);
	return text;
}

static char *
globals_obstacle(const struct contents_section *section, const struct restore_facts *facts, bool whole)
{
	char *name = whole ? first_statement(section, "CREATE TABLESPACE", &facts->tablespaces, true) : NULL;
	if (name == NULL)
		return NULL;
	char *obstacle = mem_format("tablespace %s exists already", name);
	free(name);
	return obstacle;
}

static char *
database_obstacle(const struct restore_step *step, const struct restore_facts *facts)
{
	const struct contents_section *section = step->section;
	bool exists = restore_names_have(&facts->databases, step->as);
	if (step->creates && exists)
		return mem_format("database %s exists already", step->as);
	if (!step->creates && !exists)
		return mem_format("the target has no database %s", step->as);
	const char *object = occupied_by(facts, step->as);
	if (!step->creates && object != NULL)
		return mem_format("database %s of the target is not empty: it has %s", step->as, object);
	return missing_extensions(section, facts);
}

/* Obstacles of one step stand in one text. */
void
restore_plan_obstruct(struct restore_plan *plan, size_t step, char *text)
{
	struct restore_step *to = &plan->steps[step];
	if (text == NULL)
		return;
	if (to->obstacle == NULL) {
		to->obstacle = text;
		plan->obstacles++;
		return;
	}
	if (strstr(to->obstacle, text) == NULL) {
		char *both = mem_format("%s; %s", to->obstacle, text);
		free(to->obstacle);
		to->obstacle = both;
		plan->obstacles++;
	}
	free(text);
}

void
restore_plan_note(struct restore_plan *plan, char *text)
{
	for (size_t i = 0; i < plan->note_count; i++)
		if (text_equal(plan->notes[i], text)) {
			free(text);
			return;
		}
	MEM_GROW(plan->notes, plan->note_count, plan->note_capacity);
	plan->notes[plan->note_count++] = text;
}

void
restore_plan_obstacles(struct restore_plan *plan, const struct restore_facts *facts, bool whole)
{
	plan->target = mem_text(facts->description);
	for (size_t i = 0; i < plan->count; i++) {
		const struct restore_step *step = &plan->steps[i];
		if (!step->wanted)
			continue;
		restore_plan_obstruct(plan, i,
			step->section->database == NULL ? globals_obstacle(step->section, facts, whole)
							: database_obstacle(step, facts));
	}
}

void
restore_plan_clear(struct restore_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->steps[i].obstacle);
		free(plan->steps[i].chosen);
	}
	for (size_t i = 0; i < plan->note_count; i++)
		free(plan->notes[i]);
	free(plan->notes);
	free(plan->steps);
	free(plan->target);
	*plan = (struct restore_plan){ .steps = NULL };
}
