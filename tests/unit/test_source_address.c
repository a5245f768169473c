/* Where libpq finds a server in a container, by a scripted engine. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../fake/fake_http.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/source_address.h"

#define INSPECT(rest)                                                                                       \
	{                                                                                                   \
		.request = "GET /v1.41/containers/", .status = 200,                                         \
		.body = "{\"Id\":\"c1\",\"Name\":\"/db\",\"Config\":{\"Image\":\"postgres:15\"},\"State\":" \
			"{\"Status\":\"running\"}," rest "}"                                                \
	}

/* The address of a container that the engine describes so. */
static int
find(const struct fake_exchange *inspect, const char *user, struct source_address *address)
{
	const struct fake_exchange dialogue[] = {
		{ .request = "GET /_ping ", .status = 200, .header = "Api-Version: 1.41\r\n", .body = "OK" },
		*inspect,
		*inspect,
	};
	struct fake_http *fake = fake_http_start(dialogue, 3);
	char *socket = mem_text(fake_http_socket(fake));
	char *role = mem_text(user);
	static char container[] = "db";
	const struct settings settings = {
		.source = { .kind = SETTINGS_DOCKER,
			.docker_socket = socket,
			.container = container,
			.user = role },
	};
	int outcome = source_address_find(&settings, address);
	assert_string_equal(fake_http_end(fake), "");
	free(role);
	free(socket);
	return outcome;
}

static void
a_container_is_reached_at_its_address_on_its_network(void **state)
{
	(void)state;
	const struct fake_exchange inspect =
		INSPECT("\"NetworkSettings\":{\"Networks\":{\"none\":{\"IPAddress\":\"\"},"
			"\"shop\":{\"IPAddress\":\"172.18.0.2\"}}}");
	struct source_address address;
	assert_int_equal(find(&inspect, "in'cant", &address), 0);
	assert_string_equal(address.conninfo, "host=172.18.0.2 port=5432 user='in\\'cant'");
	assert_null(address.password);
	source_address_clear(&address);
}

static void
on_the_hosts_network_it_is_this_machine(void **state)
{
	(void)state;
	const struct fake_exchange inspect =
		INSPECT("\"HostConfig\":{\"NetworkMode\":\"host\"},\"NetworkSettings\":{\"Networks\":{"
			"\"host\":{\"IPAddress\":\"\"}}}");
	struct source_address address;
	assert_int_equal(find(&inspect, "me", &address), 0);
	assert_string_equal(address.conninfo, "host=127.0.0.1 port=5432 user='me'");
	source_address_clear(&address);
}

static void
without_an_address_conninfo_is_asked_for(void **state)
{
	(void)state;
	const struct fake_exchange inspect =
		INSPECT("\"NetworkSettings\":{\"Networks\":{\"none\":{\"IPAddress\":\"\"}}}");
	struct source_address address;
	assert_int_equal(find(&inspect, "me", &address), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_string_equal(error_get()->message, "container 'db' has no address on a network");
	assert_non_null(strstr(error_get()->hint, "conninfo"));
	source_address_clear(&address);
}

static void
the_settings_conninfo_is_taken_as_it_is(void **state)
{
	(void)state;
	static char conninfo[] = "host=/run/postgresql user=me";
	const struct settings settings = { .source = { .kind = SETTINGS_DOCKER, .conninfo = conninfo } };
	struct source_address address;
	assert_int_equal(source_address_find(&settings, &address), 0);
	assert_string_equal(address.conninfo, conninfo);
	source_address_clear(&address);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_is_reached_at_its_address_on_its_network),
		cmocka_unit_test(on_the_hosts_network_it_is_this_machine),
		cmocka_unit_test(without_an_address_conninfo_is_asked_for),
		cmocka_unit_test(the_settings_conninfo_is_taken_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
