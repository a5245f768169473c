/*
 * The directory driver: what is visible when, who may see it, where it cannot be led, and what a killed
 * writer leaves. What its failing system calls leave is in test_store_directory_faults.c.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "faulty_store.h"
#include "incant/text.h"

static unsigned
mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode & 07777U;
}

static void
nobody_sees_an_object_before_its_finish(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);

	struct stage *stage = store_write(store, "s/id/object");
	assert_non_null(stage);
	assert_int_equal(stage_write(stage, "text", 4), 0);
	assert_listed(store, "", "");
	assert_int_equal(stage_finish(stage), 0);
	assert_listed(store, "", "s/id/object ");
	stage_free(stage);
	assert_listed(store, "", "s/id/object ");
	assert_int_equal(scratch_count_names(in_store(*state, "s/id")), 1);
	store_close(store);
}

static void
check_that_a_freed_stage_leaves_nothing(const struct scratch *scratch)
{
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t removed = 0, before = scratch_count_descriptors();

	struct stage *stage = store_write(store, "s/id/object");
	assert_int_equal(stage_write(stage, "text", 4), 0);
	stage_free(stage);
	assert_listed(store, "", "");
	assert_int_equal(scratch_count_names(in_store(scratch, "s/id")), 0);
	assert_int_equal(scratch_count_descriptors(), before);
	assert_int_equal(store_sweep(store, "s/", NULL, &removed), 0);
	assert_int_equal(removed, 1);
	assert_int_equal(scratch_count_names(in_store(scratch, "s")), 0);
	store_close(store);
}

static void
a_stage_freed_without_finish_leaves_nothing(void **state)
{
	check_that_a_freed_stage_leaves_nothing(*state);
}

static void
a_stage_freed_without_finish_leaves_nothing_without_tmpfiles(void **state)
{
	fault.no_tmpfile = true;
	check_that_a_freed_stage_leaves_nothing(*state);
}

/* One that is there at the beginning, and one that comes meanwhile. */
static void
check_that_nothing_is_written_over(const struct scratch *scratch)
{
	struct store *store = scratch_open(scratch, RIGHTS);
	struct buf buf = BUF_EMPTY;

	scratch_put(store, "s/object", "first");
	assert_null(store_write(store, "s/object"));
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, "s/object' exists already"));

	struct stage *stage = store_write(store, "s/other");
	assert_int_equal(stage_write(stage, "second", 6), 0);
	scratch_put(store, "s/other", "faster");
	assert_int_equal(stage_finish(stage), -1);
	assert_non_null(strstr(error_get()->message, "s/other' exists already"));
	stage_free(stage);
	assert_int_equal(store_get(store, "s/object", 100, &buf), 0);
	assert_int_equal(store_get(store, "s/other", 100, &buf), 0);
	assert_string_equal(buf_text(&buf), "firstfaster");
	assert_int_equal(scratch_count_names(in_store(scratch, "s")), 2);
	buf_clear(&buf);
	store_close(store);
}

static void
an_existing_name_is_never_written_over(void **state)
{
	check_that_nothing_is_written_over(*state);
}

static void
an_existing_name_is_never_written_over_by_rename(void **state)
{
	fault.no_tmpfile = true;
	check_that_nothing_is_written_over(*state);
}

static void
an_existing_name_is_never_written_over_by_link(void **state)
{
	fault.no_tmpfile = true;
	fault.no_rename = true;
	check_that_nothing_is_written_over(*state);
}

static void
check_modes(const struct scratch *scratch, mode_t mask)
{
	mode_t before = umask(mask);
	struct store *store = scratch_open(scratch, RIGHTS);
	struct store_lock *lock = NULL;

	scratch_put(store, "s/id/object", "text");
	assert_int_equal(store_lock(store, "s", "test", &lock, NULL), 0);
	umask(before);
	assert_int_equal(mode_of(scratch->path), 0700);
	assert_int_equal(mode_of(in_store(scratch, "s")), 0700);
	assert_int_equal(mode_of(in_store(scratch, "s/id")), 0700);
	assert_int_equal(mode_of(in_store(scratch, "s/id/object")), 0600);
	assert_int_equal(mode_of(in_store(scratch, "s/.lock")), 0600);
	store_unlock(lock);
	assert_int_equal(store_remove(store, "s/id/object"), 0);
	store_close(store);
}

static void
everything_is_private_whatever_the_umask(void **state)
{
	check_modes(*state, 0);
	check_modes(*state, 0777);
	fault.no_tmpfile = true;
	check_modes(*state, 0);
	check_modes(*state, 0777);
}

static void
what_is_written_or_removed_is_synced(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);

	/* The file and its directory, and the two directories that got a new one. */
	scratch_put(store, "s/id/one", "x");
	assert_int_equal(fault.syncs, 4);
	scratch_put(store, "s/id/two", "x");
	assert_int_equal(fault.syncs, 4 + 2);
	assert_int_equal(store_remove(store, "s/id/one"), 0);
	assert_int_equal(fault.syncs, 4 + 2 + 1);
	assert_int_equal(store_remove(store, "s/id/two"), 0);
	assert_int_equal(fault.syncs, 4 + 2 + 1 + 3);
	store_close(store);
}

static void
a_writer_makes_the_store_and_its_parents(void **state)
{
	const struct scratch *scratch = *state;
	char *path = file_join(scratch->root, "one/two/three//");
	const struct store_options options = { .name = "local", .kind = STORE_DIRECTORY, .path = path };

	mode_t before = umask(0777);
	struct store *store = store_open(&options, STORE_WRITE);
	umask(before);
	assert_non_null(store);
	store_close(store);
	free(path);
	for (const char *const *name = (const char *const[]){ "one", "one/two", "one/two/three", NULL };
		*name != NULL; name++) {
		path = file_join(scratch->root, *name);
		assert_int_equal(mode_of(path), 0700);
		free(path);
	}
}

static void
a_missing_store_is_an_empty_one_for_a_reader(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, STORE_READ | STORE_DELETE);
	struct input *input = NULL;
	uint64_t bytes = 0;
	size_t removed = 0;

	assert_listed(store, "", "");
	assert_listed(store, "s/", "");
	assert_int_equal(store_read(store, "s/object", &input), STORE_MISSING);
	assert_int_equal(store_remove(store, "s/object"), STORE_MISSING);
	assert_int_equal(store_sweep(store, "s/", NULL, &removed), 0);
	assert_int_equal(store_free_bytes(store, &bytes), 0);
	assert_true(bytes == UINT64_MAX);
	assert_false(file_exists(scratch->path));
	store_close(store);
}

static void
free_bytes_are_those_of_the_file_system(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	uint64_t bytes = 0;

	assert_int_equal(store_free_bytes(store, &bytes), 0);
	assert_true(bytes > 0 && bytes < UINT64_MAX);
	store_close(store);
}

static void
a_store_that_others_can_write_to_is_refused(void **state)
{
	static const mode_t modes[] = { 0720, 0702, 0777, 01777, 02770 };
	const struct scratch *scratch = *state;
	const struct store_options options = {
		.name = "local", .kind = STORE_DIRECTORY, .path = scratch->path
	};
	size_t before = scratch_count_descriptors();

	assert_int_equal(mkdir(scratch->path, 0700), 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(scratch->path, modes[i]), 0);
		error_clear();
		assert_null(store_open(&options, STORE_READ));
		assert_int_equal(error_get()->class, ERR_STORE);
		assert_non_null(strstr(error_get()->message, scratch->path));
		assert_non_null(strstr(error_get()->hint, "chmod go-w"));
	}
	assert_int_equal(chmod(scratch->path, 0755), 0);
	store_close(scratch_open(scratch, STORE_READ));
	assert_int_equal(scratch_count_descriptors(), before);
}

static void
a_store_of_somebody_else_is_refused(void **state)
{
	const struct scratch *scratch = *state;
	const struct store_options options = {
		.name = "local", .kind = STORE_DIRECTORY, .path = scratch->path
	};

	store_close(scratch_open(scratch, STORE_WRITE));
	fault.foreign = true;
	assert_null(store_open(&options, STORE_READ));
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, "belongs to"));
	assert_non_null(strstr(error_get()->hint, "chown"));
}

static void
a_path_that_is_no_directory_or_not_absolute_is_refused(void **state)
{
	const struct scratch *scratch = *state;
	struct store_options options = { .name = "local", .kind = STORE_DIRECTORY, .path = scratch->path };

	write_file(scratch->path);
	assert_null(store_open(&options, STORE_WRITE));
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, scratch->path));
	options.path = "relative/path";
	assert_null(store_open(&options, STORE_WRITE));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
}

static void
a_link_in_the_store_leads_nowhere(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	struct input *input = NULL;
	size_t removed = 0;

	char *outside = file_join(scratch->root, "outside");
	char *victim = file_join(outside, "victim");
	assert_int_equal(mkdir(outside, 0700), 0);
	write_file(victim);
	scratch_put(store, "s/real", "x");
	assert_int_equal(symlink(outside, in_store(scratch, "s/id")), 0);
	assert_int_equal(symlink(victim, in_store(scratch, "s/object")), 0);

	assert_null(store_write(store, "s/id/object"));
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_null(store_write(store, "s/object"));
	assert_int_equal(store_read(store, "s/id/victim", &input), -1);
	assert_int_equal(store_read(store, "s/object", &input), -1);
	assert_int_equal(store_remove(store, "s/id/victim"), -1);
	assert_listed(store, "", "s/real ");
	assert_int_equal(store_sweep(store, "", NULL, &removed), 0);
	assert_int_equal(removed, 0);
	assert_int_equal(scratch_count_names(outside), 1);
	free(victim);
	free(outside);
	store_close(store);
}

static void
only_regular_files_of_good_names_are_objects(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	struct input *input = NULL;

	scratch_put(store, "s/object", "x");
	write_file(in_store(scratch, "s/.hidden"));
	write_file(in_store(scratch, "s/with blank"));
	assert_int_equal(mkfifo(in_store(scratch, "s/fifo"), 0600), 0);
	assert_int_equal(mkdir(in_store(scratch, ".hidden"), 0700), 0);
	write_file(in_store(scratch, ".hidden/object"));
	assert_int_equal(mkdir(in_store(scratch, "lost+found"), 0700), 0);
	write_file(in_store(scratch, "lost+found/object"));
	assert_listed(store, "", "s/object ");
	assert_int_equal(store_read(store, "s/fifo", &input), -1);
	assert_non_null(strstr(error_get()->message, "s/fifo' is not a regular file"));
	store_close(store);
}

static void
a_prefix_may_end_within_a_component(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);

	scratch_put(store, "s/20261122T030000Z/a", "1");
	scratch_put(store, "s/20261122T030000Z/b", "22");
	scratch_put(store, "s/20261122T030000Z-2/a", "333");
	scratch_put(store, "s/20261123T030000Z/a", "x");
	scratch_put(store, "s2/x", "x");
	scratch_put(store, "top", "x");
	assert_listed(store, "s/20261122T030000Z",
		"s/20261122T030000Z-2/a s/20261122T030000Z/a s/20261122T030000Z/b ");
	assert_listed(store, "s/20261122T030000Z/", "s/20261122T030000Z/a s/20261122T030000Z/b ");
	assert_listed(store, "s/20261122T030000Z/b", "s/20261122T030000Z/b ");
	assert_listed(store, "s2", "s2/x ");
	assert_listed(store, "t", "top ");
	assert_listed(store, "missing/", "");
	assert_listed(store, "s/missing/deeper", "");

	struct store_list list = { NULL, 0, 0 };
	assert_int_equal(store_list(store, "s/20261122T030000Z", &list), 0);
	assert_int_equal(list.entries[0].bytes, 3);
	assert_int_equal(list.entries[2].bytes, 2);
	store_list_clear(&list);
	store_close(store);
}

static void
removing_the_last_object_removes_its_parents_and_no_more(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);

	scratch_put(store, "s/one/a", "x");
	scratch_put(store, "s/one/b", "x");
	scratch_put(store, "s/two/deep/a", "x");
	assert_int_equal(store_remove(store, "s/one/a"), 0);
	assert_true(file_exists(in_store(scratch, "s/one")));
	assert_int_equal(store_remove(store, "s/one/b"), 0);
	assert_false(file_exists(in_store(scratch, "s/one")));
	assert_listed(store, "", "s/two/deep/a ");
	assert_int_equal(store_remove(store, "s/two/deep/a"), 0);
	assert_false(file_exists(in_store(scratch, "s")));
	assert_true(file_exists(scratch->path));
	store_close(store);
}

static void
sweep_takes_partial_files_and_empty_directories_below_the_prefix(void **state)
{
	const struct scratch *scratch = *state;
	struct store *store = scratch_open(scratch, RIGHTS);
	struct store_lock *lock = NULL;
	size_t removed = 0;

	scratch_put(store, "s/whole/object", "x");
	scratch_put(store, "t/whole/object", "x");
	assert_int_equal(store_lock(store, "s", "test", &lock, NULL), 0);
	write_file(in_store(scratch, "s/whole/.other.partial-1-0"));
	assert_int_equal(mkdir(in_store(scratch, "s/dead"), 0700), 0);
	write_file(in_store(scratch, "s/dead/.object.partial-1-0"));
	assert_int_equal(mkdir(in_store(scratch, "s/empty"), 0700), 0);
	assert_int_equal(mkdir(in_store(scratch, "s/empty/below"), 0700), 0);
	assert_int_equal(mkdir(in_store(scratch, "s/.hidden"), 0700), 0);
	write_file(in_store(scratch, "s/.note"));
	write_file(in_store(scratch, "t/.other.partial-1-0"));

	assert_int_equal(store_sweep(store, "s/", NULL, &removed), 0);
	assert_int_equal(removed, 5);
	assert_listed(store, "", "s/whole/object t/whole/object ");
	assert_int_equal(scratch_count_names(in_store(scratch, "s")), 4); /* whole .lock .hidden .note */
	assert_int_equal(scratch_count_names(in_store(scratch, "s/whole")), 1);
	assert_int_equal(scratch_count_names(in_store(scratch, "t")), 2);
	store_unlock(lock);
	store_close(store);
}

static void
sweep_finds_the_partial_file_of_the_longest_name(void **state)
{
	char name[STORE_COMPONENT_BYTES + 3] = "s/";
	struct store *store = scratch_open(*state, RIGHTS);
	size_t removed = 0;

	memset(name + 2, 'x', STORE_COMPONENT_BYTES);
	fault.no_tmpfile = true;
	struct stage *stage = store_write(store, name);
	assert_non_null(stage);
	assert_int_equal(store_sweep(store, "s/x", NULL, &removed), 0);
	assert_int_equal(removed, 1);
	stage_free(stage);
	store_close(store);
}

static void
check_bytes(struct store *store, const char *name, size_t len)
{
	char *bytes = mem_alloc(len), *found = mem_alloc(len);
	struct input *input = NULL;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 2654435761U >> 11);
	struct stage *stage = store_write(store, name);
	assert_non_null(stage);
	for (size_t off = 0; off < len; off += 1000003)
		assert_int_equal(
			stage_write(stage, bytes + off, len - off < 1000003 ? len - off : 1000003), 0);
	assert_int_equal(stage_finish(stage), 0);
	stage_free(stage);
	assert_int_equal(store_read(store, name, &input), 0);
	assert_int_equal(input->size_bytes, len);
	assert_int_equal(input_read(input, 0, found, len), 0);
	assert_memory_equal(found, bytes, len);
	input_free(input);
	free(found);
	free(bytes);
}

static void
a_large_object_is_read_as_it_was_written(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);

	check_bytes(store, "s/large", ((size_t)20 << 20) + 17);
	store_close(store);
}

static void
short_and_interrupted_writes_are_continued(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);

	fault.slow_write = true;
	check_bytes(store, "s/slow", 5000);
	assert_int_equal(fault.tries, 10000);
	store_close(store);
}

static void
no_descriptor_is_handed_on_to_other_programs(void **state)
{
	struct store *store = scratch_open(*state, RIGHTS);
	struct store_lock *lock = NULL;
	struct input *input = NULL;
	bool known[64];

	for (int fd = 0; fd < 64; fd++)
		known[fd] = fcntl(fd, F_GETFD) >= 0 && fd < 3;
	scratch_put(store, "s/a", "x");
	assert_int_equal(store_lock(store, "s", "test", &lock, NULL), 0);
	assert_int_equal(store_read(store, "s/a", &input), 0);
	struct stage *unnamed = store_write(store, "s/b");
	fault.no_tmpfile = true;
	struct stage *partial = store_write(store, "s/c");
	size_t seen = 0;
	for (int fd = 0; fd < 64; fd++) {
		char link[64], target[4096];
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t len = readlink(link, target, sizeof(target) - 1);
		if (len < 0 || known[fd])
			continue;
		target[len] = '\0';
		if (!text_starts(target, ((struct scratch *)*state)->root))
			continue;
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		seen++;
	}
	assert_int_equal(seen, 7); /* root, lock, input, and a file and its directory for each stage */
	stage_free(unnamed);
	stage_free(partial);
	input_free(input);
	store_unlock(lock);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_set_up, fault_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_sees_an_object_before_its_finish),
		TEST(a_stage_freed_without_finish_leaves_nothing),
		TEST(a_stage_freed_without_finish_leaves_nothing_without_tmpfiles),
		TEST(an_existing_name_is_never_written_over),
		TEST(an_existing_name_is_never_written_over_by_rename),
		TEST(an_existing_name_is_never_written_over_by_link),
		TEST(everything_is_private_whatever_the_umask),
		TEST(what_is_written_or_removed_is_synced),
		TEST(a_writer_makes_the_store_and_its_parents),
		TEST(a_missing_store_is_an_empty_one_for_a_reader),
		TEST(free_bytes_are_those_of_the_file_system),
		TEST(a_store_that_others_can_write_to_is_refused),
		TEST(a_store_of_somebody_else_is_refused),
		TEST(a_path_that_is_no_directory_or_not_absolute_is_refused),
		TEST(a_link_in_the_store_leads_nowhere),
		TEST(only_regular_files_of_good_names_are_objects),
		TEST(a_prefix_may_end_within_a_component),
		TEST(removing_the_last_object_removes_its_parents_and_no_more),
		TEST(sweep_takes_partial_files_and_empty_directories_below_the_prefix),
		TEST(sweep_finds_the_partial_file_of_the_longest_name),
		TEST(a_large_object_is_read_as_it_was_written),
		TEST(short_and_interrupted_writes_are_continued),
		TEST(no_descriptor_is_handed_on_to_other_programs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
