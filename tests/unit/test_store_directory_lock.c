/*
 * The directory driver between processes: one writer a source, and what a killed one leaves.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "faulty_store.h"
#include "incant/text.h"

/* Runs in a child: holds the lock, writes half an object, says so, and waits to be killed. */
static void
write_half_and_wait(const struct scratch *scratch, int ready)
{
	const struct store_options options = {
		.name = "local", .kind = STORE_DIRECTORY, .path = scratch->path
	};
	struct store_lock *lock = NULL;

	/* A test that fails must not leave us behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct store *store = store_open(&options, RIGHTS);
	if (store == NULL || store_lock(store, "s", "test", &lock, NULL) != 0)
		_exit(1);
	struct stage *stage = store_write(store, "s/id/object");
	if (stage == NULL || stage_write(stage, "half", 4) != 0 || write(ready, "!", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void
check_that_a_killed_writer_leaves_nothing(const struct scratch *scratch)
{
	struct store *store = scratch_open(scratch, RIGHTS);
	struct store_lock *lock = NULL;
	int ready[2], status = 0;
	char *holder = NULL, byte = 0, expected[64];
	size_t removed = 0;

	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0)
		write_half_and_wait(scratch, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);

	assert_int_equal(store_lock(store, "s", "test", &lock, NULL), STORE_BUSY);
	assert_int_equal(store_lock(store, "s", "test", &lock, &holder), STORE_BUSY);
	snprintf(expected, sizeof(expected), "test, pid %ld on ", (long)child);
	assert_true(text_starts(holder, expected));
	assert_non_null(strstr(holder, " since 2"));
	free(holder);

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_listed(store, "", "");
	assert_int_equal(store_lock(store, "s", "test", &lock, NULL), 0);
	assert_int_equal(store_sweep(store, "s/", NULL, &removed), 0);
	assert_int_equal(removed, fault.no_tmpfile ? 2 : 1);
	assert_int_equal(scratch_count_names(in_store(scratch, "s")), 1);
	store_unlock(lock);
	store_close(store);
}

static void
a_killed_writer_leaves_nothing_and_no_lock(void **state)
{
	check_that_a_killed_writer_leaves_nothing(*state);
}

static void
a_killed_writer_leaves_only_what_sweep_takes_without_tmpfiles(void **state)
{
	fault.no_tmpfile = true;
	check_that_a_killed_writer_leaves_nothing(*state);
}

static void
a_lock_is_one_for_each_source(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	struct store_lock *one = NULL, *again = NULL, *other = NULL;
	char *holder = NULL;

	assert_int_equal(store_lock(store, "one", "test", &one, &holder), 0);
	assert_null(holder);
	assert_int_equal(store_lock(store, "one", "test", &again, &holder), STORE_BUSY);
	assert_non_null(holder);
	assert_int_equal(store_lock(store, "other", "test", &other, NULL), 0);
	store_unlock(one);
	assert_int_equal(store_lock(store, "one", "test", &again, NULL), 0);
	store_unlock(again);
	store_unlock(other);
	free(holder);
	assert_listed(store, "", "");
	store_close(store);
}

static void
a_lock_can_be_taken_where_there_is_no_store_yet(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, STORE_DELETE);
	struct store_lock *lock = NULL;

	assert_int_equal(store_lock(store, "s", "test", &lock, NULL), 0);
	assert_true(file_exists(in_store(scratch, "s/.lock")));
	store_unlock(lock);
	store_close(store);
}

/* Holding is by folder: shared by readers, alone for who removes; gone with the process. */
static void
a_folder_is_held_together_or_alone(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS), *reader = scratch_open(*state, STORE_READ);
	struct store_lock *one = NULL, *two = NULL, *alone = NULL;

	assert_int_equal(store_hold(store, "s/id", false, &one), STORE_MISSING);
	assert_null(one);
	scratch_put(store, "s/id/object", "x");
	assert_int_equal(store_hold(store, "s/id", false, &one), 0);
	assert_int_equal(store_hold(reader, "s/id", false, &two), 0);
	assert_int_equal(store_hold(store, "s/id", true, &alone), STORE_BUSY);
	store_unlock(one);
	assert_int_equal(store_hold(store, "s/id", true, &alone), STORE_BUSY);
	store_unlock(two);
	assert_int_equal(store_hold(store, "s/id", true, &alone), 0);
	assert_non_null(alone);
	assert_int_equal(store_hold(reader, "s/id", false, &one), STORE_BUSY);
	assert_int_equal(store_remove(store, "s/id/object"), 0);
	store_unlock(alone);
	assert_int_equal(store_hold(reader, "s/id", false, &one), STORE_MISSING);
	assert_int_equal(store_hold(reader, "s/id", true, &one), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	store_close(store);
	store_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_set_up, fault_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_folder_is_held_together_or_alone),
		TEST(a_killed_writer_leaves_nothing_and_no_lock),
		TEST(a_killed_writer_leaves_only_what_sweep_takes_without_tmpfiles),
		TEST(a_lock_is_one_for_each_source),
		TEST(a_lock_can_be_taken_where_there_is_no_store_yet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
