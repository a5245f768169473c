/*
 * status: looks into every store on its own, since a store that has stopped to answer, or to get backups, is
 * what somebody has to know.
 */
#include "config.h"

#include "incant/op_status.h"

#include <stdlib.h>
#include <string.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/process.h"
#include "incant/text.h"

#include "op_shelf.h"

enum { ASK_LIMIT_MS = 5000 };

/* What the stores have come to, so far. */
struct status {
	const struct settings *settings;
	struct op_checks *checks;
	int64_t now;
	struct manifest newest; /* a copy; id NULL = none */
	int64_t proven_at;      /* the newest proof that held; 0 = none */
	bool proof_failed;      /* the newest proof of all did not hold */
	int64_t proof_at;       /* the newest proof of all */
};

static const char *
format_age(char text[24], int64_t then, int64_t now)
{
	return text_format_duration(text, 24, now > then ? (uint64_t)(now - then) * 1000 : 0);
}

/* Whether something of that time is too old. limit_ms 0 = never. */
static bool
is_too_old(const struct status *status, int64_t at, uint64_t limit_ms)
{
	return limit_ms != 0 && status->now - at > (int64_t)(limit_ms / 1000);
}

static void
take_proof(struct status *status, const struct proof *proof)
{
	if (proof == NULL)
		return;
	if (proof->ok && proof->at > status->proven_at)
		status->proven_at = proof->at;
	if (proof->at > status->proof_at) {
		status->proof_at = proof->at;
		status->proof_failed = !proof->ok;
	}
}

/* Goes through one store's backups. The newest whole one is borrowed; NULL when there is none. */
static const struct catalog_entry *
take_catalog(struct status *status, const struct catalog *catalog, size_t *damaged)
{
	const struct catalog_entry *newest = NULL;

	for (size_t i = 0; i < catalog->count; i++) {
		const struct catalog_entry *entry = &catalog->entries[i];

		*damaged += entry->damaged ? 1 : 0;
		if (entry->damaged)
			continue;
		take_proof(status, entry->proof);
		if (newest == NULL)
			newest = entry;
	}
	if (newest != NULL &&
		(status->newest.id == NULL || catalog_compare_ids(newest->id, status->newest.id) > 0)) {
		manifest_clear(&status->newest);
		manifest_copy(&status->newest, &newest->manifest);
	}
	return newest;
}

/* A store that answers, and what its newest backup is. */
static void
judge_store(struct status *status, const char *name, const struct settings_store *place,
	const struct catalog *catalog)
{
	size_t damaged = 0;
	const struct catalog_entry *newest = take_catalog(status, catalog, &damaged);
	char age[24];

	if (damaged > 0)
		op_checks_add_bad(status->checks, name, "`incant-backup verify --all` says what is wrong.",
			"%zu of its %zu backups have a damaged manifest", damaged, catalog->count);
	else if (newest == NULL)
		op_checks_add_bad(status->checks, name,
			"`incant-backup backup` makes one, `incant-backup push` copies what a store lacks.",
			"has no backup");
	else if (is_too_old(status, newest->manifest.created, status->settings->status.max_age_ms))
		op_checks_add_bad(status->checks, name,
			"Look at what the last runs said; `incant-backup push` copies what a store lacks.",
			"its newest backup, %s, is %s old", newest->id,
			format_age(age, newest->manifest.created, status->now));
	else
		op_checks_add_ok(status->checks, name, "%zu backup%s, the newest is %s", catalog->count,
			catalog->count == 1 ? "" : "s", newest->id);
	(void)place;
}

static void
check_store(struct status *status, const struct settings_store *place)
{
	struct store *store = op_store_open(place, STORE_READ);
	char *name = mem_format("store %s", place->name);
	struct catalog catalog;

	catalog_init(&catalog);
	if (store == NULL || catalog_load(store, status->settings->source.name, &catalog) != 0)
		op_checks_add_error(status->checks, name);
	else
		judge_store(status, name, place, &catalog);
	catalog_clear(&catalog);
	store_close(store);
	free(name);
}

static void
check_newest(struct status *status)
{
	const struct manifest *newest = &status->newest;
	uint64_t limit_ms = status->settings->status.max_age_ms;
	char age[24], limit[24];

	if (newest->id == NULL)
		op_checks_add_bad(status->checks, "newest backup", "`incant-backup backup` makes one.",
			"there is no backup of %s", status->settings->source.name);
	else if (is_too_old(status, newest->created, limit_ms))
		op_checks_add_bad(status->checks, "newest backup", "Look at what the last runs said.",
			"%s is %s old, %s are allowed", newest->id,
			format_age(age, newest->created, status->now),
			text_format_duration(limit, sizeof(limit), limit_ms));
	else
		op_checks_add_ok(status->checks, "newest backup", "%s, %s old", newest->id,
			format_age(age, newest->created, status->now));
}

static void
check_proof(struct status *status)
{
	static const char hint[] = "`incant-backup verify --restore` makes one.";
	uint64_t limit_ms = status->settings->status.max_proof_age_ms;
	char age[24], limit[24];

	if (status->proof_failed)
		op_checks_add_bad(status->checks, "newest proof",
			"`incant-backup show --json` has its differences.", "the last test restore failed");
	else if (status->proven_at == 0 && limit_ms == 0)
		op_checks_add_ok(status->checks, "newest proof", "there is none, and none is asked for");
	else if (status->proven_at == 0)
		op_checks_add_bad(status->checks, "newest proof", hint, "no backup has been test-restored");
	else if (is_too_old(status, status->proven_at, limit_ms))
		op_checks_add_bad(status->checks, "newest proof", hint,
			"the last one is %s old, %s are allowed",
			format_age(age, status->proven_at, status->now),
			text_format_duration(limit, sizeof(limit), limit_ms));
	else
		op_checks_add_ok(status->checks, "newest proof", "%s old",
			format_age(age, status->proven_at, status->now));
}

/* Application files, where they are asked for or the newest backup has some. */
static void
check_files(struct status *status)
{
	const struct manifest *newest = &status->newest;
	size_t before = op_checks_count_bad(status->checks);

	for (size_t i = 0; newest->id != NULL && i < newest->files_count; i++) {
		const struct manifest_files *files = &newest->files[i];

		if (files->missing != NULL)
			op_checks_add_bad(status->checks, "files", NULL, "%s does not have files %s: %s",
				newest->id, files->name, files->missing);
		else if (files->unread > 0)
			op_checks_add_bad(status->checks, "files",
				"`incant-backup show --files NAME` has them, and the permission they need.",
				"%llu files of %s could not be read for %s",
				(unsigned long long)files->unread, files->name, newest->id);
	}
	if (newest->files_count > 0 && op_checks_count_bad(status->checks) == before)
		op_checks_add_ok(status->checks, "files", "%zu section%s", newest->files_count,
			newest->files_count == 1 ? "" : "s");
}

/* The value of a property in systemctl's output of NAME=VALUE lines. The caller frees it; NULL = none. */
static char *
find_property(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; text != NULL && *text != '\0'; text = strchr(text, '\n'), text += text != NULL ? 1 : 0)
		if (strncmp(text, name, len) == 0 && text[len] == '=')
			return mem_text_n(text + len + 1, strcspn(text + len + 1, "\n"));
	return NULL;
}

/* What systemd knows of the timer. The caller frees it; NULL where there is no systemd to be asked. */
static char *
ask_systemd(void)
{
	static const char *const argv[] = { "systemctl", "show", "incant-backup.timer",
		"--property=LoadState,ActiveState,NextElapseUSecRealtime", NULL };
	const struct process_request request = { .argv = argv,
		.deadline_ms = clock_monotonic_ms() + ASK_LIMIT_MS };
	struct process *process = process_start(&request);
	char text[1024];
	size_t len = 0;
	ssize_t got = -1;

	if (process != NULL)
		do {
			got = process_read(process, text + len, sizeof(text) - 1 - len);
			len += got > 0 ? (size_t)got : 0;
		} while (got > 0 && len < sizeof(text) - 1);
	bool well = process != NULL && got >= 0 && process_wait(process) == 0;
	process_free(process);
	if (!well && error_get()->class != ERR_INTERRUPTED)
		error_clear();
	return well ? mem_text_n(text, len) : NULL;
}

/* The next run, where systemd's timer makes the runs. Of cron nothing can be known. */
static void
check_next_run(struct status *status)
{
	char *text = ask_systemd();
	char *loaded = find_property(text, "LoadState"), *active = find_property(text, "ActiveState");
	char *next = find_property(text, "NextElapseUSecRealtime");

	if (text_equal(loaded, "loaded") && text_equal(active, "active"))
		op_checks_add_ok(status->checks, "next run", "%s",
			next != NULL && next[0] != '\0' ? next : "the timer is active");
	else if (text_equal(loaded, "loaded"))
		op_checks_add_bad(status->checks, "next run", "`systemctl enable --now incant-backup.timer`",
			"incant-backup.timer is not active");
	free(text);
	free(loaded);
	free(active);
	free(next);
}

int
op_status_run(const struct settings *settings, struct op_status_report *report)
{
	struct status status = { .settings = settings, .checks = &report->checks, .now = clock_now() };
	struct op_checks stores = { NULL, 0, 0 };
	size_t bad;

	*report = (struct op_status_report){ .age_s = -1, .proof_age_s = -1 };
	manifest_init(&status.newest);
	/* The stores are looked at first and shown last. */
	status.checks = &stores;
	for (size_t i = 0; i < settings->store_count; i++)
		check_store(&status, &settings->stores[i]);
	status.checks = &report->checks;
	check_newest(&status);
	check_proof(&status);
	check_files(&status);
	op_checks_move(&report->checks, &stores);
	check_next_run(&status);

	report->max_age_s = (int64_t)(settings->status.max_age_ms / 1000);
	if (status.newest.id != NULL)
		report->age_s = status.now - status.newest.created;
	if (status.proven_at != 0)
		report->proof_age_s = status.now - status.proven_at;
	manifest_clear(&status.newest);
	if (error_get()->class == ERR_INTERRUPTED)
		return -1;
	bad = op_checks_count_bad(&report->checks);
	if (bad == 0)
		return 0;
	return error_set(ERR_CHECK, "%zu of %zu checks say that not all is well", bad, report->checks.count);
}

void
op_status_report_clear(struct op_status_report *report)
{
	op_checks_clear(&report->checks);
}
