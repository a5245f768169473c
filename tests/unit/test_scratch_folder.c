/* Private folders: who is alive and who is dead, and what a kept one says. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/scratch/scratch_inside.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"

static int
set_up(void **state)
{
	const char *parent = getenv("TMPDIR");
	char *path = mem_format("%s/incant-test-XXXXXX", parent != NULL ? parent : "/tmp");

	assert_non_null(mkdtemp(path));
	*state = path;
	return 0;
}

static int
tear_down(void **state)
{
	int result = file_remove_tree(*state, ERR_PROOF);

	free(*state);
	return result;
}

/* Whether a folder counts as dead, its lock given back. */
static bool
is_dead(const char *folder, bool kept)
{
	int fd = -1;
	bool dead = scratch_folder_is_dead(folder, kept, &fd) == 1;

	if (fd >= 0)
		close(fd);
	return dead;
}

static void
a_folder_is_alive_while_its_lock_is_held_and_dead_after(void **state)
{
	struct scratch scratch = { .keep = false };
	struct stat status;

	assert_int_equal(scratch_folder_make(&scratch, *state), 0);
	assert_int_equal(stat(scratch.folder, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_false(is_dead(scratch.folder, false));
	assert_false(is_dead(scratch.folder, true));
	close(scratch.lock_fd);
	scratch.lock_fd = -1;
	assert_true(is_dead(scratch.folder, false));
	scratch_folder_free(&scratch);
}

static void
a_folder_that_is_gone_or_not_a_folder_is_told_apart(void **state)
{
	char *gone = file_join(*state, "gone");
	char *file = file_join(*state, "file");

	assert_true(is_dead(gone, false));
	close(open(file, O_WRONLY | O_CREAT, 0600));
	assert_false(is_dead(file, false));
	assert_int_equal(symlink("/tmp", gone), 0);
	assert_false(is_dead(gone, true));
	free(gone);
	free(file);
}

static void
a_kept_one_is_dead_only_for_who_asks_for_kept_ones(void **state)
{
	struct scratch_kept_list list = { NULL, 0, 0 };
	struct scratch scratch = { .kind = SCRATCH_CLUSTER };
	size_t removed = 0;
	const struct scratch_place place = { SCRATCH_CLUSTER, *state, NULL };

	assert_int_equal(scratch_folder_make(&scratch, *state), 0);
	scratch.describe = mem_text("cluster in there");
	scratch.conninfo = mem_text("host='/x'");
	assert_int_equal(scratch_keep(&scratch), 0);
	scratch.keep = true;
	assert_int_equal(scratch_list_kept(*state, &list), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].describe, "cluster in there");
	assert_string_equal(list.items[0].conninfo, "host='/x'");
	char *folder = mem_text(scratch.folder);
	scratch_folder_free(&scratch);
	assert_false(is_dead(folder, false));
	assert_true(is_dead(folder, true));
	assert_int_equal(scratch_sweep(&place, false, &removed), 0);
	assert_int_equal(removed, 0);
	assert_int_equal(scratch_sweep(&place, true, &removed), 0);
	assert_int_equal(removed, 1);
	assert_false(file_exists(folder));
	scratch_kept_clear(&list);
	free(scratch.describe);
	free(scratch.conninfo);
	free(folder);
}

static void
only_folders_of_our_name_are_listed(void **state)
{
	struct scratch_folders folders = { NULL, 0, 0 };
	char *other = file_join(*state, "other");
	char *ours = file_join(*state, SCRATCH_PREFIX "abc");

	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(mkdir(ours, 0700), 0);
	assert_int_equal(scratch_folder_list(*state, &folders), 0);
	assert_int_equal(folders.count, 1);
	assert_true(strcmp(strrchr(folders.paths[0], '/') + 1, SCRATCH_PREFIX "abc") == 0);
	scratch_folders_clear(&folders);
	free(other);
	free(ours);
}

static void
settings_make_a_server_fast_small_and_deaf(void **state)
{
	const struct scratch_options options = { .memory_bytes = (uint64_t)512 << 20, .preload = "a,b" };
	static const char *const wanted[] = { "fsync=off", "full_page_writes=off", "wal_level=minimal",
		"autovacuum=off", "listen_addresses=", "shared_buffers=128MB", "unix_socket_directories=/s",
		"shared_preload_libraries=a,b" };
	struct scratch_settings settings;

	(void)state;
	scratch_settings_make(&options, "/s", &settings);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t found = 0;
		for (size_t k = 0; k < settings.count; k++)
			found += strcmp(settings.items[k], wanted[i]) == 0 ? 1 : 0;
		assert_int_equal(found, 1);
	}
	scratch_settings_clear(&settings);
}

static void
a_connection_string_survives_any_name(void **state)
{
	char *words = scratch_conninfo_make("/a b", "it's \\ a \"role\"");

	(void)state;
	assert_string_equal(words, "host='/a b' port='5432' user='it\\'s \\\\ a \"role\"' dbname='postgres'");
	free(words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_folder_is_alive_while_its_lock_is_held_and_dead_after, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_folder_that_is_gone_or_not_a_folder_is_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_kept_one_is_dead_only_for_who_asks_for_kept_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_folders_of_our_name_are_listed, set_up, tear_down),
		cmocka_unit_test(settings_make_a_server_fast_small_and_deaf),
		cmocka_unit_test(a_connection_string_survives_any_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
