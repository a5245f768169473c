/* A stream may finish only when it is the expected one, and nothing behind the check finishes otherwise. */
#include "config.h"

#include "incant/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"

static const char text[] = "the bytes that were promised";

/* A last stage that remembers whether it was finished: the commit. */
struct commit {
	struct stage base;
	int *commits;
};

static int
commit_write(struct stage *stage, const void *bytes, size_t len)
{
	(void)stage;
	(void)bytes;
	(void)len;
	return 0;
}

static int
commit_finish(struct stage *stage)
{
	++*((struct commit *)stage)->commits;
	return 0;
}

static void
commit_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops commit_ops = { "commit", commit_write, commit_finish, commit_free };

static struct stage *
commit_new(int *commits)
{
	struct commit *commit = mem_zero(sizeof(*commit));

	stage_init(&commit->base, &commit_ops, NULL);
	commit->commits = commits;
	return &commit->base;
}

static void
promised_bytes_are_committed_however_they_are_cut(void **state)
{
	(void)state;
	char sha256[DIGEST_SHA256_HEX];

	assert_int_equal(digest_sha256_hex(text, sizeof(text), sha256), 0);
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		int commits = 0;
		struct stage *head = stage_expect_new(commit_new(&commits), sha256, "object");

		assert_int_equal(stage_write(head, text, cut), 0);
		assert_int_equal(stage_write(head, text + cut, sizeof(text) - cut), 0);
		assert_int_equal(stage_finish(head), 0);
		assert_int_equal(commits, 1);
		stage_free(head);
	}
}

static void
other_bytes_are_never_committed(void **state)
{
	(void)state;
	char sha256[DIGEST_SHA256_HEX];

	assert_int_equal(digest_sha256_hex(text, sizeof(text), sha256), 0);
	for (size_t flip = 0; flip < sizeof(text); flip++) {
		char other[sizeof(text)];
		int commits = 0;
		struct stage *head = stage_expect_new(commit_new(&commits), sha256, "object x of y");

		memcpy(other, text, sizeof(text));
		other[flip] = (char)(other[flip] ^ 1);
		assert_int_equal(stage_write(head, other, sizeof(other)), 0);
		assert_int_equal(stage_finish(head), -1);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_non_null(strstr(error_get()->message, "object x of y"));
		assert_int_equal(commits, 0);
		stage_free(head);
		error_clear();
	}
}

static void
a_stream_that_ends_early_is_never_committed(void **state)
{
	(void)state;
	char sha256[DIGEST_SHA256_HEX];

	assert_int_equal(digest_sha256_hex(text, sizeof(text), sha256), 0);
	for (size_t len = 0; len < sizeof(text); len++) {
		int commits = 0;
		struct stage *head = stage_expect_new(commit_new(&commits), sha256, "object");

		assert_int_equal(stage_write(head, text, len), 0);
		assert_int_equal(stage_finish(head), -1);
		assert_int_equal(commits, 0);
		stage_free(head);
	}
	error_clear();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promised_bytes_are_committed_however_they_are_cut),
		cmocka_unit_test(other_bytes_are_never_committed),
		cmocka_unit_test(a_stream_that_ends_early_is_never_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
