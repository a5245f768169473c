/*
 * In place. Databases are restored beside the live ones first, complete and compared with the record; then
 * all of them change names with the live ones in one transaction. The live ones are kept under a name of
 * their own, so that the same can be done the other way round.
 *
 * What is where is read from the marks on the server each time. A crash leaves one of: nothing; a copy that
 * is marked as begun, which the next run drops; whole copies beside, which --swap puts in place; or all done.
 */
#include "config.h"

#include "op_swap.h"

#include <stdlib.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/op_backup.h"
#include "incant/restore_rename.h"
#include "incant/text.h"

#define SAFETY_PIN_SECONDS (30 * 24 * 60 * 60)

typedef char *(*swap_naming)(const char *database, const char *id);

/* DATABASE_incant_ID or DATABASE_before_ID; where that is taken, with .2, .3 … behind it. 0 with *name, or
 * -1. */
static int
swap_free_name(struct restore_swap *swap, swap_naming make, const char *database, const char *id, char **name)
{
	bool taken = true;

	*name = NULL;
	for (int number = 1; taken; number++) {
		char *numbered = number == 1 ? mem_text(id) : mem_format("%s.%d", id, number);
		free(*name);
		*name = make(database, numbered);
		free(numbered);
		if (restore_swap_exists(swap, *name, &taken) != 0)
			return -1;
	}
	return 0;
}

/* Moves that are being put together; the texts are owned. */
struct swap_move {
	char *from, *to;
	struct restore_mark mark; /* id NULL = none */
};
struct swap_moves {
	struct swap_move *list;
	size_t count, capacity;
	int64_t at; /* the moment that one swap is known by */
};

static void
swap_moves_add(struct swap_moves *moves, const char *from, const char *to, const struct restore_mark *mark)
{
	MEM_GROW(moves->list, moves->count, moves->capacity);
	struct swap_move *move = &moves->list[moves->count++];
	*move = (struct swap_move){ .from = mem_text(from), .to = mem_text(to) };
	if (mark != NULL)
		move->mark = (struct restore_mark){ .kind = mark->kind,
			.id = mem_text(mark->id),
			.at = mark->at,
			.database = mem_text(mark->database) };
}

static int
swap_moves_do(const struct swap_moves *moves, struct restore_swap *swap)
{
	struct restore_move *list = mem_alloc(moves->count * sizeof(*list));

	for (size_t i = 0; i < moves->count; i++)
		list[i] = (struct restore_move){
			.from = moves->list[i].from,
			.to = moves->list[i].to,
			.mark = moves->list[i].mark.id != NULL ? &moves->list[i].mark : NULL,
		};
	int rc = restore_swap_move(swap, list, moves->count);
	free(list);
	return rc;
}

static void
swap_moves_clear(struct swap_moves *moves)
{
	for (size_t i = 0; i < moves->count; i++) {
		free(moves->list[i].from);
		free(moves->list[i].to);
		restore_mark_clear(&moves->list[i].mark);
	}
	free(moves->list);
}

/*
 * Adds what puts the copy `from` in the place of the live database, which is kept as *kept (NULL where there
 * is none; the caller frees it), marked as kind. 0 or -1.
 */
static int
swap_plan(struct restore_swap *swap, struct swap_moves *moves, const char *from,
	const struct restore_mark *mark, char **kept)
{
	swap_naming make = mark->kind == RESTORE_MARK_BEFORE ? restore_rename_before : restore_rename_beside;
	bool live = false;

	*kept = NULL;
	if (restore_swap_exists(swap, mark->database, &live) != 0)
		return -1;
	if (live) {
		if (swap_free_name(swap, make, mark->database, mark->id, kept) != 0)
			return -1;
		swap_moves_add(moves, mark->database, *kept, mark);
	}
	swap_moves_add(moves, from, mark->database, NULL);
	return 0;
}

/* postgres and template1 come with every cluster: a dump does not say what belongs to them themselves. */
static bool
swap_is_stock(const char *database)
{
	return text_equal(database, "postgres") || text_equal(database, "template1");
}

/* A new line of the report. */
static struct op_restored *
swap_report_add(struct op_restore_report *report, const char *database)
{
	MEM_GROW(report->databases, report->count, report->capacity);
	report->databases[report->count] = (struct op_restored){ .name = mem_text(database) };
	return &report->databases[report->count++];
}

/* Before a restore. */

/* Drops the copy that this restore would make, where an earlier run has left a half of it. */
static int
swap_mend(struct restore_swap *swap, const struct restore_left *left, const struct op_restore_target *target,
	bool dry_run)
{
	bool wanted = false;

	for (size_t i = 0; i < target->count; i++)
		wanted = wanted || text_equal(target->names[i].as, left->name);
	if (left->mark.kind != RESTORE_MARK_BEGUN || left->busy || dry_run)
		return 0;
	if (!wanted) {
		log_warning("database %s is half restored: a run did not come to its end; restore --finalize "
			    "drops it",
			left->name);
		return 0;
	}
	log_warning("database %s was left half restored by a run that did not come to its end: it is dropped",
		left->name);
	return restore_swap_drop(swap, left->name);
}

int
op_swap_mend(struct restore_swap *swap, const struct op_restore_target *target, bool dry_run)
{
	struct restore_lefts lefts;
	int rc = restore_swap_look(swap, &lefts);

	for (size_t i = 0; rc == 0 && i < lefts.count; i++)
		rc = swap_mend(swap, &lefts.list[i], target, dry_run);
	restore_lefts_clear(&lefts);
	return rc;
}

int
op_swap_prepare(struct restore_swap *swap, const struct op_restore_request *request,
	struct op_restore_target *target, const char *id)
{
	for (size_t i = 0; i < request->database_count; i++)
		if (swap_is_stock(request->databases[i])) {
			error_set(ERR_RESTORE,
				"database %s cannot be replaced in place: a dump has not its owner, "
				"privileges and settings",
				request->databases[i]);
			return error_hint("Restore it beside, without --in-place, and take what you need.");
		}
	for (size_t i = 0; i < target->count; i++) {
		char *name = NULL;
		int rc = swap_free_name(swap, restore_rename_beside, target->names[i].database, id, &name);
		if (rc == 0 && !text_equal(name, target->names[i].as))
			log_warning(
				"database %s is there already, and is left as it is: drop it, or put it in "
				"place with --swap",
				target->names[i].as);
		if (rc == 0)
			op_restore_target_rename(target, i, name);
		free(name);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int
op_swap_safety(const struct settings *settings, const char *why, struct op_lock *lock,
	struct op_restore_report *report)
{
	const struct op_backup_request request = {
		.label = why,
		.lock = lock,
		.pin = true,
		.pin_until = clock_now() + SAFETY_PIN_SECONDS,
		.pin_reason = why,
		.no_prune = true, /* what is going to be restored stays where it is */
	};
	struct op_backup_report made;
	int rc;

	log_info("a safety backup comes first");
	rc = op_backup_run(settings, &request, &made);
	if (made.made)
		report->safety = mem_text(made.backup.manifest.id);
	if (rc != 0 && made.made && error_get()->class != ERR_INTERRUPTED) {
		log_warning("the safety backup stands, but: %s", error_get()->message);
		error_clear();
		rc = 0;
	}
	op_backup_report_clear(&made);
	if (rc != 0) {
		error_add("the safety backup failed");
		return error_hint(
			"Nothing was changed. Where the live databases cannot be dumped any more, go on "
			"with --no-safety-backup: they are kept all the same.");
	}
	return 0;
}

/* The swap. */

/* Plans the swap of one restored database. 0 or -1. */
static int
swap_plan_restored(struct restore_swap *swap, struct swap_moves *moves, const struct op_restored *restored,
	const char *id, char **kept)
{
	char *owned_id = mem_text(id), *database = mem_text(restored->name);
	const struct restore_mark mark = {
		.kind = RESTORE_MARK_BEFORE, .id = owned_id, .at = moves->at, .database = database
	};
	int rc = 0;

	if (restored->restored_as != NULL && !swap_is_stock(database))
		rc = swap_plan(swap, moves, restored->restored_as, &mark, kept);
	else if (restored->restored_as != NULL)
		log_warning("database %s is not replaced, because a dump has not its owner, privileges and "
			    "settings: it stands beside as %s",
			database, restored->restored_as);
	free(owned_id);
	free(database);
	return rc;
}

/* After the swap: a restored database has the live one's name, which is kept under another. Takes kept. */
static void
swap_report_in(struct op_restored *restored, char *kept)
{
	if (restored->restored_as == NULL || swap_is_stock(restored->name)) {
		free(kept);
		return;
	}
	free(restored->restored_as);
	restored->restored_as = mem_text(restored->name);
	restored->kept_as = kept;
}

int
op_swap_in(struct restore_swap *swap, const char *id, bool dry_run, struct op_restore_report *report)
{
	struct swap_moves moves = { .at = clock_now() };
	char **kept = mem_zero((report->count + 1) * sizeof(*kept));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < report->count; i++)
		rc = swap_plan_restored(swap, &moves, &report->databases[i], id, &kept[i]);
	if (rc == 0 && !dry_run)
		rc = swap_moves_do(&moves, swap);
	for (size_t i = 0; i < report->count; i++)
		if (rc == 0)
			swap_report_in(&report->databases[i], kept[i]);
		else
			free(kept[i]);
	report->swapped = rc == 0 && !dry_run && moves.count > 0;
	free(kept);
	swap_moves_clear(&moves);
	if (rc != 0)
		error_hint(
			"What was restored stands beside, whole: `incant-backup restore %s --swap` swaps it "
			"in.",
			id);
	return rc;
}

/* Undo, and swap what stands beside: both put marked databases in the place of the live ones. */

static bool
swap_is_asked_for(const struct op_restore_request *request, const char *database)
{
	for (size_t i = 0; i < request->database_count; i++)
		if (text_equal(request->databases[i], database))
			return true;
	return request->database_count == 0;
}

/* Of what is asked for, the newest: of one moment when undone is one swap, of one backup what stands beside.
 */
static const struct restore_left *
swap_newest(const struct restore_lefts *lefts, const struct op_restore_request *request, bool undo)
{
	const struct restore_left *newest = NULL;

	for (size_t i = 0; i < lefts->count; i++) {
		const struct restore_left *left = &lefts->list[i];
		enum restore_mark_kind kind = left->mark.kind;
		bool fits = undo ? kind == RESTORE_MARK_BEFORE
				 : kind == RESTORE_MARK_WHOLE || kind == RESTORE_MARK_AFTER;
		const char *id = request->which.which;
		if (id != NULL && !text_equal(id, "latest") && !text_starts(left->mark.id, id))
			fits = false;
		if (fits && swap_is_asked_for(request, left->mark.database) &&
			(newest == NULL || left->mark.at > newest->mark.at))
			newest = left;
	}
	return newest;
}

/* Whether it goes with the newest one: of the same swap, or for a swap of the same backup. */
static bool
swap_goes_with(const struct restore_left *left, const struct restore_left *newest, bool undo)
{
	bool beside = left->mark.kind == RESTORE_MARK_WHOLE || left->mark.kind == RESTORE_MARK_AFTER;

	if (!text_equal(left->mark.id, newest->mark.id) || swap_is_stock(left->mark.database))
		return false;
	return undo ? left->mark.kind == RESTORE_MARK_BEFORE && left->mark.at == newest->mark.at : beside;
}

/* A second copy of the same database: the newer one counts. */
static bool
swap_is_older(const struct restore_lefts *lefts, const struct restore_left *left,
	const struct restore_left *newest, bool undo)
{
	for (size_t i = 0; i < lefts->count; i++) {
		const struct restore_left *other = &lefts->list[i];
		if (other != left && swap_goes_with(other, newest, undo) &&
			text_equal(other->mark.database, left->mark.database) &&
			(other->mark.at > left->mark.at || (other->mark.at == left->mark.at && other > left)))
			return true;
	}
	return false;
}

static int
swap_put_back(struct restore_swap *swap, const struct op_restore_request *request, bool undo,
	const struct restore_lefts *lefts, const struct restore_left *newest,
	struct op_restore_report *report)
{
	struct swap_moves moves = { .at = clock_now() };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < lefts->count; i++) {
		const struct restore_left *left = &lefts->list[i];
		if (!swap_goes_with(left, newest, undo) || !swap_is_asked_for(request, left->mark.database) ||
			swap_is_older(lefts, left, newest, undo))
			continue;
		struct restore_mark mark = left->mark;
		mark.kind = undo ? RESTORE_MARK_AFTER : RESTORE_MARK_BEFORE;
		mark.at = moves.at;
		struct op_restored *line = swap_report_add(report, left->mark.database);
		rc = swap_plan(swap, &moves, left->name, &mark, &line->kept_as);
		line->restored_as = rc == 0 ? mem_text(left->mark.database) : NULL;
	}
	if (rc == 0 && !request->dry_run)
		rc = swap_moves_do(&moves, swap);
	report->swapped = rc == 0 && moves.count > 0 && !request->dry_run;
	swap_moves_clear(&moves);
	return rc;
}

int
op_swap_back(struct restore_swap *swap, const struct op_restore_request *request, bool undo,
	struct op_restore_report *report)
{
	struct restore_lefts lefts;
	const struct restore_left *newest = NULL;
	int rc = restore_swap_look(swap, &lefts);

	if (rc == 0) {
		newest = swap_newest(&lefts, request, undo);
		if (newest == NULL)
			rc = error_set(ERR_RESTORE, "%s",
				undo ? "there is nothing to undo: the server has no database that a restore "
				       "has replaced"
				     : "there is nothing to swap in: no restored database stands beside a "
				       "live one");
	}
	if (rc == 0)
		rc = swap_put_back(swap, request, undo, &lefts, newest, report);
	restore_lefts_clear(&lefts);
	return rc;
}

/* Dropping what was kept. */

/* Kept by a swap or its undoing; or a half that nobody is working on. What a person restored beside stays. */
static bool
swap_is_over(const struct restore_left *left)
{
	return left->mark.kind == RESTORE_MARK_BEFORE || left->mark.kind == RESTORE_MARK_AFTER ||
	       (left->mark.kind == RESTORE_MARK_BEGUN && !left->busy);
}

int
op_swap_finalize(
	struct restore_swap *swap, const struct op_restore_request *request, struct op_restore_report *report)
{
	struct restore_lefts lefts;
	struct buf dropped = BUF_EMPTY;
	int rc = restore_swap_look(swap, &lefts);

	for (size_t i = 0; rc == 0 && i < lefts.count; i++) {
		const struct restore_left *left = &lefts.list[i];
		if (!swap_is_over(left) || !swap_is_asked_for(request, left->mark.database))
			continue;
		rc = request->dry_run ? 0 : restore_swap_drop(swap, left->name);
		if (rc != 0)
			error_add("cannot drop database %s", left->name);
		else
			buf_append_format(&dropped, "%s%s", dropped.len > 0 ? ", " : "", left->name);
	}
	report->dropped = dropped.len > 0 ? buf_take(&dropped) : NULL;
	buf_clear(&dropped);
	restore_lefts_clear(&lefts);
	return rc;
}
