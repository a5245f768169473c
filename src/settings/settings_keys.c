/*
 * The sections and keys of the settings file, and how each value is read. A reader of values gets the text
 * between '=' and the end of the line, and never an empty one.
 */
#include "config.h"

#include "settings_keys.h"

#include <stdint.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/text.h"

#define NAME_CAPACITY 40

bool
settings_name_is_valid(const char *name)
{
	static const char alphanumeric[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	return len > 0 && len <= NAME_CAPACITY && strspn(name, alphanumeric) == len &&
	       strchr("._-", name[0]) == NULL;
}

int
settings_parse_text(const char *value, void *field)
{
	*(char **)field = mem_text(value);
	return 0;
}

static int
parse_name(const char *value, void *field)
{
	return settings_name_is_valid(value) ? settings_parse_text(value, field) : -1;
}

int
settings_parse_path(const char *value, void *field)
{
	return value[0] == '/' ? settings_parse_text(value, field) : -1;
}

static int
parse_conninfo(const char *value, void *field)
{
	return settings_has_password(value) ? -1 : settings_parse_text(value, field);
}

static int
parse_source_kind(const char *value, void *field)
{
	enum settings_source_kind *kind = field;

	if (strcmp(value, "docker") == 0)
		*kind = SETTINGS_DOCKER;
	else if (strcmp(value, "postgres") == 0)
		*kind = SETTINGS_POSTGRES;
	else
		return -1;
	return 0;
}

/* Codec and level in one word: its field is the whole section. */
static int
parse_compression(const char *value, void *field)
{
	struct settings_dump *dump = field;

	return frame_codec_parse(value, &dump->codec, &dump->level);
}

static int
parse_frame_size(const char *value, void *field)
{
	uint64_t bytes = 0;

	if (text_parse_bytes(value, &bytes) != 0 || bytes < FRAME_MIN_BYTES || bytes > FRAME_MAX_BYTES)
		return -1;
	*(uint32_t *)field = (uint32_t)bytes;
	return 0;
}

static int
parse_workers(const char *value, void *field)
{
	uint64_t workers = 0;

	if (text_parse_u64(value, &workers) != 0 || workers < 1 || workers > 64)
		return -1;
	*(unsigned *)field = (unsigned)workers;
	return 0;
}

int
settings_parse_yes_or_no(const char *value, void *field)
{
	return text_parse_bool(value, field);
}

/* PostgreSQL keeps lock_timeout in an int of milliseconds; 24 days are enough for the other one too. */
int
settings_parse_duration(const char *value, void *field)
{
	uint64_t ms = 0;

	if (text_parse_duration_ms(value, &ms) != 0 || ms > (uint64_t)24 * 24 * 60 * 60 * 1000)
		return -1;
	*(uint64_t *)field = ms;
	return 0;
}

static int
parse_percent(const char *value, void *field)
{
	char number[8];
	uint64_t percent = 0;
	size_t len = strlen(value);

	if (len < 2 || len > sizeof(number) || value[len - 1] != '%')
		return -1;
	memcpy(number, value, len - 1);
	number[len - 1] = '\0';
	if (text_parse_u64(number, &percent) != 0 || percent < 1 || percent > 100)
		return -1;
	*(unsigned *)field = (unsigned)percent;
	return 0;
}

static void *
begin_source(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->source;
}

static void *
begin_dump(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->dump;
}

#define EXPECTED_NAME     "letters, digits, '.', '_' and '-', at most 40, a letter or digit first"
#define EXPECTED_PATH     "an absolute path"
#define EXPECTED_DURATION "a duration of at most 24 days, as 90s, 5m, 6h or 2d; 0 means no limit"

static const struct settings_key source_keys[] = {
	{ "name", offsetof(struct settings_source, name), parse_name, EXPECTED_NAME, true },
	{ "kind", offsetof(struct settings_source, kind), parse_source_kind, "docker or postgres", true },
	{ "compose-project", offsetof(struct settings_source, compose_project), settings_parse_text, "a name",
		false },
	{ "compose-service", offsetof(struct settings_source, compose_service), settings_parse_text, "a name",
		false },
	{ "container", offsetof(struct settings_source, container), settings_parse_text, "a name or id",
		false },
	{ "user", offsetof(struct settings_source, user), settings_parse_text, "a role", false },
	{ "docker-socket", offsetof(struct settings_source, docker_socket), settings_parse_path,
		EXPECTED_PATH, false },
	{ "env-file", offsetof(struct settings_source, env_file), settings_parse_path, EXPECTED_PATH, false },
	{ "conninfo", offsetof(struct settings_source, conninfo), parse_conninfo,
		"free of passwords, which belong into a pass file (~/.pgpass, or passfile=)", false },
	{ "pg-bindir", offsetof(struct settings_source, pg_bindir), settings_parse_path, EXPECTED_PATH,
		false },
	{ NULL, 0, NULL, NULL, false },
};

static const struct settings_key dump_keys[] = {
	{ "compression", 0, parse_compression, "zstd:LEVEL (1 to 19) or gzip:LEVEL (1 to 9)", false },
	{ "frame-size", offsetof(struct settings_dump, frame_bytes), parse_frame_size,
		"a size from 64KiB to 256MiB", false },
	{ "workers", offsetof(struct settings_dump, workers), parse_workers, "a number from 1 to 64", false },
	{ "verify-frames", offsetof(struct settings_dump, verify_frames), settings_parse_yes_or_no,
		"yes or no", false },
	{ "lock-timeout", offsetof(struct settings_dump, lock_timeout_ms), settings_parse_duration,
		EXPECTED_DURATION, false },
	{ "time-limit", offsetof(struct settings_dump, time_limit_ms), settings_parse_duration,
		EXPECTED_DURATION, false },
	{ "max-shrink", offsetof(struct settings_dump, max_shrink), parse_percent, "a share from 1% to 100%",
		false },
	{ "may-shrink", offsetof(struct settings_dump, may_shrink), settings_parse_text,
		"tables, as app.public.sessions or app.public.log_*", false },
	{ NULL, 0, NULL, NULL, false },
};

const struct settings_section settings_sections[] = {
	{ "source", false, source_keys, begin_source },
	{ "dump", false, dump_keys, begin_dump },
	{ "store", true, settings_store_keys, settings_begin_store },
	{ "identity", false, settings_identity_keys, settings_begin_identity },
	{ "files", true, settings_files_keys, settings_begin_files },
	{ "droplet", false, settings_droplet_keys, settings_begin_droplet },
	{ "scratch", false, settings_scratch_keys, settings_begin_scratch },
	{ "keep", SETTINGS_MAY_BE_NAMED, settings_keep_keys, settings_begin_keep },
	{ "status", false, settings_status_keys, settings_begin_status },
	{ "notify", false, settings_notify_keys, settings_begin_notify },
	{ NULL, false, NULL, NULL },
};
