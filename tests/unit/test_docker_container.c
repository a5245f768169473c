/* Containers of our own, against a scripted engine. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fake/fake_http.h"
#include "incant/docker.h"
#include "incant/error.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PING                                                                                             \
	{                                                                                                \
		.request = "GET /_ping ", .status = 200, .header = "Api-Version: 1.41\r\n", .body = "OK" \
	}

static const char *const words[] = { "/bin/sh", "-c", "x", NULL };
static const struct docker_container_request sample = {
	.name = "one",
	.image = "sha256:1",
	.user = "postgres",
	.argv = words,
	.bind_from = "/here",
	.bind_to = "/there",
	.volume = "/data",
	.memory_bytes = 1024,
	.pids = 7,
};

static void
a_container_is_created_with_as_little_as_can_be(void **state)
{
	static const char *const parts[] = { "\"NetworkMode\":\"none\"", "\"CapDrop\":[\"ALL\"]",
		"\"SecurityOpt\":[\"no-new-privileges\"]", "\"Memory\":1024,\"MemorySwap\":1024",
		"\"PidsLimit\":7", "\"Binds\":[\"/here:/there\"]", "\"Volumes\":{\"/data\":{}}",
		"\"User\":\"postgres\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		const struct fake_exchange dialogue[] = {
			PING,
			{ .request = "POST /v1.41/containers/create?name=one ",
				.with = parts[i],
				.status = 201,
				.body = "{\"Id\":\"c1\"}" },
		};
		struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
		struct docker *docker = docker_open(fake_http_socket(fake));
		char *id = NULL;

		assert_int_equal(docker_container_create(docker, &sample, &id), 0);
		assert_string_equal(id, "c1");
		free(id);
		docker_free(docker);
		assert_string_equal(fake_http_end(fake), "");
	}
}

static void
an_image_that_is_not_there_is_named(void **state)
{
	static const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "POST /v1.41/containers/create",
			.status = 404,
			.body = "{\"message\":\"No such image\"}" },
	};
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct docker *docker = docker_open(fake_http_socket(fake));
	char *id = NULL;

	(void)state;
	assert_int_equal(docker_container_create(docker, &sample, &id), -1);
	assert_null(id);
	assert_string_equal(error_get()->message, "the Docker engine has no image 'sha256:1'");
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
}

static void
removing_what_is_gone_succeeds_and_takes_the_volume_along(void **state)
{
	static const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "DELETE /v1.41/containers/c1?force=1&v=1 ", .status = 204 },
		{ .request = "DELETE /v1.41/containers/c1?force=1&v=1 ",
			.status = 404,
			.body = "{\"message\":\"No such container\"}" },
		{ .request = "DELETE /v1.41/containers/c1?force=1&v=1 ",
			.status = 500,
			.body = "{\"message\":\"busy\"}" },
	};
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct docker *docker = docker_open(fake_http_socket(fake));

	(void)state;
	assert_int_equal(docker_container_remove(docker, "c1"), 0);
	assert_int_equal(docker_container_remove(docker, "c1"), 0);
	assert_int_equal(docker_container_remove(docker, "c1"), -1);
	assert_non_null(strstr(error_get()->message, "busy"));
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
}

static void
the_state_and_the_last_words_are_told(void **state)
{
	static const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "GET /v1.41/containers/c1/json ",
			.status = 200,
			.body = "{\"State\":{\"Running\":false,\"OOMKilled\":true,\"ExitCode\":137}}" },
		{ .request = "GET /v1.41/containers/c1/logs?stdout=1&stderr=1",
			.status = 200,
			.body = "\2\0\0\0\0\0\0\4oh\nm\1\0\0\0\0\0\0\2y\n",
			.body_len = 22 },
	};
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct docker *docker = docker_open(fake_http_socket(fake));
	struct docker_container_state found;

	(void)state;
	assert_int_equal(docker_container_inspect(docker, "c1", &found), 0);
	assert_true(!found.running && found.out_of_memory && found.exit_code == 137);
	char *said = docker_container_said(docker, "c1");
	assert_string_equal(said, "oh; my");
	free(said);
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
}

static void
labelled_containers_are_listed_with_what_the_label_says(void **state)
{
	static const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22l%22%5D%7D ",
			.status = 200,
			.body = "[{\"Id\":\"a\",\"Labels\":{\"l\":\"h:/x\"}},{\"Id\":\"b\",\"Labels\":{}}]" },
	};
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct docker *docker = docker_open(fake_http_socket(fake));
	struct docker_labelled_list list = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(docker_container_list(docker, "l", &list), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].id, "a");
	assert_string_equal(list.items[0].value, "h:/x");
	docker_labelled_clear(&list);
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_is_created_with_as_little_as_can_be),
		cmocka_unit_test(an_image_that_is_not_there_is_named),
		cmocka_unit_test(removing_what_is_gone_succeeds_and_takes_the_volume_along),
		cmocka_unit_test(the_state_and_the_last_words_are_told),
		cmocka_unit_test(labelled_containers_are_listed_with_what_the_label_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
