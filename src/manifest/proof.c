/* Proofs, as text and in a store. */
#include "config.h"

#include "incant/proof.h"

#include <stdlib.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/log.h"
#include "incant/mem.h"

struct proof *
proof_new(void)
{
	return mem_zero(sizeof(struct proof));
}

void
proof_add(struct proof *proof, struct proof_difference difference)
{
	MEM_GROW(proof->differences, proof->count, proof->capacity);
	proof->differences[proof->count++] = difference;
	proof->difference_count++;
}

struct proof *
proof_copy(const struct proof *from)
{
	if (from == NULL)
		return NULL;
	struct proof *to = mem_copy(from, sizeof(*from));
	to->scratch = mem_text(from->scratch);
	to->image = mem_text(from->image);
	to->server_version = mem_text(from->server_version);
	to->store = mem_text(from->store);
	to->reason = mem_text(from->reason);
	to->differences = NULL;
	to->count = to->capacity = 0;
	for (size_t i = 0; i < from->count; i++) {
		const struct proof_difference *difference = &from->differences[i];
		proof_add(to, (struct proof_difference){ mem_text(difference->where),
				      mem_text(difference->expected), mem_text(difference->found) });
	}
	to->difference_count = from->difference_count;
	return to;
}

void
proof_free(struct proof *proof)
{
	if (proof == NULL)
		return;
	for (size_t i = 0; i < proof->count; i++) {
		free(proof->differences[i].where);
		free(proof->differences[i].expected);
		free(proof->differences[i].found);
	}
	free(proof->differences);
	free(proof->scratch);
	free(proof->image);
	free(proof->server_version);
	free(proof->store);
	free(proof->reason);
	free(proof);
}

const struct proof *
proof_later(const struct proof *a, const struct proof *b)
{
	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	return a->at >= b->at ? a : b;
}

static struct json *
differences_to_json(const struct proof *proof)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < proof->count && i < PROOF_KEPT; i++) {
		struct json *object = json_new_object();
		json_put_text(object, "where", proof->differences[i].where);
		json_put_text(object, "expected", proof->differences[i].expected);
		json_put_text(object, "found", proof->differences[i].found);
		json_put(list, NULL, object);
	}
	return list;
}

void
proof_write(const struct proof *proof, struct buf *buf)
{
	struct json *root = json_new_object();
	char at[CLOCK_RFC3339_SIZE];

	json_put_u64(root, "format", PROOF_FORMAT);
	json_put_text(root, "at", clock_format_utc(at, proof->at));
	json_put_bool(root, "ok", proof->ok);
	json_put_u64(root, "ms", proof->ms);
	json_put_u64(root, "restore_ms", proof->restore_ms);
	json_put_text(root, "scratch", proof->scratch);
	json_put_text(root, "image", proof->image);
	json_put_text(root, "server_version", proof->server_version);
	json_put_text(root, "store", proof->store);
	json_put_u64(root, "databases", proof->databases);
	json_put_u64(root, "tables", proof->tables);
	json_put_u64(root, "rows", proof->rows);
	json_put_text(root, "reason", proof->reason);
	json_put_u64(root, "difference_count", proof->difference_count);
	json_put(root, "differences", differences_to_json(proof));
	json_write(root, 2, buf);
	buf_append_char(buf, '\n');
	json_free(root);
}

/* A text, or NULL where the member is null or missing. */
static int
take_text(const struct json *from, const char *key, const char *what, char **to)
{
	const char *text = NULL;

	if (!json_has(from, key))
		return 0;
	if (json_take_text(from, key, what, &text) != 0)
		return -1;
	*to = mem_text(text);
	return 0;
}

static int
take_time(const struct json *from, const char *what, int64_t *at)
{
	const char *text = NULL;

	if (json_take_text(from, "at", what, &text) != 0)
		return -1;
	return clock_parse_rfc3339(text, at) == 0 ? 0
						  : error_set(ERR_DAMAGED, "%s: 'at' is not a time", what);
}

static int
take_differences(const struct json *from, const char *what, struct proof *proof)
{
	const struct json *list = NULL;

	if (json_take_array(from, "differences", what, &list) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		struct proof_difference difference = { NULL, NULL, NULL };
		const struct json *object = json_at(list, i);
		int result = take_text(object, "where", what, &difference.where);

		if (result == 0)
			result = take_text(object, "expected", what, &difference.expected);
		if (result == 0)
			result = take_text(object, "found", what, &difference.found);
		proof_add(proof, difference);
		if (result != 0)
			return -1;
	}
	return 0;
}

static int
take_members(const struct json *from, const char *what, struct proof *to)
{
	uint64_t format = 0;

	if (json_take_u64(from, "format", what, &format) != 0)
		return -1;
	if (format != PROOF_FORMAT)
		return error_set(ERR_DAMAGED, "%s has format %llu, this program reads %d", what,
			(unsigned long long)format, PROOF_FORMAT);
	if (take_time(from, what, &to->at) != 0 || json_take_bool(from, "ok", what, &to->ok) != 0 ||
		json_take_u64(from, "ms", what, &to->ms) != 0 ||
		(json_has(from, "restore_ms") &&
			json_take_u64(from, "restore_ms", what, &to->restore_ms) != 0) ||
		take_text(from, "scratch", what, &to->scratch) != 0 ||
		take_text(from, "image", what, &to->image) != 0 ||
		take_text(from, "server_version", what, &to->server_version) != 0 ||
		take_text(from, "store", what, &to->store) != 0 ||
		json_take_u64(from, "databases", what, &to->databases) != 0 ||
		json_take_u64(from, "tables", what, &to->tables) != 0 ||
		json_take_u64(from, "rows", what, &to->rows) != 0 ||
		take_text(from, "reason", what, &to->reason) != 0 || take_differences(from, what, to) != 0)
		return -1;
	return json_take_u64(from, "difference_count", what, &to->difference_count);
}

struct proof *
proof_read(const char *text, size_t len, const char *what)
{
	struct json *root = json_parse(text, len, what);
	const struct json *object = NULL;
	struct proof *proof = proof_new();

	if (root == NULL || json_take_object(root, NULL, what, &object) != 0 ||
		take_members(object, what, proof) != 0) {
		proof_free(proof);
		proof = NULL;
	}
	json_free(root);
	return proof;
}

char *
proof_what(const struct store *store, const char *id)
{
	return mem_format(PROOF_NAME " of %s in store %s", id, store_name(store));
}

int
proof_judge(int got, const struct buf *text, const char *what, struct proof **proof)
{
	*proof = got == 0 ? proof_read(buf_text(text), text->len, what) : NULL;
	if (got == STORE_MISSING || *proof != NULL)
		return got;
	if (error_get()->class == ERR_INTERRUPTED)
		return -1;
	log_warning("%s; it proves nothing", error_get()->message);
	error_clear();
	return STORE_MISSING;
}

int
proof_load(struct store *store, const char *source, const char *id, struct proof **proof)
{
	struct buf text = BUF_EMPTY;
	char *name = catalog_object_name(source, id, PROOF_NAME);
	char *what = proof_what(store, id);
	int result = proof_judge(store_get(store, name, PROOF_LIMIT_BYTES, &text), &text, what, proof);

	free(what);
	free(name);
	buf_clear(&text);
	return result;
}

int
proof_save(struct store *store, const char *source, const char *id, const struct proof *proof)
{
	struct buf text = BUF_EMPTY;
	char *name = catalog_object_name(source, id, PROOF_NAME);

	proof_write(proof, &text);
	int result = store_replace(store, name, text.bytes, text.len);
	free(name);
	buf_clear(&text);
	return result;
}
