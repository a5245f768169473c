#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/restore/restore_inside.h"

static void
fill(struct restore_roles *roles)
{
	*roles = (struct restore_roles){ .me = NULL };
	restore_roles_add_attributes(roles, "app",
		" nosuperuser inherit nocreaterole nocreatedb login noreplication nobypassrls ", -1,
		"SCRAM-SHA-256$4096:abc");
	restore_roles_add_attributes(roles, "untold",
		" nosuperuser inherit nocreaterole nocreatedb login noreplication nobypassrls ", 3, NULL);
	restore_roles_add_member(roles, "app", "un told");
	restore_roles_add_setting(roles, "app", "work_mem", "4MB");
	restore_roles_add_setting(roles, "app", "search_path", "\"$user\", public, \"Odd, one\"");
}

/* What a comparison of that statement says. */
static void
expect_of(char *(*compare)(const struct restore_roles *, const char *), const char *statement,
	const char *difference)
{
	struct restore_roles roles;
	fill(&roles);
	char *found = compare(&roles, statement);
	if (difference == NULL && found != NULL)
		fail_msg("%s", found);
	if (difference != NULL)
		assert_string_equal(found, difference);
	free(found);
	restore_roles_clear(&roles);
}

static void
expect(const char *statement, const char *difference)
{
	expect_of(restore_roles_differ, statement, difference);
}

static void
expect_setting(const char *statement, const char *difference)
{
	expect_of(restore_roles_set_differs, statement, difference);
}

static void
a_setting_with_another_value_is_named(void **state)
{
	(void)state;
	expect_setting("ALTER ROLE app SET work_mem TO '4MB';", NULL);
	expect_setting("ALTER ROLE app SET \"Work_Mem\" TO '8MB';",
		"role app is left as it is on the target; in the backup it has another work_mem");
	expect_setting("ALTER ROLE app SET search_path TO '$user', 'public', 'Odd, one';", NULL);
	expect_setting("ALTER ROLE app SET search_path TO '$user', 'public';",
		"role app is left as it is on the target; in the backup it has another search_path");
	expect_setting("ALTER ROLE app SET search_path TO 'public';",
		"role app is left as it is on the target; in the backup it has another search_path");
	expect_setting("ALTER ROLE app SET search_path TO '$user', 'public', 'Odd, one', 'more';",
		"role app is left as it is on the target; in the backup it has another search_path");
	expect_setting("ALTER ROLE app SET lock_timeout TO '1s';", NULL);
}

static void
a_role_that_is_the_same_does_not_differ(void **state)
{
	(void)state;
	expect("ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION "
	       "NOBYPASSRLS "
	       "PASSWORD 'SCRAM-SHA-256$4096:abc';",
		NULL);
	expect("ALTER ROLE stranger WITH SUPERUSER;", NULL);
}

static void
what_differs_is_named_as_it_is_in_the_backup(void **state)
{
	(void)state;
	expect("ALTER ROLE \"app\" WITH SUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION "
	       "NOBYPASSRLS CONNECTION LIMIT 5 PASSWORD 'SCRAM-SHA-256$4096:xyz' VALID UNTIL '2039-01-01';",
		"role app is left as it is on the target; in the backup it has: SUPERUSER, NOLOGIN, another "
		"connection limit, another password");
}

static void
a_password_that_was_not_told_is_not_compared_and_none_is_shown(void **state)
{
	(void)state;
	expect("ALTER ROLE untold WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION "
	       "NOBYPASSRLS CONNECTION LIMIT 3 PASSWORD 'x';",
		NULL);
}

static void
a_membership_that_the_target_lacks_is_named(void **state)
{
	(void)state;
	struct restore_roles roles;
	fill(&roles);
	assert_null(restore_roles_lack_member(&roles, "app", "un told"));
	char *lack = restore_roles_lack_member(&roles, "un told", "app");
	assert_string_equal(
		lack, "role app is left as it is on the target; in the backup it is a member of un told");
	free(lack);
	restore_roles_clear(&roles);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_that_is_the_same_does_not_differ),
		cmocka_unit_test(a_setting_with_another_value_is_named),
		cmocka_unit_test(what_differs_is_named_as_it_is_in_the_backup),
		cmocka_unit_test(a_password_that_was_not_told_is_not_compared_and_none_is_shown),
		cmocka_unit_test(a_membership_that_the_target_lacks_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
