/* verify --restore: what cmd_verify.c leaves to cmd_prove.c. */
#ifndef INCANT_CLI_CMD_PROVE_H
#define INCANT_CLI_CMD_PROVE_H

#include "command.h"

/* Reads --scratch, and refuses what makes sense with --restore only. 0, or -1 with ERR_USAGE. */
int cmd_prove_check(struct words *words);

/* Reads --scratch into words->scratch_kind. 0, or -1 with ERR_USAGE. */
int cmd_prove_read_kind(struct words *words);

int cmd_prove_run(const struct settings *settings, const struct words *words, struct report *report);
void cmd_prove_put_json(const struct report *report, struct json *to);
void cmd_prove_put_text(const struct words *words, const struct report *report, struct buf *text);

/* What a proof found, as JSON: {"ok", "scratch", "seconds", …}; NULL gives NULL. */
struct json *cmd_prove_to_json(const struct proof *proof);

/* A proof for people: the verdict on one line, and every difference below it. */
void cmd_prove_put_proof(const struct proof *proof, struct buf *text);

/* How to reach a scratch server that stays, and how to end it. */
void cmd_prove_put_server(const char *server, const char *conninfo, struct buf *text);

#endif
