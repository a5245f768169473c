/*
 * A pin: what keeps a backup out of rotation, for ever or until a date. It is a record beside the backup,
 * SOURCE/ID/pin.json, in every store that has the backup, and goes by `unpin` or with the backup. One that
 * has ended stays where it is and holds nothing.
 *
 *     { "format": 1, "at": "2026-11-22T03:00:00Z", "until": null, "reason": "before the migration" }
 */
#ifndef INCANT_PIN_H
#define INCANT_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/store.h"

#define PIN_FORMAT      1
#define PIN_NAME        "pin.json"
#define PIN_LIMIT_BYTES (1u << 16)

struct pin {
	int64_t at;    /* when it was made */
	int64_t until; /* the last second that it holds; 0 = for ever */
	char *reason;  /* NULL = none was given */
};

/* A new one; reason is copied and may be NULL. pin_free(NULL) does nothing. */
struct pin *pin_new(int64_t at, int64_t until, const char *reason);
struct pin *pin_copy(const struct pin *pin); /* NULL gives NULL */
void pin_free(struct pin *pin);

/* Whether it keeps its backup at that moment; a NULL pin does not. */
bool pin_holds(const struct pin *pin, int64_t now);

/* The one of two that holds longer; either may be NULL. */
const struct pin *pin_longer(const struct pin *a, const struct pin *b);

/* Appends pin.json. */
void pin_write(const struct pin *pin, struct buf *buf);

/* Reads pin.json. A newer format is an error like any other. NULL with ERR_DAMAGED. */
struct pin *pin_read(const char *text, size_t len, const char *what);

/*
 * The pin of a backup: 0 with *pin, STORE_MISSING, or -1. One that is there and cannot be used counts as a
 * pin for ever, with a warning: 0.
 */
int pin_load(struct store *store, const char *source, const char *id, struct pin **pin);

/*
 * The two halves of pin_load(), for those who get the bytes in another way: what errors call it (the caller
 * frees it), and what is made of the bytes; got is 0, STORE_MISSING or -1 with the error.
 */
char *pin_what(const struct store *store, const char *id);
int pin_judge(int got, const struct buf *text, const char *what, struct pin **pin);

/* Puts it beside the backup (STORE_WRITE), in the place of an earlier one. 0 or -1. */
int pin_save(struct store *store, const char *source, const char *id, const struct pin *pin);

/* Takes it away (STORE_DELETE). 0, STORE_MISSING or -1. */
int pin_remove(struct store *store, const char *source, const char *id);

#endif
