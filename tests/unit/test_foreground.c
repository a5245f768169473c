#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "incant/error.h"
#include "incant/foreground.h"
#include "incant/interrupt.h"

#define RUN(end, ...) foreground_run((const char *const[]){ __VA_ARGS__, NULL }, false, end)

static void
the_exit_code_is_the_programs(void **state)
{
	struct foreground_end end;

	(void)state;
	assert_int_equal(RUN(&end, "sh", "-c", "exit 37"), 0);
	assert_int_equal(end.exit_code, 37);
	assert_int_equal(end.signal, 0);
	assert_int_equal(RUN(&end, "true"), 0);
	assert_int_equal(end.exit_code, 0);
}

static void
an_end_by_a_signal_is_told_with_it(void **state)
{
	struct foreground_end end;

	(void)state;
	assert_int_equal(RUN(&end, "sh", "-c", "kill -KILL $$"), 0);
	assert_int_equal(end.signal, SIGKILL);
	assert_int_equal(end.exit_code, 128 + SIGKILL);
}

static void
what_is_sent_to_us_is_passed_on_and_is_no_interrupt(void **state)
{
	struct foreground_end end;

	(void)state;
	assert_int_equal(interrupt_install(), 0);
	assert_int_equal(
		RUN(&end, "sh", "-c",
			"trap 'exit 9' TERM; kill -TERM $PPID; i=0; while [ $i -lt 600 ]; do sleep 0.1; "
			"i=$((i+1)); done"),
		0);
	assert_int_equal(end.exit_code, 9);
	assert_int_equal(interrupt_pending(), 0);
	/* Afterwards signals are ours again. */
	raise(SIGTERM);
	assert_int_equal(interrupt_pending(), SIGTERM);
	interrupt_simulate(0);
}

static void
it_is_in_our_process_group_with_signals_as_programs_expect_them(void **state)
{
	struct foreground_end end;
	char group[32];

	(void)state;
	assert_int_equal(interrupt_install(), 0);
	snprintf(group, sizeof(group), "%d", (int)getpgrp());
	assert_int_equal(
		RUN(&end, "sh", "-c", "test \"$(ps -o pgid= -p $$ | tr -d ' ')\" = \"$1\"", "sh", group), 0);
	assert_int_equal(end.exit_code, 0);
	/* SIGPIPE, which we ignore, ends a program that goes on writing. */
	assert_int_equal(RUN(&end, "sh", "-c", "kill -PIPE $$; exit 0"), 0);
	assert_int_equal(end.signal, SIGPIPE);
}

static void
its_output_can_go_aside(void **state)
{
	struct capture capture;
	struct foreground_end end;
	char text[64];

	(void)state;
	capture_begin(&capture);
	int rc = foreground_run((const char *const[]){ "echo", "aside", NULL }, true, &end);
	capture_end(&capture, text, sizeof(text));
	assert_int_equal(rc, 0);
	assert_string_equal(text, "aside\n");
}

static void
a_program_that_is_not_there_is_named(void **state)
{
	struct foreground_end end;

	(void)state;
	assert_int_equal(foreground_check("no-such-program"), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_string_equal(error_get()->message, "cannot run 'no-such-program': No such file or directory");
	assert_int_equal(foreground_check("/etc/passwd"), -1);
	assert_string_equal(error_get()->message, "cannot run '/etc/passwd': Permission denied");
	assert_int_equal(foreground_check("sh"), 0);
	assert_int_equal(RUN(&end, "/no/such"), -1);
	assert_string_equal(error_get()->message, "cannot run '/no/such': No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_code_is_the_programs),
		cmocka_unit_test(an_end_by_a_signal_is_told_with_it),
		cmocka_unit_test(what_is_sent_to_us_is_passed_on_and_is_no_interrupt),
		cmocka_unit_test(it_is_in_our_process_group_with_signals_as_programs_expect_them),
		cmocka_unit_test(its_output_can_go_aside),
		cmocka_unit_test(a_program_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
