/* A bucket with the backups of many hosts: how many requests its catalog costs. The server is scripted, so
 * one request more than expected is a failure. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "../fake/fake_http.h"
#include "incant/json.h"
#include "plain_backup.h"

enum { SOURCES = 50, IDS = 40, KEYS_A_PAGE = 1000, PAGES = SOURCES * IDS * 2 / KEYS_A_PAGE };

#define TAG "0123456789abcdef0123456789abcdef"

/* What the bucket has: pages of its listing, and a pack for each source. */
static struct bucket {
	struct buf pages[PAGES], packs[SOURCES];
	char *headers[SOURCES], *requests[SOURCES];
} bucket;

/* The text of a manifest, in a pack; an entry of the listing for it, and one for its archive. */
static void
bucket_add_backup(size_t source, size_t number, struct json *objects)
{
	char id[64], from[32];
	struct buf text = BUF_EMPTY, *page = &bucket.pages[(source * IDS + number) * 2 / KEYS_A_PAGE];
	struct json *object = json_new_object();
	struct manifest manifest;

	snprintf(id, sizeof(id), "202610%02zuT%02zu0000Z", number / 24 + 1, number % 24);
	snprintf(from, sizeof(from), "web%02zu", source);
	plain_manifest(&manifest, id);
	free(manifest.source);
	manifest.source = mem_text(from);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	manifest_clear(&manifest);
	char *name = catalog_object_name(from, id, MANIFEST_NAME);
	buf_append_format(page,
		"<Contents><Key>%s/%s/cluster.sql.zst</Key><Size>9</Size><ETag>x</ETag></Contents>", from,
		id);
	buf_append_format(page, "<Contents><Key>%s</Key><Size>%zu</Size><ETag>\"" TAG "\"</ETag></Contents>",
		name, text.len);
	json_put_text(object, "name", name);
	json_put_text(object, "tag", TAG);
	json_put_text(object, "text", buf_text(&text));
	json_put(objects, NULL, object);
	free(name);
	buf_clear(&text);
}

static int
bucket_fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGES; i++)
		buf_append_format(&bucket.pages[i],
			i + 1 < PAGES ? "<ListBucketResult><IsTruncated>true</IsTruncated>"
					"<NextContinuationToken>%zu</NextContinuationToken>"
				      : "<ListBucketResult><IsTruncated>false</IsTruncated>",
			i + 1);
	for (size_t source = 0; source < SOURCES; source++) {
		struct json *root = json_new_object(), *objects = json_new_array();

		for (size_t number = 0; number < IDS; number++)
			bucket_add_backup(source, number, objects);
		json_put_u64(root, "format", 1);
		json_put(root, "objects", objects);
		json_write(root, 0, &bucket.packs[source]);
		json_free(root);
		bucket.requests[source] = mem_format("GET /b/web%02zu/catalog.json ", source);
		bucket.headers[source] = mem_format("Content-Range: bytes 0-%zu/%zu\r\n",
			bucket.packs[source].len - 1, bucket.packs[source].len);
	}
	for (size_t i = 0; i < PAGES; i++)
		buf_append_text(&bucket.pages[i], "</ListBucketResult>");
	return 0;
}

static int
bucket_empty(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGES; i++)
		buf_clear(&bucket.pages[i]);
	for (size_t i = 0; i < SOURCES; i++) {
		buf_clear(&bucket.packs[i]);
		free(bucket.headers[i]);
		free(bucket.requests[i]);
	}
	return 0;
}

/* Loads the catalog of all sources from a server that knows that dialogue only. */
static void
bucket_load(const struct fake_exchange *dialogue, size_t count, struct catalog *catalog)
{
	struct fake_http *fake = fake_http_start_tcp(dialogue, count);
	char *endpoint = mem_format("http://127.0.0.1:%u", fake_http_port(fake));
	const struct store_options options = {
		.name = "spaces", .kind = STORE_S3, .endpoint = endpoint, .bucket = "b", .patience_ms = 2000
	};
	struct store *store;

	setenv("AWS_ACCESS_KEY_ID", "key", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	store = store_open(&options, STORE_READ);
	assert_non_null(store);
	if (catalog_load(store, NULL, catalog) != 0)
		fail_msg("%s", error_get()->message);
	store_close(store);
	assert_string_equal(fake_http_end(fake), "");
	free(endpoint);
}

static void
two_thousand_backups_of_fifty_hosts_cost_a_request_a_page_and_one_a_host(void **state)
{
	struct fake_exchange dialogue[PAGES + SOURCES] = { { .request = NULL } };
	struct catalog catalog;

	(void)state;
	for (size_t i = 0; i < PAGES; i++)
		dialogue[i] = (struct fake_exchange){ .request = "GET /b/?",
			.with = i == 0 ? "list-type=2" : "continuation-token=",
			.status = 200,
			.body = bucket.pages[i].bytes,
			.body_len = bucket.pages[i].len };
	for (size_t i = 0; i < SOURCES; i++)
		dialogue[PAGES + i] = (struct fake_exchange){ .request = bucket.requests[i],
			.status = 206,
			.header = bucket.headers[i],
			.body = bucket.packs[i].bytes,
			.body_len = bucket.packs[i].len };
	catalog_init(&catalog);
	bucket_load(dialogue, PAGES + SOURCES, &catalog);
	assert_int_equal(catalog.count, SOURCES * IDS);
	for (size_t i = 0; i < catalog.count; i++)
		assert_false(catalog.entries[i].damaged);
	catalog_clear(&catalog);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			two_thousand_backups_of_fifty_hosts_cost_a_request_a_page_and_one_a_host, bucket_fill,
			bucket_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
