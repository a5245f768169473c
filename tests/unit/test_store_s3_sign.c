/* Signature Version 4: the published examples, to the last digit. */
#include "config.h"

#include "../../src/store/store_s3_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EMPTY        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* What the examples of Amazon S3 have in common: "Authenticating Requests: Using the Authorization Header".
 */
static const struct store_s3_signing s3_example = {
	.method = "GET",
	.path = "/",
	.query = "",
	.payload = EMPTY,
	.region = "us-east-1",
	.service = "s3",
	.access_key = "AKIAIOSFODNN7EXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.time = "20130524T000000Z",
};

/* What those of the general test suite have. */
static const struct store_s3_signing suite_example = {
	.method = "GET",
	.path = "/",
	.query = "",
	.payload = EMPTY,
	.region = "us-east-1",
	.service = "service",
	.access_key = "AKIDEXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.time = "20150830T123600Z",
};

static void
assert_signature(const struct store_s3_signing *signing, const char *names, const char *signature)
{
	struct buf authorization = BUF_EMPTY, expected = BUF_EMPTY;

	assert_int_equal(store_s3_sign(signing, &authorization), 0);
	buf_append_format(&expected,
		"AWS4-HMAC-SHA256 Credential=%s/%.8s/us-east-1/%s/aws4_request,SignedHeaders=%s,Signature=%s",
		signing->access_key, signing->time, signing->service, names, signature);
	assert_string_equal(buf_text(&authorization), buf_text(&expected));
	buf_clear(&authorization);
	buf_clear(&expected);
}

static void
a_ranged_get_is_signed_as_published(void **state)
{
	static const struct store_s3_pair headers[] = { { "host", "examplebucket.s3.amazonaws.com" },
		{ "range", "bytes=0-9" }, { "x-amz-content-sha256", EMPTY },
		{ "x-amz-date", "20130524T000000Z" } };
	struct store_s3_signing signing = s3_example;

	(void)state;
	signing.path = "/test.txt";
	signing.headers = headers;
	signing.header_count = COUNT(headers);
	assert_signature(&signing, "host;range;x-amz-content-sha256;x-amz-date",
		"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void
a_put_with_a_payload_is_signed_as_published(void **state)
{
	static const char sha256[] = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
	static const struct store_s3_pair headers[] = { { "date", "Fri, 24 May 2013 00:00:00 GMT" },
		{ "host", "examplebucket.s3.amazonaws.com" }, { "x-amz-content-sha256", sha256 },
		{ "x-amz-date", "20130524T000000Z" }, { "x-amz-storage-class", "REDUCED_REDUNDANCY" } };
	struct store_s3_signing signing = s3_example;
	struct buf path = BUF_EMPTY;

	(void)state;
	store_s3_encode("/test$file.text", "/", &path);
	assert_string_equal(buf_text(&path), "/test%24file.text");
	signing.method = "PUT";
	signing.path = buf_text(&path);
	signing.payload = sha256;
	signing.headers = headers;
	signing.header_count = COUNT(headers);
	assert_signature(&signing, "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
		"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
	buf_clear(&path);
}

static void
a_query_is_sorted_and_signed_as_published(void **state)
{
	static const struct store_s3_pair headers[] = { { "host", "examplebucket.s3.amazonaws.com" },
		{ "x-amz-content-sha256", EMPTY }, { "x-amz-date", "20130524T000000Z" } };
	static const struct store_s3_pair parameters[] = { { "prefix", "J" }, { "max-keys", "2" } };
	static const struct store_s3_pair lifecycle[] = { { "lifecycle", NULL } };
	struct store_s3_signing signing = s3_example;
	struct buf query = BUF_EMPTY;

	(void)state;
	signing.headers = headers;
	signing.header_count = COUNT(headers);
	store_s3_encode_query(parameters, COUNT(parameters), &query);
	assert_string_equal(buf_text(&query), "max-keys=2&prefix=J");
	signing.query = buf_text(&query);
	assert_signature(&signing, "host;x-amz-content-sha256;x-amz-date",
		"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
	buf_reset(&query);
	store_s3_encode_query(lifecycle, 1, &query);
	assert_string_equal(buf_text(&query), "lifecycle=");
	signing.query = buf_text(&query);
	assert_signature(&signing, "host;x-amz-content-sha256;x-amz-date",
		"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
	buf_clear(&query);
}

static void
the_general_suite_is_signed_as_published(void **state)
{
	static const struct store_s3_pair headers[] = { { "x-amz-date", "20150830T123600Z" },
		{ "host", "example.amazonaws.com" } };
	static const struct store_s3_pair parameters[] = { { "Param2", "value2" }, { "Param1", "value1" } };
	struct store_s3_signing signing = suite_example;
	struct buf text = BUF_EMPTY;

	(void)state;
	signing.headers = headers;
	signing.header_count = COUNT(headers);
	assert_signature(&signing, "host;x-amz-date",
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	signing.method = "POST";
	assert_signature(&signing, "host;x-amz-date",
		"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
	signing.method = "GET";
	store_s3_encode_query(parameters, COUNT(parameters), &text);
	signing.query = buf_text(&text);
	assert_signature(&signing, "host;x-amz-date",
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
	buf_reset(&text);
	store_s3_encode("/\xe1\x88\xb4", "/", &text);
	assert_string_equal(buf_text(&text), "/%E1%88%B4");
	signing.path = buf_text(&text);
	signing.query = "";
	assert_signature(&signing, "host;x-amz-date",
		"8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
	buf_clear(&text);
}

static void
names_are_sorted_before_values(void **state)
{
	static const struct store_s3_pair pairs[] = { { "a-b", "1" }, { "a", "2" }, { "a.b", "3" },
		{ "a", "10" }, { "A", NULL }, { "a b", "x/y" } };
	struct buf query = BUF_EMPTY;

	(void)state;
	store_s3_encode_query(pairs, COUNT(pairs), &query);
	assert_string_equal(buf_text(&query), "A=&a=10&a=2&a%20b=x%2Fy&a-b=1&a.b=3");
	buf_clear(&query);
}

static void
blanks_in_a_header_are_folded(void **state)
{
	static const struct store_s3_pair headers[] = { { "my-header", "  a \t b   c  " }, { "host", "h" } };
	struct store_s3_signing signing = suite_example;
	struct buf text = BUF_EMPTY;

	(void)state;
	signing.headers = headers;
	signing.header_count = COUNT(headers);
	store_s3_canonical_request(&signing, &text);
	assert_string_equal(buf_text(&text), "GET\n/\n\nhost:h\nmy-header:a b c\n\nhost;my-header\n" EMPTY);
	buf_clear(&text);
}

static void
times_and_digests_have_their_forms(void **state)
{
	char time[STORE_S3_TIME_SIZE], text[32];

	(void)state;
	assert_string_equal(store_s3_format_time(time, 1440938160), "20150830T123600Z");
	assert_string_equal(store_s3_base64(text, "0123456789abcdef", 16), "MDEyMzQ1Njc4OWFiY2RlZg==");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ranged_get_is_signed_as_published),
		cmocka_unit_test(a_put_with_a_payload_is_signed_as_published),
		cmocka_unit_test(a_query_is_sorted_and_signed_as_published),
		cmocka_unit_test(the_general_suite_is_signed_as_published),
		cmocka_unit_test(names_are_sorted_before_values),
		cmocka_unit_test(blanks_in_a_header_are_folded),
		cmocka_unit_test(times_and_digests_have_their_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
