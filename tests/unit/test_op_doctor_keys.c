/* doctor's checks of the files that the settings name, and of keys. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/op/op_doctor_inside.h"
#include "age_sample.h"
#include "incant/log.h"
#include "incant/text.h"
#include "scratch_store.h"

static char *
write_file(const struct scratch *scratch, const char *name, const char *text, mode_t mode)
{
	char *path = file_join(scratch->root, name);

	assert_int_equal(file_save(path, text, strlen(text), mode, FILE_REPLACE, ERR_STORE), 0);
	return path;
}

/* A sealed store for these recipients, and further lines. */
static struct settings *
sealed(const char *recipients, const char *lines)
{
	char *text = mem_format("[source]\nname = app\nkind = postgres\nconninfo = host=/nowhere\n"
				"[store away]\nkind = directory\npath = /nowhere\nencrypt-to = %s\n%s",
		recipients, lines);
	struct settings *settings = settings_parse(text, strlen(text), "settings");

	if (settings == NULL)
		fail_msg("%s", error_get()->message);
	free(text);
	return settings;
}

/* The checks of these settings' keys: so many, all well or not; and so many warnings. */
static void
assert_keys(const char *recipients, const char *lines, size_t count, size_t bad, const char *says)
{
	struct settings *settings = sealed(recipients, lines);
	struct op_checks checks = { .checks = NULL };

	log_reset();
	doctor_check_keys(settings, &checks);
	assert_int_equal(checks.count, count);
	assert_int_equal(op_checks_count_bad(&checks), bad);
	const struct op_check *last = &checks.checks[count - 1];
	assert_string_equal(last->name, "store away keys");
	if (strstr(last->detail, says) == NULL)
		fail_msg("'%s' is not in: %s", says, last->detail);
	assert_true(bad == 0 || last->hint != NULL || !checks.checks[0].ok);
	op_checks_clear(&checks);
	settings_free(settings);
}

static size_t
count_warnings(void)
{
	size_t count = 0;

	(void)log_warnings(&count);
	return count;
}

static void
recipients_without_an_identity_say_how_to_prove_them(void **state)
{
	struct age_sample one;

	(void)state;
	age_sample_init(&one);
	assert_keys(one.recipient, "", 1, 0, "`incant-backup verify --store away`, where the identity is");
	assert_int_equal(count_warnings(), 0);
	age_sample_clear(&one);
}

static void
a_recipient_that_is_none_is_red(void **state)
{
	(void)state;
	assert_keys(
		"age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "", 1, 1, "encrypt-to");
}

static void
an_identity_is_held_against_the_recipients(void **state)
{
	const struct scratch *scratch = *state;
	struct age_sample one, other;

	age_sample_init(&one);
	age_sample_init(&other);
	char *path = write_file(scratch, "identity", one.secret, 0600);
	char *lines = mem_format("[identity]\nfile = %s\n", path);
	char *both = mem_format("%s %s", one.recipient, other.recipient);

	assert_keys(other.recipient, lines, 2, 1, "opens nothing that is encrypted to its 1 recipient");
	assert_int_equal(count_warnings(), 0);
	assert_keys(both, lines, 2, 0, "to 2 recipients, and the identity opens it");
	assert_int_equal(count_warnings(), 0);
	/* The one that opens it lies beside what it protects, and no other does. */
	assert_keys(one.recipient, lines, 2, 0, "to 1 recipient, and the identity opens it");
	assert_int_equal(count_warnings(), 1);
	/* One that others can read is not used. */
	assert_int_equal(chmod(path, 0644), 0);
	assert_keys(one.recipient, lines, 2, 1, "no identity is here");
	free(both);
	free(lines);
	free(path);
	age_sample_clear(&one);
	age_sample_clear(&other);
}

/* What doctor says of settings, or of an env file, with that mode. */
static void
assert_file(const struct scratch *scratch, const char *name, mode_t mode, const char *check, bool well)
{
	char *path = write_file(scratch, name, "x", mode);
	struct settings settings = { .path = path };
	struct op_checks checks = { .checks = NULL };

	if (text_equal(check, "env file"))
		settings.source.env_file = path;
	doctor_check_files(&settings, &checks);
	const struct op_check *last = &checks.checks[checks.count - 1];
	assert_string_equal(last->name, check);
	assert_int_equal(last->ok, well);
	assert_true(well || last->hint != NULL);
	op_checks_clear(&checks);
	free(path);
}

static void
files_that_others_can_read_or_change_are_red(void **state)
{
	assert_file(*state, "settings", 0600, "settings", true);
	assert_file(*state, "settings", 0640, "settings", true);
	assert_file(*state, "settings", 0644, "settings", false);
	assert_file(*state, "settings", 0660, "settings", false);
	assert_file(*state, "env", 0600, "env file", true);
	assert_file(*state, "env", 0640, "env file", false);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(recipients_without_an_identity_say_how_to_prove_them),
		TEST(a_recipient_that_is_none_is_red),
		TEST(an_identity_is_held_against_the_recipients),
		TEST(files_that_others_can_read_or_change_are_red),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
