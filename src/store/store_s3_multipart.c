/*
 * The requests of a multipart upload. Each may be repeated but the last: an upload that has been completed is
 * gone, so a second try would find nothing, and only the object itself can tell.
 */
#include "config.h"

#include "store_s3_multipart.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/http_retry.h"
#include "incant/mem.h"
#include "incant/text.h"

/* Completing a large upload takes the server a while, in which it says nothing. */
#define COMPLETE_STALL_MS UINT64_C(300000)
#define LISTING_STALL_MS  UINT64_C(60000)

void
store_s3_unfinished_clear(struct store_s3_unfinished_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].key);
		free(list->items[i].upload_id);
	}
	free(list->items);
	*list = (struct store_s3_unfinished_list){ NULL, 0, 0 };
}

/* Sends a request and reads its XML, which must be a document of that name. 0, a named result, or -1. */
static int
send_for_xml(struct store_s3_place *place, const struct store_s3_request *request, const char *what_to_do,
	const char *document, struct store_s3_xml *xml)
{
	struct http_answer answer;
	int rc = store_s3_send(place, request, what_to_do, &answer);

	if (rc == 0)
		rc = store_s3_xml_read(buf_text(&answer.body), answer.body.len, what_to_do, xml);
	if (rc == 0 && strcmp(store_s3_xml_name(xml), document) != 0) {
		rc = error_set(ERR_STORE, "cannot %s in store %s: its answer is no %s", what_to_do,
			place->name, document);
		store_s3_xml_clear(xml);
	}
	http_answer_clear(&answer);
	return rc;
}

/* Adds a page's uploads. */
static void
take_unfinished(const struct store_s3_xml *xml, struct store_s3_unfinished_list *list)
{
	for (size_t i = 1; i < xml->count; i++) {
		const struct store_s3_row *row = &xml->rows[i];
		const char *key = store_s3_row_text(row, "Key");
		const char *upload_id = store_s3_row_text(row, "UploadId");

		if (strcmp(row->name, "Upload") != 0 || key == NULL || upload_id == NULL)
			continue;
		MEM_GROW(list->items, list->count, list->capacity);
		list->items[list->count++] =
			(struct store_s3_unfinished){ mem_text(key), mem_text(upload_id) };
	}
}

/* Replaces a text by another one. */
static void
set_text(char **text, const char *to)
{
	char *copy = mem_text(to);

	free(*text);
	*text = copy;
}

/* A page of the listing, from behind a key and an upload (NULL = from the beginning). 1 = there is more. */
static int
list_unfinished_page(struct store_s3_place *place, const char *prefix, char **key_marker, char **id_marker,
	struct store_s3_unfinished_list *list)
{
	const struct store_s3_pair query[] = { { "uploads", NULL }, { "prefix", prefix },
		{ "key-marker", *key_marker }, { "upload-id-marker", *id_marker } };
	const struct store_s3_request request = {
		.method = "GET",
		.query = query,
		.query_count = *key_marker != NULL && *id_marker != NULL ? 4
			       : *key_marker != NULL                     ? 3
									 : 2,
		.stall_ms = LISTING_STALL_MS,
	};
	struct store_s3_xml xml;
	int rc = send_for_xml(place, &request, "list unfinished uploads", "ListMultipartUploadsResult", &xml);

	if (rc != 0)
		return -1;
	take_unfinished(&xml, list);
	set_text(key_marker, store_s3_xml_text(&xml, "NextKeyMarker"));
	set_text(id_marker, store_s3_xml_text(&xml, "NextUploadIdMarker"));
	if (text_equal(store_s3_xml_text(&xml, "IsTruncated"), "true") && *key_marker != NULL)
		rc = 1;
	store_s3_xml_clear(&xml);
	return rc;
}

int
store_s3_list_unfinished(
	struct store_s3_place *place, const char *prefix, struct store_s3_unfinished_list *list)
{
	char *key_marker = NULL, *id_marker = NULL;
	int rc;

	*list = (struct store_s3_unfinished_list){ NULL, 0, 0 };
	do
		rc = list_unfinished_page(place, prefix, &key_marker, &id_marker, list);
	while (rc == 1);
	free(key_marker);
	free(id_marker);
	return rc;
}

int
store_s3_begin_upload(struct store_s3_place *place, const char *key, char **upload_id)
{
	const struct store_s3_pair query[] = { { "uploads", NULL } };
	const struct store_s3_request request = {
		.method = "POST", .key = key, .query = query, .query_count = 1, .body = "", .body_len = 0
	};
	char *what_to_do = mem_format("begin to write '%s'", key);
	struct store_s3_xml xml;
	int rc = send_for_xml(place, &request, what_to_do, "InitiateMultipartUploadResult", &xml);

	if (rc == 0) {
		*upload_id = mem_text(store_s3_xml_text(&xml, "UploadId"));
		if (*upload_id == NULL)
			rc = error_set(ERR_STORE, "cannot %s in store %s: its answer names no upload",
				what_to_do, place->name);
		store_s3_xml_clear(&xml);
	} else if (rc > 0) {
		rc = error_set(ERR_STORE, "cannot %s in store %s: it is refused", what_to_do, place->name);
	}
	free(what_to_do);
	return rc;
}

static void
take_parts(const struct store_s3_xml *xml, struct store_s3_parts *parts)
{
	for (size_t i = 1; i < xml->count; i++) {
		const struct store_s3_row *row = &xml->rows[i];
		uint64_t number = 0, bytes = 0;

		if (strcmp(row->name, "Part") != 0 || store_s3_row_u64(row, "PartNumber", &number) != 0 ||
			store_s3_row_u64(row, "Size", &bytes) != 0 || number < 1 ||
			number > STORE_S3_PARTS_MAX)
			continue;
		MEM_GROW(parts->items, parts->count, parts->capacity);
		struct store_s3_part *part = &parts->items[parts->count++];
		*part = (struct store_s3_part){ .number = (unsigned)number, .bytes = bytes };
		store_s3_unquote(part->tag, sizeof(part->tag), store_s3_row_text(row, "ETag"));
	}
}

static int
compare_parts(const void *a, const void *b)
{
	const struct store_s3_part *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

int
store_s3_list_parts(
	struct store_s3_place *place, const char *key, const char *upload_id, struct store_s3_parts *parts)
{
	char *what_to_do = mem_format("look at the parts of '%s'", key), *marker = mem_text("0");
	int rc = 1;

	while (rc == 1) {
		const struct store_s3_pair query[] = { { "uploadId", upload_id },
			{ "part-number-marker", marker } };
		const struct store_s3_request request = { .method = "GET",
			.key = key,
			.query = query,
			.query_count = 2,
			.stall_ms = LISTING_STALL_MS };
		struct store_s3_xml xml;

		rc = send_for_xml(place, &request, what_to_do, "ListPartsResult", &xml);
		if (rc != 0) {
			rc = rc == 1 ? STORE_S3_MISSING : rc;
			break;
		}
		take_parts(&xml, parts);
		const char *next = store_s3_xml_text(&xml, "NextPartNumberMarker");
		if (text_equal(store_s3_xml_text(&xml, "IsTruncated"), "true") && next != NULL &&
			strcmp(next, marker) != 0) {
			set_text(&marker, next);
			rc = 1;
		}
		store_s3_xml_clear(&xml);
	}
	if (parts->count > 1)
		qsort(parts->items, parts->count, sizeof(*parts->items), compare_parts);
	free(what_to_do);
	free(marker);
	return rc;
}

/* What the server calls the part that it took: the MD5 of its bytes, unless it keeps them encrypted. */
static int
check_part(const struct store_s3_place *place, const char *what_to_do, const struct http_answer *answer,
	const unsigned char md5[DIGEST_MD5_BYTES], char *tag)
{
	struct store_s3_head head;
	char hex[2 * DIGEST_MD5_BYTES + 1];

	store_s3_read_head(answer, &head);
	memcpy(tag, head.tag, sizeof(head.tag));
	if (tag[0] == '\0')
		return error_set(
			ERR_STORE, "cannot %s in store %s: its answer has no ETag", what_to_do, place->name);
	if (head.tag_is_md5 && strcmp(tag, text_hex(hex, md5, DIGEST_MD5_BYTES)) != 0)
		return error_set(ERR_STORE,
			"cannot %s in store %s: it took bytes with the MD5 %s, %s were sent", what_to_do,
			place->name, tag, hex);
	return 0;
}

int
store_s3_put_part(struct store_s3_place *place, const char *key, const char *upload_id, unsigned number,
	const struct buf *bytes, const unsigned char md5[DIGEST_MD5_BYTES], const atomic_bool *given_up,
	char *tag)
{
	char *number_text = mem_format("%u", number), digest[32];
	const struct store_s3_pair query[] = { { "partNumber", number_text }, { "uploadId", upload_id } };
	const struct store_s3_request request = {
		.method = "PUT",
		.key = key,
		.query = query,
		.query_count = 2,
		.headers = { { "content-md5", store_s3_base64(digest, md5, DIGEST_MD5_BYTES) } },
		.body = bytes->bytes,
		.body_len = bytes->len,
		.digested = true,
		.given_up = given_up,
	};
	char *what_to_do = mem_format("write part %u of '%s'", number, key);
	struct http_answer answer;
	int rc = store_s3_send(place, &request, what_to_do, &answer);

	if (rc == 0)
		rc = check_part(place, what_to_do, &answer, md5, tag);
	else if (rc > 0)
		rc = store_s3_refuse(place, what_to_do, &answer);
	http_answer_clear(&answer);
	free(what_to_do);
	free(number_text);
	return rc;
}

/* Compact: RGW reads a megabyte of it at most, and ten thousand parts come near to that. */
void
store_s3_write_parts(const struct store_s3_parts *parts, struct buf *text)
{
	buf_append_text(text, "<CompleteMultipartUpload>");
	for (size_t i = 0; i < parts->count; i++)
		buf_append_format(text, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>",
			parts->items[i].number, parts->items[i].tag);
	buf_append_text(text, "</CompleteMultipartUpload>");
}

/* Whether the object is what the upload was to become. 0 it is, 1 it is not there, or -1: another one is. */
static int
check_object(struct store_s3_place *place, const char *key, uint64_t bytes, const char *tag)
{
	struct store_s3_head head;
	int rc = store_s3_ask(place, key, false, &head);

	if (rc == STORE_S3_MISSING)
		return 1;
	if (rc != 0)
		return rc > 0 ? error_set(ERR_STORE, "cannot look at '%s' in store %s", key, place->name)
			      : -1;
	if (head.bytes != bytes)
		return error_set(ERR_STORE, "'%s' in store %s has %llu bytes, %llu were sent", key,
			place->name, (unsigned long long)head.bytes, (unsigned long long)bytes);
	if (tag != NULL && head.tag_is_md5 && strcmp(head.tag, tag) != 0)
		return error_set(ERR_STORE, "'%s' in store %s has the ETag %s, that of what was sent is %s",
			key, place->name, head.tag, tag);
	return 0;
}

/* A completion may fail behind a 200: the server began to answer before it knew. True when it said that it
 * did. */
static bool
is_completed(const struct http_answer *answer)
{
	struct store_s3_xml xml;
	bool is = store_s3_xml_read(buf_text(&answer->body), answer->body.len, "answer", &xml) == 0 &&
		  strcmp(store_s3_xml_name(&xml), "CompleteMultipartUploadResult") == 0;

	store_s3_xml_clear(&xml);
	error_clear();
	return is;
}

/* One try to complete. 0 it is done, 1 another try may do it, -1 it cannot be done. */
static int
try_to_complete(struct store_s3_place *place, const struct store_s3_request *request, uint64_t bytes,
	const char *tag, struct http_retry *retry)
{
	char *what_to_do = mem_format("complete '%s'", request->key);
	struct http_answer answer;
	struct error cause;
	int rc = store_s3_send(place, request, what_to_do, &answer);

	if (rc == 0 && !is_completed(&answer)) {
		rc = store_s3_refuse(place, what_to_do, &answer);
		answer.transient = true;
	}
	if (rc > 0)
		rc = store_s3_refuse(place, what_to_do, &answer);
	if (rc < 0 && error_get()->class != ERR_INTERRUPTED) {
		error_take(&cause);
		rc = check_object(place, request->key, bytes, tag);
		if (rc == 1) {
			error_put(&cause);
			rc = answer.transient && http_retry_wait(retry, &answer) == 0 ? 1 : -1;
		} else if (rc < 0 && cause.class != ERR_NONE) {
			error_put(&cause);
		}
	} else if (rc == 0) {
		rc = check_object(place, request->key, bytes, tag);
		if (rc == 1)
			rc = error_set(ERR_STORE, "'%s' was completed in store %s and is not there",
				request->key, place->name);
	}
	http_answer_clear(&answer);
	free(what_to_do);
	return rc;
}

int
store_s3_complete_upload(struct store_s3_place *place, const char *key, const char *upload_id,
	const struct store_s3_parts *parts, uint64_t bytes, const char *tag)
{
	struct buf text = BUF_EMPTY;
	struct http_retry retry;
	int rc;

	store_s3_write_parts(parts, &text);
	const struct store_s3_pair query[] = { { "uploadId", upload_id } };
	const struct store_s3_request request = {
		.method = "POST",
		.key = key,
		.query = query,
		.query_count = 1,
		.body = text.bytes,
		.body_len = text.len,
		.once = true,
		.stall_ms = COMPLETE_STALL_MS,
	};
	http_retry_begin(&retry, place->patience_ms);
	do
		rc = try_to_complete(place, &request, bytes, tag, &retry);
	while (rc == 1);
	buf_clear(&text);
	return rc;
}

int
store_s3_abort_upload(struct store_s3_place *place, const char *key, const char *upload_id, bool heedless)
{
	const struct store_s3_pair query[] = { { "uploadId", upload_id } };
	const struct store_s3_request request = {
		.method = "DELETE", .key = key, .query = query, .query_count = 1, .heedless = heedless
	};
	char *what_to_do = mem_format("give up the upload of '%s'", key);
	struct http_answer answer;
	int rc = store_s3_send(place, &request, what_to_do, &answer);

	http_answer_clear(&answer);
	free(what_to_do);
	return rc < 0 ? -1 : 0;
}
