/*
 * A dump by a local pg_dumpall, without a server: small scripts stand in for pg_dumpall, and the server's
 * address leads nowhere, so that nothing can be asked of it when a dump has failed.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/source.h"
#include "incant/stage.h"

/* A folder with a pg_dumpall in it, and settings that name both. */
struct desk {
	char directory[32];
	struct settings settings;
	struct buf out; /* what the dump wrote */
};

static int
desk_open(void **state)
{
	struct desk *desk = mem_zero(sizeof(*desk));

	snprintf(desk->directory, sizeof(desk->directory), "/tmp/test-source-XXXXXX");
	assert_non_null(mkdtemp(desk->directory));
	desk->settings.source.kind = SETTINGS_POSTGRES;
	desk->settings.source.conninfo = mem_text("host=/nowhere user=me");
	desk->settings.source.pg_bindir = mem_text(desk->directory);
	desk->settings.dump.lock_timeout_ms = 60000;
	interrupt_simulate(0);
	*state = desk;
	return 0;
}

static int
desk_close(void **state)
{
	struct desk *desk = *state;

	interrupt_simulate(0);
	assert_int_equal(file_remove_tree(desk->directory, ERR_INTERNAL), 0);
	free(desk->settings.source.conninfo);
	free(desk->settings.source.pg_bindir);
	buf_clear(&desk->out);
	free(desk);
	return 0;
}

/* Writes the stand-in for pg_dumpall: shell commands, run in the desk's folder. */
static void
write_dumper(const struct desk *desk, const char *commands)
{
	char *path = file_join(desk->directory, "pg_dumpall");
	char *script = mem_format("#!/bin/sh\ncd %s\n%s\n", desk->directory, commands);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, strlen(script)), strlen(script));
	assert_int_equal(close(fd), 0);
	free(script);
	free(path);
}

/* Dumps into head and frees it. Returns source_dump()'s result. */
static int
dump_to(const struct desk *desk, struct stage *head)
{
	struct source *source = source_open(&desk->settings, "20261122T030000Z");

	assert_non_null(source);
	int result = source_dump(source, head);
	stage_free(head);
	source_free(source);
	return result;
}

static int
dump(struct desk *desk)
{
	return dump_to(desk, stage_buf_new(&desk->out));
}

static void
assert_says(enum error_class class, const char *text)
{
	assert_int_equal(error_get()->class, class);
	if (strstr(error_get()->message, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, error_get()->message);
}

/* The stand-in has written its process id into the file `pid`; there must be no such process any more. */
static void
assert_dumper_ended(const struct desk *desk)
{
	char *path = file_join(desk->directory, "pid");
	struct buf text = BUF_EMPTY;

	assert_int_equal(file_read(path, 100, ERR_INTERNAL, &text), 0);
	pid_t pid = (pid_t)strtol(buf_text(&text), NULL, 10);
	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	buf_clear(&text);
	free(path);
}

/* The end of a chain that does something at the first bytes, and may then fail. */
struct trap {
	struct stage base;
	bool fails;
	bool signals;
};

static int
trap_write(struct stage *stage, const void *bytes, size_t len)
{
	struct trap *trap = (struct trap *)stage;

	(void)bytes;
	(void)len;
	if (trap->signals)
		interrupt_simulate(SIGTERM);
	return trap->fails ? error_set(ERR_STORE, "the disk is full") : 0;
}

static void
trap_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops trap_ops = { .name = "trap", .write = trap_write, .free = trap_free };

static struct stage *
trap_new(bool fails, bool signals)
{
	struct trap *trap = mem_zero(sizeof(*trap));

	stage_init(&trap->base, &trap_ops, NULL);
	trap->fails = fails;
	trap->signals = signals;
	return &trap->base;
}

static void
the_dumper_is_told_all_that_it_needs_and_no_password(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "for word; do echo \"$word\"; done; echo \"$PGAPPNAME\"");
	assert_int_equal(dump(desk), 0);
	assert_string_equal(buf_text(&desk->out),
		"--no-password\n-d\nhost=/nowhere user=me\n--lock-wait-timeout=60000\n"
		"incant-backup 20261122T030000Z\n");
}

static void
without_a_lock_timeout_the_dumper_waits_for_ever(void **state)
{
	struct desk *desk = *state;

	desk->settings.dump.lock_timeout_ms = 0;
	write_dumper(desk, "for word; do echo \"$word\"; done");
	assert_int_equal(dump(desk), 0);
	assert_string_equal(buf_text(&desk->out), "--no-password\n-d\nhost=/nowhere user=me\n");
}

static void
the_dumps_name_is_cut_as_the_server_would_cut_it(void **state)
{
	struct desk *desk = *state;
	char run[100];
	memset(run, '1', sizeof(run) - 1);
	run[sizeof(run) - 1] = '\0';
	struct source *source = source_open(&desk->settings, run);
	struct stage *head = stage_buf_new(&desk->out);

	write_dumper(desk, "printf %s \"$PGAPPNAME\"");
	assert_int_equal(source_dump(source, head), 0);
	assert_int_equal(desk->out.len, 63);
	assert_memory_equal(desk->out.bytes, "incant-backup 111", 17);
	stage_free(head);
	source_free(source);
}

static void
a_dumper_without_a_folder_is_found_in_path(void **state)
{
	struct desk *desk = *state;
	char *before = mem_text(getenv("PATH"));
	char *path = mem_format("%s:%s", desk->directory, before);

	write_dumper(desk, "echo found");
	free(desk->settings.source.pg_bindir);
	desk->settings.source.pg_bindir = NULL;
	setenv("PATH", path, 1);
	assert_int_equal(dump(desk), 0);
	setenv("PATH", before, 1);
	assert_string_equal(buf_text(&desk->out), "found\n");
	free(path);
	free(before);
}

static void
much_output_comes_whole(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "i=0; while [ $i -lt 2000 ]; do printf '%01000d\\n' $i; i=$((i + 1)); done");
	assert_int_equal(dump(desk), 0);
	assert_int_equal(desk->out.len, 2000 * 1001);
	for (size_t i = 0; i < 2000; i++)
		assert_int_equal(strtoul(desk->out.bytes + i * 1001, NULL, 10), i);
}

static void
a_dumper_that_is_missing_is_named(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, desk->directory);
	assert_says(ERR_SOURCE, "No such file or directory");
}

static void
a_dumper_that_dies_at_once_is_an_error(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "exit 1");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "pg_dumpall exited with status 1");
}

static void
a_dumper_that_fails_is_an_error_with_its_own_words(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "echo 'pg_dumpall: error: no password supplied' >&2; exit 3");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "pg_dumpall exited with status 3: pg_dumpall: error: no password supplied");
}

static void
a_dumper_that_fails_after_its_output_is_an_error(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "echo '-- PostgreSQL database cluster dump complete'; exit 1");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "pg_dumpall exited with status 1");
	assert_int_equal(desk->out.len, 45);
}

static void
a_dumper_that_is_killed_is_an_error_that_names_the_signal(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "echo some; kill -9 $$");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "pg_dumpall was ended by signal 9 (Killed)");
}

static void
a_dumper_that_ends_well_without_a_byte_is_an_error(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "exit 0");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "pg_dumpall ended well and wrote nothing");
}

static void
a_dumper_that_hangs_is_ended_at_the_time_limit(void **state)
{
	struct desk *desk = *state;

	desk->settings.dump.time_limit_ms = 500;
	write_dumper(desk, "echo $$ >pid; exec sleep 600");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "took longer than");
	assert_dumper_ended(desk);
}

static void
a_dumper_that_has_closed_its_output_and_hangs_is_ended_at_the_time_limit(void **state)
{
	struct desk *desk = *state;

	desk->settings.dump.time_limit_ms = 500;
	write_dumper(desk, "echo $$ >pid; echo some; exec sleep 600 >&- 2>&-");
	assert_int_equal(dump(desk), -1);
	assert_says(ERR_SOURCE, "took longer than");
	assert_dumper_ended(desk);
}

static void
a_signal_ends_the_dumper(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "echo $$ >pid; echo some; exec sleep 600");
	assert_int_equal(dump_to(desk, trap_new(false, true)), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	assert_dumper_ended(desk);
}

static void
a_chain_that_fails_ends_the_dumper_and_keeps_its_error(void **state)
{
	struct desk *desk = *state;

	write_dumper(desk, "echo $$ >pid; echo some; exec sleep 600");
	assert_int_equal(dump_to(desk, trap_new(true, false)), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "the disk is full");
	assert_dumper_ended(desk);
}

static void
a_server_that_does_not_answer_cannot_be_inspected(void **state)
{
	struct desk *desk = *state;
	struct source *source = source_open(&desk->settings, "20261122T030000Z");
	struct source_facts facts;
	unsigned ended = 0;

	assert_string_equal(source_describe(source), "host=/nowhere user=me");
	assert_int_equal(source_inspect(source, &facts), -1);
	assert_says(ERR_SOURCE, "/nowhere");
	assert_int_equal(source_end_leftovers(source, &ended), -1);
	assert_int_equal(ended, 0);
	source_free(source);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_dumper_is_told_all_that_it_needs_and_no_password),
		TEST(without_a_lock_timeout_the_dumper_waits_for_ever),
		TEST(the_dumps_name_is_cut_as_the_server_would_cut_it),
		TEST(a_dumper_without_a_folder_is_found_in_path),
		TEST(much_output_comes_whole),
		TEST(a_dumper_that_is_missing_is_named),
		TEST(a_dumper_that_dies_at_once_is_an_error),
		TEST(a_dumper_that_fails_is_an_error_with_its_own_words),
		TEST(a_dumper_that_fails_after_its_output_is_an_error),
		TEST(a_dumper_that_is_killed_is_an_error_that_names_the_signal),
		TEST(a_dumper_that_ends_well_without_a_byte_is_an_error),
		TEST(a_dumper_that_hangs_is_ended_at_the_time_limit),
		TEST(a_dumper_that_has_closed_its_output_and_hangs_is_ended_at_the_time_limit),
		TEST(a_signal_ends_the_dumper),
		TEST(a_chain_that_fails_ends_the_dumper_and_keeps_its_error),
		TEST(a_server_that_does_not_answer_cannot_be_inspected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
