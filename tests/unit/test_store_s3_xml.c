/* S3's answers, made into rows; and what is no such answer is refused. */
#include "config.h"

#include "../../src/store/store_s3_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "incant/buf.h"
#include "incant/error.h"

static const char listing[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
			      "  <Name>backups</Name><IsTruncated>true</IsTruncated>\n"
			      "  <Contents><Key>a&amp;b</Key><Size>3</Size><ETag>&quot;x&quot;</ETag>\n"
			      "    <Owner><ID>me</ID><Key>not this one</Key></Owner></Contents>\n"
			      "  <Empty/>\n"
			      "  <Contents><Key>c</Key><Size>18446744073709551615</Size></Contents>\n"
			      "</ListBucketResult>\n";

static void
elements_with_elements_are_rows_and_others_are_fields(void **state)
{
	struct store_s3_xml xml;
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(store_s3_xml_read(listing, strlen(listing), "list", &xml), 0);
	assert_string_equal(store_s3_xml_name(&xml), "ListBucketResult");
	assert_string_equal(store_s3_xml_text(&xml, "Name"), "backups");
	assert_string_equal(store_s3_xml_text(&xml, "IsTruncated"), "true");
	assert_string_equal(store_s3_xml_text(&xml, "Empty"), "");
	assert_null(store_s3_xml_text(&xml, "Key"));
	assert_int_equal(xml.count, 3);
	assert_string_equal(xml.rows[1].name, "Contents");
	assert_string_equal(store_s3_row_text(&xml.rows[1], "Key"), "a&b");
	assert_string_equal(store_s3_row_text(&xml.rows[1], "ETag"), "\"x\"");
	assert_string_equal(store_s3_row_text(&xml.rows[1], "Owner/ID"), "me");
	assert_string_equal(store_s3_row_text(&xml.rows[1], "Owner/Key"), "not this one");
	assert_null(store_s3_row_text(&xml.rows[1], "Owner/Key/Deep"));
	assert_int_equal(store_s3_row_u64(&xml.rows[1], "Size", &bytes), 0);
	assert_int_equal(bytes, 3);
	assert_int_equal(store_s3_row_u64(&xml.rows[2], "Size", &bytes), 0);
	assert_true(bytes == UINT64_MAX);
	assert_int_equal(store_s3_row_u64(&xml.rows[2], "Key", &bytes), -1);
	assert_int_equal(store_s3_row_u64(&xml.rows[2], "ETag", &bytes), -1);
	store_s3_xml_clear(&xml);
}

static void
a_document_alone_is_an_empty_one(void **state)
{
	struct store_s3_xml xml;

	(void)state;
	assert_int_equal(store_s3_xml_read("<a/>", 4, "answer", &xml), 0);
	assert_string_equal(store_s3_xml_name(&xml), "a");
	assert_int_equal(xml.count, 1);
	store_s3_xml_clear(&xml);
}

static void
every_beginning_of_a_document_is_refused(void **state)
{
	struct store_s3_xml xml;
	size_t whole = strlen(listing) - 1; /* the last newline may be missing */

	(void)state;
	for (size_t len = 0; len < whole; len++) {
		char *cut = malloc(len + 1);

		memcpy(cut, listing, len);
		assert_int_equal(store_s3_xml_read(cut, len, "list of objects", &xml), -1);
		assert_int_equal(error_get()->class, ERR_STORE);
		assert_non_null(strstr(error_get()->message, "list of objects"));
		assert_int_equal(xml.count, 0);
		free(cut);
	}
}

static void
assert_refused(const char *text, size_t len, const char *why)
{
	struct store_s3_xml xml;

	assert_int_equal(store_s3_xml_read(text, len, "answer", &xml), -1);
	assert_non_null(strstr(error_get()->message, why));
	assert_string_equal(store_s3_xml_name(&xml), "");
}

static void
entities_a_html_page_and_endless_texts_are_refused(void **state)
{
	static const char bomb[] = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
	static const char page[] = "<html><body>Bad Gateway<br></body></html>";
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_refused(bomb, strlen(bomb), "DOCTYPE");
	assert_refused(page, strlen(page), "mismatched");
	buf_append_text(&text, "<a><b>");
	for (size_t i = 0; i < 70000; i++)
		buf_append_char(&text, 'x');
	buf_append_text(&text, "</b></a>");
	assert_refused(text.bytes, text.len, "too long");
	buf_reset(&text);
	buf_append_text(&text, "<a><b>");
	for (size_t i = 0; i < 100; i++)
		buf_append_text(&text, "<c>1</c>");
	buf_append_text(&text, "</b></a>");
	assert_refused(text.bytes, text.len, "too many fields");
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_with_elements_are_rows_and_others_are_fields),
		cmocka_unit_test(a_document_alone_is_an_empty_one),
		cmocka_unit_test(every_beginning_of_a_document_is_refused),
		cmocka_unit_test(entities_a_html_page_and_endless_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
