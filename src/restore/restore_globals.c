#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/text.h"
#include "restore_inside.h"
#include "restore_lane.h"

/*
 * The globals, one statement after another: what restore_roles.c decides about each is done here.
 */

static int
run(struct restore_lane *lane, const struct scan_statement *statement)
{
	return restore_lane_run(lane, statement->text, statement->plain_off);
}

/* Says once of each such grantor that the target's first superuser granted in his place. */
static void
note_replaced(struct restore *restore, const char *grantor)
{
	if (restore_names_have(&restore->replaced, grantor))
		return;
	restore_names_add(&restore->replaced, grantor);
	log_warning("role %s may not grant memberships on the target: %s grants them there", grantor,
		restore->roles.bootstrap);
}

/*
 * Since version 16 a grantor must have the right to grant. The first superuser has it as such; a target may
 * have another one. And older sources name grantors who never had it. Then the first superuser of the target
 * grants, as always where no grantor is named.
 */
static int
grant_membership(struct restore_lane *lane, const struct scan_statement *statement)
{
	struct restore *restore = lane->restore;
	char *grantor = NULL;
	char *rest = NULL;
	if (pg_run(lane->pg, statement->text) == 0)
		return 0;
	if (text_equal(pg_sqlstate(lane->pg), "42501"))
		rest = restore_roles_without_grantor(statement->text, &grantor);
	int outcome = rest != NULL ? pg_run(lane->pg, rest) : -1;
	if (outcome == 0) {
		error_clear();
		note_replaced(restore, grantor);
	} else {
		outcome = restore_lane_fail(lane, statement->text, statement->plain_off);
	}
	free(grantor);
	free(rest);
	return outcome;
}

/* A server before version 16 knows no options of memberships; the plan has found none that would be missed.
 */
static int
run_membership(struct restore_lane *lane, const struct scan_statement *statement)
{
	unsigned said = 0;
	int major = lane->restore->facts.version_number / 10000;
	char *text = restore_older_rewrite(major, statement->kind, statement->text, &said);
	struct scan_statement changed = *statement;
	if (text != NULL)
		changed.text = text;
	int outcome = grant_membership(lane, &changed);
	free(text);
	return outcome;
}

/* A tablespace's directory belongs to the source, which may run on this very machine. */
static int
run_in_place(struct restore_lane *lane, const struct scan_statement *statement)
{
	char *text = lane->restore->roles.scratch ? restore_roles_in_place(statement->text) : NULL;
	struct scan_statement changed = *statement;
	if (text != NULL)
		changed.text = text;
	int outcome = run(lane, &changed);
	free(text);
	return outcome;
}

int
restore_run_global(struct restore_lane *lane, const struct scan_statement *statement)
{
	struct restore *restore = lane->restore;
	char *role = NULL;
	int outcome = 0;
	switch (restore_roles_judge(&restore->roles, statement->text, &role)) {
	case RESTORE_ROLE_NEW:
		outcome = run(lane, statement);
		if (outcome == 0)
			restore->result.roles_created++;
		break;
	case RESTORE_ROLE_LEFT:
		restore->result.roles_left++;
		break;
	case RESTORE_RUN:
		outcome = text_equal(statement->kind, "GRANT ROLE") ? run_membership(lane, statement)
								    : run_in_place(lane, statement);
		break;
	case RESTORE_LEAVE:
		break;
	case RESTORE_REFUSE:
		outcome = error_set(ERR_RESTORE,
			"statement at byte %llu of the dump would drop something (%s), and a restore does "
			"not",
			(unsigned long long)statement->plain_off, statement->kind);
		break;
	}
	free(role);
	return outcome;
}
