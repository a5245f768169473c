/* The parts of which commands' JSON objects are made. */
#ifndef INCANT_CLI_OUTPUT_JSON_H
#define INCANT_CLI_OUTPUT_JSON_H

#include <stdint.h>

#include "incant/error.h"
#include "incant/json.h"
#include "incant/op.h"

/* RFC 3339, UTC. */
void output_json_time(struct json *to, const char *key, int64_t at);

/* Seconds as a real number. */
void output_json_seconds(struct json *to, const char *key, uint64_t ms);

/* A number of bytes; UINT64_MAX, which stands for "not known", is null. */
void output_json_known_bytes(struct json *to, const char *key, uint64_t bytes);

/* {"class", "message", "hint"}. NULL for no error. The caller's. */
struct json *output_json_error(const struct error *error);

/* A backup with every member that backups have. NULL when its manifest is empty (none is known). The
 * caller's. */
struct json *output_json_backup(const struct op_backup *backup);

/* What every object has behind the command's own members: "ok", "exit_code", "warnings", and "error" after a
 * failure (NULL = none). */
void output_json_end(struct json *to, int exit_code, const struct error *error);

#endif
