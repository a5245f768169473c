/* The catalog: which backups a store has, finding one, new ids, and what unfinished backups left. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "scratch_store.h"

#define RIGHTS    (STORE_WRITE | STORE_DELETE)
#define SOME_TIME INT64_C(1795316400) /* 2026-11-22 03:00:00 UTC: 20261122T030000Z */

/* The text of a manifest. */
static void
write_manifest(const char *source, const char *id, int64_t created, struct buf *text)
{
	struct manifest manifest;

	manifest_init(&manifest);
	manifest.id = mem_text(id);
	manifest.source = mem_text(source);
	manifest.host = mem_text("web1");
	manifest.program = mem_text("incant-backup 0.1.0");
	manifest.created = created;
	manifest.finished = created + 60;
	manifest.server_version = mem_text("15.18");
	manifest.codec = mem_text("zstd");
	manifest.level = 3;
	manifest_add_object(&manifest, "cluster.sql.zst", 4,
		"982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
	if (manifest_write(&manifest, text) != 0)
		fail_msg("%s", error_get()->message);
	manifest_clear(&manifest);
}

static void
put_object(struct store *store, const char *source, const char *id, const char *name, const char *text)
{
	char *object = catalog_object_name(source, id, name);

	scratch_put(store, object, text);
	free(object);
}

static void
put_backup(struct store *store, const char *source, const char *id, int64_t created)
{
	struct buf text = BUF_EMPTY;

	write_manifest(source, id, created, &text);
	put_object(store, source, id, "cluster.sql.zst", "text");
	put_object(store, source, id, MANIFEST_NAME, buf_text(&text));
	buf_clear(&text);
}

/* A few seconds before SOME_TIME, at it, and after; in an order that is not theirs. */
static void
put_some_backups(struct store *store)
{
	put_backup(store, "incantations", "20261122T030000Z-10", SOME_TIME);
	put_backup(store, "incantations", "20261122T030000Z", SOME_TIME);
	put_backup(store, "incantations", "20261123T030000Z", SOME_TIME + 86400);
	put_backup(store, "incantations", "20261121T030000Z", SOME_TIME - 86400);
	put_backup(store, "incantations", "20261122T030000Z-2", SOME_TIME);
}

static void
load(struct store *store, const char *source, struct catalog *catalog)
{
	catalog_init(catalog);
	if (catalog_load(store, source, catalog) != 0)
		fail_msg("%s", error_get()->message);
}

/* "SOURCE/ID " of every entry, "!" before damaged ones. */
static void
assert_entries(const struct catalog *catalog, const char *expected)
{
	struct buf names = BUF_EMPTY;

	for (size_t i = 0; i < catalog->count; i++)
		buf_append_format(&names, "%s%s/%s ", catalog->entries[i].damaged ? "!" : "",
			catalog->entries[i].source, catalog->entries[i].id);
	assert_string_equal(buf_text(&names), expected);
	buf_clear(&names);
}

static void
assert_found(const struct catalog *catalog, const char *which, int64_t at, const char *id)
{
	const struct catalog_entry *entry = catalog_find(catalog, which, at);

	if (entry == NULL)
		fail_msg("%s", error_get()->message);
	assert_string_equal(entry->id, id);
}

static void
assert_not_found(const struct catalog *catalog, const char *which, int64_t at, const char *message)
{
	error_clear();
	assert_null(catalog_find(catalog, which, at));
	assert_int_equal(error_get()->class, ERR_NOT_FOUND);
	assert_string_equal(error_get()->message, message);
	assert_non_null(strstr(error_get()->hint, "incant-backup list"));
}

static void
ids_have_one_form(void **state)
{
	static const char *const good[] = { "20261122T030000Z", "20261122T030000Z-2", "20261122T030000Z-10",
		"20261122T030000Z-999999999", "20261231T235959Z", "20260101T000000Z-19" };
	static const char *const bad[] = { "", "2", "latest", "20261122T030000", "20261122T030000z",
		"20261122t030000Z", "20261122T030000Z-", "20261122T030000Z-0", "20261122T030000Z-1",
		"20261122T030000Z-02", "20261122T030000Z-2a", "20261122T030000Z-1000000000",
		"20261122T030000Z2", "20261122T030000Z ", "20261322T030000Z", "20260022T030000Z",
		"20261132T030000Z", "20261100T030000Z", "20261122T240000Z", "20261122T036000Z",
		"20261122T030060Z", "2026112 T030000Z", "+0261122T030000Z", "20261122T030000Z--2" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!catalog_is_id(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (catalog_is_id(bad[i]))
			fail_msg("'%s' was let through", bad[i]);
}

static void
ids_are_ordered_by_time_then_by_number(void **state)
{
	static const char *const ascending[] = { "20251231T235959Z", "20261122T030000Z", "20261122T030000Z-2",
		"20261122T030000Z-9", "20261122T030000Z-10", "20261122T030001Z" };
	const size_t count = sizeof(ascending) / sizeof(ascending[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			int order = catalog_compare_ids(ascending[i], ascending[k]);
			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	}
}

static void
backups_are_loaded_newest_first(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct catalog catalog;

	put_some_backups(store);
	put_backup(store, "other", "20261122T030000Z-2", SOME_TIME);
	load(store, "incantations", &catalog);
	assert_entries(&catalog, "incantations/20261123T030000Z incantations/20261122T030000Z-10 "
				 "incantations/20261122T030000Z-2 "
				 "incantations/20261122T030000Z incantations/20261121T030000Z ");
	assert_int_equal(catalog.entries[4].manifest.created, SOME_TIME - 86400);
	assert_int_equal(catalog.entries[4].manifest.objects[0].bytes, 4);
	catalog_clear(&catalog);
	load(store, NULL, &catalog);
	assert_int_equal(catalog.count, 6);
	assert_string_equal(catalog.entries[2].source, "incantations");
	assert_string_equal(catalog.entries[3].source, "other");
	catalog_clear(&catalog);
	load(store, "incant", &catalog);
	assert_int_equal(catalog.count, 0);
	catalog_clear(&catalog);
	store_close(store);
}

static void
only_what_has_a_manifest_in_its_place_is_a_backup(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct catalog catalog;

	put_object(store, "incantations", "20261120T030000Z", "cluster.sql.zst", "unfinished");
	put_object(store, "incantations", "not-an-id", MANIFEST_NAME, "x");
	put_object(store, "incantations", "20261120T030000Z", "sub/" MANIFEST_NAME, "x");
	scratch_put(store, "incantations/" MANIFEST_NAME, "x");
	scratch_put(store, "20261120T030000Z/" MANIFEST_NAME, "x");
	scratch_put(store, MANIFEST_NAME, "x");
	load(store, NULL, &catalog);
	assert_int_equal(catalog.count, 0);
	catalog_clear(&catalog);
	store_close(store);
}

static void
a_damaged_manifest_is_an_entry_that_says_why(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct buf text = BUF_EMPTY;
	struct catalog catalog;

	put_some_backups(store);
	put_object(store, "incantations", "20261124T030000Z", MANIFEST_NAME, "{}");
	write_manifest("incantations", "20261122T030000Z", SOME_TIME, &text);
	put_object(store, "incantations", "20261125T030000Z", MANIFEST_NAME, buf_text(&text));
	buf_reset(&text);
	write_manifest("other", "20261126T030000Z", SOME_TIME, &text);
	put_object(store, "incantations", "20261126T030000Z", MANIFEST_NAME, buf_text(&text));
	error_clear();
	load(store, "incantations", &catalog);
	assert_int_equal(error_get()->class, ERR_NONE);
	assert_entries(&catalog, "!incantations/20261126T030000Z !incantations/20261125T030000Z "
				 "!incantations/20261124T030000Z "
				 "incantations/20261123T030000Z incantations/20261122T030000Z-10 "
				 "incantations/20261122T030000Z-2 "
				 "incantations/20261122T030000Z incantations/20261121T030000Z ");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(catalog.entries[i].error.class, ERR_DAMAGED);
		assert_non_null(strstr(catalog.entries[i].error.message, catalog.entries[i].id));
		assert_non_null(strstr(catalog.entries[i].error.message, "store local"));
	}
	/* The newest whole one is taken, damaged ones only when they are asked for. */
	assert_found(&catalog, NULL, CATALOG_ANY_TIME, "20261123T030000Z");
	assert_found(&catalog, "latest", CATALOG_ANY_TIME, "20261123T030000Z");
	assert_found(&catalog, "20261124", CATALOG_ANY_TIME, "20261124T030000Z");
	assert_found(&catalog, "20261126T030000Z", CATALOG_ANY_TIME, "20261126T030000Z");
	catalog_clear(&catalog);
	buf_clear(&text);
	store_close(store);
}

static void
a_manifest_that_cannot_be_read_hides_no_other_backup(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	struct catalog catalog;

	put_some_backups(store);
	char *path = mem_format("%s/incantations/20261124T030000Z/" MANIFEST_NAME, scratch->path);
	put_object(store, "incantations", "20261124T030000Z", MANIFEST_NAME, "x");
	/* Longer than any manifest. */
	assert_int_equal(truncate(path, (off_t)MANIFEST_LIMIT_BYTES + 1), 0);
	load(store, "incantations", &catalog);
	assert_int_equal(catalog.count, 6);
	assert_true(catalog.entries[0].damaged);
	catalog_clear(&catalog);
	free(path);
	store_close(store);
}

static void
a_backup_is_found_by_id_prefix_word_and_time(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct catalog catalog;

	put_some_backups(store);
	load(store, "incantations", &catalog);
	assert_found(&catalog, "20261122T030000Z", CATALOG_ANY_TIME, "20261122T030000Z");
	assert_found(&catalog, "20261122T030000Z-1", CATALOG_ANY_TIME, "20261122T030000Z-10");
	assert_found(&catalog, "20261121", CATALOG_ANY_TIME, "20261121T030000Z");
	assert_found(&catalog, "latest", CATALOG_ANY_TIME, "20261123T030000Z");
	assert_found(&catalog, NULL, CATALOG_ANY_TIME, "20261123T030000Z");
	assert_found(&catalog, NULL, SOME_TIME + 86400, "20261123T030000Z");
	assert_found(&catalog, NULL, SOME_TIME + 86399, "20261122T030000Z-10");
	assert_found(&catalog, NULL, SOME_TIME, "20261122T030000Z-10");
	assert_found(&catalog, NULL, SOME_TIME - 1, "20261121T030000Z");
	catalog_clear(&catalog);
	store_close(store);
}

static void
what_is_not_found_is_answered_with_what_there_is(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct catalog catalog;

	load(store, "incantations", &catalog);
	assert_not_found(&catalog, NULL, CATALOG_ANY_TIME, "there is no backup yet");
	assert_not_found(&catalog, "2026", CATALOG_ANY_TIME, "there is no backup '2026'");
	catalog_clear(&catalog);

	put_some_backups(store);
	load(store, "incantations", &catalog);
	assert_not_found(&catalog, "20270101", CATALOG_ANY_TIME,
		"there is no backup '20270101'; the newest is 20261123T030000Z, the oldest is "
		"20261121T030000Z");
	assert_not_found(&catalog, "", CATALOG_ANY_TIME,
		"there is no backup ''; the newest is 20261123T030000Z, the oldest is 20261121T030000Z");
	assert_not_found(&catalog, NULL, SOME_TIME - 86401,
		"there is no backup from 2026-11-21T02:59:59Z or before; the oldest is 20261121T030000Z from "
		"2026-11-21T03:00:00Z");
	assert_not_found(&catalog, "20261122", CATALOG_ANY_TIME,
		"'20261122' fits 3 backups: 20261122T030000Z-10, 20261122T030000Z-2, 20261122T030000Z");
	catalog_clear(&catalog);

	put_backup(store, "incantations", "20261120T030000Z", SOME_TIME - 2 * 86400);
	put_backup(store, "other", "20261122T030000Z", SOME_TIME);
	load(store, NULL, &catalog);
	assert_not_found(&catalog, "20", CATALOG_ANY_TIME,
		"'20' fits 7 backups: incantations/20261123T030000Z, incantations/20261122T030000Z-10, "
		"incantations/20261122T030000Z-2, incantations/20261122T030000Z, other/20261122T030000Z and "
		"2 "
		"more");
	assert_not_found(&catalog, "20261122T030000Z", CATALOG_ANY_TIME,
		"'20261122T030000Z' fits 2 backups: incantations/20261122T030000Z, other/20261122T030000Z");
	catalog_clear(&catalog);
	store_close(store);
}

static void
where_all_are_damaged_the_newest_says_why(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct catalog catalog;

	put_object(store, "incantations", "20261124T030000Z", MANIFEST_NAME, "{}");
	load(store, "incantations", &catalog);
	error_clear();
	assert_null(catalog_find(&catalog, NULL, SOME_TIME));
	assert_int_equal(error_get()->class, ERR_NOT_FOUND);
	assert_non_null(strstr(error_get()->message, "that can be used: manifest.json of 20261124T030000Z"));
	catalog_clear(&catalog);
	store_close(store);
}

static void
assert_new_id(struct store *store, const char *expected)
{
	char *id = catalog_new_id(store, "incantations", SOME_TIME);

	assert_non_null(id);
	assert_true(catalog_is_id(id));
	assert_string_equal(id, expected);
	free(id);
}

static void
a_new_id_is_one_that_nothing_has(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);

	assert_new_id(store, "20261122T030000Z");
	put_object(store, "other", "20261122T030000Z", "cluster.sql.zst", "x");
	assert_new_id(store, "20261122T030000Z");
	put_object(store, "incantations", "20261122T030000Z-2", "cluster.sql.zst", "x");
	assert_new_id(store, "20261122T030000Z");
	/* Unfinished ones count too. */
	put_object(store, "incantations", "20261122T030000Z", "cluster.sql.zst", "x");
	assert_new_id(store, "20261122T030000Z-3");
	put_object(store, "incantations", "20261122T030000Z-3", MANIFEST_NAME, "x");
	assert_new_id(store, "20261122T030000Z-4");
	assert_null(catalog_new_id(store, "../incantations", SOME_TIME));
	store_close(store);
}

static bool
begins_with(const void *context, const char *name)
{
	return strncmp(name, context, strlen(context)) == 0;
}

static void
sweep_takes_only_backups_that_have_no_manifest(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	const struct store_awaited awaited = { begins_with, "incantations/20261122T030000Z-2/" };
	size_t removed = 0;

	put_backup(store, "incantations", "20261121T030000Z", SOME_TIME);
	put_object(store, "incantations", "20261122T030000Z", "cluster.sql.zst", "x");
	put_object(store, "incantations", "20261122T030000Z", "contents.json.zst", "x");
	put_object(store, "incantations", "20261122T030000Z", "sub/object", "x");
	put_object(store, "incantations", "20261122T030000Z-2", "cluster.sql.zst", "x");
	put_object(store, "incantations", "20261123T030000Z", "cluster.sql.zst", "x");
	put_object(store, "incantations", "20261123T030000Z", MANIFEST_NAME, "damaged, but there");
	put_object(store, "incantations", "notes", "readme", "x");
	scratch_put(store, "incantations/20261122T030000Z.txt", "x");
	put_object(store, "other", "20261122T030000Z", "cluster.sql.zst", "x");
	assert_int_equal(catalog_sweep(store, "incantations", &awaited, &removed), 0);
	assert_int_equal(removed, 3);
	assert_listed(store, "",
		"incantations/20261121T030000Z/cluster.sql.zst incantations/20261121T030000Z/manifest.json "
		"incantations/20261122T030000Z-2/cluster.sql.zst incantations/20261122T030000Z.txt "
		"incantations/20261123T030000Z/cluster.sql.zst incantations/20261123T030000Z/manifest.json "
		"incantations/notes/readme other/20261122T030000Z/cluster.sql.zst ");
	assert_int_equal(catalog_sweep(store, "incantations", NULL, &removed), 0);
	assert_int_equal(removed, 4);
	store_close(store);
}

static void
sweep_removes_nothing_beside_a_manifest_in_an_odd_form(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t removed = 0;

	/* Somebody has moved the manifest away and put a link in its place: listings do not show it. */
	put_object(store, "incantations", "20261122T030000Z", "cluster.sql.zst", "x");
	char *path = mem_format("%s/incantations/20261122T030000Z/" MANIFEST_NAME, scratch->path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(catalog_sweep(store, "incantations", NULL, &removed), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, path));
	assert_int_equal(removed, 0);
	assert_listed(store, "", "incantations/20261122T030000Z/cluster.sql.zst ");
	free(path);
	store_close(store);
}

static void
sweep_needs_the_right_to_delete(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	size_t removed = 0;

	put_object(store, "incantations", "20261122T030000Z", "cluster.sql.zst", "x");
	assert_int_equal(catalog_sweep(store, "incantations", NULL, &removed), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_have_one_form),
		cmocka_unit_test(ids_are_ordered_by_time_then_by_number),
		TEST(backups_are_loaded_newest_first),
		TEST(only_what_has_a_manifest_in_its_place_is_a_backup),
		TEST(a_damaged_manifest_is_an_entry_that_says_why),
		TEST(a_manifest_that_cannot_be_read_hides_no_other_backup),
		TEST(a_backup_is_found_by_id_prefix_word_and_time),
		TEST(what_is_not_found_is_answered_with_what_there_is),
		TEST(where_all_are_damaged_the_newest_says_why),
		TEST(a_new_id_is_one_that_nothing_has),
		TEST(sweep_takes_only_backups_that_have_no_manifest),
		TEST(sweep_removes_nothing_beside_a_manifest_in_an_odd_form),
		TEST(sweep_needs_the_right_to_delete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
