/*
 * What the files of init share: what was found on the host.
 */
#ifndef INCANT_OP_INIT_INSIDE_H
#define INCANT_OP_INIT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/docker_list.h"

/* A folder of the host that the application's containers see. */
struct init_folder {
	char *name; /* for [files NAME] */
	char *path;
	bool writable; /* the application writes to it */
};

/* Texts are NULL where nothing was found. */
struct init_found {
	char *project, *service; /* of Compose */
	char *container;         /* where the server's container is not Compose's */
	char *socket;            /* of the engine; NULL = the usual one */
	char *conninfo;          /* a server of the host itself */
	char *user;              /* the server's first superuser */
	char *env_file;          /* has POSTGRES_USER or POSTGRES_PASSWORD */
	bool env_file_open;      /* others can read it, so it is refused until that is mended */
	uint64_t droplet;        /* id; 0 = none */
	struct init_folder *folders;
	size_t folder_count, folder_capacity;
};
void init_found_clear(struct init_found *found);

/*
 * The container that is the PostgreSQL server: the only one of the list that looks like one, of the project
 * whose Compose file it is, where that is given (absolute). Pure. NULL with ERR_SOURCE: none, or several
 * (they are named).
 */
const struct docker_listed *init_find_server(const struct docker_list *list, const char *compose_file);

/*
 * The folders of the server's project that are candidates for [files]: bind mounts of its other containers
 * that are directories and not the system's own. Pure, but that it looks whether they are directories.
 */
void init_find_folders(
	const struct docker_list *list, const struct docker_listed *server, struct init_found *found);

/* The settings file. Pure. The caller frees it. */
char *init_format(const struct init_found *found);

#endif
