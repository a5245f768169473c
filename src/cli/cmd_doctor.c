/* doctor: a line a check. */
#include "config.h"

#include "command.h"
#include "output_check.h"

static int
doctor_run(const struct settings *settings, const struct words *words, struct report *report)
{
	(void)words;
	return op_doctor_run(settings, &report->doctor);
}

static void
doctor_put_json(const struct words *words, const struct report *report, struct json *to)
{
	(void)words;
	output_json_checks(to, &report->doctor.checks);
}

static void
doctor_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	(void)words;
	output_checks(text, &report->doctor.checks);
}

static void
doctor_clear(struct report *report)
{
	op_doctor_report_clear(&report->doctor);
}

const struct command_ops cmd_doctor_ops = {
	.run = doctor_run,
	.put_json = doctor_put_json,
	.put_text = doctor_put_text,
	.clear = doctor_clear,
};
