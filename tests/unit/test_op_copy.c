/* A copy of a backup in another store is whole or not there, and a second try goes on where the first one
 * stopped. */
#include "config.h"

#include "../../src/op/op_copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_backup.h"

/* A backup in one store, and an empty one beside it. */
struct pair {
	const struct scratch *scratch;
	struct scratch other;
	struct store *from, *to;
	struct catalog catalog;
};

static void
pair_open(struct pair *pair, void **state)
{
	pair->scratch = *state;
	pair->other = (struct scratch){ .root = NULL, .path = file_join(pair->scratch->root, "other") };
	made_backup(pair->scratch, FRAME_ZSTD);
	pair->from = scratch_open(pair->scratch, STORE_READ);
	pair->to = scratch_open(&pair->other, STORE_WRITE);
	catalog_init(&pair->catalog);
	assert_int_equal(catalog_load(pair->from, MADE_SOURCE, &pair->catalog), 0);
	assert_int_equal(pair->catalog.count, 1);
}

static void
pair_close(struct pair *pair)
{
	catalog_clear(&pair->catalog);
	store_close(pair->from);
	store_close(pair->to);
	free(pair->other.path);
}

static int
copy(struct pair *pair)
{
	static const struct settings_store plain = { .kind = STORE_DIRECTORY };
	const struct op_copy copying = {
		.from_place = &plain,
		.to_place = &plain,
		.from = pair->from,
		.to = pair->to,
		.manifest = &pair->catalog.entries[0].manifest,
	};

	error_clear();
	return op_copy_backup(&copying);
}

static void
assert_same_objects(struct pair *pair)
{
	static const char *const objects[] = { "cluster.sql.zst", "contents.json.zst", "SHA256SUMS",
		"manifest.json" };

	for (size_t i = 0; i < 4; i++) {
		struct buf one = BUF_EMPTY, other = BUF_EMPTY;
		char *name = catalog_object_name(MADE_SOURCE, MADE_ID, objects[i]);

		assert_int_equal(store_get(pair->from, name, 1 << 20, &one), 0);
		assert_int_equal(store_get(pair->to, name, 1 << 20, &other), 0);
		assert_int_equal(one.len, other.len);
		assert_memory_equal(one.bytes, other.bytes, one.len);
		buf_clear(&one);
		buf_clear(&other);
		free(name);
	}
}

static void
a_copy_is_the_same_to_the_byte_and_twice_is_once(void **state)
{
	struct pair pair;

	pair_open(&pair, state);
	assert_int_equal(copy(&pair), 0);
	assert_same_objects(&pair);
	assert_int_equal(copy(&pair), 0);
	assert_same_objects(&pair);
	pair_close(&pair);
}

static void
a_damaged_object_is_not_copied_and_no_manifest_either(void **state)
{
	struct pair pair;
	char *path;
	int fd;

	pair_open(&pair, state);
	path = made_path(pair.scratch->path, "cluster.sql.zst");
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, 20), 1);
	close(fd);
	assert_int_equal(copy(&pair), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "cluster.sql.zst"));
	assert_listed(pair.to, "", "");
	free(path);
	pair_close(&pair);
}

static void
a_copy_that_stopped_goes_on(void **state)
{
	struct pair pair;
	char *path, *aside;

	pair_open(&pair, state);
	path = made_path(pair.scratch->path, "contents.json.zst");
	aside = file_join(pair.scratch->root, "aside");
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(copy(&pair), -1);
	assert_listed(pair.to, "", MADE_SOURCE "/" MADE_ID "/cluster.sql.zst ");
	assert_int_equal(rename(aside, path), 0);
	assert_int_equal(copy(&pair), 0);
	assert_same_objects(&pair);
	free(path);
	free(aside);
	pair_close(&pair);
}

static void
what_is_there_with_another_size_is_refused_by_name(void **state)
{
	struct pair pair;
	char *name = catalog_object_name(MADE_SOURCE, MADE_ID, "contents.json.zst");

	pair_open(&pair, state);
	assert_int_equal(store_put(pair.to, name, "short", 5), 0);
	assert_int_equal(copy(&pair), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "contents.json.zst"));
	assert_non_null(strstr(error_get()->message, "has 5 bytes"));
	free(name);
	pair_close(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_copy_is_the_same_to_the_byte_and_twice_is_once, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_object_is_not_copied_and_no_manifest_either,
			scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			a_copy_that_stopped_goes_on, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_there_with_another_size_is_refused_by_name,
			scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
