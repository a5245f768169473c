/*
 * The tables of sections and keys. They drive parsing, the nearest word of a hint, required keys, duplicates,
 * and the list against which the manual is checked.
 */
#ifndef INCANT_SETTINGS_KEYS_H
#define INCANT_SETTINGS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/settings.h"

struct settings_key {
	const char *name;
	size_t offset; /* of its field in the section's struct */
	/* 0; SETTINGS_MORE when the key may come again and adds to the field; -1 without an error set. value
	 * is not empty. */
	int (*parse)(const char *value, void *field);
	const char *expected; /* what a value must be, for the error: "an absolute path" */
	bool required;
};

enum { SETTINGS_MORE = 1 };

/* At most this many keys a section: those given are kept as bits. */
#define SETTINGS_KEYS_MAX 64

enum settings_named { SETTINGS_UNNAMED = false, SETTINGS_NAMED = true, SETTINGS_MAY_BE_NAMED };

struct settings_section {
	const char *word;                /* "store" */
	enum settings_named named;       /* [store NAME], any number; otherwise [word], once; or both */
	const struct settings_key *keys; /* ends with name NULL */
	/* The struct that the keys' offsets count from; a named section makes a new one. */
	void *(*begin)(struct settings *settings, const char *name);
};

/* Ends with word NULL. */
extern const struct settings_section settings_sections[];

/* Readers of values that several sections use: any text; an absolute path (the field is a char *); yes or no
 * (a bool); a duration of at most 24 days (a uint64_t of milliseconds). */
int settings_parse_text(const char *value, void *field);
int settings_parse_path(const char *value, void *field);
int settings_parse_yes_or_no(const char *value, void *field);
int settings_parse_duration(const char *value, void *field);

/* [store NAME]: settings_store.c. The check is of what belongs to each store's kind. */
extern const struct settings_key settings_store_keys[];
void *settings_begin_store(struct settings *settings, const char *name);
int settings_check_stores(const struct settings *settings);

/* [droplet]: settings_droplet.c. */
extern const struct settings_key settings_droplet_keys[];
void settings_default_droplet(struct settings_droplet *droplet);
void *settings_begin_droplet(struct settings *settings, const char *name);

/* [status] and [notify]: settings_watch.c. */
extern const struct settings_key settings_status_keys[], settings_notify_keys[];
void settings_default_watch(struct settings *settings);
void *settings_begin_status(struct settings *settings, const char *name);
void *settings_begin_notify(struct settings *settings, const char *name);
void settings_free_watch(struct settings *settings);

/* A program and its arguments; the field is a struct settings_words. */
int settings_parse_command(const char *value, void *field);

/* [files NAME], in settings_files.c. */
extern const struct settings_key settings_files_keys[];
void *settings_begin_files(struct settings *settings, const char *name);
int settings_check_files(const struct settings *settings); /* 0, or -1 with ERR_SETTINGS */
void settings_free_files(struct settings *settings);
void settings_words_clear(struct settings_words *words);

/* [scratch]: settings_scratch.c. */
extern const struct settings_key settings_scratch_keys[];
void settings_default_scratch(struct settings_scratch *scratch);
void *settings_begin_scratch(struct settings *settings, const char *name);

/* Encryption: settings_seal.c. */
extern const struct settings_key settings_identity_keys[];
void *settings_begin_identity(struct settings *settings, const char *name);
int settings_parse_recipients(const char *value, void *field);
void settings_add_text(struct settings_texts *texts, const char *text, size_t len);
void settings_clear_texts(struct settings_texts *texts);

/* Whether a conninfo, in either of libpq's forms, has a password word. */
bool settings_has_password(const char *conninfo);

/* [keep], in settings_keep.c: its keys; a section of it; all of them laid over each other, into the stores.
 */
extern const struct settings_key settings_keep_keys[];
void *settings_begin_keep(struct settings *settings, const char *name);
int settings_check_keeps(struct settings *settings);
void settings_free_keeps(struct settings *settings);

/* What only the whole can tell: a source and a store, the keys that belong to the source's kind. 0, or -1
 * with ERR_SETTINGS. Fills in the defaults that depend on it. */
int settings_check(struct settings *settings);

#endif
