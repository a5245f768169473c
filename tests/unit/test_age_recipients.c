#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "age_sample.h"
#include "incant/file.h"

static struct age_sample keys;
static char folder[] = "/tmp/incant-age-XXXXXX";
static char path[sizeof(folder) + 16];

static int
set_up(void **state)
{
	(void)state;
	age_sample_init(&keys);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/recipients", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	age_sample_clear(&keys);
	return file_remove_tree(folder, ERR_STORE);
}

static void
write_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text), ERR_STORE, "the file"), 0);
	close(fd);
}

static void
a_recipient_counts_once(void **state)
{
	(void)state;
	assert_int_equal(age_recipients_count(keys.recipients), 1);
	assert_int_equal(age_recipients_add(keys.recipients, keys.recipient, "here"), 0);
	assert_int_equal(age_recipients_count(keys.recipients), 1);
	assert_string_equal(age_recipients_text(keys.recipients, 0), keys.recipient);
}

static void
other_kinds_are_refused_by_name(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "age1pq1mdt93xnaevrpa88ug5z83e35dkzz4ls08knsyqkecxlmz6mlecgqhzdh",
			"a post-quantum recipient" },
		{ "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
			"a recipient of the plugin 'yubikey'" },
		{ "ssh-ed25519", "'ssh-ed25519' is an ssh key" },
		{ "ssh-rsa AAAAB3NzaC1yc2E", "is an ssh key" },
		{ "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwx", "not copied whole" },
		{ "age1", "not copied whole" },
		{ "github:somebody", "'github:somebody' is not a recipient" },
		{ "", "is not a recipient" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(age_recipients_add(keys.recipients, wrong[i].text, "encrypt-to"), -1);
		assert_fails(ERR_KEYS, wrong[i].says);
		assert_fails(ERR_KEYS, "encrypt-to: ");
	}
	assert_int_equal(age_recipients_count(keys.recipients), 1);
}

static void
a_secret_in_a_recipients_place_is_not_repeated(void **state)
{
	(void)state;
	assert_int_equal(age_recipients_add(keys.recipients, keys.secret, "encrypt-to"), -1);
	assert_fails(ERR_KEYS, "a secret key stands where a recipient belongs");
	assert_null(strstr(error_get()->message, keys.secret + 20));
	assert_null(strstr(error_get()->hint, keys.secret + 20));
}

static void
a_file_has_one_a_line(void **state)
{
	struct age_sample other;
	struct age_recipients *recipients = age_recipients_new();
	char *text;

	(void)state;
	age_sample_init(&other);
	text = mem_format("# mine\n%s\r\n\n%s  \n", keys.recipient, other.recipient);
	write_file(text);
	assert_int_equal(age_recipients_add_file(recipients, path), 0);
	assert_int_equal(age_recipients_count(recipients), 2);
	assert_int_equal(age_recipients_add_file(recipients, path), 0);
	assert_int_equal(age_recipients_count(recipients), 2);
	age_recipients_free(recipients);
	age_sample_clear(&other);
	free(text);
}

static void
a_file_without_any_is_refused_and_a_bad_line_is_named(void **state)
{
	struct age_recipients *recipients = age_recipients_new();

	(void)state;
	write_file("# nobody\n\n");
	assert_int_equal(age_recipients_add_file(recipients, path), -1);
	assert_fails(ERR_KEYS, "there is no recipient in");
	write_file("# one\nssh-ed25519 AAAAC3Nz me\n");
	assert_int_equal(age_recipients_add_file(recipients, path), -1);
	assert_fails(ERR_KEYS, "recipients:2: 'ssh-ed25519 AAAAC3Nz");
	assert_int_equal(age_recipients_add_file(recipients, "/nowhere/at/all"), -1);
	assert_fails(ERR_KEYS, "there is no file of recipients '/nowhere/at/all'");
	age_recipients_free(recipients);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recipient_counts_once),
		cmocka_unit_test(other_kinds_are_refused_by_name),
		cmocka_unit_test(a_secret_in_a_recipients_place_is_not_repeated),
		cmocka_unit_test(a_file_has_one_a_line),
		cmocka_unit_test(a_file_without_any_is_refused_and_a_bad_line_is_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
