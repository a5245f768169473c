/* The words that were said, and the one question that most commands share: which backup? */
#include "config.h"

#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/text.h"

#define LINE_MAX_BYTES 500

void
words_clear(struct words *words)
{
	free(words->databases.items);
	free(words->paths.items);
	free(words->chosen_tables.items);
	free(words->split_database);
	free(words->joined);
	*words = (struct words){ .config = NULL };
}

int
words_read_which(struct words *words)
{
	words->which = (struct op_which){ .which = words->operand, .store = words->store };
	if (words->at == NULL)
		return 0;
	if (words->operand != NULL)
		return error_set(
			ERR_USAGE, "'%s' and --at each name a backup; say one of them", words->operand);
	words->which.has_at = true;
	return clock_parse_date(words->at, clock_now(), &words->which.at);
}

int
words_read_until(const char *option, const char *text, int64_t *at)
{
	int64_t now = clock_now();
	uint64_t ms = 0;

	*at = 0;
	if (text == NULL || text[0] == '\0')
		return 0;
	if (text_parse_duration_ms(text, &ms) == 0)
		*at = now + (int64_t)(ms / 1000);
	else if (clock_parse_date(text, now, at) != 0)
		return -1;
	if (*at > now)
		return 0;
	error_set(ERR_USAGE, "%s %s is not in the future", option, text);
	return error_hint("It is a date, as 2026-12-31, or a duration from now, as 30d.");
}

int
words_read_wait(struct words *words)
{
	if (words->wait == NULL || text_parse_duration_ms(words->wait, &words->wait_ms) == 0)
		return 0;
	error_set(ERR_USAGE, "'%s' is not a time to wait", words->wait);
	return error_hint("It is a duration, as 90s, 10m or 2h.");
}

int
words_check_line(const char *what, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > LINE_MAX_BYTES)
		return error_set(ERR_USAGE, "the %s is too long (%zu bytes, %d are allowed)", what, len,
			LINE_MAX_BYTES);
	if (text_utf8_valid(text, len) != len)
		return error_set(ERR_USAGE, "the %s is not UTF-8", what);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return error_set(ERR_USAGE, "the %s holds control characters", what);
	return 0;
}
