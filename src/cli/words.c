/* The words that were said, and the one question that most commands share: which backup? */
#include "config.h"

#include "command.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/error.h"

void
words_clear(struct words *words)
{
	free(words->databases.items);
	free(words->split_database);
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
