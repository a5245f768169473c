/* The record of a test restore: there and back, and beside its backup. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/proof.h"

#include "made_backup.h"

static struct proof *
sample(void)
{
	struct proof *proof = proof_new();

	proof->at = 1795316400;
	proof->ms = 5400;
	proof->restore_ms = 3200;
	proof->scratch = mem_text("docker");
	proof->store = mem_text("local");
	proof->rows = 7;
	proof_add(
		proof, (struct proof_difference){ mem_text("here"), mem_text("3 rows"), mem_text("4 rows") });
	return proof;
}

static void
a_proof_is_read_as_it_was_written(void **state)
{
	struct proof *proof = sample();
	struct buf text = BUF_EMPTY;

	(void)state;
	proof_write(proof, &text);
	struct proof *again = proof_read(text.bytes, text.len, "proof");
	assert_non_null(again);
	assert_int_equal(again->at, proof->at);
	assert_false(again->ok);
	assert_int_equal(again->ms, 5400);
	assert_int_equal(again->restore_ms, 3200);
	assert_string_equal(again->scratch, "docker");
	assert_null(again->image);
	assert_null(again->reason);
	assert_int_equal(again->rows, 7);
	assert_int_equal(again->count, 1);
	assert_int_equal(again->difference_count, 1);
	assert_string_equal(again->differences[0].found, "4 rows");
	proof_free(again);
	proof_free(proof);
	buf_clear(&text);
}

static void
of_many_differences_the_first_are_kept_and_all_counted(void **state)
{
	struct proof *proof = proof_new();
	struct buf text = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < PROOF_KEPT + 50; i++)
		proof_add(proof, (struct proof_difference){ mem_text("x"), mem_text("a"), mem_text("b") });
	proof_write(proof, &text);
	struct proof *again = proof_read(text.bytes, text.len, "proof");
	assert_int_equal(again->count, PROOF_KEPT);
	assert_int_equal(again->difference_count, PROOF_KEPT + 50);
	proof_free(again);
	proof_free(proof);
	buf_clear(&text);
}

static void
a_copy_has_everything_of_its_own(void **state)
{
	struct proof *proof = sample();
	struct proof *copy = proof_copy(proof);

	(void)state;
	proof_free(proof);
	assert_string_equal(copy->differences[0].where, "here");
	assert_int_equal(copy->difference_count, 1);
	proof_free(copy);
	assert_null(proof_copy(NULL));
}

static void
the_later_of_two_proofs_counts(void **state)
{
	struct proof early = { .at = 1 }, late = { .at = 2 };

	(void)state;
	assert_ptr_equal(proof_later(&early, &late), &late);
	assert_ptr_equal(proof_later(&late, &early), &late);
	assert_ptr_equal(proof_later(NULL, &early), &early);
	assert_null(proof_later(NULL, NULL));
}

static void
the_catalog_has_a_backups_proof_and_a_broken_one_is_none(void **state)
{
	const struct scratch *scratch = *state;
	struct catalog catalog;
	struct proof *proof = sample();
	char *name = catalog_object_name(MADE_SOURCE, MADE_ID, PROOF_NAME);

	made_backup(scratch, FRAME_ZSTD);
	struct store *store = scratch_open(scratch, STORE_WRITE);
	assert_int_equal(proof_save(store, MADE_SOURCE, MADE_ID, proof), 0);
	proof->ok = true;
	assert_int_equal(proof_save(store, MADE_SOURCE, MADE_ID, proof), 0);
	catalog_init(&catalog);
	assert_int_equal(catalog_load(store, MADE_SOURCE, &catalog), 0);
	assert_int_equal(catalog.count, 1);
	assert_non_null(catalog.entries[0].proof);
	assert_true(catalog.entries[0].proof->ok);
	catalog_clear(&catalog);
	assert_int_equal(store_replace(store, name, "{}", 2), 0);
	assert_int_equal(catalog_load(store, MADE_SOURCE, &catalog), 0);
	assert_null(catalog.entries[0].proof);
	assert_false(catalog.entries[0].damaged);
	catalog_clear(&catalog);
	store_close(store);
	proof_free(proof);
	free(name);
}

static void
what_is_no_proof_is_refused(void **state)
{
	static const char *const texts[] = { "", "{}", "[]", "{\"format\": 2}",
		"{\"format\": 1, \"at\": \"yesterday\", \"ok\": true}",
		"{\"format\": 1, \"at\": \"2026-11-22T03:00:00Z\", \"ok\": 1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(proof_read(texts[i], strlen(texts[i]), "proof"));
		assert_int_equal(error_get()->class, ERR_DAMAGED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proof_is_read_as_it_was_written),
		cmocka_unit_test(of_many_differences_the_first_are_kept_and_all_counted),
		cmocka_unit_test(a_copy_has_everything_of_its_own),
		cmocka_unit_test(the_later_of_two_proofs_counts),
		cmocka_unit_test_setup_teardown(the_catalog_has_a_backups_proof_and_a_broken_one_is_none,
			scratch_set_up, scratch_tear_down),
		cmocka_unit_test(what_is_no_proof_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
