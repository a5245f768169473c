/* Sections of application files in manifest.json: the member "files". */
#ifndef INCANT_MANIFEST_FILES_H
#define INCANT_MANIFEST_FILES_H

#include "incant/json.h"
#include "incant/manifest.h"

/* The member's value, an array. The caller's. */
struct json *manifest_files_to_json(const struct manifest *manifest);

/* Reads the member, which may be absent, into the manifest. 0, or -1 with ERR_DAMAGED. */
int manifest_files_from_json(const struct json *root, const char *what, struct manifest *manifest);

void manifest_files_clear(struct manifest_files *files);

#endif
