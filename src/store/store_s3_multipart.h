/*
 * S3's multipart uploads, request by request. An upload that was begun is invisible until it is completed,
 * and keeps its parts until it is completed or aborted.
 */
#ifndef INCANT_STORE_S3_MULTIPART_H
#define INCANT_STORE_S3_MULTIPART_H

#include "store_s3.h"

#define STORE_S3_PARTS_MAX 10000

/* The size of a part: a function of its number (from 1) alone, so that an upload can be taken up. */
size_t store_s3_part_bytes(unsigned number);

/* The body of the request that completes an upload. Appends. */
struct store_s3_parts;
void store_s3_write_parts(const struct store_s3_parts *parts, struct buf *text);

/* A part as the server knows it. */
struct store_s3_part {
	unsigned number; /* from 1 */
	uint64_t bytes;
	char tag[80];
};
struct store_s3_parts {
	struct store_s3_part *items; /* in the order of their numbers */
	size_t count, capacity;
};

/* An upload that is under way, or was left. */
struct store_s3_unfinished {
	char *key, *upload_id;
};
struct store_s3_unfinished_list {
	struct store_s3_unfinished *items;
	size_t count, capacity;
};

/* All unfinished uploads of keys that begin with prefix. list is initialised here and cleared by the caller
 * in every case. 0 or -1. */
int store_s3_list_unfinished(
	struct store_s3_place *place, const char *prefix, struct store_s3_unfinished_list *list);
void store_s3_unfinished_clear(struct store_s3_unfinished_list *list);

/* Begins an upload: *upload_id is the caller's to free. 0 or -1. */
int store_s3_begin_upload(struct store_s3_place *place, const char *key, char **upload_id);

/* The parts that an upload has. parts as above. 0, STORE_S3_MISSING (there is no such upload) or -1. */
int store_s3_list_parts(
	struct store_s3_place *place, const char *key, const char *upload_id, struct store_s3_parts *parts);

/* Sends a part. md5: of the bytes. tag: at least 80 bytes, what the server calls it: their MD5,
 * else it is an error, unless the server keeps them encrypted. 0 or -1. */
int store_s3_put_part(struct store_s3_place *place, const char *key, const char *upload_id, unsigned number,
	const struct buf *bytes, const unsigned char md5[DIGEST_MD5_BYTES], const atomic_bool *given_up,
	char *tag);

/*
 * Completes an upload, and settles it by asking when the answer is lost: the object is there then, with this
 * size and tag ("…-N"), or it is an error. 0 or -1. tag NULL: only the size can be held against it.
 */
int store_s3_complete_upload(struct store_s3_place *place, const char *key, const char *upload_id,
	const struct store_s3_parts *parts, uint64_t bytes, const char *tag);

/* Gives up an upload and its parts. One that is gone is no failure. heedless as in a request. 0 or -1. */
int store_s3_abort_upload(
	struct store_s3_place *place, const char *key, const char *upload_id, bool heedless);

#endif
