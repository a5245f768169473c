/*
 * Which container is the server, and which folders belong to the application.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_init_inside.h"

#define POSTGRESQL_PORT 5432

/* Images that are PostgreSQL under another name. */
static const char *const image_words[] = { "postgres", "postgis", "timescale", "pgvector", "paradedb" };

/* By its image's name, or by the port that it listens to: poolers in front of a server listen to others. */
static bool
looks_like_server(const struct docker_listed *listed)
{
	for (size_t i = 0; i < sizeof(image_words) / sizeof(image_words[0]); i++)
		if (strstr(listed->image, image_words[i]) != NULL)
			return true;
	for (size_t i = 0; i < listed->port_count; i++)
		if (listed->ports[i].private_port == POSTGRESQL_PORT)
			return true;
	return false;
}

/* Whether a comma-separated list has a path. */
static bool
list_has_path(const char *list, const char *path)
{
	size_t len = strlen(path);

	for (const char *at = list; *at != '\0';) {
		size_t word = strcspn(at, ",");

		if (word == len && strncmp(at, path, len) == 0)
			return true;
		at += word + (at[word] == ',' ? 1 : 0);
	}
	return false;
}

const struct docker_listed *
init_find_server(const struct docker_list *list, const char *compose_file)
{
	const struct docker_listed *server = NULL;
	struct buf names = BUF_EMPTY;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct docker_listed *listed = &list->containers[i];

		if (listed->one_off || !looks_like_server(listed) ||
			(compose_file != NULL && !list_has_path(listed->compose_files, compose_file)))
			continue;
		server = listed;
		count++;
		buf_append_format(
			&names, "%s%s (%s)", names.len > 0 ? ", " : "", listed->name, listed->image);
	}
	if (count == 0 && compose_file != NULL)
		error_set(ERR_SOURCE, "no running container of '%s' looks like a PostgreSQL server",
			compose_file);
	else if (count == 0)
		error_set(ERR_SOURCE, "no running container looks like a PostgreSQL server");
	else if (count > 1)
		error_set(
			ERR_SOURCE, "several containers look like a PostgreSQL server: %s", buf_text(&names));
	if (count == 0)
		error_hint("Start the application (docker compose up -d), then run init again.");
	else if (count > 1 && compose_file == NULL)
		error_hint("Say which application is meant: --compose-file FILE.");
	buf_clear(&names);
	return count == 1 ? server : NULL;
}

/* Folders of the host that are no application's data. */
static bool
is_system_folder(const char *path)
{
	static const char *const system_folders[] = { "/bin", "/boot", "/dev", "/etc", "/lib", "/proc",
		"/run", "/sbin", "/sys", "/usr", "/var/lib/docker", "/var/log", "/var/run" };

	if (text_equal(path, "/"))
		return true;
	for (size_t i = 0; i < sizeof(system_folders) / sizeof(system_folders[0]); i++) {
		size_t len = strlen(system_folders[i]);

		if (strncmp(path, system_folders[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	return false;
}

static bool
is_directory(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* "/srv/app/Backend data" gives "Backend-data": what may stand in [files NAME], and is no other folder's. */
static char *
name_folder(const struct init_found *found, const char *path)
{
	const char *base = strrchr(path, '/');
	char *stem = mem_text_n(base + 1, strnlen(base + 1, 32));
	char *name;
	unsigned number = 2;

	for (char *at = stem; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && (at == stem || strchr("_-", *at) == NULL))
			*at = at == stem ? 'x' : '-';
	name = mem_text(stem[0] != '\0' ? stem : "files");
	for (size_t i = 0; i < found->folder_count; i++)
		if (text_equal(found->folders[i].name, name)) {
			free(name);
			name = mem_format("%s-%u", stem, number++);
			i = (size_t)-1; /* from the beginning */
		}
	free(stem);
	return name;
}

static void
add_folder(struct init_found *found, const struct docker_mount *mount)
{
	struct init_folder *folder = NULL;

	for (size_t i = 0; i < found->folder_count && folder == NULL; i++)
		if (text_equal(found->folders[i].path, mount->source))
			folder = &found->folders[i];
	if (folder == NULL) {
		MEM_GROW(found->folders, found->folder_count, found->folder_capacity);
		folder = &found->folders[found->folder_count++];
		*folder = (struct init_folder){ .path = mem_text(mount->source) };
	}
	folder->writable = folder->writable || mount->writable;
}

static int
compare_paths(const void *left, const void *right)
{
	return strcmp(((const struct init_folder *)left)->path, ((const struct init_folder *)right)->path);
}

void
init_find_folders(
	const struct docker_list *list, const struct docker_listed *server, struct init_found *found)
{
	for (size_t i = 0; server->project[0] != '\0' && i < list->count; i++) {
		const struct docker_listed *listed = &list->containers[i];

		if (listed == server || !text_equal(listed->project, server->project))
			continue;
		for (size_t m = 0; m < listed->mount_count; m++) {
			const struct docker_mount *mount = &listed->mounts[m];

			if (mount->bind && mount->source[0] == '/' && !is_system_folder(mount->source) &&
				is_directory(mount->source))
				add_folder(found, mount);
		}
	}
	/* An engine has no order of its own for them. */
	if (found->folder_count > 1)
		qsort(found->folders, found->folder_count, sizeof(*found->folders), compare_paths);
	for (size_t i = 0; i < found->folder_count; i++)
		found->folders[i].name = name_folder(found, found->folders[i].path);
}

void
init_found_clear(struct init_found *found)
{
	char *const texts[] = { found->project, found->service, found->container, found->socket,
		found->conninfo, found->user, found->env_file };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < found->folder_count; i++) {
		free(found->folders[i].name);
		free(found->folders[i].path);
	}
	free(found->folders);
	*found = (struct init_found){ .project = NULL };
}
