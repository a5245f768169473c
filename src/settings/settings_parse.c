/*
 * The settings file, read with inih. inih finds comments, keys and values; three things are done for it here,
 * in the function that hands it lines. White space in front of a line goes, so that an indented file reads
 * the same (inih would take the line for more of the value above). A line longer than inih's buffer is
 * refused, which inih would cut in two. And headings are read here, because inih says nothing of a section
 * without keys and cuts long names short.
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

#define FILE_LIMIT_BYTES (1u << 20)

struct parser {
	const char *text;
	size_t len, at;
	const char *file; /* for errors */
	int line;         /* the one that inih has now, from 1 */
	int failed_line;  /* where the error was found; 0 = none so far */
	struct settings *settings;
	struct buf seen; /* headings, each between newlines */

	/* The section that the line is in. */
	const struct settings_section *section; /* NULL before the first heading */
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
	error_set(ERR_SETTINGS, "%s:%d: %s", parser->file, parser->line, text);
	parser->failed_line = parser->line;
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
	const char *line = parser->text + parser->at;

	if (parser->failed_line != 0 || parser->at == parser->len)
		return NULL;
	const char *end = memchr(line, '\n', parser->len - parser->at);
	size_t len = end != NULL ? (size_t)(end - line) : parser->len - parser->at;
	parser->at += len + (end != NULL ? 1 : 0);
	parser->line++;
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
	if (parser->section == NULL)
		fail(parser, "key '%s' stands before the first section", name);
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
run_parser(struct parser *parser)
{
	int bad_line = ini_parse_stream(read_line, parser, handle_key, parser);

	if (bad_line < 0) {
		error_set(ERR_INTERNAL, "%s: the parser of settings has no memory", parser->file);
		return -1;
	}
	/* What inih itself did not understand, if that comes before what was refused here. */
	if (bad_line > 0 && (parser->failed_line == 0 || bad_line < parser->failed_line)) {
		parser->line = bad_line;
		fail(parser, "this line is neither a heading nor 'key = value'");
	}
	if (parser->failed_line == 0)
		end_section(parser);
	return parser->failed_line == 0 ? 0 : -1;
}

struct settings *
settings_parse(const char *text, size_t len, const char *name)
{
	struct settings *settings = mem_zero(sizeof(*settings));
	struct parser parser = { .text = text, .len = len, .file = name, .settings = settings };

	settings->path = mem_text(name);
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
	parser.at = skip_bom(text, len);
	int rc = run_parser(&parser);
	free(parser.heading);
	buf_clear(&parser.seen);
	if (rc != 0 || settings_check(settings) != 0) {
		settings_free(settings);
		return NULL;
	}
	return settings;
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
		settings = settings_parse(buf_text(&text), text.len, path);
	}
	buf_clear(&text);
	return settings;
}
