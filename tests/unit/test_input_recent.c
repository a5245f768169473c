/* What was read last is not read again, and whatever is asked for comes as it is. */
#include "config.h"

#include "incant/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "incant/error.h"

#define SIZE 64

static char object[SIZE];

static struct input *
recent_of(size_t keep_bytes, struct input **under)
{
	for (size_t i = 0; i < SIZE; i++)
		object[i] = (char)(i * 5 + 1);
	*under = input_memory_new("object", object, SIZE);
	return input_recent_new(*under, keep_bytes);
}

static void
assert_read(struct input *input, size_t off, size_t len)
{
	char bytes[SIZE];

	assert_int_equal(input_read(input, off, bytes, len), 0);
	assert_memory_equal(bytes, object + off, len);
}

static void
any_two_reads_give_their_bytes_whatever_is_kept(void **state)
{
	(void)state;
	for (size_t keep = 0; keep <= SIZE; keep += 8)
		for (size_t off = 0; off < SIZE; off += 3)
			for (size_t len = 1; off + len <= SIZE; len += 5)
				for (size_t other = 0; other < SIZE; other += 7) {
					struct input *under;
					struct input *input = recent_of(keep, &under);

					assert_read(input, off, len);
					assert_read(input, other, SIZE - other);
					assert_read(input, off, len);
					input_free(input);
				}
}

static void
the_last_stretch_and_parts_of_it_are_not_read_again(void **state)
{
	struct input *under;
	struct input *input = recent_of(SIZE, &under);

	(void)state;
	assert_read(input, 10, 20);
	assert_int_equal(under->read_bytes, 20);
	assert_read(input, 10, 20);
	assert_read(input, 15, 15);
	assert_read(input, 10, 1);
	assert_int_equal(under->read_bytes, 20);
	assert_read(input, 15, 16);
	assert_int_equal(under->read_bytes, 36);
	assert_read(input, 14, 1);
	assert_int_equal(under->read_bytes, 37);
	input_free(input);
}

static void
a_stretch_that_is_too_long_is_passed_through(void **state)
{
	struct input *under;
	struct input *input = recent_of(10, &under);

	(void)state;
	assert_read(input, 0, 5);
	assert_read(input, 0, 11);
	assert_read(input, 0, 5);
	assert_int_equal(under->read_bytes, 16);
	input_free(input);
}

static int
failing_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	(void)input;
	(void)off;
	memset(bytes, 'x', len);
	return error_set(ERR_STORE, "cannot read");
}

static void
what_could_not_be_read_is_not_remembered(void **state)
{
	const struct input_ops failing = { .read = failing_read };
	struct input *under;
	struct input *input = recent_of(SIZE, &under);
	const struct input_ops *sound = under->ops;
	char bytes[8];

	(void)state;
	under->ops = &failing;
	assert_int_equal(input_read(input, 8, bytes, 8), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	under->ops = sound;
	assert_read(input, 8, 8);
	error_clear();
	input_free(input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_two_reads_give_their_bytes_whatever_is_kept),
		cmocka_unit_test(the_last_stretch_and_parts_of_it_are_not_read_again),
		cmocka_unit_test(a_stretch_that_is_too_long_is_passed_through),
		cmocka_unit_test(what_could_not_be_read_is_not_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
