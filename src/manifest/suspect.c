/* Suspect backups: their record, as text and in a store. */
#include "config.h"

#include "incant/suspect.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/json.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "record.h"

struct suspect *
suspect_new(int64_t at, const char *than)
{
	struct suspect *suspect = mem_zero(sizeof(*suspect));

	suspect->at = at;
	suspect->than = mem_text(than);
	return suspect;
}

void
suspect_add(struct suspect *suspect, const char *reason)
{
	MEM_GROW(suspect->reasons, suspect->count, suspect->capacity);
	suspect->reasons[suspect->count++] = mem_text(reason);
}

struct suspect *
suspect_copy(const struct suspect *suspect)
{
	if (suspect == NULL)
		return NULL;
	struct suspect *copy = suspect_new(suspect->at, suspect->than);
	for (size_t i = 0; i < suspect->count; i++)
		suspect_add(copy, suspect->reasons[i]);
	return copy;
}

void
suspect_free(struct suspect *suspect)
{
	if (suspect == NULL)
		return;
	for (size_t i = 0; i < suspect->count; i++)
		free(suspect->reasons[i]);
	free(suspect->reasons);
	free(suspect->than);
	free(suspect);
}

void
suspect_write_reasons(const struct suspect *suspect, struct buf *buf)
{
	for (size_t i = 0; i < suspect->count; i++)
		buf_append_format(buf, "%s%s", i > 0 ? "; " : "", suspect->reasons[i]);
}

void
suspect_write(const struct suspect *suspect, struct buf *buf)
{
	struct json *root = json_new_object(), *reasons = json_new_array();

	json_put_u64(root, "format", SUSPECT_FORMAT);
	record_put_time(root, "at", suspect->at);
	json_put_text(root, "than", suspect->than);
	for (size_t i = 0; i < suspect->count; i++)
		json_put_text(reasons, NULL, suspect->reasons[i]);
	json_put(root, "reasons", reasons);
	json_write(root, 2, buf);
	buf_append_char(buf, '\n');
	json_free(root);
}

static int
take_reasons(const struct json *object, const char *what, struct suspect *suspect)
{
	const struct json *reasons = NULL;
	const char *text = NULL;

	if (json_take_array(object, "reasons", what, &reasons) != 0)
		return -1;
	for (size_t i = 0; i < json_count(reasons); i++) {
		if (json_take_text(json_at(reasons, i), NULL, what, &text) != 0)
			return -1;
		suspect_add(suspect, text);
	}
	return suspect->count > 0 ? 0 : error_set(ERR_DAMAGED, "%s: 'reasons' has none", what);
}

static struct suspect *
take_suspect(const struct json *root, const char *what)
{
	const struct json *object = NULL;
	const char *than = NULL;
	int64_t at = 0;

	if (record_open(root, what, SUSPECT_FORMAT, &object) != 0 ||
		record_take_time(object, "at", what, &at) != 0 ||
		(json_has(object, "than") && json_take_text(object, "than", what, &than) != 0))
		return NULL;
	struct suspect *suspect = suspect_new(at, than);
	if (take_reasons(object, what, suspect) == 0)
		return suspect;
	suspect_free(suspect);
	return NULL;
}

struct suspect *
suspect_read(const char *text, size_t len, const char *what)
{
	struct json *root = json_parse(text, len, what);
	struct suspect *suspect = root != NULL ? take_suspect(root, what) : NULL;

	json_free(root);
	return suspect;
}

char *
suspect_what(const struct store *store, const char *id)
{
	return mem_format(SUSPECT_NAME " of %s in store %s", id, store_name(store));
}

int
suspect_judge(int got, const struct buf *text, const char *what, struct suspect **suspect)
{
	*suspect = got == 0 ? suspect_read(buf_text(text), text->len, what) : NULL;
	if (got == STORE_MISSING || *suspect != NULL || error_get()->class == ERR_INTERRUPTED)
		return got;
	log_warning("%s; the backup counts as suspect", error_get()->message);
	error_clear();
	*suspect = suspect_new(0, NULL);
	suspect_add(*suspect, "its " SUSPECT_NAME " cannot be read");
	return 0;
}

int
suspect_load(struct store *store, const char *source, const char *id, struct suspect **suspect)
{
	const struct record_place place = { store, source, id, SUSPECT_NAME };
	struct buf text = BUF_EMPTY;
	char *what = suspect_what(store, id);
	int result = suspect_judge(record_get(&place, SUSPECT_LIMIT_BYTES, &text), &text, what, suspect);

	free(what);
	buf_clear(&text);
	return result;
}

int
suspect_save(struct store *store, const char *source, const char *id, const struct suspect *suspect)
{
	const struct record_place place = { store, source, id, SUSPECT_NAME };
	struct buf text = BUF_EMPTY;

	suspect_write(suspect, &text);
	int result = record_put(&place, &text);
	buf_clear(&text);
	return result;
}

int
suspect_remove(struct store *store, const char *source, const char *id)
{
	const struct record_place place = { store, source, id, SUSPECT_NAME };

	return record_remove(&place);
}
