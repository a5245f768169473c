/* Where a restore leads: the source's own server unless another one is named; and under which names. */
#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/text.h"

#include "op_restore_inside.h"

int
op_restore_target_find(struct op_restore_target *target, const struct settings *settings, const char *to)
{
	bool is_source = to == NULL || text_equal(to, "source");

	*target = (struct op_restore_target){ .source = is_source ? &settings->source : NULL };
	if (is_source)
		return source_address_find(settings, &target->address);
	/* What is wrong with the words of --to is the command line's fault. */
	if (pg_check_conninfo(to) != 0)
		return error_reclass(ERR_USAGE);
	target->address.conninfo = mem_text(to);
	return 0;
}

static void
target_add(struct op_restore_target *target, const char *database, const char *id)
{
	if (target->count == target->capacity) {
		target->capacity = target->capacity != 0 ? 2 * target->capacity : 16;
		target->wanted = mem_resize(target->wanted, target->capacity, sizeof(*target->wanted));
		target->names = mem_resize(target->names, target->capacity, sizeof(*target->names));
		target->made = mem_resize(target->made, target->capacity, sizeof(*target->made));
	}
	target->wanted[target->count] = database;
	target->made[target->count] = restore_rename_beside(database, id);
	target->names[target->count] =
		(struct restore_name){ .database = database, .as = target->made[target->count] };
	target->count++;
}

void
op_restore_target_beside(struct op_restore_target *target, const struct op_opened *opened,
	const struct op_restore_request *request)
{
	const char *id = opened->entry->manifest.id;

	for (size_t i = 0; i < request->database_count; i++)
		target_add(target, request->databases[i], id);
	for (size_t i = 0;
		request->database_count == 0 && !request->globals && i < opened->contents.section_count;
		i++) {
		const char *database = opened->contents.sections[i].database;

		if (database == NULL)
			continue;
		if (!restore_rename_is_made(database))
			target_add(target, database, id);
		else
			log_info("%s, a copy that a restore had left there, is not restored: name it with "
				 "--database to have it",
				database);
	}
}

void
op_restore_target_rename(struct op_restore_target *target, size_t index, const char *as)
{
	free(target->made[index]);
	target->made[index] = mem_text(as);
	target->names[index].as = target->made[index];
}

struct op_restore_request
op_restore_target_request(const struct op_restore_target *target, const struct op_restore_request *request)
{
	struct op_restore_request inner = *request;

	inner.conninfo = target->address.conninfo;
	inner.password = target->address.password;
	inner.source = target->source;
	if (target->count > 0) {
		inner.databases = target->wanted;
		inner.database_count = target->count;
		inner.names = target->names;
		inner.name_count = target->count;
	}
	return inner;
}

void
op_restore_target_clear(struct op_restore_target *target)
{
	source_address_clear(&target->address);
	for (size_t i = 0; i < target->count; i++)
		free(target->made[i]);
	free(target->made);
	free(target->names);
	free(target->wanted);
	*target = (struct op_restore_target){ .names = NULL };
}
