/*
 * Digests: SHA-256 for what other programs check (sha256sum -c), XXH3 for what only has to find faults, at
 * memory speed.
 */
#ifndef INCANT_DIGEST_H
#define INCANT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA256_BYTES 32
#define DIGEST_SHA256_HEX   (2 * DIGEST_SHA256_BYTES + 1)
#define DIGEST_XXH128_HEX   33

/* A 128-bit XXH3 digest; also the sum of such digests modulo 2^128. */
struct digest128 {
	uint64_t low, high;
};

/* SHA-256, incremental. NULL with ERR_INTERNAL when libcrypto refuses. */
struct digest_sha256;
struct digest_sha256 *digest_sha256_new(void);
int digest_sha256_update(struct digest_sha256 *digest, const void *bytes, size_t len);
int digest_sha256_finish(struct digest_sha256 *digest, unsigned char out[DIGEST_SHA256_BYTES]);
void digest_sha256_free(struct digest_sha256 *digest);

/* SHA-256 of one run of bytes, as lower-case hex. */
int digest_sha256_hex(const void *bytes, size_t len, char hex[DIGEST_SHA256_HEX]);

/* MD5 of one run of bytes: S3 wants it with a part, and calls the part by it. 0 or -1. */
#define DIGEST_MD5_BYTES 16
int digest_md5(const void *bytes, size_t len, unsigned char out[DIGEST_MD5_BYTES]);

/* XXH3-128 (seed 0), incremental and whole. These do not fail. */
struct digest_xxh128;
struct digest_xxh128 *digest_xxh128_new(void);
void digest_xxh128_reset(struct digest_xxh128 *digest);
void digest_xxh128_update(struct digest_xxh128 *digest, const void *bytes, size_t len);
struct digest128 digest_xxh128_get(const struct digest_xxh128 *digest);
void digest_xxh128_free(struct digest_xxh128 *digest);
struct digest128 digest_xxh128(const void *bytes, size_t len);

/* XXH3-64 (seed 0) of one run of bytes. */
uint64_t digest_xxh64(const void *bytes, size_t len);

/* Text form of a 128-bit digest: 32 lower-case hex digits, high half first (as xxhsum -H2 prints it). */
char *digest128_format(char hex[DIGEST_XXH128_HEX], struct digest128 digest);
int digest128_parse(const char *hex, struct digest128 *digest); /* 0, or -1 without an error set */
bool digest128_equal(struct digest128 a, struct digest128 b);
struct digest128 digest128_add(struct digest128 a, struct digest128 b); /* modulo 2^128 */

#endif
