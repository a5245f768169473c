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

static struct age_sample keys;
static char folder[] = "/tmp/incant-age-XXXXXX";
static char path[sizeof(folder) + 16];

static int
set_up(void **state)
{
	(void)state;
	age_sample_init(&keys);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/identity", folder);
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
write_file(const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(file_write_all(fd, bytes, len, ERR_STORE, "the file"), 0);
	close(fd);
}

/* An age file around text, for the passphrase "open sesame", by the rules of the format. */
static void
protect(const char *text, struct buf *file)
{
	static const char label[] = "age-encryption.org/v1/scrypt";
	unsigned char salt[sizeof(label) - 1 + AGE_SALT_BYTES] = { 0 }, key[AGE_KEY_BYTES];
	unsigned char file_key[AGE_FILE_KEY_BYTES] = { 5 }, wrapped[AGE_WRAPPED_BYTES];
	unsigned char nonce[AGE_NONCE_BYTES] = { 6 }, *sealed = mem_alloc(strlen(text) + AGE_TAG_BYTES);
	struct age_aead *aead = age_payload_new(file_key, nonce, true);

	memcpy(salt, label, sizeof(label) - 1);
	assert_int_equal(age_scrypt_key("open sesame", salt, sizeof(salt), 10, key), 0);
	assert_int_equal(age_seal_once(key, file_key, sizeof(file_key), wrapped), 0);
	age_header_add(file, "scrypt", "AAAAAAAAAAAAAAAAAAAAAA 10", wrapped, sizeof(wrapped));
	assert_int_equal(age_header_end(file, file_key), 0);
	buf_append(file, nonce, sizeof(nonce));
	assert_int_equal(age_payload_seal(aead, 0, true, text, strlen(text), sealed), 0);
	buf_append(file, sealed, strlen(text) + AGE_TAG_BYTES);
	age_aead_free(aead);
	free(sealed);
}

static int
ask(void *context, const char *what, struct buf *passphrase)
{
	assert_string_equal(what, path);
	buf_append_text(passphrase, context);
	return 0;
}

/* Loads the file with this passphrase. 0 or -1; *count says how many identities there are then. */
static int
load(const char *passphrase, size_t *count)
{
	struct age_identities *identities = age_identities_new();
	union {
		const char *text;
		void *any;
	} context = { .text = passphrase };
	const struct age_asker asker = { .ask = ask, .context = context.any };

	error_clear();
	int rc = age_identities_add_file(identities, path, passphrase != NULL ? &asker : NULL);
	*count = age_identities_count(identities);
	age_identities_free(identities);
	return rc;
}

static void
a_file_may_have_comments_and_several_keys(void **state)
{
	char *text = mem_format("# created: 2026-11-22\n# public key: %s\n%s\r\n\n%s\n", keys.recipient,
		keys.secret, keys.secret);
	size_t count = 0;

	(void)state;
	write_file(text, strlen(text));
	assert_int_equal(load(NULL, &count), 0);
	assert_int_equal(count, 2);
	/* Without a newline at the end. */
	write_file(text, strlen(text) - 1);
	assert_int_equal(load(NULL, &count), 0);
	assert_int_equal(count, 2);
	free(text);
}

static void
a_file_that_is_no_such_is_refused(void **state)
{
	size_t count = 0;

	(void)state;
	write_file("# nothing\n", 10);
	assert_int_equal(load(NULL, &count), -1);
	assert_fails(ERR_KEYS, "there is no identity in");
	write_file("# one\nhello\n", 12);
	assert_int_equal(load(NULL, &count), -1);
	assert_fails(ERR_KEYS, "identity:2: this is not an identity");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(load(NULL, &count), -1);
	assert_fails(ERR_KEYS, "there is no identity file");
}

static void
a_file_that_others_can_read_is_refused(void **state)
{
	size_t count = 0;

	(void)state;
	write_file(keys.secret, strlen(keys.secret));
	assert_int_equal(load(NULL, &count), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(load(NULL, &count), -1);
	assert_fails(ERR_KEYS, "others may read it");
}

static void
a_passphrase_opens_a_protected_file(void **state)
{
	struct buf file = BUF_EMPTY, armored = BUF_EMPTY, digits = BUF_EMPTY;
	char *text = mem_format("# comment\n%s\n", keys.secret);
	size_t count = 0;

	(void)state;
	protect(text, &file);
	write_file(file.bytes, file.len);
	assert_int_equal(load("open sesame", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(load("open barley", &count), -1);
	assert_fails(ERR_KEYS, "the passphrase given does not open");
	assert_int_equal(load(NULL, &count), -1);
	assert_fails(ERR_KEYS, "is protected by a passphrase, and there is none");

	/* Armor without padding needs a length that three divides: comments may be of any. */
	while (file.len % 3 != 0) {
		char *longer = mem_format("#%s", text);
		buf_reset(&file);
		protect(longer, &file);
		free(text);
		text = longer;
	}
	age_base64_append(&digits, file.bytes, file.len);
	buf_append_text(&armored, AGE_ARMOR_BEGIN "\n");
	for (size_t at = 0; at < digits.len; at += 64)
		buf_append_format(&armored, "%.64s\n", digits.bytes + at);
	buf_append_text(&armored, AGE_ARMOR_END "\n");
	write_file(armored.bytes, armored.len);
	assert_int_equal(load("open sesame", &count), 0);
	assert_int_equal(count, 1);
	buf_clear(&file);
	buf_clear(&armored);
	buf_clear(&digits);
	free(text);
}

static void
a_file_for_a_recipient_cannot_be_asked_for(void **state)
{
	struct buf file = BUF_EMPTY;
	size_t count = 0;

	(void)state;
	age_sample_encrypt(keys.recipients, NULL, (const unsigned char *)"x", 1, 1, &file);
	write_file(file.bytes, file.len);
	assert_int_equal(load("open sesame", &count), -1);
	assert_fails(ERR_KEYS, "is encrypted to a recipient (X25519)");
	file.len -= 10;
	write_file(file.bytes, 50);
	assert_int_equal(load("open sesame", &count), -1);
	assert_fails(ERR_KEYS, "the age header is cut short");
	buf_clear(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_may_have_comments_and_several_keys),
		cmocka_unit_test(a_file_that_is_no_such_is_refused),
		cmocka_unit_test(a_file_that_others_can_read_is_refused),
		cmocka_unit_test(a_passphrase_opens_a_protected_file),
		cmocka_unit_test(a_file_for_a_recipient_cannot_be_asked_for),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
