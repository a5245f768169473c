/* A container's paths are the host's only through its mounts. */
#include "config.h"

#include "op_data_folder.h"

#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

const struct docker_listed *
op_data_folder_container(const struct docker_list *list, const struct settings_source *source)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct docker_listed *listed = &list->containers[i];
		bool is = source->container != NULL
				  ? text_equal(listed->name, source->container) ||
					    text_starts(listed->id, source->container)
				  : !listed->one_off &&
					    text_equal(listed->project, source->compose_project) &&
					    text_equal(listed->service, source->compose_service);

		if (is)
			return listed;
	}
	return NULL;
}

/* Whether a path is a folder, or lies in it. */
static bool
lies_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return len > 0 && strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

const struct docker_mount *
op_data_folder_mount(const struct docker_listed *listed, const char *path)
{
	const struct docker_mount *found = NULL;

	for (size_t i = 0; i < listed->mount_count; i++) {
		const struct docker_mount *mount = &listed->mounts[i];

		if (lies_in(path, mount->target) &&
			(found == NULL || strlen(mount->target) > strlen(found->target)))
			found = mount;
	}
	return found;
}

char *
op_data_folder_find(const struct settings_source *source, const char *inside)
{
	struct docker *docker = docker_open(source->docker_socket);
	struct docker_list list = { .containers = NULL };
	char *folder = NULL;

	if (docker != NULL && docker_list_load(docker, &list) == 0) {
		const struct docker_listed *listed = op_data_folder_container(&list, source);
		const struct docker_mount *mount =
			listed != NULL ? op_data_folder_mount(listed, inside) : NULL;

		if (mount != NULL)
			folder = mem_text(mount->source);
	}
	error_clear();
	docker_list_clear(&list);
	docker_free(docker);
	return folder;
}
