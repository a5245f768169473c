/*
 * The words of a dump: the name by which the server knows it, the statements that end it by that name, and
 * the options of pg_dumpall that come from the settings.
 */
#include "config.h"

#include "source_driver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/pg.h"

#define NAME_PREFIX "incant-backup "
/* The server cuts a longer application_name (NAMEDATALEN - 1). */
enum { NAME_BYTES = 63 };

/* Ends the backends, of our role, that a condition names. The condition stands in WHERE and the call in
 * FILTER, so that no other backend is ever touched, in whatever order the server works. */
#define END_BACKENDS(condition)                                               \
	"SELECT count(*) FILTER (WHERE pg_catalog.pg_terminate_backend(pid))" \
	" FROM pg_catalog.pg_stat_activity WHERE usename = session_user"      \
	" AND pid <> pg_catalog.pg_backend_pid() AND application_name " condition

char *
source_dump_name(const char *run)
{
	assert(run[0] >= '0' && run[0] <= '9'); /* what a leftover is known by */
	char *name = mem_format(NAME_PREFIX "%s", run);

	if (strlen(name) > NAME_BYTES)
		name[NAME_BYTES] = '\0';
	return name;
}

const char *
source_leftovers_statement(void)
{
	return END_BACKENDS("~ '^" NAME_PREFIX "[0-9]'");
}

char *
source_end_statement(const struct source *source)
{
	char *literal = pg_quote_literal(source->dump_name);
	char *statement = mem_format(END_BACKENDS("= %s"), literal);

	free(literal);
	return statement;
}

char *
source_lock_option(const struct source *source)
{
	unsigned long long timeout_ms = source->settings->dump.lock_timeout_ms;

	return timeout_ms != 0 ? mem_format("--lock-wait-timeout=%llu", timeout_ms) : NULL;
}
