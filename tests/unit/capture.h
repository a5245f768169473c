/* Standard error, caught in a nameless file for as long as a test wants to see what is printed there. */
#ifndef INCANT_TESTS_CAPTURE_H
#define INCANT_TESTS_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct capture {
	FILE *file;
	int original;
};

static inline void
capture_begin(struct capture *capture)
{
	capture->file = tmpfile();
	capture->original = dup(STDERR_FILENO);
	if (capture->file == NULL || capture->original < 0 || dup2(fileno(capture->file), STDERR_FILENO) < 0)
		abort();
}

/* Puts standard error back. Returns what was printed, at most capacity - 1 bytes of it. */
static inline const char *
capture_end(struct capture *capture, char *text, size_t capacity)
{
	if (dup2(capture->original, STDERR_FILENO) < 0)
		abort();
	close(capture->original);
	rewind(capture->file);
	text[fread(text, 1, capacity - 1, capture->file)] = '\0';
	fclose(capture->file);
	return text;
}

#endif
