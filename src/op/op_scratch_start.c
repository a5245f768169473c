/*
 * What a scratch server must be like is read from the backup itself: so it can be made when the source is
 * gone.
 */
#include "config.h"

#include "op_scratch_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/docker.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/process.h"
#include "incant/stage.h"
#include "incant/text.h"

#define DEFAULT_SOCKET "/var/run/docker.sock"

enum {
	LOCALE_BYTES = 64 << 10, /* longer than any CREATE DATABASE */
};

/* Log and system catalogs of the server itself. */
#define SERVER_BYTES ((uint64_t)768 << 20)

int
op_scratch_read_text(void *context, struct extent at, struct buf *text)
{
	struct op_opened *opened = context;
	struct stage *to = stage_buf_new(text);
	int rc = frame_read(opened->cluster, &opened->index, at.plain_off, at.bytes, to);

	if (rc == 0)
		rc = stage_finish(to);
	stage_free(to);
	return rc;
}

static enum scratch_kind
choose_kind(const struct settings *settings, enum settings_scratch_kind kind)
{
	if (kind == SETTINGS_SCRATCH_DEFAULT)
		kind = settings->scratch.kind;
	if (kind == SETTINGS_SCRATCH_DEFAULT)
		return settings->source.kind == SETTINGS_DOCKER ? SCRATCH_DOCKER : SCRATCH_CLUSTER;
	return kind == SETTINGS_SCRATCH_DOCKER ? SCRATCH_DOCKER : SCRATCH_CLUSTER;
}

const char *
op_scratch_docker_socket(const struct settings *settings)
{
	return settings->source.docker_socket != NULL ? settings->source.docker_socket : DEFAULT_SOCKET;
}

/* The source container's own image, by id: so extensions and minor version are the same. 0 or -1. */
static int
image_of_source(const struct settings *settings, char **image)
{
	const struct settings_source *source = &settings->source;
	struct docker_container container = { .id = NULL };
	struct docker *docker = docker_open(op_scratch_docker_socket(settings));
	int rc = -1;

	if (docker != NULL && source->container != NULL)
		rc = docker_find_by_name(docker, source->container, &container);
	else if (docker != NULL)
		rc = docker_find_by_compose(
			docker, source->compose_project, source->compose_service, &container);
	if (rc == 0)
		*image = mem_text(container.image_id);
	else
		error_hint("image in [scratch] names an image where the source's cannot be found.");
	docker_container_clear(&container);
	docker_free(docker);
	return rc;
}

static int
choose_image(const struct settings *settings, char **image)
{
	if (settings->scratch.image != NULL) {
		*image = mem_text(settings->scratch.image);
		return 0;
	}
	if (settings->source.kind == SETTINGS_DOCKER)
		return image_of_source(settings, image);
	error_set(ERR_SETTINGS, "%s: a scratch server in a container needs 'image' in [scratch]",
		settings->path);
	return error_hint("The source is not in a container, so there is no image to take.");
}

static bool
has_tablespaces(const struct contents *contents)
{
	const struct contents_section *globals = &contents->sections[0];

	for (size_t i = 0; contents->section_count > 0 && i < globals->statement_count; i++)
		if (text_equal(globals->statements[i].kind, "CREATE TABLESPACE"))
			return true;
	return false;
}

/* The encoding of the databases that a new cluster begins with; NULL = not known. Borrowed. */
static const char *
first_encoding(const struct contents *contents)
{
	for (size_t i = 0; i < contents->section_count; i++) {
		const struct contents_section *section = &contents->sections[i];
		if (section->database != NULL && !section->creates && section->encoding[0] != '\0')
			return section->encoding;
	}
	return NULL;
}

/* What stands in quotes behind `word`, as pg_dump writes it; NULL for nothing. The caller frees it. */
static char *
quoted_behind(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at != NULL ? mem_text_n(at + strlen(word), strcspn(at + strlen(word), "'")) : NULL;
}

/* The locale that the source's cluster was probably made with: that of its first database. NULL = not known.
 * The caller frees it. What is guessed wrong is refused by initdb, and "C" taken. */
static char *
first_locale(struct op_opened *opened)
{
	const struct contents *contents = &opened->contents;
	struct buf text = BUF_EMPTY;
	char *locale = NULL;

	for (size_t i = 0; i < contents->section_count && text.len == 0; i++)
		for (size_t k = 0; k < contents->sections[i].statement_count && text.len == 0; k++) {
			const struct contents_statement *statement = &contents->sections[i].statements[k];

			if (text_equal(statement->kind, "CREATE DATABASE") &&
				statement->at.bytes < LOCALE_BYTES &&
				op_scratch_read_text(opened, statement->at, &text) != 0)
				error_clear(); /* the restore will find it, too */
		}
	locale = quoted_behind(buf_text(&text), " LOCALE = '");
	if (locale == NULL)
		locale = quoted_behind(buf_text(&text), " LC_COLLATE = '");
	buf_clear(&text);
	return locale;
}

/* A third more than what the databases took on the source, and the server's own files. */
static uint64_t
disk_needed(const struct manifest *manifest)
{
	uint64_t bytes = manifest_database_bytes(manifest);

	return bytes + 3 * (bytes / 10) + SERVER_BYTES;
}

/* Removes what is surely dead. That some of it could not be removed stops nobody. */
static void
sweep(const struct scratch_place *place)
{
	size_t removed = 0;

	if (scratch_sweep(place, false, &removed) != 0) {
		log_warning("cannot clean up after scratch servers: %s", error_get()->message);
		error_clear();
	}
	if (removed > 0)
		log_info("removed what %zu scratch server%s of runs that died had left", removed,
			removed == 1 ? "" : "s");
}

/* Tablespaces are made in place only where a session asks for it. */
static char *
restore_conninfo(const struct scratch *scratch, const struct contents *contents)
{
	return mem_format("%s%s", scratch_conninfo(scratch),
		has_tablespaces(contents) ? " options='-c allow_in_place_tablespaces=on'" : "");
}

int
op_scratch_start(struct op_scratch *scratch, const struct settings *settings, struct op_opened *opened,
	enum settings_scratch_kind kind, bool keep)
{
	const struct settings_scratch *from = &settings->scratch;
	const struct manifest *manifest = &opened->entry->manifest;
	char *locale = NULL;
	int rc = 0;

	process_give_way();
	*scratch = (struct op_scratch){ .kind = choose_kind(settings, kind) };
	scratch->superuser = mem_text(manifest->superuser != NULL ? manifest->superuser : "postgres");
	struct scratch_options options = {
		.place = { scratch->kind, from->directory, op_scratch_docker_socket(settings) },
		.major = (int)strtol(manifest->server_version, NULL, 10),
		.superuser = scratch->superuser,
		.encoding = first_encoding(&opened->contents),
		.preload = from->preload,
		.memory_bytes = from->memory_bytes,
		.keep = keep,
		.pg_bindir = from->pg_bindir != NULL ? from->pg_bindir : settings->source.pg_bindir,
	};
	sweep(&options.place);
	if (scratch->kind == SCRATCH_DOCKER)
		rc = choose_image(settings, &scratch->image);
	if (rc == 0)
		rc = scratch_check_room(&options.place, disk_needed(manifest), from->memory_bytes);
	if (rc == 0) {
		options.locale = locale = first_locale(opened);
		options.image = scratch->image;
		scratch->scratch = scratch_start(&options);
		rc = scratch->scratch != NULL ? 0 : -1;
	}
	if (rc == 0)
		scratch->conninfo = restore_conninfo(scratch->scratch, &opened->contents);
	free(locale);
	return rc;
}

void
op_scratch_clear(struct op_scratch *scratch)
{
	scratch_free(scratch->scratch);
	free(scratch->superuser);
	free(scratch->image);
	free(scratch->conninfo);
	*scratch = (struct op_scratch){ .scratch = NULL };
}

const char *
op_scratch_word(const struct op_scratch *scratch)
{
	return scratch->kind == SCRATCH_DOCKER ? "docker" : "cluster";
}

/* Texts that belong to others, where the settings' own fields are not const. */
static char *
borrow(const char *text)
{
	return (char *)(uintptr_t)text;
}

void
op_scratch_source(const struct op_scratch *scratch, const struct settings *settings, struct settings *copy)
{
	*copy = *settings;
	copy->source = (struct settings_source){ .name = settings->source.name };
	if (scratch->kind == SCRATCH_DOCKER) {
		copy->source.kind = SETTINGS_DOCKER;
		copy->source.container = borrow(scratch_container(scratch->scratch));
		copy->source.user = scratch->superuser;
		copy->source.docker_socket = borrow(op_scratch_docker_socket(settings));
	} else {
		copy->source.kind = SETTINGS_POSTGRES;
		copy->source.conninfo = borrow(scratch_conninfo(scratch->scratch));
		copy->source.pg_bindir = borrow(scratch_pg_bindir(scratch->scratch));
	}
}
