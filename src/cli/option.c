/* Options, from argv into a struct. Names are written out in full: a script that says --data today must not
 * break when --database gets a sister. */
#include "config.h"

#include "option.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#define TABLES    (sizeof(((struct option_reader *)NULL)->tables) / sizeof(struct option_row *))
#define NAMES_MAX 64

/* The row for the name of that length; NULL when no table has it. */
static const struct option_row *
find_row(const struct option_reader *reader, const char *name, size_t len)
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct option_row *row = reader->tables[i]; row != NULL && row->name != NULL;
			row++)
			if (strlen(row->name) == len && memcmp(row->name, name, len) == 0)
				return row;
	return NULL;
}

static int
refuse_unknown(const struct option_reader *reader, const char *word)
{
	const char *names[NAMES_MAX + 1] = { NULL };
	size_t count = 0;

	error_set(ERR_USAGE, "unknown option '%s'", word);
	if (word[1] != '-')
		return error_hint("Options are written out, as in --help.");
	for (size_t i = 0; i < TABLES; i++)
		for (const struct option_row *row = reader->tables[i]; row != NULL && row->name != NULL;
			row++)
			if (row->summary != NULL && count < NAMES_MAX)
				names[count++] = row->name;
	char *name = mem_text_n(word + 2, strcspn(word + 2, "="));
	const char *nearest = text_nearest(name, names);
	if (nearest != NULL)
		error_hint("Did you mean '--%s'?", nearest);
	else
		error_hint("`incant-backup help COMMAND` shows a command's options.");
	free(name);
	return -1;
}

static int
put_text(const struct option_row *row, const char *value, const char **field)
{
	if (*field != NULL)
		return error_set(ERR_USAGE, "option '--%s' is given twice", row->name);
	*field = value;
	return 0;
}

/* value NULL = none was said. */
static int
put_value(const struct option_row *row, const char *value, void *field)
{
	struct option_texts *texts = field;

	switch (row->kind) {
	case OPTION_FLAG:
		if (value != NULL)
			return error_set(ERR_USAGE, "option '--%s' takes no value", row->name);
		*(bool *)field = true;
		return 0;
	case OPTION_OPTIONAL:
		return put_text(row, value != NULL ? value : "", field);
	case OPTION_TEXT:
	case OPTION_TEXTS:
		break;
	}
	if (value == NULL || value[0] == '\0')
		return error_set(ERR_USAGE, "option '--%s' needs a value: %s", row->name, row->value);
	if (row->kind == OPTION_TEXT)
		return put_text(row, value, field);
	MEM_GROW(texts->items, texts->count, texts->capacity);
	texts->items[texts->count++] = value;
	return 0;
}

/* An option at reader->at, and its value where that is the next word. */
static int
take_option(struct option_reader *reader)
{
	const char *word = reader->argv[reader->at++];
	size_t len = strcspn(word, "=");
	const struct option_row *row = word[1] == '-' ? find_row(reader, word + 2, len - 2) : NULL;
	const char *value = word[len] == '=' ? word + len + 1 : NULL;

	if (row == NULL)
		return refuse_unknown(reader, word);
	if (value == NULL && (row->kind == OPTION_TEXT || row->kind == OPTION_TEXTS) &&
		reader->at < reader->argc)
		value = reader->argv[reader->at++];
	return put_value(row, value, (char *)reader->fields + row->offset);
}

int
option_next(struct option_reader *reader, const char **operand)
{
	while (reader->at < reader->argc) {
		const char *word = reader->argv[reader->at];

		if (!reader->ended && strcmp(word, "--") == 0) {
			reader->ended = true;
			reader->at++;
		} else if (!reader->ended && word[0] == '-' && word[1] != '\0') {
			if (take_option(reader) != 0)
				return -1;
		} else {
			*operand = word;
			reader->at++;
			return 1;
		}
	}
	return OPTION_END;
}

bool
option_is_ahead(const struct option_reader *reader, const char *name)
{
	for (int i = reader->at; i < reader->argc && !reader->ended; i++) {
		if (strcmp(reader->argv[i], "--") == 0)
			return false;
		if (text_starts(reader->argv[i], "--") && strcmp(reader->argv[i] + 2, name) == 0)
			return true;
	}
	return false;
}

void
option_write(const struct option_row *row, struct buf *text)
{
	buf_append_format(text, "--%s", row->name);
	if (row->kind == OPTION_OPTIONAL)
		buf_append_format(text, "[=%s]", row->value);
	else if (row->kind != OPTION_FLAG)
		buf_append_format(text, " %s", row->value);
}
