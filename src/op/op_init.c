/*
 * init: asks the Docker engine what runs here, and writes settings for it. Where there is no engine, a server
 * of the host itself is looked for at its usual socket.
 */
#include "config.h"

#include "incant/op_init.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "incant/cloud_digitalocean.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/host.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_init_inside.h"

#define DOCKER_SOCKET  "/var/run/docker.sock"
#define SERVER_FOLDER  "/var/run/postgresql"
#define SERVER_SOCKET  SERVER_FOLDER "/.s.PGSQL.5432"
#define ENV_FILE_LIMIT ((size_t)1 << 20)

static void
report_missing(struct op_init_report *report, char *sentence)
{
	MEM_GROW(report->missing, report->missing_count, report->missing_capacity);
	report->missing[report->missing_count++] = sentence;
}

/* The engine's socket, as other clients find it. */
static const char *
docker_socket(void)
{
	static const char scheme[] = "unix://";
	const char *host = getenv("DOCKER_HOST");

	return host != NULL && text_starts(host, scheme) ? host + strlen(scheme) : DOCKER_SOCKET;
}

/* Whether an env file sets what the PostgreSQL image reads. Only the names are looked at. */
static bool
is_env_file(const char *path)
{
	struct buf text = BUF_EMPTY;
	bool found = false;

	if (file_read(path, ENV_FILE_LIMIT, ERR_SETTINGS, &text) == 0)
		found = strstr(buf_text(&text), "POSTGRES_USER=") != NULL ||
			strstr(buf_text(&text), "POSTGRES_PASSWORD=") != NULL;
	if (text.bytes != NULL)
		explicit_bzero(text.bytes, text.len);
	error_clear();
	buf_clear(&text);
	return found;
}

/* The one that Compose was told, or one of the usual names in the project's folder. */
static void
find_env_file(const struct docker_listed *server, struct init_found *found, struct op_init_report *report)
{
	static const char *const names[] = { ".env.prod", ".env.production", ".env" };

	if (server->env_file[0] == '/' && is_env_file(server->env_file))
		found->env_file = mem_text(server->env_file);
	for (size_t i = 0; found->env_file == NULL && server->working_folder[0] == '/' &&
			   i < sizeof(names) / sizeof(names[0]);
		i++) {
		char *path = file_join(server->working_folder, names[i]);

		if (is_env_file(path))
			found->env_file = mem_text(path);
		free(path);
	}
	if (found->env_file == NULL) {
		report_missing(report,
			mem_text("No env file with POSTGRES_PASSWORD was found: a restore needs the password "
				 "from 'env-file' or a pass file."));
		return;
	}
	found->env_file_open = file_check_private(found->env_file) != 0;
	error_clear();
	if (found->env_file_open)
		report_missing(report,
			mem_format("'%s' can be read by others, so it is a comment until: chmod 600 %s",
				found->env_file, found->env_file));
}

static int
find_in_engine(struct docker *docker, const char *compose_file, struct init_found *found,
	struct op_init_report *report)
{
	struct docker_list list;
	const struct docker_listed *server = NULL;
	int rc = docker_list_load(docker, &list);

	if (rc == 0)
		server = init_find_server(&list, compose_file);
	if (server == NULL)
		rc = -1;
	if (rc == 0)
		rc = docker_container_variable(docker, server->id, "POSTGRES_USER", &found->user);
	if (rc == 0) {
		bool composed = server->project[0] != '\0' && server->service[0] != '\0';

		found->project = composed ? mem_text(server->project) : NULL;
		found->service = composed ? mem_text(server->service) : NULL;
		found->container = composed ? NULL : mem_text(server->name);
		report->source = composed ? mem_format("service %s of the Compose project %s",
						    server->service, server->project)
					  : mem_format("container %s", server->name);
		find_env_file(server, found, report);
		init_find_folders(&list, server, found);
	}
	docker_list_clear(&list);
	return rc;
}

/* A server of the host itself, where the engine could not be asked (the current error says why). */
static int
find_on_host(struct init_found *found, struct op_init_report *report)
{
	if (!file_exists(SERVER_SOCKET)) {
		char *docker = mem_text(error_get()->message);

		error_set(
			ERR_SOURCE, "no PostgreSQL server was found: none at %s; %s", SERVER_FOLDER, docker);
		free(docker);
		return error_hint(
			"Run as root, or as a user in the group \"docker\", while the server runs.");
	}
	error_clear();
	found->conninfo = mem_text("host=" SERVER_FOLDER " user=postgres");
	report->source = mem_text("the server at " SERVER_FOLDER);
	return 0;
}

static int
init_find(const char *compose_file, struct init_found *found, struct op_init_report *report)
{
	const char *socket_path = docker_socket();
	struct docker *docker = docker_open(socket_path);
	int rc;

	if (docker == NULL)
		return compose_file == NULL ? find_on_host(found, report) : -1;
	if (!text_equal(socket_path, DOCKER_SOCKET))
		found->socket = mem_text(socket_path);
	rc = find_in_engine(docker, compose_file, found, report);
	docker_free(docker);
	return rc;
}

/* The droplet's id, on a droplet. */
static void
find_droplet(struct init_found *found, struct op_init_report *report)
{
	struct host host;

	host_look("", &host);
	if (host.droplet && cloud_find_droplet(&found->droplet) != 0) {
		report_missing(report, mem_format("The droplet's id is not known: %s", error_get()->message));
		error_clear();
	}
	host_clear(&host);
}

/* A new file, in a folder that is made where it is missing: never over one that is there. */
static int
init_write(const char *path, const char *text)
{
	char *folder = mem_text(path), *slash = strrchr(folder, '/');
	int rc = 0;

	if (slash != NULL && slash != folder) {
		*slash = '\0';
		rc = file_make_directories(folder, ERR_SETTINGS);
	}
	free(folder);
	return rc == 0 ? file_save(path, text, strlen(text), 0600, FILE_NEW, ERR_SETTINGS) : -1;
}

/* Compose's labels hold absolute names. */
static char *
absolute(const char *path)
{
	char *full = realpath(path, NULL);

	if (full == NULL)
		error_set_errno(ERR_USAGE, errno, "cannot look at '%s'", path);
	return full;
}

int
op_init_run(const struct op_init_request *request, struct op_init_report *report)
{
	struct init_found found = { .project = NULL };
	bool shown = text_equal(request->output, "-");
	char *compose_file = NULL;
	int rc = -1;

	*report = (struct op_init_report){ .path = NULL };
	if (!shown && file_exists(request->output)) {
		error_set(ERR_SETTINGS, "'%s' exists already", request->output);
		error_hint("Move it away, or write another one with --output FILE, or see what init would "
			   "write: "
			   "--output -.");
		return -1;
	}
	if (request->compose_file != NULL) {
		compose_file = absolute(request->compose_file);
		if (compose_file == NULL)
			return -1;
	}
	if (init_find(compose_file, &found, report) == 0) {
		find_droplet(&found, report);
		report->text = init_format(&found);
		rc = shown ? 0 : init_write(request->output, report->text);
	}
	if (rc == 0 && !shown)
		report->path = mem_text(request->output);
	init_found_clear(&found);
	free(compose_file);
	return rc;
}

void
op_init_report_clear(struct op_init_report *report)
{
	for (size_t i = 0; i < report->missing_count; i++)
		free(report->missing[i]);
	free(report->missing);
	free(report->path);
	free(report->text);
	free(report->source);
	*report = (struct op_init_report){ .path = NULL };
}
