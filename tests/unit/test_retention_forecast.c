/* How long a store has room. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/retention_forecast.h"

#define NOW 1795316400
#define DAY 86400

static struct retention_sized sized[400];

/* Daily backups, the newest of `bytes`, each older one smaller by `step`. */
static void
fill(size_t count, uint64_t bytes, uint64_t step)
{
	for (size_t i = 0; i < count; i++)
		sized[i] =
			(struct retention_sized){ .backup = { .id = "x", .created = NOW - (int64_t)i * DAY },
				.bytes = bytes - i * step };
}

static void
what_stays_the_same_never_gets_full(void **state)
{
	const struct retention_policy policy = { .last = 7 };

	(void)state;
	fill(7, 1000, 0);
	/* A new one has to fit beside the seven. */
	assert_int_equal(retention_forecast_days(sized, 7, &policy, 1000), -1);
	assert_int_equal(retention_forecast_days(sized, 7, &policy, 999), 1);
}

static void
rules_that_are_not_full_yet_take_more(void **state)
{
	const struct retention_policy policy = { .last = 10 };

	(void)state;
	fill(3, 1000, 0);
	assert_int_equal(retention_forecast_days(sized, 3, &policy, 5500), 6);
	assert_int_equal(retention_forecast_days(sized, 3, &policy, 8000), -1);
}

static void
growth_goes_on(void **state)
{
	const struct retention_policy policy = { .last = 5 };

	(void)state;
	fill(5, 1000, 10);
	/* Five a day older are dropped, and each new one takes ten more: 50 more a day. */
	int days = retention_forecast_days(sized, 5, &policy, 5000);
	assert_true(days > 60 && days < 90);
	fill(5, 1000, 0);
	assert_int_equal(retention_forecast_days(sized, 5, &policy, 5000), -1);
}

static void
growth_within_hours_says_nothing_of_the_days_to_come(void **state)
{
	const struct retention_policy policy = { .last = 5 };

	(void)state;
	fill(2, 1000, 990);
	sized[1].backup.created = sized[0].backup.created - 60;
	assert_int_equal(retention_forecast_days(sized, 2, &policy, 10000), -1);
}

static void
a_pin_gives_its_room_back_when_it_ends(void **state)
{
	const struct retention_policy policy = { .last = 2 };

	(void)state;
	fill(3, 1000, 0);
	sized[2].backup.pinned = true;
	sized[2].backup.pinned_until = NOW + 5 * DAY;
	assert_int_equal(retention_forecast_days(sized, 3, &policy, 1000), -1);
}

static void
without_anything_to_tell_by_nothing_is_told(void **state)
{
	const struct retention_policy policy = { .last = 400 };

	(void)state;
	assert_int_equal(retention_forecast_days(sized, 0, &policy, 10), -1);
	fill(400, 1000, 0);
	assert_int_equal(retention_forecast_days(sized, 400, &policy, 10), -1);
	assert_int_equal(retention_forecast_days(sized, 3, &policy, UINT64_MAX), -1);
	/* One alone is taken for a daily one. */
	assert_int_equal(retention_forecast_days(sized, 1, &policy, 3500), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_the_same_never_gets_full),
		cmocka_unit_test(rules_that_are_not_full_yet_take_more),
		cmocka_unit_test(growth_goes_on),
		cmocka_unit_test(growth_within_hours_says_nothing_of_the_days_to_come),
		cmocka_unit_test(a_pin_gives_its_room_back_when_it_ends),
		cmocka_unit_test(without_anything_to_tell_by_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
