/* What a faithful round trip may change, and what it may not. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/scan/scan_same.h"
#include "incant/mem.h"
#include "incant/scan_proof.h"

#include "scan_sample.h"

#define HEAD    "--\n-- PostgreSQL database cluster dump\n--\n\nSET client_encoding = 'UTF8';\n"
#define ROLES   "CREATE ROLE bob;\nALTER ROLE bob WITH LOGIN PASSWORD 'secret';\n"
#define SHOP    "CREATE DATABASE shop;\n\\connect shop\nSET client_encoding = 'UTF8';\n"
#define TRAILER "\n" SAMPLE_TRAILER

/* Reads from the first script, which `context` is. */
static int
read_script(void *context, struct extent at, struct buf *text)
{
	buf_append(text, (const char *)context + at.plain_off, at.bytes);
	return 0;
}

static int
read_nothing(void *context, struct extent at, struct buf *text)
{
	(void)context, (void)at, (void)text;
	return error_set(ERR_DAMAGED, "the backup is gone");
}

/* Compares. The findings as text, a line each; the caller frees it. */
static char *
prove_cut(const char *was, const char *is, size_t step)
{
	struct contents recorded, found;
	struct scan_findings findings = { NULL, 0, 0 };
	struct scan_proof_options options = {
		.recorded = &recorded,
		.found = &found,
		.superuser = "scratch",
		.read = read_script,
		.context = (void *)(uintptr_t)was,
	};
	struct buf text = BUF_EMPTY;

	assert_int_equal(sample_scan(&recorded, was), 0);
	contents_init(&found);
	struct scan_proof *proof = scan_proof_new(&options);
	const struct scan_options scan = {
		.contents = &found,
		.sink = scan_proof_sink(proof),
		.keep_bytes = SCAN_PROOF_KEEP,
		.error_class = ERR_PROOF,
	};
	if (sample_scan_cut(&scan, is, strlen(is), (struct sample_cutting){ step, step }) != 0)
		fail_msg("%s", error_get()->message);
	assert_int_equal(scan_proof_compare(proof, &findings), 0);
	for (size_t i = 0; i < findings.count; i++)
		buf_append_format(&text, "%s: %s | %s\n", findings.list[i].where, findings.list[i].expected,
			findings.list[i].found);
	scan_findings_clear(&findings);
	scan_proof_free(proof);
	contents_clear(&recorded);
	contents_clear(&found);
	buf_append_text(&text, "");
	return buf_take(&text);
}

static void
assert_finds(const char *was, const char *is, const char *expected)
{
	static const size_t steps[] = { 1, 7, 100000 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char *text = prove_cut(was, is, steps[i]);
		assert_string_equal(text, expected);
		free(text);
	}
}

static void
comments_keys_order_and_session_may_differ(void **state)
{
	(void)state;
	assert_finds(SAMPLE_SCRIPT, SAMPLE_SCRIPT, "");
	assert_finds(HEAD ROLES SHOP "CREATE SCHEMA a;\nCREATE SCHEMA b;\n" TRAILER,
		HEAD "\\restrict abc\nSET statement_timeout = 0;\n" ROLES "\\unrestrict abc\n" SHOP
		     "-- x\nCREATE SCHEMA b;\n\n\nCREATE SCHEMA a;\n" TRAILER,
		"");
}

#define CHILD(columns) "CREATE TABLE public.child (\n" columns "\n)\nINHERITS (public.parent);\n"

static void
columns_of_a_table_that_inherits_may_change_places_and_their_rows_with_them(void **state)
{
	(void)state;
	assert_finds(HEAD SHOP CHILD("    a integer DEFAULT 1,\n    z numeric(3,1)") TRAILER,
		HEAD SHOP CHILD("    z numeric(3,1),\n    a integer DEFAULT 1") TRAILER, "");
	assert_finds(HEAD SHOP "COPY public.child (a, z, late) FROM stdin;\n1\t2\t3\n4\t5\t6\n\\.\n" TRAILER,
		HEAD SHOP "COPY public.child (a, late, z) FROM stdin;\n4\t6\t5\n1\t3\t2\n\\.\n" TRAILER, "");
}

static void
columns_of_any_other_table_may_not(void **state)
{
	(void)state;
	assert_finds(HEAD SHOP "CREATE TABLE public.t (\n    a integer,\n    z integer\n);\n" TRAILER,
		HEAD SHOP "CREATE TABLE public.t (\n    z integer,\n    a integer\n);\n" TRAILER,
		"database shop: CREATE TABLE public.t: CREATE TABLE public.t ( a integer, z integer ); | "
		"CREATE TABLE public.t ( z integer, a integer );\n");
}

static void
a_column_of_a_child_that_changed_is_found(void **state)
{
	char *text = prove_cut(HEAD SHOP CHILD("    a integer,\n    z numeric(3,1)") TRAILER,
		HEAD SHOP CHILD("    z numeric(3,2),\n    a integer") TRAILER, 100000);

	(void)state;
	assert_non_null(strstr(text, "database shop: CREATE TABLE public.child: "));
	free(text);
	text = prove_cut(HEAD SHOP "COPY public.child (a, z, late) FROM stdin;\n1\t2\t3\n\\.\n" TRAILER,
		HEAD SHOP "COPY public.child (a, late, z) FROM stdin;\n1\t2\t3\n\\.\n" TRAILER, 100000);
	assert_non_null(strstr(text, "database shop: table public.child: 1 row, digest "));
	free(text);
}

static void
a_tablespace_may_lie_elsewhere_and_nothing_else_about_it(void **state)
{
	(void)state;
	assert_finds(HEAD "CREATE TABLESPACE fast OWNER bob LOCATION '/srv/fast';\n" TRAILER,
		HEAD "CREATE TABLESPACE fast OWNER bob LOCATION 'pg_tblspc/16385';\n" TRAILER, "");
	assert_finds(HEAD "CREATE TABLESPACE fast OWNER bob LOCATION '/srv/fast';\n" TRAILER,
		HEAD "CREATE TABLESPACE fast OWNER eve LOCATION '/srv/fast';\n" TRAILER,
		"globals: CREATE TABLESPACE fast: CREATE TABLESPACE fast OWNER bob LOCATION '/srv/fast'; | "
		"CREATE TABLESPACE fast OWNER eve LOCATION '/srv/fast';\n");
}

static void
the_scratch_servers_own_role_and_empty_database_do_not_count(void **state)
{
	static const char found[] =
		HEAD ROLES "CREATE ROLE scratch;\nALTER ROLE scratch WITH SUPERUSER;\n" SHOP
			   "\\connect postgres\nSET client_encoding = 'UTF8';\n" TRAILER;

	(void)state;
	assert_finds(HEAD ROLES SHOP TRAILER, found, "");
	assert_finds(HEAD "CREATE ROLE scratch;\nALTER ROLE scratch WITH LOGIN;\n" TRAILER,
		HEAD "CREATE ROLE scratch;\nALTER ROLE scratch WITH SUPERUSER;\n" TRAILER,
		"globals: ALTER ROLE WITH scratch: ALTER ROLE scratch WITH LOGIN; | ALTER ROLE scratch WITH "
		"SUPERUSER;\n");
	assert_finds(HEAD TRAILER, HEAD "CREATE ROLE other;\n" TRAILER,
		"globals: CREATE ROLE other: missing | CREATE ROLE other;\n");
}

static void
a_password_is_missed_and_never_shown(void **state)
{
	(void)state;
	assert_finds(HEAD ROLES TRAILER, HEAD "CREATE ROLE bob;\nALTER ROLE bob WITH LOGIN;\n" TRAILER,
		"globals: ALTER ROLE WITH bob: ALTER ROLE bob WITH LOGIN PASSWORD '***'; | ALTER ROLE bob "
		"WITH "
		"LOGIN;\n");
	assert_finds(HEAD ROLES TRAILER,
		HEAD "CREATE ROLE bob;\nALTER ROLE bob WITH LOGIN PASSWORD 'other';\n" TRAILER,
		"globals: ALTER ROLE WITH bob: ALTER ROLE bob WITH LOGIN PASSWORD '***'; | ALTER ROLE bob "
		"WITH "
		"LOGIN PASSWORD '***';, with another text in it that is not shown\n");
}

static void
what_came_a_second_time_is_shown_though_the_backup_has_it(void **state)
{
	(void)state;
	assert_finds(HEAD SHOP "CREATE SCHEMA a;\n" TRAILER,
		HEAD SHOP "CREATE SCHEMA a;\nCREATE SCHEMA a;\n" TRAILER,
		"database shop: CREATE SCHEMA a: missing | CREATE SCHEMA a;\n");
}

static void
a_database_that_is_missing_is_found(void **state)
{
	(void)state;
	assert_finds(HEAD SHOP TRAILER, HEAD TRAILER,
		"database shop: 1 definitions, 0 tables, 0 rows, encoding UTF8 | missing\n");
}

static void
a_backup_that_cannot_be_read_is_an_error(void **state)
{
	struct contents recorded, found;
	struct scan_findings findings = { NULL, 0, 0 };
	struct scan_proof_options options = { .recorded = &recorded, .found = &found, .read = read_nothing };

	(void)state;
	assert_int_equal(sample_scan(&recorded, HEAD ROLES TRAILER), 0);
	assert_int_equal(sample_scan(&found, HEAD TRAILER), 0);
	struct scan_proof *proof = scan_proof_new(&options);
	assert_int_equal(scan_proof_compare(proof, &findings), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	scan_findings_clear(&findings);
	scan_proof_free(proof);
	contents_clear(&recorded);
	contents_clear(&found);
}

static void
long_texts_are_shown_where_they_part(void **state)
{
	char was[2001], is[2001], *shown_was, *shown_is;

	(void)state;
	memset(was, 'x', 2000);
	was[2000] = '\0';
	memcpy(is, was, sizeof(is));
	was[1000] = 'A';
	is[1000] = 'B';
	scan_same_show(was, is, &shown_was, &shown_is);
	assert_true(strlen(shown_was) < 250);
	assert_non_null(strchr(shown_was, 'A'));
	assert_non_null(strchr(shown_is, 'B'));
	free(shown_was);
	free(shown_is);
	scan_same_show(NULL, "a\n\t b", &shown_was, &shown_is);
	assert_string_equal(shown_was, "missing");
	assert_string_equal(shown_is, "a b");
	free(shown_was);
	free(shown_is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comments_keys_order_and_session_may_differ),
		cmocka_unit_test(columns_of_a_table_that_inherits_may_change_places_and_their_rows_with_them),
		cmocka_unit_test(columns_of_any_other_table_may_not),
		cmocka_unit_test(a_column_of_a_child_that_changed_is_found),
		cmocka_unit_test(a_tablespace_may_lie_elsewhere_and_nothing_else_about_it),
		cmocka_unit_test(the_scratch_servers_own_role_and_empty_database_do_not_count),
		cmocka_unit_test(a_password_is_missed_and_never_shown),
		cmocka_unit_test(what_came_a_second_time_is_shown_though_the_backup_has_it),
		cmocka_unit_test(a_database_that_is_missing_is_found),
		cmocka_unit_test(a_backup_that_cannot_be_read_is_an_error),
		cmocka_unit_test(long_texts_are_shown_where_they_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
