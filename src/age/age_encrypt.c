/*
 * The encrypting stage. A chunk is sealed when the next byte comes, or at finish: only then it is known
 * whether it is the last one. Whole chunks of what is pushed are sealed from where they lie.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "incant/mem.h"
#include "incant/secret.h"

struct age_encrypt {
	struct stage base;
	struct age_aead *aead;
	struct buf front; /* header and nonce, until they are written */
	uint64_t chunk;   /* number of the next one */
	size_t held;      /* bytes of it so far */
	unsigned char *plain, *sealed;
};

static int
encrypt_front(struct age_encrypt *encrypt)
{
	int rc = stage_write(encrypt->base.next, encrypt->front.bytes, encrypt->front.len);

	buf_clear(&encrypt->front);
	return rc;
}

static int
encrypt_chunk(struct age_encrypt *encrypt, const unsigned char *plain, size_t len, bool last)
{
	if (encrypt->front.len > 0 && encrypt_front(encrypt) != 0)
		return -1;
	if (age_payload_seal(encrypt->aead, encrypt->chunk++, last, plain, len, encrypt->sealed) != 0)
		return -1;
	return stage_write(encrypt->base.next, encrypt->sealed, len + AGE_TAG_BYTES);
}

static int
encrypt_write(struct stage *stage, const void *bytes, size_t len)
{
	struct age_encrypt *encrypt = (struct age_encrypt *)stage;
	const unsigned char *from = bytes;

	while (len > 0) {
		if (encrypt->held == AGE_CHUNK_BYTES) {
			if (encrypt_chunk(encrypt, encrypt->plain, AGE_CHUNK_BYTES, false) != 0)
				return -1;
			encrypt->held = 0;
		}
		if (encrypt->held == 0 && len > AGE_CHUNK_BYTES) {
			if (encrypt_chunk(encrypt, from, AGE_CHUNK_BYTES, false) != 0)
				return -1;
			from += AGE_CHUNK_BYTES;
			len -= AGE_CHUNK_BYTES;
			continue;
		}
		size_t room = AGE_CHUNK_BYTES - encrypt->held, part = len < room ? len : room;
		memcpy(encrypt->plain + encrypt->held, from, part);
		encrypt->held += part;
		from += part;
		len -= part;
	}
	return 0;
}

static int
encrypt_finish(struct stage *stage)
{
	struct age_encrypt *encrypt = (struct age_encrypt *)stage;

	return encrypt_chunk(encrypt, encrypt->plain, encrypt->held, true);
}

static void
encrypt_free(struct stage *stage)
{
	struct age_encrypt *encrypt = (struct age_encrypt *)stage;

	age_aead_free(encrypt->aead);
	buf_clear(&encrypt->front);
	if (encrypt->plain != NULL)
		secret_wipe(encrypt->plain, AGE_CHUNK_BYTES);
	free(encrypt->plain);
	free(encrypt->sealed);
	free(encrypt);
}

static const struct stage_ops encrypt_ops = {
	.name = "age",
	.write = encrypt_write,
	.finish = encrypt_finish,
	.free = encrypt_free,
};

/* Wraps the file key for every recipient. */
static int
make_header(const struct age_recipients *recipients, const unsigned char *seed,
	const unsigned char file_key[AGE_FILE_KEY_BYTES], struct buf *header)
{
	unsigned char ephemeral[AGE_KEY_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < age_recipients_count(recipients); i++) {
		const unsigned char *recipient = age_recipients_key(recipients, i);

		rc = age_seed_draw(seed, "ephemeral", recipient, AGE_KEY_BYTES, ephemeral, sizeof(ephemeral));
		if (rc == 0)
			rc = age_x25519_wrap(header, recipient, ephemeral, file_key);
	}
	secret_wipe(ephemeral, sizeof(ephemeral));
	return rc == 0 ? age_header_end(header, file_key) : -1;
}

static int
encrypt_begin(struct age_encrypt *encrypt, const struct age_recipients *recipients, const unsigned char *seed)
{
	unsigned char file_key[AGE_FILE_KEY_BYTES], nonce[AGE_NONCE_BYTES];
	int rc = age_seed_draw(seed, "file key", NULL, 0, file_key, sizeof(file_key));

	if (rc == 0)
		rc = age_seed_draw(seed, "nonce", NULL, 0, nonce, sizeof(nonce));
	if (rc == 0)
		rc = make_header(recipients, seed, file_key, &encrypt->front);
	if (rc == 0) {
		buf_append(&encrypt->front, nonce, sizeof(nonce));
		encrypt->aead = age_payload_new(file_key, nonce, true);
	}
	secret_wipe(file_key, sizeof(file_key));
	return encrypt->aead != NULL ? 0 : -1;
}

struct stage *
age_encrypt_new(struct stage *next, const struct age_recipients *recipients, const unsigned char *seed)
{
	struct age_encrypt *encrypt;

	if (next == NULL)
		return NULL;
	assert(age_recipients_count(recipients) > 0);
	encrypt = mem_zero(sizeof(*encrypt));
	stage_init(&encrypt->base, &encrypt_ops, next);
	if (encrypt_begin(encrypt, recipients, seed) != 0) {
		stage_free(&encrypt->base);
		return NULL;
	}
	encrypt->plain = mem_alloc(AGE_CHUNK_BYTES);
	encrypt->sealed = mem_alloc(AGE_SEALED_BYTES);
	return &encrypt->base;
}
