#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/op_snapshot.h"

static void
a_name_is_ours_when_all_of_it_fits(void **state)
{
	(void)state;
	assert_true(op_snapshot_is_ours("incant-app-20261122T030000Z-3fa9", "app"));
	assert_true(op_snapshot_is_ours("incant-my-app.2-20261122T030000Z-0000", "my-app.2"));
}

static void
a_name_that_only_resembles_ours_is_not(void **state)
{
	static const char *const names[] = { "", "incant-", "incant-app", "incant-app-",
		"incant-app-20261122T030000Z", "incant-app-20261122T030000Z-",
		"incant-app-20261122T030000Z-3fa", "incant-app-20261122T030000Z-3fa99",
		"incant-app-20261122T030000Z-3fgh", "incant-app-2026112XT030000Z-3fa9",
		"incant-app-2-20261122T030000Z-3fa9", "incant-ap-20261122T030000Z-3fa9",
		"Incant-app-20261122T030000Z-3fa9", " incant-app-20261122T030000Z-3fa9",
		"incant-app-20261122T030000Z-3fa9 ", "incant-app-20261122T030000Z_3fa9",
		"my-incant-app-20261122T030000Z-3fa9" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (op_snapshot_is_ours(names[i], "app"))
			fail_msg("taken for ours: %s", names[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_ours_when_all_of_it_fits),
		cmocka_unit_test(a_name_that_only_resembles_ours_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
