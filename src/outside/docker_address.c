/* Where a container can be reached. */
#include "config.h"

#include <stdlib.h>

#include "docker_inside.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

static const char *
find_address(const struct json *root)
{
	const struct json *networks = json_get(json_get(root, "NetworkSettings"), "Networks");
	const char *mode = json_get_text(json_get(root, "HostConfig"), "NetworkMode");

	if (text_equal(mode, "host"))
		return "127.0.0.1";
	for (const char *key = networks != NULL ? json_first_key(networks) : NULL; key != NULL;
		key = json_next_key(networks, key)) {
		const char *address = json_get_text(json_get(networks, key), "IPAddress");
		if (address != NULL && address[0] != '\0')
			return address;
	}
	return NULL;
}

char *
docker_address(struct docker *docker, const struct docker_container *container)
{
	char *path = mem_format("/containers/%s/json", container->id);
	struct docker_request inspect = { .method = "GET", .path = path };
	struct json *root = docker_ask(docker, &inspect, NULL);
	char *address = NULL;

	free(path);
	if (root == NULL)
		return NULL;
	address = mem_text(find_address(root));
	json_free(root);
	if (address == NULL) {
		error_set(ERR_SOURCE, "container '%s' has no address on a network", container->name);
		error_hint("Say in [source] how libpq reaches the server: conninfo = host=….");
	}
	return address;
}
