#include "config.h"

#include "restore_tables.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/pg.h"
#include "restore_inside.h"

/*
 * A sorted array whose entries point to one another by index; families are joined as in union-find. CREATE
 * TABLE is read token by token, with an eye on its parentheses.
 */

char *
restore_table_key(const char *schema, const char *name)
{
	char *quoted_schema = pg_quote_identifier(schema);
	char *quoted_name = pg_quote_identifier(name);
	char *key = mem_format("%s.%s", quoted_schema, quoted_name);
	free(quoted_schema);
	free(quoted_name);
	return key;
}

bool
restore_table_name_read(const char **at, char **schema, char **name)
{
	struct restore_token first, dot, second;
	restore_token_next(at, &first);
	const char *behind = *at;
	restore_token_next(&behind, &dot);
	restore_token_next(&behind, &second);
	bool dotted = dot.kind == RESTORE_OTHER && *dot.at == '.' && second.name != NULL;
	bool found = first.name != NULL;
	if (found) {
		*schema = mem_text(dotted ? first.name : "");
		*name = mem_text(dotted ? second.name : first.name);
		*at = dotted ? behind : *at;
	}
	restore_token_clear(&first);
	restore_token_clear(&dot);
	restore_token_clear(&second);
	return found;
}

char *
restore_table_key_read(const char **at)
{
	char *schema = NULL;
	char *name = NULL;
	if (!restore_table_name_read(at, &schema, &name))
		return NULL;
	char *key = restore_table_key(schema, name);
	free(schema);
	free(name);
	return key;
}

/* Where the key is or belongs. */
static size_t
place_of(const struct restore_tables *tables, const char *key, bool *found)
{
	size_t low = 0;
	size_t high = tables->count;
	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(tables->list[middle].key, key);
		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

/* Its index, entered if need be. Takes ownership of key. */
static size_t
enter(struct restore_tables *tables, char *key)
{
	bool found;
	size_t at = place_of(tables, key, &found);
	if (found) {
		free(key);
		return at;
	}
	MEM_GROW(tables->list, tables->count, tables->capacity);
	memmove(tables->list + at + 1, tables->list + at, (tables->count - at) * sizeof(tables->list[0]));
	tables->count++;
	tables->list[at] = (struct restore_table){ .key = key, .up = at };
	for (size_t i = 0; i < tables->count; i++)
		if (i != at && tables->list[i].up >= at)
			tables->list[i].up++;
	return at;
}

static size_t
root_of(const struct restore_tables *tables, size_t index)
{
	while (tables->list[index].up != index)
		index = tables->list[index].up;
	return index;
}

/* Takes ownership of both keys. */
static void
relate(struct restore_tables *tables, char *parent, char *child)
{
	if (parent != NULL && child != NULL) {
		(void)enter(tables, mem_text(child));
		size_t up = enter(tables, parent);
		size_t down = enter(tables, child); /* neither moves any more: both are there */
		tables->list[root_of(tables, down)].up = root_of(tables, up);
		return;
	}
	free(parent);
	free(child);
}

void
restore_tables_relate(struct restore_tables *tables, const char *names)
{
	char *parent = restore_table_key_read(&names);
	char *child = restore_table_key_read(&names);
	relate(tables, parent, child);
}

/* CREATE TABLE, as it is being read. */
struct reading {
	struct restore_tables *tables;
	const char *key;
	size_t index;
	bool listed; /* the columns have been seen */
	int depth;   /* of parentheses */
	int check;   /* the depth inside a CHECK; 0 = not in one */
	int call;    /* how much has been seen of: name . name ( */
};

/* pg_dump qualifies every function but those of PostgreSQL itself. */
static void
read_call(struct reading *reading, const struct restore_token *token)
{
	char c = token->kind == RESTORE_OTHER ? *token->at : '\0';
	if (token->name != NULL)
		reading->call = reading->call == 2 ? 3 : 1;
	else if (c == '.' && reading->call == 1)
		reading->call = 2;
	else if (c == '(' && reading->call == 3)
		reading->tables->list[reading->index].checks = true;
	else
		reading->call = 0;
}

static void
read_parents(struct reading *reading, const char **at)
{
	struct restore_token comma;
	do {
		char *parent = restore_table_key_read(at);
		relate(reading->tables, parent, mem_text(reading->key));
		restore_token_next(at, &comma);
		restore_token_clear(&comma);
	} while (comma.kind == RESTORE_OTHER && *comma.at == ',');
}

/* A word outside all parentheses. Returns whether what follows is a list of parents. */
static bool
read_clause(struct reading *reading, const struct restore_token *token)
{
	if (restore_token_is(token, "partition"))
		reading->tables->list[reading->index].partitioned = true;
	return reading->listed && restore_token_is(token, "inherits");
}

static void
read_token(struct reading *reading, const struct restore_token *token, const char **at)
{
	char c = token->kind == RESTORE_OTHER ? *token->at : '\0';
	if (reading->check > 0)
		read_call(reading, token);
	if (c == '(')
		reading->listed = ++reading->depth > 0;
	else if (c == ')')
		reading->depth--;
	if (c == ')' && reading->depth < reading->check)
		reading->check = 0;
	if (restore_token_is(token, "check") && reading->check == 0)
		reading->check = reading->depth + 1;
	if (reading->depth == 0 && read_clause(reading, token)) {
		struct restore_token open;
		restore_token_next(at, &open);
		restore_token_clear(&open);
		read_parents(reading, at);
	}
}

void
restore_tables_create(struct restore_tables *tables, const char *name, const char *statement)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	char *key = restore_table_key_read(&name);
	if (key == NULL)
		return;
	struct reading reading = { .tables = tables, .key = key };
	while (token.kind != RESTORE_END) {
		reading.index = enter(tables, mem_text(key)); /* parents may have moved it */
		tables->list[reading.index].created = true;
		restore_token_next(&statement, &token);
		read_token(&reading, &token, &statement);
		restore_token_clear(&token);
	}
	free(key);
}

const struct restore_table *
restore_tables_find(const struct restore_tables *tables, const char *key)
{
	bool found;
	size_t at = place_of(tables, key, &found);
	return found ? &tables->list[at] : NULL;
}

void
restore_tables_weigh(struct restore_tables *tables, const struct contents_section *section)
{
	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];
		bool found;
		char *key = restore_table_key(table->schema, table->name);
		size_t at = place_of(tables, key, &found);
		if (found)
			tables->list[at].bytes += table->data.bytes;
		free(key);
	}
}

const char *
restore_tables_root(struct restore_tables *tables, char *key, uint64_t *bytes)
{
	size_t at = enter(tables, key);
	if (bytes != NULL)
		*bytes = tables->list[at].bytes;
	return tables->list[root_of(tables, at)].key;
}

void
restore_tables_clear(struct restore_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		free(tables->list[i].key);
	free(tables->list);
	*tables = (struct restore_tables){ .list = NULL };
}
