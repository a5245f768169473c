/* The start of a child process: everything from the request to a running program and our ends of its pipes.
 */
#ifndef INCANT_PROCESS_SPAWN_H
#define INCANT_PROCESS_SPAWN_H

#include <sys/types.h>

#include "incant/process.h"

struct process_child {
	pid_t pid;  /* also the id of its process group */
	int input;  /* our end of its standard input; -1 with PROCESS_STDIN_NULL */
	int output; /* our end of its standard output, and of its standard error; none of the three blocks */
	int errors;
};

/* Starts the program. 0, or -1 with ERR_SOURCE and nothing left running or open. */
int process_spawn(const struct process_request *request, struct process_child *child);

/*
 * The path of a program, looked up as execvp(3) does, but without its fallback: that hands a file which the
 * kernel does not take for a program to a shell. NULL with errno. The caller frees it.
 */
char *process_find_program(const char *name);

/* In a child: signals as a program expects them, whatever we handle or ignore, but for a SIGHUP that nohup(1)
 * ignores. */
void process_reset_signals(void);

#endif
