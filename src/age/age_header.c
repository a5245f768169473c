/*
 * The header: its lines taken apart as the specification's grammar has them, to the byte, since the MAC is
 * over the bytes and not over what they mean.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "incant/mem.h"
#include "incant/secret.h"

#define BODY_COLUMNS ((size_t)64)
#define MAC_DIGITS   43
#define FIRST_READ   ((size_t)2 << 10) /* the header of some twenty recipients */

/* What is left to parse. */
struct header_text {
	const char *at, *end, *begin;
	const char *name;
};

void
age_header_clear(struct age_header *header)
{
	for (size_t i = 0; i < header->count; i++) {
		for (size_t j = 0; j < header->stanzas[i].arg_count; j++)
			free(header->stanzas[i].args[j]);
		free(header->stanzas[i].args);
		free(header->stanzas[i].body);
	}
	free(header->stanzas);
	*header = (struct age_header){ .stanzas = NULL };
}

static int
bad_header(const struct header_text *text, const char *problem)
{
	return error_set(ERR_DAMAGED, "%s: the age header is damaged at byte %zu: %s", text->name,
		(size_t)(text->at - text->begin), problem);
}

/* The end of the line at text->at: 0 with *newline, or AGE_MORE. */
static int
find_line(const struct header_text *text, const char **newline)
{
	*newline = text->at < text->end ? memchr(text->at, '\n', (size_t)(text->end - text->at)) : NULL;
	return *newline != NULL ? 0 : AGE_MORE;
}

/* "-> TYPE ARG…": words of visible ASCII with one blank between. */
static int
parse_args(struct header_text *text, struct age_stanza *stanza)
{
	const char *newline = NULL;

	if (find_line(text, &newline) != 0)
		return AGE_MORE;
	for (const char *word = text->at + 2; word < newline;) {
		const char *end = ++word;
		while (end<newline && * end> ' ' && *end < 0x7f)
			end++;
		if (word[-1] != ' ' || end == word || (end < newline && *end != ' '))
			return bad_header(text, "a stanza's first line is not words with blanks between");
		MEM_GROW(stanza->args, stanza->arg_count, stanza->arg_capacity);
		stanza->args[stanza->arg_count++] = mem_text_n(word, (size_t)(end - word));
		word = end;
	}
	if (stanza->arg_count == 0)
		return bad_header(text, "a stanza has no type");
	text->at = newline + 1;
	return 0;
}

/* Lines of 64 digits, and a shorter one, maybe empty, that ends the stanza. */
static int
parse_body(struct header_text *text, struct age_stanza *stanza)
{
	for (size_t columns = BODY_COLUMNS; columns == BODY_COLUMNS;) {
		const char *newline = NULL;
		size_t len = 0;

		if (find_line(text, &newline) != 0)
			return (size_t)(text->end - text->at) > BODY_COLUMNS
				       ? bad_header(text, "a stanza's line is too long")
				       : AGE_MORE;
		columns = (size_t)(newline - text->at);
		if (columns > BODY_COLUMNS)
			return bad_header(text, "a stanza's line is too long");
		stanza->body = mem_resize(stanza->body, stanza->body_len + BODY_COLUMNS, 1);
		if (age_base64_decode(text->at, columns, stanza->body + stanza->body_len, &len) != 0)
			return bad_header(text, "a stanza's body is not base64");
		stanza->body_len += len;
		text->at = newline + 1;
	}
	return 0;
}

/* "--- MAC". */
static int
parse_end(struct header_text *text, struct age_header *header)
{
	unsigned char mac[MAC_DIGITS];
	const char *newline = NULL;
	size_t len = 0;

	if (find_line(text, &newline) != 0)
		return text->end - text->at > 4 + MAC_DIGITS ? bad_header(text, "the MAC's line is too long")
							     : AGE_MORE;
	if (newline - text->at != 4 + MAC_DIGITS || text->at[3] != ' ' ||
		age_base64_decode(text->at + 4, MAC_DIGITS, mac, &len) != 0 || len != sizeof(header->mac))
		return bad_header(text, "the MAC is not one");
	memcpy(header->mac, mac, sizeof(header->mac));
	header->mac_bytes = (size_t)(text->at - text->begin) + 3;
	header->bytes = (size_t)(newline - text->begin) + 1;
	return 0;
}

/* Whether the rest begins so: 1, 0, or AGE_MORE while it may still come to that. */
static int
begins(const struct header_text *text, const char *front)
{
	size_t len = (size_t)(text->end - text->at), front_len = strlen(front);

	if (memcmp(text->at, front, len < front_len ? len : front_len) != 0)
		return 0;
	return len < front_len ? AGE_MORE : 1;
}

static int
parse_stanzas(struct header_text *text, struct age_header *header)
{
	for (;;) {
		int is_end = begins(text, "---"), is_stanza = begins(text, "->");
		struct age_stanza *stanza;
		int rc;

		if (is_end == AGE_MORE || is_stanza == AGE_MORE)
			return AGE_MORE;
		if (is_end != 0)
			return header->count > 0 ? parse_end(text, header)
						 : bad_header(text, "it has no recipient");
		if (is_stanza == 0)
			return bad_header(text, "neither a stanza nor the MAC begins here");
		MEM_GROW(header->stanzas, header->count, header->capacity);
		stanza = &header->stanzas[header->count++];
		*stanza = (struct age_stanza){ .args = NULL };
		rc = parse_args(text, stanza);
		if (rc == 0)
			rc = parse_body(text, stanza);
		if (rc != 0)
			return rc;
	}
}

int
age_header_parse(const char *bytes, size_t len, const char *name, struct age_header *header)
{
	struct header_text text = { .at = bytes, .end = bytes + len, .begin = bytes, .name = name };
	int rc = begins(&text, AGE_INTRO);

	*header = (struct age_header){ .stanzas = NULL };
	if (rc == 0)
		return error_set(ERR_DAMAGED,
			"%s: the age header is damaged at byte 0: this is not an age file of version 1",
			name);
	if (rc == 1) {
		text.at += strlen(AGE_INTRO);
		rc = parse_stanzas(&text, header);
	}
	if (rc != 0)
		age_header_clear(header);
	return rc;
}

void
age_header_add(struct buf *buf, const char *type, const char *arg, const unsigned char *body, size_t len)
{
	struct buf digits = BUF_EMPTY;
	size_t at = 0;

	if (buf->len == 0)
		buf_append_text(buf, AGE_INTRO);
	buf_append_format(buf, "-> %s %s\n", type, arg);
	age_base64_append(&digits, body, len);
	for (; digits.len - at >= BODY_COLUMNS; at += BODY_COLUMNS)
		buf_append_format(buf, "%.*s\n", (int)BODY_COLUMNS, digits.bytes + at);
	buf_append_format(buf, "%s\n", buf_text(&digits) + at);
	buf_clear(&digits);
}

static int
header_mac(const void *bytes, size_t len, const unsigned char file_key[AGE_FILE_KEY_BYTES],
	unsigned char mac[AGE_KEY_BYTES])
{
	static const char info[] = "header";
	unsigned char key[AGE_KEY_BYTES];
	const struct age_hkdf from = {
		.key = file_key,
		.key_len = AGE_FILE_KEY_BYTES,
		.info = info,
		.info_len = sizeof(info) - 1,
	};
	int rc = age_hkdf(&from, key, sizeof(key));

	if (rc == 0)
		rc = age_hmac(key, bytes, len, mac);
	secret_wipe(key, sizeof(key));
	return rc;
}

int
age_header_end(struct buf *buf, const unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	unsigned char mac[AGE_KEY_BYTES];

	buf_append_text(buf, "---");
	if (header_mac(buf->bytes, buf->len, file_key, mac) != 0)
		return -1;
	buf_append_char(buf, ' ');
	age_base64_append(buf, mac, sizeof(mac));
	buf_append_char(buf, '\n');
	return 0;
}

int
age_header_prove(const struct age_header *header, const char *bytes,
	const unsigned char file_key[AGE_FILE_KEY_BYTES], const char *name)
{
	unsigned char mac[AGE_KEY_BYTES], differs = 0;

	if (header_mac(bytes, header->mac_bytes, file_key, mac) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(mac); i++)
		differs |= (unsigned char)(mac[i] ^ header->mac[i]);
	if (differs != 0)
		return error_set(ERR_DAMAGED,
			"%s: the age header does not have its MAC: it is not the one that was written", name);
	return 0;
}

int
age_header_read(struct input *input, struct buf *text, struct age_header *header)
{
	size_t limit = input->size_bytes < AGE_HEADER_LIMIT ? (size_t)input->size_bytes : AGE_HEADER_LIMIT;
	int rc = AGE_MORE;

	*header = (struct age_header){ .stanzas = NULL };
	for (size_t want = FIRST_READ; rc == AGE_MORE; want *= 4) {
		size_t len = want < limit ? want : limit;

		buf_reserve(text, len - text->len);
		if (input_read(input, text->len, text->bytes + text->len, len - text->len) != 0)
			return -1;
		text->len = len;
		rc = age_header_parse(text->bytes, text->len, input->name, header);
		if (rc == AGE_MORE && len == limit)
			rc = error_set(ERR_DAMAGED, "%s: the age header %s", input->name,
				limit == input->size_bytes ? "is cut short" : "is longer than any");
	}
	return rc;
}

char *
age_header_types(const struct age_header *header)
{
	struct buf types = BUF_EMPTY;

	for (size_t i = 0; i < header->count; i++)
		buf_append_format(&types, "%s%s", i > 0 ? ", " : "", header->stanzas[i].args[0]);
	return buf_take(&types);
}

bool
age_is_age(const void *bytes, size_t len)
{
	size_t intro = strlen(AGE_INTRO);

	return (len >= intro && memcmp(bytes, AGE_INTRO, intro) == 0) || age_armor_is(bytes, len);
}
