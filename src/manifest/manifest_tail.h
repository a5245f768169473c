/*
 * The last two lines of manifest.json: between FRONT and BACK stands the SHA-256 of all bytes before them.
 * Fixed to the byte in every format, so that no bit of them can change unseen either.
 */
#ifndef INCANT_MANIFEST_TAIL_H
#define INCANT_MANIFEST_TAIL_H

#include "incant/digest.h"

#define MANIFEST_TAIL_FRONT "  \"sha256\": \""
#define MANIFEST_TAIL_BACK  "\"\n}\n"
#define MANIFEST_TAIL_BYTES \
	(sizeof(MANIFEST_TAIL_FRONT) - 1 + DIGEST_SHA256_HEX - 1 + sizeof(MANIFEST_TAIL_BACK) - 1)

#endif
