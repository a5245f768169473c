/* [files NAME]: application files that are kept beside the dump. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "settings_keys.h"

enum { COMMAND_LIMIT_MS = 60 * 1000 };

static void
words_add(struct settings_words *words, char *word)
{
	words->items = mem_resize(words->items, words->count + 2, sizeof(*words->items));
	words->items[words->count++] = word;
	words->items[words->count] = NULL;
}

void
settings_words_clear(struct settings_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct settings_words){ NULL, 0 };
}

/* Patterns, with white space between them but where a backslash stands in front of it. */
static int
parse_patterns(const char *value, void *field)
{
	while (*value != '\0') {
		size_t len = 0;

		while (value[len] != '\0' && strchr(" \t", value[len]) == NULL)
			len += value[len] == '\\' && value[len + 1] != '\0' ? 2 : 1;
		words_add(field, mem_text_n(value, len));
		value += len;
		value += strspn(value, " \t");
	}
	return 0;
}

/* One word of a command, its quotes and backslashes taken away. The place behind it, NULL for an open quote.
 */
static const char *
take_word(const char *value, char *word)
{
	char quote = '\0';

	for (; *value != '\0' && (quote != '\0' || strchr(" \t", *value) == NULL); value++) {
		if (quote == '\0' && (*value == '"' || *value == '\''))
			quote = *value;
		else if (quote != '\0' && *value == quote)
			quote = '\0';
		else if (*value == '\\' && quote != '\'' && value[1] != '\0')
			*word++ = *++value;
		else
			*word++ = *value;
	}
	*word = '\0';
	return quote == '\0' ? value : NULL;
}

/* A program and its arguments; there is no shell. */
int
settings_parse_command(const char *value, void *field)
{
	while (value != NULL && *value != '\0') {
		char *word = mem_alloc(strlen(value) + 1);

		value = take_word(value, word);
		words_add(field, word);
		if (value != NULL)
			value += strspn(value, " \t");
	}
	return value != NULL ? 0 : -1;
}

static int
parse_secret(const char *value, void *field)
{
	bool secret = false;

	if (settings_parse_yes_or_no(value, &secret) != 0)
		return -1;
	*(enum settings_secret *)field = secret ? SETTINGS_SECRET_YES : SETTINGS_SECRET_NO;
	return 0;
}

#define EXPECTED_COMMAND "a program and its arguments, in quotes where they hold blanks"

const struct settings_key settings_files_keys[] = {
	{ "path", offsetof(struct settings_files, path), settings_parse_path, "an absolute path", true },
	{ "exclude", offsetof(struct settings_files, excludes), parse_patterns,
		"shell patterns with blanks between them", false },
	{ "one-file-system", offsetof(struct settings_files, one_file_system), settings_parse_yes_or_no,
		"yes or no", false },
	{ "secret", offsetof(struct settings_files, secret), parse_secret, "yes or no", false },
	{ "before", offsetof(struct settings_files, before), settings_parse_command, EXPECTED_COMMAND,
		false },
	{ "after", offsetof(struct settings_files, after), settings_parse_command, EXPECTED_COMMAND, false },
	{ "command-limit", offsetof(struct settings_files, command_limit_ms), settings_parse_duration,
		"a duration, as 90s or 5m; 0 means no limit", false },
	{ NULL, 0, NULL, NULL, false },
};

void *
settings_begin_files(struct settings *settings, const char *name)
{
	MEM_GROW(settings->files, settings->files_count, settings->files_capacity);
	struct settings_files *files = &settings->files[settings->files_count++];
	*files = (struct settings_files){
		.name = mem_text(name),
		.one_file_system = true,
		.command_limit_ms = COMMAND_LIMIT_MS,
	};
	return files;
}

int
settings_check_files(const struct settings *settings)
{
	for (size_t i = 0; i < settings->files_count; i++)
		if (strchr(settings->files[i].name, '.') != NULL)
			return error_set(ERR_SETTINGS,
				"%s: the name in [files %s] has a dot, which names "
				"of files sections must not have",
				settings->path, settings->files[i].name);
	return 0;
}

void
settings_free_files(struct settings *settings)
{
	for (size_t i = 0; i < settings->files_count; i++) {
		struct settings_files *files = &settings->files[i];

		free(files->name);
		free(files->path);
		settings_words_clear(&files->excludes);
		settings_words_clear(&files->before);
		settings_words_clear(&files->after);
	}
	free(settings->files);
}
