/*
 * What the files of the S3 driver share: the place (an endpoint, a bucket, keys, and live connections), and
 * sending a request to it. From the top:
 *
 *     store_s3.c            the driver: names to keys, small things done to one object
 *     store_s3_list.c       listings, batched removal, sweep
 *     store_s3_habits.c     what the bucket does by itself
 *     store_s3_lock.c       the lock of a source
 *     store_s3_read.c       an object as an input
 *     store_s3_upload.c     an object being written, as a stage
 *     store_s3_multipart.c  S3's multipart uploads, request by request
 *     store_s3_request.c    one request: signed, sent, sent again, its refusal said in words
 *     store_s3_error.c      the words
 *     store_s3_place.c      the place
 *     store_s3_contact.c    whether it is there at all
 *     store_s3_xml.c, store_s3_sign.c    what is read, what is signed
 */
#ifndef INCANT_STORE_S3_H
#define INCANT_STORE_S3_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/http.h"
#include "store_driver.h"
#include "store_s3_contact.h"
#include "store_s3_sign.h"
#include "store_s3_xml.h"

/*
 * Where requests go. Shared by the store and all stages, inputs and locks made by it, on any thread; all but
 * the connections stays as it was opened.
 */
struct store_s3_place {
	char *name;   /* of the store */
	char *url;    /* "https://nyc3.digitaloceanspaces.com/bucket", without a '/' behind it */
	char *path;   /* the path in it, encoded: "/bucket", "" in host style */
	char *host;   /* for the Host header, its port included */
	char *bucket; /* for errors */
	char *prefix; /* in front of all keys: "", or it ends with '/' */
	char *region;
	char *access_key, *secret_key;
	char *session_token; /* NULL = none */
	char *ca_file;       /* NULL = the system's */
	uint64_t bytes_per_second;
	uint64_t patience_ms;
	atomic_bool heedless; /* opened while a signal was pending: to clean up, so the signal does not end
				 that */

	atomic_uint holders;
	struct store_s3_contact *contact;
	pthread_mutex_t lock; /* guards what follows */
	struct http *idle[STORE_S3_HEADERS];
	size_t idle_count;
};

/* Parts of one object in flight at once: enough to keep a line full, few enough that little is lost when it
 * breaks. With a rate limit there are two, which share it. */
#define STORE_S3_FLIGHT       3
#define STORE_S3_FLIGHT_SLOW  2
#define STORE_S3_KEYS_A_BATCH 1000

/* Reads endpoint and keys; asks nothing of the network. NULL with ERR_STORE or ERR_SETTINGS. */
struct store_s3_place *store_s3_place_open(const struct store_options *options);
struct store_s3_place *store_s3_place_hold(struct store_s3_place *place); /* returns it */
void store_s3_place_release(struct store_s3_place *place);                /* the last one frees it */

/* A connection for one request, and back. NULL with the error. */
struct http *store_s3_connection_take(struct store_s3_place *place);
void store_s3_connection_give(struct store_s3_place *place, struct http *http);

/* The region that an endpoint's host names, or "us-east-1". The caller frees it. */
char *store_s3_region_of(const char *host);

/* A request to the bucket, or to an object in it. */
struct store_s3_request {
	const char *method;
	const char *key; /* whole, prefix included; NULL = the bucket */
	const struct store_s3_pair *query;
	size_t query_count;
	struct store_s3_pair headers[6]; /* further ones, to be signed; name NULL ends them */
	const void *body;
	size_t body_len;
	bool digested; /* a Content-MD5 in the headers vouches for the body: it need not be hashed again */
	bool once;     /* is not tried again here: the caller settles what a lost answer means */
	bool heedless; /* also while a signal is pending: cleaning up */
	uint64_t stall_ms;           /* 0 = the usual */
	const atomic_bool *given_up; /* becomes true when nobody wants the answer any more; NULL = never */

	int (*sink)(void *context, const void *bytes, size_t len); /* of a 2xx body; see http.h */
	void *context;
};

/* Results that are no failures. */
enum {
	STORE_S3_MISSING = 1, /* 404, but not of the bucket */
	STORE_S3_EXISTS = 2,  /* 412, 409: a condition does not hold */
	STORE_S3_RANGE = 3    /* 416: behind the end */
};

/*
 * Signs it, sends it, and sends it again while that may help. what_to_do is for errors: "write 'a/b'". 0 for
 * a 2xx answer, one of the above, or -1 with ERR_STORE in words. The answer is initialised here and cleared
 * by the caller in every case; after -1, answer->transient tells whether patience ended it.
 */
int store_s3_send(struct store_s3_place *place, const struct store_s3_request *request,
	const char *what_to_do, struct http_answer *answer);

/* How long a request is worth trying again: little at a place that was never reached. */
uint64_t store_s3_patience_ms(const struct store_s3_place *place);

/* Sets the error for an answer that is a refusal, or none that can be used. Always -1. */
int store_s3_refuse(
	const struct store_s3_place *place, const char *what_to_do, const struct http_answer *answer);

/* The code in a refusal's body ("NoSuchKey"), or "". */
#define STORE_S3_CODE_SIZE 64
void store_s3_code(const struct http_answer *answer, char code[STORE_S3_CODE_SIZE]);

/* What is known of an object: its HEAD. */
struct store_s3_head {
	uint64_t bytes;
	char tag[80];    /* the ETag, without its quotes */
	bool tag_is_md5; /* false where the server keeps it encrypted with keys of its own */
	int64_t age_s;   /* since it was written, by the server's clock */
};

/* 0, STORE_S3_MISSING or -1. */
int store_s3_ask(struct store_s3_place *place, const char *key, bool heedless, struct store_s3_head *head);

/* Reads those facts from any answer about an object. */
void store_s3_read_head(const struct http_answer *answer, struct store_s3_head *head);

/* An ETag without its quotes, and without "W/". to: at least 80 bytes. Returns to. */
char *store_s3_unquote(char *to, size_t capacity, const char *tag);

/* The opened store. */
struct store_s3 {
	struct store_driver driver;
	struct store_s3_place *place;
	atomic_bool told_of_versions;
};

/* prefix and name. The caller frees it. */
char *store_s3_key(const struct store_s3_place *place, const char *name);

/* The rest of the driver. */
struct stage *store_s3_write(struct store_driver *driver, const char *name);
int store_s3_read(struct store_driver *driver, const char *name, const char *label, struct input **input);
int store_s3_list(struct store_driver *driver, const char *prefix, struct store_list *list);
int store_s3_remove_all(struct store_driver *driver, const char *const *names, size_t count, size_t *removed);
int store_s3_sweep(struct store_driver *driver, const char *prefix, const struct store_awaited *awaited,
	size_t *removed);
int store_s3_habits(struct store_driver *driver, const char *prefix, struct store_habits *habits);
int store_s3_lock(struct store_driver *driver, const char *source, const char *doing,
	struct store_lock **lock, char **holder);
void store_s3_unlock(struct store_lock *lock);

/* Says, once, of a bucket that keeps what is removed: it takes room until something else removes it. */
void store_s3_tell_of_versions(struct store_s3 *store);

/* Puts a small object; with `only_new` an existing one of the name is STORE_S3_EXISTS, unless its bytes are
 * these. 0 or -1. */
int store_s3_put(struct store_s3_place *place, const char *key, const void *bytes, size_t len, bool only_new);

#endif
