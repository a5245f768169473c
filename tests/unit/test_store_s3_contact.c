/* Whether an endpoint is there: on times that are just numbers. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/store/store_s3_contact.h"

#define NOW UINT64_C(1000000)

static const struct error refused = { .class = ERR_STORE, .message = "connection refused" };

static void
one_that_was_never_reached_is_down_for_a_while_and_then_tried_again(void **state)
{
	struct store_s3_contact *contact = store_s3_contact_of("http://first");

	(void)state;
	assert_false(store_s3_contact_answers(contact));
	assert_false(store_s3_contact_is_down(contact, NOW));
	store_s3_contact_lost(contact, NOW, true, &refused);
	error_clear();
	assert_true(store_s3_contact_is_down(contact, NOW));
	assert_string_equal(error_get()->message, "connection refused");
	assert_true(store_s3_contact_is_down(contact, NOW + STORE_S3_DOWN_MS - 1));
	assert_false(store_s3_contact_is_down(contact, NOW + STORE_S3_DOWN_MS));
}

static void
all_stores_at_an_endpoint_know_the_same_of_it_and_others_nothing(void **state)
{
	struct store_s3_contact *contact = store_s3_contact_of("http://second/a");

	(void)state;
	store_s3_contact_lost(contact, NOW, true, &refused);
	assert_true(store_s3_contact_is_down(store_s3_contact_of("http://second/a"), NOW));
	assert_false(store_s3_contact_is_down(store_s3_contact_of("http://second/b"), NOW));
}

static void
an_answer_ends_it(void **state)
{
	struct store_s3_contact *contact = store_s3_contact_of("http://third");

	(void)state;
	store_s3_contact_lost(contact, NOW, true, &refused);
	store_s3_contact_answered(contact);
	assert_true(store_s3_contact_answers(contact));
	assert_false(store_s3_contact_is_down(contact, NOW));
}

static void
one_that_has_answered_and_asks_to_come_later_is_not_down(void **state)
{
	struct store_s3_contact *contact = store_s3_contact_of("http://fourth");

	(void)state;
	store_s3_contact_lost(contact, NOW, false, &refused);
	assert_true(store_s3_contact_is_down(contact, NOW)); /* it has never been of use */
	store_s3_contact_answered(contact);
	store_s3_contact_lost(contact, NOW, false, &refused);
	assert_false(store_s3_contact_is_down(contact, NOW));
	store_s3_contact_lost(contact, NOW, true, &refused);
	assert_true(store_s3_contact_is_down(contact, NOW));
	assert_false(store_s3_contact_answers(contact));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_was_never_reached_is_down_for_a_while_and_then_tried_again),
		cmocka_unit_test(all_stores_at_an_endpoint_know_the_same_of_it_and_others_nothing),
		cmocka_unit_test(an_answer_ends_it),
		cmocka_unit_test(one_that_has_answered_and_asks_to_come_later_is_not_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
