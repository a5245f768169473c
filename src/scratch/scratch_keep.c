/*
 * Scratch servers that stay when their run has ended. The note in the private folder says that, and what
 * there is to know: three lines, the kind, what it is for people, and the connection string.
 */
#include "config.h"

#include "scratch_inside.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"

enum { NOTE_BYTES = 16 << 10 };

int
scratch_keep(const struct scratch *scratch)
{
	char *path = file_join(scratch->folder, SCRATCH_KEPT);
	char *note = mem_format("%s\n%s\n%s\n", scratch->kind == SCRATCH_DOCKER ? "docker" : "cluster",
		scratch->describe, scratch->conninfo);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = fd >= 0 ? file_write_all(fd, note, strlen(note), ERR_PROOF, path)
			     : error_set(ERR_PROOF, "cannot write '%s'", path);

	if (fd >= 0)
		close(fd);
	free(note);
	free(path);
	return result;
}

/* Takes a line off a text. The caller frees it. */
static char *
take_line(const char **text)
{
	size_t len = strcspn(*text, "\n");
	char *line = mem_text_n(*text, len);

	*text += len + ((*text)[len] != '\0' ? 1 : 0);
	return line;
}

/* Reads the note of one private folder, where there is one. 0 or -1. */
static int
read_note(const char *folder, struct scratch_kept_list *list)
{
	struct buf note = BUF_EMPTY;
	char *path = file_join(folder, SCRATCH_KEPT);
	int result = file_exists(path) ? file_read(path, NOTE_BYTES, ERR_PROOF, &note) : FILE_MISSING;
	const char *text = buf_text(&note);

	if (result == 0) {
		char *kind = take_line(&text);

		MEM_GROW(list->items, list->count, list->capacity);
		struct scratch_kept *kept = &list->items[list->count++];
		kept->kind = text_equal(kind, "docker") ? SCRATCH_DOCKER : SCRATCH_CLUSTER;
		kept->describe = take_line(&text);
		kept->conninfo = take_line(&text);
		free(kind);
	}
	buf_clear(&note);
	free(path);
	return result < 0 ? -1 : 0;
}

int
scratch_list_kept(const char *folder, struct scratch_kept_list *list)
{
	struct scratch_folders folders = { NULL, 0, 0 };
	int result = scratch_folder_list(folder, &folders);

	for (size_t i = 0; result == 0 && i < folders.count; i++)
		result = read_note(folders.paths[i], list);
	scratch_folders_clear(&folders);
	return result;
}

void
scratch_kept_clear(struct scratch_kept_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].describe);
		free(list->items[i].conninfo);
	}
	free(list->items);
	*list = (struct scratch_kept_list){ NULL, 0, 0 };
}
