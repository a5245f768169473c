#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "incant/mem.h"

static void
texts_are_copied_whole_or_in_part(void **state)
{
	char *whole = mem_text("hello");
	char *part = mem_text_n("hello", 3);
	char *empty = mem_text_n(NULL, 0);
	char *made = mem_format("%s-%d", "x", 42);

	(void)state;
	assert_string_equal(whole, "hello");
	assert_string_equal(part, "hel");
	assert_string_equal(empty, "");
	assert_string_equal(made, "x-42");
	assert_null(mem_text(NULL));
	free(whole);
	free(part);
	free(empty);
	free(made);
}

static void
nothing_is_also_an_amount_of_memory(void **state)
{
	void *memory[] = { mem_alloc(0), mem_zero(0), mem_resize(NULL, 0, 8), mem_copy(NULL, 0),
		mem_aligned(64, 0) };

	(void)state;
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
		assert_non_null(memory[i]);
		free(memory[i]);
	}
}

static void
zeroed_memory_is_zero_and_aligned_memory_is_aligned(void **state)
{
	static const char zeros[1000];
	char *zeroed = mem_zero(sizeof(zeros));
	char *aligned = mem_aligned(64, 100);

	(void)state;
	assert_memory_equal(zeroed, zeros, sizeof(zeros));
	assert_int_equal((uintptr_t)aligned % 64, 0);
	free(zeroed);
	free(aligned);
}

static void
an_array_grows_one_element_at_a_time(void **state)
{
	size_t *numbers = NULL;
	size_t count = 0;
	size_t capacity = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		MEM_GROW(numbers, count, capacity);
		numbers[count++] = i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	free(numbers);
}

static void
more_than_there_can_be_ends_the_program_with_one_line(void **state)
{
	struct capture capture;
	char printed[200];
	int status = 0;

	(void)state;
	capture_begin(&capture);
	pid_t child = fork();
	if (child == 0) {
		free(mem_resize(NULL, SIZE_MAX / 2, 3));
		_exit(0);
	}
	pid_t waited = waitpid(child, &status, 0);
	capture_end(&capture, printed, sizeof(printed));
	assert_int_equal(waited, child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_string_equal(printed, "incant-backup: out of memory\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_copied_whole_or_in_part),
		cmocka_unit_test(nothing_is_also_an_amount_of_memory),
		cmocka_unit_test(zeroed_memory_is_zero_and_aligned_memory_is_aligned),
		cmocka_unit_test(an_array_grows_one_element_at_a_time),
		cmocka_unit_test(more_than_there_can_be_ends_the_program_with_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
