/*
 * Where a container's cluster lies: in a folder of the host or a volume with a name, it outlives the
 * container. An image whose data folder has moved (postgres:18) puts a new cluster beside the volume that was
 * meant for it.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/source.h"
#include "incant/text.h"

#include "op_data_folder.h"
#include "op_doctor_inside.h"

#define CHECK           "data folder"
#define VOLUME_NAME_LEN 64 /* of a volume that was not given a name: hexadecimal digits */

/* Whether a volume, …/volumes/NAME/_data on the host, was not given a name. */
static bool
is_nameless(const struct docker_mount *mount)
{
	const char *end = strstr(mount->source, "/_data");
	size_t digits = 0;

	while (end != NULL && end - digits > mount->source &&
		isxdigit((unsigned char)end[-1 - (ptrdiff_t)digits]))
		digits++;
	return digits == VOLUME_NAME_LEN;
}

void
doctor_judge_data(const struct docker_listed *listed, const char *folder, struct op_checks *checks)
{
	static const char hint[] =
		"Mount a folder of the host, or a volume with a name, at that folder or above it "
		"(postgres:18 and later: at /var/lib/postgresql), and restore a backup into it.";
	const struct docker_mount *mount = op_data_folder_mount(listed, folder);

	if (mount == NULL)
		op_checks_add_bad(checks, CHECK, hint,
			"%s lies in container %s itself: when the container goes, the data goes with it",
			folder, listed->name);
	else if (!mount->bind && is_nameless(mount))
		op_checks_add_bad(checks, CHECK, hint,
			"%s lies in a volume without a name: `docker compose down` leaves it behind, and a "
			"prune "
			"removes it",
			folder);
	else
		op_checks_add_ok(checks, CHECK, "%s lies in %s", folder, mount->source);
}

void
doctor_check_data(const struct settings *settings, const struct docker_list *list, struct op_checks *checks)
{
	const struct docker_listed *listed = op_data_folder_container(list, &settings->source);
	struct source *source;
	char *folder = NULL;

	if (listed == NULL)
		return; /* the check of the source says so */
	source = source_open(settings, "0-doctor");
	if (source == NULL || source_ask(source, "SHOW data_directory", &folder) != 0)
		op_checks_add_error(checks, CHECK);
	else if (folder != NULL)
		doctor_judge_data(listed, folder, checks);
	free(folder);
	source_free(source);
}
