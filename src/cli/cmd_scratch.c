/* scratch list, scratch end: the scratch servers that stay. */
#include "config.h"

#include "cmd_prove.h"
#include "command.h"
#include "output.h"

static int
list_run(const struct settings *settings, const struct words *words, struct report *report)
{
	(void)words;
	return op_scratch_list(settings, &report->scratch);
}

static int
end_run(const struct settings *settings, const struct words *words, struct report *report)
{
	(void)words;
	return op_scratch_end(settings, &report->scratch);
}

static void
put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct scratch_kept_list *kept = &report->scratch.kept;
	struct json *servers = json_new_array();

	(void)words;
	for (size_t i = 0; i < kept->count; i++) {
		struct json *server = json_new_object();
		json_put_text(server, "server", kept->items[i].describe);
		json_put_text(server, "conninfo", kept->items[i].conninfo);
		json_put(servers, NULL, server);
	}
	json_put(to, "servers", servers);
	json_put_u64(to, "ended", report->scratch.ended);
}

static void
list_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct scratch_kept_list *kept = &report->scratch.kept;

	(void)words;
	for (size_t i = 0; i < kept->count; i++)
		cmd_prove_put_server(kept->items[i].describe, kept->items[i].conninfo, text);
}

static void
end_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct scratch_kept_list *kept = &report->scratch.kept;

	for (size_t i = 0; report->done && !words->quiet && i < kept->count; i++) {
		buf_append_text(text, "ended: ");
		output_text(text, kept->items[i].describe);
		buf_append_char(text, '\n');
	}
}

static void
clear(struct report *report)
{
	op_scratch_report_clear(&report->scratch);
}

const struct command_ops cmd_scratch_list_ops = {
	.run = list_run,
	.put_json = put_json,
	.put_text = list_put_text,
	.clear = clear,
};

const struct command_ops cmd_scratch_end_ops = {
	.run = end_run,
	.put_json = put_json,
	.put_text = end_put_text,
	.clear = clear,
};
