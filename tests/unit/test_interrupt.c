#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/interrupt.h"

static int
forget(void **state)
{
	(void)state;
	interrupt_simulate(0);
	error_clear();
	return 0;
}

static int
readable(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, 0);
}

/* What a child that does this ends with, as waitpid(2) says it. */
static int
status_of(void (*child_main)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		child_main();
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Runs first, before any test has installed the handlers. */
static void
before_the_handlers_there_is_no_descriptor_and_a_signal_can_be_simulated(void **state)
{
	(void)state;
	assert_int_equal(interrupt_fd(), -1);
	interrupt_simulate(SIGINT);
	assert_int_equal(interrupt_pending(), SIGINT);
	interrupt_simulate(0);
	assert_int_equal(interrupt_pending(), 0);
}

static void
nothing_is_pending_at_first(void **state)
{
	(void)state;
	assert_int_equal(interrupt_install(), 0);
	assert_int_equal(interrupt_pending(), 0);
	assert_int_equal(interrupt_check(), 0);
	assert_true(interrupt_fd() >= 0);
	assert_int_equal(readable(interrupt_fd()), 0);
}

static void
each_of_three_signals_becomes_a_flag_an_error_and_a_readable_descriptor(void **state)
{
	static const struct {
		int number;
		const char *message;
	} cases[] = {
		{ SIGINT, "interrupted by SIGINT" },
		{ SIGTERM, "interrupted by SIGTERM" },
		{ SIGHUP, "interrupted by SIGHUP" },
	};

	(void)state;
	signal(SIGHUP, SIG_DFL);
	assert_int_equal(interrupt_install(), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		raise(cases[i].number);
		assert_int_equal(interrupt_pending(), cases[i].number);
		assert_int_equal(readable(interrupt_fd()), 1);
		assert_int_equal(interrupt_check(), -1);
		assert_int_equal(error_get()->class, ERR_INTERRUPTED);
		assert_string_equal(error_get()->message, cases[i].message);
		interrupt_simulate(0);
		assert_int_equal(readable(interrupt_fd()), 0);
	}
}

static void
a_simulated_signal_wakes_like_a_real_one(void **state)
{
	(void)state;
	assert_int_equal(interrupt_install(), 0);
	interrupt_simulate(SIGTERM);
	assert_int_equal(interrupt_pending(), SIGTERM);
	assert_int_equal(readable(interrupt_fd()), 1);
	assert_int_equal(interrupt_check(), -1);
}

static void
a_pending_signal_ends_a_wait_of_hours(void **state)
{
	(void)state;
	assert_int_equal(interrupt_install(), 0);
	assert_int_equal(interrupt_wait(0), 0);
	interrupt_simulate(SIGTERM);
	assert_int_equal(interrupt_wait(UINT64_C(3600000)), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
}

static void
two_signals(void)
{
	raise(SIGINT);
	raise(SIGTERM);
}

static void
a_second_signal_ends_the_program_at_once(void **state)
{
	(void)state;
	assert_int_equal(interrupt_install(), 0);
	int status = status_of(two_signals);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
}

static void
hang_up_under_nohup(void)
{
	signal(SIGHUP, SIG_IGN);
	if (interrupt_install() != 0)
		_exit(2);
	raise(SIGHUP);
	_exit(interrupt_pending() == 0 ? 0 : 1);
}

static void
a_hang_up_that_nohup_ignores_stays_ignored(void **state)
{
	(void)state;
	assert_int_equal(status_of(hang_up_under_nohup), 0);
}

static void
write_into_a_closed_pipe(void)
{
	int ends[2];

	if (interrupt_install() != 0 || pipe(ends) != 0)
		_exit(2);
	close(ends[0]);
	_exit(write(ends[1], "x", 1) == -1 ? 0 : 1);
}

static void
a_broken_pipe_is_an_error_and_not_the_end(void **state)
{
	(void)state;
	assert_int_equal(status_of(write_into_a_closed_pipe), 0);
}

static void
wait_for_a_child_though_they_were_ignored(void)
{
	signal(SIGCHLD, SIG_IGN);
	if (interrupt_install() != 0)
		_exit(2);
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(7);
	_exit(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7 ? 0 : 1);
}

static void
children_can_be_waited_for_though_the_parent_ignored_its_own(void **state)
{
	(void)state;
	assert_int_equal(status_of(wait_for_a_child_though_they_were_ignored), 0);
}

static void
a_blocking_call_is_not_restarted(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action;

	(void)state;
	signal(SIGHUP, SIG_DFL);
	assert_int_equal(interrupt_install(), 0);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		assert_int_equal(sigaction(signals[i], NULL, &action), 0);
		assert_int_equal((unsigned int)action.sa_flags & (unsigned int)SA_RESTART, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			before_the_handlers_there_is_no_descriptor_and_a_signal_can_be_simulated, forget),
		cmocka_unit_test_setup(nothing_is_pending_at_first, forget),
		cmocka_unit_test_setup(
			each_of_three_signals_becomes_a_flag_an_error_and_a_readable_descriptor, forget),
		cmocka_unit_test_setup(a_pending_signal_ends_a_wait_of_hours, forget),
		cmocka_unit_test_setup(a_simulated_signal_wakes_like_a_real_one, forget),
		cmocka_unit_test_setup(a_second_signal_ends_the_program_at_once, forget),
		cmocka_unit_test_setup(a_hang_up_that_nohup_ignores_stays_ignored, forget),
		cmocka_unit_test_setup(a_broken_pipe_is_an_error_and_not_the_end, forget),
		cmocka_unit_test_setup(children_can_be_waited_for_though_the_parent_ignored_its_own, forget),
		cmocka_unit_test_setup(a_blocking_call_is_not_restarted, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
