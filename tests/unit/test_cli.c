#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/cli.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"

#define WORDS_MAX       16
#define OUTPUT_CAPACITY (64 * 1024)

/* What one run printed. */
static char out[OUTPUT_CAPACITY], err[OUTPUT_CAPACITY];

/* A folder with a settings file whose store is not there yet. */
static char root[] = "/tmp/incant-cli-XXXXXX";
static char *settings;

static int
make_settings(void **state)
{
	(void)state;
	if (mkdtemp(root) == NULL)
		return -1;
	settings = file_join(root, "test.conf");
	FILE *file = fopen(settings, "w");
	if (file == NULL)
		return -1;
	fprintf(file,
		"[source]\nname = app\nkind = postgres\nconninfo = host=/nonexistent\n"
		"[store local]\nkind = directory\npath = %s/store\n",
		root);
	return fclose(file) | unsetenv("INCANT_BACKUP_CONFIG");
}

static int
remove_settings(void **state)
{
	(void)state;
	free(settings);
	return file_remove_tree(root, ERR_INTERNAL);
}

/* Descriptor fd goes to the file from here on; returns a copy of what it was. */
static int
divert(int fd, FILE *to)
{
	int original = dup(fd);

	assert_true(original >= 0);
	assert_true(dup2(fileno(to), fd) == fd);
	return original;
}

static void
bring_back(int fd, int original, FILE *from, char *text)
{
	assert_true(dup2(original, fd) == fd);
	close(original);
	rewind(from);
	text[fread(text, 1, OUTPUT_CAPACITY - 1, from)] = '\0';
	fclose(from);
}

/* Runs the words that follow the program's name; they end with NULL. Returns the exit code. */
static int
run(const char *const *words)
{
	char *argv[WORDS_MAX] = { mem_text("incant-backup") };
	int argc = 1;
	FILE *out_file = tmpfile(), *err_file = tmpfile();

	assert_true(out_file != NULL && err_file != NULL);
	for (; *words != NULL; words++)
		argv[argc++] = mem_text(*words);
	fflush(stdout);
	int original_out = divert(STDOUT_FILENO, out_file);
	int original_err = divert(STDERR_FILENO, err_file);
	int code = cli_run(argc, argv);
	fflush(stdout);
	bring_back(STDERR_FILENO, original_err, err_file, err);
	bring_back(STDOUT_FILENO, original_out, out_file, out);
	while (argc > 0)
		free(argv[--argc]);
	return code;
}

#define RUN(...) run((const char *[]){ __VA_ARGS__, NULL })

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in '%s'", part, text);
}

static void
no_command_is_a_usage_error_of_two_lines(void **state)
{
	(void)state;
	assert_int_equal(run((const char *[]){ NULL }), 2);
	assert_string_equal(out, "");
	assert_string_equal(
		err, "incant-backup: no command is given\nhint: `incant-backup help` lists the commands.\n");
}

static void
an_error_in_the_words_is_json_too(void **state)
{
	(void)state;
	assert_int_equal(RUN("bakcup", "--json"), 2);
	assert_string_equal(out, "{\n"
				 "  \"command\": \"bakcup\",\n"
				 "  \"ok\": false,\n"
				 "  \"exit_code\": 2,\n"
				 "  \"warnings\": [],\n"
				 "  \"error\": {\n"
				 "    \"class\": \"usage\",\n"
				 "    \"message\": \"unknown command 'bakcup'\",\n"
				 "    \"hint\": \"Did you mean 'backup'?\"\n"
				 "  }\n"
				 "}\n");
	assert_string_equal(err, "incant-backup: unknown command 'bakcup'\nhint: Did you mean 'backup'?\n");
	assert_int_equal(RUN("--jsno", "--json"), 2);
	assert_has(out, "\"command\": null");
	assert_int_equal(RUN("list", "--sorce", "x", "--json"), 2);
	assert_has(out, "\"backups\": []");
	assert_int_equal(RUN("cat", "--json"), 2);
	assert_has(out, "\"command\": \"cat\"");
	assert_has(out, "\"exit_code\": 2");
}

static void
help_needs_no_settings_and_stands_for_any_command(void **state)
{
	(void)state;
	assert_int_equal(RUN("help"), 0);
	assert_has(out, "usage: incant-backup ");
	assert_string_equal(err, "");
	assert_int_equal(RUN("--help"), 0);
	assert_has(out, "\ncommands:\n");
	assert_int_equal(RUN("help", "restore"), 0);
	assert_has(out, "usage: incant-backup restore ");
	assert_int_equal(RUN("restore", "--help"), 0);
	assert_has(out, "usage: incant-backup restore ");
	assert_int_equal(RUN("help", "restroe"), 2);
	assert_has(err, "Did you mean 'restore'?");
	assert_int_equal(RUN("help", "--json", "list"), 0);
	assert_has(out, "\"text\": \"usage: incant-backup list");
}

static void
a_command_of_two_words_is_told_as_command_and_action(void **state)
{
	(void)state;
	assert_int_equal(RUN("snapshot", "--json"), 2);
	assert_has(out, "\"command\": \"snapshot\",\n  \"ok\": false");
	assert_has(out, "snapshot needs a second word: create, list, prune");
	assert_int_equal(RUN("snapshot", "prune", "--json", "--config", "/nowhere/x"), 3);
	assert_has(out, "\"command\": \"snapshot\",\n  \"action\": \"prune\",\n");
	assert_int_equal(RUN("snapshot", "crate"), 2);
	assert_has(err, "unknown command 'snapshot crate'");
	assert_int_equal(RUN("snapshot", "list", "more"), 2);
	assert_has(err, "'more' is too much for snapshot list");
	assert_int_equal(RUN("help", "snapshot", "prune"), 0);
	assert_has(out, "usage: incant-backup snapshot prune [--dry-run]");
	assert_int_equal(RUN("snapshot", "--help"), 0);
	assert_has(out, "usage: incant-backup snapshot create");
	assert_has(out, "usage: incant-backup snapshot list");
	assert_int_equal(RUN("snapshot", "create", "--help"), 0);
	assert_has(out, "usage: incant-backup snapshot create");
	assert_int_equal(RUN("help", "snapshot", "prune", "more"), 2);
}

static void
the_version_is_told_everywhere(void **state)
{
	(void)state;
	assert_int_equal(RUN("--version"), 0);
	assert_string_equal(out, "incant-backup " PACKAGE_VERSION "\n");
	assert_int_equal(RUN("backup", "--version"), 0);
	assert_string_equal(out, "incant-backup " PACKAGE_VERSION "\n");
	assert_int_equal(RUN("--version", "--json"), 0);
	assert_has(out, "\"version\": \"" PACKAGE_VERSION "\"");
}

static void
global_options_stand_before_and_behind_the_command(void **state)
{
	(void)state;
	assert_int_equal(RUN("--config", settings, "--json", "list"), 0);
	assert_has(out, "\"backups\": []");
	assert_int_equal(RUN("list", "--json", "--config", settings), 0);
	assert_has(out, "\"command\": \"list\",\n  \"backups\": [],\n  \"ok\": true,\n  \"exit_code\": 0");
}

static void
an_empty_store_lists_nothing_and_says_so_aside(void **state)
{
	(void)state;
	assert_int_equal(RUN("--config", settings, "list"), 0);
	assert_string_equal(out, "");
	assert_string_equal(err, "incant-backup: there are no backups yet\n");
	assert_int_equal(RUN("--config", settings, "list", "--quiet"), 0);
	assert_string_equal(err, "");
}

static void
a_backup_that_is_not_there_is_exit_code_6(void **state)
{
	(void)state;
	assert_int_equal(RUN("--config", settings, "show", "--json"), 6);
	assert_has(out, "\"backup\": null");
	assert_has(out, "\"class\": \"not-found\"");
	assert_ptr_equal(strstr(err, "incant-backup: "), err);
	assert_int_equal(RUN("--config", settings, "cat", "2026"), 6);
	assert_string_equal(out, "");
}

static void
a_failed_backup_has_a_null_backup(void **state)
{
	(void)state;
	assert_int_equal(RUN("backup", "--json", "--config", "/nonexistent/x.conf"), 3);
	assert_has(out, "\"backup\": null");
	assert_has(out, "\"exit_code\": 3");
	assert_has(err, "incant-backup: there is no settings file '/nonexistent/x.conf'\nhint: ");
}

static void
the_environment_names_the_settings_file(void **state)
{
	(void)state;
	assert_int_equal(setenv("INCANT_BACKUP_CONFIG", settings, 1), 0);
	assert_int_equal(RUN("list"), 0);
	assert_int_equal(unsetenv("INCANT_BACKUP_CONFIG"), 0);
}

static void
words_that_do_not_fit_are_usage_errors(void **state)
{
	(void)state;
	assert_int_equal(RUN("list", "extra"), 2);
	assert_has(err, "'extra' is too much for list");
	assert_int_equal(RUN("show", "one", "two"), 2);
	assert_int_equal(RUN("list", "--quiet", "--verbose"), 2);
	assert_int_equal(RUN("show", "latest", "--at", "yesterday"), 2);
	assert_int_equal(RUN("show", "--at", "when the moon was full"), 2);
	assert_int_equal(RUN("restore", "latest", "--at", "yesterday"), 2);
	assert_int_equal(RUN("verify", "--all", "latest"), 2);
}

/* The words are looked at before the settings are. */
static void
a_usage_error_comes_before_one_in_the_settings(void **state)
{
	(void)state;
	assert_int_equal(RUN("--config", "/nonexistent/x.conf", "restore", "--at", "nonsense"), 2);
	assert_int_equal(RUN("--config", "/nonexistent/x.conf", "show", "--at", "nonsense"), 2);
}

/* /dev/full refuses every byte. */
static void
output_that_cannot_be_written_is_an_error(void **state)
{
	char *argv[] = { mem_text("incant-backup"), mem_text("help") };
	FILE *full = fopen("/dev/full", "w"), *err_file = tmpfile();

	(void)state;
	assert_true(full != NULL && err_file != NULL);
	fflush(stdout);
	int original_out = divert(STDOUT_FILENO, full);
	int original_err = divert(STDERR_FILENO, err_file);
	int code = cli_run(2, argv);
	bring_back(STDERR_FILENO, original_err, err_file, err);
	assert_true(dup2(original_out, STDOUT_FILENO) == STDOUT_FILENO);
	close(original_out);
	fclose(full);
	clearerr(stdout);
	free(argv[0]);
	free(argv[1]);
	assert_int_equal(code, 1);
	assert_string_equal(err, "incant-backup: cannot write to standard output: No space left on device\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_command_is_a_usage_error_of_two_lines),
		cmocka_unit_test(an_error_in_the_words_is_json_too),
		cmocka_unit_test(help_needs_no_settings_and_stands_for_any_command),
		cmocka_unit_test(a_command_of_two_words_is_told_as_command_and_action),
		cmocka_unit_test(the_version_is_told_everywhere),
		cmocka_unit_test(global_options_stand_before_and_behind_the_command),
		cmocka_unit_test(an_empty_store_lists_nothing_and_says_so_aside),
		cmocka_unit_test(a_backup_that_is_not_there_is_exit_code_6),
		cmocka_unit_test(a_failed_backup_has_a_null_backup),
		cmocka_unit_test(the_environment_names_the_settings_file),
		cmocka_unit_test(words_that_do_not_fit_are_usage_errors),
		cmocka_unit_test(a_usage_error_comes_before_one_in_the_settings),
		cmocka_unit_test(output_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_settings, remove_settings);
}
