/* What the small records beside a backup have in common. */
#include "config.h"

#include "record.h"

#include <stdlib.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"

int
record_get(const struct record_place *place, size_t limit, struct buf *text)
{
	char *object = catalog_object_name(place->source, place->id, place->name);
	int result = store_get(place->store, object, limit, text);

	free(object);
	return result;
}

int
record_put(const struct record_place *place, const struct buf *text)
{
	char *object = catalog_object_name(place->source, place->id, place->name);
	int result = store_replace(place->store, object, text->bytes, text->len);

	free(object);
	return result;
}

int
record_remove(const struct record_place *place)
{
	char *object = catalog_object_name(place->source, place->id, place->name);
	int result = store_remove(place->store, object);

	free(object);
	return result;
}

int
record_open(const struct json *root, const char *what, unsigned format, const struct json **object)
{
	uint64_t found = 0;

	if (json_take_object(root, NULL, what, object) != 0 ||
		json_take_u64(*object, "format", what, &found) != 0)
		return -1;
	if (found != format)
		return error_set(ERR_DAMAGED, "%s has format %llu, this program reads %u", what,
			(unsigned long long)found, format);
	return 0;
}

int
record_take_time(const struct json *from, const char *key, const char *what, int64_t *at)
{
	const char *text = NULL;

	*at = 0;
	if (!json_has(from, key))
		return 0;
	if (json_take_text(from, key, what, &text) != 0)
		return -1;
	if (clock_parse_rfc3339(text, at) != 0)
		return error_set(ERR_DAMAGED, "%s: '%s' is not a time", what, key);
	return 0;
}

void
record_put_time(struct json *to, const char *key, int64_t at)
{
	char text[CLOCK_RFC3339_SIZE];

	json_put_text(to, key, at != 0 ? clock_format_utc(text, at) : NULL);
}
