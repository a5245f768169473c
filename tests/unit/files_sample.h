/*
 * A folder of files that are made, packed and looked at by tests of files/. A meddler is called when the
 * packing has written a given file's data so far: that is how a tree changes at a chosen moment. Include it
 * behind cmocka.
 */
#ifndef TESTS_FILES_SAMPLE_H
#define TESTS_FILES_SAMPLE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/files.h"
#include "incant/log.h"
#include "incant/mem.h"

struct sample {
	char *root;   /* removed at the end */
	char *folder; /* to be packed */
	struct buf tar;
	struct files_list list;
};

static inline int
sample_set_up(void **state)
{
	struct sample *sample = mem_zero(sizeof(*sample));
	const char *parent = getenv("TMPDIR");

	sample->root = mem_format("%s/incant-files-XXXXXX", parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(sample->root));
	sample->folder = file_join(sample->root, "tree");
	assert_int_equal(mkdir(sample->folder, 0750), 0);
	log_set_level(LOG_QUIET);
	error_clear();
	*state = sample;
	return 0;
}

static inline int
sample_tear_down(void **state)
{
	struct sample *sample = *state;
	int rc = file_remove_tree(sample->root, ERR_STORE);

	buf_clear(&sample->tar);
	files_list_clear(&sample->list);
	free(sample->root);
	free(sample->folder);
	free(sample);
	log_reset();
	return rc;
}

/* A path in the folder. One at a time. */
static inline const char *
sample_path(const struct sample *sample, const char *name)
{
	static char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", sample->folder, name);
	return path;
}

static inline void
sample_write(const struct sample *sample, const char *name, const void *bytes, size_t len)
{
	int fd = open(sample_path(sample, name), O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static inline void
sample_folder(const struct sample *sample, const char *name)
{
	assert_int_equal(mkdir(sample_path(sample, name), 0755), 0);
}

/* A stage that calls once, when a piece that begins with `mark` comes. */
struct meddler {
	struct stage base;
	const char *mark;
	void (*meddle)(const struct sample *sample);
	const struct sample *sample;
};

static inline int
meddler_write(struct stage *stage, const void *bytes, size_t len)
{
	struct meddler *meddler = (struct meddler *)stage;

	if (meddler->meddle != NULL && len >= strlen(meddler->mark) &&
		memcmp(bytes, meddler->mark, strlen(meddler->mark)) == 0) {
		meddler->meddle(meddler->sample);
		meddler->meddle = NULL;
	}
	return stage_write(stage->next, bytes, len);
}

static inline void
meddler_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops meddler_ops = { "meddler", meddler_write, NULL, meddler_free };

/* Packs the folder with these options; path and name are filled in. */
static inline int
sample_pack(struct sample *sample, struct files_pack_options options, const char *mark,
	void (*meddle)(const struct sample *sample))
{
	struct meddler *meddler = mem_zero(sizeof(*meddler));

	if (options.path == NULL)
		options.path = sample->folder;
	options.name = "sample";
	stage_init(&meddler->base, &meddler_ops, stage_buf_new(&sample->tar));
	meddler->mark = mark != NULL ? mark : "";
	meddler->meddle = meddle;
	meddler->sample = sample;
	files_list_clear(&sample->list);
	buf_reset(&sample->tar);
	int rc = files_pack(&options, &meddler->base, &sample->list);
	if (rc == 0)
		rc = stage_finish(&meddler->base);
	stage_free(&meddler->base);
	return rc;
}

static inline void
sample_pack_all(struct sample *sample)
{
	if (sample_pack(sample, (struct files_pack_options){ .one_file_system = true }, NULL, NULL) != 0)
		fail_msg("%s", error_get()->message);
}

/* The row of a path; a row of zeros where it has none. Cleared by the caller. */
static inline struct files_entry
sample_row(const struct sample *sample, const char *path)
{
	struct files_cursor cursor = { .text = buf_text(&sample->list.rows), .len = sample->list.rows.len };
	struct files_entry entry;
	int rc;

	for (;;) {
		rc = files_list_next(&cursor, "the list", &entry);
		if (rc < 0)
			fail_msg("%s", error_get()->message);
		if (rc == FILES_END || strcmp(entry.path, path) == 0)
			return entry;
		files_entry_clear(&entry);
	}
}

static inline bool
sample_has(const struct sample *sample, const char *path)
{
	struct files_entry entry = sample_row(sample, path);
	bool has = entry.path != NULL;

	files_entry_clear(&entry);
	return has;
}

/* Whether there is a note of that kind on a path. */
static inline bool
sample_has_note(const struct sample *sample, const char *path, enum files_note_kind kind)
{
	struct files_cursor cursor = { .text = buf_text(&sample->list.note_rows),
		.len = sample->list.note_rows.len };
	struct files_note note;
	bool found = false;

	while (!found && files_list_next_note(&cursor, "the notes", &note) == FILES_GOT) {
		found = strcmp(note.path, path) == 0 && note.kind == kind;
		files_note_clear(&note);
	}
	return found;
}

/* A feed of bytes in memory, in pieces of `step` bytes. */
struct sample_feed {
	struct files_feed feed;
	const char *bytes;
	size_t left, step;
};

static inline int
sample_feed_next(void *context, const void **bytes, size_t *len)
{
	struct sample_feed *feed = context;

	*len = feed->left < feed->step ? feed->left : feed->step;
	*bytes = feed->bytes;
	feed->bytes += *len;
	feed->left -= *len;
	return 0;
}

static inline void
sample_feed_begin(struct sample_feed *feed, const void *bytes, size_t len, size_t step)
{
	*feed = (struct sample_feed){
		.feed = { .next = sample_feed_next, .context = feed },
		.bytes = bytes,
		.left = len,
		.step = step,
	};
}

/* Extracts a tar into a folder. 0 or -1. */
static inline int
sample_extract(const void *bytes, size_t len, const char *folder)
{
	struct sample_feed feed;
	struct files_entry entry;
	struct files_extract *extract = files_extract_new(folder);
	struct files_unpack *unpack;
	int rc = 0;

	if (extract == NULL)
		return -1;
	sample_feed_begin(&feed, bytes, len, 1000);
	unpack = files_unpack_new(&feed.feed, "the tar");
	if (unpack == NULL)
		rc = -1;
	while (rc >= 0 && unpack != NULL) {
		rc = files_unpack_next(unpack, &entry);
		if (rc != FILES_GOT)
			break;
		rc = files_extract_entry(extract, unpack, &entry, NULL);
		files_entry_clear(&entry);
	}
	if (rc >= 0)
		rc = files_extract_finish(extract);
	files_unpack_free(unpack);
	files_extract_free(extract);
	return rc;
}

#endif
