/*
 * A scratch server of this machine's own programs. As root it runs as `nobody`, who owns nothing, and in a
 * group that nobody else is in: the private folder lets only that group pass, so other processes of `nobody`
 * can neither read the data nor reach the socket, and what a dump makes the server do finds no files and no
 * network of production's. Not as `postgres`, to whom a production server on this machine may belong.
 *
 * Its processes are known by their working directory, which is the data directory: that is how they are found
 * and ended, also those of a run that has died.
 */
#include "config.h"

#include "scratch_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#define LOG_FILE "server.log"

enum {
	PROGRAM_MS = 180 * 1000, /* for initdb, and for pg_ctl */
	END_MS = 10 * 1000,      /* for an end by itself */
	KILL_MS = 20 * 1000,     /* … or by force */
	LOOK_MS = 20,
	LOG_BYTES = 64 * 1024,
	LOG_SHOWN_BYTES = 1200,
	NAMES_BYTES = 16 * 1024, /* of an entry in passwd or group */
	/* Groups that systemd gives to passing users: no file belongs to them. */
	GROUP_FIRST = 61184,
	GROUP_COUNT = 4000,
};

/* 0, or -1 where there is no such user. */
static int
find_nobody(uid_t *uid)
{
	char names[NAMES_BYTES];
	struct passwd entry, *nobody = NULL;

	if (getpwnam_r("nobody", &entry, names, sizeof(names), &nobody) != 0 || nobody == NULL ||
		nobody->pw_uid == 0)
		return error_set(ERR_PROOF, "there is no user 'nobody' to run a scratch server as");
	*uid = nobody->pw_uid;
	return 0;
}

/* Whether a group has that number. What cannot be asked counts as none: its members matter, and it has none.
 */
static bool
is_group(gid_t gid)
{
	char names[NAMES_BYTES];
	struct group entry, *group = NULL;

	return getgrgid_r(gid, &entry, names, sizeof(names), &group) == 0 && group != NULL;
}

/* Who runs the server. 0 or -1. */
static int
choose_user(struct scratch *scratch)
{
	uint32_t random = 0;

	if (geteuid() != 0)
		return 0;
	if (find_nobody(&scratch->user.uid) != 0)
		return -1;
	do {
		if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return error_set(ERR_PROOF, "no random numbers");
		scratch->user.gid = GROUP_FIRST + random % GROUP_COUNT;
	} while (is_group(scratch->user.gid));
	scratch->has_user = true;
	return 0;
}

/* The folders, each for whom it is. */
static int
make_folders(struct scratch *scratch)
{
	const struct process_user *user = &scratch->user;

	scratch->data = file_join(scratch->folder, SCRATCH_DATA);
	if (mkdir(scratch->data, 0700) != 0)
		return error_set_errno(ERR_PROOF, errno, "cannot make '%s'", scratch->data);
	if (!scratch->has_user)
		return 0;
	if (chown(scratch->folder, (uid_t)-1, user->gid) != 0 || chmod(scratch->folder, 0710) != 0 ||
		chown(scratch->data, user->uid, user->gid) != 0 ||
		chown(scratch->socket, user->uid, user->gid) != 0)
		return error_set_errno(ERR_PROOF, errno, "cannot give '%s' to another user", scratch->folder);
	return 0;
}

/* Where the programs are. NULL = in PATH. */
static char *
find_bindir(const struct scratch_options *options)
{
	if (options->pg_bindir != NULL)
		return mem_text(options->pg_bindir);
	char *bindir = mem_format("/usr/lib/postgresql/%d/bin", options->major);
	char *initdb = file_join(bindir, "initdb");
	bool there = file_exists(initdb);
	free(initdb);
	if (there)
		return bindir;
	free(bindir);
	return NULL;
}

/* Runs one of PostgreSQL's programs to its end. argv[0] is its name alone. 0 or -1. */
static int
run_program(const struct scratch *scratch, const char **argv)
{
	static const char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "HOME=/", NULL };
	char *path = scratch->pg_bindir != NULL ? file_join(scratch->pg_bindir, argv[0]) : mem_text(argv[0]);
	const struct process_request request = {
		.argv = argv,
		.env = env,
		.deadline_ms = clock_monotonic_ms() + PROGRAM_MS,
		.user = scratch->has_user ? &scratch->user : NULL,
	};

	argv[0] = path;
	struct process *process = process_start(&request);
	int result = process != NULL ? process_wait(process) : -1;
	process_free(process);
	free(path);
	return result;
}

static int
run_initdb(const struct scratch *scratch, const struct scratch_options *options, const char *locale)
{
	char *words[] = {
		mem_format("--pgdata=%s", scratch->data),
		mem_format("--username=%s", options->superuser),
		mem_format("--encoding=%s", options->encoding != NULL ? options->encoding : "UTF8"),
		mem_format("--locale=%s", locale),
	};
	const char *argv[] = { "initdb", words[0], words[1], words[2], words[3], "--auth=trust", "--no-sync",
		NULL };
	int result = run_program(scratch, argv);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		free(words[i]);
	return result;
}

/* initdb empties a directory that was there when it fails. */
static int
make_cluster(const struct scratch *scratch, const struct scratch_options *options)
{
	if (options->locale != NULL && run_initdb(scratch, options, options->locale) == 0)
		return 0;
	if (error_get()->class == ERR_INTERRUPTED)
		return -1;
	error_clear();
	return run_initdb(scratch, options, "C");
}

/* Appends "name = 'value'" lines to the server's own settings. */
static int
write_settings(const struct scratch *scratch, const struct scratch_options *options)
{
	struct scratch_settings settings;
	struct buf text = BUF_EMPTY;
	char *path = file_join(scratch->data, "postgresql.conf");
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

	scratch_settings_make(options, scratch->socket, &settings);
	buf_append_char(&text, '\n');
	for (size_t i = 0; i < settings.count; i++) {
		const char *value = strchr(settings.items[i], '=') + 1;

		buf_append_format(&text, "%.*s'", (int)(value - settings.items[i]), settings.items[i]);
		for (; *value != '\0'; value++) {
			if (*value == '\'')
				buf_append_char(&text, '\'');
			buf_append_char(&text, *value);
		}
		buf_append_text(&text, "'\n");
	}
	int result = fd >= 0 ? file_write_all(fd, text.bytes, text.len, ERR_PROOF, path)
			     : error_set_errno(ERR_PROOF, errno, "cannot write '%s'", path);
	if (fd >= 0)
		close(fd);
	scratch_settings_clear(&settings);
	buf_clear(&text);
	free(path);
	return result;
}

/* The last of the server's log. The caller frees it. */
static char *
log_end(const struct scratch *scratch)
{
	struct buf text = BUF_EMPTY;
	struct error kept;
	char *path = file_join(scratch->socket, LOG_FILE);

	error_take(&kept);
	if (file_read(path, LOG_BYTES, ERR_PROOF, &text) < 0)
		error_clear();
	if (kept.class != ERR_NONE)
		error_put(&kept);
	char *lines = text_last_lines(buf_text(&text), text.len, LOG_SHOWN_BYTES);
	buf_clear(&text);
	free(path);
	return lines;
}

static int
start_server(const struct scratch *scratch)
{
	char *pgdata = mem_format("--pgdata=%s", scratch->data);
	char *log = mem_format("--log=%s/" LOG_FILE, scratch->socket);
	const char *argv[] = { "pg_ctl", pgdata, log, "--wait", "--timeout=170", "--silent", "start", NULL };
	int result = run_program(scratch, argv);

	if (result != 0 && error_get()->class != ERR_INTERRUPTED) {
		char *said = log_end(scratch);
		if (said[0] != '\0')
			error_set(ERR_PROOF, "the scratch server did not start: %s", said);
		free(said);
	}
	free(log);
	free(pgdata);
	return result;
}

int
scratch_cluster_start(struct scratch *scratch, const struct scratch_options *options)
{
	scratch->pg_bindir = find_bindir(options);
	scratch->describe = mem_format("cluster in %s", scratch->folder);
	scratch->conninfo = scratch_conninfo_make(scratch->socket, options->superuser);
	if (choose_user(scratch) != 0 || make_folders(scratch) != 0)
		return -1;
	if (make_cluster(scratch, options) != 0 || write_settings(scratch, options) != 0) {
		if (scratch->pg_bindir == NULL)
			error_hint("pg-bindir in [scratch] names the folder of initdb and pg_ctl.");
		return -1;
	}
	return start_server(scratch);
}

/* Sends a signal to every process whose working directory that is. Returns how many there are. */
static size_t
signal_all(const char *data, int signal_number)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	size_t count = 0;

	while (processes != NULL && (entry = readdir(processes)) != NULL) {
		uint64_t pid = 0;
		char *link = mem_format("/proc/%s/cwd", entry->d_name);
		char where[PATH_MAX];
		ssize_t len = text_parse_u64(entry->d_name, &pid) == 0
				      ? readlink(link, where, sizeof(where) - 1)
				      : -1;

		free(link);
		if (len < 0)
			continue;
		where[len] = '\0';
		if (strcmp(where, data) != 0)
			continue;
		count++;
		(void)kill((pid_t)pid, signal_number);
	}
	if (processes != NULL)
		closedir(processes);
	return count;
}

/* Asks every time: a server that was just starting may have had no process there a moment ago. */
static bool
end_by(const char *data, int signal_number, uint64_t within_ms)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	uint64_t deadline_ms = clock_monotonic_ms() + within_ms;

	while (signal_all(data, signal_number) > 0) {
		if (clock_monotonic_ms() >= deadline_ms)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* SIGQUIT is the server's way to end at once, and still to give back its shared memory. */
static int
end_server(const char *data)
{
	if (end_by(data, SIGQUIT, END_MS) || end_by(data, SIGKILL, KILL_MS))
		return 0;
	return error_set(ERR_PROOF, "the scratch server in '%s' cannot be ended", data);
}

void
scratch_cluster_end(struct scratch *scratch)
{
	if (scratch->data != NULL && end_server(scratch->data) != 0)
		log_warning("%s", error_get()->message);
}

int
scratch_cluster_end_dead(const char *folder)
{
	char *data = file_join(folder, SCRATCH_DATA);
	int result = end_server(data);

	free(data);
	return result;
}

char *
scratch_cluster_end_cause(const struct scratch *scratch)
{
	if (signal_all(scratch->data, 0) > 0)
		return NULL;
	char *said = log_end(scratch);
	char *cause = mem_format("it has ended%s%s", said[0] != '\0' ? ": " : "", said);
	free(said);
	return cause;
}
