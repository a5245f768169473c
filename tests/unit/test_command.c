#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/cli/command.h"
#include "incant/error.h"

static void
a_command_is_found_by_its_name(void **state)
{
	(void)state;
	for (const struct command *command = command_rows; command->name != NULL; command++)
		assert_ptr_equal(command_find(command->name), command);
}

static void
an_unknown_command_is_named_with_the_nearest_one(void **state)
{
	(void)state;
	assert_null(command_find("bakcup"));
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_string_equal(error_get()->message, "unknown command 'bakcup'");
	assert_string_equal(error_get()->hint, "Did you mean 'backup'?");
	assert_null(command_find("zzz"));
	assert_string_equal(error_get()->hint, "`incant-backup help` lists the commands.");
	assert_null(command_find(""));
}

static void
a_group_is_found_by_its_first_word(void **state)
{
	(void)state;
	assert_true(command_is_group("snapshot"));
	assert_false(command_is_group("snap"));
	assert_false(command_is_group("snapshot create"));
	assert_false(command_is_group("backup"));
	assert_false(command_is_group(""));
	assert_null(command_find("snapshot crate"));
	assert_string_equal(error_get()->hint, "Did you mean 'snapshot create'?");
	assert_int_equal(command_refuse_group("snapshot"), -1);
	assert_string_equal(error_get()->message, "snapshot needs a second word: create, list, prune");
}

static void
every_row_of_the_table_is_complete(void **state)
{
	(void)state;
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		assert_non_null(command->options);
		assert_non_null(command->ops);
		assert_non_null(command->ops->run);
		/* Both ways of showing a report, or (cat) none. */
		assert_true((command->ops->put_json != NULL) == (command->ops->put_text != NULL));
	}
}

static void
assert_row_is_sound(const struct option_row *row)
{
	assert_true(strlen(row->name) > 0 && strpbrk(row->name, "= -_") != row->name);
	assert_true(row->offset < sizeof(struct words));
	assert_true((row->kind == OPTION_FLAG) == (row->value == NULL));
}

static void
options_are_sound_and_none_hides_a_global_one(void **state)
{
	(void)state;
	for (const struct option_row *global = command_global_options; global->name != NULL; global++)
		assert_row_is_sound(global);
	for (const struct command *command = command_rows; command->name != NULL; command++)
		for (const struct option_row *row = command->options; row->name != NULL; row++) {
			assert_row_is_sound(row);
			for (const struct option_row *other = command_global_options; other->name != NULL;
				other++)
				assert_string_not_equal(row->name, other->name);
			for (const struct option_row *other = command->options; other != row; other++)
				assert_string_not_equal(row->name, other->name);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_found_by_its_name),
		cmocka_unit_test(an_unknown_command_is_named_with_the_nearest_one),
		cmocka_unit_test(a_group_is_found_by_its_first_word),
		cmocka_unit_test(every_row_of_the_table_is_complete),
		cmocka_unit_test(options_are_sound_and_none_hides_a_global_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
