/* What the files of this directory share. Nothing else includes it. */
#ifndef INCANT_SCRATCH_INSIDE_H
#define INCANT_SCRATCH_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "incant/docker.h"
#include "incant/process.h"
#include "incant/scratch.h"

/* The name of a private folder begins so; it is also the name of its container. */
#define SCRATCH_PREFIX "incant-backup-scratch-"

/* The label of a container: "HOST:FOLDER", the machine and the private folder there. */
#define SCRATCH_LABEL "incant-backup.scratch"

/* Inside a private folder. */
#define SCRATCH_LOCK   "lock"
#define SCRATCH_KEPT   "kept"   /* there while the server is to stay */
#define SCRATCH_SOCKET "socket" /* a folder */
#define SCRATCH_DATA   "data"   /* a folder: the cluster's */

struct scratch {
	enum scratch_kind kind;
	bool keep;
	char *folder; /* the private one */
	int lock_fd;  /* -1 = not locked */
	char *socket; /* its folder */
	char *conninfo;
	char *describe;

	/* Docker. */
	struct docker *docker;
	char *container;    /* its name */
	char *container_id; /* NULL until it is created */

	/* Cluster. */
	char *pg_bindir; /* NULL = PATH */
	char *data;
	bool has_user;
	struct process_user user;
};

/* scratch_folder.c. */

/* Makes the private folder in `parent`, 0700, and locks it. 0 or -1. */
int scratch_folder_make(struct scratch *scratch, const char *parent);
/* Removes it, or unlocks it when the server is kept. */
void scratch_folder_free(struct scratch *scratch);
/*
 * Whether a private folder's server is surely dead: 1, with *lock_fd holding its lock; 0 when somebody holds
 * it, it is kept, or it is another user's; also 1, with *lock_fd -1, when there is no such folder.
 */
int scratch_folder_is_dead(const char *folder, bool kept, int *lock_fd);
/* All private folders in `parent` as paths. 0 or -1. */
struct scratch_folders {
	char **paths;
	size_t count, capacity;
};
int scratch_folder_list(const char *parent, struct scratch_folders *folders);
void scratch_folders_clear(struct scratch_folders *folders);

/* scratch_keep.c: the note in the folder that its server is to stay, and where it is. 0 or -1. */
int scratch_keep(const struct scratch *scratch);

/* scratch_settings.c: "name=value", for the server. Pure. */
struct scratch_settings {
	char **items;
	size_t count, capacity;
};
void scratch_settings_make(
	const struct scratch_options *options, const char *socket, struct scratch_settings *settings);
void scratch_settings_clear(struct scratch_settings *settings);

/* scratch_docker.c and scratch_cluster.c. Each 0 or -1 with the error. start() leaves what it has begun in
 * *scratch, also when it fails; end() ends and removes that, whatever there is of it. */
int scratch_docker_start(struct scratch *scratch, const struct scratch_options *options);
void scratch_docker_end(struct scratch *scratch);
char *scratch_docker_end_cause(const struct scratch *scratch);
int scratch_docker_sweep(const struct scratch_place *place, bool kept, size_t *removed);

int scratch_cluster_start(struct scratch *scratch, const struct scratch_options *options);
void scratch_cluster_end(struct scratch *scratch);
char *scratch_cluster_end_cause(const struct scratch *scratch);
/* Ends the server of a private folder whose run has died, if it has one. */
int scratch_cluster_end_dead(const char *folder);

/* scratch.c: "host='…' port=5432 user='…' dbname=postgres". The caller frees it. */
char *scratch_conninfo_make(const char *socket, const char *superuser);

#endif
