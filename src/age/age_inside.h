/*
 * What the files of age/ share. Numbers and labels are those of the format's specification (C2SP, age.md).
 */
#ifndef INCANT_AGE_INSIDE_H
#define INCANT_AGE_INSIDE_H

#include "incant/age.h"
#include "incant/error.h"

#define AGE_FILE_KEY_BYTES 16
#define AGE_KEY_BYTES      32 /* X25519 keys, ChaCha20-Poly1305 keys, MACs */
#define AGE_TAG_BYTES      16
#define AGE_NONCE_BYTES    16 /* of the payload */
#define AGE_CHUNK_BYTES    ((size_t)64 << 10)
#define AGE_SEALED_BYTES   (AGE_CHUNK_BYTES + AGE_TAG_BYTES)
#define AGE_WRAPPED_BYTES  (AGE_FILE_KEY_BYTES + AGE_TAG_BYTES)
#define AGE_SALT_BYTES     16 /* of scrypt */

#define AGE_INTRO        "age-encryption.org/v1\n"
#define AGE_ARMOR_BEGIN  "-----BEGIN AGE ENCRYPTED FILE-----"
#define AGE_ARMOR_END    "-----END AGE ENCRYPTED FILE-----"
#define AGE_HEADER_LIMIT ((size_t)256 << 10)

/* age_crypto.c: libcrypto's primitives. 0, or -1 with ERR_INTERNAL. ------------------------------------- */

/* HKDF-SHA-256. */
struct age_hkdf {
	const void *key, *salt, *info;
	size_t key_len, salt_len, info_len;
};
int age_hkdf(const struct age_hkdf *from, unsigned char *out, size_t out_len);
int age_hmac(const unsigned char key[AGE_KEY_BYTES], const void *bytes, size_t len,
	unsigned char mac[AGE_KEY_BYTES]);
int age_random(unsigned char *bytes, size_t len);

int age_x25519_public(const unsigned char secret[AGE_KEY_BYTES], unsigned char public[AGE_KEY_BYTES]);
/* AGE_REFUSED: the other side's key is of low order. */
enum { AGE_REFUSED = 1 };
int age_x25519_shared(const unsigned char secret[AGE_KEY_BYTES], const unsigned char public[AGE_KEY_BYTES],
	unsigned char shared[AGE_KEY_BYTES]);
int age_scrypt_key(const char *passphrase, const unsigned char *salt, size_t salt_len, unsigned log_n,
	unsigned char key[AGE_KEY_BYTES]);

/* ChaCha20-Poly1305 under one key. nonce: 12 bytes. */
#define AGE_AEAD_NONCE 12
struct age_aead;
struct age_aead *age_aead_new(const unsigned char key[AGE_KEY_BYTES], bool seal);
void age_aead_free(struct age_aead *aead);
/* sealed has room for len + AGE_TAG_BYTES. */
int age_aead_seal(struct age_aead *aead, const unsigned char *nonce, const void *plain, size_t len,
	unsigned char *sealed);
/* len: of the plain bytes. 0, AGE_REFUSED when the tag does not fit, or -1. */
int age_aead_open(struct age_aead *aead, const unsigned char *nonce, const unsigned char *sealed, size_t len,
	unsigned char *plain);
/* One message under a key of its own, with the nonce 0. */
int age_seal_once(
	const unsigned char key[AGE_KEY_BYTES], const void *plain, size_t len, unsigned char *sealed);
int age_open_once(const unsigned char key[AGE_KEY_BYTES], const unsigned char *sealed, size_t len,
	unsigned char *plain);

/* age_base64.c: without padding, canonical. -------------------------------------------------------------- */

void age_base64_append(struct buf *to, const void *bytes, size_t len);
/* Decodes len characters into out (room for len / 4 * 3 + 2). 0 with *out_len, or -1 without an error. */
int age_base64_decode(const char *text, size_t len, unsigned char *out, size_t *out_len);

/* age_bech32.c ------------------------------------------------------------------------------------------- */

/* hrp in lower or upper case; text (room for AGE_KEY_TEXT) in the same. */
void age_bech32_encode(const char *hrp, const unsigned char bytes[AGE_KEY_BYTES], char *text);
/* 0 when text is 32 bytes under this very hrp, checksum and all; -1 without an error. */
int age_bech32_decode(const char *hrp, const char *text, unsigned char bytes[AGE_KEY_BYTES]);

/* age_header.c ------------------------------------------------------------------------------------------- */

struct age_stanza {
	char **args; /* the first is the type */
	size_t arg_count, arg_capacity;
	unsigned char *body;
	size_t body_len, body_capacity;
};
struct age_header {
	struct age_stanza *stanzas;
	size_t count, capacity;
	unsigned char mac[AGE_KEY_BYTES];
	size_t bytes;     /* of the whole header */
	size_t mac_bytes; /* from the start, that the MAC covers */
};
void age_header_clear(struct age_header *header);
/* Parses the header at the start of bytes. 0; AGE_MORE when it goes on behind len; -1 with ERR_DAMAGED naming
 * name. */
enum { AGE_MORE = 2 };
int age_header_parse(const char *bytes, size_t len, const char *name, struct age_header *header);
/* Appends a stanza's text; the MAC's line, which ends the header in buf (all of it). */
void age_header_add(
	struct buf *buf, const char *type, const char *arg, const unsigned char *body, size_t len);
int age_header_end(struct buf *buf, const unsigned char file_key[AGE_FILE_KEY_BYTES]);
/* Whether the MAC fits: 0, or -1 with ERR_DAMAGED. bytes is where the header was parsed from. */
int age_header_prove(const struct age_header *header, const char *bytes,
	const unsigned char file_key[AGE_FILE_KEY_BYTES], const char *name);
/* Reads the header of an input: its bytes into *text, parsed into *header. 0 or -1. */
int age_header_read(struct input *input, struct buf *text, struct age_header *header);
/* "X25519, X25519, mlkem768x25519": the stanzas' types. The caller frees it. */
char *age_header_types(const struct age_header *header);

/* The kinds of stanza: 0 with the file key, AGE_REFUSED when it is not for this one, -1. --------------------
 */

int age_x25519_wrap(struct buf *header, const unsigned char recipient[AGE_KEY_BYTES],
	const unsigned char ephemeral[AGE_KEY_BYTES], const unsigned char file_key[AGE_FILE_KEY_BYTES]);
int age_x25519_unwrap(const struct age_stanza *stanza, const unsigned char secret[AGE_KEY_BYTES],
	const char *name, unsigned char file_key[AGE_FILE_KEY_BYTES]);
int age_scrypt_unwrap(const struct age_stanza *stanza, const char *passphrase, const char *name,
	unsigned char file_key[AGE_FILE_KEY_BYTES]);

/* age_recipients.c, age_identity.c ----------------------------------------------------------------------- */

const unsigned char *age_recipients_key(const struct age_recipients *recipients, size_t index);
/* Finds the file key of a parsed header and proves the MAC. 0, or -1: ERR_KEYS, ERR_DAMAGED. */
int age_identities_unwrap(const struct age_identities *identities, const struct age_header *header,
	const char *bytes, const char *name, unsigned char file_key[AGE_FILE_KEY_BYTES]);

/* age_payload.c ------------------------------------------------------------------------------------------ */

/* The payload's key: HKDF of the file key with the nonce. */
struct age_aead *age_payload_new(const unsigned char file_key[AGE_FILE_KEY_BYTES],
	const unsigned char nonce[AGE_NONCE_BYTES], bool seal);
int age_payload_seal(struct age_aead *aead, uint64_t chunk, bool last, const void *plain, size_t len,
	unsigned char *sealed);
/* len: of the plain bytes. 0, AGE_REFUSED or -1. */
int age_payload_open(struct age_aead *aead, uint64_t chunk, bool last, const unsigned char *sealed,
	size_t len, unsigned char *plain);
/* How a payload of so many bytes (without its nonce) is cut. 0, or -1 without an error: no payload has that
 * size. */
struct age_cut {
	uint64_t chunks, plain_bytes;
};
int age_payload_cut(uint64_t payload_bytes, struct age_cut *cut);

/* age_armor.c -------------------------------------------------------------------------------------------- */

/* Decodes an armored file, strictly. Appends to out. 0, or -1 with ERR_DAMAGED. */
int age_armor_decode(const char *text, size_t len, const char *name, struct buf *out);
bool age_armor_is(const char *text, size_t len);

/* age_seed.c: what a seed gives, or chance. -------------------------------------------------------------- */

/* seed NULL: random. label and further bytes say what it is for. */
int age_seed_draw(const unsigned char *seed, const char *label, const unsigned char *more, size_t more_len,
	unsigned char *out, size_t len);

#endif
