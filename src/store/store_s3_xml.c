/*
 * expat's events, made into rows. Depth 1 is the document, depth 2 a field of it or a row, depth 3 a row's
 * field, and so is depth 4. Only at the end of an element of depth 2 is it known which it was: it is begun as
 * a row and, when no element came in it, becomes a field of the document.
 */
#include "config.h"

#include "store_s3_xml.h"

#include <expat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#define TEXT_LIMIT_BYTES (64u * 1024)
#define FIELDS_MAX       64

struct reader {
	XML_Parser parser;
	struct store_s3_xml *xml;
	unsigned depth;
	bool has_fields; /* the element of depth 2 that is open has had an element in it */
	struct buf text; /* of the element that is open at depth 2 to 4 */
	char *parent;    /* name of the one at depth 3 */
	const char *refused;
};

static void
refuse(struct reader *reader, const char *why)
{
	reader->refused = why;
	XML_StopParser(reader->parser, XML_FALSE);
}

static struct store_s3_row *
add_row(struct store_s3_xml *xml, const char *name)
{
	MEM_GROW(xml->rows, xml->count, xml->capacity);
	xml->rows[xml->count] = (struct store_s3_row){ .name = mem_text(name) };
	return &xml->rows[xml->count++];
}

/* Takes ownership of name and text. */
static void
add_field(struct reader *reader, struct store_s3_row *row, char *name, char *text)
{
	if (row->count == FIELDS_MAX) {
		refuse(reader, "an element has too many fields");
		free(name);
		free(text);
		return;
	}
	MEM_GROW(row->fields, row->count, row->capacity);
	row->fields[row->count++] = (struct store_s3_field){ name, text };
}

static void
row_clear(struct store_s3_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		free(row->fields[i].name);
		free(row->fields[i].text);
	}
	free(row->fields);
	free(row->name);
}

void
store_s3_xml_clear(struct store_s3_xml *xml)
{
	for (size_t i = 0; i < xml->count; i++)
		row_clear(&xml->rows[i]);
	free(xml->rows);
	*xml = (struct store_s3_xml){ NULL, 0, 0 };
}

/* expat's callbacks. */

static void
begin_element(void *user, const char *name, const char **attributes)
{
	struct reader *reader = user;

	(void)attributes;
	reader->depth++;
	buf_reset(&reader->text);
	if (reader->depth <= 2)
		add_row(reader->xml, name);
	if (reader->depth == 3) {
		free(reader->parent);
		reader->parent = mem_text(name);
	}
	reader->has_fields = reader->depth > 2;
}

static void
end_element(void *user, const char *name)
{
	struct reader *reader = user;
	struct store_s3_xml *xml = reader->xml;

	if (reader->depth == 4) {
		add_field(reader, &xml->rows[xml->count - 1], mem_format("%s/%s", reader->parent, name),
			buf_take(&reader->text));
	} else if (reader->depth == 3) {
		add_field(reader, &xml->rows[xml->count - 1], mem_text(name), buf_take(&reader->text));
	} else if (reader->depth == 2 && !reader->has_fields) {
		row_clear(&xml->rows[--xml->count]);
		add_field(reader, &xml->rows[0], mem_text(name), buf_take(&reader->text));
	}
	buf_reset(&reader->text);
	reader->depth--;
}

static void
take_text(void *user, const char *bytes, int len)
{
	struct reader *reader = user;

	if (reader->depth < 2 || reader->depth > 4)
		return;
	if ((size_t)len > TEXT_LIMIT_BYTES - reader->text.len) {
		refuse(reader, "a text in it is too long");
		return;
	}
	buf_append(&reader->text, bytes, (size_t)len);
}

/* No answer of S3 has one; with it would come entities, which are a way to make much out of little. */
static void
begin_doctype(void *user, const char *name, const char *system, const char *public, int has_internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_internal;
	refuse(user, "it has a DOCTYPE");
}

int
store_s3_xml_read(const char *text, size_t len, const char *what, struct store_s3_xml *xml)
{
	struct reader reader = { .xml = xml, .text = BUF_EMPTY };

	*xml = (struct store_s3_xml){ NULL, 0, 0 };
	reader.parser = len <= INT_MAX ? XML_ParserCreate(NULL) : NULL;
	if (reader.parser == NULL)
		return error_set(ERR_INTERNAL, "%s: expat cannot be set up", what);
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, begin_element, end_element);
	XML_SetCharacterDataHandler(reader.parser, take_text);
	XML_SetStartDoctypeDeclHandler(reader.parser, begin_doctype);
	if (XML_Parse(reader.parser, text, (int)len, XML_TRUE) != XML_STATUS_OK) {
		error_set(ERR_STORE, "%s: the answer is no XML that can be read: %s (line %lu)", what,
			reader.refused != NULL ? reader.refused
					       : XML_ErrorString(XML_GetErrorCode(reader.parser)),
			(unsigned long)XML_GetCurrentLineNumber(reader.parser));
		store_s3_xml_clear(xml);
	}
	XML_ParserFree(reader.parser);
	buf_clear(&reader.text);
	free(reader.parent);
	return xml->count > 0 ? 0 : -1;
}

const char *
store_s3_xml_name(const struct store_s3_xml *xml)
{
	return xml->count > 0 ? xml->rows[0].name : "";
}

const char *
store_s3_row_text(const struct store_s3_row *row, const char *field)
{
	for (size_t i = 0; i < row->count; i++)
		if (strcmp(row->fields[i].name, field) == 0)
			return row->fields[i].text;
	return NULL;
}

const char *
store_s3_xml_text(const struct store_s3_xml *xml, const char *field)
{
	return xml->count > 0 ? store_s3_row_text(&xml->rows[0], field) : NULL;
}

int
store_s3_row_u64(const struct store_s3_row *row, const char *field, uint64_t *value)
{
	const char *text = store_s3_row_text(row, field);

	return text != NULL ? text_parse_u64(text, value) : -1;
}
