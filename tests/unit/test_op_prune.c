/* Rotation in real stores: what is removed, what other stores and readers keep, and a fault at every call. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "faulty_store.h"
#include "incant/log.h"
#include "incant/op_pin.h"
#include "incant/op_prune.h"
#include "planted_backup.h"

#define NEWEST 1795316400 /* 2026-11-22T03:00:00Z */
#define DAY    86400
#define RULES  "[keep]\nlast = 2\ndaily = 0\nweekly = 0\nmonthly = 0\n"

/* Two stores with the same backups of so many days, and settings for them. */
struct bed {
	const struct scratch *scratch;
	struct scratch other;
	struct store *first, *second;
	struct settings *settings;
	struct op_prune_report report;
};

static void
bed_open(struct bed *bed, void **state, size_t days)
{
	*bed = (struct bed){ .scratch = *state };
	bed->other = (struct scratch){ .root = NULL, .path = file_join(bed->scratch->root, "other") };
	bed->first = scratch_open(bed->scratch, RIGHTS);
	bed->second = scratch_open(&bed->other, RIGHTS);
	bed->settings = planted_settings(bed->scratch->path, bed->other.path, RULES);
	for (size_t i = 0; i < days; i++) {
		plant(bed->first, NEWEST - (int64_t)i * DAY);
		plant(bed->second, NEWEST - (int64_t)i * DAY);
	}
}

static void
bed_close(struct bed *bed)
{
	store_close(bed->first);
	store_close(bed->second);
	settings_free(bed->settings);
	free(bed->other.path);
	log_reset();
}

/* Prunes; the report is to be cleared. */
static int
prune(struct bed *bed, const struct op_prune_request *request)
{
	error_clear();
	return op_prune_run(bed->settings, request, &bed->report);
}

/* The ids of a store's whole backups, newest first, a blank behind each. */
static void
assert_backups(struct store *store, const char *expected)
{
	struct buf ids = BUF_EMPTY;
	struct catalog catalog;

	catalog_init(&catalog);
	assert_int_equal(catalog_load(store, PLANTED_SOURCE, &catalog), 0);
	for (size_t i = 0; i < catalog.count; i++) {
		assert_false(catalog.entries[i].damaged);
		buf_append_format(&ids, "%.8s ", catalog.entries[i].id);
	}
	assert_string_equal(buf_text(&ids), expected);
	buf_clear(&ids);
	catalog_clear(&catalog);
}

static const struct op_verdict *
verdict_of(const struct bed *bed, const char *store, const char *id)
{
	for (size_t i = 0; i < bed->report.count; i++)
		if (strcmp(bed->report.verdicts[i].store, store) == 0 &&
			strncmp(bed->report.verdicts[i].id, id, 8) == 0)
			return &bed->report.verdicts[i];
	fail_msg("no verdict on %s in %s", id, store);
	return NULL;
}

static void
what_no_rule_keeps_goes_from_every_store(void **state)
{
	const struct op_prune_request dry = { .dry_run = true }, one = { .store = "second" },
				      all = { .store = NULL };
	struct bed bed;

	bed_open(&bed, state, 4);
	assert_int_equal(prune(&bed, &dry), 0);
	assert_int_equal(bed.report.count, 8);
	assert_int_equal(bed.report.stores[0].dropped, 2);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.second, "20261122 20261121 20261120 20261119 ");
	assert_int_equal(prune(&bed, &one), 0);
	assert_int_equal(bed.report.store_count, 1);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 20261120 20261119 ");
	assert_backups(bed.second, "20261122 20261121 ");
	assert_int_equal(prune(&bed, &all), 0);
	assert_true(verdict_of(&bed, "first", "20261119")->removed);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 ");
	/* Nothing but two backups and the lock. */
	assert_int_equal(scratch_count_names(in_store(bed.scratch, PLANTED_SOURCE)), 3);
	bed_close(&bed);
}

static void
a_pin_in_one_store_keeps_the_backup_in_all(void **state)
{
	const struct op_prune_request all = { .store = NULL };
	struct pin *pin = pin_new(NEWEST, 0, NULL);
	struct bed bed;

	bed_open(&bed, state, 4);
	assert_int_equal(pin_save(bed.first, PLANTED_SOURCE, "20261119T030000Z", pin), 0);
	assert_int_equal(prune(&bed, &all), 0);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 20261119 ");
	assert_backups(bed.second, "20261122 20261121 20261119 ");
	pin_free(pin);
	bed_close(&bed);
}

static void
a_pin_that_ended_keeps_nothing(void **state)
{
	const struct op_prune_request all = { .store = NULL };
	struct pin *pin = pin_new(NEWEST, NEWEST - 1, NULL);
	struct bed bed;

	bed_open(&bed, state, 3);
	assert_int_equal(pin_save(bed.first, PLANTED_SOURCE, "20261120T030000Z", pin), 0);
	assert_int_equal(prune(&bed, &all), 0);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 ");
	pin_free(pin);
	bed_close(&bed);
}

static void
what_is_read_stays_until_it_has_been_read(void **state)
{
	const struct op_prune_request all = { .store = NULL };
	struct store_lock *reader = NULL;
	struct bed bed;

	bed_open(&bed, state, 3);
	assert_int_equal(store_hold(bed.first, PLANTED_SOURCE "/20261120T030000Z", false, &reader), 0);
	assert_int_equal(prune(&bed, &all), 0);
	assert_true(verdict_of(&bed, "first", "20261120")->keep);
	assert_string_equal(
		verdict_of(&bed, "first", "20261120")->reason, "it is being read by another process");
	assert_true(verdict_of(&bed, "second", "20261120")->removed);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 20261120 ");
	store_unlock(reader);
	assert_int_equal(prune(&bed, &all), 0);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 ");
	bed_close(&bed);
}

static void
suspect_ones_replace_no_good_one_until_they_are_accepted(void **state)
{
	const struct op_prune_request all = { .store = NULL }, accept = { .accept = "20261122" };
	struct suspect *suspect = suspect_new(NEWEST, "20261120T030000Z");
	struct bed bed;

	suspect_add(suspect, "database shop is gone");
	bed_open(&bed, state, 5);
	assert_int_equal(suspect_save(bed.first, PLANTED_SOURCE, "20261122T030000Z", suspect), 0);
	assert_int_equal(suspect_save(bed.first, PLANTED_SOURCE, "20261121T030000Z", suspect), 0);
	assert_int_equal(prune(&bed, &all), 0);
	assert_string_equal(verdict_of(&bed, "second", "20261119")->reason,
		"held back, because 20261122T030000Z is suspect");
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 20261120 20261119 ");
	assert_backups(bed.second, "20261122 20261121 20261120 20261119 ");
	assert_int_equal(prune(&bed, &accept), 0);
	assert_string_equal(bed.report.accepted, "20261122T030000Z");
	op_prune_report_clear(&bed.report);
	/* The other suspect one goes by its age, and takes no good one's place. */
	assert_backups(bed.first, "20261122 20261121 20261120 ");
	suspect_free(suspect);
	bed_close(&bed);
}

static void
a_pin_by_hand_accepts_a_suspect_one(void **state)
{
	const struct op_pin_request request = { .which = { .which = "latest" } };
	struct suspect *suspect = suspect_new(NEWEST, NULL), *found = NULL;
	struct op_pin_report report;
	struct bed bed;

	suspect_add(suspect, "database shop is gone");
	bed_open(&bed, state, 2);
	assert_int_equal(suspect_save(bed.second, PLANTED_SOURCE, "20261122T030000Z", suspect), 0);
	assert_int_equal(op_pin_run(bed.settings, &request, &report), 0);
	assert_null(report.backup.suspect);
	assert_non_null(report.backup.pin);
	op_pin_report_clear(&report);
	assert_int_equal(suspect_load(bed.second, PLANTED_SOURCE, "20261122T030000Z", &found), STORE_MISSING);
	suspect_free(suspect);
	bed_close(&bed);
}

/* A suspect.json that cannot be read makes its backup suspect all the same. */
static void
a_damaged_suspicion_is_one(void **state)
{
	const struct op_prune_request all = { .store = NULL };
	struct bed bed;

	bed_open(&bed, state, 3);
	scratch_put(bed.first, PLANTED_SOURCE "/20261122T030000Z/" SUSPECT_NAME, "{");
	assert_int_equal(prune(&bed, &all), 0);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 20261120 ");
	bed_close(&bed);
}

static void
who_cannot_have_the_lock_removes_nothing(void **state)
{
	const struct op_prune_request all = { .store = NULL }, dry = { .dry_run = true };
	struct op_lock *lock = NULL;
	struct bed bed;

	bed_open(&bed, state, 3);
	assert_int_equal(op_lock_take(bed.settings, "backup", 0, &lock), 0);
	assert_int_equal(prune(&bed, &all), -1);
	assert_int_equal(error_get()->class, ERR_BUSY);
	op_prune_report_clear(&bed.report);
	assert_int_equal(prune(&bed, &dry), 0);
	op_prune_report_clear(&bed.report);
	const struct op_prune_request held = { .lock = lock };
	assert_backups(bed.first, "20261122 20261121 20261120 ");
	assert_int_equal(prune(&bed, &held), 0);
	op_prune_report_clear(&bed.report);
	assert_backups(bed.first, "20261122 20261121 ");
	op_lock_release(lock);
	bed_close(&bed);
}

static void
many_pins_are_told_of(void **state)
{
	const struct op_prune_request dry = { .dry_run = true };
	struct pin *pin = pin_new(NEWEST, 0, NULL);
	struct bed bed;
	char id[CLOCK_ID_SIZE];
	size_t warnings = 0;

	bed_open(&bed, state, 0);
	for (int64_t i = 0; i < 11; i++) {
		plant(bed.first, NEWEST - i * DAY);
		assert_int_equal(
			pin_save(bed.first, PLANTED_SOURCE, clock_format_id(id, NEWEST - i * DAY), pin), 0);
	}
	assert_int_equal(prune(&bed, &dry), 0);
	const char *const *texts = log_warnings(&warnings);
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(texts[0], "11 backups are pinned in store first"));
	op_prune_report_clear(&bed.report);
	pin_free(pin);
	bed_close(&bed);
}

/* After a failure at any call: whole backups only, the newest ones among them; and the next run ends the
 * work. */
static void
check_after_a_fault(struct bed *bed)
{
	const struct op_prune_request all = { .store = NULL };
	struct catalog catalog;

	catalog_init(&catalog);
	assert_int_equal(catalog_load(bed->first, PLANTED_SOURCE, &catalog), 0);
	assert_true(catalog.count >= 2);
	assert_string_equal(catalog.entries[0].id, "20261122T030000Z");
	assert_string_equal(catalog.entries[1].id, "20261121T030000Z");
	for (size_t i = 0; i < catalog.count; i++) {
		char *name = catalog_object_name(PLANTED_SOURCE, catalog.entries[i].id, "cluster.sql.zst");
		struct buf bytes = BUF_EMPTY;
		assert_false(catalog.entries[i].damaged);
		assert_int_equal(store_get(bed->first, name, 10, &bytes), 0);
		buf_clear(&bytes);
		free(name);
	}
	catalog_clear(&catalog);
	if (prune(bed, &all) != 0)
		fail_msg("%s", error_get()->message);
	op_prune_report_clear(&bed->report);
	assert_backups(bed->first, "20261122 20261121 ");
	assert_int_equal(scratch_count_names(in_store(bed->scratch, PLANTED_SOURCE)), 3);
}

static void
a_fault_at_any_call_loses_nothing_and_the_next_run_ends_the_work(void **state)
{
	const struct op_prune_request all = { .store = NULL };
	struct bed bed;
	bool again = true;
	long failed = 0;

	bed_open(&bed, state, 2);
	settings_free(bed.settings);
	bed.settings = planted_settings(bed.scratch->path, NULL, RULES);
	size_t before = scratch_count_descriptors();
	for (long n = 1; again; n++) {
		plant(bed.first, NEWEST - 2 * DAY);
		fault.cause = n % 2 == 0 ? EIO : EROFS;
		fault.countdown = n;
		int rc = prune(&bed, &all);
		again = fault.countdown == 0;
		fault.countdown = 0;
		op_prune_report_clear(&bed.report);
		if (rc != 0) {
			assert_int_equal(error_get()->class, ERR_STORE);
			failed++;
		}
		assert_int_equal(scratch_count_descriptors(), before);
		check_after_a_fault(&bed);
	}
	assert_true(failed > 60);
	bed_close(&bed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_set_up, fault_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_no_rule_keeps_goes_from_every_store),
		TEST(a_pin_in_one_store_keeps_the_backup_in_all),
		TEST(a_pin_that_ended_keeps_nothing),
		TEST(what_is_read_stays_until_it_has_been_read),
		TEST(suspect_ones_replace_no_good_one_until_they_are_accepted),
		TEST(a_pin_by_hand_accepts_a_suspect_one),
		TEST(a_damaged_suspicion_is_one),
		TEST(who_cannot_have_the_lock_removes_nothing),
		TEST(many_pins_are_told_of),
		TEST(a_fault_at_any_call_loses_nothing_and_the_next_run_ends_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
