#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud_sample.h"

#define SNAPSHOT(id, name, droplet, created)                                                              \
	"{\"id\":" id ",\"name\":\"" name "\",\"resource_id\":" droplet ",\"resource_type\":\"droplet\"," \
	"\"created_at\":\"" created                                                                       \
	"\",\"regions\":[\"nyc3\",\"fra1\"],\"size_gigabytes\":2.5,\"tags\":null}"

static void
pages_are_read_until_there_is_no_next_one(void **state)
{
	/* Whatever address the next page is said to have, the token goes nowhere but to ours. */
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /v2/snapshots?resource_type=droplet&per_page=200&page=1 ",
			.status = 200,
			.body = "{\"snapshots\":[" SNAPSHOT("\"1\"", "a", "\"7\"",
				"2026-11-01T00:00:00Z") "," SNAPSHOT("\"2\"", "b", "\"8\"",
				"2026-11-01T00:00:00Z") "],"
							"\"links\":{\"pages\":{\"next\":\"http://"
							"evil.example/\"}},\"meta\":{\"total\":3}}" },
		{ .request = "GET /v2/snapshots?resource_type=droplet&per_page=200&page=2 ",
			.status = 200,
			.body = "{\"snapshots\":[" SNAPSHOT(
				"3", "c", "7", "2026-11-02T00:00:00Z") "],\"links\":{}}" },
	};
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_snapshots list;

	(void)state;
	assert_int_equal(cloud_list_snapshots(cloud, 7, &list), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].id, "3");
	assert_string_equal(list.items[0].name, "c");
	assert_string_equal(list.items[0].regions, "nyc3, fra1");
	assert_true(list.items[0].gigabytes == 2.5);
	assert_true(list.items[0].droplet == 7);
	assert_string_equal(list.items[1].id, "1");
	cloud_snapshots_clear(&list);
	end(cloud);
}

static void
what_is_no_snapshot_of_the_droplet_is_passed_over(void **state)
{
	static const struct fake_exchange dialogue[] = { { .request = "GET /v2/snapshots?",
		.status = 200,
		.body = "{\"snapshots\":[{},7,null,"
			"{\"id\":\"1\",\"name\":\"v\",\"resource_id\":\"7\",\"resource_type\":\"volume\","
			"\"created_at\":\"2026-11-01T00:00:00Z\"}," SNAPSHOT("\"../droplets/7\"", "path",
				"\"7\"", "2026-11-01T00:00:00Z") "," SNAPSHOT("\"\"", "x", "7",
				"2026-11-01T00:00:00Z") "," SNAPSHOT("-3", "x", "7",
				"2026-11-01T00:00:00Z") "," SNAPSHOT("4", "x", "\"7x\"",
				"2026-11-01T00:00:00Z") "," SNAPSHOT("5", "x", "7", "yesterday") "]}" } };
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_snapshots list;

	(void)state;
	assert_int_equal(cloud_list_snapshots(cloud, 7, &list), 0);
	assert_int_equal(list.count, 0);
	cloud_snapshots_clear(&list);
	end(cloud);
}

static void
an_answer_without_a_list_is_no_empty_list(void **state)
{
	static const char *const bodies[] = { "", "{}", "[]", "{\"snap", "<html>" };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		const struct fake_exchange dialogue[] = {
			{ .request = "GET /v2/snapshots?", .status = 200, .body = bodies[i] }
		};
		struct cloud *cloud = begin(dialogue, COUNT(dialogue));
		struct cloud_snapshots list;

		assert_int_equal(cloud_list_snapshots(cloud, 7, &list), -1);
		assert_error("cannot list the snapshots", "");
		cloud_snapshots_clear(&list);
		end(cloud);
	}
}

static const struct cloud_snapshot ours = {
	.id = (char *)(uintptr_t) "3", .name = (char *)(uintptr_t) "c", .droplet = 7
};

static void
a_snapshot_is_looked_at_before_it_is_deleted(void **state)
{
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /v2/snapshots/3 ",
			.status = 200,
			.body = "{\"snapshot\":" SNAPSHOT(
				"\"3\"", "c", "\"7\"", "2026-11-02T00:00:00Z") "}" },
		{ .request = "DELETE /v2/snapshots/3 ", .status = 204 },
	};
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));

	(void)state;
	assert_int_equal(cloud_delete_snapshot(cloud, &ours), 0);
	end(cloud);
}

static void
one_that_is_another_now_is_left_alone(void **state)
{
	static const char *const bodies[] = {
		"{\"snapshot\":" SNAPSHOT("\"3\"", "d", "\"7\"", "2026-11-02T00:00:00Z") "}",
		"{\"snapshot\":" SNAPSHOT("\"3\"", "c", "\"8\"", "2026-11-02T00:00:00Z") "}",
		"{\"snapshot\":" SNAPSHOT("\"4\"", "c", "\"7\"", "2026-11-02T00:00:00Z") "}",
		"{}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		const struct fake_exchange dialogue[] = {
			{ .request = "GET /v2/snapshots/3 ", .status = 200, .body = bodies[i] }
		};
		struct cloud *cloud = begin(dialogue, COUNT(dialogue));

		assert_int_equal(cloud_delete_snapshot(cloud, &ours), -1);
		assert_error("it is left alone", "");
		end(cloud);
	}
}

static void
one_that_is_gone_is_deleted_already(void **state)
{
	static const struct fake_exchange gone[] = { { .request = "GET /v2/snapshots/3 ", .status = 404 } };
	static const struct fake_exchange going[] = {
		{ .request = "GET /v2/snapshots/3 ",
			.status = 200,
			.body = "{\"snapshot\":" SNAPSHOT(
				"\"3\"", "c", "\"7\"", "2026-11-02T00:00:00Z") "}" },
		{ .request = "DELETE /v2/snapshots/3 ", .fault = FAKE_RESET },
		{ .request = "DELETE /v2/snapshots/3 ", .status = 404 },
	};
	struct cloud *cloud = begin(gone, COUNT(gone));

	(void)state;
	assert_int_equal(cloud_delete_snapshot(cloud, &ours), 0);
	end(cloud);
	cloud = begin(going, COUNT(going));
	assert_int_equal(cloud_delete_snapshot(cloud, &ours), 0);
	end(cloud);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_read_until_there_is_no_next_one),
		cmocka_unit_test(what_is_no_snapshot_of_the_droplet_is_passed_over),
		cmocka_unit_test(an_answer_without_a_list_is_no_empty_list),
		cmocka_unit_test(a_snapshot_is_looked_at_before_it_is_deleted),
		cmocka_unit_test(one_that_is_another_now_is_left_alone),
		cmocka_unit_test(one_that_is_gone_is_deleted_already),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
