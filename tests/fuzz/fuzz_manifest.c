/*
 * Fuzzes manifest_read(): the bytes as they are, and once more as the beginning of a manifest whose last
 * lines fit it, for no mutation would ever meet the digest. Whatever is accepted must be written and read
 * again.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "incant/error.h"
#include "incant/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Reads a text; what was read must survive a round trip. */
static void
read_text(const char *text, size_t len)
{
	struct buf again = BUF_EMPTY;
	struct manifest manifest;

	manifest_init(&manifest);
	if (manifest_read(text, len, "the manifest", &manifest) != 0) {
		if (error_get()->class != ERR_DAMAGED || manifest.id != NULL)
			abort();
		return;
	}
	if (manifest_write(&manifest, &again) != 0)
		abort();
	manifest_clear(&manifest);
	if (manifest_read(again.bytes, again.len, "the manifest", &manifest) != 0)
		abort();
	manifest_clear(&manifest);
	buf_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char hex[DIGEST_SHA256_HEX];
	struct buf text = BUF_EMPTY;

	/* Escapes make text longer; what is written again must stay below the limit. */
	if (len > MANIFEST_LIMIT_BYTES / 8)
		return 0;
	read_text((const char *)bytes, len);
	buf_append(&text, bytes, len);
	if (digest_sha256_hex(text.bytes, text.len, hex) != 0)
		abort();
	buf_append_format(&text, "  \"sha256\": \"%s\"\n}\n", hex);
	read_text(text.bytes, text.len);
	buf_clear(&text);
	return 0;
}
