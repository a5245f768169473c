/*
 * Digests by libcrypto and libxxhash. xxHash is compiled in here (XXH_INLINE_ALL), which lets the compiler
 * fold the short-input paths; its streaming state wants an alignment that malloc does not promise.
 */
#include "config.h"

#include "incant/digest.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

struct digest_sha256 {
	EVP_MD_CTX *context;
};

struct digest_xxh128 {
	XXH3_state_t state;
};

static int
refused(void)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());
	return error_set(ERR_INTERNAL, "SHA-256 failed: %s", reason != NULL ? reason : "libcrypto refused");
}

struct digest_sha256 *
digest_sha256_new(void)
{
	struct digest_sha256 *digest = mem_zero(sizeof(*digest));

	digest->context = EVP_MD_CTX_new();
	if (digest->context == NULL || EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1) {
		refused();
		digest_sha256_free(digest);
		return NULL;
	}
	return digest;
}

int
digest_sha256_update(struct digest_sha256 *digest, const void *bytes, size_t len)
{
	return EVP_DigestUpdate(digest->context, bytes, len) == 1 ? 0 : refused();
}

int
digest_sha256_finish(struct digest_sha256 *digest, unsigned char out[DIGEST_SHA256_BYTES])
{
	return EVP_DigestFinal_ex(digest->context, out, NULL) == 1 ? 0 : refused();
}

void
digest_sha256_free(struct digest_sha256 *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

int
digest_sha256_hex(const void *bytes, size_t len, char hex[DIGEST_SHA256_HEX])
{
	unsigned char out[DIGEST_SHA256_BYTES];

	if (EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL) != 1)
		return refused();
	text_hex(hex, out, sizeof(out));
	return 0;
}

int
digest_md5(const void *bytes, size_t len, unsigned char out[DIGEST_MD5_BYTES])
{
	return EVP_Digest(bytes, len, out, NULL, EVP_md5(), NULL) == 1 ? 0 : refused();
}

static struct digest128
from_xxh(XXH128_hash_t hash)
{
	return (struct digest128){ .low = hash.low64, .high = hash.high64 };
}

struct digest_xxh128 *
digest_xxh128_new(void)
{
	struct digest_xxh128 *digest = mem_aligned(_Alignof(struct digest_xxh128), sizeof(*digest));

	XXH3_INITSTATE(&digest->state);
	digest_xxh128_reset(digest);
	return digest;
}

void
digest_xxh128_reset(struct digest_xxh128 *digest)
{
	XXH3_128bits_reset(&digest->state);
}

void
digest_xxh128_update(struct digest_xxh128 *digest, const void *bytes, size_t len)
{
	if (len != 0)
		XXH3_128bits_update(&digest->state, bytes, len);
}

struct digest128
digest_xxh128_get(const struct digest_xxh128 *digest)
{
	return from_xxh(XXH3_128bits_digest(&digest->state));
}

void
digest_xxh128_free(struct digest_xxh128 *digest)
{
	free(digest);
}

struct digest128
digest_xxh128(const void *bytes, size_t len)
{
	return from_xxh(XXH3_128bits(bytes, len));
}

uint64_t
digest_xxh64(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}

static void
put_big_endian(unsigned char bytes[8], uint64_t value)
{
	for (unsigned int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(value >> (56 - 8 * i));
}

static uint64_t
get_big_endian(const unsigned char bytes[8])
{
	uint64_t value = 0;
	for (unsigned int i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return value;
}

char *
digest128_format(char hex[DIGEST_XXH128_HEX], struct digest128 digest)
{
	unsigned char bytes[16];

	put_big_endian(bytes, digest.high);
	put_big_endian(bytes + 8, digest.low);
	return text_hex(hex, bytes, sizeof(bytes));
}

int
digest128_parse(const char *hex, struct digest128 *digest)
{
	unsigned char bytes[16];

	if (text_unhex(bytes, sizeof(bytes), hex) != 0)
		return -1;
	digest->high = get_big_endian(bytes);
	digest->low = get_big_endian(bytes + 8);
	return 0;
}

bool
digest128_equal(struct digest128 a, struct digest128 b)
{
	return a.low == b.low && a.high == b.high;
}

struct digest128
digest128_add(struct digest128 a, struct digest128 b)
{
	struct digest128 sum = { .low = a.low + b.low, .high = a.high + b.high };
	if (sum.low < a.low)
		sum.high++;
	return sum;
}
