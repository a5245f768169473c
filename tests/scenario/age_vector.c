/*
 * Holds the reading of age files against test vectors of the age project:
 *
 *     age_vector FOLDER NAME…
 *
 * FOLDER/NAME.head has a vector's "key: value" lines and FOLDER/NAME.age the file itself. A line is printed a
 * vector, "ok NAME: how it ended" or "FAILED NAME: …"; the exit status is 1 if any failed. What must fail has
 * to fail for the reason that the vector names; identities of kinds that are not supported must be refused by
 * the name of their kind.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/age.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"

#include "../../src/age/age_inside.h"

struct vector {
	struct buf head, file, decoded;
	struct age_identities *identities;
	const char *expect, *payload;
	bool armored;
	char problem[200]; /* "" = as it must be */
};

/* Takes one line of the head. 0, or -1: an identity was refused. */
static int
take_line(struct vector *vector, char *line)
{
	char *value = strstr(line, ": ");

	if (value == NULL)
		return 0;
	*value = '\0';
	value += 2;
	if (strcmp(line, "expect") == 0)
		vector->expect = value;
	else if (strcmp(line, "payload") == 0)
		vector->payload = value;
	else if (strcmp(line, "armored") == 0)
		vector->armored = true;
	else if (strcmp(line, "identity") == 0)
		return age_identities_add(vector->identities, value, "identity");
	else if (strcmp(line, "passphrase") == 0)
		return age_identities_add_passphrase(vector->identities, value);
	return 0;
}

static int
take_head(struct vector *vector)
{
	int rc = 0;

	for (char *line = strtok(vector->head.bytes, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (take_line(vector, line) != 0)
			rc = -1;
	return rc;
}

/* Opens the file and reads all of it. 0 or -1. */
static int
open_file(struct vector *vector, char sha256[DIGEST_SHA256_HEX])
{
	const struct buf *file = &vector->file;
	struct input *input;
	struct buf plain = BUF_EMPTY;
	int rc = -1;

	if (vector->armored) {
		if (age_armor_decode(file->bytes, file->len, "file", &vector->decoded) != 0)
			return -1;
		file = &vector->decoded;
	}
	input = age_decrypt_new(input_memory_new("file", file->bytes, file->len), vector->identities);
	if (input != NULL) {
		buf_reserve(&plain, (size_t)input->size_bytes);
		rc = input_read(input, 0, plain.bytes, (size_t)input->size_bytes);
		if (rc == 0)
			rc = digest_sha256_hex(plain.bytes, (size_t)input->size_bytes, sha256);
	}
	input_free(input);
	buf_clear(&plain);
	return rc;
}

/* Whether the current error is the failure that a vector expects. */
static bool
failed_so(const char *expect)
{
	static const struct {
		const char *expect, *says;
		enum error_class class;
	} kinds[] = {
		{ "no match", "no identity at hand", ERR_KEYS },
		{ "HMAC failure", "does not have its MAC", ERR_DAMAGED },
		{ "header failure", "the age header", ERR_DAMAGED },
		{ "armor failure", "armor", ERR_DAMAGED },
		{ "payload failure", "the age payload", ERR_DAMAGED },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].expect, expect) == 0)
			return error_get()->class == kinds[i].class &&
			       strstr(error_get()->message, kinds[i].says) != NULL;
	return false;
}

static void
judge(struct vector *vector, const char *name)
{
	char sha256[DIGEST_SHA256_HEX] = "";
	bool known = take_head(vector) == 0;
	int rc;

	if (!known) {
		if (strstr(error_get()->message, "post-quantum") == NULL || error_get()->class != ERR_KEYS)
			snprintf(vector->problem, sizeof(vector->problem), "%.150s", error_get()->message);
		printf("refused %s: %s\n", name, error_get()->message);
		return;
	}
	rc = open_file(vector, sha256);
	if (rc == 0 && strcmp(vector->expect, "success") != 0)
		snprintf(vector->problem, sizeof(vector->problem), "opened");
	else if (rc == 0 && (vector->payload == NULL || strcmp(sha256, vector->payload) != 0))
		snprintf(vector->problem, sizeof(vector->problem), "another payload");
	else if (rc != 0 && !failed_so(vector->expect))
		snprintf(vector->problem, sizeof(vector->problem), "%.150s", error_get()->message);
	if (vector->problem[0] == '\0')
		printf("ok      %s: %s\n", name, rc == 0 ? "opens" : error_get()->message);
}

static bool
run(const char *folder, const char *name)
{
	struct vector vector = { .identities = age_identities_new() };
	char *head = mem_format("%s/%s.head", folder, name), *file = mem_format("%s/%s.age", folder, name);
	bool good;

	error_clear();
	if (file_read(head, (size_t)1 << 20, ERR_STORE, &vector.head) != 0 ||
		file_read(file, (size_t)64 << 20, ERR_STORE, &vector.file) != 0)
		snprintf(vector.problem, sizeof(vector.problem), "cannot be read");
	else
		judge(&vector, name);
	good = vector.problem[0] == '\0';
	if (!good)
		printf("FAILED  %s: expected %s, got: %s\n", name,
			vector.expect != NULL ? vector.expect : "?", vector.problem);
	age_identities_free(vector.identities);
	buf_clear(&vector.head);
	buf_clear(&vector.file);
	buf_clear(&vector.decoded);
	free(head);
	free(file);
	return good;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 2; i < argc; i++)
		failed += run(argv[1], argv[i]) ? 0 : 1;
	return argc > 2 && failed == 0 ? 0 : 1;
}
