#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "age_sample.h"
#include "incant/file.h"
#include "incant/op_keygen.h"

static char folder[] = "/tmp/incant-keygen-XXXXXX";
static char path[sizeof(folder) + 16];

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/identity", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return file_remove_tree(folder, ERR_STORE);
}

static void
the_file_is_private_and_opens_what_goes_to_the_recipient(void **state)
{
	const struct op_keygen_request request = { .output = path };
	struct op_keygen_report report;
	struct age_identities *identities = age_identities_new();
	struct age_recipients *recipients = age_recipients_new();
	struct stat status;
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(op_keygen_run(&request, &report), 0);
	umask(mask);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(age_identities_add_file(identities, path, NULL), 0);
	assert_int_equal(age_recipients_add(recipients, report.recipient, "here"), 0);
	assert_true(age_identities_fit(identities, recipients, 0));
	age_identities_free(identities);
	age_recipients_free(recipients);
}

static void
what_is_there_stays(void **state)
{
	const struct op_keygen_request request = { .output = path };
	struct op_keygen_report report;
	struct buf before = BUF_EMPTY, after = BUF_EMPTY;

	(void)state;
	assert_int_equal(file_read(path, 1000, ERR_STORE, &before), 0);
	assert_int_equal(op_keygen_run(&request, &report), -1);
	assert_fails(ERR_KEYS, "identity' exists already");
	assert_string_equal(report.recipient, "");
	assert_int_equal(file_read(path, 1000, ERR_STORE, &after), 0);
	assert_string_equal(buf_text(&before), buf_text(&after));
	buf_clear(&before);
	buf_clear(&after);
}

static void
a_link_is_not_followed(void **state)
{
	char *link = file_join(folder, "link"), *target = file_join(folder, "target");
	const struct op_keygen_request request = { .output = link };
	struct op_keygen_report report;

	(void)state;
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(op_keygen_run(&request, &report), -1);
	assert_int_equal(error_get()->class, ERR_KEYS);
	assert_false(file_exists(target));
	free(link);
	free(target);
}

static void
without_a_file_it_goes_to_the_descriptor(void **state)
{
	char *other = file_join(folder, "descriptor");
	int fd = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	const struct op_keygen_request request = { .fd = fd };
	struct op_keygen_report report;
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(op_keygen_run(&request, &report), 0);
	close(fd);
	assert_int_equal(file_read(other, 1000, ERR_STORE, &text), 0);
	assert_non_null(strstr(text.bytes, report.recipient));
	assert_non_null(strstr(text.bytes, "\nAGE-SECRET-KEY-1"));
	buf_clear(&text);
	free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_private_and_opens_what_goes_to_the_recipient),
		cmocka_unit_test(what_is_there_stays),
		cmocka_unit_test(a_link_is_not_followed),
		cmocka_unit_test(without_a_file_it_goes_to_the_descriptor),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
