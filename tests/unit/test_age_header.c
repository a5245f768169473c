#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

#define MAC_LINE "--- q6eCBmDwTkVuDBPjVmmXYgZW+Lo4sTtxY2Lhp2RTyVg\n"

static const char good[] = AGE_INTRO "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
				     "EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"
				     "-> stub a b\n"
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
				     "\n" MAC_LINE;

static const unsigned char file_key[AGE_FILE_KEY_BYTES] = { 1, 2, 3 };

static int
parse(const char *text, struct age_header *header)
{
	error_clear();
	return age_header_parse(text, strlen(text), "x.age", header);
}

static void
a_header_is_taken_apart(void **state)
{
	struct age_header header;
	char *types;

	(void)state;
	assert_int_equal(parse(good, &header), 0);
	assert_int_equal(header.count, 2);
	assert_int_equal(header.bytes, sizeof(good) - 1);
	assert_int_equal(header.mac_bytes, sizeof(good) - sizeof(MAC_LINE) + 3);
	assert_string_equal(header.stanzas[1].args[2], "b");
	assert_int_equal(header.stanzas[0].body_len, 32);
	assert_int_equal(header.stanzas[1].body_len, 48);
	types = age_header_types(&header);
	assert_string_equal(types, "X25519, stub");
	free(types);
	age_header_clear(&header);
}

static void
cut_anywhere_a_header_asks_for_more(void **state)
{
	struct age_header header;

	(void)state;
	for (size_t len = 0; len < sizeof(good) - 1; len++)
		assert_int_equal(age_header_parse(good, len, "x.age", &header), AGE_MORE);
}

static void
what_the_grammar_does_not_have_is_refused_at_its_byte(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "age-encryption.org/v2\n-> a\n\n" MAC_LINE, "not an age file of version 1" },
		{ AGE_INTRO MAC_LINE, "no recipient" },
		{ AGE_INTRO "->\n\n" MAC_LINE, "has no type" },
		{ AGE_INTRO "-> \n\n" MAC_LINE, "not words" },
		{ AGE_INTRO "-> a  b\n\n" MAC_LINE, "not words" },
		{ AGE_INTRO "-> a \n\n" MAC_LINE, "not words" },
		{ AGE_INTRO "->a\n\n" MAC_LINE, "not words" },
		{ AGE_INTRO "-> \xc3\xa9\n\n" MAC_LINE, "not words" },
		{ AGE_INTRO "-> a\r\n\n" MAC_LINE, "not words" },
		{ AGE_INTRO "-> a\n" MAC_LINE, "not base64" },
		{ AGE_INTRO "-> a\nZg==\n" MAC_LINE, "not base64" },
		{ AGE_INTRO "-> a\nAAAA\nAAAA\n" MAC_LINE, "neither a stanza" },
		{ AGE_INTRO
			"-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" MAC_LINE,
			"too long" },
		{ AGE_INTRO "-> a\n\n---\n", "MAC is not one" },
		{ AGE_INTRO "-> a\n\n--- AAAA\n", "MAC is not one" },
		{ AGE_INTRO "-> a\n\n---  q6eCBmDwTkVuDBPjVmmXYgZW+Lo4sTtxY2Lhp2RTyVg\n", "MAC" },
	};
	struct age_header header;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(wrong[i].text, &header) != -1)
			fail_msg("accepted: %s", wrong[i].text);
		assert_fails(ERR_DAMAGED, wrong[i].says);
		assert_fails(ERR_DAMAGED, "x.age: the age header is damaged at byte ");
	}
}

static void
what_is_written_is_read_and_proven(void **state)
{
	struct buf text = BUF_EMPTY;
	struct age_header header;
	unsigned char body[100] = { 9 };

	(void)state;
	for (size_t len = 0; len <= sizeof(body); len++) {
		buf_reset(&text);
		age_header_add(&text, "stub", "arg", body, len);
		assert_int_equal(age_header_end(&text, file_key), 0);
		assert_int_equal(parse(text.bytes, &header), 0);
		assert_int_equal(header.bytes, text.len);
		assert_int_equal(header.stanzas[0].body_len, len);
		assert_memory_equal(header.stanzas[0].body, body, len);
		assert_int_equal(age_header_prove(&header, text.bytes, file_key, "x.age"), 0);
		age_header_clear(&header);
	}
	buf_clear(&text);
}

static void
another_header_does_not_have_the_mac(void **state)
{
	struct buf text = BUF_EMPTY;
	struct age_header header;

	(void)state;
	age_header_add(&text, "stub", "arg", (const unsigned char *)"x", 1);
	assert_int_equal(age_header_end(&text, file_key), 0);
	memcpy(strstr(text.bytes, "arg"), "ARG", 3);
	assert_int_equal(parse(text.bytes, &header), 0);
	assert_int_equal(age_header_prove(&header, text.bytes, file_key, "x.age"), -1);
	assert_fails(ERR_DAMAGED, "does not have its MAC");
	age_header_clear(&header);
	buf_clear(&text);
}

/* Reads through an input, which has to be asked several times for a long one. */
static int
read_it(const struct buf *file, struct age_header *header)
{
	struct input *input = input_memory_new("x.age", file->bytes, file->len);
	struct buf text = BUF_EMPTY;
	int rc = age_header_read(input, &text, header);

	input_free(input);
	buf_clear(&text);
	return rc;
}

static void
a_long_header_is_read_whole_and_an_endless_one_is_not(void **state)
{
	struct buf file = BUF_EMPTY;
	struct age_header header;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		age_header_add(&file, "stub", "arg", (const unsigned char *)good, 48);
	assert_int_equal(age_header_end(&file, file_key), 0);
	assert_int_equal(read_it(&file, &header), 0);
	assert_int_equal(header.count, 100);
	age_header_clear(&header);

	file.len -= 1;
	assert_int_equal(read_it(&file, &header), -1);
	assert_fails(ERR_DAMAGED, "x.age: the age header is cut short");

	buf_reset(&file);
	while (file.len < AGE_HEADER_LIMIT)
		age_header_add(&file, "stub", "arg", (const unsigned char *)good, 48);
	assert_int_equal(read_it(&file, &header), -1);
	assert_fails(ERR_DAMAGED, "longer than any");
	buf_clear(&file);
}

static void
age_files_are_known_by_their_first_bytes(void **state)
{
	(void)state;
	assert_true(age_is_age(good, sizeof(good) - 1));
	assert_true(age_is_age("\n" AGE_ARMOR_BEGIN "\n", sizeof(AGE_ARMOR_BEGIN) + 1));
	assert_false(age_is_age("age-encryption", 14));
	assert_false(age_is_age("# created", 9));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_taken_apart),
		cmocka_unit_test(cut_anywhere_a_header_asks_for_more),
		cmocka_unit_test(what_the_grammar_does_not_have_is_refused_at_its_byte),
		cmocka_unit_test(what_is_written_is_read_and_proven),
		cmocka_unit_test(another_header_does_not_have_the_mac),
		cmocka_unit_test(a_long_header_is_read_whole_and_an_endless_one_is_not),
		cmocka_unit_test(age_files_are_known_by_their_first_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
