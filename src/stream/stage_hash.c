/*
 * Stages that hash what passes: SHA-256 for other programs, XXH3-128 to find faults. The result is handed out
 * at finish, before the next stage finishes: whoever sees the commit has the digest.
 */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>

#include "incant/mem.h"
#include "incant/text.h"

struct stage_sha256 {
	struct stage base;
	struct digest_sha256 *digest;
	char *hex;
};

static int
sha256_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_sha256 *self = (struct stage_sha256 *)stage;

	if (digest_sha256_update(self->digest, bytes, len) != 0)
		return -1;
	return stage_write(stage->next, bytes, len);
}

static int
sha256_finish(struct stage *stage)
{
	struct stage_sha256 *self = (struct stage_sha256 *)stage;
	unsigned char out[DIGEST_SHA256_BYTES];

	if (digest_sha256_finish(self->digest, out) != 0)
		return -1;
	text_hex(self->hex, out, sizeof(out));
	return 0;
}

static void
sha256_free(struct stage *stage)
{
	struct stage_sha256 *self = (struct stage_sha256 *)stage;

	digest_sha256_free(self->digest);
	free(self);
}

static const struct stage_ops sha256_ops = {
	.name = "sha256",
	.write = sha256_write,
	.finish = sha256_finish,
	.free = sha256_free,
};

struct stage *
stage_sha256_new(struct stage *next, char hex[DIGEST_SHA256_HEX])
{
	struct stage_sha256 *self;

	if (next == NULL)
		return NULL;
	self = mem_zero(sizeof(*self));
	stage_init(&self->base, &sha256_ops, next);
	self->hex = hex;
	self->digest = digest_sha256_new();
	if (self->digest == NULL) {
		stage_free(&self->base);
		return NULL;
	}
	return &self->base;
}

struct stage_xxh128 {
	struct stage base;
	struct digest_xxh128 *digest;
	struct digest128 *result;
};

static int
xxh128_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_xxh128 *self = (struct stage_xxh128 *)stage;

	digest_xxh128_update(self->digest, bytes, len);
	return stage_write(stage->next, bytes, len);
}

static int
xxh128_finish(struct stage *stage)
{
	struct stage_xxh128 *self = (struct stage_xxh128 *)stage;

	*self->result = digest_xxh128_get(self->digest);
	return 0;
}

static void
xxh128_free(struct stage *stage)
{
	struct stage_xxh128 *self = (struct stage_xxh128 *)stage;

	digest_xxh128_free(self->digest);
	free(self);
}

static const struct stage_ops xxh128_ops = {
	.name = "xxh128",
	.write = xxh128_write,
	.finish = xxh128_finish,
	.free = xxh128_free,
};

struct stage *
stage_xxh128_new(struct stage *next, struct digest128 *digest)
{
	struct stage_xxh128 *self;

	if (next == NULL)
		return NULL;
	self = mem_zero(sizeof(*self));
	stage_init(&self->base, &xxh128_ops, next);
	self->result = digest;
	self->digest = digest_xxh128_new();
	return &self->base;
}
