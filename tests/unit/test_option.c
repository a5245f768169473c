#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/cli/option.h"
#include "incant/error.h"

struct said {
	bool all;
	const char *store;
	const char *pin;
	struct option_texts databases;
	const char *operands[4];
	size_t operand_count;
};

static const struct option_row first_rows[] = {
	{ "all", OPTION_FLAG, offsetof(struct said, all), NULL, "all of them" },
	{ "pin", OPTION_OPTIONAL, offsetof(struct said, pin), "UNTIL", "keep it" },
	OPTION_ROWS_END,
};

static const struct option_row second_rows[] = {
	{ "store", OPTION_TEXT, offsetof(struct said, store), "NAME", "the store" },
	{ "database", OPTION_TEXTS, offsetof(struct said, databases), "D", "a database" },
	{ "hidden", OPTION_FLAG, offsetof(struct said, all), NULL, NULL },
	OPTION_ROWS_END,
};

#define WORDS_MAX 16

/* Reads words that end with NULL, as argv behind its first. 0 or -1. */
static int
read_words(struct said *said, struct option_reader *reader, const char *const *words)
{
	static char *argv[WORDS_MAX];
	const char *operand = NULL;
	int argc = 1;

	for (; *words != NULL; words++) {
		free(argv[argc]);
		argv[argc++] = strdup(*words);
	}
	*said = (struct said){ .all = false };
	*reader = (struct option_reader){
		.argc = argc, .argv = argv, .at = 1, .tables = { first_rows, second_rows }, .fields = said
	};
	error_clear();
	int rc = option_next(reader, &operand);
	for (; rc > 0; rc = option_next(reader, &operand))
		said->operands[said->operand_count++] = operand;
	return rc;
}

#define READ(said, ...) \
	read_words(said, &(struct option_reader){ .argc = 0 }, (const char *[]){ __VA_ARGS__, NULL })

/* The words are refused with that message and that hint. */
static void
assert_refused(const char *const *words, const char *message, const char *hint)
{
	struct option_reader reader;
	struct said said;

	assert_int_equal(read_words(&said, &reader, words), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_string_equal(error_get()->message, message);
	assert_string_equal(error_get()->hint, hint);
	free(said.databases.items);
}

#define REFUSED(message, hint, ...) assert_refused((const char *[]){ __VA_ARGS__, NULL }, message, hint)

static void
a_value_comes_behind_an_equals_sign_or_as_the_next_word(void **state)
{
	struct said said;

	(void)state;
	assert_int_equal(READ(&said, "--store", "local"), OPTION_END);
	assert_string_equal(said.store, "local");
	assert_int_equal(READ(&said, "--store=local"), OPTION_END);
	assert_string_equal(said.store, "local");
	assert_int_equal(READ(&said, "--store=a=b"), OPTION_END);
	assert_string_equal(said.store, "a=b");
	assert_int_equal(READ(&said, "--store", "--all"), OPTION_END);
	assert_string_equal(said.store, "--all");
	assert_false(said.all);
}

static void
an_optional_value_stands_behind_an_equals_sign_only(void **state)
{
	struct said said;

	(void)state;
	assert_int_equal(READ(&said, "--pin", "word"), OPTION_END);
	assert_string_equal(said.pin, "");
	assert_string_equal(said.operands[0], "word");
	assert_int_equal(READ(&said, "--pin=tomorrow"), OPTION_END);
	assert_string_equal(said.pin, "tomorrow");
}

static void
an_option_that_repeats_gathers_its_values_in_order(void **state)
{
	struct said said;

	(void)state;
	assert_int_equal(READ(&said, "--database", "a", "--database=b", "--database", "c"), OPTION_END);
	assert_int_equal(said.databases.count, 3);
	assert_string_equal(said.databases.items[0], "a");
	assert_string_equal(said.databases.items[1], "b");
	assert_string_equal(said.databases.items[2], "c");
	free(said.databases.items);
}

static void
options_and_operands_may_be_mixed_until_two_dashes(void **state)
{
	struct said said;

	(void)state;
	assert_int_equal(READ(&said, "x", "--all", "-", "--store", "s", "--", "--all", "--"), OPTION_END);
	assert_true(said.all);
	assert_string_equal(said.store, "s");
	assert_int_equal(said.operand_count, 4);
	assert_string_equal(said.operands[0], "x");
	assert_string_equal(said.operands[1], "-");
	assert_string_equal(said.operands[2], "--all");
	assert_string_equal(said.operands[3], "--");
}

static void
an_unknown_option_is_named_with_the_nearest_known_one(void **state)
{
	(void)state;
	REFUSED("unknown option '--stroe=x'", "Did you mean '--store'?", "--stroe=x");
	REFUSED("unknown option '--data'", "`incant-backup help COMMAND` shows a command's options.",
		"--data");
	REFUSED("unknown option '-h'", "Options are written out, as in --help.", "-h");
	REFUSED("unknown option '--stor'", "Did you mean '--store'?", "--stor");
	REFUSED("unknown option '--=x'", "`incant-backup help COMMAND` shows a command's options.", "--=x");
}

static void
a_hidden_option_is_known_and_never_a_hint(void **state)
{
	struct said said;

	(void)state;
	assert_int_equal(READ(&said, "--hidden"), OPTION_END);
	assert_true(said.all);
	REFUSED("unknown option '--hiddn'", "`incant-backup help COMMAND` shows a command's options.",
		"--hiddn");
}

static void
values_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	REFUSED("option '--all' takes no value", "", "--all=yes");
	REFUSED("option '--store' needs a value: NAME", "", "--store");
	REFUSED("option '--store' needs a value: NAME", "", "--store=");
	REFUSED("option '--store' needs a value: NAME", "", "--store", "");
	REFUSED("option '--database' needs a value: D", "", "--database");
	REFUSED("option '--store' is given twice", "", "--store=a", "--store", "b");
	REFUSED("option '--pin' is given twice", "", "--pin", "--pin=x");
}

static void
what_follows_an_error_can_still_be_asked_for(void **state)
{
	struct option_reader reader;
	struct said said;

	(void)state;
	assert_int_equal(read_words(&said, &reader, (const char *[]){ "--bogus", "x", "--json", NULL }), -1);
	assert_true(option_is_ahead(&reader, "json"));
	assert_false(option_is_ahead(&reader, "bogus"));
	assert_int_equal(read_words(&said, &reader, (const char *[]){ "--bogus", "--", "--json", NULL }), -1);
	assert_false(option_is_ahead(&reader, "json"));
	assert_int_equal(
		read_words(&said, &reader, (const char *[]){ "--bogus", "json", "--jsonx", NULL }), -1);
	assert_false(option_is_ahead(&reader, "json"));
}

static void
an_option_is_written_as_it_is_said(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	option_write(&first_rows[0], &text);
	buf_append_char(&text, ' ');
	option_write(&first_rows[1], &text);
	buf_append_char(&text, ' ');
	option_write(&second_rows[1], &text);
	assert_string_equal(buf_text(&text), "--all --pin[=UNTIL] --database D");
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_comes_behind_an_equals_sign_or_as_the_next_word),
		cmocka_unit_test(an_optional_value_stands_behind_an_equals_sign_only),
		cmocka_unit_test(an_option_that_repeats_gathers_its_values_in_order),
		cmocka_unit_test(options_and_operands_may_be_mixed_until_two_dashes),
		cmocka_unit_test(an_unknown_option_is_named_with_the_nearest_known_one),
		cmocka_unit_test(a_hidden_option_is_known_and_never_a_hint),
		cmocka_unit_test(values_that_do_not_fit_are_refused),
		cmocka_unit_test(what_follows_an_error_can_still_be_asked_for),
		cmocka_unit_test(an_option_is_written_as_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
