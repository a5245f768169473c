/*
 * Any bytes as a dump. The first byte of the input chooses where the rest is cut into writes: contents,
 * errors and everything that a sink is told must be the same as in one write. What was scanned must survive
 * the way through JSON.
 */
#include "config.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/scan.h"
#include "incant/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct witness {
	struct scan_sink sink;
	struct buf log;
};

static struct buf *
log_of(struct scan_sink *sink)
{
	return &((struct witness *)sink)->log;
}

static int
see_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	if (strlen(statement->text) != statement->len)
		abort();
	buf_append_format(log_of(sink), "S %s %s %" PRIu64 " %" PRIu64 " %s\n", statement->kind,
		statement->name, statement->plain_off, statement->bytes, statement->text);
	return 0;
}

static int
see_connect(struct scan_sink *sink, const char *database, uint64_t plain_off)
{
	buf_append_format(log_of(sink), "C %s %" PRIu64 "\n", database, plain_off);
	return 0;
}

static int
see_encoding(struct scan_sink *sink, const char *encoding)
{
	buf_append_format(log_of(sink), "E %s\n", encoding);
	return 0;
}

static int
see_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table)
{
	buf_append_format(log_of(sink), "T %s %s %s\n", statement->text, table->schema, table->name);
	return 0;
}

static int
see_copy_data(struct scan_sink *sink, const char *bytes, size_t len)
{
	buf_append(log_of(sink), bytes, len);
	return 0;
}

static int
see_copy_end(struct scan_sink *sink, const struct contents_table *table)
{
	buf_append_format(log_of(sink), "T %" PRIu64 " %" PRIu64 "\n", table->rows, table->data.bytes);
	return 0;
}

/* Scans with writes of lengths that seed chooses; 0 = one write. */
static int
scan(const char *bytes, size_t len, uint32_t seed, struct contents *contents, struct buf *log)
{
	struct witness witness = { .sink = { see_statement, see_connect, see_encoding, see_copy_begin,
					   see_copy_data, see_copy_end } };
	struct scan_options options = { .contents = contents,
		.sink = &witness.sink,
		.keep_bytes = 100,
		.error_class = ERR_DAMAGED,
		.fragment = true,
		.plain_off = 7 };
	struct stage *head;
	size_t next;
	int result = 0;

	contents_init(contents);
	head = scan_new(stage_null_new(), &options);
	for (size_t from = 0; result == 0 && from < len; from = next) {
		size_t want = seed != 0 ? 1 + (seed >> 16) % 80 : len;

		next = len - from < want ? len : from + want;
		result = stage_write(head, bytes + from, next - from);
		seed = seed != 0 ? seed * 1664525u + 1013904223u : 0;
	}
	if (result == 0)
		result = stage_finish(head);
	stage_free(head);
	if (result != 0)
		buf_append_format(&witness.log, "error %s\n", error_get()->message);
	*log = witness.log;
	return result;
}

static void
check_json(const struct contents *contents)
{
	struct json *value = contents_to_json(contents);
	struct contents again;
	char difference[512];

	if (contents_from_json(value, "contents", &again) != 0 ||
		contents_compare_exact(contents, &again, difference, sizeof(difference)) != 0)
		abort();
	contents_clear(&again);
	json_free(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct contents whole, cut;
	struct buf whole_log, cut_log;
	char difference[512];
	int result;

	if (size == 0)
		return 0;
	result = scan((const char *)data + 1, size - 1, 0, &whole, &whole_log);
	if (scan((const char *)data + 1, size - 1, data[0] + 1u, &cut, &cut_log) != result)
		abort();
	if (strcmp(buf_text(&whole_log), buf_text(&cut_log)) != 0 || whole_log.len != cut_log.len)
		abort();
	if (result == 0) {
		if (contents_compare_exact(&whole, &cut, difference, sizeof(difference)) != 0)
			abort();
		check_json(&whole);
	}
	buf_clear(&whole_log);
	buf_clear(&cut_log);
	contents_clear(&whole);
	contents_clear(&cut);
	return 0;
}
