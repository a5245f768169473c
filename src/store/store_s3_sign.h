/*
 * Signature Version 4, as S3 wants it: pure, from a request and keys to the value of its Authorization
 * header. S3's own rule holds for paths: each byte is encoded once, and "." and ".." mean nothing.
 */
#ifndef INCANT_STORE_S3_SIGN_H
#define INCANT_STORE_S3_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/digest.h"

/* A name and a value: of a header (name in lower case), or of a query (neither is encoded yet). */
struct store_s3_pair {
	const char *name, *value;
};

struct store_s3_signing {
	const char *method;
	const char *path;                    /* encoded: store_s3_encode() */
	const char *query;                   /* encoded and sorted: store_s3_encode_query(); "" = none */
	const struct store_s3_pair *headers; /* all that are to be signed, "host" among them; in any order */
	size_t header_count;                 /* at most STORE_S3_HEADERS */
	const char *payload;                 /* the payload's SHA-256 in hex, or STORE_S3_UNSIGNED */
	const char *region, *service;
	const char *access_key, *secret_key;
	const char *time; /* "20130524T000000Z": store_s3_format_time() */
};

#define STORE_S3_HEADERS   16
#define STORE_S3_UNSIGNED  "UNSIGNED-PAYLOAD"
#define STORE_S3_TIME_SIZE 20

/* Appends "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…". 0, or -1 with ERR_INTERNAL. */
int store_s3_sign(const struct store_s3_signing *signing, struct buf *authorization);

/* What is hashed and signed on the way, for tests: the canonical request. Appends. */
void store_s3_canonical_request(const struct store_s3_signing *signing, struct buf *text);

/* Appends a text percent-encoded: all but letters, digits and "-._~"; "/" too unless it is to stay. */
void store_s3_encode(const char *text, const char *stays, struct buf *to);

/* Appends "a=1&b=2", encoded and sorted. A value of NULL is one that is empty. */
void store_s3_encode_query(const struct store_s3_pair *pairs, size_t count, struct buf *to);

/* "20130524T000000Z". Returns text. */
char *store_s3_format_time(char text[STORE_S3_TIME_SIZE], int64_t at);

/* Base64 of a digest, for Content-MD5. text: at least 4 * ((len + 2) / 3) + 1 bytes. Returns text. */
char *store_s3_base64(char *text, const void *bytes, size_t len);

#endif
