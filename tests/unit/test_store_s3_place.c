/* Where requests go: the host, a proxy on the way; and keys to go there with. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "incant/input.h"
#include "s3_talk.h"

/* An environment with that proxy for everything, and without. */
static void
set_proxy(const struct fake_http *proxy)
{
	char *url = proxy != NULL ? mem_format("http://127.0.0.1:%u", fake_http_port(proxy)) : NULL;

	if (url != NULL) {
		setenv("http_proxy", url, 1);
		setenv("https_proxy", url, 1);
	} else {
		unsetenv("http_proxy");
		unsetenv("https_proxy");
	}
	unsetenv("no_proxy");
	free(url);
}

/* Reads an object at an endpoint where nobody is, through a proxy that knows that dialogue. What store_read()
 * returns. */
static int
read_through_proxy(const struct fake_exchange *dialogue, size_t count, struct store_options options)
{
	struct fake_http *proxy = fake_http_start_tcp(dialogue, count);
	struct input *input = NULL;

	options.name = "spaces";
	options.kind = STORE_S3;
	options.bucket = "b";
	options.patience_ms = 1;
	setenv("AWS_ACCESS_KEY_ID", "key", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	set_proxy(proxy);
	struct store *store = store_open(&options, STORE_READ);
	assert_non_null(store);
	int rc = store_read(store, "app/x", &input);
	set_proxy(NULL);
	store_close(store);
	assert_string_equal(fake_http_end(proxy), "");
	return rc;
}

static void
a_proxy_of_the_environment_is_asked_for_the_whole_address(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET http://localhost:9/b/app/x ", .status = 404 },
	};

	(void)state;
	assert_int_equal(read_through_proxy(dialogue, COUNT(dialogue),
				 (struct store_options){ .endpoint = "http://localhost:9" }),
		STORE_MISSING);
}

static void
in_host_style_the_bucket_stands_before_the_host(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET http://b.localhost:9/app/x ",
			.with = "Host: b.localhost:9\r\n",
			.status = 404 },
	};

	(void)state;
	assert_int_equal(
		read_through_proxy(dialogue, COUNT(dialogue),
			(struct store_options){ .endpoint = "http://localhost:9", .host_style = true }),
		STORE_MISSING);
}

static void
a_proxy_that_refuses_a_tunnel_is_named(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "CONNECT store.example:443 ", .status = 407 },
	};

	(void)state;
	error_clear();
	assert_int_equal(read_through_proxy(dialogue, COUNT(dialogue),
				 (struct store_options){ .endpoint = "https://store.example" }),
		-1);
	if (strstr(error_get()->message, "407") == NULL || strstr(error_get()->message, "proxy") == NULL)
		fail_msg("'%s' does not tell of the proxy", error_get()->message);
}

static void
a_store_without_keys_says_where_they_are_looked_for(void **state)
{
	const struct store_options options = {
		.name = "spaces", .kind = STORE_S3, .endpoint = "https://h", .bucket = "b"
	};

	(void)state;
	unsetenv("AWS_SECRET_ACCESS_KEY");
	assert_null(store_open(&options, STORE_READ));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_non_null(strstr(error_get()->message, "AWS_SECRET_ACCESS_KEY"));
	assert_non_null(strstr(error_get()->hint, "credentials = "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxy_of_the_environment_is_asked_for_the_whole_address),
		cmocka_unit_test(in_host_style_the_bucket_stands_before_the_host),
		cmocka_unit_test(a_proxy_that_refuses_a_tunnel_is_named),
		cmocka_unit_test(a_store_without_keys_says_where_they_are_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
