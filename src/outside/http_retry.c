/*
 * Back-off between tries. The delay doubles from a quarter of a second to a quarter of a minute, and half of
 * it is left to chance, so that many clients that failed together do not come back together.
 */
#include "config.h"

#include "incant/http_retry.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/text.h"

enum { DELAY_FIRST_MS = 250, DELAY_MOST_MS = 15 * 1000, RETRY_AFTER_MOST_S = 120 };

void
http_retry_begin(struct http_retry *retry, uint64_t patience_ms)
{
	*retry = (struct http_retry){ .until_ms = clock_monotonic_ms() + patience_ms };
}

bool
http_retry_is_worth(int sent, const struct http_answer *answer)
{
	static const int statuses[] = { 408, 425, 429, 500, 502, 503, 504, 522, 524 };

	if (sent != 0)
		return answer->transient;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (answer->status == statuses[i])
			return true;
	return false;
}

uint64_t
http_retry_delay_ms(unsigned tries, uint32_t random, const char *retry_after)
{
	uint64_t delay_ms = DELAY_FIRST_MS, asked_s = 0;

	for (unsigned i = 1; i < tries && delay_ms < DELAY_MOST_MS; i++)
		delay_ms *= 2;
	if (delay_ms > DELAY_MOST_MS)
		delay_ms = DELAY_MOST_MS;
	delay_ms = delay_ms / 2 + (delay_ms / 2 * (random >> 16) >> 16);
	if (retry_after != NULL && text_parse_u64(retry_after, &asked_s) == 0) {
		if (asked_s > RETRY_AFTER_MOST_S)
			asked_s = RETRY_AFTER_MOST_S;
		if (delay_ms < asked_s * 1000)
			delay_ms = asked_s * 1000;
	}
	return delay_ms;
}

/* Waits for time to pass, or a signal. 0, or -1 with ERR_INTERRUPTED. */
static int
wait_until(uint64_t at_ms, bool heedless)
{
	for (;;) {
		uint64_t now_ms = clock_monotonic_ms();
		struct pollfd wait_for_signal = { .fd = heedless ? -1 : interrupt_fd(), .events = POLLIN };

		if (!heedless && interrupt_check() != 0)
			return -1;
		if (now_ms >= at_ms)
			return 0;
		(void)poll(&wait_for_signal, 1, at_ms - now_ms < 500 ? (int)(at_ms - now_ms) : 500);
	}
}

int
http_retry_wait(struct http_retry *retry, const struct http_answer *answer)
{
	uint32_t random = 0;
	uint64_t at_ms;

	retry->tries++;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint32_t)clock_monotonic_ms() * 2654435761U;
	at_ms = clock_monotonic_ms() +
		http_retry_delay_ms(retry->tries, random, http_answer_header(answer, "retry-after"));
	if (at_ms > retry->until_ms)
		return -1;
	return wait_until(at_ms, retry->heedless);
}
