/*
 * Seeds: where the secrets of an age file come from. Without one, from chance; with one, by HKDF-SHA-256
 * under labels of their own, so that no two of them are related. age.h says when that is safe.
 */
#include "config.h"

#include <string.h>

#include "age_inside.h"
#include "incant/secret.h"

int
age_seed_draw(const unsigned char *seed, const char *label, const unsigned char *more, size_t more_len,
	unsigned char *out, size_t len)
{
	struct buf info = BUF_EMPTY;
	int rc;

	if (seed == NULL)
		return age_random(out, len);
	buf_append_format(&info, "incant-backup/age-seed/%s", label);
	buf_append_char(&info, '\0');
	buf_append(&info, more, more_len);
	const struct age_hkdf from = {
		.key = seed,
		.key_len = AGE_SEED_BYTES,
		.info = info.bytes,
		.info_len = info.len,
	};
	rc = age_hkdf(&from, out, len);
	buf_clear(&info);
	return rc;
}

int
age_seed_new(unsigned char seed[AGE_SEED_BYTES])
{
	return age_random(seed, AGE_SEED_BYTES);
}

int
age_seed_derive(
	unsigned char seed[AGE_SEED_BYTES], const unsigned char from[AGE_SEED_BYTES], const char *label)
{
	unsigned char derived[AGE_SEED_BYTES];
	int rc = age_seed_draw(
		from, "object", (const unsigned char *)label, strlen(label), derived, sizeof(derived));

	if (rc == 0)
		memcpy(seed, derived, sizeof(derived));
	secret_wipe(derived, sizeof(derived));
	return rc;
}
