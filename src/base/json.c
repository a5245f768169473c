/*
 * JSON by jansson. struct json is jansson's json_t under another name, so that its header stays in here.
 * jansson allocates with mem_alloc(), which does not fail; what is left to fail, bytes that are not UTF-8 and
 * numbers that are not finite, is kept away from it.
 */
#include "config.h"

#include "incant/json.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

/* jansson wants this before its first call, whichever of the functions here makes it. */
__attribute__((constructor)) static void
use_our_memory(void)
{
	json_set_alloc_funcs(mem_alloc, free);
}

static struct json *
wrap(json_t *value)
{
	return (struct json *)value;
}

static json_t *
unwrap(struct json *value)
{
	return (json_t *)value;
}

static const json_t *
peek(const struct json *value)
{
	return (const json_t *)value;
}

/* jansson's iterators take no const, though they change nothing. */
static json_t *
iterable(const struct json *value)
{
	return (json_t *)(uintptr_t)value;
}

struct json *
json_new_object(void)
{
	return wrap(json_object());
}

struct json *
json_new_array(void)
{
	return wrap(json_array());
}

void
json_free(struct json *value)
{
	json_decref(unwrap(value));
}

static void
put(struct json *to, const char *key, json_t *value)
{
	int result = key != NULL ? json_object_set_new(unwrap(to), key, value)
				 : json_array_append_new(unwrap(to), value);
	assert(result == 0);
	(void)result;
}

void
json_put(struct json *to, const char *key, struct json *value)
{
	put(to, key, value != NULL ? unwrap(value) : json_null());
}

/* A string value of the text, U+FFFD in place of every byte that is not UTF-8. */
static json_t *
lossy_string(const char *text)
{
	struct buf clean = BUF_EMPTY;
	size_t left = strlen(text);

	while (left > 0) {
		size_t valid = text_utf8_valid(text, left);
		buf_append(&clean, text, valid);
		if (valid < left) {
			buf_append_text(&clean, "\xef\xbf\xbd");
			valid++;
		}
		text += valid;
		left -= valid;
	}
	json_t *string = json_stringn_nocheck(buf_text(&clean), clean.len);
	buf_clear(&clean);
	return string;
}

void
json_put_text(struct json *to, const char *key, const char *text)
{
	put(to, key, text != NULL ? lossy_string(text) : json_null());
}

void
json_put_bytes(struct json *to, const char *key, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (text == NULL || text_utf8_valid(text, len) == len) {
		json_put_text(to, key, text);
		return;
	}
	char *hex = mem_alloc(2 * len + 1);
	json_t *object = json_object();
	json_object_set_new(object, "hex", json_string(text_hex(hex, text, len)));
	put(to, key, object);
	free(hex);
}

void
json_put_u64(struct json *to, const char *key, uint64_t value)
{
	assert(value <= INT64_MAX);
	put(to, key, json_integer((json_int_t)value));
}

void
json_put_int(struct json *to, const char *key, int64_t value)
{
	put(to, key, json_integer(value));
}

void
json_put_real(struct json *to, const char *key, double value)
{
	put(to, key, isfinite(value) ? json_real(value) : json_null());
}

void
json_put_bool(struct json *to, const char *key, bool value)
{
	put(to, key, json_boolean(value));
}

static int
append_to_buf(const char *bytes, size_t len, void *buf)
{
	buf_append(buf, bytes, len);
	return 0;
}

void
json_write(const struct json *value, int indent, struct buf *buf)
{
	/* 15 digits are what a double surely has; with jansson's 17, 1.1 reads 1.1000000000000001. */
	size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);

	flags |= indent != 0 ? JSON_INDENT((size_t)indent) : JSON_COMPACT;
	int result = json_dump_callback(peek(value), append_to_buf, buf, flags);
	assert(result == 0);
	(void)result;
}

struct json *
json_parse(const char *text, size_t len, const char *what)
{
	json_error_t error;
	json_t *value =
		json_loadb(text != NULL ? text : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (value == NULL)
		error_set(ERR_DAMAGED, "%s is not valid JSON: line %d, byte %d: %s", what, error.line,
			error.position, error.text);
	return wrap(value);
}

static const json_t *
member(const struct json *from, const char *key)
{
	return key != NULL ? json_object_get(peek(from), key) : peek(from);
}

/* The member's value is not what it should be. Returns -1. */
static int
unexpected(const json_t *value, const char *key, const char *what, const char *expected)
{
	if (value == NULL)
		return error_set(ERR_DAMAGED, "%s: '%s' is missing", what, key != NULL ? key : "value");
	if (key == NULL)
		return error_set(ERR_DAMAGED, "%s is not %s", what, expected);
	return error_set(ERR_DAMAGED, "%s: '%s' is not %s", what, key, expected);
}

int
json_take_text(const struct json *from, const char *key, const char *what, const char **text)
{
	const json_t *value = member(from, key);

	if (!json_is_string(value))
		return unexpected(value, key, what, "a text");
	*text = json_string_value(value);
	return 0;
}

/* The bytes of {"hex": "…"}, or NULL where it is not that. A NUL cannot be part of a text. */
static char *
bytes_of_hex(const json_t *value)
{
	const char *hex = json_string_value(json_object_get(value, "hex"));

	if (hex == NULL || json_object_size(value) != 1)
		return NULL;
	size_t len = strlen(hex) / 2;
	char *bytes = mem_zero(len + 1);
	if (text_unhex(bytes, len, hex) == 0 && strlen(bytes) == len)
		return bytes;
	free(bytes);
	return NULL;
}

int
json_take_bytes(const struct json *from, const char *key, const char *what, char **text)
{
	const json_t *value = member(from, key);
	char *bytes = json_is_string(value) ? mem_text(json_string_value(value)) : bytes_of_hex(value);

	if (bytes == NULL)
		return unexpected(value, key, what, "a text or {\"hex\": …}");
	*text = bytes;
	return 0;
}

int
json_take_u64(const struct json *from, const char *key, const char *what, uint64_t *number)
{
	const json_t *value = member(from, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return unexpected(value, key, what, "a whole number of zero or more");
	*number = (uint64_t)json_integer_value(value);
	return 0;
}

int
json_take_bool(const struct json *from, const char *key, const char *what, bool *truth)
{
	const json_t *value = member(from, key);

	if (!json_is_boolean(value))
		return unexpected(value, key, what, "true or false");
	*truth = json_is_true(value);
	return 0;
}

int
json_take_object(const struct json *from, const char *key, const char *what, const struct json **child)
{
	const json_t *value = member(from, key);

	if (!json_is_object(value))
		return unexpected(value, key, what, "an object");
	*child = (const struct json *)value;
	return 0;
}

int
json_take_array(const struct json *from, const char *key, const char *what, const struct json **child)
{
	const json_t *value = member(from, key);

	if (!json_is_array(value))
		return unexpected(value, key, what, "an array");
	*child = (const struct json *)value;
	return 0;
}

bool
json_has(const struct json *from, const char *key)
{
	const json_t *value = json_object_get(peek(from), key);

	return value != NULL && !json_is_null(value);
}

size_t
json_count(const struct json *array)
{
	return json_array_size(peek(array));
}

const struct json *
json_at(const struct json *array, size_t index)
{
	return wrap(json_array_get(peek(array), index));
}

const char *
json_first_key(const struct json *object)
{
	return json_object_iter_key(json_object_iter(iterable(object)));
}

const char *
json_next_key(const struct json *object, const char *key)
{
	json_t *value = iterable(object);

	return json_object_iter_key(json_object_iter_next(value, json_object_iter_at(value, key)));
}

const struct json *
json_get(const struct json *from, const char *key)
{
	return wrap(json_object_get(peek(from), key));
}

const char *
json_get_text(const struct json *from, const char *key)
{
	return json_string_value(json_object_get(peek(from), key));
}

int64_t
json_get_int(const struct json *from, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(peek(from), key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

double
json_get_real(const struct json *from, const char *key, double fallback)
{
	const json_t *value = json_object_get(peek(from), key);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

bool
json_get_bool(const struct json *from, const char *key, bool fallback)
{
	const json_t *value = json_object_get(peek(from), key);

	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

const char *
json_text(const struct json *value)
{
	return json_string_value(peek(value));
}
