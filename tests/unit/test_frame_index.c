#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/frame/frame_codec.h"
#include "frame_sample.h"
#include "incant/error.h"
#include "incant/json.h"

static void
a_frame_is_found_by_each_of_its_bytes(void **state)
{
	struct frame_index index;

	(void)state;
	frame_index_init(&index);
	assert_int_equal(frame_index_find(&index, 0), 0);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(frame_index_add(&index, 10 + i % 3, 5, 0), 0);
	for (size_t i = 0; i < index.count; i++)
		for (uint32_t byte = 0; byte < index.entries[i].plain_bytes; byte++)
			assert_int_equal(frame_index_find(&index, index.entries[i].plain_off + byte), i);
	assert_int_equal(frame_index_find(&index, index.plain_bytes), index.count);
	assert_int_equal(frame_index_find(&index, UINT64_MAX), index.count);
	frame_index_clear(&index);
}

static void
a_frame_that_cannot_be_is_refused(void **state)
{
	struct frame_index index;

	(void)state;
	frame_index_init(&index);
	assert_int_equal(frame_index_add(&index, FRAME_MAX_BYTES, 5, 0), 0);
	assert_int_equal(frame_index_add(&index, FRAME_MAX_BYTES + 1, 5, 0), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_int_equal(frame_index_add(&index, 5, 0, 0), -1);
	assert_int_equal(frame_index_add(&index, 5, (uint64_t)2 * FRAME_MAX_BYTES, 0), -1);
	assert_int_equal(frame_index_add(&index, 5, UINT64_MAX, 0), -1);
	assert_int_equal(index.count, 1);
	frame_index_clear(&index);
}

static void
same_index(const struct frame_index *a, const struct frame_index *b)
{
	assert_int_equal(a->codec, b->codec);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->plain_bytes, b->plain_bytes);
	assert_int_equal(a->framed_bytes, b->framed_bytes);
	assert_int_equal(a->tail_check, b->tail_check);
	assert_memory_equal(a->entries, b->entries, a->count * sizeof(*a->entries));
}

/* A sample of some frames. */
static void
make(enum frame_codec codec, size_t plain_bytes, struct sample *sample)
{
	struct frame_write_options options = sample_options(codec, 100);
	char *text = sample_text(plain_bytes);

	assert_int_equal(sample_write(sample, &options, text, plain_bytes, 1000), 0);
	free(text);
}

static void
survives_as_json(enum frame_codec codec, size_t plain_bytes)
{
	struct sample sample;
	struct buf text = BUF_EMPTY;
	struct frame_index back;
	struct json *json;

	make(codec, plain_bytes, &sample);
	json = frame_index_to_json(&sample.index);
	json_write(json, 0, &text);
	json_free(json);
	json = json_parse(text.bytes, text.len, "contents.json");
	frame_index_init(&back);
	assert_int_equal(frame_index_from_json(json, "contents.json", &back), 0);
	same_index(&sample.index, &back);
	frame_index_clear(&back);
	json_free(json);
	buf_clear(&text);
	sample_clear(&sample);
}

static void
an_index_survives_as_json(void **state)
{
	(void)state;
	survives_as_json(FRAME_ZSTD, 0);
	survives_as_json(FRAME_ZSTD, 1234);
	survives_as_json(FRAME_GZIP, 0);
	survives_as_json(FRAME_GZIP, 1234);
}

static void
json_is_refused(const char *text, const char *message)
{
	struct json *json = json_parse(text, strlen(text), "test");
	struct frame_index index;

	assert_non_null(json);
	frame_index_init(&index);
	assert_int_equal(frame_index_from_json(json, "contents.json", &index), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_string_equal(error_get()->message, message);
	assert_int_equal(index.count, 0);
	assert_null(index.entries);
	json_free(json);
}

#define CHECK "\"00112233445566ff\""

static void
json_that_does_not_agree_with_itself_is_refused(void **state)
{
	(void)state;
	json_is_refused("{\"codec\":\"gzip\",\"plain_bytes\":8,\"framed_bytes\":30,\"tail_check\":" CHECK
			",\"frames\":[[7,30," CHECK "]]}",
		"contents.json: 'plain_bytes' is 8, but the frames come to 7");
	json_is_refused("{\"codec\":\"gzip\",\"plain_bytes\":7,\"framed_bytes\":31,\"tail_check\":" CHECK
			",\"frames\":[[7,30," CHECK "]]}",
		"contents.json: 'framed_bytes' is 31, but the frames come to 30");
	json_is_refused("{\"codec\":\"zstd\",\"plain_bytes\":7,\"framed_bytes\":30,\"tail_check\":" CHECK
			",\"frames\":[[7,30," CHECK "]]}",
		"contents.json: 'framed_bytes' is 30, but the frames come to 59");
}

static void
json_with_frames_that_cannot_be_is_refused(void **state)
{
	(void)state;
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[]}", "contents.json has no frames");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[268435457,30," CHECK "]]}",
		"contents.json, frame 0: 268435457 plain bytes are more than a frame holds");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[1,30," CHECK "],[1,0," CHECK "]]}",
		"contents.json, frame 1: no frame takes 0 bytes");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[1,9223372036854775807," CHECK "]]}",
		"contents.json, frame 0: no frame takes 9223372036854775807 bytes");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[1,30]]}",
		"contents.json, frame 0: it has 2 elements instead of 3");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[1,30," CHECK ",\"20261122T030000Z\"]]}",
		"contents.json, frame 0: it refers to an earlier backup, which this version cannot read");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[1,30,\"0011\"]]}",
		"contents.json, frame 0: '0011' is no check of 16 hex digits");
	json_is_refused("{\"codec\":\"gzip\",\"frames\":[[1,30,\"00112233445566fg\"]]}",
		"contents.json, frame 0: '00112233445566fg' is no check of 16 hex digits");
	json_is_refused("{\"codec\":\"gzip:6\",\"frames\":[]}", "contents.json: codec 'gzip:6' is not known");
	json_is_refused("{\"codec\":\"xz\",\"frames\":[]}", "contents.json: codec 'xz' is not known");
}

static void
json_of_another_shape_is_refused(void **state)
{
	static const char *const shapes[] = { "{}", "[]", "7", "{\"codec\":7}", "{\"codec\":\"gzip\"}",
		"{\"codec\":\"gzip\",\"frames\":{}}", "{\"codec\":\"gzip\",\"frames\":[7]}",
		"{\"codec\":\"gzip\",\"frames\":[[\"1\",30," CHECK "]]}",
		"{\"codec\":\"gzip\",\"frames\":[[1,-30," CHECK "]]}",
		"{\"codec\":\"gzip\",\"frames\":[[1,30,7]]}",
		"{\"codec\":\"gzip\",\"frames\":[[1,30," CHECK "]]}",
		"{\"codec\":\"gzip\",\"plain_bytes\":1,\"frames\":[[1,30," CHECK "]]}",
		"{\"codec\":\"gzip\",\"plain_bytes\":1,\"framed_bytes\":30,\"frames\":[[1,30," CHECK "]]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct json *json = json_parse(shapes[i], strlen(shapes[i]), "test");
		struct frame_index index;

		frame_index_init(&index);
		assert_int_equal(frame_index_from_json(json, "contents.json", &index), -1);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_null(index.entries);
		json_free(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_found_by_each_of_its_bytes),
		cmocka_unit_test(a_frame_that_cannot_be_is_refused),
		cmocka_unit_test(an_index_survives_as_json),
		cmocka_unit_test(json_that_does_not_agree_with_itself_is_refused),
		cmocka_unit_test(json_with_frames_that_cannot_be_is_refused),
		cmocka_unit_test(json_of_another_shape_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
