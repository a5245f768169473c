/*
 * Wiping, and what keeps a core dump from being written: the process is not dumpable, which also keeps others
 * of the same user from attaching to it, and its limit for core files is 0, which a core_pattern that names a
 * program does not look at, but a file does. Children start dumpable again, as always after execve(2).
 */
#include "config.h"

#include "incant/secret.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "incant/log.h"

/* Whoever holds secrets, and what is to be put back when nobody does. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t held;
static struct rlimit core_before;
static int dumpable_before;

static void
close_process(void)
{
	struct rlimit core;

	dumpable_before = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	if (getrlimit(RLIMIT_CORE, &core_before) == 0) {
		core = core_before;
		core.rlim_cur = 0;
		if (setrlimit(RLIMIT_CORE, &core) != 0)
			log_verbose("cannot limit core dumps");
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_warning("secrets in memory could come into a core dump");
}

static void
open_process(void)
{
	if (dumpable_before == 1 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
		log_verbose("cannot allow core dumps again");
	if (setrlimit(RLIMIT_CORE, &core_before) != 0)
		log_verbose("cannot put the limit of core dumps back");
}

void
secret_hold(void)
{
	pthread_mutex_lock(&lock);
	if (held++ == 0)
		close_process();
	pthread_mutex_unlock(&lock);
}

void
secret_release(void)
{
	pthread_mutex_lock(&lock);
	if (--held == 0)
		open_process();
	pthread_mutex_unlock(&lock);
}

void
secret_wipe(void *bytes, size_t len)
{
	if (len > 0)
		explicit_bzero(bytes, len);
}

void
secret_clear(struct buf *buf)
{
	secret_wipe(buf->bytes, buf->bytes != NULL ? buf->capacity : 0);
	buf_clear(buf);
}

void
secret_free(char *text)
{
	if (text != NULL)
		secret_wipe(text, strlen(text));
	free(text);
}
