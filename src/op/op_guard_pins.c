/*
 * Guard's pins, and their end. Each run pins a backup, and nobody takes the pins away: without a bound a
 * store would fill up with the days of migrations. An older backup loses its pin, not its life: rotation
 * decides on it like on any other.
 */
#include "config.h"

#include "op_guard_inside.h"

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/op_list.h"
#include "incant/op_pin.h"
#include "incant/text.h"

static bool
is_pinned_by_guard(const struct op_backup *backup)
{
	const struct pin *pin = backup->pin;

	return pin_holds(pin, clock_now()) && pin->until == 0 && pin->reason != NULL &&
	       text_starts(pin->reason, OP_GUARD_REASON);
}

static void
unpin(const struct settings *settings, const char *id)
{
	const struct op_pin_request request = { .which = { .which = id }, .unpin = true };
	struct op_pin_report report;

	if (op_pin_run(settings, &request, &report) == 0) {
		log_info("%s is no longer pinned: %d newer ones of guard are", id, OP_GUARD_PINS);
	} else {
		log_warning("%s stays pinned: %s", id, error_get()->message);
		error_clear();
	}
	op_pin_report_clear(&report);
}

void
op_guard_end_old_pins(const struct op_guard *guard)
{
	const struct op_list_request request = { .store = NULL };
	struct op_list_report list;
	unsigned pins = 0;

	if (op_list_run(guard->settings, &request, &list) != 0) {
		log_warning("the pins of older backups are left: %s", error_get()->message);
		error_clear();
	}
	for (size_t i = 0; i < list.count; i++)
		if (is_pinned_by_guard(&list.backups[i]) && ++pins > OP_GUARD_PINS)
			unpin(guard->settings, list.backups[i].manifest.id);
	op_list_report_clear(&list);
}
