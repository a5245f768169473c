/*
 * keygen: draws an identity and writes it in the form that age-keygen has. The file is made for this, private
 * from its first moment, and whole or not there.
 */
#include "config.h"

#include "incant/op_keygen.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/secret.h"

/* Writes the text into a new file. What could not be written whole is removed again. */
static int
keygen_write_file(const char *path, const char *text)
{
	char *what = mem_format("'%s'", path), *copy = mem_text(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = -1;

	if (fd < 0 && errno == EEXIST) {
		error_set(ERR_KEYS, "'%s' exists already, and a key is never written over", path);
		error_hint("Name another file, or move that one away: what was encrypted to it stays so.");
	} else if (fd < 0) {
		error_set_errno(ERR_KEYS, errno, "cannot create '%s'", path);
	} else {
		rc = file_write_all(fd, text, strlen(text), ERR_KEYS, what);
		if (rc == 0 && (fchmod(fd, 0600) != 0 || fsync(fd) != 0))
			rc = error_set_errno(ERR_KEYS, errno, "cannot write '%s'", path);
		close(fd);
		if (rc == 0)
			rc = file_sync_directory(dirname(copy), ERR_KEYS);
		if (rc != 0)
			(void)unlink(path);
	}
	free(what);
	free(copy);
	return rc;
}

int
op_keygen_run(const struct op_keygen_request *request, struct op_keygen_report *report)
{
	char secret[AGE_KEY_TEXT] = "", now[CLOCK_RFC3339_SIZE];
	char text[3 * AGE_KEY_TEXT + 64];
	int rc;

	*report = (struct op_keygen_report){ .recipient = "" };
	secret_hold();
	rc = age_identity_generate(secret, report->recipient);
	if (rc == 0) {
		snprintf(text, sizeof(text), "# created: %s\n# public key: %s\n%s\n",
			clock_format_utc(now, clock_now()), report->recipient, secret);
		rc = request->output != NULL
			     ? keygen_write_file(request->output, text)
			     : file_write_all(request->fd, text, strlen(text), ERR_KEYS, "standard output");
	}
	secret_wipe(secret, sizeof(secret));
	secret_wipe(text, sizeof(text));
	secret_release();
	if (rc != 0)
		report->recipient[0] = '\0';
	return rc;
}
