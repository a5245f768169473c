/*
 * A command as it may be kept and shown. Its words go into a backup's label and into logs, and people put
 * passwords into them: what stands behind "password" or "token" and an equals sign, or as the password of a
 * URL, is left out.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/op_guard.h"
#include "incant/text.h"

#define HIDDEN "***"

/* The length of the password that begins a text: to the '@' of a URL's authority. 0 = there is none. */
static size_t
url_password(const char *text, const char *word)
{
	size_t len = strcspn(text, "@/ \t'\"");

	return text - word >= 3 && text[-1] == ':' && text[len] == '@' ? len : 0;
}

/* Whether the '=' at `at` in a word follows a name of something secret. */
static bool
is_secret_name(const char *word, const char *at)
{
	static const char *const names[] = { "password", "passwd", "secret", "token" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);
		if ((size_t)(at - word) >= len && strncasecmp(at - len, names[i], len) == 0)
			return true;
	}
	return false;
}

/* Appends a word without its secrets. */
static void
append_hidden(const char *word, struct buf *to)
{
	const char *authority = strstr(word, "://");

	for (const char *at = word; *at != '\0';) {
		size_t secret = 0;

		if (at > word && at[-1] == '=' && is_secret_name(word, at - 1))
			secret = strcspn(at, " \t&'\"");
		else if (authority != NULL && at > authority + 3)
			secret = url_password(at, word);
		if (secret > 0)
			buf_append_text(to, HIDDEN);
		else
			buf_append_char(to, *at);
		at += secret > 0 ? secret : 1;
	}
}

char *
op_guard_show_command(const char *const *argv, size_t limit)
{
	struct buf line = BUF_EMPTY;

	for (size_t i = 0; argv[i] != NULL; i++) {
		if (i > 0)
			buf_append_char(&line, ' ');
		append_hidden(argv[i], &line);
	}
	char *shown = text_printable(buf_text(&line), line.len);
	size_t len = strlen(shown);
	buf_clear(&line);
	if (len <= limit)
		return shown;
	/* Cut at a character, with a mark. */
	len = text_utf8_valid(shown, limit - strlen("…"));
	char *cut = mem_format("%.*s…", (int)len, shown);
	free(shown);
	return cut;
}
