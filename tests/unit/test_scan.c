/* The scanner as a stage: the same however it is cut, what a sink is told, and that a dump cut short is never
 * whole. */
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
#include "incant/digest.h"
#include "incant/json.h"

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

/* Everything there is to know of a script, as one text: contents, and what a sink is told. */
static char *
portrait(const char *text, size_t len, struct sample_cutting cutting)
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
	if (sample_scan_cut(&options, text, len, cutting) != 0) {
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
	char *whole = portrait(text, len, (struct sample_cutting){ len, len });
	char *bytewise = portrait(text, len, (struct sample_cutting){ 1, 1 });

	assert_string_equal(bytewise, whole);
	free(bytewise);
	for (size_t cut = 1; cut < len; cut += every) {
		char *other = portrait(text, len, (struct sample_cutting){ cut, len });

		assert_string_equal(other, whole);
		free(other);
	}
	for (size_t step = 2; step < 70; step += 3) {
		char *other = portrait(text, len, (struct sample_cutting){ step, step });

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
		assert_int_equal(
			sample_scan_cut(&options, script, len, (struct sample_cutting){ len, len }), -1);
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
a_sink_is_told_everything_in_order(void **state)
{
	const char text[] =
		"SET x = 1;\nBEGIN;\n\\restrict k\nCREATE TABLE public.t (); -- c\n\\unrestrict k\n"
		"\\encoding SQL_ASCII\n\\connect \"A\"\nCOPY public.t (a, b) FROM "
		"stdin;\n1\t2\n\\\\.\t\n\\.\n"
		"\nCOMMIT;\n" SAMPLE_TRAILER;
	char *told = portrait(text, strlen(text), (struct sample_cutting){ 1000, 1000 });

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
	assert_int_equal(
		sample_scan_cut(&options, script, strlen(script), (struct sample_cutting){ 64, 64 }), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	assert_string_equal(error_get()->message, "no template1 here");
	contents_clear(&contents);
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
	assert_int_equal(sample_scan(&contents, SAMPLE_TRAILER "-- Completed on 2026-11-22\n\n"), 0);
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
		assert_int_equal(
			sample_scan_cut(&options, text, len, (struct sample_cutting){ len, len }), -1);
		contents_clear(&contents);
	}
	contents_init(&contents);
	assert_int_equal(sample_scan_cut(&options, text, strlen(text), (struct sample_cutting){ 9, 9 }), 0);
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
		cmocka_unit_test(a_sink_is_told_everything_in_order),
		cmocka_unit_test(a_sink_can_stop_the_stream),
		cmocka_unit_test(the_end_of_a_cut_dump_is_described),
		cmocka_unit_test(only_a_comment_at_the_very_end_completes_a_dump),
		cmocka_unit_test(a_fragment_may_not_end_inside_anything),
		cmocka_unit_test(a_row_of_many_megabytes_needs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
