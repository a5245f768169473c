/* [store NAME]: what each kind has, and that it has nothing of another one's. */
#include "config.h"

#include "incant/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "incant/error.h"
#include "incant/mem.h"

#define SOURCE "[source]\nname = app\nkind = postgres\nconninfo = service=app\n"
#define S3     SOURCE "[store spaces]\nkind = s3\n"
#define PLACE  "endpoint = https://nyc3.digitaloceanspaces.com\nbucket = incant-prod\n"

static struct settings *
parse(const char *text)
{
	error_clear();
	return settings_parse(text, strlen(text), "test.conf");
}

static void
assert_refused(const char *text, const char *message, const char *hint)
{
	assert_null(parse(text));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	if (strstr(error_get()->message, message) == NULL)
		fail_msg("'%s' does not say '%s'", error_get()->message, message);
	if (hint != NULL && strstr(error_get()->hint, hint) == NULL)
		fail_msg("'%s' does not say '%s'", error_get()->hint, hint);
}

static void
a_bucket_needs_an_endpoint_and_a_name(void **state)
{
	struct settings *settings = parse(S3 PLACE);

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings->stores[0].kind, STORE_S3);
	assert_string_equal(settings->stores[0].endpoint, "https://nyc3.digitaloceanspaces.com");
	assert_string_equal(settings->stores[0].bucket, "incant-prod");
	assert_null(settings->stores[0].region);
	assert_null(settings->stores[0].prefix);
	assert_null(settings->stores[0].credentials);
	assert_false(settings->stores[0].host_style);
	assert_int_equal(settings->stores[0].rate_limit_bytes, 0);
	assert_int_equal(settings->stores[0].patience_ms, 120000);
	settings_free(settings);
	assert_refused(S3, "[store spaces] with kind = s3 needs 'endpoint'", "https://nyc3");
	assert_refused(S3 "endpoint = https://h\n", "needs 'bucket'", "incant-prod");
}

static void
everything_about_a_bucket_is_read(void **state)
{
	struct settings *settings = parse(S3 PLACE
		"prefix = some/where/\nregion = nyc3\ncredentials = /etc/keys\nca-file = /etc/ca.pem\n"
		"address-style = host\nrate-limit = 20MiB\npatience = 5m\n");
	const struct settings_store *store;

	(void)state;
	assert_non_null(settings);
	store = &settings->stores[0];
	assert_string_equal(store->prefix, "some/where");
	assert_string_equal(store->region, "nyc3");
	assert_string_equal(store->credentials, "/etc/keys");
	assert_string_equal(store->ca_file, "/etc/ca.pem");
	assert_true(store->host_style);
	assert_int_equal(store->rate_limit_bytes, 20 << 20);
	assert_int_equal(store->patience_ms, 300000);
	settings_free(settings);
}

static void
plain_http_is_for_this_machine_only(void **state)
{
	static const char *const good[] = { "http://127.0.0.1:7480", "http://localhost", "http://[::1]:80",
		"http://127.8.9.10/", "https://10.0.0.1:9000" };
	static const char *const bad[] = { "http://nyc3.digitaloceanspaces.com",
		"http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1",
		"ftp://127.0.0.1", "nyc3.digitaloceanspaces.com", "https://", "https:///x",
		"https://host/bucket", "https://me:secret@host", "https://h?x" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *text = mem_format(S3 "bucket = b\nendpoint = %s\n", good[i]);
		struct settings *settings = parse(text);

		if (settings == NULL)
			fail_msg("%s: %s", good[i], error_get()->message);
		settings_free(settings);
		free(text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *text = mem_format(S3 "bucket = b\nendpoint = %s\n", bad[i]);

		assert_refused(text, "is not a value for 'endpoint'", "http:// is for this machine only");
		free(text);
	}
}

static void
values_are_held_to_their_forms(void **state)
{
	(void)state;
	assert_refused(S3 PLACE "prefix = /x\n", "'/x' is not a value for 'prefix'", NULL);
	assert_refused(S3 PLACE "prefix = a/../b\n", "is not a value for 'prefix'", NULL);
	assert_refused(S3 PLACE "prefix = a b\n", "is not a value for 'prefix'", NULL);
	assert_refused(S3 "bucket = a/b\n", "is not a value for 'bucket'", NULL);
	assert_refused(S3 "bucket = ..\n", "is not a value for 'bucket'", NULL);
	assert_refused(S3 PLACE "address-style = both\n", "is not a value for 'address-style'", NULL);
	assert_refused(S3 PLACE "rate-limit = 1KiB\n", "is not a value for 'rate-limit'", NULL);
	assert_refused(S3 PLACE "patience = 0\n", "is not a value for 'patience'", NULL);
	assert_refused(S3 PLACE "credentials = keys\n", "is not a value for 'credentials'", NULL);
}

static void
a_key_of_another_kind_is_refused(void **state)
{
	static const char *const foreign[] = { "endpoint = https://h", "region = r", "bucket = b",
		"prefix = p", "credentials = /c", "ca-file = /c", "address-style = host", "rate-limit = 1MiB",
		"patience = 1m" };

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		char *text =
			mem_format(SOURCE "[store local]\nkind = directory\npath = /p\n%s\n", foreign[i]);

		assert_refused(text, "which is for kind = s3 only", NULL);
		free(text);
	}
	assert_refused(S3 PLACE "path = /p\n",
		"[store spaces] has 'path', which is for kind = directory only", NULL);
	assert_refused(SOURCE "[store local]\nkind = directory\n",
		"[store local] with kind = directory needs 'path'", "/var/backups/incant");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_needs_an_endpoint_and_a_name),
		cmocka_unit_test(everything_about_a_bucket_is_read),
		cmocka_unit_test(plain_http_is_for_this_machine_only),
		cmocka_unit_test(values_are_held_to_their_forms),
		cmocka_unit_test(a_key_of_another_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
