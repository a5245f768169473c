#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * Which tables' rows are wanted. A name is looked up among all tables that the backup's databases create,
 * those without rows of their own included: the rows of a partitioned table lie in its partitions.
 */

/* A table and the database that has it. */
struct choice {
	const struct contents_section *section;
	char *key;
};

/* The names of all tables of a section, as contents_find_table() takes them. */
static void
list_tables(const struct contents_section *section, struct contents_section *listed)
{
	*listed = (struct contents_section){ .database = NULL };
	for (size_t i = 0; i < section->table_count + section->statement_count; i++) {
		struct contents_table table = { .schema = NULL };
		if (i < section->table_count) {
			table.schema = mem_text(section->tables[i].schema);
			table.name = mem_text(section->tables[i].name);
		} else {
			const struct contents_statement *statement =
				&section->statements[i - section->table_count];
			const char *name = statement->name;
			if (!text_equal(statement->kind, "CREATE TABLE") ||
				!restore_table_name_read(&name, &table.schema, &table.name))
				continue;
		}
		MEM_GROW(listed->tables, listed->table_count, listed->table_capacity);
		listed->tables[listed->table_count++] = table;
	}
}

static void
clear_listed(struct contents_section *listed)
{
	for (size_t i = 0; i < listed->table_count; i++) {
		free(listed->tables[i].schema);
		free(listed->tables[i].name);
	}
	free(listed->tables);
}

static int
by_name(const void *left, const void *right)
{
	const struct contents_table *a = left;
	const struct contents_table *b = right;
	int order = strcmp(a->schema, b->schema);
	return order != 0 ? order : strcmp(a->name, b->name);
}

/* A table with rows stands in the list twice: once for them, once for its definition. */
static void
drop_doubles(struct contents_section *listed)
{
	size_t kept = 0;
	if (listed->table_count == 0)
		return;
	qsort(listed->tables, listed->table_count, sizeof(listed->tables[0]), by_name);
	for (size_t i = 1; i < listed->table_count; i++) {
		if (by_name(&listed->tables[kept], &listed->tables[i]) != 0) {
			listed->tables[++kept] = listed->tables[i];
			continue;
		}
		free(listed->tables[i].schema);
		free(listed->tables[i].name);
	}
	listed->table_count = kept + 1;
}

/* Finds "schema.table" in a section: its key, which the caller frees; NULL with *matches. */
static char *
find_in(const struct contents_section *section, const char *name, size_t *matches)
{
	struct contents_section listed;
	list_tables(section, &listed);
	drop_doubles(&listed);
	const struct contents_table *table = contents_find_table(&listed, name, matches);
	char *key = table != NULL ? restore_table_key(table->schema, table->name) : NULL;
	clear_listed(&listed);
	return key;
}

/* What is behind "database." or "\"database\"." at the beginning of a name; NULL where it does not begin so.
 */
static const char *
behind_database(const char *name, const char *database)
{
	char *quoted = mem_format("\"%s\".", database);
	char *plain = mem_format("%s.", database);
	const char *rest = NULL;
	if (text_starts(name, quoted))
		rest = name + strlen(quoted);
	else if (text_starts(name, plain))
		rest = name + strlen(plain);
	free(quoted);
	free(plain);
	return rest;
}

/* Looks for a name in one section and counts what it finds. */
static void
look_in(const struct contents_section *section, const char *name, struct choice *choice, size_t *count)
{
	size_t matches = 0;
	char *key = find_in(section, name, &matches);
	*count += matches;
	if (key == NULL)
		return;
	free(choice->key);
	*choice = (struct choice){ .section = section, .key = key };
}

static bool
is_considered(const struct restore_options *options, const struct contents_section *section)
{
	if (section->database == NULL || restore_section_is_empty(section))
		return false;
	for (size_t i = 0; i < options->database_count; i++)
		if (text_equal(options->databases[i], section->database))
			return true;
	return options->database_count == 0;
}

static int
find_choice(const struct restore_options *options, const char *name, struct choice *choice)
{
	const struct contents *contents = options->contents;
	const struct contents_section *only = NULL;
	size_t considered = 0;
	size_t count = 0;
	*choice = (struct choice){ .section = NULL };
	for (size_t i = 0; i < contents->section_count; i++) {
		const struct contents_section *section = &contents->sections[i];
		if (!is_considered(options, section))
			continue;
		only = section;
		considered++;
		const char *rest = behind_database(name, section->database);
		if (rest != NULL)
			look_in(section, rest, choice, &count);
	}
	if (count == 0 && considered == 1)
		look_in(only, name, choice, &count);
	if (count == 1)
		return 0;
	free(choice->key);
	if (count > 1)
		error_set(ERR_NOT_FOUND, "'%s' fits %zu tables of the backup", name, count);
	else
		error_set(ERR_NOT_FOUND, "the backup has no table '%s'", name);
	return error_hint("Write database.schema.table; `incant-backup show --tables` lists them.");
}

/* Adds the partitions of what is wanted, and theirs. */
static void
add_partitions(const struct contents_section *section, struct restore_names *wanted)
{
	bool more = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < section->statement_count; i++) {
			const char *names = section->statements[i].name;
			if (!text_equal(section->statements[i].kind, "ALTER TABLE ATTACH PARTITION"))
				continue;
			char *parent = restore_table_key_read(&names);
			char *child = restore_table_key_read(&names);
			if (parent != NULL && child != NULL && restore_names_have(wanted, parent) &&
				!restore_names_have(wanted, child)) {
				restore_names_add(wanted, child);
				more = true;
			}
			free(parent);
			free(child);
		}
	}
}

/* Marks the tables of a step; takes over what they come to. */
static void
mark(struct restore_step *step, const struct restore_names *wanted)
{
	const struct contents_section *section = step->section;
	step->chosen = mem_zero(section->table_count + 1);
	step->tables = 0;
	step->rows = 0;
	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];
		char *key = restore_table_key(table->schema, table->name);
		step->chosen[i] = restore_names_have(wanted, key);
		free(key);
		if (step->chosen[i]) {
			step->tables++;
			step->rows += table->rows;
		}
	}
}

static void
choose_in(struct restore_step *step, const struct choice *choices, size_t count)
{
	struct restore_names wanted = { .names = NULL };
	for (size_t i = 0; i < count; i++)
		if (choices[i].section == step->section)
			restore_names_add(&wanted, choices[i].key);
	step->wanted = step->section->database == NULL || wanted.count > 0;
	if (wanted.count > 0) {
		add_partitions(step->section, &wanted);
		mark(step, &wanted);
	}
	restore_names_clear(&wanted);
}

/* What is read of a step's section. */
static void
measure(struct restore_step *step)
{
	struct restore_works works = { .list = NULL };
	if (step->section->database == NULL)
		return;
	restore_works_plan(step->section, step->chosen, NULL, &works);
	step->plain_bytes = 0;
	for (size_t i = 0; i < works.count; i++)
		step->plain_bytes += works.list[i].at.bytes;
	restore_works_clear(&works);
}

int
restore_plan_choose(const struct restore_options *options, struct restore_plan *plan)
{
	size_t count = options->table_count;
	if (count == 0)
		return 0;
	struct choice *choices = mem_zero(count * sizeof(choices[0]));
	int outcome = 0;
	for (size_t i = 0; outcome == 0 && i < count; i++)
		outcome = find_choice(options, options->tables[i], &choices[i]);
	for (size_t i = 0; outcome == 0 && i < plan->count; i++) {
		choose_in(&plan->steps[i], choices, count);
		measure(&plan->steps[i]);
	}
	for (size_t i = 0; outcome == 0 && i < count; i++)
		free(choices[i].key);
	free(choices);
	return outcome;
}
