/*
 * How libpq reaches a source's server: for the way back, which goes over a connection also where the dump is
 * made inside a container.
 */
#ifndef INCANT_SOURCE_ADDRESS_H
#define INCANT_SOURCE_ADDRESS_H

#include "incant/settings.h"

struct source_address {
	char *conninfo; /* libpq's words, without a password */
	char *password; /* a secret; NULL = libpq looks into a pass file */
};

/*
 * The settings' conninfo; where a source in a container has none, the container's address on its network, and
 * the role that its dumps are made with. The password is POSTGRES_PASSWORD of the env file, where that has
 * it. 0, or -1: ERR_SOURCE (no engine, no container, no address), ERR_SETTINGS (the env file). Cleared by the
 * caller in both cases.
 */
int source_address_find(const struct settings *settings, struct source_address *address);
void source_address_clear(struct source_address *address);

#endif
