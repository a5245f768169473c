/*
 * The decrypting input: payload chunks opened where they lie, so that a read costs the chunks that hold it.
 * Chunks side by side are read in one go. The last chunk that was opened in part is kept, since the next read
 * mostly begins in it.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "incant/mem.h"
#include "incant/secret.h"

#define BATCH_CHUNKS ((uint64_t)64) /* 4 MiB, about what a frame comes to at most */
#define NO_CHUNK     UINT64_MAX

struct age_decrypt {
	struct input base;
	struct input *under;
	struct age_aead *aead;
	uint64_t payload_off; /* of the first chunk */
	struct age_cut cut;
	uint64_t kept_chunk; /* whose plain bytes are in kept, or NO_CHUNK */
	unsigned char *kept;
	unsigned char *sealed;
	size_t sealed_capacity;
};

static uint64_t
chunk_off(const struct age_decrypt *decrypt, uint64_t chunk)
{
	return decrypt->payload_off + chunk * AGE_SEALED_BYTES;
}

/* Plain bytes of a chunk. */
static size_t
chunk_len(const struct age_decrypt *decrypt, uint64_t chunk)
{
	uint64_t left = decrypt->cut.plain_bytes - chunk * AGE_CHUNK_BYTES;

	return left < AGE_CHUNK_BYTES ? (size_t)left : AGE_CHUNK_BYTES;
}

/* Opens a chunk whose sealed bytes are at hand. */
static int
open_chunk(struct age_decrypt *decrypt, uint64_t chunk, const unsigned char *sealed, unsigned char *plain)
{
	bool last = chunk == decrypt->cut.chunks - 1;
	size_t len = chunk_len(decrypt, chunk);
	int rc = age_payload_open(decrypt->aead, chunk, last, sealed, len, plain);

	if (rc != AGE_REFUSED)
		return rc;
	if (last && age_payload_open(decrypt->aead, chunk, false, sealed, len, plain) == 0) {
		secret_wipe(plain, len);
		return error_set(ERR_DAMAGED,
			"%s: the age payload is cut short at byte %" PRIu64
			": the chunk that ends there is not the last one",
			decrypt->base.name, decrypt->under->size_bytes);
	}
	return error_set(ERR_DAMAGED, "%s: the chunk of the age payload at byte %" PRIu64 " is damaged",
		decrypt->base.name, chunk_off(decrypt, chunk));
}

/* Reads the sealed bytes of chunks [first, end). */
static int
fetch(struct age_decrypt *decrypt, uint64_t first, uint64_t end)
{
	size_t len =
		(size_t)(end - first - 1) * AGE_SEALED_BYTES + chunk_len(decrypt, end - 1) + AGE_TAG_BYTES;

	if (len > decrypt->sealed_capacity) {
		decrypt->sealed = mem_resize(decrypt->sealed, len, 1);
		decrypt->sealed_capacity = len;
	}
	return input_read(decrypt->under, chunk_off(decrypt, first), decrypt->sealed, len);
}

/* Opens a chunk into `kept`. */
static int
keep_chunk(struct age_decrypt *decrypt, uint64_t chunk, const unsigned char *sealed)
{
	decrypt->kept_chunk = NO_CHUNK;
	if (open_chunk(decrypt, chunk, sealed, decrypt->kept) != 0)
		return -1;
	decrypt->kept_chunk = chunk;
	return 0;
}

/* Gives the part of one chunk that a read wants; sealed is NULL when the chunk is the one that is kept. */
static int
give_chunk(struct age_decrypt *decrypt, uint64_t off, const unsigned char *sealed, unsigned char *to,
	size_t part)
{
	uint64_t chunk = off / AGE_CHUNK_BYTES;

	if (sealed != NULL && part == chunk_len(decrypt, chunk))
		return open_chunk(decrypt, chunk, sealed, to);
	if (sealed != NULL && keep_chunk(decrypt, chunk, sealed) != 0)
		return -1;
	memcpy(to, decrypt->kept + off % AGE_CHUNK_BYTES, part);
	return 0;
}

/* How much of a read lies in the chunk where it begins. */
static size_t
part_in_chunk(const struct age_decrypt *decrypt, uint64_t off, size_t len)
{
	size_t room = chunk_len(decrypt, off / AGE_CHUNK_BYTES) - (size_t)(off % AGE_CHUNK_BYTES);

	return len < room ? len : room;
}

static int
decrypt_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct age_decrypt *decrypt = (struct age_decrypt *)input;
	unsigned char *to = bytes;
	uint64_t first = 0, end = 0; /* of the chunks at hand */

	while (len > 0) {
		uint64_t chunk = off / AGE_CHUNK_BYTES, last = (off + len - 1) / AGE_CHUNK_BYTES;
		size_t part = part_in_chunk(decrypt, off, len);
		const unsigned char *sealed = NULL;

		if (chunk != decrypt->kept_chunk) {
			if (chunk >= end) {
				first = chunk;
				end = last - first < BATCH_CHUNKS ? last + 1 : first + BATCH_CHUNKS;
				if (end - first > 1 && end - 1 == decrypt->kept_chunk)
					end--;
				if (fetch(decrypt, first, end) != 0)
					return -1;
			}
			sealed = decrypt->sealed + (chunk - first) * AGE_SEALED_BYTES;
		}
		if (give_chunk(decrypt, off, sealed, to, part) != 0)
			return -1;
		to += part;
		off += part;
		len -= part;
	}
	return 0;
}

static void
decrypt_free(struct input *input)
{
	struct age_decrypt *decrypt = (struct age_decrypt *)input;

	input_free(decrypt->under);
	age_aead_free(decrypt->aead);
	if (decrypt->kept != NULL)
		secret_wipe(decrypt->kept, AGE_CHUNK_BYTES);
	free(decrypt->kept);
	free(decrypt->sealed);
	free(decrypt);
}

static const struct input_ops decrypt_ops = { .read = decrypt_read, .free = decrypt_free };

/* How the bytes behind the header are cut. 0, or -1 with ERR_DAMAGED. */
static int
cut_payload(const struct input *under, uint64_t header_bytes, struct age_cut *cut)
{
	uint64_t rest = under->size_bytes - header_bytes;

	if (rest < AGE_NONCE_BYTES)
		return error_set(ERR_DAMAGED,
			"%s: the age header is cut short at byte %" PRIu64 ": its nonce is missing",
			under->name, under->size_bytes);
	if (age_payload_cut(rest - AGE_NONCE_BYTES, cut) != 0)
		return error_set(ERR_DAMAGED,
			"%s: the age payload is cut short: no age file has the size of %" PRIu64 " bytes",
			under->name, under->size_bytes);
	return 0;
}

/* Finds the file key, and with the nonce the payload's. */
static int
read_keys(struct age_decrypt *decrypt, const struct age_identities *identities)
{
	unsigned char file_key[AGE_FILE_KEY_BYTES], nonce[AGE_NONCE_BYTES];
	struct input *under = decrypt->under;
	struct buf text = BUF_EMPTY;
	struct age_header header;
	int rc = age_header_read(under, &text, &header);

	if (rc == 0)
		rc = age_identities_unwrap(identities, &header, text.bytes, under->name, file_key);
	if (rc == 0)
		rc = cut_payload(under, header.bytes, &decrypt->cut);
	if (rc == 0)
		rc = input_read(under, header.bytes, nonce, sizeof(nonce));
	if (rc == 0) {
		decrypt->payload_off = header.bytes + AGE_NONCE_BYTES;
		decrypt->aead = age_payload_new(file_key, nonce, false);
		rc = decrypt->aead != NULL ? 0 : -1;
	}
	secret_wipe(file_key, sizeof(file_key));
	age_header_clear(&header);
	buf_clear(&text);
	return rc;
}

/* Proves the size: opens the last chunk, which knows that it is the last. */
static int
prove_end(struct age_decrypt *decrypt)
{
	uint64_t last = decrypt->cut.chunks - 1;

	if (fetch(decrypt, last, last + 1) != 0)
		return -1;
	return keep_chunk(decrypt, last, decrypt->sealed);
}

struct input *
age_decrypt_new(struct input *under, const struct age_identities *identities)
{
	struct age_decrypt *decrypt = mem_zero(sizeof(*decrypt));

	input_init(&decrypt->base, &decrypt_ops, under->name, 0);
	decrypt->under = under;
	decrypt->kept_chunk = NO_CHUNK;
	decrypt->kept = mem_alloc(AGE_CHUNK_BYTES);
	if (read_keys(decrypt, identities) != 0 || prove_end(decrypt) != 0) {
		input_free(&decrypt->base);
		return NULL;
	}
	decrypt->base.size_bytes = decrypt->cut.plain_bytes;
	return &decrypt->base;
}

uint64_t
age_decrypt_stored_off(const struct input *input, uint64_t plain_off)
{
	return chunk_off((const struct age_decrypt *)input, plain_off / AGE_CHUNK_BYTES);
}

int
age_examine(struct input *input, struct age_about *about)
{
	struct buf text = BUF_EMPTY;
	struct age_header header;
	struct age_cut cut = { 0, 0 };
	int rc = age_header_read(input, &text, &header);

	if (rc == 0)
		rc = cut_payload(input, header.bytes, &cut);
	*about = (struct age_about){ .recipients = header.count, .plain_bytes = cut.plain_bytes };
	age_header_clear(&header);
	buf_clear(&text);
	return rc;
}
