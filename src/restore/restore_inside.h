/*
 * What the files of src/restore share. Nothing else includes it.
 */
#ifndef INCANT_RESTORE_INSIDE_H
#define INCANT_RESTORE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"
#include "incant/pg.h"
#include "incant/restore.h"
#include "incant/restore_mark.h"
#include "incant/scan.h"

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

/* A setting that a role of the target has. */
struct restore_setting {
	char *role, *name;
};

struct restore_roles {
	struct restore_names existing; /* on the target, at the beginning */
	struct restore_setting *settings;
	size_t setting_count, setting_capacity;
	char *bootstrap; /* the target's first superuser */
	char *me;        /* the role that restores */
	bool same;       /* the target may be the source: its roles are expected to be there */
	bool whole;      /* the whole cluster is restored, not some databases */
	bool scratch;    /* as in restore_options */
};
void restore_roles_add_setting(struct restore_roles *roles, const char *role, const char *name);
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

/* restore_plan.c: what is to be done and what stands against it, from what is known of the target. */

/* A database that every cluster has, and an object of a user in it. */
struct restore_occupied {
	char *database;
	char *object;
};

struct restore_facts {
	char *description; /* "server version 15.18 at host=/tmp/x" */
	int version_number;
	uint64_t system_identifier; /* 0 = not known */
	struct restore_names databases, tablespaces, extensions;
	struct restore_occupied *occupied;
	size_t occupied_count, occupied_capacity;
};
void restore_facts_add_occupied(struct restore_facts *facts, const char *database, const char *object);
void restore_facts_clear(struct restore_facts *facts);

/* Chooses the steps: 0, or -1 with ERR_NOT_FOUND. Pure, as the next two. */
int restore_plan_steps(const struct restore_options *options, struct restore_plan *plan);
/* Refuses a target as a whole: 0, or -1 with ERR_RESTORE. */
int restore_plan_check_target(const struct restore_options *options, const struct restore_facts *facts);
/* Enters the obstacles. */
void restore_plan_obstacles(struct restore_plan *plan, const struct restore_facts *facts, bool whole);
void restore_plan_clear(struct restore_plan *plan);

/* Whether a section has anything to restore. */
bool restore_section_is_empty(const struct contents_section *section);

/* Compares what went in with the record: 0, or -1 with ERR_DAMAGED. Pure. */
int restore_compare(const struct contents_section *recorded, const struct contents_section *found);

/* restore_target.c: asking the target. Each 0 or -1. */

/* Makes a session read and write names as the bytes that they are. */
#define RESTORE_RAW_NAMES                                                                                 \
	"SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), " \
	"false)"

/* A connection, ready for restoring. database NULL = where the work begins; heedless: of signals. */
struct pg *restore_connect(const struct restore *restore, const char *database, bool heedless);
int restore_target_look(struct restore *restore);        /* fills in facts and roles */
int restore_target_look_inside(struct restore *restore); /* fills in facts.occupied, for the plan's steps */
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
	struct restore *restore, const struct restore_step *step, enum restore_mark_kind kind);

/* restore_run.c: the sink. */
void restore_run_init(struct restore *restore);
int restore_run_end_section(struct restore *restore, const struct contents_section *recorded,
	const struct contents_section *found);

struct restore {
	struct scan_sink sink; /* first: the sink's functions get this pointer */
	char *conninfo;
	char *password;                   /* NULL = none given */
	const struct restore_name *names; /* borrowed */
	size_t name_count;
	const char *mark; /* as in restore_options, borrowed */
	bool unmarked;    /* the role may not mark, and that was said */
	struct restore_plan plan;
	struct restore_facts facts;
	struct restore_roles roles;
	struct restore_result result;

	struct pg *pg;  /* the one connection; NULL between sections */
	size_t step;    /* of the plan: the section that is under way or comes next */
	bool entered;   /* something of it has been seen */
	bool creating;  /* its CREATE DATABASE was sent, and how that ended is not known */
	bool created;   /* its database was created here and is not complete */
	bool connected; /* to its own database */
	bool told;      /* the error says already that a part of it is there */

	struct restore_names replaced; /* grantors of memberships who may not grant on the target */

	char *copy_text; /* of the COPY that is under way, and where it stands in the dump */
	uint64_t copy_off;
};

#endif
