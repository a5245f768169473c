/* verify names the object and the place of any damage, and goes on with the rest. */
#include "config.h"

#include "incant/op_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/log.h"
#include "made_backup.h"

/* Runs verify over everything. The report is cleared by the caller. */
static int
verify_all(const struct settings *settings, struct op_verify_report *report)
{
	const struct op_verify_request request = { .all = true };

	error_clear();
	return op_verify_run(settings, &request, report);
}

static void
assert_sound(const struct settings *settings)
{
	struct op_verify_report report;

	if (verify_all(settings, &report) != 0)
		fail_msg("%s: %s", error_get()->message,
			report.count > 0 && report.backups[0].finding_count > 0
				? report.backups[0].findings[0].problem
				: "");
	assert_int_equal(report.count, 1);
	assert_int_equal(report.backups[0].finding_count, 0);
	op_verify_report_clear(&report);
}

/* Damage at byte `at` of an object is found in that object and no other, and at no place behind it. */
static void
assert_found(const struct settings *settings, const char *object, size_t at)
{
	struct op_verify_report report;

	assert_int_equal(verify_all(settings, &report), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_int_equal(report.count, 1);
	assert_true(report.backups[0].finding_count > 0);
	for (size_t i = 0; i < report.backups[0].finding_count; i++) {
		const struct op_finding *finding = &report.backups[0].findings[i];

		if (strcmp(finding->object, object) != 0)
			fail_msg("byte %zu of %s: a finding in %s: %s", at, object, finding->object,
				finding->problem);
		assert_true(finding->problem[0] != '\0');
	}
	if (report.backups[0].findings[0].offset > at)
		fail_msg("byte %zu of %s: found behind it, at %llu", at, object,
			(unsigned long long)report.backups[0].findings[0].offset);
	op_verify_report_clear(&report);
}

static void
write_file(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

/* Flips a bit in every byte of an object, and cuts it at every byte. */
static void
damage_everywhere(const struct scratch *scratch, const struct settings *settings, const char *object)
{
	struct buf whole = BUF_EMPTY;
	char *path = made_path(scratch->path, object);

	assert_int_equal(file_read(path, 1 << 20, ERR_STORE, &whole), 0);
	for (size_t at = 0; at < whole.len; at++) {
		whole.bytes[at] = (char)(whole.bytes[at] ^ (1 << (at % 8)));
		write_file(path, whole.bytes, whole.len);
		assert_found(settings, object, at);
		whole.bytes[at] = (char)(whole.bytes[at] ^ (1 << (at % 8)));
		write_file(path, whole.bytes, at);
		assert_found(settings, object, at);
	}
	write_file(path, whole.bytes, whole.len);
	assert_sound(settings);
	free(path);
	buf_clear(&whole);
}

static void
damage_all_objects(void **state, enum frame_codec codec)
{
	const struct scratch *scratch = *state;
	struct settings *settings = made_settings(scratch->path, NULL);
	char *cluster = mem_format("%s%s", MANIFEST_CLUSTER_STEM, frame_codec_suffix(codec));
	char *contents = mem_format("%s%s", MANIFEST_CONTENTS_STEM, frame_codec_suffix(codec));

	log_set_level(LOG_QUIET);
	made_backup(scratch, codec);
	assert_sound(settings);
	damage_everywhere(scratch, settings, cluster);
	damage_everywhere(scratch, settings, contents);
	damage_everywhere(scratch, settings, MANIFEST_SUMS_NAME);
	damage_everywhere(scratch, settings, MANIFEST_NAME);
	free(cluster);
	free(contents);
	settings_free(settings);
}

static void
any_flipped_bit_and_any_cut_is_found_where_it_is(void **state)
{
	damage_all_objects(state, FRAME_ZSTD);
}

static void
in_a_gzip_archive_too(void **state)
{
	damage_all_objects(state, FRAME_GZIP);
}

static void
every_damaged_frame_is_named_and_the_rest_is_read(void **state)
{
	const struct scratch *scratch = *state;
	struct settings *settings = made_settings(scratch->path, NULL);
	struct op_verify_report report;
	struct buf whole = BUF_EMPTY;
	char *path;

	made_backup(scratch, FRAME_ZSTD);
	path = made_path(scratch->path, "cluster.sql.zst");
	assert_int_equal(file_read(path, 1 << 20, ERR_STORE, &whole), 0);
	whole.bytes[0] ^= 1;
	whole.bytes[whole.len / 2] ^= 1;
	write_file(path, whole.bytes, whole.len);
	assert_int_equal(verify_all(settings, &report), -1);
	assert_int_equal(report.backups[0].finding_count, 2);
	assert_int_equal(report.backups[0].findings[0].offset, 0);
	assert_true(report.backups[0].findings[1].offset > 0);
	assert_true(report.backups[0].findings[1].offset <= whole.len / 2);
	op_verify_report_clear(&report);
	buf_clear(&whole);
	free(path);
	settings_free(settings);
}

static void
a_missing_object_is_named(void **state)
{
	const struct scratch *scratch = *state;
	static const char *const objects[] = { "cluster.sql.zst", "contents.json.zst", "SHA256SUMS" };
	struct settings *settings = made_settings(scratch->path, NULL);

	made_backup(scratch, FRAME_ZSTD);
	for (size_t i = 0; i < 3; i++) {
		char *path = made_path(scratch->path, objects[i]);
		char *aside = made_path(scratch->path, ".aside");

		assert_int_equal(rename(path, aside), 0);
		assert_found(settings, objects[i], 0);
		assert_int_equal(rename(aside, path), 0);
		free(path);
		free(aside);
	}
	assert_sound(settings);
	settings_free(settings);
}

static void
a_backup_that_is_being_removed_is_not_called_damaged(void **state)
{
	const struct scratch *scratch = *state;
	const struct op_verify_request named = { .which = { .which = MADE_ID } };
	struct settings *settings = made_settings(scratch->path, NULL);
	struct op_verify_report report;
	struct store_lock *hold = NULL;

	made_backup(scratch, FRAME_ZSTD);
	struct store *store = scratch_open(scratch, STORE_WRITE | STORE_DELETE);
	assert_int_equal(store_hold(store, MADE_SOURCE "/" MADE_ID, true, &hold), 0);
	assert_int_equal(verify_all(settings, &report), 0);
	assert_int_equal(report.count, 0);
	op_verify_report_clear(&report);
	assert_int_equal(op_verify_run(settings, &named, &report), -1);
	assert_int_equal(error_get()->class, ERR_NOT_FOUND);
	op_verify_report_clear(&report);
	store_unlock(hold);
	store_close(store);
	assert_sound(settings);
	settings_free(settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			any_flipped_bit_and_any_cut_is_found_where_it_is, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(in_a_gzip_archive_too, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			every_damaged_frame_is_named_and_the_rest_is_read, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_missing_object_is_named, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_backup_that_is_being_removed_is_not_called_damaged,
			scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
