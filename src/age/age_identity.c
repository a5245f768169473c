/*
 * Identities: secret keys and passphrases in memory, and the search for the one that opens a file. Every copy
 * that is made of a secret is wiped; the process leaves no core dump while there is one.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "age_inside.h"
#include "incant/mem.h"
#include "incant/secret.h"
#include "incant/text.h"

#define SECRET_HRP "AGE-SECRET-KEY-"

struct identity {
	unsigned char secret[AGE_KEY_BYTES];
	unsigned char public[AGE_KEY_BYTES];
	char *passphrase; /* rather than a key */
};

struct age_identities {
	struct identity **items; /* each in its own place: growing copies no secret */
	size_t count, capacity;
};

struct age_identities *
age_identities_new(void)
{
	secret_hold();
	return mem_zero(sizeof(struct age_identities));
}

void
age_identities_free(struct age_identities *identities)
{
	if (identities == NULL)
		return;
	for (size_t i = 0; i < identities->count; i++) {
		secret_free(identities->items[i]->passphrase);
		secret_wipe(identities->items[i], sizeof(*identities->items[i]));
		free(identities->items[i]);
	}
	free(identities->items);
	free(identities);
	secret_release();
}

static struct identity *
identities_grow(struct age_identities *identities)
{
	MEM_GROW(identities->items, identities->count, identities->capacity);
	identities->items[identities->count] = mem_zero(sizeof(struct identity));
	return identities->items[identities->count++];
}

/* Refuses a text by what it seems to be, without repeating it: it may be a secret. */
static int
refuse(const char *text, const char *where)
{
	static const char only[] = "only X25519 identities are supported (" SECRET_HRP "1 and 58 characters)";

	if (text_starts(text, SECRET_HRP "PQ-1"))
		return error_set(ERR_KEYS, "%s: this is a post-quantum identity; %s", where, only);
	if (text_starts(text, "AGE-PLUGIN-"))
		return error_set(ERR_KEYS, "%s: this is an identity of a plugin; %s", where, only);
	if (text_starts(text, "-----BEGIN ") && strstr(text, "PRIVATE KEY") != NULL)
		return error_set(ERR_KEYS, "%s: this is an ssh key; %s", where, only);
	if (text_starts(text, "age1"))
		return error_set(ERR_KEYS, "%s: a recipient stands where an identity belongs", where);
	if (text_starts(text, SECRET_HRP))
		return error_set(ERR_KEYS, "%s: this identity was not copied whole and right", where);
	return error_set(ERR_KEYS, "%s: this is not an identity; %s", where, only);
}

int
age_identities_add(struct age_identities *identities, const char *text, const char *where)
{
	struct identity new = { .passphrase = NULL };
	int rc = age_bech32_decode(SECRET_HRP, text, new.secret);

	if (rc != 0)
		rc = refuse(text, where);
	else
		rc = age_x25519_public(new.secret, new.public);
	if (rc == 0)
		*identities_grow(identities) = new;
	secret_wipe(&new, sizeof(new));
	return rc;
}

int
age_identities_add_passphrase(struct age_identities *identities, const char *passphrase)
{
	identities_grow(identities)->passphrase = mem_text(passphrase);
	return 0;
}

size_t
age_identities_count(const struct age_identities *identities)
{
	return identities->count;
}

bool
age_identities_fit(
	const struct age_identities *identities, const struct age_recipients *recipients, size_t index)
{
	const unsigned char *key = age_recipients_key(recipients, index);

	for (size_t i = 0; i < identities->count; i++)
		if (identities->items[i]->passphrase == NULL &&
			memcmp(identities->items[i]->public, key, AGE_KEY_BYTES) == 0)
			return true;
	return false;
}

/* Tries all on one stanza: 0 with the file key, AGE_REFUSED or -1. */
static int
unwrap_stanza(const struct age_identities *identities, const struct age_stanza *stanza, const char *name,
	unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	int rc = AGE_REFUSED;

	for (size_t i = 0; rc == AGE_REFUSED && i < identities->count; i++) {
		const struct identity *identity = identities->items[i];

		rc = identity->passphrase != NULL
			     ? age_scrypt_unwrap(stanza, identity->passphrase, name, file_key)
			     : age_x25519_unwrap(stanza, identity->secret, name, file_key);
	}
	return rc;
}

static int
fail_no_match(const struct age_header *header, const char *name)
{
	char *types = age_header_types(header);

	error_set(ERR_KEYS, "%s is encrypted to %zu %s (%s), and no identity at hand is for %s", name,
		header->count, header->count == 1 ? "recipient" : "recipients", types,
		header->count == 1 ? "it" : "any of them");
	free(types);
	return -1;
}

int
age_identities_unwrap(const struct age_identities *identities, const struct age_header *header,
	const char *bytes, const char *name, unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	int rc = AGE_REFUSED;

	/* Whoever could open one with a passphrase must not be able to add recipients, nor the reverse. */
	for (size_t i = 0; header->count > 1 && i < header->count; i++)
		if (strcmp(header->stanzas[i].args[0], "scrypt") == 0)
			return error_set(ERR_DAMAGED,
				"%s: the age header is damaged: a scrypt stanza is not the only one", name);
	for (size_t i = 0; rc == AGE_REFUSED && i < header->count; i++)
		rc = unwrap_stanza(identities, &header->stanzas[i], name, file_key);
	if (rc == AGE_REFUSED)
		return fail_no_match(header, name);
	return rc == 0 ? age_header_prove(header, bytes, file_key, name) : -1;
}

int
age_identity_generate(char secret[AGE_KEY_TEXT], char recipient[AGE_KEY_TEXT])
{
	unsigned char key[AGE_KEY_BYTES], public[AGE_KEY_BYTES];
	int rc;

	secret_hold();
	rc = age_random(key, sizeof(key));
	if (rc == 0)
		rc = age_x25519_public(key, public);
	if (rc == 0) {
		age_bech32_encode(SECRET_HRP, key, secret);
		age_bech32_encode("age", public, recipient);
	}
	secret_wipe(key, sizeof(key));
	secret_release();
	return rc;
}
