#include "config.h"

#include "incant/restore_rename.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/digest.h"
#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * A statement is read from its first token on until it is clear where its names of databases stand, or that
 * it has none. Most statements are given up after the first or second token. pg_dump (dumpDatabase,
 * dumpDatabaseConfig, buildACLCommands) writes each of these statements in one form.
 */

#define BESIDE       "_incant_"
#define BEFORE       "_before_"
#define DIGEST_BYTES 9 /* '~' and eight digits */

/* A statement that is being read. */
struct reader {
	const char *at;
	struct restore_token token; /* the last one read */
};

static const struct restore_token *
read_token(struct reader *reader)
{
	restore_token_clear(&reader->token);
	restore_token_next(&reader->at, &reader->token);
	return &reader->token;
}

/* Reads on until the words "on database" or "in database" are behind. An "on" that another word follows is
 * not the last: SECURITY LABEL FOR "on" ON …. */
static bool
find_database(struct reader *reader, const char *preposition)
{
	bool said = false;
	while (reader->token.kind != RESTORE_END) {
		const struct restore_token *token = read_token(reader);
		if (said && restore_token_is(token, "database"))
			return true;
		said = restore_token_is(token, preposition);
	}
	return false;
}

static bool
is_one_of(const struct restore_token *token, const char *const *words)
{
	for (; *words != NULL; words++)
		if (restore_token_is(token, *words))
			return true;
	return false;
}

/* Reads up to where the first name of a database must come. False: this statement has none. */
static bool
find_names(struct reader *reader)
{
	static const char *const makers[] = { "create", "alter", "drop", NULL };
	static const char *const rights[] = { "grant", "revoke", NULL };
	static const char *const people[] = { "role", "user", NULL };
	const struct restore_token *token = read_token(reader);
	bool alters = restore_token_is(token, "alter");
	if (is_one_of(token, makers)) {
		if (restore_token_is(read_token(reader), "database"))
			return true;
		return alters && is_one_of(&reader->token, people) && find_database(reader, "in");
	}
	if (restore_token_is(token, "comment"))
		return restore_token_is(read_token(reader), "on") &&
		       restore_token_is(read_token(reader), "database");
	if (restore_token_is(token, "security"))
		return restore_token_is(read_token(reader), "label") && find_database(reader, "on");
	return is_one_of(token, rights) && find_database(reader, "on");
}

static const struct restore_name *
find_name(const struct restore_name *names, size_t count, const char *database)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(names[i].database, database))
			return &names[i];
	return NULL;
}

const char *
restore_rename_find(const struct restore_name *names, size_t count, const char *database)
{
	const struct restore_name *name = find_name(names, count, database);
	return name != NULL ? name->as : database;
}

char *
restore_rename_statement(const struct restore_name *names, size_t count, const char *statement)
{
	struct reader reader = { .at = statement, .token = { .kind = RESTORE_OTHER } };
	struct buf renamed = BUF_EMPTY;
	const char *copied = statement; /* what stands before it is in renamed */
	bool more = count > 0 && find_names(&reader);
	while (more) {
		const struct restore_token *token = read_token(&reader);
		const struct restore_name *name = find_name(names, count, token->name);
		if (token->name != NULL && name != NULL) {
			char *quoted = pg_quote_identifier(name->as);
			buf_append(&renamed, copied, (size_t)(token->at - copied));
			buf_append_text(&renamed, quoted);
			copied = token->at + token->len;
			free(quoted);
		}
		token = read_token(&reader);
		more = token->kind == RESTORE_OTHER && *token->at == ',';
	}
	restore_token_clear(&reader.token);
	if (copied == statement)
		return NULL;
	buf_append_text(&renamed, copied);
	return buf_take(&renamed);
}

/* Names. */

/* The longest beginning of name that is at most that long and does not end inside a UTF-8 character. */
static size_t
cut_at_character(const char *name, size_t len)
{
	bool utf8 = text_utf8_valid(name, strlen(name)) == strlen(name);
	while (utf8 && len > 0 && ((unsigned char)name[len] & 0xC0) == 0x80)
		len--;
	return len;
}

static char *
make_name(const char *database, const char *between, const char *id)
{
	size_t room = RESTORE_NAME_BYTES - strlen(between) - strlen(id);
	if (strlen(database) <= room)
		return mem_format("%s%s%s", database, between, id);
	size_t len = cut_at_character(database, room - DIGEST_BYTES);
	unsigned digest = (unsigned)(digest_xxh64(database, strlen(database)) & 0xffffffffu);
	return mem_format("%.*s~%08x%s%s", (int)len, database, digest, between, id);
}

char *
restore_rename_beside(const char *database, const char *id)
{
	return make_name(database, BESIDE, id);
}

char *
restore_rename_before(const char *database, const char *id)
{
	return make_name(database, BEFORE, id);
}

/* Whether text is like 20261122T030000Z or 20261122T030000Z-2. */
static bool
is_like_id(const char *text)
{
	static const char form[] = "dddddddd-dddddd-";
	for (size_t i = 0; form[i] != '\0'; i++) {
		char expected = i == 8 ? 'T' : 'Z';
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != expected)
			return false;
	}
	text += sizeof(form) - 1;
	if (*text == '-' && text[1] != '\0')
		text += 1 + strspn(text + 1, "0123456789");
	return *text == '\0';
}

bool
restore_rename_is_made(const char *name)
{
	static const char *const betweens[] = { BESIDE, BEFORE };
	for (size_t i = 0; i < sizeof(betweens) / sizeof(betweens[0]); i++)
		for (const char *at = strstr(name, betweens[i]); at != NULL; at = strstr(at + 1, betweens[i]))
			if (is_like_id(at + strlen(betweens[i])))
				return true;
	return false;
}
