/* Pins, as text and in a store. */
#include "config.h"

#include "incant/pin.h"

#include <stdlib.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/log.h"
#include "incant/mem.h"

struct pin *
pin_new(int64_t at, int64_t until, const char *reason)
{
	struct pin *pin = mem_alloc(sizeof(*pin));

	*pin = (struct pin){ .at = at, .until = until, .reason = mem_text(reason) };
	return pin;
}

struct pin *
pin_copy(const struct pin *pin)
{
	return pin != NULL ? pin_new(pin->at, pin->until, pin->reason) : NULL;
}

void
pin_free(struct pin *pin)
{
	if (pin == NULL)
		return;
	free(pin->reason);
	free(pin);
}

bool
pin_holds(const struct pin *pin, int64_t now)
{
	return pin != NULL && (pin->until == 0 || pin->until >= now);
}

const struct pin *
pin_longer(const struct pin *a, const struct pin *b)
{
	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (a->until == 0 || b->until == 0)
		return a->until == 0 ? a : b;
	return a->until >= b->until ? a : b;
}

static void
put_time(struct json *to, const char *key, int64_t at)
{
	char text[CLOCK_RFC3339_SIZE];

	json_put_text(to, key, at != 0 ? clock_format_utc(text, at) : NULL);
}

void
pin_write(const struct pin *pin, struct buf *buf)
{
	struct json *root = json_new_object();

	json_put_u64(root, "format", PIN_FORMAT);
	put_time(root, "at", pin->at);
	put_time(root, "until", pin->until);
	json_put_text(root, "reason", pin->reason);
	json_write(root, 2, buf);
	buf_append_char(buf, '\n');
	json_free(root);
}

/* A time, or 0 where the member is null or missing. */
static int
take_time(const struct json *from, const char *key, const char *what, int64_t *at)
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

static struct pin *
take_pin(const struct json *root, const char *what)
{
	const struct json *object = NULL;
	const char *reason = NULL;
	uint64_t format = 0;
	int64_t at = 0, until = 0;

	if (json_take_object(root, NULL, what, &object) != 0 ||
		json_take_u64(object, "format", what, &format) != 0)
		return NULL;
	if (format != PIN_FORMAT) {
		error_set(ERR_DAMAGED, "%s has format %llu, this program reads %d", what,
			(unsigned long long)format, PIN_FORMAT);
		return NULL;
	}
	if (take_time(object, "at", what, &at) != 0 || take_time(object, "until", what, &until) != 0 ||
		(json_has(object, "reason") && json_take_text(object, "reason", what, &reason) != 0))
		return NULL;
	return pin_new(at, until, reason);
}

struct pin *
pin_read(const char *text, size_t len, const char *what)
{
	struct json *root = json_parse(text, len, what);
	struct pin *pin = root != NULL ? take_pin(root, what) : NULL;

	json_free(root);
	return pin;
}

char *
pin_what(const struct store *store, const char *id)
{
	return mem_format(PIN_NAME " of %s in store %s", id, store_name(store));
}

int
pin_judge(int got, const struct buf *text, const char *what, struct pin **pin)
{
	*pin = got == 0 ? pin_read(buf_text(text), text->len, what) : NULL;
	if (got == STORE_MISSING || *pin != NULL || error_get()->class == ERR_INTERRUPTED)
		return got;
	log_warning("%s; it counts as a pin for ever", error_get()->message);
	error_clear();
	*pin = pin_new(0, 0, "its " PIN_NAME " cannot be read");
	return 0;
}

int
pin_load(struct store *store, const char *source, const char *id, struct pin **pin)
{
	struct buf text = BUF_EMPTY;
	char *name = catalog_object_name(source, id, PIN_NAME);
	char *what = pin_what(store, id);
	int result = pin_judge(store_get(store, name, PIN_LIMIT_BYTES, &text), &text, what, pin);

	free(what);
	free(name);
	buf_clear(&text);
	return result;
}

int
pin_save(struct store *store, const char *source, const char *id, const struct pin *pin)
{
	struct buf text = BUF_EMPTY;
	char *name = catalog_object_name(source, id, PIN_NAME);

	pin_write(pin, &text);
	int result = store_replace(store, name, text.bytes, text.len);
	free(name);
	buf_clear(&text);
	return result;
}

int
pin_remove(struct store *store, const char *source, const char *id)
{
	char *name = catalog_object_name(source, id, PIN_NAME);
	int result = store_remove(store, name);

	free(name);
	return result;
}
