/*
 * JSON values: building, writing, parsing. The one place that knows the library beneath (jansson).
 *
 * A value has one owner; putting it into an object or an array gives it away. Texts are copied.
 * Names in dumps are bytes in the database's own encoding: text that is not valid UTF-8 is written as
 * {"hex": "…"} by json_put_bytes() and read back by json_take_bytes(); json_put_text() shows U+FFFD instead.
 */
#ifndef INCANT_JSON_H
#define INCANT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"

struct json;

struct json *json_new_object(void);
struct json *json_new_array(void);
void json_free(struct json *value); /* NULL is allowed; never on a borrowed or given-away value */

/* Put a member. On an array the key is NULL and the value is added at the end. text NULL is written as null.
 */
void json_put(
	struct json *to, const char *key, struct json *value); /* takes ownership of value; NULL = null */
void json_put_text(struct json *to, const char *key, const char *text);
void json_put_bytes(struct json *to, const char *key, const char *text);
void json_put_u64(struct json *to, const char *key, uint64_t value); /* at most INT64_MAX */
void json_put_int(struct json *to, const char *key, int64_t value);
void json_put_real(struct json *to, const char *key, double value); /* null unless finite */
void json_put_bool(struct json *to, const char *key, bool value);

/* Appends the value's text to buf. indent 0 = compact, on one line, no final newline. Order of members is as
 * put. */
void json_write(const struct json *value, int indent, struct buf *buf);

/*
 * Parses text. what names the document in errors ("manifest.json of 20261122T030000Z"). Duplicate keys are
 * refused. Returns NULL with ERR_DAMAGED, the message naming what, line and byte offset.
 */
struct json *json_parse(const char *text, size_t len, const char *what);

/*
 * Strict readers. key NULL reads the value itself. Each returns 0, or -1 with ERR_DAMAGED naming what, key
 * and what was expected. Texts and children are borrowed until the root is freed.
 */
int json_take_text(const struct json *from, const char *key, const char *what, const char **text);
int json_take_bytes(
	const struct json *from, const char *key, const char *what, char **text); /* the caller frees it */
int json_take_u64(const struct json *from, const char *key, const char *what, uint64_t *value);
int json_take_bool(const struct json *from, const char *key, const char *what, bool *value);
int json_take_object(const struct json *from, const char *key, const char *what, const struct json **child);
int json_take_array(const struct json *from, const char *key, const char *what, const struct json **child);

/* Whether the member is there and not null. */
bool json_has(const struct json *from, const char *key);

/* Elements of an array. json_at() is NULL past the end. */
size_t json_count(const struct json *array);
const struct json *json_at(const struct json *array, size_t index);

/* Iterates over an object: json_first(), then json_next() with what it gave; NULL at the end. */
const char *json_first_key(const struct json *object);
const char *json_next_key(const struct json *object, const char *key);

/* Lenient readers for other people's JSON (Docker, DigitalOcean): NULL or the fallback when absent or of
 * another type. */
const struct json *json_get(const struct json *from, const char *key); /* NULL-safe on from */
const char *json_get_text(const struct json *from, const char *key);
int64_t json_get_int(const struct json *from, const char *key, int64_t fallback);
double json_get_real(const struct json *from, const char *key, double fallback); /* of any number */
bool json_get_bool(const struct json *from, const char *key, bool fallback);
const char *json_text(const struct json *value); /* a string value's text, or NULL */

#endif
