/*
 * What the files of src/restore share. Nothing else includes it.
 */
#ifndef INCANT_RESTORE_INSIDE_H
#define INCANT_RESTORE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"
#include "incant/pg.h"
#include "incant/restore.h"
#include "incant/restore_mark.h"
#include "incant/scan.h"
#include "restore_lane.h"
#include "restore_session.h"
#include "restore_tables.h"

struct restore;

/* A list of names. */
struct restore_names {
	char **names;
	size_t count, capacity;
};
void restore_names_add(struct restore_names *list, const char *name); /* copies it */
bool restore_names_have(const struct restore_names *list, const char *name);
void restore_names_clear(struct restore_names *list);

/* restore_sql.c: reading the few statements whose meaning matters. */

/*
 * One token of a statement: a word or a quoted identifier decoded (words in lower case, as SQL reads them),
 * a quoted text (decoded not at all), or one other character.
 */
struct restore_token {
	enum restore_token_kind {
		RESTORE_END,
		RESTORE_WORD,
		RESTORE_QUOTED,
		RESTORE_TEXT,
		RESTORE_OTHER
	} kind;
	const char *at; /* in the statement */
	size_t len;
	char *name; /* RESTORE_WORD, RESTORE_QUOTED: the decoded identifier, owned; else NULL */
};

/* Reads the token at *at and steps over it. restore_token_clear() frees what it holds. */
void restore_token_next(const char **at, struct restore_token *token);
void restore_token_clear(struct restore_token *token);
bool restore_token_is(const struct restore_token *token, const char *word); /* an unquoted word, lower case */

/*
 * A statement as it may be shown: at most about 200 characters, on one line, with what may be a password
 * masked. The caller frees it.
 */
char *restore_excerpt(const char *statement);

/* What a person can do about an error of the server; NULL where there is no telling. */
const char *restore_advice(const char *sqlstate, const char *message);

/* restore_roles.c: what is to be done with each statement of the globals. */

/* A setting that a role of the target has; value as the server keeps it. */
struct restore_setting {
	char *role, *name, *value;
};

/* What a role of the target is. */
struct restore_attributes {
	char *role;
	char *words;    /* " nosuperuser inherit … ", as in ALTER ROLE, in lower case */
	int limit;      /* of connections; -1 = none */
	char *password; /* as the server keeps it; NULL = none, or not told */
};

struct restore_roles {
	struct restore_names existing; /* on the target, at the beginning */
	struct restore_setting *settings;
	size_t setting_count, setting_capacity;
	struct restore_attributes *attributes;
	size_t attribute_count, attribute_capacity;
	struct restore_names memberships; /* of the target (restore_differ.c) */
	char *bootstrap;                  /* the target's first superuser */
	char *me;                         /* the role that restores */
	bool same;    /* the target may be the source: its roles are expected to be there */
	bool whole;   /* the whole cluster is restored, not some databases */
	bool scratch; /* as in restore_options */
};
void restore_roles_add_setting(
	struct restore_roles *roles, const char *role, const char *name, const char *value);
const struct restore_setting *restore_roles_find_setting(
	const struct restore_roles *roles, const char *role, const char *name); /* NULL = it has none */
void restore_roles_clear(struct restore_roles *roles);

enum restore_verdict {
	RESTORE_RUN,       /* as it is */
	RESTORE_LEAVE,     /* what it is about exists and is left as it is */
	RESTORE_ROLE_NEW,  /* run: it creates a role */
	RESTORE_ROLE_LEFT, /* leave: it would create a role that exists */
	RESTORE_REFUSE     /* it takes something away, which no dump of this program does */
};

/* Pure. *role is the role that ROLE_NEW and ROLE_LEFT are about (the caller frees it), else NULL. */
enum restore_verdict restore_roles_judge(
	const struct restore_roles *roles, const char *statement, char **role);

/*
 * A grant of membership without its GRANTED BY. *grantor is the role that it named; the caller frees both.
 * NULL where it names none.
 */
char *restore_roles_without_grantor(const char *statement, char **grantor);

/*
 * CREATE TABLESPACE with its place inside the data directory, whatever the dump says (LOCATION '': needs
 * allow_in_place_tablespaces). The caller frees it. NULL for any other statement.
 */
char *restore_roles_in_place(const char *statement);

/* Whether a role that was left deserves a warning. */
bool restore_roles_worth_warning(const struct restore_roles *roles, const char *role);

/* restore_differ.c: how what exists differs from what the dump says. Pure. */
void restore_roles_add_attributes(
	struct restore_roles *roles, const char *role, const char *words, int limit, const char *password);
void restore_roles_add_member(struct restore_roles *roles, const char *role, const char *member);
void restore_roles_clear_attributes(struct restore_roles *roles);
/* For an ALTER ROLE … WITH: a sentence about a role that exists and differs; NULL where it does not. The
 * caller frees it. */
char *restore_roles_differ(const struct restore_roles *roles, const char *statement);
/* The same for ALTER ROLE … SET of a setting that the role has there. */
char *restore_roles_set_differs(const struct restore_roles *roles, const char *statement);
/* The same for a membership that the target lacks. */
char *restore_roles_lack_member(const struct restore_roles *roles, const char *role, const char *member);

/* restore_older.c: servers of an earlier major version. Pure. */

/* What such a server does not have and this statement needs, and the version that brought it; NULL where
 * nothing is known. */
const char *restore_older_lacks(int major, const char *kind, const char *statement, int *since);
/* The statement as such a server takes it; NULL where it takes it as it is. The caller frees it. *said: what
 * the statement says and the other one does not. */
enum { RESTORE_INHERIT_TRUE = 1, RESTORE_INHERIT_FALSE = 2, RESTORE_SET_FALSE = 4 };
char *restore_older_rewrite(int major, const char *kind, const char *statement, unsigned *said);

/* restore_look.c: reading the statements that matter before anything is done, and what the target lacks for
 * them. Enters obstacles and notes into the plan. 0 or -1. */
int restore_look_run(struct restore *restore, struct restore_feed *feed, bool deep);

/* restore_plan.c: what is to be done and what stands against it, from what is known of the target. */

/* A database that every cluster has, and an object of a user in it. */
struct restore_occupied {
	char *database;
	char *object;
};

struct restore_facts {
	char *description; /* "server version 15.18 at host=/tmp/x" */
	int version_number;
	char *data_directory;       /* NULL = not told */
	bool local;                 /* reached by a socket of this machine */
	uint64_t system_identifier; /* 0 = not known */
	struct restore_names databases, tablespaces, extensions;
	struct restore_names settings; /* that the server knows */
	struct restore_occupied *occupied;
	size_t occupied_count, occupied_capacity;
};
void restore_facts_add_occupied(struct restore_facts *facts, const char *database, const char *object);
void restore_facts_clear(struct restore_facts *facts);

/* Chooses the steps: 0, or -1 with ERR_NOT_FOUND. Pure, as the next two. */
int restore_plan_steps(const struct restore_options *options, struct restore_plan *plan);
/* restore_choose.c: narrows the steps to the wanted tables. 0, or -1 with ERR_NOT_FOUND. */
int restore_plan_choose(const struct restore_options *options, struct restore_plan *plan);
/* Refuses a target as a whole: 0, or -1 with ERR_RESTORE. */
int restore_plan_check_target(const struct restore_options *options, const struct restore_facts *facts);
/* Enters the obstacles. */
void restore_plan_obstacles(struct restore_plan *plan, const struct restore_facts *facts, bool whole);
/* Enters one more obstacle of a step, or a note; takes ownership of the text. The same text once. */
void restore_plan_obstruct(struct restore_plan *plan, size_t step, char *text);
void restore_plan_note(struct restore_plan *plan, char *text);
void restore_plan_clear(struct restore_plan *plan);

/* Whether a section has anything to restore. */
bool restore_section_is_empty(const struct contents_section *section);

/* restore_compare.c: what went in, against the record. Pure. */

/* What passed of the things that may lie in several parts of a section. */
struct restore_seen {
	struct contents_sequence *sequences;
	size_t sequence_count, sequence_capacity;
	struct contents_large_object *objects;
	size_t object_count, object_capacity;
};

/* Compares the tables and statements of one part of a section with what the record has between the same two
 * offsets. 0, or -1 with ERR_DAMAGED. */
int restore_compare_part(
	const struct contents_section *recorded, struct extent at, const struct contents *found);
/* Takes note of a part's sequences and large objects, which are compared when all parts have been seen. */
void restore_seen_take(struct restore_seen *seen, const struct contents *found);
int restore_compare_rest(const struct contents_section *recorded, struct restore_seen *seen);
void restore_seen_clear(struct restore_seen *seen);

/* restore_target.c: asking the target. Each 0 or -1. */

/* Makes a session read and write names as the bytes that they are. */
#define RESTORE_RAW_NAMES                                                                                 \
	"SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), " \
	"false)"

/* A connection, ready for restoring. database NULL = where the work begins; heedless: of signals. */
struct pg *restore_connect(const struct restore *restore, const char *database, bool heedless);
int restore_target_look(struct restore *restore);        /* fills in facts and roles */
int restore_target_look_inside(struct restore *restore); /* fills in facts.occupied, for the plan's steps */
/* Whether the target has a locale. literal: its name in quotes, as SQL; provider: "libc", "icu", "builtin".
 * 1, 0, or -1. Where the target does not tell it is taken for there. */
int restore_target_has_locale(struct pg *pg, const char *provider, const char *literal);
/* Why a directory cannot become a tablespace; NULL where nothing is known against it. 0 or -1. */
int restore_target_look_directory(struct pg *pg, const char *literal, char **problem);
/* Drops a database that this restore created. */
int restore_target_drop(const struct restore *restore, const char *database);

/* restore_beside.c: a place of its own for a database whose dump creates none (postgres, template1). */

/* Creates it on the maintenance connection, with the encoding of the dump and the locale and owner of the
 * database of that section that the target has. 0 or -1. */
int restore_beside_create(struct pg *pg, const struct contents_section *section, const char *as);

/*
 * Marks the database of a step that has a name of its own on the target, where the restore is to mark them. A
 * role that may not is warned of once, and the restore goes on. The session then reads names raw. 0 or -1.
 */
int restore_beside_mark(
	struct restore *restore, struct pg *pg, const struct restore_step *step, enum restore_mark_kind kind);

/* restore_run.c: the steps, and the sink's part for statements. */

void restore_run_sink(struct scan_sink *sink);
/* At the first sight of a section: connects, and makes a database for one that comes without. 0 or -1. */
int restore_run_enter(struct restore_lane *lane);
int restore_run_step(struct restore *restore, size_t step, struct restore_feed *feed);
/* The section that is being restored, and what its database is called on the target. */
const struct contents_section *restore_current_section(const struct restore *restore);
const char *restore_current_as(const struct restore *restore);

/* restore_globals.c: a statement of the globals. 0 or -1. */
int restore_run_global(struct restore_lane *lane, const struct scan_statement *statement);

/* restore.c: what lanes tell the restore; any thread. */

void restore_count_rows(struct restore *restore, uint64_t rows);
/* A part has passed: compares it with the record, and remembers what is compared later. 0 or -1. */
int restore_note_part(struct restore *restore, struct extent at, const struct contents *found);
/* Takes the current error: with keep_going it is one of several. */
void restore_note_failure(struct restore *restore, uint64_t plain_off, const char *sqlstate);
/* Whether the rows of a table of the present section are to be restored. */
bool restore_is_wanted(const struct restore *restore, const struct contents_table *table);
/* Whether only some tables of the present section have rows. */
bool restore_has_choice(const struct restore *restore);
/* Whether a task has failed, so that all others end (restore_crew.c). */
bool restore_crew_stops(const struct restore *restore);

struct restore {
	char *conninfo;
	char *password;                   /* NULL = none given */
	const struct restore_name *names; /* borrowed */
	size_t name_count;
	const char *mark; /* as in restore_options, borrowed */
	bool unmarked;    /* the role may not mark, and that was said */
	struct restore_plan plan;
	struct restore_facts facts;
	struct restore_roles roles;
	int source_major; /* of the backup's server; 0 = not known */
	bool keep_going;

	struct restore_feed *feed; /* borrowed; of the step under way */
	struct restore_lane *lanes;
	unsigned lane_count;
	atomic_bool stops; /* a task has failed */

	/* The step of the plan that is under way. */
	size_t step;
	bool entered;   /* something of it has been seen */
	bool creating;  /* its CREATE DATABASE was sent, and how that ended is not known */
	bool created;   /* its database was created here and is not complete */
	bool connected; /* to its own database */
	bool told;      /* the error says already that a part of it is there */
	struct restore_tables tables;
	struct restore_session session;
	struct restore_tasks tasks;

	struct restore_names replaced; /* grantors of memberships who may not grant on the target */

	pthread_mutex_t mutex; /* guards what lanes add: */
	struct restore_seen seen;
	struct restore_result result;
};

#endif
