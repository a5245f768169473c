/* Takes the source's lock, and waits for it by asking again and again: no store can wait on its own. */
#include "config.h"

#include "incant/op_lock.h"

#include <poll.h>
#include <stdlib.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/store.h"
#include "incant/text.h"

#include "op_shelf.h"

#define ASK_EVERY_MS 250

struct op_lock {
	struct store_lock *held;
};

/* Until it is time to ask again. -1 after a signal. */
static int
lock_pause(uint64_t ms)
{
	struct pollfd signal = { .fd = interrupt_fd(), .events = POLLIN };

	(void)poll(&signal, 1, (int)ms);
	return interrupt_check();
}

/* Says once whom this run waits for. */
static void
lock_tell(const char *holder, uint64_t wait_ms, bool *told)
{
	char text[24];

	if (!*told)
		log_info("waiting up to %s for another run (%s)",
			text_format_duration(text, sizeof(text), wait_ms), holder);
	*told = true;
}

static int
lock_fail(const char *source, char *holder)
{
	error_set(ERR_BUSY, "another run holds the lock of source %s (%s)", source, holder);
	error_hint("--wait TIME waits for it.");
	return -1;
}

static int
lock_wait(struct store *store, const char *source, const char *doing, uint64_t wait_ms,
	struct store_lock **held)
{
	uint64_t began_ms = clock_monotonic_ms(), waited_ms = 0;
	bool told = false;

	for (;;) {
		char *holder = NULL;
		int rc = store_lock(store, source, doing, held, &holder);

		if (rc == STORE_BUSY && waited_ms < wait_ms) {
			uint64_t left_ms = wait_ms - waited_ms;

			lock_tell(holder, wait_ms, &told);
			rc = lock_pause(left_ms < ASK_EVERY_MS ? left_ms : ASK_EVERY_MS) == 0 ? STORE_BUSY
											      : -1;
			waited_ms = clock_monotonic_ms() - began_ms;
		} else if (rc == STORE_BUSY) {
			rc = lock_fail(source, holder);
		}
		free(holder);
		if (rc <= 0)
			return rc;
	}
}

int
op_lock_take(const struct settings *settings, const char *doing, uint64_t wait_ms, struct op_lock **lock)
{
	struct store *store = op_store_open(&settings->stores[0], STORE_WRITE);
	struct store_lock *held = NULL;
	int rc = -1;

	if (store != NULL)
		rc = lock_wait(store, settings->source.name, doing, wait_ms, &held);
	store_close(store);
	if (rc != 0)
		return -1;
	*lock = mem_zero(sizeof(**lock));
	(*lock)->held = held;
	return 0;
}

void
op_lock_release(struct op_lock *lock)
{
	if (lock == NULL)
		return;
	store_unlock(lock->held);
	free(lock);
}
