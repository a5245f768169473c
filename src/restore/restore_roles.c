#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * What to do with the globals: roles and their settings that the target has are left as they are, missing
 * ones are created. pg_dumpall (dumpRoles, dumpUserConfig, dumpRoleMembership, dumpRoleGUCPrivs,
 * dumpTablespaces) writes each of these statements in one form, which is what is read here; any other
 * statement is run.
 */

#define MAX_TOKENS 20

/* The first tokens of a statement: enough to know what it is about. */
struct tokens {
	struct restore_token list[MAX_TOKENS];
};

static void
tokens_read(struct tokens *tokens, const char *statement)
{
	for (size_t i = 0; i < MAX_TOKENS; i++)
		restore_token_next(&statement, &tokens->list[i]);
}

static void
tokens_clear(struct tokens *tokens)
{
	for (size_t i = 0; i < MAX_TOKENS; i++)
		restore_token_clear(&tokens->list[i]);
}

/* Whether the tokens from index on are these words (lower case, one space between them). */
static bool
words_at(const struct tokens *tokens, size_t index, const char *words)
{
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		char *word = mem_text_n(words, len);
		bool same = index < MAX_TOKENS && restore_token_is(&tokens->list[index], word);
		free(word);
		if (!same)
			return false;
		index++;
		words += len + (words[len] == ' ' ? 1 : 0);
	}
	return true;
}

/* The index of the first of these words at or behind index; MAX_TOKENS where they are not. */
static size_t
find_words(const struct tokens *tokens, size_t index, const char *words)
{
	while (index < MAX_TOKENS && !words_at(tokens, index, words))
		index++;
	return index;
}

/* The identifier at index; "" (which no role is called) where there is none. */
static const char *
name_at(const struct tokens *tokens, size_t index)
{
	const char *name = index < MAX_TOKENS ? tokens->list[index].name : NULL;
	return name != NULL ? name : "";
}

static bool
exists(const struct restore_roles *roles, const char *role)
{
	return restore_names_have(&roles->existing, role);
}

/* Whether what the dump says of a role is to be done. A scratch server's one role has nothing worth keeping.
 */
static bool
is_new(const struct restore_roles *roles, const char *role)
{
	return roles->scratch || !exists(roles, role);
}

const struct restore_setting *
restore_roles_find_setting(const struct restore_roles *roles, const char *role, const char *name)
{
	for (size_t i = 0; i < roles->setting_count; i++)
		if (text_equal(roles->settings[i].role, role) &&
			strcasecmp(roles->settings[i].name, name) == 0)
			return &roles->settings[i];
	return NULL;
}

static enum restore_verdict
run_if(bool run)
{
	return run ? RESTORE_RUN : RESTORE_LEAVE;
}

static enum restore_verdict
judge_alter_role(const struct restore_roles *roles, const struct tokens *tokens)
{
	const char *role = name_at(tokens, 2);
	if (is_new(roles, role))
		return RESTORE_RUN;
	if (words_at(tokens, 3, "set"))
		return run_if(restore_roles_find_setting(roles, role, name_at(tokens, 4)) == NULL);
	return RESTORE_LEAVE;
}

/* GRANT a TO b …; or privileges on a setting or a tablespace. */
static enum restore_verdict
judge_grant(const struct restore_roles *roles, const struct tokens *tokens)
{
	if (words_at(tokens, 2, "to"))
		return run_if(is_new(roles, name_at(tokens, 1)) || is_new(roles, name_at(tokens, 3)));
	size_t parameter = find_words(tokens, 1, "on parameter");
	size_t grantee = find_words(tokens, parameter, "to");
	if (parameter < MAX_TOKENS && grantee < MAX_TOKENS)
		return run_if(is_new(roles, name_at(tokens, grantee + 1)));
	return RESTORE_RUN;
}

static bool
is_about_tablespace(const struct tokens *tokens)
{
	if (words_at(tokens, 0, "create tablespace") || words_at(tokens, 0, "alter tablespace") ||
		words_at(tokens, 0, "comment on tablespace"))
		return true;
	bool rights = words_at(tokens, 0, "grant") || words_at(tokens, 0, "revoke") ||
		      words_at(tokens, 0, "security label");
	return rights && find_words(tokens, 1, "on tablespace") < MAX_TOKENS;
}

static enum restore_verdict
judge(const struct restore_roles *roles, const struct tokens *tokens)
{
	if (words_at(tokens, 0, "drop"))
		return RESTORE_REFUSE;
	if (words_at(tokens, 0, "create role"))
		return exists(roles, name_at(tokens, 2)) ? RESTORE_ROLE_LEFT : RESTORE_ROLE_NEW;
	if (words_at(tokens, 0, "alter role"))
		return judge_alter_role(roles, tokens);
	if (words_at(tokens, 0, "comment on role"))
		return run_if(is_new(roles, name_at(tokens, 3)));
	if (is_about_tablespace(tokens))
		return run_if(roles->whole);
	size_t labelled =
		words_at(tokens, 0, "security label") ? find_words(tokens, 2, "on role") : MAX_TOKENS;
	if (labelled < MAX_TOKENS)
		return run_if(is_new(roles, name_at(tokens, labelled + 2)));
	if (words_at(tokens, 0, "grant"))
		return judge_grant(roles, tokens);
	return RESTORE_RUN;
}

enum restore_verdict
restore_roles_judge(const struct restore_roles *roles, const char *statement, char **role)
{
	struct tokens tokens;
	tokens_read(&tokens, statement);
	enum restore_verdict verdict = judge(roles, &tokens);
	*role = NULL;
	if (verdict == RESTORE_ROLE_NEW || verdict == RESTORE_ROLE_LEFT)
		*role = mem_text(name_at(&tokens, 2));
	tokens_clear(&tokens);
	return verdict;
}

char *
restore_roles_without_grantor(const char *statement, char **grantor)
{
	struct tokens tokens;
	tokens_read(&tokens, statement);
	size_t granted = find_words(&tokens, 1, "granted by");
	const char *name = name_at(&tokens, granted + 2);
	char *rest = NULL;
	*grantor = NULL;
	if (name[0] != '\0') {
		rest = mem_format("%.*s;", (int)(tokens.list[granted].at - statement), statement);
		*grantor = mem_text(name);
	}
	tokens_clear(&tokens);
	return rest;
}

char *
restore_roles_in_place(const char *statement)
{
	struct tokens tokens;
	tokens_read(&tokens, statement);
	size_t location = find_words(&tokens, 3, "location");
	char *in_place = NULL;
	if (words_at(&tokens, 0, "create tablespace") && location + 1 < MAX_TOKENS &&
		tokens.list[location + 1].kind == RESTORE_TEXT) {
		const struct restore_token *place = &tokens.list[location + 1];
		in_place = mem_format(
			"%.*s''%s", (int)(place->at - statement), statement, place->at + place->len);
	}
	tokens_clear(&tokens);
	return in_place;
}

bool
restore_roles_worth_warning(const struct restore_roles *roles, const char *role)
{
	return !roles->same && !text_equal(role, roles->bootstrap) && !text_equal(role, roles->me) &&
	       !text_equal(role, "postgres");
}

void
restore_roles_add_setting(struct restore_roles *roles, const char *role, const char *name, const char *value)
{
	MEM_GROW(roles->settings, roles->setting_count, roles->setting_capacity);
	roles->settings[roles->setting_count++] = (struct restore_setting){
		.role = mem_text(role), .name = mem_text(name), .value = mem_text(value)
	};
}

void
restore_roles_clear(struct restore_roles *roles)
{
	restore_names_clear(&roles->existing);
	for (size_t i = 0; i < roles->setting_count; i++) {
		free(roles->settings[i].role);
		free(roles->settings[i].name);
		free(roles->settings[i].value);
	}
	free(roles->settings);
	restore_roles_clear_attributes(roles);
	free(roles->bootstrap);
	free(roles->me);
	*roles = (struct restore_roles){ .settings = NULL };
}
