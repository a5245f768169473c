/*
 * restore: a backup, or some databases of it, back into a server. On the source's own server each database
 * comes back beside the live one, under a name of its own, and nothing that lives is touched; in place, it
 * changes names with the live one when it is whole (op_swap.c).
 */
#include "config.h"

#include "incant/op_restore.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/pg.h"

#include "op_restore_inside.h"
#include "op_swap.h"
#include "op_table.h"

/* What one restore works with. */
struct restore_job {
	const struct settings *settings;
	const struct op_restore_request *request;
	struct op_restore_report *report;
	struct op_restore_target target;
	struct op_opened opened;
	struct restore_swap *swap; /* NULL where databases keep their names */
	struct op_lock *lock;      /* its own; NULL = the caller holds it, or nothing is done in place */
};

/* Nobody backs up, or swaps, while databases change names. */
static int
restore_lock(struct restore_job *job)
{
	if (job->request->dry_run || job->request->lock != NULL)
		return 0;
	return op_lock_take(job->settings, "restore", 0, &job->lock);
}

static struct op_lock *
restore_held(const struct restore_job *job)
{
	return job->request->lock != NULL ? job->request->lock : job->lock;
}

static int
restore_open(struct restore_job *job)
{
	int rc = op_opened_open(&job->opened, job->settings, &job->request->which);

	if (rc == 0)
		op_shelf_describe(&job->opened.shelf, job->opened.entry, &job->report->backup);
	return rc == 0 ? op_opened_read_record(&job->opened) : -1;
}

/* Chooses names where databases are not to have their own, and looks at what is there already. */
static int
restore_name(struct restore_job *job)
{
	const struct op_restore_request *request = job->request;
	const char *id = job->opened.entry->manifest.id;

	if (job->target.source == NULL && !request->in_place)
		return 0;
	op_restore_target_beside(&job->target, &job->opened, request);
	job->swap = restore_swap_open(job->target.address.conninfo, job->target.address.password);
	if (job->swap == NULL || op_swap_mend(job->swap, &job->target, request->dry_run) != 0)
		return -1;
	return request->in_place ? op_swap_prepare(job->swap, request, &job->target, id) : 0;
}

/* The plan once, for what stands against it: a safety backup takes long. */
static int
restore_try(struct restore_job *job)
{
	struct op_restore_report plan = { .databases = NULL };
	struct op_restore_request inner = op_restore_target_request(&job->target, job->request);
	int rc;

	manifest_init(&plan.backup.manifest);
	inner.dry_run = true;
	rc = op_restore_opened(&job->opened, &inner, &plan);
	op_restore_report_clear(&plan);
	return rc;
}

/* Another server is not what a backup would be of; there the databases that were live are kept all the same.
 */
static int
restore_safety(struct restore_job *job)
{
	char *why = NULL;
	int rc = 0;

	if (job->request->no_safety_backup)
		return 0;
	if (job->target.source == NULL) {
		log_warning("there is no safety backup of a server that is not the source; the databases "
			    "that are "
			    "replaced are kept there");
		return 0;
	}
	why = mem_format("before restoring %s in place", job->opened.entry->manifest.id);
	rc = op_swap_safety(job->settings, why, restore_held(job), job->report);
	free(why);
	return rc;
}

/* Beside, or into another server, or in place: the steps are the same. */
static int
restore_do(struct restore_job *job)
{
	bool replaces = job->request->in_place && !job->request->dry_run;
	const char *id;

	if (job->request->in_place && restore_lock(job) != 0)
		return -1;
	if (restore_open(job) != 0 || restore_name(job) != 0)
		return -1;
	if (replaces && (restore_try(job) != 0 || restore_safety(job) != 0))
		return -1;
	struct op_restore_request inner = op_restore_target_request(&job->target, job->request);
	if (op_restore_opened(&job->opened, &inner, job->report) != 0)
		return -1;
	id = job->opened.entry->manifest.id;
	return job->request->in_place ? op_swap_in(job->swap, id, job->request->dry_run, job->report) : 0;
}

/* The rows of some live tables, which keep everything else. */
static int
restore_tables(struct restore_job *job)
{
	struct op_restore_request inner = op_restore_target_request(&job->target, job->request);

	if (restore_lock(job) != 0 || restore_open(job) != 0)
		return -1;
	if (!job->request->dry_run && restore_safety(job) != 0)
		return -1;
	return op_table_in_place(&job->opened, &inner, job->report);
}

/* undo, finalize and swap work with what is on the server; no backup is read. */
static int
restore_kept(struct restore_job *job)
{
	const struct op_restore_request *request = job->request;
	const struct source_address *address = &job->target.address;

	if (restore_lock(job) != 0)
		return -1;
	job->swap = restore_swap_open(address->conninfo, address->password);
	if (job->swap == NULL)
		return -1;
	if (request->finalize)
		return op_swap_finalize(job->swap, request, job->report);
	if (request->swap && !request->dry_run && !request->no_safety_backup && job->target.source != NULL &&
		op_swap_safety(job->settings, "before swapping in what was restored", restore_held(job),
			job->report) != 0)
		return -1;
	return op_swap_back(job->swap, request, request->undo, job->report);
}

/* Which of the ways it is. */
static int
restore_any(struct restore_job *job)
{
	const struct op_restore_request *request = job->request;

	if (request->undo || request->finalize || request->swap)
		return restore_kept(job);
	return request->in_place && request->table_count > 0 ? restore_tables(job) : restore_do(job);
}

int
op_restore_run(const struct settings *settings, const struct op_restore_request *request,
	struct op_restore_report *report)
{
	struct restore_job job = { .settings = settings, .request = request, .report = report };
	uint64_t began_ms = clock_monotonic_ms();
	int rc;

	*report = (struct op_restore_report){ .databases = NULL };
	manifest_init(&report->backup.manifest);
	rc = op_restore_target_find(&job.target, settings, request->conninfo);
	if (rc == 0) {
		report->conninfo = pg_words(job.target.address.conninfo, NULL);
		report->beside = job.target.source != NULL && !request->in_place;
		rc = restore_any(&job);
	}
	report->total_ms = clock_monotonic_ms() - began_ms;
	report->read_bytes = op_opened_read_bytes(&job.opened);
	restore_swap_free(job.swap);
	op_opened_clear(&job.opened);
	op_lock_release(job.lock);
	op_restore_target_clear(&job.target);
	return rc;
}

void
op_restore_report_clear(struct op_restore_report *report)
{
	op_backup_clear(&report->backup);
	for (size_t i = 0; i < report->count; i++) {
		free(report->databases[i].name);
		free(report->databases[i].restored_as);
		free(report->databases[i].kept_as);
		free(report->databases[i].obstacle);
	}
	for (size_t i = 0; i < report->failure_count; i++) {
		free(report->failures[i].database);
		free(report->failures[i].message);
		free(report->failures[i].hint);
	}
	free(report->failures);
	free(report->databases);
	free(report->target);
	free(report->conninfo);
	free(report->safety);
	free(report->server);
	free(report->dropped);
	free(report->forecast.proven);
	free(report->forecast.folder);
	*report = (struct op_restore_report){ .databases = NULL };
}
