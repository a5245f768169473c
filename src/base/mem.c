/*
 * Memory that is always there, or the end of the program. Dying at once is the safe answer to an empty
 * machine: nothing of a run is visible before its manifest, so there is nothing to clean up, and no caller
 * needs a path that no test can reach.
 */
#include "config.h"

#include "incant/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Uses nothing that may itself want memory: no stdio, no atexit handlers. */
static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "incant-backup: out of memory\n";

	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	_exit(1);
}

void *
mem_alloc(size_t size)
{
	void *memory = malloc(size != 0 ? size : 1);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
mem_aligned(size_t alignment, size_t size)
{
	void *memory = NULL;
	if (posix_memalign(&memory, alignment, size != 0 ? size : 1) != 0)
		out_of_memory();
	return memory;
}

void *
mem_zero(size_t size)
{
	void *memory = calloc(1, size != 0 ? size : 1);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	size_t total = 0;
	if (__builtin_mul_overflow(count, size, &total))
		out_of_memory();
	void *memory = realloc(old, total != 0 ? total : 1);
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
mem_copy(const void *from, size_t size)
{
	void *memory = mem_alloc(size);
	if (size != 0)
		memcpy(memory, from, size);
	return memory;
}

char *
mem_text(const char *text)
{
	return text != NULL ? mem_copy(text, strlen(text) + 1) : NULL;
}

char *
mem_text_n(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);
	if (len != 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_format(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	int len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0)
		out_of_memory();
	return text;
}
