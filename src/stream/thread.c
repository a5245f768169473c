/* Starting a thread with all signals blocked. A new thread inherits the mask, hence the detour by our own. */
#include "config.h"

#include "incant/thread.h"

#include <signal.h>

#include "incant/error.h"

int
thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument)
{
	sigset_t all, before;
	int errno_value;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno_value = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (errno_value != 0)
		return error_set_errno(ERR_INTERNAL, errno_value, "cannot start a thread");
	return 0;
}
