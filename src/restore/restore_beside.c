#include "config.h"

#include <stdlib.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * template1 and postgres come with every cluster, and a dump does not say how to create them. Where one of
 * them is to be restored under another name, the database is made like the one that the target has.
 */

/* Columns of LOOK. */
enum { ENCODING, COLLATE, CTYPE, PROVIDER, LOCALE, RULES, OWNER };

/* Version 15 brought providers, 16 the rules of ICU, 17 one name for what the providers call a locale. A
 * column that a version lacks is NULL. */
#define LOOK                                                                                            \
	"SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,"                  \
	" j->>'datlocprovider', coalesce(j->>'datlocale', j->>'daticulocale'), j->>'daticurules',"      \
	" pg_catalog.pg_get_userbyid(d.datdba)"                                                         \
	" FROM pg_catalog.pg_database d, pg_catalog.to_jsonb(d) j WHERE d.datname IN ($1, 'template0')" \
	" ORDER BY d.datname = 'template0' LIMIT 1"

static void
put_literal(struct buf *statement, const char *word, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	char *literal = pg_quote_literal(value);
	buf_append_format(statement, " %s = %s", word, literal);
	free(literal);
}

static void
put_provider(struct buf *statement, const struct pg_result *like)
{
	const char *provider = pg_result_text(like, 0, PROVIDER);
	if (text_equal(provider, "i")) {
		buf_append_text(statement, " LOCALE_PROVIDER = icu");
		put_literal(statement, "ICU_LOCALE", pg_result_text(like, 0, LOCALE));
		put_literal(statement, "ICU_RULES", pg_result_text(like, 0, RULES));
	} else if (text_equal(provider, "b")) {
		buf_append_text(statement, " LOCALE_PROVIDER = builtin");
		put_literal(statement, "BUILTIN_LOCALE", pg_result_text(like, 0, LOCALE));
	} else if (provider != NULL) {
		buf_append_text(statement, " LOCALE_PROVIDER = libc");
	}
}

/* A locale goes with an encoding. C, which goes with all, is taken where the target's database has another
 * encoding than the backup's had. */
static char *
create_statement(const struct pg_result *like, const struct contents_section *section, const char *as)
{
	struct buf statement = BUF_EMPTY;
	const char *encoding =
		section->encoding[0] != '\0' ? section->encoding : pg_result_text(like, 0, ENCODING);
	char *name = pg_quote_identifier(as);
	char *owner = pg_quote_identifier(pg_result_text(like, 0, OWNER));
	buf_append_format(&statement, "CREATE DATABASE %s WITH TEMPLATE = template0 OWNER = %s", name, owner);
	put_literal(&statement, "ENCODING", encoding);
	if (text_equal(encoding, pg_result_text(like, 0, ENCODING))) {
		put_provider(&statement, like);
		put_literal(&statement, "LC_COLLATE", pg_result_text(like, 0, COLLATE));
		put_literal(&statement, "LC_CTYPE", pg_result_text(like, 0, CTYPE));
	} else {
		log_warning("database %s had the encoding %s, and the target's has %s: %s gets the locale C",
			section->database, encoding, pg_result_text(like, 0, ENCODING), as);
		buf_append_text(&statement, " LC_COLLATE = 'C' LC_CTYPE = 'C'");
	}
	free(name);
	free(owner);
	return buf_take(&statement);
}

int
restore_beside_create(struct pg *pg, const struct contents_section *section, const char *as)
{
	const char *const values[] = { section->database };
	if (pg_run(pg, RESTORE_RAW_NAMES) != 0)
		return -1;
	struct pg_result *like = pg_query(pg, LOOK, 1, values);
	if (like == NULL)
		return -1;
	int outcome = -1;
	if (pg_result_rows(like) == 0) {
		error_set(ERR_RESTORE, "the target has no database template0 to make another one of");
	} else {
		char *statement = create_statement(like, section, as);
		outcome = pg_run(pg, statement);
		free(statement);
	}
	pg_result_free(like);
	return outcome != 0 ? error_add("cannot create database %s", as) : 0;
}

int
restore_beside_mark(
	struct restore *restore, struct pg *pg, const struct restore_step *step, enum restore_mark_kind kind)
{
	const char *database = step->section->database;
	if (restore->mark == NULL || restore->unmarked || text_equal(step->as, database))
		return 0;
	if (pg_run(pg, RESTORE_RAW_NAMES) != 0)
		return -1;
	char *id = mem_text(restore->mark);
	char *name = mem_text(database);
	const struct restore_mark mark = { .kind = kind, .id = id, .at = clock_now(), .database = name };
	char *statement = restore_mark_statement(step->as, &mark);
	int outcome = pg_run(pg, statement);
	if (outcome != 0 && text_equal(pg_sqlstate(pg), "42501")) {
		log_warning("database %s cannot be marked as a copy, so it cannot be swapped in: %s",
			step->as, error_get()->message);
		error_clear();
		restore->unmarked = true;
		outcome = 0;
	}
	free(statement);
	free(name);
	free(id);
	return outcome;
}
