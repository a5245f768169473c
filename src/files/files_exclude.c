/* Which names are left out, and which are safe to write to: what can be said of a path without the disk. */
#include "config.h"

#include "incant/files.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

/* One pattern without the slash at its end. */
static bool
fits(const char *pattern, const char *path)
{
	const char *base = strrchr(path, '/');

	if (strchr(pattern, '/') == NULL)
		return fnmatch(pattern, base != NULL ? base + 1 : path, 0) == 0;
	if (pattern[0] == '/')
		pattern++;
	return fnmatch(pattern, path, FNM_PATHNAME) == 0;
}

bool
files_excluded(const char *const *patterns, size_t pattern_count, const char *path, bool is_directory)
{
	for (size_t i = 0; i < pattern_count; i++) {
		size_t len = strlen(patterns[i]);
		bool folders_only = len > 1 && patterns[i][len - 1] == '/';

		if (folders_only && !is_directory)
			continue;
		char *pattern = mem_text_n(patterns[i], folders_only ? len - 1 : len);
		bool excluded = fits(pattern, path);
		free(pattern);
		if (excluded)
			return true;
	}
	return false;
}

bool
files_path_is_safe(const char *path)
{
	if (path[0] == '\0' || path[0] == '/')
		return false;
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return false;
		path += len;
		path += strspn(path, "/");
	}
	return true;
}
