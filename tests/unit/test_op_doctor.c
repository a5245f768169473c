#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/op/op_doctor_inside.h"
#include "incant/store.h"
#include "incant/text.h"

/* A text that may be written to, as the structures have them. */
#define TEXT(text) ((char[]){ text })

/* The check of that name; fails where there is none. */
static const struct op_check *
find(const struct op_checks *checks, const char *name)
{
	for (size_t i = 0; i < checks->count; i++)
		if (text_equal(checks->checks[i].name, name))
			return &checks->checks[i];
	fail_msg("there is no check '%s'", name);
	return NULL;
}

static void
assert_well(const struct op_checks *checks, const char *name)
{
	if (!find(checks, name)->ok)
		fail_msg("%s is not well: %s", name, find(checks, name)->detail);
}

static void
assert_bad(const struct op_checks *checks, const char *name)
{
	assert_false(find(checks, name)->ok);
	assert_non_null(find(checks, name)->hint);
}

static void
a_bucket_that_removes_nothing_stale_or_too_much_is_red(void **state)
{
	const struct store_habits bad = { .versions = STORE_DOES,
		.ends_versions = STORE_DOES_NOT,
		.ends_uploads = STORE_DOES_NOT,
		.expires = STORE_DOES };
	const struct store_habits good = { .versions = STORE_DOES,
		.ends_versions = STORE_DOES,
		.ends_uploads = STORE_DOES,
		.expires = STORE_DOES_NOT };
	const struct store_habits untold = { .versions = STORE_UNTOLD };
	struct op_checks checks = { .checks = NULL };

	(void)state;
	doctor_judge_habits(&checks, "store s", &bad);
	assert_bad(&checks, "store s versions");
	assert_bad(&checks, "store s uploads");
	assert_bad(&checks, "store s expiry");
	op_checks_clear(&checks);
	doctor_judge_habits(&checks, "store s", &good);
	assert_well(&checks, "store s versions");
	assert_well(&checks, "store s uploads");
	assert_well(&checks, "store s expiry");
	op_checks_clear(&checks);
	doctor_judge_habits(&checks, "store s", &untold);
	assert_int_equal(checks.count, 0);
}

static void
a_host_that_is_left_as_it_came_is_red(void **state)
{
	const struct host host = { .has_sshd = true,
		.root_login = TEXT("yes"),
		.password_login = true,
		.reboot_required = true,
		.reboot_packages = TEXT("libc6") };
	struct op_checks checks = { .checks = NULL };

	(void)state;
	doctor_judge_host(&host, &checks);
	assert_bad(&checks, "ssh root login");
	assert_bad(&checks, "ssh passwords");
	assert_bad(&checks, "fail2ban");
	assert_bad(&checks, "firewall");
	assert_bad(&checks, "updates");
	assert_bad(&checks, "reboot");
	assert_string_equal(find(&checks, "reboot")->detail, "one is pending, for libc6");
	assert_int_equal(op_checks_count_bad(&checks), 6);
	op_checks_clear(&checks);
}

static void
a_host_that_is_closed_is_green(void **state)
{
	const struct host host = {
		.has_sshd = true, .root_login = TEXT("no"), .firewall = "ufw", .automatic_updates = true
	};
	struct op_checks checks = { .checks = NULL };

	(void)state;
	doctor_judge_host(&host, &checks);
	assert_int_equal(op_checks_count_bad(&checks), 0);
	assert_well(&checks, "ssh root login");
	assert_well(&checks, "fail2ban");
	op_checks_clear(&checks);
}

static void
a_host_without_ssh_has_nothing_to_guess_at(void **state)
{
	const struct host host = { .root_login = TEXT("yes"),
		.password_login = true,
		.firewall = "nftables",
		.automatic_updates = true };
	struct op_checks checks = { .checks = NULL };

	(void)state;
	doctor_judge_host(&host, &checks);
	assert_int_equal(op_checks_count_bad(&checks), 0);
	op_checks_clear(&checks);
}

/* The one check of a cluster in data_folder of a container with this one mount. */
static void
judge_data(struct docker_mount mount, const char *data_folder, bool well)
{
	const struct docker_listed listed = { .name = TEXT("db"), .mounts = &mount, .mount_count = 1 };
	struct op_checks checks = { .checks = NULL };

	doctor_judge_data(&listed, data_folder, &checks);
	assert_int_equal(checks.count, 1);
	if (checks.checks[0].ok != well)
		fail_msg("%s in %s: %s", data_folder, mount.target, checks.checks[0].detail);
	op_checks_clear(&checks);
}

#define HEX16 "0123456789abcdef"

static void
a_cluster_that_goes_with_its_container_is_red(void **state)
{
	const char *data = "/var/lib/postgresql/data";
	const struct docker_mount
		named = { .source = TEXT("/var/lib/docker/volumes/app_db/_data"),
			.target = TEXT("/var/lib/postgresql/data") },
		nameless = { .source = TEXT("/var/lib/docker/volumes/" HEX16 HEX16 HEX16 HEX16 "/_data"),
			.target = TEXT("/var/lib/postgresql/data") },
		bound = { .bind = true, .source = TEXT("/srv/db"), .target = TEXT("/var/lib/postgresql") },
		other = { .bind = true, .source = TEXT("/srv/x"), .target = TEXT("/var/lib/postgres") };

	(void)state;
	judge_data(named, data, true);
	judge_data(nameless, data, false);
	judge_data(bound, data, true);
	judge_data(other, data, false);
	/* The image of version 18 has its data elsewhere than where it was mounted until then. */
	judge_data(named, "/var/lib/postgresql/18/docker", false);
}

/* The one check of a container that has this port. */
static void
judge_port(char *address, unsigned public_port, unsigned private_port, bool well)
{
	struct docker_port port = { address, public_port, private_port };
	struct docker_listed listed = { .name = TEXT("db"), .ports = &port, .port_count = 1 };
	const struct docker_list list = { .containers = &listed, .count = 1 };
	struct op_checks checks = { .checks = NULL };

	doctor_judge_ports(&list, &checks);
	assert_int_equal(checks.count, 1);
	if (checks.checks[0].ok != well)
		fail_msg("%s:%u to %u: %s", address, public_port, private_port, checks.checks[0].detail);
	op_checks_clear(&checks);
}

static void
postgresql_that_docker_opens_to_others_is_red(void **state)
{
	(void)state;
	judge_port(TEXT("0.0.0.0"), 5432, 5432, false);
	judge_port(TEXT("::"), 5433, 5432, false);
	judge_port(TEXT("10.1.2.3"), 5432, 5432, false);
	judge_port(TEXT("127.0.0.1"), 5432, 5432, true);
	judge_port(TEXT("::1"), 5432, 5432, true);
	judge_port(TEXT(""), 0, 5432, true);
	judge_port(TEXT("0.0.0.0"), 443, 443, true);
}

static void
versions_that_fit_and_are_mended_are_well(void **state)
{
	const char *hint = NULL;

	(void)state;
	assert_null(doctor_judge_versions("15.19 (Debian 15.19-1)", "15.19", &hint));
	assert_null(doctor_judge_versions("15.20", "17.11 (Debian)", &hint));
	assert_null(doctor_judge_versions("19beta1", "19beta1", &hint));
	assert_null(hint);
}

static void
versions_that_are_too_old_say_what_to_do(void **state)
{
	static const struct {
		const char *server, *dumper, *says;
	} cases[] = {
		{ "16.15", "15.19", "older than the server" },
		{ "15.18", "15.18", "security holes" },
		{ "17.11", "18.5", "security holes" },
		{ "13.22", "13.22", "no more security fixes" },
		{ "15.19", "devel", "cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *hint = NULL;
		const char *wrong = doctor_judge_versions(cases[i].server, cases[i].dumper, &hint);

		if (wrong == NULL || strstr(wrong, cases[i].says) == NULL)
			fail_msg("%s, %s: %s", cases[i].server, cases[i].dumper,
				wrong != NULL ? wrong : "well");
	}
}

static void
a_droplet_without_backups_of_its_own_is_red(void **state)
{
	struct cloud_policy policy = { .enabled = false };
	struct op_checks checks = { .checks = NULL };

	(void)state;
	doctor_judge_policy(&policy, &checks);
	assert_bad(&checks, "droplet backups");
	op_checks_clear(&checks);
	policy = (struct cloud_policy){ .enabled = true,
		.plan = TEXT("weekly"),
		.weekday = TEXT("SUN"),
		.next = TEXT("2026-11-29T20:00:00Z") };
	doctor_judge_policy(&policy, &checks);
	assert_well(&checks, "droplet backups");
	assert_string_equal(checks.checks[0].detail, "weekly on SUN, the next one from 2026-11-29T20:00:00Z");
	op_checks_clear(&checks);
}

static void
room_for_two_more_backups_is_room(void **state)
{
	struct op_checks checks = { .checks = NULL };

	(void)state;
	doctor_judge_room(&checks, "enough", 2000, 1000);
	doctor_judge_room(&checks, "short", 1999, 1000);
	doctor_judge_room(&checks, "first", 0, 0);
	assert_well(&checks, "enough");
	assert_bad(&checks, "short");
	assert_well(&checks, "first");
	op_checks_clear(&checks);
}

static void
a_server_that_listens_on_every_address_is_red(void **state)
{
	static const struct {
		const char *addresses;
		bool well;
	} cases[] = {
		{ "*", false },
		{ "0.0.0.0", false },
		{ "localhost, ::", false },
		{ "::,localhost", false },
		{ "localhost", true },
		{ "127.0.0.1, ::1", true },
		{ "10.116.0.2,localhost", true },
		{ "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct op_checks checks = { .checks = NULL };

		doctor_judge_listening(cases[i].addresses, &checks);
		if (find(&checks, "listening")->ok != cases[i].well)
			fail_msg("'%s': %s", cases[i].addresses, checks.checks[0].detail);
		op_checks_clear(&checks);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_that_removes_nothing_stale_or_too_much_is_red),
		cmocka_unit_test(a_host_that_is_left_as_it_came_is_red),
		cmocka_unit_test(a_host_that_is_closed_is_green),
		cmocka_unit_test(a_host_without_ssh_has_nothing_to_guess_at),
		cmocka_unit_test(a_cluster_that_goes_with_its_container_is_red),
		cmocka_unit_test(postgresql_that_docker_opens_to_others_is_red),
		cmocka_unit_test(versions_that_fit_and_are_mended_are_well),
		cmocka_unit_test(versions_that_are_too_old_say_what_to_do),
		cmocka_unit_test(a_droplet_without_backups_of_its_own_is_red),
		cmocka_unit_test(a_server_that_listens_on_every_address_is_red),
		cmocka_unit_test(room_for_two_more_backups_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
