/* report: writes the page. */
#include "config.h"

#include "incant/error.h"
#include "incant/file.h"

#include "command.h"
#include "output.h"
#include "report_html.h"

static int
report_check(struct words *words)
{
	if (words->output == NULL)
		return error_set(ERR_USAGE, "report needs --output FILE");
	return 0;
}

static int
report_run(const struct settings *settings, const struct words *words, struct report *report)
{
	struct buf page = BUF_EMPTY;
	int rc = op_report_run(settings, words->store, &report->page);

	if (rc == 0) {
		report_html_page(&report->page, &page);
		rc = file_save(words->output, page.bytes, page.len, 0600, FILE_REPLACE, ERR_USAGE);
	}
	buf_clear(&page);
	return rc;
}

static void
report_put_json(const struct words *words, const struct report *report, struct json *to)
{
	json_put_text(to, "output", report->done ? words->output : NULL);
	json_put_u64(to, "backups", report->page.count);
}

static void
report_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	if (!report->done)
		return;
	output_text(text, words->output);
	buf_append_format(text, " tells of ");
	output_count(text, report->page.count, "backup", "backups");
	buf_append_text(text, ".\n");
}

static void
report_clear(struct report *report)
{
	op_report_clear(&report->page);
}

const struct command_ops cmd_report_ops = {
	.check = report_check,
	.run = report_run,
	.put_json = report_put_json,
	.put_text = report_put_text,
	.clear = report_clear,
};
