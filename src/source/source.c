/*
 * What both kinds of source have in common: which database is asked for facts, and what is asked.
 */
#include "config.h"

#include "incant/source.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/text.h"
#include "source_driver.h"

struct source *
source_open(const struct settings *settings, const char *run)
{
	struct source *source = settings->source.kind == SETTINGS_DOCKER ? source_docker_new(settings)
									 : source_exec_new(settings);

	if (source == NULL)
		return NULL;
	source->settings = settings;
	source->dump_name = source_dump_name(run);
	return source;
}

void
source_free(struct source *source)
{
	if (source == NULL)
		return;
	free(source->describe);
	free(source->dump_name);
	free(source->server_version);
	free(source->dumper_version);
	free(source->superuser);
	source->ops->free(source);
}

/* To "postgres", or where that has been dropped to "template1", as pg_dumpall does. */
static int
connect_once(struct source *source)
{
	struct error first;

	if (source->connected)
		return 0;
	if (source->ops->connect(source, "postgres") != 0) {
		if (error_get()->class == ERR_INTERRUPTED)
			return -1;
		error_take(&first);
		if (source->ops->connect(source, "template1") != 0)
			return error_put(&first);
	}
	source->connected = true;
	return 0;
}

/* A number that the role may be forbidden to know: 0 then. -1 only when interrupted. */
static int
ask_number(struct source *source, const char *statement, uint64_t *number)
{
	char *text = NULL;

	*number = 0;
	if (source->ops->value(source, statement, &text) != 0) {
		if (error_get()->class == ERR_INTERRUPTED)
			return -1;
		log_verbose("%s: %s", source->describe, error_get()->message);
		error_clear();
	} else if (text == NULL || text_parse_u64(text, number) != 0) {
		log_verbose("%s: no number: %s", source->describe, text != NULL ? text : "NULL");
	}
	free(text);
	return 0;
}

/* "pg_dumpall (PostgreSQL) 15.18 (Debian …)" without its beginning. */
static char *
version_of(const char *line)
{
	static const char mark[] = "(PostgreSQL) ";
	const char *at = strstr(line, mark);

	return mem_text(at != NULL ? at + strlen(mark) : line);
}

static int
ask_versions(struct source *source)
{
	char *line = NULL;

	free(source->server_version);
	source->server_version = NULL;
	if (source->ops->value(source, "SHOW server_version", &source->server_version) != 0 ||
		source->ops->dumper_version(source, &line) != 0)
		return -1;
	free(source->dumper_version);
	source->dumper_version = version_of(line);
	free(line);
	return 0;
}

/* The role that initdb made has the oid 10 (BOOTSTRAP_SUPERUSERID). */
static int
ask_superuser(struct source *source)
{
	free(source->superuser);
	source->superuser = NULL;
	return source->ops->value(
		source, "SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10", &source->superuser);
}

int
source_inspect(struct source *source, struct source_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	if (connect_once(source) != 0 || ask_versions(source) != 0 || ask_superuser(source) != 0)
		return -1;
	facts->server_version = source->server_version;
	facts->dumper_version = source->dumper_version;
	facts->superuser = source->superuser;
	if (ask_number(source, "SELECT system_identifier FROM pg_catalog.pg_control_system()",
		    &facts->system_identifier) != 0)
		return -1;
	return ask_number(source,
		"SELECT sum(pg_catalog.pg_database_size(oid)) FROM pg_catalog.pg_database WHERE datallowconn",
		&facts->database_bytes);
}

int
source_ask(struct source *source, const char *statement, char **text)
{
	*text = NULL;
	return connect_once(source) != 0 ? -1 : source->ops->value(source, statement, text);
}

int
source_end_leftovers(struct source *source, unsigned *ended)
{
	char *text = NULL;
	uint64_t count = 0;

	if (connect_once(source) != 0 || source->ops->value(source, source_leftovers_statement(), &text) != 0)
		return -1;
	int result = text != NULL ? text_parse_u64(text, &count) : -1;
	free(text);
	if (result != 0)
		return error_set(ERR_SOURCE, "%s: cannot count the dumps that were ended", source->describe);
	*ended += (unsigned)count;
	return 0;
}

int
source_checkpoint(struct source *source)
{
	return connect_once(source) == 0 ? source->ops->run(source, "CHECKPOINT") : -1;
}

int
source_dump(struct source *source, struct stage *head)
{
	uint64_t before_bytes = head->in_bytes;

	if (source->ops->dump(source, head) != 0)
		return -1;
	if (head->in_bytes == before_bytes)
		return error_set(ERR_SOURCE, "pg_dumpall ended well and wrote nothing");
	return 0;
}

const char *
source_describe(const struct source *source)
{
	return source->describe;
}
