/*
 * The keys of [store NAME], and what they must agree on: each kind of store has keys of its own, and one of
 * another kind is refused rather than passed over.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "settings_keys.h"

#define BUCKET_CAPACITY 63
#define PREFIX_CAPACITY 200
#define PATIENCE_MS     UINT64_C(120000)

static int
parse_kind(const char *value, void *field)
{
	enum store_kind *kind = field;

	if (strcmp(value, "directory") == 0)
		*kind = STORE_DIRECTORY;
	else if (strcmp(value, "s3") == 0)
		*kind = STORE_S3;
	else
		return -1;
	return 0;
}

static int
parse_endpoint(const char *value, void *field)
{
	return store_endpoint_problem(value) == NULL ? settings_parse_text(value, field) : -1;
}

static int
parse_word(const char *value, void *field)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(value);

	if (len > BUCKET_CAPACITY || strspn(value, letters) != len || strchr("._-", value[0]) != NULL)
		return -1;
	return settings_parse_text(value, field);
}

static int
parse_prefix(const char *value, void *field)
{
	size_t len = strlen(value);
	char *alone = mem_text_n(value, len > 0 && value[len - 1] == '/' ? len - 1 : len);
	int rc =
		len <= PREFIX_CAPACITY && store_name_is_valid(alone) ? settings_parse_text(alone, field) : -1;

	free(alone);
	return rc;
}

static int
parse_address_style(const char *value, void *field)
{
	*(bool *)field = strcmp(value, "host") == 0;
	return strcmp(value, "host") == 0 || strcmp(value, "path") == 0 ? 0 : -1;
}

static int
parse_rate(const char *value, void *field)
{
	uint64_t bytes = 0;

	if (text_parse_bytes(value, &bytes) != 0 || bytes < 16 * 1024)
		return -1;
	*(uint64_t *)field = bytes;
	return 0;
}

static int
parse_patience(const char *value, void *field)
{
	uint64_t ms = 0;

	if (text_parse_duration_ms(value, &ms) != 0 || ms < 1000 || ms > (uint64_t)24 * 60 * 60 * 1000)
		return -1;
	*(uint64_t *)field = ms;
	return 0;
}

#define FIELD(name) offsetof(struct settings_store, name)

const struct settings_key settings_store_keys[] = {
	{ "kind", FIELD(kind), parse_kind, "directory or s3", true },
	{ "path", FIELD(path), settings_parse_path, "an absolute path", false },
	{ "endpoint", FIELD(endpoint), parse_endpoint,
		"https:// and a host, as https://nyc3.digitaloceanspaces.com; http:// is for this machine "
		"only",
		false },
	{ "region", FIELD(region), parse_word, "a region's name", false },
	{ "bucket", FIELD(bucket), parse_word,
		"a bucket's name: letters, digits, '.', '_' and '-', at most 63", false },
	{ "prefix", FIELD(prefix), parse_prefix,
		"letters, digits, '.', '_', '-', and '/' between, at most 200", false },
	{ "credentials", FIELD(credentials), settings_parse_path, "an absolute path", false },
	{ "ca-file", FIELD(ca_file), settings_parse_path, "an absolute path", false },
	{ "address-style", FIELD(host_style), parse_address_style, "path or host", false },
	{ "rate-limit", FIELD(rate_limit_bytes), parse_rate, "a size a second, at least 16KiB", false },
	{ "patience", FIELD(patience_ms), parse_patience, "a duration from 1s to 24h", false },
	{ "encrypt-to", offsetof(struct settings_store, encrypt_to), settings_parse_recipients,
		"recipients (age1…) or absolute paths of files of them, with blanks between", false },
	{ NULL, 0, NULL, NULL, false },
};

void *
settings_begin_store(struct settings *settings, const char *name)
{
	MEM_GROW(settings->stores, settings->store_count, settings->store_capacity);
	struct settings_store *store = &settings->stores[settings->store_count++];
	*store = (struct settings_store){ .name = mem_text(name), .patience_ms = PATIENCE_MS };
	return store;
}

/* A key that the store's kind does not have. Always -1. */
static int
refuse_foreign(const struct settings *settings, const struct settings_store *store, const char *key,
	const char *kind)
{
	return error_set(ERR_SETTINGS, "%s: [store %s] has '%s', which is for kind = %s only", settings->path,
		store->name, key, kind);
}

static int
refuse_missing(const struct settings *settings, const struct settings_store *store, const char *key,
	const char *kind, const char *example)
{
	error_set(ERR_SETTINGS, "%s: [store %s] with kind = %s needs '%s'", settings->path, store->name, kind,
		key);
	return error_hint("For instance: %s = %s", key, example);
}

static int
check_directory(const struct settings *settings, const struct settings_store *store)
{
	const struct {
		const char *key;
		bool given;
	} foreign[] = {
		{ "endpoint", store->endpoint != NULL },
		{ "region", store->region != NULL },
		{ "bucket", store->bucket != NULL },
		{ "prefix", store->prefix != NULL },
		{ "credentials", store->credentials != NULL },
		{ "ca-file", store->ca_file != NULL },
		{ "address-style", store->host_style },
		{ "rate-limit", store->rate_limit_bytes != 0 },
		{ "patience", store->patience_ms != PATIENCE_MS },
	};

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (foreign[i].given)
			return refuse_foreign(settings, store, foreign[i].key, "s3");
	if (store->path == NULL)
		return refuse_missing(settings, store, "path", "directory", "/var/backups/incant");
	return 0;
}

static int
check_s3(const struct settings *settings, const struct settings_store *store)
{
	if (store->path != NULL)
		return refuse_foreign(settings, store, "path", "directory");
	if (store->endpoint == NULL)
		return refuse_missing(
			settings, store, "endpoint", "s3", "https://nyc3.digitaloceanspaces.com");
	if (store->bucket == NULL)
		return refuse_missing(settings, store, "bucket", "s3", "incant-prod");
	return 0;
}

int
settings_check_stores(const struct settings *settings)
{
	for (size_t i = 0; i < settings->store_count; i++) {
		const struct settings_store *store = &settings->stores[i];

		if ((store->kind == STORE_S3 ? check_s3 : check_directory)(settings, store) != 0)
			return -1;
	}
	return 0;
}
