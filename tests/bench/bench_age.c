/*
 * Encrypts and decrypts as stores do, from standard input or a file to standard output:
 *
 *     bench_age encrypt RECIPIENT <PLAIN >FILE
 *     bench_age decrypt IDENTITY-FILE FILE >PLAIN
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/age.h"
#include "incant/error.h"
#include "incant/mem.h"

#define PIECE_BYTES ((size_t)1 << 20)

static int
encrypt(const char *recipient)
{
	struct age_recipients *recipients = age_recipients_new();
	struct stage *head = NULL;
	char *bytes = mem_alloc(PIECE_BYTES);
	ssize_t got = 0;
	int rc = age_recipients_add(recipients, recipient, "the recipient");

	if (rc == 0)
		head = age_encrypt_new(
			stage_fd_new(STDOUT_FILENO, ERR_INTERNAL, "standard output"), recipients, NULL);
	rc = head != NULL ? 0 : -1;
	while (rc == 0) {
		got = read(STDIN_FILENO, bytes, PIECE_BYTES);
		if (got <= 0)
			break;
		rc = stage_write(head, bytes, (size_t)got);
	}
	if (got < 0)
		rc = error_set_errno(ERR_INTERNAL, errno, "cannot read");
	if (rc == 0)
		rc = stage_finish(head);
	stage_free(head);
	age_recipients_free(recipients);
	free(bytes);
	return rc;
}

static int
decrypt(const char *identity, const char *path)
{
	struct age_identities *identities = age_identities_new();
	struct input *input = NULL;
	struct stage *to = stage_fd_new(STDOUT_FILENO, ERR_INTERNAL, "standard output");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd >= 0 ? 0 : error_set_errno(ERR_INTERNAL, errno, "cannot open '%s'", path);

	if (rc == 0)
		input = input_fd_new(path, fd, ERR_INTERNAL);
	if (rc == 0)
		rc = age_identities_add_file(identities, identity, NULL);
	if (rc == 0) {
		input = age_decrypt_new(input, identities);
		rc = input != NULL ? input_copy(input, 0, input->size_bytes, to) : -1;
	}
	if (rc == 0)
		rc = stage_finish(to);
	stage_free(to);
	input_free(input);
	age_identities_free(identities);
	return rc;
}

int
main(int argc, char **argv)
{
	int rc = -1;

	if (argc == 3 && strcmp(argv[1], "encrypt") == 0)
		rc = encrypt(argv[2]);
	else if (argc == 4 && strcmp(argv[1], "decrypt") == 0)
		rc = decrypt(argv[2], argv[3]);
	else
		error_set(ERR_USAGE, "usage: bench_age encrypt RECIPIENT | decrypt IDENTITY-FILE FILE");
	if (rc != 0)
		fprintf(stderr, "bench_age: %s\n", error_get()->message);
	return rc == 0 ? 0 : 1;
}
