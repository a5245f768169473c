/*
 * Rows in COPY's text form: fields between tabs. A tab or a newline in a value is written with a backslash,
 * so both are what they seem to be. Only the few tables that need it come through here, so a row at a time
 * will do.
 */
#include "config.h"

#include "scan_rows.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

/* One column's name in a list, quotes included. Borrowed from the list. */
struct column {
	const char *text;
	size_t len;
};

/* Behind the column that begins at text. */
static const char *
column_end(const char *text)
{
	bool quoted = false;

	for (; *text != '\0' && (quoted || *text != ','); text++)
		if (*text == '"')
			quoted = !quoted;
	return text;
}

/* Takes a list apart. *columns is the caller's to free. Returns how many there are. */
static size_t
split_columns(const char *list, struct column **columns)
{
	size_t count = 0, capacity = 0;

	*columns = NULL;
	while (*list != '\0') {
		const char *end = column_end(list);

		MEM_GROW(*columns, count, capacity);
		(*columns)[count++] = (struct column){ list, (size_t)(end - list) };
		list = *end == ',' ? end + 1 : end;
		while (*list == ' ')
			list++;
	}
	return count;
}

static bool
same_column(const struct column *a, const struct column *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Where a column stands in a list; count when it does not. */
static size_t
find_column(const struct column *columns, size_t count, const struct column *wanted)
{
	size_t at = 0;

	while (at < count && !same_column(&columns[at], wanted))
		at++;
	return at;
}

bool
scan_rows_begin(struct scan_rows *rows, const char *coming, const char *wanted)
{
	struct column *from, *to;
	size_t from_count = split_columns(coming, &from);
	size_t to_count = split_columns(wanted, &to);
	size_t *order = mem_alloc((to_count + 1) * sizeof(*order));
	bool permuted = from_count == to_count && strcmp(coming, wanted) != 0;

	for (size_t i = 0; permuted && i < to_count; i++) {
		order[i] = find_column(from, from_count, &to[i]);
		permuted = order[i] < from_count;
	}
	free(from);
	free(to);
	if (!permuted) {
		free(order);
		return false;
	}
	*rows = (struct scan_rows){ .order = order, .count = to_count };
	rows->begins = mem_alloc((to_count + 1) * sizeof(*rows->begins));
	return true;
}

/* Finds the fields of the row. False when there are more or fewer than columns. */
static bool
split_row(struct scan_rows *rows)
{
	const char *row = buf_text(&rows->row);
	size_t fields = 0;

	rows->begins[fields++] = 0;
	for (size_t i = 0; i < rows->row.len; i++) {
		if (row[i] != '\t')
			continue;
		if (fields == rows->count)
			return false;
		rows->begins[fields++] = i + 1;
	}
	rows->begins[fields] = rows->row.len + 1; /* as if another tab came */
	return fields == rows->count;
}

static void
end_row(struct scan_rows *rows)
{
	const char *row = buf_text(&rows->row);

	if (!split_row(rows)) {
		rows->odd = true;
		return;
	}
	buf_reset(&rows->permuted);
	for (size_t i = 0; i < rows->count; i++) {
		size_t field = rows->order[i];

		if (i > 0)
			buf_append_char(&rows->permuted, '\t');
		buf_append(&rows->permuted, row + rows->begins[field],
			rows->begins[field + 1] - rows->begins[field] - 1);
	}
	rows->digest =
		digest128_add(rows->digest, digest_xxh128(buf_text(&rows->permuted), rows->permuted.len));
}

void
scan_rows_write(struct scan_rows *rows, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));

		buf_append(&rows->row, bytes, (size_t)((newline != NULL ? newline : end) - bytes));
		if (newline == NULL)
			return;
		end_row(rows);
		buf_reset(&rows->row);
		bytes = newline + 1;
	}
}

bool
scan_rows_digest(const struct scan_rows *rows, struct digest128 *digest)
{
	*digest = rows->digest;
	return !rows->odd && rows->row.len == 0;
}

void
scan_rows_clear(struct scan_rows *rows)
{
	free(rows->order);
	free(rows->begins);
	buf_clear(&rows->row);
	buf_clear(&rows->permuted);
	*rows = (struct scan_rows){ .order = NULL };
}
