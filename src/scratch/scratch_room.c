/*
 * Whether a test restore fits beside what the machine is for. A full disk or the kernel's killer would hit
 * production, so both are looked at before anything begins.
 */
#include "config.h"

#include "incant/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/docker.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

/* "MemAvailable:  1234 kB" of /proc/meminfo, in bytes; UINT64_MAX where there is no telling. */
static uint64_t
memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	uint64_t bytes = UINT64_MAX;
	char line[256];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "MemAvailable: %20llu kB", &kib) == 1)
			bytes = (uint64_t)kib << 10;
	if (file != NULL)
		fclose(file);
	return bytes;
}

static int
check_memory(uint64_t needed_bytes)
{
	uint64_t free_bytes = memory_available();
	char needed[16], there[16];

	if (free_bytes >= needed_bytes)
		return 0;
	error_set(ERR_PROOF,
		"no memory for a scratch server: it may take %s, %s are free, and what else runs here would "
		"suffer",
		text_format_bytes(needed, sizeof(needed), needed_bytes),
		text_format_bytes(there, sizeof(there), free_bytes));
	return error_hint("Lower memory in [scratch], or prove on another machine.");
}

static int
check_disk(const char *folder, uint64_t needed_bytes)
{
	uint64_t free_bytes;
	char needed[16], there[16];

	if (file_free_bytes(folder, &free_bytes) != 0) {
		log_verbose("'%s' is not on this machine: its free space is not known", folder);
		return 0;
	}
	if (free_bytes >= needed_bytes)
		return 0;
	error_set(ERR_PROOF,
		"no space for a scratch server: it would take about %s in '%s', where %s are free, and what "
		"else runs here would suffer",
		text_format_bytes(needed, sizeof(needed), needed_bytes), folder,
		text_format_bytes(there, sizeof(there), free_bytes));
	return error_hint("Make space there, or prove on another machine.");
}

/* Containers' volumes lie in the engine's own folder. */
static char *
data_folder(const struct scratch_place *place)
{
	char *folder = NULL;

	if (place->kind == SCRATCH_CLUSTER)
		return mem_text(place->folder);
	struct docker *docker = docker_open(place->docker_socket);
	if (docker != NULL)
		folder = docker_data_folder(docker);
	docker_free(docker);
	if (folder == NULL)
		error_reclass(ERR_PROOF);
	return folder;
}

int
scratch_check_room(const struct scratch_place *place, uint64_t disk_bytes, uint64_t memory_bytes)
{
	char *folder = data_folder(place);
	int result = folder != NULL && check_memory(memory_bytes) == 0 ? check_disk(folder, disk_bytes) : -1;

	free(folder);
	return result;
}
