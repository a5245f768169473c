/*
 * Refusals in words: what S3's codes mean for the one who reads the message, and what to do. A code that is
 * not in the table is shown with the server's own text.
 */
#include "config.h"

#include "store_s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#define HINT_KEYS "Look at 'credentials' in the store's settings; keys can be made anew at the provider."
#define HINT_ROOM "Make room in the bucket, or let fewer backups be kept."

struct refusal {
	const char *code;
	const char *words;
	const char *hint; /* NULL = none */
};

static const struct refusal refusals[] = {
	{ "NoSuchBucket", "there is no such bucket",
		"Make the bucket, or correct 'bucket' or 'endpoint' in the store's settings." },
	{ "InvalidAccessKeyId", "the access key is not known there", HINT_KEYS },
	{ "SignatureDoesNotMatch", "the secret key does not belong to the access key, or the region is wrong",
		HINT_KEYS },
	{ "AccessDenied", "the keys may not do that",
		"Give the key the right to read and write this bucket, or use another one." },
	{ "AccountProblem", "the account is not in order", NULL },
	{ "ExpiredToken", "the session token has expired", HINT_KEYS },
	{ "InvalidToken", "the session token is not valid", HINT_KEYS },
	{ "AuthorizationHeaderMalformed", "the region is wrong",
		"Set 'region' in the store's settings to the bucket's." },
	{ "PermanentRedirect", "the bucket is at another endpoint",
		"Set 'endpoint' in the store's settings to the bucket's own." },
	{ "TemporaryRedirect", "the bucket is at another endpoint for now", NULL },
	{ "QuotaExceeded", "the quota is used up", HINT_ROOM },
	{ "InsufficientStorage", "there is no room left", HINT_ROOM },
	{ "EntityTooLarge", "it is too large for this store", NULL },
	{ "BadDigest", "the bytes were changed on the way there", NULL },
	{ "XAmzContentSHA256Mismatch", "the bytes were changed on the way there", NULL },
	{ "SlowDown", "it asks for fewer requests", "Other programs may be using the bucket too." },
	{ "ServiceUnavailable", "it cannot serve now", NULL },
	{ "InternalError", "it had a fault of its own", NULL },
	{ "NotImplemented", "it does not know how", NULL },
	{ "MethodNotAllowed", "it does not allow that", NULL },
	{ "NoSuchUpload", "the upload is no longer known there", NULL },
};

/* For refusals without a body, or with one that is no XML (of a proxy, say). */
static const struct {
	int status;
	const char *words;
	const char *hint;
} statuses[] = {
	{ 301, "the bucket is at another endpoint",
		"Set 'endpoint' in the store's settings to the bucket's own." },
	{ 307, "the bucket is at another endpoint for now", NULL },
	{ 401, "the keys are not accepted", HINT_KEYS },
	{ 403, "the keys may not do that, or are not accepted", HINT_KEYS },
	{ 407, "the proxy wants to know who asks", "Set https_proxy to the proxy with user and password." },
	{ 411, "it wants to know the length", NULL },
	{ 413, "it is too large for this store", NULL },
	{ 429, "it asks for fewer requests", NULL },
	{ 503, "it asks for fewer requests, or cannot serve now", NULL },
	{ 507, "there is no room left", HINT_ROOM },
};

/* The refusal's XML, when it is one. */
static bool
read_refusal(const struct http_answer *answer, struct store_s3_xml *xml)
{
	struct error before = *error_get();

	if (answer->body.len == 0 ||
		store_s3_xml_read(answer->body.bytes, answer->body.len, "refusal", xml) != 0) {
		error_clear();
		if (before.class != ERR_NONE)
			error_put(&before);
		return false;
	}
	if (strcmp(store_s3_xml_name(xml), "Error") == 0)
		return true;
	store_s3_xml_clear(xml);
	return false;
}

void
store_s3_code(const struct http_answer *answer, char code[STORE_S3_CODE_SIZE])
{
	struct store_s3_xml xml;

	code[0] = '\0';
	if (!read_refusal(answer, &xml))
		return;
	const char *text = store_s3_xml_text(&xml, "Code");
	snprintf(code, STORE_S3_CODE_SIZE, "%s", text != NULL ? text : "");
	store_s3_xml_clear(&xml);
}

/* What only a wrong clock can cause. The server's own time stands in the answer. */
static int
refuse_clock(const struct store_s3_place *place, const char *what_to_do, const struct http_answer *answer)
{
	const char *date = http_answer_header(answer, "date");
	char now[CLOCK_RFC3339_SIZE];

	error_set(ERR_STORE,
		"cannot %s in store %s: its clock and this machine's differ too much (there: %s, here: %s)",
		what_to_do, place->name, date != NULL ? date : "not told",
		clock_format_utc(now, clock_now()));
	return error_hint("Set this machine's clock, and let it be kept right (timedatectl set-ntp true).");
}

static int
refuse_with(const struct store_s3_place *place, const char *what_to_do, const char *words, const char *code,
	const char *hint)
{
	error_set(ERR_STORE, "cannot %s in store %s (bucket %s): %s%s%s%s", what_to_do, place->name,
		place->bucket, words, code[0] != '\0' ? " (" : "", code, code[0] != '\0' ? ")" : "");
	return hint != NULL ? error_hint("%s", hint) : -1;
}

/* A refusal by its code. False where the code tells nothing. */
static bool
refuse_code(const struct store_s3_place *place, const char *what_to_do, const char *code)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(refusals[i].code, code) == 0) {
			refuse_with(place, what_to_do, refusals[i].words, code, refusals[i].hint);
			return true;
		}
	return false;
}

static int
refuse_status(const struct store_s3_place *place, const char *what_to_do, int status)
{
	char words[64];

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return refuse_with(place, what_to_do, statuses[i].words, "", statuses[i].hint);
	snprintf(words, sizeof(words), "it answered with status %d", status);
	return refuse_with(place, what_to_do, words, "", NULL);
}

int
store_s3_refuse(const struct store_s3_place *place, const char *what_to_do, const struct http_answer *answer)
{
	struct store_s3_xml xml;
	const char *code, *message;
	int rc = -1;

	if (!read_refusal(answer, &xml))
		return refuse_status(place, what_to_do, answer->status);
	code = store_s3_xml_text(&xml, "Code");
	message = store_s3_xml_text(&xml, "Message");
	code = code != NULL ? code : "";
	if (strcmp(code, "RequestTimeTooSkewed") == 0)
		rc = refuse_clock(place, what_to_do, answer);
	else if (!refuse_code(place, what_to_do, code))
		rc = message != NULL && message[0] != '\0'
			     ? refuse_with(place, what_to_do, message, code, NULL)
			     : refuse_status(place, what_to_do, answer->status);
	store_s3_xml_clear(&xml);
	return rc;
}
