/* The settings file: any bytes are read or refused, and a refusal says where. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "incant/error.h"
#include "incant/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	error_clear();
	struct settings *settings = settings_parse((const char *)bytes, len, "fuzz.conf");

	if (settings == NULL && (error_get()->class != ERR_SETTINGS || error_get()->message[0] == '\0'))
		abort();
	if (settings != NULL && (settings->source.name == NULL || settings->store_count == 0))
		abort();
	for (size_t i = 0; settings != NULL && i < settings->store_count; i++)
		if (settings_find_store(settings, settings->stores[i].name) != &settings->stores[i] ||
			(settings->stores[i].kind == STORE_DIRECTORY ? settings->stores[i].path == NULL
								     : settings->stores[i].bucket == NULL))
			abort();
	settings_free(settings);
	return 0;
}
