/* Where libpq finds a source's server, and with which password. */
#include "config.h"

#include "incant/source_address.h"

#include <stdlib.h>
#include <string.h>

#include "incant/docker.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "source_driver.h"

/* A role's name as libpq's words want it. */
static char *
quote_word(const char *text)
{
	char *quoted = mem_alloc(2 * strlen(text) + 3);
	char *at = quoted;

	*at++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			*at++ = '\\';
		*at++ = *text;
	}
	*at++ = '\'';
	*at = '\0';
	return quoted;
}

/* The container's own address. The port is the server's default: what is published has nothing to do with it.
 */
static char *
container_conninfo(const struct settings_source *from)
{
	struct docker_container container = { .id = NULL };
	struct docker *docker = docker_open(from->docker_socket);
	char *user = docker != NULL ? source_docker_user(from) : NULL;
	char *host = NULL;
	char *conninfo = NULL;

	if (user != NULL && source_docker_find(docker, from, &container) == 0)
		host = docker_address(docker, &container);
	if (host != NULL) {
		char *quoted = quote_word(user);
		conninfo = mem_format("host=%s port=5432 user=%s", host, quoted);
		free(quoted);
	}
	free(host);
	free(user);
	docker_container_clear(&container);
	docker_free(docker);
	return conninfo;
}

int
source_address_find(const struct settings *settings, struct source_address *address)
{
	const struct settings_source *from = &settings->source;

	*address = (struct source_address){ .conninfo = NULL };
	if (from->env_file != NULL &&
		settings_env_value(from->env_file, "POSTGRES_PASSWORD", &address->password) < 0)
		return -1;
	address->conninfo = from->conninfo != NULL ? mem_text(from->conninfo) : container_conninfo(from);
	return address->conninfo != NULL ? 0 : -1;
}

void
source_address_clear(struct source_address *address)
{
	if (address->password != NULL)
		explicit_bzero(address->password, strlen(address->password));
	free(address->password);
	free(address->conninfo);
	*address = (struct source_address){ .conninfo = NULL };
}
