/*
 * A scratch server in a container. The image's own entry point is not used: what it does with users,
 * passwords and ports is for servers that are to last, and images differ in it. All that is asked of an image
 * is a shell, a user `postgres`, its home /var/lib/postgresql, and the programs; so every official image will
 * do, whatever its base, its data directory or its user's number, and so will one made of a distribution's
 * packages.
 *
 * The data lie in a volume without a name, which goes with the container. The socket lies in the private
 * folder, which the container sees: nothing else leads into it.
 */
#include "config.h"

#include "scratch_inside.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#define SOCKET_INSIDE "/incant-socket"
#define VOLUME_INSIDE "/var/lib/postgresql"

enum { PIDS = 200, FIXED_WORDS = 8 };

/* What runs in the container, with its arguments behind it. */
static const char entry[] =
	"major=$1 user=$2 encoding=$3 locale=$4\n"
	"shift 4\n"
	"PATH=/usr/lib/postgresql/$major/bin:/usr/libexec/postgresql$major:/usr/pgsql-$major/bin:$PATH:/usr/"
	"local/bin\n"
	"export PATH\n"
	"umask 077\n"
	"data=" VOLUME_INSIDE "/incant-scratch\n"
	"make() {\n"
	"    rm -rf \"$data\"\n"
	"    initdb --pgdata=\"$data\" --username=\"$user\" --auth=trust --encoding=\"$encoding\" "
	"--locale=\"$1\" --no-sync >/dev/null\n"
	"}\n"
	"{ [ \"$locale\" != C ] && make \"$locale\" 2>/dev/null; } || make C || exit 1\n"
	"exec nice -n 10 postgres -D \"$data\" \"$@\"\n";

/* "HOST:FOLDER". The caller frees it. */
static char *
label_of(const char *folder)
{
	char host[HOST_NAME_MAX + 1] = "";

	(void)gethostname(host, sizeof(host) - 1);
	return mem_format("%s:%s", host, folder);
}

/* The folder of a label that was made on this machine; NULL for any other. Borrowed from the label. */
static const char *
folder_of(const char *label)
{
	char *ours = label_of("");
	size_t len = strlen(ours);
	const char *folder = strncmp(label, ours, len) == 0 && label[len] == '/' ? label + len : NULL;

	free(ours);
	return folder;
}

/* The whole argument vector; the settings are borrowed, the caller frees the array. */
static const char **
make_argv(const struct scratch_options *options, const char *major, const struct scratch_settings *settings)
{
	const char **argv = mem_alloc((FIXED_WORDS + 2 * settings->count + 1) * sizeof(*argv));
	size_t count = 0;

	argv[count++] = "/bin/sh";
	argv[count++] = "-c";
	argv[count++] = entry;
	argv[count++] = "incant-scratch"; /* $0 */
	argv[count++] = major;
	argv[count++] = options->superuser;
	argv[count++] = options->encoding != NULL ? options->encoding : "UTF8";
	argv[count++] = options->locale != NULL ? options->locale : "C";
	for (size_t i = 0; i < settings->count; i++) {
		argv[count++] = "-c";
		argv[count++] = settings->items[i];
	}
	argv[count] = NULL;
	return argv;
}

static int
create(struct scratch *scratch, const struct scratch_options *options)
{
	static const char *const env[] = { "PGHOST=" SOCKET_INSIDE, NULL };
	struct scratch_settings settings;
	char *major = mem_format("%d", options->major);
	char *where = label_of(scratch->folder);
	const struct docker_label label = { SCRATCH_LABEL, where };

	scratch_settings_make(options, SOCKET_INSIDE, &settings);
	const char **argv = make_argv(options, major, &settings);
	const struct docker_container_request request = {
		.name = scratch->container,
		.image = options->image,
		.user = "postgres",
		.argv = argv,
		.env = env,
		.labels = &label,
		.label_count = 1,
		.bind_from = scratch->socket,
		.bind_to = SOCKET_INSIDE,
		.volume = VOLUME_INSIDE,
		.memory_bytes = options->memory_bytes,
		.pids = PIDS,
	};
	int result = docker_container_create(scratch->docker, &request, &scratch->container_id);
	free(argv);
	free(where);
	free(major);
	scratch_settings_clear(&settings);
	return result;
}

int
scratch_docker_start(struct scratch *scratch, const struct scratch_options *options)
{
	scratch->docker = docker_open(options->place.docker_socket);
	if (scratch->docker == NULL)
		return -1;
	/* The server in the container is another user, whose number only the image knows. Nobody else comes
	 * here: the folder around it is ours alone. */
	if (chmod(scratch->socket, 0777) != 0)
		return error_set(ERR_PROOF, "cannot open '%s' to a container", scratch->socket);
	scratch->container = mem_text(strrchr(scratch->folder, '/') + 1);
	scratch->describe = mem_format("container %s (%s)", scratch->container, options->image);
	scratch->conninfo = scratch_conninfo_make(scratch->socket, options->superuser);
	if (create(scratch, options) != 0)
		return error_add("cannot create a container for a scratch server");
	if (docker_container_start(scratch->docker, scratch->container_id) != 0) {
		error_add("cannot start a container for a scratch server");
		return error_hint("The engine must be on this machine and see its folders; otherwise use "
				  "--scratch cluster.");
	}
	return 0;
}

void
scratch_docker_end(struct scratch *scratch)
{
	if (scratch->container_id == NULL)
		return;
	if (docker_container_remove(scratch->docker, scratch->container_id) != 0)
		log_warning("container %s could not be removed; the next proof tries again: %s",
			scratch->container, error_get()->message);
}

char *
scratch_docker_end_cause(const struct scratch *scratch)
{
	struct docker_container_state state;

	if (docker_container_inspect(scratch->docker, scratch->container_id, &state) != 0) {
		char *cause = mem_text(error_get()->message);
		error_clear();
		return cause;
	}
	if (state.out_of_memory)
		return mem_text("its container ran out of memory (memory in [scratch] is the limit)");
	if (state.running)
		return NULL;
	char *said = docker_container_said(scratch->docker, scratch->container_id);
	char *cause = mem_format(
		"its container ended with status %d%s%s", state.exit_code, said[0] != '\0' ? ": " : "", said);
	free(said);
	return cause;
}

int
scratch_docker_sweep(const struct scratch_place *place, bool kept, size_t *removed)
{
	struct docker *docker = docker_open(place->docker_socket);
	struct docker_labelled_list list = { NULL, 0, 0 };
	int result = docker != NULL ? docker_container_list(docker, SCRATCH_LABEL, &list) : -1;

	for (size_t i = 0; result == 0 && i < list.count; i++) {
		const char *folder = folder_of(list.items[i].value);
		int lock_fd = -1;

		if (folder == NULL || !scratch_folder_is_dead(folder, kept, &lock_fd))
			continue;
		result = docker_container_remove(docker, list.items[i].id);
		/* With a folder it is counted when that goes. */
		if (lock_fd >= 0)
			close(lock_fd);
		else if (result == 0)
			*removed += 1;
	}
	docker_labelled_clear(&list);
	docker_free(docker);
	return result;
}
