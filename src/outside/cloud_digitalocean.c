/*
 * The account's side of DigitalOcean: the token, this machine's id, what is known of a droplet.
 *
 * The token goes to one address, over TLS, in one header. Plain http is for this machine alone: a fake in a
 * test. The metadata service is a link-local address that the hypervisor answers; it is asked past any proxy.
 */
#include "config.h"

#include "cloud_digitalocean_inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/text.h"

enum {
	TOKEN_BYTES = 1024,
	CALLS_MS = 5 * 60 * 1000,
	METADATA_MS = 5000 /* off a droplet nobody answers there */
};

/* Whether the host of a URL is this machine, whatever its port. */
static bool
host_is_loopback(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
	size_t len = strcspn(host, "/?#");

	if (memchr(host, '@', len) != NULL)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_starts(host, names[i]) && strchr(":/?#", host[strlen(names[i])]) != NULL)
			return true;
	return false;
}

static bool
is_loopback_http(const char *url)
{
	return text_starts(url, "http://") && host_is_loopback(url + strlen("http://"));
}

bool
cloud_api_is_valid(const char *url)
{
	if (strpbrk(url, " \t?#@\"\\") != NULL || text_ends(url, "/"))
		return false;
	return is_loopback_http(url) || (text_starts(url, "https://") && url[strlen("https://")] != '\0');
}

/* A token is one word. Moves it out of text. NULL where it is none. */
static char *
take_token(const char *text)
{
	size_t begin = strspn(text, " \t\r\n");
	size_t len = strcspn(text + begin, " \t\r\n");
	const char *behind = text + begin + len;

	if (len == 0 || len > TOKEN_BYTES || behind[strspn(behind, " \t\r\n")] != '\0')
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[begin + i]))
			return NULL;
	return mem_text_n(text + begin, len);
}

static char *
read_token_file(const char *path)
{
	struct buf text = BUF_EMPTY;
	char *token = NULL;
	int rc = file_check_private(path);

	if (rc == 0)
		rc = file_read(path, TOKEN_BYTES + 2, ERR_SETTINGS, &text);
	if (rc == FILE_MISSING)
		error_set(ERR_SETTINGS, "there is no token file '%s'", path);
	if (rc == 0)
		token = take_token(buf_text(&text));
	if (rc == 0 && token == NULL) {
		error_set(ERR_SETTINGS, "'%s' does not hold a token", path);
		error_hint("One line with the token alone, as DigitalOcean shows it.");
	}
	buf_clear(&text);
	return token;
}

static char *
find_token(const char *token_file)
{
	const char *environment = getenv(CLOUD_TOKEN_ENVIRONMENT);

	if (token_file != NULL)
		return read_token_file(token_file);
	if (environment == NULL || environment[0] == '\0') {
		error_set(ERR_SETTINGS, "there is no DigitalOcean token");
		error_hint("Name a file that holds it with token-file in [droplet], or set $%s.",
			CLOUD_TOKEN_ENVIRONMENT);
		return NULL;
	}
	char *token = take_token(environment);
	if (token == NULL)
		error_set(ERR_SETTINGS, "$%s does not hold a token", CLOUD_TOKEN_ENVIRONMENT);
	return token;
}

struct cloud *
cloud_new(const char *api, const char *token_file)
{
	struct cloud *cloud = mem_zero(sizeof(*cloud));

	cloud->api = mem_text(api);
	cloud->token_file = mem_text(token_file);
	cloud->deadline_ms = clock_monotonic_ms() + CALLS_MS;
	cloud->pause = interrupt_wait;
	cloud->token = find_token(token_file);
	cloud->http = cloud->token != NULL ? http_new(NULL, ERR_CLOUD) : NULL;
	if (cloud->http != NULL)
		return cloud;
	cloud_free(cloud);
	return NULL;
}

void
cloud_free(struct cloud *cloud)
{
	if (cloud == NULL)
		return;
	http_free(cloud->http);
	if (cloud->token != NULL)
		explicit_bzero(cloud->token, strlen(cloud->token));
	free(cloud->token);
	free(cloud->token_file);
	free(cloud->api);
	free(cloud);
}

void
cloud_set_deadline(struct cloud *cloud, uint64_t deadline_ms)
{
	cloud->deadline_ms = deadline_ms;
}

/* The metadata service's answer to a request for the id: a number, and nothing else. */
static int
ask_metadata(const char *url, uint64_t *droplet)
{
	struct http *http = http_new(NULL, ERR_CLOUD);
	struct http_answer answer = { .status = 0 };
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.deadline_ms = clock_monotonic_ms() + METADATA_MS,
		.direct = true,
	};
	int rc = http != NULL ? http_send(http, &request, &answer) : -1;

	if (rc == 0) {
		char *text = take_token(buf_text(&answer.body));
		if (answer.status != 200)
			rc = error_set(ERR_CLOUD, "it answers with status %d", answer.status);
		else if (text == NULL || text_parse_u64(text, droplet) != 0)
			rc = error_set(ERR_CLOUD, "its answer is not a droplet's id");
		free(text);
	}
	http_answer_clear(&answer);
	http_free(http);
	return rc;
}

int
cloud_find_droplet(uint64_t *droplet)
{
	const char *other = getenv(CLOUD_METADATA_ENVIRONMENT);
	const char *service = other != NULL && other[0] != '\0' ? other : CLOUD_METADATA;

	if (service == other && !is_loopback_http(service))
		return error_set(ERR_SETTINGS, "$%s is not http on a loopback address: '%s'",
			CLOUD_METADATA_ENVIRONMENT, service);
	char *url = mem_format("%s/metadata/v1/id", service);
	int rc = ask_metadata(url, droplet);
	free(url);
	if (rc == 0 || error_get()->class == ERR_INTERRUPTED)
		return rc;
	error_add("the metadata service does not tell which droplet this is");
	return error_hint("Where this machine is no droplet of DigitalOcean's, set id in [droplet].");
}

int
cloud_get_droplet(struct cloud *cloud, uint64_t id, struct cloud_droplet *droplet)
{
	char *path = mem_format("/v2/droplets/%llu", (unsigned long long)id);
	char *of = mem_format("droplet %llu", (unsigned long long)id);
	const struct cloud_call call = {
		.method = "GET", .path = path, .what = "look at the droplet", .of = of
	};
	struct json *answer = NULL;
	int rc = cloud_send(cloud, &call, &answer);
	const struct json *from = json_get(answer, "droplet");

	*droplet = (struct cloud_droplet){ .id = 0 };
	if (rc == 0 && (uint64_t)json_get_int(from, "id", -1) != id)
		rc = error_set(ERR_CLOUD, "cannot look at the droplet: DigitalOcean tells of another one");
	if (rc == 0) {
		droplet->id = id;
		droplet->name = mem_text(json_get_text(from, "name"));
		droplet->region = mem_text(json_get_text(json_get(from, "region"), "slug"));
		droplet->volume_count = json_count(json_get(from, "volume_ids"));
		droplet->locked = json_get_bool(from, "locked", false);
	}
	json_free(answer);
	free(of);
	free(path);
	return rc;
}

void
cloud_droplet_clear(struct cloud_droplet *droplet)
{
	free(droplet->name);
	free(droplet->region);
	*droplet = (struct cloud_droplet){ .id = 0 };
}

int
cloud_get_policy(struct cloud *cloud, uint64_t droplet, struct cloud_policy *policy)
{
	char *path = mem_format("/v2/droplets/%llu/backups/policy", (unsigned long long)droplet);
	char *of = mem_format("droplet %llu", (unsigned long long)droplet);
	const struct cloud_call call = {
		.method = "GET", .path = path, .what = "look at the droplet's backup policy", .of = of
	};
	struct json *answer = NULL;
	int rc = cloud_send(cloud, &call, &answer);
	const struct json *record = json_get(answer, "policy");
	const struct json *from = json_get(record, "backup_policy");

	*policy = (struct cloud_policy){ .hour = -1 };
	if (rc == 0 && record == NULL)
		rc = error_set(ERR_CLOUD, "DigitalOcean's answer about the backup policy has none");
	if (rc == 0) {
		policy->enabled = json_get_bool(record, "backup_enabled", false);
		policy->plan = mem_text(json_get_text(from, "plan"));
		policy->weekday = mem_text(json_get_text(from, "weekday"));
		policy->hour = json_get_int(from, "hour", -1);
		policy->next = mem_text(json_get_text(json_get(record, "next_backup_window"), "start"));
	}
	json_free(answer);
	free(of);
	free(path);
	return rc;
}

void
cloud_policy_clear(struct cloud_policy *policy)
{
	free(policy->plan);
	free(policy->weekday);
	free(policy->next);
	*policy = (struct cloud_policy){ .hour = -1 };
}
