/* What a bucket does by itself, told by its configuration. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "s3_talk.h"

static void
what_a_bucket_does_by_itself_is_told_by_its_rules(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /b/?versioning= ",
			.status = 200,
			.body = "<VersioningConfiguration><Status>Enabled</Status></"
				"VersioningConfiguration>" },
		{ .request = "GET /b/?lifecycle= ",
			.status = 200,
			.body = "<LifecycleConfiguration>"
				"<Rule><Filter><Prefix>pre/</Prefix></Filter><Status>Enabled</Status>"
				"<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
				"</AbortIncompleteMultipartUpload></Rule>"
				"<Rule><Prefix>pre/app/2026</Prefix><Status>Enabled</Status>"
				"<Expiration><Days>30</Days></Expiration></Rule>"
				"<Rule><Filter/><Status>Disabled</Status><NoncurrentVersionExpiration>"
				"<NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration></Rule>"
				"</LifecycleConfiguration>" },
		{ .request = "GET /b/?versioning= ", .status = 200, .body = "<VersioningConfiguration/>" },
		{ .request = "GET /b/?lifecycle= ",
			.status = 200,
			.body = "<LifecycleConfiguration>"
				"<Rule><Filter><Tag><Key>a</Key></Tag></Filter><Status>Enabled</Status>"
				"<Expiration><Days>30</Days></Expiration></Rule>"
				"<Rule><Filter><Prefix>other/</Prefix></Filter><Status>Enabled</Status>"
				"<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
				"</AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>" },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct store_habits habits;

	(void)state;
	assert_int_equal(store_habits(talk.store, "app/", &habits), 0);
	assert_int_equal(habits.versions, STORE_DOES);
	assert_int_equal(habits.ends_uploads, STORE_DOES);
	assert_int_equal(habits.expires, STORE_DOES);
	assert_int_equal(habits.ends_versions, STORE_DOES_NOT);
	assert_int_equal(store_habits(talk.store, "app/", &habits), 0);
	assert_int_equal(habits.versions, STORE_DOES_NOT);
	assert_int_equal(habits.ends_uploads, STORE_DOES_NOT);
	assert_int_equal(habits.expires, STORE_DOES_NOT);
	talk_end(&talk);
}

static void
a_bucket_without_rules_has_no_habits_and_keys_that_may_not_ask_learn_nothing(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /b/?versioning= ", .status = 200, .body = "<VersioningConfiguration/>" },
		{ .request = "GET /b/?lifecycle= ",
			.status = 404,
			.body = "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>" },
		{ .request = "GET /b/?versioning= ",
			.status = 403,
			.body = "<Error><Code>AccessDenied</Code></Error>" },
		{ .request = "GET /b/?lifecycle= ",
			.status = 501,
			.body = "<Error><Code>NotImplemented</Code></Error>" },
	};
	struct talk talk = talk_begin(dialogue, COUNT(dialogue));
	struct store_habits habits;

	(void)state;
	assert_int_equal(store_habits(talk.store, "app/", &habits), 0);
	assert_int_equal(habits.versions, STORE_DOES_NOT);
	assert_int_equal(habits.ends_uploads, STORE_DOES_NOT);
	assert_int_equal(store_habits(talk.store, "app/", &habits), 0);
	assert_int_equal(habits.versions, STORE_UNTOLD);
	assert_int_equal(habits.ends_uploads, STORE_UNTOLD);
	assert_int_equal(habits.expires, STORE_UNTOLD);
	talk_end(&talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_bucket_does_by_itself_is_told_by_its_rules),
		cmocka_unit_test(
			a_bucket_without_rules_has_no_habits_and_keys_that_may_not_ask_learn_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
