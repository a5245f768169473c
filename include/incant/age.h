/*
 * age: files encrypted to recipients, version 1 of the format (age-encryption.org/v1), so that the age
 * program opens what is written here and the other way round. Recipients are X25519 keys; a passphrase
 * (scrypt) opens identity files. Primitives are libcrypto's.
 *
 *     head = age_encrypt_new(store_write(store, "…/cluster.sql.zst.age"), recipients, NULL);
 *     input = age_decrypt_new(input, identities);
 *
 * An age file is a header, which wraps a random file key once for each recipient, and a payload in chunks of
 * 64 KiB, each sealed with ChaCha20-Poly1305 under its number and a mark on the last. So any part can be
 * read and proven on its own, and a file that was cut does not pass.
 *
 * Errors: ERR_KEYS for a recipient or an identity that is not one, of a kind that is not supported (named),
 * or that does not open a file; ERR_DAMAGED, with the name of the file and the byte, for a file that is not
 * what was written. Secrets are wiped when what holds them is freed; while one is held the process leaves no
 * core dump (secret.h).
 */
#ifndef INCANT_AGE_H
#define INCANT_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/input.h"
#include "incant/stage.h"

#define AGE_SUFFIX     ".age"
#define AGE_SEED_BYTES 32
#define AGE_KEY_TEXT   128 /* room for a recipient or an identity as text, and its NUL */

/* Whom to encrypt to. */
struct age_recipients;
struct age_recipients *age_recipients_new(void);
void age_recipients_free(struct age_recipients *recipients); /* NULL is allowed */

/* Adds one: "age1…". where names its place in errors ("encrypt-to of [store spaces]"). One that is there
 * already is passed over. Other kinds (age1pq…, plugins' age1name1…, ssh-…) are refused by name. 0 or -1. */
int age_recipients_add(struct age_recipients *recipients, const char *text, const char *where);

/* Adds those of a file: one a line, empty lines and lines that begin with '#' left out. At least one. */
int age_recipients_add_file(struct age_recipients *recipients, const char *path);

size_t age_recipients_count(const struct age_recipients *recipients);

/* As text. Borrowed. */
const char *age_recipients_text(const struct age_recipients *recipients, size_t index);

/* What opens files: X25519 identities, passphrases. */
struct age_identities;
struct age_identities *age_identities_new(void);
void age_identities_free(struct age_identities *identities); /* wipes; NULL is allowed */

/* Adds one: "AGE-SECRET-KEY-1…". where names its place in errors; the text itself never stands in one. */
int age_identities_add(struct age_identities *identities, const char *text, const char *where);

/* Adds a passphrase, for files that were encrypted to one. */
int age_identities_add_passphrase(struct age_identities *identities, const char *passphrase);

/* Asks for the passphrase of what: appends it to *passphrase, which the caller wipes. 0, or -1 with ERR_KEYS.
 */
struct age_asker {
	int (*ask)(void *context, const char *what, struct buf *passphrase);
	void *context;
};

/*
 * Adds those of a file as age-keygen writes it: one a line, empty lines and '#' lines left out, at least one.
 * The whole may be an age file itself, armored or not, encrypted to a passphrase; the asker is called then
 * (NULL = refused). A file that others can read is refused. 0 or -1: missing, not private, no identity in
 * it, wrong passphrase.
 */
int age_identities_add_file(
	struct age_identities *identities, const char *path, const struct age_asker *asker);

size_t age_identities_count(const struct age_identities *identities);

/* Whether one of the identities opens what is encrypted to this recipient. */
bool age_identities_fit(
	const struct age_identities *identities, const struct age_recipients *recipients, size_t index);

/* A new identity and its recipient, as text. The caller wipes the secret one. 0 or -1. */
int age_identity_generate(char secret[AGE_KEY_TEXT], char recipient[AGE_KEY_TEXT]);

/*
 * The stage that encrypts (takes ownership of next, also on failure). recipients: at least one; borrowed for
 * the call. The header is written with the first bytes, or at finish.
 *
 * seed NULL: everything is random, as it should be. With AGE_SEED_BYTES of seed, the file key, the payload's
 * nonce and the ephemeral keys are derived from it, so that the same bytes to the same recipients give the
 * same age file, and an upload that was interrupted can go on where it stopped. What keeps that safe:
 *
 * - a seed is random (age_seed_new()), so what is derived from it is as good as random;
 * - it serves for the bytes of one object only. Two different plain texts under one file key and nonce would
 *   give away their difference and let chunks be forged. age_seed_derive() makes a seed for each object of a
 *   backup from one that is kept for the whole of it;
 * - the same bytes encrypted twice say nothing but that they are the same;
 * - whoever has the seed can open the object: it lives where the plain bytes lie anyway (in the first store,
 *   0600), only while the upload is unfinished, and nothing that is uploaded tells of it.
 */
struct stage *age_encrypt_new(
	struct stage *next, const struct age_recipients *recipients, const unsigned char *seed);

int age_seed_new(unsigned char seed[AGE_SEED_BYTES]); /* 0 or -1 */
/* label: what the seed is for, such as the object's whole name. 0 or -1. */
int age_seed_derive(
	unsigned char seed[AGE_SEED_BYTES], const unsigned char from[AGE_SEED_BYTES], const char *label);

/* The size of the age file for so many plain bytes and recipients. */
uint64_t age_stored_bytes(uint64_t plain_bytes, size_t recipients);

/*
 * The plain bytes of an age file (takes ownership of under, also on failure; has its name). Identities are
 * needed only for the call. The header is read, its MAC and the last chunk are proven here: so the size is
 * true, and a file that was cut is refused at once. A read decrypts the chunks that hold it, and nothing else
 * is read. NULL with ERR_KEYS when no identity fits (the message says what the file is encrypted to), or
 * ERR_DAMAGED.
 */
struct input *age_decrypt_new(struct input *under, const struct age_identities *identities);

/* Where in the age file the chunk lies that holds a plain offset: for findings. */
uint64_t age_decrypt_stored_off(const struct input *input, uint64_t plain_off);

/* What can be told without an identity: whether header and size are those of an age file. 0, or -1 with
 * ERR_DAMAGED or the input's own error. */
struct age_about {
	size_t recipients;    /* stanzas of any kind */
	uint64_t plain_bytes; /* as the size says; proven only by decrypting the last chunk */
};
int age_examine(struct input *input, struct age_about *about);

/* Whether bytes begin as an age file does, armored or not. */
bool age_is_age(const void *bytes, size_t len);

#endif
