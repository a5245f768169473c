/* restore --files: application files into a folder. */
#include "config.h"

#include "cmd_files.h"

#include <stdlib.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "output.h"
#include "output_json.h"

int
cmd_restore_files_check(struct words *words)
{
	if (words->into == NULL) {
		error_set(ERR_USAGE, "restore --files needs --into FOLDER");
		return error_hint("The folder is made where it is missing; nothing in it is written over.");
	}
	if (words->into[0] == '\0')
		return error_set(ERR_USAGE, "--into names no folder");
	if (words->to != NULL || words->databases.count > 0)
		return error_set(ERR_USAGE, "--files excludes --to and --database");
	return words_read_which(words);
}

int
cmd_restore_files_run(const struct settings *settings, const struct words *words, struct report *report)
{
	struct op_restore_files_request request = {
		.which = words->which,
		.section = words->files,
		.into = words->into,
		.paths = words->paths.items,
		.path_count = words->paths.count,
		.dry_run = words->dry_run,
	};
	char *here = words->into[0] != '/' ? getcwd(NULL, 0) : NULL;
	char *into = here != NULL ? file_join(here, words->into) : NULL;

	if (into != NULL)
		request.into = into;
	int rc = op_restore_files_run(settings, &request, &report->restore_files);
	free(into);
	free(here);
	return rc;
}

void
cmd_restore_files_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_restore_files_report *files = &report->restore_files;

	json_put(to, "backup", output_json_backup(&files->backup));
	json_put(to, "databases", json_new_array());
	json_put_text(to, "files", words->files);
	json_put_bytes(to, "into", words->into);
	json_put_u64(to, "entries", files->entries);
	json_put_u64(to, "file_count", files->files);
	json_put_u64(to, "bytes", files->bytes);
	json_put_u64(to, "passed", files->passed);
	output_json_seconds(to, "seconds", files->total_ms);
	json_put_u64(to, "read_bytes", files->read_bytes);
	json_put_bool(to, "dry_run", words->dry_run);
}

void
cmd_restore_files_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_restore_files_report *files = &report->restore_files;

	if (!report->done || (words->quiet && !words->dry_run))
		return;
	buf_append_format(text, "%s files %s %s ", files->backup.manifest.id, files->section,
		words->dry_run ? "would be restored into" : "restored into");
	output_text(text, words->into);
	buf_append_text(text, "\n  ");
	output_count(text, files->entries, "entry", "entries");
	buf_append_text(text, ", ");
	output_count(text, files->files, "file", "files");
	buf_append_text(text, ", ");
	output_bytes(text, files->bytes);
	if (!words->dry_run) {
		buf_append_text(text, " in ");
		output_duration(text, files->total_ms);
		buf_append_text(text, "; ");
		output_bytes(text, files->read_bytes);
		buf_append_text(text, " read");
	}
	buf_append_char(text, '\n');
}
