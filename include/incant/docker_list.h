/*
 * The containers that run on an engine, with what init and doctor want to know of them: who they belong to,
 * which ports of theirs the host opens, which of its folders they see.
 */
#ifndef INCANT_DOCKER_LIST_H
#define INCANT_DOCKER_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/docker.h"

struct docker_port {
	char *address;         /* of the host; "" where the port is not published */
	unsigned public_port;  /* of the host; 0 = not published */
	unsigned private_port; /* of the container */
};

struct docker_mount {
	bool bind; /* a folder of the host, not a volume of the engine */
	bool writable;
	char *source; /* on the host */
	char *target; /* in the container */
};

/* Compose's words are "" where the container is not Compose's (labels com.docker.compose.*). */
struct docker_listed {
	char *id, *name, *image;
	char *project, *service;
	char *working_folder; /* of the Compose project */
	char *compose_files;  /* comma-separated */
	char *env_file;       /* that was named by --env-file */
	bool one_off;         /* made by `docker compose run` */
	struct docker_port *ports;
	size_t port_count, port_capacity;
	struct docker_mount *mounts;
	size_t mount_count, mount_capacity;
};

struct docker_list {
	struct docker_listed *containers; /* that run, in the engine's order */
	size_t count, capacity;
};

/* The list is initialised here and cleared by the caller in both cases. 0, or -1 with ERR_SOURCE. */
int docker_list_load(struct docker *docker, struct docker_list *list);
void docker_list_clear(struct docker_list *list);

/*
 * A variable of the environment that a container was made with. *value is NULL where it is not set; the
 * caller frees it. Ask for nothing secret: there is no need for it. 0, or -1 with ERR_SOURCE.
 */
int docker_container_variable(struct docker *docker, const char *id, const char *name, char **value);

#endif
