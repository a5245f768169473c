/*
 * The S3 driver: an object is an object of the bucket, its key the store's prefix and its name. Objects of S3
 * are whole or not there by themselves; what this driver adds is that nothing is written over, that what was
 * sent is what is kept, and that a failure on the way is either got over or said in words.
 */
#include "config.h"

#include "store_s3.h"

#include <stdlib.h>
#include <string.h>

#include "incant/digest.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

char *
store_s3_key(const struct store_s3_place *place, const char *name)
{
	return mem_format("%s%s", place->prefix, name);
}

static struct store_driver *
s3_open(const struct store_options *options, unsigned rights)
{
	struct store_s3_place *place = store_s3_place_open(options);

	(void)rights; /* held to by the wrapper; what the keys may do is the server's to say */
	if (place == NULL)
		return NULL;
	struct store_s3 *store = mem_zero(sizeof(*store));
	store->driver.ops = &store_s3_ops;
	store->place = place;
	return &store->driver;
}

static void
s3_close(struct store_driver *driver)
{
	struct store_s3 *store = (struct store_s3 *)driver;

	store_s3_place_release(store->place);
	free(store);
}

/* One PUT, on the condition that there is none of the name. As store_s3_send(). */
static int
put_once(struct store_s3_place *place, const char *key, const void *bytes, size_t len, bool only_new,
	const char *what_to_do, struct http_answer *answer)
{
	unsigned char md5[DIGEST_MD5_BYTES];
	char digest[32];

	if (digest_md5(bytes, len, md5) != 0)
		return -1;
	const struct store_s3_request request = {
		.method = "PUT",
		.key = key,
		.headers = { { "content-md5", store_s3_base64(digest, md5, sizeof(md5)) },
			{ only_new ? "if-none-match" : NULL, "*" } },
		.body = bytes,
		.body_len = len,
	};
	return store_s3_send(place, &request, what_to_do, answer);
}

/* Whether the object of that key has these bytes. 1, 0, or -1. */
static int
has_bytes(struct store_s3_place *place, const char *key, const void *bytes, size_t len)
{
	unsigned char md5[DIGEST_MD5_BYTES];
	char hex[2 * DIGEST_MD5_BYTES + 1];
	struct store_s3_head head;

	if (digest_md5(bytes, len, md5) != 0)
		return -1;
	int rc = store_s3_ask(place, key, false, &head);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return head.bytes == len &&
	       (!head.tag_is_md5 || strcmp(head.tag, text_hex(hex, md5, sizeof(md5))) == 0);
}

/* The condition did not hold: the name is taken, or an earlier try whose answer was lost has taken it. Or
 * this store does not know conditions, and has not got the name. 0 it is there, 1 it can be put, or -1. */
static int
settle_put(struct store_s3_place *place, const char *key, const void *bytes, size_t len, bool refused)
{
	struct store_s3_head head;
	int has = has_bytes(place, key, bytes, len);

	if (has != 0)
		return has < 0 ? -1 : 0;
	if (!refused && store_s3_ask(place, key, false, &head) == STORE_S3_MISSING)
		return 1;
	return error_set(ERR_STORE, "'%s' exists already in store %s", key, place->name);
}

int
store_s3_put(struct store_s3_place *place, const char *key, const void *bytes, size_t len, bool only_new)
{
	char *what_to_do = mem_format("write '%s'", key);
	struct http_answer answer = { .status = 0 };
	int rc = put_once(place, key, bytes, len, only_new, what_to_do, &answer);

	if (only_new && (rc == STORE_S3_EXISTS || (rc < 0 && answer.status == 501))) {
		rc = settle_put(place, key, bytes, len, rc == STORE_S3_EXISTS);
		if (rc == 1) {
			http_answer_clear(&answer);
			rc = put_once(place, key, bytes, len, false, what_to_do, &answer);
		}
	}
	if (rc > 0)
		rc = store_s3_refuse(place, what_to_do, &answer);
	if (rc == 0) {
		rc = has_bytes(place, key, bytes, len);
		rc = rc == 0  ? error_set(ERR_STORE, "'%s' in store %s is not what was written", key,
					place->name)
		     : rc < 0 ? -1
			      : 0;
	}
	http_answer_clear(&answer);
	free(what_to_do);
	return rc;
}

static int
s3_replace(struct store_driver *driver, const char *name, const void *bytes, size_t len)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	char *key = store_s3_key(place, name);
	int rc = store_s3_put(place, key, bytes, len, false);

	free(key);
	return rc;
}

/* S3 says of what is not there that it has been removed, so it is asked first. */
static int
s3_remove(struct store_driver *driver, const char *name)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	char *key = store_s3_key(place, name);
	struct store_s3_head head;
	size_t removed = 0;
	int rc = store_s3_ask(place, key, false, &head);

	free(key);
	if (rc == STORE_S3_MISSING)
		return STORE_MISSING;
	return rc == 0 ? store_s3_remove_all(driver, &name, 1, &removed) : -1;
}

/* A bucket does not say how much more it will take. */
static int
s3_free_bytes(struct store_driver *driver, uint64_t *bytes)
{
	(void)driver;
	*bytes = UINT64_MAX;
	return 0;
}

const struct store_driver_ops store_s3_ops = {
	.open = s3_open,
	.close = s3_close,
	.write = store_s3_write,
	.replace = s3_replace,
	.read = store_s3_read,
	.list = store_s3_list,
	.remove = s3_remove,
	.remove_all = store_s3_remove_all,
	.sweep = store_s3_sweep,
	.free_bytes = s3_free_bytes,
	.habits = store_s3_habits,
	.lock = store_s3_lock,
	.unlock = store_s3_unlock,
};
