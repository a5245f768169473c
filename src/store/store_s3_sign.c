/*
 * Signature Version 4
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html): the request in a canonical
 * form is hashed; scope, time and that hash are signed with a key that is derived from the secret one for a
 * day, a region and a service.
 */
#include "config.h"

#include "store_s3_sign.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

void
store_s3_encode(const char *text, const char *stays, struct buf *to)
{
	for (; *text != '\0'; text++) {
		if (strchr(unreserved, *text) != NULL || strchr(stays, *text) != NULL)
			buf_append_char(to, *text);
		else
			buf_append_format(to, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whole parameters are sorted: '=' comes before every byte that an encoded name can go on with, but for '-',
 * '.' and '%', for which the name's end has to count less. So it is held by a byte below all of them. */
void
store_s3_encode_query(const struct store_s3_pair *pairs, size_t count, struct buf *to)
{
	char **parts = mem_resize(NULL, count + 1, sizeof(*parts));

	for (size_t i = 0; i < count; i++) {
		struct buf part = BUF_EMPTY;

		store_s3_encode(pairs[i].name, "", &part);
		buf_append_char(&part, '\x01');
		store_s3_encode(pairs[i].value != NULL ? pairs[i].value : "", "", &part);
		parts[i] = buf_take(&part);
	}
	qsort(parts, count, sizeof(*parts), compare_texts);
	for (size_t i = 0; i < count; i++) {
		*strchr(parts[i], '\x01') = '=';
		buf_append_format(to, "%s%s", i > 0 ? "&" : "", parts[i]);
		free(parts[i]);
	}
	free(parts);
}

char *
store_s3_format_time(char text[STORE_S3_TIME_SIZE], int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm fields;

	gmtime_r(&seconds, &fields);
	strftime(text, STORE_S3_TIME_SIZE, "%Y%m%dT%H%M%SZ", &fields);
	return text;
}

char *
store_s3_base64(char *text, const void *bytes, size_t len)
{
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	return text;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct store_s3_pair *)a)->name, ((const struct store_s3_pair *)b)->name);
}

/* The headers by name. Returns their number. */
static size_t
sort_headers(const struct store_s3_signing *signing, struct store_s3_pair sorted[STORE_S3_HEADERS])
{
	assert(signing->header_count <= STORE_S3_HEADERS);
	memcpy(sorted, signing->headers, signing->header_count * sizeof(*sorted));
	qsort(sorted, signing->header_count, sizeof(*sorted), compare_names);
	return signing->header_count;
}

/* "host;x-amz-date" */
static void
append_signed_names(const struct store_s3_signing *signing, struct buf *text)
{
	struct store_s3_pair sorted[STORE_S3_HEADERS];
	size_t count = sort_headers(signing, sorted);

	for (size_t i = 0; i < count; i++)
		buf_append_format(text, "%s%s", i > 0 ? ";" : "", sorted[i].name);
}

/* Without blanks at its ends, and with one where there are several. */
static void
append_trimmed(const char *value, struct buf *text)
{
	bool blank = false;

	for (value += strspn(value, " \t"); *value != '\0'; value++) {
		if (*value == ' ' || *value == '\t') {
			blank = true;
			continue;
		}
		if (blank)
			buf_append_char(text, ' ');
		blank = false;
		buf_append_char(text, *value);
	}
}

void
store_s3_canonical_request(const struct store_s3_signing *signing, struct buf *text)
{
	struct store_s3_pair sorted[STORE_S3_HEADERS];
	size_t count = sort_headers(signing, sorted);

	buf_append_format(text, "%s\n%s\n%s\n", signing->method, signing->path, signing->query);
	for (size_t i = 0; i < count; i++) {
		buf_append_format(text, "%s:", sorted[i].name);
		append_trimmed(sorted[i].value, text);
		buf_append_char(text, '\n');
	}
	buf_append_char(text, '\n');
	append_signed_names(signing, text);
	buf_append_format(text, "\n%s", signing->payload);
}

/* "20130524/us-east-1/s3/aws4_request" */
static void
append_scope(const struct store_s3_signing *signing, struct buf *text)
{
	buf_append_format(text, "%.8s/%s/%s/aws4_request", signing->time, signing->region, signing->service);
}

/* 0 or -1. out may be the key's own bytes. */
static int
hmac(const void *key, size_t key_len, const char *text, unsigned char out[DIGEST_SHA256_BYTES])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), digest, &len) ==
			NULL ||
		len != DIGEST_SHA256_BYTES)
		return error_set(ERR_INTERNAL, "libcrypto refuses HMAC-SHA256");
	memcpy(out, digest, DIGEST_SHA256_BYTES);
	return 0;
}

/* The key that signs: derived from the secret one in four steps. */
static int
derive_key(const struct store_s3_signing *signing, unsigned char key[DIGEST_SHA256_BYTES])
{
	char *secret = mem_format("AWS4%s", signing->secret_key);
	char day[9];
	int rc;

	memcpy(day, signing->time, 8);
	day[8] = '\0';
	rc = hmac(secret, strlen(secret), day, key);
	if (rc == 0)
		rc = hmac(key, DIGEST_SHA256_BYTES, signing->region, key);
	if (rc == 0)
		rc = hmac(key, DIGEST_SHA256_BYTES, signing->service, key);
	if (rc == 0)
		rc = hmac(key, DIGEST_SHA256_BYTES, "aws4_request", key);
	OPENSSL_cleanse(secret, strlen(secret));
	free(secret);
	return rc;
}

/* "ALGORITHM\nTIME\nSCOPE\nHASH" */
static int
append_text_to_sign(const struct store_s3_signing *signing, struct buf *text)
{
	struct buf request = BUF_EMPTY;
	char sha256[DIGEST_SHA256_HEX];
	int rc;

	store_s3_canonical_request(signing, &request);
	rc = digest_sha256_hex(request.bytes, request.len, sha256);
	buf_clear(&request);
	buf_append_format(text, ALGORITHM "\n%s\n", signing->time);
	append_scope(signing, text);
	buf_append_format(text, "\n%s", sha256);
	return rc;
}

int
store_s3_sign(const struct store_s3_signing *signing, struct buf *authorization)
{
	unsigned char key[DIGEST_SHA256_BYTES], signature[DIGEST_SHA256_BYTES];
	char hex[DIGEST_SHA256_HEX];
	struct buf text = BUF_EMPTY;
	int rc = append_text_to_sign(signing, &text);

	if (rc == 0)
		rc = derive_key(signing, key);
	if (rc == 0)
		rc = hmac(key, sizeof(key), buf_text(&text), signature);
	if (rc == 0) {
		buf_append_format(authorization, ALGORITHM " Credential=%s/", signing->access_key);
		append_scope(signing, authorization);
		buf_append_text(authorization, ",SignedHeaders=");
		append_signed_names(signing, authorization);
		buf_append_format(
			authorization, ",Signature=%s", text_hex(hex, signature, sizeof(signature)));
	}
	OPENSSL_cleanse(key, sizeof(key));
	buf_clear(&text);
	return rc;
}
