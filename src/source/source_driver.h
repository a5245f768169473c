/*
 * What a kind of source does, and what every source has. For the files of this directory only.
 *
 * source.c calls connect() before value(); it decides which database to ask.
 */
#ifndef INCANT_SOURCE_DRIVER_H
#define INCANT_SOURCE_DRIVER_H

#include <stdbool.h>

#include "incant/docker.h"
#include "incant/source.h"

struct source_ops {
	/* Proves that statements can be run in that database, a constant. 0 or -1. */
	int (*connect)(struct source *source, const char *database);
	/* Runs a statement there and gives the one value that it returns (the caller frees it). 0 or -1. */
	int (*value)(struct source *source, const char *statement, char **text);
	/* Runs one that returns nothing and may take minutes. 0 or -1. */
	int (*run)(struct source *source, const char *statement);
	/* The line of `pg_dumpall --version`. The caller frees it. 0 or -1. */
	int (*dumper_version)(struct source *source, char **line);
	/* As source_dump(). */
	int (*dump)(struct source *source, struct stage *head);
	void (*free)(struct source *source); /* frees the source, without what source_free() frees */
};

/* First member of every concrete source. */
struct source {
	const struct source_ops *ops;
	const struct settings *settings; /* borrowed */
	char *describe;
	char *dump_name;      /* the dump's application_name */
	char *server_version; /* given out by source_inspect() */
	char *dumper_version;
	char *superuser;
	bool connected;
};

/* Opens one kind of source. NULL with the error. source.c fills in the base but for ops and describe. */
struct source *source_exec_new(const struct settings *settings);
struct source *source_docker_new(const struct settings *settings);

/* The role inside the container: named, or the one that the image was set up with. The caller frees it; NULL
 * with the error. */
char *source_docker_user(const struct settings_source *from);

/* The container that the settings name. 0 or -1; the caller clears *container in both cases. */
int source_docker_find(
	struct docker *docker, const struct settings_source *from, struct docker_container *container);

/* The application_name of connections that are not the dump's. */
#define SOURCE_INSPECT_NAME "incant-backup/inspect"

/* The application_name of a run's dump, at most as long as the server keeps it. The caller frees it. */
char *source_dump_name(const char *run);

/* A statement that ends the backends of every such dump of our role, and returns how many there were. */
const char *source_leftovers_statement(void);

/* A statement that ends the backends of this source's dump and returns how many there were. The caller frees
 * it. */
char *source_end_statement(const struct source *source);

/* pg_dumpall's option for the settings' lock-timeout; NULL for none. The caller frees it. */
char *source_lock_option(const struct source *source);

#endif
