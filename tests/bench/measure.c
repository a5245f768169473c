/*
 * Runs a command and says what it took, its children left out:
 *
 *     measure FILE COMMAND…
 *
 * writes one line into FILE: wall seconds, CPU seconds of the process itself, its peak memory in KiB, bytes
 * that it read by system calls, and its exit status. The CPU time and the bytes are read from /proc while the
 * process has ended and nobody has waited for it yet, since wait4(2) would add its children; the peak of
 * memory is looked at every few milliseconds, for it is gone by then.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_MS 5

static double
now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static FILE *
open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "r");
}

/* The number behind a word in one of the process's files in /proc; 0 where there is none (any more). */
static unsigned long long
proc_number(pid_t pid, const char *name, const char *word)
{
	unsigned long long number = 0;
	char line[256];
	FILE *file = open_proc(pid, name);

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			(void)sscanf(line + strlen(word), "%llu", &number);
	fclose(file);
	return number;
}

/* utime and stime, the 14th and 15th field of /proc/PID/stat: of all its threads, without its children. */
static double
own_cpu_seconds(pid_t pid)
{
	unsigned long user = 0, system = 0;
	FILE *file = open_proc(pid, "stat");
	int found = 0;

	if (file != NULL) {
		found = fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			&user, &system);
		fclose(file);
	}
	return found == 2 ? (double)(user + system) / (double)sysconf(_SC_CLK_TCK) : 0;
}

/* Waits until the process has ended, without reaping it. Returns the most memory that it was seen to have. */
static unsigned long long
watch(pid_t pid)
{
	unsigned long long peak = 0;
	siginfo_t info;

	for (;;) {
		unsigned long long seen = proc_number(pid, "status", "VmHWM:");
		if (seen > peak)
			peak = seen;
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid == pid)
			return peak;
		poll(NULL, 0, LOOK_EVERY_MS);
	}
}

int
main(int argc, char **argv)
{
	int status = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: measure FILE COMMAND...\n");
		return 2;
	}
	double began = now_seconds();
	pid_t pid = fork();
	if (pid < 0) {
		perror("measure: fork");
		return 1;
	}
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	unsigned long long peak = watch(pid);
	double wall = now_seconds() - began;
	double cpu = own_cpu_seconds(pid);
	unsigned long long read_bytes = proc_number(pid, "io", "rchar:");
	waitpid(pid, &status, 0);

	FILE *out = fopen(argv[1], "w");
	if (out == NULL) {
		perror(argv[1]);
		return 1;
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(out, "%.3f %.2f %llu %llu %d\n", wall, cpu, peak, read_bytes, status);
	return fclose(out) != 0 || status != 0;
}
