/* A folder becomes a tar with everything in it, and a list that says where; whatever happens meanwhile. */
#include "config.h"

#include "incant/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "files_sample.h"
#include "incant/interrupt.h"

static void
everything_has_its_row_in_the_order_of_names(void **state)
{
	struct sample *sample = *state;
	static const char expected[][8] = { ".", "a", "a/b", "a/c", "d", "e", "f" };
	struct files_entry entry;

	sample_folder(sample, "a");
	sample_write(sample, "a/c", "see", 3);
	sample_write(sample, "a/b", "", 0);
	sample_write(sample, "d", "dee", 3);
	assert_int_equal(symlink("../nowhere", sample_path(sample, "e")), 0);
	assert_int_equal(mkfifo(sample_path(sample, "f"), 0600), 0);
	sample_pack_all(sample);

	struct files_cursor cursor = { .text = buf_text(&sample->list.rows), .len = sample->list.rows.len };
	uint64_t end = 0;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(files_list_next(&cursor, "list", &entry), FILES_GOT);
		assert_string_equal(entry.path, expected[i]);
		assert_int_equal(entry.plain_off, end);
		end += entry.plain_bytes;
		files_entry_clear(&entry);
	}
	assert_int_equal(files_list_next(&cursor, "list", &entry), FILES_END);
	assert_int_equal(sample->tar.len, end + 1024); /* two blocks of zeros end a tar */
	assert_int_equal(sample->list.entries, 7);
	assert_int_equal(sample->list.files, 3);
	assert_int_equal(sample->list.bytes, 6);

	entry = sample_row(sample, "a/c");
	assert_int_equal(entry.type, FILES_FILE);
	assert_int_equal(entry.mode, 0640);
	assert_true(digest128_equal(entry.digest, digest_xxh128("see", 3)));
	files_entry_clear(&entry);
	entry = sample_row(sample, "e");
	assert_int_equal(entry.type, FILES_SYMLINK);
	assert_string_equal(entry.link, "../nowhere");
	files_entry_clear(&entry);
	entry = sample_row(sample, "f");
	assert_int_equal(entry.type, FILES_FIFO);
	files_entry_clear(&entry);
}

static void
an_entry_can_be_unpacked_from_its_own_bytes_alone(void **state)
{
	struct sample *sample = *state;
	struct sample_feed feed;
	struct files_entry row, entry;
	struct buf data = BUF_EMPTY;

	sample_write(sample, "a", "first", 5);
	sample_write(sample, "caf\xc3\xa9", "second", 6);
	sample_write(sample, "z", "third", 5);
	sample_pack_all(sample);
	row = sample_row(sample, "caf\xc3\xa9");
	sample_feed_begin(&feed, sample->tar.bytes + row.plain_off, row.plain_bytes, 7);
	struct files_unpack *unpack = files_unpack_new(&feed.feed, "the tar");
	assert_non_null(unpack);
	assert_int_equal(files_unpack_next(unpack, &entry), FILES_GOT);
	assert_string_equal(entry.path, row.path);
	assert_int_equal(entry.size, 6);
	struct stage *to = stage_buf_new(&data);
	assert_int_equal(files_unpack_data(unpack, to), 0);
	assert_string_equal(buf_text(&data), "second");
	stage_free(to);
	files_entry_clear(&entry);
	assert_int_equal(files_unpack_next(unpack, &entry), FILES_END);
	files_unpack_free(unpack);
	files_entry_clear(&row);
	buf_clear(&data);
}

static void
names_are_bytes_and_come_back_as_they_were(void **state)
{
	struct sample *sample = *state;
	/* composed and decomposed, not UTF-8 at all, a surrogate, a line's end */
	static const char *const names[] = { "bad\xff\xfe", "cafe\xcc\x81", "caf\xc3\xa9", "new\nline",
		"sur\xed\xa0\x80" };
	char *target = file_join(sample->root, "target");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		sample_write(sample, names[i], names[i], strlen(names[i]));
		char *link = mem_format("link to %s", names[i]);
		assert_int_equal(symlink(names[i], sample_path(sample, link)), 0);
		free(link);
	}
	sample_pack_all(sample);
	assert_int_equal(sample->list.notes, 0);
	assert_int_equal(sample_extract(sample->tar.bytes, sample->tar.len, target), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *link = mem_format("%s/link to %s", target, names[i]), found[64] = "";
		struct stat about;
		assert_true(sample_has(sample, names[i]));
		assert_int_equal(readlink(link, found, sizeof(found) - 1), (ssize_t)strlen(names[i]));
		assert_string_equal(found, names[i]);
		assert_int_equal(stat(link, &about), 0); /* follows: the file has its name, too */
		free(link);
	}
	free(target);
}

static void
a_long_name_and_a_deep_one_come_back(void **state)
{
	struct sample *sample = *state;
	char *target = file_join(sample->root, "target");
	struct buf path = BUF_EMPTY;
	struct stat about;
	char name[256];

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	for (int i = 0; i < 12; i++) {
		buf_append_format(&path, "%s%s", i > 0 ? "/" : "", name);
		sample_folder(sample, buf_text(&path));
	}
	buf_append_text(&path, "/leaf");
	sample_write(sample, buf_text(&path), "x", 1);
	sample_pack_all(sample);
	assert_true(sample_has(sample, buf_text(&path)));
	assert_int_equal(sample_extract(sample->tar.bytes, sample->tar.len, target), 0);
	free(sample->folder);
	sample->folder = target;
	assert_int_equal(stat(sample_path(sample, buf_text(&path)), &about), 0);
	buf_clear(&path);
}

static void
names_of_one_file_are_links_to_the_first(void **state)
{
	struct sample *sample = *state;
	struct stat one, two;

	sample_write(sample, "b", "both", 4);
	assert_int_equal(link(sample_path(sample, "b"), "/dev/null/x"), -1);
	char *from = mem_text(sample_path(sample, "b"));
	assert_int_equal(link(from, sample_path(sample, "c")), 0);
	sample_pack_all(sample);
	struct files_entry row = sample_row(sample, "c");
	assert_int_equal(row.type, FILES_HARDLINK);
	assert_string_equal(row.link, "b");
	files_entry_clear(&row);
	free(from);
	free(sample->folder);
	sample->folder = file_join(sample->root, "target");
	assert_int_equal(sample_extract(sample->tar.bytes, sample->tar.len, sample->folder), 0);
	assert_int_equal(stat(sample_path(sample, "b"), &one), 0);
	assert_int_equal(stat(sample_path(sample, "c"), &two), 0);
	assert_int_equal(one.st_ino, two.st_ino);
	assert_int_equal(one.st_size, 4);
}

/* Data, hole, data, hole; and a file that is one hole. */
static void
holes_are_neither_stored_nor_filled(void **state)
{
	struct sample *sample = *state;
	static const char block[65536] = { 'x', 'y' };
	struct stat about;

	sample_write(sample, "holes", "", 0);
	int fd = open(sample_path(sample, "holes"), O_WRONLY);
	assert_int_equal(pwrite(fd, block, sizeof(block), 1 << 20), (ssize_t)sizeof(block));
	assert_int_equal(pwrite(fd, block, sizeof(block), 8 << 20), (ssize_t)sizeof(block));
	assert_int_equal(ftruncate(fd, 20 << 20), 0);
	close(fd);
	sample_write(sample, "void", "", 0);
	assert_int_equal(truncate(sample_path(sample, "void"), 5 << 20), 0);
	sample_pack_all(sample);
	assert_true(sample->tar.len < 300000);
	assert_int_equal(sample->list.bytes, 25 << 20);

	struct files_entry row = sample_row(sample, "holes");
	char *whole = mem_zero(20 << 20);
	memcpy(whole + (1 << 20), block, sizeof(block));
	memcpy(whole + (8 << 20), block, sizeof(block));
	assert_true(digest128_equal(row.digest, digest_xxh128(whole, 20 << 20)));
	files_entry_clear(&row);

	free(sample->folder);
	sample->folder = file_join(sample->root, "target");
	assert_int_equal(sample_extract(sample->tar.bytes, sample->tar.len, sample->folder), 0);
	struct buf found = BUF_EMPTY;
	assert_int_equal(file_read(sample_path(sample, "holes"), 30 << 20, ERR_STORE, &found), 0);
	assert_int_equal(found.len, 20 << 20);
	assert_memory_equal(found.bytes, whole, found.len);
	assert_int_equal(stat(sample_path(sample, "holes"), &about), 0);
	assert_true(about.st_blocks * 512 < 1 << 20);
	assert_int_equal(stat(sample_path(sample, "void"), &about), 0);
	assert_int_equal(about.st_size, 5 << 20);
	assert_true(about.st_blocks * 512 < 1 << 20);
	buf_clear(&found);
	free(whole);
}

static void
sockets_are_passed_over_with_a_note(void **state)
{
	struct sample *sample = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	const char *path = sample_path(sample, "socket");
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	sample_pack_all(sample);
	close(fd);
	assert_false(sample_has(sample, "socket"));
	assert_true(sample_has_note(sample, "socket", FILES_NOTE_SKIPPED));
	size_t warnings = 0;
	(void)log_warnings(&warnings);
	assert_int_equal(warnings, 0);
}

#define LARGE (600 * 1000) /* more than is read at once */

static void
write_large(const struct sample *sample, const char *name)
{
	char *bytes = mem_alloc(LARGE);

	memset(bytes, 'L', LARGE);
	sample_write(sample, name, bytes, LARGE);
	free(bytes);
}

static void
cut_it(const struct sample *sample)
{
	assert_int_equal(truncate(sample_path(sample, "large"), 100), 0);
}

static void
a_file_that_shrinks_is_filled_up_with_zeros(void **state)
{
	struct sample *sample = *state;

	write_large(sample, "large");
	sample_write(sample, "z", "zet", 3);
	assert_int_equal(sample_pack(sample, (struct files_pack_options){ 0 }, "LLLL", cut_it), 0);
	assert_true(sample_has_note(sample, "large", FILES_NOTE_CHANGED));
	struct files_entry row = sample_row(sample, "large");
	assert_int_equal(row.size, LARGE);
	files_entry_clear(&row);
	free(sample->folder);
	sample->folder = file_join(sample->root, "target");
	assert_int_equal(sample_extract(sample->tar.bytes, sample->tar.len, sample->folder), 0);
	struct stat about;
	assert_int_equal(stat(sample_path(sample, "large"), &about), 0);
	assert_int_equal(about.st_size, LARGE);
	assert_int_equal(stat(sample_path(sample, "z"), &about), 0);
	assert_int_equal(about.st_size, 3);
}

static void
lengthen_it(const struct sample *sample)
{
	int fd = open(sample_path(sample, "large"), O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, "more", 4), 4);
	close(fd);
}

static void
a_file_that_grows_is_cut_to_its_first_size(void **state)
{
	struct sample *sample = *state;

	write_large(sample, "large");
	assert_int_equal(sample_pack(sample, (struct files_pack_options){ 0 }, "LLLL", lengthen_it), 0);
	assert_true(sample_has_note(sample, "large", FILES_NOTE_CHANGED));
	struct files_entry row = sample_row(sample, "large");
	assert_int_equal(row.size, LARGE);
	files_entry_clear(&row);
	size_t warnings = 0;
	const char *const *texts = log_warnings(&warnings);
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(texts[0], "large"));
}

/* All names of a folder are read before the first is opened. */
static void
remove_others(const struct sample *sample)
{
	assert_int_equal(unlink(sample_path(sample, "m")), 0);
	assert_int_equal(rmdir(sample_path(sample, "n")), 0);
}

static void
what_vanishes_is_noted_and_the_rest_is_packed(void **state)
{
	struct sample *sample = *state;

	write_large(sample, "large");
	sample_write(sample, "m", "m", 1);
	sample_folder(sample, "n");
	sample_write(sample, "o", "o", 1);
	assert_int_equal(sample_pack(sample, (struct files_pack_options){ 0 }, "LLLL", remove_others), 0);
	assert_true(sample_has_note(sample, "m", FILES_NOTE_VANISHED));
	assert_true(sample_has_note(sample, "n", FILES_NOTE_VANISHED));
	assert_true(sample_has(sample, "o"));
	assert_false(sample_has(sample, "m"));
}

/* A folder that is going to be entered becomes a link to a place outside. */
static void
swap_for_link(const struct sample *sample)
{
	assert_int_equal(rename(sample_path(sample, "sub"), sample->root), -1);
	char *aside = file_join(sample->root, "aside");
	assert_int_equal(rename(sample_path(sample, "sub"), aside), 0);
	assert_int_equal(symlink("/etc", sample_path(sample, "sub")), 0);
	free(aside);
}

static void
a_folder_that_becomes_a_link_leads_nowhere(void **state)
{
	struct sample *sample = *state;

	write_large(sample, "large");
	sample_folder(sample, "sub");
	assert_int_equal(sample_pack(sample, (struct files_pack_options){ 0 }, "LLLL", swap_for_link), 0);
	assert_false(sample_has(sample, "sub/passwd"));
	struct files_entry row = sample_row(sample, "sub");
	assert_true(row.path == NULL || row.type == FILES_SYMLINK);
	files_entry_clear(&row);
}

static void
excluded_names_are_not_there(void **state)
{
	struct sample *sample = *state;
	static const char *const patterns[] = { "*.tmp", "cache/" };

	sample_folder(sample, "cache");
	sample_write(sample, "cache/x", "x", 1);
	sample_write(sample, "a.tmp", "x", 1);
	sample_write(sample, "a.txt", "x", 1);
	const struct files_pack_options options = { .excludes = patterns, .exclude_count = 2 };
	assert_int_equal(sample_pack(sample, options, NULL, NULL), 0);
	assert_false(sample_has(sample, "cache"));
	assert_false(sample_has(sample, "cache/x"));
	assert_false(sample_has(sample, "a.tmp"));
	assert_true(sample_has(sample, "a.txt"));
	assert_int_equal(sample->list.notes, 0);
}

static void
what_is_to_be_avoided_is_known_by_what_it_is(void **state)
{
	struct sample *sample = *state;
	char *store = mem_text(sample_path(sample, "store")), *secret = mem_text(sample_path(sample, ".env"));
	const struct files_avoid avoids[] = {
		{ store, FILES_NOTE_SKIPPED, NULL },
		{ secret, FILES_NOTE_SECRET, "holds secrets" },
		{ "/there/is/no/such/thing", FILES_NOTE_SKIPPED, NULL },
	};

	sample_folder(sample, "store");
	sample_write(sample, "store/x", "x", 1);
	sample_write(sample, ".env", "x", 1);
	sample_write(sample, "y", "y", 1);
	const struct files_pack_options options = { .avoids = avoids, .avoid_count = 3 };
	assert_int_equal(sample_pack(sample, options, NULL, NULL), 0);
	assert_false(sample_has(sample, "store"));
	assert_false(sample_has(sample, ".env"));
	assert_true(sample_has_note(sample, ".env", FILES_NOTE_SECRET));
	assert_int_equal(sample->list.notes, 1);
	assert_true(sample_has(sample, "y"));
	free(store);
	free(secret);
}

static void
a_single_file_is_packed_under_its_own_name(void **state)
{
	struct sample *sample = *state;
	char *path = mem_text(sample_path(sample, ".env.prod"));
	bool is_file = false;

	sample_write(sample, ".env.prod", "KEY=value\n", 10);
	assert_int_equal(files_check(path, &is_file), 0);
	assert_true(is_file);
	assert_int_equal(files_check(sample->folder, &is_file), 0);
	assert_false(is_file);
	assert_int_equal(sample_pack(sample, (struct files_pack_options){ .path = path }, NULL, NULL), 0);
	assert_int_equal(sample->list.entries, 1);
	assert_true(sample_has(sample, ".env.prod"));
	free(path);
}

static void
a_path_that_is_not_there_is_named(void **state)
{
	struct sample *sample = *state;
	const struct files_pack_options options = { .path = "/there/is/no/such/thing" };

	assert_int_equal(sample_pack(sample, options, NULL, NULL), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_non_null(strstr(error_get()->message, "/there/is/no/such/thing"));
}

static void
interrupt_it(const struct sample *sample)
{
	(void)sample;
	interrupt_simulate(SIGTERM);
}

static void
a_signal_ends_it(void **state)
{
	struct sample *sample = *state;

	write_large(sample, "large");
	assert_int_equal(sample_pack(sample, (struct files_pack_options){ 0 }, "LLLL", interrupt_it), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	interrupt_simulate(0);
}

static int
refuse_write(struct stage *stage, const void *bytes, size_t len)
{
	(void)stage;
	(void)bytes;
	(void)len;
	return error_set(ERR_STORE, "the store is full");
}

static void
free_stage(struct stage *stage)
{
	free(stage);
}

static void
the_error_of_the_stage_is_the_error(void **state)
{
	static const struct stage_ops ops = { "refusing", refuse_write, NULL, free_stage };
	struct sample *sample = *state;
	struct stage *stage = mem_zero(sizeof(*stage));
	const struct files_pack_options options = { .path = sample->folder, .name = "x" };

	stage_init(stage, &ops, NULL);
	assert_int_equal(files_pack(&options, stage, &sample->list), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "the store is full");
	stage_free(stage);
}

static void
many_notes_are_kept_and_few_are_logged(void **state)
{
	struct sample *sample = *state;
	char name[16];
	struct files_avoid *avoids = mem_zero(60 * sizeof(*avoids));

	for (unsigned i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		sample_write(sample, name, "x", 1);
		avoids[i] = (struct files_avoid){ mem_text(sample_path(sample, name)), FILES_NOTE_SECRET,
			"secret" };
	}
	const struct files_pack_options options = { .avoids = avoids, .avoid_count = 60 };
	assert_int_equal(sample_pack(sample, options, NULL, NULL), 0);
	assert_int_equal(sample->list.notes, 60);
	size_t warnings = 0;
	const char *const *texts = log_warnings(&warnings);
	assert_int_equal(warnings, 21);
	assert_non_null(strstr(texts[20], "40 more"));
	for (unsigned i = 0; i < 60; i++)
		free((char *)(uintptr_t)avoids[i].path);
	free(avoids);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_set_up, sample_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_has_its_row_in_the_order_of_names),
		TEST(an_entry_can_be_unpacked_from_its_own_bytes_alone),
		TEST(names_are_bytes_and_come_back_as_they_were),
		TEST(a_long_name_and_a_deep_one_come_back),
		TEST(names_of_one_file_are_links_to_the_first),
		TEST(holes_are_neither_stored_nor_filled),
		TEST(sockets_are_passed_over_with_a_note),
		TEST(a_file_that_shrinks_is_filled_up_with_zeros),
		TEST(a_file_that_grows_is_cut_to_its_first_size),
		TEST(what_vanishes_is_noted_and_the_rest_is_packed),
		TEST(a_folder_that_becomes_a_link_leads_nowhere),
		TEST(excluded_names_are_not_there),
		TEST(what_is_to_be_avoided_is_known_by_what_it_is),
		TEST(a_single_file_is_packed_under_its_own_name),
		TEST(a_path_that_is_not_there_is_named),
		TEST(a_signal_ends_it),
		TEST(the_error_of_the_stage_is_the_error),
		TEST(many_notes_are_kept_and_few_are_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
