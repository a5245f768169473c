/*
 * Files with several names, by device and inode number: a search tree of what has been packed. The kernel
 * may give the number of a file that is gone to a new one, so size and time must be the same too.
 */
#include "config.h"

#include "files_pack.h"

#include <search.h>
#include <stdlib.h>

#include "incant/mem.h"

struct files_links {
	void *root;
};

struct link {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec mtime;
	char *path;
};

static int
compare(const void *left, const void *right)
{
	const struct link *a = left, *b = right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return 0;
}

struct files_links *
files_links_new(void)
{
	return mem_zero(sizeof(struct files_links));
}

static struct link *
find(const struct files_links *links, const struct stat *about)
{
	const struct link key = { .device = about->st_dev, .inode = about->st_ino };
	struct link *const *found = tfind(&key, &links->root, compare);

	return found != NULL ? *found : NULL;
}

const char *
files_links_find(const struct files_links *links, const struct stat *about)
{
	const struct link *link = find(links, about);

	if (link == NULL || link->size != about->st_size || link->mtime.tv_sec != about->st_mtim.tv_sec ||
		link->mtime.tv_nsec != about->st_mtim.tv_nsec)
		return NULL;
	return link->path;
}

void
files_links_add(struct files_links *links, const struct stat *about, const char *path)
{
	struct link *link = find(links, about);

	if (link == NULL) {
		link = mem_zero(sizeof(*link));
		link->device = about->st_dev;
		link->inode = about->st_ino;
		(void)tsearch(link, &links->root, compare);
	}
	free(link->path);
	link->path = mem_text(path);
	link->size = about->st_size;
	link->mtime = about->st_mtim;
}

static void
free_link(void *node)
{
	struct link *link = node;

	free(link->path);
	free(link);
}

void
files_links_free(struct files_links *links)
{
	if (links == NULL)
		return;
	tdestroy(links->root, free_link);
	free(links);
}
