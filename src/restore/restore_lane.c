#include "config.h"

#include "restore_lane.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/scan.h"
#include "incant/stage.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * Statements go to the server as they stand in the dump, but for the names of databases that are restored
 * under another one. Whatever they need to be set was set in the dump ahead of them: a lane that comes to
 * them from elsewhere sets it first.
 */

/* Index builds may use some memory: a share of what the server was given as its cache, and 256 MiB at most.
 */
#define BUILD_MEMORY                                                                                       \
	"SELECT pg_catalog.set_config('maintenance_work_mem', (greatest("                                  \
	"pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')), least(268435456,"   \
	" pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')) / %u)) / 1024) || 'kB', " \
	"false)"

void
restore_lane_init(struct restore_lane *lane, struct restore *restore, unsigned number)
{
	*lane = (struct restore_lane){ .restore = restore, .number = number };
	lane->sink.copy_begin = restore_copy_begin;
	lane->sink.copy_data = restore_copy_data;
	lane->sink.copy_end = restore_copy_end;
	restore_run_sink(&lane->sink);
}

int
restore_lane_connect(struct restore_lane *lane, const char *database)
{
	restore_lane_close(lane);
	lane->pg = restore_connect(lane->restore, database, false);
	if (lane->pg == NULL)
		return -1;
	if (database == NULL)
		return 0;
	char *memory = mem_format(BUILD_MEMORY, 2 * lane->restore->lane_count);
	int outcome = pg_run(lane->pg, memory);
	free(memory);
	return outcome;
}

int
restore_lane_prepare(struct restore_lane *lane, size_t session)
{
	if (lane->session == session || session == 0)
		return 0;
	const char *text = restore_session_text(&lane->restore->session, session);
	if (pg_run(lane->pg, text) != 0)
		return error_add("cannot prepare a connection");
	lane->session = session;
	return 0;
}

void
restore_lane_close(struct restore_lane *lane)
{
	pg_free(lane->pg);
	lane->pg = NULL;
	lane->session = 0;
	lane->skipping = false;
	lane->wrapped = false;
	free(lane->copy_text);
	lane->copy_text = NULL;
}

/* A server that shuts down or crashes gives its last statement up with a class 57P code; one that is out of
 * reach, with none. Neither is a fault of the statement. */
static bool
can_go_on(const struct restore_lane *lane)
{
	const char *state = pg_sqlstate(lane->pg);
	return state[0] != '\0' && !text_starts(state, "57P") && !text_starts(state, "08") &&
	       !text_starts(state, "53");
}

/* What follows a statement that failed inside a transaction says nothing new. */
static bool
is_aftermath(const struct restore_lane *lane)
{
	return text_equal(pg_sqlstate(lane->pg), "25P02");
}

int
restore_lane_fail(struct restore_lane *lane, const char *text, uint64_t plain_off)
{
	struct restore *restore = lane->restore;
	if (error_get()->class != ERR_RESTORE)
		return -1;
	struct error cause;
	error_take(&cause);
	bool go_on = restore->keep_going && can_go_on(lane);
	if (go_on && is_aftermath(lane))
		return 0;
	char *excerpt = restore_excerpt(text);
	error_set(ERR_RESTORE, "statement at byte %llu of the dump failed: %s: %s",
		(unsigned long long)plain_off, cause.message, excerpt);
	free(excerpt);
	const char *advice = restore_advice(pg_sqlstate(lane->pg), cause.message);
	if (advice != NULL || cause.hint[0] != '\0')
		error_hint("%s", advice != NULL ? advice : cause.hint);
	if (!go_on)
		return -1;
	restore_note_failure(restore, plain_off, pg_sqlstate(lane->pg));
	return 0;
}

/*
 * Where only some tables have rows, a foreign key may refer to rows that are not there. It is restored then
 * without a look at the rows, where the server can do that (a partitioned table cannot), or left out.
 */
static int
run_foreign_key(struct restore_lane *lane, const char *text)
{
	struct restore_token token;
	const char *at = text;
	restore_token_next(&at, &token);
	bool alters = restore_token_is(&token, "alter");
	restore_token_clear(&token);
	if (!restore_has_choice(lane->restore) || !alters || !text_equal(pg_sqlstate(lane->pg), "23503") ||
		!text_ends(text, ";"))
		return -1;
	struct error cause;
	error_take(&cause);
	char *excerpt = restore_excerpt(text);
	char *unchecked = mem_format("%.*s NOT VALID;", (int)(strlen(text) - 1), text);
	if (pg_run(lane->pg, unchecked) == 0)
		log_warning("not all rows that a foreign key refers to are restored: it is NOT VALID: %s",
			excerpt);
	else
		log_warning("not all rows that a foreign key refers to are restored: it is left out: %s",
			excerpt);
	bool lost = pg_sqlstate(lane->pg)[0] == '\0' && error_get()->class != ERR_NONE;
	free(unchecked);
	free(excerpt);
	if (lost)
		return -1;
	error_clear();
	return 0;
}

int
restore_lane_run(struct restore_lane *lane, const char *text, uint64_t plain_off)
{
	const struct restore *restore = lane->restore;
	char *renamed = restore_rename_statement(restore->names, restore->name_count, text);
	int outcome = pg_run(lane->pg, renamed != NULL ? renamed : text);
	free(renamed);
	if (outcome == 0 || run_foreign_key(lane, text) == 0)
		return 0;
	return restore_lane_fail(lane, text, plain_off);
}

int
restore_lane_stream(struct restore_lane *lane, struct extent at)
{
	struct restore *restore = lane->restore;
	struct contents found;
	const struct scan_options scan = {
		.contents = &found,
		.sink = &lane->sink,
		.keep_bytes = SCAN_KEEP_WHOLE,
		.error_class = ERR_DAMAGED,
		.fragment = true,
		.plain_off = at.plain_off,
	};
	contents_init(&found);
	struct stage *head = scan_new(stage_progress_new(stage_null_new()), &scan);
	int outcome = head != NULL ? 0 : -1;
	if (outcome == 0)
		outcome = restore->feed->read(restore->feed, lane->number, at, head);
	if (outcome == 0)
		outcome = stage_finish(head);
	if (outcome == 0)
		outcome = restore_note_part(restore, at, &found);
	progress_lane(lane->number, NULL);
	stage_free(head);
	contents_clear(&found);
	return outcome;
}
