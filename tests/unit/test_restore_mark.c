#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "incant/restore_mark.h"

#define ID "20261122T030000Z"

static void
a_mark_is_read_back_whatever_the_name(void **state)
{
	(void)state;
	static char id[] = ID "-2";
	static char names[][24] = { "app", "with space", " leading", "a 'b' \"c\" \\", "caf\xe9",
		"whole x 1 y" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int kind = RESTORE_MARK_BEGUN; kind <= RESTORE_MARK_AFTER; kind++) {
			const struct restore_mark mark = { .kind = (enum restore_mark_kind)kind,
				.id = id,
				.at = 1764041400,
				.database = names[i] };
			struct restore_mark found;
			char *text = restore_mark_format(&mark);
			assert_int_equal(restore_mark_parse(text, &found), 0);
			assert_int_equal(found.kind, kind);
			assert_string_equal(found.id, id);
			assert_int_equal(found.at, 1764041400);
			assert_string_equal(found.database, names[i]);
			restore_mark_clear(&found);
			free(text);
		}
}

static void
what_is_no_mark_is_not_read(void **state)
{
	(void)state;
	static const char *const texts[] = { "", " ", "whole", "whole ", "whole " ID, "whole " ID " 1",
		"whole " ID " 1 ", "whole " ID " x app", "whole " ID " -1 app", "Whole " ID " 1 app",
		"whole  1 app", "whole " ID " 99999999999999999999 app" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct restore_mark mark;
		assert_int_equal(restore_mark_parse(texts[i], &mark), -1);
		restore_mark_clear(&mark);
	}
}

static void
a_mark_is_set_and_taken_away_by_quoted_name(void **state)
{
	(void)state;
	static char id[] = ID, database[] = "it's";
	const struct restore_mark mark = {
		.kind = RESTORE_MARK_BEFORE, .id = id, .at = 7, .database = database
	};
	char *set = restore_mark_statement("a \"b\"", &mark);
	char *reset = restore_mark_statement("a \"b\"", NULL);
	assert_string_equal(
		set, "ALTER DATABASE \"a \"\"b\"\"\" SET \"incant_backup.state\" TO 'before " ID " 7 it''s'");
	assert_string_equal(reset, "ALTER DATABASE \"a \"\"b\"\"\" RESET \"incant_backup.state\"");
	free(set);
	free(reset);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_is_read_back_whatever_the_name),
		cmocka_unit_test(what_is_no_mark_is_not_read),
		cmocka_unit_test(a_mark_is_set_and_taken_away_by_quoted_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
