/*
 * A server reached by libpq, dumped by a pg_dumpall on this machine. Facts come over a connection of our own,
 * which is closed before the dump begins, so that a dump of hours holds no idle one open.
 */
#include "config.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/process.h"
#include "incant/text.h"
#include "source_driver.h"

enum { READ_BYTES = 256 * 1024, VERSION_MS = 30 * 1000 };

struct source_exec {
	struct source base;
	struct pg *pg;  /* NULL until connect() */
	char *dumper;   /* pg_dumpall, or its path */
	char *conninfo; /* never NULL */
};

static struct pg *
connect_to(const struct source_exec *self, const char *database, bool heedless)
{
	struct pg_options options = {
		.conninfo = self->conninfo,
		.database = database,
		.application_name = SOURCE_INSPECT_NAME,
		.error_class = ERR_SOURCE,
		.heedless = heedless,
	};

	return pg_connect(&options);
}

static int
exec_connect(struct source *source, const char *database)
{
	struct source_exec *self = (struct source_exec *)source;

	pg_free(self->pg);
	self->pg = connect_to(self, database, false);
	return self->pg != NULL ? 0 : -1;
}

static int
exec_value(struct source *source, const char *statement, char **text)
{
	struct source_exec *self = (struct source_exec *)source;
	int result = pg_value(self->pg, statement, 0, NULL, text);

	return result == PG_NO_ROW ? error_set(ERR_SOURCE, "no row for: %s", statement) : result;
}

static int
exec_run(struct source *source, const char *statement)
{
	return pg_run(((struct source_exec *)source)->pg, statement);
}

static int
exec_dumper_version(struct source *source, char **line)
{
	struct source_exec *self = (struct source_exec *)source;
	const char *argv[] = { self->dumper, "--version", NULL };
	struct process_request request = { .argv = argv, .deadline_ms = clock_monotonic_ms() + VERSION_MS };
	struct process *process = process_start(&request);
	char text[256];
	size_t len = 0;
	ssize_t got = 0;

	if (process == NULL)
		return -1;
	do {
		got = process_read(process, text + len, sizeof(text) - len);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0 && len < sizeof(text));
	int result = got >= 0 ? process_wait(process) : -1;
	process_free(process);
	if (result == 0)
		*line = text_printable(text, len > 0 && text[len - 1] == '\n' ? len - 1 : len);
	return result;
}

static struct process *
start_dump(const struct source_exec *self)
{
	uint64_t limit_ms = self->base.settings->dump.time_limit_ms;
	char *lock_option = source_lock_option(&self->base);
	char *name = mem_format("PGAPPNAME=%s", self->base.dump_name);
	const char *env[] = { name, NULL };
	const char *argv[] = { self->dumper, "--no-password", "-d", self->conninfo, lock_option, NULL };
	struct process_request request = {
		.argv = argv,
		.env = env,
		.deadline_ms = limit_ms != 0 ? clock_monotonic_ms() + limit_ms : 0,
	};
	struct process *process = process_start(&request);

	free(name);
	free(lock_option);
	return process;
}

/* From pg_dumpall into head until pg_dumpall has ended well. 0 or -1. */
static int
pump(struct process *process, struct stage *head)
{
	char *bytes = mem_alloc(READ_BYTES);
	ssize_t got;
	int result;

	do {
		got = process_read(process, bytes, READ_BYTES);
		result = got > 0 ? stage_write(head, bytes, (size_t)got) : (int)got;
	} while (got > 0 && result == 0);
	free(bytes);
	return result == 0 ? process_wait(process) : -1;
}

/*
 * Ends what a dump that failed has left in the server, while the current error stays. pg_dump cancels its
 * statement itself when it is told to end; a backend is left where it was killed at once, or waits for a
 * lock. What cannot be ended now is ended by the next run.
 */
static void
end_backends(struct source_exec *self)
{
	struct error error;
	char *statement = source_end_statement(&self->base);
	char *count = NULL;

	error_take(&error);
	struct pg *pg = connect_to(self, "postgres", true);
	if (pg == NULL)
		pg = connect_to(self, "template1", true);
	if (pg == NULL || pg_value(pg, statement, 0, NULL, &count) != 0)
		log_verbose("cannot look for backends of the dump: %s", error_get()->message);
	else if (!text_equal(count, "0"))
		log_verbose("ended %s backends of the dump", count != NULL ? count : "some");
	pg_free(pg);
	free(count);
	free(statement);
	error_put(&error);
}

static int
exec_dump(struct source *source, struct stage *head)
{
	struct source_exec *self = (struct source_exec *)source;

	pg_free(self->pg);
	self->pg = NULL;
	source->connected = false;
	struct process *process = start_dump(self);
	if (process == NULL)
		return -1;
	int result = pump(process, head);
	process_free(process); /* ends it, when it still runs */
	if (result != 0)
		end_backends(self);
	return result;
}

static void
exec_free(struct source *source)
{
	struct source_exec *self = (struct source_exec *)source;

	pg_free(self->pg);
	free(self->dumper);
	free(self->conninfo);
	free(self);
}

static const struct source_ops exec_ops = {
	.connect = exec_connect,
	.value = exec_value,
	.run = exec_run,
	.dumper_version = exec_dumper_version,
	.dump = exec_dump,
	.free = exec_free,
};

struct source *
source_exec_new(const struct settings *settings)
{
	const struct settings_source *from = &settings->source;
	struct source_exec *self = mem_zero(sizeof(*self));

	self->base.ops = &exec_ops;
	self->conninfo = mem_text(from->conninfo != NULL ? from->conninfo : "");
	self->dumper =
		from->pg_bindir != NULL ? file_join(from->pg_bindir, "pg_dumpall") : mem_text("pg_dumpall");
	self->base.describe = mem_text(self->conninfo[0] != '\0' ? self->conninfo : "the local server");
	return &self->base;
}
