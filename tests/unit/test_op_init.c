#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/op/op_init_inside.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/settings.h"

/* A text that may be written to, as the structures have them. */
#define TEXT(text) ((char[]){ text })

/* Containers whose texts are borrowed: never cleared. */
static char folder[] = "/srv/app", compose[] = "/srv/app/a.yml,/srv/app/b.yml", nothing[] = "";

static struct docker_listed
listed(char *name, char *image, char *project)
{
	return (struct docker_listed){ .id = nothing,
		.name = name,
		.image = image,
		.project = project,
		.service = name,
		.working_folder = folder,
		.compose_files = compose,
		.env_file = nothing };
}

static void
the_only_container_of_a_postgresql_image_is_the_server(void **state)
{
	struct docker_listed containers[] = { listed(TEXT("web"), TEXT("nginx"), TEXT("app")),
		listed(TEXT("db"), TEXT("postgres:15-alpine"), TEXT("app")),
		listed(TEXT("redis"), TEXT("redis:7"), TEXT("app")) };
	const struct docker_list list = { .containers = containers, .count = 3 };

	(void)state;
	assert_ptr_equal(init_find_server(&list, NULL), &containers[1]);
	assert_ptr_equal(init_find_server(&list, "/srv/app/b.yml"), &containers[1]);
	assert_null(init_find_server(&list, "/srv/app/c.yml"));
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_non_null(strstr(error_get()->message, "/srv/app/c.yml"));
	assert_null(init_find_server(&list, "/srv/app/b"));
	containers[1].one_off = true;
	assert_null(init_find_server(&list, NULL));
}

static void
a_server_of_another_name_is_known_by_its_port(void **state)
{
	struct docker_port ports[] = { { nothing, 0, 80 }, { nothing, 0, 5432 } };
	struct docker_listed containers[] = { listed(TEXT("db"), TEXT("sha256:123"), TEXT("app")) };
	const struct docker_list list = { .containers = containers, .count = 1 };

	(void)state;
	assert_null(init_find_server(&list, NULL));
	containers[0].ports = ports;
	containers[0].port_count = 2;
	assert_ptr_equal(init_find_server(&list, NULL), &containers[0]);
}

static void
of_several_servers_none_is_guessed_and_all_are_named(void **state)
{
	struct docker_listed containers[] = { listed(TEXT("one"), TEXT("postgres:15"), TEXT("app")),
		listed(TEXT("two"), TEXT("postgis:15"), TEXT("b")) };
	const struct docker_list list = { .containers = containers, .count = 2 };

	(void)state;
	containers[1].compose_files = TEXT("/srv/b/compose.yml");
	assert_null(init_find_server(&list, NULL));
	assert_string_equal(error_get()->message,
		"several containers look like a PostgreSQL server: one (postgres:15), two (postgis:15)");
	assert_non_null(strstr(error_get()->hint, "--compose-file"));
	assert_ptr_equal(init_find_server(&list, "/srv/b/compose.yml"), &containers[1]);
}

/* Folders that are there, and not the system's: below the folder in which the tests run. */
struct folders {
	char *data, *code;
};

static int
folders_make(void **state)
{
	struct folders *folders = calloc(1, sizeof(*folders));
	char *here = getcwd(NULL, 0);

	folders->data = mem_format("%s/init-%ld/My data", here, (long)getpid());
	folders->code = mem_format("%s/init-%ld/code", here, (long)getpid());
	free(here);
	*state = folders;
	return file_make_directories(folders->data, ERR_INTERNAL) +
	       file_make_directories(folders->code, ERR_INTERNAL);
}

static int
folders_remove(void **state)
{
	struct folders *folders = *state;
	char *above = mem_text_n(folders->code, (size_t)(strrchr(folders->code, '/') - folders->code));
	int rc = file_remove_tree(above, ERR_INTERNAL);

	free(above);
	free(folders->data);
	free(folders->code);
	free(folders);
	return rc;
}

static void
folders_of_the_application_are_its_bind_mounts_of_directories(void **state)
{
	struct folders *folders = *state;
	struct docker_mount web[] = { { true, true, folders->data, TEXT("/data") },
		{ true, false, folders->code, TEXT("/code") }, { true, true, TEXT("/etc"), TEXT("/ssl") },
		{ true, true, TEXT("/nowhere/at/all"), TEXT("/x") },
		{ false, true, folders->data, TEXT("/volume") },
		{ true, false, folders->data, TEXT("/again") } };
	struct docker_mount other[] = { { true, true, TEXT("/srv"), TEXT("/all") } };
	struct docker_listed containers[] = { listed(TEXT("db"), TEXT("postgres"), TEXT("app")),
		listed(TEXT("web"), TEXT("nginx"), TEXT("app")),
		listed(TEXT("else"), TEXT("nginx"), TEXT("b")) };
	const struct docker_list list = { .containers = containers, .count = 3 };
	struct init_found found = { .project = NULL };

	containers[1].mounts = web;
	containers[1].mount_count = sizeof(web) / sizeof(web[0]);
	containers[2].mounts = other;
	containers[2].mount_count = 1;
	init_find_folders(&list, &containers[0], &found);
	assert_int_equal(found.folder_count, 2);
	assert_string_equal(found.folders[0].name, "My-data");
	assert_string_equal(found.folders[0].path, folders->data);
	assert_true(found.folders[0].writable);
	assert_string_equal(found.folders[1].name, "code");
	assert_false(found.folders[1].writable);
	init_found_clear(&found);
}

static void
folders_of_one_name_get_numbers(void **state)
{
	struct folders *folders = *state;
	char *inner = mem_format("%s/code", folders->data);
	struct docker_mount mounts[] = { { true, true, folders->code, TEXT("/a") },
		{ true, true, inner, TEXT("/b") } };
	struct docker_listed containers[] = { listed(TEXT("db"), TEXT("postgres"), TEXT("app")),
		listed(TEXT("web"), TEXT("nginx"), TEXT("app")) };
	const struct docker_list list = { .containers = containers, .count = 2 };
	struct init_found found = { .project = NULL };

	assert_int_equal(file_make_directories(inner, ERR_INTERNAL), 0);
	containers[1].mounts = mounts;
	containers[1].mount_count = 2;
	init_find_folders(&list, &containers[0], &found);
	assert_int_equal(found.folder_count, 2);
	assert_string_equal(found.folders[0].name, "code");
	assert_string_equal(found.folders[1].name, "code-2");
	init_found_clear(&found);
	free(inner);
}

/* What is written must be what the program reads. */
static struct settings *
read_back(const struct init_found *found)
{
	char *text = init_format(found);
	struct settings *settings = settings_parse(text, strlen(text), "made");

	if (settings == NULL)
		fail_msg("%s\n%s", error_get()->message, text);
	free(text);
	return settings;
}

static void
settings_for_a_compose_service_can_be_read(void **state)
{
	struct init_folder folders[] = { { TEXT("backend-data"), TEXT("/srv/app/backend-data"), true },
		{ TEXT("code"), TEXT("/srv/app/code"), false } };
	const struct init_found found = { .project = TEXT("incantations"),
		.service = TEXT("postgres"),
		.user = TEXT("incant"),
		.env_file = TEXT("/srv/app/.env.prod"),
		.droplet = 4711,
		.folders = folders,
		.folder_count = 2 };
	struct settings *settings = read_back(&found);

	(void)state;
	assert_string_equal(settings->source.name, "incantations");
	assert_int_equal(settings->source.kind, SETTINGS_DOCKER);
	assert_string_equal(settings->source.compose_project, "incantations");
	assert_string_equal(settings->source.compose_service, "postgres");
	assert_string_equal(settings->source.user, "incant");
	assert_string_equal(settings->source.env_file, "/srv/app/.env.prod");
	assert_int_equal(settings->store_count, 1);
	assert_int_equal(settings->files_count, 1);
	assert_string_equal(settings->files[0].path, "/srv/app/backend-data");
	settings_free(settings);
}

static void
an_env_file_that_others_can_read_is_a_comment(void **state)
{
	const struct init_found found = {
		.container = TEXT("db"), .env_file = TEXT("/srv/app/.env"), .env_file_open = true
	};
	struct settings *settings = read_back(&found);

	(void)state;
	assert_string_equal(settings->source.name, "db");
	assert_string_equal(settings->source.container, "db");
	assert_null(settings->source.env_file);
	assert_string_equal(settings->source.user, "postgres");
	settings_free(settings);
}

static void
settings_for_a_server_of_the_host_can_be_read(void **state)
{
	const struct init_found found = { .conninfo = TEXT("host=/var/run/postgresql user=postgres") };
	struct settings *settings = read_back(&found);

	(void)state;
	assert_string_equal(settings->source.name, "main");
	assert_int_equal(settings->source.kind, SETTINGS_POSTGRES);
	settings_free(settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_only_container_of_a_postgresql_image_is_the_server),
		cmocka_unit_test(a_server_of_another_name_is_known_by_its_port),
		cmocka_unit_test(of_several_servers_none_is_guessed_and_all_are_named),
		cmocka_unit_test_setup_teardown(folders_of_the_application_are_its_bind_mounts_of_directories,
			folders_make, folders_remove),
		cmocka_unit_test_setup_teardown(
			folders_of_one_name_get_numbers, folders_make, folders_remove),
		cmocka_unit_test(settings_for_a_compose_service_can_be_read),
		cmocka_unit_test(an_env_file_that_others_can_read_is_a_comment),
		cmocka_unit_test(settings_for_a_server_of_the_host_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
