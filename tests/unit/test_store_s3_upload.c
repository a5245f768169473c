/* Parts of an upload: however long it becomes, ten thousand suffice. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/store/store_s3_multipart.h"

#define PART_LEAST ((size_t)5 << 20)
#define PART_MOST  ((size_t)5 << 30)
#define OBJECT     UINT64_C(5000000000000) /* the most that S3 keeps */
#define LIST_MOST  ((size_t)1 << 20)       /* the longest list of parts that a gateway reads */
#define TAG        "0123456789abcdef0123456789abcdef"

static void
ten_thousand_parts_make_the_largest_object(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	for (unsigned number = 1; number <= STORE_S3_PARTS_MAX; number++) {
		size_t size = store_s3_part_bytes(number);

		assert_in_range(size, PART_LEAST, PART_MOST);
		assert_true(number == 1 || size >= store_s3_part_bytes(number - 1));
		bytes += size;
	}
	assert_true(bytes >= OBJECT);
}

static void
parts_stay_small_up_to_many_gigabytes(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	for (unsigned number = 1; bytes < UINT64_C(5) << 30; number++) {
		assert_int_equal(store_s3_part_bytes(number), number <= 1000 ? PART_LEAST : 2 * PART_LEAST);
		bytes += store_s3_part_bytes(number);
	}
}

static void
a_list_of_ten_thousand_parts_is_not_too_long(void **state)
{
	static struct store_s3_part items[STORE_S3_PARTS_MAX];
	const struct store_s3_parts parts = { .items = items, .count = STORE_S3_PARTS_MAX };
	struct buf text = BUF_EMPTY;

	(void)state;
	for (unsigned i = 0; i < STORE_S3_PARTS_MAX; i++) {
		items[i].number = i + 1;
		memcpy(items[i].tag, TAG, sizeof(TAG));
	}
	store_s3_write_parts(&parts, &text);
	assert_true(text.len < LIST_MOST);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_parts_make_the_largest_object),
		cmocka_unit_test(parts_stay_small_up_to_many_gigabytes),
		cmocka_unit_test(a_list_of_ten_thousand_parts_is_not_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
