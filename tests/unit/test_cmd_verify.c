#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/error.h"
#include "sample_backup.h"

static void
fill_report(struct report *report)
{
	struct op_verify_report *verify = &report->verify;

	for (size_t i = 0; i < 2; i++) {
		MEM_GROW(verify->backups, verify->count, verify->capacity);
		verify->backups[verify->count++] = (struct op_verified){ .id = mem_text("20261122T030000Z"),
			.store = mem_text(i == 0 ? "local" : "other"),
			.read_bytes = 123731968 };
	}
	struct op_verified *bad = &verify->backups[1];
	MEM_GROW(bad->findings, bad->finding_count, bad->finding_capacity);
	bad->findings[bad->finding_count++] = (struct op_finding){ .object = mem_text("cluster.sql.zst"),
		.offset = 4096,
		.problem = mem_text("frame 2 is damaged") };
}

static void
sound_backups_and_findings_are_a_line_each(void **state)
{
	const struct words words = { .json = false };
	const struct words quiet = { .quiet = true };
	struct report report = { .done = false };

	(void)state;
	fill_report(&report);
	assert_shows_text(&cmd_verify_ops, &words, &report,
		"20261122T030000Z local: sound, 118 MiB read\n"
		"20261122T030000Z other: cluster.sql.zst at byte 4096: frame 2 is damaged\n");
	assert_shows_text(&cmd_verify_ops, &quiet, &report,
		"20261122T030000Z other: cluster.sql.zst at byte 4096: frame 2 is damaged\n");
	cmd_verify_ops.clear(&report);
}

static void
json_has_every_backup_with_its_findings(void **state)
{
	const struct words words = { .json = true };
	struct report report = { .done = false };

	(void)state;
	assert_shows_json(&cmd_verify_ops, &words, &report, "{\"backups\":[]}");
	fill_report(&report);
	assert_shows_json(&cmd_verify_ops, &words, &report,
		"{\"backups\":[{\"id\":\"20261122T030000Z\",\"store\":\"local\",\"ok\":true,\"findings\":[],"
		"\"closed\":false,\"read_bytes\":123731968},{\"id\":\"20261122T030000Z\",\"store\":\"other\","
		"\"ok\":false,"
		"\"findings\":[{\"object\":\"cluster.sql.zst\",\"offset\":4096,\"problem\":"
		"\"frame 2 is damaged\"}],\"closed\":false,\"read_bytes\":123731968}]}");
	cmd_verify_ops.clear(&report);
}

static void
all_and_one_exclude_each_other(void **state)
{
	struct words which = { .all = true, .operand = "latest" };
	struct words at = { .all = true, .at = "yesterday" };
	struct words all = { .all = true, .store = "local" };

	(void)state;
	assert_int_equal(cmd_verify_ops.check(&which), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_int_equal(cmd_verify_ops.check(&at), -1);
	assert_int_equal(cmd_verify_ops.check(&all), 0);
	assert_string_equal(all.which.store, "local");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_backups_and_findings_are_a_line_each),
		cmocka_unit_test(json_has_every_backup_with_its_findings),
		cmocka_unit_test(all_and_one_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
