/*
 * The settings file, read with inih. inih finds comments, keys and values; three things are done for it here,
 * in the function that hands it lines. White space in front of a line goes, so that an indented file reads
 * the same (inih would take the line for more of the value above). A line longer than inih's buffer is
 * refused, which inih would cut in two. And headings are read here, because inih says nothing of a section
 * without keys and cuts long names short. The key `include` hands inih another file's lines in the middle of
 * these; the section goes on through them.
 */
#include "config.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "settings_keys.h"

#define FILE_LIMIT_BYTES    (1u << 20)
#define INCLUDE_DEPTH_LIMIT 8

struct lines {
	const char *text;
	size_t len, at;
	const char *file; /* for errors, and what includes are relative to */
	int line;         /* the one that inih has now, from 1 */
};

struct parser {
	struct lines lines;
	int failed_line; /* where the error was found; 0 = none so far */
	int depth;       /* of includes */
	bool from_file;  /* the text is that of a file, and may include others */
	struct settings *settings;
	struct buf seen; /* headings, each between newlines */

	/* The section that the line is in. */
	const struct settings_section *section; /* NULL before the first heading, and behind an include */
	char *heading;                          /* "store local" */
	void *base;                             /* what its keys' offsets count from */
	uint64_t given;                         /* keys, as bits by their place in the table */
};

/* Sets the error, "FILE:LINE: " in front; nothing more is read. */
static void fail(struct parser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
fail(struct parser *parser, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	error_set(ERR_SETTINGS, "%s:%d: %s", parser->lines.file, parser->lines.line, text);
	parser->failed_line = parser->lines.line;
}

static void
hint_nearest(const char *word, const char *const *words)
{
	const char *nearest = text_nearest(word, words);

	if (nearest != NULL)
		error_hint("Did you mean '%s'?", nearest);
	else
		error_hint("incant-backup.conf(5) describes every section and key.");
}

/* Whether the section that ends here has what it needs. */
static void
end_section(struct parser *parser)
{
	const struct settings_key *key = parser->section != NULL ? parser->section->keys : NULL;

	for (size_t i = 0; key != NULL && key[i].name != NULL; i++) {
		if (!key[i].required || (parser->given & (uint64_t)1 << i) != 0)
			continue;
		fail(parser, "[%s] ends here and has no '%s'", parser->heading, key[i].name);
		error_hint("It must be %s.", key[i].expected);
		return;
	}
}

static const struct settings_section *
find_section(struct parser *parser, const char *word)
{
	const char *words[16] = { NULL };

	for (size_t i = 0; settings_sections[i].word != NULL; i++) {
		if (strcmp(settings_sections[i].word, word) == 0)
			return &settings_sections[i];
		words[i] = settings_sections[i].word;
	}
	fail(parser, "unknown section [%s]", word);
	hint_nearest(word, words);
	return NULL;
}

/* Whether a heading was there before; it is remembered. */
static bool
is_repeated(struct parser *parser, const char *heading)
{
	char *line = mem_format("\n%s\n", heading);
	bool repeated = strstr(buf_text(&parser->seen), line) != NULL;

	buf_append_text(&parser->seen, line);
	free(line);
	return repeated;
}

/* Whether [word name] may begin here. name is "" where there is none; heading is both. */
static bool
check_section(
	struct parser *parser, const struct settings_section *section, const char *name, const char *heading)
{
	bool needs_name = section->named == SETTINGS_NAMED || (section->named && name[0] != '\0');

	if (needs_name && !settings_name_is_valid(name)) {
		fail(parser, "[%s NAME] needs a name", section->word);
		error_hint(
			"A name is letters, digits, '.', '_' and '-', at most 40, a letter or digit first.");
	} else if (!section->named && name[0] != '\0') {
		fail(parser, "[%s] has no name, and here is '%s'", section->word, name);
	} else if (is_repeated(parser, heading)) {
		fail(parser, "section [%s] is here a second time", heading);
	}
	return parser->failed_line == 0;
}

/* Takes a heading apart, in place: *name is what stands behind the first word, "" for nothing. NULL when it
 * is none. */
static char *
split_heading(char *heading, char **name)
{
	char *end = strchr(heading, ']');
	char *word = heading + 1 + strspn(heading + 1, " \t");

	if (end == NULL)
		return NULL;
	const char *behind = end + 1 + strspn(end + 1, " \t\r");
	if (*behind != '\0' && *behind != ';' && *behind != '#')
		return NULL;
	while (end > word && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	*name = word + strcspn(word, " \t");
	if (**name != '\0') {
		*(*name)++ = '\0';
		*name += strspn(*name, " \t");
	}
	return word;
}

static void
begin_section(struct parser *parser, const char *line)
{
	char *heading = mem_text(line);
	char *name = NULL;
	const char *word = split_heading(heading, &name);
	const struct settings_section *section = NULL;

	if (word == NULL)
		fail(parser, "this is not a heading: '%s'", line);
	if (parser->failed_line == 0)
		end_section(parser);
	if (parser->failed_line == 0)
		section = find_section(parser, word);
	if (section != NULL) {
		char *whole = mem_format("%s%s%s", word, name[0] != '\0' ? " " : "", name);
		if (check_section(parser, section, name, whole)) {
			free(parser->heading);
			parser->heading = mem_text(whole);
			parser->section = section;
			parser->given = 0;
			parser->base = section->begin(parser->settings, name);
		}
		free(whole);
	}
	free(heading);
}

/* UTF-8, and no control characters but a tab, and a carriage return at the end. */
static bool
is_text(const char *line, size_t len)
{
	if (text_utf8_valid(line, len) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t' &&
			    !(line[i] == '\r' && i + 1 == len)) ||
			line[i] == 0x7f)
			return false;
	return true;
}

/* inih's reader of lines, as fgets(3): NULL at the end, and after an error. */
static char *
read_line(char *to, int capacity, void *stream)
{
	struct parser *parser = stream;
	struct lines *lines = &parser->lines;
	const char *line = lines->text + lines->at;

	if (parser->failed_line != 0 || lines->at == lines->len)
		return NULL;
	const char *end = memchr(line, '\n', lines->len - lines->at);
	size_t len = end != NULL ? (size_t)(end - line) : lines->len - lines->at;
	lines->at += len + (end != NULL ? 1 : 0);
	lines->line++;
	for (; len > 0 && (*line == ' ' || *line == '\t'); len--)
		line++;

	if (!is_text(line, len)) {
		fail(parser, "this line holds control characters or is not UTF-8");
		return NULL;
	}
	if (len > 0 && (line[0] == ';' || line[0] == '#'))
		len = 0; /* a comment may be of any length */
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len + sizeof("\n") > (size_t)capacity) {
		fail(parser, "this line is too long (%zu bytes, %zu are allowed)", len,
			(size_t)capacity - sizeof("\n"));
		error_hint(
			"A long conninfo can move into a connection service file: conninfo = service=NAME");
		return NULL;
	}
	memcpy(to, line, len);
	to[len] = '\0';
	if (to[0] == '[')
		begin_section(parser, to);
	memcpy(to + len, "\n", sizeof("\n"));
	return parser->failed_line == 0 ? to : NULL;
}

static void
refuse_key(struct parser *parser, const char *name)
{
	const char *words[SETTINGS_KEYS_MAX + 1] = { NULL };

	for (size_t i = 0; parser->section->keys[i].name != NULL; i++)
		words[i] = parser->section->keys[i].name;
	fail(parser, "unknown key '%s' in [%s]", name, parser->heading);
	hint_nearest(name, words);
}

/* The value stays out of the message where it may hold a secret: of a conninfo, that is. */
static void
refuse_value(struct parser *parser, const struct settings_key *key, const char *value)
{
	if (value[0] == '\0')
		fail(parser, "key '%s' has no value", key->name);
	else if (strcmp(key->name, "conninfo") == 0)
		fail(parser, "the value of '%s' is refused", key->name);
	else
		fail(parser, "'%s' is not a value for '%s'", value, key->name);
	error_hint("It must be %s.", key->expected);
}

static void
take_key(struct parser *parser, const char *name, const char *value)
{
	const struct settings_key *key = parser->section->keys;
	uint64_t bit = 1;
	int rc = -1;

	for (; key->name != NULL && strcmp(key->name, name) != 0; key++)
		bit <<= 1;
	if (key->name == NULL) {
		refuse_key(parser, name);
	} else if ((parser->given & bit) != 0) {
		fail(parser, "key '%s' is in [%s] a second time", name, parser->heading);
	} else {
		if (value[0] != '\0')
			rc = key->parse(value, (char *)parser->base + key->offset);
		if (rc < 0)
			refuse_value(parser, key, value);
		else if (rc != SETTINGS_MORE)
			parser->given |= bit;
	}
}

static int run_lines(struct parser *parser, const char *text, size_t len, const char *file);

/* What an included file is called: relative names are relative to the file that includes it. */
static char *
included_path(const struct parser *parser, const char *value)
{
	const char *slash = strrchr(parser->lines.file, '/');

	if (value[0] == '/' || slash == NULL)
		return mem_text(value);
	return mem_format("%.*s%s", (int)(slash + 1 - parser->lines.file), parser->lines.file, value);
}

/* Behind a file that has begun sections of its own, nobody could tell which one a key belongs to. */
static void
end_include(struct parser *parser, bool has_sections)
{
	if (has_sections && parser->failed_line == 0) {
		end_section(parser);
		parser->section = NULL;
	}
}

/* Reads another file's lines as though they stood here. */
static void
include_file(struct parser *parser, const char *path)
{
	struct lines outer = parser->lines;
	size_t headings_len = parser->seen.len;
	struct buf text = BUF_EMPTY;
	int rc = file_read(path, FILE_LIMIT_BYTES, ERR_SETTINGS, &text);

	if (rc == FILE_MISSING) {
		fail(parser, "there is no file '%s' to include", path);
	} else if (rc != 0) {
		error_add("%s:%d", outer.file, outer.line);
		parser->failed_line = outer.line;
	} else {
		parser->depth++;
		(void)run_lines(parser, buf_text(&text), text.len, path);
		end_include(parser, parser->seen.len != headings_len);
		parser->depth--;
		parser->lines = outer;
		if (parser->failed_line != 0) /* in there; for inih, here */
			parser->failed_line = outer.line;
	}
	buf_clear(&text);
}

static void
take_include(struct parser *parser, const char *value)
{
	if (value[0] == '\0') {
		fail(parser, "key 'include' has no value");
		error_hint("It must be the name of a file.");
	} else if (!parser->from_file) {
		fail(parser, "only a file can include another one");
	} else if (parser->depth == INCLUDE_DEPTH_LIMIT) {
		fail(parser, "files include one another more than %d deep", INCLUDE_DEPTH_LIMIT);
		error_hint("Does '%s' include itself?", parser->lines.file);
	} else {
		char *path = included_path(parser, value);
		include_file(parser, path);
		if (parser->failed_line == 0)
			settings_add_text(&parser->settings->included, path, strlen(path));
		free(path);
	}
}

/* A key that stands in no section. */
static void
refuse_place(struct parser *parser, const char *name)
{
	if (parser->heading == NULL)
		fail(parser, "key '%s' stands before the first section", name);
	else
		fail(parser, "key '%s' stands behind a file with sections of its own; it needs a heading",
			name);
}

/* inih's handler of a key. Returns 1, or 0 after an error. */
static int
handle_key(void *user, const char *section, const char *name, const char *value)
{
	struct parser *parser = user;

	(void)section;
	if (parser->failed_line != 0)
		return 0;
	if (name == NULL) /* a heading, if this inih was built to report them */
		return 1;
	if (strcmp(name, "include") == 0)
		take_include(parser, value != NULL ? value : "");
	else if (parser->section == NULL)
		refuse_place(parser, name);
	else
		take_key(parser, name, value != NULL ? value : "");
	return parser->failed_line == 0;
}

/* The editor's byte order mark at the beginning of a file. */
static size_t
skip_bom(const char *text, size_t len)
{
	static const char bom[] = "\xef\xbb\xbf";

	return len >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0;
}

static int
run_lines(struct parser *parser, const char *text, size_t len, const char *file)
{
	parser->lines = (struct lines){ .text = text, .len = len, .at = skip_bom(text, len), .file = file };
	int bad_line = ini_parse_stream(read_line, parser, handle_key, parser);

	if (bad_line < 0) {
		parser->failed_line = parser->lines.line;
		return error_set(ERR_INTERNAL, "%s: the parser of settings has no memory", file);
	}
	/* What inih itself did not understand, if that comes before what was refused here. */
	if (bad_line > 0 && (parser->failed_line == 0 || bad_line < parser->failed_line)) {
		parser->lines.line = bad_line;
		fail(parser, "this line is neither a heading nor 'key = value'");
	}
	return parser->failed_line == 0 ? 0 : -1;
}

static void
set_defaults(struct settings *settings)
{
	settings->dump = (struct settings_dump){
		.codec = FRAME_ZSTD,
		.level = 3,
		.frame_bytes = FRAME_DEFAULT_BYTES,
		.verify_frames = true,
		.lock_timeout_ms = 60 * 1000,
		.time_limit_ms = 6 * 60 * 60 * 1000,
		.max_shrink = 30,
	};
	settings_default_watch(settings);
	settings_default_droplet(&settings->droplet);
	settings_default_scratch(&settings->scratch);
}

static struct settings *
parse(const char *text, size_t len, const char *name, bool from_file)
{
	struct settings *settings = mem_zero(sizeof(*settings));
	struct parser parser = { .settings = settings, .from_file = from_file };

	settings->path = mem_text(name);
	set_defaults(settings);
	int rc = run_lines(&parser, text, len, name);
	if (rc == 0) {
		end_section(&parser);
		rc = parser.failed_line == 0 ? 0 : -1;
	}
	free(parser.heading);
	buf_clear(&parser.seen);
	if (rc != 0 || settings_check(settings) != 0) {
		settings_free(settings);
		return NULL;
	}
	return settings;
}

struct settings *
settings_parse(const char *text, size_t len, const char *name)
{
	return parse(text, len, name, false);
}

struct settings *
settings_load(const char *path)
{
	struct settings *settings = NULL;
	struct buf text = BUF_EMPTY;
	int rc = file_read(path, FILE_LIMIT_BYTES, ERR_SETTINGS, &text);

	if (rc == FILE_MISSING) {
		error_set(ERR_SETTINGS, "there is no settings file '%s'", path);
		error_hint(
			"Write one, as incant-backup.conf(5) describes, or name yours with --config or $%s.",
			SETTINGS_ENVIRONMENT);
	} else if (rc == 0) {
		settings = parse(buf_text(&text), text.len, path, true);
	}
	buf_clear(&text);
	return settings;
}
