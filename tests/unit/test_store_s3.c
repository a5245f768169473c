/* The S3 driver in dialogue with a scripted server: what it asks, what it makes of the answers. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/input.h"
#include "incant/mem.h"
#include "incant/stage.h"
#include "incant/store.h"
#include "s3_talk.h"

/* "hello", and what a HEAD says of it. */
#define HELLO_TAG  "5d41402abc4b2a76b9719d911017c592"
#define HELLO_HEAD "Content-Length: 5\r\nETag: \"" HELLO_TAG "\"\r\n"
#define OTHER_HEAD "Content-Length: 5\r\nETag: \"00000000000000000000000000000000\"\r\n"
#define OBJECT     "/b/pre/app/x "

static void
a_small_object_is_put_on_condition_and_looked_at(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "PUT " OBJECT, .with = "if-none-match: *", .status = 200 },
		{ .request = "HEAD " OBJECT, .status = 200, .header = HELLO_HEAD, .until_close = true },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));

	(void)state;
	assert_int_equal(store_put(talk.store, "app/x", "hello", 5), 0);
	talk_end(&talk);
}

static void
what_was_kept_must_be_what_was_sent(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "PUT " OBJECT, .status = 200 },
		{ .request = "HEAD " OBJECT, .status = 200, .header = OTHER_HEAD, .until_close = true },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));

	(void)state;
	assert_int_equal(store_put(talk.store, "app/x", "hello", 5), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_non_null(strstr(error_get()->message, "is not what was written"));
	talk_end(&talk);
}

static void
an_object_that_is_there_is_not_written_over(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "PUT " OBJECT, .status = 412 },
		{ .request = "HEAD " OBJECT, .status = 200, .header = OTHER_HEAD, .until_close = true },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));

	(void)state;
	assert_int_equal(store_put(talk.store, "app/x", "hello", 5), -1);
	assert_non_null(strstr(error_get()->message, "exists already in store spaces"));
	talk_end(&talk);
}

static void
a_lost_answer_is_settled_by_asking(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "PUT " OBJECT, .fault = FAKE_RESET },
		{ .request = "PUT " OBJECT, .status = 412 },
		{ .request = "HEAD " OBJECT, .status = 200, .header = HELLO_HEAD, .until_close = true },
		{ .request = "HEAD " OBJECT, .status = 200, .header = HELLO_HEAD, .until_close = true },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));

	(void)state;
	assert_int_equal(store_put(talk.store, "app/x", "hello", 5), 0);
	talk_end(&talk);
}

static void
a_replacement_has_no_condition(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "PUT " OBJECT, .with = "content-md5: XUFAKrxLKna5cZ2REBfFkg==", .status = 200 },
		{ .request = "HEAD " OBJECT, .status = 200, .header = HELLO_HEAD, .until_close = true },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));

	(void)state;
	assert_int_equal(store_replace(talk.store, "app/x", "hello", 5), 0);
	talk_end(&talk);
}

static void
a_listing_goes_on_page_by_page_and_passes_over_what_is_not_ours(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /b/?encoding-type=url&list-type=2&prefix=pre%2Fapp%2F ", .status = 503 },
		{ .request = "GET /b/?encoding-type=url&list-type=2&prefix=pre%2Fapp%2F ",
			.status = 200,
			.body = "<ListBucketResult><EncodingType>url</EncodingType>"
				"<IsTruncated>true</IsTruncated>"
				"<NextContinuationToken>a/b+c</NextContinuationToken>"
				"<Contents><Key>pre%2Fapp%2Fy</Key><Size>7</Size><ETag>\"t1\"</ETag></"
				"Contents>"
				"<Contents><Key>pre/app/not%20ours</Key><Size>7</Size></Contents>"
				"</ListBucketResult>" },
		{ .request = "GET /b/?continuation-token=a%2Fb%2Bc&encoding-type=url",
			.status = 200,
			.body = "<ListBucketResult><IsTruncated>false</IsTruncated>"
				"<Contents><Key>pre/app/x</Key><Size>5</Size><ETag>t2</ETag></Contents>"
				"<Contents><Key>elsewhere/z</Key><Size>5</Size></Contents>"
				"</ListBucketResult>" },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct store_list list = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(store_list(talk.store, "app/", &list), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.entries[0].name, "app/x");
	assert_int_equal(list.entries[0].bytes, 5);
	assert_string_equal(list.entries[0].tag, "t2");
	assert_string_equal(list.entries[1].name, "app/y");
	assert_string_equal(list.entries[1].tag, "t1");
	store_list_clear(&list);
	talk_end(&talk);
}

static void
reading_goes_on_where_it_was_cut(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET " OBJECT,
			.with = "range: bytes=0-65535",
			.status = 206,
			.header = "Content-Range: bytes 0-9/10\r\n",
			.body = "0123456789",
			.fault = FAKE_CUT,
			.cut = 4 },
		{ .request = "GET " OBJECT,
			.with = "range: bytes=4-9",
			.status = 206,
			.header = "Content-Range: bytes 4-9/10\r\n",
			.body = "456789" },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(store_get(talk.store, "app/x", 100, &text), 0);
	assert_string_equal(buf_text(&text), "0123456789");
	buf_clear(&text);
	talk_end(&talk);
}

static void
an_object_that_changes_while_it_is_read_is_damaged(void **state)
{
	static char first[65536];
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET " OBJECT,
			.with = "range: bytes=0-65535",
			.status = 206,
			.header = "Content-Range: bytes 0-65535/200000\r\n",
			.body = first,
			.body_len = sizeof(first) },
		{ .request = "GET " OBJECT,
			.with = "range: bytes=100000-132767",
			.status = 206,
			.header = "Content-Range: bytes 100000-100002/100003\r\n",
			.body = "abc" },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct input *input = NULL;
	char bytes[10];

	(void)state;
	assert_int_equal(store_read(talk.store, "app/x", &input), 0);
	assert_int_equal(input->size_bytes, 200000);
	assert_int_equal(input_read(input, 100000, bytes, sizeof(bytes)), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "has changed while it was read"));
	input_free(input);
	talk_end(&talk);
}

static void
an_empty_object_has_no_beginning_to_give(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET " OBJECT, .status = 416 },
		{ .request = "HEAD " OBJECT,
			.status = 200,
			.header = "Content-Length: 0\r\n",
			.until_close = true },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct input *input = NULL;

	(void)state;
	assert_int_equal(store_read(talk.store, "app/x", &input), 0);
	assert_int_equal(input->size_bytes, 0);
	input_free(input);
	talk_end(&talk);
}

static void
what_is_missing_is_no_error_but_a_missing_bucket_is(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET " OBJECT, .status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>" },
		{ .request = "GET " OBJECT,
			.status = 404,
			.body = "<Error><Code>NoSuchBucket</Code></Error>" },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct input *input = NULL;

	(void)state;
	assert_int_equal(store_read(talk.store, "app/x", &input), STORE_MISSING);
	assert_int_equal(store_read(talk.store, "app/x", &input), -1);
	assert_non_null(strstr(error_get()->message, "there is no such bucket (NoSuchBucket)"));
	assert_non_null(strstr(error_get()->hint, "'bucket'"));
	talk_end(&talk);
}

static void
refusals_are_said_in_words(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET " OBJECT,
			.status = 403,
			.header = "Date: Sun, 22 Nov 2020 03:00:00 GMT\r\n",
			.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>" },
		{ .request = "GET " OBJECT,
			.status = 403,
			.body = "<Error><Code>Odd</Code><Message>how "
				"odd</Message></Error>" },
		{ .request = "GET " OBJECT, .status = 403, .body = "<html>not XML" },
		{ .request = "GET " OBJECT, .status = 418 },
	};
	static const char *const words[] = {
		"clock and this machine's differ too much (there: Sun, 22 Nov 2020", "how odd (Odd)",
		"the keys may not do that, or are not accepted", "it answered with status 418"
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct input *input = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		assert_int_equal(store_read(talk.store, "app/x", &input), -1);
		assert_int_equal(error_get()->class, ERR_STORE);
		if (strstr(error_get()->message, words[i]) == NULL)
			fail_msg("'%s' does not say '%s'", error_get()->message, words[i]);
	}
	talk_end(&talk);
}

static void
objects_are_removed_in_one_request(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "POST /b/?delete= ",
			.with = "<Object><Key>pre/app/x</Key></Object><Object><Key>pre/app/y</Key></Object>",
			.status = 200,
			.body = "<DeleteResult/>" },
		{ .request = "GET /b/?versioning= ", .status = 200, .body = "<VersioningConfiguration/>" },
		{ .request = "POST /b/?delete= ",
			.status = 200,
			.body = "<DeleteResult><Error><Key>pre/app/y</Key><Code>AccessDenied</Code></Error>"
				"</DeleteResult>" },
	};
	static const char *const names[] = { "app/x", "app/y" };
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	size_t removed = 0;

	(void)state;
	assert_int_equal(store_remove_all(talk.store, names, 2, &removed), 0);
	assert_int_equal(removed, 2);
	assert_int_equal(store_remove_all(talk.store, names, 2, &removed), -1);
	assert_int_equal(removed, 3);
	assert_non_null(
		strstr(error_get()->message, "cannot remove 'pre/app/y' in store spaces: AccessDenied"));
	talk_end(&talk);
}

static void
a_sweep_gives_up_uploads_of_its_prefix_and_no_others(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /b/?prefix=pre%2Fapp%2F&uploads= ",
			.status = 200,
			.body = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
				"<Upload><Key>pre/other/x</Key><UploadId>u1</UploadId></Upload>"
				"<Upload><Key>pre/app/x</Key><UploadId>u/2</UploadId></Upload>"
				"</ListMultipartUploadsResult>" },
		{ .request = "DELETE /b/pre/app/x?uploadId=u%2F2 ", .status = 204 },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	size_t removed = 0;

	(void)state;
	assert_int_equal(store_sweep(talk.store, "app/", NULL, &removed), 0);
	assert_int_equal(removed, 1);
	talk_end(&talk);
}

static bool
begins_with(const void *context, const char *name)
{
	return strncmp(name, context, strlen(context)) == 0;
}

static void
a_sweep_leaves_the_parts_that_a_copy_can_go_on_with(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /b/?prefix=pre%2Fapp%2F&uploads= ",
			.status = 200,
			.body = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
				"<Upload><Key>pre/app/awaited/x</Key><UploadId>u1</UploadId></Upload>"
				"<Upload><Key>pre/app/other/x</Key><UploadId>u2</UploadId></Upload>"
				"</ListMultipartUploadsResult>" },
		{ .request = "DELETE /b/pre/app/other/x?uploadId=u2 ", .status = 204 },
	};
	const struct store_awaited awaited = { begins_with, "app/awaited/" };
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	size_t removed = 0;

	(void)state;
	assert_int_equal(store_sweep(talk.store, "app/", &awaited, &removed), 0);
	assert_int_equal(removed, 1);
	talk_end(&talk);
}

static void
an_endpoint_that_is_down_costs_its_time_once(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET " OBJECT, .fault = FAKE_RESET },
		{ .request = "GET " OBJECT, .status = 200 },
	};
	struct talk talk =
		talk_begin_with(dialogue, COUNT(dialogue), (struct store_options){ .patience_ms = 1 });
	struct store_list list = { NULL, 0, 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_list(talk.store, "app/", &list), -1);
		assert_int_equal(error_get()->class, ERR_STORE);
		assert_non_null(
			strstr(error_get()->message, "cannot list the objects in store spaces: GET "));
		assert_non_null(strstr(error_get()->hint, "Nothing answers at 127.0.0.1"));
	}
	store_close(talk.store);
	assert_string_not_equal(fake_http_end(talk.fake), ""); /* the second request never came */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_object_is_put_on_condition_and_looked_at),
		cmocka_unit_test(what_was_kept_must_be_what_was_sent),
		cmocka_unit_test(an_object_that_is_there_is_not_written_over),
		cmocka_unit_test(a_lost_answer_is_settled_by_asking),
		cmocka_unit_test(a_replacement_has_no_condition),
		cmocka_unit_test(a_listing_goes_on_page_by_page_and_passes_over_what_is_not_ours),
		cmocka_unit_test(reading_goes_on_where_it_was_cut),
		cmocka_unit_test(an_object_that_changes_while_it_is_read_is_damaged),
		cmocka_unit_test(an_empty_object_has_no_beginning_to_give),
		cmocka_unit_test(what_is_missing_is_no_error_but_a_missing_bucket_is),
		cmocka_unit_test(refusals_are_said_in_words),
		cmocka_unit_test(objects_are_removed_in_one_request),
		cmocka_unit_test(a_sweep_gives_up_uploads_of_its_prefix_and_no_others),
		cmocka_unit_test(a_sweep_leaves_the_parts_that_a_copy_can_go_on_with),
		cmocka_unit_test(an_endpoint_that_is_down_costs_its_time_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
