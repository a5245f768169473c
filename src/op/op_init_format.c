/*
 * The settings file that init writes: what was found, switched on; what most people want next, as comments.
 */
#include "config.h"

#include <stdlib.h>

#include "incant/buf.h"
#include "incant/settings.h"

#include "op_init_inside.h"

static void
put_key(struct buf *text, const char *key, const char *value)
{
	if (value != NULL)
		buf_append_format(text, "%s = %s\n", key, value);
}

/* A name for the source: the Compose project's, where it can be one. */
static const char *
source_name(const struct init_found *found)
{
	const char *const names[] = { found->project, found->container };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] != NULL && settings_name_is_valid(names[i]))
			return names[i];
	return "main";
}

static void
put_env_file(struct buf *text, const struct init_found *found)
{
	if (found->env_file == NULL)
		return;
	buf_append_text(text, "\n; A restore connects with the password from here (POSTGRES_PASSWORD).\n");
	if (found->env_file_open)
		buf_append_format(text, "; Others can read it, so it is refused until: chmod 600 %s\n; ",
			found->env_file);
	put_key(text, "env-file", found->env_file);
}

static void
put_source(struct buf *text, const struct init_found *found)
{
	buf_append_text(text, "; The PostgreSQL server that is backed up.\n[source]\n");
	buf_append_text(text, "; The name under which its backups are kept.\n");
	put_key(text, "name", source_name(found));
	if (found->conninfo != NULL) {
		put_key(text, "kind", "postgres");
		buf_append_text(
			text, "\n; libpq's words; a password belongs into a pass file (~/.pgpass).\n");
		put_key(text, "conninfo", found->conninfo);
		return;
	}
	put_key(text, "kind", "docker");
	put_key(text, "compose-project", found->project);
	put_key(text, "compose-service", found->service);
	put_key(text, "container", found->container);
	put_key(text, "docker-socket", found->socket);
	buf_append_text(text, "\n; The role that dumps, inside the container: it has to be a superuser.\n");
	put_key(text, "user", found->user != NULL ? found->user : "postgres");
	put_env_file(text, found);
}

static void
put_folders(struct buf *text, const struct init_found *found)
{
	if (found->folder_count > 0)
		buf_append_text(text,
			"\n; Folders of the application that the database cannot give back. Those that "
			"its containers only read\n; are comments: code comes back from its "
			"repository.\n");
	for (size_t i = 0; i < found->folder_count; i++) {
		const struct init_folder *folder = &found->folders[i];
		const char *mark = folder->writable ? "" : "; ";

		buf_append_format(
			text, "%s[files %s]\n%spath = %s\n", mark, folder->name, mark, folder->path);
	}
}

static void
put_stores(struct buf *text)
{
	buf_append_text(text, "\n; Where backups are kept. The first one is written first, and fastest.\n"
			      "[store local]\n"
			      "kind = directory\n"
			      "path = /var/backups/incant\n"
			      "\n; A second place that survives this machine: DigitalOcean Spaces, or any "
			      "S3. Make a key for one\n"
			      "; bucket, put it into a file of mode 0600 (access-key = …, secret-key = …), "
			      "make an identity with\n"
			      "; `incant-backup keygen` on another machine, and take the semicolons away.\n"
			      "; [store spaces]\n"
			      "; kind = s3\n"
			      "; endpoint = https://nyc3.digitaloceanspaces.com\n"
			      "; bucket = …\n"
			      "; credentials = /etc/incant-backup/spaces.key\n"
			      "; encrypt-to = age1…\n");
}

static void
put_keep(struct buf *text)
{
	buf_append_text(text, "\n; How many backups are kept in every store. These are the defaults.\n"
			      "; [keep]\n"
			      "; last = 3\n"
			      "; daily = 7\n"
			      "; weekly = 5\n"
			      "; monthly = 12\n");
}

static void
put_droplet(struct buf *text, const struct init_found *found)
{
	if (found->droplet == 0)
		return;
	buf_append_format(text,
		"\n; This droplet's snapshots. They need a token of mode 0600; take the semicolons away "
		"then.\n"
		"; [droplet]\n"
		"; id = %llu\n"
		"; token-file = /etc/incant-backup/digitalocean.token\n",
		(unsigned long long)found->droplet);
}

char *
init_format(const struct init_found *found)
{
	struct buf text = BUF_EMPTY;

	buf_append_text(&text,
		"; Settings of incant-backup, made by `incant-backup init`; incant-backup.conf(5) "
		"has every key.\n; No secret belongs in here.\n\n");
	put_source(&text, found);
	put_folders(&text, found);
	put_stores(&text);
	put_keep(&text);
	put_droplet(&text, found);
	return buf_take(&text);
}
