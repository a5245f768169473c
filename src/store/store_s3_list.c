/*
 * Listings, and what is done to many objects at once: a thousand a request, both ways. Keys that are not of
 * our names' form belong to somebody else and are passed over.
 */
#include "config.h"

#include "store_s3_multipart.h"

#include <stdlib.h>
#include <string.h>

#include "incant/digest.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#define LISTING_STALL_MS UINT64_C(60000)

/* Keys come percent-encoded, since XML cannot hold every byte. In place. */
static void
decode_key(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		char digits[3] = "", byte;

		if (*from == '%')
			memcpy(digits, from + 1, strnlen(from + 1, 2));
		if (digits[0] != '\0' && text_unhex(&byte, 1, digits) == 0 && byte != '\0') {
			*to++ = byte;
			from += 3;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

static void
take_contents(const struct store_s3_place *place, const struct store_s3_xml *xml, struct store_list *list)
{
	size_t prefix_len = strlen(place->prefix);
	const char *encoding = store_s3_xml_text(xml, "EncodingType");

	for (size_t i = 1; i < xml->count; i++) {
		const struct store_s3_row *row = &xml->rows[i];
		const char *text = store_s3_row_text(row, "Key");
		char tag[80];
		uint64_t bytes = 0;

		if (strcmp(row->name, "Contents") != 0 || text == NULL ||
			store_s3_row_u64(row, "Size", &bytes) != 0)
			continue;
		char *key = mem_text(text);
		if (encoding != NULL)
			decode_key(key);
		if (text_starts(key, place->prefix) && store_name_is_valid(key + prefix_len))
			store_list_add(list, key + prefix_len, bytes,
				store_s3_unquote(tag, sizeof(tag), store_s3_row_text(row, "ETag")));
		free(key);
	}
}

/* A page. *token: where it begins, then where the next one does; NULL when there is none. 0 or -1. */
static int
list_page(struct store_s3_place *place, const char *prefix, char **token, struct store_list *list)
{
	const struct store_s3_pair query[] = { { "list-type", "2" }, { "encoding-type", "url" },
		{ "prefix", prefix }, { "continuation-token", *token } };
	const struct store_s3_request request = {
		.method = "GET",
		.query = query,
		.query_count = *token != NULL ? 4 : 3,
		.stall_ms = LISTING_STALL_MS,
	};
	struct http_answer answer;
	struct store_s3_xml xml;
	int rc = store_s3_send(place, &request, "list the objects", &answer);

	if (rc > 0)
		rc = store_s3_refuse(place, "list the objects", &answer);
	if (rc == 0)
		rc = store_s3_xml_read(buf_text(&answer.body), answer.body.len, "list of objects", &xml);
	if (rc == 0) {
		take_contents(place, &xml, list);
		free(*token);
		*token = text_equal(store_s3_xml_text(&xml, "IsTruncated"), "true")
				 ? mem_text(store_s3_xml_text(&xml, "NextContinuationToken"))
				 : NULL;
		store_s3_xml_clear(&xml);
	}
	http_answer_clear(&answer);
	return rc;
}

int
store_s3_list(struct store_driver *driver, const char *prefix, struct store_list *list)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	char *key = store_s3_key(place, prefix), *token = NULL;
	int rc;

	do
		rc = list_page(place, key, &token, list);
	while (rc == 0 && token != NULL);
	free(token);
	free(key);
	return rc;
}

/* A batch's own refusals stand in the answer. 0, or -1 with the first of them. */
static int
check_removed(
	const struct store_s3_place *place, const struct store_s3_xml *xml, size_t count, size_t *removed)
{
	size_t refused = 0;
	int rc = 0;

	for (size_t i = 1; i < xml->count; i++) {
		const struct store_s3_row *row = &xml->rows[i];
		const char *code = store_s3_row_text(row, "Code"), *key = store_s3_row_text(row, "Key");

		if (strcmp(row->name, "Error") != 0 || text_equal(code, "NoSuchKey"))
			continue;
		if (refused++ == 0)
			rc = error_set(ERR_STORE, "cannot remove '%s' in store %s: %s",
				key != NULL ? key : "?", place->name, code != NULL ? code : "refused");
	}
	*removed += count - refused;
	return rc;
}

/* At most a thousand. */
static int
remove_batch(struct store_s3_place *place, const char *const *names, size_t count, size_t *removed)
{
	struct buf text = BUF_EMPTY;
	unsigned char md5[DIGEST_MD5_BYTES];
	char digest[32];
	struct http_answer answer = { .status = 0 };
	struct store_s3_xml xml;

	buf_append_text(&text, "<Delete><Quiet>true</Quiet>");
	/* Names have no byte that XML knows; a prefix may. */
	for (size_t i = 0; i < count; i++) {
		buf_append_text(&text, "<Object><Key>");
		for (const char *c = place->prefix; *c != '\0'; c++)
			buf_append_format(&text, strchr("<>&\"'", *c) != NULL ? "&#%d;" : "%c", *c);
		buf_append_format(&text, "%s</Key></Object>", names[i]);
	}
	buf_append_text(&text, "</Delete>");
	int rc = digest_md5(text.bytes, text.len, md5);
	if (rc == 0) {
		const struct store_s3_pair query[] = { { "delete", NULL } };
		const struct store_s3_request request = {
			.method = "POST",
			.query = query,
			.query_count = 1,
			.headers = { { "content-md5", store_s3_base64(digest, md5, sizeof(md5)) } },
			.body = text.bytes,
			.body_len = text.len,
			.stall_ms = LISTING_STALL_MS,
		};
		rc = store_s3_send(place, &request, "remove objects", &answer);
		if (rc > 0)
			rc = store_s3_refuse(place, "remove objects", &answer);
	}
	if (rc == 0)
		rc = store_s3_xml_read(buf_text(&answer.body), answer.body.len, "answer to a removal", &xml);
	if (rc == 0) {
		rc = check_removed(place, &xml, count, removed);
		store_s3_xml_clear(&xml);
	}
	http_answer_clear(&answer);
	buf_clear(&text);
	return rc;
}

int
store_s3_remove_all(struct store_driver *driver, const char *const *names, size_t count, size_t *removed)
{
	struct store_s3 *store = (struct store_s3 *)driver;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < count; at += STORE_S3_KEYS_A_BATCH) {
		size_t left = count - at;

		rc = remove_batch(store->place, names + at,
			left < STORE_S3_KEYS_A_BATCH ? left : STORE_S3_KEYS_A_BATCH, removed);
	}
	if (rc == 0)
		store_s3_tell_of_versions(store);
	return rc;
}

int
store_s3_sweep(
	struct store_driver *driver, const char *prefix, const struct store_awaited *awaited, size_t *removed)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	size_t prefix_len = strlen(place->prefix);
	struct store_s3_unfinished_list list;
	char *key = store_s3_key(place, prefix);
	int rc = store_s3_list_unfinished(place, key, &list);

	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		/* The listing is the server's word: a key of somebody else's is not touched on it. */
		if (!text_starts(list.items[i].key, key))
			continue;
		if (awaited != NULL && awaited->is(awaited->context, list.items[i].key + prefix_len))
			continue;
		rc = store_s3_abort_upload(place, list.items[i].key, list.items[i].upload_id, false);
		if (rc == 0)
			*removed += 1;
	}
	store_s3_unfinished_clear(&list);
	free(key);
	return rc;
}
