#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/cli/help.h"
#include "incant/mem.h"

static void
assert_has(const struct buf *text, const char *part)
{
	if (strstr(buf_text(text), part) == NULL)
		fail_msg("no '%s' in:\n%s", part, buf_text(text));
}

/* No line has more than 80 characters. */
static void
assert_fits_a_terminal(const struct buf *text)
{
	size_t width = 0;

	for (const char *c = buf_text(text); *c != '\0'; c++) {
		width = *c == '\n' ? 0 : width + (((unsigned char)*c & 0xc0U) != 0x80U);
		if (width > 80)
			fail_msg("too wide: %s", buf_text(text));
	}
}

static void
the_overview_names_every_command_that_is_shown(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	help_write_commands(&text);
	for (const struct command *command = command_rows; command->name != NULL; command++)
		if (command->summary != NULL)
			assert_has(&text, command->summary);
	assert_null(strstr(buf_text(&text), "\n  version "));
	assert_has(&text, "\n  --config FILE ");
	assert_fits_a_terminal(&text);
	buf_clear(&text);
}

static void
a_commands_help_has_usage_and_options(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	help_write_command(command_find("restore"), &text);
	assert_has(&text, "usage: incant-backup restore [WHICH] [--to CONNINFO] ");
	assert_has(&text, "\n  --to CONNINFO         another server, in libpq");
	assert_has(&text, "\n  --json                print one JSON object");
	buf_clear(&text);
}

static void
every_command_has_help_within_a_screens_width(void **state)
{
	(void)state;
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		struct buf text = BUF_EMPTY;
		help_write_command(command, &text);
		char *usage = mem_format("usage: incant-backup %s", command->name);
		assert_has(&text, usage);
		assert_fits_a_terminal(&text);
		free(usage);
		assert_int_equal(text.bytes[text.len - 1], '\n');
		buf_clear(&text);
	}
}

static void
the_list_is_one_name_a_line_without_what_is_hidden(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	help_write_list(&text);
	assert_has(&text, "--config\n");
	assert_has(&text, "\nbackup\nbackup --label\n");
	assert_has(&text, "\nbackup --dry-run\nlist\n");
	assert_has(&text, "\ncat --table\n");
	assert_null(strstr(buf_text(&text), "--settings-list"));
	assert_null(strstr(buf_text(&text), "\nversion\n"));
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_overview_names_every_command_that_is_shown),
		cmocka_unit_test(a_commands_help_has_usage_and_options),
		cmocka_unit_test(every_command_has_help_within_a_screens_width),
		cmocka_unit_test(the_list_is_one_name_a_line_without_what_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
