#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/text.h"
#include "restore_inside.h"
#include "restore_lane.h"

/*
 * Rows. A table that this restore has created is emptied in the transaction that fills it. So the server
 * knows that nobody else can see the rows: it may write them as if they had been there for long (FREEZE),
 * which saves it from writing every page once more when it is first read, and a server that keeps no log for
 * replicas need not log them at all.
 *
 * When COPY fails, nothing of its rows is sent: the sink says so before the scanner has taken the first one.
 */

/* For a table smaller than this the transaction costs more than it saves. */
#define WRAP_BYTES (128u << 10)

#define COPY_TAIL "FROM stdin;"

static struct restore_lane *
lane_of(struct scan_sink *sink)
{
	return (struct restore_lane *)sink;
}

/* The record of this table, which knows its size. */
static const struct contents_table *
find_recorded(const struct contents_section *section, uint64_t plain_off)
{
	size_t low = 0;
	size_t high = section->table_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (section->tables[middle].at.plain_off < plain_off)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < section->table_count && section->tables[low].at.plain_off == plain_off;
	return found ? &section->tables[low] : NULL;
}

/* FREEZE is for plain tables that are new: not for one that hands its rows on, not for one that an extension
 * has made. */
static bool
may_wrap(const struct restore *restore, const struct contents_table *recorded)
{
	if (recorded->data.bytes < WRAP_BYTES)
		return false;
	char *key = restore_table_key(recorded->schema, recorded->name);
	const struct restore_table *known = restore_tables_find(&restore->tables, key);
	free(key);
	return known != NULL && known->created && !known->partitioned;
}

static int
begin_plain(struct restore_lane *lane)
{
	return pg_copy_begin(lane->pg, lane->copy_text);
}

static int
begin_wrapped(struct restore_lane *lane, const struct contents_table *recorded)
{
	char *key = restore_table_key(recorded->schema, recorded->name);
	char *empty = mem_format("BEGIN; TRUNCATE TABLE ONLY %s", key);
	size_t kept = strlen(lane->copy_text) - strlen(COPY_TAIL);
	char *copy = mem_format("%.*s FROM stdin WITH (FREEZE);", (int)kept, lane->copy_text);
	lane->wrapped = true;
	int outcome = pg_run(lane->pg, empty);
	if (outcome == 0)
		outcome = pg_copy_begin(lane->pg, copy);
	free(copy);
	free(empty);
	free(key);
	return outcome;
}

/* The COPY is over, one way or another. With keep_going the rest of its rows are read for nothing. */
static int
fail_copy(struct restore_lane *lane)
{
	lane->skipping = true;
	if (restore_lane_fail(lane, lane->copy_text, lane->copy_off) != 0)
		return -1;
	if (!lane->wrapped)
		return 0;
	lane->wrapped = false;
	return pg_run(lane->pg, "ROLLBACK");
}

int
restore_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table)
{
	struct restore_lane *lane = lane_of(sink);
	struct restore *restore = lane->restore;
	(void)table;
	if (restore_run_enter(lane) != 0)
		return -1;
	free(lane->copy_text);
	lane->copy_text = mem_text(statement->text);
	lane->copy_off = statement->plain_off;
	const struct contents_table *recorded =
		find_recorded(restore_current_section(restore), statement->plain_off);
	if (!restore->connected || recorded == NULL || statement->cut)
		return error_set(ERR_DAMAGED,
			"rows at byte %llu of the dump are not where its contents have them",
			(unsigned long long)statement->plain_off);
	lane->skipping = !restore_is_wanted(restore, recorded);
	if (lane->skipping)
		return 0;
	progress_lane(lane->number, lane->copy_text);
	bool wrap = may_wrap(restore, recorded) && text_ends(statement->text, COPY_TAIL);
	int outcome = wrap ? begin_wrapped(lane, recorded) : begin_plain(lane);
	return outcome == 0 ? 0 : fail_copy(lane);
}

int
restore_copy_data(struct scan_sink *sink, const char *bytes, size_t len)
{
	struct restore_lane *lane = lane_of(sink);
	if (restore_crew_stops(lane->restore))
		return error_set(ERR_RESTORE, "another connection has failed");
	if (lane->skipping || pg_copy_send(lane->pg, bytes, len) == 0)
		return 0;
	return fail_copy(lane);
}

static int
end_copy(struct restore_lane *lane, const struct contents_table *table)
{
	if (pg_copy_end(lane->pg) != 0)
		return -1;
	if (pg_copy_rows(lane->pg) != table->rows)
		return error_set(ERR_RESTORE,
			"the server took %llu rows of table %s.%s where the dump has %llu",
			(unsigned long long)pg_copy_rows(lane->pg), table->schema, table->name,
			(unsigned long long)table->rows);
	if (!lane->wrapped)
		return 0;
	if (pg_run(lane->pg, "COMMIT") != 0)
		return -1;
	lane->wrapped = false;
	return 0;
}

int
restore_copy_end(struct scan_sink *sink, const struct contents_table *table)
{
	struct restore_lane *lane = lane_of(sink);
	if (lane->skipping) {
		lane->skipping = false;
		return 0;
	}
	if (end_copy(lane, table) == 0) {
		restore_count_rows(lane->restore, table->rows);
		return 0;
	}
	int outcome = fail_copy(lane);
	lane->skipping = false;
	return outcome;
}
