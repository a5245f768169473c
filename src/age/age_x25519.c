/*
 * The X25519 stanza: "-> X25519 SHARE" and the file key, sealed under a key that both sides make of the
 * ephemeral share and the recipient's key.
 */
#include "config.h"

#include <string.h>

#include "age_inside.h"
#include "incant/secret.h"

static const char label[] = "age-encryption.org/v1/X25519";

/* The key that seals the file key: HKDF of the shared secret, salted with both public keys. */
static int
wrapping_key(const unsigned char shared[AGE_KEY_BYTES], const unsigned char share[AGE_KEY_BYTES],
	const unsigned char recipient[AGE_KEY_BYTES], unsigned char key[AGE_KEY_BYTES])
{
	unsigned char salt[2 * AGE_KEY_BYTES];
	const struct age_hkdf from = {
		.key = shared,
		.key_len = AGE_KEY_BYTES,
		.salt = salt,
		.salt_len = sizeof(salt),
		.info = label,
		.info_len = sizeof(label) - 1,
	};

	memcpy(salt, share, AGE_KEY_BYTES);
	memcpy(salt + AGE_KEY_BYTES, recipient, AGE_KEY_BYTES);
	return age_hkdf(&from, key, AGE_KEY_BYTES);
}

int
age_x25519_wrap(struct buf *header, const unsigned char recipient[AGE_KEY_BYTES],
	const unsigned char ephemeral[AGE_KEY_BYTES], const unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	unsigned char share[AGE_KEY_BYTES], shared[AGE_KEY_BYTES], key[AGE_KEY_BYTES];
	unsigned char wrapped[AGE_WRAPPED_BYTES];
	struct buf arg = BUF_EMPTY;
	int rc = age_x25519_public(ephemeral, share);

	if (rc == 0)
		rc = age_x25519_shared(ephemeral, recipient, shared);
	if (rc == AGE_REFUSED)
		rc = error_set(ERR_KEYS, "a recipient's key is one that anybody could open");
	if (rc == 0)
		rc = wrapping_key(shared, share, recipient, key);
	if (rc == 0)
		rc = age_seal_once(key, file_key, AGE_FILE_KEY_BYTES, wrapped);
	if (rc == 0) {
		age_base64_append(&arg, share, sizeof(share));
		age_header_add(header, "X25519", buf_text(&arg), wrapped, sizeof(wrapped));
	}
	buf_clear(&arg);
	secret_wipe(shared, sizeof(shared));
	secret_wipe(key, sizeof(key));
	return rc;
}

/* The share of a stanza whose form is right. 0 or -1 with ERR_DAMAGED. */
static int
read_share(const struct age_stanza *stanza, const char *name, unsigned char share[AGE_KEY_BYTES])
{
	unsigned char bytes[AGE_KEY_BYTES + 1];
	size_t len = 0;

	if (stanza->arg_count != 2 || strlen(stanza->args[1]) != 43 ||
		age_base64_decode(stanza->args[1], 43, bytes, &len) != 0 || len != AGE_KEY_BYTES)
		return error_set(ERR_DAMAGED,
			"%s: the age header is damaged: an X25519 stanza's share is not one", name);
	if (stanza->body_len != AGE_WRAPPED_BYTES)
		return error_set(ERR_DAMAGED,
			"%s: the age header is damaged: an X25519 stanza's body has %zu bytes, not %d", name,
			stanza->body_len, AGE_WRAPPED_BYTES);
	memcpy(share, bytes, AGE_KEY_BYTES);
	return 0;
}

int
age_x25519_unwrap(const struct age_stanza *stanza, const unsigned char secret[AGE_KEY_BYTES],
	const char *name, unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	unsigned char share[AGE_KEY_BYTES], shared[AGE_KEY_BYTES], own[AGE_KEY_BYTES], key[AGE_KEY_BYTES];
	int rc;

	if (strcmp(stanza->args[0], "X25519") != 0)
		return AGE_REFUSED;
	if (read_share(stanza, name, share) != 0)
		return -1;
	rc = age_x25519_shared(secret, share, shared);
	if (rc == AGE_REFUSED)
		rc = error_set(ERR_DAMAGED,
			"%s: the age header is damaged: an X25519 stanza's share is of low order", name);
	if (rc == 0)
		rc = age_x25519_public(secret, own);
	if (rc == 0)
		rc = wrapping_key(shared, share, own, key);
	if (rc == 0)
		rc = age_open_once(key, stanza->body, AGE_FILE_KEY_BYTES, file_key);
	secret_wipe(shared, sizeof(shared));
	secret_wipe(key, sizeof(key));
	return rc;
}
