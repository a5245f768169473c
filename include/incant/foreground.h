/*
 * Another program in the foreground: it has this process's own terminal, input and output, environment and
 * process group, and nothing of what it reads or writes is touched. This process waits.
 *
 * Meanwhile signals are the program's: what the terminal sends reaches both, since they are one group, and
 * what somebody sends to this process alone (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2) is passed
 * on. None of it counts as an interrupt (interrupt.h) of ours.
 */
#ifndef INCANT_FOREGROUND_H
#define INCANT_FOREGROUND_H

#include <stdbool.h>
#include <stdint.h>

struct foreground_end {
	int exit_code; /* 128 + signal where one ended it */
	int signal;    /* 0 = it exited */
	uint64_t ms;
};

/* Whether the program is there: in PATH, where its name has no slash. 0, or -1 with ERR_USAGE. */
int foreground_check(const char *name);

/*
 * Runs it to its end. output_aside: its standard output goes to our standard error. Call it while there is
 * one thread. 0 with *end, whatever that is; -1 with ERR_USAGE when it could not be started.
 */
int foreground_run(const char *const *argv, bool output_aside, struct foreground_end *end);

#endif
