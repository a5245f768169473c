#include "config.h"

#include "incant/restore_mark.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/text.h"

/* The name stands last, because it may have anything in it. */

static const char *const kinds[] = { "begun", "whole", "before", "after" };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

void
restore_mark_clear(struct restore_mark *mark)
{
	free(mark->id);
	free(mark->database);
	*mark = (struct restore_mark){ .id = NULL };
}

char *
restore_mark_format(const struct restore_mark *mark)
{
	return mem_format("%s %s %lld %s", kinds[mark->kind], mark->id, (long long)mark->at, mark->database);
}

/* The word up to the next space, which *at is moved behind. NULL where no space follows. */
static char *
take_word(const char **at)
{
	const char *space = strchr(*at, ' ');
	if (space == NULL || space == *at)
		return NULL;
	char *word = mem_text_n(*at, (size_t)(space - *at));
	*at = space + 1;
	return word;
}

static int
parse_kind(const char *word, enum restore_mark_kind *kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (text_equal(kinds[i], word)) {
			*kind = (enum restore_mark_kind)i;
			return 0;
		}
	return -1;
}

int
restore_mark_parse(const char *text, struct restore_mark *mark)
{
	*mark = (struct restore_mark){ .id = NULL };
	char *kind = take_word(&text);
	mark->id = kind != NULL ? take_word(&text) : NULL;
	char *at = mark->id != NULL ? take_word(&text) : NULL;
	uint64_t seconds = 0;
	int outcome = -1;
	if (at != NULL && parse_kind(kind, &mark->kind) == 0 && text_parse_u64(at, &seconds) == 0 &&
		seconds <= INT64_MAX && *text != '\0')
		outcome = 0;
	mark->at = (int64_t)seconds;
	mark->database = mem_text(text);
	free(kind);
	free(at);
	return outcome;
}

char *
restore_mark_statement(const char *name, const struct restore_mark *mark)
{
	char *quoted = pg_quote_identifier(name);
	char *statement = NULL;
	if (mark == NULL) {
		statement = mem_format("ALTER DATABASE %s RESET \"" RESTORE_MARK_SETTING "\"", quoted);
	} else {
		char *text = restore_mark_format(mark);
		char *literal = pg_quote_literal(text);
		statement = mem_format(
			"ALTER DATABASE %s SET \"" RESTORE_MARK_SETTING "\" TO %s", quoted, literal);
		free(literal);
		free(text);
	}
	free(quoted);
	return statement;
}
