/*
 * The borders between sections. They are found after the fact: that a run of SET statements belonged to the
 * next database is known when CREATE DATABASE comes. So the place where the run began is remembered, and what
 * was recorded in it (a DROP DATABASE, with --clean) is moved to the new section.
 */
#include "config.h"

#include "scan_section.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

#include "scan_contents.h"

static const char title[] = "-- Database \"";

static struct contents_section *
begin_section(struct scan_section *section, const char *database, uint64_t plain_off)
{
	struct contents *contents = section->contents;
	struct contents_section *before;
	struct contents_section *now;

	MEM_GROW(contents->sections, contents->section_count, contents->section_capacity);
	now = &contents->sections[contents->section_count++];
	memset(now, 0, sizeof(*now));
	now->database = mem_text(database);
	now->encoding = mem_text(section->encoding != NULL ? section->encoding : "");
	now->at.plain_off = plain_off;
	if (contents->section_count > 1) {
		before = now - 1;
		before->at.bytes = plain_off - before->at.plain_off;
		scan_contents_end_section(before);
	}
	return now;
}

/* Forgets the run so far: the next item is not part of it. */
static void
end_run(struct scan_section *section)
{
	free(section->encoding);
	free(section->dropped);
	section->encoding = NULL;
	section->dropped = NULL;
	section->running = false;
	section->drops = 0;
}

static void
begin_run(struct scan_section *section)
{
	if (section->running)
		return;
	section->running = true;
	section->run_at = section->cut_at;
}

void
scan_section_init(struct scan_section *section, struct contents *contents, uint64_t plain_off)
{
	memset(section, 0, sizeof(*section));
	section->contents = contents;
	section->cut_at = plain_off;
	begin_section(section, NULL, plain_off);
}

void
scan_section_clear(struct scan_section *section)
{
	end_run(section);
}

struct contents_section *
scan_section_current(const struct scan_section *section)
{
	return &section->contents->sections[section->contents->section_count - 1];
}

void
scan_section_comment(struct scan_section *section, const char *text, size_t len, uint64_t plain_off)
{
	if (!section->titled && section->ruled && strncmp(text, title, sizeof(title) - 1) == 0) {
		section->titled = true;
		section->title_at = section->rule_at;
	}
	section->ruled = len == 2;
	section->rule_at = plain_off;
}

void
scan_section_item(struct scan_section *section, uint64_t gap_at)
{
	/* What stood in front of a title did not set up what it announces: without \restrict (older minor
	 * versions) an empty database is nothing but such a run. */
	if (section->titled)
		end_run(section);
	section->cut_at = section->titled ? section->title_at : gap_at;
	section->titled = false;
	section->ruled = false;
}

void
scan_section_session(struct scan_section *section, const char *encoding)
{
	struct contents_section *current = scan_section_current(section);

	begin_run(section);
	if (encoding == NULL)
		return;
	free(section->encoding);
	section->encoding = mem_text(encoding);
	if (current->encoding[0] == '\0') {
		free(current->encoding);
		current->encoding = mem_text(encoding);
	}
}

/*
 * The statement concerns the cluster, and the present section was begun by a \connect of the globals that
 * merely led to another database: there is no such section.
 */
static void
return_to_globals(struct scan_section *section)
{
	struct contents *contents = section->contents;

	if (!section->untouched)
		return;
	contents->section_count--;
	scan_contents_clear_section(&contents->sections[contents->section_count]);
	section->untouched = false;
}

void
scan_section_drop(struct scan_section *section, const char *database)
{
	return_to_globals(section);
	if (section->dropped != NULL)
		end_run(section);
	begin_run(section);
	section->dropped = mem_text(database);
	section->drops++;
}

void
scan_section_other(struct scan_section *section, bool cluster)
{
	if (cluster)
		return_to_globals(section);
	section->untouched = false;
	end_run(section);
}

/* Moves the last count statements of one section to an empty one. */
static void
move_statements(struct contents_section *from, struct contents_section *to, size_t count)
{
	from->statement_count -= count;
	for (size_t i = 0; i < count; i++) {
		MEM_GROW(to->statements, to->statement_count, to->statement_capacity);
		to->statements[to->statement_count++] = from->statements[from->statement_count + i];
	}
}

void
scan_section_create(struct scan_section *section, const char *database)
{
	bool own =
		section->drops == 0 || (section->dropped != NULL && strcmp(section->dropped, database) == 0);
	uint64_t from = section->running && own ? section->run_at : section->cut_at;
	struct contents_section *now = begin_section(section, database, from);

	now->creates = true;
	move_statements(now - 1, now, own ? section->drops : 0);
	section->untouched = false;
	end_run(section);
}

void
scan_section_connect(struct scan_section *section, const char *database)
{
	const struct contents_section *current = scan_section_current(section);
	bool from_globals = section->contents->section_count == 1;
	bool running = section->running && section->drops == 0;

	section->untouched = false;
	if (current->database == NULL || strcmp(current->database, database) != 0) {
		begin_section(section, database, running ? section->run_at : section->cut_at);
		section->untouched = from_globals;
	}
	end_run(section);
}

void
scan_section_end(struct scan_section *section, uint64_t plain_off)
{
	struct contents_section *last = scan_section_current(section);

	last->at.bytes = plain_off - last->at.plain_off;
	section->contents->plain_bytes = plain_off - section->contents->sections[0].at.plain_off;
	scan_contents_end_section(last);
}
