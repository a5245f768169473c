/* [keep] and [keep NAME]: laid over each other and over the defaults. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/settings.h"

#define BASE                                                                            \
	"[source]\nname = app\nkind = postgres\nconninfo = host=/run/postgresql\n"      \
	"[store local]\nkind = directory\npath = /one\n[store far]\nkind = directory\n" \
	"path = /two\n"

static struct settings *
parse(const char *more)
{
	char *text = mem_format(BASE "%s", more);
	struct settings *settings = settings_parse(text, strlen(text), "test.conf");

	free(text);
	return settings;
}

/* The rules of a store, in words. */
static void
assert_rules(const char *more, size_t store, const char *rules)
{
	struct settings *settings = parse(more);
	struct buf text = BUF_EMPTY;

	if (settings == NULL)
		fail_msg("%s", error_get()->message);
	retention_policy_write(&settings->stores[store].keep, &text);
	assert_string_equal(buf_text(&text), rules);
	buf_clear(&text);
	settings_free(settings);
}

static void
assert_refused(const char *more, const char *message)
{
	error_clear();
	assert_null(parse(more));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	if (strstr(error_get()->message, message) == NULL)
		fail_msg("not '%s' but '%s'", message, error_get()->message);
}

static void
what_is_not_said_is_the_default(void **state)
{
	(void)state;
	assert_rules("", 0, "last 3, daily 7, weekly 5, monthly 12");
	assert_rules("[keep]\n", 1, "last 3, daily 7, weekly 5, monthly 12");
	assert_rules("[keep]\ndaily = 14\nwithin = 36h\n", 0,
		"last 3, daily 14, weekly 5, monthly 12, within 1d12h");
}

static void
one_stores_rules_lie_over_those_of_all_wherever_they_stand(void **state)
{
	static const char *const orders[] = {
		"[keep]\nlast = 1\nmonthly = 0\nhourly = 2\n[keep far]\nlast = 9\nyearly = 4\n",
		"[keep far]\nlast = 9\nyearly = 4\n[keep]\nlast = 1\nmonthly = 0\nhourly = 2\n",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_rules(orders[i], 0, "last 1, hourly 2, daily 7, weekly 5");
		assert_rules(orders[i], 1, "last 9, hourly 2, daily 7, weekly 5, yearly 4");
	}
	/* An explicit 0 is said. */
	assert_rules("[keep]\nlast = 4\n[keep far]\nlast = 0\n", 1, "daily 7, weekly 5, monthly 12");
}

static void
what_cannot_be_meant_is_refused(void **state)
{
	(void)state;
	assert_refused("[keep nowhere]\nlast = 1\n", "[keep nowhere]: there is no store 'nowhere'");
	assert_refused("[keep]\n[keep]\n", "section [keep] is here a second time");
	assert_refused("[keep far]\n[keep far]\n", "section [keep far] is here a second time");
	assert_refused("[keep a/b]\n", "[keep NAME] needs a name");
	assert_refused("[keep]\nlast = 0\ndaily = 0\nweekly = 0\nmonthly = 0\n",
		"no rule is left that keeps a backup in store local");
	assert_refused("[keep far]\nlast = 0\ndaily = 0\nweekly = 0\nmonthly = 0\n",
		"no rule is left that keeps a backup in store far");
	assert_refused("[keep]\nlast = -1\n", "'-1' is not a value for 'last'");
	assert_refused("[keep]\nlast = 100001\n", "not a value");
	assert_refused("[keep]\nwithin = soon\n", "not a value");
	assert_refused("[keep]\ndayly = 1\n", "unknown key 'dayly'");
	assert_refused("[dump]\nmax-shrink = 30\n", "not a value");
	assert_refused("[dump]\nmax-shrink = 0%\n", "not a value");
	assert_refused("[dump]\nmax-shrink = 101%\n", "not a value");
}

static void
the_shrink_guard_has_its_limits(void **state)
{
	struct settings *settings = parse("[dump]\nmax-shrink = 55%\nmay-shrink = a.b.c  a.b.d*\n");

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings->dump.max_shrink, 55);
	assert_string_equal(settings->dump.may_shrink, "a.b.c  a.b.d*");
	settings_free(settings);
	settings = parse("");
	assert_int_equal(settings->dump.max_shrink, 30);
	assert_null(settings->dump.may_shrink);
	settings_free(settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_the_default),
		cmocka_unit_test(one_stores_rules_lie_over_those_of_all_wherever_they_stand),
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(the_shrink_guard_has_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
