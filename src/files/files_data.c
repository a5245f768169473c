/*
 * A file's data: the parts that are not holes, read at their offsets. The header has promised a size, so that
 * many bytes are written whatever happens to the file meanwhile.
 */
#include "config.h"

#include "files_pack.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/interrupt.h"

enum {
	READ_BYTES = 256 * 1024,
	REGIONS_MAX = 10000, /* of a map; a file with more is stored whole */
};

/* Fills in the regions. Their number, or -1 when the file is better stored whole. */
static int
map_regions(struct archive_entry *entry, int fd, off_t size)
{
	off_t at = 0;
	int regions = 0;

	for (; at < size && regions <= REGIONS_MAX; regions++) {
		off_t data = lseek(fd, at, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			break; /* a hole up to the end */
		off_t hole = data >= 0 ? lseek(fd, data, SEEK_HOLE) : -1;
		if (hole < 0)
			return -1;
		if (data >= size)
			break;
		if (hole > size)
			hole = size;
		archive_entry_sparse_add_entry(entry, data, hole - data);
		at = hole;
	}
	return regions <= REGIONS_MAX ? regions : -1;
}

void
files_data_map(struct archive_entry *entry, int fd, const struct stat *about)
{
	if (about->st_size == 0 || about->st_blocks * 512 >= about->st_size)
		return;
	int regions = map_regions(entry, fd, about->st_size);
	if (regions < 0)
		archive_entry_sparse_clear(entry);
	else if (regions == 0)
		archive_entry_sparse_add_entry(entry, about->st_size, 0); /* nothing but a hole */
}

/* Pushes bytes through libarchive, which leaves out holes. */
static int
write_bytes(struct files_pack *pack, struct digest_xxh128 *digest, const char *bytes, size_t len)
{
	digest_xxh128_update(digest, bytes, len);
	while (len > 0) {
		la_ssize_t taken = archive_write_data(pack->archive, bytes, len);
		if (taken <= 0)
			return pack->failed
				       ? -1
				       : error_set(ERR_SOURCE, "cannot pack '%s': %s", buf_text(&pack->path),
						 files_archive_error(pack->archive));
		bytes += taken;
		len -= (size_t)taken;
	}
	return 0;
}

static int
write_zeros(struct files_pack *pack, struct digest_xxh128 *digest, int64_t len)
{
	static const char zeros[READ_BYTES];

	while (len > 0) {
		size_t step = len < READ_BYTES ? (size_t)len : READ_BYTES;
		if (interrupt_check() != 0 || write_bytes(pack, digest, zeros, step) != 0)
			return -1;
		len -= (int64_t)step;
	}
	return 0;
}

/* What a file gave when it was read. */
struct reading {
	int fd;
	bool short_of; /* it ended before its size */
	int errno_value;
};

/* One region. What cannot be read is zeros. */
static int
write_region(struct files_pack *pack, struct digest_xxh128 *digest, struct reading *reading, int64_t at,
	int64_t end)
{
	while (at < end && !reading->short_of && reading->errno_value == 0) {
		size_t step = end - at < READ_BYTES ? (size_t)(end - at) : READ_BYTES;
		ssize_t got = pread(reading->fd, pack->bytes, step, at);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got < 0)
			reading->errno_value = errno;
		else if (got == 0)
			reading->short_of = true;
		if (interrupt_check() != 0 ||
			(got > 0 && write_bytes(pack, digest, pack->bytes, (size_t)got) != 0))
			return -1;
		at += got > 0 ? got : 0;
	}
	return write_zeros(pack, digest, end - at);
}

/* Whether the file is another than when it was opened, in words; NULL where it is not. */
static const char *
describe_change(const struct reading *reading, const struct stat *before)
{
	struct stat after;

	if (reading->short_of)
		return "shrank while it was read; zeros stand for its end";
	if (fstat(reading->fd, &after) != 0)
		return NULL;
	if (after.st_size > before->st_size)
		return "grew while it was read; it was cut to the size that it had at first";
	if (after.st_size != before->st_size || after.st_mtim.tv_sec != before->st_mtim.tv_sec ||
		after.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
		return "changed while it was read";
	return NULL;
}

static void
note_reading(struct files_pack *pack, const struct reading *reading, const struct stat *about)
{
	const char *change = describe_change(reading, about);

	if (reading->errno_value != 0)
		files_pack_note(pack, FILES_NOTE_UNREAD,
			"could not be read to its end: %s; zeros stand for it",
			strerror(reading->errno_value));
	else if (change != NULL)
		files_pack_note(pack, FILES_NOTE_CHANGED, "%s", change);
}

int
files_data_write(struct files_pack *pack, struct archive_entry *entry, int fd, const struct stat *about,
	struct digest128 *digest)
{
	struct digest_xxh128 *state = digest_xxh128_new();
	struct reading reading = { .fd = fd };
	la_int64_t at = 0, data = 0, len = 0;
	int rc = 0;

	if (archive_entry_sparse_reset(entry) == 0)
		rc = write_region(pack, state, &reading, 0, about->st_size);
	else
		while (rc == 0 && archive_entry_sparse_next(entry, &data, &len) == ARCHIVE_OK) {
			rc = write_zeros(pack, state, data - at);
			if (rc == 0)
				rc = write_region(pack, state, &reading, data, data + len);
			at = data + len;
		}
	if (rc == 0 && archive_entry_sparse_reset(entry) > 0)
		rc = write_zeros(pack, state, about->st_size - at);
	if (rc == 0)
		note_reading(pack, &reading, about);
	*digest = digest_xxh128_get(state);
	digest_xxh128_free(state);
	return rc;
}
