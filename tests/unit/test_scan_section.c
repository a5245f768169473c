/* Sections: which statements belong to which database, and where one begins. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "incant/buf.h"

#include "scan_sample.h"

static const char script[] = SAMPLE_SCRIPT;

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
sections_begin_with_the_title_of_their_database(void **state)
{
	struct contents contents;

	(void)state;
	assert_int_equal(sample_scan(&contents, script), 0);
	assert_int_equal(contents.section_count, 3);
	assert_section(&contents, 0, NULL, false, 0);
	assert_section(&contents, 1, "template1", false, strlen(SAMPLE_GLOBALS));
	assert_section(&contents, 2, "app one", true, strlen(SAMPLE_GLOBALS SAMPLE_TEMPLATE1));
	assert_tiled(&contents, 0, strlen(script));
	contents_clear(&contents);
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
	assert_int_equal(sample_scan(&contents, buf_text(&text)), 0);
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
	assert_int_equal(sample_scan(&contents, buf_text(&text)), 0);
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
	assert_int_equal(sample_scan(&contents, buf_text(&text)), 0);
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
	assert_int_equal(sample_scan(&contents,
				 "\\connect postgres\n\nSET x = 1;\nDROP DATABASE app;\nDROP ROLE app;\n"
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
	assert_int_equal(sample_scan(&contents, buf_text(&text)), 0);
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
	assert_int_equal(sample_scan_cut(&options, SAMPLE_APP, len, (struct sample_cutting){ 100, 100 }), 0);
	assert_int_equal(contents.section_count, 2);
	assert_int_equal(contents.sections[0].at.bytes, 0);
	assert_string_equal(contents.sections[1].database, "app one");
	assert_int_equal(
		contents.sections[1].tables[0].at.plain_off, strstr(script, "COPY public.\"T") - script);
	assert_tiled(&contents, from, len);
	contents_clear(&contents);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_begin_with_the_title_of_their_database),
		cmocka_unit_test(the_forms_before_restrict_are_read_as_well),
		cmocka_unit_test(a_clean_dump_drops_before_it_creates),
		cmocka_unit_test(another_databases_drop_does_not_move),
		cmocka_unit_test(a_connect_of_the_globals_begins_no_section),
		cmocka_unit_test(a_forged_title_moves_nothing_but_comments),
		cmocka_unit_test(a_section_can_be_scanned_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
