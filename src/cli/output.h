/* Showing things to people: tables, names, ages, counts. Everything appended here is printable UTF-8. */
#ifndef INCANT_CLI_OUTPUT_H
#define INCANT_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/op.h"

struct output_column {
	const char *head;
	bool right; /* for numbers */
};

/* A table: begin, add cell by cell and row by row, then write, which clears it. */
struct output_table {
	const struct output_column *columns; /* borrowed */
	size_t column_count;
	char **cells;
	size_t count, capacity;
};
void output_table_begin(struct output_table *table, const struct output_column *columns, size_t column_count);
void output_table_add(struct output_table *table, const char *cell); /* copied; NULL = empty */
void output_table_add_bytes(struct output_table *table, uint64_t bytes);
void output_table_add_count(struct output_table *table, uint64_t count);
/* Appends heads and rows, each line behind `indent` blanks, columns two blanks apart. */
void output_table_write(struct output_table *table, size_t indent, struct buf *text);

/* Appends text as it can be shown. */
void output_text(struct buf *text, const char *from);

/* Appends a name as SQL would have it: in double quotes where it needs them. */
void output_name(struct buf *text, const char *name);

/* Appends "1 row", "1,234 rows". */
void output_count(struct buf *text, uint64_t count, const char *one, const char *many);

/* Append "1.2 GiB"; "1m 03s". */
void output_bytes(struct buf *text, uint64_t bytes);
void output_duration(struct buf *text, uint64_t ms);

/* "45s", "12m", "5h", "12d": from then to now; "0s" for what is still to come. Returns text. */
#define OUTPUT_AGE_SIZE 24
char *output_format_age(char text[OUTPUT_AGE_SIZE], int64_t then, int64_t now);

/* Appends "local, spaces". */
void output_stores(struct buf *text, const struct op_backup *backup);

/* Appends "pinned for ever: before the migration", "pinned until 2026-12-31 23:59:59 +0100", "a pin that
 * ended at …". */
void output_pin(struct buf *text, const struct pin *pin);

/* Appends "restored and compared on 2026-11-22 04:00:00 +0100 in 5.4s", "FAILED on …: 3 differences", "FAILED
 * on …: why". */
void output_proof(struct buf *text, const struct proof *proof);

/* Appends "3 databases, 12 tables, 1,234 rows". */
void output_contents(struct buf *text, const struct manifest *manifest);

#endif
