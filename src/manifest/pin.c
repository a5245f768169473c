/* Pins, as text and in a store. */
#include "config.h"

#include "incant/pin.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/json.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "record.h"

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

void
pin_write(const struct pin *pin, struct buf *buf)
{
	struct json *root = json_new_object();

	json_put_u64(root, "format", PIN_FORMAT);
	record_put_time(root, "at", pin->at);
	record_put_time(root, "until", pin->until);
	json_put_text(root, "reason", pin->reason);
	json_write(root, 2, buf);
	buf_append_char(buf, '\n');
	json_free(root);
}

static struct pin *
take_pin(const struct json *root, const char *what)
{
	const struct json *object = NULL;
	const char *reason = NULL;
	int64_t at = 0, until = 0;

	if (record_open(root, what, PIN_FORMAT, &object) != 0 ||
		record_take_time(object, "at", what, &at) != 0 ||
		record_take_time(object, "until", what, &until) != 0 ||
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
	const struct record_place place = { store, source, id, PIN_NAME };
	struct buf text = BUF_EMPTY;
	char *what = pin_what(store, id);
	int result = pin_judge(record_get(&place, PIN_LIMIT_BYTES, &text), &text, what, pin);

	free(what);
	buf_clear(&text);
	return result;
}

int
pin_save(struct store *store, const char *source, const char *id, const struct pin *pin)
{
	const struct record_place place = { store, source, id, PIN_NAME };
	struct buf text = BUF_EMPTY;

	pin_write(pin, &text);
	int result = record_put(&place, &text);
	buf_clear(&text);
	return result;
}

int
pin_remove(struct store *store, const char *source, const char *id)
{
	const struct record_place place = { store, source, id, PIN_NAME };

	return record_remove(&place);
}
