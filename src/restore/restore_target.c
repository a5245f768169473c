#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * Asking the target server. Names of databases and roles are shared by all databases of a cluster and are
 * kept as bytes in whatever encoding the database of their creator had; so names are read without conversion.
 */

#define MAINTENANCE_DATABASE "postgres"

/*
 * Settings of each session. A database or role that was just restored may bring its own, which must not stop
 * the rest of the restore. Commits need not be waited for one by one: restore_run.c makes them durable at the
 * end of each database.
 */
#define SESSION_SETTINGS "SET default_transaction_read_only = off; SET synchronous_commit = off"

struct pg *
restore_connect(const struct restore *restore, const char *database, bool heedless)
{
	const struct pg_options options = {
		.conninfo = restore->conninfo,
		.database = database,
		.fallback_database = MAINTENANCE_DATABASE,
		.password = restore->password,
		.application_name = "incant-backup restore",
		.error_class = ERR_RESTORE,
		.heedless = heedless,
	};
	struct pg *pg = pg_connect(&options);
	if (pg == NULL)
		return NULL;
	if (pg_run(pg, SESSION_SETTINGS) != 0) {
		pg_free(pg);
		return NULL;
	}
	return pg;
}

static int
look_names(struct pg *pg, const char *statement, struct restore_names *names)
{
	struct pg_result *result = pg_query(pg, statement, 0, NULL);
	if (result == NULL)
		return -1;
	for (int row = 0; row < pg_result_rows(result); row++)
		restore_names_add(names, pg_result_text(result, row, 0));
	pg_result_free(result);
	return 0;
}

static int
look_settings(struct pg *pg, struct restore_roles *roles)
{
	struct pg_result *result = pg_query(pg,
		"SELECT r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
		" FROM pg_catalog.pg_db_role_setting s"
		" JOIN pg_catalog.pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c"
		" WHERE s.setdatabase = 0",
		0, NULL);
	if (result == NULL)
		return -1;
	for (int row = 0; row < pg_result_rows(result); row++)
		restore_roles_add_setting(roles, pg_result_text(result, row, 0),
			pg_result_text(result, row, 1), pg_result_text(result, row, 2));
	pg_result_free(result);
	return 0;
}

/* The attributes in the words of ALTER ROLE. Who may not read passwords is not told them. */
static int
look_attributes(struct pg *pg, struct restore_roles *roles)
{
	static const char columns[] = "SELECT r.rolname, ' ' ||"
				      " CASE WHEN r.rolsuper THEN '' ELSE 'no' END || 'superuser ' ||"
				      " CASE WHEN r.rolinherit THEN '' ELSE 'no' END || 'inherit ' ||"
				      " CASE WHEN r.rolcreaterole THEN '' ELSE 'no' END || 'createrole ' ||"
				      " CASE WHEN r.rolcreatedb THEN '' ELSE 'no' END || 'createdb ' ||"
				      " CASE WHEN r.rolcanlogin THEN '' ELSE 'no' END || 'login ' ||"
				      " CASE WHEN r.rolreplication THEN '' ELSE 'no' END || 'replication ' ||"
				      " CASE WHEN r.rolbypassrls THEN '' ELSE 'no' END || 'bypassrls '"
				      ", r.rolconnlimit, ";
	char *full = mem_format("%s r.rolpassword FROM pg_catalog.pg_authid r", columns);
	char *open = mem_format("%s NULL FROM pg_catalog.pg_roles r", columns);
	struct pg_result *result = pg_query(pg, full, 0, NULL);
	if (result == NULL && text_equal(pg_sqlstate(pg), "42501"))
		result = pg_query(pg, open, 0, NULL);
	free(full);
	free(open);
	if (result == NULL)
		return -1;
	error_clear();
	for (int row = 0; row < pg_result_rows(result); row++)
		restore_roles_add_attributes(roles, pg_result_text(result, row, 0),
			pg_result_text(result, row, 1), (int)strtol(pg_result_text(result, row, 2), NULL, 10),
			pg_result_text(result, row, 3));
	pg_result_free(result);
	return 0;
}

static int
look_members(struct pg *pg, struct restore_roles *roles)
{
	struct pg_result *result = pg_query(pg,
		"SELECT r.rolname, m.rolname FROM pg_catalog.pg_auth_members a"
		" JOIN pg_catalog.pg_roles r ON r.oid = a.roleid"
		" JOIN pg_catalog.pg_roles m ON m.oid = a.member",
		0, NULL);
	if (result == NULL)
		return -1;
	for (int row = 0; row < pg_result_rows(result); row++)
		restore_roles_add_member(
			roles, pg_result_text(result, row, 0), pg_result_text(result, row, 1));
	pg_result_free(result);
	return 0;
}

/* A role without the right to know leaves it at 0: a database that exists is an obstacle all the same. */
static int
look_identifier(struct pg *pg, uint64_t *identifier)
{
	char *text = NULL;
	int outcome =
		pg_value(pg, "SELECT system_identifier FROM pg_catalog.pg_control_system()", 0, NULL, &text);
	if (outcome != 0 && text_equal(pg_sqlstate(pg), "42501")) {
		error_clear();
		outcome = 0;
	}
	if (outcome == 0 && text != NULL && text_parse_u64(text, identifier) != 0)
		outcome = error_set(ERR_RESTORE, "the target's system identifier is no number: %s", text);
	free(text);
	return outcome != 0 ? -1 : 0;
}

/* The first superuser is the one that initdb made: its oid is 10 (BOOTSTRAP_SUPERUSERID). */
static int
look_roles(struct pg *pg, struct restore_roles *roles)
{
	if (look_names(pg, "SELECT rolname FROM pg_catalog.pg_roles", &roles->existing) != 0 ||
		look_settings(pg, roles) != 0 || look_attributes(pg, roles) != 0 ||
		look_members(pg, roles) != 0 ||
		pg_value(pg, "SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10", 0, NULL,
			&roles->bootstrap) < 0 ||
		pg_value(pg, "SELECT session_user", 0, NULL, &roles->me) < 0)
		return -1;
	return 0;
}

/* Where its data lies is told to superusers, and to members of pg_read_all_settings. */
static int
look_place(struct pg *pg, struct restore_facts *facts)
{
	struct pg_result *result = pg_query(pg,
		"SELECT setting, pg_catalog.inet_server_addr() IS NULL FROM pg_catalog.pg_settings"
		" WHERE name = 'data_directory'",
		0, NULL);
	if (result == NULL)
		return -1;
	if (pg_result_rows(result) == 1) {
		facts->data_directory = mem_text(pg_result_text(result, 0, 0));
		facts->local = text_equal(pg_result_text(result, 0, 1), "t");
	}
	pg_result_free(result);
	return 0;
}

int
restore_target_look(struct restore *restore)
{
	struct restore_facts *facts = &restore->facts;
	struct pg *pg = restore_connect(restore, NULL, false);
	if (pg == NULL)
		return -1;
	facts->description = mem_format("server version %s at %s", pg_server_version(pg), restore->conninfo);
	facts->version_number = pg_server_version_number(pg);
	int outcome = -1;
	if (pg_run(pg, RESTORE_RAW_NAMES) == 0 && look_identifier(pg, &facts->system_identifier) == 0 &&
		look_place(pg, facts) == 0 &&
		look_names(pg, "SELECT datname FROM pg_catalog.pg_database", &facts->databases) == 0 &&
		look_names(pg, "SELECT spcname FROM pg_catalog.pg_tablespace", &facts->tablespaces) == 0 &&
		look_names(pg, "SELECT name FROM pg_catalog.pg_available_extensions", &facts->extensions) ==
			0 &&
		look_names(pg, "SELECT pg_catalog.lower(name) FROM pg_catalog.pg_settings",
			&facts->settings) == 0)
		outcome = look_roles(pg, &restore->roles);
	pg_free(pg);
	return outcome;
}

/*
 * What a user has made in a database: oids from 16384 on (FirstNormalObjectId). Temporary schemas, and what
 * is in them, come and go. One example is enough.
 */
#define USER_OBJECT                                                                                    \
	"WITH made(what) AS ("                                                                         \
	" SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace"                                    \
	"  WHERE oid >= 16384 AND nspname !~ '^pg_(toast_)?temp_'"                                     \
	" UNION ALL SELECT 'relation ' || oid::pg_catalog.regclass FROM pg_catalog.pg_class"           \
	"  WHERE oid >= 16384 AND relpersistence <> 't'"                                               \
	"  AND relnamespace <> 'pg_toast'::pg_catalog.regnamespace"                                    \
	" UNION ALL SELECT 'function ' || oid::pg_catalog.regproc FROM pg_catalog.pg_proc"             \
	"  WHERE oid >= 16384 AND pronamespace NOT IN"                                                 \
	"  (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_temp_')"                      \
	" UNION ALL SELECT 'type ' || oid::pg_catalog.regtype FROM pg_catalog.pg_type"                 \
	"  WHERE oid >= 16384 AND typnamespace NOT IN"                                                 \
	"  (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast_)?temp_')"             \
	" UNION ALL SELECT 'extension ' || extname FROM pg_catalog.pg_extension WHERE oid >= 16384"    \
	" UNION ALL SELECT 'language ' || lanname FROM pg_catalog.pg_language WHERE oid >= 16384"      \
	" UNION ALL SELECT 'operator ' || oprname FROM pg_catalog.pg_operator WHERE oid >= 16384"      \
	" UNION ALL SELECT 'collation ' || collname FROM pg_catalog.pg_collation WHERE oid >= 16384"   \
	" UNION ALL SELECT 'conversion ' || conname FROM pg_catalog.pg_conversion WHERE oid >= 16384"  \
	" UNION ALL SELECT 'cast ' || oid FROM pg_catalog.pg_cast WHERE oid >= 16384"                  \
	" UNION ALL SELECT 'text search configuration ' || cfgname FROM pg_catalog.pg_ts_config"       \
	"  WHERE oid >= 16384"                                                                         \
	" UNION ALL SELECT 'text search dictionary ' || dictname FROM pg_catalog.pg_ts_dict"           \
	"  WHERE oid >= 16384"                                                                         \
	" UNION ALL SELECT 'foreign-data wrapper ' || fdwname FROM pg_catalog.pg_foreign_data_wrapper" \
	" UNION ALL SELECT 'event trigger ' || evtname FROM pg_catalog.pg_event_trigger"               \
	" UNION ALL SELECT 'publication ' || pubname FROM pg_catalog.pg_publication"                   \
	" UNION ALL SELECT 'default privileges' FROM pg_catalog.pg_default_acl"                        \
	" UNION ALL SELECT 'large object ' || oid FROM pg_catalog.pg_largeobject_metadata"             \
	") SELECT what FROM made LIMIT 1"

static int
look_inside(struct restore *restore, const char *database)
{
	struct pg *pg = restore_connect(restore, database, false);
	if (pg == NULL)
		return -1;
	char *object = NULL;
	int outcome = pg_value(pg, USER_OBJECT, 0, NULL, &object);
	if (outcome == 0)
		restore_facts_add_occupied(&restore->facts, database, object);
	free(object);
	pg_free(pg);
	return outcome < 0 ? -1 : 0;
}

int
restore_target_look_inside(struct restore *restore)
{
	for (size_t i = 0; i < restore->plan.count; i++) {
		const struct restore_step *step = &restore->plan.steps[i];
		if (!step->wanted || step->as == NULL || step->creates ||
			!restore_names_have(&restore->facts.databases, step->as))
			continue;
		if (look_inside(restore, step->as) != 0)
			return error_add("database %s of the target", step->as);
	}
	return 0;
}

/* Asking about one thing. What a role may not ask is not known, and no obstacle. */

/*
 * Whether a server has a locale it says only when it is to use it: a collation of that locale is made and
 * taken back. A locale that is there and of another encoding than the maintenance database is refused with
 * another code.
 */
int
restore_target_has_locale(struct pg *pg, const char *provider, const char *literal)
{
	char *probe = mem_format("BEGIN; CREATE COLLATION pg_temp.incant_probe (provider = %s, locale = %s)",
		provider, literal);
	int outcome = pg_run(pg, probe) == 0 ? 1 : -1;
	free(probe);
	const char *state = pg_sqlstate(pg);
	if (outcome < 0 && state[0] == '\0')
		return -1;
	if (outcome < 0)
		outcome = text_equal(state, "22023") || text_equal(state, "58P01") ? 0 : 1;
	error_clear();
	return pg_run(pg, "ROLLBACK") == 0 ? outcome : -1;
}

static int
look_value(struct pg *pg, const char *statement, char **value)
{
	*value = NULL;
	if (pg_value(pg, statement, 0, NULL, value) >= 0)
		return 0;
	if (pg_sqlstate(pg)[0] == '\0')
		return -1;
	error_clear();
	*value = mem_text("unknown");
	return 0;
}

int
restore_target_look_directory(struct pg *pg, const char *literal, char **problem)
{
	char *exists = mem_format("SELECT pg_catalog.pg_stat_file(%s, true) IS NULL", literal);
	char *used =
		mem_format("SELECT true FROM pg_catalog.pg_ls_dir(%s) d, pg_catalog.pg_control_system() c"
			   " WHERE d LIKE 'PG\\_%%\\_' || c.catalog_version_no",
			literal);
	char *value = NULL;
	*problem = NULL;
	int outcome = look_value(pg, exists, &value);
	if (outcome == 0 && text_equal(value, "t")) {
		*problem = mem_text("does not exist");
	} else if (outcome == 0 && text_equal(value, "f")) {
		free(value);
		outcome = look_value(pg, used, &value);
		if (outcome == 0 && text_equal(value, "t"))
			*problem = mem_text("is a tablespace of a server already");
	}
	free(value);
	free(exists);
	free(used);
	return outcome;
}

/* Dropping. */

/* Runs the statement "BEFORE "NAME"AFTER". */
static int
run_about(struct pg *pg, const char *before, const char *name, const char *after)
{
	char *quoted = pg_quote_identifier(name);
	char *statement = mem_format("%s %s%s", before, quoted, after);
	int outcome = pg_run(pg, statement);
	free(statement);
	free(quoted);
	return outcome;
}

/* A subscription keeps its database from being dropped. One that was just restored has no slot on its
 * publisher, which is not to be asked. */
static int
drop_subscriptions(const struct restore *restore, const char *database)
{
	struct restore_names names = { .names = NULL };
	struct pg *pg = restore_connect(restore, database, true);
	int outcome = -1;
	if (pg != NULL && pg_run(pg, RESTORE_RAW_NAMES) == 0)
		outcome = look_names(pg,
			"SELECT subname FROM pg_catalog.pg_subscription WHERE subdbid ="
			" (SELECT oid FROM pg_catalog.pg_database"
			" WHERE datname = pg_catalog.current_database())",
			&names);
	for (size_t i = 0; outcome == 0 && i < names.count; i++)
		if (run_about(pg, "ALTER SUBSCRIPTION", names.names[i], " DISABLE") != 0 ||
			run_about(pg, "ALTER SUBSCRIPTION", names.names[i], " SET (slot_name = NONE)") != 0 ||
			run_about(pg, "DROP SUBSCRIPTION", names.names[i], "") != 0)
			outcome = -1;
	restore_names_clear(&names);
	pg_free(pg);
	return outcome;
}

/*
 * FORCE ends what still runs there, our own last session among it. A template is refused (wrong_object_type)
 * and must be made an ordinary database first; not before it is tried, because a database whose dropping was
 * cut short can be dropped and not altered.
 */
static int
drop_database(struct pg *pg, const char *database)
{
	const char *force = pg_server_version_number(pg) >= 130000 ? " WITH (FORCE)" : "";
	int outcome = run_about(pg, "DROP DATABASE", database, force);
	if (outcome == 0 || !text_equal(pg_sqlstate(pg), "42809"))
		return outcome;
	if (run_about(pg, "ALTER DATABASE", database, " IS_TEMPLATE false") != 0)
		return -1;
	return run_about(pg, "DROP DATABASE", database, force);
}

int
restore_target_drop(const struct restore *restore, const char *database)
{
	struct pg *pg = restore_connect(restore, NULL, true);
	int outcome = -1;
	if (pg != NULL && pg_run(pg, RESTORE_RAW_NAMES) == 0) {
		outcome = drop_database(pg, database);
		if (outcome != 0 && text_equal(pg_sqlstate(pg), "55006") &&
			drop_subscriptions(restore, database) == 0)
			outcome = drop_database(pg, database);
	}
	pg_free(pg);
	return outcome;
}
