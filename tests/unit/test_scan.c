/* The scanner as a whole: contents, sections, what a sink is told, and that a dump cut short is never whole.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/scan.h"
#include "incant/stage.h"

#include "scan_sample.h"

static const char script[] = SAMPLE_SCRIPT;

/* A sink that writes down all it is told. */
struct recorder {
	struct scan_sink sink;
	struct buf log;
	struct buf rows;
};

static int
record_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	struct recorder *recorder = (struct recorder *)sink;

	assert_int_equal(strlen(statement->text), statement->len);
	assert_true(statement->cut == (statement->len < statement->bytes));
	buf_append_format(&recorder->log, "%s|%s|%" PRIu64 "+%" PRIu64 "%s|%s\n", statement->kind,
		statement->name, statement->plain_off, statement->bytes, statement->cut ? " cut" : "",
		statement->text);
	return 0;
}

static int
record_connect(struct scan_sink *sink, const char *database, uint64_t plain_off)
{
	buf_append_format(&((struct recorder *)sink)->log, "connect %s %" PRIu64 "\n", database, plain_off);
	return 0;
}

static int
record_encoding(struct scan_sink *sink, const char *encoding)
{
	buf_append_format(&((struct recorder *)sink)->log, "encoding %s\n", encoding);
	return 0;
}

static int
record_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table)
{
	buf_append_format(&((struct recorder *)sink)->log, "copy %s.%s(%s) by %s\n", table->schema,
		table->name, table->columns, statement->text);
	return 0;
}

static int
record_copy_data(struct scan_sink *sink, const char *bytes, size_t len)
{
	buf_append(&((struct recorder *)sink)->rows, bytes, len);
	return 0;
}

static int
record_copy_end(struct scan_sink *sink, const struct contents_table *table)
{
	struct recorder *recorder = (struct recorder *)sink;

	buf_append_format(&recorder->log, "end %" PRIu64 " rows %" PRIu64 " bytes:%s\n", table->rows,
		table->data.bytes, buf_text(&recorder->rows));
	buf_reset(&recorder->rows);
	return 0;
}

static void
recorder_init(struct recorder *recorder)
{
	memset(recorder, 0, sizeof(*recorder));
	recorder->sink = (struct scan_sink){ record_statement, record_connect, record_encoding,
		record_copy_begin, record_copy_data, record_copy_end };
}

/* Where to cut: pieces of step bytes behind a first one. */
struct cutting {
	size_t first, step;
};

/* Scans text. The contents are the caller's to clear, also after a failure. 0 or -1. */
static int
scan_cut(const struct scan_options *options, const char *text, size_t len, struct cutting cutting)
{
	struct stage *head = scan_new(stage_null_new(), options);
	int result = 0;
	size_t next;

	for (size_t from = 0; result == 0 && from < len; from = next) {
		size_t want = from == 0 ? cutting.first : cutting.step;

		next = len - from < want ? len : from + want;
		result = stage_write(head, text + from, next - from);
	}
	if (result == 0)
		result = stage_finish(head);
	stage_free(head);
	return result;
}

static int
scan_text(struct contents *contents, const char *text)
{
	struct scan_options options = { .contents = contents, .error_class = ERR_SOURCE };
	struct cutting whole = { strlen(text), strlen(text) };

	contents_init(contents);
	return scan_cut(&options, text, strlen(text), whole);
}

/* Everything there is to know of a script, as one text: contents, and what a sink is told. */
static char *
portrait(const char *text, size_t len, struct cutting cutting)
{
	struct contents contents;
	struct recorder recorder;
	struct scan_options options = {
		.contents = &contents,
		.sink = &recorder.sink,
		.keep_bytes = SCAN_KEEP_WHOLE,
		.error_class = ERR_SOURCE,
	};
	struct json *value;

	contents_init(&contents);
	recorder_init(&recorder);
	if (scan_cut(&options, text, len, cutting) != 0) {
		buf_append_format(&recorder.log, "failed: %s\n", error_get()->message);
	} else {
		value = contents_to_json(&contents);
		json_write(value, 0, &recorder.log);
		json_free(value);
	}
	contents_clear(&contents);
	buf_clear(&recorder.rows);
	return buf_take(&recorder.log);
}

static void
assert_same_however_cut(const char *text, size_t len, size_t every)
{
	char *whole = portrait(text, len, (struct cutting){ len, len });
	char *bytewise = portrait(text, len, (struct cutting){ 1, 1 });

	assert_string_equal(bytewise, whole);
	free(bytewise);
	for (size_t cut = 1; cut < len; cut += every) {
		char *other = portrait(text, len, (struct cutting){ cut, len });

		assert_string_equal(other, whole);
		free(other);
	}
	for (size_t step = 2; step < 70; step += 3) {
		char *other = portrait(text, len, (struct cutting){ step, step });

		assert_string_equal(other, whole);
		free(other);
	}
	free(whole);
}

static void
the_result_does_not_depend_on_the_cutting(void **state)
{
	(void)state;
	assert_same_however_cut(script, strlen(script), 1);
}

static void
errors_do_not_depend_on_the_cutting(void **state)
{
	const char *const texts[] = {
		"SELECT 1 \\g x\n",
		"\\! rm\n",
		"\\restrict a\n\\connect x\n",
		"\\unrestrict a\n",
		"COPY public.t (a) FROM stdin; \n1\n\\.\n",
		"COPY public.t (a) FROM stdin WITH CSV;\n1\n\\.\n",
		"COPY public.t (a) FROM stdin;\n1\n2\n\\",
		"SELECT pg_catalog.lowrite(0, '\\x00');\n",
		"SELECT 'x",
		"SELECT 1;\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_same_however_cut(texts[i], strlen(texts[i]), 1);
}

static void
a_script_cut_short_anywhere_is_an_error(void **state)
{
	size_t last = strlen(script) - strlen("\n--\n\n");

	(void)state;
	for (size_t len = 0; len <= last; len++) {
		struct contents contents;
		struct scan_options options = { .contents = &contents, .error_class = ERR_DAMAGED };

		contents_init(&contents);
		error_clear();
		assert_int_equal(scan_cut(&options, script, len, (struct cutting){ len, len }), -1);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_int_equal(strncmp(error_get()->message, "dump ends ", 10), 0);
		assert_true(error_get()->hint[0] != '\0');
		contents_clear(&contents);
	}
}

static void
bytes_pass_untouched(void **state)
{
	struct contents contents;
	struct scan_options options = { .contents = &contents, .error_class = ERR_SOURCE };
	struct buf passed = BUF_EMPTY;
	struct stage *head;

	(void)state;
	contents_init(&contents);
	head = scan_new(stage_buf_new(&passed), &options);
	for (size_t i = 0; i < strlen(script); i++)
		assert_int_equal(stage_write(head, script + i, 1), 0);
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
	assert_int_equal(passed.len, strlen(script));
	assert_memory_equal(passed.bytes, script, passed.len);
	buf_clear(&passed);
	contents_clear(&contents);
}

static void
assert_section(
	const struct contents *contents, size_t index, const char *database, bool creates, uint64_t plain_off)
{
	const struct contents_section *section = &contents->sections[index];

	if (database == NULL)
		assert_null(section->database);
	else
		assert_string_equal(section->database, database);
	assert_string_equal(section->encoding, "UTF8");
	assert_true(section->creates == creates);
	assert_int_equal(section->at.plain_off, plain_off);
}

/* Each section begins where the one before ends, and the last one ends with the script. */
static void
assert_tiled(const struct contents *contents, uint64_t from, uint64_t bytes)
{
	uint64_t at = from;

	for (size_t i = 0; i < contents->section_count; i++) {
		assert_int_equal(contents->sections[i].at.plain_off, at);
		at += contents->sections[i].at.bytes;
	}
	assert_int_equal(at, from + bytes);
	assert_int_equal(contents->plain_bytes, bytes);
}

static void
sections_begin_with_the_title_of_their_database(void **state)
{
	struct contents contents;

	(void)state;
	assert_int_equal(scan_text(&contents, script), 0);
	assert_int_equal(contents.section_count, 3);
	assert_section(&contents, 0, NULL, false, 0);
	assert_section(&contents, 1, "template1", false, strlen(SAMPLE_GLOBALS));
	assert_section(&contents, 2, "app one", true, strlen(SAMPLE_GLOBALS SAMPLE_TEMPLATE1));
	assert_tiled(&contents, 0, strlen(script));
	contents_clear(&contents);
}

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
	assert_int_equal(scan_text(&contents, script), 0);
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
	assert_int_equal(scan_text(&contents, script), 0);
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
	assert_int_equal(scan_text(&contents, script), 0);
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
	assert_int_equal(scan_text(&contents, script), 0);
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

static void
a_sink_is_told_everything_in_order(void **state)
{
	const char text[] =
		"SET x = 1;\nBEGIN;\n\\restrict k\nCREATE TABLE public.t (); -- c\n\\unrestrict k\n"
		"\\encoding SQL_ASCII\n\\connect \"A\"\nCOPY public.t (a, b) FROM "
		"stdin;\n1\t2\n\\\\.\t\n\\.\n"
		"\nCOMMIT;\n" SAMPLE_TRAILER;
	char *told = portrait(text, strlen(text), (struct cutting){ 1000, 1000 });

	(void)state;
	*strstr(told, "{\"plain_bytes\"") = '\0';
	assert_string_equal(told,
		"SET||0+10|SET x = 1;\nBEGIN||11+6|BEGIN;\nCREATE TABLE|public.t|30+25|CREATE TABLE public.t "
		"();\n"
		"encoding SQL_ASCII\nconnect A 95\ncopy public.t(a, b) by COPY public.t (a, b) FROM stdin;\n"
		"end 2 rows 9 bytes:1\t2\n\\\\.\t\n\nCOMMIT||154+7|COMMIT;\n");
	free(told);
}

static int
refuse(struct scan_sink *sink, const char *database, uint64_t plain_off)
{
	(void)sink, (void)plain_off;
	return error_set(ERR_RESTORE, "no %s here", database);
}

static void
a_sink_can_stop_the_stream(void **state)
{
	struct contents contents;
	struct scan_sink sink = { .connect = refuse };
	struct scan_options options = { .contents = &contents, .sink = &sink, .error_class = ERR_SOURCE };

	(void)state;
	contents_init(&contents);
	assert_int_equal(scan_cut(&options, script, strlen(script), (struct cutting){ 64, 64 }), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	assert_string_equal(error_get()->message, "no template1 here");
	contents_clear(&contents);
}

static void
a_long_statement_is_cut_but_digested_whole(void **state)
{
	size_t len = 600000;
	struct buf text = BUF_EMPTY;
	struct contents contents;
	struct recorder recorder;
	struct scan_options options = {
		.contents = &contents, .sink = &recorder.sink, .error_class = ERR_SOURCE
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
		recorder_init(&recorder);
		assert_int_equal(scan_cut(&options, text.bytes, text.len, (struct cutting){ step, step }), 0);
		assert_string_equal(contents.sections[0].statements[0].name, "TABLE public.t");
		assert_int_equal(contents.sections[0].statements[0].at.bytes, len);
		assert_true(digest128_equal(
			contents.sections[0].statements[0].digest, digest_xxh128(text.bytes, len)));
		assert_int_equal(strlen(buf_text(&recorder.log)),
			strlen("COMMENT|TABLE public.t|0+600032 cut|\n") + SCAN_KEEP_DEFAULT);
		buf_clear(&recorder.log);
		contents_clear(&contents);
	}
	buf_clear(&text);
}

static void
assert_error(const char *text, const char *message)
{
	struct contents contents;

	error_clear();
	assert_int_equal(scan_text(&contents, text), -1);
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
the_end_of_a_cut_dump_is_described(void **state)
{
	(void)state;
	assert_error("SELECT 'abc", "dump ends inside a quoted string that began at byte 7");
	assert_error("COPY public.t (a) FROM stdin;\n1\n2\n3",
		"dump ends inside the data of table public.t (row 3)");
	assert_error("COPY t (a) FROM stdin;", "dump ends inside the data of table t (row 1)");
	assert_error("SELECT pg_catalog.lo_open('7', 1);\n" SAMPLE_TRAILER,
		"dump ends inside the data of large object 7");
	assert_error("SELECT 1;\n", "dump ends without 'PostgreSQL database cluster dump complete'");
	assert_error("", "dump ends without 'PostgreSQL database cluster dump complete'");
}

static void
only_a_comment_at_the_very_end_completes_a_dump(void **state)
{
	const char missing[] = "dump ends without 'PostgreSQL database cluster dump complete'";
	struct contents contents;

	(void)state;
	assert_error(SAMPLE_TRAILER "SELECT 1;\n", missing);
	assert_error("SELECT '\n" SAMPLE_TRAILER "';\n", missing);
	assert_error("/*\n" SAMPLE_TRAILER "*/\n", missing);
	assert_error("-- PostgreSQL database cluster dump complete \n", missing);
	assert_error("SELECT 1 " SAMPLE_TRAILER ";\n", missing);
	assert_int_equal(scan_text(&contents, SAMPLE_TRAILER "-- Completed on 2026-11-22\n\n"), 0);
	contents_clear(&contents);
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

static void
the_forms_before_restrict_are_read_as_well(void **state)
{
	const char globals[] = SAMPLE_PREAMBLE "CREATE ROLE app;\n\n\n\n\n";
	const char template1[] =
		"--\n-- Database \"template1\" dump\n--\n\n\\connect template1\n\n" SAMPLE_PREAMBLE
		"--\n-- PostgreSQL database dump complete\n--\n\n";
	const char app[] =
		"--\n-- Database \"app\" dump\n--\n\n" SAMPLE_PREAMBLE
		"CREATE DATABASE app;\n\n\\connect app\n\n" SAMPLE_PREAMBLE "CREATE TABLE public.t ();\n"
		"BEGIN;\nSELECT pg_catalog.lo_open('7', 1);\nSELECT pg_catalog.lo_close(0);\nCOMMIT;\n";
	const char other[] = SAMPLE_PREAMBLE "CREATE DATABASE other;\n\n\\connect other\n\n" SAMPLE_TRAILER;
	struct buf text = BUF_EMPTY;
	struct contents contents;

	(void)state;
	buf_append_format(&text, "%s%s%s%s", globals, template1, app, other);
	assert_int_equal(scan_text(&contents, buf_text(&text)), 0);
	assert_int_equal(contents.section_count, 4);
	assert_section(&contents, 0, NULL, false, 0);
	assert_section(&contents, 1, "template1", false, strlen(globals));
	assert_section(&contents, 2, "app", true, strlen(globals) + strlen(template1));
	assert_section(&contents, 3, "other", true, strlen(globals) + strlen(template1) + strlen(app));
	assert_tiled(&contents, 0, text.len);
	buf_clear(&text);
	contents_clear(&contents);
}

static void
a_clean_dump_drops_before_it_creates(void **state)
{
	const char globals[] = SAMPLE_PREAMBLE "DROP DATABASE IF EXISTS app;\nDROP DATABASE template1;\n\n"
					       "DROP ROLE app;\n\nCREATE ROLE app;\n\n\n\n";
	const char template1[] =
		"--\n-- Database \"template1\" dump\n--\n\n" SAMPLE_PREAMBLE
		"UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'template1';\n"
		"DROP DATABASE template1;\nCREATE DATABASE template1;\n\n\\connect "
		"template1\n\n" SAMPLE_PREAMBLE;
	struct buf text = BUF_EMPTY;
	struct contents contents;

	(void)state;
	buf_append_format(&text, "%s%s" SAMPLE_TRAILER, globals, template1);
	assert_int_equal(scan_text(&contents, buf_text(&text)), 0);
	assert_int_equal(contents.section_count, 2);
	assert_section(&contents, 1, "template1", true, strlen(globals));
	assert_statements(&contents.sections[0],
		"DROP DATABASE app, DROP DATABASE template1, DROP ROLE app, CREATE ROLE app, ");
	assert_statements(&contents.sections[1],
		"UPDATE DATABASE , DROP DATABASE template1, CREATE DATABASE template1, ");
	assert_tiled(&contents, 0, text.len);
	buf_clear(&text);
	contents_clear(&contents);
}

static void
another_databases_drop_does_not_move(void **state)
{
	const char globals[] = "CREATE ROLE a;\nSET x = 1;\nDROP DATABASE b;\nDROP DATABASE c;\n";
	struct buf text = BUF_EMPTY;
	struct contents contents;

	(void)state;
	buf_append_format(&text, "%sCREATE DATABASE d;\n" SAMPLE_TRAILER, globals);
	assert_int_equal(scan_text(&contents, buf_text(&text)), 0);
	assert_int_equal(contents.section_count, 2);
	assert_int_equal(contents.sections[1].at.plain_off, strlen(globals));
	assert_statements(&contents.sections[0], "CREATE ROLE a, DROP DATABASE b, DROP DATABASE c, ");
	assert_statements(&contents.sections[1], "CREATE DATABASE d, ");
	buf_clear(&text);
	contents_clear(&contents);
}

static void
a_connect_of_the_globals_begins_no_section(void **state)
{
	struct contents contents;

	(void)state;
	assert_int_equal(
		scan_text(&contents, "\\connect postgres\n\nSET x = 1;\nDROP DATABASE app;\nDROP ROLE app;\n"
				     "CREATE ROLE app;\n\n\\connect template1\n\nCREATE TABLE public.t "
				     "();\n" SAMPLE_TRAILER),
		0);
	assert_int_equal(contents.section_count, 2);
	assert_statements(&contents.sections[0], "DROP DATABASE app, DROP ROLE app, CREATE ROLE app, ");
	assert_string_equal(contents.sections[1].database, "template1");
	assert_statements(&contents.sections[1], "CREATE TABLE public.t, ");
	contents_clear(&contents);
}

static void
a_forged_title_moves_nothing_but_comments(void **state)
{
	const char head[] = "CREATE ROLE a;\n";
	const char gap[] = "-- x\n--\n-- Database \"forged\" dump\n--\nCOMMENT";
	struct buf text = BUF_EMPTY;
	struct contents contents;

	(void)state;
	buf_append_format(&text,
		"%s%s ON ROLE a IS 'x';\n--\n-- Database \"x\" dump\n--\n\\connect b\n" SAMPLE_TRAILER, head,
		gap);
	assert_int_equal(scan_text(&contents, buf_text(&text)), 0);
	assert_int_equal(contents.section_count, 2);
	assert_statements(&contents.sections[0], "CREATE ROLE a, COMMENT ROLE a, ");
	assert_string_equal(contents.sections[1].database, "b");
	assert_int_equal(
		contents.sections[1].at.plain_off, strstr(text.bytes, "--\n-- Database \"x\"") - text.bytes);
	buf_clear(&text);
	contents_clear(&contents);
}

static void
a_section_can_be_scanned_alone(void **state)
{
	struct contents contents;
	uint64_t from = strlen(SAMPLE_GLOBALS SAMPLE_TEMPLATE1);
	struct scan_options options = {
		.contents = &contents,
		.error_class = ERR_DAMAGED,
		.fragment = true,
		.plain_off = from,
	};
	size_t len = strlen(SAMPLE_APP);

	(void)state;
	contents_init(&contents);
	assert_int_equal(scan_cut(&options, SAMPLE_APP, len, (struct cutting){ 100, 100 }), 0);
	assert_int_equal(contents.section_count, 2);
	assert_int_equal(contents.sections[0].at.bytes, 0);
	assert_string_equal(contents.sections[1].database, "app one");
	assert_int_equal(
		contents.sections[1].tables[0].at.plain_off, strstr(script, "COPY public.\"T") - script);
	assert_tiled(&contents, from, len);
	contents_clear(&contents);
}

static void
a_fragment_may_not_end_inside_anything(void **state)
{
	struct contents contents;
	struct scan_options options = { .contents = &contents, .error_class = ERR_DAMAGED, .fragment = true };
	const char text[] = "COPY public.t (a) FROM stdin;\n1\n\\.\n";

	(void)state;
	for (size_t len = 1; len < strlen(text); len++) {
		contents_init(&contents);
		assert_int_equal(scan_cut(&options, text, len, (struct cutting){ len, len }), -1);
		contents_clear(&contents);
	}
	contents_init(&contents);
	assert_int_equal(scan_cut(&options, text, strlen(text), (struct cutting){ 9, 9 }), 0);
	assert_int_equal(contents.sections[0].tables[0].rows, 1);
	contents_clear(&contents);
}

static void
a_row_of_many_megabytes_needs_no_memory(void **state)
{
	size_t piece = 1u << 20;
	char *bytes = malloc(piece);
	struct contents contents;
	struct scan_options options = { .contents = &contents, .error_class = ERR_SOURCE };
	struct digest_xxh128 *digest = digest_xxh128_new();
	struct stage *head;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', piece);
	contents_init(&contents);
	head = scan_new(stage_null_new(), &options);
	assert_int_equal(stage_write(head, "COPY public.t (a) FROM stdin;\n", 30), 0);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(stage_write(head, bytes, piece), 0);
		digest_xxh128_update(digest, bytes, piece);
	}
	assert_int_equal(stage_write(head, "\n\\.\n" SAMPLE_TRAILER, 4 + strlen(SAMPLE_TRAILER)), 0);
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
	assert_int_equal(contents.sections[0].tables[0].rows, 1);
	assert_int_equal(contents.sections[0].tables[0].data.bytes, 100 * piece + 1);
	assert_true(digest128_equal(contents.sections[0].tables[0].digest, digest_xxh128_get(digest)));
	digest_xxh128_free(digest);
	contents_clear(&contents);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_result_does_not_depend_on_the_cutting),
		cmocka_unit_test(errors_do_not_depend_on_the_cutting),
		cmocka_unit_test(a_script_cut_short_anywhere_is_an_error),
		cmocka_unit_test(bytes_pass_untouched),
		cmocka_unit_test(sections_begin_with_the_title_of_their_database),
		cmocka_unit_test(statements_are_recorded_in_order),
		cmocka_unit_test(a_statement_has_its_extent_and_digest),
		cmocka_unit_test(tables_have_their_extents_rows_and_digests),
		cmocka_unit_test(sequences_and_large_objects_are_recorded),
		cmocka_unit_test(a_sink_is_told_everything_in_order),
		cmocka_unit_test(a_sink_can_stop_the_stream),
		cmocka_unit_test(a_long_statement_is_cut_but_digested_whole),
		cmocka_unit_test(what_pg_dumpall_does_not_write_is_named_with_its_place),
		cmocka_unit_test(restrict_keys_must_match),
		cmocka_unit_test(the_end_of_a_cut_dump_is_described),
		cmocka_unit_test(only_a_comment_at_the_very_end_completes_a_dump),
		cmocka_unit_test(a_long_meta_command_is_refused),
		cmocka_unit_test(the_forms_before_restrict_are_read_as_well),
		cmocka_unit_test(a_clean_dump_drops_before_it_creates),
		cmocka_unit_test(another_databases_drop_does_not_move),
		cmocka_unit_test(a_connect_of_the_globals_begins_no_section),
		cmocka_unit_test(a_forged_title_moves_nothing_but_comments),
		cmocka_unit_test(a_section_can_be_scanned_alone),
		cmocka_unit_test(a_fragment_may_not_end_inside_anything),
		cmocka_unit_test(a_row_of_many_megabytes_needs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
