/* cat: the dump goes to standard output, and nothing else does. */
#include "config.h"

#include "cmd_cat.h"

#include <signal.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "command.h"

/* The '.' that ends the part of a name at text, or its final NUL. Dots in double quotes do not count. */
static const char *
part_end(const char *text)
{
	bool quoted = false;

	for (; *text != '\0' && (quoted || *text != '.'); text++)
		if (*text == '"')
			quoted = !quoted;
	return text;
}

/* A part without its quotes. The caller frees it. */
static char *
unquote(const char *text, size_t len)
{
	char *name = mem_alloc(len + 1);
	size_t to = 0;
	bool quoted = len > 0 && text[0] == '"';

	for (size_t i = quoted ? 1 : 0; i < len; i++) {
		if (quoted && text[i] == '"' && (i + 1 == len || text[++i] != '"'))
			break;
		name[to++] = text[i];
	}
	name[to] = '\0';
	return name;
}

char *
cmd_cat_split_table(const char *text, const char **table)
{
	const char *first = part_end(text);
	const char *second = *first == '.' ? part_end(first + 1) : first;

	if (*second != '.' || *part_end(second + 1) != '\0')
		return NULL;
	*table = first + 1;
	return unquote(text, (size_t)(first - text));
}

static int
cat_check(struct words *words)
{
	if (words->json) {
		error_set(ERR_USAGE, "cat writes the dump to standard output, and has no --json");
		return error_hint("`incant-backup show --tables --json` describes what is in a backup.");
	}
	if (words->globals && (words->database != NULL || words->table != NULL))
		return error_set(ERR_USAGE, "--globals excludes --database and --table");
	if (words->files != NULL && (words->database != NULL || words->table != NULL || words->globals))
		return error_set(ERR_USAGE, "--files excludes --database, --table and --globals");
	if (words->file != NULL && words->files == NULL)
		return error_set(ERR_USAGE, "--file is for --files");
	if (words->table != NULL && words->database == NULL)
		words->split_database = cmd_cat_split_table(words->table, &words->table);
	return words_read_which(words);
}

/* Ends as a filter does when nobody reads on: by SIGPIPE, without a word. Nothing here needs cleaning up. */
static int
cat_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_cat_request request = {
		.which = words->which,
		.database = words->split_database != NULL ? words->split_database : words->database,
		.table = words->table,
		.globals = words->globals,
		.files = words->files,
		.file = words->file,
		.fd = STDOUT_FILENO,
	};
	struct op_cat_report cat;

	(void)report;
	(void)signal(SIGPIPE, SIG_DFL);
	int rc = op_cat_run(settings, &request, &cat);
	log_verbose("wrote %llu bytes, read %llu bytes from the store", (unsigned long long)cat.plain_bytes,
		(unsigned long long)cat.read_bytes);
	return rc;
}

const struct command_ops cmd_cat_ops = {
	.check = cat_check,
	.run = cat_run,
};
