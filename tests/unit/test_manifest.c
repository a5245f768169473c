/* The manifest: written, read, checked by other people's programs, and damaged in every way. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/json.h"
#include "incant/manifest.h"
#include "incant/mem.h"
#include "incant/text.h"

#define WHAT "manifest.json of 20261122T030000Z"

static void
fill(struct manifest *manifest)
{
	char hex[DIGEST_SHA256_HEX];

	manifest_init(manifest);
	manifest->id = mem_text("20261122T030000Z");
	manifest->source = mem_text("incantations");
	manifest->label = mem_text("before \"2.0\", gr\xc3\xbc\xc3\x9f"
				   "e");
	manifest->host = mem_text("web1");
	manifest->program = mem_text("incant-backup 0.1.0");
	manifest->created = 1795316400;
	manifest->finished = 1795316460;
	manifest->server_version = mem_text("15.18 (Debian 15.18-0+deb12u1)");
	manifest->system_identifier = UINT64_MAX - 5;
	manifest->codec = mem_text("zstd");
	manifest->level = 3;
	manifest->plain_bytes = 838860800;
	manifest->plain_xxh128 = (struct digest128){ .low = 0x0123456789abcdef, .high = 0xfedcba9876543210 };
	manifest->dump_ms = 4100;
	manifest->total_ms = 4200;
	manifest->databases = 3;
	manifest->tables = 57;
	manifest->rows = INT64_MAX;
	assert_int_equal(digest_sha256_hex("one", 3, hex), 0);
	manifest_add_object(manifest, "cluster.sql.zst", 123456789, hex);
	assert_int_equal(digest_sha256_hex("second", 6, hex), 0);
	manifest_add_object(manifest, "contents.json.zst", 4711, hex);
	assert_int_equal(digest_sha256_hex("", 0, hex), 0);
	manifest_add_object(manifest, MANIFEST_SUMS_NAME, 170, hex);
}

static void
write_filled(struct buf *text)
{
	struct manifest manifest;

	fill(&manifest);
	if (manifest_write(&manifest, text) != 0)
		fail_msg("%s", error_get()->message);
	manifest_clear(&manifest);
}

static void
assert_same(const struct manifest *a, const struct manifest *b)
{
	assert_int_equal(a->format, b->format);
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->source, b->source);
	assert_true(text_equal(a->label, b->label));
	assert_string_equal(a->host, b->host);
	assert_string_equal(a->program, b->program);
	assert_int_equal(a->created, b->created);
	assert_int_equal(a->finished, b->finished);
	assert_string_equal(a->server_version, b->server_version);
	assert_true(a->system_identifier == b->system_identifier);
	assert_string_equal(a->codec, b->codec);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->plain_bytes, b->plain_bytes);
	assert_true(digest128_equal(a->plain_xxh128, b->plain_xxh128));
	assert_int_equal(a->dump_ms, b->dump_ms);
	assert_int_equal(a->total_ms, b->total_ms);
	assert_int_equal(a->databases, b->databases);
	assert_int_equal(a->tables, b->tables);
	assert_int_equal(a->rows, b->rows);
	assert_int_equal(a->object_count, b->object_count);
	for (size_t i = 0; i < a->object_count; i++) {
		assert_string_equal(a->objects[i].name, b->objects[i].name);
		assert_int_equal(a->objects[i].bytes, b->objects[i].bytes);
		assert_string_equal(a->objects[i].sha256, b->objects[i].sha256);
	}
}

static void
what_was_written_is_read(void **state)
{
	struct manifest manifest, again;
	struct buf text = BUF_EMPTY;

	(void)state;
	fill(&manifest);
	manifest_init(&again);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &again), 0);
	assert_same(&manifest, &again);
	manifest_clear(&again);

	/* And without what may be missing. */
	free(manifest.label);
	manifest.label = NULL;
	manifest.system_identifier = 0;
	buf_reset(&text);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &again), 0);
	assert_same(&manifest, &again);
	manifest_clear(&again);
	manifest_clear(&manifest);
	buf_clear(&text);
}

static void
the_text_has_its_members_in_a_fixed_order(void **state)
{
	static const char *const members[] = { "format", "id", "source", "label", "host", "program",
		"created", "finished", "server_version", "system_identifier", "codec", "level", "plain_bytes",
		"plain_xxh128", "dump_ms", "total_ms", "databases", "tables", "rows", "objects", "sha256" };
	struct buf text = BUF_EMPTY;
	size_t count = 0;

	(void)state;
	write_filled(&text);
	struct json *root = json_parse(text.bytes, text.len, WHAT);
	assert_non_null(root);
	for (const char *key = json_first_key(root); key != NULL; key = json_next_key(root, key)) {
		assert_true(count < sizeof(members) / sizeof(members[0]));
		assert_string_equal(key, members[count++]);
	}
	assert_int_equal(count, sizeof(members) / sizeof(members[0]));
	assert_string_equal(json_get_text(root, "created"), "2026-11-22T03:00:00Z");
	assert_string_equal(json_get_text(root, "plain_xxh128"), "fedcba98765432100123456789abcdef");
	assert_string_equal(json_get_text(root, "system_identifier"), "18446744073709551610");
	json_free(root);
	assert_non_null(strstr(text.bytes, "\n  \"id\": \"20261122T030000Z\",\n"));
	buf_clear(&text);
}

static void
a_copy_is_the_same_and_its_own(void **state)
{
	struct manifest manifest, copy;

	(void)state;
	fill(&manifest);
	manifest_init(&copy);
	manifest_copy(&copy, &manifest);
	assert_same(&manifest, &copy);
	assert_ptr_not_equal(copy.id, manifest.id);
	assert_ptr_not_equal(copy.objects, manifest.objects);
	manifest_clear(&manifest);
	assert_string_equal(copy.objects[2].name, MANIFEST_SUMS_NAME);
	manifest_clear(&copy);
	manifest_copy(&copy, &manifest);
	assert_null(copy.id);
	manifest_clear(&copy);
}

static void
objects_are_found_by_name_and_by_stem(void **state)
{
	struct manifest manifest;

	(void)state;
	fill(&manifest);
	assert_ptr_equal(manifest_find_object(&manifest, "cluster.sql.zst"), &manifest.objects[0]);
	assert_null(manifest_find_object(&manifest, "cluster.sql"));
	assert_ptr_equal(manifest_find_stem(&manifest, MANIFEST_CLUSTER_STEM), &manifest.objects[0]);
	assert_ptr_equal(manifest_find_stem(&manifest, MANIFEST_CONTENTS_STEM), &manifest.objects[1]);
	assert_ptr_equal(manifest_find_stem(&manifest, MANIFEST_SUMS_NAME), &manifest.objects[2]);
	assert_null(manifest_find_stem(&manifest, "cluster.sq"));
	assert_null(manifest_find_stem(&manifest, "files"));
	assert_int_equal(manifest_stored_bytes(&manifest), 123456789 + 4711 + 170);
	manifest_clear(&manifest);
}

static void
any_flipped_bit_is_damage(void **state)
{
	struct buf text = BUF_EMPTY;
	struct manifest manifest;

	(void)state;
	manifest_init(&manifest);
	write_filled(&text);
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.bytes[bit / 8] = (char)(text.bytes[bit / 8] ^ (1 << bit % 8));
		error_clear();
		if (manifest_read(text.bytes, text.len, WHAT, &manifest) != -1)
			fail_msg("bit %zu of byte %zu made no difference", bit % 8, bit / 8);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_true(text_starts(error_get()->message, WHAT));
		assert_null(manifest.id);
		text.bytes[bit / 8] = (char)(text.bytes[bit / 8] ^ (1 << bit % 8));
	}
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &manifest), 0);
	manifest_clear(&manifest);
	buf_clear(&text);
}

/* Copies are exact in size, so that the address sanitizer sees every byte that is read behind the end. */
static void
any_cut_is_damage(void **state)
{
	struct buf text = BUF_EMPTY;
	struct manifest manifest;

	(void)state;
	manifest_init(&manifest);
	write_filled(&text);
	for (size_t len = 0; len < text.len; len++) {
		char *front = mem_copy(text.bytes, len);
		error_clear();
		if (manifest_read(front, len, WHAT, &manifest) != -1)
			fail_msg("the first %zu bytes were taken for the whole", len);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_true(text_starts(error_get()->message, WHAT));
		free(front);
		if (len > 0 && manifest_read(text.bytes + len, text.len - len, WHAT, &manifest) != -1)
			fail_msg("the last %zu bytes were taken for the whole", text.len - len);
	}
	buf_append_char(&text, '\n');
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &manifest), -1);
	buf_clear(&text);
}

/* Even where the digest would fit and JSON would not mind. */
static void
the_last_lines_are_fixed_to_the_byte(void **state)
{
	struct buf text = BUF_EMPTY, joined = BUF_EMPTY;
	char hex[DIGEST_SHA256_HEX];
	struct manifest manifest;

	(void)state;
	manifest_init(&manifest);
	write_filled(&text);
	text.bytes[text.len - 1] = ' ';
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &manifest), -1);
	text.bytes[text.len - 1] = '\n';
	for (char *digit = text.bytes + text.len - 5; *digit != '"'; digit--)
		if (*digit >= 'a' && *digit <= 'f')
			*digit = (char)(*digit - 'a' + 'A');
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &manifest), -1);

	/* The digest's line does not begin a line. */
	text.len -= strlen("\n  \"sha256\": \"\"\n}\n") + DIGEST_SHA256_HEX - 1;
	assert_int_equal(digest_sha256_hex(text.bytes, text.len, hex), 0);
	buf_append(&joined, text.bytes, text.len);
	buf_append_format(&joined, "  \"sha256\": \"%s\"\n}\n", hex);
	assert_int_equal(manifest_read(joined.bytes, joined.len, WHAT, &manifest), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	buf_clear(&joined);
	buf_clear(&text);
}

/* Reads the filled manifest with `from` replaced by `to` and its digest made anew. */
static int
read_changed(const char *from, const char *to, struct manifest *manifest)
{
	struct buf text = BUF_EMPTY, changed = BUF_EMPTY;
	char hex[DIGEST_SHA256_HEX];

	write_filled(&text);
	const char *tail = strstr(text.bytes, "  \"sha256\": \"" /* of the whole: not indented further */);
	while (tail != NULL && tail[-1] != '\n')
		tail = strstr(tail + 1, "  \"sha256\": \"");
	const char *at = strstr(text.bytes, from);
	assert_non_null(tail);
	assert_non_null(at);
	assert_true(at + strlen(from) <= tail);
	buf_append(&changed, text.bytes, (size_t)(at - text.bytes));
	buf_append_text(&changed, to);
	buf_append(&changed, at + strlen(from), (size_t)(tail - at) - strlen(from));
	assert_int_equal(digest_sha256_hex(changed.bytes, changed.len, hex), 0);
	buf_append_format(&changed, "  \"sha256\": \"%s\"\n}\n", hex);
	error_clear();
	int result = manifest_read(changed.bytes, changed.len, WHAT, manifest);
	buf_clear(&changed);
	buf_clear(&text);
	return result;
}

static void
odd_members_are_damage_even_with_a_right_digest(void **state)
{
	static const struct {
		const char *from, *to, *named;
	} changes[] = {
		{ "\"format\": 1", "\"format\": 0", "format" },
		{ "\"format\": 1", "\"format\": \"1\"", "format" },
		{ "\"format\": 1,", "", "format" },
		{ "\"20261122T030000Z\"", "17", "id" },
		{ "\"20261122T030000Z\"", "\"\"", "id" },
		{ "\"20261122T030000Z\"", "\"../x\"", "id" },
		{ "\"incantations\"", "\"a/b\"", "source" },
		{ "\"incantations\"", "null", "source" },
		{ "\"label\": \"", "\"label\": 5, \"was\": \"", "label" },
		{ "\"host\"", "\"h\"", "host" },
		{ "\"program\"", "\"p\"", "program" },
		{ "\"2026-11-22T03:00:00Z\"", "\"yesterday\"", "created" },
		{ "\"2026-11-22T03:00:00Z\"", "1795316400", "created" },
		{ "\"2026-11-22T03:01:00Z\"", "\"2026-11-22 03:01\"", "finished" },
		{ "\"server_version\"", "\"v\"", "server_version" },
		{ "\"18446744073709551610\"", "\"18446744073709551616\"", "system_identifier" },
		{ "\"18446744073709551610\"", "7", "system_identifier" },
		{ "\"codec\"", "\"c\"", "codec" },
		{ "\"level\": 3", "\"level\": -3", "level" },
		{ "\"level\": 3", "\"level\": 3000000000", "level" },
		{ "\"plain_bytes\": 838860800", "\"plain_bytes\": 838860800.0", "plain_bytes" },
		{ "\"fedcba98765432100123456789abcdef\"", "\"fedcba9876543210\"", "plain_xxh128" },
		{ "\"fedcba98765432100123456789abcdef\"", "\"fedcba98765432100123456789abcdeg\"",
			"plain_xxh128" },
		{ "\"dump_ms\"", "\"d\"", "dump_ms" },
		{ "\"total_ms\"", "\"t\"", "total_ms" },
		{ "\"databases\"", "\"d\"", "databases" },
		{ "\"tables\"", "\"t\"", "tables" },
		{ "9223372036854775807", "-1", "rows" },
		{ "9223372036854775807", "9223372036854775808", "JSON" },
		{ "\"objects\": [", "\"object\": [", "objects" },
		{ "\"objects\": [", "\"objects\": [7,", "object 1" },
		{ "\"objects\": [", "\"objects\": [{},", "object 1" },
		{ "\"cluster.sql.zst\"", "\"sub/cluster.sql.zst\"", "sub/cluster.sql.zst" },
		{ "\"cluster.sql.zst\"", "\".cluster.sql.zst\"", "object 1" },
		{ "\"cluster.sql.zst\"", "\"..\"", "object 1" },
		{ "\"cluster.sql.zst\"", "\"contents.json.zst\"", "object 2" },
		{ "\"bytes\": 4711", "\"bytes\": \"4711\"", "object 2" },
		{ "\"bytes\": 4711", "\"bites\": 4711", "object 2" },
		{ "      \"sha256\": \"", "      \"sha256\": \"0", "object 1" },
		{ "      \"sha256\": \"", "      \"sha25\": \"", "object 1" },
		{ "{\n", "[\n", "JSON" },
		{ "{\n", "{\"id\": \"twice\",\n", "JSON" },
	};
	struct manifest manifest;

	(void)state;
	manifest_init(&manifest);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (read_changed(changes[i].from, changes[i].to, &manifest) != -1)
			fail_msg("%s was let through for %s", changes[i].to, changes[i].from);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_true(text_starts(error_get()->message, WHAT));
		if (strstr(error_get()->message, changes[i].named) == NULL)
			fail_msg("'%s' does not name %s", error_get()->message, changes[i].named);
		assert_null(manifest.id);
		assert_int_equal(manifest.object_count, 0);
	}
}

static void
a_newer_format_is_refused_by_name(void **state)
{
	struct manifest manifest;

	(void)state;
	manifest_init(&manifest);
	assert_int_equal(read_changed("\"format\": 1", "\"format\": 7", &manifest), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_string_equal(error_get()->message, WHAT " has format 7, this program reads up to 1");
	assert_true(error_get()->hint[0] != '\0');
}

static void
members_of_later_versions_are_passed_over(void **state)
{
	struct manifest manifest;

	(void)state;
	manifest_init(&manifest);
	assert_int_equal(read_changed("\"host\": ", "\"later\": {\"a\": [1]},\n  \"host\": ", &manifest), 0);
	assert_string_equal(manifest.host, "web1");
	manifest_clear(&manifest);
}

static void
what_could_not_be_read_is_not_written(void **state)
{
	struct buf text = BUF_EMPTY;
	struct manifest manifest;

	(void)state;
	fill(&manifest);
	manifest_add_object(&manifest, "bad/name", 1, manifest.objects[0].sha256);
	assert_int_equal(manifest_write(&manifest, &text), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_non_null(strstr(error_get()->message, "bad/name"));
	manifest_clear(&manifest);

	fill(&manifest);
	free(manifest.host);
	manifest.host = NULL;
	assert_int_equal(manifest_write(&manifest, &text), -1);
	assert_non_null(strstr(error_get()->message, "host"));
	manifest_clear(&manifest);

	fill(&manifest);
	free(manifest.label);
	manifest.label = mem_alloc(MANIFEST_LIMIT_BYTES + 1);
	memset(manifest.label, 'x', MANIFEST_LIMIT_BYTES);
	manifest.label[MANIFEST_LIMIT_BYTES] = '\0';
	assert_int_equal(manifest_write(&manifest, &text), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	manifest_clear(&manifest);
	assert_int_equal(text.len, 0);
	buf_clear(&text);
}

static void
a_label_that_is_not_utf8_does_not_spoil_the_manifest(void **state)
{
	struct buf text = BUF_EMPTY;
	struct manifest manifest, again;

	(void)state;
	fill(&manifest);
	manifest_init(&again);
	free(manifest.label);
	manifest.label = mem_text("caf\xe9\n");
	assert_int_equal(manifest_write(&manifest, &text), 0);
	assert_int_equal(manifest_read(text.bytes, text.len, WHAT, &again), 0);
	assert_string_equal(again.label, "caf\xef\xbf\xbd\n");
	manifest_clear(&again);
	manifest_clear(&manifest);
	buf_clear(&text);
}

/* Runs a program in a folder. Returns its exit status. */
static int
run_in(const char *directory, const char *const *argv)
{
	int status = 0;

	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);
		if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || chdir(directory) != 0)
			_exit(126);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
save(const char *directory, const char *name, const void *bytes, size_t len)
{
	char *path = file_join(directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	free(path);
}

static char *
new_folder(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder = mem_format("%s/incant-manifest-XXXXXX", parent != NULL ? parent : "/tmp");

	assert_non_null(mkdtemp(folder));
	return folder;
}

static void
sha256sum_checks_the_objects(void **state)
{
	static const char *const check[] = { "sha256sum", "--status", "--strict", "-c", MANIFEST_SUMS_NAME,
		NULL };
	struct buf sums = BUF_EMPTY;
	struct manifest manifest;
	char *folder = new_folder();

	(void)state;
	fill(&manifest);
	manifest_write_sums(&manifest, &sums);
	assert_non_null(strstr(sums.bytes, "  cluster.sql.zst\n"));
	assert_null(strstr(sums.bytes, MANIFEST_SUMS_NAME));
	save(folder, MANIFEST_SUMS_NAME, sums.bytes, sums.len);
	save(folder, "cluster.sql.zst", "one", 3);
	save(folder, "contents.json.zst", "second", 6);
	assert_int_equal(run_in(folder, check), 0);
	save(folder, "contents.json.zst", "secone", 6);
	assert_int_equal(run_in(folder, check), 1);
	assert_int_equal(file_remove_tree(folder, ERR_INTERNAL), 0);
	manifest_clear(&manifest);
	buf_clear(&sums);
	free(folder);
}

/* The command that the header and the manual give. */
static void
a_person_can_check_the_manifest(void **state)
{
	static const char *const check[] = { "sh", "-c",
		"found=$(head -n -2 manifest.json | sha256sum | cut -d ' ' -f 1)\n"
		"test \"$(tail -n 2 manifest.json)\" = \"  \\\"sha256\\\": \\\"$found\\\"\n}\"",
		NULL };
	struct buf text = BUF_EMPTY;
	char *folder = new_folder();

	(void)state;
	write_filled(&text);
	save(folder, MANIFEST_NAME, text.bytes, text.len);
	assert_int_equal(run_in(folder, check), 0);
	text.bytes[100] ^= 1;
	save(folder, MANIFEST_NAME, text.bytes, text.len);
	assert_int_equal(run_in(folder, check), 1);
	assert_int_equal(file_remove_tree(folder, ERR_INTERNAL), 0);
	buf_clear(&text);
	free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(the_text_has_its_members_in_a_fixed_order),
		cmocka_unit_test(a_copy_is_the_same_and_its_own),
		cmocka_unit_test(objects_are_found_by_name_and_by_stem),
		cmocka_unit_test(any_flipped_bit_is_damage),
		cmocka_unit_test(any_cut_is_damage),
		cmocka_unit_test(the_last_lines_are_fixed_to_the_byte),
		cmocka_unit_test(odd_members_are_damage_even_with_a_right_digest),
		cmocka_unit_test(a_newer_format_is_refused_by_name),
		cmocka_unit_test(members_of_later_versions_are_passed_over),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
		cmocka_unit_test(a_label_that_is_not_utf8_does_not_spoil_the_manifest),
		cmocka_unit_test(sha256sum_checks_the_objects),
		cmocka_unit_test(a_person_can_check_the_manifest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
