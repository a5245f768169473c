/* A restore's message ends with the server's SQLSTATE, and with the statement that failed. */
#include "config.h"

#include "op_prove_words.h"

#include <stddef.h>
#include <string.h>

/* SQLSTATE classes 53 (resources), 57P (shutdown), 58030 (I/O), 08 (connection). */
static const char *const machine[] = { "SQLSTATE 53", "SQLSTATE 57P", "SQLSTATE 58030", "SQLSTATE 08",
	"server closed the connection", "could not connect", "cannot connect", "connection to server" };

bool
op_prove_is_about_machine(const char *message)
{
	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		if (strstr(message, machine[i]) != NULL)
			return true;
	return false;
}

#define SEARCH_PATH                                                                                         \
	"A dump is restored with an empty search_path, and a function that runs meanwhile (in an index, a " \
	"check, a generated column, a materialized view) names something without its schema. On the "       \
	"source: "                                                                                          \
	"ALTER FUNCTION … SET search_path = …, or write the schema in the function's body."

/* The first row both of whose texts are in the message; NULL fits everything. */
static const struct {
	const char *a, *b;
	const char *lesson;
} lessons[] = {
	{ "needs the extension", NULL,
		"The scratch server's PostgreSQL lacks the extension's files. If the server that you would "
		"restore to "
		"lacks them as well, this backup is of no use there: add them to the image, or install the "
		"package." },
	{ "could not open extension control file", NULL,
		"The scratch server's PostgreSQL lacks the extension's files; a server to restore to needs "
		"them." },
	{ "could not access file", NULL,
		"A library that the source has loaded is not where the scratch server's PostgreSQL looks; a "
		"server to "
		"restore to needs it." },
	{ "shared_preload_libraries", NULL,
		"The extension must be loaded when the server starts: preload in [scratch] does that." },
	{ "SQLSTATE 42883", NULL, SEARCH_PATH },
	{ "SQLSTATE 42P01", NULL, SEARCH_PATH },
	{ "SQLSTATE 42704", "text search", SEARCH_PATH },
	{ "SQLSTATE 42704", "type", SEARCH_PATH },
	{ "locale", NULL,
		"The source's locale is not on the scratch server; a server to restore to needs it "
		"(locale-gen, "
		"or an "
		"image that has it)." },
	{ "collation", NULL,
		"A collation of the source is not on the scratch server: its ICU or C library is another "
		"one. "
		"A server "
		"to restore to needs the same." },
	{ "SQLSTATE 23", NULL,
		"The data does not fit its own constraints: a check or a function changed after the rows "
		"were "
		"written, "
		"or an index is damaged on the source. Mend the rows there." },
	{ "encoding", NULL,
		"The data has bytes that are not valid in its encoding. Mend the rows on the source." },
};

const char *
op_prove_lesson(const char *message)
{
	for (size_t i = 0; i < sizeof(lessons) / sizeof(lessons[0]); i++)
		if (strstr(message, lessons[i].a) != NULL &&
			(lessons[i].b == NULL || strstr(message, lessons[i].b) != NULL))
			return lessons[i].lesson;
	return NULL;
}
