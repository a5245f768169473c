/*
 * What the items mean. A complete statement is looked up in the table of kinds; what it says goes into the
 * present section of the contents, and all of it to the sink. A COPY … FROM stdin turns the stream over to
 * the rows that follow.
 */
#include "config.h"

#include "scan_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "scan_contents.h"
#include "scan_kind.h"
#include "scan_meta.h"
#include "scan_statement.h"

/* Longer lines are no meta-command: a database's name has at most 63 bytes. */
#define META_LIMIT 4096

static int
refuse(const struct scan *scan, const char *what)
{
	return error_set((enum error_class)scan->options.error_class,
		"%s at byte %" PRIu64 " of the dump is not in the form that pg_dumpall writes", what,
		scan->lex.item_at);
}

/* Whether the item is longer than what was kept of it. */
static bool
is_cut(const struct scan *scan)
{
	return scan->text_bytes > scan->text.len;
}

static struct digest128
text_digest(const struct scan *scan)
{
	if (is_cut(scan))
		return digest_xxh128_get(scan->text_digest);
	return digest_xxh128(scan->text.bytes, scan->text.len);
}

static void
add_statement(struct scan *scan, const char *kind)
{
	struct contents_statement statement = {
		.kind = kind,
		.name = mem_text(buf_text(&scan->name)),
		.at = { scan->lex.item_at, scan->text_bytes },
		.digest = text_digest(scan),
	};

	scan_contents_add_statement(scan_section_current(&scan->section), statement);
}

static void
set_session(struct scan *scan)
{
	char *encoding = scan_statement_encoding(&scan->parse);

	scan_section_session(&scan->section, encoding);
	free(encoding);
}

/* CREATE DATABASE, or DROP DATABASE with the UPDATE in front of it. */
static void
add_database(struct scan *scan, const struct scan_kind *kind)
{
	char *database = scan->name.len > 0 ? scan_statement_database(&scan->parse, kind->next) : NULL;

	if (kind->class == SCAN_CLASS_CREATE_DATABASE)
		scan_section_create(&scan->section, database);
	else
		scan_section_drop(&scan->section, database);
	add_statement(scan, kind->kind);
	free(database);
}

/* COPY … FROM stdin: from here on the stream is rows. */
static int
add_table(struct scan *scan, const struct scan_kind *kind)
{
	struct contents_table table = { 0 };

	if (is_cut(scan) || !scan_statement_copy(&scan->parse, kind->next, &table)) {
		free(table.schema);
		free(table.name);
		free(table.columns);
		return refuse(scan, "COPY");
	}
	table.at.plain_off = scan->lex.item_at;
	table.data.plain_off = scan->lex.at + 1;
	scan_contents_add_table(scan_section_current(&scan->section), table);
	scan->data = SCAN_DATA_NEWLINE;
	return 0;
}

static int
add_sequence(struct scan *scan, const struct scan_kind *kind)
{
	struct contents_sequence sequence = { 0 };

	if (!scan_statement_setval(&scan->parse, kind->next, &sequence)) {
		free(sequence.name);
		return refuse(scan, "setval()");
	}
	scan_contents_add_sequence(scan_section_current(&scan->section), sequence);
	return 0;
}

static int
create_objects(struct scan *scan, size_t next)
{
	struct contents_large_object object = { 0 };

	do {
		if (!scan_statement_oid(&scan->parse, next, &object.oid))
			return refuse(scan, "lo_create()");
		scan_contents_add_large_object(scan_section_current(&scan->section), object);
	} while (scan_statement_next_create(&scan->parse, &next));
	return 0;
}

static int
add_about_objects(struct scan *scan)
{
	struct contents_large_object object = { .about = text_digest(scan) };
	const char *name = buf_text(&scan->name);

	do {
		if (!scan_statement_next_oid(&name, &object.oid))
			return refuse(scan, "statement about a large object");
		scan_contents_add_large_object(scan_section_current(&scan->section), object);
	} while (*name != '\0');
	return 0;
}

static int
open_object(struct scan *scan, size_t next)
{
	if (scan->object_open || !scan_statement_oid(&scan->parse, next, &scan->object.oid))
		return refuse(scan, "lo_open()");
	scan->object_open = true;
	scan->object.bytes = 0;
	digest_xxh128_reset(scan->object_digest);
	return 0;
}

static int
write_object(struct scan *scan, size_t next)
{
	const char *hex;
	size_t len;

	if (!scan->object_open || is_cut(scan) || !scan_statement_lowrite(&scan->parse, next, &hex, &len))
		return refuse(scan, "lowrite()");
	digest_xxh128_update(scan->object_digest, hex, len);
	scan->object.bytes += len / 2;
	return 0;
}

static int
close_object(struct scan *scan)
{
	if (!scan->object_open)
		return refuse(scan, "lo_close()");
	scan->object_open = false;
	scan->object.data = digest_xxh128_get(scan->object_digest);
	scan_contents_add_large_object(scan_section_current(&scan->section), scan->object);
	return 0;
}

/* Records the statement. 0 or -1. */
static int
record(struct scan *scan, const struct scan_kind *kind)
{
	switch (kind->class) {
	case SCAN_CLASS_SESSION:
		set_session(scan);
		return 0;
	case SCAN_CLASS_CREATE_DATABASE:
	case SCAN_CLASS_DROP_DATABASE:
		add_database(scan, kind);
		return 0;
	default:
		break;
	}
	scan_section_other(&scan->section, kind->class == SCAN_CLASS_CLUSTER);
	switch (kind->class) {
	case SCAN_CLASS_COPY:
		return add_table(scan, kind);
	case SCAN_CLASS_SETVAL:
		return add_sequence(scan, kind);
	case SCAN_CLASS_LO_CREATE:
		return create_objects(scan, kind->next);
	case SCAN_CLASS_LO_ABOUT:
		return add_about_objects(scan);
	case SCAN_CLASS_LO_OPEN:
		return open_object(scan, kind->next);
	case SCAN_CLASS_LO_WRITE:
		return write_object(scan, kind->next);
	case SCAN_CLASS_LO_CLOSE:
		return close_object(scan);
	case SCAN_CLASS_TRANSACTION:
		return 0;
	default:
		add_statement(scan, kind->kind);
		return 0;
	}
}

static int
tell_sink(struct scan *scan, const struct scan_kind *kind)
{
	struct scan_sink *sink = scan->options.sink;
	struct scan_statement statement = {
		.text = scan->text.bytes,
		.len = scan->text.len,
		.kind = kind->kind,
		.name = buf_text(&scan->name),
		.plain_off = scan->lex.item_at,
		.bytes = scan->text_bytes,
	};

	if (sink == NULL)
		return 0;
	if (statement.len > scan->options.keep_bytes) {
		statement.len = scan->options.keep_bytes;
		scan->text.bytes[statement.len] = '\0';
	}
	statement.cut = statement.len < statement.bytes;
	if (kind->class == SCAN_CLASS_COPY) {
		const struct contents_section *current = scan_section_current(&scan->section);
		const struct contents_table *table = &current->tables[current->table_count - 1];

		return sink->copy_begin != NULL ? sink->copy_begin(sink, &statement, table) : 0;
	}
	return sink->statement != NULL ? sink->statement(sink, &statement) : 0;
}

int
scan_record_statement(struct scan *scan)
{
	size_t len = scan->text.len < SCAN_PARSED_BYTES ? scan->text.len : SCAN_PARSED_BYTES;
	struct scan_kind kind;

	scan_parse_begin(&scan->parse, scan->text.bytes, len);
	kind = scan_kind_of(&scan->parse, &scan->name);
	if (record(scan, &kind) != 0)
		return -1;
	return tell_sink(scan, &kind);
}

/* An error that shows the meta-command's own name. */
static int
refuse_meta(const struct scan *scan, const char *why)
{
	size_t len = strcspn(scan->text.bytes, " \t\r");
	char *name = text_printable(scan->text.bytes, len < 32 ? len : 32);

	error_set((enum error_class)scan->options.error_class,
		"meta-command '%s' at byte %" PRIu64 " of the dump %s", name, scan->lex.item_at, why);
	free(name);
	return -1;
}

/* Takes ownership of key. */
static int
begin_restrict(struct scan *scan, char *key)
{
	scan->key = key;
	scan_section_session(&scan->section, NULL);
	return 0;
}

static int
end_restrict(struct scan *scan, const char *key)
{
	if (scan->key == NULL ? !scan->options.fragment : strcmp(scan->key, key) != 0)
		return refuse_meta(scan, "does not have the key of a \\restrict before it");
	free(scan->key);
	scan->key = NULL;
	scan_section_other(&scan->section, false);
	return 0;
}

static int
change_database(struct scan *scan, const char *database)
{
	struct scan_sink *sink = scan->options.sink;

	scan_section_connect(&scan->section, database);
	if (sink == NULL || sink->connect == NULL)
		return 0;
	return sink->connect(sink, database, scan->lex.item_at);
}

static int
change_encoding(struct scan *scan, const char *encoding)
{
	struct scan_sink *sink = scan->options.sink;

	scan_section_session(&scan->section, NULL);
	return sink == NULL || sink->encoding == NULL ? 0 : sink->encoding(sink, encoding);
}

int
scan_record_meta(struct scan *scan)
{
	struct scan_meta meta;
	int result = -1;

	if (scan->text_bytes > META_LIMIT || !scan_meta_parse(&meta, scan->text.bytes, scan->text.len))
		return refuse_meta(scan, "is not one that pg_dumpall writes");
	if (scan->key != NULL && meta.command != SCAN_META_UNRESTRICT) {
		free(meta.argument);
		return refuse_meta(scan, "stands inside \\restrict");
	}
	switch (meta.command) {
	case SCAN_META_CONNECT:
		result = change_database(scan, meta.argument);
		break;
	case SCAN_META_ENCODING:
		result = change_encoding(scan, meta.argument);
		break;
	case SCAN_META_RESTRICT:
		return begin_restrict(scan, meta.argument);
	case SCAN_META_UNRESTRICT:
		result = end_restrict(scan, meta.argument);
		break;
	}
	free(meta.argument);
	return result;
}
