#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/stage.h"

/* A stage that notes what happens to it, and fails where it is told to. */
struct spy {
	struct stage base;
	char *events; /* one letter a call: w, f, x (freed) */
	char letter;  /* prefix of each event, to tell two spies apart */
	bool fail_write;
	bool fail_finish;
};

static void
note(struct spy *spy, char event)
{
	size_t len = strlen(spy->events);

	spy->events[len] = spy->letter;
	spy->events[len + 1] = event;
	spy->events[len + 2] = '\0';
}

static int
spy_write(struct stage *stage, const void *bytes, size_t len)
{
	struct spy *spy = (struct spy *)stage;

	note(spy, 'w');
	if (spy->fail_write)
		return error_set(ERR_STORE, "the disk is full");
	return stage->next != NULL ? stage_write(stage->next, bytes, len) : 0;
}

static int
spy_finish(struct stage *stage)
{
	struct spy *spy = (struct spy *)stage;

	note(spy, 'f');
	return spy->fail_finish ? error_set(ERR_STORE, "cannot commit") : 0;
}

static void
spy_free(struct stage *stage)
{
	note((struct spy *)stage, 'x');
	free(stage);
}

static const struct stage_ops spy_ops = {
	.name = "spy",
	.write = spy_write,
	.finish = spy_finish,
	.free = spy_free,
};

static struct spy *
spy_new(struct stage *next, char letter, char *events)
{
	struct spy *spy = mem_zero(sizeof(*spy));

	stage_init(&spy->base, &spy_ops, next);
	spy->letter = letter;
	spy->events = events;
	return spy;
}

static void
bytes_pass_and_the_chain_finishes_from_head_to_tail(void **state)
{
	char events[64] = "";
	struct spy *tail = spy_new(NULL, 'b', events);
	struct spy *head = spy_new(&tail->base, 'a', events);

	(void)state;
	assert_int_equal(stage_write(&head->base, "xyz", 3), 0);
	assert_int_equal(stage_finish(&head->base), 0);
	assert_int_equal(head->base.in_bytes, 3);
	assert_int_equal(tail->base.in_bytes, 3);
	assert_int_equal(tail->base.state, STAGE_FINISHED);
	stage_free(&head->base);
	assert_string_equal(events, "awbwafbfaxbx");
}

static void
writing_nothing_reaches_no_stage(void **state)
{
	char events[64] = "";
	struct spy *spy = spy_new(NULL, 'a', events);

	(void)state;
	assert_int_equal(stage_write(&spy->base, NULL, 0), 0);
	assert_string_equal(events, "");
	stage_free(&spy->base);
}

static void
after_a_failed_write_no_stage_is_written_to_or_finished(void **state)
{
	char events[64] = "";
	struct spy *tail = spy_new(NULL, 'b', events);
	struct spy *head = spy_new(&tail->base, 'a', events);

	(void)state;
	tail->fail_write = true;
	assert_int_equal(stage_write(&head->base, "x", 1), -1);
	assert_int_equal(head->base.in_bytes, 0);
	assert_int_equal(stage_write(&head->base, "x", 1), -1);
	assert_int_equal(stage_finish(&head->base), -1);
	assert_string_equal(events, "awbw");
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "the disk is full");
	stage_free(&head->base);
	assert_string_equal(events, "awbwaxbx");
}

static void
a_stage_whose_finish_fails_keeps_the_next_from_finishing(void **state)
{
	char events[64] = "";
	struct spy *tail = spy_new(NULL, 'b', events);
	struct spy *head = spy_new(&tail->base, 'a', events);

	(void)state;
	head->fail_finish = true;
	assert_int_equal(stage_finish(&head->base), -1);
	assert_int_equal(tail->base.state, STAGE_OPEN);
	assert_string_equal(events, "af");
	stage_free(&head->base);
}

static void
a_failed_commit_fails_the_whole_chain(void **state)
{
	char events[64] = "";
	struct spy *tail = spy_new(NULL, 'b', events);
	struct spy *head = spy_new(&tail->base, 'a', events);

	(void)state;
	tail->fail_finish = true;
	assert_int_equal(stage_finish(&head->base), -1);
	assert_int_equal(head->base.state, STAGE_FAILED);
	assert_string_equal(error_get()->message, "cannot commit");
	stage_free(&head->base);
}

static void
a_finished_stage_takes_nothing_more(void **state)
{
	struct stage *head = stage_null_new();

	(void)state;
	assert_int_equal(stage_finish(head), 0);
	assert_int_equal(stage_write(head, "x", 1), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_string_equal(error_get()->message, "write on stage 'null', which has finished already");
	assert_int_equal(stage_finish(head), -1);
	stage_free(head);
	stage_free(NULL);
}

static void
a_chain_on_nothing_is_nothing(void **state)
{
	char hex[DIGEST_SHA256_HEX];
	struct digest128 digest;
	uint64_t bytes;

	(void)state;
	assert_null(stage_sha256_new(NULL, hex));
	assert_null(stage_xxh128_new(NULL, &digest));
	assert_null(stage_count_new(NULL, &bytes));
	assert_null(stage_progress_new(NULL));
	assert_null(stage_relay_new(NULL, 2, 16));
}

/* Everything that looks at a stream without changing it, written in two pieces cut at `cut`. */
static void
taps_see_the_stream(const char *text, size_t cut)
{
	char hex[DIGEST_SHA256_HEX] = "";
	struct digest128 digest = { 0, 0 };
	struct digest128 expected = digest_xxh128(text, strlen(text));
	struct buf buf = BUF_EMPTY;
	uint64_t bytes = 0;
	struct stage *head = stage_buf_new(&buf);

	head = stage_sha256_new(head, hex);
	head = stage_xxh128_new(head, &digest);
	head = stage_count_new(head, &bytes);
	head = stage_progress_new(head);
	assert_non_null(head);
	assert_int_equal(stage_write(head, text, cut), 0);
	assert_int_equal(stage_write(head, text + cut, strlen(text) - cut), 0);
	assert_string_equal(hex, "");
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_true(digest128_equal(digest, expected));
	assert_int_equal(bytes, strlen(text));
	assert_string_equal(buf_text(&buf), text);
	buf_clear(&buf);
}

static void
digests_and_counts_do_not_depend_on_the_cut(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= 3; cut++)
		taps_see_the_stream("abc", cut);
}

static void
what_the_next_stage_refused_is_not_counted(void **state)
{
	char events[64] = "";
	struct spy *tail = spy_new(NULL, 'b', events);
	uint64_t bytes = 0;
	struct stage *head = stage_count_new(&tail->base, &bytes);

	(void)state;
	assert_int_equal(stage_write(head, "12345", 5), 0);
	tail->fail_write = true;
	assert_int_equal(stage_write(head, "12345", 5), -1);
	assert_int_equal(bytes, 5);
	stage_free(head);
}

static void
a_descriptor_gets_the_bytes_and_stays_open(void **state)
{
	int ends[2];
	char back[8] = "";
	struct stage *head;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	head = stage_fd_new(ends[1], ERR_STORE, "the pipe");
	assert_int_equal(stage_write(head, "hello", 5), 0);
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
	assert_int_equal(read(ends[0], back, sizeof(back)), 5);
	assert_string_equal(back, "hello");
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(close(ends[0]), 0);
}

static void
a_full_device_is_an_error_of_the_given_class_that_names_the_target(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct stage *head = stage_fd_new(fd, ERR_RESTORE, "the target");

	(void)state;
	assert_int_equal(stage_write(head, "x", 1), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	assert_non_null(strstr(error_get()->message, "the target"));
	assert_non_null(strstr(error_get()->message, "No space left on device"));
	stage_free(head);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_pass_and_the_chain_finishes_from_head_to_tail),
		cmocka_unit_test(writing_nothing_reaches_no_stage),
		cmocka_unit_test(after_a_failed_write_no_stage_is_written_to_or_finished),
		cmocka_unit_test(a_stage_whose_finish_fails_keeps_the_next_from_finishing),
		cmocka_unit_test(a_failed_commit_fails_the_whole_chain),
		cmocka_unit_test(a_finished_stage_takes_nothing_more),
		cmocka_unit_test(a_chain_on_nothing_is_nothing),
		cmocka_unit_test(digests_and_counts_do_not_depend_on_the_cut),
		cmocka_unit_test(what_the_next_stage_refused_is_not_counted),
		cmocka_unit_test(a_descriptor_gets_the_bytes_and_stays_open),
		cmocka_unit_test(a_full_device_is_an_error_of_the_given_class_that_names_the_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
