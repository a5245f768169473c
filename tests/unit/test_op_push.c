/* Copies into stores of what they lack: by push, and by the run after one that could not. */
#include "config.h"

#include "incant/op_push.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/op/op_catch_up.h"
#include "made_backup.h"
#include "plain_backup.h"

#define OLDEST "20261101T030000Z"
#define OLD    "20261120T030000Z"
#define MIDDLE "20261121T030000Z"
#define NEW    "20261122T030000Z"

/* Two stores with settings for both. */
struct pair {
	struct scratch two;
	struct settings *settings;
	struct store *first, *second;
};

static void
pair_open(struct pair *pair, const struct scratch *scratch)
{
	pair->two = (struct scratch){ .root = NULL, .path = file_join(scratch->root, "two") };
	pair->settings = made_settings(scratch->path, pair->two.path);
	pair->first = scratch_open(scratch, STORE_WRITE | STORE_DELETE);
	pair->second = scratch_open(&pair->two, STORE_WRITE | STORE_DELETE);
}

static void
pair_close(struct pair *pair)
{
	store_close(pair->first);
	store_close(pair->second);
	settings_free(pair->settings);
	free(pair->two.path);
}

static int
push(const struct pair *pair, const struct op_push_request *request, struct op_push_report *report)
{
	error_clear();
	return op_push_run(pair->settings, request, report);
}

static void
push_copies_what_is_asked_for_where_it_is_missing(void **state)
{
	const struct op_push_request newest = { .all = false }, all = { .all = true },
				     old = { .which = { .which = OLD } };
	struct op_push_report report;
	struct pair pair;

	pair_open(&pair, *state);
	plain_backup(pair.first, OLD);
	plain_backup(pair.first, MIDDLE);
	plain_backup(pair.second, NEW);
	assert_int_equal(push(&pair, &newest, &report), 0);
	assert_int_equal(report.count, 1);
	assert_string_equal(report.pushed[0].id, NEW);
	assert_string_equal(report.pushed[0].store, "first");
	assert_true(report.pushed[0].ok && report.pushed[0].bytes > 0);
	op_push_report_clear(&report);
	assert_int_equal(push(&pair, &old, &report), 0);
	assert_ids(pair.second, NEW " " OLD " ");
	op_push_report_clear(&report);
	assert_int_equal(push(&pair, &all, &report), 0);
	assert_int_equal(report.count, 1);
	op_push_report_clear(&report);
	assert_ids(pair.first, NEW " " MIDDLE " " OLD " ");
	assert_ids(pair.second, NEW " " MIDDLE " " OLD " ");
	assert_int_equal(push(&pair, &all, &report), 0);
	assert_int_equal(report.count, 0);
	op_push_report_clear(&report);
	pair_close(&pair);
}

static void
push_into_one_store_leaves_the_others(void **state)
{
	const struct op_push_request request = { .all = true, .which = { .store = "second" } },
				     nowhere = { .which = { .store = "third" } };
	struct op_push_report report;
	struct pair pair;

	pair_open(&pair, *state);
	plain_backup(pair.first, OLD);
	plain_backup(pair.second, NEW);
	assert_int_equal(push(&pair, &request, &report), 0);
	op_push_report_clear(&report);
	assert_ids(pair.first, OLD " ");
	assert_ids(pair.second, NEW " " OLD " ");
	assert_int_equal(push(&pair, &nowhere, &report), -1);
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	op_push_report_clear(&report);
	pair_close(&pair);
}

static void
a_copy_that_fails_is_named_and_the_others_are_made(void **state)
{
	const struct op_push_request all = { .all = true };
	struct op_push_report report;
	struct pair pair;

	pair_open(&pair, *state);
	plain_backup(pair.first, OLD);
	plain_backup(pair.first, NEW);
	assert_int_equal(store_remove(pair.first, PLAIN_SOURCE "/" NEW "/cluster.sql.zst"), 0);
	assert_int_equal(push(&pair, &all, &report), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, NEW " is not in store second"));
	assert_int_equal(report.count, 2);
	assert_false(report.pushed[0].ok);
	assert_true(report.pushed[1].ok);
	op_push_report_clear(&report);
	assert_ids(pair.second, OLD " ");
	pair_close(&pair);
}

static void
a_pin_goes_with_its_backup(void **state)
{
	const struct op_push_request all = { .all = true };
	struct op_push_report report;
	struct pair pair;
	struct pin *pin = pin_new(1795316400, 0, "kept"), *came = NULL;

	pair_open(&pair, *state);
	plain_backup(pair.first, OLD);
	assert_int_equal(pin_save(pair.first, PLAIN_SOURCE, OLD, pin), 0);
	assert_int_equal(push(&pair, &all, &report), 0);
	op_push_report_clear(&report);
	assert_int_equal(pin_load(pair.second, PLAIN_SOURCE, OLD, &came), 0);
	assert_string_equal(came->reason, "kept");
	pin_free(came);
	pin_free(pin);
	pair_close(&pair);
}

/* The end of a run that has made NEW and copied it. */
static int
catch_up(const struct pair *pair)
{
	struct manifest manifest;
	const struct op_copy copy = {
		.settings = pair->settings,
		.from = pair->first,
		.from_place = &pair->settings->stores[0],
		.to = pair->second,
		.to_place = &pair->settings->stores[1],
		.manifest = &manifest,
	};

	error_clear();
	plain_manifest(&manifest, NEW);
	int rc = op_catch_up(&copy);
	manifest_clear(&manifest);
	return rc;
}

static void
the_next_run_catches_up_with_what_rotation_would_keep(void **state)
{
	struct pair pair;

	pair_open(&pair, *state);
	pair.settings->stores[1].keep = (struct retention_policy){ .last = 3 };
	plain_backup(pair.first, OLDEST);
	plain_backup(pair.first, OLD);
	plain_backup(pair.first, MIDDLE);
	plain_backup(pair.first, NEW);
	plain_backup(pair.second, OLD);
	plain_backup(pair.second, NEW);
	scratch_put(pair.second, PLAIN_SOURCE "/20261102T030000Z/cluster.sql.zst", "left behind");
	scratch_put(pair.second, "other/20261102T030000Z/cluster.sql.zst", "another's");
	assert_int_equal(catch_up(&pair), 0);
	assert_ids(pair.second, NEW " " MIDDLE " " OLD " ");
	assert_listed(pair.second, PLAIN_SOURCE "/20261102", "");
	assert_listed(pair.second, "other/", "other/20261102T030000Z/cluster.sql.zst ");
	pair_close(&pair);
}

static void
a_gap_behind_newer_copies_is_closed_too(void **state)
{
	struct pair pair;

	pair_open(&pair, *state);
	pair.settings->stores[1].keep = (struct retention_policy){ .last = 1, .weekly = 4 };
	plain_backup(pair.first, OLDEST);
	plain_backup(pair.first, OLD);
	plain_backup(pair.first, MIDDLE);
	plain_backup(pair.first, NEW);
	plain_backup(pair.second, NEW);
	assert_int_equal(catch_up(&pair), 0);
	assert_ids(pair.second, NEW " " OLDEST " ");
	pair_close(&pair);
}

static void
what_is_pinned_is_caught_up_whatever_its_age(void **state)
{
	struct pair pair;
	struct pin *pin = pin_new(1795316400, 0, "kept");

	pair_open(&pair, *state);
	pair.settings->stores[1].keep = (struct retention_policy){ .last = 1 };
	plain_backup(pair.first, OLD);
	plain_backup(pair.first, MIDDLE);
	plain_backup(pair.first, NEW);
	plain_backup(pair.second, NEW);
	assert_int_equal(pin_save(pair.first, PLAIN_SOURCE, OLD, pin), 0);
	assert_int_equal(catch_up(&pair), 0);
	assert_ids(pair.second, NEW " " OLD " ");
	pin_free(pin);
	pair_close(&pair);
}

static void
what_cannot_be_caught_up_does_not_keep_the_rest_waiting(void **state)
{
	struct pair pair;

	pair_open(&pair, *state);
	plain_backup(pair.first, OLD);
	plain_backup(pair.first, MIDDLE);
	plain_backup(pair.first, NEW);
	plain_backup(pair.second, NEW);
	assert_int_equal(store_remove(pair.first, PLAIN_SOURCE "/" MIDDLE "/contents.json.zst"), 0);
	assert_int_equal(catch_up(&pair), -1);
	assert_non_null(strstr(error_get()->message, MIDDLE));
	assert_ids(pair.second, NEW " " OLD " ");
	pair_close(&pair);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(push_copies_what_is_asked_for_where_it_is_missing),
		TEST(push_into_one_store_leaves_the_others),
		TEST(a_copy_that_fails_is_named_and_the_others_are_made),
		TEST(a_pin_goes_with_its_backup),
		TEST(the_next_run_catches_up_with_what_rotation_would_keep),
		TEST(a_gap_behind_newer_copies_is_closed_too),
		TEST(what_is_pinned_is_caught_up_whatever_its_age),
		TEST(what_cannot_be_caught_up_does_not_keep_the_rest_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
