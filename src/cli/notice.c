/*
 * Makes up what notify.h sends. Metrics come in two groups: those of the last run, and those of the last
 * success, which stay in the file when a run fails.
 */
#include "config.h"

#include "notice.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/notify.h"

#define RUN_PREFIX     "incant_backup_run_"
#define SUCCESS_PREFIX "incant_backup_success_"

static struct notify_options
options_of(const struct settings *settings)
{
	return (struct notify_options){
		.ping = settings->notify.ping,
		.webhook = settings->notify.webhook,
		.command = (const char *const *)settings->notify.command.items,
		.metrics = settings->notify.metrics,
		.limit_ms = settings->notify.time_limit_ms,
	};
}

void
notice_start(const struct settings *settings)
{
	const struct notify_options options = options_of(settings);
	const struct notify_event event = { .when = NOTIFY_START, .text = "" };

	notify_send(&options, &event);
}

/* One metric: its help, its type, its value for the source. */
static void
put_metric(struct buf *text, const char *prefix, const char *name, const char *help, const char *source,
	double value)
{
	buf_append_format(text, "# HELP %s%s %s\n# TYPE %s%s gauge\n%s%s{source=\"%s\"} %.15g\n", prefix,
		name, help, prefix, name, prefix, name, source, value);
}

static void
put_run_metrics(struct buf *text, const char *source, int exit_code)
{
	put_metric(text, RUN_PREFIX, "timestamp_seconds", "When the last run ended.", source,
		(double)clock_now());
	put_metric(text, RUN_PREFIX, "success", "Whether the last run did all that was asked for.", source,
		exit_code == 0 ? 1 : 0);
	put_metric(text, RUN_PREFIX, "exit_code", "The exit status of the last run.", source, exit_code);
	size_t warnings = 0;
	(void)log_warnings(&warnings);
	put_metric(text, RUN_PREFIX, "warnings", "Warnings of the last run.", source, (double)warnings);
}

static void
put_success_metrics(struct buf *text, const struct manifest *manifest)
{
	const char *source = manifest->source;

	put_metric(text, SUCCESS_PREFIX, "timestamp_seconds", "When the newest whole backup was begun.",
		source, (double)manifest->created);
	put_metric(text, SUCCESS_PREFIX, "duration_seconds", "How long it took.", source,
		(double)manifest->total_ms / 1000);
	put_metric(text, SUCCESS_PREFIX, "plain_bytes", "The size of its dump.", source,
		(double)manifest->plain_bytes);
	put_metric(text, SUCCESS_PREFIX, "stored_bytes", "What it takes in a store.", source,
		(double)manifest_stored_bytes(manifest));
	put_metric(
		text, SUCCESS_PREFIX, "databases", "Databases in it.", source, (double)manifest->databases);
	put_metric(text, SUCCESS_PREFIX, "tables", "Tables in it.", source, (double)manifest->tables);
	put_metric(text, SUCCESS_PREFIX, "rows", "Rows in it.", source, (double)manifest->rows);
}

/* The log, what was made, and why it failed, as a terminal shows them. */
static void
put_log(struct buf *text, const struct notice *notice)
{
	const struct error *error = notice->error;
	char *tail = log_tail();

	buf_append_text(text, tail);
	buf_append_text(text, notice->summary);
	if (error->class != ERR_NONE)
		buf_append_format(text, "incant-backup: %s\n", error->message);
	if (error->class != ERR_NONE && error->hint[0] != '\0')
		buf_append_format(text, "hint: %s\n", error->hint);
	free(tail);
}

void
notice_end(const struct settings *settings, const struct notice *notice)
{
	const struct op_backup *backup = notice->backup;
	int exit_code = notice->exit_code;
	const struct notify_options options = options_of(settings);
	struct buf text = BUF_EMPTY, metrics = BUF_EMPTY;
	char *event_name = mem_format("INCANT_BACKUP_EVENT=%s", exit_code == 0 ? "success" : "failure");
	char *code = mem_format("INCANT_BACKUP_EXIT_CODE=%d", exit_code);
	char *source = mem_format("INCANT_BACKUP_SOURCE=%s", settings->source.name);
	char *id = mem_format("INCANT_BACKUP_ID=%s", backup != NULL ? backup->manifest.id : "");
	const char *const env[] = { event_name, code, source, id, NULL };
	bool success = exit_code == 0 && backup != NULL;

	put_log(&text, notice);
	put_run_metrics(&metrics, settings->source.name, exit_code);
	if (success)
		put_success_metrics(&metrics, &backup->manifest);
	const struct notify_event event = {
		.when = exit_code == 0 ? NOTIFY_SUCCESS : NOTIFY_FAILURE,
		.text = buf_text(&text),
		.json = notice->json,
		.env = env,
		.metrics = buf_text(&metrics),
		.kept = success ? NULL : SUCCESS_PREFIX,
	};
	notify_send(&options, &event);
	buf_clear(&text);
	buf_clear(&metrics);
	free(event_name);
	free(code);
	free(source);
	free(id);
}
