/* The contents: totals, finding by name, JSON there and back, and the first difference in words. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"

#include "../../src/scan/scan_contents.h"

static struct contents_section *
add_section(struct contents *contents, const char *database, uint64_t plain_off, uint64_t bytes)
{
	struct contents_section *section;

	MEM_GROW(contents->sections, contents->section_count, contents->section_capacity);
	section = &contents->sections[contents->section_count++];
	memset(section, 0, sizeof(*section));
	section->database = mem_text(database);
	section->encoding = mem_text("UTF8");
	section->creates = database != NULL;
	section->at = (struct extent){ plain_off, bytes };
	contents->plain_bytes += bytes;
	return section;
}

static void
add_table(struct contents_section *section, const char *schema, const char *name, uint64_t rows)
{
	struct contents_table table = {
		.schema = mem_text(schema),
		.name = mem_text(name),
		.columns = mem_text("a, \"b c\""),
		.at = { section->at.plain_off + 1, 50 },
		.data = { section->at.plain_off + 20, 27 },
		.rows = rows,
		.digest = { 1, 2 },
	};

	scan_contents_add_table(section, table);
}

static void
add_object(struct contents_section *section, uint64_t oid, uint64_t bytes, uint64_t about)
{
	struct contents_large_object object = { oid, bytes, { bytes, 7 }, { about, 8 } };

	scan_contents_add_large_object(section, object);
}

/* Globals of 100 bytes and one database of 200, with something of everything. */
static void
make_sample(struct contents *contents)
{
	struct contents_section *section;
	struct contents_statement role = { "CREATE ROLE", mem_text("app"), { 10, 20 }, { 3, 4 } };
	struct contents_statement table = { "CREATE TABLE", mem_text("public.n\xe9"), { 110, 20 }, { 5, 6 } };
	struct contents_sequence sequence = { mem_text("public.s"), INT64_MIN, true };

	contents_init(contents);
	section = add_section(contents, NULL, 0, 100);
	scan_contents_add_statement(section, role);
	section = add_section(contents, "db \xff", 100, 200);
	scan_contents_add_statement(section, table);
	add_table(section, "public", "t", 3);
	add_table(section, "S.x", "n\xe9", UINT32_MAX);
	scan_contents_add_sequence(section, sequence);
	add_object(section, 16400, 5, 1);
	add_object(section, 16401, 0, 0);
}

static void
totals_are_over_all_sections(void **state)
{
	struct contents contents;
	struct contents_totals totals;

	(void)state;
	make_sample(&contents);
	totals = contents_totals(&contents);
	assert_int_equal(totals.databases, 1);
	assert_int_equal(totals.tables, 2);
	assert_int_equal(totals.rows, 3 + (uint64_t)UINT32_MAX);
	assert_int_equal(totals.data_bytes, 54);
	assert_int_equal(totals.large_objects, 2);
	contents_clear(&contents);
	assert_int_equal(contents.section_count, 0);
}

static void
a_database_is_found_by_its_exact_name(void **state)
{
	struct contents contents;

	(void)state;
	make_sample(&contents);
	assert_ptr_equal(contents_find_database(&contents, "db \xff"), &contents.sections[1]);
	assert_null(contents_find_database(&contents, "db"));
	assert_null(contents_find_database(&contents, ""));
	contents_clear(&contents);
}

static void
assert_found(const struct contents_section *section, const char *name, int index, size_t expected)
{
	size_t matches = 99;
	const struct contents_table *table = contents_find_table(section, name, &matches);

	assert_int_equal(matches, expected);
	if (index < 0)
		assert_null(table);
	else
		assert_ptr_equal(table, &section->tables[index]);
	assert_ptr_equal(contents_find_table(section, name, NULL), table);
}

static void
a_table_is_found_as_people_write_it(void **state)
{
	struct contents contents;
	struct contents_section *section;

	(void)state;
	contents_init(&contents);
	section = add_section(&contents, "db", 0, 100);
	add_table(section, "public", "users", 0);
	add_table(section, "audit", "users", 0);
	add_table(section, "audit", "log", 0);
	add_table(section, "other", "log", 0);
	add_table(section, "public", "Mixed \"q\"", 0);
	add_table(section, "S.x", "a.b", 0);
	assert_found(section, "users", 0, 1);
	assert_found(section, "public.users", 0, 1);
	assert_found(section, "\"audit\".users", 1, 1);
	assert_found(section, "AUDIT.Users", 1, 1);
	assert_found(section, "log", -1, 2);
	assert_found(section, "other.log", 3, 1);
	assert_found(section, "\"Mixed \"\"q\"\"\"", 4, 1);
	assert_found(section, "Mixed \"q\"", 4, 1);
	assert_found(section, "\"mixed \"\"q\"\"\"", -1, 0);
	assert_found(section, "\"S.x\".\"a.b\"", 5, 1);
	assert_found(section, "a.b", 5, 1);
	assert_found(section, "missing", -1, 0);
	assert_found(section, "audit.missing", -1, 0);
	assert_found(section, "", -1, 0);
	assert_found(section, ".", -1, 0);
	assert_found(section, "\"users", -1, 0);
	assert_found(section, "\"users\"x", -1, 0);
	contents_clear(&contents);
}

static void
what_is_said_of_one_large_object_is_put_together(void **state)
{
	struct contents contents;
	struct contents_section *section;

	(void)state;
	contents_init(&contents);
	section = add_section(&contents, "db", 0, 0);
	add_object(section, 20000, 0, 1);
	add_object(section, 20000, 0, 2);
	add_object(section, 99, 0, 4);
	add_object(section, 20000, 10, 0);
	add_object(section, 99, 20, 0);
	scan_contents_end_section(section);
	assert_int_equal(section->large_object_count, 2);
	assert_int_equal(section->large_objects[0].oid, 99);
	assert_int_equal(section->large_objects[0].bytes, 20);
	assert_int_equal(section->large_objects[0].about.low, 4);
	assert_int_equal(section->large_objects[1].oid, 20000);
	assert_int_equal(section->large_objects[1].bytes, 10);
	assert_int_equal(section->large_objects[1].about.low, 3);
	scan_contents_end_section(section);
	assert_int_equal(section->large_object_count, 2);
	contents_clear(&contents);
}

static void
contents_survive_the_way_through_json(void **state)
{
	struct contents contents, again;
	struct json *value;
	struct buf text = BUF_EMPTY;
	char difference[256] = "";

	(void)state;
	make_sample(&contents);
	value = contents_to_json(&contents);
	json_write(value, 0, &text);
	json_free(value);
	value = json_parse(text.bytes, text.len, "sample");
	assert_non_null(value);
	assert_int_equal(contents_from_json(value, "sample", &again), 0);
	assert_int_equal(contents_compare_exact(&contents, &again, difference, sizeof(difference)), 0);
	json_free(value);
	buf_clear(&text);
	contents_clear(&contents);
	contents_clear(&again);
}

static void
assert_refused(const char *text)
{
	struct contents contents;
	struct json *value = json_parse(text, strlen(text), "sample");

	assert_non_null(value);
	error_clear();
	assert_int_equal(contents_from_json(value, "sample", &contents), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "sample"));
	assert_int_equal(contents.section_count, 0);
	json_free(value);
}

#define DIGEST "\"00000000000000000000000000000001\""
#define SECTION(at, statements, tables, sequences, objects)                                                \
	"{\"database\":null,\"encoding\":\"\",\"creates\":false,\"at\":" at ",\"statements\":[" statements \
	"],\"tables\":[" tables "],\"sequences\":[" sequences "],\"large_objects\":[" objects "]}"
#define CONTENTS(sections) "{\"plain_bytes\":10,\"sections\":[" sections "]}"

static void
made_up_contents_are_refused(void **state)
{
	(void)state;
	assert_refused("{}");
	assert_refused("[]");
	assert_refused(CONTENTS(""));
	assert_refused(CONTENTS("3"));
	assert_refused(CONTENTS(SECTION("[0]", "", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,9]", "", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,-10]", "", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,5]", "", "", "", "") "," SECTION("[5,5]", "", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "3", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "[\"SET\",\"x\",0,3]", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "[\"SET\",\"x\",0,3,\"xyz\"]", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "[\"SET\",\"x\",9,3," DIGEST "]", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "[3,\"x\",0,3," DIGEST "]", "", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "", "[\"s\",\"t\",\"\",0,5,6,1,1," DIGEST "]", "", "")));
	assert_refused(CONTENTS(
		SECTION("[0,10]", "", "[\"s\",\"t\",\"\",0,5,1,9223372036854775807,1," DIGEST "]", "", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "", "", "[\"s\",\"9223372036854775808\",true]", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "", "", "[\"s\",\"\",true]", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "", "", "[\"s\",\"1\",1]", "")));
	assert_refused(CONTENTS(SECTION("[0,10]", "", "", "", "[1,2," DIGEST "]")));
}

static void
small_contents_are_read(void **state)
{
	const char text[] = CONTENTS(SECTION("[0,10]", "[\"NEW KIND\",{\"hex\":\"ff\"},1,9," DIGEST "]",
		"[\"s\",\"t\",\"\",0,5,1,4,1," DIGEST "]", "[\"s\",\"-1\",false]",
		"[1,2," DIGEST "," DIGEST "]"));
	struct contents contents;
	struct json *value = json_parse(text, strlen(text), "sample");

	(void)state;
	assert_non_null(value);
	assert_int_equal(contents_from_json(value, "sample", &contents), 0);
	assert_string_equal(contents.sections[0].statements[0].kind, "OTHER");
	assert_string_equal(contents.sections[0].statements[0].name, "\xff");
	assert_int_equal(contents.sections[0].sequences[0].value, -1);
	json_free(value);
	contents_clear(&contents);
}

/* Changes one thing of the sample and expects the difference to be said so. */
#define ASSERT_DIFFERENCE(change, expected)                                                              \
	do {                                                                                             \
		struct contents recorded, found;                                                         \
		struct contents_section *database;                                                       \
		char text[256] = "";                                                                     \
		make_sample(&recorded);                                                                  \
		make_sample(&found);                                                                     \
		database = &found.sections[1];                                                           \
		(void)database;                                                                          \
		change;                                                                                  \
		assert_int_equal(                                                                        \
			contents_compare_exact(&recorded, &found, text, sizeof(text)), CONTENTS_DIFFER); \
		assert_string_equal(text, expected);                                                     \
		contents_clear(&recorded);                                                               \
		contents_clear(&found);                                                                  \
	} while (0)

#define DATABASE "database db \xef\xbf\xbd: "

static void
the_first_difference_is_named(void **state)
{
	(void)state;
	ASSERT_DIFFERENCE(found.sections[0].statements[0].kind = "DROP ROLE",
		"globals: CREATE ROLE app recorded, DROP ROLE app found at byte 10");
	ASSERT_DIFFERENCE(found.sections[0].statements[0].digest.low++,
		"globals: CREATE ROLE app at byte 10 is not as recorded");
	ASSERT_DIFFERENCE(found.sections[0].statements[0].at.bytes++,
		"globals: CREATE ROLE app at byte 10 is not as recorded");
	ASSERT_DIFFERENCE(database->database[0] = 'c', DATABASE "recorded, 'cb \xff' found");
	ASSERT_DIFFERENCE(free(database->tables[1].schema); free(database->tables[1].name);
			  free(database->tables[1].columns);
			  database->table_count--, DATABASE "2 tables recorded, 1 found");
	ASSERT_DIFFERENCE(
		database->tables[0].name[0] = 'u', DATABASE "table public.t recorded, public.u found");
	ASSERT_DIFFERENCE(database->tables[0].rows = 2, DATABASE "table public.t: 3 rows recorded, 2 found");
	ASSERT_DIFFERENCE(
		database->tables[0].digest.high = 0, DATABASE "table public.t: its rows are not as recorded");
	ASSERT_DIFFERENCE(database->tables[0].columns[0] = 'b',
		DATABASE "table public.t at byte 101 is not as recorded");
	ASSERT_DIFFERENCE(
		database->tables[0].data.bytes = 0, DATABASE "table public.t at byte 101 is not as recorded");
	ASSERT_DIFFERENCE(database->sequences[0].called = false, DATABASE
		"sequence public.s: -9223372036854775808 recorded, -9223372036854775808 (not called) found");
	ASSERT_DIFFERENCE(
		database->sequences[0].name[0] = 'q', DATABASE "sequence public.s recorded, qublic.s found");
	ASSERT_DIFFERENCE(
		database->large_objects[1].oid = 5, DATABASE "large object 16401 recorded, 5 found");
	ASSERT_DIFFERENCE(database->large_objects[0].data.low++,
		DATABASE "large object 16400: its data is not as recorded");
	ASSERT_DIFFERENCE(database->large_objects[0].about.low++,
		DATABASE "large object 16400: its owner, rights or comment are not as recorded");
	ASSERT_DIFFERENCE(database->creates = false, DATABASE "its encoding or creation is not as recorded");
	ASSERT_DIFFERENCE(
		database->at.bytes = 9, DATABASE "200 bytes from byte 100 recorded, 9 from 100 found");
	ASSERT_DIFFERENCE(found.plain_bytes--, "2 sections in 300 bytes recorded, 2 in 299 bytes found");
}

static void
equal_contents_do_not_differ(void **state)
{
	struct contents a, b;
	char text[64] = "untouched";

	(void)state;
	make_sample(&a);
	make_sample(&b);
	assert_int_equal(contents_compare_exact(&a, &b, text, sizeof(text)), 0);
	contents_clear(&a);
	contents_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_are_over_all_sections),
		cmocka_unit_test(a_database_is_found_by_its_exact_name),
		cmocka_unit_test(a_table_is_found_as_people_write_it),
		cmocka_unit_test(what_is_said_of_one_large_object_is_put_together),
		cmocka_unit_test(contents_survive_the_way_through_json),
		cmocka_unit_test(made_up_contents_are_refused),
		cmocka_unit_test(small_contents_are_read),
		cmocka_unit_test(the_first_difference_is_named),
		cmocka_unit_test(equal_contents_do_not_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
