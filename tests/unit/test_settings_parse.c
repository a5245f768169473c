#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/settings.h"

#define SOURCE "[source]\nname = app\nkind = postgres\nconninfo = host=/run/postgresql\n"
#define STORE  "[store local]\nkind = directory\npath = /var/backups\n"

static struct settings *
parse(const char *text)
{
	error_clear();
	return settings_parse(text, strlen(text), "test.conf");
}

static struct settings *
parse_well(const char *text)
{
	struct settings *settings = parse(text);

	if (settings == NULL)
		fail_msg("%s", error_get()->message);
	return settings;
}

/* The text is refused with that message, and with a hint that begins so (NULL = any). */
static void
assert_refused(const char *text, const char *message, const char *hint)
{
	assert_null(parse(text));
	assert_int_equal(error_get()->class, ERR_SETTINGS);
	assert_string_equal(error_get()->message, message);
	if (hint != NULL)
		assert_string_equal(error_get()->hint, hint);
}

static void
a_docker_source_is_read(void **state)
{
	struct settings *settings = parse_well("[source]\n"
					       "name = incantations\n"
					       "kind = docker                  ; docker | postgres\n"
					       "compose-project = incantations ; with compose-service\n"
					       "compose-service = postgres\n"
					       "user = incant                  ; the role\n"
					       "docker-socket = /run/docker.sock\n"
					       "env-file = /srv/app/.env.prod  ; POSTGRES_USER\n" STORE);

	(void)state;
	assert_string_equal(settings->path, "test.conf");
	assert_string_equal(settings->source.name, "incantations");
	assert_int_equal(settings->source.kind, SETTINGS_DOCKER);
	assert_string_equal(settings->source.compose_project, "incantations");
	assert_string_equal(settings->source.compose_service, "postgres");
	assert_string_equal(settings->source.user, "incant");
	assert_string_equal(settings->source.docker_socket, "/run/docker.sock");
	assert_string_equal(settings->source.env_file, "/srv/app/.env.prod");
	assert_null(settings->source.container);
	assert_null(settings->source.conninfo);
	settings_free(settings);
}

static void
every_key_of_the_dump_is_read(void **state)
{
	struct settings *settings = parse_well(SOURCE STORE "[dump]\n"
							    "compression = gzip:9\n"
							    "frame-size = 512KiB\n"
							    "workers = 7\n"
							    "verify-frames = no\n"
							    "lock-timeout = 0\n"
							    "time-limit = 90m\n");

	(void)state;
	assert_int_equal(settings->dump.codec, FRAME_GZIP);
	assert_int_equal(settings->dump.level, 9);
	assert_int_equal(settings->dump.frame_bytes, 512 * 1024);
	assert_int_equal(settings->dump.workers, 7);
	assert_false(settings->dump.verify_frames);
	assert_int_equal(settings->dump.lock_timeout_ms, 0);
	assert_int_equal(settings->dump.time_limit_ms, 90 * 60 * 1000);
	settings_free(settings);
}

static void
what_is_not_said_has_its_default(void **state)
{
	struct settings *settings = parse_well("[source]\nname = app\nkind = docker\ncontainer = db\n" STORE);

	(void)state;
	assert_string_equal(settings->source.docker_socket, "/var/run/docker.sock");
	assert_null(settings->source.user);
	assert_int_equal(settings->dump.codec, FRAME_ZSTD);
	assert_int_equal(settings->dump.level, 3);
	assert_int_equal(settings->dump.frame_bytes, FRAME_DEFAULT_BYTES);
	assert_in_range(settings->dump.workers, 1, 4);
	assert_true(settings->dump.verify_frames);
	assert_int_equal(settings->dump.lock_timeout_ms, 60 * 1000);
	assert_int_equal(settings->dump.time_limit_ms, 6 * 60 * 60 * 1000);
	settings_free(settings);
}

static void
stores_keep_their_order(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	buf_append_text(&text, SOURCE);
	for (int i = 0; i < 40; i++)
		buf_append_format(&text, "[store s%d]\nkind = directory\npath = /b/%d\n", i, i);
	struct settings *settings = parse_well(buf_text(&text));
	assert_int_equal(settings->store_count, 40);
	assert_string_equal(settings->stores[0].name, "s0");
	assert_string_equal(settings->stores[39].name, "s39");
	assert_string_equal(settings->stores[39].path, "/b/39");
	assert_int_equal(settings->stores[39].kind, STORE_DIRECTORY);
	settings_free(settings);
	buf_clear(&text);
}

static void
a_file_reads_the_same_whatever_the_white_space(void **state)
{
	struct settings *settings = parse_well("\xef\xbb\xbf  # indented\r\n"
					       "\t[ source ]  ; a comment\r\n"
					       "    name=app\r\n"
					       "      kind   =   postgres   \r\n"
					       "    conninfo = host=/run port=5433\r\n"
					       "\r\n"
					       "  [store   local]\r\n"
					       "    kind : directory\r\n"
					       "\tpath = /var/my backups");

	(void)state;
	assert_string_equal(settings->source.name, "app");
	assert_int_equal(settings->source.kind, SETTINGS_POSTGRES);
	assert_string_equal(settings->source.conninfo, "host=/run port=5433");
	assert_string_equal(settings->stores[0].name, "local");
	assert_string_equal(settings->stores[0].path, "/var/my backups");
	settings_free(settings);
}

static void
a_semicolon_begins_a_comment_only_behind_white_space(void **state)
{
	struct settings *settings =
		parse_well("[source]\nname = app\nkind = postgres\nconninfo = service=a;b#c ; d\n" STORE);

	(void)state;
	assert_string_equal(settings->source.conninfo, "service=a;b#c");
	settings_free(settings);
}

static void
unknown_words_are_named_with_line_and_nearest_one(void **state)
{
	(void)state;
	assert_refused(SOURCE STORE "[dump]\nframe-siez = 4MiB\n",
		"test.conf:9: unknown key 'frame-siez' in [dump]", "Did you mean 'frame-size'?");
	assert_refused(
		SOURCE "[stor local]\n", "test.conf:5: unknown section [stor]", "Did you mean 'store'?");
	assert_refused("[zebra]\n", "test.conf:1: unknown section [zebra]",
		"incant-backup.conf(5) describes every section and key.");
	assert_refused(SOURCE "[store local]\nway = /x\n", "test.conf:6: unknown key 'way' in [store local]",
		"incant-backup.conf(5) describes every section and key.");
}

static void
an_empty_unknown_section_is_not_overlooked(void **state)
{
	(void)state;
	assert_refused(SOURCE STORE "[dmp]", "test.conf:8: unknown section [dmp]", "Did you mean 'dump'?");
}

static void
a_droplet_is_read_and_has_defaults(void **state)
{
	struct settings *plain = parse_well(SOURCE STORE);
	struct settings *full =
		parse_well(SOURCE STORE "[droplet]\nid = 3164444\ntoken-file = /etc/token\n"
					"api = http://127.0.0.1:8080\nkeep = 2\ntime-limit = 90m\n");
	struct settings *automatic = parse_well(SOURCE STORE "[droplet]\nid = auto\n");

	(void)state;
	assert_null(plain->droplet.id);
	assert_null(plain->droplet.token_file);
	assert_string_equal(plain->droplet.api, "https://api.digitalocean.com");
	assert_int_equal(plain->droplet.keep, 4);
	assert_int_equal(plain->droplet.time_limit_ms, 7200000);
	assert_string_equal(full->droplet.id, "3164444");
	assert_string_equal(full->droplet.token_file, "/etc/token");
	assert_string_equal(full->droplet.api, "http://127.0.0.1:8080");
	assert_int_equal(full->droplet.keep, 2);
	assert_int_equal(full->droplet.time_limit_ms, 5400000);
	assert_null(automatic->droplet.id);
	settings_free(plain);
	settings_free(full);
	settings_free(automatic);
}

static void
a_droplet_that_cannot_be_is_refused(void **state)
{
	(void)state;
	assert_refused(SOURCE STORE "[droplet]\nid = 0\n", "test.conf:9: '0' is not a value for 'id'",
		"It must be a droplet's number, or auto.");
	assert_null(parse(SOURCE STORE "[droplet]\nid = 7/../8\n"));
	assert_null(parse(SOURCE STORE "[droplet]\nkeep = 0\n"));
	assert_null(parse(SOURCE STORE "[droplet]\ntime-limit = 0\n"));
	assert_refused(SOURCE STORE "[droplet]\napi = http://api.digitalocean.com\n",
		"test.conf:9: 'http://api.digitalocean.com' is not a value for 'api'",
		"It must be an https address without a '/' at its end.");
}

static void
a_store_of_an_unknown_kind_is_refused(void **state)
{
	(void)state;
	assert_refused(SOURCE "[store s]\nkind = s4\n", "test.conf:6: 's4' is not a value for 'kind'",
		"It must be directory or s3.");
}

static void
files_have_patterns_and_commands_in_words(void **state)
{
	struct settings *settings = parse(SOURCE STORE
		"[files a]\npath = /a\nexclude = *.tmp a\\ b  cache/\n"
		"before = docker pause \"two words\" 'it''s' x\\ y\nsecret = no\ncommand-limit = 5m\n"
		"[files b]\npath = /b/.env\none-file-system = no\n");

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings->files_count, 2);
	const struct settings_files *files = &settings->files[0];
	assert_string_equal(files->name, "a");
	assert_int_equal(files->excludes.count, 3);
	assert_string_equal(files->excludes.items[1], "a\\ b");
	assert_string_equal(files->excludes.items[2], "cache/");
	assert_int_equal(files->before.count, 5);
	assert_string_equal(files->before.items[2], "two words");
	assert_string_equal(files->before.items[3], "its");
	assert_string_equal(files->before.items[4], "x y");
	assert_null(files->before.items[5]);
	assert_null(files->after.items);
	assert_int_equal(files->secret, SETTINGS_SECRET_NO);
	assert_true(files->one_file_system);
	assert_int_equal(files->command_limit_ms, 5 * 60 * 1000);
	assert_int_equal(settings->files[1].secret, SETTINGS_SECRET_DEFAULT);
	assert_false(settings->files[1].one_file_system);
	settings_free(settings);
	assert_null(parse(SOURCE STORE "[files a.b]\npath = /a\n"));
	assert_null(parse(SOURCE STORE "[files a]\npath = a\n"));
	assert_null(parse(SOURCE STORE "[files a]\nexclude = x\n"));
	assert_null(parse(SOURCE STORE "[files a]\npath = /a\nbefore = \"open\n"));
}

static void
what_watches_has_defaults_and_addresses(void **state)
{
	struct settings *settings = parse(SOURCE STORE);

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings->status.max_age_ms, 26 * 60 * 60 * 1000);
	assert_int_equal(settings->status.max_proof_age_ms, 0);
	assert_null(settings->notify.ping);
	settings_free(settings);
	settings = parse(SOURCE STORE "[status]\nmax-age = 2d\nmax-proof-age = 8d\n"
				      "[notify]\nping = https://x/y\ncommand = /bin/tell all\n");
	assert_non_null(settings);
	assert_int_equal(settings->status.max_age_ms, 2 * 24 * 60 * 60 * 1000);
	assert_string_equal(settings->notify.ping, "https://x/y");
	assert_string_equal(settings->notify.command.items[1], "all");
	settings_free(settings);
	assert_null(parse(SOURCE STORE "[notify]\nping = ftp://x\n"));
}

static void
recipients_come_as_words_and_keys(void **state)
{
	struct settings *settings =
		parse(SOURCE STORE "encrypt-to = age1a  /etc/recipients\nencrypt-to = age1b\n");
	const struct settings_texts *texts;

	(void)state;
	assert_non_null(settings);
	texts = &settings->stores[0].encrypt_to;
	assert_int_equal(texts->count, 3);
	assert_string_equal(texts->items[0], "age1a");
	assert_string_equal(texts->items[1], "/etc/recipients");
	assert_string_equal(texts->items[2], "age1b");
	settings_free(settings);
	assert_null(parse(SOURCE STORE "encrypt-to =\n"));
}

static void
an_identity_is_a_file(void **state)
{
	struct settings *settings =
		parse(SOURCE STORE "[identity]\nfile = /root/id\npassphrase-file = /root/p\n");

	(void)state;
	assert_non_null(settings);
	assert_string_equal(settings->identity.file, "/root/id");
	assert_string_equal(settings->identity.passphrase_file, "/root/p");
	settings_free(settings);
	assert_null(parse(SOURCE STORE "[identity]\n"));
	assert_null(parse(SOURCE STORE "[identity]\nfile = id\n"));
}

static void
what_is_there_twice_is_refused(void **state)
{
	(void)state;
	assert_refused(SOURCE SOURCE, "test.conf:5: section [source] is here a second time", NULL);
	assert_refused(SOURCE STORE STORE, "test.conf:8: section [store local] is here a second time", NULL);
	assert_refused(SOURCE STORE "path = /other\n",
		"test.conf:8: key 'path' is in [store local] a second time", NULL);
}

static void
what_is_required_and_missing_is_named(void **state)
{
	(void)state;
	assert_refused("", "test.conf: there is no [source] section", NULL);
	assert_refused(SOURCE, "test.conf: there is no [store NAME] section", NULL);
	assert_refused(
		"[source]\nkind = docker\n" STORE, "test.conf:3: [source] ends here and has no 'name'", NULL);
	assert_refused(SOURCE "[store local]\npath = /x\n",
		"test.conf:6: [store local] ends here and has no 'kind'", "It must be directory or s3.");
}

static void
values_that_do_not_parse_are_named_with_what_is_expected(void **state)
{
	static const struct {
		const char *line, *expected;
	} bad[] = {
		{ "compression = lz4", "It must be zstd:LEVEL (1 to 19) or gzip:LEVEL (1 to 9)." },
		{ "compression = zstd:20", "It must be zstd:LEVEL (1 to 19) or gzip:LEVEL (1 to 9)." },
		{ "frame-size = 63KiB", "It must be a size from 64KiB to 256MiB." },
		{ "frame-size = 257MiB", "It must be a size from 64KiB to 256MiB." },
		{ "frame-size = -1", "It must be a size from 64KiB to 256MiB." },
		{ "workers = 0", "It must be a number from 1 to 64." },
		{ "workers = 65", "It must be a number from 1 to 64." },
		{ "verify-frames = maybe", "It must be yes or no." },
		{ "lock-timeout = soon",
			"It must be a duration of at most 24 days, as 90s, 5m, 6h or 2d; 0 means no limit." },
		{ "time-limit = 25d",
			"It must be a duration of at most 24 days, as 90s, 5m, 6h or 2d; 0 means no limit." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *text = mem_format(SOURCE STORE "[dump]\n%s\n", bad[i].line);
		assert_null(parse(text));
		assert_non_null(strstr(error_get()->message, "test.conf:9: '"));
		assert_string_equal(error_get()->hint, bad[i].expected);
		free(text);
	}
	assert_refused(SOURCE "[store x]\npath = backups\n",
		"test.conf:6: 'backups' is not a value for 'path'", "It must be an absolute path.");
	assert_refused(SOURCE "[store x]\npath =\n", "test.conf:6: key 'path' has no value",
		"It must be an absolute path.");
	assert_null(parse("[source]\nname = -x\n"));
	assert_null(parse("[source]\nname = a/b\n"));
}

static void
a_password_is_refused_and_not_repeated(void **state)
{
	static const char *const conninfos[] = {
		"host=db password=hunter2",
		"host=db password = hunter2",
		"host=db sslpassword=hunter2",
		"postgresql://app:hunter2@db/app",
		"postgres://app@db/app?password=hunter2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(conninfos) / sizeof(conninfos[0]); i++) {
		char *text = mem_format(
			"[source]\nname = a\nkind = postgres\nconninfo = %s\n" STORE, conninfos[i]);
		assert_null(parse(text));
		assert_string_equal(error_get()->message, "test.conf:4: the value of 'conninfo' is refused");
		assert_null(strstr(error_get()->hint, "hunter2"));
		free(text);
	}
}

static void
a_conninfo_without_a_password_is_taken(void **state)
{
	static const char *const conninfos[] = {
		"host=db user=app passfile=/etc/incant/pgpass",
		"postgresql://app@db:5432/app?sslmode=require",
		"postgresql://[::1]:5432/app",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(conninfos) / sizeof(conninfos[0]); i++) {
		char *text = mem_format(
			"[source]\nname = a\nkind = postgres\nconninfo = %s\n" STORE, conninfos[i]);
		struct settings *settings = parse_well(text);
		assert_string_equal(settings->source.conninfo, conninfos[i]);
		settings_free(settings);
		free(text);
	}
}

static void
odd_lines_are_refused_by_number(void **state)
{
	(void)state;
	assert_refused("name = app\n", "test.conf:1: key 'name' stands before the first section", NULL);
	assert_refused(
		"[source]\nname\n", "test.conf:2: this line is neither a heading nor 'key = value'", NULL);
	assert_refused("\n[source\n", "test.conf:2: this is not a heading: '[source'", NULL);
	assert_refused(
		"[source] name = app\n", "test.conf:1: this is not a heading: '[source] name = app'", NULL);
	assert_refused("[source x]\n", "test.conf:1: [source] has no name, and here is 'x'", NULL);
	assert_refused("[store]\n", "test.conf:1: [store NAME] needs a name", NULL);
	assert_refused("[store a/b]\n", "test.conf:1: [store NAME] needs a name", NULL);
	assert_refused("[source]\nname = \xff\n",
		"test.conf:2: this line holds control characters or is not UTF-8", NULL);
	assert_refused("[source]\nname = \x1b[0m\n",
		"test.conf:2: this line holds control characters or is not UTF-8", NULL);
	assert_refused("[source]\nname = a\rb\n",
		"test.conf:2: this line holds control characters or is not UTF-8", NULL);
}

static void
the_first_error_of_a_file_is_the_one_that_is_told(void **state)
{
	(void)state;
	assert_refused("[source]\nnonsense\nbogus = 1\n",
		"test.conf:2: this line is neither a heading nor 'key = value'", NULL);
	assert_refused(
		"[source]\nbogus = 1\nnonsense\n", "test.conf:2: unknown key 'bogus' in [source]", NULL);
}

static void
a_nul_byte_is_refused(void **state)
{
	static const char text[] = "[source]\nname = a\0b\n";

	(void)state;
	assert_null(settings_parse(text, sizeof(text) - 1, "test.conf"));
	assert_string_equal(
		error_get()->message, "test.conf:2: this line holds control characters or is not UTF-8");
}

/* A store's path of each length: it comes back whole, or the line is refused; never is it cut. */
static void
a_line_is_read_whole_or_refused_at_any_length(void **state)
{
	size_t taken = 0, refused = 0;

	(void)state;
	for (int len = 150; len <= 450; len++) {
		char *path = mem_format("/%0*d", len - 1, 7);
		char *text = mem_format(SOURCE "[store s]\nkind = directory\npath = %s\n", path);
		struct settings *settings = parse(text);
		if (settings != NULL) {
			assert_string_equal(settings->stores[0].path, path);
			taken++;
		} else {
			assert_non_null(strstr(error_get()->message, "test.conf:7: this line is too long"));
			refused++;
		}
		settings_free(settings);
		free(text);
		free(path);
	}
	assert_true(taken >= 30);
	assert_int_equal(taken + refused, 301);
}

static void
a_comment_may_be_of_any_length(void **state)
{
	char *text = mem_format("; %0*d\n" SOURCE STORE "# %0*d", 5000, 1, 5000, 2);
	struct settings *settings = parse_well(text);

	(void)state;
	settings_free(settings);
	free(text);
}

static void
a_file_cut_anywhere_is_read_or_refused_and_never_more(void **state)
{
	static const char text[] = SOURCE STORE "[dump]\nworkers = 2\n";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct settings *settings = settings_parse(text, len, "test.conf");
		if (settings == NULL)
			assert_int_equal(error_get()->class, ERR_SETTINGS);
		settings_free(settings);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_docker_source_is_read),
		cmocka_unit_test(every_key_of_the_dump_is_read),
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(stores_keep_their_order),
		cmocka_unit_test(a_file_reads_the_same_whatever_the_white_space),
		cmocka_unit_test(a_semicolon_begins_a_comment_only_behind_white_space),
		cmocka_unit_test(unknown_words_are_named_with_line_and_nearest_one),
		cmocka_unit_test(an_empty_unknown_section_is_not_overlooked),
		cmocka_unit_test(a_droplet_is_read_and_has_defaults),
		cmocka_unit_test(a_droplet_that_cannot_be_is_refused),
		cmocka_unit_test(a_store_of_an_unknown_kind_is_refused),
		cmocka_unit_test(files_have_patterns_and_commands_in_words),
		cmocka_unit_test(what_watches_has_defaults_and_addresses),
		cmocka_unit_test(recipients_come_as_words_and_keys),
		cmocka_unit_test(an_identity_is_a_file),
		cmocka_unit_test(what_is_there_twice_is_refused),
		cmocka_unit_test(what_is_required_and_missing_is_named),
		cmocka_unit_test(values_that_do_not_parse_are_named_with_what_is_expected),
		cmocka_unit_test(a_password_is_refused_and_not_repeated),
		cmocka_unit_test(a_conninfo_without_a_password_is_taken),
		cmocka_unit_test(odd_lines_are_refused_by_number),
		cmocka_unit_test(the_first_error_of_a_file_is_the_one_that_is_told),
		cmocka_unit_test(a_nul_byte_is_refused),
		cmocka_unit_test(a_line_is_read_whole_or_refused_at_any_length),
		cmocka_unit_test(a_comment_may_be_of_any_length),
		cmocka_unit_test(a_file_cut_anywhere_is_read_or_refused_and_never_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
