/*
 * doctor's parts: each adds its checks. What cannot be looked at is a check that is not well.
 */
#ifndef INCANT_OP_DOCTOR_INSIDE_H
#define INCANT_OP_DOCTOR_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/cloud_digitalocean.h"
#include "incant/docker_list.h"
#include "incant/host.h"
#include "incant/op_check.h"
#include "incant/settings.h"

/* The settings file, and the files that it names: nobody else may write or read them. */
void doctor_check_files(const struct settings *settings, struct op_checks *checks);

/* The server: it answers, its role may read everything, the dumper fits, clocks agree. */
void doctor_check_source(const struct settings *settings, struct op_checks *checks);

/* Each store: a write is lasting and honest, there is room. */
void doctor_check_stores(const struct settings *settings, struct op_checks *checks);

/*
 * Keys: the identity can be had, recipients parse, and one fits to the other; a warning where the only
 * identity lies on this host. The second half is pure: to how many of a store's recipients the identity fits
 * (NULL = there is none here).
 */
void doctor_check_keys(const struct settings *settings, struct op_checks *checks);
void doctor_judge_keys(struct op_checks *checks, const char *check, const char *store, size_t recipients,
	const size_t *fitting);

/* Where the server on this host listens (listen_addresses; "" = it is not here, or has a socket only). Pure.
 */
void doctor_judge_listening(const char *addresses, struct op_checks *checks);

/* The droplet's own backups, where there is a token. */
void doctor_check_droplet(const struct settings *settings, struct op_checks *checks);
void doctor_judge_policy(const struct cloud_policy *policy, struct op_checks *checks); /* pure */

/* The host. Pure. */
void doctor_judge_host(const struct host *host, struct op_checks *checks);

/* Where Docker opens PostgreSQL's port. Pure. */
void doctor_judge_ports(const struct docker_list *list, struct op_checks *checks);

/*
 * Where the cluster of the source's container lies: what removes containers must not take it along. The
 * second half is pure: folder is data_directory.
 */
void doctor_check_data(
	const struct settings *settings, const struct docker_list *list, struct op_checks *checks);
void doctor_judge_data(const struct docker_listed *listed, const char *folder, struct op_checks *checks);

/*
 * A dumper of that version ("15.18 (Debian …)") for a server of that version. Pure: what is wrong with it as
 * a static text, *hint what to do; NULL when it is well.
 */
const char *doctor_judge_versions(const char *server, const char *dumper, const char **hint);

/* What a bucket does by itself, and what it should. Pure. */
struct store_habits;
void doctor_judge_habits(struct op_checks *checks, const char *name, const struct store_habits *habits);

/* Room for the next backups: free space against the size of the last one (0 = none). Pure. */
void doctor_judge_room(struct op_checks *checks, const char *name, uint64_t free_bytes, uint64_t last_bytes);

#endif
