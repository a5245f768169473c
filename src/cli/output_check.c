/* Checks as people and programs see them. */
#include "config.h"

#include "output_check.h"

#include "output.h"

void
output_checks(struct buf *text, const struct op_checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct op_check *check = &checks->checks[i];

		buf_append_text(text, check->ok ? "ok    " : "BAD   ");
		output_text(text, check->name);
		buf_append_text(text, ": ");
		output_text(text, check->detail);
		buf_append_char(text, '\n');
		if (check->hint == NULL)
			continue;
		buf_append_text(text, "      → ");
		output_text(text, check->hint);
		buf_append_char(text, '\n');
	}
}

void
output_json_checks(struct json *to, const struct op_checks *checks)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < checks->count; i++) {
		const struct op_check *check = &checks->checks[i];
		struct json *item = json_new_object();

		json_put_text(item, "name", check->name);
		json_put_bool(item, "ok", check->ok);
		json_put_text(item, "detail", check->detail);
		json_put_text(item, "hint", check->hint);
		json_put(list, NULL, item);
	}
	json_put(to, "checks", list);
}
