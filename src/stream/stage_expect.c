/*
 * The stage that lets a stream finish only when it is the expected one. It works because a stage's finish
 * runs before the next one's: a refusal here keeps the commit at the end of the chain from happening.
 */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

struct stage_expect {
	struct stage base;
	struct digest_sha256 *digest;
	const char *expected;
	char *what;
};

static int
expect_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_expect *expect = (struct stage_expect *)stage;

	if (digest_sha256_update(expect->digest, bytes, len) != 0)
		return -1;
	return stage_write(stage->next, bytes, len);
}

static int
expect_finish(struct stage *stage)
{
	struct stage_expect *expect = (struct stage_expect *)stage;
	unsigned char out[DIGEST_SHA256_BYTES];
	char hex[DIGEST_SHA256_HEX];

	if (digest_sha256_finish(expect->digest, out) != 0)
		return -1;
	if (strcmp(text_hex(hex, out, sizeof(out)), expect->expected) != 0)
		return error_set(ERR_DAMAGED, "%s does not have the SHA-256 of its manifest", expect->what);
	return 0;
}

static void
expect_free(struct stage *stage)
{
	struct stage_expect *expect = (struct stage_expect *)stage;

	digest_sha256_free(expect->digest);
	free(expect->what);
	free(expect);
}

static const struct stage_ops expect_ops = {
	.name = "expect",
	.write = expect_write,
	.finish = expect_finish,
	.free = expect_free,
};

struct stage *
stage_expect_new(struct stage *next, const char *expected, const char *what)
{
	struct stage_expect *expect;

	if (next == NULL)
		return NULL;
	expect = mem_zero(sizeof(*expect));
	stage_init(&expect->base, &expect_ops, next);
	expect->expected = expected;
	expect->what = mem_text(what);
	expect->digest = digest_sha256_new();
	if (expect->digest == NULL) {
		stage_free(&expect->base);
		return NULL;
	}
	return &expect->base;
}
