/* Copies that follow an object while it is written: whole or not there, and no trouble to what they follow.
 */
#include "config.h"

#include "../../src/op/op_follow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_backup.h"
#include "plain_backup.h"

#define ID     "20261122T030000Z"
#define OBJECT PLAIN_SOURCE "/" ID "/cluster.sql.zst"
#define PIECES 40
#define PIECE  70000

/* A backup that is being made into the first of two stores. */
struct making {
	struct settings *settings;
	struct store *from;
	struct scratch other;
	struct manifest manifest;
	struct op_follow *follow;
};

static void
begin(struct making *making, const struct scratch *scratch)
{
	making->other = (struct scratch){ .root = NULL, .path = file_join(scratch->root, "other") };
	making->settings = made_settings(scratch->path, making->other.path);
	making->from = scratch_open(scratch, STORE_WRITE);
	plain_manifest(&making->manifest, ID);
	making->follow = op_follow_begin(making->settings, making->from, &making->manifest);
	assert_non_null(making->follow);
}

static void
end(struct making *making)
{
	op_follow_free(making->follow);
	manifest_clear(&making->manifest);
	store_close(making->from);
	settings_free(making->settings);
	free(making->other.path);
}

/* Writes the archive through a tap, `pieces` of it, and finishes it when that is all. */
static void
write_archive(struct making *making, unsigned pieces)
{
	char sha256[DIGEST_SHA256_HEX], *piece = mem_alloc(PIECE);
	struct stage *head =
		op_follow_tap(making->follow, "cluster.sql.zst", store_write(making->from, OBJECT));

	head = stage_sha256_new(head, sha256);
	assert_non_null(head);
	for (unsigned i = 0; i < pieces; i++) {
		memset(piece, 'a' + (int)(i % 26), PIECE);
		assert_int_equal(stage_write(head, piece, PIECE), 0);
	}
	if (pieces == PIECES) {
		assert_int_equal(stage_finish(head), 0);
		manifest_add_object(&making->manifest, "cluster.sql.zst", (uint64_t)PIECES * PIECE, sha256);
		op_follow_object(making->follow, &making->manifest.objects[0]);
	}
	stage_free(head);
	free(piece);
}

static void
assert_same_object(const struct making *making, struct store *other, const char *name)
{
	struct buf one = BUF_EMPTY, two = BUF_EMPTY;
	char *object = catalog_object_name(PLAIN_SOURCE, ID, name);

	assert_int_equal(store_get(making->from, object, 1 << 24, &one), 0);
	assert_int_equal(store_get(other, object, 1 << 24, &two), 0);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.bytes, two.bytes, one.len);
	buf_clear(&one);
	buf_clear(&two);
	free(object);
}

static void
what_is_written_is_copied_to_the_byte(void **state)
{
	struct making making;
	struct error error;

	begin(&making, *state);
	write_archive(&making, PIECES);
	plain_put(making.from, &making.manifest, "contents.json.zst", "contents");
	plain_commit(making.from, &making.manifest);
	op_follow_commit(making.follow);
	op_follow_wait(making.follow);
	if (!op_follow_outcome(making.follow, 1, &error))
		fail_msg("%s", error.message);
	struct store *other = scratch_open(&making.other, STORE_READ);
	assert_same_object(&making, other, "cluster.sql.zst");
	assert_same_object(&making, other, "contents.json.zst");
	assert_same_object(&making, other, "SHA256SUMS");
	assert_same_object(&making, other, "manifest.json");
	store_close(other);
	end(&making);
}

static void
what_is_given_up_leaves_nothing(void **state)
{
	struct making making;

	begin(&making, *state);
	write_archive(&making, PIECES / 2);
	op_follow_free(making.follow);
	making.follow = NULL;
	struct store *other = scratch_open(&making.other, STORE_READ);
	assert_listed(other, "", "");
	store_close(other);
	end(&making);
}

static void
an_object_with_another_digest_is_not_committed(void **state)
{
	struct making making;
	struct error error = { .class = ERR_NONE };
	struct manifest_object wrong;

	begin(&making, *state);
	struct stage *head = op_follow_tap(
		making.follow, "other.zst", store_write(making.from, PLAIN_SOURCE "/" ID "/other.zst"));
	assert_int_equal(stage_write(head, "what is there", 13), 0);
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
	wrong = (struct manifest_object){ .name = mem_text("other.zst"), .bytes = 13 };
	memset(wrong.sha256, '0', DIGEST_SHA256_HEX - 1);
	manifest_add_object(&making.manifest, wrong.name, wrong.bytes, wrong.sha256);
	op_follow_object(making.follow, &wrong);
	plain_commit(making.from, &making.manifest);
	op_follow_commit(making.follow);
	op_follow_wait(making.follow);
	assert_false(op_follow_outcome(making.follow, 1, &error));
	assert_int_equal(error.class, ERR_DAMAGED);
	assert_non_null(strstr(error.message, "other.zst"));
	struct store *other = scratch_open(&making.other, STORE_READ);
	assert_listed(other, "", "");
	store_close(other);
	free(wrong.name);
	end(&making);
}

static void
an_object_that_is_given_up_does_not_end_the_others(void **state)
{
	struct making making;
	struct error error;

	begin(&making, *state);
	struct stage *head = op_follow_tap(making.follow, "files-x.tar.zst",
		store_write(making.from, PLAIN_SOURCE "/" ID "/files-x.tar.zst"));
	assert_int_equal(stage_write(head, "half of it", 10), 0);
	stage_free(head);
	write_archive(&making, PIECES);
	head = op_follow_tap(making.follow, "files-y.tar.zst",
		store_write(making.from, PLAIN_SOURCE "/" ID "/files-y.tar.zst"));
	stage_free(head);
	plain_commit(making.from, &making.manifest);
	op_follow_commit(making.follow);
	op_follow_wait(making.follow);
	if (!op_follow_outcome(making.follow, 1, &error))
		fail_msg("%s", error.message);
	struct store *other = scratch_open(&making.other, STORE_READ);
	assert_listed(other, "",
		PLAIN_SOURCE "/" ID "/SHA256SUMS " OBJECT " " PLAIN_SOURCE "/" ID "/manifest.json ");
	store_close(other);
	end(&making);
}

static void
a_store_that_fails_is_told_of_and_holds_nothing_up(void **state)
{
	struct making making;
	struct error error = { .class = ERR_NONE };

	begin(&making, *state);
	op_follow_free(making.follow);
	assert_int_equal(file_make_directories(making.other.path, ERR_STORE), 0);
	assert_int_equal(chmod(making.other.path, 0777), 0);
	making.follow = op_follow_begin(making.settings, making.from, &making.manifest);
	write_archive(&making, PIECES);
	plain_commit(making.from, &making.manifest);
	op_follow_commit(making.follow);
	op_follow_wait(making.follow);
	assert_false(op_follow_outcome(making.follow, 1, &error));
	assert_int_equal(error.class, ERR_STORE);
	assert_non_null(strstr(error.message, making.other.path));
	assert_ids(making.from, ID " ");
	end(&making);
}

static void
an_object_that_nobody_follows_is_written_all_the_same(void **state)
{
	struct store *store = scratch_open(*state, STORE_WRITE);
	struct stage *object = store_write(store, OBJECT);
	struct manifest_object entry = { .name = NULL };

	assert_ptr_equal(op_follow_tap(NULL, "cluster.sql.zst", object), object);
	op_follow_object(NULL, &entry);
	op_follow_commit(NULL);
	op_follow_free(NULL);
	assert_int_equal(stage_finish(object), 0);
	stage_free(object);
	assert_null(op_follow_tap(NULL, "x", NULL));
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_copied_to_the_byte),
		TEST(what_is_given_up_leaves_nothing),
		TEST(an_object_with_another_digest_is_not_committed),
		TEST(an_object_that_is_given_up_does_not_end_the_others),
		TEST(a_store_that_fails_is_told_of_and_holds_nothing_up),
		TEST(an_object_that_nobody_follows_is_written_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
