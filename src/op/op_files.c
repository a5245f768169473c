/*
 * Application files as a step of a backup. Commands run without a shell and with a time limit each; the one
 * after is run whatever happened, since the one before may have stopped an application.
 */
#include "config.h"

#include "op_files.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/files.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/process.h"
#include "incant/progress.h"
#include "incant/text.h"

#include "op_files_record.h"
#include "op_object.h"
#include "op_seal.h"

struct section {
	const struct settings_files *settings;
	bool begun;         /* its command before was run, or it has none */
	struct error error; /* why it is missing; ERR_NONE: it is not */
	struct error after; /* of its command after */
};

struct op_files {
	const struct settings *settings;
	struct section *sections;
	size_t count;
	struct op_follow *follow; /* the copies that follow; borrowed while packing; NULL = none */
};

struct op_files *
op_files_new(const struct settings *settings)
{
	struct op_files *files = mem_zero(sizeof(*files));

	files->settings = settings;
	files->count = settings->files_count;
	files->sections = mem_zero(sizeof(*files->sections) * (files->count + 1));
	for (size_t i = 0; i < files->count; i++)
		files->sections[i].settings = &settings->files[i];
	return files;
}

void
op_files_free(struct op_files *files)
{
	if (files == NULL)
		return;
	free(files->sections);
	free(files);
}

int
op_files_check(const struct op_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (files_check(files->sections[i].settings->path, NULL) != 0)
			return error_add("files %s", files->sections[i].settings->name);
	return 0;
}

/* Runs one command. 0 or -1. */
static int
run_command(const struct section *section, const struct settings_words *command, const char *when)
{
	char *name = mem_format("INCANT_BACKUP_FILES=%s", section->settings->name);
	const char *const env[] = { name, NULL };
	const struct process_request request = {
		.argv = (const char *const *)command->items,
		.env = env,
		.deadline_ms = section->settings->command_limit_ms != 0
				       ? clock_monotonic_ms() + section->settings->command_limit_ms
				       : 0,
	};
	struct process *process = process_start(&request);
	int rc = process != NULL ? process_wait(process) : -1;

	process_free(process);
	free(name);
	return rc == 0 ? 0 : error_add("files %s: the command %s", section->settings->name, when);
}

int
op_files_before(struct op_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct section *section = &files->sections[i];

		section->begun = true;
		if (section->settings->before.items == NULL ||
			run_command(section, &section->settings->before, "before") == 0)
			continue;
		if (error_get()->class == ERR_INTERRUPTED)
			return -1;
		error_take(&section->error);
	}
	return 0;
}

void
op_files_after(struct op_files *files)
{
	struct error current;
	int held;

	error_take(&current);
	held = interrupt_hold();
	for (size_t i = 0; i < files->count; i++) {
		struct section *section = &files->sections[i];

		if (!section->begun || section->settings->after.items == NULL)
			continue;
		section->begun = false;
		if (run_command(section, &section->settings->after, "after") == 0)
			continue;
		log_warning("%s", error_get()->message);
		error_take(&section->after);
	}
	interrupt_resume(held);
	if (current.class != ERR_NONE)
		error_put(&current);
}

int
op_files_verdict(const struct op_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct section *section = &files->sections[i];

		if (section->error.class != ERR_NONE) {
			error_put(&section->error);
			return error_add("the backup stands, but without its files");
		}
		if (section->after.class != ERR_NONE) {
			error_put(&section->after);
			return error_add("the backup stands, but not all is as it was before");
		}
	}
	return 0;
}

/* The first store where what goes into it can be read by whoever gets hold of it; NULL = all are encrypted. A
 * backup goes into every store, and takes its files along. */
static const struct settings_store *
plain_store(const struct settings *settings)
{
	for (size_t i = 0; i < settings->store_count; i++)
		if (!op_seal_store(&settings->stores[i]))
			return &settings->stores[i];
	return NULL;
}

/* Whether a section must not go into a plain store. */
static bool
is_secret(const struct section *section, bool is_file)
{
	switch (section->settings->secret) {
	case SETTINGS_SECRET_YES:
		return true;
	case SETTINGS_SECRET_NO:
		return false;
	default:
		return is_file;
	}
}

/* What is never packed: our own stores, which would grow by what they hold; and the env file, in a folder
 * about whose secrets nothing was said. *avoids is the caller's to free. */
static size_t
list_avoids(const struct op_files *files, const struct section *section, struct files_avoid **avoids)
{
	const struct settings *settings = files->settings;
	struct files_avoid *list = mem_zero(sizeof(*list) * (settings->store_count + 1));
	size_t count = 0;

	for (size_t i = 0; i < settings->store_count; i++)
		if (settings->stores[i].path != NULL)
			list[count++] = (struct files_avoid){ settings->stores[i].path, FILES_NOTE_SKIPPED,
				"is a store of backups" };
	if (settings->source.env_file != NULL && plain_store(settings) != NULL &&
		section->settings->secret == SETTINGS_SECRET_DEFAULT)
		list[count++] = (struct files_avoid){ settings->source.env_file, FILES_NOTE_SECRET,
			"holds secrets, and was left out: not every store is encrypted" };
	*avoids = list;
	return count;
}

/* One tar, from the folder to the object. */
static int
pack_tar(const struct op_files *files, const struct section *section, struct store *store,
	struct manifest *manifest, struct manifest_files *about, struct files_list *list,
	struct frame_index *index)
{
	const struct settings_files *settings = section->settings;
	struct files_avoid *avoids = NULL;
	size_t avoid_count = list_avoids(files, section, &avoids);
	const struct files_pack_options options = {
		.path = settings->path,
		.excludes = (const char *const *)settings->excludes.items,
		.exclude_count = settings->excludes.count,
		.one_file_system = settings->one_file_system,
		.avoid_count = avoid_count,
		.avoids = avoids,
		.name = settings->name,
	};
	const struct op_object_place place = {
		.store = store,
		.settings = &files->settings->stores[0],
		.manifest = manifest,
		.follow = files->follow,
	};
	char *framed = op_files_tar_name(settings->name, files->settings->dump.codec);
	char *name = op_object_name(&place, framed);
	struct op_object object;
	struct stage *head = op_object_stage(&place, name, &object);
	int rc = -1;

	head = op_object_frames(head, &files->settings->dump, index);
	head = stage_progress_new(stage_xxh128_new(head, &about->plain_xxh128));
	if (head != NULL && files_pack(&options, head, list) == 0 && stage_finish(head) == 0)
		rc = 0;
	if (rc == 0)
		op_object_enter(&place, name, &object);
	stage_free(head);
	free(avoids);
	free(framed);
	free(name);
	return rc;
}

/* The record of the tar, and the section's entry in the manifest. */
static int
put_record(const struct section *section, const struct op_object_place *place, struct manifest_files *about,
	const struct files_list *list, const struct frame_index *index)
{
	struct buf packed = BUF_EMPTY;
	char *framed = op_files_record_name(section->settings->name, index->codec);
	char *name = op_object_name(place, framed);
	int rc;

	about->entries = list->entries;
	about->bytes = list->bytes;
	about->notes = list->notes;
	about->unread = list->unread;
	about->plain_bytes = index->plain_bytes;
	rc = op_files_record_pack(about, section->settings->path, list, index, &packed);
	if (rc == 0)
		rc = op_object_put(place, name, &packed);
	if (rc == 0)
		manifest_add_files(place->manifest, about);
	buf_clear(&packed);
	free(framed);
	free(name);
	return rc;
}

/* A section that a plain store does not get. */
static void
leave_out(const struct section *section, const struct settings *settings, struct manifest *manifest)
{
	char *why =
		mem_format("it holds secrets, and store %s is not encrypted", plain_store(settings)->name);
	const struct manifest_files missing = { .name = section->settings->name, .missing = why };

	log_warning("files %s are left out: %s (`secret = no` keeps them there all the same)",
		section->settings->name, why);
	manifest_add_files(manifest, &missing);
	free(why);
}

/* A section's tar and record. 0, or -1 with the error: ERR_SOURCE is the section's own. */
static int
pack_section(const struct op_files *files, const struct section *section, struct store *store,
	struct manifest *manifest)
{
	const struct op_object_place place = {
		.store = store,
		.settings = &files->settings->stores[0],
		.manifest = manifest,
	};
	struct manifest_files about = { .name = section->settings->name };
	struct files_list list;
	struct frame_index index;
	bool is_file = false;
	int rc;

	if (files_check(section->settings->path, &is_file) != 0)
		return -1;
	if (is_secret(section, is_file) && plain_store(files->settings) != NULL) {
		leave_out(section, files->settings, manifest);
		return 0;
	}
	files_list_init(&list);
	frame_index_init(&index);
	progress_begin("files", 0);
	rc = pack_tar(files, section, store, manifest, &about, &list, &index);
	progress_end();
	if (rc == 0)
		rc = put_record(section, &place, &about, &list, &index);
	if (rc == 0)
		log_verbose("files %s: %llu entries, %llu bytes", about.name,
			(unsigned long long)about.entries, (unsigned long long)about.bytes);
	files_list_clear(&list);
	frame_index_clear(&index);
	return rc;
}

int
op_files_pack(
	struct op_files *files, struct store *store, struct op_follow *follow, struct manifest *manifest)
{
	files->follow = follow;
	for (size_t i = 0; i < files->count; i++) {
		struct section *section = &files->sections[i];

		if (section->error.class == ERR_NONE && pack_section(files, section, store, manifest) != 0) {
			if (error_get()->class != ERR_SOURCE)
				return -1;
			error_add("files %s", section->settings->name);
			error_take(&section->error);
		}
		if (section->error.class != ERR_NONE) {
			const struct manifest_files missing = { .name = section->settings->name,
				.missing = section->error.message };
			log_warning("%s", section->error.message);
			manifest_add_files(manifest, &missing);
		}
	}
	return 0;
}
