/* pin and unpin: the backup, and how long it is kept now. */
#include "config.h"

#include "incant/clock.h"
#include "incant/error.h"

#include "command.h"
#include "output.h"
#include "output_json.h"

static int
check_which(struct words *words)
{
	if (words->operand == NULL && words->at == NULL) {
		error_set(ERR_USAGE, "which backup? Say its id");
		return error_hint("`incant-backup list` shows them; 'latest' is the newest.");
	}
	return words_read_which(words);
}

static int
pin_check(struct words *words)
{
	if (check_which(words) != 0 || words_check_line("reason", words->reason) != 0)
		return -1;
	return words_read_until("--until", words->until, &words->until_at);
}

static int
pin_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_pin_request request = {
		.which = words->which, .until = words->until_at, .reason = words->reason
	};

	return op_pin_run(settings, &request, &report->pin);
}

static int
unpin_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_pin_request request = { .which = words->which, .unpin = true };

	return op_pin_run(settings, &request, &report->pin);
}

static void
pin_put_json(const struct words *words, const struct report *report, struct json *to)
{
	(void)words;
	json_put(to, "backup", output_json_backup(&report->pin.backup));
}

static void
pin_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_backup *backup = &report->pin.backup;

	if (!report->done || words->quiet)
		return;
	buf_append_format(text, "%s: ", backup->manifest.id);
	if (backup->pin == NULL)
		buf_append_text(text, "not pinned; rotation decides");
	else
		output_pin(text, backup->pin);
	buf_append_text(text, "\n  in store ");
	output_stores(text, backup);
	buf_append_char(text, '\n');
}

static void
pin_clear(struct report *report)
{
	op_pin_report_clear(&report->pin);
}

const struct command_ops cmd_pin_ops = {
	.check = pin_check,
	.run = pin_run,
	.put_json = pin_put_json,
	.put_text = pin_put_text,
	.clear = pin_clear,
};

const struct command_ops cmd_unpin_ops = {
	.check = check_which,
	.run = unpin_run,
	.put_json = pin_put_json,
	.put_text = pin_put_text,
	.clear = pin_clear,
};
