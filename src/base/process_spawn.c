/*
 * fork and exec. Whatever may want memory or a lock, the program's path and its environment, is prepared
 * before the fork: other threads may hold locks at that moment, and the child must do with async-signal-safe
 * calls. A failed exec sends its errno through a pipe that a successful one closes. Signals are blocked over
 * the fork, lest our handlers run in the child and wake the parent through the eventfd that both share.
 */
#include "config.h"

#include "process_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/mem.h"

enum { OUTPUT_PIPE_BYTES = 1024 * 1024 };

/* [0] to read and [1] to write; -1 where there is none. */
struct pipes {
	int input[2];
	int output[2];
	int errors[2];
	int failure[2];
};

/* What the child needs, ready to use. */
struct program {
	char *path;
	char *const *argv;
	char **env;
	const struct process_user *user;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
close_pair(int pair[2])
{
	close_fd(&pair[0]);
	close_fd(&pair[1]);
}

static void
close_pipes(struct pipes *pipes)
{
	close_pair(pipes->input);
	close_pair(pipes->output);
	close_pair(pipes->errors);
	close_pair(pipes->failure);
}

static int
open_input(struct pipes *pipes, const struct process_request *request)
{
	if (request->stdin_kind == PROCESS_STDIN_PIPE)
		return pipe2(pipes->input, O_CLOEXEC);
	pipes->input[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return pipes->input[0] < 0 ? -1 : 0;
}

static int
set_nonblocking(int fd)
{
	return fd < 0 ? 0 : fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* 0, or -1 with errno. */
static int
open_pipes(struct pipes *pipes, const struct process_request *request)
{
	if (open_input(pipes, request) != 0 || pipe2(pipes->output, O_CLOEXEC) != 0 ||
		pipe2(pipes->errors, O_CLOEXEC) != 0 || pipe2(pipes->failure, O_CLOEXEC) != 0)
		return -1;
	if (set_nonblocking(pipes->input[1]) != 0 || set_nonblocking(pipes->output[0]) != 0 ||
		set_nonblocking(pipes->errors[0]) != 0)
		return -1;
	/* Fewer turns for a big dump. Refused beyond the user's share of pipe memory, and that is no matter.
	 */
	(void)fcntl(pipes->output[0], F_SETPIPE_SZ, OUTPUT_PIPE_BYTES);
	return 0;
}

char *
process_find_program(const char *name)
{
	if (strchr(name, '/') != NULL)
		return mem_text(name);

	const char *path = getenv("PATH");
	int cause = ENOENT;
	for (const char *at = path != NULL ? path : "/usr/bin:/bin"; at != NULL;) {
		size_t len = strcspn(at, ":");
		char *candidate =
			len != 0 ? mem_format("%.*s/%s", (int)len, at, name) : mem_format("./%s", name);
		struct stat status;
		if (stat(candidate, &status) == 0 && S_ISREG(status.st_mode)) {
			if (access(candidate, X_OK) == 0)
				return candidate;
			cause = EACCES;
		}
		free(candidate);
		at = at[len] == ':' ? at + len + 1 : NULL;
	}
	errno = cause;
	return NULL;
}

/* Puts "NAME=value" into an environment with room for it, over an entry of the same name. */
static void
put_variable(char **env, size_t *count, const char *entry)
{
	size_t name_len = strcspn(entry, "=") + 1;
	size_t at = 0;

	while (at < *count && strncmp(env[at], entry, name_len) != 0)
		at++;
	if (at == *count)
		++*count;
	env[at] = (char *)(uintptr_t)entry; /* execve(2) takes no const, and changes nothing */
}

/* Our environment, or without ours nothing, with the additions. The entries are borrowed; the caller frees
 * the array. */
static char **
merged_environment(const char *const *additions, bool with_ours)
{
	size_t ours = 0;
	size_t added = 0;

	while (with_ours && environ[ours] != NULL)
		ours++;
	while (additions != NULL && additions[added] != NULL)
		added++;
	char **env = mem_alloc((ours + added + 1) * sizeof(*env));
	if (ours > 0)
		memcpy(env, environ, ours * sizeof(*env));
	for (size_t i = 0; i < added; i++)
		put_variable(env, &ours, additions[i]);
	env[ours] = NULL;
	return env;
}

void
process_reset_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction action;
	sigset_t none;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &action) == 0 &&
			(action.sa_handler != SIG_IGN || signals[i] == SIGPIPE))
			signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Gives up what we are. By system calls alone: the library's setuid() would look for our other threads. 0, or
 * -1 with errno. */
static int
become_user(const struct process_user *user)
{
	if (user == NULL)
		return 0;
	(void)unshare(CLONE_NEWNET); /* a kernel without it leaves the network as it is */
	if (chdir("/") != 0 || syscall(SYS_setgroups, 0, NULL) != 0 ||
		syscall(SYS_setresgid, user->gid, user->gid, user->gid) != 0)
		return -1;
	return (int)syscall(SYS_setresuid, user->uid, user->uid, user->uid);
}

/* In the child. */
static _Noreturn void
become(const struct program *program, const struct pipes *pipes)
{
	setpgid(0, 0);
	process_reset_signals();
	if (become_user(program->user) == 0 && dup2(pipes->input[0], STDIN_FILENO) >= 0 &&
		dup2(pipes->output[1], STDOUT_FILENO) >= 0 && dup2(pipes->errors[1], STDERR_FILENO) >= 0)
		execve(program->path, program->argv, program->env);

	int cause = errno;
	ssize_t ignored = write(pipes->failure[1], &cause, sizeof(cause));
	(void)ignored;
	_exit(127);
}

/* The child's id, or -1 with errno. */
static pid_t
fork_child(const struct program *program, const struct pipes *pipes)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		become(program, pipes);
	int cause = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid > 0)
		setpgid(pid, pid); /* as the child does: whoever is first, the group exists from here on */
	errno = cause;
	return pid;
}

/* Waits for the exec. 0, or its errno; then the child has been reaped. */
static int
exec_result(pid_t pid, struct pipes *pipes)
{
	int cause = 0;
	ssize_t got;

	close_fd(&pipes->failure[1]);
	do
		got = read(pipes->failure[0], &cause, sizeof(cause));
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(cause))
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return cause;
}

/* 0 or the errno of what failed. */
static int
launch(const struct program *program, struct pipes *pipes, pid_t *pid)
{
	*pid = fork_child(program, pipes);
	return *pid < 0 ? errno : exec_result(*pid, pipes);
}

static int
keep(int *fd)
{
	int kept = *fd;
	*fd = -1;
	return kept;
}

int
process_spawn(const struct process_request *request, struct process_child *child)
{
	struct pipes pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	struct program program = {
		.path = process_find_program(request->argv[0]),
		.argv = (char *const *)(uintptr_t)request->argv,
		.user = request->user,
	};
	int cause = program.path == NULL || open_pipes(&pipes, request) != 0 ? errno : 0;

	if (cause == 0) {
		program.env = merged_environment(request->env, request->user == NULL);
		cause = launch(&program, &pipes, &child->pid);
	}
	if (cause == 0) {
		child->input = keep(&pipes.input[1]);
		child->output = keep(&pipes.output[0]);
		child->errors = keep(&pipes.errors[0]);
	} else {
		error_set_errno(ERR_SOURCE, cause, "cannot start '%s'", request->argv[0]);
	}
	close_pipes(&pipes);
	free(program.env);
	free(program.path);
	return cause == 0 ? 0 : -1;
}
