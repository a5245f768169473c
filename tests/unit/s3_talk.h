/*
 * A conversation of the S3 driver with a scripted server. Include it behind cmocka.
 */
#ifndef TESTS_S3_TALK_H
#define TESTS_S3_TALK_H

#include <stdlib.h>

#include "../fake/fake_http.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A conversation with a store of that dialogue. */
struct talk {
	struct fake_http *fake;
	struct store *store;
};

/* As that, with more to say of the store. */
static inline struct talk
talk_begin_with(const struct fake_exchange *dialogue, size_t count, struct store_options options)
{
	struct talk talk = { .fake = fake_http_start_tcp(dialogue, count) };
	char *endpoint = mem_format("http://127.0.0.1:%u", fake_http_port(talk.fake));

	options.name = "spaces";
	options.kind = STORE_S3;
	options.endpoint = endpoint;
	options.bucket = "b";
	options.prefix = "pre";
	options.patience_ms = options.patience_ms != 0 ? options.patience_ms : 2000;
	setenv("AWS_ACCESS_KEY_ID", "key", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	error_clear();
	talk.store = store_open(&options, STORE_WRITE | STORE_DELETE);
	if (talk.store == NULL)
		fail_msg("%s", error_get()->message);
	free(endpoint);
	return talk;
}

static inline struct talk
talk_begin(const struct fake_exchange *dialogue, size_t count)
{
	return talk_begin_with(dialogue, count, (struct store_options){ .name = NULL });
}

static inline void
talk_end(struct talk *talk)
{
	store_close(talk->store);
	assert_string_equal(fake_http_end(talk->fake), "");
}

#endif
