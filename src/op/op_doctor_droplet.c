/*
 * The droplet's own backups, where there is a token to ask with.
 */
#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/text.h"

#include "op_doctor_inside.h"

#define CHECK_NAME "droplet backups"

void
doctor_judge_policy(const struct cloud_policy *policy, struct op_checks *checks)
{
	if (!policy->enabled)
		op_checks_add_bad(checks, CHECK_NAME,
			"Switch them on: doctl compute droplet-action enable-backups ID, or in the control "
			"panel. They "
			"bring a whole machine back, which a dump does not.",
			"DigitalOcean makes none of this droplet");
	else
		op_checks_add_ok(checks, CHECK_NAME, "%s%s%s, the next one from %s",
			policy->plan != NULL ? policy->plan : "on", policy->weekday != NULL ? " on " : "",
			policy->weekday != NULL ? policy->weekday : "",
			policy->next != NULL ? policy->next : "a time that is not told");
}

static int
ask_policy(const struct settings *settings, struct cloud *cloud, struct cloud_policy *policy)
{
	uint64_t id = 0;
	int rc = settings->droplet.id != NULL ? text_parse_u64(settings->droplet.id, &id)
					      : cloud_find_droplet(&id);

	return rc == 0 ? cloud_get_policy(cloud, id, policy) : -1;
}

void
doctor_check_droplet(const struct settings *settings, struct op_checks *checks)
{
	struct cloud_policy policy = { .enabled = false };
	struct cloud *cloud;

	if (settings->droplet.token_file == NULL && getenv(CLOUD_TOKEN_ENVIRONMENT) == NULL)
		return;
	cloud = cloud_new(settings->droplet.api, settings->droplet.token_file);
	if (cloud == NULL || ask_policy(settings, cloud, &policy) != 0)
		op_checks_add_error(checks, CHECK_NAME);
	else
		doctor_judge_policy(&policy, checks);
	cloud_policy_clear(&policy);
	cloud_free(cloud);
}
