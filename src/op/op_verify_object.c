/*
 * What every object of a backup is asked first: whether it is there, whole by its size, and what opens it;
 * and how a finding is kept.
 */
#include "config.h"

#include "op_verify_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "incant/catalog.h"
#include "incant/mem.h"

void
op_verify_find(struct op_verified *result, const char *object, uint64_t offset, const char *format, ...)
{
	struct op_finding *finding;
	char line[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	MEM_GROW(result->findings, result->finding_count, result->finding_capacity);
	finding = &result->findings[result->finding_count++];
	*finding = (struct op_finding){
		.object = mem_text(object), .offset = offset, .problem = mem_text(line)
	};
}

int
op_verify_open(struct op_verify *verify, const struct manifest_object *object, struct input **input)
{
	char *name = catalog_object_name(verify->manifest->source, verify->manifest->id, object->name);
	int rc = store_read(verify->store, name, input);

	free(name);
	if (rc == STORE_MISSING) {
		op_verify_find(verify->result, object->name, 0, "is missing");
		return 1;
	}
	if (rc != 0)
		return -1;
	if ((*input)->size_bytes < object->bytes)
		op_verify_find(verify->result, object->name, (*input)->size_bytes,
			"ends at byte %llu, %llu were written", (unsigned long long)(*input)->size_bytes,
			(unsigned long long)object->bytes);
	else if ((*input)->size_bytes > object->bytes)
		op_verify_find(verify->result, object->name, object->bytes,
			"is %llu bytes longer than was written",
			(unsigned long long)((*input)->size_bytes - object->bytes));
	return 0;
}

/* What can be told of a sealed object that nothing here opens. */
static int
verify_closed(struct op_verify *verify, const struct manifest_object *object, struct input *stored)
{
	struct age_about about;

	verify->result->closed = true;
	if (age_examine(stored, &about) == 0)
		return 1;
	if (error_get()->class != ERR_DAMAGED)
		return -1;
	op_verify_find(verify->result, object->name, 0, "%s", error_get()->message);
	error_clear();
	return 1;
}

int
op_verify_unseal(struct op_verify *verify, const struct manifest_object *object, struct input *stored,
	struct input **framed)
{
	if (op_seal_object(object->name) && !op_keys_are_set(verify->keys))
		return verify_closed(verify, object, stored);
	*framed = op_keys_open(verify->keys, input_borrow_new(stored), object->name);
	if (*framed != NULL)
		return 0;
	if (error_get()->class == ERR_KEYS) {
		if (verify->refused->class == ERR_NONE)
			error_take(verify->refused);
		error_clear();
		return verify_closed(verify, object, stored);
	}
	if (error_get()->class != ERR_DAMAGED)
		return -1;
	op_verify_find(verify->result, object->name, 0, "%s", error_get()->message);
	error_clear();
	return 1;
}

uint64_t
op_verify_stored_off(const struct manifest_object *object, const struct input *framed, uint64_t framed_off)
{
	return op_seal_object(object->name) ? age_decrypt_stored_off(framed, framed_off) : framed_off;
}
