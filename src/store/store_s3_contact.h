/*
 * Whether an endpoint is there: what this process has seen of it, so that one that is down costs its time
 * once and not at every request. Pure but for the list of endpoints: times are the caller's, on
 * clock_monotonic_ms().
 *
 * An endpoint that has never given an answer that can be used is worth some seconds. When they have passed,
 * or when the network has failed for as long as a request is tried again, it counts as down: for a while
 * every request fails at once, with the error of the one that found it. Then the seconds begin anew.
 */
#ifndef INCANT_STORE_S3_CONTACT_H
#define INCANT_STORE_S3_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/error.h"

#define STORE_S3_FIRST_CONTACT_MS UINT64_C(12000)
#define STORE_S3_DOWN_MS          UINT64_C(60000)

struct store_s3_contact;

/* What is known of an endpoint: the same for all stores of this process that are there. Lasts until its end.
 */
struct store_s3_contact *store_s3_contact_of(const char *url);

/* Whether it has answered, and not gone since. */
bool store_s3_contact_answers(struct store_s3_contact *contact);

/* Whether it is down: then the error is set. */
bool store_s3_contact_is_down(struct store_s3_contact *contact, uint64_t now_ms);

/* An answer has come that can be used. */
void store_s3_contact_answered(struct store_s3_contact *contact);

/* Patience has ended: without any answer (unreached; error is the last one), or with one that asks to come
 * later, which says nothing of an endpoint that has answered others. */
void store_s3_contact_lost(
	struct store_s3_contact *contact, uint64_t now_ms, bool unreached, const struct error *error);

#endif
