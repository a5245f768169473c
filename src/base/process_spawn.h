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

#endif
