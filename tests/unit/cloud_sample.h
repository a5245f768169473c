/* A cloud whose peer is a dialogue and whose pauses are only counted. Include it behind cmocka. */
#ifndef INCANT_TESTS_CLOUD_SAMPLE_H
#define INCANT_TESTS_CLOUD_SAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "../../src/outside/cloud_digitalocean_inside.h"
#include "../fake/fake_http.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fake_http *cloud_peer;
static uint64_t paused_ms;
static unsigned pauses;

static inline int
note_pause(uint64_t ms)
{
	paused_ms += ms;
	pauses++;
	return 0;
}

/* A cloud whose peer says what `dialogue` holds, and that never really waits. */
static inline struct cloud *
begin(const struct fake_exchange *dialogue, size_t count)
{
	error_clear();
	paused_ms = 0;
	pauses = 0;
	setenv(CLOUD_TOKEN_ENVIRONMENT, "dop_v1_secret", 1);
	struct cloud *cloud = cloud_new("http://localhost", NULL);
	assert_non_null(cloud);
	cloud_peer = fake_http_start(dialogue, count);
	http_free(cloud->http);
	cloud->http = http_new(fake_http_socket(cloud_peer), ERR_CLOUD);
	cloud->pause = note_pause;
	return cloud;
}

static inline void
end(struct cloud *cloud)
{
	cloud_free(cloud);
	assert_string_equal(fake_http_end(cloud_peer), "");
	log_reset();
}

static inline void
assert_error(const char *part, const char *hint_part)
{
	assert_int_equal(error_get()->class, ERR_CLOUD);
	if (strstr(error_get()->message, part) == NULL)
		fail_msg("no '%s' in '%s'", part, error_get()->message);
	if (strstr(error_get()->hint, hint_part) == NULL)
		fail_msg("no '%s' in '%s'", hint_part, error_get()->hint);
}

#endif
