/*
 * What the files of Debian and Ubuntu say about a host. Services are taken for switched on where systemd's
 * links say that they start with the system.
 */
#include "config.h"

#include "incant/host.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"

enum { FILE_LIMIT_BYTES = 1 << 20, INCLUDE_DEPTH = 8 };

/* A file below root as text; NULL where it cannot be read. The caller frees it. */
static char *
read_text(const char *path)
{
	struct buf text = BUF_EMPTY;

	if (file_read(path, FILE_LIMIT_BYTES, ERR_CHECK, &text) != 0) {
		error_clear();
		buf_clear(&text);
		return NULL;
	}
	return buf_take(&text);
}

static bool
is_there(const char *root, const char *path)
{
	char *full = mem_format("%s%s", root, path);
	bool there = file_exists(full);

	free(full);
	return there;
}

/* Whether systemd starts a service with the system, by one of the targets that it is installed into. */
static bool
starts_with_system(const char *root, const char *unit)
{
	static const char *const targets[] = { "multi-user", "basic", "sysinit" };
	bool found = false;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]) && !found; i++) {
		char *path = mem_format(
			"%s/etc/systemd/system/%s.target.wants/%s.service", root, targets[i], unit);
		struct stat info;

		found = lstat(path, &info) == 0; /* the link counts: its aim may be outside root */
		free(path);
	}
	return found;
}

/*
 * sshd_config(5): keywords in any case, arguments behind blanks or '='; for each keyword the first value
 * counts; Include names files by patterns, relative to /etc/ssh; what stands behind Match is for some only.
 */
struct sshd {
	const char *root;
	char *root_login, *password_login;
	int depth;
};

static void sshd_read(struct sshd *sshd, const char *path);

static void
sshd_include(struct sshd *sshd, char *patterns)
{
	char *rest = NULL;

	for (char *word = strtok_r(patterns, " \t", &rest); word != NULL;
		word = strtok_r(NULL, " \t", &rest)) {
		char *full = mem_format("%s%s%s", sshd->root, word[0] == '/' ? "" : "/etc/ssh/", word);
		glob_t found = { .gl_pathc = 0 };

		if (glob(full, 0, NULL, &found) == 0) /* sorted, as sshd has them */
			for (size_t i = 0; i < found.gl_pathc; i++)
				sshd_read(sshd, found.gl_pathv[i]);
		globfree(&found);
		free(full);
	}
}

static void
sshd_keep_first(char **kept, const char *value)
{
	if (*kept == NULL)
		*kept = mem_text(value);
}

/* One line. False where the rest of the file is behind a Match. */
static bool
sshd_line(struct sshd *sshd, char *line)
{
	char *keyword = line + strspn(line, " \t");
	size_t len = strcspn(keyword, " \t=");
	char *value = keyword + len;

	if (keyword[0] == '#' || len == 0)
		return true;
	if (*value != '\0')
		*value++ = '\0';
	value += strspn(value, " \t=");
	if (strcasecmp(keyword, "Match") == 0)
		return false;
	if (strcasecmp(keyword, "Include") == 0) {
		sshd_include(sshd, value);
		return true;
	}
	value[strcspn(value, " \t#")] = '\0';
	if (strcasecmp(keyword, "PermitRootLogin") == 0)
		sshd_keep_first(&sshd->root_login, value);
	else if (strcasecmp(keyword, "PasswordAuthentication") == 0)
		sshd_keep_first(&sshd->password_login, value);
	return true;
}

static void
sshd_read(struct sshd *sshd, const char *path)
{
	char *text = sshd->depth < INCLUDE_DEPTH ? read_text(path) : NULL;
	char *rest = NULL;

	if (text == NULL)
		return;
	sshd->depth++;
	for (char *line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest))
		if (!sshd_line(sshd, line))
			break;
	sshd->depth--;
	free(text);
}

static void
look_at_sshd(const char *root, struct host *host)
{
	struct sshd sshd = { .root = root };
	char *path = mem_format("%s/etc/ssh/sshd_config", root);

	host->has_sshd = file_exists(path);
	sshd_read(&sshd, path);
	host->root_login = sshd.root_login != NULL ? sshd.root_login : mem_text("prohibit-password");
	host->password_login = sshd.password_login == NULL || strcasecmp(sshd.password_login, "no") != 0;
	free(sshd.password_login);
	free(path);
}

/* Whether a file has a line that is `wanted` when blanks are left out. */
static bool
has_line(const char *root, const char *path, const char *wanted)
{
	char *full = mem_format("%s%s", root, path);
	char *text = read_text(full), *rest = NULL;
	bool found = false;

	if (text != NULL)
		for (char *line = strtok_r(text, "\n", &rest); line != NULL && !found;
			line = strtok_r(NULL, "\n", &rest)) {
			char *to = line;

			for (const char *from = line; *from != '\0'; from++)
				if (strchr(" \t\r", *from) == NULL)
					*to++ = *from;
			*to = '\0';
			found = strcmp(line, wanted) == 0;
		}
	free(text);
	free(full);
	return found;
}

static const char *
find_firewall(const char *root)
{
	if (has_line(root, "/etc/ufw/ufw.conf", "ENABLED=yes"))
		return "ufw";
	if (starts_with_system(root, "nftables"))
		return "nftables";
	return starts_with_system(root, "firewalld") ? "firewalld" : NULL;
}

/* /run/reboot-required.pkgs: a package a line, some of them more than once. */
static char *
reboot_packages(const char *root)
{
	char *path = mem_format("%s/run/reboot-required.pkgs", root);
	char *text = read_text(path), *rest = NULL;
	struct buf list = BUF_EMPTY;
	const char *last = "";

	if (text != NULL)
		for (char *line = strtok_r(text, "\n", &rest); line != NULL;
			line = strtok_r(NULL, "\n", &rest)) {
			if (strcmp(line, last) != 0)
				buf_append_format(&list, "%s%s", list.len > 0 ? ", " : "", line);
			last = line;
		}
	char *packages = list.len > 0 ? mem_text(buf_text(&list)) : NULL;
	buf_clear(&list);
	free(text);
	free(path);
	return packages;
}

void
host_look(const char *root, struct host *host)
{
	*host = (struct host){
		.firewall = find_firewall(root),
		.fail2ban = starts_with_system(root, "fail2ban"),
		.automatic_updates = has_line(root, "/etc/apt/apt.conf.d/20auto-upgrades",
			"APT::Periodic::Unattended-Upgrade\"1\";"),
		.reboot_required = is_there(root, "/run/reboot-required"),
		.droplet = has_line(root, "/sys/class/dmi/id/sys_vendor", "DigitalOcean"),
	};
	if (host->reboot_required)
		host->reboot_packages = reboot_packages(root);
	look_at_sshd(root, host);
}

void
host_clear(struct host *host)
{
	free(host->root_login);
	free(host->reboot_packages);
	*host = (struct host){ .has_sshd = false };
}
