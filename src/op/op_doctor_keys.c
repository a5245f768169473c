/*
 * The keys of encrypted stores. A store that nobody can open any more looks as sound as any other until the
 * day when it is needed.
 */
#include "config.h"

#include <stdlib.h>

#include "incant/age.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_doctor_inside.h"
#include "op_seal.h"

void
doctor_judge_keys(struct op_checks *checks, const char *check, const char *store, size_t recipients,
	const size_t *fitting)
{
	const char *plural = recipients == 1 ? "" : "s";

	if (fitting == NULL)
		op_checks_add_ok(checks, check,
			"encrypted to %zu recipient%s; no identity is here: that yours opens it is shown by "
			"`incant-backup verify --store %s`, where the identity is",
			recipients, plural, store);
	else if (*fitting == 0)
		op_checks_add_bad(checks, check,
			"Find the one that opens it before it is needed, or make a new one with "
			"incant-backup "
			"keygen and put its recipient into encrypt-to.",
			"the identity opens nothing that is encrypted to its %zu recipient%s", recipients,
			plural);
	else
		op_checks_add_ok(checks, check, "encrypted to %zu recipient%s, and the identity opens it",
			recipients, plural);
}

/* One store's. keys is NULL where no identity is at hand. */
static void
check_store(const struct settings_store *place, const struct op_keys *keys, struct op_checks *checks)
{
	char *check = mem_format("store %s keys", place->name);
	struct age_recipients *recipients = op_seal_recipients(place);
	size_t fitting = 0;

	if (recipients == NULL) {
		op_checks_add_error(checks, check);
	} else {
		if (keys != NULL)
			fitting = op_keys_count_fitting(keys, recipients);
		doctor_judge_keys(checks, check, place->name, age_recipients_count(recipients),
			keys != NULL ? &fitting : NULL);
		if (fitting > 0 && fitting == age_recipients_count(recipients))
			log_warning("the only identity that opens store %s lies on this host: who breaks in "
				    "reads that store, too, and when the host is lost it cannot be read any "
				    "more; keep the identity elsewhere",
				place->name);
	}
	age_recipients_free(recipients);
	free(check);
}

void
doctor_check_keys(const struct settings *settings, struct op_checks *checks)
{
	struct op_keys *keys = op_keys_new(settings);
	bool loaded = false;

	if (op_keys_are_set(keys)) {
		loaded = op_keys_load(keys) == 0;
		if (loaded)
			op_checks_add_ok(checks, "identity", "'%s' is read", settings->identity.file);
		else
			op_checks_add_error(checks, "identity");
	}
	for (size_t i = 0; i < settings->store_count; i++)
		if (op_seal_store(&settings->stores[i]))
			check_store(&settings->stores[i], loaded ? keys : NULL, checks);
	op_keys_free(keys);
}
