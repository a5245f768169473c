/* Sealed stores: what is copied into them, out of them and between them, and who can read it. */
#include "config.h"

#include "../../src/op/op_seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/op/op_copy.h"
#include "../../src/op/op_record.h"
#include "age_sample.h"
#include "incant/log.h"
#include "incant/op_verify.h"
#include "made_backup.h"

/* A plain store with a backup, and others beside it: sealed to one key, to the same, to another, and plain.
 */
struct places {
	struct scratch *scratch;
	struct age_sample one, other;
	char *identity; /* the path of one's */
	struct settings *settings;
};

static void
write_identity(struct places *places)
{
	int fd;

	places->identity = file_join(places->scratch->root, "identity");
	fd = open(places->identity, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(
		file_write_all(fd, places->one.secret, strlen(places->one.secret), ERR_STORE, "it"), 0);
	close(fd);
}

/* with: lines of further sections, or "". */
static void
places_open(struct places *places, void **state, const char *with)
{
	const char *root;
	char *text;

	places->scratch = *state;
	root = places->scratch->root;
	age_sample_init(&places->one);
	age_sample_init(&places->other);
	write_identity(places);
	text = mem_format("[source]\nname = " MADE_SOURCE "\nkind = postgres\nconninfo = host=/nowhere\n"
			  "[store plain]\nkind = directory\npath = %s\n"
			  "[store sealed]\nkind = directory\npath = %s/sealed\nencrypt-to = %s\n"
			  "[store same]\nkind = directory\npath = %s/same\nencrypt-to = %s\n"
			  "[store other]\nkind = directory\npath = %s/other\nencrypt-to = %s\n"
			  "[store back]\nkind = directory\npath = %s/back\n%s",
		places->scratch->path, root, places->one.recipient, root, places->one.recipient, root,
		places->other.recipient, root, with);
	places->settings = settings_parse(text, strlen(text), "settings");
	if (places->settings == NULL)
		fail_msg("%s", error_get()->message);
	free(text);
	made_backup(places->scratch, FRAME_ZSTD);
}

static void
places_close(struct places *places)
{
	settings_free(places->settings);
	age_sample_clear(&places->one);
	age_sample_clear(&places->other);
	free(places->identity);
}

/* With the identity in the settings. */
static void
places_open_with_identity(struct places *places, void **state)
{
	struct scratch *scratch = *state;
	char *with = mem_format("[identity]\nfile = %s/identity\n", scratch->root);

	places_open(places, state, with);
	free(with);
}

static struct store *
open_place(const struct settings_store *place, unsigned rights)
{
	const struct store_options options = {
		.name = place->name, .kind = place->kind, .path = place->path
	};
	struct store *store = store_open(&options, rights);

	assert_non_null(store);
	return store;
}

/* Copies the backup from one store of the settings to another, by their numbers. */
static int
copy(struct places *places, size_t from, size_t to)
{
	const struct settings_store *stores = places->settings->stores;
	struct op_copy copying = {
		.settings = places->settings,
		.from = open_place(&stores[from], STORE_READ),
		.to = open_place(&stores[to], STORE_WRITE),
		.from_place = &stores[from],
		.to_place = &stores[to],
	};
	struct catalog catalog;
	int rc;

	catalog_init(&catalog);
	assert_int_equal(catalog_load(copying.from, MADE_SOURCE, &catalog), 0);
	assert_int_equal(catalog.count, 1);
	assert_false(catalog.entries[0].damaged);
	copying.manifest = &catalog.entries[0].manifest;
	error_clear();
	rc = op_copy_backup(&copying);
	catalog_clear(&catalog);
	store_close(copying.from);
	store_close(copying.to);
	return rc;
}

enum { PLAIN, SEALED, SAME, OTHER, BACK };

/* The bytes of an object of the backup in a store. Appends. */
static void
get(struct places *places, size_t place, const char *name, struct buf *bytes)
{
	struct store *store = open_place(&places->settings->stores[place], STORE_READ);
	char *object = catalog_object_name(MADE_SOURCE, MADE_ID, name);

	assert_int_equal(store_get(store, object, (size_t)1 << 20, bytes), 0);
	store_close(store);
	free(object);
}

static void
assert_same_bytes(struct places *places, size_t a, size_t b, const char *name)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;

	get(places, a, name, &first);
	get(places, b, name, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.bytes, second.bytes, first.len);
	buf_clear(&first);
	buf_clear(&second);
}

static void
names_end_in_age_where_they_are_sealed(void **state)
{
	char *name = op_seal_name("cluster.sql.zst", true);

	(void)state;
	assert_string_equal(name, "cluster.sql.zst.age");
	assert_true(op_seal_object(name));
	char *again = op_seal_name(name, true);
	char *plain = op_seal_name(name, false);
	assert_string_equal(again, name);
	assert_string_equal(plain, "cluster.sql.zst");
	assert_false(op_seal_object(plain));
	free(name);
	free(again);
	free(plain);
}

static void
into_a_sealed_store_and_back_nothing_changes(void **state)
{
	struct places places;

	places_open_with_identity(&places, state);
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	assert_int_equal(copy(&places, SEALED, BACK), 0);
	assert_same_bytes(&places, PLAIN, BACK, "cluster.sql.zst");
	assert_same_bytes(&places, PLAIN, BACK, "contents.json.zst");
	assert_same_bytes(&places, PLAIN, BACK, "SHA256SUMS");
	places_close(&places);
}

static void
a_sealed_manifest_has_no_totals_and_the_one_that_comes_of_it_has(void **state)
{
	struct places places;
	struct buf text = BUF_EMPTY;

	places_open_with_identity(&places, state);
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	get(&places, SEALED, MANIFEST_NAME, &text);
	assert_null(strstr(text.bytes, "\"tables\""));
	assert_null(strstr(text.bytes, "\"rows\""));
	buf_reset(&text);
	assert_int_equal(copy(&places, SEALED, BACK), 0);
	get(&places, BACK, MANIFEST_NAME, &text);
	assert_non_null(strstr(text.bytes, "\"tables\": 1"));
	assert_non_null(strstr(text.bytes, "\"rows\": 3"));
	buf_clear(&text);
	places_close(&places);
}

static void
between_stores_of_the_same_recipients_no_identity_is_needed(void **state)
{
	struct places places;

	places_open(&places, state, "");
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	assert_int_equal(copy(&places, SEALED, SAME), 0);
	assert_same_bytes(&places, SEALED, SAME, "cluster.sql.zst.age");
	assert_same_bytes(&places, SEALED, SAME, MANIFEST_NAME);
	assert_int_equal(copy(&places, SEALED, OTHER), -1);
	assert_fails(ERR_KEYS, "is encrypted: there is no identity in the settings");
	assert_int_equal(copy(&places, SEALED, BACK), -1);
	assert_fails(ERR_KEYS, "cluster.sql.zst.age");
	places_close(&places);
}

static void
to_other_recipients_it_is_encrypted_anew(void **state)
{
	struct places places;
	struct buf file = BUF_EMPTY;
	struct input *input;

	places_open_with_identity(&places, state);
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	assert_int_equal(copy(&places, SEALED, OTHER), 0);
	get(&places, OTHER, "cluster.sql.zst.age", &file);
	assert_null(age_sample_open(&file, places.one.identities));
	assert_fails(ERR_KEYS, "no identity at hand");
	input = age_sample_open(&file, places.other.identities);
	assert_non_null(input);
	input_free(input);
	buf_clear(&file);
	places_close(&places);
}

static void
a_copy_that_stopped_goes_on_with_what_is_there(void **state)
{
	struct places places;
	char *path, *aside;

	places_open_with_identity(&places, state);
	path = made_path(places.scratch->path, "contents.json.zst");
	aside = file_join(places.scratch->root, "aside");
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(copy(&places, PLAIN, SEALED), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_int_equal(rename(aside, path), 0);
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	assert_int_equal(copy(&places, SEALED, BACK), 0);
	assert_same_bytes(&places, PLAIN, BACK, "cluster.sql.zst");
	free(path);
	free(aside);
	places_close(&places);
}

/* Verifies the sealed store. The report is cleared by the caller. */
static int
verify(struct places *places, struct op_verify_report *report)
{
	const struct op_verify_request request = { .all = true, .which = { .store = "sealed" } };

	error_clear();
	return op_verify_run(places->settings, &request, report);
}

/* Flips a bit in every byte of an object, and cuts it at every fifth: found each time, in this object. */
static void
damage_everywhere(struct places *places, const char *object)
{
	const char *root = places->settings->stores[SEALED].path;
	char *path = made_path(root, object);
	struct buf whole = BUF_EMPTY;
	int fd = -1;

	assert_int_equal(chmod(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	get(places, SEALED, object, &whole);
	for (size_t at = 0; at < 2 * whole.len; at++) {
		struct op_verify_report report;
		size_t off = at / 2;
		char flipped = (char)(whole.bytes[off] ^ 4);

		if (at % 2 == 1 && off % 5 != 0)
			continue;
		if (at % 2 == 0)
			assert_int_equal(pwrite(fd, &flipped, 1, (off_t)off), 1);
		else
			assert_int_equal(ftruncate(fd, (off_t)off), 0);
		assert_int_equal(verify(places, &report), -1);
		if (error_get()->class != ERR_DAMAGED || report.backups[0].finding_count == 0 ||
			strcmp(report.backups[0].findings[0].object, object) != 0)
			fail_msg("%s %s at byte %zu: %s", object, at % 2 == 0 ? "flipped" : "cut", off,
				error_get()->message);
		op_verify_report_clear(&report);
		log_reset();
		assert_int_equal(pwrite(fd, whole.bytes + off, whole.len - off, (off_t)off),
			(ssize_t)(whole.len - off));
	}
	close(fd);
	buf_clear(&whole);
	free(path);
}

static void
damage_to_any_byte_is_found_with_the_identity(void **state)
{
	struct places places;
	struct op_verify_report report;

	places_open_with_identity(&places, state);
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	damage_everywhere(&places, "cluster.sql.zst.age");
	damage_everywhere(&places, "contents.json.zst.age");
	assert_int_equal(verify(&places, &report), 0);
	assert_false(report.backups[0].closed);
	op_verify_report_clear(&report);
	places_close(&places);
}

static void
damage_to_any_byte_is_found_without_one(void **state)
{
	struct places places;
	struct op_verify_report report;
	size_t warnings = 0;

	places_open(&places, state, "");
	assert_int_equal(copy(&places, PLAIN, SEALED), 0);
	damage_everywhere(&places, "cluster.sql.zst.age");
	log_reset();
	assert_int_equal(verify(&places, &report), 0);
	assert_true(report.backups[0].closed);
	(void)log_warnings(&warnings);
	assert_int_equal(warnings, 1);
	op_verify_report_clear(&report);
	log_reset();
	places_close(&places);
}

static void
a_recipient_that_is_none_is_named_with_its_store(void **state)
{
	char name[] = "spaces", word[] = "age1nonsense", *words[] = { word };
	struct settings_store place = { .name = name };

	(void)state;
	place.encrypt_to = (struct settings_texts){ .items = words, .count = 1 };
	assert_null(op_seal_recipients(&place));
	assert_fails(ERR_KEYS, "encrypt-to of [store spaces]: 'age1nonsense' is not a recipient");
}

static void
a_missing_identity_is_asked_for_once_and_said_each_time(void **state)
{
	struct places places;
	struct op_keys *keys;

	places_open(&places, state, "[identity]\nfile = /nowhere/identity\n");
	keys = op_keys_new(places.settings);
	assert_true(op_keys_are_set(keys));
	for (int i = 0; i < 2; i++) {
		error_clear();
		assert_int_equal(op_keys_load(keys), -1);
		assert_fails(ERR_KEYS, "there is no identity file '/nowhere/identity'");
	}
	op_keys_free(keys);
	places_close(&places);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(names_end_in_age_where_they_are_sealed),
		TEST(into_a_sealed_store_and_back_nothing_changes),
		TEST(a_sealed_manifest_has_no_totals_and_the_one_that_comes_of_it_has),
		TEST(between_stores_of_the_same_recipients_no_identity_is_needed),
		TEST(to_other_recipients_it_is_encrypted_anew),
		TEST(a_copy_that_stopped_goes_on_with_what_is_there),
		TEST(damage_to_any_byte_is_found_with_the_identity),
		TEST(damage_to_any_byte_is_found_without_one),
		TEST(a_recipient_that_is_none_is_named_with_its_store),
		TEST(a_missing_identity_is_asked_for_once_and_said_each_time),
	};

	log_set_level(LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
