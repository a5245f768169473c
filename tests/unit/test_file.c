#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"

/* Each test has a directory of its own, which is the working directory meanwhile. */
static int
enter_new_directory(void **state)
{
	char path[] = "/tmp/test_file.XXXXXX";

	error_clear();
	if (mkdtemp(path) == NULL || chdir(path) != 0)
		return -1;
	*state = strdup(path);
	return *state != NULL ? 0 : -1;
}

static int
leave_directory(void **state)
{
	char *path = *state;
	int result = chdir("/") != 0 || file_remove_tree(path, ERR_INTERNAL) != 0 ? -1 : 0;

	free(path);
	return result;
}

static void
put_file(const char *path, const void *bytes, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, bytes, len, ERR_STORE, path), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void
assert_error(enum error_class class, const char *message)
{
	assert_int_equal(error_get()->class, class);
	assert_string_equal(error_get()->message, message);
	error_clear();
}

static void
a_file_is_read_behind_what_is_there(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	put_file("f", "one\0two", 7, 0600);
	buf_append_text(&buf, "=");
	assert_int_equal(file_read("f", 7, ERR_STORE, &buf), 0);
	assert_int_equal(buf.len, 8);
	assert_memory_equal(buf.bytes, "=one\0two", 9);
	buf_clear(&buf);
}

static void
a_large_file_is_read_whole(void **state)
{
	enum { SIZE = 300001 };
	char *bytes = malloc(SIZE);
	struct buf buf = BUF_EMPTY;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 % 251);
	put_file("f", bytes, SIZE, 0600);
	assert_int_equal(file_read("f", SIZE, ERR_STORE, &buf), 0);
	assert_int_equal(buf.len, SIZE);
	assert_memory_equal(buf.bytes, bytes, SIZE);
	buf_reset(&buf);
	assert_int_equal(file_read("f", SIZE - 1, ERR_STORE, &buf), -1);
	assert_error(ERR_STORE, "'f' is larger than 300000 bytes");
	buf_clear(&buf);
	free(bytes);
}

static void
a_missing_file_is_no_error_and_a_directory_is_one(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	assert_int_equal(file_read("missing", 10, ERR_SETTINGS, &buf), FILE_MISSING);
	assert_int_equal(error_get()->class, ERR_NONE);
	assert_int_equal(file_read(".", 10, ERR_SETTINGS, &buf), -1);
	assert_error(ERR_SETTINGS, "cannot read '.': Is a directory");
	put_file("f", "x", 1, 0600);
	assert_int_equal(file_read("f/g", 10, ERR_SETTINGS, &buf), -1);
	assert_error(ERR_SETTINGS, "cannot open 'f/g': Not a directory");
	buf_clear(&buf);
}

static void
a_private_file_is_its_owners_alone(void **state)
{
	static const mode_t private_modes[] = { 0600, 0400, 0700 };
	static const mode_t open_modes[] = { 0640, 0604, 0660, 0610, 0644 };

	(void)state;
	for (size_t i = 0; i < sizeof(private_modes) / sizeof(private_modes[0]); i++) {
		put_file("f", "", 0, private_modes[i]);
		assert_int_equal(file_check_private("f"), 0);
		unlink("f");
	}
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		put_file("f", "", 0, open_modes[i]);
		assert_int_equal(file_check_private("f"), -1);
		assert_int_equal(error_get()->class, ERR_SETTINGS);
		assert_non_null(strstr(error_get()->hint, "chmod 600 'f'"));
		error_clear();
		unlink("f");
	}
	assert_int_equal(file_check_private("missing"), -1);
	assert_error(ERR_SETTINGS, "cannot look at 'missing': No such file or directory");
}

static void
a_failed_write_names_its_target(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, "x", 1, ERR_STORE, "'/x/y'"), -1);
	assert_error(ERR_STORE, "cannot write '/x/y': No space left on device");
	assert_int_equal(file_write_all(fd, NULL, 0, ERR_STORE, "nothing"), 0);
	close(fd);
}

static void
a_range_is_read_and_a_short_file_is_damage_at_its_end(void **state)
{
	char bytes[16] = "";

	(void)state;
	put_file("f", "0123456789", 10, 0600);
	int fd = open("f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_read_at(fd, 3, bytes, 4, "dump"), 0);
	assert_memory_equal(bytes, "3456", 4);
	assert_int_equal(file_read_at(fd, 10, bytes, 0, "dump"), 0);
	assert_int_equal(file_read_at(fd, 0, bytes, 10, "dump"), 0);
	assert_int_equal(file_read_at(fd, 7, bytes, 5, "dump"), -1);
	assert_error(ERR_DAMAGED, "dump ends at offset 10, 2 bytes too early");
	assert_int_equal(file_read_at(fd, 12, bytes, 1, "dump"), -1);
	assert_error(ERR_DAMAGED, "dump ends at offset 12, 1 bytes too early");
	close(fd);
	assert_int_equal(file_read_at(fd, 0, bytes, 1, "dump"), -1);
	assert_error(ERR_STORE, "cannot read dump at offset 0: Bad file descriptor");
}

static void
directories_are_made_with_their_parents_and_private(void **state)
{
	struct stat status;
	char path[200];

	assert_int_equal(file_make_directories("a/b//c/", ERR_STORE), 0);
	assert_int_equal(file_make_directories("a/b/c", ERR_STORE), 0);
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 07777U, 0700);
	assert_int_equal(stat("a/b/c", &status), 0);
	assert_int_equal(status.st_mode & 07777U, 0700);
	snprintf(path, sizeof(path), "%s/absolute/one", (const char *)*state);
	assert_int_equal(file_make_directories(path, ERR_STORE), 0);
	assert_true(file_exists("absolute/one"));
	assert_int_equal(file_make_directories("/", ERR_STORE), 0);
	assert_int_equal(chmod("a", 0755), 0);
	assert_int_equal(file_make_directories("a", ERR_STORE), 0);
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 07777U, 0755);
}

static void
a_file_in_the_way_of_a_directory_is_an_error(void **state)
{
	(void)state;
	put_file("f", "", 0, 0600);
	assert_int_equal(file_make_directories("f", ERR_STORE), -1);
	assert_error(ERR_STORE, "cannot create the directory 'f': Not a directory");
	assert_int_equal(file_make_directories("f/g/h", ERR_STORE), -1);
	assert_error(ERR_STORE, "cannot create the directory 'f': Not a directory");
	assert_int_equal(file_make_directories("", ERR_STORE), -1);
	assert_error(ERR_STORE, "cannot create the directory '': No such file or directory");
}

static void
a_directory_can_be_synced(void **state)
{
	(void)state;
	assert_int_equal(file_sync_directory(".", ERR_STORE), 0);
	assert_int_equal(file_sync_directory("missing", ERR_STORE), -1);
	assert_error(ERR_STORE, "cannot open the directory 'missing': No such file or directory");
}

static void
a_tree_is_removed_and_links_are_not_followed(void **state)
{
	(void)state;
	assert_int_equal(file_make_directories("kept/deep", ERR_STORE), 0);
	put_file("kept/deep/f", "precious", 8, 0600);
	assert_int_equal(file_make_directories("tree/a/b/c", ERR_STORE), 0);
	for (int i = 0; i < 300; i++) {
		char path[40];
		snprintf(path, sizeof(path), "tree/a/b/%d", i);
		put_file(path, "x", 1, 0400);
	}
	assert_int_equal(symlink("../../kept", "tree/a/link"), 0);
	assert_int_equal(symlink("kept", "link"), 0);

	assert_int_equal(file_remove_tree("tree", ERR_STORE), 0);
	assert_false(file_exists("tree"));
	assert_int_equal(file_remove_tree("link//", ERR_STORE), 0);
	assert_false(file_exists("link"));
	assert_true(file_exists("kept/deep/f"));
	assert_int_equal(file_remove_tree("kept/deep/f", ERR_STORE), 0);
	assert_false(file_exists("kept/deep/f"));
	assert_int_equal(file_remove_tree("missing", ERR_STORE), 0);
	assert_int_equal(file_remove_tree("missing/too", ERR_STORE), 0);
	assert_int_equal(error_get()->class, ERR_NONE);
}

static void
what_cannot_be_removed_is_named(void **state)
{
	(void)state;
	assert_int_equal(file_remove_tree("/proc/self/status", ERR_STORE), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, "cannot remove '/proc/self/status': "));
}

static void
a_link_to_nowhere_exists(void **state)
{
	(void)state;
	assert_false(file_exists("link"));
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_true(file_exists("link"));
	assert_true(file_exists("."));
}

static void
paths_are_joined_with_one_slash(void **state)
{
	char *paths[] = { file_join("a", "b"), file_join("a/", "b"), file_join("/", "b"),
		file_join("/a/b", "c/d") };
	static const char *const expected[] = { "a/b", "a/b", "/b", "/a/b/c/d" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_string_equal(paths[i], expected[i]);
		free(paths[i]);
	}
}

static void
assert_holds(const char *path, const char *text, mode_t mode)
{
	struct buf buf = BUF_EMPTY;
	struct stat status;

	assert_int_equal(file_read(path, 100, ERR_STORE, &buf), 0);
	assert_string_equal(buf_text(&buf), text);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
	buf_clear(&buf);
}

/* How many names the working directory has. */
static size_t
count_names(void)
{
	DIR *directory = opendir(".");
	size_t count = 0;

	assert_non_null(directory);
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		count += entry->d_name[0] == '.' ? 0 : 1;
	closedir(directory);
	return count;
}

static void
a_saved_file_is_there_with_its_mode_and_nothing_beside_it(void **state)
{
	mode_t before = umask(0077);

	(void)state;
	assert_int_equal(file_save("f", "one", 3, 0644, FILE_NEW, ERR_STORE), 0);
	umask(before);
	assert_holds("f", "one", 0644);
	assert_int_equal(count_names(), 1);
}

static void
a_new_file_is_never_put_over_an_old_one(void **state)
{
	(void)state;
	put_file("f", "old", 3, 0600);
	assert_int_equal(file_save("f", "new", 3, 0600, FILE_NEW, ERR_SETTINGS), -1);
	assert_error(ERR_SETTINGS, "cannot write 'f': File exists");
	assert_holds("f", "old", 0600);
	assert_int_equal(count_names(), 1);
}

static void
a_replaced_file_is_the_new_one(void **state)
{
	(void)state;
	put_file("f", "old", 3, 0644);
	assert_int_equal(file_save("f", "", 0, 0600, FILE_REPLACE, ERR_STORE), 0);
	assert_holds("f", "", 0600);
	assert_int_equal(count_names(), 1);
}

static void
a_file_that_cannot_take_its_place_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(mkdir("f", 0700), 0);
	assert_int_equal(file_save("f", "new", 3, 0600, FILE_REPLACE, ERR_STORE), -1);
	assert_error(ERR_STORE, "cannot write 'f': Is a directory");
	assert_int_equal(count_names(), 1);
	assert_int_equal(file_save("no/f", "new", 3, 0600, FILE_REPLACE, ERR_STORE), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_int_equal(count_names(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_file_is_read_behind_what_is_there, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_large_file_is_read_whole, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(a_missing_file_is_no_error_and_a_directory_is_one,
			enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_private_file_is_its_owners_alone, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_failed_write_names_its_target, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(a_range_is_read_and_a_short_file_is_damage_at_its_end,
			enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(directories_are_made_with_their_parents_and_private,
			enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_file_in_the_way_of_a_directory_is_an_error, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_directory_can_be_synced, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_tree_is_removed_and_links_are_not_followed, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_removed_is_named, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_link_to_nowhere_exists, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			paths_are_joined_with_one_slash, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(a_saved_file_is_there_with_its_mode_and_nothing_beside_it,
			enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_new_file_is_never_put_over_an_old_one, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(
			a_replaced_file_is_the_new_one, enter_new_directory, leave_directory),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_take_its_place_leaves_nothing,
			enter_new_directory, leave_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
