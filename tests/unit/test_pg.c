#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/pg.h"

#include "../fake/fake_pg.h"

static int
forget_signals(void **state)
{
	(void)state;
	interrupt_simulate(0);
	error_clear();
	return 0;
}

/* Connection strings. */

static void
a_connection_string_without_password_is_fine(void **state)
{
	(void)state;
	assert_int_equal(pg_check_conninfo(""), 0);
	assert_int_equal(pg_check_conninfo("host=/run/postgresql port=5432 user=x dbname='a b'"), 0);
	assert_int_equal(pg_check_conninfo("postgresql://x@localhost:5433/app?sslmode=require"), 0);
	assert_int_equal(pg_check_conninfo("host=h passfile=/root/pass"), 0);
}

static void
a_password_in_a_connection_string_is_refused_and_not_repeated(void **state)
{
	(void)state;
	static const char *const bad[] = { "host=h password=s3cret", "postgresql://x:s3cret@h/app",
		"postgres://h/app?password=s3cret", "sslpassword=s3cret", "host=h password='s3cret' x",
		"host=h password=a s3cret", "postgresql://x:s3cret@[h/app" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pg_check_conninfo(bad[i]), -1);
		assert_int_equal(error_get()->class, ERR_SETTINGS);
		assert_null(strstr(error_get()->message, "s3cret"));
		assert_null(strstr(error_get()->hint, "s3cret"));
	}
	assert_int_equal(pg_check_conninfo("host=h password=x"), -1);
	assert_non_null(strstr(error_get()->hint, "passfile="));
}

static void
a_word_that_libpq_does_not_know_is_named(void **state)
{
	(void)state;
	assert_int_equal(pg_check_conninfo("hosst=h"), -1);
	assert_non_null(strstr(error_get()->message, "hosst"));
}

/* Connecting. */

static void
no_server_is_an_error_of_the_class_asked_for(void **state)
{
	(void)state;
	const struct pg_options options = {
		.conninfo = "host=/nonexistent/folder",
		.password = "s3cret",
		.error_class = ERR_SOURCE,
	};
	assert_null(pg_connect(&options));
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_non_null(strstr(error_get()->message, "cannot connect: "));
	assert_non_null(strstr(error_get()->message, "/nonexistent/folder"));
	assert_null(strstr(error_get()->message, "s3cret"));
	assert_null(strchr(error_get()->message, '\n'));
}

static void
a_signal_ends_the_wait_for_a_silent_server(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 0 };
	fake_pg_listen(&fake);
	interrupt_simulate(SIGTERM);
	assert_null(fake_pg_connect(&fake));
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	fake_pg_clear(&fake);
}

static void
what_looks_like_a_connection_string_stays_a_database_name(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 0 };
	struct pg *pg = fake_pg_begin(&fake);
	assert_string_equal(pg_database(pg), "a=b");
	assert_string_equal(pg_server_version(pg), "15.18 (Test)");
	assert_int_equal(pg_server_version_number(pg), 150018);
	fake_pg_end(&fake, pg);
}

/* Statements. */

static void
a_statement_goes_out_as_it_is(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 2 };
	fake_pg_put_notice(&fake.replies[0]);
	fake_pg_put_complete(&fake.replies[0], "SET");
	fake_pg_put_row(&fake.replies[1], "thrown away");
	fake_pg_put_complete(&fake.replies[1], "SELECT 1");
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_run(pg, "SET a = 'b'"), 0);
	assert_int_equal(pg_run(pg, "SELECT 1"), 0);
	assert_string_equal(pg_sqlstate(pg), "");
	fake_pg_hang_up(&fake, pg);
	assert_string_equal(buf_text(&fake.asked), "SET a = 'b';SELECT 1;");
	fake_pg_clear(&fake);
}

static void
an_error_has_message_sqlstate_and_the_servers_advice(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 2 };
	fake_pg_put_error(&fake.replies[0]);
	fake_pg_put_complete(&fake.replies[1], "SET");
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_run(pg, "CREATE ROLE a"), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	assert_string_equal(error_get()->message, "role \"a\" already exists (SQLSTATE 42710)");
	assert_string_equal(error_get()->hint, "It has. Try.");
	assert_string_equal(pg_sqlstate(pg), "42710");
	assert_int_equal(pg_run(pg, "SET a = 'b'"), 0);
	assert_string_equal(pg_sqlstate(pg), "");
	fake_pg_end(&fake, pg);
}

static void
a_server_that_hangs_up_is_an_error_without_sqlstate(void **state)
{
	(void)state;
	struct fake_pg fake = { .hangs_up = true };
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_run(pg, "SELECT 1"), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	assert_string_equal(pg_sqlstate(pg), "");
	assert_int_equal(pg_run(pg, "SELECT 1"), -1);
	fake_pg_end(&fake, pg);
}

static void
rows_and_nulls_are_told_apart(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 3 };
	fake_pg_put_row(&fake.replies[0], "one");
	fake_pg_put_complete(&fake.replies[0], "SELECT 1");
	fake_pg_put_row(&fake.replies[1], "");
	fake_pg_put_complete(&fake.replies[1], "SELECT 1");
	fake_pg_put_complete(&fake.replies[2], "SELECT 0");
	struct pg *pg = fake_pg_begin(&fake);
	struct pg_result *result = pg_query(pg, "SELECT $1", 1, (const char *const[]){ "one" });
	assert_non_null(result);
	assert_int_equal(pg_result_rows(result), 1);
	assert_string_equal(pg_result_text(result, 0, 0), "one");
	assert_null(pg_result_text(result, 0, 1));
	pg_result_free(result);
	char *text = NULL;
	assert_int_equal(pg_value(pg, "SELECT ''", 0, NULL, &text), 0);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(pg_value(pg, "SELECT 1 WHERE false", 0, NULL, &text), PG_NO_ROW);
	assert_null(text);
	fake_pg_end(&fake, pg);
}

/* COPY. */

static void
rows_are_sent_and_counted(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 2 };
	fake_pg_put_copy_in(&fake.replies[0]);
	fake_pg_put_complete(&fake.replies[1], "COPY 2");
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_copy_begin(pg, "COPY t FROM stdin"), 0);
	assert_int_equal(pg_copy_send(pg, "a\nb", 3), 0);
	assert_int_equal(pg_copy_send(pg, "\n", 1), 0);
	assert_int_equal(pg_copy_end(pg), 0);
	assert_int_equal(pg_copy_rows(pg), 2);
	fake_pg_hang_up(&fake, pg);
	assert_string_equal(buf_text(&fake.copied), "a\nb\n");
	fake_pg_clear(&fake);
}

static void
an_error_at_the_end_of_a_copy_is_told(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 2 };
	fake_pg_put_copy_in(&fake.replies[0]);
	fake_pg_put_error(&fake.replies[1]);
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_copy_begin(pg, "COPY t FROM stdin"), 0);
	assert_int_equal(pg_copy_send(pg, "a\n", 2), 0);
	assert_int_equal(pg_copy_end(pg), -1);
	assert_string_equal(pg_sqlstate(pg), "42710");
	fake_pg_end(&fake, pg);
}

static void
a_refused_row_is_noticed_before_all_others_are_sent(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 1 };
	fake_pg_put_copy_in(&fake.replies[0]);
	fake_pg_put_error(&fake.refusal);
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_copy_begin(pg, "COPY t FROM stdin"), 0);
	while (pg_copy_send(pg, "a\n", 2) == 0)
		;
	assert_string_equal(pg_sqlstate(pg), "42710");
	assert_string_equal(error_get()->message, "role \"a\" already exists (SQLSTATE 42710)");
	fake_pg_end(&fake, pg);
}

static void
a_notice_does_not_stop_a_copy(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 2 };
	fake_pg_put_copy_in(&fake.replies[0]);
	fake_pg_put_notice(&fake.refusal);
	fake_pg_put_complete(&fake.replies[1], "COPY 3");
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_copy_begin(pg, "COPY t FROM stdin"), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pg_copy_send(pg, "a\n", 2), 0);
	assert_int_equal(pg_copy_end(pg), 0);
	fake_pg_end(&fake, pg);
}

/* CopyFail is answered like the end of a COPY; the error that it leads to is not ours to report. */
static void
an_abandoned_copy_leaves_the_connection_usable(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 3 };
	fake_pg_put_copy_in(&fake.replies[0]);
	fake_pg_put_error(&fake.replies[1]);
	fake_pg_put_complete(&fake.replies[2], "SET");
	struct pg *pg = fake_pg_begin(&fake);
	pg_copy_abandon(pg, "nothing is under way");
	assert_int_equal(pg_copy_begin(pg, "COPY t FROM stdin"), 0);
	error_set(ERR_DAMAGED, "the cause");
	pg_copy_abandon(pg, "no more rows");
	assert_string_equal(error_get()->message, "the cause");
	assert_int_equal(pg_run(pg, "SET a = 'b'"), 0);
	fake_pg_end(&fake, pg);
}

static void
a_copy_where_none_was_expected_is_refused(void **state)
{
	(void)state;
	struct fake_pg fake = { .reply_count = 2 };
	fake_pg_put_copy_in(&fake.replies[0]);
	fake_pg_put_error(&fake.replies[1]);
	struct pg *pg = fake_pg_begin(&fake);
	assert_int_equal(pg_run(pg, "COPY t FROM stdin"), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	fake_pg_end(&fake, pg);
}

/* Quoting. */

static void
check_quoting(char *(*quote)(const char *), const char *text, const char *expected)
{
	char *quoted = quote(text);
	assert_string_equal(quoted, expected);
	free(quoted);
}

static void
names_and_texts_are_quoted_whatever_is_in_them(void **state)
{
	(void)state;
	check_quoting(pg_quote_identifier, "a", "\"a\"");
	check_quoting(pg_quote_identifier, "we;ird \"x\" \\ '", "\"we;ird \"\"x\"\" \\ '\"");
	check_quoting(pg_quote_literal, "", "''");
	check_quoting(pg_quote_literal, "it's", "'it''s'");
	check_quoting(pg_quote_literal, "a\\'b", "E'a\\\\''b'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_string_without_password_is_fine),
		cmocka_unit_test(a_password_in_a_connection_string_is_refused_and_not_repeated),
		cmocka_unit_test(a_word_that_libpq_does_not_know_is_named),
		cmocka_unit_test(no_server_is_an_error_of_the_class_asked_for),
		cmocka_unit_test_teardown(a_signal_ends_the_wait_for_a_silent_server, forget_signals),
		cmocka_unit_test(what_looks_like_a_connection_string_stays_a_database_name),
		cmocka_unit_test(a_statement_goes_out_as_it_is),
		cmocka_unit_test(an_error_has_message_sqlstate_and_the_servers_advice),
		cmocka_unit_test(a_server_that_hangs_up_is_an_error_without_sqlstate),
		cmocka_unit_test(rows_and_nulls_are_told_apart),
		cmocka_unit_test(rows_are_sent_and_counted),
		cmocka_unit_test(an_error_at_the_end_of_a_copy_is_told),
		cmocka_unit_test(a_refused_row_is_noticed_before_all_others_are_sent),
		cmocka_unit_test(a_notice_does_not_stop_a_copy),
		cmocka_unit_test(an_abandoned_copy_leaves_the_connection_usable),
		cmocka_unit_test(a_copy_where_none_was_expected_is_refused),
		cmocka_unit_test(names_and_texts_are_quoted_whatever_is_in_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
