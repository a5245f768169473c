/* push: a line for each copy that was made or could not be. */
#include "config.h"

#include "incant/error.h"

#include "command.h"
#include "output.h"
#include "output_json.h"

static int
push_check(struct words *words)
{
	if (words->all && (words->operand != NULL || words->at != NULL))
		return error_set(ERR_USAGE, "--all pushes every backup, and '%s' names one",
			words->operand != NULL ? words->operand : words->at);
	return words_read_which(words) == 0 ? words_read_wait(words) : -1;
}

static int
push_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_push_request request = {
		.which = words->which, .all = words->all, .wait_ms = words->wait_ms
	};

	return op_push_run(settings, &request, &report->push);
}

static void
push_put_json(const struct words *words, const struct report *report, struct json *to)
{
	struct json *copies = json_new_array();

	(void)words;
	for (size_t i = 0; i < report->push.count; i++) {
		const struct op_pushed *pushed = &report->push.pushed[i];
		struct json *copy = json_new_object();
		json_put_text(copy, "id", pushed->id);
		json_put_text(copy, "store", pushed->store);
		json_put_u64(copy, "bytes", pushed->bytes);
		json_put_bool(copy, "ok", pushed->ok);
		json_put(copy, "error", pushed->ok ? NULL : output_json_error(&pushed->error));
		json_put(copies, NULL, copy);
	}
	json_put(to, "copies", copies);
}

static void
push_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	if (words->quiet)
		return;
	for (size_t i = 0; i < report->push.count; i++) {
		const struct op_pushed *pushed = &report->push.pushed[i];

		buf_append_format(text, "%s%s%s store %s", pushed->id != NULL ? pushed->id : "",
			pushed->id != NULL ? " " : "", pushed->ok ? "copied into" : "not in", pushed->store);
		if (pushed->ok) {
			buf_append_text(text, ": ");
			output_bytes(text, pushed->bytes);
		} else {
			buf_append_text(text, ": ");
			output_text(text, pushed->error.message);
		}
		buf_append_char(text, '\n');
	}
	if (report->done && report->push.count == 0)
		buf_append_text(text, "nothing to copy: no store lacks it\n");
}

static void
push_clear(struct report *report)
{
	op_push_report_clear(&report->push);
}

const struct command_ops cmd_push_ops = {
	.check = push_check,
	.run = push_run,
	.put_json = push_put_json,
	.put_text = push_put_text,
	.clear = push_clear,
};
