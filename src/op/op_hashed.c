/*
 * The digest is of the bytes [0, hashed_off). A read that begins at or before hashed_off and ends behind it
 * carries it forward. One that begins a little behind it makes the stretch between be read first; one far
 * behind it leaves the digest where it is.
 */
#include "config.h"

#include "op_hashed.h"

#include <stdlib.h>

#include "incant/mem.h"
#include "incant/text.h"

#define HASHED_STEP_BYTES (256u << 10)

struct op_hashed {
	struct input base;
	struct input *under;
	struct digest_sha256 *digest;
	uint64_t hashed_off;
	char *step;
};

/* Carries the digest forward to off. */
static int
hashed_advance(struct op_hashed *hashed, uint64_t off)
{
	while (hashed->hashed_off < off) {
		uint64_t left = off - hashed->hashed_off;
		size_t len = left < HASHED_STEP_BYTES ? (size_t)left : HASHED_STEP_BYTES;

		if (input_read(hashed->under, hashed->hashed_off, hashed->step, len) != 0)
			return -1;
		if (digest_sha256_update(hashed->digest, hashed->step, len) != 0)
			return -1;
		hashed->hashed_off += len;
	}
	return 0;
}

static int
hashed_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct op_hashed *hashed = (struct op_hashed *)input;
	size_t known;

	if (off <= hashed->hashed_off + HASHED_STEP_BYTES && hashed_advance(hashed, off) != 0)
		return -1;
	if (input_read(hashed->under, off, bytes, len) != 0)
		return -1;
	if (off > hashed->hashed_off || off + len <= hashed->hashed_off)
		return 0;
	known = (size_t)(hashed->hashed_off - off);
	hashed->hashed_off = off + len;
	return digest_sha256_update(hashed->digest, (const char *)bytes + known, len - known);
}

/* The input is freed with the op_hashed, never on its own. */
static const struct input_ops hashed_ops = { .read = hashed_read, .free = NULL };

struct op_hashed *
op_hashed_new(struct input *under)
{
	struct op_hashed *hashed = mem_zero(sizeof(*hashed));

	input_init(&hashed->base, &hashed_ops, under->name, under->size_bytes);
	hashed->under = under;
	hashed->step = mem_alloc(HASHED_STEP_BYTES);
	hashed->digest = digest_sha256_new();
	if (hashed->digest == NULL) {
		op_hashed_free(hashed);
		return NULL;
	}
	return hashed;
}

struct input *
op_hashed_input(struct op_hashed *hashed)
{
	return &hashed->base;
}

int
op_hashed_finish(struct op_hashed *hashed, char hex[DIGEST_SHA256_HEX])
{
	unsigned char out[DIGEST_SHA256_BYTES];

	if (hashed_advance(hashed, hashed->base.size_bytes) != 0)
		return -1;
	if (digest_sha256_finish(hashed->digest, out) != 0)
		return -1;
	(void)text_hex(hex, out, sizeof(out));
	return 0;
}

void
op_hashed_free(struct op_hashed *hashed)
{
	if (hashed == NULL)
		return;
	digest_sha256_free(hashed->digest);
	free(hashed->step);
	free(hashed->base.name);
	free(hashed);
}
