/* What the scanner records of statements, tables, sequences and large objects, and what it refuses. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "incant/buf.h"
#include "incant/digest.h"

#include "scan_sample.h"

static const char script[] = SAMPLE_SCRIPT;

/* "KIND name, …" of a section's statements. */
static void
assert_statements(const struct contents_section *section, const char *expected)
{
	struct buf list = BUF_EMPTY;

	for (size_t i = 0; i < section->statement_count; i++) {
		const struct contents_statement *statement = &section->statements[i];

		buf_append_format(&list, "%s %s, ", statement->kind, statement->name);
		assert_true(statement->at.plain_off >= section->at.plain_off);
		assert_true(statement->at.plain_off + statement->at.bytes <=
			    section->at.plain_off + section->at.bytes);
	}
	assert_string_equal(buf_text(&list), expected);
	buf_clear(&list);
}

static void
statements_are_recorded_in_order(void **state)
{
	struct contents contents;

	(void)state;
	assert_int_equal(sample_scan(&contents, script), 0);
	assert_statements(&contents.sections[0],
		"CREATE ROLE app, ALTER ROLE WITH app, COMMENT ROLE app, GRANT ROLE reader TO app, ");
	assert_statements(&contents.sections[1], "");
	assert_statements(&contents.sections[2],
		"CREATE DATABASE \"app one\", ALTER DATABASE OWNER \"app one\", ALTER DATABASE SET \"app "
		"one\", "
		"CREATE FUNCTION public.f(a integer, b text DEFAULT 'x);'::text), "
		"CREATE FUNCTION public.begin(), CREATE TABLE public.\"T ;\"\"q$\", CREATE RULE public.t ru, "
		"COMMENT TABLE public.t, ALTER TABLE ADD CONSTRAINT public.t t_pkey, ");
	contents_clear(&contents);
}

static void
a_statement_has_its_extent_and_digest(void **state)
{
	const char role[] = "ALTER ROLE app WITH LOGIN PASSWORD 'SCRAM$4096:x=$;';";
	const char *place = strstr(script, role);
	const struct contents_statement *statement;
	struct contents contents;

	(void)state;
	assert_int_equal(sample_scan(&contents, script), 0);
	statement = &contents.sections[0].statements[1];
	assert_int_equal(statement->at.plain_off, place - script);
	assert_int_equal(statement->at.bytes, strlen(role));
	assert_true(digest128_equal(statement->digest, digest_xxh128(role, strlen(role))));
	contents_clear(&contents);
}

static void
tables_have_their_extents_rows_and_digests(void **state)
{
	const char *copy = strstr(script, "COPY public.\"T");
	const char *rows = strstr(script, SAMPLE_APP_ROWS);
	const struct contents_table *table;
	struct digest128 sum = { 0, 0 };
	struct contents contents;

	(void)state;
	assert_int_equal(sample_scan(&contents, script), 0);
	assert_int_equal(contents.sections[2].table_count, 3);
	table = contents.sections[2].tables;
	assert_string_equal(table->schema, "public");
	assert_string_equal(table->name, "T ;\"q$");
	assert_string_equal(table->columns, "\"c 'x\", b, \"n\xc3\xa9\"");
	assert_int_equal(table->at.plain_off, copy - script);
	assert_int_equal(table->data.plain_off, rows - script);
	assert_int_equal(table->data.bytes, strlen(SAMPLE_APP_ROWS));
	assert_int_equal(table->at.bytes, rows - copy + (ptrdiff_t)strlen(SAMPLE_APP_ROWS "\\.\n"));
	assert_int_equal(table->rows, 8);
	for (const char *row = SAMPLE_APP_ROWS; *row != '\0'; row += strcspn(row, "\n") + 1)
		sum = digest128_add(sum, digest_xxh128(row, strcspn(row, "\n")));
	assert_true(digest128_equal(table->digest, sum));
	assert_string_equal(table[1].name, "nocols");
	assert_int_equal(table[1].rows, 2);
	assert_string_equal(table[2].name, "norows");
	assert_int_equal(table[2].rows, 0);
	contents_clear(&contents);
}

static void
sequences_and_large_objects_are_recorded(void **state)
{
	const char owner[] = "ALTER LARGE OBJECT 20000 OWNER TO app;";
	const char grant[] = "GRANT SELECT ON LARGE OBJECT 20000 TO app;";
	const struct contents_section *section;
	struct contents contents;

	(void)state;
	assert_int_equal(sample_scan(&contents, script), 0);
	section = &contents.sections[2];
	assert_int_equal(section->sequence_count, 1);
	assert_string_equal(section->sequences[0].name, "public.\"Seq '\"");
	assert_true(section->sequences[0].value == INT64_MIN);
	assert_true(section->sequences[0].called);
	assert_int_equal(section->large_object_count, 2);
	assert_int_equal(section->large_objects[0].oid, 99);
	assert_int_equal(section->large_objects[0].bytes, 0);
	assert_true(digest128_equal(section->large_objects[0].data, digest_xxh128("", 0)));
	assert_int_equal(section->large_objects[1].oid, 20000);
	assert_int_equal(section->large_objects[1].bytes, 3);
	assert_true(digest128_equal(section->large_objects[1].data, digest_xxh128("616263", 6)));
	assert_true(digest128_equal(section->large_objects[1].about,
		digest128_add(digest_xxh128(owner, strlen(owner)), digest_xxh128(grant, strlen(grant)))));
	contents_clear(&contents);
}

/* A sink that takes the measure of statements. */
struct measure {
	struct scan_sink sink;
	size_t len;
	bool cut;
};

static int
measure_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	struct measure *measure = (struct measure *)sink;

	assert_int_equal(strlen(statement->text), statement->len);
	measure->len = statement->len;
	measure->cut = statement->cut;
	return 0;
}

static void
a_long_statement_is_cut_but_digested_whole(void **state)
{
	size_t len = 600000;
	struct buf text = BUF_EMPTY;
	struct contents contents;
	struct measure measure = { .sink = { .statement = measure_statement } };
	struct scan_options options = {
		.contents = &contents, .sink = &measure.sink, .error_class = ERR_SOURCE
	};

	(void)state;
	buf_append_text(&text, "COMMENT ON TABLE public.t IS '");
	for (size_t i = 0; i < len; i++)
		buf_append_char(&text, (char)('a' + i % 26));
	buf_append_text(&text, "';");
	len = text.len;
	buf_append_text(&text, "\n" SAMPLE_TRAILER);
	for (size_t step = 5000; step < 700000; step += 160000) {
		contents_init(&contents);
		assert_int_equal(sample_scan_cut(&options, text.bytes, text.len,
					 (struct sample_cutting){ step, step }),
			0);
		assert_string_equal(contents.sections[0].statements[0].name, "TABLE public.t");
		assert_int_equal(contents.sections[0].statements[0].at.bytes, len);
		assert_true(digest128_equal(
			contents.sections[0].statements[0].digest, digest_xxh128(text.bytes, len)));
		assert_int_equal(measure.len, SCAN_KEEP_DEFAULT);
		assert_true(measure.cut);
		contents_clear(&contents);
	}
	buf_clear(&text);
}

static void
assert_error(const char *text, const char *message)
{
	struct contents contents;

	error_clear();
	assert_int_equal(sample_scan(&contents, text), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_string_equal(error_get()->message, message);
	contents_clear(&contents);
}

static void
what_pg_dumpall_does_not_write_is_named_with_its_place(void **state)
{
	(void)state;
	assert_error(
		"\n\\! rm\n", "meta-command '\\!' at byte 1 of the dump is not one that pg_dumpall writes");
	assert_error("\\.\n", "meta-command '\\.' at byte 0 of the dump is not one that pg_dumpall writes");
	assert_error("SELECT 1 \\; 2;\n", "backslash inside a statement at byte 9 of the dump");
	assert_error("COPY public.t (a) FROM '/x';\n",
		"COPY at byte 0 of the dump is not in the form that pg_dumpall writes");
	assert_error("COPY public.t (a) FROM stdin; 1\n",
		"COPY without a newline behind it at byte 29 of the dump");
	assert_error("SELECT pg_catalog.setval('x', y);\n",
		"setval() at byte 0 of the dump is not in the form that pg_dumpall writes");
	assert_error("SELECT pg_catalog.lo_create('x');\n",
		"lo_create() at byte 0 of the dump is not in the form that pg_dumpall writes");
	assert_error("SELECT pg_catalog.lo_close(0);\n",
		"lo_close() at byte 0 of the dump is not in the form that pg_dumpall writes");
	assert_error("SELECT pg_catalog.lowrite(0, '\\x00');\n",
		"lowrite() at byte 0 of the dump is not in the form that pg_dumpall writes");
	assert_error("SELECT pg_catalog.lo_open('1', 1);\nSELECT pg_catalog.lo_open('2', 1);\n",
		"lo_open() at byte 35 of the dump is not in the form that pg_dumpall writes");
	assert_error("GRANT SELECT ON LARGE OBJECT x TO y;\n",
		"statement about a large object at byte 0 of the "
		"dump is not in the form that pg_dumpall writes");
}

static void
restrict_keys_must_match(void **state)
{
	(void)state;
	assert_error("\\restrict a\n\\unrestrict b\n", "meta-command '\\unrestrict' at byte 12 of the dump "
						       "does not have the key of a \\restrict before it");
	assert_error("\\unrestrict b\n", "meta-command '\\unrestrict' at byte 0 of the dump does not have "
					 "the key of a \\restrict before it");
	assert_error("\\restrict a\n\\connect b\n",
		"meta-command '\\connect' at byte 12 of the dump stands inside \\restrict");
	assert_error("\\restrict a\n\\restrict a\n",
		"meta-command '\\restrict' at byte 12 of the dump stands inside \\restrict");
	assert_error("\\restrict a-b\n",
		"meta-command '\\restrict' at byte 0 of the dump is not one that pg_dumpall writes");
	assert_error("\\restrict a\n" SAMPLE_TRAILER, "dump ends inside \\restrict");
}

static void
a_long_meta_command_is_refused(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	buf_append_text(&text, "\\connect \"");
	for (int i = 0; i < 5000; i++)
		buf_append_char(&text, 'a');
	buf_append_text(&text, "\"\n");
	assert_error(buf_text(&text),
		"meta-command '\\connect' at byte 0 of the dump is not one that pg_dumpall writes");
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_are_recorded_in_order),
		cmocka_unit_test(a_statement_has_its_extent_and_digest),
		cmocka_unit_test(tables_have_their_extents_rows_and_digests),
		cmocka_unit_test(sequences_and_large_objects_are_recorded),
		cmocka_unit_test(a_long_statement_is_cut_but_digested_whole),
		cmocka_unit_test(what_pg_dumpall_does_not_write_is_named_with_its_place),
		cmocka_unit_test(restrict_keys_must_match),
		cmocka_unit_test(a_long_meta_command_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
