/*
 * Output for people. Widths are counted in characters, not bytes; a character that takes two columns pushes
 * its line out of place, which is not worth a table of them.
 */
#include "config.h"

#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/mem.h"
#include "incant/text.h"

void
output_table_begin(struct output_table *table, const struct output_column *columns, size_t column_count)
{
	*table = (struct output_table){ .columns = columns, .column_count = column_count };
}

void
output_table_add(struct output_table *table, const char *cell)
{
	MEM_GROW(table->cells, table->count, table->capacity);
	table->cells[table->count++] = cell != NULL ? text_printable(cell, strlen(cell)) : mem_text("");
}

void
output_table_add_bytes(struct output_table *table, uint64_t bytes)
{
	char text[16];

	output_table_add(table, text_format_bytes(text, sizeof(text), bytes));
}

void
output_table_add_count(struct output_table *table, uint64_t count)
{
	char text[32];

	output_table_add(table, text_format_count(text, sizeof(text), count));
}

/* Characters of UTF-8 text: bytes that do not continue one. */
static size_t
count_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0U) != 0x80U;
	return count;
}

static void
append_blanks(struct buf *text, size_t count)
{
	for (; count > 0; count--)
		buf_append_char(text, ' ');
}

static size_t
column_width(const struct output_table *table, size_t column)
{
	size_t width = count_characters(table->columns[column].head);

	for (size_t i = column; i < table->count; i += table->column_count) {
		size_t cell = count_characters(table->cells[i]);
		width = cell > width ? cell : width;
	}
	return width;
}

/* One line; row 0 is the heads. Blanks at its end are left out. */
static void
append_row(
	const struct output_table *table, const size_t *widths, size_t row, size_t indent, struct buf *text)
{
	size_t owed = indent;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct output_column *column = &table->columns[i];
		const char *cell =
			row == 0 ? column->head : table->cells[(row - 1) * table->column_count + i];
		size_t padding = widths[i] - count_characters(cell);

		if (cell[0] != '\0') {
			append_blanks(text, owed + (column->right ? padding : 0));
			buf_append_text(text, cell);
			owed = 2 + (column->right ? 0 : padding);
		} else {
			owed += padding + 2;
		}
	}
	buf_append_char(text, '\n');
}

void
output_table_write(struct output_table *table, size_t indent, struct buf *text)
{
	size_t *widths = mem_alloc(table->column_count * sizeof(*widths));

	for (size_t i = 0; i < table->column_count; i++)
		widths[i] = column_width(table, i);
	for (size_t row = 0; row <= table->count / table->column_count; row++)
		append_row(table, widths, row, indent, text);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(widths);
	*table = (struct output_table){ .cells = NULL };
}

void
output_text(struct buf *text, const char *from)
{
	char *printable = text_printable(from, strlen(from));

	buf_append_text(text, printable);
	free(printable);
}

void
output_name(struct buf *text, const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char later[] = "abcdefghijklmnopqrstuvwxyz_0123456789$";

	if (name[0] != '\0' && strchr(first, name[0]) != NULL && strspn(name, later) == strlen(name)) {
		buf_append_text(text, name);
		return;
	}
	struct buf quoted = BUF_EMPTY;
	buf_append_char(&quoted, '"');
	for (; *name != '\0'; name++) {
		if (*name == '"')
			buf_append_char(&quoted, '"');
		buf_append_char(&quoted, *name);
	}
	buf_append_char(&quoted, '"');
	output_text(text, buf_text(&quoted));
	buf_clear(&quoted);
}

void
output_count(struct buf *text, uint64_t count, const char *one, const char *many)
{
	char number[32];

	buf_append_format(
		text, "%s %s", text_format_count(number, sizeof(number), count), count == 1 ? one : many);
}

void
output_bytes(struct buf *text, uint64_t bytes)
{
	char number[16];

	buf_append_text(text, text_format_bytes(number, sizeof(number), bytes));
}

void
output_duration(struct buf *text, uint64_t ms)
{
	char number[24];

	buf_append_text(text, text_format_duration(number, sizeof(number), ms));
}

char *
output_format_age(char text[OUTPUT_AGE_SIZE], int64_t then, int64_t now)
{
	static const struct {
		int64_t until, unit;
		char letter;
	} steps[] = {
		{ 90, 1, 's' },
		{ 90 * 60, 60, 'm' },
		{ 48 * 60 * 60, 60 * 60, 'h' },
		{ INT64_MAX, 24 * 60 * 60, 'd' },
	};
	int64_t seconds = now > then ? now - then : 0;
	size_t step = 0;

	while (seconds >= steps[step].until)
		step++;
	(void)snprintf(
		text, OUTPUT_AGE_SIZE, "%lld%c", (long long)(seconds / steps[step].unit), steps[step].letter);
	return text;
}

void
output_stores(struct buf *text, const struct op_backup *backup)
{
	for (size_t i = 0; i < backup->store_count; i++) {
		buf_append_text(text, i > 0 ? ", " : "");
		output_text(text, backup->stores[i]);
	}
}

void
output_pin(struct buf *text, const struct pin *pin)
{
	char when[CLOCK_RFC3339_SIZE];

	if (pin->until == 0)
		buf_append_text(text, "pinned for ever");
	else
		buf_append_format(text, "%s %s",
			pin_holds(pin, clock_now()) ? "pinned until" : "a pin that ended at",
			clock_format_local(when, pin->until));
	if (pin->reason != NULL) {
		buf_append_text(text, ": ");
		output_text(text, pin->reason);
	}
}

void
output_proof(struct buf *text, const struct proof *proof)
{
	char when[CLOCK_RFC3339_SIZE];

	clock_format_local(when, proof->at);
	if (proof->ok) {
		buf_append_format(text, "restored and compared on %s in ", when);
		output_duration(text, proof->ms);
		return;
	}
	buf_append_format(text, "FAILED on %s: ", when);
	if (proof->reason != NULL)
		output_text(text, proof->reason);
	else
		output_count(text, proof->difference_count, "difference", "differences");
}

void
output_contents(struct buf *text, const struct manifest *manifest)
{
	if (manifest->no_totals) {
		buf_append_text(text, "encrypted contents");
		return;
	}
	output_count(text, manifest->databases, "database", "databases");
	buf_append_text(text, ", ");
	output_count(text, manifest->tables, "table", "tables");
	buf_append_text(text, ", ");
	output_count(text, manifest->rows, "row", "rows");
}
