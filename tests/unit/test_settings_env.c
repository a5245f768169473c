#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/settings.h"

static char path[] = "/tmp/incant-env-XXXXXX";

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd >= 0 ? close(fd) : -1;
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

/* What KEY is in a file with that text. The caller frees *value. */
static int
read_key(const char *text, size_t len, char **value)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	error_clear();
	*value = NULL;
	return settings_env_value(path, "KEY", value);
}

static void
assert_value(const char *text, const char *expected)
{
	char *value = NULL;

	if (read_key(text, strlen(text), &value) != 0)
		fail_msg("%s: %s", text, error_get()->message);
	assert_string_equal(value, expected);
	free(value);
}

static void
assert_no_value(const char *text)
{
	char *value = NULL;

	assert_int_equal(read_key(text, strlen(text), &value), SETTINGS_NO_VALUE);
	assert_null(value);
}

/* Refused, with the line, and without anything of the value. */
static void
assert_refused(const char *text, const char *where_and_why)
{
	char *value = NULL;

	assert_int_equal(read_key(text, strlen(text), &value), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_non_null(strstr(error_get()->message, where_and_why));
	assert_null(strstr(error_get()->message, "secret"));
	assert_null(strstr(error_get()->hint, "secret"));
}

static void
plain_values_are_read(void **state)
{
	(void)state;
	assert_value("KEY=value", "value");
	assert_value("KEY=value\n", "value");
	assert_value("A=1\nKEY=value\nB=2\n", "value");
	assert_value("  KEY = value with blanks  \r\n", "value with blanks");
	assert_value("KEY: value\n", "value");
	assert_value("export KEY=value\n", "value");
	assert_value("KEY=a=b:c\n", "a=b:c");
	assert_value("KEY=a'b\"c\n", "a'b\"c");
	assert_value("KEY=\xc3\xa4\n", "\xc3\xa4");
}

static void
comments_end_plain_values_behind_a_blank_only(void **state)
{
	(void)state;
	assert_value("# KEY=no\n\n  # KEY=no\nKEY=yes # and more\n", "yes");
	assert_value("KEY=a#b\n", "a#b");
	assert_value("KEY=#b\n", "#b");
	assert_value("KEY='a # b' # c\n", "a # b");
	assert_value("KEY=\"a # b\"# c\n", "a # b");
}

static void
single_quotes_hold_a_value_as_it_is(void **state)
{
	(void)state;
	assert_value("KEY='a $b ${c} \\n \"d\"'\n", "a $b ${c} \\n \"d\"");
	assert_value("KEY='let\\'s go'\n", "let's go");
	assert_value("KEY='a\\\\b'\n", "a\\\\b");
}

static void
double_quotes_know_escapes(void **state)
{
	(void)state;
	assert_value("KEY=\"a\\nb\\tc\\rd\\\\e\\\"f\\$g'\"\n", "a\nb\tc\rd\\e\"f$g'");
}

static void
quoted_values_go_over_lines(void **state)
{
	(void)state;
	assert_value("KEY='a\nKEY=b'\nB=1\n", "a\nKEY=b");
	assert_value("A=\"x\nKEY=no\n\"\nKEY=yes", "yes");
}

static void
the_last_value_counts(void **state)
{
	(void)state;
	assert_value("KEY=first\nKEY=second\n", "second");
	assert_no_value("KEY=first\nKEY=\n");
}

static void
a_missing_or_empty_value_is_none(void **state)
{
	(void)state;
	assert_no_value("");
	assert_no_value("\n\n#\n");
	assert_no_value("KEYS=1\nKE=2\nMY_KEY=3\n");
	assert_no_value("KEY=\n");
	assert_no_value("KEY=''\n");
	assert_no_value("KEY= # nothing\n");
	assert_no_value("KEY\n");
	assert_no_value("KEY");
}

static void
a_value_with_other_variables_in_it_is_refused(void **state)
{
	(void)state;
	assert_refused("A=1\nKEY=secret$A\n", ":2: the value puts in other variables");
	assert_refused("KEY=secret${A}\n", ":1: the value puts in other variables");
	assert_refused("KEY=\"secret\n$_A\"\n", ":1: the value puts in other variables");
	assert_refused("KEY=secret$$\n", ":1: the value puts in other variables");
	assert_value("OTHER=$HOME\nKEY=mine\n", "mine");
	assert_value("KEY=a$5$\n", "a$5$");
}

static void
odd_lines_are_refused_by_number(void **state)
{
	(void)state;
	assert_refused("\nKEY='secret\n\n", ":2: a quote is opened here and never closed");
	assert_refused("A='x\ny'\nB=\"secret", ":3: a quote is opened here and never closed");
	assert_refused("KEY secret\n", ":1: this line is not KEY=value");
}

static void
a_text_cut_anywhere_is_read_or_refused(void **state)
{
	static const char text[] = "export A=\"x\\\"$B\" # c\nKEY='it\\'s'\n\0KEY=2";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *value = NULL;
		int rc = read_key(text, len, &value);
		assert_true(rc == 0 || rc == SETTINGS_NO_VALUE || rc == -1);
		assert_true((rc == 0) == (value != NULL));
		free(value);
	}
}

static void
a_file_that_others_can_read_is_refused(void **state)
{
	char *value = NULL;

	(void)state;
	assert_value("KEY=value\n", "value");
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(settings_env_value(path, "KEY", &value), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_non_null(strstr(error_get()->hint, "chmod 600"));
	assert_int_equal(chmod(path, 0600), 0);
}

static void
a_missing_file_is_an_error(void **state)
{
	char *value = NULL;

	(void)state;
	assert_int_equal(settings_env_value("/nonexistent/env", "KEY", &value), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_non_null(strstr(error_get()->message, "/nonexistent/env"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_values_are_read),
		cmocka_unit_test(comments_end_plain_values_behind_a_blank_only),
		cmocka_unit_test(single_quotes_hold_a_value_as_it_is),
		cmocka_unit_test(double_quotes_know_escapes),
		cmocka_unit_test(quoted_values_go_over_lines),
		cmocka_unit_test(the_last_value_counts),
		cmocka_unit_test(a_missing_or_empty_value_is_none),
		cmocka_unit_test(a_value_with_other_variables_in_it_is_refused),
		cmocka_unit_test(odd_lines_are_refused_by_number),
		cmocka_unit_test(a_text_cut_anywhere_is_read_or_refused),
		cmocka_unit_test(a_file_that_others_can_read_is_refused),
		cmocka_unit_test(a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
