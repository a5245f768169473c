#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
null_equals_only_null(void **state)
{
	(void)state;
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_false(text_equal("", NULL));
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "A"));
}

static void
beginnings_and_ends_are_compared_whole(void **state)
{
	(void)state;
	assert_true(text_starts("cluster.sql", "cluster"));
	assert_true(text_starts("x", ""));
	assert_false(text_starts("clu", "cluster"));
	assert_true(text_ends("cluster.sql", ".sql"));
	assert_true(text_ends("x", ""));
	assert_false(text_ends("sql", ".sql"));
}

static void
numbers_are_digits_and_nothing_else(void **state)
{
	static const char *const wrong[] = { "", "-1", "+1", " 1", "1 ", "1x", "0x10", "1.0",
		"18446744073709551616", "99999999999999999999" };
	uint64_t value = 0;

	(void)state;
	assert_int_equal(text_parse_u64("0", &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(text_parse_u64("00042", &value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(text_parse_u64("18446744073709551615", &value), 0);
	assert_true(value == UINT64_MAX);
	value = 7;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(text_parse_u64(wrong[i], &value), -1);
	assert_int_equal(value, 7);
}

static void
sizes_have_units_of_1024_and_of_1000(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} right[] = {
		{ "0", 0 },
		{ "100", 100 },
		{ "100B", 100 },
		{ "4MiB", 4194304 },
		{ "4m", 4194304 },
		{ "512 KiB", 524288 },
		{ "20MB", 20000000 },
		{ "1kB", 1000 },
		{ "1K", 1024 },
		{ "3G", 3221225472 },
		{ "3GB", 3000000000 },
		{ "2TiB", 2199023255552 },
		{ "2 TB", 2000000000000 },
	};
	static const char *const wrong[] = { "", "MiB", "4XiB", "4 Mi", "-4MiB", "4MiB ", "4.5MiB", "4MiBB",
		"99999999TiB" };
	uint64_t bytes = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		assert_int_equal(text_parse_bytes(right[i].text, &bytes), 0);
		assert_true(bytes == right[i].bytes);
	}
	bytes = 7;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(text_parse_bytes(wrong[i], &bytes), -1);
	assert_int_equal(bytes, 7);
}

static void
durations_have_units_from_milliseconds_to_weeks(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} right[] = {
		{ "90", 90000 },
		{ "500ms", 500 },
		{ "60s", 60000 },
		{ "5m", 300000 },
		{ "6h", 21600000 },
		{ "8d", 691200000 },
		{ "2w", 1209600000 },
		{ "0d", 0 },
	};
	static const char *const wrong[] = { "", "s", "6x", "6hours", "-6h", "18446744073709551615s" };
	uint64_t ms = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		assert_int_equal(text_parse_duration_ms(right[i].text, &ms), 0);
		assert_true(ms == right[i].ms);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(text_parse_duration_ms(wrong[i], &ms), -1);
}

static void
yes_and_no_have_four_spellings_each(void **state)
{
	static const char *const yes[] = { "yes", "true", "on", "1", "YES" };
	static const char *const no[] = { "no", "false", "off", "0", "False" };
	bool value = false;

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++) {
		assert_int_equal(text_parse_bool(yes[i], &value), 0);
		assert_true(value);
		assert_int_equal(text_parse_bool(no[i], &value), 0);
		assert_false(value);
	}
	assert_int_equal(text_parse_bool("maybe", &value), -1);
	assert_int_equal(text_parse_bool("", &value), -1);
}

static void
bytes_are_shown_in_the_largest_unit_that_fits(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 17, "17 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" },
		{ 655360, "640 KiB" },
		{ 102348, "99.9 KiB" },
		{ 102398, "100 KiB" },
		{ 1048063, "1023 KiB" },
		{ 1048064, "1.0 MiB" },
		{ 1048575, "1.0 MiB" },
		{ 1288490189, "1.2 GiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};
	char text[16];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(text_format_bytes(text, sizeof(text), cases[i].bytes), cases[i].text);
}

static void
durations_are_shown_in_two_units(void **state)
{
	char text[24];

	(void)state;
	assert_string_equal(text_format_duration(text, sizeof(text), 0), "0.0s");
	assert_string_equal(text_format_duration(text, sizeof(text), 4299), "4.2s");
	assert_string_equal(text_format_duration(text, sizeof(text), 59999), "59.9s");
	assert_string_equal(text_format_duration(text, sizeof(text), 123000), "2m 03s");
	assert_string_equal(text_format_duration(text, sizeof(text), 3599999), "59m 59s");
	assert_string_equal(text_format_duration(text, sizeof(text), 3900000), "1h 05m");
	assert_string_equal(text_format_duration(text, sizeof(text), UINT64_MAX), "5124095576030h 25m");
}

static void
counts_are_grouped_by_thousands(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(text_format_count(text, sizeof(text), 0), "0");
	assert_string_equal(text_format_count(text, sizeof(text), 999), "999");
	assert_string_equal(text_format_count(text, sizeof(text), 1000), "1,000");
	assert_string_equal(text_format_count(text, sizeof(text), 1234567), "1,234,567");
	assert_string_equal(text_format_count(text, sizeof(text), UINT64_MAX), "18,446,744,073,709,551,615");
}

static void
the_nearest_word_is_suggested_only_when_it_is_near(void **state)
{
	static const char *const words[] = { "backup", "list", "show", "verify", "restore", "cat", NULL };
	static const char *const none[] = { NULL };

	(void)state;
	assert_string_equal(text_nearest("bakcup", words), "backup");
	assert_string_equal(text_nearest("lst", words), "list");
	assert_string_equal(text_nearest("verfy", words), "verify");
	assert_string_equal(text_nearest("restoring", words), "restore");
	assert_string_equal(text_nearest("car", words), "cat");
	assert_string_equal(text_nearest("show", words), "show");
	assert_null(text_nearest("cow", words));
	assert_null(text_nearest("", words));
	assert_null(text_nearest("completely different", words));
	assert_null(text_nearest("list", none));
}

static void
utf8_is_valid_up_to_its_first_fault(void **state)
{
	static const char *const valid[] = { "", "abc", "é", "€", "😀", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf" };
	static const char *const faulty[] = { "\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82",
		"\xf0\x9f\x98", "\xc3(", "\xe2(\xa1", "\xe2\x82(" };
	char text[16];

	(void)state;
	for (size_t i = 0; i < COUNT(valid); i++)
		assert_int_equal(text_utf8_valid(valid[i], strlen(valid[i])), strlen(valid[i]));
	for (size_t i = 0; i < COUNT(faulty); i++) {
		size_t len = strlen(faulty[i]);
		memcpy(text, "ok\xc3\xa9", 4);
		memcpy(text + 4, faulty[i], len);
		assert_int_equal(text_utf8_valid(text, 4 + len), 4);
	}
}

static void
what_is_shown_is_utf8_without_control_characters(void **state)
{
	static const char text[] = "a\n\033b\x7f\xff é\xc2\x9b"
				   "c\0d";

	(void)state;
	char *shown = text_printable(text, sizeof(text) - 1);
	assert_string_equal(shown, "a??b?\xef\xbf\xbd é?c?d");
	free(shown);
	shown = text_printable("", 0);
	assert_string_equal(shown, "");
	free(shown);
}

static void
hex_goes_both_ways(void **state)
{
	unsigned char bytes[256], back[256];
	char hex[513];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	assert_ptr_equal(text_hex(hex, bytes, sizeof(bytes)), hex);
	assert_int_equal(strlen(hex), 512);
	assert_int_equal(strncmp(hex + 18, "090a0b", 6), 0);
	assert_int_equal(text_unhex(back, sizeof(back), hex), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(text_unhex(back, 3, "aBcDeF"), 0);
	assert_memory_equal(back, "\xab\xcd\xef", 3);
}

static void
hex_of_another_length_or_alphabet_is_refused(void **state)
{
	unsigned char bytes[3];

	(void)state;
	assert_int_equal(text_unhex(bytes, 3, "abcde"), -1);
	assert_int_equal(text_unhex(bytes, 3, "abcdefa"), -1);
	assert_int_equal(text_unhex(bytes, 3, "abcdeg"), -1);
	assert_int_equal(text_unhex(bytes, 3, ""), -1);
	assert_int_equal(text_unhex(bytes, 0, ""), 0);
}

static void
the_last_lines_become_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t limit;
		const char *expected;
	} cases[] = {
		{ "", 100, "" },
		{ "\n\r\n", 100, "" },
		{ "one", 100, "one" },
		{ "one\n", 100, "one" },
		{ "one\r\n\n\ttwo\x01\n", 100, "one;  two?" },
		{ "first line\nsecond\nthird\n", 14, "second; third" },
		{ "first line\nsecond\nthird\n", 13, "third" },
		{ "a line longer than the limit", 5, "limit" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *line = text_last_lines(cases[i].text, strlen(cases[i].text), cases[i].limit);

		assert_string_equal(line, cases[i].expected);
		free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_become_one_line),
		cmocka_unit_test(null_equals_only_null),
		cmocka_unit_test(beginnings_and_ends_are_compared_whole),
		cmocka_unit_test(numbers_are_digits_and_nothing_else),
		cmocka_unit_test(sizes_have_units_of_1024_and_of_1000),
		cmocka_unit_test(durations_have_units_from_milliseconds_to_weeks),
		cmocka_unit_test(yes_and_no_have_four_spellings_each),
		cmocka_unit_test(bytes_are_shown_in_the_largest_unit_that_fits),
		cmocka_unit_test(durations_are_shown_in_two_units),
		cmocka_unit_test(counts_are_grouped_by_thousands),
		cmocka_unit_test(the_nearest_word_is_suggested_only_when_it_is_near),
		cmocka_unit_test(utf8_is_valid_up_to_its_first_fault),
		cmocka_unit_test(what_is_shown_is_utf8_without_control_characters),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(hex_of_another_length_or_alphabet_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
