/* A dump inside a container, by a scripted engine: above all, what is asked of it when the dump has failed.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fake/fake_http.h"
#include "incant/buf.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/source.h"
#include "incant/stage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How every dialogue begins. */
#define OPEN                                                                                          \
	{ .request = "GET /_ping ", .status = 200, .header = "Api-Version: 1.41\r\n", .body = "OK" }, \
	{                                                                                             \
		.request = "GET /v1.41/containers/db/json ", .status = 200,                           \
		.body = "{\"Id\":\"c1\",\"Name\":\"/db\",\"Config\":{\"Image\":\"postgres:15\"},"     \
			"\"State\":{\"Status\":\"running\"}}"                                         \
	}

/* The three requests of a process: what it must be, what it writes (framed), how it ends. */
#define CREATE(id, text)                                                                   \
	{                                                                                  \
		.request = "POST /v1.41/containers/c1/exec ", .with = text, .status = 201, \
		.body = "{\"Id\":\"" id "\"}"                                              \
	}
#define OUTPUT(id, bytes)                                                            \
	.request = "POST /v1.41/exec/" id "/start ", .status = 200, .body = (bytes), \
	.body_len = sizeof(bytes) - 1, .until_close = true
#define ENDED(id, code)                                                   \
	{                                                                 \
		.request = "GET /v1.41/exec/" id "/json ", .status = 200, \
		.body = "{\"Running\":false,\"ExitCode\":" code "}"       \
	}
#define RUNNING(id)                                                       \
	{                                                                 \
		.request = "GET /v1.41/exec/" id "/json ", .status = 200, \
		.body = "{\"Running\":true,\"ExitCode\":null}"            \
	}
#define RUNS                                                                                     \
	{                                                                                        \
		.request = "GET /v1.41/containers/c1/json ", .status = 200,                      \
		.body = "{\"Name\":\"/db\",\"State\":{\"Status\":\"running\",\"Running\":true}}" \
	}
#define SAY(id, text, bytes, code) CREATE(id, text), { OUTPUT(id, bytes) }, ENDED(id, code)

#define DUMP                                                                                      \
	"\"Cmd\":[\"pg_dumpall\",\"--no-password\",\"-U\",\"me\",\"--lock-wait-timeout=60000\"]," \
	"\"Env\":[\"PGAPPNAME=incant-backup 20261122T030000Z\"]"
#define PSQL "\"Cmd\":[\"psql\",\"-XAtqw\",\"-U\",\"me\",\"-d\",\"postgres\",\"-c\","
#define END  "application_name = 'incant-backup 20261122T030000Z'"

struct desk {
	struct fake_http *fake;
	struct settings settings;
	struct source *source;
	struct buf out;
};

static void
desk_open(struct desk *desk, const struct fake_exchange *dialogue, size_t count)
{
	memset(desk, 0, sizeof(*desk));
	desk->fake = fake_http_start(dialogue, count);
	desk->settings.source.kind = SETTINGS_DOCKER;
	desk->settings.source.docker_socket = mem_text(fake_http_socket(desk->fake));
	desk->settings.source.container = mem_text("db");
	desk->settings.source.user = mem_text("me");
	desk->settings.dump.lock_timeout_ms = 60000;
	desk->source = source_open(&desk->settings, "20261122T030000Z");
	assert_non_null(desk->source);
}

static void
desk_close(struct desk *desk)
{
	source_free(desk->source);
	free(desk->settings.source.docker_socket);
	free(desk->settings.source.container);
	free(desk->settings.source.user);
	buf_clear(&desk->out);
	assert_string_equal(fake_http_end(desk->fake), "");
}

/* Dumps, and closes the desk. Returns source_dump()'s result. */
static int
dump(const struct fake_exchange *dialogue, size_t count, const char *expected)
{
	struct desk desk;

	desk_open(&desk, dialogue, count);
	struct stage *head = stage_buf_new(&desk.out);
	int result = source_dump(desk.source, head);
	stage_free(head);
	assert_string_equal(buf_text(&desk.out), expected);
	desk_close(&desk);
	return result;
}

static int
forget(void **state)
{
	(void)state;
	interrupt_simulate(0);
	log_reset();
	return 0;
}

static void
come_signal(void)
{
	interrupt_simulate(SIGTERM);
}

static void
a_dump_is_what_the_dumper_in_the_container_writes(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		SAY("e1", DUMP, "\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\1!\1\0\0\0\0\0\0\3two", "0"),
	};

	assert_int_equal(dump(dialogue, COUNT(dialogue), "onetwo"), 0);
}

static void
a_dump_of_nothing_is_an_error(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = { OPEN, SAY("e1", DUMP, "\2\0\0\0\0\0\0\1!", "0") };

	assert_int_equal(dump(dialogue, COUNT(dialogue), ""), -1);
	assert_string_equal(error_get()->message, "pg_dumpall ended well and wrote nothing");
}

/* The signal is pending all the time while the dump is ended, and stays the error. */
static void
an_interrupted_dump_is_ended_in_the_server_until_its_process_is_gone(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		CREATE("e1", DUMP),
		{ OUTPUT("e1", "\1\0\0\0\0\0\0\3one"), .fault = FAKE_STALL, .cut = 11, .then = come_signal },
		SAY("e2", PSQL,
			"\1\0\0\0\0\0\0\2"
			"2\n",
			"0"),
		RUNNING("e1"),
		SAY("e3", END,
			"\1\0\0\0\0\0\0\2"
			"0\n",
			"0"),
		RUNNING("e1"),
		SAY("e4", END,
			"\1\0\0\0\0\0\0\2"
			"0\n",
			"0"),
		ENDED("e1", "1"),
	};
	size_t warnings;

	assert_int_equal(dump(dialogue, COUNT(dialogue), ""), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	log_warnings(&warnings);
	assert_int_equal(warnings, 0);
}

/* A pg_dumpall that was killed leaves a pg_dump behind. */
static void
backends_of_a_dumper_that_died_are_ended_too(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		SAY("e1", DUMP, "\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\5alas\n", "1"),
		RUNS,
		SAY("e2", END,
			"\1\0\0\0\0\0\0\2"
			"1\n",
			"0"),
		ENDED("e1", "1"),
		SAY("e3", END,
			"\1\0\0\0\0\0\0\2"
			"0\n",
			"0"),
		ENDED("e1", "1"),
	};

	assert_int_equal(dump(dialogue, COUNT(dialogue), "one"), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_string_equal(error_get()->message, "container 'db': pg_dumpall exited with status 1: alas");
}

static void
where_the_server_does_not_answer_the_end_of_the_process_decides(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		SAY("e1", DUMP, "\1\0\0\0\0\0\0\3one", "1"),
		RUNS,
		{ .request = "POST /v1.41/containers/c1/exec ", .status = 409, .body = "{}" },
		{ .request = "GET /v1.41/exec/e1/json ", .status = 409, .body = "{}" },
	};

	assert_int_equal(dump(dialogue, COUNT(dialogue), "one"), -1);
	assert_string_equal(error_get()->message, "container 'db': pg_dumpall exited with status 1");
}

static void
nothing_is_ended_where_nothing_was_started(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		{ .request = "POST /v1.41/containers/c1/exec ",
			.status = 409,
			.body = "{\"message\":\"paused\"}" },
	};

	assert_int_equal(dump(dialogue, COUNT(dialogue), ""), -1);
	assert_non_null(strstr(error_get()->message, "paused"));
}

#define LINE(id, text, bytes) SAY(id, text, "\1\0\0\0\0\0\0" bytes, "0")

static void
facts_are_asked_by_psql_in_the_container(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		LINE("e1", PSQL "\"SELECT 1\"]",
			"\2"
			"1\n"),
		LINE("e2", "SHOW server_version",
			"\7"
			"15.18x\n"),
		LINE("e3", "\"Cmd\":[\"pg_dumpall\",\"--version\"]",
			"\x1e"
			"pg_dumpall (PostgreSQL) 15.17\n"),
		LINE("su1", "WHERE oid = 10",
			"\6"
			"admin\n"),
		LINE("e4", "pg_control_system",
			"\x14"
			"7711106759795007507\n"),
		LINE("e5", "pg_database_size",
			"\5"
			"1234\n"),
		LINE("e6", "application_name ~ '^incant-backup [0-9]'",
			"\2"
			"3\n"),
	};
	struct desk desk;
	struct source_facts facts;
	unsigned ended = 1;

	desk_open(&desk, dialogue, COUNT(dialogue));
	assert_string_equal(source_describe(desk.source), "container db (postgres:15)");
	assert_int_equal(source_inspect(desk.source, &facts), 0);
	assert_string_equal(facts.server_version, "15.18x");
	assert_string_equal(facts.dumper_version, "15.17");
	assert_true(facts.system_identifier == 7711106759795007507U);
	assert_int_equal(facts.database_bytes, 1234);
	assert_string_equal(facts.superuser, "admin");
	assert_int_equal(source_end_leftovers(desk.source, &ended), 0);
	assert_int_equal(ended, 4);
	desk_close(&desk);
}

static void
facts_that_the_role_may_not_know_are_0(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		LINE("e1", PSQL "\"SELECT 1\"]",
			"\2"
			"1\n"),
		LINE("e2", "SHOW server_version",
			"\7"
			"15.18x\n"),
		LINE("e3", "--version",
			"\x1e"
			"pg_dumpall (PostgreSQL) 15.17\n"),
		LINE("su2", "WHERE oid = 10",
			"\6"
			"admin\n"),
		SAY("e4", "pg_control_system", "\2\0\0\0\0\0\0\7denied\n", "1"),
		RUNS,
		LINE("e5", "pg_database_size",
			"\1"
			"\n"),
	};
	struct desk desk;
	struct source_facts facts;

	desk_open(&desk, dialogue, COUNT(dialogue));
	assert_int_equal(source_inspect(desk.source, &facts), 0);
	assert_true(facts.system_identifier == 0);
	assert_int_equal(facts.database_bytes, 0);
	desk_close(&desk);
}

static void
where_postgres_has_been_dropped_template1_is_asked(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		SAY("e1", "\"-d\",\"postgres\"", "\2\0\0\0\0\0\0\10no such\n", "2"),
		RUNS,
		LINE("e2", "\"-d\",\"template1\"",
			"\2"
			"1\n"),
		LINE("e3", "\"-d\",\"template1\"",
			"\2"
			"0\n"),
	};
	struct desk desk;
	unsigned ended = 0;

	desk_open(&desk, dialogue, COUNT(dialogue));
	assert_int_equal(source_end_leftovers(desk.source, &ended), 0);
	assert_int_equal(ended, 0);
	desk_close(&desk);
}

static void
where_neither_can_be_asked_the_first_reason_is_given(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		OPEN,
		SAY("e1", "\"-d\",\"postgres\"", "\2\0\0\0\0\0\0\6first\n", "2"),
		RUNS,
		SAY("e2", "\"-d\",\"template1\"", "\2\0\0\0\0\0\0\7second\n", "2"),
		RUNS,
	};
	struct desk desk;
	struct source_facts facts;

	desk_open(&desk, dialogue, COUNT(dialogue));
	assert_int_equal(source_inspect(desk.source, &facts), -1);
	assert_string_equal(error_get()->message, "container 'db': psql exited with status 2: first");
	desk_close(&desk);
}

/* Opens a source whose role is not in the settings, and has it say which one it uses. */
static void
check_user(const char *env, const char *expected)
{
	char path[] = "/tmp/test-source-env-XXXXXX";
	const struct fake_exchange dialogue[] = { OPEN,
		LINE("e1", expected,
			"\2"
			"1\n"),
		LINE("e2", expected,
			"\2"
			"0\n") };
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct settings settings = { .source = { .kind = SETTINGS_DOCKER, .container = mem_text("db") } };
	unsigned ended = 0;

	if (env != NULL) {
		int fd = mkstemp(path);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, env, strlen(env)), strlen(env));
		assert_int_equal(close(fd), 0);
		settings.source.env_file = path;
	}
	settings.source.docker_socket = mem_text(fake_http_socket(fake));
	struct source *source = source_open(&settings, "20261122T030000Z");
	assert_non_null(source);
	assert_int_equal(source_end_leftovers(source, &ended), 0);
	source_free(source);
	free(settings.source.docker_socket);
	free(settings.source.container);
	if (env != NULL)
		unlink(path);
	assert_string_equal(fake_http_end(fake), "");
}

static void
the_role_is_that_of_the_env_file_or_postgres(void **state)
{
	(void)state;
	check_user("POSTGRES_PASSWORD=x\nPOSTGRES_USER=shop\n", "\"-U\",\"shop\"");
	check_user("POSTGRES_PASSWORD=x\n", "\"-U\",\"postgres\"");
	check_user(NULL, "\"-U\",\"postgres\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dump_is_what_the_dumper_in_the_container_writes),
		TEST(a_dump_of_nothing_is_an_error),
		TEST(an_interrupted_dump_is_ended_in_the_server_until_its_process_is_gone),
		TEST(backends_of_a_dumper_that_died_are_ended_too),
		TEST(where_the_server_does_not_answer_the_end_of_the_process_decides),
		TEST(nothing_is_ended_where_nothing_was_started),
		TEST(facts_are_asked_by_psql_in_the_container),
		TEST(facts_that_the_role_may_not_know_are_0),
		TEST(where_postgres_has_been_dropped_template1_is_asked),
		TEST(where_neither_can_be_asked_the_first_reason_is_given),
		TEST(the_role_is_that_of_the_env_file_or_postgres),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
