/*
 * Where on this machine a PostgreSQL server keeps its data: for what asks how much room there is, and what
 * would take it away.
 */
#ifndef INCANT_OP_DATA_FOLDER_H
#define INCANT_OP_DATA_FOLDER_H

#include "incant/docker_list.h"
#include "incant/settings.h"

/* The container of a source in the engine's list; NULL where it does not run. Pure. */
const struct docker_listed *op_data_folder_container(
	const struct docker_list *list, const struct settings_source *source);

/* The mount of a container that a path in it lies in, the innermost; NULL = in the container itself. Pure. */
const struct docker_mount *op_data_folder_mount(const struct docker_listed *listed, const char *path);

/*
 * The folder of this machine that a source in a container keeps its data in; inside is its data_directory.
 * The caller frees it. NULL where it is not known: no engine, no such container, or no mount.
 */
char *op_data_folder_find(const struct settings_source *source, const char *inside);

#endif
