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

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/settings.h"

#define STORES "[store local]\nkind = directory\npath = /a\n[store other]\nkind = directory\npath = /b\n"

static struct settings *
parse(const char *source)
{
	struct buf text = BUF_EMPTY;

	error_clear();
	buf_append_format(&text, "[source]\nname = app\n%s" STORES, source);
	struct settings *settings = settings_parse(buf_text(&text), text.len, "test.conf");
	buf_clear(&text);
	return settings;
}

static void
assert_refused(const char *source, const char *message)
{
	assert_null(parse(source));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_string_equal(error_get()->message, message);
}

static void
the_file_is_the_given_one_then_the_environments_then_the_default(void **state)
{
	(void)state;
	assert_int_equal(setenv(SETTINGS_ENVIRONMENT, "/from/environment", 1), 0);
	assert_string_equal(settings_path("/given"), "/given");
	assert_string_equal(settings_path(NULL), "/from/environment");
	assert_int_equal(setenv(SETTINGS_ENVIRONMENT, "", 1), 0);
	assert_string_equal(settings_path(NULL), SETTINGS_DEFAULT_PATH);
	assert_int_equal(unsetenv(SETTINGS_ENVIRONMENT), 0);
	assert_string_equal(settings_path(NULL), SETTINGS_DEFAULT_PATH);
}

static void
a_missing_file_is_told_from_a_bad_one(void **state)
{
	(void)state;
	assert_null(settings_load("/nonexistent/incant.conf"));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_string_equal(error_get()->message, "there is no settings file '/nonexistent/incant.conf'");
	assert_non_null(strstr(error_get()->hint, "--config"));
	assert_null(settings_load("/"));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_null(strstr(error_get()->message, "there is no settings file"));
}

static void
a_file_is_loaded_under_its_path(void **state)
{
	char path[] = "/tmp/incant-settings-XXXXXX";
	int fd = mkstemp(path);
	static const char text[] = "[source]\nname = app\nkind = docker\ncontainer = db\n" STORES;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	struct settings *settings = settings_load(path);
	unlink(path);
	assert_non_null(settings);
	assert_string_equal(settings->path, path);
	assert_string_equal(settings->source.container, "db");
	settings_free(settings);
}

static void
a_store_is_found_by_name_and_the_first_without_one(void **state)
{
	struct settings *settings = parse("kind = docker\ncontainer = db\n");

	(void)state;
	assert_non_null(settings);
	assert_string_equal(settings_find_store(settings, NULL)->name, "local");
	assert_string_equal(settings_find_store(settings, "other")->path, "/b");
	assert_null(settings_find_store(settings, "spaces"));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_string_equal(error_get()->message, "there is no store 'spaces' in test.conf");
	assert_string_equal(error_get()->hint, "It has: local, other.");
	settings_free(settings);
}

static void
a_docker_source_names_one_container_in_one_way(void **state)
{
	static const char neither[] = "test.conf: [source] with kind = docker needs 'compose-project' and "
				      "'compose-service', or 'container'";
	static const char both[] =
		"test.conf: [source] has both 'container' and a Compose service; one of them "
		"names the server";

	(void)state;
	assert_refused("kind = docker\n", neither);
	assert_refused("kind = docker\ncompose-project = p\n", neither);
	assert_refused("kind = docker\ncompose-service = s\n", neither);
	assert_refused("kind = docker\ncontainer = c\ncompose-service = s\n", both);
	assert_refused("kind = docker\ncontainer = c\ncompose-project = p\n", both);
}

static void
a_postgres_source_has_a_conninfo_and_nothing_of_docker(void **state)
{
	static const char *const keys[] = { "compose-project", "compose-service", "container", "user",
		"docker-socket" };
	char source[128], message[128];

	(void)state;
	assert_refused("kind = postgres\n", "test.conf: [source] with kind = postgres needs 'conninfo'");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(source, sizeof(source), "kind = postgres\nconninfo = host=/x\n%s = /y\n", keys[i]);
		snprintf(message, sizeof(message),
			"test.conf: [source] has '%s', which is for kind = docker only", keys[i]);
		assert_refused(source, message);
	}
}

static void
a_name_is_letters_digits_and_three_marks(void **state)
{
	(void)state;
	assert_true(settings_name_is_valid("a"));
	assert_true(settings_name_is_valid("App-2.prod_x"));
	assert_true(settings_name_is_valid("0123456789012345678901234567890123456789"));
	assert_false(settings_name_is_valid("01234567890123456789012345678901234567890"));
	assert_false(settings_name_is_valid(""));
	assert_false(settings_name_is_valid(".."));
	assert_false(settings_name_is_valid("-a"));
	assert_false(settings_name_is_valid("_a"));
	assert_false(settings_name_is_valid("a/b"));
	assert_false(settings_name_is_valid("a b"));
	assert_false(settings_name_is_valid("\xc3\xa4"));
}

static void
the_list_has_sections_and_keys(void **state)
{
	struct buf list = BUF_EMPTY;

	(void)state;
	settings_write_list(&list);
	assert_non_null(strstr(buf_text(&list), "[source]\n[source] name\n"));
	assert_non_null(strstr(buf_text(&list), "\n[dump] verify-frames\n"));
	assert_non_null(strstr(buf_text(&list), "\n[store NAME]\n[store NAME] kind\n[store NAME] path\n"));
	buf_clear(&list);
}

/* A folder with files for one test. */
static char folder[] = "/tmp/incant-settings-XXXXXX";

static void
write_file(const char *name, const char *text)
{
	char *path = file_join(folder, name);

	assert_int_equal(file_save(path, text, strlen(text), 0600, FILE_REPLACE, ERR_INTERNAL), 0);
	free(path);
}

static struct settings *
load(const char *text)
{
	char *path = file_join(folder, "main.conf");

	error_clear();
	write_file("main.conf", text);
	struct settings *settings = settings_load(path);
	free(path);
	return settings;
}

static void
assert_load_refused(const char *text, const char *message)
{
	char *whole = mem_format("%s/%s", folder, message);

	assert_null(load(text));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_string_equal(error_get()->message, whole);
	free(whole);
}

static int
make_folder(void **state)
{
	(void)state;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	return file_remove_tree(folder, ERR_INTERNAL);
}

#define SOURCE "[source]\nname = app\nkind = postgres\nconninfo = service=a\n"

static void
an_included_file_reads_as_though_it_stood_there(void **state)
{
	(void)state;
	write_file("name.conf", "name = app ; keys of the section that is here\n");
	write_file("stores.conf", "\xef\xbb\xbf" STORES "include = more/keep.conf");
	char *more = file_join(folder, "more");
	assert_int_equal(mkdir(more, 0700), 0);
	free(more);
	write_file("more/keep.conf", "[keep]\nlast = 9\ninclude = daily.conf\n"); /* relative to that file */
	write_file("more/daily.conf", "daily = 8\n");
	struct settings *settings = load("include = stores.conf\n[source]\ninclude = name.conf\n"
					 "kind = postgres\nconninfo = service=a\n");

	assert_non_null(settings);
	assert_string_equal(settings->source.name, "app");
	assert_int_equal(settings->store_count, 2);
	assert_int_equal(settings->stores[0].keep.last, 9);
	assert_int_equal(settings->stores[0].keep.daily, 8);
	assert_int_equal(settings->included.count, 4);
	settings_free(settings);
}

static void
a_fault_in_an_included_file_names_that_file_and_line(void **state)
{
	(void)state;
	write_file("more.conf", STORES "[dump]\nworkers = 0\n");
	assert_load_refused(SOURCE "include = more.conf\n", "more.conf:8: '0' is not a value for 'workers'");
	write_file("more.conf", "\n[source]\n");
	assert_load_refused(
		SOURCE "include = more.conf\n", "more.conf:2: section [source] is here a second time");
	write_file("more.conf", "\nwhat is this\n");
	assert_load_refused(SOURCE "include = more.conf\n",
		"more.conf:2: this line is neither a heading nor 'key = value'");
	write_file("more.conf", "[identity]\n");
	assert_load_refused(
		SOURCE "include = more.conf\n", "more.conf:1: [identity] ends here and has no 'file'");
	write_file("more.conf", "name = again\n");
	assert_load_refused(SOURCE "include = more.conf\n" STORES,
		"more.conf:1: key 'name' is in [source] a second time");
}

static void
an_include_that_cannot_be_is_refused_at_its_line(void **state)
{
	(void)state;
	assert_load_refused(SOURCE "include =\n", "main.conf:5: key 'include' has no value");
	write_file("self.conf", "include = self.conf\n");
	assert_load_refused(
		SOURCE "include = self.conf\n", "self.conf:1: files include one another more than 8 deep");
	write_file("stores.conf", STORES);
	assert_load_refused(SOURCE "include = stores.conf\npg-bindir = /x\n",
		"main.conf:6: key 'pg-bindir' stands behind a file with sections of its own; it needs a "
		"heading");

	char *message =
		mem_format("%s/main.conf:5: there is no file '%s/none.conf' to include", folder, folder);
	assert_null(load(SOURCE "include = none.conf\n"));
	assert_string_equal(error_get()->message, message);
	free(message);

	error_clear();
	assert_null(settings_parse("include = /etc/passwd\n", strlen("include = /etc/passwd\n"), "text"));
	assert_string_equal(error_get()->message, "text:1: only a file can include another one");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_the_given_one_then_the_environments_then_the_default),
		cmocka_unit_test(a_missing_file_is_told_from_a_bad_one),
		cmocka_unit_test(a_file_is_loaded_under_its_path),
		cmocka_unit_test(a_store_is_found_by_name_and_the_first_without_one),
		cmocka_unit_test(a_docker_source_names_one_container_in_one_way),
		cmocka_unit_test(a_postgres_source_has_a_conninfo_and_nothing_of_docker),
		cmocka_unit_test(a_name_is_letters_digits_and_three_marks),
		cmocka_unit_test(the_list_has_sections_and_keys),
		cmocka_unit_test_setup_teardown(
			an_included_file_reads_as_though_it_stood_there, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			a_fault_in_an_included_file_names_that_file_and_line, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			an_include_that_cannot_be_is_refused_at_its_line, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
