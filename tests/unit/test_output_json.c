#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/cli/output_json.h"
#include "incant/log.h"
#include "sample_backup.h"

/* Writes and frees an object, and compares it. */
static void
assert_json(struct json *object, const char *expected)
{
	struct buf text = BUF_EMPTY;

	json_write(object, 0, &text);
	json_free(object);
	assert_string_equal(buf_text(&text), expected);
	buf_clear(&text);
}

static void
a_backup_has_every_member(void **state)
{
	struct op_backup backup;

	(void)state;
	sample_backup(&backup, "before \"it\"");
	assert_json(output_json_backup(&backup),
		"{\"id\":\"20261122T030000Z\",\"source\":\"app\",\"created\":\"2026-11-22T03:00:00Z\","
		"\"label\":\"before \\\"it\\\"\",\"pinned\":null,"
		"\"server_version\":\"15.18 (Debian 15.18-0+deb12u1)\",\"plain_bytes\":838860800,"
		"\"stored_bytes\":123732068,\"objects\":[{\"name\":\"cluster.sql.zst\",\"bytes\":123731968,"
		"\"sha256\":\"" SAMPLE_SHA256 "\"},{\"name\":\"contents.json.zst\",\"bytes\":100,"
		"\"sha256\":\"" SAMPLE_SHA256
		"\"}],\"files\":[],\"databases\":2,\"tables\":3,\"rows\":1234567,"
		"\"stores\":[\"local\",\"other\"],\"proof\":null,\"suspect\":null}");
	op_backup_clear(&backup);
}

static void
what_a_backup_lacks_is_null(void **state)
{
	struct op_backup backup;

	(void)state;
	sample_backup(&backup, NULL);
	struct json *object = output_json_backup(&backup);
	assert_false(json_has(object, "label"));
	assert_non_null(json_get(object, "label"));
	json_free(object);
	op_backup_clear(&backup);
	assert_null(output_json_backup(&(struct op_backup){ .stores = NULL }));
}

static void
an_error_has_class_message_and_hint(void **state)
{
	const struct error full = { ERR_STORE, "cannot write 'x': No space left on device", "Make room." };
	const struct error bare = { ERR_NOT_FOUND, "no such backup", "" };

	(void)state;
	assert_json(output_json_error(&full), "{\"class\":\"store\",\"message\":\"cannot write 'x': No space "
					      "left on device\",\"hint\":\"Make room.\"}");
	assert_json(output_json_error(&bare),
		"{\"class\":\"not-found\",\"message\":\"no such backup\",\"hint\":null}");
	assert_null(output_json_error(NULL));
	assert_null(output_json_error(&(struct error){ .class = ERR_NONE }));
}

static void
the_end_of_an_object_tells_how_it_went(void **state)
{
	const struct error error = { ERR_BUSY, "busy", "" };
	struct json *good = json_new_object();
	struct json *bad = json_new_object();

	(void)state;
	log_reset();
	output_json_end(good, 0, NULL);
	assert_json(good, "{\"ok\":true,\"exit_code\":0,\"warnings\":[]}");
	log_warning("store %s does not answer", "other");
	output_json_end(bad, 10, &error);
	assert_json(bad, "{\"ok\":false,\"exit_code\":10,\"warnings\":[\"store other does not answer\"],"
			 "\"error\":{\"class\":\"busy\",\"message\":\"busy\",\"hint\":null}}");
	log_reset();
}

static void
times_are_utc_and_seconds_are_real(void **state)
{
	struct json *object = json_new_object();

	(void)state;
	output_json_time(object, "at", 0);
	output_json_seconds(object, "seconds", 1500);
	output_json_seconds(object, "none", 0);
	assert_json(object, "{\"at\":\"1970-01-01T00:00:00Z\",\"seconds\":1.5,\"none\":0.0}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_backup_has_every_member),
		cmocka_unit_test(what_a_backup_lacks_is_null),
		cmocka_unit_test(an_error_has_class_message_and_hint),
		cmocka_unit_test(the_end_of_an_object_tells_how_it_went),
		cmocka_unit_test(times_are_utc_and_seconds_are_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
