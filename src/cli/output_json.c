/* JSON objects of what commands have in common. */
#include "config.h"

#include "output_json.h"

#include "incant/clock.h"
#include "incant/log.h"

void
output_json_time(struct json *to, const char *key, int64_t at)
{
	char text[CLOCK_RFC3339_SIZE];

	json_put_text(to, key, clock_format_utc(text, at));
}

void
output_json_seconds(struct json *to, const char *key, uint64_t ms)
{
	json_put_real(to, key, (double)ms / 1000.0);
}

void
output_json_known_bytes(struct json *to, const char *key, uint64_t bytes)
{
	if (bytes <= INT64_MAX)
		json_put_u64(to, key, bytes);
	else
		json_put(to, key, NULL);
}

struct json *
output_json_error(const struct error *error)
{
	if (error == NULL || error->class == ERR_NONE)
		return NULL;
	struct json *object = json_new_object();
	json_put_text(object, "class", error_class_name(error->class));
	json_put_text(object, "message", error->message);
	json_put_text(object, "hint", error->hint[0] != '\0' ? error->hint : NULL);
	return object;
}

static struct json *
objects_to_json(const struct manifest *manifest)
{
	struct json *objects = json_new_array();

	for (size_t i = 0; i < manifest->object_count; i++) {
		struct json *object = json_new_object();
		json_put_text(object, "name", manifest->objects[i].name);
		json_put_u64(object, "bytes", manifest->objects[i].bytes);
		json_put_text(object, "sha256", manifest->objects[i].sha256);
		json_put(objects, NULL, object);
	}
	return objects;
}

/* null unless it holds. */
static struct json *
pin_to_json(const struct pin *pin)
{
	if (!pin_holds(pin, clock_now()))
		return NULL;
	struct json *object = json_new_object();
	if (pin->until != 0)
		output_json_time(object, "until", pin->until);
	else
		json_put(object, "until", NULL);
	json_put_text(object, "reason", pin->reason);
	return object;
}

static struct json *
files_to_json(const struct manifest *manifest)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < manifest->files_count; i++) {
		const struct manifest_files *files = &manifest->files[i];
		struct json *object = json_new_object();
		json_put_text(object, "name", files->name);
		json_put_u64(object, "entries", files->entries);
		json_put_u64(object, "bytes", files->bytes);
		json_put_u64(object, "plain_bytes", files->plain_bytes);
		json_put_u64(object, "notes", files->notes);
		json_put_u64(object, "unread", files->unread);
		json_put_text(object, "missing", files->missing);
		json_put(array, NULL, object);
	}
	return array;
}

static struct json *
proof_to_json(const struct proof *proof)
{
	if (proof == NULL)
		return NULL;
	struct json *object = json_new_object();
	output_json_time(object, "at", proof->at);
	json_put_bool(object, "ok", proof->ok);
	output_json_seconds(object, "seconds", proof->ms);
	json_put_text(object, "scratch", proof->scratch);
	return object;
}

/* Null where the manifest of an encrypted backup does not say. */
static void
put_total(struct json *to, const char *key, const struct manifest *manifest, uint64_t total)
{
	if (manifest->no_totals)
		json_put(to, key, NULL);
	else
		json_put_u64(to, key, total);
}

static struct json *
suspect_to_json(const struct suspect *suspect)
{
	if (suspect == NULL)
		return NULL;
	struct json *object = json_new_object(), *reasons = json_new_array();
	json_put_text(object, "than", suspect->than);
	for (size_t i = 0; i < suspect->count; i++)
		json_put_text(reasons, NULL, suspect->reasons[i]);
	json_put(object, "reasons", reasons);
	return object;
}

struct json *
output_json_backup(const struct op_backup *backup)
{
	const struct manifest *manifest = &backup->manifest;

	if (manifest->id == NULL)
		return NULL;
	struct json *object = json_new_object();
	json_put_text(object, "id", manifest->id);
	json_put_text(object, "source", manifest->source);
	output_json_time(object, "created", manifest->created);
	json_put_text(object, "label", manifest->label);
	json_put(object, "pinned", pin_to_json(backup->pin));
	json_put_text(object, "server_version", manifest->server_version);
	json_put_u64(object, "plain_bytes", manifest->plain_bytes);
	json_put_u64(object, "stored_bytes", manifest_stored_bytes(manifest));
	json_put(object, "objects", objects_to_json(manifest));
	json_put(object, "files", files_to_json(manifest));
	put_total(object, "databases", manifest, manifest->databases);
	put_total(object, "tables", manifest, manifest->tables);
	put_total(object, "rows", manifest, manifest->rows);
	struct json *stores = json_new_array();
	for (size_t i = 0; i < backup->store_count; i++)
		json_put_text(stores, NULL, backup->stores[i]);
	json_put(object, "stores", stores);
	json_put(object, "proof", proof_to_json(backup->proof));
	json_put(object, "suspect", suspect_to_json(backup->suspect));
	return object;
}

void
output_json_end(struct json *to, int exit_code, const struct error *error)
{
	struct json *warnings = json_new_array();
	size_t count = 0;
	const char *const *texts = log_warnings(&count);

	for (size_t i = 0; i < count; i++)
		json_put_text(warnings, NULL, texts[i]);
	json_put_bool(to, "ok", exit_code == 0);
	json_put_int(to, "exit_code", exit_code);
	json_put(to, "warnings", warnings);
	if (error != NULL)
		json_put(to, "error", output_json_error(error));
}
