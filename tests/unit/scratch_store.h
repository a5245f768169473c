/*
 * A store in a folder of its own for one test, and what one asks about such a folder: which files it holds,
 * and how many descriptors this process has open. Include it behind cmocka.
 */
#ifndef TESTS_SCRATCH_STORE_H
#define TESTS_SCRATCH_STORE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/store.h"

struct scratch {
	char *root; /* a new folder; the caller may use what lies beside the store */
	char *path; /* of the store in it; not there until somebody makes it */
};

static inline int
scratch_set_up(void **state)
{
	struct scratch *scratch = mem_zero(sizeof(*scratch));
	const char *parent = getenv("TMPDIR");

	scratch->root = mem_format("%s/incant-store-XXXXXX", parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(scratch->root));
	scratch->path = file_join(scratch->root, "store");
	error_clear();
	*state = scratch;
	return 0;
}

static inline int
scratch_tear_down(void **state)
{
	struct scratch *scratch = *state;

	int result = file_remove_tree(scratch->root, ERR_STORE);
	free(scratch->root);
	free(scratch->path);
	free(scratch);
	return result;
}

static inline struct store *
scratch_open(const struct scratch *scratch, unsigned rights)
{
	const struct store_options options = {
		.name = "local", .kind = STORE_DIRECTORY, .path = scratch->path
	};

	struct store *store = store_open(&options, rights);
	if (store == NULL)
		fail_msg("%s", error_get()->message);
	return store;
}

static inline void
scratch_put(struct store *store, const char *name, const char *text)
{
	if (store_put(store, name, text, strlen(text)) != 0)
		fail_msg("%s", error_get()->message);
}

/* Names of a listing with a blank behind each. The caller frees it. */
static inline char *
scratch_list(struct store *store, const char *prefix)
{
	struct store_list list = { NULL, 0, 0 };
	struct buf names = BUF_EMPTY;

	assert_int_equal(store_list(store, prefix, &list), 0);
	for (size_t i = 0; i < list.count; i++)
		buf_append_format(&names, "%s ", list.entries[i].name);
	store_list_clear(&list);
	return buf_take(&names);
}

#define assert_listed(store, prefix, names)                           \
	do {                                                          \
		char *listed_names = scratch_list((store), (prefix)); \
		assert_string_equal(listed_names, (names));           \
		free(listed_names);                                   \
	} while (0)

/* How many names a folder holds, hidden ones too; 0 where it is missing. */
static inline size_t
scratch_count_names(const char *path)
{
	size_t count = 0;

	DIR *directory = opendir(path);
	if (directory == NULL)
		return 0;
	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			count++;
	closedir(directory);
	return count;
}

/* The one for looking is counted each time. */
static inline size_t
scratch_count_descriptors(void)
{
	return scratch_count_names("/proc/self/fd");
}

#endif
