/*
 * What the settings say of encryption: whom stores are encrypted to, and where the identity is that reads
 * them. What a recipient is, age/ knows: here it is a word.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "settings_keys.h"

int
settings_parse_recipients(const char *value, void *field)
{
	static const char blanks[] = " \t";
	struct settings_texts *texts = field;

	for (const char *at = value + strspn(value, blanks); *at != '\0'; at += strspn(at, blanks)) {
		size_t len = strcspn(at, blanks);

		settings_add_text(texts, at, len);
		at += len;
	}
	return SETTINGS_MORE;
}

void
settings_add_text(struct settings_texts *texts, const char *text, size_t len)
{
	MEM_GROW(texts->items, texts->count, texts->capacity);
	texts->items[texts->count++] = mem_text_n(text, len);
}

void
settings_clear_texts(struct settings_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
	*texts = (struct settings_texts){ NULL, 0, 0 };
}

void *
settings_begin_identity(struct settings *settings, const char *name)
{
	(void)name;
	return &settings->identity;
}

const struct settings_key settings_identity_keys[] = {
	{ "file", offsetof(struct settings_identity, file), settings_parse_path, "an absolute path", true },
	{ "passphrase-file", offsetof(struct settings_identity, passphrase_file), settings_parse_path,
		"an absolute path", false },
	{ NULL, 0, NULL, NULL, false },
};
