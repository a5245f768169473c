#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/error.h"
#include "sample_backup.h"

static void
add_outcome(struct op_backup_report *report, const char *store, const struct error *error)
{
	MEM_GROW(report->outcomes, report->outcome_count, report->outcome_capacity);
	report->outcomes[report->outcome_count++] = (struct op_store_outcome){ .name = mem_text(store),
		.ok = error == NULL,
		.error = error != NULL ? *error : (struct error){ .class = ERR_NONE } };
}

static void
a_backup_that_was_made_is_told_in_a_few_lines(void **state)
{
	const struct words words = { .json = false };
	const struct words quiet = { .quiet = true };
	const struct error full = { ERR_STORE, "no space left", "" };
	struct report report = { .done = true };

	(void)state;
	sample_backup(&report.backup.backup, NULL);
	report.backup.made = true;
	report.backup.dump_ms = 4200;
	report.backup.total_ms = 4600;
	add_outcome(&report.backup, "local", NULL);
	add_outcome(&report.backup, "other", &full);
	assert_shows_text(&cmd_backup_ops, &words, &report,
		"20261122T030000Z: 800 MiB -> 118 MiB\n"
		"  2 databases, 3 tables, 1,234,567 rows\n"
		"  dumped in 4.2s, done in 4.6s\n"
		"  in store local\n"
		"  not in store other: no space left\n");
	assert_shows_text(&cmd_backup_ops, &quiet, &report, "");

	char *json = shown_json(&cmd_backup_ops, &words, &report);
	assert_ptr_equal(strstr(json, "{\"backup\":{\"id\":\"20261122T030000Z\","), json);
	assert_non_null(strstr(json,
		"\"dump_seconds\":4.2,\"total_seconds\":4.6,\"stores\":[{\"name\":\"local\",\"ok\":true,"
		"\"error\":null},{\"name\":\"other\",\"ok\":false,\"error\":{\"class\":\"store\",\"message\":"
		"\"no space left\",\"hint\":null}}],\"pruned\":[]}"));
	free(json);
	cmd_backup_ops.clear(&report);
}

/* Its manifest was begun when the dump failed. */
static void
a_backup_that_was_not_made_is_null(void **state)
{
	const struct words words = { .json = true };
	struct report report = { .done = false };

	(void)state;
	assert_shows_json(&cmd_backup_ops, &words, &report,
		"{\"backup\":null,\"dump_seconds\":0.0,\"total_seconds\":0.0,\"stores\":[],\"pruned\":[]}");
	sample_backup(&report.backup.backup, NULL);
	report.backup.total_ms = 100;
	assert_shows_json(&cmd_backup_ops, &words, &report,
		"{\"backup\":null,\"dump_seconds\":0.0,\"total_seconds\":0.1,\"stores\":[],\"pruned\":[]}");
	assert_shows_text(&cmd_backup_ops, &words, &report, "");
	cmd_backup_ops.clear(&report);
}

static void
a_dry_run_tells_what_would_be_dumped(void **state)
{
	const struct words words = { .dry_run = true };
	struct report report = { .done = true };

	(void)state;
	report.backup.source_description = mem_text("host=/run/postgresql");
	report.backup.server_version = mem_text("15.18");
	report.backup.dumper_version = mem_text("15.17");
	report.backup.expected_bytes = 838860800;
	report.backup.free_bytes = (uint64_t)20 << 30;
	assert_shows_text(&cmd_backup_ops, &words, &report,
		"would dump host=/run/postgresql\n"
		"  server 15.18\n"
		"  pg_dumpall 15.17\n"
		"  about 800 MiB, as the backup before\n"
		"  20.0 GiB are free in the first store\n");
	assert_shows_json(&cmd_backup_ops, &words, &report,
		"{\"backup\":null,\"dump_seconds\":0.0,\"total_seconds\":0.0,\"stores\":[],\"pruned\":[],"
		"\"plan\":{\"source\":\"host=/run/postgresql\",\"server_version\":\"15.18\","
		"\"dumper_version\":\"15.17\",\"expected_bytes\":838860800,\"free_bytes\":21474836480}}");
	cmd_backup_ops.clear(&report);
}

static void
a_label_is_one_line_of_utf8(void **state)
{
	struct words words = { .label = "before the move, \xc3\xa4" };
	char *long_label = mem_format("%0501d", 1);

	(void)state;
	assert_int_equal(cmd_backup_ops.check(&words), 0);
	words.label = NULL;
	assert_int_equal(cmd_backup_ops.check(&words), 0);
	words.label = "two\nlines";
	assert_int_equal(cmd_backup_ops.check(&words), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	words.label = "\xff";
	assert_int_equal(cmd_backup_ops.check(&words), -1);
	words.label = long_label;
	assert_int_equal(cmd_backup_ops.check(&words), -1);
	words.label = long_label + 1;
	assert_int_equal(cmd_backup_ops.check(&words), 0);
	free(long_label);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_backup_that_was_made_is_told_in_a_few_lines),
		cmocka_unit_test(a_backup_that_was_not_made_is_null),
		cmocka_unit_test(a_dry_run_tells_what_would_be_dumped),
		cmocka_unit_test(a_label_is_one_line_of_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
