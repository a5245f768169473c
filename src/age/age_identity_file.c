/*
 * Identity files: text with a key a line, or an age file around such text that a passphrase opens.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/secret.h"

#define FILE_LIMIT       ((size_t)256 << 10)
#define PASSPHRASE_LIMIT ((size_t)4 << 10)

/* Adds the identities of a text. The text is changed. 0 or -1. */
static int
add_lines(struct age_identities *identities, char *text, const char *path)
{
	size_t number = 0, before = age_identities_count(identities);
	int rc = 0;

	for (char *line = text; rc == 0 && line != NULL;) {
		char *newline = strchr(line, '\n');
		char *next = newline != NULL ? newline + 1 : NULL;
		size_t len = newline != NULL ? (size_t)(newline - line) : strlen(line);

		number++;
		while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
			len--;
		line[len] = '\0';
		if (len > 0 && line[0] != '#') {
			char *where = mem_format("%s:%zu", path, number);
			rc = age_identities_add(identities, line, where);
			free(where);
		}
		line = next;
	}
	if (rc == 0 && age_identities_count(identities) == before)
		rc = error_set(ERR_KEYS, "there is no identity in '%s'", path);
	return rc;
}

/* Whether an identity file in age's form is for a passphrase. 0 or -1. */
static int
check_for_passphrase(const struct buf *file, const char *path)
{
	struct input *input = input_memory_new(path, file->bytes, file->len);
	struct buf text = BUF_EMPTY;
	struct age_header header;
	int rc = age_header_read(input, &text, &header);

	if (rc == 0 && strcmp(header.stanzas[0].args[0], "scrypt") != 0) {
		char *types = age_header_types(&header);
		rc = error_set(ERR_KEYS,
			"'%s' is encrypted to a recipient (%s); only a passphrase can be asked for", path,
			types);
		free(types);
	}
	age_header_clear(&header);
	buf_clear(&text);
	input_free(input);
	return rc;
}

/* Opens an age file in memory with a passphrase. Appends its plain bytes, for which there is room. */
static int
open_with(const char *passphrase, const struct buf *file, const char *path, struct buf *plain)
{
	struct age_identities *one = age_identities_new();
	struct input *input;
	int rc;

	age_identities_add_passphrase(one, passphrase);
	input = age_decrypt_new(input_memory_new(path, file->bytes, file->len), one);
	age_identities_free(one);
	if (input == NULL && error_get()->class == ERR_KEYS)
		return error_set(ERR_KEYS, "the passphrase given does not open '%s'", path);
	if (input == NULL)
		return -1;
	buf_reserve(plain, (size_t)input->size_bytes);
	rc = input_read(input, 0, plain->bytes, (size_t)input->size_bytes);
	if (rc == 0) {
		plain->len = (size_t)input->size_bytes;
		plain->bytes[plain->len] = '\0';
	}
	input_free(input);
	return rc;
}

static int
add_protected(struct age_identities *identities, const struct buf *file, const char *path,
	const struct age_asker *asker)
{
	struct buf passphrase = BUF_EMPTY, plain = BUF_EMPTY;
	int rc = check_for_passphrase(file, path);

	if (rc == 0 && asker == NULL)
		rc = error_set(ERR_KEYS, "'%s' is protected by a passphrase, and there is none", path);
	buf_reserve(&passphrase, PASSPHRASE_LIMIT);
	if (rc == 0)
		rc = asker->ask(asker->context, path, &passphrase);
	if (rc == 0)
		rc = open_with(buf_text(&passphrase), file, path, &plain);
	if (rc == 0)
		rc = add_lines(identities, plain.bytes, path);
	secret_clear(&passphrase);
	secret_clear(&plain);
	return rc;
}

/* Reads an identity file that only its owner can read. 0 or -1 with ERR_KEYS. */
static int
read_file(const char *path, struct buf *text)
{
	int rc;

	if (!file_exists(path)) {
		error_set(ERR_KEYS, "there is no identity file '%s'", path);
		return error_hint("`incant-backup keygen --output FILE` makes one; a backup needs only its "
				  "recipient, so it can be kept elsewhere.");
	}
	if (file_check_private(path) != 0)
		return error_reclass(ERR_KEYS);
	/* Room for all of it from the start: a buf that grows leaves copies behind. */
	buf_reserve(text, FILE_LIMIT + 1);
	rc = file_read(path, FILE_LIMIT, ERR_KEYS, text);
	return rc == 0 ? 0 : error_reclass(ERR_KEYS);
}

int
age_identities_add_file(struct age_identities *identities, const char *path, const struct age_asker *asker)
{
	struct buf text = BUF_EMPTY, decoded = BUF_EMPTY;
	int rc = read_file(path, &text);

	if (rc == 0 && age_armor_is(text.bytes, text.len)) {
		rc = age_armor_decode(text.bytes, text.len, path, &decoded);
		if (rc == 0)
			rc = add_protected(identities, &decoded, path, asker);
	} else if (rc == 0 && age_is_age(text.bytes, text.len)) {
		rc = add_protected(identities, &text, path, asker);
	} else if (rc == 0) {
		rc = add_lines(identities, text.bytes, path);
	}
	if (rc != 0 && error_get()->class == ERR_DAMAGED)
		error_reclass(ERR_KEYS);
	buf_clear(&decoded);
	secret_clear(&text);
	return rc;
}
