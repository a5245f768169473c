/*
 * The host as an attacker would look at it: a host that is broken into loses its data and its backups. Reads
 * the configuration files of Debian and Ubuntu; runs nothing and changes nothing. A file that is not there
 * is an answer, too.
 *
 *     host_look("", &host); … host_clear(&host);
 */
#ifndef INCANT_HOST_H
#define INCANT_HOST_H

#include <stdbool.h>
#include <stddef.h>

struct host {
	bool has_sshd;          /* a configuration of sshd is there */
	char *root_login;       /* PermitRootLogin: "yes", "prohibit-password" (sshd's default), "no", … */
	bool password_login;    /* PasswordAuthentication (sshd's default: yes) */
	const char *firewall;   /* "ufw", "nftables", "firewalld": which is switched on; NULL = none */
	bool fail2ban;          /* starts with the system */
	bool automatic_updates; /* unattended-upgrades is switched on */
	bool reboot_required;
	bool droplet;          /* the machine is DigitalOcean's */
	char *reboot_packages; /* that want it, comma-separated; NULL = not told */
};

/* Looks below root ("" = the host itself; another folder in tests). Does not fail. */
void host_look(const char *root, struct host *host);
void host_clear(struct host *host);

#endif
