/*
 * The list of checks that doctor and status fill in.
 */
#include "config.h"

#include "incant/op_check.h"

#include <stdarg.h>
#include <stdlib.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"

static struct op_check *
checks_add(struct op_checks *checks, const char *name, bool ok)
{
	struct op_check *check;

	MEM_GROW(checks->checks, checks->count, checks->capacity);
	check = &checks->checks[checks->count++];
	*check = (struct op_check){ .name = mem_text(name), .ok = ok };
	return check;
}

static char *format_detail(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static char *
format_detail(const char *format, va_list arguments)
{
	struct buf detail = BUF_EMPTY;

	buf_append_format_v(&detail, format, arguments);
	return buf_take(&detail);
}

void
op_checks_add_ok(struct op_checks *checks, const char *name, const char *format, ...)
{
	struct op_check *check = checks_add(checks, name, true);
	va_list arguments;

	va_start(arguments, format);
	check->detail = format_detail(format, arguments);
	va_end(arguments);
}

void
op_checks_add_bad(struct op_checks *checks, const char *name, const char *hint, const char *format, ...)
{
	struct op_check *check = checks_add(checks, name, false);
	va_list arguments;

	va_start(arguments, format);
	check->detail = format_detail(format, arguments);
	va_end(arguments);
	check->hint = mem_text(hint);
}

void
op_checks_add_error(struct op_checks *checks, const char *name)
{
	const struct error *error = error_get();
	struct op_check *check = checks_add(checks, name, false);

	check->detail = mem_text(error->message);
	check->hint = error->hint[0] != '\0' ? mem_text(error->hint) : NULL;
	error_clear();
}

void
op_checks_move(struct op_checks *to, struct op_checks *from)
{
	for (size_t i = 0; i < from->count; i++) {
		MEM_GROW(to->checks, to->count, to->capacity);
		to->checks[to->count++] = from->checks[i];
	}
	free(from->checks);
	*from = (struct op_checks){ NULL, 0, 0 };
}

size_t
op_checks_count_bad(const struct op_checks *checks)
{
	size_t bad = 0;

	for (size_t i = 0; i < checks->count; i++)
		bad += checks->checks[i].ok ? 0 : 1;
	return bad;
}

void
op_checks_clear(struct op_checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		free(checks->checks[i].name);
		free(checks->checks[i].detail);
		free(checks->checks[i].hint);
	}
	free(checks->checks);
	*checks = (struct op_checks){ .checks = NULL };
}
