/*
 * While the second dump passes, what will be needed to judge a difference is kept: the texts of statements
 * that the backup does not have in the very same form, and the digests of rows whose columns come in another
 * order. Both are few in a faithful restore. Afterwards the contents are compared, and each difference is
 * judged.
 */
#include "config.h"

#include "incant/scan_proof.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/scan_diff.h"
#include "incant/text.h"

#include "scan_parse.h"
#include "scan_rows.h"
#include "scan_same.h"

enum {
	KEPT_BYTES = 64 << 20, /* of texts, all in all; what is beyond is compared by digest alone */
	TEXTS_SHOWN = 500,     /* differences are shown with their texts; more of them by digest */
};

/* A statement of the backup. */
struct known_text {
	struct digest128 digest;
	struct extent at;
};

/* Something kept about the second dump, by its place there. */
struct kept_text {
	uint64_t plain_off;
	char *text;
};
struct kept_rows {
	uint64_t plain_off;
	struct digest128 digest;
};

struct scan_proof {
	struct scan_sink sink; /* first: the sink's functions get this pointer */
	struct scan_proof_options options;
	struct known_text *known; /* all statements of the backup, sorted by digest */
	size_t known_count;
	struct kept_text *texts;
	size_t text_count, text_capacity, text_bytes;
	struct kept_rows *rows;
	size_t row_count, row_capacity;
	bool permuting;
	struct scan_rows permuted; /* of the table that passes */
	size_t shown;
};

static struct scan_proof *
proof_of(struct scan_sink *sink)
{
	return (struct scan_proof *)sink;
}

static int
compare_digests(const void *left, const void *right)
{
	const struct digest128 *a = left, *b = right; /* or a known_text, which begins with one */

	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return (a->low > b->low) - (a->low < b->low);
}

static void
learn_digests(struct scan_proof *proof)
{
	const struct contents *recorded = proof->options.recorded;
	size_t capacity = 0;

	for (size_t i = 0; i < recorded->section_count; i++)
		for (size_t k = 0; k < recorded->sections[i].statement_count; k++) {
			const struct contents_statement *statement = &recorded->sections[i].statements[k];

			MEM_GROW(proof->known, proof->known_count, capacity);
			proof->known[proof->known_count++] =
				(struct known_text){ statement->digest, statement->at };
		}
	if (proof->known_count > 1)
		qsort(proof->known, proof->known_count, sizeof(*proof->known), compare_digests);
}

/* A statement of the backup with that text; NULL when it has none. */
static const struct known_text *
find_known(const struct scan_proof *proof, const struct digest128 *digest)
{
	if (proof->known_count == 0)
		return NULL;
	return bsearch(digest, proof->known, proof->known_count, sizeof(*proof->known), compare_digests);
}

/* The section that the second dump is in. */
static const struct contents_section *
present_section(const struct scan_proof *proof)
{
	const struct contents *found = proof->options.found;

	return &found->sections[found->section_count - 1];
}

static int
proof_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	struct scan_proof *proof = proof_of(sink);
	const struct contents_section *section = present_section(proof);
	const struct contents_statement *last =
		section->statement_count > 0 ? &section->statements[section->statement_count - 1] : NULL;

	/* What is not in the contents is not compared. */
	if (last == NULL || last->at.plain_off != statement->plain_off || statement->cut ||
		proof->text_bytes + statement->len > KEPT_BYTES)
		return 0;
	if (find_known(proof, &last->digest) != NULL)
		return 0;
	MEM_GROW(proof->texts, proof->text_count, proof->text_capacity);
	proof->texts[proof->text_count++] =
		(struct kept_text){ statement->plain_off, mem_text_n(statement->text, statement->len) };
	proof->text_bytes += statement->len;
	return 0;
}

/* The same table in the backup; NULL when it has none. */
static const struct contents_table *
recorded_table(const struct scan_proof *proof, const struct contents_table *table)
{
	const struct contents_section *here = present_section(proof);
	const struct contents_section *section =
		here->database != NULL ? contents_find_database(proof->options.recorded, here->database)
				       : NULL;

	for (size_t i = 0; section != NULL && i < section->table_count; i++)
		if (strcmp(section->tables[i].name, table->name) == 0 &&
			strcmp(section->tables[i].schema, table->schema) == 0)
			return &section->tables[i];
	return NULL;
}

static int
proof_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table)
{
	struct scan_proof *proof = proof_of(sink);
	const struct contents_table *was = recorded_table(proof, table);

	(void)statement;
	proof->permuting = was != NULL && strcmp(was->columns, table->columns) != 0 &&
			   scan_rows_begin(&proof->permuted, table->columns, was->columns);
	return 0;
}

static int
proof_copy_data(struct scan_sink *sink, const char *bytes, size_t len)
{
	struct scan_proof *proof = proof_of(sink);

	if (proof->permuting)
		scan_rows_write(&proof->permuted, bytes, len);
	return 0;
}

static int
proof_copy_end(struct scan_sink *sink, const struct contents_table *table)
{
	struct scan_proof *proof = proof_of(sink);
	struct kept_rows rows = { .plain_off = table->at.plain_off };

	if (!proof->permuting)
		return 0;
	if (scan_rows_digest(&proof->permuted, &rows.digest)) {
		MEM_GROW(proof->rows, proof->row_count, proof->row_capacity);
		proof->rows[proof->row_count++] = rows;
	}
	scan_rows_clear(&proof->permuted);
	proof->permuting = false;
	return 0;
}

struct scan_proof *
scan_proof_new(const struct scan_proof_options *options)
{
	struct scan_proof *proof = mem_zero(sizeof(*proof));

	proof->options = *options;
	proof->sink = (struct scan_sink){
		.statement = proof_statement,
		.copy_begin = proof_copy_begin,
		.copy_data = proof_copy_data,
		.copy_end = proof_copy_end,
	};
	learn_digests(proof);
	return proof;
}

struct scan_sink *
scan_proof_sink(struct scan_proof *proof)
{
	return &proof->sink;
}

void
scan_proof_free(struct scan_proof *proof)
{
	if (proof == NULL)
		return;
	for (size_t i = 0; i < proof->text_count; i++)
		free(proof->texts[i].text);
	free(proof->texts);
	free(proof->rows);
	free(proof->known);
	if (proof->permuting)
		scan_rows_clear(&proof->permuted);
	free(proof);
}

void
scan_findings_clear(struct scan_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->list[i].where);
		free(findings->list[i].expected);
		free(findings->list[i].found);
	}
	free(findings->list);
	*findings = (struct scan_findings){ NULL, 0, 0 };
}

/* Judging. */

static int
compare_place(const void *key, const void *element)
{
	uint64_t wanted = *(const uint64_t *)key, there = *(const uint64_t *)element;

	return (wanted > there) - (wanted < there);
}

/* Appends a statement's text from the backup. 0, UNKNOWN, or -1. */
enum { UNKNOWN = 1 };
static int
read_text(const struct scan_proof *proof, struct extent at, struct buf *text)
{
	buf_append_text(text, "");
	if (at.bytes > SCAN_PROOF_KEEP)
		return UNKNOWN;
	return proof->options.read(proof->options.context, at, text);
}

/* Appends a text of the second dump: one that was kept, or one that the backup has somewhere, too. As
 * read_text(). plain_off is the first member of what is kept. */
static int
found_text(const struct scan_proof *proof, const struct contents_statement *statement, struct buf *text)
{
	const struct known_text *known = find_known(proof, &statement->digest);
	const struct kept_text *kept = NULL;

	if (known != NULL)
		return read_text(proof, known->at, text);
	if (proof->text_count > 0)
		kept = bsearch(&statement->at.plain_off, proof->texts, proof->text_count,
			sizeof(*proof->texts), compare_place);
	if (kept == NULL)
		return UNKNOWN;
	buf_append_text(text, kept->text);
	return 0;
}

/* Whether a table's rows are the same once their fields are in the order of the backup. */
static bool
same_rows(const struct scan_proof *proof, const struct scan_difference *difference)
{
	const struct contents_table *was = difference->table.was, *is = difference->table.is;
	const struct kept_rows *kept = NULL;

	if (was != NULL && is != NULL && was->rows == is->rows && proof->row_count > 0)
		kept = bsearch(&is->at.plain_off, proof->rows, proof->row_count, sizeof(*proof->rows),
			compare_place);
	return kept != NULL && digest128_equal(kept->digest, was->digest);
}

/* Whether a statement's name is that role. */
static bool
names_role(const struct contents_statement *statement, const char *role)
{
	struct scan_parse parse;

	scan_parse_init(&parse);
	scan_parse_begin(&parse, statement->name, strlen(statement->name));
	char *name = scan_parse_value(scan_parse_at(&parse, 0));
	bool same = text_equal(name, role);
	free(name);
	scan_parse_clear(&parse);
	return same;
}

static bool
backup_has_role(const struct scan_proof *proof, const char *role)
{
	const struct contents *recorded = proof->options.recorded;
	const struct contents_section *globals = recorded->section_count > 0 ? &recorded->sections[0] : NULL;

	for (size_t i = 0; globals != NULL && i < globals->statement_count; i++)
		if (text_equal(globals->statements[i].kind, "CREATE ROLE") &&
			names_role(&globals->statements[i], role))
			return true;
	return false;
}

/* The scratch server's own role, which the source does not have. */
static bool
is_scratch_role(const struct scan_proof *proof, const struct scan_difference *difference)
{
	const struct contents_statement *is = difference->statement.is;
	const char *role = proof->options.superuser;

	if (difference->statement.was != NULL || role == NULL ||
		!(text_equal(is->kind, "CREATE ROLE") || text_equal(is->kind, "ALTER ROLE WITH")))
		return false;
	return names_role(is, role) && !backup_has_role(proof, role);
}

/* A database that every new cluster has, with nothing in it, where the source has none any more. */
static bool
is_scratch_database(const struct scan_difference *difference)
{
	const struct contents_section *is = difference->is_in;

	return difference->was_in == NULL && !is->creates && is->statement_count == 0 &&
	       is->table_count == 0 && is->sequence_count == 0 && is->large_object_count == 0;
}

/* "database shop: table public.t". The caller frees it. */
static char *
where_of(const struct scan_difference *difference)
{
	const char *database = scan_difference_database(difference);
	struct buf where = BUF_EMPTY;
	struct buf name = BUF_EMPTY;

	if (database != NULL)
		buf_append_format(&where, "database %s", database);
	else
		buf_append_text(&where, "globals");
	scan_difference_write_name(difference, &name);
	if (name.len > 0)
		buf_append_format(&where, ": %s", buf_text(&name));
	buf_clear(&name);
	return buf_take(&where);
}

static char *
side_of(const struct scan_difference *difference, bool after)
{
	struct buf text = BUF_EMPTY;

	scan_difference_write_side(difference, after, &text);
	return buf_take(&text);
}

static struct scan_finding *
add_finding(const struct scan_difference *difference, struct scan_findings *findings)
{
	MEM_GROW(findings->list, findings->count, findings->capacity);
	struct scan_finding *finding = &findings->list[findings->count++];
	*finding = (struct scan_finding){ .where = where_of(difference) };
	return finding;
}

static void
add_by_digest(const struct scan_difference *difference, struct scan_findings *findings)
{
	struct scan_finding *finding = add_finding(difference, findings);

	finding->expected = side_of(difference, false);
	finding->found = side_of(difference, true);
}

/* The texts of both sides, as far as there are sides. As read_text(). */
static int
read_texts(
	struct scan_proof *proof, const struct scan_difference *difference, struct buf *was, struct buf *is)
{
	int result = proof->shown < TEXTS_SHOWN ? 0 : UNKNOWN;

	if (result == 0 && difference->statement.was != NULL)
		result = read_text(proof, difference->statement.was->at, was);
	if (result == 0 && difference->statement.is != NULL)
		result = found_text(proof, difference->statement.is, is);
	return result;
}

/* A statement is shown with its texts, as far as they are known. 0 or -1. */
static int
judge_statement(
	struct scan_proof *proof, const struct scan_difference *difference, struct scan_findings *findings)
{
	bool both = difference->statement.was != NULL && difference->statement.is != NULL;
	struct buf was = BUF_EMPTY, is = BUF_EMPTY;

	if (is_scratch_role(proof, difference))
		return 0;
	int result = read_texts(proof, difference, &was, &is);
	if (result == UNKNOWN) {
		add_by_digest(difference, findings);
	} else if (result == 0 && !(both && scan_same_statement(buf_text(&was), buf_text(&is)))) {
		struct scan_finding *finding = add_finding(difference, findings);

		proof->shown++;
		scan_same_show(was.bytes, is.bytes, &finding->expected, &finding->found);
	}
	buf_clear(&was);
	buf_clear(&is);
	return result < 0 ? -1 : 0;
}

int
scan_proof_compare(struct scan_proof *proof, struct scan_findings *findings)
{
	struct scan_diff diff;
	int result = 0;

	scan_diff_init(&diff);
	scan_diff_compare(&diff, proof->options.recorded, proof->options.found);
	for (size_t i = 0; result == 0 && i < diff.count; i++) {
		const struct scan_difference *difference = &diff.list[i];

		if (difference->what == SCAN_DIFF_STATEMENT) {
			result = judge_statement(proof, difference, findings);
			continue;
		}
		if ((difference->what == SCAN_DIFF_TABLE && same_rows(proof, difference)) ||
			(difference->what == SCAN_DIFF_DATABASE && is_scratch_database(difference)))
			continue;
		add_by_digest(difference, findings);
	}
	scan_diff_clear(&diff);
	return result;
}

void
scan_proof_show(const char *was, const char *is, char **expected, char **found)
{
	scan_same_show(was, is, expected, found);
}
