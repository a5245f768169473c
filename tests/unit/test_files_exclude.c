/* Patterns fit names as people mean them. */
#include "config.h"

#include "incant/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool
excluded(const char *pattern, const char *path, bool is_directory)
{
	return files_excluded(&pattern, 1, path, is_directory);
}

static void
a_pattern_without_a_slash_fits_at_any_depth(void **state)
{
	(void)state;
	assert_true(excluded("*.tmp", "a.tmp", false));
	assert_true(excluded("*.tmp", "x/y/.a.tmp", false));
	assert_true(excluded("*.tmp", "x.tmp", true));
	assert_false(excluded("*.tmp", "a.tmp.txt", false));
	assert_false(excluded("tmp", "tmp/x", false)); /* its folder is left out, with it in it */
	assert_true(excluded("[ab]?", "x/b1", false));
}

static void
a_slash_at_the_end_fits_folders_only(void **state)
{
	(void)state;
	assert_true(excluded("cache/", "cache", true));
	assert_true(excluded("cache/", "a/b/cache", true));
	assert_false(excluded("cache/", "cache", false));
	assert_false(excluded("cache/", "caches", true));
}

static void
a_slash_within_fits_the_whole_path(void **state)
{
	(void)state;
	assert_true(excluded("a/b", "a/b", false));
	assert_false(excluded("a/b", "x/a/b", false));
	assert_true(excluded("/a", "a", false));
	assert_false(excluded("/a", "x/a", false));
	assert_true(excluded("a/*/c", "a/b/c", false));
	assert_false(excluded("a/*", "a/b/c", false));
	assert_true(excluded("/cache/", "cache", true));
	assert_false(excluded("/cache/", "x/cache", true));
}

static void
any_of_several_patterns_will_do(void **state)
{
	static const char *const patterns[] = { "*.a", "b/", "c*" };

	(void)state;
	assert_true(files_excluded(patterns, 3, "x/cc", false));
	assert_true(files_excluded(patterns, 3, "b", true));
	assert_false(files_excluded(patterns, 3, "b", false));
	assert_false(files_excluded(patterns, 0, "anything", false));
}

static void
a_safe_path_stays_below(void **state)
{
	static const char *const safe[] = { "a", "a/b", ".", "./a", "..a", "a..", "a/...", "a//b", "a/" };
	static const char *const unsafe[] = { "", "/", "/a", "..", "../a", "a/..", "a/../b", "a/..//b" };

	(void)state;
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		assert_true(files_path_is_safe(safe[i]));
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		assert_false(files_path_is_safe(unsafe[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_without_a_slash_fits_at_any_depth),
		cmocka_unit_test(a_slash_at_the_end_fits_folders_only),
		cmocka_unit_test(a_slash_within_fits_the_whole_path),
		cmocka_unit_test(any_of_several_patterns_will_do),
		cmocka_unit_test(a_safe_path_stays_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
