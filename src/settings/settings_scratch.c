/* The keys of [scratch]: servers for test restores. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/text.h"
#include "settings_keys.h"

/* Less than this, and a server does not start. */
#define LEAST_BYTES   ((uint64_t)128 << 20)
#define DEFAULT_BYTES ((uint64_t)512 << 20)

static int
parse_kind(const char *value, void *field)
{
	enum settings_scratch_kind *kind = field;

	if (strcmp(value, "docker") == 0)
		*kind = SETTINGS_SCRATCH_DOCKER;
	else if (strcmp(value, "cluster") == 0)
		*kind = SETTINGS_SCRATCH_CLUSTER;
	else
		return -1;
	return 0;
}

static int
parse_memory(const char *value, void *field)
{
	uint64_t bytes = 0;

	if (text_parse_bytes(value, &bytes) != 0 || bytes < LEAST_BYTES)
		return -1;
	*(uint64_t *)field = bytes;
	return 0;
}

static int
parse_directory(const char *value, void *field)
{
	char **directory = field;
	char *given = NULL;

	if (settings_parse_path(value, &given) != 0)
		return -1;
	free(*directory);
	*directory = given;
	return 0;
}

static int
parse_yes_or_no(const char *value, void *field)
{
	return text_parse_bool(value, field);
}

#define EXPECTED_PATH "an absolute path"

const struct settings_key settings_scratch_keys[] = {
	{ "kind", offsetof(struct settings_scratch, kind), parse_kind, "docker or cluster", false },
	{ "image", offsetof(struct settings_scratch, image), settings_parse_text, "an image's name or id",
		false },
	{ "memory", offsetof(struct settings_scratch, memory_bytes), parse_memory, "a size of 128MiB or more",
		false },
	{ "pg-bindir", offsetof(struct settings_scratch, pg_bindir), settings_parse_path, EXPECTED_PATH,
		false },
	{ "directory", offsetof(struct settings_scratch, directory), parse_directory, EXPECTED_PATH, false },
	{ "preload", offsetof(struct settings_scratch, preload), settings_parse_text,
		"libraries, with commas between", false },
	{ "after-backup", offsetof(struct settings_scratch, after_backup), parse_yes_or_no, "yes or no",
		false },
	{ NULL, 0, NULL, NULL, false },
};

void
settings_default_scratch(struct settings_scratch *scratch)
{
	*scratch =
		(struct settings_scratch){ .memory_bytes = DEFAULT_BYTES, .directory = mem_text("/var/tmp") };
}

void *
settings_begin_scratch(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->scratch;
}
