/*
 * The keys of a command: recipients of a store, the identity of the settings, and the passphrase that the
 * identity file may need, from where the settings, the environment, systemd or a person has it.
 */
#include "config.h"

#include "op_seal.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/secret.h"
#include "incant/terminal.h"
#include "incant/text.h"

#define PASSPHRASE_LIMIT       ((size_t)1024)
#define PASSPHRASE_ENVIRONMENT "INCANT_BACKUP_PASSPHRASE"
#define PASSPHRASE_CREDENTIAL  "incant-backup.passphrase"

struct op_keys {
	const struct settings *settings;
	struct age_identities *identities; /* NULL until they are needed */
	struct error refused;              /* why they cannot be had: said each time, asked once */
};

bool
op_seal_store(const struct settings_store *place)
{
	return place->encrypt_to.count > 0;
}

bool
op_seal_object(const char *name)
{
	return text_ends(name, AGE_SUFFIX);
}

bool
op_seal_manifest(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->object_count; i++)
		if (op_seal_object(manifest->objects[i].name))
			return true;
	return false;
}

char *
op_seal_name(const char *name, bool sealed)
{
	size_t len = strlen(name) - (op_seal_object(name) ? strlen(AGE_SUFFIX) : 0);

	return mem_format("%.*s%s", (int)len, name, sealed ? AGE_SUFFIX : "");
}

enum frame_codec
op_seal_codec(const char *name)
{
	char *framed = op_seal_name(name, false);
	enum frame_codec codec = text_ends(framed, frame_codec_suffix(FRAME_GZIP)) ? FRAME_GZIP : FRAME_ZSTD;

	free(framed);
	return codec;
}

struct age_recipients *
op_seal_recipients(const struct settings_store *place)
{
	struct age_recipients *recipients = age_recipients_new();
	char *where = mem_format("encrypt-to of [store %s]", place->name);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < place->encrypt_to.count; i++) {
		const char *word = place->encrypt_to.items[i];

		rc = word[0] == '/' ? age_recipients_add_file(recipients, word)
				    : age_recipients_add(recipients, word, where);
	}
	free(where);
	if (rc == 0)
		return recipients;
	age_recipients_free(recipients);
	return NULL;
}

/* Whether b has all that a has. */
static bool
has_all(const struct age_recipients *a, const struct age_recipients *b)
{
	for (size_t i = 0; i < age_recipients_count(a); i++) {
		bool found = false;

		for (size_t k = 0; !found && k < age_recipients_count(b); k++)
			found = strcmp(age_recipients_text(a, i), age_recipients_text(b, k)) == 0;
		if (!found)
			return false;
	}
	return true;
}

int
op_seal_same(const struct settings_store *a, const struct settings_store *b)
{
	struct age_recipients *of_a = op_seal_recipients(a), *of_b = NULL;
	int same = -1;

	if (of_a != NULL)
		of_b = op_seal_recipients(b);
	if (of_b != NULL)
		same = has_all(of_a, of_b) && has_all(of_b, of_a) ? 1 : 0;
	age_recipients_free(of_a);
	age_recipients_free(of_b);
	return same;
}

struct stage *
op_seal_stage(struct stage *next, const struct settings_store *place, const unsigned char *seed)
{
	struct age_recipients *recipients;

	if (next == NULL || !op_seal_store(place))
		return next;
	recipients = op_seal_recipients(place);
	if (recipients == NULL) {
		stage_free(next);
		return NULL;
	}
	next = age_encrypt_new(next, recipients, seed);
	age_recipients_free(recipients);
	return next;
}

int
op_seal_bytes(struct buf *bytes, const struct settings_store *place)
{
	struct buf sealed = BUF_EMPTY;
	struct stage *head = NULL;
	int rc = -1;

	if (!op_seal_store(place))
		return 0;
	head = op_seal_stage(stage_buf_new(&sealed), place, NULL);
	if (head != NULL && stage_write(head, bytes->bytes, bytes->len) == 0)
		rc = stage_finish(head);
	stage_free(head);
	buf_clear(bytes);
	*bytes = sealed;
	return rc;
}

/* A passphrase is one line, without what ends it. */
static int
end_passphrase(struct buf *passphrase, const char *from)
{
	passphrase->len = strcspn(buf_text(passphrase), "\r\n");
	if (passphrase->bytes != NULL)
		passphrase->bytes[passphrase->len] = '\0';
	return passphrase->len > 0 ? 0 : error_set(ERR_KEYS, "the passphrase in %s is empty", from);
}

/* The passphrase from a file that nobody else can read. 0, FILE_MISSING or -1. */
static int
read_passphrase(const char *path, struct buf *passphrase)
{
	char *from;
	int rc;

	if (!file_exists(path))
		return FILE_MISSING;
	if (file_check_private(path) != 0)
		return error_reclass(ERR_KEYS);
	if (file_read(path, PASSPHRASE_LIMIT, ERR_KEYS, passphrase) != 0)
		return error_reclass(ERR_KEYS);
	from = mem_format("'%s'", path);
	rc = end_passphrase(passphrase, from);
	free(from);
	return rc;
}

/* systemd's LoadCredential=, LoadCredentialEncrypted= and their like. */
static int
read_credential(struct buf *passphrase)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char *path;
	int rc;

	if (directory == NULL)
		return FILE_MISSING;
	path = file_join(directory, PASSPHRASE_CREDENTIAL);
	rc = read_passphrase(path, passphrase);
	free(path);
	return rc;
}

static int
ask_person(const char *what, struct buf *passphrase)
{
	char *prompt = mem_format("Passphrase for %s: ", what);
	int rc = terminal_ask_secret(prompt, PASSPHRASE_LIMIT, passphrase);

	free(prompt);
	if (rc == 0)
		return end_passphrase(passphrase, "the answer");
	if (rc != TERMINAL_NONE)
		return -1;
	error_set(ERR_KEYS, "'%s' is protected by a passphrase, and there is no terminal to ask on", what);
	return error_hint("Put it into a file that only you can read, and name that as passphrase-file in "
			  "[identity]; or into $" PASSPHRASE_ENVIRONMENT ".");
}

/* The first place that has one. */
static int
ask_passphrase(void *context, const char *what, struct buf *passphrase)
{
	const struct settings_identity *identity = context;
	const char *environment = getenv(PASSPHRASE_ENVIRONMENT);
	int rc;

	if (identity->passphrase_file != NULL) {
		rc = read_passphrase(identity->passphrase_file, passphrase);
		if (rc == FILE_MISSING)
			rc = error_set(
				ERR_KEYS, "there is no passphrase file '%s'", identity->passphrase_file);
		return rc;
	}
	if (environment != NULL && environment[0] != '\0') {
		buf_append_text(passphrase, environment);
		return end_passphrase(passphrase, "$" PASSPHRASE_ENVIRONMENT);
	}
	rc = read_credential(passphrase);
	return rc == FILE_MISSING ? ask_person(what, passphrase) : rc;
}

struct op_keys *
op_keys_new(const struct settings *settings)
{
	struct op_keys *keys = mem_zero(sizeof(*keys));

	keys->settings = settings;
	return keys;
}

void
op_keys_free(struct op_keys *keys)
{
	if (keys == NULL)
		return;
	age_identities_free(keys->identities);
	free(keys);
}

bool
op_keys_are_set(const struct op_keys *keys)
{
	return keys->settings->identity.file != NULL;
}

/* Loads it anew. */
static int
keys_read(const struct settings_identity *identity, struct age_identities *identities)
{
	struct settings_identity copy = *identity;
	const struct age_asker asker = { .ask = ask_passphrase, .context = &copy };

	return age_identities_add_file(identities, identity->file, &asker);
}

int
op_keys_load(struct op_keys *keys)
{
	struct age_identities *identities;

	if (keys->identities != NULL)
		return 0;
	if (keys->refused.class != ERR_NONE)
		return error_put(&keys->refused);
	if (!op_keys_are_set(keys)) {
		error_set(ERR_KEYS, "there is no identity in the settings");
		error_hint("Name the file that has it: [identity], file = /root/incant-identity.txt");
	} else {
		identities = age_identities_new();
		if (keys_read(&keys->settings->identity, identities) == 0) {
			keys->identities = identities;
			return 0;
		}
		age_identities_free(identities);
	}
	error_take(&keys->refused);
	return error_put(&keys->refused);
}

size_t
op_keys_count_fitting(const struct op_keys *keys, const struct age_recipients *recipients)
{
	size_t fitting = 0;

	for (size_t i = 0; i < age_recipients_count(recipients); i++)
		fitting += age_identities_fit(keys->identities, recipients, i) ? 1 : 0;
	return fitting;
}

struct input *
op_keys_open(struct op_keys *keys, struct input *input, const char *name)
{
	char *what;

	if (!op_seal_object(name))
		return input;
	if (op_keys_load(keys) == 0)
		return age_decrypt_new(input, keys->identities);
	what = mem_text(input->name);
	input_free(input);
	error_add("%s is encrypted", what);
	free(what);
	return NULL;
}
