/* The wrapper around every driver: names, rights, and the small conveniences. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "scratch_store.h"

static void
names_are_components_of_letters_digits_and_three_marks(void **state)
{
	static const char *const good[] = { "a", "a/b", "incant/20261122T030000Z/cluster.sql.zst", "A-b_c.d",
		"a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "0", "-", "_", "a..b", "a." };
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "a/../b",
		".a", "a/.b", "a b", "a\tb", "a\nb", "\xc3\xa4", "a\\b", "a:b", "a*", "~",
		"a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!store_name_is_valid(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (store_name_is_valid(bad[i]))
			fail_msg("'%s' was let through", bad[i]);
}

static void
names_have_a_longest_length(void **state)
{
	char component[STORE_COMPONENT_BYTES + 2], name[STORE_NAME_BYTES + 2];

	(void)state;
	memset(component, 'x', sizeof(component));
	component[STORE_COMPONENT_BYTES] = '\0';
	assert_true(store_name_is_valid(component));
	component[STORE_COMPONENT_BYTES] = 'x';
	component[STORE_COMPONENT_BYTES + 1] = '\0';
	assert_false(store_name_is_valid(component));
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 100 == 99 ? '/' : 'x';
	name[STORE_NAME_BYTES] = '\0';
	name[STORE_NAME_BYTES - 1] = 'x';
	assert_true(store_name_is_valid(name));
	name[STORE_NAME_BYTES] = 'x';
	name[STORE_NAME_BYTES + 1] = '\0';
	assert_false(store_name_is_valid(name));
}

static void
no_call_takes_a_bad_name(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE | STORE_DELETE);
	struct input *input = NULL;
	struct store_list list = { NULL, 0, 0 };
	struct store_lock *lock = NULL;
	size_t removed = 0;

	assert_null(store_write(store, "../x"));
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, "'../x'"));
	assert_int_equal(store_put(store, "a/.b", "x", 1), -1);
	assert_int_equal(store_read(store, "/etc/passwd", &input), -1);
	assert_int_equal(store_remove(store, "a/../../b"), -1);
	assert_int_equal(store_lock(store, "..", "test", &lock, NULL), -1);
	assert_int_equal(store_list(store, "../", &list), -1);
	assert_int_equal(store_list(store, "a//", &list), -1);
	assert_int_equal(store_sweep(store, "/", NULL, &removed), -1);
	assert_int_equal(store_sweep(store, "a/.", NULL, &removed), -1);
	store_close(store);
}

static void
a_right_that_was_not_asked_for_is_an_internal_error(void **state)
{
	struct store_lock *lock = NULL;
	size_t removed = 0;

	struct store *store = scratch_open(*state, STORE_WRITE);
	scratch_put(store, "a/b", "text");
	assert_int_equal(store_remove(store, "a/b"), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_listed(store, "", "a/b ");
	store_close(store);

	store = scratch_open(*state, STORE_DELETE);
	assert_null(store_write(store, "a/c"));
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_int_equal(store_put(store, "a/c", "x", 1), -1);
	assert_int_equal(store_remove(store, "a/b"), 0);
	store_close(store);

	store = scratch_open(*state, STORE_READ);
	error_clear();
	assert_int_equal(store_sweep(store, "", NULL, &removed), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_int_equal(store_lock(store, "a", "test", &lock, NULL), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	store_close(store);
}

static void
what_was_put_is_got_behind_what_the_buffer_has(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	struct buf buf = BUF_EMPTY;

	scratch_put(store, "a/one", "first ");
	scratch_put(store, "a/two", "second");
	scratch_put(store, "a/empty", "");
	assert_int_equal(store_get(store, "a/empty", 0, &buf), 0);
	assert_int_equal(buf.len, 0);
	assert_int_equal(store_get(store, "a/one", 6, &buf), 0);
	assert_int_equal(store_get(store, "a/two", 100, &buf), 0);
	assert_int_equal(buf.len, 12);
	assert_string_equal(buf_text(&buf), "first second");
	buf_clear(&buf);
	store_close(store);
}

static void
an_object_above_the_limit_is_damaged(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	struct buf buf = BUF_EMPTY;

	scratch_put(store, "a/b", "123456");
	assert_int_equal(store_get(store, "a/b", 5, &buf), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "a/b in store local"));
	assert_int_equal(buf.len, 0);
	buf_clear(&buf);
	store_close(store);
}

static void
what_is_missing_is_no_error(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE | STORE_DELETE);
	struct input *input = NULL;
	struct buf buf = BUF_EMPTY;

	error_clear();
	scratch_put(store, "a/b", "x");
	assert_int_equal(store_read(store, "a/c", &input), STORE_MISSING);
	assert_int_equal(store_get(store, "b/b", 5, &buf), STORE_MISSING);
	assert_int_equal(store_remove(store, "a/c"), STORE_MISSING);
	assert_int_equal(store_remove(store, "b/b/b"), STORE_MISSING);
	assert_int_equal(error_get()->class, ERR_NONE);
	store_close(store);
}

static void
listings_are_sorted_by_bytes(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);

	scratch_put(store, "s/b", "x");
	scratch_put(store, "s/a/y", "x");
	scratch_put(store, "s/a-b", "x");
	scratch_put(store, "s/B", "x");
	scratch_put(store, "s/a.b", "x");
	assert_listed(store, "", "s/B s/a-b s/a.b s/a/y s/b ");
	store_close(store);
}

static void
inputs_stages_and_locks_outlive_their_store(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	struct input *input = NULL;
	struct store_lock *lock = NULL;
	char text[5] = "";

	scratch_put(store, "a/b", "text");
	assert_int_equal(store_read(store, "a/b", &input), 0);
	struct stage *stage = store_write(store, "a/c");
	assert_non_null(stage);
	assert_int_equal(store_lock(store, "a", "test", &lock, NULL), 0);
	store_close(store);

	assert_string_equal(input->name, "a/b in store local");
	assert_int_equal(input->size_bytes, 4);
	assert_int_equal(input_read(input, 0, text, 4), 0);
	assert_string_equal(text, "text");
	input_free(input);
	assert_int_equal(stage_write(stage, "x", 1), 0);
	assert_int_equal(stage_finish(stage), 0);
	stage_free(stage);
	store_unlock(lock);
	store = scratch_open(*state, STORE_READ);
	assert_listed(store, "", "a/b a/c ");
	store_close(store);
}

static void
closing_nothing_does_nothing(void **state)
{
	(void)state;
	store_close(NULL);
	store_unlock(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_components_of_letters_digits_and_three_marks),
		cmocka_unit_test(names_have_a_longest_length),
		cmocka_unit_test_setup_teardown(no_call_takes_a_bad_name, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_right_that_was_not_asked_for_is_an_internal_error,
			scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_put_is_got_behind_what_the_buffer_has, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			an_object_above_the_limit_is_damaged, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_missing_is_no_error, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			listings_are_sorted_by_bytes, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			inputs_stages_and_locks_outlive_their_store, scratch_set_up, scratch_tear_down),
		cmocka_unit_test(closing_nothing_does_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
