/*
 * A place: the endpoint taken apart, the keys, and connections that are kept alive between requests. A
 * connection belongs to one thread at a time; those that nobody uses lie in a small heap.
 */
#include "config.h"

#include "store_s3.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/text.h"

#define KEYS_LIMIT_BYTES ((size_t)64 << 10)
#define PATIENCE_MS      UINT64_C(120000)
#define CONNECT_MS       UINT64_C(8000)

/* The host of an endpoint, without its port. The caller frees it. */
static char *
host_alone(const char *host)
{
	if (host[0] == '[')
		return mem_text_n(host + 1, strcspn(host + 1, "]"));
	return mem_text_n(host, strcspn(host, ":"));
}

/* Whether a host is this machine: only there does nobody listen in on plain HTTP. */
static bool
is_loopback(const char *host)
{
	char *alone = host_alone(host);
	struct in_addr four;
	struct in6_addr six;
	bool is = strcmp(alone, "localhost") == 0;

	if (inet_pton(AF_INET, alone, &four) == 1)
		is = ntohl(four.s_addr) >> 24 == 127;
	else if (inet_pton(AF_INET6, alone, &six) == 1)
		is = IN6_IS_ADDR_LOOPBACK(&six);
	free(alone);
	return is;
}

/* The host in an endpoint, with its port, and how long it is. NULL where it is no endpoint. */
static const char *
endpoint_host(const char *endpoint, size_t *len)
{
	const char *host = text_starts(endpoint, "https://")  ? endpoint + strlen("https://")
			   : text_starts(endpoint, "http://") ? endpoint + strlen("http://")
							      : NULL;

	if (host == NULL)
		return NULL;
	*len = strcspn(host, "/");
	return *len > 0 && host[*len + strspn(host + *len, "/")] == '\0' && strpbrk(host, "?#@ ") == NULL
		       ? host
		       : NULL;
}

const char *
store_endpoint_problem(const char *endpoint)
{
	size_t len = 0;
	const char *host = endpoint_host(endpoint, &len);
	const char *problem = NULL;

	if (host == NULL)
		return "it is not a scheme and a host, as https://nyc3.digitaloceanspaces.com";
	char *alone = mem_text_n(host, len);
	if (text_starts(endpoint, "http://") && !is_loopback(alone))
		problem = "plain HTTP to another machine would send backups over the network in the clear";
	free(alone);
	return problem;
}

char *
store_s3_region_of(const char *host)
{
	char *alone = host_alone(host), *region = NULL;
	const char *at = alone;

	/* nyc3.digitaloceanspaces.com; s3.eu-central-1.amazonaws.com and those who do likewise. */
	if (text_starts(at, "s3.") && strchr(at + 3, '.') != NULL &&
		strchr(strchr(at + 3, '.') + 1, '.') != NULL)
		region = mem_text_n(at + 3, strcspn(at + 3, "."));
	else if (text_ends(at, ".digitaloceanspaces.com"))
		region = mem_text_n(at, strcspn(at, "."));
	free(alone);
	return region != NULL ? region : mem_text("us-east-1");
}

/* Takes "name = value" at *at. False at the end. The value ends before white space at its end. */
static bool
next_key(const char **at, const char **name, size_t *name_len, const char **value, size_t *value_len)
{
	for (;;) {
		const char *line = *at + strspn(*at, " \t\r\n");
		size_t len = strcspn(line, "\n");
		const char *equals = memchr(line, '=', len);

		if (len == 0)
			return false;
		*at = line + len;
		if (equals == NULL || strchr("#;[", *line) != NULL)
			continue;
		*name = line;
		*name_len = (size_t)(equals - line);
		while (*name_len > 0 && isspace((unsigned char)line[*name_len - 1]))
			--*name_len;
		*value = equals + 1 + strspn(equals + 1, " \t");
		*value_len = *value < line + len ? (size_t)(line + len - *value) : 0;
		while (*value_len > 0 && isspace((unsigned char)(*value)[*value_len - 1]))
			--*value_len;
		return true;
	}
}

static bool
name_is(const char *name, size_t len, const char *one, const char *other)
{
	return (strlen(one) == len && strncmp(name, one, len) == 0) ||
	       (strlen(other) == len && strncmp(name, other, len) == 0);
}

/* Keys from a file: our words, or those of other programs' files. */
static void
take_keys(struct store_s3_place *place, const char *text)
{
	const char *name, *value;
	size_t name_len, value_len;

	while (next_key(&text, &name, &name_len, &value, &value_len)) {
		char **field = name_is(name, name_len, "access-key", "aws_access_key_id") ? &place->access_key
			       : name_is(name, name_len, "secret-key", "aws_secret_access_key")
				       ? &place->secret_key
			       : name_is(name, name_len, "session-token", "aws_session_token")
				       ? &place->session_token
				       : NULL;

		if (field == NULL || *field != NULL || value_len == 0)
			continue;
		*field = mem_text_n(value, value_len);
	}
}

static int
load_keys_file(struct store_s3_place *place, const char *path)
{
	struct buf text = BUF_EMPTY;
	int rc = file_check_private(path);

	if (rc == 0)
		rc = file_read(path, KEYS_LIMIT_BYTES, ERR_SETTINGS, &text);
	if (rc == FILE_MISSING)
		rc = error_set(ERR_SETTINGS, "there is no credentials file '%s'", path);
	if (rc == 0)
		take_keys(place, buf_text(&text));
	if (rc == 0 && (place->access_key == NULL || place->secret_key == NULL)) {
		rc = error_set(ERR_SETTINGS, "'%s' has no '%s'", path,
			place->access_key == NULL ? "access-key" : "secret-key");
		error_hint("It holds two lines: access-key = …, secret-key = …");
	}
	if (text.bytes != NULL)
		OPENSSL_cleanse(text.bytes, text.len);
	buf_clear(&text);
	return rc != 0 ? error_add("store %s", place->name) : 0;
}

static char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? mem_text(value) : NULL;
}

static int
load_keys(struct store_s3_place *place, const char *path)
{
	if (path != NULL)
		return load_keys_file(place, path);
	place->access_key = environment("AWS_ACCESS_KEY_ID");
	place->secret_key = environment("AWS_SECRET_ACCESS_KEY");
	place->session_token = environment("AWS_SESSION_TOKEN");
	if (place->access_key != NULL && place->secret_key != NULL)
		return 0;
	error_set(ERR_SETTINGS,
		"store %s has no keys: neither 'credentials' in its settings nor %s in the "
		"environment",
		place->name, place->access_key == NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
	return error_hint(
		"credentials = /etc/incant-backup/spaces.key, a file with access-key and secret-key.");
}

/* Bucket and host, in the style that is asked for. */
static int
set_address(struct store_s3_place *place, const struct store_options *options)
{
	const char *problem = store_endpoint_problem(options->endpoint);
	struct buf bucket = BUF_EMPTY;
	size_t len = 0;

	if (problem != NULL)
		return error_set(
			ERR_SETTINGS, "store %s: '%s': %s", options->name, options->endpoint, problem);
	const char *at = endpoint_host(options->endpoint, &len);
	char *host = mem_text_n(at, len);
	store_s3_encode(options->bucket, "", &bucket);
	place->region = options->region != NULL ? mem_text(options->region) : store_s3_region_of(host);
	if (options->host_style) {
		place->host = mem_format("%s.%s", options->bucket, host);
		place->path = mem_text("");
	} else {
		place->host = mem_text(host);
		place->path = mem_format("/%s", buf_text(&bucket));
	}
	place->url = mem_format(
		"%.*s%s%s", (int)(at - options->endpoint), options->endpoint, place->host, place->path);
	place->contact = store_s3_contact_of(place->url);
	buf_clear(&bucket);
	free(host);
	return 0;
}

static void
set_prefix(struct store_s3_place *place, const char *prefix)
{
	size_t len;

	prefix = prefix != NULL ? prefix + strspn(prefix, "/") : "";
	len = strlen(prefix);
	while (len > 0 && prefix[len - 1] == '/')
		len--;
	place->prefix = len > 0 ? mem_format("%.*s/", (int)len, prefix) : mem_text("");
}

struct store_s3_place *
store_s3_place_open(const struct store_options *options)
{
	struct store_s3_place *place = mem_zero(sizeof(*place));

	place->holders = 1;
	place->heedless = interrupt_pending() != 0;
	pthread_mutex_init(&place->lock, NULL);
	place->name = mem_text(options->name);
	place->bucket = mem_text(options->bucket);
	place->ca_file = mem_text(options->ca_file);
	place->bytes_per_second = options->bytes_per_second;
	place->patience_ms = options->patience_ms != 0 ? options->patience_ms : PATIENCE_MS;
	set_prefix(place, options->prefix);
	if (set_address(place, options) != 0 || load_keys(place, options->credentials) != 0) {
		store_s3_place_release(place);
		return NULL;
	}
	return place;
}

struct store_s3_place *
store_s3_place_hold(struct store_s3_place *place)
{
	atomic_fetch_add(&place->holders, 1);
	return place;
}

void
store_s3_place_release(struct store_s3_place *place)
{
	if (place == NULL || atomic_fetch_sub(&place->holders, 1) != 1)
		return;
	for (size_t i = 0; i < place->idle_count; i++)
		http_free(place->idle[i]);
	if (place->secret_key != NULL)
		OPENSSL_cleanse(place->secret_key, strlen(place->secret_key));
	char *const texts[] = { place->name, place->url, place->path, place->host, place->bucket,
		place->prefix, place->region, place->access_key, place->secret_key, place->session_token,
		place->ca_file };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	pthread_mutex_destroy(&place->lock);
	free(place);
}

struct http *
store_s3_connection_take(struct store_s3_place *place)
{
	struct http *http = NULL;

	pthread_mutex_lock(&place->lock);
	if (place->idle_count > 0)
		http = place->idle[--place->idle_count];
	pthread_mutex_unlock(&place->lock);
	if (http != NULL)
		return http;
	const struct http_options options = {
		.error_class = ERR_STORE,
		.ca_file = place->ca_file,
		.connect_ms = CONNECT_MS,
		.bytes_per_second =
			place->bytes_per_second > 0 ? place->bytes_per_second / STORE_S3_FLIGHT_SLOW + 1 : 0,
	};
	return http_open(&options);
}

void
store_s3_connection_give(struct store_s3_place *place, struct http *http)
{
	pthread_mutex_lock(&place->lock);
	if (place->idle_count < sizeof(place->idle) / sizeof(place->idle[0])) {
		place->idle[place->idle_count++] = http;
		http = NULL;
	}
	pthread_mutex_unlock(&place->lock);
	http_free(http);
}
