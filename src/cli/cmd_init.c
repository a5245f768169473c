/* init: what was written, and what still needs a hand. */
#include "config.h"

#include "incant/settings.h"

#include "command.h"
#include "output.h"

static int
init_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const char *output = words->output != NULL ? words->output : settings_path(words->config);
	const struct op_init_request request = { .compose_file = words->compose_file, .output = output };

	(void)settings;
	return op_init_run(&request, &report->init);
}

static void
init_put_json(const struct words *words, const struct report *report, struct json *to)
{
	struct json *missing = json_new_array();

	(void)words;
	for (size_t i = 0; i < report->init.missing_count; i++)
		json_put_text(missing, NULL, report->init.missing[i]);
	json_put_text(to, "settings", report->init.path);
	json_put_text(to, "source", report->init.source);
	json_put(to, "missing", missing);
	json_put_text(to, "text", report->init.text);
}

static void
init_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_init_report *init = &report->init;

	(void)words;
	if (!report->done)
		return;
	if (init->path == NULL) {
		buf_append_text(text, init->text);
		return;
	}
	output_text(text, init->path);
	buf_append_text(text, " is written, for ");
	output_text(text, init->source);
	buf_append_text(text, ".\n");
	for (size_t i = 0; i < init->missing_count; i++) {
		buf_append_text(text, "  - ");
		output_text(text, init->missing[i]);
		buf_append_char(text, '\n');
	}
	buf_append_text(text, "Look through it, then: incant-backup doctor; incant-backup backup\n");
}

static void
init_clear(struct report *report)
{
	op_init_report_clear(&report->init);
}

const struct command_ops cmd_init_ops = {
	.run = init_run,
	.put_json = init_put_json,
	.put_text = init_put_text,
	.clear = init_clear,
};
