#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/op_guard.h"
#include "incant/text.h"

static void
assert_shown(const char *const *argv, size_t limit, const char *expected)
{
	char *shown = op_guard_show_command(argv, limit);

	assert_string_equal(shown, expected);
	free(shown);
}

#define SHOWN(expected, ...) assert_shown((const char *const[]){ __VA_ARGS__, NULL }, 200, expected)

static void
a_command_is_shown_as_one_line(void **state)
{
	(void)state;
	SHOWN("./migrate.sh up --to 7", "./migrate.sh", "up", "--to", "7");
	SHOWN("psql -c a?b", "psql", "-c", "a\nb");
}

static void
passwords_are_left_out(void **state)
{
	(void)state;
	SHOWN("m postgres://app:***@db/app?x=1", "m", "postgres://app:s3cret@db/app?x=1");
	SHOWN("m postgres://app@db:5432/app", "m", "postgres://app@db:5432/app");
	SHOWN("m DATABASE_URL=postgres://app:***@db/app", "m", "DATABASE_URL=postgres://app:s3cret@db/app");
	SHOWN("m host=db password=*** user=x", "m", "host=db password=s3cret user=x");
	SHOWN("env PGPASSWORD=*** API_TOKEN=*** A=b m", "env", "PGPASSWORD=s3cret", "API_TOKEN=abc", "A=b",
		"m");
	SHOWN("m https://x/?token=***&y=1", "m", "https://x/?token=abc&y=1");
}

static void
a_long_command_is_cut_at_a_character(void **state)
{
	char *shown = op_guard_show_command((const char *const[]){ "caf\xc3\xa9\xc3\xa9\xc3\xa9", NULL }, 8);

	(void)state;
	assert_string_equal(shown, "caf\xc3\xa9\xe2\x80\xa6");
	assert_int_equal(text_utf8_valid(shown, strlen(shown)), strlen(shown));
	free(shown);
	assert_shown((const char *const[]){ "12345678", NULL }, 8, "12345678");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_shown_as_one_line),
		cmocka_unit_test(passwords_are_left_out),
		cmocka_unit_test(a_long_command_is_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
