/*
 * Recipients: X25519 keys by their text. What is another kind of recipient is refused by the name of its
 * kind, so that nobody believes that it was encrypted to.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "age_inside.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"

#define FILE_LIMIT ((size_t)1 << 20)

struct recipient {
	unsigned char key[AGE_KEY_BYTES];
	char text[AGE_KEY_TEXT];
};

struct age_recipients {
	struct recipient *items;
	size_t count, capacity;
};

struct age_recipients *
age_recipients_new(void)
{
	return mem_zero(sizeof(struct age_recipients));
}

void
age_recipients_free(struct age_recipients *recipients)
{
	if (recipients == NULL)
		return;
	free(recipients->items);
	free(recipients);
}

/* Refuses a text by what it seems to be. A secret that stands in the wrong place is not repeated. */
static int
refuse(const char *text, const char *where)
{
	static const char only[] = "only X25519 recipients are supported (age1 and 58 characters behind it)";
	const char *one = strrchr(text, '1');

	if (strncasecmp(text, "AGE-SECRET-KEY-", 15) == 0 || strncmp(text, "AGE-PLUGIN-", 11) == 0) {
		error_set(ERR_KEYS, "%s: a secret key stands where a recipient belongs", where);
		return error_hint(
			"Take it out, and put the recipient there: `age-keygen -y FILE` prints it.");
	}
	if (text_starts(text, "age1pq1"))
		return error_set(ERR_KEYS, "%s: '%.24s…' is a post-quantum recipient; %s", where, text, only);
	if (text_starts(text, "age1") && one > text + 4)
		return error_set(ERR_KEYS, "%s: '%s' is a recipient of the plugin '%.*s'; %s", where, text,
			(int)(one - text - 4), text + 4, only);
	if (text_starts(text, "ssh-") || text_starts(text, "ecdsa-"))
		return error_set(ERR_KEYS, "%s: '%.24s' is an ssh key; %s", where, text, only);
	if (text_starts(text, "age1"))
		return error_set(ERR_KEYS, "%s: '%s' is not a recipient: it was not copied whole and right",
			where, text);
	return error_set(ERR_KEYS, "%s: '%s' is not a recipient; %s", where, text, only);
}

int
age_recipients_add(struct age_recipients *recipients, const char *text, const char *where)
{
	struct recipient new = { .text = "" };

	if (strlen(text) >= AGE_KEY_TEXT || age_bech32_decode("age", text, new.key) != 0)
		return refuse(text, where);
	for (size_t i = 0; i < recipients->count; i++)
		if (memcmp(recipients->items[i].key, new.key, AGE_KEY_BYTES) == 0)
			return 0;
	memcpy(new.text, text, strlen(text) + 1);
	MEM_GROW(recipients->items, recipients->count, recipients->capacity);
	recipients->items[recipients->count++] = new;
	return 0;
}

/* Adds the recipient of a line, if it has one: *found is raised then. The line is changed. */
static int
add_line(struct age_recipients *recipients, char *line, const char *path, size_t number, size_t *found)
{
	size_t len = strlen(line);
	char *where;
	int rc;

	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		line[--len] = '\0';
	if (len == 0 || line[0] == '#')
		return 0;
	(*found)++;
	where = mem_format("%s:%zu", path, number);
	rc = age_recipients_add(recipients, line, where);
	free(where);
	return rc;
}

int
age_recipients_add_file(struct age_recipients *recipients, const char *path)
{
	struct buf text = BUF_EMPTY;
	size_t number = 0, found = 0;
	int rc = file_read(path, FILE_LIMIT, ERR_KEYS, &text);

	if (rc == FILE_MISSING)
		rc = error_set(ERR_KEYS, "there is no file of recipients '%s'", path);
	for (char *line = text.bytes; rc == 0 && line != NULL;) {
		char *newline = strchr(line, '\n');

		if (newline != NULL)
			*newline = '\0';
		rc = add_line(recipients, line, path, ++number, &found);
		line = newline != NULL ? newline + 1 : NULL;
	}
	if (rc == 0 && found == 0)
		rc = error_set(ERR_KEYS, "there is no recipient in '%s'", path);
	buf_clear(&text);
	return rc;
}

size_t
age_recipients_count(const struct age_recipients *recipients)
{
	return recipients->count;
}

const char *
age_recipients_text(const struct age_recipients *recipients, size_t index)
{
	return recipients->items[index].text;
}

const unsigned char *
age_recipients_key(const struct age_recipients *recipients, size_t index)
{
	return recipients->items[index].key;
}
