#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"
#include "restore_lane.h"

/*
 * Which task may begin: one whose tables nobody who stands before it, finished or not, needs in a way that
 * excludes it. So all that is about one table keeps its order, and no two tasks ever wait for each other on
 * the server.
 */

/* How far ahead of the oldest unfinished task one is looked for. */
#define AHEAD 256

void
restore_tasks_add_rows(struct restore_tasks *tasks, struct extent at)
{
	MEM_GROW(tasks->list, tasks->count, tasks->capacity);
	tasks->list[tasks->count++] = (struct restore_task){ .weight = at.bytes, .at = at };
}

static void
add_statement(struct restore_tasks *tasks, struct restore_task *task, const struct scan_statement *statement)
{
	MEM_GROW(task->statements, task->count, task->capacity);
	task->statements[task->count++] = (struct restore_waiting){
		.text = mem_text(statement->text),
		.plain_off = statement->plain_off,
	};
	tasks->text_bytes += statement->len;
}

/* The name of the table behind REFERENCES; NULL where there is none. The caller frees it. */
static char *
referenced_table(const char *statement)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	bool found = false;
	while (!found && token.kind != RESTORE_END) {
		restore_token_next(&statement, &token);
		found = restore_token_is(&token, "references");
		restore_token_clear(&token);
	}
	return found ? restore_table_key_read(&statement) : NULL;
}

/* The scanner names these statements "TABLE INDEX" and "TABLE CONSTRAINT". */
static bool
find_families(struct restore *restore, struct restore_task *task, const struct scan_statement *statement)
{
	const char *name = statement->name;
	char *own = restore_table_key_read(&name);
	if (own == NULL)
		return false;
	task->roots[task->root_count++] = restore_tables_root(&restore->tables, own, &task->weight);
	if (!text_equal(statement->kind, "ALTER TABLE ADD FOREIGN KEY"))
		return true;
	char *other = referenced_table(statement->text);
	if (other == NULL)
		return false;
	task->roots[task->root_count++] = restore_tables_root(&restore->tables, other, NULL);
	return true;
}

bool
restore_tasks_take(
	struct restore_tasks *tasks, struct restore *restore, const struct scan_statement *statement)
{
	enum restore_build build = restore_build_of(statement->kind, statement->name);
	if (build == RESTORE_BUILD_FOLLOWS && tasks->count > 0) {
		add_statement(tasks, &tasks->list[tasks->count - 1], statement);
		return true;
	}
	if (build != RESTORE_BUILD_INDEX && build != RESTORE_BUILD_ALTER)
		return false;
	struct restore_task task = {
		.alone = build == RESTORE_BUILD_ALTER,
		.session = restore_session_now(&restore->session),
	};
	if (!find_families(restore, &task, statement))
		return false;
	add_statement(tasks, &task, statement);
	MEM_GROW(tasks->list, tasks->count, tasks->capacity);
	tasks->list[tasks->count++] = task;
	return true;
}

static bool
share_a_family(const struct restore_task *task, const struct restore_task *other)
{
	for (size_t i = 0; i < task->root_count; i++)
		for (size_t j = 0; j < other->root_count; j++)
			if (task->roots[i] == other->roots[j])
				return true;
	return false;
}

static bool
may_begin(const struct restore_tasks *tasks, size_t first, size_t index)
{
	const struct restore_task *task = &tasks->list[index];
	if (task->state != RESTORE_WAITS)
		return false;
	for (size_t i = first; i < index; i++) {
		const struct restore_task *other = &tasks->list[i];
		if (other->state != RESTORE_DONE && (task->alone || other->alone) &&
			share_a_family(task, other))
			return false;
	}
	return true;
}

struct restore_task *
restore_tasks_next(struct restore_tasks *tasks)
{
	size_t first = 0;
	while (first < tasks->count && tasks->list[first].state == RESTORE_DONE)
		first++;
	struct restore_task *best = NULL;
	for (size_t i = first; i < tasks->count && i - first < AHEAD; i++)
		if ((best == NULL || tasks->list[i].weight > best->weight) && may_begin(tasks, first, i))
			best = &tasks->list[i];
	return best;
}

void
restore_tasks_clear(struct restore_tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++) {
		for (size_t j = 0; j < tasks->list[i].count; j++)
			free(tasks->list[i].statements[j].text);
		free(tasks->list[i].statements);
	}
	free(tasks->list);
	*tasks = (struct restore_tasks){ .list = NULL };
}
