#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/docker_stream.h"
#include "incant/error.h"

/* What came out: the payloads by type, and how many pieces. */
struct taken {
	struct buf by_type[4];
	size_t pieces;
	size_t fail_at_piece; /* 0 = never */
};

static int
take(void *context, int type, const void *bytes, size_t len)
{
	struct taken *taken = context;

	assert_in_range(type, 0, 3);
	assert_int_not_equal(len, 0);
	if (++taken->pieces == taken->fail_at_piece)
		return error_set(ERR_STORE, "no room");
	buf_append(&taken->by_type[type], bytes, len);
	return 0;
}

static void
taken_clear(struct taken *taken)
{
	for (size_t i = 0; i < 4; i++)
		buf_clear(&taken->by_type[i]);
}

/* Two kinds of output in turn, an empty frame, and a length that needs its second byte. */
static void
make_stream(struct buf *stream)
{
	buf_append(stream, "\1\0\0\0\0\0\0\5hello", 13);
	buf_append(stream, "\2\0\0\0\0\0\0\3oh\n", 11);
	buf_append(stream, "\1\0\0\0\0\0\0\0", 8);
	buf_append(stream, "\1\0\0\0\0\0\1\4", 8);
	for (int i = 0; i < 260; i++)
		buf_append_char(stream, (char)('a' + i % 26));
	buf_append(stream, "\2\0\0\0\0\0\0\1!", 9);
}

static void
assert_stream(const struct taken *taken)
{
	const struct buf *output = &taken->by_type[1];

	assert_int_equal(taken->by_type[0].len, 0);
	assert_int_equal(taken->by_type[3].len, 0);
	assert_string_equal(buf_text(&taken->by_type[2]), "oh\n!");
	assert_int_equal(output->len, 265);
	assert_memory_equal(output->bytes, "helloabc", 8);
	for (size_t i = 5; i < output->len; i++)
		assert_int_equal(output->bytes[i], 'a' + (int)(i - 5) % 26);
}

static void
a_stream_is_taken_apart(void **state)
{
	(void)state;
	struct buf bytes = BUF_EMPTY;
	struct taken taken = { .pieces = 0 };
	struct docker_stream stream;

	make_stream(&bytes);
	docker_stream_init(&stream, take, &taken, ERR_SOURCE);
	assert_int_equal(docker_stream_write(&stream, bytes.bytes, bytes.len), 0);
	assert_int_equal(docker_stream_finish(&stream), 0);
	assert_stream(&taken);
	assert_int_equal(taken.pieces, 4);
	taken_clear(&taken);
	buf_clear(&bytes);
}

static void
a_stream_cut_anywhere_gives_the_same(void **state)
{
	(void)state;
	struct buf bytes = BUF_EMPTY;

	make_stream(&bytes);
	for (size_t cut = 0; cut <= bytes.len; cut++) {
		struct taken taken = { .pieces = 0 };
		struct docker_stream stream;

		docker_stream_init(&stream, take, &taken, ERR_SOURCE);
		assert_int_equal(docker_stream_write(&stream, bytes.bytes, cut), 0);
		assert_int_equal(docker_stream_write(&stream, bytes.bytes + cut, bytes.len - cut), 0);
		assert_int_equal(docker_stream_finish(&stream), 0);
		assert_stream(&taken);
		taken_clear(&taken);
	}
	buf_clear(&bytes);
}

static void
a_stream_given_byte_by_byte_gives_the_same(void **state)
{
	(void)state;
	struct buf bytes = BUF_EMPTY;
	struct taken taken = { .pieces = 0 };
	struct docker_stream stream;

	make_stream(&bytes);
	docker_stream_init(&stream, take, &taken, ERR_SOURCE);
	for (size_t i = 0; i < bytes.len; i++)
		assert_int_equal(docker_stream_write(&stream, bytes.bytes + i, 1), 0);
	assert_int_equal(docker_stream_finish(&stream), 0);
	assert_stream(&taken);
	taken_clear(&taken);
	buf_clear(&bytes);
}

/* Where frames end the stream may end; everywhere else the end is an error that says where. */
static void
an_end_inside_a_frame_is_an_error_that_names_the_byte(void **state)
{
	(void)state;
	static const size_t ends[] = { 0, 13, 24, 32, 300, 309 };
	struct buf bytes = BUF_EMPTY;
	size_t good = 0;

	make_stream(&bytes);
	for (size_t len = 0; len <= bytes.len; len++) {
		struct taken taken = { .pieces = 0 };
		struct docker_stream stream;
		char where[32];

		docker_stream_init(&stream, take, &taken, ERR_SOURCE);
		assert_int_equal(docker_stream_write(&stream, bytes.bytes, len), 0);
		if (len == ends[good]) {
			assert_int_equal(docker_stream_finish(&stream), 0);
			good++;
		} else {
			assert_int_equal(docker_stream_finish(&stream), -1);
			snprintf(where, sizeof(where), "ends at byte %zu,", len);
			assert_non_null(strstr(error_get()->message, where));
			assert_int_equal(error_get()->class, ERR_SOURCE);
		}
		taken_clear(&taken);
	}
	assert_int_equal(good, sizeof(ends) / sizeof(ends[0]));
	buf_clear(&bytes);
}

static void
a_header_that_cannot_be_one_is_an_error_that_names_the_byte(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"\4\0\0\0\0\0\0\1",
		"\377\0\0\0\0\0\0\1",
		"\1\1\0\0\0\0\0\1",
		"\1\0\1\0\0\0\0\1",
		"\1\0\0\1\0\0\0\1",
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct taken taken = { .pieces = 0 };
		struct docker_stream stream;

		docker_stream_init(&stream, take, &taken, ERR_SOURCE);
		assert_int_equal(docker_stream_write(&stream, "\1\0\0\0\0\0\0\2ab", 10), 0);
		assert_int_equal(docker_stream_write(&stream, headers[i], 8), -1);
		assert_int_equal(error_get()->class, ERR_SOURCE);
		assert_non_null(strstr(error_get()->message, "at byte 10 "));
		taken_clear(&taken);
	}
}

static void
the_longest_payload_is_counted_in_32_bits(void **state)
{
	(void)state;
	struct taken taken = { .pieces = 0 };
	struct docker_stream stream;

	docker_stream_init(&stream, take, &taken, ERR_SOURCE);
	assert_int_equal(docker_stream_write(&stream, "\1\0\0\0\377\377\377\377abc", 11), 0);
	assert_int_equal(stream.left, UINT32_MAX - 3);
	assert_int_equal(docker_stream_finish(&stream), -1);
	assert_non_null(strstr(error_get()->message, "4294967292 bytes before the end"));
	taken_clear(&taken);
}

static void
an_error_of_the_taker_ends_the_stream_with_that_error(void **state)
{
	(void)state;
	struct buf bytes = BUF_EMPTY;

	make_stream(&bytes);
	for (size_t piece = 1; piece <= 4; piece++) {
		struct taken taken = { .fail_at_piece = piece };
		struct docker_stream stream;

		docker_stream_init(&stream, take, &taken, ERR_SOURCE);
		assert_int_equal(docker_stream_write(&stream, bytes.bytes, bytes.len), -1);
		assert_int_equal(taken.pieces, piece);
		assert_int_equal(error_get()->class, ERR_STORE);
		assert_string_equal(error_get()->message, "no room");
		taken_clear(&taken);
	}
	buf_clear(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_taken_apart),
		cmocka_unit_test(a_stream_cut_anywhere_gives_the_same),
		cmocka_unit_test(a_stream_given_byte_by_byte_gives_the_same),
		cmocka_unit_test(an_end_inside_a_frame_is_an_error_that_names_the_byte),
		cmocka_unit_test(a_header_that_cannot_be_one_is_an_error_that_names_the_byte),
		cmocka_unit_test(the_longest_payload_is_counted_in_32_bits),
		cmocka_unit_test(an_error_of_the_taker_ends_the_stream_with_that_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
