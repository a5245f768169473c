#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/json.h"

static const char what[] = "manifest.json";

static int
forget(void **state)
{
	(void)state;
	error_clear();
	return 0;
}

static void
assert_written(const struct json *value, int indent, const char *expected)
{
	struct buf buf = BUF_EMPTY;

	json_write(value, indent, &buf);
	assert_string_equal(buf_text(&buf), expected);
	buf_clear(&buf);
}

static struct json *
parsed(const char *text)
{
	struct json *value = json_parse(text, strlen(text), what);

	assert_non_null(value);
	return value;
}

static void
assert_damaged(const char *message)
{
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_string_equal(error_get()->message, message);
	error_clear();
}

static void
members_are_written_in_the_order_in_which_they_were_put(void **state)
{
	struct json *object = json_new_object();
	struct json *list = json_new_array();

	(void)state;
	json_put_text(object, "zeta", "é \"\n");
	json_put_u64(object, "alpha", INT64_MAX);
	json_put_int(object, "minus", -5);
	json_put_real(object, "seconds", 1.1);
	json_put_bool(object, "ok", true);
	json_put_text(object, "none", NULL);
	json_put(object, "nothing", NULL);
	json_put_text(list, NULL, "a");
	json_put_bool(list, NULL, false);
	json_put(list, NULL, json_new_object());
	json_put(object, "list", list);
	assert_written(object, 0,
		"{\"zeta\":\"é \\\"\\n\",\"alpha\":9223372036854775807,\"minus\":-5,\"seconds\":1.1,"
		"\"ok\":true,\"none\":null,\"nothing\":null,\"list\":[\"a\",false,{}]}");
	json_free(object);
	json_free(NULL);
}

static void
an_indented_object_has_a_line_for_every_member(void **state)
{
	struct json *object = json_new_object();

	(void)state;
	json_put_int(object, "a", 1);
	json_put(object, "b", json_new_array());
	assert_written(object, 2, "{\n  \"a\": 1,\n  \"b\": []\n}");
	json_free(object);
}

static void
writing_appends(void **state)
{
	struct json *array = json_new_array();
	struct buf buf = BUF_EMPTY;

	(void)state;
	buf_append_text(&buf, "x=");
	json_write(array, 0, &buf);
	assert_string_equal(buf_text(&buf), "x=[]");
	buf_clear(&buf);
	json_free(array);
}

static void
a_number_that_is_none_is_written_as_null(void **state)
{
	struct json *array = json_new_array();

	(void)state;
	json_put_real(array, NULL, (double)NAN);
	json_put_real(array, NULL, (double)INFINITY);
	json_put_real(array, NULL, 0.25);
	assert_written(array, 0, "[null,null,0.25]");
	json_free(array);
}

static void
text_that_is_not_utf8_shows_where_it_is_not(void **state)
{
	struct json *array = json_new_array();

	(void)state;
	json_put_text(array, NULL, "a\xff\xc3z\xc3\xa9\xe2\x82");
	assert_written(array, 0, "[\"a\xef\xbf\xbd\xef\xbf\xbdz\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"]");
	json_free(array);
}

static void
bytes_that_are_not_utf8_come_back_unchanged(void **state)
{
	static const char *const names[] = { "plain", "", "caf\xe9", "\xff", "é", "{\"hex\": \"00\"}" };
	struct json *object = json_new_object();
	struct json *array = json_new_array();
	char *bytes = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_put_bytes(array, NULL, names[i]);
	json_put_bytes(array, NULL, NULL);
	json_put(object, "names", array);
	assert_written(object, 0,
		"{\"names\":[\"plain\",\"\",{\"hex\":\"636166e9\"},{\"hex\":\"ff\"},\"é\","
		"\"{\\\"hex\\\": \\\"00\\\"}\",null]}");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(json_take_bytes(json_at(array, i), NULL, what, &bytes), 0);
		assert_string_equal(bytes, names[i]);
		free(bytes);
	}
	json_free(object);
}

static void
hex_that_holds_no_text_is_damage(void **state)
{
	static const char *const wrong[] = { "{\"hex\":\"4\"}", "{\"hex\":\"4x\"}", "{\"hex\":\"4100\"}",
		"{\"hex\":5}", "{\"hex\":\"41\",\"more\":1}", "{}", "7", "null", "[]" };
	char *bytes = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct json *value = parsed(wrong[i]);
		assert_int_equal(json_take_bytes(value, NULL, what, &bytes), -1);
		assert_damaged("manifest.json is not a text or {\"hex\": …}");
		json_free(value);
	}
	assert_null(bytes);
}

static void
a_document_is_read_by_kind(void **state)
{
	struct json *root = parsed("{\"t\":\"text\",\"n\":42,\"b\":true,\"o\":{\"x\":1},\"a\":[1,2]}");
	const struct json *child = NULL;
	const char *text = NULL;
	uint64_t number = 0;
	bool truth = false;

	(void)state;
	assert_int_equal(json_take_text(root, "t", what, &text), 0);
	assert_string_equal(text, "text");
	assert_int_equal(json_take_u64(root, "n", what, &number), 0);
	assert_int_equal(number, 42);
	assert_int_equal(json_take_bool(root, "b", what, &truth), 0);
	assert_true(truth);
	assert_int_equal(json_take_object(root, "o", what, &child), 0);
	assert_int_equal(json_take_u64(child, "x", what, &number), 0);
	assert_int_equal(json_take_array(root, "a", what, &child), 0);
	assert_int_equal(json_count(child), 2);
	assert_int_equal(json_take_u64(json_at(child, 1), NULL, what, &number), 0);
	assert_int_equal(number, 2);
	assert_null(json_at(child, 2));
	assert_int_equal(json_take_object(root, NULL, what, &child), 0);
	assert_ptr_equal(child, root);
	json_free(root);
}

static void
a_member_of_another_kind_or_none_is_damage_that_names_it(void **state)
{
	struct json *root = parsed("{\"t\":\"text\",\"n\":-1,\"r\":1.5,\"z\":null}");
	const struct json *child = NULL;
	const char *text = NULL;
	uint64_t number = 0;
	bool truth = false;

	(void)state;
	assert_int_equal(json_take_text(root, "n", what, &text), -1);
	assert_damaged("manifest.json: 'n' is not a text");
	assert_int_equal(json_take_text(root, "missing", what, &text), -1);
	assert_damaged("manifest.json: 'missing' is missing");
	assert_int_equal(json_take_text(root, "z", what, &text), -1);
	assert_damaged("manifest.json: 'z' is not a text");
	assert_int_equal(json_take_text(root, NULL, what, &text), -1);
	assert_damaged("manifest.json is not a text");
	assert_int_equal(json_take_u64(root, "n", what, &number), -1);
	assert_damaged("manifest.json: 'n' is not a whole number of zero or more");
	assert_int_equal(json_take_u64(root, "r", what, &number), -1);
	assert_damaged("manifest.json: 'r' is not a whole number of zero or more");
	assert_int_equal(json_take_bool(root, "t", what, &truth), -1);
	assert_damaged("manifest.json: 't' is not true or false");
	assert_int_equal(json_take_object(root, "t", what, &child), -1);
	assert_damaged("manifest.json: 't' is not an object");
	assert_int_equal(json_take_array(root, "t", what, &child), -1);
	assert_damaged("manifest.json: 't' is not an array");
	assert_int_equal(json_take_text(NULL, "t", what, &text), -1);
	assert_damaged("manifest.json: 't' is missing");
	json_free(root);
}

static void
a_member_of_null_is_not_there(void **state)
{
	struct json *root = parsed("{\"z\":null,\"f\":false}");

	(void)state;
	assert_false(json_has(root, "z"));
	assert_false(json_has(root, "missing"));
	assert_true(json_has(root, "f"));
	json_free(root);
}

static void
what_cannot_be_parsed_is_damage_at_a_line_and_a_byte(void **state)
{
	static const char text[] = "{\n  \"a\": 1,\n  \"b\": oops\n}";

	(void)state;
	assert_null(json_parse(text, strlen(text), what));
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_int_equal(
		strncmp(error_get()->message, "manifest.json is not valid JSON: line 3, byte 23: ", 50), 0);
}

static void
every_beginning_of_a_document_is_damage(void **state)
{
	static const char text[] = "{\"a\": [1, 2.5, \"x\\u00e9\", null], \"b\": {\"c\": true}}";

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		error_clear();
		if (json_parse(text, len, what) != NULL)
			fail_msg("%zu bytes were enough", len);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
	}
	assert_null(json_parse(NULL, 0, what));
}

static void
doubtful_documents_are_refused(void **state)
{
	static const char *const wrong[] = { "{\"a\":1,\"a\":2}", "{} {}", "[1,]", "\"\\u0000\"", "\"\xff\"",
		"'a'", "99999999999999999999", "nul", "{\"a\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		error_clear();
		if (json_parse(wrong[i], strlen(wrong[i]), what) != NULL)
			fail_msg("'%s' was parsed", wrong[i]);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
	}
}

static void
keys_are_walked_in_their_order(void **state)
{
	struct json *root = parsed("{\"one\":1,\"two\":2,\"three\":3}");
	struct json *empty = json_new_object();
	struct buf keys = BUF_EMPTY;

	(void)state;
	for (const char *key = json_first_key(root); key != NULL; key = json_next_key(root, key))
		buf_append_format(&keys, "%s=%d ", key, (int)json_get_int(root, key, -1));
	assert_string_equal(buf_text(&keys), "one=1 two=2 three=3 ");
	assert_null(json_first_key(empty));
	buf_clear(&keys);
	json_free(empty);
	json_free(root);
}

static void
lenient_readers_fall_back(void **state)
{
	struct json *root = parsed("{\"t\":\"text\",\"n\":-7,\"r\":2.5,\"b\":true,\"o\":{\"t\":\"deep\"}}");

	(void)state;
	assert_string_equal(json_get_text(root, "t"), "text");
	assert_null(json_get_text(root, "n"));
	assert_null(json_get_text(NULL, "t"));
	assert_true(json_get_int(root, "n", 3) == -7);
	assert_true(json_get_int(root, "t", 3) == 3);
	assert_true(json_get_real(root, "n", 3) == -7.0);
	assert_true(json_get_real(root, "r", 3) == 2.5);
	assert_true(json_get_real(root, "t", 3) == 3.0);
	assert_true(json_get_bool(root, "b", false));
	assert_true(json_get_bool(root, "n", true));
	assert_false(json_get_bool(NULL, "b", false));
	assert_string_equal(json_get_text(json_get(root, "o"), "t"), "deep");
	assert_null(json_get(json_get(root, "t"), "x"));
	assert_string_equal(json_text(json_get(root, "t")), "text");
	assert_null(json_text(root));
	assert_null(json_text(NULL));
	assert_int_equal(json_count(root), 0);
	json_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(members_are_written_in_the_order_in_which_they_were_put, forget),
		cmocka_unit_test_setup(an_indented_object_has_a_line_for_every_member, forget),
		cmocka_unit_test_setup(writing_appends, forget),
		cmocka_unit_test_setup(a_number_that_is_none_is_written_as_null, forget),
		cmocka_unit_test_setup(text_that_is_not_utf8_shows_where_it_is_not, forget),
		cmocka_unit_test_setup(bytes_that_are_not_utf8_come_back_unchanged, forget),
		cmocka_unit_test_setup(hex_that_holds_no_text_is_damage, forget),
		cmocka_unit_test_setup(a_document_is_read_by_kind, forget),
		cmocka_unit_test_setup(a_member_of_another_kind_or_none_is_damage_that_names_it, forget),
		cmocka_unit_test_setup(a_member_of_null_is_not_there, forget),
		cmocka_unit_test_setup(what_cannot_be_parsed_is_damage_at_a_line_and_a_byte, forget),
		cmocka_unit_test_setup(every_beginning_of_a_document_is_damage, forget),
		cmocka_unit_test_setup(doubtful_documents_are_refused, forget),
		cmocka_unit_test_setup(keys_are_walked_in_their_order, forget),
		cmocka_unit_test_setup(lenient_readers_fall_back, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
