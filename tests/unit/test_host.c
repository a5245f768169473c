#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/host.h"
#include "incant/mem.h"

/* A root of our own for every test. */
static int
root_make(void **state)
{
	char *root = mem_text("/tmp/incant-host.XXXXXX");

	*state = mkdtemp(root);
	return *state != NULL ? 0 : -1;
}

static int
root_remove(void **state)
{
	int rc = file_remove_tree(*state, ERR_INTERNAL);

	free(*state);
	return rc;
}

static void
put(const char *root, const char *path, const char *text)
{
	char *full = mem_format("%s%s", root, path);
	char *slash = strrchr(full, '/');

	*slash = '\0';
	assert_int_equal(file_make_directories(full, ERR_INTERNAL), 0);
	*slash = '/';
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(full);
}

static void
put_link(const char *root, const char *folder, const char *name)
{
	char *full = mem_format("%s%s", root, folder);
	char *link = mem_format("%s/%s", full, name);

	assert_int_equal(file_make_directories(full, ERR_INTERNAL), 0);
	assert_int_equal(symlink("/lib/systemd/system/nowhere.service", link), 0);
	free(link);
	free(full);
}

static void
an_empty_host_has_nothing_switched_on(void **state)
{
	struct host host;

	host_look(*state, &host);
	assert_false(host.has_sshd);
	assert_null(host.firewall);
	assert_false(host.fail2ban);
	assert_false(host.automatic_updates);
	assert_false(host.reboot_required);
	assert_null(host.reboot_packages);
	host_clear(&host);
}

static void
sshd_without_a_word_has_its_defaults(void **state)
{
	struct host host;

	put(*state, "/etc/ssh/sshd_config", "# PermitRootLogin no\n\nUsePAM yes\n");
	host_look(*state, &host);
	assert_true(host.has_sshd);
	assert_string_equal(host.root_login, "prohibit-password");
	assert_true(host.password_login);
	host_clear(&host);
}

static void
the_first_value_of_sshd_counts_and_included_files_come_in_their_place(void **state)
{
	struct host host;

	put(*state, "/etc/ssh/sshd_config",
		"Include /etc/ssh/sshd_config.d/*.conf\npermitrootlogin yes\nPasswordAuthentication=no # "
		"really\n");
	put(*state, "/etc/ssh/sshd_config.d/60-late.conf", "PermitRootLogin no\n");
	put(*state, "/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication yes\n");
	host_look(*state, &host);
	assert_string_equal(host.root_login, "no");
	assert_true(host.password_login);
	host_clear(&host);
}

static void
what_sshd_says_for_some_only_does_not_count(void **state)
{
	struct host host;

	put(*state, "/etc/ssh/sshd_config",
		"PasswordAuthentication no\nMatch User backup\n  PermitRootLogin yes\n");
	host_look(*state, &host);
	assert_string_equal(host.root_login, "prohibit-password");
	assert_false(host.password_login);
	host_clear(&host);
}

static void
an_include_that_names_itself_ends(void **state)
{
	struct host host;

	put(*state, "/etc/ssh/sshd_config", "Include sshd_config\nPermitRootLogin no\n");
	host_look(*state, &host);
	assert_string_equal(host.root_login, "no");
	host_clear(&host);
}

static void
each_firewall_is_known_by_its_switch(void **state)
{
	struct host host;

	put_link(*state, "/etc/systemd/system/sysinit.target.wants", "nftables.service");
	host_look(*state, &host);
	assert_string_equal(host.firewall, "nftables");
	host_clear(&host);
	put(*state, "/etc/ufw/ufw.conf", "# a word\nENABLED = yes\n");
	host_look(*state, &host);
	assert_string_equal(host.firewall, "ufw");
	host_clear(&host);
	put(*state, "/etc/ufw/ufw.conf", "ENABLED=no\n");
	host_look(*state, &host);
	assert_string_equal(host.firewall, "nftables");
	host_clear(&host);
}

static void
services_and_updates_that_are_switched_on_are_seen(void **state)
{
	struct host host;

	put_link(*state, "/etc/systemd/system/multi-user.target.wants", "fail2ban.service");
	put(*state, "/etc/apt/apt.conf.d/20auto-upgrades",
		"APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n");
	host_look(*state, &host);
	assert_true(host.fail2ban);
	assert_true(host.automatic_updates);
	host_clear(&host);
	put(*state, "/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"0\";\n");
	host_look(*state, &host);
	assert_false(host.automatic_updates);
	host_clear(&host);
}

static void
a_pending_reboot_names_its_packages_once(void **state)
{
	struct host host;

	put(*state, "/run/reboot-required", "*** System restart required ***\n");
	put(*state, "/run/reboot-required.pkgs", "linux-base\nlinux-base\nlibc6\n");
	host_look(*state, &host);
	assert_true(host.reboot_required);
	assert_string_equal(host.reboot_packages, "linux-base, libc6");
	host_clear(&host);
}

static void
a_droplet_is_known_by_its_vendor(void **state)
{
	struct host host;

	put(*state, "/sys/class/dmi/id/sys_vendor", "DigitalOcean\n");
	host_look(*state, &host);
	assert_true(host.droplet);
	host_clear(&host);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, root_make, root_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_host_has_nothing_switched_on),
		TEST(sshd_without_a_word_has_its_defaults),
		TEST(the_first_value_of_sshd_counts_and_included_files_come_in_their_place),
		TEST(what_sshd_says_for_some_only_does_not_count),
		TEST(an_include_that_names_itself_ends),
		TEST(each_firewall_is_known_by_its_switch),
		TEST(services_and_updates_that_are_switched_on_are_seen),
		TEST(a_pending_reboot_names_its_packages_once),
		TEST(a_droplet_is_known_by_its_vendor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
