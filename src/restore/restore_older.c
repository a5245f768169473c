#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * A server of an earlier major version than the backup's. Most of a dump it takes; what it cannot is found by
 * the words that a statement has, from the release notes of the versions. Words inside quotes are no words.
 */

/* Words that must stand in a row in the statement, outside quotes; '=' and '(' are words, too. Rows of a kind
 * with a '*' fit all kinds that begin so. */
static const struct newer {
	int since;
	const char *kind;
	const char *words;
	const char *what;
} rows[] = {
	{ 18, "CREATE TABLE", "virtual", "virtual generated columns" },
	{ 18, "ALTER TABLE ADD CONSTRAINT", "without overlaps", "temporal keys" },
	{ 18, "ALTER TABLE ADD FOREIGN KEY", "period", "temporal keys" },
	{ 18, "ALTER TABLE ADD*", "not enforced", "constraints that are not enforced" },
	{ 18, "RESTORE STATISTICS", "", "statistics in a dump" },
	{ 18, "CREATE PUBLICATION", "publish_generated_columns", "publications of generated columns" },
	{ 17, "CREATE DATABASE", "locale_provider = builtin", "the locale provider builtin" },
	{ 17, "CREATE COLLATION", "provider = builtin", "the locale provider builtin" },
	{ 17, "CREATE EVENT TRIGGER", "on login", "event triggers at login" },
	{ 17, "CREATE SUBSCRIPTION", "failover", "failover of subscriptions" },
	{ 17, "ALTER TABLE", "set access method", "access methods of partitioned tables" },
	{ 17, "GRANT", "maintain", "the right to maintain" },
	{ 17, "REVOKE", "maintain", "the right to maintain" },
	{ 17, "ALTER DEFAULT PRIVILEGES", "maintain", "the right to maintain" },
	{ 17, "GRANT ROLE", "pg_maintain", "the role pg_maintain" },
	{ 17, "CREATE*", "json_table (", "JSON_TABLE" },
	{ 17, "CREATE*", "json_value (", "JSON_VALUE" },
	{ 17, "CREATE*", "json_query (", "JSON_QUERY" },
	{ 17, "CREATE*", "json_exists (", "JSON_EXISTS" },
	{ 17, "CREATE*", "merge_action (", "MERGE with RETURNING" },
	{ 17, "CREATE*", "matched by", "MERGE with BY SOURCE" },
	{ 17, "CREATE*", "at local", "AT LOCAL" },
	{ 16, "CREATE DATABASE", "icu_rules", "rules of ICU collations" },
	{ 16, "CREATE COLLATION", "rules =", "rules of ICU collations" },
	{ 16, "CREATE*", "is json", "IS JSON" },
	{ 16, "CREATE*", "json_object (", "JSON_OBJECT" },
	{ 16, "CREATE*", "json_array (", "JSON_ARRAY" },
	{ 16, "CREATE*", "json_arrayagg (", "JSON_ARRAYAGG" },
	{ 16, "CREATE*", "json_objectagg (", "JSON_OBJECTAGG" },
	{ 16, "CREATE SUBSCRIPTION", "password_required", "subscriptions without a password" },
	{ 16, "CREATE SUBSCRIPTION", "run_as_owner", "subscriptions that run as their owner" },
	{ 16, "CREATE SUBSCRIPTION", "origin =", "subscriptions by origin" },
	{ 16, "CREATE SUBSCRIPTION", "streaming = parallel", "subscriptions that apply in parallel" },
	{ 16, "GRANT ROLE", "pg_create_subscription", "the role pg_create_subscription" },
	{ 16, "GRANT ROLE", "pg_use_reserved_connections", "the role pg_use_reserved_connections" },
	{ 15, "CREATE DATABASE", "locale_provider = icu", "databases of ICU locales" },
	{ 15, "GRANT", "on parameter", "rights on settings" },
	{ 15, "REVOKE", "on parameter", "rights on settings" },
	{ 15, "GRANT", "parameter", "rights on settings" },
	{ 15, "GRANT ROLE", "pg_checkpoint", "the role pg_checkpoint" },
	{ 15, "CREATE SEQUENCE", "create unlogged", "unlogged sequences" },
	{ 15, "ALTER TABLE ADD CONSTRAINT", "nulls not distinct", "NULLS NOT DISTINCT" },
	{ 15, "CREATE INDEX", "nulls not distinct", "NULLS NOT DISTINCT" },
	{ 15, "ALTER TABLE ADD FOREIGN KEY", "set null (", "ON DELETE SET NULL of some columns" },
	{ 15, "ALTER TABLE ADD FOREIGN KEY", "set default (", "ON DELETE SET DEFAULT of some columns" },
	{ 15, "CREATE VIEW", "security_invoker", "views of their invoker's rights" },
	{ 15, "ALTER PUBLICATION ADD SCHEMA", "", "publications of schemas" },
	{ 15, "ALTER PUBLICATION ADD TABLE", "where (", "publications of some rows" },
	{ 15, "CREATE SUBSCRIPTION", "two_phase", "subscriptions of prepared transactions" },
	{ 15, "CREATE SUBSCRIPTION", "disable_on_error", "subscriptions that stop at errors" },
	{ 15, "CREATE*", "merge into", "MERGE" },
	{ 14, "CREATE*", "begin atomic", "bodies in standard SQL" },
	{ 14, "CREATE TYPE", "multirange_type_name", "multiranges" },
	{ 14, "ALTER TABLE*", "set compression", "compression of columns" },
	{ 14, "GRANT ROLE", "pg_read_all_data", "the role pg_read_all_data" },
	{ 14, "GRANT ROLE", "pg_write_all_data", "the role pg_write_all_data" },
};

static bool
kind_fits(const char *row, const char *kind)
{
	size_t len = strlen(row);
	if (row[len - 1] != '*')
		return text_equal(row, kind);
	return strncmp(row, kind, len - 1) == 0;
}

/* The statement's words, '=', '(' and ',' in a row with a space before and behind each; of quoted things a
 * '?'.
 */
static char *
words_of(const char *statement)
{
	struct buf words = BUF_EMPTY;
	struct restore_token token = { .kind = RESTORE_OTHER };
	buf_append_char(&words, ' ');
	while (token.kind != RESTORE_END) {
		restore_token_next(&statement, &token);
		if (token.kind == RESTORE_WORD)
			buf_append_text(&words, token.name);
		else if (token.kind == RESTORE_OTHER)
			buf_append_char(&words, *token.at);
		else
			buf_append_char(&words, '?');
		buf_append_char(&words, ' ');
		restore_token_clear(&token);
	}
	return buf_take(&words);
}

/* A function's body in dollar quotes is text to the server; what stands in it is looked at when it runs. */
static bool
has_words(const char *words, const char *wanted)
{
	char *framed = mem_format(" %s ", wanted);
	bool found = wanted[0] == '\0' || strstr(words, framed) != NULL;
	free(framed);
	return found;
}

static bool
is_dollar_quoted(const char *statement, const char *kind)
{
	bool body = text_equal(kind, "CREATE FUNCTION") || text_equal(kind, "CREATE PROCEDURE");
	return body && strstr(statement, "BEGIN ATOMIC") == NULL && strchr(statement, '$') != NULL;
}

const char *
restore_older_lacks(int major, const char *kind, const char *statement, int *since)
{
	char *words = NULL;
	const char *what = NULL;
	if (is_dollar_quoted(statement, kind))
		return NULL;
	for (size_t i = 0; what == NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].since <= major || !kind_fits(rows[i].kind, kind))
			continue;
		if (words == NULL)
			words = words_of(statement);
		if (!has_words(words, rows[i].words))
			continue;
		what = rows[i].what;
		*since = rows[i].since;
	}
	free(words);
	return what;
}

/* Rewriting. */

/* Memberships. Until version 15 they had ADMIN OPTION and nothing else. */
struct options {
	bool admin;
	unsigned said;
	const char *from, *to; /* WITH, and what stands behind the options */
};

static void
read_option(struct options *options, const struct restore_token *token, const char **name)
{
	if (restore_token_is(token, "admin"))
		options->admin = true;
	if (restore_token_is(token, "inherit") || restore_token_is(token, "set"))
		*name = restore_token_is(token, "set") ? "set" : "inherit";
	if (restore_token_is(token, "true") && text_equal(*name, "inherit"))
		options->said |= RESTORE_INHERIT_TRUE;
	if (restore_token_is(token, "false") && *name != NULL)
		options->said |= text_equal(*name, "set") ? RESTORE_SET_FALSE : RESTORE_INHERIT_FALSE;
}

static void
read_options(const char *statement, struct options *options)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	const char *name = NULL;
	while (token.kind != RESTORE_END && options->to == NULL) {
		restore_token_next(&statement, &token);
		if (restore_token_is(&token, "with") && options->from == NULL)
			options->from = token.at;
		else if (restore_token_is(&token, "granted") ||
			 (token.kind == RESTORE_OTHER && *token.at == ';'))
			options->to = token.at;
		else if (options->from != NULL)
			read_option(options, &token, &name);
		restore_token_clear(&token);
	}
}

char *
restore_older_rewrite(int major, const char *kind, const char *statement, unsigned *said)
{
	struct options options = { .from = NULL };
	*said = 0;
	if (major >= 16 || !text_equal(kind, "GRANT ROLE"))
		return NULL;
	read_options(statement, &options);
	*said = options.said;
	if (options.from == NULL || options.to == NULL)
		return NULL;
	return mem_format("%.*s%s%s", (int)(options.from - statement), statement,
		options.admin ? "WITH ADMIN OPTION " : "", options.to);
}
