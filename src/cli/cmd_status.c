/* status: a line a check; or one line for Nagios and its kind. */
#include "config.h"

#include "incant/error.h"

#include "command.h"
#include "output.h"
#include "output_check.h"

/* What a Nagios plugin ends with. */
enum { NAGIOS_OK = 0, NAGIOS_CRITICAL = 2, NAGIOS_UNKNOWN = 3 };

static int
status_check(struct words *words)
{
	if (words->nagios && words->json)
		return error_set(ERR_USAGE, "--nagios and --json exclude each other");
	return 0;
}

static int
status_run(const struct settings *settings, const struct words *words, struct report *report)
{
	(void)words;
	return op_status_run(settings, &report->status);
}

static void
status_put_json(const struct words *words, const struct report *report, struct json *to)
{
	(void)words;
	output_json_checks(to, &report->status.checks);
}

/* What is behind the bar: "age=3600s;93600". */
static void
put_performance(const struct op_status_report *status, struct buf *text)
{
	buf_append_text(text, " |");
	if (status->age_s >= 0 && status->max_age_s > 0)
		buf_append_format(
			text, " age=%llds;;%lld", (long long)status->age_s, (long long)status->max_age_s);
	else if (status->age_s >= 0)
		buf_append_format(text, " age=%llds", (long long)status->age_s);
	if (status->proof_age_s >= 0)
		buf_append_format(text, " proof_age=%llds", (long long)status->proof_age_s);
}

/* The checks that are not well; or the first one, when all are. */
static void
put_nagios(const struct op_status_report *status, struct buf *text)
{
	const struct op_checks *checks = &status->checks;
	size_t bad = op_checks_count_bad(checks), shown = 0;

	if (checks->count == 0) {
		buf_append_text(text, "INCANT-BACKUP UNKNOWN - no check could be made\n");
		return;
	}
	buf_append_format(text, "INCANT-BACKUP %s - ", bad == 0 ? "OK" : "CRITICAL");
	for (size_t i = 0; i < checks->count; i++) {
		if (bad == 0 ? i > 0 : checks->checks[i].ok)
			continue;
		struct buf line = BUF_EMPTY;
		output_text(&line, checks->checks[i].name);
		buf_append_text(&line, ": ");
		output_text(&line, checks->checks[i].detail);
		for (size_t at = 0; at < line.len; at++) /* a bar would end the text */
			buf_append_char(text, line.bytes[at] == '|' ? '/' : line.bytes[at]);
		buf_clear(&line);
		if (++shown < bad)
			buf_append_text(text, "; ");
	}
	put_performance(status, text);
	buf_append_char(text, '\n');
}

static void
status_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	if (words->nagios)
		put_nagios(&report->status, text);
	else
		output_checks(text, &report->status.checks);
}

static int
status_exit_code(const struct words *words, const struct error *error, int exit_code)
{
	if (!words->nagios)
		return exit_code;
	if (error->class == ERR_NONE)
		return NAGIOS_OK;
	return error->class == ERR_CHECK ? NAGIOS_CRITICAL : NAGIOS_UNKNOWN;
}

static void
status_clear(struct report *report)
{
	op_status_report_clear(&report->status);
}

const struct command_ops cmd_status_ops = {
	.check = status_check,
	.run = status_run,
	.put_json = status_put_json,
	.put_text = status_put_text,
	.exit_code = status_exit_code,
	.clear = status_clear,
};
