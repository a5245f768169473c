/* Showing checks: doctor's and status's lines, and their JSON. */
#ifndef INCANT_CLI_OUTPUT_CHECK_H
#define INCANT_CLI_OUTPUT_CHECK_H

#include "incant/buf.h"
#include "incant/json.h"
#include "incant/op_check.h"

/* Appends a line a check: "ok    NAME: DETAIL", "BAD   NAME: DETAIL" and below it "      → HINT". */
void output_checks(struct buf *text, const struct op_checks *checks);

/* Puts "checks": [{"name", "ok", "detail", "hint"}]. */
void output_json_checks(struct json *to, const struct op_checks *checks);

#endif
