/*
 * The directory driver when a system call fails: each operation is done again and again, and the first, the
 * second, the third … call in it fails, until it passes. After each failure there is nothing to see, nothing
 * that sweep does not take, no descriptor left open, and a message that names path and cause.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "faulty_store.h"

/* What every failure has to be: of the store, with the path and the cause, and a hint where there is no room.
 */
static void
check_failure(const struct scratch *scratch, int cause)
{
	const struct error *error = error_get();

	assert_int_equal(error->class, ERR_STORE);
	assert_non_null(strstr(error->message, scratch->path));
	assert_non_null(strstr(error->message, strerror(cause)));
	assert_int_equal(error->hint[0] != '\0', cause == ENOSPC || cause == EDQUOT);
}

/* Makes the Nth call from now fail. Returns through fired() whether it came to that. */
static void
arm(long countdown, int cause)
{
	error_clear();
	fault.countdown = countdown;
	fault.cause = cause;
}

static bool
fired(void)
{
	bool reached = fault.countdown == 0;

	fault.countdown = 0;
	return reached;
}

static int
put_in_pieces(struct store *store)
{
	struct stage *stage = store_write(store, "s/id/object");
	if (stage == NULL)
		return -1;
	int result = stage_write(stage, "one ", 4);
	if (result == 0)
		result = stage_write(stage, "two", 3);
	if (result == 0)
		result = stage_finish(stage);
	stage_free(stage);
	return result;
}

static int
put_at_once(struct store *store)
{
	return store_put(store, "s/id/object", "one two", 7);
}

/* After a failed write: nothing to see, nothing that sweep does not take. */
static void
check_nothing_is_left(const struct scratch *scratch, struct store *store)
{
	size_t removed = 0;

	assert_listed(store, "", "");
	assert_int_equal(store_sweep(store, "", NULL, &removed), 0);
	assert_int_equal(scratch_count_names(scratch->path), 0);
}

/* After a write that passed, whatever close said about a directory: the object is whole. */
static void
check_the_object_is_whole(struct store *store)
{
	struct buf buf = BUF_EMPTY;

	assert_listed(store, "", "s/id/object ");
	assert_int_equal(store_get(store, "s/id/object", 100, &buf), 0);
	assert_string_equal(buf_text(&buf), "one two");
	buf_clear(&buf);
	assert_int_equal(store_remove(store, "s/id/object"), 0);
}

static void
fail_every_call_of_a_write(const struct scratch *scratch, int (*put)(struct store *store), int cause)
{
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	bool again = true;
	long failed = 0;

	for (long n = 1; again; n++) {
		arm(n, cause);
		int result = put(store);
		again = fired();
		assert_int_equal(scratch_count_descriptors(), before);
		if (result == 0) {
			check_the_object_is_whole(store);
			continue;
		}
		assert_true(again);
		failed++;
		check_failure(scratch, cause);
		check_nothing_is_left(scratch, store);
	}
	/* root, two directories made, the name looked for, a file opened, written, synced, named, … */
	assert_true(failed >= 14);
	store_close(store);
}

static void
a_write_that_fails_at_any_call_leaves_nothing(void **state)
{
	fail_every_call_of_a_write(*state, put_in_pieces, ENOSPC);
	fail_every_call_of_a_write(*state, put_in_pieces, EIO);
	fail_every_call_of_a_write(*state, put_at_once, EDQUOT);
}

static void
a_write_by_rename_that_fails_at_any_call_leaves_nothing(void **state)
{
	fault.no_tmpfile = true;
	fail_every_call_of_a_write(*state, put_in_pieces, ENOSPC);
	fail_every_call_of_a_write(*state, put_in_pieces, EIO);
	fail_every_call_of_a_write(*state, put_at_once, EDQUOT);
}

static void
a_write_by_link_that_fails_at_any_call_leaves_nothing(void **state)
{
	fault.no_tmpfile = true;
	fault.no_rename = true;
	fail_every_call_of_a_write(*state, put_in_pieces, ENOSPC);
	fail_every_call_of_a_write(*state, put_in_pieces, EIO);
	fail_every_call_of_a_write(*state, put_at_once, EDQUOT);
}

static void
a_replacement_that_fails_at_any_call_leaves_the_old_or_the_new_object(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	bool again = true;
	long failed = 0, old = 0;

	for (long n = 1; again; n++) {
		struct buf buf = BUF_EMPTY;
		size_t removed = 0;

		assert_int_equal(store_replace(store, "s/id/object", "old", 3), 0);
		arm(n, ENOSPC);
		int result = store_replace(store, "s/id/object", "newer", 5);
		again = fired();
		assert_int_equal(scratch_count_descriptors(), before);
		if (result != 0) {
			assert_true(again);
			failed++;
			check_failure(scratch, ENOSPC);
		}
		assert_int_equal(store_sweep(store, "s/", NULL, &removed), 0);
		assert_int_equal(scratch_count_names(in_store(scratch, "s/id")), 1);
		assert_int_equal(store_get(store, "s/id/object", 100, &buf), 0);
		bool is_old = strcmp(buf_text(&buf), "old") == 0;
		assert_true(is_old ? result != 0 : strcmp(buf_text(&buf), "newer") == 0);
		old += is_old;
		buf_clear(&buf);
	}
	/* Opened thrice, its mode, written, synced and renamed; then nothing brings the old one back. */
	assert_true(old >= 7 && failed > old);
	store_close(store);
}

static void
a_replacement_whose_hidden_file_is_swept_away_is_written_again(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);

	assert_int_equal(store_replace(store, "s/id/object", "old", 3), 0);
	fault.swept = true;
	if (store_replace(store, "s/id/object", "new", 3) != 0)
		fail_msg("%s", error_get()->message);
	assert_false(fault.swept);
	struct buf buf = BUF_EMPTY;
	assert_int_equal(store_get(store, "s/id/object", 100, &buf), 0);
	assert_string_equal(buf_text(&buf), "new");
	buf_clear(&buf);
	store_close(store);
}

static void
a_removal_that_fails_at_any_call_can_be_repeated(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	bool again = true;
	long failed = 0;

	for (long n = 1; again; n++) {
		assert_int_equal(put_at_once(store), 0);
		arm(n, EIO);
		int result = store_remove(store, "s/id/object");
		again = fired();
		assert_int_equal(scratch_count_descriptors(), before);
		if (result != 0) {
			assert_int_equal(result, -1);
			assert_true(again);
			failed++;
			check_failure(scratch, EIO);
			assert_true(store_remove(store, "s/id/object") >= 0);
		}
		check_nothing_is_left(scratch, store);
	}
	assert_true(failed >= 9);
	store_close(store);
}

static void
a_listing_that_fails_at_any_call_is_empty(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	struct store_list list = { NULL, 0, 0 };
	bool again = true;
	long failed = 0;

	scratch_put(store, "s/one/a", "x");
	scratch_put(store, "s/one/b", "x");
	scratch_put(store, "s/two/a", "x");
	for (long n = 1; again; n++) {
		arm(n, EIO);
		int result = store_list(store, "s/", &list);
		again = fired();
		assert_int_equal(scratch_count_descriptors(), before);
		if (result != 0) {
			assert_true(again);
			failed++;
			check_failure(scratch, EIO);
			assert_int_equal(list.count, 0);
			continue;
		}
		assert_int_equal(list.count, 3);
		store_list_clear(&list);
	}
	assert_true(failed >= 15);
	store_close(store);
}

static void
a_sweep_that_fails_at_any_call_can_be_repeated(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	bool again = true;

	for (long n = 1; again; n++) {
		size_t removed = 0;
		assert_int_equal(put_at_once(store), 0);
		write_file(in_store(scratch, "s/id/.other.partial-1-0"));
		assert_int_equal(mkdir(in_store(scratch, "s/empty"), 0700), 0);
		arm(n, EIO);
		int result = store_sweep(store, "s/", NULL, &removed);
		again = fired();
		assert_int_equal(scratch_count_descriptors(), before);
		if (result != 0) {
			assert_true(again);
			check_failure(scratch, EIO);
			assert_int_equal(store_sweep(store, "s/", NULL, &removed), 0);
		}
		assert_int_equal(removed, 2);
		check_the_object_is_whole(store);
	}
	store_close(store);
}

static void
a_read_that_fails_at_any_call_gives_nothing(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	bool again = true;

	assert_int_equal(put_at_once(store), 0);
	for (long n = 1; again; n++) {
		struct input *input = NULL;
		arm(n, EIO);
		int result = store_read(store, "s/id/object", &input);
		again = fired();
		if (result != 0) {
			assert_true(again);
			assert_null(input);
			check_failure(scratch, EIO);
		}
		input_free(input);
		assert_int_equal(scratch_count_descriptors(), before);
	}
	store_close(store);
}

static void
a_lock_or_an_opening_that_fails_at_any_call_holds_nothing(void **state)
{
	const struct scratch *scratch = *state;
	const struct store_options options = {
		.name = "local", .kind = STORE_DIRECTORY, .path = scratch->path
	};
	size_t before = scratch_count_descriptors();
	bool again = true;

	for (long n = 1; again; n++) {
		struct store_lock *lock = NULL;
		arm(n, EIO);
		struct store *store = store_open(&options, RIGHTS);
		int result = store != NULL ? store_lock(store, "s", "test", &lock, NULL) : -1;
		again = fired();
		if (result != 0) {
			assert_true(again);
			assert_null(lock);
			check_failure(scratch, EIO);
		}
		store_unlock(lock);
		store_close(store);
		assert_int_equal(scratch_count_descriptors(), before);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_set_up, fault_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_write_that_fails_at_any_call_leaves_nothing),
		TEST(a_write_by_rename_that_fails_at_any_call_leaves_nothing),
		TEST(a_write_by_link_that_fails_at_any_call_leaves_nothing),
		TEST(a_replacement_that_fails_at_any_call_leaves_the_old_or_the_new_object),
		TEST(a_replacement_whose_hidden_file_is_swept_away_is_written_again),
		TEST(a_removal_that_fails_at_any_call_can_be_repeated),
		TEST(a_listing_that_fails_at_any_call_is_empty),
		TEST(a_sweep_that_fails_at_any_call_can_be_repeated),
		TEST(a_read_that_fails_at_any_call_gives_nothing),
		TEST(a_lock_or_an_opening_that_fails_at_any_call_holds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
