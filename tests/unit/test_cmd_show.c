#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "sample_backup.h"

/* Globals, an empty database, and one with a table of an odd name. contents_clear() frees all of it. */
static void
fill_contents(struct contents *contents)
{
	static const char *const databases[] = { NULL, "postgres", "My App" };

	contents_init(contents);
	for (size_t i = 0; i < 3; i++) {
		MEM_GROW(contents->sections, contents->section_count, contents->section_capacity);
		contents->sections[contents->section_count++] =
			(struct contents_section){ .database = mem_text(databases[i]),
				.encoding = mem_text("UTF8") };
	}
	struct contents_section *section = &contents->sections[2];
	MEM_GROW(section->tables, section->table_count, section->table_capacity);
	section->tables[section->table_count++] = (struct contents_table){
		.schema = mem_text("public"),
		.name = mem_text("a\"b"),
		.columns = mem_text("x"),
		.data = { 100, 2048 },
		.rows = 1500,
		.digest = { .low = 0xab, .high = 0xcd },
	};
}

static void
a_page_tells_about_one_backup(void **state)
{
	const struct words words = { .json = false };
	struct report report = { .done = true };

	(void)state;
	sample_backup(&report.show.backup, "before the move");
	assert_shows_text(&cmd_show_ops, &words, &report,
		"backup     20261122T030000Z\n"
		"source     app\n"
		"label      before the move\n"
		"made       2026-11-22 03:00:00 +0000 in 4.6s on droplet by incant-backup 0.1.0\n"
		"server     15.18 (Debian 15.18-0+deb12u1)\n"
		"dump       800 MiB (838,860,800 bytes) in 4.2s\n"
		"stored     118 MiB (zstd:3)\n"
		"holds      2 databases, 3 tables, 1,234,567 rows\n"
		"stores     local, other\n"
		"\n"
		"OBJECT                   BYTES  SHA-256\n"
		"cluster.sql.zst    123,731,968  " SAMPLE_SHA256 "\n"
		"contents.json.zst          100  " SAMPLE_SHA256 "\n");
	cmd_show_ops.clear(&report);
}

static void
tables_are_shown_by_database(void **state)
{
	const struct words words = { .tables = true };
	struct report report = { .done = true };

	(void)state;
	sample_backup(&report.show.backup, NULL);
	fill_contents(&report.show.contents);
	char *text = shown_text(&cmd_show_ops, &words, &report);
	const char *tables = strstr(text, "\ndatabase ");
	assert_non_null(tables);
	assert_string_equal(tables, "\ndatabase postgres: no tables\n"
				    "\ndatabase \"My App\"\n"
				    "  TABLE           ROWS     DATA\n"
				    "  public.\"a\"\"b\"  1,500  2.0 KiB\n");
	free(text);
	cmd_show_ops.clear(&report);
}

static void
json_has_contents_only_where_they_were_asked_for(void **state)
{
	const struct words plain = { .json = true };
	const struct words tables = { .json = true, .tables = true };
	struct report report = { .done = true };

	(void)state;
	sample_backup(&report.show.backup, NULL);
	fill_contents(&report.show.contents);
	char *text = shown_json(&cmd_show_ops, &plain, &report);
	assert_ptr_equal(strstr(text, "{\"backup\":{\"id\":"), text);
	assert_null(strstr(text, "contents\":["));
	free(text);
	text = shown_json(&cmd_show_ops, &tables, &report);
	assert_non_null(strstr(text,
		"\"contents\":[{\"database\":\"postgres\",\"tables\":[]},{\"database\":\"My App\",\"tables\":"
		"[{\"schema\":\"public\",\"name\":\"a\\\"b\",\"rows\":1500,\"bytes\":2048,"
		"\"digest\":\"00000000000000cd00000000000000ab\"}]}]}"));
	free(text);
	cmd_show_ops.clear(&report);
}

static void
a_backup_that_was_not_found_shows_nothing(void **state)
{
	const struct words words = { .tables = true };
	struct report report = { .done = false };

	(void)state;
	assert_shows_text(&cmd_show_ops, &words, &report, "");
	assert_shows_json(&cmd_show_ops, &words, &report, "{\"backup\":null,\"contents\":[]}");
	cmd_show_ops.clear(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_tells_about_one_backup),
		cmocka_unit_test(tables_are_shown_by_database),
		cmocka_unit_test(json_has_contents_only_where_they_were_asked_for),
		cmocka_unit_test(a_backup_that_was_not_found_shows_nothing),
	};

	if (setenv("TZ", "UTC", 1) != 0)
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
