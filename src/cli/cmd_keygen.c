/* keygen: the recipient is shown; the identity goes into its file, or alone to standard output. */
#include "config.h"

#include <unistd.h>

#include "incant/error.h"

#include "command.h"

static int
keygen_check(struct words *words)
{
	if (words->json && words->output == NULL) {
		error_set(ERR_USAGE, "keygen --json needs --output");
		return error_hint("A secret key does not stand in the JSON: it goes into that file.");
	}
	return 0;
}

static int
keygen_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_keygen_request request = { .output = words->output, .fd = STDOUT_FILENO };

	(void)settings;
	return op_keygen_run(&request, &report->keygen);
}

static void
keygen_put_json(const struct words *words, const struct report *report, struct json *to)
{
	json_put_text(to, "recipient", report->done ? report->keygen.recipient : NULL);
	json_put_text(to, "file", report->done ? words->output : NULL);
}

/* Without --output the identity has been written, with its recipient in a comment. */
static void
keygen_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	if (report->done && words->output != NULL)
		buf_append_format(text, "%s\n", report->keygen.recipient);
}

const struct command_ops cmd_keygen_ops = {
	.check = keygen_check,
	.run = keygen_run,
	.put_json = keygen_put_json,
	.put_text = keygen_put_text,
};
