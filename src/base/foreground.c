/*
 * The program is forked, and waited for with waitid(2), which leaves it unreaped until the handler of signals
 * has forgotten its id: no signal can go to a stranger. What the kernel sent for the terminal has si_code
 * SI_KERNEL and went to the whole group; only what a process sent is passed on.
 */
#include "config.h"

#include "incant/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "process_spawn.h"

static const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
#define PASSED (sizeof(passed) / sizeof(passed[0]))

static atomic_int running; /* its id; 0 = none */

static void
pass_on(int signal_number, siginfo_t *info, void *context)
{
	int saved_errno = errno;
	pid_t pid = atomic_load(&running);

	(void)context;
	if (pid > 0 && info->si_code != SI_KERNEL)
		kill(pid, signal_number);
	errno = saved_errno;
}

/* Takes the signals for the program, and keeps what was done with them. A SIGHUP that nohup(1) ignores stays
 * so. */
static void
take_signals(struct sigaction before[PASSED])
{
	struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < PASSED; i++) {
		sigaction(passed[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(passed[i], &action, NULL);
	}
}

static void
give_signals_back(const struct sigaction before[PASSED])
{
	for (size_t i = 0; i < PASSED; i++)
		sigaction(passed[i], &before[i], NULL);
}

int
foreground_check(const char *name)
{
	char *path = process_find_program(name);
	int cause = errno;

	if (path == NULL)
		return error_set_errno(ERR_USAGE, cause, "cannot run '%s'", name);
	bool there = access(path, X_OK) == 0;
	cause = errno;
	free(path);
	return there ? 0 : error_set_errno(ERR_USAGE, cause, "cannot run '%s'", name);
}

/* In the child. */
static _Noreturn void
become(const char *path, const char *const *argv, bool output_aside, int failure)
{
	for (size_t i = 0; i < PASSED; i++) {
		struct sigaction action;
		if (sigaction(passed[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			signal(passed[i], SIG_DFL);
	}
	process_reset_signals();
	if (!output_aside || dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execve(path, (char *const *)(uintptr_t)argv, environ);
	int cause = errno;
	ssize_t ignored = write(failure, &cause, sizeof(cause));
	(void)ignored;
	_exit(127);
}

/* Starts it. 0, or the errno of what failed; then nothing is left of it. */
static int
start(const char *path, const char *const *argv, bool output_aside)
{
	int failure[2], cause = 0;
	sigset_t all, before;

	if (pipe2(failure, O_CLOEXEC) != 0)
		return errno;
	/* Our handlers must not run in the child, nor here before the child's id is known to them. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		become(path, argv, output_aside, failure[1]);
	cause = pid < 0 ? errno : 0;
	atomic_store(&running, pid < 0 ? 0 : pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(failure[1]);
	if (cause == 0 && read(failure[0], &cause, sizeof(cause)) == (ssize_t)sizeof(cause)) {
		atomic_store(&running, 0);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	close(failure[0]);
	return cause;
}

/* Waits for the end. */
static void
wait_for_end(struct foreground_end *end)
{
	pid_t pid = atomic_load(&running);
	siginfo_t info;
	int status = 0;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
		continue;
	atomic_store(&running, 0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	end->exit_code = end->signal != 0 ? 128 + end->signal : WEXITSTATUS(status);
}

int
foreground_run(const char *const *argv, bool output_aside, struct foreground_end *end)
{
	struct sigaction before[PASSED];
	char *path = process_find_program(argv[0]);
	int cause = path == NULL ? errno : 0;
	uint64_t began_ms = clock_monotonic_ms();

	*end = (struct foreground_end){ .exit_code = 0 };
	if (cause == 0) {
		take_signals(before);
		cause = start(path, argv, output_aside);
		if (cause == 0)
			wait_for_end(end);
		give_signals_back(before);
	}
	end->ms = clock_monotonic_ms() - began_ms;
	free(path);
	return cause == 0 ? 0 : error_set_errno(ERR_USAGE, cause, "cannot run '%s'", argv[0]);
}
