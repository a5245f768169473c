/*
 * The payload: chunks of 64 KiB, sealed under HKDF(file key, nonce), each with a nonce of its own: its number
 * in eleven bytes, big-endian, and a byte that is 1 for the last chunk and 0 for any other.
 */
#include "config.h"

#include "age_inside.h"
#include "incant/secret.h"

struct age_aead *
age_payload_new(const unsigned char file_key[AGE_FILE_KEY_BYTES], const unsigned char nonce[AGE_NONCE_BYTES],
	bool seal)
{
	static const char info[] = "payload";
	unsigned char key[AGE_KEY_BYTES];
	const struct age_hkdf from = {
		.key = file_key,
		.key_len = AGE_FILE_KEY_BYTES,
		.salt = nonce,
		.salt_len = AGE_NONCE_BYTES,
		.info = info,
		.info_len = sizeof(info) - 1,
	};
	struct age_aead *aead = age_hkdf(&from, key, sizeof(key)) == 0 ? age_aead_new(key, seal) : NULL;

	secret_wipe(key, sizeof(key));
	return aead;
}

static void
chunk_nonce(uint64_t chunk, bool last, unsigned char nonce[AGE_AEAD_NONCE])
{
	for (size_t i = 0; i < 11; i++)
		nonce[10 - i] = i < 8 ? (unsigned char)(chunk >> 8 * i & 0xff) : 0;
	nonce[11] = last ? 1 : 0;
}

int
age_payload_seal(struct age_aead *aead, uint64_t chunk, bool last, const void *plain, size_t len,
	unsigned char *sealed)
{
	unsigned char nonce[AGE_AEAD_NONCE];

	chunk_nonce(chunk, last, nonce);
	return age_aead_seal(aead, nonce, plain, len, sealed);
}

int
age_payload_open(struct age_aead *aead, uint64_t chunk, bool last, const unsigned char *sealed, size_t len,
	unsigned char *plain)
{
	unsigned char nonce[AGE_AEAD_NONCE];

	chunk_nonce(chunk, last, nonce);
	return age_aead_open(aead, nonce, sealed, len, plain);
}

int
age_payload_cut(uint64_t payload_bytes, struct age_cut *cut)
{
	uint64_t full = payload_bytes / AGE_SEALED_BYTES, rest = payload_bytes % AGE_SEALED_BYTES;

	/* The last chunk holds something, unless it is the only one. */
	if (rest != 0 && rest < AGE_TAG_BYTES + (full > 0 ? 1U : 0U))
		return -1;
	cut->chunks = full + (rest != 0 ? 1 : 0);
	if (cut->chunks == 0)
		return -1;
	cut->plain_bytes = payload_bytes - cut->chunks * AGE_TAG_BYTES;
	return 0;
}

uint64_t
age_stored_bytes(uint64_t plain_bytes, size_t recipients)
{
	/* "-> X25519 " and 43 digits, 43 digits; "--- " and 43 digits. */
	const uint64_t intro = sizeof(AGE_INTRO) - 1, stanza = 10 + 43 + 1 + 43 + 1, mac = 4 + 43 + 1;
	uint64_t chunks = plain_bytes / AGE_CHUNK_BYTES + (plain_bytes % AGE_CHUNK_BYTES != 0 ? 1 : 0);

	return intro + recipients * stanza + mac + AGE_NONCE_BYTES + plain_bytes +
	       (chunks > 0 ? chunks : 1) * AGE_TAG_BYTES;
}
