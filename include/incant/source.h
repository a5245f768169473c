/*
 * A source: a PostgreSQL cluster that can be dumped. Two kinds: a server reached by libpq, dumped by a local
 * pg_dumpall; and one in a container, dumped by the pg_dumpall inside it through the Docker Engine API.
 *
 * source_open(), source_inspect(), source_dump(), source_free(). Errors are ERR_SOURCE (ERR_SETTINGS for an
 * env file).
 */
#ifndef INCANT_SOURCE_H
#define INCANT_SOURCE_H

#include <stdint.h>

#include "incant/settings.h"
#include "incant/stage.h"

struct source;

/* settings are borrowed until source_free(). run is the id of the backup to come, and begins with a digit: it
 * becomes the dump's application_name, "incant-backup RUN". */
struct source *source_open(const struct settings *settings, const char *run);
void source_free(struct source *source); /* NULL is allowed */

/* What the cluster says of itself. Connects. Texts belong to the source. */
struct source_facts {
	const char *server_version; /* "15.18 (Debian 15.18-0+deb12u1)" */
	const char *dumper_version; /* of pg_dumpall: "15.18 …" */
	uint64_t system_identifier; /* 0 where the role may not know it */
	const char *superuser;      /* the role that initdb made */
	uint64_t
		database_bytes; /* sum of pg_database_size(); 0 = not known. A size to expect, nothing more */
};
int source_inspect(struct source *source, struct source_facts *facts);

/*
 * Runs a statement that returns one value, as the role that dumps, in the database that every cluster has.
 * *text is NULL for SQL's NULL; the caller frees it. Connects. 0 or -1.
 */
int source_ask(struct source *source, const char *statement, char **text);

/*
 * Ends what the dumps of earlier runs left behind in the server: backends of the same role that are called
 * "incant-backup " and a digit, which no other connection of this program is. The caller holds the source's
 * lock. *ended is raised by how many. 0 or -1.
 */
int source_end_leftovers(struct source *source, unsigned *ended);

/* Has the server write its dirty pages to disk (CHECKPOINT; needs a superuser, or pg_checkpoint). 0 or -1. */
int source_checkpoint(struct source *source);

/*
 * Runs pg_dumpall and pushes what it writes into head. 0 only when the dumper ended with exit status 0 and
 * all its output has been taken by head; the caller then finishes the chain (whose scan stage demands the
 * trailer). On -1 the dump has been ended, inside the container too; head must be freed. Every cause is
 * named: exit status with the dumper's own words, signal, time limit (ERR_SOURCE), signal to us
 * (ERR_INTERRUPTED), or head's error (its class).
 */
int source_dump(struct source *source, struct stage *head);

/* "container incant-postgres-1 (postgres:15-alpine)", "host=/run/postgresql": for people. Borrowed. */
const char *source_describe(const struct source *source);

#endif
