/*
 * doctor: every part looks, whatever the others found.
 */
#include "config.h"

#include "incant/op_doctor.h"

#include "incant/error.h"
#include "incant/interrupt.h"

#include "op_doctor_inside.h"

/* The host that this program runs on, and what its engine opens to the world. */
static void
doctor_check_host(const struct settings *settings, struct op_checks *checks)
{
	struct host host;

	if (settings->source.kind == SETTINGS_DOCKER) {
		struct docker *docker = docker_open(settings->source.docker_socket);
		struct docker_list list = { .containers = NULL };

		if (docker == NULL || docker_list_load(docker, &list) != 0) {
			op_checks_add_error(checks, "docker");
		} else {
			op_checks_add_ok(checks, "docker", "the engine speaks API version %s",
				docker_api_version(docker));
			doctor_judge_ports(&list, checks);
			doctor_check_data(settings, &list, checks);
		}
		docker_list_clear(&list);
		docker_free(docker);
	}
	host_look("", &host);
	doctor_judge_host(&host, checks);
	host_clear(&host);
}

int
op_doctor_run(const struct settings *settings, struct op_doctor_report *report)
{
	struct op_checks *checks = &report->checks;
	static void (*const parts[])(const struct settings *, struct op_checks *) = {
		doctor_check_files,
		doctor_check_source,
		doctor_check_stores,
		doctor_check_keys,
		doctor_check_droplet,
		doctor_check_host,
	};

	report->checks = (struct op_checks){ .checks = NULL };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (interrupt_check() != 0)
			return -1;
		parts[i](settings, checks);
	}
	size_t bad = op_checks_count_bad(checks);
	if (bad == 0)
		return 0;
	return error_set(ERR_CHECK, "%zu of %zu checks are not well", bad, checks->count);
}

void
op_doctor_report_clear(struct op_doctor_report *report)
{
	op_checks_clear(&report->checks);
}
