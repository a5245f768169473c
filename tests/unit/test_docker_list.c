#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fake/fake_http.h"
#include "incant/docker_list.h"
#include "incant/error.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PING                                                                                             \
	{                                                                                                \
		.request = "GET /_ping ", .status = 200, .header = "Api-Version: 1.41\r\n", .body = "OK" \
	}

/* Asks a peer that gives this answer. The result of docker_list_load(). */
static int
load(int status, const char *body, struct docker_list *list)
{
	const struct fake_exchange dialogue[] = { PING,
		{ .request = "GET /v1.41/containers/json ", .status = status, .body = body } };
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct docker *docker = docker_open(fake_http_socket(fake));

	assert_non_null(docker);
	int rc = docker_list_load(docker, list);
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
	return rc;
}

static void
a_container_of_compose_is_listed_with_ports_and_mounts(void **state)
{
	struct docker_list list;

	(void)state;
	assert_int_equal(
		load(200,
			"[{\"Id\":\"abc\",\"Names\":[\"/shop-db-1\"],\"Image\":\"postgres:15-alpine\","
			"\"Labels\":{\"com.docker.compose.project\":\"shop\",\"com.docker.compose.service\":"
			"\"db\","
			"\"com.docker.compose.project.working_dir\":\"/srv/shop\","
			"\"com.docker.compose.project.config_files\":\"/srv/shop/compose.yml\","
			"\"com.docker.compose.oneoff\":\"True\","
			"\"com.docker.compose.project.environment_file\":\"/srv/shop/.env.prod\"},"
			"\"Ports\":[{\"IP\":\"0.0.0.0\",\"PrivatePort\":5432,\"PublicPort\":5433,\"Type\":"
			"\"tcp\"},"
			"{\"PrivatePort\":99,\"Type\":\"tcp\"}],"
			"\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/srv/shop/data\",\"Destination\":\"/"
			"data\","
			"\"RW\":true},{\"Type\":\"volume\",\"Source\":\"/x\",\"Destination\":\"/"
			"y\",\"RW\":true}]}]",
			&list),
		0);
	assert_int_equal(list.count, 1);
	const struct docker_listed *listed = &list.containers[0];
	assert_string_equal(listed->name, "shop-db-1");
	assert_string_equal(listed->project, "shop");
	assert_string_equal(listed->service, "db");
	assert_string_equal(listed->working_folder, "/srv/shop");
	assert_string_equal(listed->compose_files, "/srv/shop/compose.yml");
	assert_string_equal(listed->env_file, "/srv/shop/.env.prod");
	assert_true(listed->one_off);
	assert_int_equal(listed->port_count, 2);
	assert_string_equal(listed->ports[0].address, "0.0.0.0");
	assert_int_equal(listed->ports[0].public_port, 5433);
	assert_int_equal(listed->ports[0].private_port, 5432);
	assert_int_equal(listed->ports[1].public_port, 0);
	assert_int_equal(listed->mount_count, 2);
	assert_true(listed->mounts[0].bind && listed->mounts[0].writable);
	assert_string_equal(listed->mounts[0].source, "/srv/shop/data");
	assert_false(listed->mounts[1].bind);
	docker_list_clear(&list);
}

static void
members_that_an_engine_leaves_out_are_empty(void **state)
{
	struct docker_list list;

	(void)state;
	assert_int_equal(load(200, "[{\"Id\":\"abc\",\"Ports\":[{\"PublicPort\":70000}]}]", &list), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.containers[0].name, "");
	assert_string_equal(list.containers[0].project, "");
	assert_int_equal(list.containers[0].ports[0].public_port, 0);
	docker_list_clear(&list);
}

static void
no_container_is_an_empty_list(void **state)
{
	struct docker_list list;

	(void)state;
	assert_int_equal(load(200, "[]", &list), 0);
	assert_int_equal(list.count, 0);
	docker_list_clear(&list);
}

static void
an_engine_that_refuses_is_an_error_with_its_words(void **state)
{
	struct docker_list list;

	(void)state;
	assert_int_equal(load(500, "{\"message\":\"out of order\"}", &list), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_non_null(strstr(error_get()->message, "out of order"));
	docker_list_clear(&list);
}

static void
a_variable_of_a_container_is_found_by_its_whole_name(void **state)
{
	const char body[] = "{\"Config\":{\"Env\":[\"POSTGRES_USERS=no\",\"POSTGRES_USER=incant=x\",7]}}";
	const struct fake_exchange dialogue[] = { PING,
		{ .request = "GET /v1.41/containers/abc/json ", .status = 200, .body = body },
		{ .request = "GET /v1.41/containers/abc/json ", .status = 200, .body = body } };
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct docker *docker = docker_open(fake_http_socket(fake));
	char *value = NULL;

	(void)state;
	assert_int_equal(docker_container_variable(docker, "abc", "POSTGRES_USER", &value), 0);
	assert_string_equal(value, "incant=x");
	free(value);
	assert_int_equal(docker_container_variable(docker, "abc", "POSTGRES_DB", &value), 0);
	assert_null(value);
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_of_compose_is_listed_with_ports_and_mounts),
		cmocka_unit_test(members_that_an_engine_leaves_out_are_empty),
		cmocka_unit_test(no_container_is_an_empty_list),
		cmocka_unit_test(a_variable_of_a_container_is_found_by_its_whole_name),
		cmocka_unit_test(an_engine_that_refuses_is_an_error_with_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
