/* Keys and age files in memory, for tests of age/. Include it behind cmocka. */
#ifndef TESTS_AGE_SAMPLE_H
#define TESTS_AGE_SAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "../../src/age/age_inside.h"
#include "incant/error.h"
#include "incant/mem.h"

/* A pair of keys, and both kinds of lists with one of them. */
struct age_sample {
	char secret[AGE_KEY_TEXT], recipient[AGE_KEY_TEXT];
	struct age_recipients *recipients;
	struct age_identities *identities;
};

static inline void
age_sample_init(struct age_sample *sample)
{
	assert_int_equal(age_identity_generate(sample->secret, sample->recipient), 0);
	sample->recipients = age_recipients_new();
	sample->identities = age_identities_new();
	assert_int_equal(age_recipients_add(sample->recipients, sample->recipient, "here"), 0);
	assert_int_equal(age_identities_add(sample->identities, sample->secret, "here"), 0);
}

static inline void
age_sample_clear(struct age_sample *sample)
{
	age_recipients_free(sample->recipients);
	age_identities_free(sample->identities);
}

/* Bytes that repeat at no chunk's size. The caller frees them. */
static inline unsigned char *
age_sample_plain(size_t len)
{
	unsigned char *plain = mem_alloc(len);

	for (size_t i = 0; i < len; i++)
		plain[i] = (unsigned char)(i * 7 + i / 251);
	return plain;
}

/* Encrypts bytes, pushed in pieces of `piece`. */
static inline void
age_sample_encrypt(const struct age_recipients *recipients, const unsigned char *seed,
	const unsigned char *plain, size_t len, size_t piece, struct buf *out)
{
	struct stage *head = age_encrypt_new(stage_buf_new(out), recipients, seed);

	assert_non_null(head);
	for (size_t at = 0; at < len; at += piece)
		assert_int_equal(stage_write(head, plain + at, len - at < piece ? len - at : piece), 0);
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
}

/* Opens an age file in memory; NULL with the error. */
static inline struct input *
age_sample_open(const struct buf *file, const struct age_identities *identities)
{
	error_clear();
	return age_decrypt_new(input_memory_new("x.age", file->bytes, file->len), identities);
}

#define assert_fails(class_wanted, says)                                              \
	do {                                                                          \
		if (strstr(error_get()->message, (says)) == NULL)                     \
			fail_msg("'%s' is not in: %s", (says), error_get()->message); \
		assert_int_equal(error_get()->class, (class_wanted));                 \
	} while (0)

#endif
