/*
 * The scrypt stanza: "-> scrypt SALT LOGN" and the file key, sealed under a key made of a passphrase. It is
 * the only one of its header. How much work it demands is held to what age itself accepts.
 */
#include "config.h"

#include <string.h>

#include "age_inside.h"
#include "incant/secret.h"

#define LOG_N_MAX 22 /* 4 GiB of memory, and some ten seconds */

static const char label[] = "age-encryption.org/v1/scrypt";

static int
bad_stanza(const char *name, const char *problem)
{
	return error_set(ERR_DAMAGED, "%s: the age header is damaged: %s", name, problem);
}

/* A decimal number without a sign or a zero in front. 0 or -1. */
static int
read_log_n(const char *text, unsigned *log_n)
{
	size_t len = strlen(text);

	if (len < 1 || len > 2 || strspn(text, "0123456789") != len || text[0] == '0')
		return -1;
	*log_n = 0;
	for (size_t i = 0; i < len; i++)
		*log_n = 10 * *log_n + (unsigned)(text[i] - '0');
	return *log_n <= LOG_N_MAX ? 0 : -1;
}

int
age_scrypt_unwrap(const struct age_stanza *stanza, const char *passphrase, const char *name,
	unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	unsigned char salt[sizeof(label) - 1 + AGE_SALT_BYTES + 1], key[AGE_KEY_BYTES];
	size_t len = 0;
	unsigned log_n = 0;
	int rc;

	if (strcmp(stanza->args[0], "scrypt") != 0)
		return AGE_REFUSED;
	memcpy(salt, label, sizeof(label) - 1);
	if (stanza->arg_count != 3 || strlen(stanza->args[1]) != 22 ||
		age_base64_decode(stanza->args[1], 22, salt + sizeof(label) - 1, &len) != 0 ||
		len != AGE_SALT_BYTES)
		return bad_stanza(name, "a scrypt stanza's salt is not one");
	if (read_log_n(stanza->args[2], &log_n) != 0)
		return bad_stanza(name, "a scrypt stanza's work factor is not a number from 1 to 22");
	if (stanza->body_len != AGE_WRAPPED_BYTES)
		return bad_stanza(name, "a scrypt stanza's body is not a file key");
	rc = age_scrypt_key(passphrase, salt, sizeof(label) - 1 + AGE_SALT_BYTES, log_n, key);
	if (rc == 0)
		rc = age_open_once(key, stanza->body, AGE_FILE_KEY_BYTES, file_key);
	secret_wipe(key, sizeof(key));
	return rc;
}
