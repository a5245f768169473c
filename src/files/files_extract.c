/*
 * Extraction by libarchive's archive_write_disk with all its SECURE flags, behind checks of our own: the
 * place of every entry is walked from the folder's descriptor, component by component, and what is there
 * already is never touched. libarchive works in the current directory, so that becomes the folder.
 */
#include "config.h"

#include "files_archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

struct files_extract {
	char *folder; /* for messages */
	int fd;       /* of the folder */
	int before;   /* of the current directory that there was */
	bool was_empty;
	struct timespec
		top_times[2]; /* of the packed folder, set at the end: what comes into it changes them */
	struct archive *disk;
};

static int
refuse(const struct files_extract *extract, const char *path, const char *why)
{
	char *shown = text_printable(path, strlen(path));

	error_set(ERR_RESTORE, "'%s/%s' %s", extract->folder, shown, why);
	free(shown);
	return -1;
}

/* 1 for a folder with nothing in it, 0, or -1. */
static int
is_empty(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *item;

	if (stream == NULL) {
		if (again >= 0)
			close(again);
		return -1;
	}
	do
		item = readdir(stream);
	while (item != NULL && (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0));
	closedir(stream);
	return item == NULL ? 1 : 0;
}

static int
extract_open(struct files_extract *extract)
{
	int empty = -1;

	if (file_make_directories(extract->folder, ERR_RESTORE) != 0)
		return -1;
	extract->fd = open(extract->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (extract->fd >= 0)
		empty = is_empty(extract->fd);
	if (empty < 0)
		return error_set_errno(ERR_RESTORE, errno, "cannot open '%s'", extract->folder);
	extract->was_empty = empty == 1;
	extract->before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(extract->fd) != 0)
		return error_set_errno(ERR_RESTORE, errno, "cannot work in '%s'", extract->folder);
	return 0;
}

/* What libarchive is to do. A folder that is there keeps its settings, but for the packed folder itself. */
static int
disk_flags(bool is_top)
{
	int flags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_ACL |
		    ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
		    ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

	/* Owners by number, which is what a container knows: no lookup of names is set. */
	if (geteuid() == 0)
		flags |= ARCHIVE_EXTRACT_OWNER;
	return is_top ? flags : flags | ARCHIVE_EXTRACT_NO_OVERWRITE;
}

static int
extract_open_disk(struct files_extract *extract)
{
	extract->disk = archive_write_disk_new();
	if (extract->disk == NULL)
		return error_set(ERR_INTERNAL, "libarchive cannot be used");
	return 0;
}

struct files_extract *
files_extract_new(const char *folder)
{
	struct files_extract *extract = mem_zero(sizeof(*extract));

	extract->folder = mem_text(folder);
	extract->fd = -1;
	extract->before = -1;
	extract->top_times[0].tv_nsec = extract->top_times[1].tv_nsec = UTIME_OMIT;
	if (extract_open(extract) == 0 && extract_open_disk(extract) == 0)
		return extract;
	files_extract_free(extract);
	return NULL;
}

void
files_extract_free(struct files_extract *extract)
{
	if (extract == NULL)
		return;
	if (extract->disk != NULL)
		(void)archive_write_free(extract->disk);
	if (extract->before >= 0) {
		if (fchdir(extract->before) != 0)
			log_verbose("cannot go back to the folder that was the current one");
		close(extract->before);
	}
	if (extract->fd >= 0)
		close(extract->fd);
	free(extract->folder);
	free(extract);
}

bool
files_extract_was_empty(const struct files_extract *extract)
{
	return extract->was_empty;
}

/*
 * Goes down from the folder to the one that holds path's last component. The descriptor (the caller's), with
 * *base that component, or -1: *missing says that a folder on the way is not there, else the error is set.
 */
static int
walk_to(const struct files_extract *extract, const char *path, const char **base, bool *missing)
{
	int at = fcntl(extract->fd, F_DUPFD_CLOEXEC, 3);
	const char *slash = strchr(path, '/');

	*missing = false;
	*base = path;
	for (; at >= 0 && slash != NULL; slash = strchr(*base, '/')) {
		char *name = mem_text_n(*base, (size_t)(slash - *base));
		int next = name[0] == '\0' ? fcntl(at, F_DUPFD_CLOEXEC, 3)
					   : openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int saved = errno;

		free(name);
		close(at);
		at = next;
		errno = saved;
		*base = slash + 1;
	}
	if (at < 0 && errno == ENOENT) {
		*missing = true;
		return -1;
	}
	if (at < 0 && (errno == ENOTDIR || errno == ELOOP))
		return refuse(extract, path, "would go through something that is no folder");
	if (at < 0)
		error_set_errno(ERR_RESTORE, errno, "cannot look at '%s/%s'", extract->folder, path);
	return at;
}

/* What is at a path: 1 with *about, 0 for nothing, -1. */
static int
look_at(const struct files_extract *extract, const char *path, struct stat *about)
{
	const char *base = NULL;
	bool missing = false;
	int fd = walk_to(extract, path, &base, &missing);
	int rc = 1;

	if (fd < 0)
		return missing ? 0 : -1;
	if (fstatat(fd, base, about, AT_SYMLINK_NOFOLLOW) != 0)
		rc = errno == ENOENT ? 0
				     : error_set_errno(ERR_RESTORE, errno, "cannot look at '%s/%s'",
					       extract->folder, path);
	close(fd);
	return rc;
}

/* A hard link's other end: a file in the folder. */
static int
check_link(const struct files_extract *extract, const struct files_entry *entry)
{
	struct stat about;
	int rc;

	if (!files_path_is_safe(entry->link))
		return refuse(extract, entry->path, "would be a link to outside");
	rc = look_at(extract, entry->link, &about);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return refuse(extract, entry->path, "would be a link to a file that is not there");
	return S_ISREG(about.st_mode) ? 0 : refuse(extract, entry->path, "would be a link to no file");
}

int
files_extract_check(struct files_extract *extract, const struct files_entry *entry)
{
	struct stat about;

	if (strcmp(entry->path, ".") == 0 && entry->type == FILES_DIRECTORY)
		return 0;
	if (!files_path_is_safe(entry->path) || strcmp(entry->path, ".") == 0)
		return refuse(extract, entry->path, "would be outside the folder");
	int rc = look_at(extract, entry->path, &about);
	if (rc <= 0)
		return rc;
	if (S_ISDIR(about.st_mode) && entry->type == FILES_DIRECTORY)
		return 0;
	return refuse(extract, entry->path, "exists already");
}

/* What libarchive says of an entry: -1 for a failure, 0 with a warning logged for what it could not set. */
static int
judge(struct files_extract *extract, const struct files_entry *entry, int rc)
{
	if (rc == ARCHIVE_OK)
		return 0;
	if (rc != ARCHIVE_WARN) {
		char *path = text_printable(entry->path, strlen(entry->path));
		error_set(ERR_RESTORE, "cannot restore '%s/%s': %s", extract->folder, path,
			files_archive_error(extract->disk));
		free(path);
		return -1;
	}
	char *path = text_printable(entry->path, strlen(entry->path));
	log_warning("'%s/%s': %s", extract->folder, path, files_archive_error(extract->disk));
	free(path);
	return 0;
}

/* Data, block by block, holes left as holes; hashed with zeros in them, as it was recorded. */
static int
copy_data(struct files_extract *extract, struct files_unpack *unpack, const struct files_entry *entry,
	struct stage *hash)
{
	static const char zeros[64 * 1024];
	struct archive *from = files_unpack_archive(unpack);
	const void *bytes = NULL;
	size_t len = 0;
	la_int64_t off = 0;
	uint64_t at = 0;
	bool ended = false;

	while (!ended) {
		int rc = archive_read_data_block(from, &bytes, &len, &off);
		ended = rc == ARCHIVE_EOF;
		if (rc != ARCHIVE_OK && !ended)
			return files_unpack_fail(unpack);
		uint64_t upto = ended ? entry->size : (uint64_t)off;
		if (interrupt_check() != 0 || upto < at || upto > entry->size || len > entry->size - upto)
			return interrupt_check() != 0
				       ? -1
				       : error_set(ERR_DAMAGED, "'%s' has data outside itself", entry->path);
		while (at < upto) {
			size_t step = upto - at < sizeof(zeros) ? (size_t)(upto - at) : sizeof(zeros);
			if (stage_write(hash, zeros, step) != 0)
				return -1;
			at += step;
		}
		if (ended)
			break;
		if (stage_write(hash, bytes, len) != 0 ||
			judge(extract, entry,
				(int)archive_write_data_block(extract->disk, bytes, len, off)) != 0)
			return -1;
		at += len;
	}
	return 0;
}

static int
extract_data(struct files_extract *extract, struct files_unpack *unpack, const struct files_entry *entry,
	struct digest128 *digest)
{
	struct digest128 found = { 0, 0 };
	struct stage *hash = stage_xxh128_new(stage_null_new(), &found);
	int rc = hash != NULL ? copy_data(extract, unpack, entry, hash) : -1;

	if (rc == 0)
		rc = stage_finish(hash);
	stage_free(hash);
	if (digest != NULL)
		*digest = found;
	return rc;
}

static void
keep_top_times(struct files_extract *extract, struct archive_entry *entry)
{
	if (archive_entry_atime_is_set(entry))
		extract->top_times[0] =
			(struct timespec){ archive_entry_atime(entry), archive_entry_atime_nsec(entry) };
	if (archive_entry_mtime_is_set(entry))
		extract->top_times[1] =
			(struct timespec){ archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) };
}

/* Behind the checks. */
static int
extract_entry(struct files_extract *extract, struct files_unpack *unpack, const struct files_entry *entry,
	struct digest128 *digest)
{
	struct archive_entry *current = files_unpack_current(unpack);
	bool is_top = strcmp(entry->path, ".") == 0;
	int rc;

	if (is_top)
		keep_top_times(extract, current);
	archive_entry_copy_pathname(current, entry->path);
	if (entry->type == FILES_HARDLINK) {
		archive_entry_copy_hardlink(current, entry->link);
		archive_entry_unset_size(current);
	}
	(void)archive_write_disk_set_options(extract->disk, disk_flags(is_top));
	rc = judge(extract, entry, archive_write_header(extract->disk, current));
	if (rc == 0 && entry->type == FILES_FILE)
		rc = extract_data(extract, unpack, entry, digest);
	if (rc == 0)
		rc = judge(extract, entry, archive_write_finish_entry(extract->disk));
	return rc;
}

int
files_extract_entry(struct files_extract *extract, struct files_unpack *unpack,
	const struct files_entry *entry, struct digest128 *digest)
{
	locale_t before;
	int rc;

	if (interrupt_check() != 0 || files_extract_check(extract, entry) != 0)
		return -1;
	if (entry->type == FILES_HARDLINK && check_link(extract, entry) != 0)
		return -1;
	if (entry->type == FILES_OTHER) {
		log_warning("'%s' is a device, and is not made", entry->path);
		return FILES_PASSED;
	}
	if (strcmp(entry->path, ".") == 0 && !extract->was_empty)
		return 0;
	before = files_locale_begin_read();
	rc = extract_entry(extract, unpack, entry, digest);
	files_locale_end(before);
	return rc;
}

int
files_extract_finish(struct files_extract *extract)
{
	if (archive_write_close(extract->disk) != ARCHIVE_OK)
		return error_set(ERR_RESTORE, "cannot set modes and times in '%s': %s", extract->folder,
			files_archive_error(extract->disk));
	if (futimens(extract->fd, extract->top_times) != 0)
		return error_set_errno(ERR_RESTORE, errno, "cannot set the times of '%s'", extract->folder);
	return 0;
}
