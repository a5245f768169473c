/*
 * What is judged of the host: a machine that is broken into loses the data and the backups on it.
 */
#include "config.h"

#include "incant/text.h"

#include "op_doctor_inside.h"

#define POSTGRESQL_PORT 5432

static void
judge_sshd(const struct host *host, struct op_checks *checks)
{
	if (!host->has_sshd) {
		op_checks_add_ok(checks, "ssh", "no ssh server");
		return;
	}
	if (text_equal(host->root_login, "yes") && host->password_login)
		op_checks_add_bad(checks, "ssh root login",
			"Set 'PermitRootLogin prohibit-password' in /etc/ssh/sshd_config.d/, then: systemctl "
			"reload ssh",
			"root may log in with a password");
	else
		op_checks_add_ok(checks, "ssh root login", "%s",
			text_equal(host->root_login, "no") ? "not allowed" : "by key only");
	if (host->password_login)
		op_checks_add_bad(checks, "ssh passwords",
			"With your key in place, set 'PasswordAuthentication no' in /etc/ssh/sshd_config.d/, "
			"then: systemctl reload ssh",
			"ssh lets users in by password");
	else
		op_checks_add_ok(checks, "ssh passwords", "not accepted");
	if (host->fail2ban || !host->password_login)
		op_checks_add_ok(checks, "fail2ban", "%s",
			host->fail2ban ? "starts with the system" : "not needed while ssh takes keys only");
	else
		op_checks_add_bad(checks, "fail2ban", "apt install fail2ban",
			"nothing slows down those who guess passwords");
}

void
doctor_judge_host(const struct host *host, struct op_checks *checks)
{
	judge_sshd(host, checks);
	if (host->firewall != NULL)
		op_checks_add_ok(checks, "firewall", "%s is switched on", host->firewall);
	else
		op_checks_add_bad(checks, "firewall",
			"ufw allow OpenSSH, ufw allow 80,443/tcp, ufw enable; or use a DigitalOcean Cloud "
			"Firewall, which also holds for ports that Docker publishes.",
			"neither ufw, nftables nor firewalld is switched on");
	if (host->automatic_updates)
		op_checks_add_ok(checks, "updates", "security updates are installed by themselves");
	else
		op_checks_add_bad(checks, "updates",
			"apt install unattended-upgrades, then: dpkg-reconfigure unattended-upgrades",
			"security updates are not installed by themselves");
	if (!host->reboot_required)
		op_checks_add_ok(checks, "reboot", "none is pending");
	else
		op_checks_add_bad(checks, "reboot", "Reboot at a quiet hour, after a backup.",
			"one is pending%s%s", host->reboot_packages != NULL ? ", for " : "",
			host->reboot_packages != NULL ? host->reboot_packages : "");
}

/* Docker writes an address that is every address as one of these. */
static bool
is_loopback(const char *address)
{
	return text_starts(address, "127.") || text_equal(address, "::1");
}

void
doctor_judge_ports(const struct docker_list *list, struct op_checks *checks)
{
	bool open = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct docker_listed *listed = &list->containers[i];

		for (size_t p = 0; p < listed->port_count; p++) {
			const struct docker_port *port = &listed->ports[p];

			if (port->private_port != POSTGRESQL_PORT || port->public_port == 0 ||
				is_loopback(port->address))
				continue;
			open = true;
			op_checks_add_bad(checks, "published port",
				"Publish it as \"127.0.0.1:5432:5432\" in the Compose file, or not at all: "
				"Docker's rules come before those of ufw.",
				"PostgreSQL in container %s is open to %s port %u", listed->name,
				text_equal(port->address, "0.0.0.0") || text_equal(port->address, "::")
					? "every address,"
					: port->address,
				port->public_port);
		}
	}
	if (!open)
		op_checks_add_ok(checks, "published port", "no container opens PostgreSQL to other machines");
}
