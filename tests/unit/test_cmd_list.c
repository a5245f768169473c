#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "sample_backup.h"

static struct op_backup *
add_backup(struct op_list_report *list, const char *label)
{
	MEM_GROW(list->backups, list->count, list->capacity);
	sample_backup(&list->backups[list->count], label);
	return &list->backups[list->count++];
}

static void
backups_stand_in_a_table(void **state)
{
	const struct words words = { .json = false };
	struct report report = { .done = true };

	(void)state;
	add_backup(&report.list, "before the move")->manifest.created = clock_now() - 3 * 86400 - 100;
	struct op_backup *second = add_backup(&report.list, NULL);
	second->manifest.created = clock_now() - 100 * 86400 - 100;
	second->manifest.rows = 7;
	second->pin = pin_new(1795316400, 0, NULL);
	free(second->stores[1]);
	second->store_count = 1;
	report.list.backups[0].proof = proof_new();
	report.list.backups[0].proof->at = clock_now() - 2 * 3600 - 100;
	report.list.backups[0].proof->ok = true;
	second->proof = proof_new();
	assert_shows_text(&cmd_list_ops, &words, &report,
		"ID                 AGE     SIZE     DUMP       ROWS  LABEL            MARKS   PROVEN  "
		"STORES\n"
		"20261122T030000Z    3d  118 MiB  800 MiB  1,234,567  before the move          2h ago  "
		"local, "
		"other\n"
		"20261122T030000Z  100d  118 MiB  800 MiB          7                   pinned  FAILED  "
		"local\n");
	cmd_list_ops.clear(&report);
}

static void
several_sources_get_a_column(void **state)
{
	const struct words words = { .all_sources = true };
	struct report report = { .done = true };

	(void)state;
	add_backup(&report.list, NULL);
	struct op_backup *other = add_backup(&report.list, NULL);
	free(other->manifest.source);
	other->manifest.source = mem_text("wiki");
	char *text = shown_text(&cmd_list_ops, &words, &report);
	assert_ptr_equal(strstr(text, "ID                SOURCE  "), text);
	assert_non_null(strstr(text, "\n20261122T030000Z  wiki    "));
	free(text);
	cmd_list_ops.clear(&report);
}

static void
json_has_the_backups_in_their_order(void **state)
{
	const struct words words = { .json = true };
	struct report report = { .done = true };

	(void)state;
	assert_shows_json(&cmd_list_ops, &words, &report, "{\"backups\":[]}");
	assert_shows_text(&cmd_list_ops, &words, &report, "");
	add_backup(&report.list, "one");
	add_backup(&report.list, "two");
	char *text = shown_json(&cmd_list_ops, &words, &report);
	assert_ptr_equal(strstr(text, "{\"backups\":[{\"id\":\"20261122T030000Z\","), text);
	assert_true(strstr(text, "\"label\":\"one\"") < strstr(text, "\"label\":\"two\""));
	free(text);
	cmd_list_ops.clear(&report);
}

static void
a_source_is_a_name_and_not_a_path(void **state)
{
	struct words path = { .source = "../x" };
	struct words both = { .source = "x", .all_sources = true };
	struct words name = { .source = "x" };

	(void)state;
	assert_int_equal(cmd_list_ops.check(&path), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_int_equal(cmd_list_ops.check(&both), -1);
	assert_int_equal(cmd_list_ops.check(&name), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backups_stand_in_a_table),
		cmocka_unit_test(several_sources_get_a_column),
		cmocka_unit_test(json_has_the_backups_in_their_order),
		cmocka_unit_test(a_source_is_a_name_and_not_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
