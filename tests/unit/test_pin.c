/* Pins: as text, beside a backup, and in the catalog. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "faulty_store.h"
#include "incant/catalog.h"
#include "incant/log.h"
#include "incant/pin.h"
#include "incant/text.h"
#include "made_backup.h"

#define THEN 1795316400 /* 2026-11-22T03:00:00Z */

static struct pin *
read_text(const char *text)
{
	error_clear();
	return pin_read(text, strlen(text), "pin.json of X");
}

static void
assert_refused(const char *text, const char *why)
{
	assert_null(read_text(text));
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, why));
}

static void
a_pin_is_read_as_it_was_written(void **state)
{
	const struct {
		int64_t until;
		const char *reason;
	} cases[] = { { 0, NULL }, { THEN + 86400, "before the \"move\"" }, { 0, "ä" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pin *pin = pin_new(THEN, cases[i].until, cases[i].reason);
		struct buf text = BUF_EMPTY;

		pin_write(pin, &text);
		struct pin *again = read_text(buf_text(&text));
		assert_non_null(again);
		assert_int_equal(again->at, THEN);
		assert_int_equal(again->until, cases[i].until);
		assert_true(text_equal(again->reason, cases[i].reason));
		pin_free(again);
		pin_free(pin);
		buf_clear(&text);
	}
}

static void
a_pin_that_is_not_sound_is_refused(void **state)
{
	(void)state;
	assert_refused("", "pin.json of X");
	assert_refused("[]", "pin.json of X");
	assert_refused("{\"at\": null}", "format");
	assert_refused("{\"format\": 2}", "has format 2");
	assert_refused("{\"format\": 1, \"until\": \"tomorrow\"}", "'until' is not a time");
	assert_refused("{\"format\": 1, \"until\": 5}", "until");
	assert_refused("{\"format\": 1, \"reason\": 5}", "reason");
}

static void
a_pin_holds_up_to_its_last_second(void **state)
{
	struct pin *ends = pin_new(THEN, THEN + 10, NULL), *never = pin_new(THEN, 0, NULL);

	(void)state;
	assert_true(pin_holds(ends, THEN + 10));
	assert_false(pin_holds(ends, THEN + 11));
	assert_true(pin_holds(never, INT64_MAX));
	assert_false(pin_holds(NULL, THEN));
	assert_ptr_equal(pin_longer(ends, never), never);
	assert_ptr_equal(pin_longer(never, ends), never);
	assert_ptr_equal(pin_longer(NULL, ends), ends);
	assert_ptr_equal(pin_longer(ends, NULL), ends);
	assert_null(pin_longer(NULL, NULL));
	pin_free(ends);
	pin_free(never);
}

/* The pin that the catalog has for the made backup; the caller frees it. */
static struct pin *
catalog_pin(const struct scratch *scratch)
{
	struct store *store = scratch_open(scratch, STORE_READ);
	struct catalog catalog;

	catalog_init(&catalog);
	assert_int_equal(catalog_load(store, MADE_SOURCE, &catalog), 0);
	assert_int_equal(catalog.count, 1);
	struct pin *pin = pin_copy(catalog.entries[0].pin);
	catalog_clear(&catalog);
	store_close(store);
	return pin;
}

static void
the_catalog_knows_what_is_pinned(void **state)
{
	const struct scratch *scratch = *state;
	struct pin *first = pin_new(THEN, 0, "one"), *second = pin_new(THEN, THEN + 5, "two");

	made_backup(scratch, FRAME_ZSTD);
	struct store *store = scratch_open(scratch, RIGHTS);
	assert_null(catalog_pin(scratch));
	assert_int_equal(pin_save(store, MADE_SOURCE, MADE_ID, first), 0);
	assert_int_equal(pin_save(store, MADE_SOURCE, MADE_ID, second), 0);
	struct pin *found = catalog_pin(scratch);
	assert_non_null(found);
	assert_int_equal(found->until, THEN + 5);
	assert_string_equal(found->reason, "two");
	pin_free(found);
	assert_int_equal(pin_remove(store, MADE_SOURCE, MADE_ID), 0);
	assert_int_equal(pin_remove(store, MADE_SOURCE, MADE_ID), STORE_MISSING);
	assert_null(catalog_pin(scratch));
	store_close(store);
	pin_free(first);
	pin_free(second);
}

static void
a_damaged_pin_counts_for_ever_and_is_told_of(void **state)
{
	const struct scratch *scratch = *state;
	size_t warnings = 0;

	made_backup(scratch, FRAME_ZSTD);
	struct store *store = scratch_open(scratch, RIGHTS);
	scratch_put(store, MADE_SOURCE "/" MADE_ID "/" PIN_NAME, "{\"format\": 1, \"unt");
	struct pin *pin = catalog_pin(scratch);
	assert_non_null(pin);
	assert_true(pin_holds(pin, INT64_MAX));
	assert_non_null(strstr(log_warnings(&warnings)[0], "counts as a pin for ever"));
	assert_int_equal(warnings, 1);
	pin_free(pin);
	store_close(store);
	log_reset();
}

static void
a_pin_that_cannot_be_replaced_is_the_old_or_the_new_one(void **state)
{
	const struct scratch *scratch = *state;
	struct pin *old = pin_new(THEN, 0, "old"), *new = pin_new(THEN, 0, "new");
	bool again = true;
	long failed = 0;

	made_backup(scratch, FRAME_ZSTD);
	struct store *store = scratch_open(scratch, RIGHTS);
	size_t before = scratch_count_descriptors();
	for (long n = 1; again; n++) {
		assert_int_equal(pin_save(store, MADE_SOURCE, MADE_ID, old), 0);
		fault.cause = EIO;
		fault.countdown = n;
		int result = pin_save(store, MADE_SOURCE, MADE_ID, new);
		again = fault.countdown == 0;
		fault.countdown = 0;
		failed += result != 0;
		struct pin *found = catalog_pin(scratch);
		assert_non_null(found);
		if (result == 0)
			assert_string_equal(found->reason, "new");
		else
			assert_true(text_equal(found->reason, "old") || text_equal(found->reason, "new"));
		pin_free(found);
		assert_int_equal(scratch_count_descriptors(), before);
	}
	assert_true(failed >= 5);
	store_close(store);
	pin_free(old);
	pin_free(new);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_set_up, fault_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_is_read_as_it_was_written),
		cmocka_unit_test(a_pin_that_is_not_sound_is_refused),
		cmocka_unit_test(a_pin_holds_up_to_its_last_second),
		TEST(the_catalog_knows_what_is_pinned),
		TEST(a_damaged_pin_counts_for_ever_and_is_told_of),
		TEST(a_pin_that_cannot_be_replaced_is_the_old_or_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
