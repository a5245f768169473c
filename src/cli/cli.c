/*
 * One run of the program: words are read, the command does its work, its report is shown, and what went wrong
 * is said, once.
 */
#include "config.h"

#include "incant/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "command.h"
#include "notice.h"
#include "output_json.h"

struct run {
	struct words words;
	const char *name; /* of the command, as it was said; NULL = none was */
	const struct command *command;
	struct report report;
};

/* The command's word, or one of its two. */
static int
take_command(struct run *run, struct option_reader *reader, const char *word)
{
	if (run->name == NULL && command_is_group(word)) {
		run->name = word;
		return 0;
	}
	char *name = run->name != NULL ? mem_format("%s %s", run->name, word) : mem_text(word);
	run->command = command_find(name);
	free(name);
	if (run->name == NULL)
		run->name = word;
	if (run->command == NULL)
		return -1;
	run->name = run->command->name;
	reader->tables[1] = run->command->options;
	return 0;
}

/* All that stands behind "--" belongs to another program. */
static int
take_command_line(struct run *run, struct option_reader *reader, const char *operand)
{
	if (!reader->ended) {
		error_set(ERR_USAGE, "'%s' stands before '--'", operand);
		return error_hint(
			"The command to run stands behind it: incant-backup %s -- %s", run->name, operand);
	}
	run->words.command_line = (const char *const *)&reader->argv[reader->at - 1];
	reader->at = reader->argc;
	return 0;
}

/* The command, and WHICH. */
static int
take_operand(struct run *run, struct option_reader *reader, const char *operand)
{
	if (run->command == NULL)
		return take_command(run, reader, operand);
	if (run->command->operand != NULL && text_starts(run->command->operand, "--"))
		return take_command_line(run, reader, operand);
	if (run->command->ops == &help_ops && run->words.joined == NULL && run->words.operand != NULL &&
		command_is_group(run->words.operand)) {
		run->words.joined = mem_format("%s %s", run->words.operand, operand);
		run->words.operand = run->words.joined;
		return 0;
	}
	if (run->command->operand != NULL && strchr(run->command->operand, ' ') != NULL &&
		run->words.operand != NULL && run->words.second_operand == NULL) {
		run->words.second_operand = operand;
		return 0;
	}
	if (run->command->operand == NULL || run->words.operand != NULL) {
		error_set(ERR_USAGE, "'%s' is too much for %s", operand, run->name);
		return error_hint("`incant-backup help %s` shows what it takes.", run->name);
	}
	run->words.operand = operand;
	return 0;
}

/* --help and --version stand for commands. */
static void
take_stand_ins(struct run *run)
{
	if (run->words.version) {
		run->command = command_find("version");
		run->name = "version";
	} else if (run->words.help) {
		run->words.operand = run->name;
		run->command = command_find("help");
		run->name = "help";
	}
}

static int
check_words(const struct run *run)
{
	if (run->command == NULL && run->name != NULL)
		return command_refuse_group(run->name);
	if (run->command == NULL) {
		error_set(ERR_USAGE, "no command is given");
		return error_hint("`incant-backup help` lists the commands.");
	}
	if (run->words.quiet && run->words.verbose)
		return error_set(ERR_USAGE, "--quiet and --verbose exclude each other");
	return 0;
}

static int
read_words(struct run *run, int argc, char **argv)
{
	struct option_reader reader = {
		.argc = argc,
		.argv = argv,
		.at = 1,
		.tables = { command_global_options, NULL },
		.fields = &run->words,
	};
	const char *operand = NULL;
	int rc = option_next(&reader, &operand);

	for (; rc > 0; rc = option_next(&reader, &operand))
		if (take_operand(run, &reader, operand) != 0)
			break;
	if (rc != OPTION_END) {
		/* An error in the words is JSON, too, where that stands behind the error. */
		run->words.json = run->words.json || option_is_ahead(&reader, "json");
		return -1;
	}
	take_stand_ins(run);
	if (check_words(run) != 0)
		return -1;
	return run->command->ops->check != NULL ? run->command->ops->check(&run->words) : 0;
}

static int
exit_code_of(const struct run *run, const struct error *error)
{
	const struct command_ops *ops = run->command != NULL ? run->command->ops : NULL;
	int signal_number = interrupt_pending();
	int exit_code = (int)error->class;

	if (error->class == ERR_INTERRUPTED && signal_number != 0)
		exit_code = 128 + signal_number;
	return ops != NULL && ops->exit_code != NULL ? ops->exit_code(&run->words, error, exit_code)
						     : exit_code;
}

/* "command", and "action" for the second of two words. */
static void
put_name(const char *name, struct json *to)
{
	const char *action = name != NULL ? strchr(name, ' ') : NULL;
	char *word = action != NULL ? mem_text_n(name, (size_t)(action - name)) : mem_text(name);

	json_put_text(to, "command", word);
	if (action != NULL)
		json_put_text(to, "action", action + 1);
	free(word);
}

/* The results as one JSON object. error NULL = none. */
static void
render_json(const struct run *run, int exit_code, const struct error *error, struct buf *text)
{
	const struct command_ops *ops = run->command != NULL ? run->command->ops : NULL;
	struct json *object = json_new_object();

	put_name(run->name, object);
	if (ops != NULL && ops->put_json != NULL)
		ops->put_json(&run->words, &run->report, object);
	output_json_end(object, exit_code, error);
	json_write(object, 2, text);
	buf_append_char(text, '\n');
	json_free(object);
}

/* The results as they are asked for. */
static void
render(const struct run *run, int exit_code, const struct error *error, struct buf *text)
{
	const struct command_ops *ops = run->command != NULL ? run->command->ops : NULL;

	if (run->words.json)
		render_json(run, exit_code, error, text);
	else if (ops != NULL && ops->put_text != NULL)
		ops->put_text(&run->words, &run->report, text);
}

/* Tells others how it went, as the settings have it. The current error stays. */
static void
tell_end(struct run *run, const struct settings *settings, int rc)
{
	const struct error error = rc != 0 ? *error_get() : (struct error){ .class = ERR_NONE };
	int exit_code = exit_code_of(run, &error);
	struct buf json = BUF_EMPTY, summary = BUF_EMPTY;
	struct words words = run->words;

	words.quiet = false; /* that is said to the terminal, not to others */
	render_json(run, exit_code, rc != 0 ? &error : NULL, &json);
	if (run->command->ops->put_text != NULL)
		run->command->ops->put_text(&words, &run->report, &summary);
	const struct notice notice = {
		.backup = run->command->ops->made(&run->report),
		.json = buf_text(&json),
		.summary = buf_text(&summary),
		.exit_code = exit_code,
		.error = &error,
	};
	notice_end(settings, &notice);
	buf_clear(&json);
	buf_clear(&summary);
}

static int
run_command(struct run *run)
{
	struct settings *settings = NULL;

	log_set_level(run->words.quiet ? LOG_QUIET : run->words.verbose ? LOG_VERBOSE : LOG_NORMAL);
	if (run->command->needs_settings) {
		settings = settings_load(settings_path(run->words.config));
		if (settings == NULL)
			return -1;
	}
	bool tells = run->command->ops->made != NULL && !run->words.dry_run;
	if (tells)
		notice_start(settings);
	int rc = run->command->ops->run(settings, &run->words, &run->report);
	run->report.done = rc == 0;
	if (tells)
		tell_end(run, settings, rc);
	settings_free(settings);
	return rc;
}

/* A reader that went away has seen enough; what was to be done is done. */
static int
print_results(const struct buf *text)
{
	if (fwrite(buf_text(text), 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		return 0;
	return errno == EPIPE ? 0 : error_set_errno(ERR_INTERNAL, errno, "cannot write to standard output");
}

static void
print_error(const struct error *error)
{
	char *line = mem_format("incant-backup: %s", error->message);

	log_line(line);
	free(line);
	if (error->hint[0] != '\0') {
		line = mem_format("hint: %s", error->hint);
		log_line(line);
		free(line);
	}
}

/* Shows results, then the error. Returns the exit code. */
static int
conclude(const struct run *run, int rc)
{
	struct error error = { .class = ERR_NONE };
	struct buf text = BUF_EMPTY;

	if (rc != 0) {
		if (error_get()->class == ERR_NONE)
			error_set(ERR_INTERNAL, "%s failed without a word",
				run->name != NULL ? run->name : "the program");
		error_take(&error);
	}
	render(run, exit_code_of(run, &error), rc != 0 ? &error : NULL, &text);
	if (print_results(&text) != 0 && rc == 0)
		error_take(&error);
	buf_clear(&text);
	if (error.class != ERR_NONE)
		print_error(&error);
	return exit_code_of(run, &error);
}

static double
seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* What the command cost this process; its children are not counted. */
static void
log_cost(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		log_verbose("used %.2f s of processor time, at most %ld KiB of memory",
			seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), usage.ru_maxrss);
}

int
cli_run(int argc, char **argv)
{
	struct run run = { .name = NULL };

	memset(&run.report, 0, sizeof(run.report));
	error_clear();
	int rc = interrupt_install();
	if (rc == 0)
		rc = read_words(&run, argc, argv);
	if (rc == 0)
		rc = run_command(&run);
	log_cost();
	int exit_code = conclude(&run, rc);
	if (run.command != NULL && run.command->ops->clear != NULL)
		run.command->ops->clear(&run.report);
	words_clear(&run.words);
	log_reset();
	return exit_code;
}
