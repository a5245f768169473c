/*
 * Memory. Allocation does not fail here: where the system has none left the program ends at once with exit
 * code 1 and says so, which leaves nothing visible in any store (uncommitted objects vanish with the
 * process). Everything is freed with free(3).
 */
#ifndef INCANT_MEM_H
#define INCANT_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                           /* uninitialised; size 0 is allowed */
void *mem_aligned(size_t alignment, size_t size);       /* alignment: a power of two, 8 or more */
void *mem_zero(size_t size);                            /* zeroed */
void *mem_resize(void *old, size_t count, size_t size); /* count * size bytes, overflow checked */
void *mem_copy(const void *from, size_t size);
char *mem_text(const char *text);               /* strdup; NULL gives NULL */
char *mem_text_n(const char *text, size_t len); /* len bytes and a NUL */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Makes room for one more element in a growing array: array is a pointer variable, count and capacity are
 * size_t variables. Afterwards array[count] may be written.
 */
#define MEM_GROW(array, count, capacity)                                             \
	do {                                                                         \
		if ((count) == (capacity)) {                                         \
			(capacity) = (capacity) != 0 ? (capacity)*2 : 16;            \
			(array) = mem_resize((array), (capacity), sizeof(*(array))); \
		}                                                                    \
	} while (0)

#endif
