#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/restore/restore_inside.h"
#include "incant/mem.h"

/* A target with its first superuser, the role app (which has its work_mem set) and one with an odd name. */
static void
fill(struct restore_roles *roles, bool whole)
{
	*roles = (struct restore_roles){ .whole = whole };
	roles->bootstrap = mem_text("root");
	roles->me = mem_text("me");
	restore_names_add(&roles->existing, "root");
	restore_names_add(&roles->existing, "app");
	restore_names_add(&roles->existing, "we;ird \"role\"");
	restore_roles_add_setting(roles, "app", "work_mem", "4MB");
	restore_roles_add_setting(roles, "app", "My.Thing", "x");
}

static enum restore_verdict
judge(const char *statement, bool whole)
{
	struct restore_roles roles;
	char *role = NULL;
	fill(&roles, whole);
	enum restore_verdict verdict = restore_roles_judge(&roles, statement, &role);
	free(role);
	restore_roles_clear(&roles);
	return verdict;
}

static void
a_missing_role_is_created_with_all_that_it_has(void **state)
{
	(void)state;
	assert_int_equal(judge("CREATE ROLE fresh;", true), RESTORE_ROLE_NEW);
	assert_int_equal(judge("ALTER ROLE fresh WITH NOSUPERUSER LOGIN PASSWORD 'x';", true), RESTORE_RUN);
	assert_int_equal(judge("COMMENT ON ROLE fresh IS 'ROLE app';", true), RESTORE_RUN);
	assert_int_equal(judge("SECURITY LABEL FOR 'p' ON ROLE fresh IS 'x';", true), RESTORE_RUN);
	assert_int_equal(judge("ALTER ROLE fresh SET work_mem TO '8MB';", true), RESTORE_RUN);
}

static void
a_role_that_exists_is_left_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(judge("CREATE ROLE app;", true), RESTORE_ROLE_LEFT);
	assert_int_equal(judge("CREATE ROLE \"we;ird \"\"role\"\"\";", true), RESTORE_ROLE_LEFT);
	assert_int_equal(judge("ALTER ROLE app WITH SUPERUSER PASSWORD 'x';", true), RESTORE_LEAVE);
	assert_int_equal(judge("COMMENT ON ROLE app IS 'x';", true), RESTORE_LEAVE);
	assert_int_equal(judge("SECURITY LABEL FOR p ON ROLE app IS 'x';", true), RESTORE_LEAVE);
	assert_int_equal(judge("SECURITY LABEL ON ROLE app IS 'x';", true), RESTORE_LEAVE);
}

static void
names_in_quotes_are_other_names_than_the_same_in_capitals(void **state)
{
	(void)state;
	assert_int_equal(judge("CREATE ROLE APP;", true), RESTORE_ROLE_LEFT);
	assert_int_equal(judge("CREATE ROLE \"APP\";", true), RESTORE_ROLE_NEW);
	assert_int_equal(judge("CREATE ROLE \"app\";", true), RESTORE_ROLE_LEFT);
	assert_int_equal(judge("CREATE ROLE \"app \";", true), RESTORE_ROLE_NEW);
	assert_int_equal(judge("CREATE ROLE \"\xc3\xa9\";", true), RESTORE_ROLE_NEW);
}

static void
the_role_in_question_is_named(void **state)
{
	(void)state;
	struct restore_roles roles;
	char *role = NULL;
	fill(&roles, true);
	restore_roles_judge(&roles, "CREATE ROLE \"we;ird \"\"role\"\"\";", &role);
	assert_string_equal(role, "we;ird \"role\"");
	free(role);
	restore_roles_judge(&roles, "ALTER ROLE app WITH LOGIN;", &role);
	assert_null(role);
	restore_roles_clear(&roles);
}

static void
a_setting_is_applied_only_where_the_role_has_none_of_that_name(void **state)
{
	(void)state;
	assert_int_equal(judge("ALTER ROLE app SET work_mem TO '8MB';", true), RESTORE_LEAVE);
	assert_int_equal(judge("ALTER ROLE app SET \"my.thing\" TO '8MB';", true), RESTORE_LEAVE);
	assert_int_equal(judge("ALTER ROLE app SET search_path TO 'a', 'b';", true), RESTORE_RUN);
	assert_int_equal(judge("ALTER ROLE root SET work_mem TO '8MB';", true), RESTORE_RUN);
}

static void
a_membership_is_granted_when_either_side_is_new(void **state)
{
	(void)state;
	assert_int_equal(judge("GRANT app TO root GRANTED BY root;", true), RESTORE_LEAVE);
	assert_int_equal(judge("GRANT fresh TO app WITH ADMIN OPTION GRANTED BY root;", true), RESTORE_RUN);
	assert_int_equal(judge("GRANT app TO fresh WITH INHERIT TRUE GRANTED BY root;", true), RESTORE_RUN);
	assert_int_equal(judge("GRANT \"on\" TO app;", true), RESTORE_RUN);
}

static void
rights_on_a_setting_go_to_new_roles_and_to_everybody(void **state)
{
	(void)state;
	assert_int_equal(judge("GRANT SET ON PARAMETER work_mem TO fresh;", true), RESTORE_RUN);
	assert_int_equal(judge("GRANT SET ON PARAMETER work_mem TO PUBLIC;", true), RESTORE_RUN);
	assert_int_equal(
		judge("GRANT SET,ALTER SYSTEM ON PARAMETER \"my.thing\" TO app;", true), RESTORE_LEAVE);
}

static void
tablespaces_come_only_with_the_whole_cluster(void **state)
{
	(void)state;
	static const char *const statements[] = { "CREATE TABLESPACE ts OWNER app LOCATION '/x';",
		"ALTER TABLESPACE ts SET (random_page_cost=1);", "GRANT ALL ON TABLESPACE ts TO app;",
		"REVOKE ALL ON TABLESPACE ts FROM PUBLIC;", "COMMENT ON TABLESPACE ts IS 'x';",
		"SECURITY LABEL FOR p ON TABLESPACE ts IS 'x';" };
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		assert_int_equal(judge(statements[i], true), RESTORE_RUN);
		assert_int_equal(judge(statements[i], false), RESTORE_LEAVE);
	}
	assert_int_equal(judge("GRANT tablespace TO fresh;", false), RESTORE_RUN);
}

static void
what_sets_up_the_session_is_run(void **state)
{
	(void)state;
	assert_int_equal(judge("SET client_encoding = 'UTF8';", true), RESTORE_RUN);
	assert_int_equal(judge("SELECT pg_catalog.set_config('search_path', '', false);", true), RESTORE_RUN);
	assert_int_equal(judge("", true), RESTORE_RUN);
}

static void
nothing_is_ever_dropped(void **state)
{
	(void)state;
	assert_int_equal(judge("DROP ROLE app;", true), RESTORE_REFUSE);
	assert_int_equal(judge("drop database app;", true), RESTORE_REFUSE);
	assert_int_equal(judge("DROP TABLESPACE ts;", false), RESTORE_REFUSE);
}

static void
only_a_role_that_people_made_is_worth_a_warning(void **state)
{
	(void)state;
	struct restore_roles roles;
	fill(&roles, true);
	assert_true(restore_roles_worth_warning(&roles, "app"));
	assert_false(restore_roles_worth_warning(&roles, "root"));
	assert_false(restore_roles_worth_warning(&roles, "me"));
	assert_false(restore_roles_worth_warning(&roles, "postgres"));
	restore_roles_clear(&roles);
}

static void
assert_without_grantor(const char *statement, const char *expected, const char *expected_grantor)
{
	char *grantor = NULL;
	char *rest = restore_roles_without_grantor(statement, &grantor);
	assert_non_null(rest);
	assert_string_equal(rest, expected);
	assert_string_equal(grantor, expected_grantor);
	free(rest);
	free(grantor);
}

static void
a_grantor_can_be_left_out(void **state)
{
	(void)state;
	assert_without_grantor("GRANT a TO b GRANTED BY postgres;", "GRANT a TO b ;", "postgres");
	assert_without_grantor(
		"GRANT a TO b WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY \"x; \"\"y\";",
		"GRANT a TO b WITH ADMIN OPTION, INHERIT FALSE, SET FALSE ;", "x; \"y");
	assert_without_grantor("GRANT granted TO by GRANTED BY granted;", "GRANT granted TO by ;", "granted");
}

static void
a_grant_without_grantor_has_none_to_leave_out(void **state)
{
	static const char *const statements[] = { "GRANT a TO b;", "GRANT granted TO by;",
		"GRANT a TO b WITH ADMIN OPTION;", "GRANT \"a GRANTED BY x\" TO b;" };
	(void)state;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		char *grantor = NULL;
		assert_null(restore_roles_without_grantor(statements[i], &grantor));
		assert_null(grantor);
	}
}

static void
of_a_scratch_server_all_roles_become_what_the_dump_says(void **state)
{
	static const char *const run[] = { "ALTER ROLE root WITH SUPERUSER PASSWORD 'x';",
		"ALTER ROLE app SET work_mem TO '8MB';", "COMMENT ON ROLE root IS 'x';",
		"GRANT app TO root;" };
	struct restore_roles roles;
	char *role = NULL;

	(void)state;
	fill(&roles, true);
	roles.scratch = true;
	for (size_t i = 0; i < sizeof(run) / sizeof(run[0]); i++)
		assert_int_equal(restore_roles_judge(&roles, run[i], &role), RESTORE_RUN);
	assert_int_equal(restore_roles_judge(&roles, "CREATE ROLE root;", &role), RESTORE_ROLE_LEFT);
	free(role);
	assert_int_equal(restore_roles_judge(&roles, "CREATE ROLE fresh;", &role), RESTORE_ROLE_NEW);
	free(role);
	restore_roles_clear(&roles);
}

static void
assert_in_place(const char *statement, const char *expected)
{
	char *in_place = restore_roles_in_place(statement);

	if (expected == NULL)
		assert_null(in_place);
	else
		assert_string_equal(in_place, expected);
	free(in_place);
}

static void
a_tablespace_can_be_made_in_place(void **state)
{
	(void)state;
	assert_in_place("CREATE TABLESPACE fast OWNER app LOCATION '/srv/fa''st';",
		"CREATE TABLESPACE fast OWNER app LOCATION '';");
	assert_in_place("CREATE TABLESPACE \"location '\" OWNER \"LOCATION\" LOCATION '/x';",
		"CREATE TABLESPACE \"location '\" OWNER \"LOCATION\" LOCATION '';");
	assert_in_place("ALTER TABLESPACE fast SET (seq_page_cost=1);", NULL);
	assert_in_place("COMMENT ON TABLESPACE fast IS 'LOCATION ''/x''';", NULL);
	assert_in_place("CREATE ROLE location;", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_role_is_created_with_all_that_it_has),
		cmocka_unit_test(a_role_that_exists_is_left_as_it_is),
		cmocka_unit_test(names_in_quotes_are_other_names_than_the_same_in_capitals),
		cmocka_unit_test(the_role_in_question_is_named),
		cmocka_unit_test(a_setting_is_applied_only_where_the_role_has_none_of_that_name),
		cmocka_unit_test(a_membership_is_granted_when_either_side_is_new),
		cmocka_unit_test(rights_on_a_setting_go_to_new_roles_and_to_everybody),
		cmocka_unit_test(tablespaces_come_only_with_the_whole_cluster),
		cmocka_unit_test(what_sets_up_the_session_is_run),
		cmocka_unit_test(nothing_is_ever_dropped),
		cmocka_unit_test(only_a_role_that_people_made_is_worth_a_warning),
		cmocka_unit_test(a_grantor_can_be_left_out),
		cmocka_unit_test(a_grant_without_grantor_has_none_to_leave_out),
		cmocka_unit_test(of_a_scratch_server_all_roles_become_what_the_dump_says),
		cmocka_unit_test(a_tablespace_can_be_made_in_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
