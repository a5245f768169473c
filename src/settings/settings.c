/* The settings as a whole: where they come from, what they must agree on, what can be asked of them. */
#include "config.h"

#include "incant/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "settings_keys.h"

const char *
settings_path(const char *given)
{
	const char *environment = getenv(SETTINGS_ENVIRONMENT);

	if (given != NULL)
		return given;
	return environment != NULL && environment[0] != '\0' ? environment : SETTINGS_DEFAULT_PATH;
}

static void
free_store(struct settings_store *store)
{
	char *const texts[] = { store->name, store->path, store->endpoint, store->region, store->bucket,
		store->prefix, store->credentials, store->ca_file };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	settings_clear_texts(&store->encrypt_to);
}

void
settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	struct settings_source *source = &settings->source;
	char *const texts[] = { settings->path, source->name, source->compose_project,
		source->compose_service, source->container, source->user, source->docker_socket,
		source->env_file, source->conninfo, source->pg_bindir, settings->droplet.id,
		settings->droplet.token_file, settings->droplet.api, settings->scratch.image,
		settings->scratch.pg_bindir, settings->scratch.directory, settings->scratch.preload };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < settings->store_count; i++)
		free_store(&settings->stores[i]);
	free(settings->stores);
	settings_clear_texts(&settings->included);
	settings_free_files(settings);
	free(settings->identity.file);
	free(settings->identity.passphrase_file);
	free(settings->dump.may_shrink);
	settings_free_keeps(settings);
	settings_free_watch(settings);
	free(settings);
}

const struct settings_store *
settings_find_store(const struct settings *settings, const char *name)
{
	struct buf names = BUF_EMPTY;

	for (size_t i = 0; i < settings->store_count; i++)
		if (name == NULL || strcmp(settings->stores[i].name, name) == 0)
			return &settings->stores[i];
	for (size_t i = 0; i < settings->store_count; i++)
		buf_append_format(&names, "%s%s", i > 0 ? ", " : "", settings->stores[i].name);
	error_set(ERR_SETTINGS, "there is no store '%s' in %s", name, settings->path);
	error_hint("It has: %s.", buf_text(&names));
	buf_clear(&names);
	return NULL;
}

void
settings_write_list(struct buf *buf)
{
	buf_append_text(buf, "include\n"); /* anywhere */
	for (const struct settings_section *section = settings_sections; section->word != NULL; section++) {
		char *heading =
			mem_format("[%s%s]", section->word, section->named == SETTINGS_NAMED ? " NAME" : "");
		buf_append_format(buf, "%s\n", heading);
		for (const struct settings_key *key = section->keys; key->name != NULL; key++)
			buf_append_format(buf, "%s %s\n", heading, key->name);
		free(heading);
	}
}

/* postgresql://user:password@host/… : what stands between the scheme and the last '@' of the authority. */
static bool
authority_has_password(const char *uri)
{
	const char *authority = strstr(uri, "://") + 3;
	size_t len = strcspn(authority, "/?#");
	const char *at = memrchr(authority, '@', len);

	return at != NULL && memchr(authority, ':', (size_t)(at - authority)) != NULL;
}

bool
settings_has_password(const char *conninfo)
{
	static const char word[] = "password"; /* and sslpassword */

	for (const char *at = strstr(conninfo, word); at != NULL; at = strstr(at + 1, word)) {
		const char *behind = at + strlen(word);
		if (behind[strspn(behind, " \t")] == '=')
			return true;
	}
	return (text_starts(conninfo, "postgresql://") || text_starts(conninfo, "postgres://")) &&
	       authority_has_password(conninfo);
}

static int
check_docker(const struct settings *settings)
{
	const struct settings_source *source = &settings->source;
	bool compose = source->compose_project != NULL || source->compose_service != NULL;

	if (source->container != NULL && compose)
		return error_set(ERR_SETTINGS,
			"%s: [source] has both 'container' and a Compose service; one of them names the "
			"server",
			settings->path);
	if (source->container == NULL && (source->compose_project == NULL || source->compose_service == NULL))
		return error_set(ERR_SETTINGS,
			"%s: [source] with kind = docker needs 'compose-project' and 'compose-service', or "
			"'container'",
			settings->path);
	return 0;
}

static int
check_postgres(const struct settings *settings)
{
	const struct settings_source *source = &settings->source;
	const struct {
		const char *key, *value;
	} foreign[] = {
		{ "compose-project", source->compose_project },
		{ "compose-service", source->compose_service },
		{ "container", source->container },
		{ "user", source->user },
		{ "docker-socket", source->docker_socket },
	};

	if (source->conninfo == NULL) {
		error_set(ERR_SETTINGS, "%s: [source] with kind = postgres needs 'conninfo'", settings->path);
		return error_hint("For instance: conninfo = host=/run/postgresql user=postgres");
	}
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (foreign[i].value != NULL) {
			error_set(ERR_SETTINGS, "%s: [source] has '%s', which is for kind = docker only",
				settings->path, foreign[i].key);
			return error_hint(
				"With kind = postgres everything about the server stands in conninfo.");
		}
	return 0;
}

/* Processors that are there, at most four: a backup is not to take over a larger machine. */
static unsigned
default_workers(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return online < 1 ? 1 : online > 4 ? 4 : (unsigned)online;
}

int
settings_check(struct settings *settings)
{
	struct settings_source *source = &settings->source;

	if (source->name == NULL)
		return error_set(ERR_SETTINGS, "%s: there is no [source] section", settings->path);
	if (settings->store_count == 0) {
		error_set(ERR_SETTINGS, "%s: there is no [store NAME] section", settings->path);
		return error_hint(
			"Backups need a place: [store local], kind = directory, path = /var/backups/incant");
	}
	if (settings_check_stores(settings) != 0)
		return -1;
	if ((source->kind == SETTINGS_DOCKER ? check_docker(settings) : check_postgres(settings)) != 0)
		return -1;
	if (settings_check_files(settings) != 0)
		return -1;
	if (settings_check_keeps(settings) != 0)
		return -1;
	if (source->kind == SETTINGS_DOCKER && source->docker_socket == NULL)
		source->docker_socket = mem_text("/var/run/docker.sock");
	if (settings->dump.workers == 0)
		settings->dump.workers = default_workers();
	return 0;
}
