#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"

static void
an_empty_buf_is_an_empty_text(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_clear(&buf);
	buf_append(&buf, NULL, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_clear(&buf);
}

static void
appends_follow_each_other_and_a_nul_follows_them(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf);
	buf_append_text(&buf, "one");
	buf_append_char(&buf, ' ');
	buf_append_format(&buf, "%d %s", 2, "three");
	buf_append(&buf, "\0four", 5);
	assert_int_equal(buf.len, 16);
	assert_memory_equal(buf.bytes, "one 2 three\0four", 17);
	buf_clear(&buf);
	assert_null(buf.bytes);
	assert_int_equal(buf.len, 0);
}

static void
bytes_survive_growth(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		buf_append_char(&buf, (char)('a' + i % 26));
		if (buf.bytes[buf.len] != '\0')
			fail_msg("no NUL behind %zu bytes", buf.len);
	}
	assert_int_equal(buf.len, 100000);
	for (size_t i = 0; i < 100000; i++)
		if (buf.bytes[i] != (char)('a' + i % 26))
			fail_msg("byte %zu changed", i);
	buf_clear(&buf);
}

static void
a_format_fits_at_every_length(void **state)
{
	char word[300];

	(void)state;
	memset(word, 'w', sizeof(word));
	for (int len = 0; len < (int)sizeof(word); len++) {
		struct buf buf = BUF_EMPTY;
		buf_append_format(&buf, "%.*s", len, word);
		assert_int_equal(buf.len, len);
		assert_int_equal(strlen(buf_text(&buf)), len);
		buf_clear(&buf);
	}
}

static void
reset_keeps_the_memory(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	buf_reset(&buf);
	buf_append_text(&buf, "something");
	char *bytes = buf.bytes;
	buf_reset(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_append_text(&buf, "else");
	assert_ptr_equal(buf.bytes, bytes);
	assert_string_equal(buf_text(&buf), "else");
	buf_clear(&buf);
}

static void
reserved_room_can_be_written_in_place(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	buf_append_text(&buf, "head ");
	buf_reserve(&buf, 5000);
	assert_true(buf.capacity >= buf.len + 5000 + 1);
	memset(buf.bytes + buf.len, 'x', 5000);
	buf.len += 5000;
	buf.bytes[buf.len] = '\0';
	assert_int_equal(strlen(buf_text(&buf)), 5005);
	buf_clear(&buf);
}

static void
taken_bytes_are_the_callers_and_never_null(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	char *nothing = buf_take(&buf);
	assert_string_equal(nothing, "");
	buf_append_text(&buf, "mine");
	char *taken = buf_take(&buf);
	assert_string_equal(taken, "mine");
	assert_null(buf.bytes);
	buf_append_text(&buf, "again");
	assert_string_equal(buf_text(&buf), "again");
	assert_string_equal(taken, "mine");
	free(nothing);
	free(taken);
	buf_clear(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buf_is_an_empty_text),
		cmocka_unit_test(appends_follow_each_other_and_a_nul_follows_them),
		cmocka_unit_test(bytes_survive_growth),
		cmocka_unit_test(a_format_fits_at_every_length),
		cmocka_unit_test(reset_keeps_the_memory),
		cmocka_unit_test(reserved_room_can_be_written_in_place),
		cmocka_unit_test(taken_bytes_are_the_callers_and_never_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
