/* The keys of [droplet]: which droplet this machine is, and where its account answers. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/cloud_digitalocean.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "settings_keys.h"

#define KEEP_MAX 1000

static int
parse_id(const char *value, void *field)
{
	uint64_t id = 0;

	if (strcmp(value, "auto") == 0)
		return 0;
	return text_parse_u64(value, &id) == 0 && id > 0 && id <= INT64_MAX
		       ? settings_parse_text(value, field)
		       : -1;
}

static int
parse_api(const char *value, void *field)
{
	char **api = field;

	if (!cloud_api_is_valid(value))
		return -1;
	free(*api);
	*api = mem_text(value);
	return 0;
}

static int
parse_keep(const char *value, void *field)
{
	uint64_t keep = 0;

	if (text_parse_u64(value, &keep) != 0 || keep < 1 || keep > KEEP_MAX)
		return -1;
	*(unsigned *)field = (unsigned)keep;
	return 0;
}

/* A limit that is one: nothing here waits for ever. */
static int
parse_limit(const char *value, void *field)
{
	uint64_t ms = 0;

	if (settings_parse_duration(value, &ms) != 0 || ms < 1000)
		return -1;
	*(uint64_t *)field = ms;
	return 0;
}

const struct settings_key settings_droplet_keys[] = {
	{ "id", offsetof(struct settings_droplet, id), parse_id, "a droplet's number, or auto", false },
	{ "token-file", offsetof(struct settings_droplet, token_file), settings_parse_path,
		"an absolute path", false },
	{ "api", offsetof(struct settings_droplet, api), parse_api,
		"an https address without a '/' at its end", false },
	{ "keep", offsetof(struct settings_droplet, keep), parse_keep, "a number from 1 to 1000", false },
	{ "time-limit", offsetof(struct settings_droplet, time_limit_ms), parse_limit,
		"a duration from 1s to 24 days, as 90m or 2h", false },
	{ NULL, 0, NULL, NULL, false },
};

void
settings_default_droplet(struct settings_droplet *droplet)
{
	*droplet = (struct settings_droplet){
		.api = mem_text(CLOUD_API), .keep = 4, .time_limit_ms = 2 * 60 * 60 * 1000
	};
}

void *
settings_begin_droplet(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->droplet;
}
