/* What guard shows of a snapshot, too. */
#ifndef INCANT_CLI_CMD_SNAPSHOT_H
#define INCANT_CLI_CMD_SNAPSHOT_H

#include "incant/json.h"
#include "incant/op_snapshot.h"

/* {"id", "name", "droplet", "created", "gigabytes", "monthly_usd", "regions", "ours"}. The caller's. */
struct json *cmd_snapshot_to_json(const struct op_snapshot *from);

#endif
