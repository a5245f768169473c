/* [status] and [notify]: how old things may become, and who is told how a run went. */
#include "config.h"

#include <stdlib.h>

#include "incant/text.h"
#include "settings_keys.h"

enum { MAX_AGE_MS = 26 * 60 * 60 * 1000, NOTIFY_LIMIT_MS = 30 * 1000 };

static int
parse_url(const char *value, void *field)
{
	return text_starts(value, "https://") || text_starts(value, "http://")
		       ? settings_parse_text(value, field)
		       : -1;
}

#define EXPECTED_AGE "a duration, as 26h or 8d; 0 means any age"
#define EXPECTED_URL "an address with http:// or https:// in front"

const struct settings_key settings_status_keys[] = {
	{ "max-age", offsetof(struct settings_status, max_age_ms), settings_parse_duration, EXPECTED_AGE,
		false },
	{ "max-proof-age", offsetof(struct settings_status, max_proof_age_ms), settings_parse_duration,
		EXPECTED_AGE, false },
	{ NULL, 0, NULL, NULL, false },
};

const struct settings_key settings_notify_keys[] = {
	{ "ping", offsetof(struct settings_notify, ping), parse_url, EXPECTED_URL, false },
	{ "webhook", offsetof(struct settings_notify, webhook), parse_url, EXPECTED_URL, false },
	{ "command", offsetof(struct settings_notify, command), settings_parse_command,
		"a program and its arguments, in quotes where they hold blanks", false },
	{ "metrics", offsetof(struct settings_notify, metrics), settings_parse_path, "an absolute path",
		false },
	{ "time-limit", offsetof(struct settings_notify, time_limit_ms), settings_parse_duration,
		"a duration, as 30s; 0 means no limit", false },
	{ NULL, 0, NULL, NULL, false },
};

void
settings_default_watch(struct settings *settings)
{
	settings->status.max_age_ms = MAX_AGE_MS;
	settings->notify.time_limit_ms = NOTIFY_LIMIT_MS;
}

void *
settings_begin_status(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->status;
}

void *
settings_begin_notify(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->notify;
}

void
settings_free_watch(struct settings *settings)
{
	free(settings->notify.ping);
	free(settings->notify.webhook);
	free(settings->notify.metrics);
	settings_words_clear(&settings->notify.command);
}
