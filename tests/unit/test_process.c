#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/process.h"

static int
begin(void **state)
{
	(void)state;
	interrupt_simulate(0);
	error_clear();
	return interrupt_install();
}

/* The shell is the child here because it can be told in a line how to behave. */
static struct process *
start_script(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct process_request request = { .argv = argv };
	struct process *process = process_start(&request);

	assert_non_null(process);
	return process;
}

/* A child that waits on its standard input: for ever, unless that is closed. */
static struct process *
start_cat(uint64_t deadline_ms)
{
	static const char *const argv[] = { "cat", NULL };
	const struct process_request request = {
		.argv = argv,
		.deadline_ms = deadline_ms,
		.stdin_kind = PROCESS_STDIN_PIPE,
	};
	struct process *process = process_start(&request);

	assert_non_null(process);
	return process;
}

/* Standard output to its end. The buffer is the caller's to clear. */
static struct buf
read_all(struct process *process)
{
	struct buf output = BUF_EMPTY;
	char bytes[70000];
	ssize_t got;

	do {
		got = process_read(process, bytes, sizeof(bytes));
		assert_true(got >= 0);
		buf_append(&output, bytes, (size_t)got);
	} while (got > 0);
	return output;
}

static void
assert_error(enum error_class class, const char *message)
{
	assert_int_equal(error_get()->class, class);
	assert_string_equal(error_get()->message, message);
	error_clear();
}

static void
assert_output(const struct process_request *request, const char *expected)
{
	struct process *process = process_start(request);

	assert_non_null(process);
	struct buf output = read_all(process);
	assert_string_equal(buf_text(&output), expected);
	assert_int_equal(process_wait(process), 0);
	process_free(process);
	buf_clear(&output);
}

static void
arguments_arrive_as_they_are(void **state)
{
	static const char *const argv[] = { "printf", "%s|", "a b", "", "*", "$HOME", "'\"", "\n", NULL };

	(void)state;
	assert_output(&(struct process_request){ .argv = argv }, "a b||*|$HOME|'\"|\n|");
}

static void
variables_are_added_and_replaced(void **state)
{
	static const char *const argv[] = { "sh", "-c", "echo $INCANT_A,$INCANT_B,$INCANT_C,$INCANT_BB",
		NULL };
	static const char *const env[] = { "INCANT_B=new", "INCANT_C=added", NULL };

	(void)state;
	setenv("INCANT_A", "kept", 1);
	setenv("INCANT_B", "old", 1);
	setenv("INCANT_BB", "other", 1);
	assert_output(&(struct process_request){ .argv = argv, .env = env }, "kept,new,added,other\n");
}

static void
standard_input_is_empty_unless_asked_for(void **state)
{
	static const char *const argv[] = { "cat", NULL };

	(void)state;
	assert_output(&(struct process_request){ .argv = argv }, "");
}

/* Its own output is all there; what an orphan would still write is nobody's. */
static void
the_end_of_the_child_is_the_end_though_an_orphan_holds_the_pipe(void **state)
{
	static const char *const endings[] = { "0", "3" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *script = mem_format("sleep 600 2>/dev/null & echo $!; exit %s", endings[i]);
		struct process *process = start_script(script);
		struct buf output = read_all(process);
		long orphan = strtol(buf_text(&output), NULL, 10);

		assert_true(orphan > 1);
		assert_int_equal(kill((pid_t)orphan, SIGKILL), 0);
		assert_int_equal(process_wait(process), i == 0 ? 0 : -1);
		error_clear();
		process_free(process);
		buf_clear(&output);
		free(script);
	}
}

static void
a_large_output_comes_whole(void **state)
{
	enum { SIZE = 5000000 };
	struct process *process = start_script("head -c 5000000 /dev/zero | tr '\\0' x");
	struct buf output = read_all(process);

	(void)state;
	assert_int_equal(output.len, SIZE);
	assert_int_equal(strspn(buf_text(&output), "x"), SIZE);
	assert_int_equal(process_read(process, (char[1]){ 0 }, 1), 0);
	assert_int_equal(process_wait(process), 0);
	process_free(process);
	buf_clear(&output);
}

static void
what_is_written_comes_to_the_child(void **state)
{
	struct process *process = start_cat(0);

	(void)state;
	assert_int_equal(process_write(process, "hello ", 6), 0);
	assert_int_equal(process_write(process, "child", 5), 0);
	assert_int_equal(process_close_input(process), 0);
	struct buf output = read_all(process);
	assert_string_equal(buf_text(&output), "hello child");
	assert_int_equal(process_wait(process), 0);
	process_free(process);
	buf_clear(&output);
}

static void
a_large_input_waits_for_a_slow_reader(void **state)
{
	enum { SIZE = 1000000 };
	static const char *const argv[] = { "wc", "-c", NULL };
	const struct process_request request = { .argv = argv, .stdin_kind = PROCESS_STDIN_PIPE };
	struct process *process = process_start(&request);
	char *bytes = mem_zero(SIZE);

	(void)state;
	assert_non_null(process);
	assert_int_equal(process_write(process, bytes, SIZE), 0);
	assert_int_equal(process_close_input(process), 0);
	struct buf output = read_all(process);
	assert_int_equal(strtol(buf_text(&output), NULL, 10), SIZE);
	assert_int_equal(process_wait(process), 0);
	process_free(process);
	buf_clear(&output);
	free(bytes);
}

static void
writing_to_a_child_that_has_gone_is_an_error(void **state)
{
	static const char *const argv[] = { "true", NULL };
	const struct process_request request = { .argv = argv, .stdin_kind = PROCESS_STDIN_PIPE };
	struct process *process = process_start(&request);

	(void)state;
	assert_non_null(process);
	struct buf output = read_all(process);
	int result = 0;
	for (int i = 0; i < 100 && result == 0; i++)
		result = process_write(process, (const char[65536]){ 0 }, 65536);
	assert_int_equal(result, -1);
	assert_error(ERR_SOURCE, "cannot write to true: Broken pipe");
	process_free(process);
	buf_clear(&output);
}

static void
a_program_that_is_not_there_is_reported_at_the_start(void **state)
{
	static const char *const unknown[] = { "incant-no-such-program", NULL };
	static const char *const missing[] = { "/no/such/program", NULL };
	static const char *const directory[] = { "/tmp", NULL };

	(void)state;
	assert_null(process_start(&(struct process_request){ .argv = unknown }));
	assert_error(ERR_SOURCE, "cannot start 'incant-no-such-program': No such file or directory");
	assert_null(process_start(&(struct process_request){ .argv = missing }));
	assert_error(ERR_SOURCE, "cannot start '/no/such/program': No such file or directory");
	assert_null(process_start(&(struct process_request){ .argv = directory }));
	assert_error(ERR_SOURCE, "cannot start '/tmp': Permission denied");
}

/* execvp(3) would hand this file to a shell. */
static void
a_file_that_is_no_program_is_not_given_to_a_shell(void **state)
{
	char path[] = "/tmp/test_process.XXXXXX";
	int fd = mkstemp(path);
	const char *argv[] = { path, NULL };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "exit 0\n", 7), 7);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	assert_null(process_start(&(struct process_request){ .argv = argv }));
	assert_non_null(strstr(error_get()->message, "': Exec format error"));
	unlink(path);
}

static void
the_path_is_searched_in_its_order(void **state)
{
	char *path = mem_text(getenv("PATH"));
	static const char *const argv[] = { "true", NULL };

	(void)state;
	setenv("PATH", "/no/such/directory:/usr/bin:/bin", 1);
	assert_output(&(struct process_request){ .argv = argv }, "");
	setenv("PATH", "/no/such/directory", 1);
	assert_null(process_start(&(struct process_request){ .argv = argv }));
	assert_error(ERR_SOURCE, "cannot start 'true': No such file or directory");
	setenv("PATH", path, 1);
	free(path);
}

static void
an_exit_status_is_an_error_with_what_was_said(void **state)
{
	struct process *process =
		start_script("echo out; echo one >&2; echo >&2; echo 'two \033[1m' >&2; exit 3");
	struct buf output = read_all(process);

	(void)state;
	assert_string_equal(buf_text(&output), "out\n");
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "sh exited with status 3: one; two ?[1m");
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "sh exited with status 3: one; two ?[1m");
	assert_string_equal(process_errors(process), "one; two ?[1m");
	process_free(process);
	buf_clear(&output);
}

static void
a_silent_failure_is_an_error_too(void **state)
{
	struct process *process = start_script("exit 1");

	(void)state;
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "sh exited with status 1");
	assert_string_equal(process_errors(process), "");
	process_free(process);
}

static void
an_end_by_signal_is_an_error_that_names_it(void **state)
{
	struct process *process = start_script("echo dying >&2; kill -KILL $$");

	(void)state;
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "sh was ended by signal 9 (Killed): dying");
	process_free(process);
}

static void
warnings_of_a_child_that_succeeds_can_be_read(void **state)
{
	struct process *process = start_script("printf 'careful\\r\\n' >&2");

	(void)state;
	assert_int_equal(process_wait(process), 0);
	assert_string_equal(process_errors(process), "careful");
	process_free(process);
}

static void
a_flood_on_standard_error_does_not_stop_the_child_and_its_end_is_kept(void **state)
{
	struct process *process = start_script("i=0; while [ $i -lt 20000 ]; do echo \"line $i\" >&2; "
					       "i=$((i + 1)); done; echo done; exit 1");
	struct buf output = read_all(process);

	(void)state;
	assert_string_equal(buf_text(&output), "done\n");
	assert_int_equal(process_wait(process), -1);
	const char *message = error_get()->message;
	assert_int_equal(strncmp(message, "sh exited with status 1: line ", 30), 0);
	assert_non_null(strstr(message, "; line 19998; line 19999"));
	assert_in_range(strlen(message), 900, 1300);

	/* "; " in place of each newline: the text grows by a byte a line. */
	const char *errors = process_errors(process);
	assert_int_equal(strncmp(errors, "line ", 5), 0);
	assert_in_range(strlen(errors), 16000, 19000);
	assert_string_equal(errors + strlen(errors) - 12, "; line 19999");
	process_free(process);
	buf_clear(&output);
}

static void
standard_error_after_the_end_of_output_is_still_heard(void **state)
{
	struct process *process = start_script("exec >&-; head -c 300000 /dev/zero | tr '\\0' e >&2; "
					       "echo >&2; echo last >&2; exit 2");
	struct buf output = read_all(process);

	(void)state;
	assert_int_equal(output.len, 0);
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "sh exited with status 2: last");
	process_free(process);
	buf_clear(&output);
}

static void
waiting_drops_what_was_not_read(void **state)
{
	struct process *process = start_script("head -c 3000000 /dev/zero");

	(void)state;
	assert_int_equal(process_wait(process), 0);
	process_free(process);
}

static void
waiting_ends_the_input(void **state)
{
	struct process *process = start_cat(0);

	(void)state;
	assert_int_equal(process_wait(process), 0);
	process_free(process);
}

/* The child of the child keeps standard error open, until this test ends it. */
static void
a_descendant_that_lives_on_does_not_hold_the_wait(void **state)
{
	struct process *process = start_script("sleep 1000 >/dev/null & echo $!; exec >&-");
	struct buf output = read_all(process);
	pid_t descendant = (pid_t)strtol(buf_text(&output), NULL, 10);

	(void)state;
	assert_int_equal(process_wait(process), 0);
	process_free(process);
	assert_true(descendant > 1);
	assert_int_equal(kill(descendant, SIGKILL), 0);
	buf_clear(&output);
}

static void
a_deadline_ends_reading_writing_and_waiting(void **state)
{
	char byte;
	struct process *process = start_cat(clock_monotonic_ms() + 20);

	(void)state;
	assert_int_equal(process_read(process, &byte, 1), -1);
	assert_error(ERR_SOURCE, "cat took longer than its time limit");
	assert_int_equal(process_write(process, "x", 1), -1);
	assert_error(ERR_SOURCE, "cat took longer than its time limit");
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "cat took longer than its time limit");
	process_free(process);
}

static void
a_deadline_also_ends_the_wait_after_the_end_of_output(void **state)
{
	static const char *const argv[] = { "sh", "-c", "exec >&- 2>&-; exec sleep 1000", NULL };
	struct process *process = process_start(
		&(struct process_request){ .argv = argv, .deadline_ms = clock_monotonic_ms() + 300 });

	(void)state;
	assert_non_null(process);
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_SOURCE, "sh took longer than its time limit");
	process_free(process);
}

static void
a_signal_ends_reading_writing_and_waiting(void **state)
{
	char byte;
	struct process *process = start_cat(0);

	(void)state;
	interrupt_simulate(SIGTERM);
	assert_int_equal(process_read(process, &byte, 1), -1);
	assert_error(ERR_INTERRUPTED, "interrupted by SIGTERM");
	assert_int_equal(process_write(process, "x", 1), -1);
	assert_error(ERR_INTERRUPTED, "interrupted by SIGTERM");
	assert_int_equal(process_wait(process), -1);
	assert_error(ERR_INTERRUPTED, "interrupted by SIGTERM");
	process_free(process);
}

static void
a_signal_that_comes_while_sleeping_wakes(void **state)
{
	char byte;
	char script[100];

	(void)state;
	snprintf(script, sizeof(script), "kill -INT %d; exec sleep 1000", (int)getpid());
	struct process *process = start_script(script);
	assert_int_equal(process_read(process, &byte, 1), -1);
	assert_error(ERR_INTERRUPTED, "interrupted by SIGINT");
	process_free(process);
}

/* The child of the child holds a fifo open: its end is the end of the fifo. */
static void
freeing_ends_the_child_and_its_children(void **state)
{
	char directory[] = "/tmp/test_process.XXXXXX";
	char byte;

	(void)state;
	assert_non_null(mkdtemp(directory));
	char *fifo = mem_format("%s/fifo", directory);
	char *script = mem_format("sleep 1000 >'%s' & wait", fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	struct process *process = start_script(script);
	struct pollfd end = { .fd = open(fifo, O_RDONLY | O_CLOEXEC), .events = POLLIN };
	assert_true(end.fd >= 0);
	assert_int_equal(poll(&end, 1, 0), 0);

	process_free(process);
	assert_int_equal(poll(&end, 1, 30000), 1);
	assert_int_equal(read(end.fd, &byte, 1), 0);
	close(end.fd);
	unlink(fifo);
	rmdir(directory);
	free(script);
	free(fifo);
}

static void
freeing_no_process_does_nothing(void **state)
{
	(void)state;
	process_free(NULL);
}

static void
a_child_that_ignores_the_request_to_end_is_ended(void **state)
{
	struct process *process = start_script("trap '' TERM PIPE; echo ready; while :; do sleep 1000; done");
	char bytes[10];

	(void)state;
	assert_int_equal(process_read(process, bytes, sizeof(bytes)), 6);
	process_free(process);
}

static void
a_child_sees_the_usual_signals_and_a_group_of_its_own(void **state)
{
	static const char script[] = "read pid name state parent group rest </proc/$$/stat; "
				     "echo leads:$((pid == group)); "
				     "grep -E '^Sig(Ign|Blk)' /proc/self/status";
	struct process *process = start_script(script);
	struct buf output = read_all(process);

	(void)state;
	assert_int_equal(process_wait(process), 0);
	const char *blocked = strstr(buf_text(&output), "SigBlk:\t");
	const char *ignored = strstr(buf_text(&output), "SigIgn:\t");
	assert_non_null(strstr(buf_text(&output), "leads:1\n"));
	assert_non_null(blocked);
	assert_non_null(ignored);
	assert_true(strtoull(blocked + 8, NULL, 16) == 0);
	uint64_t ours = 1U << (SIGPIPE - 1) | 1U << (SIGINT - 1) | 1U << (SIGTERM - 1);
	assert_true((strtoull(ignored + 8, NULL, 16) & ours) == 0);
	process_free(process);
	buf_clear(&output);
}

static size_t
open_descriptors(void)
{
	size_t count = 0;
	DIR *directory = opendir("/proc/self/fd");

	assert_non_null(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

/* How many descriptors a child finds open. */
static long
descriptors_of_a_child(void)
{
	struct process *process = start_script("ls /proc/self/fd | wc -l");
	struct buf output = read_all(process);
	long count = strtol(buf_text(&output), NULL, 10);

	assert_int_equal(process_wait(process), 0);
	process_free(process);
	buf_clear(&output);
	return count;
}

static void
no_descriptor_is_left_behind_on_either_side(void **state)
{
	static const char *const missing[] = { "/no/such/program", NULL };
	size_t before = open_descriptors();
	long before_in_child = descriptors_of_a_child();

	(void)state;
	struct process *other = start_cat(0);
	assert_true(before_in_child >= 3);
	assert_int_equal(descriptors_of_a_child(), before_in_child);
	process_free(other);
	assert_null(process_start(&(struct process_request){ .argv = missing }));
	assert_int_equal(open_descriptors(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(arguments_arrive_as_they_are, begin),
		cmocka_unit_test_setup(variables_are_added_and_replaced, begin),
		cmocka_unit_test_setup(standard_input_is_empty_unless_asked_for, begin),
		cmocka_unit_test_setup(
			the_end_of_the_child_is_the_end_though_an_orphan_holds_the_pipe, begin),
		cmocka_unit_test_setup(a_large_output_comes_whole, begin),
		cmocka_unit_test_setup(what_is_written_comes_to_the_child, begin),
		cmocka_unit_test_setup(a_large_input_waits_for_a_slow_reader, begin),
		cmocka_unit_test_setup(writing_to_a_child_that_has_gone_is_an_error, begin),
		cmocka_unit_test_setup(a_program_that_is_not_there_is_reported_at_the_start, begin),
		cmocka_unit_test_setup(a_file_that_is_no_program_is_not_given_to_a_shell, begin),
		cmocka_unit_test_setup(the_path_is_searched_in_its_order, begin),
		cmocka_unit_test_setup(an_exit_status_is_an_error_with_what_was_said, begin),
		cmocka_unit_test_setup(a_silent_failure_is_an_error_too, begin),
		cmocka_unit_test_setup(an_end_by_signal_is_an_error_that_names_it, begin),
		cmocka_unit_test_setup(warnings_of_a_child_that_succeeds_can_be_read, begin),
		cmocka_unit_test_setup(
			a_flood_on_standard_error_does_not_stop_the_child_and_its_end_is_kept, begin),
		cmocka_unit_test_setup(standard_error_after_the_end_of_output_is_still_heard, begin),
		cmocka_unit_test_setup(waiting_drops_what_was_not_read, begin),
		cmocka_unit_test_setup(waiting_ends_the_input, begin),
		cmocka_unit_test_setup(a_descendant_that_lives_on_does_not_hold_the_wait, begin),
		cmocka_unit_test_setup(a_deadline_ends_reading_writing_and_waiting, begin),
		cmocka_unit_test_setup(a_deadline_also_ends_the_wait_after_the_end_of_output, begin),
		cmocka_unit_test_setup(a_signal_ends_reading_writing_and_waiting, begin),
		cmocka_unit_test_setup(a_signal_that_comes_while_sleeping_wakes, begin),
		cmocka_unit_test_setup(freeing_ends_the_child_and_its_children, begin),
		cmocka_unit_test_setup(freeing_no_process_does_nothing, begin),
		cmocka_unit_test_setup(a_child_that_ignores_the_request_to_end_is_ended, begin),
		cmocka_unit_test_setup(a_child_sees_the_usual_signals_and_a_group_of_its_own, begin),
		cmocka_unit_test_setup(no_descriptor_is_left_behind_on_either_side, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
