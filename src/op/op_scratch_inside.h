/*
 * A scratch server for one backup: chosen by the settings, made to fit the backup (major version, first role,
 * encoding, tablespaces), refused where there is no room for it.
 */
#ifndef INCANT_OP_SCRATCH_INSIDE_H
#define INCANT_OP_SCRATCH_INSIDE_H

#include <stdbool.h>

#include "incant/scratch.h"
#include "incant/settings.h"

#include "op_opened.h"

struct op_scratch {
	struct scratch *scratch;
	enum scratch_kind kind;
	char *superuser;
	char *image;    /* of a container; NULL = none */
	char *conninfo; /* to restore by */
};

/*
 * Sweeps what runs that died have left, looks for room, and starts a server for that backup, whose record has
 * been read. kind overrules the settings'. 0, or -1 with ERR_PROOF (or ERR_SOURCE, ERR_SETTINGS); cleared by
 * the caller in both cases, which ends the server unless it is to be kept.
 */
int op_scratch_start(struct op_scratch *scratch, const struct settings *settings, struct op_opened *opened,
	enum settings_scratch_kind kind, bool keep);
void op_scratch_clear(struct op_scratch *scratch);

/* The engine's socket: that of a source in a container, or the usual one. Borrowed. */
const char *op_scratch_docker_socket(const struct settings *settings);

/* "docker" or "cluster". */
const char *op_scratch_word(const struct op_scratch *scratch);

/* Reads the text of a statement from an opened backup. Appends. 0 or -1. */
int op_scratch_read_text(void *opened, struct extent at, struct buf *text);

/*
 * The settings to dump it by: a copy of settings whose source is the scratch server. Borrows from both; it
 * has nothing to free.
 */
void op_scratch_source(
	const struct op_scratch *scratch, const struct settings *settings, struct settings *copy);

#endif
