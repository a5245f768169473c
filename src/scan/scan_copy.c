/*
 * Rows and their digest. Whole rows lie in the bytes at hand and are digested in one go; newlines are looked
 * for 64 bytes at a time, because rows are often shorter than what it costs to call memchr(3). Only the row
 * that the end of the bytes cuts goes through a streaming digest, which gives the same value.
 */
#include "config.h"

#include "scan_copy.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char end_of_data[2] = { '\\', '.' };

void
scan_copy_init(struct scan_copy *copy)
{
	memset(copy, 0, sizeof(*copy));
	copy->partial = digest_xxh128_new();
}

void
scan_copy_clear(struct scan_copy *copy)
{
	digest_xxh128_free(copy->partial);
	copy->partial = NULL;
}

void
scan_copy_begin(struct scan_copy *copy)
{
	copy->rows = 0;
	copy->bytes = 0;
	copy->digest = (struct digest128){ 0, 0 };
	copy->partial_bytes = 0;
}

/* How many bytes of the cut row may still turn out to be the "\." line. */
static size_t
held_bytes(const struct scan_copy *copy)
{
	if (copy->partial_bytes > sizeof(end_of_data))
		return 0;
	if (memcmp(copy->partial_head, end_of_data, (size_t)copy->partial_bytes) != 0)
		return 0;
	return (size_t)copy->partial_bytes;
}

static void
add_digest(struct scan_copy *copy, uint64_t low, uint64_t high)
{
	copy->digest.low += low;
	copy->digest.high += high + (copy->digest.low < low ? 1 : 0);
}

/* Takes a piece of the row that is cut. */
static void
partial_add(struct scan_copy *copy, const char *bytes, size_t len)
{
	if (copy->partial_bytes == 0)
		digest_xxh128_reset(copy->partial);
	for (size_t i = 0; i < len && copy->partial_bytes + i < sizeof(copy->partial_head); i++)
		copy->partial_head[copy->partial_bytes + i] = bytes[i];
	copy->partial_bytes += len;
	digest_xxh128_update(copy->partial, bytes, len);
}

/* Takes one whole row, without its newline. Returns false when it is the end of the data. */
static inline bool
add_row(struct scan_copy *copy, const char *row, size_t len)
{
	XXH128_hash_t hash;

	if (len == sizeof(end_of_data) && memcmp(row, end_of_data, sizeof(end_of_data)) == 0)
		return false;
	hash = XXH3_128bits(row, len);
	add_digest(copy, hash.low64, hash.high64);
	copy->rows++;
	return true;
}

#ifdef __SSE2__
#define BLOCK_BYTES 64

/* A bit for each newline in the 64 bytes at p. */
static inline uint64_t
newlines_in(const char *p)
{
	const __m128i newline = _mm_set1_epi8('\n');
	uint64_t bits = 0;

	for (unsigned i = 0; i < 4; i++) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, newline));

		bits |= (uint64_t)mask << (16 * i);
	}
	return bits;
}

/* Takes the rows that end in whole blocks. *row moves on; returns where the blocks end. */
static const char *
add_rows_of_blocks(struct scan_copy *copy, const char **row, const char *end, bool *ended)
{
	const char *block = *row;

	for (; end - block >= BLOCK_BYTES; block += BLOCK_BYTES) {
		for (uint64_t bits = newlines_in(block); bits != 0; bits &= bits - 1) {
			const char *newline = block + __builtin_ctzll(bits);

			if (!add_row(copy, *row, (size_t)(newline - *row))) {
				*ended = true;
				return block;
			}
			*row = newline + 1;
		}
	}
	return block;
}
#else
static const char *
add_rows_of_blocks(struct scan_copy *copy, const char **row, const char *end, bool *ended)
{
	(void)copy, (void)end, (void)ended;
	return *row;
}
#endif

/* Takes all rows that are whole in [row, end). Returns the first one that is not, or the end of the data. */
static const char *
add_rows(struct scan_copy *copy, const char *row, const char *end, bool *ended)
{
	const char *from = add_rows_of_blocks(copy, &row, end, ended);
	const char *newline;

	while (!*ended && from < end) {
		newline = memchr(from, '\n', (size_t)(end - from));
		if (newline == NULL)
			break;
		*ended = !add_row(copy, row, (size_t)(newline - row));
		if (!*ended)
			row = newline + 1;
		from = newline + 1;
	}
	return row;
}

/*
 * Goes on with the row that was cut. Returns where the next row begins, or NULL when this one goes on behind
 * the bytes. *ended when it was the end of the data.
 */
static const char *
end_partial(struct scan_copy *copy, const char *bytes, size_t len, bool *ended)
{
	const char *newline = memchr(bytes, '\n', len);
	struct digest128 digest;

	partial_add(copy, bytes, newline != NULL ? (size_t)(newline - bytes) : len);
	if (newline == NULL)
		return NULL;
	*ended = held_bytes(copy) == sizeof(end_of_data);
	if (!*ended) {
		digest = digest_xxh128_get(copy->partial);
		add_digest(copy, digest.low, digest.high);
		copy->rows++;
	}
	copy->partial_bytes = 0;
	return newline + 1;
}

struct scan_copy_step
scan_copy_step(struct scan_copy *copy, const char *bytes, size_t len)
{
	struct scan_copy_step step = { .used = len };
	size_t held = held_bytes(copy);
	const char *row = bytes;

	if (copy->partial_bytes > 0) {
		row = end_partial(copy, bytes, len, &step.end);
		if (row != NULL && step.end) {
			step.used = (size_t)(row - bytes);
			return step;
		}
	}
	if (row != NULL) {
		row = add_rows(copy, row, bytes + len, &step.end);
		step.data = (size_t)(row - bytes);
		step.released = held;
	}
	if (step.end) {
		step.used = step.data + sizeof(end_of_data) + 1;
	} else if (row != NULL && step.data < len) {
		partial_add(copy, row, len - step.data);
		step.data = held_bytes(copy) > 0 ? step.data : len;
	} else if (row == NULL && held_bytes(copy) == 0) {
		step.data = len;
		step.released = held;
	}
	copy->bytes += step.released + step.data;
	return step;
}
