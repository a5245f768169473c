/*
 * Completion: commands, the second words of those that have two, options, and files where an option takes
 * one. Nothing is asked of a store while somebody types.
 */
#include "config.h"

#include "complete.h"

#include <stdbool.h>
#include <string.h>

#include "incant/error.h"
#include "incant/text.h"

#include "command.h"

/* The first command of each group of two words; for others every one. */
static bool
is_first_of_its_word(const struct command *command)
{
	size_t len = strcspn(command->name, " ");

	for (const struct command *other = command_rows; other != command; other++)
		if (strcspn(other->name, " ") == len && strncmp(other->name, command->name, len) == 0)
			return false;
	return true;
}

static bool
is_shown(const struct command *command)
{
	return command->summary != NULL;
}

static const char *
second_word(const struct command *command)
{
	const char *space = strchr(command->name, ' ');

	return space != NULL ? space + 1 : NULL;
}

/* What stands in the value's place is a name of a file or folder. */
static bool
takes_file(const struct option_row *row)
{
	return text_equal(row->value, "FILE") || text_equal(row->value, "DIR") ||
	       text_equal(row->value, "FILE.html");
}

/* Whether the next word is the option's value. */
static bool
takes_word(const struct option_row *row)
{
	return row->kind == OPTION_TEXT || row->kind == OPTION_TEXTS;
}

static void
append_options(const struct option_row *rows, struct buf *text)
{
	for (; rows->name != NULL; rows++)
		if (rows->summary != NULL)
			buf_append_format(text, " --%s", rows->name);
}

/* bash: "--a|--b" of all options whose value is, or is not, a file. */
static void
append_valued(bool files, struct buf *text)
{
	const struct option_row *tables[2] = { command_global_options, NULL };
	size_t begin = text->len;

	for (const struct command *command = command_rows; command->name != NULL; command++) {
		tables[1] = command->options;
		for (size_t i = command == command_rows ? 0 : 1; i < 2; i++)
			for (const struct option_row *row = tables[i]; row->name != NULL; row++)
				if (row->summary != NULL && takes_word(row) && takes_file(row) == files)
					buf_append_format(
						text, "%s--%s", text->len > begin ? "|" : "", row->name);
	}
}

static void
append_words(struct buf *text)
{
	for (const struct command *command = command_rows; command->name != NULL; command++)
		if (is_shown(command) && is_first_of_its_word(command))
			buf_append_format(text, " %.*s", (int)strcspn(command->name, " "), command->name);
}

/* A line for each group: its word, `before`, the second words, `after`. */
static void
append_groups(const char *indent, const char *before, const char *after, struct buf *text)
{
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		size_t len = strcspn(command->name, " ");

		if (!is_shown(command) || second_word(command) == NULL || !is_first_of_its_word(command))
			continue;
		buf_append_format(text, "%s%.*s%s", indent, (int)len, command->name, before);
		for (const struct command *other = command; other->name != NULL; other++)
			if (is_shown(other) && second_word(other) != NULL &&
				strncmp(other->name, command->name, len + 1) == 0)
				buf_append_format(
					text, "%s%s", other == command ? "" : " ", second_word(other));
		buf_append_text(text, after);
	}
}

static void
write_bash(struct buf *text)
{
	buf_append_text(text,
		"# bash completion of incant-backup; made by `incant-backup help --completion bash`\n"
		"_incant_backup() {\n"
		"    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= "
		"words= i\n"
		"    for ((i = 1; i < COMP_CWORD; i++)); do\n"
		"        case ${COMP_WORDS[i]} in\n        ");
	append_valued(true, text);
	buf_append_char(text, '|');
	append_valued(false, text);
	buf_append_text(text, ") ((i++)) ;;\n"
			      "        -*) ;;\n"
			      "        *) command=${command:+$command }${COMP_WORDS[i]} ;;\n"
			      "        esac\n"
			      "    done\n"
			      "    case $before in\n    ");
	append_valued(true, text);
	buf_append_text(
		text, ")\n        COMPREPLY=($(compgen -f -- \"$current\"))\n        return ;;\n    ");
	append_valued(false, text);
	buf_append_text(text, ")\n        COMPREPLY=()\n        return ;;\n    esac\n    case $command in\n  "
			      "  '') words=\"");
	append_words(text);
	append_options(command_global_options, text);
	buf_append_text(text, "\" ;;\n");
	append_groups("    ", ") words=\"", "\" ;;\n", text);
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		if (!is_shown(command))
			continue;
		buf_append_format(text, "    '%s'|'%s '*) words=\"", command->name, command->name);
		append_options(command->options, text);
		append_options(command_global_options, text);
		buf_append_text(text, "\" ;;\n");
	}
	buf_append_text(text, "    esac\n"
			      "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
			      "}\n"
			      "complete -F _incant_backup incant-backup\n");
}

/* A text inside single quotes of zsh and fish; [ ] and : mean something to zsh's _arguments. */
static void
append_quoted(struct buf *text, const char *from, bool zsh)
{
	for (; *from != '\0'; from++)
		if (*from == '\'')
			buf_append_text(text, zsh ? "'\\''" : "\\'");
		else if (zsh && strchr("[]:\\", *from) != NULL)
			buf_append_format(text, "\\%c", *from);
		else if (!zsh && *from == '\\')
			buf_append_text(text, "\\\\");
		else
			buf_append_char(text, *from);
}

static void
append_zsh_options(const struct option_row *rows, struct buf *text)
{
	for (; rows->name != NULL; rows++) {
		if (rows->summary == NULL)
			continue;
		buf_append_format(text, " \\\n            '%s--%s%s[", rows->kind == OPTION_TEXTS ? "*" : "",
			rows->name, rows->kind == OPTION_OPTIONAL ? "=-" : "");
		append_quoted(text, rows->summary, true);
		buf_append_char(text, ']');
		if (takes_word(rows) || rows->kind == OPTION_OPTIONAL)
			buf_append_format(text, "%s%s:%s", rows->kind == OPTION_OPTIONAL ? "::" : ":",
				rows->value, takes_file(rows) ? "_files" : "");
		buf_append_char(text, '\'');
	}
}

static void
write_zsh(struct buf *text)
{
	buf_append_text(text, "#compdef incant-backup\n"
			      "# made by `incant-backup help --completion zsh`\n"
			      "_incant_backup() {\n"
			      "    local -a commands\n"
			      "    local command\n"
			      "    commands=(\n");
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		if (!is_shown(command) || !is_first_of_its_word(command))
			continue;
		buf_append_format(text, "        '%.*s:", (int)strcspn(command->name, " "), command->name);
		append_quoted(text, command->summary, true);
		buf_append_text(text, "'\n");
	}
	buf_append_text(text, "    )\n"
			      "    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
			      "        _describe command commands\n"
			      "        return\n"
			      "    fi\n"
			      "    command=${${words[2,CURRENT-1]:#-*}[1,2]}\n"
			      "    case $command in\n");
	append_groups("    ", ") compadd ", " ;;\n", text);
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		if (!is_shown(command))
			continue;
		buf_append_format(text, "    '%s'|'%s '*)\n        _arguments", command->name, command->name);
		append_zsh_options(command->options, text);
		append_zsh_options(command_global_options, text);
		buf_append_text(text, "\n        ;;\n");
	}
	buf_append_text(text, "    esac\n}\n_incant_backup \"$@\"\n");
}

static void
append_fish_options(const char *command, const struct option_row *rows, struct buf *text)
{
	for (; rows->name != NULL; rows++) {
		if (rows->summary == NULL)
			continue;
		buf_append_text(text, "complete -c incant-backup");
		if (command != NULL)
			buf_append_format(text, " -n '__fish_seen_subcommand_from %s'", command);
		buf_append_format(text, " -l %s%s -d '", rows->name,
			!takes_word(rows)  ? ""
			: takes_file(rows) ? " -r -F"
					   : " -x");
		append_quoted(text, rows->summary, false);
		buf_append_text(text, "'\n");
	}
}

static void
write_fish(struct buf *text)
{
	buf_append_text(text,
		"# fish completion of incant-backup; made by `incant-backup help --completion fish`\n"
		"complete -c incant-backup -f\n");
	append_fish_options(NULL, command_global_options, text);
	for (const struct command *command = command_rows; command->name != NULL; command++) {
		const char *second = second_word(command);
		int len = (int)strcspn(command->name, " ");

		if (!is_shown(command))
			continue;
		if (second != NULL)
			buf_append_format(text,
				"complete -c incant-backup -n '__fish_seen_subcommand_from %.*s' -a %s -d '",
				len, command->name, second);
		else
			buf_append_format(text,
				"complete -c incant-backup -n __fish_use_subcommand -a %s -d '",
				command->name);
		append_quoted(text, command->summary, false);
		buf_append_text(text, "'\n");
		if (second != NULL && is_first_of_its_word(command))
			buf_append_format(text,
				"complete -c incant-backup -n __fish_use_subcommand -a %.*s\n", len,
				command->name);
		append_fish_options(second != NULL ? second : command->name, command->options, text);
	}
}

int
complete_write(const char *shell, struct buf *text)
{
	static const struct {
		const char *name;
		void (*write)(struct buf *text);
	} shells[] = { { "bash", write_bash }, { "zsh", write_zsh }, { "fish", write_fish } };

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (text_equal(shell, shells[i].name)) {
			shells[i].write(text);
			return 0;
		}
	return error_set(ERR_USAGE, "there is completion for bash, zsh and fish, not for '%s'", shell);
}
