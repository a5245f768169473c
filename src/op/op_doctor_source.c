/*
 * The server, its role, its dumper, and its clock.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/source.h"
#include "incant/text.h"

#include "op_doctor_inside.h"

enum { CLOCK_TOLERANCE_SECONDS = 30 };

/*
 * The first minor release of each major that has no known hole in pg_dump, pg_dumpall or psql: CVE-2025-8714,
 * CVE-2025-8715, CVE-2026-6477, CVE-2026-6464, CVE-2026-18408 (release notes of PostgreSQL). Majors below the
 * first are not mended any more.
 */
static const struct sound {
	long major, minor;
} sound_releases[] = { { 14, 24 }, { 15, 19 }, { 16, 15 }, { 17, 11 }, { 18, 6 } };

/* "15.18 (Debian …)": 15 and 18. False where it does not begin so ("19beta1": minor 0). */
static bool
read_version(const char *text, long *major, long *minor)
{
	char *end = NULL;

	*major = strtol(text, &end, 10);
	*minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return end != text && *major > 0;
}

const char *
doctor_judge_versions(const char *server, const char *dumper, const char **hint)
{
	long server_major = 0, server_minor = 0, major = 0, minor = 0;

	*hint = NULL;
	if (!read_version(server, &server_major, &server_minor) || !read_version(dumper, &major, &minor))
		return "a version cannot be read";
	*hint = "Install the server's own client programs, and name their folder with pg-bindir.";
	if (major < server_major)
		return "pg_dumpall is older than the server and refuses it";
	*hint = "Upgrade to a major release that is still mended.";
	if (major < sound_releases[0].major)
		return "this major release gets no more security fixes";
	*hint = "Install the newest minor release (docker compose pull, or apt upgrade).";
	for (size_t i = 0; i < sizeof(sound_releases) / sizeof(sound_releases[0]); i++)
		if (sound_releases[i].major == major && minor < sound_releases[i].minor)
			return "pg_dump and psql of this minor release have known security holes";
	*hint = NULL;
	return NULL;
}

static void
check_versions(const struct source_facts *facts, struct op_checks *checks)
{
	const char *hint = NULL;
	const char *wrong = doctor_judge_versions(facts->server_version, facts->dumper_version, &hint);

	if (wrong == NULL)
		op_checks_add_ok(checks, "versions", "server %s, pg_dumpall %s", facts->server_version,
			facts->dumper_version);
	else
		op_checks_add_bad(checks, "versions", hint, "%s (server %s, pg_dumpall %s)", wrong,
			facts->server_version, facts->dumper_version);
}

/* pg_dumpall reads pg_authid, every owner's tables, and rows that row security hides: a superuser's work. */
static void
check_role(struct source *source, struct op_checks *checks)
{
	char *answer = NULL;

	if (source_ask(source,
		    "SELECT rolname || CASE WHEN rolsuper THEN ' is a superuser' ELSE '' END"
		    " FROM pg_catalog.pg_roles WHERE rolname = current_user",
		    &answer) != 0)
		op_checks_add_error(checks, "role");
	else if (answer != NULL && text_ends(answer, " is a superuser"))
		op_checks_add_ok(checks, "role", "%s", answer);
	else
		op_checks_add_bad(checks, "role",
			"Dump with a superuser: other roles cannot read passwords, nor rows that row "
			"security "
			"hides.",
			"role %s is no superuser", answer != NULL ? answer : "?");
	free(answer);
}

static void
check_clock(struct source *source, struct op_checks *checks)
{
	char *answer = NULL, *end = NULL;
	int64_t now, theirs;

	if (source_ask(source, "SELECT extract(epoch FROM clock_timestamp())::bigint", &answer) != 0 ||
		answer == NULL) {
		op_checks_add_error(checks, "clock");
		return;
	}
	now = clock_now();
	theirs = strtoll(answer, &end, 10);
	if (llabs(now - theirs) <= CLOCK_TOLERANCE_SECONDS)
		op_checks_add_ok(checks, "clock", "agrees with the server's");
	else
		op_checks_add_bad(checks, "clock", "Switch time synchronisation on: timedatectl set-ntp true",
			"the server's clock is %lld seconds %s ours", (long long)llabs(now - theirs),
			theirs > now ? "ahead of" : "behind");
	free(answer);
}

/* Whether a list of addresses, with commas between, has one that means all. */
static bool
has_every_address(const char *addresses)
{
	static const char *const all[] = { "*", "0.0.0.0", "::" };

	for (const char *at = addresses; *at != '\0'; at += strcspn(at, ", ")) {
		at += strspn(at, ", ");
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			if (strcspn(at, ", ") == strlen(all[i]) && text_starts(at, all[i]))
				return true;
	}
	return false;
}

void
doctor_judge_listening(const char *addresses, struct op_checks *checks)
{
	if (has_every_address(addresses))
		op_checks_add_bad(checks, "listening",
			"Set listen_addresses to what is needed ('localhost', or the address of a private "
			"network) in postgresql.conf, and restart the server.",
			"PostgreSQL listens on every address of this host (listen_addresses = '%s')",
			addresses);
	else
		op_checks_add_ok(checks, "listening", "on %s",
			addresses[0] != '\0' ? addresses : "no address of this host");
}

/* In a container it is the container's address; that is the engine's matter. */
static void
check_listening(struct source *source, struct op_checks *checks)
{
	char *answer = NULL;

	if (source_ask(source,
		    "SELECT CASE WHEN inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()"
		    " THEN current_setting('listen_addresses') END",
		    &answer) != 0)
		op_checks_add_error(checks, "listening");
	else
		doctor_judge_listening(answer != NULL ? answer : "", checks);
	free(answer);
}

void
doctor_check_source(const struct settings *settings, struct op_checks *checks)
{
	struct source *source = source_open(settings, "0-doctor");
	struct source_facts facts;

	if (source == NULL || source_inspect(source, &facts) != 0) {
		op_checks_add_error(checks, "source");
	} else {
		op_checks_add_ok(checks, "source", "%s answers", source_describe(source));
		check_versions(&facts, checks);
		check_role(source, checks);
		check_clock(source, checks);
		if (settings->source.kind == SETTINGS_POSTGRES)
			check_listening(source, checks);
	}
	source_free(source);
}
