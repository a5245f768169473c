/*
 * Dumps in the forms of several versions of PostgreSQL, with and without options of pg_dumpall, from
 * tests/data/versions: what is in them is found, and every statement is of a kind that is known.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"

#include "scan_sample.h"

/* What a dump holds, by section. */
struct expected_section {
	const char *database; /* NULL = the globals; the list ends with a section "" */
	bool creates;
	size_t statements, tables, sequences, large_objects;
	uint64_t rows;
};

/* A sample, and its text. */
static char *
read_sample(const char *name, size_t *len)
{
	const char *folder = getenv("srcdir"); /* set by make check */
	char *path = mem_format("%s/tests/data/versions/%s", folder != NULL ? folder : ".", name);
	FILE *file = fopen(path, "rb");
	struct buf text = BUF_EMPTY;
	char bytes[4096];
	size_t got;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	do {
		got = fread(bytes, 1, sizeof(bytes), file);
		buf_append(&text, bytes, got);
	} while (got > 0);
	fclose(file);
	free(path);
	*len = text.len;
	return buf_take(&text);
}

static void
scan_sample(struct contents *contents, const char *text, size_t len, size_t step)
{
	struct scan_options options = { .contents = contents, .error_class = ERR_SOURCE };
	struct sample_cutting cutting = { step, step };

	contents_init(contents);
	if (sample_scan_cut(&options, text, len, cutting) != 0)
		fail_msg("%s", error_get()->message);
}

static void
assert_section(const struct contents_section *section, const struct expected_section *expected)
{
	uint64_t rows = 0;

	if (expected->database == NULL)
		assert_null(section->database);
	else
		assert_string_equal(section->database, expected->database);
	assert_string_equal(section->encoding, "UTF8");
	assert_int_equal(section->creates, expected->creates);
	assert_int_equal(section->statement_count, expected->statements);
	assert_int_equal(section->table_count, expected->tables);
	assert_int_equal(section->sequence_count, expected->sequences);
	assert_int_equal(section->large_object_count, expected->large_objects);
	for (size_t i = 0; i < section->table_count; i++)
		rows += section->tables[i].rows;
	assert_int_equal(rows, expected->rows);
}

/* The kinds that say no more than the first word are for what the table does not know. */
static void
assert_kinds_known(const struct contents_section *section)
{
	for (size_t i = 0; i < section->statement_count; i++) {
		const struct contents_statement *statement = &section->statements[i];

		if (strcmp(statement->kind, "OTHER") == 0 || strcmp(statement->kind, "CREATE") == 0 ||
			strcmp(statement->kind, "ALTER") == 0 || strcmp(statement->kind, "SELECT") == 0)
			fail_msg("%s %s at byte %llu", statement->kind, statement->name,
				(unsigned long long)statement->at.plain_off);
	}
}

/* Reads the sample whole and byte by byte. *contents is the caller's to clear. */
static void
assert_sample(struct contents *contents, const char *name, const struct expected_section *expected)
{
	struct contents again;
	char difference[512] = "";
	size_t len;
	char *text = read_sample(name, &len);

	scan_sample(contents, text, len, len);
	scan_sample(&again, text, len, 1);
	assert_int_equal(contents_compare_exact(contents, &again, difference, sizeof(difference)), 0);
	contents_clear(&again);
	assert_int_equal(contents->plain_bytes, len);
	for (size_t i = 0; i < contents->section_count; i++) {
		if (expected[i].database != NULL && expected[i].database[0] == '\0')
			fail_msg("%zu sections, %zu were expected", contents->section_count, i);
		assert_section(&contents->sections[i], &expected[i]);
		assert_kinds_known(&contents->sections[i]);
	}
	assert_string_equal(expected[contents->section_count].database, "");
	free(text);
}

/* There is one statement of that kind and name in the database (NULL: the globals). */
static void
assert_has(const struct contents *contents, const char *database, const char *kind, const char *name)
{
	const struct contents_section *section =
		database != NULL ? contents_find_database(contents, database) : &contents->sections[0];
	size_t count = 0;

	assert_non_null(section);
	for (size_t i = 0; i < section->statement_count; i++)
		count += strcmp(section->statements[i].kind, kind) == 0 &&
			 strcmp(section->statements[i].name, name) == 0;
	if (count != 1)
		fail_msg("%zu times %s %s", count, kind, name);
}

static void
a_verbose_dump_of_version_13_is_read(void **state)
{
	static const struct expected_section expected[] = {
		{ .statements = 12 },
		{ .database = "template1" },
		{ .database = "app",
			.creates = true,
			.statements = 32,
			.tables = 1,
			.sequences = 1,
			.large_objects = 1,
			.rows = 3 },
		{ .database = "postgres" },
		{ .database = "" },
	};
	struct contents contents;

	(void)state;
	assert_sample(&contents, "13-verbose.sql", expected);
	assert_has(&contents, NULL, "ALTER ROLE SET", "app");
	assert_has(&contents, NULL, "GRANT ROLE", "reader TO app");
	assert_has(&contents, NULL, "CREATE TABLESPACE", "fast");
	assert_has(&contents, "app", "ALTER ROLE IN DATABASE SET", "reader app");
	assert_has(&contents, "app", "CREATE AGGREGATE", "public.total(integer)");
	assert_has(&contents, "app", "ALTER TABLE OWNER", "public.t_id_seq");
	assert_has(&contents, "app", "ALTER TABLE OWNER", "public.v");
	assert_has(&contents, "app", "ALTER PUBLICATION ADD TABLE", "p public.t");
	contents_clear(&contents);
}

static void
a_clean_dump_of_version_14_is_read(void **state)
{
	static const struct expected_section expected[] = {
		{ .statements = 7 },
		{ .database = "template1", .creates = true, .statements = 8 },
		{ .database = "app",
			.creates = true,
			.statements = 22,
			.tables = 1,
			.sequences = 1,
			.rows = 2 },
		{ .database = "postgres", .creates = true, .statements = 4 },
		{ .database = "" },
	};
	struct contents contents;

	(void)state;
	assert_sample(&contents, "14-clean.sql", expected);
	assert_has(&contents, NULL, "DROP DATABASE", "app");
	assert_has(&contents, "template1", "UPDATE DATABASE", "");
	assert_has(&contents, "template1", "DROP DATABASE", "template1");
	assert_has(&contents, "postgres", "DROP DATABASE", "postgres");
	assert_has(&contents, "app", "CREATE FUNCTION", "public.atomic(n integer)");
	assert_has(&contents, "app", "CREATE PROCEDURE", "public.out_only(IN a integer, OUT b integer)");
	assert_has(&contents, "app", "ALTER TABLE ALTER COLUMN", "public.part note");
	assert_has(&contents, "app", "ALTER TABLE ADD GENERATED", "public.part id");
	assert_has(&contents, "app", "CREATE STATISTICS", "public.expressions");
	assert_has(&contents, "app", "CREATE SUBSCRIPTION", "s");
	contents_clear(&contents);
}

static void
a_restricted_dump_of_version_16_is_read(void **state)
{
	static const struct expected_section expected[] = {
		{ .statements = 11 },
		{ .database = "template1" },
		{ .database = "app", .creates = true, .statements = 16, .tables = 2, .rows = 1 },
		{ .database = "postgres" },
		{ .database = "" },
	};
	struct contents contents;

	(void)state;
	assert_sample(&contents, "16.sql", expected);
	assert_has(&contents, NULL, "GRANT ROLE", "pg_read_all_data TO reader");
	assert_has(&contents, NULL, "GRANT ROLE", "reader TO app");
	assert_has(&contents, "app", "CREATE COLLATION", "public.\"order\"");
	assert_has(&contents, "app", "ALTER TABLE ADD CONSTRAINT", "public.uniques uniques_a_key");
	assert_has(&contents, "app", "ALTER PUBLICATION ADD TABLE", "filtered public.documents");
	assert_has(&contents, "app", "ALTER PUBLICATION ADD SCHEMA", "filtered public");
	contents_clear(&contents);
}

static void
a_dump_of_version_18_with_statistics_is_read(void **state)
{
	static const struct expected_section expected[] = {
		{ .statements = 4 },
		{ .database = "template1" },
		{ .database = "app",
			.creates = true,
			.statements = 15,
			.tables = 2,
			.large_objects = 2,
			.rows = 2 },
		{ .database = "postgres" },
		{ .database = "" },
	};
	struct contents contents;

	(void)state;
	assert_sample(&contents, "18-statistics.sql", expected);
	assert_has(&contents, "app", "ALTER TABLE ADD CONSTRAINT", "public.rooms rooms_pkey");
	assert_has(&contents, "app", "ALTER TABLE ADD CONSTRAINT", "public.child later");
	assert_has(&contents, "app", "ALTER TABLE ADD CONSTRAINT", "public.child child_extra_check");
	assert_has(&contents, "app", "ALTER TABLE ADD FOREIGN KEY", "public.child child_room");
	assert_has(&contents, "app", "ALTER DEFAULT PRIVILEGES", "FOR ROLE app");
	contents_clear(&contents);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verbose_dump_of_version_13_is_read),
		cmocka_unit_test(a_clean_dump_of_version_14_is_read),
		cmocka_unit_test(a_restricted_dump_of_version_16_is_read),
		cmocka_unit_test(a_dump_of_version_18_with_statistics_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
