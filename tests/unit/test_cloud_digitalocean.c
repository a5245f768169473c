#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cloud_sample.h"

#define DROPLET_BODY                                                                             \
	"{\"droplet\":{\"id\":7,\"name\":\"web\",\"region\":{\"slug\":\"nyc3\"},\"volume_ids\":" \
	"[\"a\",\"b\"],\"locked\":true}}"

static void
a_token_goes_over_tls_or_to_this_machine(void **state)
{
	static const char *const good[] = { "https://api.digitalocean.com", "http://127.0.0.1:80",
		"http://127.0.0.1/x", "http://localhost:8080", "http://[::1]:80" };
	static const char *const bad[] = { "", "https://", "http://api.digitalocean.com",
		"http://127.0.0.1.evil.net", "http://localhost.evil.net", "http://localhost@evil.net",
		"https://a/", "ftp://localhost", "https://user@host", "http://127.0.0.1:80@evil.net",
		"https://a?x=", "http://localhost#a" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!cloud_api_is_valid(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (cloud_api_is_valid(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void
a_request_carries_the_token_and_the_answer_is_read(void **state)
{
	static const struct fake_exchange dialogue[] = { { .request = "GET /v2/droplets/7 HTTP/1.1\r\n",
		.with = "\r\nAuthorization: Bearer dop_v1_secret\r\n",
		.status = 200,
		.body = DROPLET_BODY } };
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_droplet droplet;

	(void)state;
	assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), 0);
	assert_string_equal(droplet.name, "web");
	assert_string_equal(droplet.region, "nyc3");
	assert_int_equal(droplet.volume_count, 2);
	assert_true(droplet.locked);
	cloud_droplet_clear(&droplet);
	end(cloud);
}

static void
an_answer_about_another_droplet_is_refused(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /v2/droplets/8 ", .status = 200, .body = DROPLET_BODY }
	};
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_droplet droplet;

	(void)state;
	assert_int_equal(cloud_get_droplet(cloud, 8, &droplet), -1);
	assert_error("tells of another one", "");
	cloud_droplet_clear(&droplet);
	end(cloud);
}

static void
each_refusal_is_said_in_words_with_what_to_do(void **state)
{
	static const struct {
		int status;
		const char *body, *message, *hint;
	} cases[] = {
		{ 401, "{\"id\":\"unauthorized\",\"message\":\"Unable to authenticate you\"}",
			"cannot look at the droplet: DigitalOcean does not accept the token (401): Unable to "
			"authenticate you",
			"$DIGITALOCEAN_TOKEN" },
		{ 403, "{\"message\":\"no\"}", "the token may not do that (403): no", "droplet:update" },
		{ 404, "not json", "there is no droplet 7 for this token (404)", "[droplet]" },
		{ 422, "{\"message\":\"odd\"}", "DigitalOcean refused (422): odd", "" },
		{ 301, "", "DigitalOcean refused (301)", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fake_exchange dialogue[] = {
			{ .request = "GET /v2/droplets/7 ", .status = cases[i].status, .body = cases[i].body }
		};
		struct cloud *cloud = begin(dialogue, COUNT(dialogue));
		struct cloud_droplet droplet;

		assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), -1);
		assert_error(cases[i].message, cases[i].hint);
		assert_int_equal(pauses, 0);
		cloud_droplet_clear(&droplet);
		end(cloud);
	}
}

static void
a_token_that_is_sent_back_is_not_shown(void **state)
{
	static const struct fake_exchange dialogue[] = { { .request = "GET /v2/droplets/7 ",
		.status = 400,
		.body = "{\"message\":\"bad dop_v1_secret\"}" } };
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_droplet droplet;

	(void)state;
	assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), -1);
	assert_error("refused (400)", "");
	assert_null(strstr(error_get()->message, "secret"));
	cloud_droplet_clear(&droplet);
	end(cloud);
}

static void
a_failing_server_is_asked_four_times(void **state)
{
	static const struct fake_exchange well[] = {
		{ .request = "GET /v2/droplets/7 ", .status = 503 },
		{ .request = "GET /v2/droplets/7 ", .fault = FAKE_RESET },
		{ .request = "GET /v2/droplets/7 ", .status = 500 },
		{ .request = "GET /v2/droplets/7 ", .status = 200, .body = DROPLET_BODY },
	};
	static const struct fake_exchange badly[] = {
		{ .request = "GET /v2/droplets/7 ", .status = 500 },
		{ .request = "GET /v2/droplets/7 ", .status = 500 },
		{ .request = "GET /v2/droplets/7 ", .status = 500 },
		{ .request = "GET /v2/droplets/7 ", .status = 502, .body = "<html>" },
	};
	struct cloud_droplet droplet;
	struct cloud *cloud = begin(well, COUNT(well));

	(void)state;
	assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), 0);
	assert_int_equal(pauses, 3);
	cloud_droplet_clear(&droplet);
	end(cloud);
	cloud = begin(badly, COUNT(badly));
	assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), -1);
	assert_error("DigitalOcean failed (502)", "status.digitalocean.com");
	cloud_droplet_clear(&droplet);
	end(cloud);
}

static void
a_limit_is_waited_for_as_the_server_says(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /v2/droplets/7 ", .status = 429, .header = "Retry-After: 17\r\n" },
		{ .request = "GET /v2/droplets/7 ", .status = 429 },
		{ .request = "GET /v2/droplets/7 ", .status = 200, .body = DROPLET_BODY },
	};
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_droplet droplet;

	(void)state;
	assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), 0);
	assert_int_equal(pauses, 2);
	assert_true(paused_ms >= 17000 + 1000 && paused_ms < 17000 + 10000);
	cloud_droplet_clear(&droplet);
	end(cloud);
}

static void
a_limit_beyond_the_deadline_is_said_with_its_end(void **state)
{
	static const struct fake_exchange dialogue[] = { { .request = "GET /v2/droplets/7 ",
		.status = 429,
		.header = "ratelimit-reset: 99999999999\r\nretry-after: 3600\r\n",
		.body = "{\"message\":\"API rate limit exceeded.\"}" } };
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_droplet droplet;

	(void)state;
	assert_int_equal(cloud_get_droplet(cloud, 7, &droplet), -1);
	assert_error(
		"too many requests with this token (429): API rate limit exceeded.", "Try again after 2");
	assert_int_equal(pauses, 0);
	cloud_droplet_clear(&droplet);
	end(cloud);
}

static void
the_backup_policy_is_read(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /v2/droplets/7/backups/policy ",
			.status = 200,
			.body = "{\"policy\":{\"droplet_id\":7,\"backup_enabled\":true,\"backup_policy\":{"
				"\"plan\":"
				"\"weekly\",\"weekday\":\"SUN\",\"hour\":20},\"next_backup_window\":{"
				"\"start\":"
				"\"2026-11-29T20:00:00Z\",\"end\":\"2026-11-30T00:00:00Z\"}}}" },
		{ .request = "GET /v2/droplets/7/backups/policy ",
			.status = 200,
			.body = "{\"policy\":{\"droplet_id\":7,\"backup_enabled\":false}}" },
		{ .request = "GET /v2/droplets/7/backups/policy ", .status = 200, .body = "{}" },
	};
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_policy policy;

	(void)state;
	assert_int_equal(cloud_get_policy(cloud, 7, &policy), 0);
	assert_true(policy.enabled);
	assert_string_equal(policy.plan, "weekly");
	assert_string_equal(policy.weekday, "SUN");
	assert_int_equal(policy.hour, 20);
	assert_string_equal(policy.next, "2026-11-29T20:00:00Z");
	cloud_policy_clear(&policy);
	assert_int_equal(cloud_get_policy(cloud, 7, &policy), 0);
	assert_false(policy.enabled);
	assert_null(policy.plan);
	assert_int_equal(policy.hour, -1);
	cloud_policy_clear(&policy);
	assert_int_equal(cloud_get_policy(cloud, 7, &policy), -1);
	cloud_policy_clear(&policy);
	end(cloud);
}

static void
write_token(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
a_token_file_is_private_and_holds_one_word(void **state)
{
	char path[] = "/tmp/incant-token-XXXXXX";
	static const char *const bad[] = { "", "\n", "two words\n", "a\nb\n", "caf\xc3\xa9\n", "a\001b\n" };

	(void)state;
	close(mkstemp(path));
	unsetenv(CLOUD_TOKEN_ENVIRONMENT);
	write_token(path, "  dop_v1_x \r\n", 0600);
	struct cloud *cloud = cloud_new("http://localhost", path);
	assert_non_null(cloud);
	assert_string_equal(cloud->token, "dop_v1_x");
	cloud_free(cloud);
	for (size_t i = 0; i < COUNT(bad); i++) {
		write_token(path, bad[i], 0600);
		assert_null(cloud_new("http://localhost", path));
		assert_int_equal(error_get()->class, ERR_SETTINGS);
		assert_non_null(strstr(error_get()->message, "does not hold a token"));
	}
	write_token(path, "dop_v1_x\n", 0644);
	assert_null(cloud_new("http://localhost", path));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	unlink(path);
	assert_null(cloud_new("http://localhost", path));
	assert_non_null(strstr(error_get()->message, path));
	assert_null(cloud_new("http://localhost", NULL));
	assert_string_equal(error_get()->message, "there is no DigitalOcean token");
}

static void
another_metadata_service_must_be_on_this_machine(void **state)
{
	uint64_t droplet = 0;

	(void)state;
	setenv(CLOUD_METADATA_ENVIRONMENT, "http://192.0.2.1", 1);
	assert_int_equal(cloud_find_droplet(&droplet), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	setenv(CLOUD_METADATA_ENVIRONMENT, "https://127.0.0.1", 1);
	assert_int_equal(cloud_find_droplet(&droplet), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	unsetenv(CLOUD_METADATA_ENVIRONMENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_goes_over_tls_or_to_this_machine),
		cmocka_unit_test(a_request_carries_the_token_and_the_answer_is_read),
		cmocka_unit_test(an_answer_about_another_droplet_is_refused),
		cmocka_unit_test(each_refusal_is_said_in_words_with_what_to_do),
		cmocka_unit_test(a_token_that_is_sent_back_is_not_shown),
		cmocka_unit_test(a_failing_server_is_asked_four_times),
		cmocka_unit_test(a_limit_is_waited_for_as_the_server_says),
		cmocka_unit_test(a_limit_beyond_the_deadline_is_said_with_its_end),
		cmocka_unit_test(the_backup_policy_is_read),
		cmocka_unit_test(a_token_file_is_private_and_holds_one_word),
		cmocka_unit_test(another_metadata_service_must_be_on_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
