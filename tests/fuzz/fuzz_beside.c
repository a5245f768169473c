/*
 * Fuzzes the readers of the small records that stand beside a backup: proof.json, pin.json and suspect.json.
 * Whatever one of them accepts must be written and read again.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "incant/error.h"
#include "incant/pin.h"
#include "incant/proof.h"
#include "incant/suspect.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What cannot be read is damaged, and nothing else. */
static void
expect_damaged(void)
{
	if (error_get()->class != ERR_DAMAGED)
		abort();
}

static void
read_proof(const char *text, size_t len)
{
	struct buf again = BUF_EMPTY;
	struct proof *proof = proof_read(text, len, "proof.json");

	if (proof == NULL) {
		expect_damaged();
		return;
	}
	proof_write(proof, &again);
	proof_free(proof);
	proof = proof_read(again.bytes, again.len, "proof.json");
	if (proof == NULL)
		abort();
	proof_free(proof);
	buf_clear(&again);
}

static void
read_pin(const char *text, size_t len)
{
	struct buf again = BUF_EMPTY;
	struct pin *pin = pin_read(text, len, "pin.json");

	if (pin == NULL) {
		expect_damaged();
		return;
	}
	pin_write(pin, &again);
	pin_free(pin);
	pin = pin_read(again.bytes, again.len, "pin.json");
	if (pin == NULL)
		abort();
	pin_free(pin);
	buf_clear(&again);
}

static void
read_suspect(const char *text, size_t len)
{
	struct buf again = BUF_EMPTY;
	struct suspect *suspect = suspect_read(text, len, "suspect.json");

	if (suspect == NULL) {
		expect_damaged();
		return;
	}
	suspect_write(suspect, &again);
	suspect_free(suspect);
	suspect = suspect_read(again.bytes, again.len, "suspect.json");
	if (suspect == NULL)
		abort();
	suspect_free(suspect);
	buf_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* Escapes make text longer; what is written again must stay below the smallest limit. */
	if (len > PIN_LIMIT_BYTES / 8)
		return 0;
	read_proof((const char *)bytes, len);
	read_pin((const char *)bytes, len);
	read_suspect((const char *)bytes, len);
	return 0;
}
