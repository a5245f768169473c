/*
 * The scanner as a stage. A write goes to the lexer, or to the rows of a COPY, until it is used up; then it
 * is passed on as it came. Nothing is looked ahead: whatever is cut by the end of a write stays behind as
 * state, so that the same script gives the same result however it is cut.
 */
#include "config.h"

#include "incant/scan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"

#include "scan_state.h"

/* A statement's buffer that has grown beyond this is given back. */
#define TEXT_KEPT_BYTES (4u << 20)

static const char complete[] = "-- PostgreSQL database cluster dump complete";

static int
fail(const struct scan *scan, const char *what, uint64_t at)
{
	return error_set(
		(enum error_class)scan->options.error_class, "%s at byte %" PRIu64 " of the dump", what, at);
}

/* An item begins with the next byte. */
static void
begin_item(struct scan *scan)
{
	if (scan->text.capacity > TEXT_KEPT_BYTES)
		buf_clear(&scan->text);
	buf_reset(&scan->text);
	scan->text_bytes = 0;
	scan->trailer = false;
	scan_section_item(&scan->section, scan->lex.gap_at);
}

/* Takes bytes of the present item: to the text as far as that is kept, and beyond it to a digest. */
static void
add_text(struct scan *scan, const char *bytes, size_t len)
{
	size_t room = scan->text_limit - scan->text.len;
	size_t kept = len < room ? len : room;

	buf_append(&scan->text, bytes, kept);
	if (kept < len) {
		if (scan->text_bytes <= scan->text_limit) {
			digest_xxh128_reset(scan->text_digest);
			digest_xxh128_update(scan->text_digest, scan->text.bytes, scan->text.len);
		}
		digest_xxh128_update(scan->text_digest, bytes + kept, len - kept);
	}
	scan->text_bytes += len;
}

static void
see_comment(struct scan *scan)
{
	const struct scan_lex *lex = &scan->lex;

	if (lex->comment_len == sizeof(complete) - 1 && strcmp(lex->comment, complete) == 0)
		scan->trailer = true;
	scan_section_comment(&scan->section, lex->comment, lex->comment_len, lex->comment_at);
}

/* Gives SQL to the lexer, up to the next thing that happens. */
static int
take_sql(struct scan *scan, const char *bytes, size_t len, size_t *used)
{
	enum scan_lex_item item = scan->lex.item;
	enum scan_lex_event event = scan_lex_step(&scan->lex, bytes, len, used);

	if (item != SCAN_LEX_GAP)
		add_text(scan, bytes, *used);
	switch (event) {
	case SCAN_LEX_MORE:
		return 0;
	case SCAN_LEX_BEGIN:
		begin_item(scan);
		return 0;
	case SCAN_LEX_COMMENT:
		see_comment(scan);
		return 0;
	case SCAN_LEX_END:
		return item == SCAN_LEX_META ? scan_record_meta(scan) : scan_record_statement(scan);
	case SCAN_LEX_FAULT:
		break;
	}
	return fail(scan, scan->lex.fault, scan->lex.fault_at);
}

static struct contents_table *
current_table(const struct scan *scan)
{
	struct contents_section *section = scan_section_current(&scan->section);

	return &section->tables[section->table_count - 1];
}

/* The newline between COPY … FROM stdin; and its rows. */
static int
take_newline(struct scan *scan, const char *bytes, size_t *used)
{
	if (bytes[0] != '\n')
		return fail(scan, "COPY without a newline behind it", scan->lex.at);
	*used = 1;
	scan_lex_skip(&scan->lex, 1);
	scan_copy_begin(&scan->copy);
	scan->data = SCAN_DATA_ROWS;
	return 0;
}

static int
tell_rows(struct scan *scan, const struct scan_copy_step *step, const char *bytes)
{
	struct scan_sink *sink = scan->options.sink;

	if (sink == NULL || sink->copy_data == NULL)
		return 0;
	if (step->released > 0 && sink->copy_data(sink, "\\.", step->released) != 0)
		return -1;
	return step->data > 0 ? sink->copy_data(sink, bytes, step->data) : 0;
}

static int
take_rows(struct scan *scan, const char *bytes, size_t len, size_t *used)
{
	struct scan_sink *sink = scan->options.sink;
	struct scan_copy_step step = scan_copy_step(&scan->copy, bytes, len);
	struct contents_table *table = current_table(scan);

	*used = step.used;
	scan_lex_skip(&scan->lex, step.used);
	if (tell_rows(scan, &step, bytes) != 0)
		return -1;
	if (!step.end)
		return 0;
	scan->data = SCAN_DATA_NONE;
	table->rows = scan->copy.rows;
	table->digest = scan->copy.digest;
	table->data.bytes = scan->copy.bytes;
	table->at.bytes = scan->lex.at - table->at.plain_off;
	return sink != NULL && sink->copy_end != NULL ? sink->copy_end(sink, table) : 0;
}

static int
scan_write(struct stage *stage, const void *bytes, size_t len)
{
	struct scan *scan = (struct scan *)stage;
	const char *p = bytes;
	const char *end = p + len;

	while (p < end) {
		size_t used = 0;
		int result;

		if (scan->data == SCAN_DATA_NONE)
			result = take_sql(scan, p, (size_t)(end - p), &used);
		else if (scan->data == SCAN_DATA_NEWLINE)
			result = take_newline(scan, p, &used);
		else
			result = take_rows(scan, p, (size_t)(end - p), &used);
		if (result != 0)
			return -1;
		p += used;
	}
	return stage_write(stage->next, bytes, len);
}

static int
ends_inside(const struct scan *scan)
{
	enum error_class class = (enum error_class)scan->options.error_class;
	const struct contents_table *table;
	const char *what;
	uint64_t at;

	if (scan->data != SCAN_DATA_NONE) {
		table = current_table(scan);
		return error_set(class, "dump ends inside the data of table %s%s%s (row %" PRIu64 ")",
			table->schema, table->schema[0] != '\0' ? "." : "", table->name,
			(scan->data == SCAN_DATA_ROWS ? scan->copy.rows : 0) + 1);
	}
	what = scan_lex_unfinished(&scan->lex, &at);
	if (what != NULL)
		return error_set(class, "dump ends inside %s that began at byte %" PRIu64, what, at);
	if (scan->object_open)
		return error_set(
			class, "dump ends inside the data of large object %" PRIu64, scan->object.oid);
	if (scan->options.fragment)
		return 0;
	if (!scan->trailer)
		return error_set(class, "dump ends without '%s'", complete + 3);
	if (scan->key != NULL)
		return error_set(class, "dump ends inside \\restrict");
	return 0;
}

static int
scan_finish(struct stage *stage)
{
	struct scan *scan = (struct scan *)stage;

	if (ends_inside(scan) != 0)
		return error_hint("The dump was cut short: the server, its pg_dumpall or a disk gave up.");
	scan_section_end(&scan->section, scan->lex.at);
	return 0;
}

static void
scan_free(struct stage *stage)
{
	struct scan *scan = (struct scan *)stage;

	scan_lex_clear(&scan->lex);
	scan_section_clear(&scan->section);
	scan_parse_clear(&scan->parse);
	scan_copy_clear(&scan->copy);
	buf_clear(&scan->name);
	buf_clear(&scan->text);
	digest_xxh128_free(scan->text_digest);
	digest_xxh128_free(scan->object_digest);
	free(scan->key);
	free(scan);
}

static const struct stage_ops scan_ops = {
	.name = "scan",
	.write = scan_write,
	.finish = scan_finish,
	.free = scan_free,
};

struct stage *
scan_new(struct stage *next, const struct scan_options *options)
{
	struct scan *scan;

	assert(options->contents != NULL);
	if (next == NULL)
		return NULL;
	scan = mem_zero(sizeof(*scan));
	stage_init(&scan->stage, &scan_ops, next);
	scan->options = *options;
	if (scan->options.keep_bytes == 0)
		scan->options.keep_bytes = SCAN_KEEP_DEFAULT;
	scan->text_limit =
		scan->options.keep_bytes > SCAN_PARSED_BYTES ? scan->options.keep_bytes : SCAN_PARSED_BYTES;
	scan_lex_init(&scan->lex, options->plain_off);
	scan_section_init(&scan->section, options->contents, options->plain_off);
	scan_parse_init(&scan->parse);
	scan_copy_init(&scan->copy);
	buf_init(&scan->name);
	buf_init(&scan->text);
	scan->text_digest = digest_xxh128_new();
	scan->object_digest = digest_xxh128_new();
	return &scan->stage;
}
