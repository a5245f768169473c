/*
 * The XML that S3 answers with, read into rows: elements of the document that have elements of their own,
 * each with its fields by name. The elements of a field are fields too: "Filter/Prefix". What lies deeper is
 * passed over, and so are namespaces.
 *
 *     <ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>3</Size></Contents>…
 *
 * is the row "ListBucketResult" with the field IsTruncated, and a row "Contents" with the fields Key and
 * Size.
 */
#ifndef INCANT_STORE_S3_XML_H
#define INCANT_STORE_S3_XML_H

#include <stddef.h>
#include <stdint.h>

struct store_s3_field {
	char *name, *text;
};

struct store_s3_row {
	char *name;
	struct store_s3_field *fields;
	size_t count, capacity;
};

struct store_s3_xml {
	struct store_s3_row *rows; /* the first is the document itself */
	size_t count, capacity;
};

/* Reads a document. what names it in errors. 0, or -1 with ERR_STORE: no XML, a DOCTYPE, too much in it; then
 * xml is empty. */
int store_s3_xml_read(const char *text, size_t len, const char *what, struct store_s3_xml *xml);
void store_s3_xml_clear(struct store_s3_xml *xml);

/* The document's own name; "" for an empty xml. Borrowed. */
const char *store_s3_xml_name(const struct store_s3_xml *xml);

/* A field's text, or NULL. Borrowed. */
const char *store_s3_row_text(const struct store_s3_row *row, const char *field);

/* A field of the document itself, or NULL. Borrowed. */
const char *store_s3_xml_text(const struct store_s3_xml *xml, const char *field);

/* A field that is a decimal number. 0, or -1 without an error set. */
int store_s3_row_u64(const struct store_s3_row *row, const char *field, uint64_t *value);

#endif
