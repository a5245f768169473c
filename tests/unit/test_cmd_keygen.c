#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/error.h"
#include "sample_backup.h"

static struct words words;
static struct report report;

static int
set_up(void **state)
{
	(void)state;
	memset(&words, 0, sizeof(words));
	memset(&report, 0, sizeof(report));
	return 0;
}

static void
json_needs_a_file_for_the_secret(void **state)
{
	(void)state;
	words.json = true;
	assert_int_equal(cmd_keygen_ops.check(&words), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	words.output = "identity.txt";
	assert_int_equal(cmd_keygen_ops.check(&words), 0);
	words.output = NULL;
	words.json = false;
	assert_int_equal(cmd_keygen_ops.check(&words), 0);
}

static void
the_recipient_is_shown(void **state)
{
	(void)state;
	memcpy(report.keygen.recipient, "age1xyz", sizeof("age1xyz"));
	report.done = true;
	assert_shows_text(&cmd_keygen_ops, &words, &report, "");
	words.output = "identity.txt";
	assert_shows_text(&cmd_keygen_ops, &words, &report, "age1xyz\n");
	assert_shows_json(
		&cmd_keygen_ops, &words, &report, "{\"recipient\":\"age1xyz\",\"file\":\"identity.txt\"}");
}

static void
a_failure_shows_nothing(void **state)
{
	(void)state;
	words.output = "identity.txt";
	assert_shows_text(&cmd_keygen_ops, &words, &report, "");
	assert_shows_json(&cmd_keygen_ops, &words, &report, "{\"recipient\":null,\"file\":null}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(json_needs_a_file_for_the_secret, set_up),
		cmocka_unit_test_setup(the_recipient_is_shown, set_up),
		cmocka_unit_test_setup(a_failure_shows_nothing, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
