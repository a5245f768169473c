/*
 * The primitives: HKDF, HMAC, X25519, scrypt, ChaCha20-Poly1305, random bytes, all by libcrypto 3.0.
 */
#include "config.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "age_inside.h"
#include "incant/mem.h"
#include "incant/secret.h"

static int
refused(const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return error_set(ERR_INTERNAL, "%s failed: %s", what, reason != NULL ? reason : "libcrypto refused");
}

/* A parameter that libcrypto reads only, though its type does not say so. */
static OSSL_PARAM
octets(const char *key, const void *bytes, size_t len)
{
	union {
		const void *read;
		void *any;
	} pointer = { .read = bytes };

	return OSSL_PARAM_construct_octet_string(key, pointer.any, len);
}

int
age_hkdf(const struct age_hkdf *from, unsigned char *out, size_t out_len)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[5];
	size_t count = 0;

	params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
	params[count++] = octets(OSSL_KDF_PARAM_KEY, from->key, from->key_len);
	params[count++] = octets(OSSL_KDF_PARAM_INFO, from->info, from->info_len);
	if (from->salt_len > 0)
		params[count++] = octets(OSSL_KDF_PARAM_SALT, from->salt, from->salt_len);
	params[count] = OSSL_PARAM_construct_end();

	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	int rc = context != NULL && EVP_KDF_derive(context, out, out_len, params) == 1 ? 0 : refused("HKDF");
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return rc;
}

int
age_hmac(const unsigned char key[AGE_KEY_BYTES], const void *bytes, size_t len,
	unsigned char mac[AGE_KEY_BYTES])
{
	unsigned mac_len = 0;

	if (HMAC(EVP_sha256(), key, AGE_KEY_BYTES, bytes, len, mac, &mac_len) == NULL)
		return refused("HMAC");
	return 0;
}

int
age_random(unsigned char *bytes, size_t len)
{
	return RAND_bytes(bytes, (int)len) == 1 ? 0 : refused("drawing random bytes");
}

int
age_x25519_public(const unsigned char secret[AGE_KEY_BYTES], unsigned char public[AGE_KEY_BYTES])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, AGE_KEY_BYTES);
	size_t len = AGE_KEY_BYTES;
	int rc = key != NULL && EVP_PKEY_get_raw_public_key(key, public, &len) == 1 ? 0 : refused("X25519");

	EVP_PKEY_free(key);
	return rc;
}

/* Whether a shared secret is all zeros: what comes of a point of low order. In constant time. */
static bool
is_zero(const unsigned char bytes[AGE_KEY_BYTES])
{
	unsigned char any = 0;

	for (size_t i = 0; i < AGE_KEY_BYTES; i++)
		any |= bytes[i];
	return any == 0;
}

int
age_x25519_shared(const unsigned char secret[AGE_KEY_BYTES], const unsigned char public[AGE_KEY_BYTES],
	unsigned char shared[AGE_KEY_BYTES])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, AGE_KEY_BYTES);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public, AGE_KEY_BYTES);
	EVP_PKEY_CTX *context = own != NULL ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	size_t len = AGE_KEY_BYTES;
	int rc = 0;

	if (context == NULL || other == NULL || EVP_PKEY_derive_init(context) != 1 ||
		EVP_PKEY_derive_set_peer(context, other) != 1)
		rc = refused("X25519");
	else if (EVP_PKEY_derive(context, shared, &len) != 1 || is_zero(shared))
		rc = AGE_REFUSED;
	ERR_clear_error();
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	return rc;
}

int
age_scrypt_key(const char *passphrase, const unsigned char *salt, size_t salt_len, unsigned log_n,
	unsigned char key[AGE_KEY_BYTES])
{
	const uint64_t cost = (uint64_t)1 << log_n, block = 8;

	/* libcrypto stops at 32 MiB unless it is told otherwise. */
	if (EVP_PBE_scrypt(passphrase, strlen(passphrase), salt, salt_len, cost, block, 1,
		    128 * block * (cost + 2) + ((uint64_t)1 << 20), key, AGE_KEY_BYTES) != 1)
		return refused("scrypt");
	return 0;
}

struct age_aead {
	EVP_CIPHER_CTX *context;
};

struct age_aead *
age_aead_new(const unsigned char key[AGE_KEY_BYTES], bool seal)
{
	struct age_aead *aead = mem_zero(sizeof(*aead));

	secret_hold();
	aead->context = EVP_CIPHER_CTX_new();
	if (aead->context != NULL &&
		EVP_CipherInit_ex(aead->context, EVP_chacha20_poly1305(), NULL, key, NULL, seal ? 1 : 0) == 1)
		return aead;
	refused("ChaCha20-Poly1305");
	age_aead_free(aead);
	return NULL;
}

void
age_aead_free(struct age_aead *aead)
{
	if (aead == NULL)
		return;
	EVP_CIPHER_CTX_free(aead->context); /* which wipes the key */
	free(aead);
	secret_release();
}

int
age_aead_seal(struct age_aead *aead, const unsigned char *nonce, const void *plain, size_t len,
	unsigned char *sealed)
{
	int part = 0, rest = 0;

	assert(len <= INT_MAX);
	if (EVP_CipherInit_ex(aead->context, NULL, NULL, NULL, nonce, -1) != 1 ||
		(len > 0 && EVP_CipherUpdate(aead->context, sealed, &part, plain, (int)len) != 1) ||
		EVP_CipherFinal_ex(aead->context, sealed + part, &rest) != 1 ||
		EVP_CIPHER_CTX_ctrl(aead->context, EVP_CTRL_AEAD_GET_TAG, AGE_TAG_BYTES, sealed + len) != 1)
		return refused("ChaCha20-Poly1305");
	return 0;
}

int
age_aead_open(struct age_aead *aead, const unsigned char *nonce, const unsigned char *sealed, size_t len,
	unsigned char *plain)
{
	unsigned char tag[AGE_TAG_BYTES];
	int part = 0, rest = 0;

	assert(len <= INT_MAX);
	memcpy(tag, sealed + len, sizeof(tag));
	if (EVP_CipherInit_ex(aead->context, NULL, NULL, NULL, nonce, -1) != 1 ||
		EVP_CIPHER_CTX_ctrl(aead->context, EVP_CTRL_AEAD_SET_TAG, AGE_TAG_BYTES, tag) != 1 ||
		(len > 0 && EVP_CipherUpdate(aead->context, plain, &part, sealed, (int)len) != 1))
		return refused("ChaCha20-Poly1305");
	if (EVP_CipherFinal_ex(aead->context, plain + part, &rest) == 1)
		return 0;
	/* Nothing unproven is left for a caller to use by mistake. */
	ERR_clear_error();
	secret_wipe(plain, len);
	return AGE_REFUSED;
}

static const unsigned char zero_nonce[AGE_AEAD_NONCE];

int
age_seal_once(const unsigned char key[AGE_KEY_BYTES], const void *plain, size_t len, unsigned char *sealed)
{
	struct age_aead *aead = age_aead_new(key, true);
	int rc = aead != NULL ? age_aead_seal(aead, zero_nonce, plain, len, sealed) : -1;

	age_aead_free(aead);
	return rc;
}

int
age_open_once(
	const unsigned char key[AGE_KEY_BYTES], const unsigned char *sealed, size_t len, unsigned char *plain)
{
	struct age_aead *aead = age_aead_new(key, false);
	int rc = aead != NULL ? age_aead_open(aead, zero_nonce, sealed, len, plain) : -1;

	age_aead_free(aead);
	return rc;
}
