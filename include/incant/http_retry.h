/*
 * Whether and when a request that failed is worth another try: exponential back-off with jitter, until
 * patience is at an end.
 *
 *     http_retry_begin(&retry, patience_ms);
 *     do
 *         … send it …
 *     while (it failed in a way that http_retry_is_worth() && http_retry_wait(&retry, &answer) == 0);
 */
#ifndef INCANT_HTTP_RETRY_H
#define INCANT_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/http.h"

struct http_retry {
	uint64_t until_ms; /* on clock_monotonic_ms(): no try begins after it */
	unsigned tries;    /* that failed so far */
	bool heedless;     /* a pending signal does not end the wait */
};

void http_retry_begin(struct http_retry *retry, uint64_t patience_ms);

/*
 * Whether a later try may do better: sent is what http_send() returned. True for failures of the network and
 * for the statuses 408, 425, 429, 500, 502, 503, 504, 522 and 524.
 */
bool http_retry_is_worth(int sent, const struct http_answer *answer);

/*
 * Waits before the next try: longer each time, as long as the answer's Retry-After says at least. 0; or -1,
 * and the current error is left as it is: patience is at an end. A pending signal ends the wait, too, with
 * -1 and ERR_INTERRUPTED.
 */
int http_retry_wait(struct http_retry *retry, const struct http_answer *answer);

/* How long that is: pure, for tests. random is spread over all of its bits; retry_after: the header's text,
 * or NULL. */
uint64_t http_retry_delay_ms(unsigned tries, uint32_t random, const char *retry_after);

#endif
