#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * How a role of the target differs from what the dump says of it. pg_dumpall writes all attributes of a role
 * into one ALTER ROLE; those of the target are kept in the same words.
 */

void
restore_roles_add_attributes(
	struct restore_roles *roles, const char *role, const char *words, int limit, const char *password)
{
	MEM_GROW(roles->attributes, roles->attribute_count, roles->attribute_capacity);
	roles->attributes[roles->attribute_count++] = (struct restore_attributes){
		.role = mem_text(role),
		.words = mem_text(words),
		.limit = limit,
		.password = mem_text(password),
	};
}

static const struct restore_attributes *
find(const struct restore_roles *roles, const char *role)
{
	for (size_t i = 0; i < roles->attribute_count; i++)
		if (text_equal(roles->attributes[i].role, role))
			return &roles->attributes[i];
	return NULL;
}

static void
add(struct buf *text, const char *difference)
{
	buf_append_format(text, "%s%s", text->len > 0 ? ", " : "", difference);
}

static bool
is_literal_of(const struct restore_token *token, const char *value)
{
	char *quoted = pg_quote_literal(value != NULL ? value : "");
	bool is = strlen(quoted) == token->len && memcmp(quoted, token->at, token->len) == 0;
	free(quoted);
	return is;
}

/* The words that switch something on, and with NO in front of them off. */
static bool
is_switch(const char *word)
{
	static const char *const switches[] = { "superuser", "inherit", "createrole", "createdb", "login",
		"replication", "bypassrls" };
	if (text_starts(word, "no"))
		word += 2;
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (text_equal(word, switches[i]))
			return true;
	return false;
}

static void
compare_switch(const struct restore_attributes *is, const char *word, struct buf *text)
{
	char *framed = mem_format(" %s ", word);
	if (strstr(is->words, framed) == NULL) {
		char *upper = mem_text(word);
		for (char *c = upper; *c != '\0'; c++)
			*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
		add(text, upper);
		free(upper);
	}
	free(framed);
}

/* A password that the target's server did not tell is not compared. Verifiers need no quoting. */
static void
compare_password(const struct restore_attributes *is, const struct restore_token *token, struct buf *text)
{
	if (is->password != NULL && !is_literal_of(token, is->password))
		add(text, "another password");
}

static void
compare_token(const struct restore_attributes *is, const struct restore_token *token, const char **before,
	struct buf *text)
{
	if (token->kind == RESTORE_TEXT && text_equal(*before, "password"))
		compare_password(is, token, text);
	*before = NULL;
	if (token->kind != RESTORE_WORD)
		return;
	if (text_equal(token->name, "password"))
		*before = "password";
	else if (text_equal(token->name, "limit") &&
		 strtol(token->at + token->len, NULL, 10) != (long)is->limit)
		add(text, "another connection limit");
	else if (is_switch(token->name))
		compare_switch(is, token->name, text);
}

char *
restore_roles_differ(const struct restore_roles *roles, const char *statement)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	struct buf text = BUF_EMPTY;
	const struct restore_attributes *is = NULL;
	const char *before = NULL;
	bool limited = false;
	for (size_t i = 0; token.kind != RESTORE_END; i++) {
		restore_token_next(&statement, &token);
		if (i == 2 && token.name != NULL)
			is = find(roles, token.name);
		else if (i > 2 && is != NULL)
			compare_token(is, &token, &before, &text);
		limited = limited || restore_token_is(&token, "limit");
		restore_token_clear(&token);
	}
	if (is != NULL && !limited && is->limit != -1)
		add(&text, "no connection limit");
	if (text.len == 0) {
		buf_clear(&text);
		return NULL;
	}
	char *difference = mem_format("role %s is left as it is on the target; in the backup it has: %s",
		is->role, buf_text(&text));
	buf_clear(&text);
	return difference;
}

/* Settings. pg_dumpall writes a list as literals with commas between, one value as one literal. */

/* Whether a list of names, as a server keeps it, has these literals as its elements. */
static bool
is_list_of(const char *literals, const char *value)
{
	struct restore_token said = { .kind = RESTORE_OTHER };
	struct restore_token kept = { .kind = RESTORE_OTHER };
	bool same = true;
	while (same && said.kind != RESTORE_END) {
		restore_token_next(&literals, &said);
		restore_token_next(&value, &kept);
		if (said.kind == RESTORE_TEXT)
			same = is_literal_of(&said, kept.name);
		else if (said.kind == RESTORE_OTHER && *said.at == ';')
			said.kind = RESTORE_END;
		else
			same = said.kind == kept.kind;
		same = same && (said.kind != RESTORE_END || kept.kind == RESTORE_END);
		restore_token_clear(&said);
		restore_token_clear(&kept);
	}
	return same;
}

char *
restore_roles_set_differs(const struct restore_roles *roles, const char *statement)
{
	struct restore_token tokens[6]; /* ALTER ROLE role SET name TO */
	const char *values = statement;
	for (size_t i = 0; i < 6; i++)
		restore_token_next(&values, &tokens[i]);
	const struct restore_setting *is =
		tokens[2].name != NULL && tokens[4].name != NULL
			? restore_roles_find_setting(roles, tokens[2].name, tokens[4].name)
			: NULL;
	for (size_t i = 0; i < 6; i++)
		restore_token_clear(&tokens[i]);
	if (is == NULL)
		return NULL;
	const char *at = values;
	struct restore_token first;
	restore_token_next(&at, &first);
	bool same = is_literal_of(&first, is->value) || is_list_of(values, is->value);
	restore_token_clear(&first);
	/* People keep secrets in settings: no value is shown. */
	return same ? NULL
		    : mem_format("role %s is left as it is on the target; in the backup it has another %s",
			      is->role, is->name);
}

/* Memberships: both names, quoted. */

static char *
membership(const char *role, const char *member)
{
	char *a = pg_quote_identifier(role);
	char *b = pg_quote_identifier(member);
	char *both = mem_format("%s %s", a, b);
	free(a);
	free(b);
	return both;
}

void
restore_roles_add_member(struct restore_roles *roles, const char *role, const char *member)
{
	char *both = membership(role, member);
	restore_names_add(&roles->memberships, both);
	free(both);
}

char *
restore_roles_lack_member(const struct restore_roles *roles, const char *role, const char *member)
{
	char *both = membership(role, member);
	bool there = restore_names_have(&roles->memberships, both);
	free(both);
	if (there)
		return NULL;
	return mem_format(
		"role %s is left as it is on the target; in the backup it is a member of %s", member, role);
}

void
restore_roles_clear_attributes(struct restore_roles *roles)
{
	for (size_t i = 0; i < roles->attribute_count; i++) {
		struct restore_attributes *is = &roles->attributes[i];
		free(is->role);
		free(is->words);
		if (is->password != NULL)
			explicit_bzero(is->password, strlen(is->password));
		free(is->password);
	}
	free(roles->attributes);
	restore_names_clear(&roles->memberships);
}
