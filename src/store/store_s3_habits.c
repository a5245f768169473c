/*
 * What a bucket does by itself: whether it keeps old versions, and what its lifecycle rules remove. Keys that
 * may not ask are no fault: then it is not told.
 */
#include "config.h"

#include "store_s3.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

/* Asks for one of the bucket's configurations. 0 with its XML, STORE_S3_MISSING where it has none; then, and
 * where it is refused, xml is empty. -1 where nothing answers. */
static int
ask_for(struct store_s3_place *place, const char *configuration, struct store_s3_xml *xml)
{
	const struct store_s3_pair query[] = { { configuration, NULL } };
	const struct store_s3_request request = { .method = "GET", .query = query, .query_count = 1 };
	char *what_to_do = mem_format("look at the bucket's %s", configuration);
	struct http_answer answer;
	int rc = store_s3_send(place, &request, what_to_do, &answer);

	*xml = (struct store_s3_xml){ NULL, 0, 0 };
	if (rc == 0)
		rc = store_s3_xml_read(buf_text(&answer.body), answer.body.len, configuration, xml);
	if (rc < 0 && answer.status != 0 && error_get()->class != ERR_INTERRUPTED) {
		log_verbose("store %s: %s", place->name, error_get()->message);
		error_clear();
		rc = 0;
	}
	http_answer_clear(&answer);
	free(what_to_do);
	return rc == STORE_S3_MISSING ? STORE_S3_MISSING : rc < 0 ? -1 : 0;
}

static int
ask_for_versions(struct store_s3_place *place, struct store_habits *habits)
{
	struct store_s3_xml xml;

	if (ask_for(place, "versioning", &xml) < 0)
		return -1;
	if (xml.count > 0)
		habits->versions = text_equal(store_s3_xml_text(&xml, "Status"), "Enabled") ? STORE_DOES
											    : STORE_DOES_NOT;
	store_s3_xml_clear(&xml);
	return 0;
}

/* The prefix of a rule, "" for one that is for all keys. NULL for one that is switched off, or is for objects
 * with certain tags or sizes: ours have none. */
static const char *
rule_prefix(const struct store_s3_row *rule)
{
	const char *prefix = store_s3_row_text(rule, "Filter/Prefix");

	if (!text_equal(store_s3_row_text(rule, "Status"), "Enabled"))
		return NULL;
	for (size_t i = 0; i < rule->count; i++)
		if (text_starts(rule->fields[i].name, "Filter/") &&
			strcmp(rule->fields[i].name, "Filter/Prefix") != 0)
			return NULL;
	if (prefix == NULL)
		prefix = store_s3_row_text(rule, "Prefix");
	return prefix != NULL ? prefix : "";
}

/* What one rule does to keys that begin with ours. */
static void
take_rule(const struct store_s3_row *rule, const char *ours, struct store_habits *habits)
{
	const char *prefix = rule_prefix(rule);

	if (prefix == NULL)
		return;
	/* It removes something of ours already when it is for a part of it. */
	if ((text_starts(ours, prefix) || text_starts(prefix, ours)) &&
		(store_s3_row_text(rule, "Expiration/Days") != NULL ||
			store_s3_row_text(rule, "Expiration/Date") != NULL))
		habits->expires = STORE_DOES;
	if (!text_starts(ours, prefix))
		return;
	if (store_s3_row_text(rule, "AbortIncompleteMultipartUpload/DaysAfterInitiation") != NULL)
		habits->ends_uploads = STORE_DOES;
	if (store_s3_row_text(rule, "NoncurrentVersionExpiration/NoncurrentDays") != NULL)
		habits->ends_versions = STORE_DOES;
}

static int
ask_for_rules(struct store_s3_place *place, const char *ours, struct store_habits *habits)
{
	struct store_s3_xml xml;
	int rc = ask_for(place, "lifecycle", &xml);

	if (rc == STORE_S3_MISSING || xml.count > 0)
		habits->expires = habits->ends_uploads = habits->ends_versions = STORE_DOES_NOT;
	for (size_t i = 1; i < xml.count; i++)
		if (strcmp(xml.rows[i].name, "Rule") == 0)
			take_rule(&xml.rows[i], ours, habits);
	store_s3_xml_clear(&xml);
	return rc < 0 ? -1 : 0;
}

int
store_s3_habits(struct store_driver *driver, const char *prefix, struct store_habits *habits)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	char *ours = store_s3_key(place, prefix);
	int rc = ask_for_versions(place, habits);

	if (rc == 0)
		rc = ask_for_rules(place, ours, habits);
	free(ours);
	return rc;
}

void
store_s3_tell_of_versions(struct store_s3 *store)
{
	struct store_s3_place *place = store->place;
	struct store_habits habits = { .versions = STORE_UNTOLD };

	if (atomic_exchange(&store->told_of_versions, true))
		return;
	if (ask_for_versions(place, &habits) == 0 && habits.versions == STORE_DOES &&
		ask_for_rules(place, place->prefix, &habits) == 0 && habits.ends_versions != STORE_DOES)
		log_warning("store %s: the bucket %s keeps old versions, so what is removed still takes "
			    "room there; a lifecycle rule for noncurrent versions ends that",
			place->name, place->bucket);
	error_clear();
}
