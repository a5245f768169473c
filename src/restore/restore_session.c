#include "config.h"

#include "restore_session.h"

#include <stdlib.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * Settings change seldom and are asked for often, so the state is kept as numbered texts: a statement that
 * waits for its turn remembers a number.
 */

bool
restore_session_is(const char *kind)
{
	return text_equal(kind, "SET") || text_equal(kind, "RESET") || text_equal(kind, "SET_CONFIG");
}

/*
 * The name of what is set: the second token of SET and RESET, the quoted text in set_config(). A name of more
 * than one word ("a.b", TIME ZONE) is known by its first, which at worst keeps one text for two of them: none
 * is written so by pg_dump.
 */
static char *
name_of(const char *statement)
{
	struct restore_token token;
	restore_token_next(&statement, &token);
	bool set = restore_token_is(&token, "set") || restore_token_is(&token, "reset");
	do {
		restore_token_clear(&token);
		restore_token_next(&statement, &token);
	} while (!set && token.kind != RESTORE_TEXT && token.kind != RESTORE_END);
	char *name = NULL;
	if (token.kind == RESTORE_TEXT && token.len > 2)
		name = mem_text_n(token.at + 1, token.len - 2);
	else
		name = mem_text(token.name != NULL ? token.name : "");
	restore_token_clear(&token);
	return name;
}

void
restore_session_add(struct restore_session *session, const char *statement)
{
	char *name = name_of(statement);
	session->changed = true;
	for (size_t i = 0; i < session->count; i++) {
		if (!text_equal(session->items[i].name, name))
			continue;
		free(session->items[i].text);
		session->items[i].text = mem_text(statement);
		free(name);
		return;
	}
	MEM_GROW(session->items, session->count, session->capacity);
	session->items[session->count++] =
		(struct restore_session_item){ .name = name, .text = mem_text(statement) };
}

size_t
restore_session_now(struct restore_session *session)
{
	if (!session->changed && session->snapshot_count > 0)
		return session->snapshot_count;
	struct buf text = BUF_EMPTY;
	buf_append_text(&text, "");
	for (size_t i = 0; i < session->count; i++)
		buf_append_format(&text, "%s\n", session->items[i].text);
	MEM_GROW(session->snapshots, session->snapshot_count, session->snapshot_capacity);
	session->snapshots[session->snapshot_count++] = text.bytes != NULL ? buf_take(&text) : mem_text("");
	session->changed = false;
	return session->snapshot_count;
}

const char *
restore_session_text(const struct restore_session *session, size_t number)
{
	return session->snapshots[number - 1];
}

void
restore_session_clear(struct restore_session *session)
{
	for (size_t i = 0; i < session->count; i++) {
		free(session->items[i].name);
		free(session->items[i].text);
	}
	for (size_t i = 0; i < session->snapshot_count; i++)
		free(session->snapshots[i]);
	free(session->items);
	free(session->snapshots);
	*session = (struct restore_session){ .items = NULL };
}
