/*
 * What both kinds of scratch server have in common: the private folder, the wait for the first connection,
 * the end.
 */
#include "config.h"

#include "incant/scratch.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/pg.h"
#include "scratch_inside.h"

enum {
	START_MS = 180 * 1000, /* a slow disk, a large image */
	TRY_MS = 100,          /* between two tries to connect */
};

/* Appends a word of a connection string. */
static void
add_word(struct buf *words, const char *name, const char *value)
{
	buf_append_format(words, "%s%s='", words->len > 0 ? " " : "", name);
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '\'')
			buf_append_char(words, '\\');
		buf_append_char(words, *value);
	}
	buf_append_char(words, '\'');
}

char *
scratch_conninfo_make(const char *socket, const char *superuser)
{
	struct buf words = BUF_EMPTY;

	add_word(&words, "host", socket);
	add_word(&words, "port", "5432");
	add_word(&words, "user", superuser);
	add_word(&words, "dbname", "postgres");
	return buf_take(&words);
}

static int
connect_once(const struct scratch *scratch)
{
	const struct pg_options options = {
		.conninfo = scratch->conninfo,
		.application_name = "incant-backup scratch",
		.error_class = ERR_PROOF,
	};
	struct pg *pg = pg_connect(&options);
	int result = pg != NULL ? pg_run(pg, "SELECT 1") : -1;

	pg_free(pg);
	return result;
}

/* Waits a moment. 0, or -1 when a signal came. */
static int
pause_a_moment(void)
{
	struct pollfd fd = { .fd = interrupt_fd(), .events = POLLIN };

	(void)poll(&fd, 1, TRY_MS);
	return interrupt_check();
}

/* Waits until the server takes connections. 0 or -1. */
static int
wait_for_server(struct scratch *scratch)
{
	uint64_t deadline_ms = clock_monotonic_ms() + START_MS;

	while (connect_once(scratch) != 0) {
		struct error last;

		if (interrupt_check() != 0)
			return -1;
		error_take(&last);
		char *cause = scratch_end_cause(scratch);
		if (cause != NULL) {
			error_set(ERR_PROOF, "the scratch server did not start: %s", cause);
			free(cause);
			return -1;
		}
		if (clock_monotonic_ms() >= deadline_ms) {
			error_put(&last);
			return error_add("the scratch server cannot be reached");
		}
		if (pause_a_moment() != 0)
			return -1;
	}
	error_clear();
	return 0;
}

struct scratch *
scratch_start(const struct scratch_options *options)
{
	struct scratch *scratch = mem_zero(sizeof(*scratch));
	int result;

	scratch->kind = options->place.kind;
	scratch->lock_fd = -1;
	result = scratch_folder_make(scratch, options->place.folder);
	if (result == 0)
		result = scratch->kind == SCRATCH_DOCKER ? scratch_docker_start(scratch, options)
							 : scratch_cluster_start(scratch, options);
	if (result == 0)
		result = wait_for_server(scratch);
	if (result == 0 && options->keep)
		result = scratch_keep(scratch);
	if (result != 0) {
		if (error_get()->class == ERR_SOURCE)
			error_reclass(ERR_PROOF);
		scratch_free(scratch);
		return NULL;
	}
	scratch->keep = options->keep;
	log_verbose("scratch server: %s", scratch->describe);
	return scratch;
}

const char *
scratch_conninfo(const struct scratch *scratch)
{
	return scratch->conninfo;
}

const char *
scratch_describe(const struct scratch *scratch)
{
	return scratch->describe;
}

const char *
scratch_container(const struct scratch *scratch)
{
	return scratch->container;
}

const char *
scratch_pg_bindir(const struct scratch *scratch)
{
	return scratch->pg_bindir;
}

char *
scratch_end_cause(const struct scratch *scratch)
{
	return scratch->kind == SCRATCH_DOCKER ? scratch_docker_end_cause(scratch)
					       : scratch_cluster_end_cause(scratch);
}

void
scratch_drop(struct scratch *scratch)
{
	scratch->keep = false;
}

void
scratch_free(struct scratch *scratch)
{
	struct error kept;

	if (scratch == NULL)
		return;
	error_take(&kept);
	if (!scratch->keep) {
		if (scratch->kind == SCRATCH_DOCKER)
			scratch_docker_end(scratch);
		else
			scratch_cluster_end(scratch);
	}
	docker_free(scratch->docker);
	scratch_folder_free(scratch);
	error_clear();
	if (kept.class != ERR_NONE)
		error_put(&kept);
	free(scratch->conninfo);
	free(scratch->describe);
	free(scratch->container);
	free(scratch->container_id);
	free(scratch->pg_bindir);
	free(scratch->data);
	free(scratch);
}

/* One private folder. 1 when it was dead and is gone. */
static int
sweep_folder(const char *folder, bool kept)
{
	int lock_fd = -1;
	int result = 0;

	if (!scratch_folder_is_dead(folder, kept, &lock_fd))
		return 0;
	if (scratch_cluster_end_dead(folder) != 0 || file_remove_tree(folder, ERR_PROOF) != 0)
		result = -1;
	if (lock_fd >= 0)
		close(lock_fd);
	return result == 0 ? 1 : -1;
}

int
scratch_sweep(const struct scratch_place *place, bool kept, size_t *removed)
{
	struct scratch_folders folders = { NULL, 0, 0 };
	int result = 0;

	/* Containers first: a folder is what tells whether its container is dead. */
	if (place->kind == SCRATCH_DOCKER)
		result = scratch_docker_sweep(place, kept, removed);
	if (result == 0)
		result = scratch_folder_list(place->folder, &folders);
	for (size_t i = 0; result == 0 && i < folders.count; i++) {
		result = sweep_folder(folders.paths[i], kept);
		*removed += result > 0 ? 1 : 0;
		result = result < 0 ? -1 : 0;
	}
	scratch_folders_clear(&folders);
	return result;
}
