/* What every object of a backup is asked first: whether it is there, whole by its size; and how a finding is
 * kept. */
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
