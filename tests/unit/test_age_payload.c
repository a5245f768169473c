#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

static void
sizes_are_cut_as_chunks_are(void **state)
{
	static const struct {
		uint64_t payload, chunks, plain; /* chunks 0: no payload has that size */
	} sizes[] = {
		{ 0, 0, 0 },
		{ 15, 0, 0 },
		{ 16, 1, 0 },
		{ 17, 1, 1 },
		{ AGE_SEALED_BYTES - 1, 1, AGE_CHUNK_BYTES - 1 },
		{ AGE_SEALED_BYTES, 1, AGE_CHUNK_BYTES },
		{ AGE_SEALED_BYTES + 1, 0, 0 },
		{ AGE_SEALED_BYTES + 16, 0, 0 },
		{ AGE_SEALED_BYTES + 17, 2, AGE_CHUNK_BYTES + 1 },
		{ 3 * AGE_SEALED_BYTES, 3, 3 * AGE_CHUNK_BYTES },
	};
	struct age_cut cut;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(age_payload_cut(sizes[i].payload, &cut), sizes[i].chunks > 0 ? 0 : -1);
		if (sizes[i].chunks > 0) {
			assert_int_equal(cut.chunks, sizes[i].chunks);
			assert_int_equal(cut.plain_bytes, sizes[i].plain);
		}
	}
}

static void
a_chunk_opens_only_in_its_place(void **state)
{
	const unsigned char file_key[AGE_FILE_KEY_BYTES] = { 1 }, nonce[AGE_NONCE_BYTES] = { 2 };
	struct age_aead *seal = age_payload_new(file_key, nonce, true);
	struct age_aead *open = age_payload_new(file_key, nonce, false);
	unsigned char sealed[3 + AGE_TAG_BYTES], plain[3];
	const uint64_t far = (uint64_t)1 << 40;

	(void)state;
	assert_int_equal(age_payload_seal(seal, far, false, "abc", 3, sealed), 0);
	assert_int_equal(age_payload_open(open, far, false, sealed, 3, plain), 0);
	assert_memory_equal(plain, "abc", 3);
	assert_int_equal(age_payload_open(open, far, true, sealed, 3, plain), AGE_REFUSED);
	assert_int_equal(age_payload_open(open, far + 1, false, sealed, 3, plain), AGE_REFUSED);
	assert_int_equal(age_payload_open(open, 0, false, sealed, 3, plain), AGE_REFUSED);
	age_aead_free(seal);
	age_aead_free(open);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_cut_as_chunks_are),
		cmocka_unit_test(a_chunk_opens_only_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
