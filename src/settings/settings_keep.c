/*
 * [keep] and [keep NAME]: the rules of rotation. A rule that [keep NAME] does not have is that of [keep], and
 * what neither has is the default; so each section is read on its own, and put together when all are there.
 */
#include "config.h"

#include "settings_keys.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

#define NOT_GIVEN        UINT_MAX
#define MOST_BACKUPS     100000
#define MOST_WITHIN_S    ((uint64_t)100 * 366 * 86400)
#define WITHIN_NOT_GIVEN UINT64_MAX
#define EXPECTED_NUMBER  "a number up to 100000; 0 means no such rule"
#define RULE(word, member)                                                                               \
	{                                                                                                \
		word, offsetof(struct settings_keep, rules.member), parse_number, EXPECTED_NUMBER, false \
	}

static const struct retention_policy defaults = { .last = 3, .daily = 7, .weekly = 5, .monthly = 12 };

static int
parse_number(const char *value, void *field)
{
	uint64_t number = 0;

	if (text_parse_u64(value, &number) != 0 || number > MOST_BACKUPS)
		return -1;
	*(unsigned *)field = (unsigned)number;
	return 0;
}

static int
parse_within(const char *value, void *field)
{
	uint64_t ms = 0;

	if (text_parse_duration_ms(value, &ms) != 0 || ms / 1000 > MOST_WITHIN_S)
		return -1;
	*(uint64_t *)field = ms / 1000;
	return 0;
}

const struct settings_key settings_keep_keys[] = {
	RULE("last", last),
	RULE("hourly", hourly),
	RULE("daily", daily),
	RULE("weekly", weekly),
	RULE("monthly", monthly),
	RULE("yearly", yearly),
	{ "within", offsetof(struct settings_keep, rules.within_s), parse_within,
		"a duration, as 36h or 30d; 0 means no such rule", false },
	{ NULL, 0, NULL, NULL, false },
};

void *
settings_begin_keep(struct settings *settings, const char *name)
{
	static const struct retention_policy nothing = { .last = NOT_GIVEN,
		.hourly = NOT_GIVEN,
		.daily = NOT_GIVEN,
		.weekly = NOT_GIVEN,
		.monthly = NOT_GIVEN,
		.yearly = NOT_GIVEN,
		.within_s = WITHIN_NOT_GIVEN };

	MEM_GROW(settings->keeps, settings->keep_count, settings->keep_capacity);
	struct settings_keep *keep = &settings->keeps[settings->keep_count++];
	*keep = (struct settings_keep){ .store = name[0] != '\0' ? mem_text(name) : NULL, .rules = nothing };
	return keep;
}

void
settings_free_keeps(struct settings *settings)
{
	for (size_t i = 0; i < settings->keep_count; i++)
		free(settings->keeps[i].store);
	free(settings->keeps);
}

/* Puts the rules that a section has into the place of those before. */
static void
lay_over(struct retention_policy *policy, const struct retention_policy *rules)
{
	const struct {
		unsigned *to;
		unsigned from;
	} numbers[] = {
		{ &policy->last, rules->last },
		{ &policy->hourly, rules->hourly },
		{ &policy->daily, rules->daily },
		{ &policy->weekly, rules->weekly },
		{ &policy->monthly, rules->monthly },
		{ &policy->yearly, rules->yearly },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].from != NOT_GIVEN)
			*numbers[i].to = numbers[i].from;
	if (rules->within_s != WITHIN_NOT_GIVEN)
		policy->within_s = rules->within_s;
}

/* The section of that store; with NULL the one of all. NULL = there is none. */
static const struct settings_keep *
find_keep(const struct settings *settings, const char *store)
{
	for (size_t i = 0; i < settings->keep_count; i++)
		if (text_equal(settings->keeps[i].store, store))
			return &settings->keeps[i];
	return NULL;
}

int
settings_check_keeps(struct settings *settings)
{
	for (size_t i = 0; i < settings->keep_count; i++)
		if (settings->keeps[i].store != NULL &&
			settings_find_store(settings, settings->keeps[i].store) == NULL)
			return error_add("[keep %s]", settings->keeps[i].store);
	for (size_t i = 0; i < settings->store_count; i++) {
		struct settings_store *store = &settings->stores[i];
		const struct settings_keep *all = find_keep(settings, NULL);
		const struct settings_keep *own = find_keep(settings, store->name);

		store->keep = defaults;
		if (all != NULL)
			lay_over(&store->keep, &all->rules);
		if (own != NULL)
			lay_over(&store->keep, &own->rules);
		if (retention_policy_is_empty(&store->keep)) {
			error_set(ERR_SETTINGS, "%s: no rule is left that keeps a backup in store %s",
				settings->path, store->name);
			return error_hint("Leave one in [keep] above 0, as last = 3.");
		}
	}
	return 0;
}
