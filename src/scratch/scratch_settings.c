/*
 * How a scratch server is set up. It is thrown away after an hour, so everything that guards against a crash
 * is off: here, and nowhere else. What matters is speed with little memory, and that nothing in it acts on
 * its own.
 */
#include "config.h"

#include "scratch_inside.h"

#include <stdlib.h>

#include "incant/mem.h"

/* Settings that every version from 13 on knows. */
static const char *const always[] = {
	/* Nothing survives a crash, and nothing is waited for. */
	"fsync=off",
	"full_page_writes=off",
	"synchronous_commit=off",
	/* COPY into a table of the same transaction writes no log. */
	"wal_level=minimal",
	"max_wal_senders=0",
	"archive_mode=off",
	"max_wal_size=512MB",
	"checkpoint_timeout=1h",
	/* Nothing happens but what the restore asks for. */
	"autovacuum=off",
	"restart_after_crash=off",
	"max_logical_replication_workers=0",
	"jit=off",
	/* Reached through its socket alone. */
	"listen_addresses=",
	"port=5432",
	"ssl=off",
	/* One transaction of pg_dump locks every table of a database. */
	"max_connections=50",
	"max_locks_per_transaction=1024",
	"work_mem=16MB",
	"lc_messages=C",
	/* Its log is for us; what stands in rows and statements is not for a log. */
	"log_min_error_statement=panic",
	"log_statement=none",
	"log_min_messages=fatal",
};

static void
add(struct scratch_settings *settings, char *item)
{
	MEM_GROW(settings->items, settings->count, settings->capacity);
	settings->items[settings->count++] = item;
}

void
scratch_settings_make(
	const struct scratch_options *options, const char *socket, struct scratch_settings *settings)
{
	unsigned long long memory_mb = options->memory_bytes >> 20;

	*settings = (struct scratch_settings){ NULL, 0, 0 };
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add(settings, mem_text(always[i]));
	add(settings, mem_format("unix_socket_directories=%s", socket));
	/* A quarter for pages, an eighth for each of the few index builds at a time. */
	add(settings, mem_format("shared_buffers=%lluMB", memory_mb / 4 > 16 ? memory_mb / 4 : 16));
	add(settings, mem_format("maintenance_work_mem=%lluMB", memory_mb / 8 > 8 ? memory_mb / 8 : 8));
	if (options->preload != NULL)
		add(settings, mem_format("shared_preload_libraries=%s", options->preload));
}

void
scratch_settings_clear(struct scratch_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		free(settings->items[i]);
	free(settings->items);
	*settings = (struct scratch_settings){ NULL, 0, 0 };
}
