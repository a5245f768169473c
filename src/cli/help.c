/* Help and version, made of the tables. */
#include "config.h"

#include "help.h"

#include <string.h>

#include "incant/text.h"

#include "complete.h"

/* The width of options in the list of them; a longer one gets a line of its own. */
#define OPTION_WIDTH 20

#define LINE_WIDTH 79

static void
append_option(const struct option_row *row, struct buf *text)
{
	struct buf name = BUF_EMPTY;

	option_write(row, &name);
	if (name.len > OPTION_WIDTH)
		buf_append_format(text, "  %s\n  %*s  %s\n", buf_text(&name), OPTION_WIDTH, "", row->summary);
	else
		buf_append_format(text, "  %-*s  %s\n", OPTION_WIDTH, buf_text(&name), row->summary);
	buf_clear(&name);
}

static void
append_options(const char *heading, const struct option_row *rows, struct buf *text)
{
	bool first = true;

	for (; rows->name != NULL; rows++) {
		if (rows->summary == NULL)
			continue;
		if (first)
			buf_append_format(text, "\n%s:\n", heading);
		first = false;
		append_option(rows, text);
	}
}

/* Appends a word to a line that is broken before it gets wider than a terminal. */
static void
append_word(const char *word, size_t *column, struct buf *text)
{
	if (*column + 1 + strlen(word) > LINE_WIDTH) {
		buf_append_text(text, "\n      ");
		*column = strlen("      ");
	}
	buf_append_format(text, " %s", word);
	*column += 1 + strlen(word);
}

/* "usage: incant-backup show [WHICH] [--tables] [--database D]…" */
static void
append_usage(const struct command *command, struct buf *text)
{
	struct buf word = BUF_EMPTY;
	size_t column = strlen("usage:");

	buf_append_text(text, "usage:");
	append_word("incant-backup", &column, text);
	append_word(command->name, &column, text);
	bool takes_rest = command->operand != NULL && text_starts(command->operand, "--");
	if (command->operand != NULL && !takes_rest) {
		buf_append_format(&word, "[%s]", command->operand);
		append_word(buf_text(&word), &column, text);
	}
	for (const struct option_row *row = command->options; row->name != NULL; row++) {
		if (row->summary == NULL)
			continue;
		buf_reset(&word);
		buf_append_char(&word, '[');
		option_write(row, &word);
		buf_append_text(&word, row->kind == OPTION_TEXTS ? "]…" : "]");
		append_word(buf_text(&word), &column, text);
	}
	if (takes_rest)
		append_word(command->operand, &column, text);
	buf_append_char(text, '\n');
	buf_clear(&word);
}

static void
append_command(const struct command *command, struct buf *text)
{
	append_usage(command, text);
	if (command->summary != NULL)
		buf_append_format(text, "\n%s.\n", command->summary);
	if (command->description != NULL)
		buf_append_format(text, "\n%s", command->description);
	append_options("options", command->options, text);
}

void
help_write_command(const struct command *command, struct buf *text)
{
	append_command(command, text);
	append_options("options of every command", command_global_options, text);
}

void
help_write_group(const char *word, struct buf *text)
{
	size_t len = strlen(word);

	for (const struct command *command = command_rows; command->name != NULL; command++)
		if (strncmp(command->name, word, len) == 0 && command->name[len] == ' ') {
			append_command(command, text);
			buf_append_char(text, '\n');
		}
	append_options("options of every command", command_global_options, text);
}

void
help_write_commands(struct buf *text)
{
	buf_append_text(text, "incant-backup backs up PostgreSQL clusters and gets data back\n\n"
			      "usage: incant-backup [OPTION]… COMMAND [OPTION]…\n\ncommands:\n");
	for (const struct command *command = command_rows; command->name != NULL; command++)
		if (command->summary != NULL)
			buf_append_format(text, "  %-15s  %s\n", command->name, command->summary);
	append_options("options of every command", command_global_options, text);
	buf_append_text(text, "\n`incant-backup help COMMAND` tells more; incant-backup(1) and\n"
			      "incant-backup.conf(5) tell all.\n");
}

void
help_write_list(struct buf *text)
{
	for (const struct option_row *row = command_global_options; row->name != NULL; row++)
		buf_append_format(text, "--%s\n", row->name);
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		if (command->summary == NULL)
			continue;
		buf_append_format(text, "%s\n", command->name);
		for (const struct option_row *row = command->options; row->name != NULL; row++)
			if (row->summary != NULL)
				buf_append_format(text, "%s --%s\n", command->name, row->name);
	}
}

static int
help_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct command *command = NULL;

	(void)settings;
	buf_init(&report->help);
	if (words->list)
		help_write_list(&report->help);
	if (words->settings_list)
		settings_write_list(&report->help);
	if (words->list || words->settings_list)
		return 0;
	if (words->completion != NULL)
		return complete_write(words->completion, &report->help);
	if (words->operand == NULL) {
		help_write_commands(&report->help);
		return 0;
	}
	if (command_is_group(words->operand)) {
		help_write_group(words->operand, &report->help);
		return 0;
	}
	command = command_find(words->operand);
	if (command == NULL)
		return -1;
	help_write_command(command, &report->help);
	return 0;
}

static void
help_put_json(const struct words *words, const struct report *report, struct json *to)
{
	(void)words;
	json_put_text(to, "text", buf_text(&report->help));
}

static void
help_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	(void)words;
	buf_append_text(text, buf_text(&report->help));
}

static void
help_clear(struct report *report)
{
	buf_clear(&report->help);
}

const struct command_ops help_ops = {
	.run = help_run,
	.put_json = help_put_json,
	.put_text = help_put_text,
	.clear = help_clear,
};

static int
version_run(const struct settings *settings, const struct words *words, struct report *report)
{
	(void)settings;
	(void)words;
	(void)report;
	return 0;
}

static void
version_put_json(const struct words *words, const struct report *report, struct json *to)
{
	(void)words;
	(void)report;
	json_put_text(to, "version", PACKAGE_VERSION);
}

static void
version_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	(void)words;
	(void)report;
	buf_append_text(text, "incant-backup " PACKAGE_VERSION "\n");
}

const struct command_ops help_version_ops = {
	.run = version_run,
	.put_json = version_put_json,
	.put_text = version_put_text,
};
