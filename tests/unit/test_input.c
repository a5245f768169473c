#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/input.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/stage.h"

static const char digits[] = "0123456789";

/* A descriptor of a file that has no name any more. */
static int
temporary_file(const char *text)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fflush(file), 0);
	fd = dup(fileno(file));
	assert_true(fd >= 0);
	fclose(file);
	return fd;
}

static void
every_range_can_be_read(struct input *input)
{
	char bytes[sizeof(digits)];
	uint64_t asked = 0;

	assert_int_equal(input->size_bytes, 10);
	for (size_t off = 0; off <= 10; off++) {
		for (size_t len = 0; off + len <= 10; len++) {
			assert_int_equal(input_read(input, off, bytes, len), 0);
			assert_memory_equal(bytes, digits + off, len);
			asked += len;
		}
	}
	assert_int_equal(input->read_bytes, asked);
}

static void
memory_can_be_read_at_any_offset(void **state)
{
	struct input *input = input_memory_new("ten digits", digits, 10);

	(void)state;
	every_range_can_be_read(input);
	input_free(input);
	input_free(NULL);
}

static void
a_file_can_be_read_at_any_offset(void **state)
{
	struct input *input = input_fd_new("ten digits", temporary_file(digits), ERR_STORE);

	(void)state;
	assert_non_null(input);
	every_range_can_be_read(input);
	input_free(input);
}

static void
a_read_past_the_end_is_damage_and_says_where_it_ends(void **state)
{
	struct input *input = input_memory_new("cluster.sql.zst", digits, 10);
	char bytes[16];

	(void)state;
	assert_int_equal(input_read(input, 8, bytes, 3), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_string_equal(error_get()->message, "cluster.sql.zst ends at byte 10, 11 were expected");
	assert_int_equal(input_read(input, 11, bytes, 0), -1);
	assert_int_equal(input_read(input, UINT64_MAX, bytes, 2), -1);
	assert_int_equal(input_read(input, 8, bytes, SIZE_MAX), -1);
	assert_int_equal(input->read_bytes, 0);
	input_free(input);
}

static void
a_file_that_has_become_shorter_is_damaged(void **state)
{
	int fd = temporary_file(digits);
	struct input *input = input_fd_new("ten digits", fd, ERR_STORE);
	char bytes[10];

	(void)state;
	assert_int_equal(ftruncate(fd, 4), 0);
	assert_int_equal(input_read(input, 0, bytes, 10), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "ten digits"));
	input_free(input);
}

static void
a_file_that_cannot_be_read_is_an_error_of_the_given_class(void **state)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct input *input = input_fd_new("write-only", fd, ERR_SETTINGS);
	char byte;

	(void)state;
	assert_non_null(input);
	input->size_bytes = 1;
	assert_int_equal(input_read(input, 0, &byte, 1), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	input_free(input);
	assert_null(input_fd_new("no descriptor", -1, ERR_STORE));
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "cannot read 'no descriptor': Bad file descriptor");
}

static void
a_copy_of_any_length_arrives_whole(void **state)
{
	static const size_t lengths[] = { 0, 1, 262143, 262144, 262145, 600000 };
	char *bytes = mem_alloc(700000);
	struct input *input = input_memory_new("bytes", bytes, 700000);

	(void)state;
	for (size_t i = 0; i < 700000; i++)
		bytes[i] = (char)(i * 2654435761U >> 13);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct buf buf = BUF_EMPTY;
		struct stage *to = stage_buf_new(&buf);

		assert_int_equal(input_copy(input, 77, lengths[i], to), 0);
		assert_int_equal(stage_finish(to), 0);
		assert_int_equal(buf.len, lengths[i]);
		if (buf.len > 0)
			assert_memory_equal(buf.bytes, bytes + 77, buf.len);
		stage_free(to);
		buf_clear(&buf);
	}
	input_free(input);
	free(bytes);
}

static void
a_copy_stops_at_a_signal_and_at_the_end(void **state)
{
	struct input *input = input_memory_new("ten digits", digits, 10);
	struct stage *to = stage_null_new();

	(void)state;
	assert_int_equal(input_copy(input, 5, 6, to), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	interrupt_simulate(SIGTERM);
	assert_int_equal(input_copy(input, 0, 10, to), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	interrupt_simulate(0);
	assert_int_equal(to->in_bytes, 0);
	stage_free(to);
	input_free(input);
}

static void
a_borrowed_input_stays(void **state)
{
	struct input *under = input_memory_new("ten digits", "0123456789", 10);
	struct input *over = input_borrow_new(under);
	char bytes[3];

	(void)state;
	assert_string_equal(over->name, "ten digits");
	assert_int_equal(input_read(over, 7, bytes, 3), 0);
	assert_memory_equal(bytes, "789", 3);
	assert_int_equal(input_read(over, 8, bytes, 3), -1);
	input_free(over);
	assert_int_equal(under->read_bytes, 3);
	assert_int_equal(input_read(under, 0, bytes, 3), 0);
	input_free(under);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_can_be_read_at_any_offset),
		cmocka_unit_test(a_file_can_be_read_at_any_offset),
		cmocka_unit_test(a_read_past_the_end_is_damage_and_says_where_it_ends),
		cmocka_unit_test(a_file_that_has_become_shorter_is_damaged),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_of_the_given_class),
		cmocka_unit_test(a_borrowed_input_stays),
		cmocka_unit_test(a_copy_of_any_length_arrives_whole),
		cmocka_unit_test(a_copy_stops_at_a_signal_and_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
