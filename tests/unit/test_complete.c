#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/cli/command.h"
#include "../../src/cli/complete.h"
#include "incant/error.h"

static const char *const shells[] = { "bash", "zsh", "fish" };

static void
every_command_and_option_that_is_shown_can_be_completed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		struct buf text = BUF_EMPTY;

		assert_int_equal(complete_write(shells[i], &text), 0);
		for (const struct command *command = command_rows; command->name != NULL; command++) {
			const char *last = strrchr(command->name, ' ');

			if (command->summary == NULL)
				continue;
			if (strstr(buf_text(&text), last != NULL ? last + 1 : command->name) == NULL)
				fail_msg("%s does not know '%s'", shells[i], command->name);
			for (const struct option_row *row = command->options; row->name != NULL; row++)
				if (row->summary != NULL && strstr(buf_text(&text), row->name) == NULL)
					fail_msg("%s does not know --%s", shells[i], row->name);
		}
		buf_clear(&text);
	}
}

static void
commands_and_options_that_are_not_shown_are_not_completed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		struct buf text = BUF_EMPTY;

		assert_int_equal(complete_write(shells[i], &text), 0);
		assert_null(strstr(buf_text(&text), "settings-list"));
		buf_clear(&text);
	}
}

static void
another_shell_is_refused_by_name(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(complete_write("tcsh", &text), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_non_null(strstr(error_get()->message, "tcsh"));
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_and_option_that_is_shown_can_be_completed),
		cmocka_unit_test(commands_and_options_that_are_not_shown_are_not_completed),
		cmocka_unit_test(another_shell_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
