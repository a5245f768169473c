#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * Reading ahead. The record names statements; what some of them need stands in their text. So the globals and
 * each CREATE DATABASE are read before anything is done, and all definitions where the target is of an
 * earlier version, or where somebody asks what would fail. The scanner tells a sink that only looks.
 */

struct look {
	struct scan_sink sink; /* first */
	struct restore *restore;
	struct restore_feed *feed;
	struct pg *pg;
	size_t step;
	int major;                      /* of the target */
	bool older;                     /* than the backup's */
	struct restore_names noinherit; /* members who inherit nothing, of the dump */
};

static void
obstruct(struct look *look, char *text)
{
	restore_plan_obstruct(&look->restore->plan, look->step, text);
}

/* Memberships for a server that knows no options of them. */
static void
look_at_membership(struct look *look, const struct scan_statement *statement, const char *member)
{
	unsigned said = 0;
	free(restore_older_rewrite(look->major, statement->kind, statement->text, &said));
	bool noinherit = restore_names_have(&look->noinherit, member);
	bool wrong = (said & RESTORE_SET_FALSE) != 0 || ((said & RESTORE_INHERIT_FALSE) != 0 && !noinherit) ||
		     ((said & RESTORE_INHERIT_TRUE) != 0 && noinherit);
	if (wrong)
		obstruct(look, mem_format("options of memberships need version 16 (role %s)", member));
}

/* What an earlier version does not have: named once, with the first statement that needs it. */
static void
look_at_version(struct look *look, const struct scan_statement *statement)
{
	int since = 0;
	const char *what =
		look->older ? restore_older_lacks(look->major, statement->kind, statement->text, &since)
			    : NULL;
	if (what == NULL)
		return;
	char *needed = mem_format("%s need version %d", what, since);
	const char *before = look->restore->plan.steps[look->step].obstacle;
	if (before == NULL || strstr(before, needed) == NULL)
		obstruct(look, mem_format("%s (%s %s)", needed, statement->kind, statement->name));
	free(needed);
}

/* Settings are known whatever their letters; the facts have them in small ones. */
static bool
is_known_setting(const struct look *look, const char *name)
{
	char *lower = mem_text(name);
	for (char *c = lower; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	bool known = strchr(name, '.') != NULL || restore_names_have(&look->restore->facts.settings, lower);
	free(lower);
	return known;
}

/* ALTER … SET name: one that the server does not know stops it. Names with a dot are anybody's. */
static void
look_at_setting(struct look *look, const struct scan_statement *statement)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	const char *at = statement->text;
	bool set = false;
	bool found = false;
	while (!found && token.kind != RESTORE_END) {
		restore_token_next(&at, &token);
		found = set;
		if (found && token.name != NULL && *at != '.' && !is_known_setting(look, token.name))
			obstruct(look, mem_format("the target does not know the setting %s (%s %s)",
					       token.name, statement->kind, statement->name));
		set = restore_token_is(&token, "set");
		restore_token_clear(&token);
	}
}

/* The literal behind the word in a statement; the caller frees it. NULL where there is none. */
static char *
literal_behind(const char *statement, const char *word)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	char *literal = NULL;
	bool said = false;
	while (literal == NULL && token.kind != RESTORE_END) {
		restore_token_next(&statement, &token);
		if (said && token.kind == RESTORE_TEXT)
			literal = mem_text_n(token.at, token.len);
		if (token.kind == RESTORE_WORD)
			said = restore_token_is(&token, word);
		else if (token.kind != RESTORE_OTHER || *token.at != '=')
			said = false;
		restore_token_clear(&token);
	}
	return literal;
}

static int
look_at_locale(
	struct look *look, const struct scan_statement *statement, const char *word, const char *provider)
{
	char *literal = literal_behind(statement->text, word);
	int outcome = 0;
	if (literal != NULL && !text_equal(literal, "'C'") && !text_equal(literal, "'POSIX'")) {
		int has = restore_target_has_locale(look->pg, provider, literal);
		if (has == 0)
			obstruct(look,
				mem_format("%s needs the locale %s of %s, which the target does not have",
					statement->name, literal, provider));
		outcome = has < 0 ? -1 : 0;
	}
	free(literal);
	return outcome;
}

static int
look_at_locales(struct look *look, const struct scan_statement *statement)
{
	static const char *const words[] = { "locale", "lc_collate", "lc_ctype" };
	bool collation = text_equal(statement->kind, "CREATE COLLATION");
	bool icu = strcasestr(statement->text, "provider = icu") != NULL;
	if (strcasestr(statement->text, "provider = builtin") != NULL)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (look_at_locale(look, statement, words[i], collation && icu ? "icu" : "libc") != 0)
			return -1;
	return look_at_locale(look, statement, "icu_locale", "icu");
}

/* CREATE DATABASE … TABLESPACE x, where tablespaces are not created, too. */
static void
look_at_tablespace(struct look *look, const struct scan_statement *statement)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	const char *at = statement->text;
	bool said = false;
	while (token.kind != RESTORE_END && !look->restore->roles.whole) {
		restore_token_next(&at, &token);
		if (said && token.name != NULL &&
			!restore_names_have(&look->restore->facts.tablespaces, token.name))
			obstruct(look, mem_format("the target has no tablespace %s", token.name));
		if (token.kind != RESTORE_OTHER)
			said = restore_token_is(&token, "tablespace");
		restore_token_clear(&token);
	}
}

static int
look_at_directory(struct look *look, const struct scan_statement *statement)
{
	char *literal = literal_behind(statement->text, "location");
	char *problem = NULL;
	int outcome = 0;
	if (literal != NULL && strlen(literal) > 2 && !look->restore->roles.scratch)
		outcome = restore_target_look_directory(look->pg, literal, &problem);
	if (problem != NULL)
		obstruct(look,
			mem_format("tablespace %s: directory %s %s", statement->name, literal, problem));
	free(problem);
	free(literal);
	return outcome;
}

/* VALID UNTIL is a time in the source's zone, so the target compares it. 0 or -1. */
static int
look_at_validity(struct look *look, const struct scan_statement *statement, const char *role)
{
	char *until = literal_behind(statement->text, "until");
	char *name = pg_quote_literal(role);
	char *query = mem_format("SELECT coalesce(rolvaliduntil, 'infinity') <> %s::pg_catalog.timestamptz"
				 " FROM pg_catalog.pg_roles WHERE rolname = %s",
		until != NULL ? until : "'infinity'", name);
	char *differs = NULL;
	int outcome = pg_value(look->pg, query, 0, NULL, &differs);
	if (outcome == 0 && text_equal(differs, "t"))
		restore_plan_note(&look->restore->plan,
			mem_format("role %s is left as it is on the target; in the backup it is valid %s%s",
				role, until != NULL ? "until " : "for ever", until != NULL ? until : ""));
	free(differs);
	free(query);
	free(name);
	free(until);
	return outcome < 0 ? -1 : 0;
}

/* A dump does not say which version of an extension there was; another server installs its own. 0 or -1. */
static int
look_at_extension(struct look *look, const struct scan_statement *statement)
{
	const char *name = statement->name;
	char *version = NULL;
	if (look->restore->roles.same || look->restore->roles.scratch)
		return 0;
	int outcome = pg_value(look->pg,
		"SELECT default_version FROM pg_catalog.pg_available_extensions WHERE name = $1", 1, &name,
		&version);
	if (outcome == 0 && version != NULL)
		restore_plan_note(&look->restore->plan,
			mem_format("extension %s would come in version %s, the target's own; the dump does "
				   "not say which one the source had",
				name, version));
	free(version);
	return outcome < 0 ? -1 : 0;
}

/* A role or a membership that exists, or would be left out, against the dump's. 0 or -1. */
static int
look_at_left(struct look *look, const struct scan_statement *statement, const char *const *names)
{
	const struct restore_roles *roles = &look->restore->roles;
	bool worth = restore_roles_worth_warning(roles, names[2]);
	char *note = NULL;
	int outcome = 0;
	if (text_equal(statement->kind, "ALTER ROLE WITH") && worth) {
		note = restore_roles_differ(roles, statement->text);
		outcome = look_at_validity(look, statement, names[2]);
	} else if (text_equal(statement->kind, "ALTER ROLE SET") && worth) {
		note = restore_roles_set_differs(roles, statement->text);
	} else if (text_equal(statement->kind, "GRANT ROLE")) {
		note = restore_roles_lack_member(roles, names[1], names[3]);
	}
	if (note != NULL)
		restore_plan_note(&look->restore->plan, note);
	return outcome;
}

static int
look_at_run(struct look *look, const struct scan_statement *statement, const char *const *names)
{
	look_at_version(look, statement);
	if (text_equal(statement->kind, "GRANT ROLE"))
		look_at_membership(look, statement, names[3]);
	if (text_equal(statement->kind, "ALTER ROLE SET"))
		look_at_setting(look, statement);
	if (text_equal(statement->kind, "CREATE TABLESPACE"))
		return look_at_directory(look, statement);
	return 0;
}

static void
note_inheritance(struct look *look, const struct scan_statement *statement, const char *role)
{
	if (text_equal(statement->kind, "ALTER ROLE WITH") && strstr(statement->text, " NOINHERIT ") != NULL)
		restore_names_add(&look->noinherit, role);
}

static int
look_at_global(struct look *look, const struct scan_statement *statement)
{
	struct restore_token tokens[4];
	const char *names[4];
	const char *at = statement->text;
	char *role = NULL;
	int outcome = 0;
	for (size_t i = 0; i < 4; i++) {
		restore_token_next(&at, &tokens[i]);
		names[i] = tokens[i].name != NULL ? tokens[i].name : "";
	}
	note_inheritance(look, statement, names[2]);
	enum restore_verdict verdict = restore_roles_judge(&look->restore->roles, statement->text, &role);
	if (verdict == RESTORE_LEAVE)
		outcome = look_at_left(look, statement, names);
	else if (verdict == RESTORE_RUN)
		outcome = look_at_run(look, statement, names);
	free(role);
	for (size_t i = 0; i < 4; i++)
		restore_token_clear(&tokens[i]);
	return outcome;
}

static int
sink_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	struct look *look = (struct look *)sink;
	if (look->restore->plan.steps[look->step].as == NULL)
		return look_at_global(look, statement);
	look_at_version(look, statement);
	if (text_starts(statement->kind, "ALTER DATABASE SET") || text_starts(statement->kind, "ALTER ROLE"))
		look_at_setting(look, statement);
	if (text_equal(statement->kind, "CREATE DATABASE")) {
		look_at_tablespace(look, statement);
		return look_at_locales(look, statement);
	}
	if (text_equal(statement->kind, "CREATE EXTENSION"))
		return look_at_extension(look, statement);
	return text_equal(statement->kind, "CREATE COLLATION") ? look_at_locales(look, statement) : 0;
}

static int
look_through(struct look *look, struct extent at)
{
	struct contents found;
	const struct scan_options scan = {
		.contents = &found,
		.sink = &look->sink,
		.keep_bytes = SCAN_KEEP_WHOLE,
		.error_class = ERR_DAMAGED,
		.fragment = true,
		.plain_off = at.plain_off,
	};
	contents_init(&found);
	struct stage *head = scan_new(stage_null_new(), &scan);
	int outcome = head != NULL ? look->feed->read(look->feed, 0, at, head) : -1;
	if (outcome == 0)
		outcome = stage_finish(head);
	stage_free(head);
	contents_clear(&found);
	return outcome;
}

/* From the section's beginning to the end of its CREATE DATABASE. */
static int
look_at_creation(struct look *look, const struct contents_section *section)
{
	for (size_t i = 0; i < section->statement_count; i++) {
		const struct contents_statement *statement = &section->statements[i];
		if (!text_equal(statement->kind, "CREATE DATABASE"))
			continue;
		struct extent at = { .plain_off = section->at.plain_off };
		at.bytes = statement->at.plain_off + statement->at.bytes - at.plain_off;
		return look_through(look, at);
	}
	return 0;
}

static int
look_at_definitions(struct look *look, const struct restore_step *step)
{
	struct restore_works works = { .list = NULL };
	int outcome = 0;
	restore_works_plan(step->section, step->chosen, NULL, &works);
	for (size_t i = 0; outcome == 0 && i < works.count; i++)
		if (works.list[i].kind == RESTORE_HEAD || works.list[i].kind == RESTORE_REST)
			outcome = look_through(look, works.list[i].at);
	restore_works_clear(&works);
	return outcome;
}

int
restore_look_run(struct restore *restore, struct restore_feed *feed, bool deep)
{
	struct look look = {
		.sink = { .statement = sink_statement },
		.restore = restore,
		.feed = feed,
		.major = restore->facts.version_number / 10000,
	};
	look.older = look.major < restore->source_major;
	look.pg = restore_connect(restore, NULL, false);
	int outcome = look.pg != NULL ? pg_run(look.pg, RESTORE_RAW_NAMES) : -1;
	for (size_t i = 0; outcome == 0 && i < restore->plan.count; i++) {
		const struct restore_step *step = &restore->plan.steps[i];
		look.step = i;
		if (!step->wanted)
			continue;
		if (step->as == NULL)
			outcome = look_through(&look, step->section->at);
		else if (deep || look.older)
			outcome = look_at_definitions(&look, step);
		else
			outcome = look_at_creation(&look, step->section);
	}
	restore_names_clear(&look.noinherit);
	pg_free(look.pg);
	return outcome;
}
