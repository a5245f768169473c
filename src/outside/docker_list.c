/*
 * GET /containers/json, read leniently: members that an engine leaves out are empty.
 */
#include "config.h"

#include "incant/docker_list.h"

#include <stdlib.h>
#include <string.h>

#include "docker_inside.h"
#include "incant/mem.h"
#include "incant/text.h"

static unsigned
port_of(const struct json *from, const char *key)
{
	int64_t port = json_get_int(from, key, 0);

	return port > 0 && port < 65536 ? (unsigned)port : 0;
}

static void
add_ports(struct docker_listed *listed, const struct json *ports)
{
	for (size_t i = 0; i < json_count(ports); i++) {
		const struct json *port = json_at(ports, i);

		MEM_GROW(listed->ports, listed->port_count, listed->port_capacity);
		listed->ports[listed->port_count++] = (struct docker_port){
			.address = docker_text_of(json_get(port, "IP")),
			.public_port = port_of(port, "PublicPort"),
			.private_port = port_of(port, "PrivatePort"),
		};
	}
}

static void
add_mounts(struct docker_listed *listed, const struct json *mounts)
{
	for (size_t i = 0; i < json_count(mounts); i++) {
		const struct json *mount = json_at(mounts, i);

		MEM_GROW(listed->mounts, listed->mount_count, listed->mount_capacity);
		listed->mounts[listed->mount_count++] = (struct docker_mount){
			.bind = text_equal(json_get_text(mount, "Type"), "bind"),
			.writable = json_get_bool(mount, "RW", false),
			.source = docker_text_of(json_get(mount, "Source")),
			.target = docker_text_of(json_get(mount, "Destination")),
		};
	}
}

static void
add_container(struct docker_list *list, const struct json *item)
{
	const struct json *labels = json_get(item, "Labels");
	struct docker_listed *listed;

	MEM_GROW(list->containers, list->count, list->capacity);
	listed = &list->containers[list->count++];
	*listed = (struct docker_listed){
		.id = docker_text_of(json_get(item, "Id")),
		.name = docker_name_of(json_at(json_get(item, "Names"), 0)),
		.image = docker_text_of(json_get(item, "Image")),
		.project = docker_text_of(json_get(labels, "com.docker.compose.project")),
		.service = docker_text_of(json_get(labels, "com.docker.compose.service")),
		.working_folder = docker_text_of(json_get(labels, "com.docker.compose.project.working_dir")),
		.compose_files = docker_text_of(json_get(labels, "com.docker.compose.project.config_files")),
		.env_file = docker_text_of(json_get(labels, "com.docker.compose.project.environment_file")),
		.one_off = text_equal(json_get_text(labels, "com.docker.compose.oneoff"), "True"),
	};
	add_ports(listed, json_get(item, "Ports"));
	add_mounts(listed, json_get(item, "Mounts"));
}

int
docker_list_load(struct docker *docker, struct docker_list *list)
{
	const struct docker_request request = { .method = "GET", .path = "/containers/json" };
	struct json *root = docker_ask(docker, &request, NULL);

	*list = (struct docker_list){ .containers = NULL };
	if (root == NULL)
		return -1;
	for (size_t i = 0; i < json_count(root); i++)
		add_container(list, json_at(root, i));
	json_free(root);
	return 0;
}

static void
listed_clear(struct docker_listed *listed)
{
	char *const texts[] = { listed->id, listed->name, listed->image, listed->project, listed->service,
		listed->working_folder, listed->compose_files, listed->env_file };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < listed->port_count; i++)
		free(listed->ports[i].address);
	for (size_t i = 0; i < listed->mount_count; i++) {
		free(listed->mounts[i].source);
		free(listed->mounts[i].target);
	}
	free(listed->ports);
	free(listed->mounts);
}

void
docker_list_clear(struct docker_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		listed_clear(&list->containers[i]);
	free(list->containers);
	*list = (struct docker_list){ .containers = NULL };
}

int
docker_container_variable(struct docker *docker, const char *id, const char *name, char **value)
{
	char *path = mem_format("/containers/%s/json", id);
	const struct docker_request request = { .method = "GET", .path = path };
	struct json *root = docker_ask(docker, &request, NULL);
	const struct json *variables = json_get(json_get(root, "Config"), "Env");
	size_t len = strlen(name);

	*value = NULL;
	for (size_t i = 0; i < json_count(variables) && *value == NULL; i++) {
		const char *variable = json_text(json_at(variables, i));

		if (variable != NULL && strncmp(variable, name, len) == 0 && variable[len] == '=')
			*value = mem_text(variable + len + 1);
	}
	int rc = root != NULL ? 0 : -1;
	json_free(root);
	free(path);
	return rc;
}
