/*
 * What age reads from outside. The first byte chooses: a header and what follows it, opened with an identity;
 * a file that is encrypted here and then damaged as the bytes say; an identity file's text; armor. Anything
 * is read or refused, and what opens is what was encrypted.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/age.h"
#include "incant/error.h"
#include "incant/mem.h"

#include "../../src/age/age_inside.h"

#define SECRET    "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33"
#define PLAIN_LEN ((size_t)70000)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct age_identities *
identities_new(void)
{
	struct age_identities *identities = age_identities_new();

	if (age_identities_add(identities, SECRET, "here") != 0)
		abort();
	return identities;
}

/* A refusal has a class that fits and names the file. */
static void
check_refusal(void)
{
	if ((error_get()->class != ERR_DAMAGED && error_get()->class != ERR_KEYS) ||
		strstr(error_get()->message, "x.age") == NULL)
		abort();
}

static void
open_any(const uint8_t *bytes, size_t len)
{
	struct age_identities *identities = identities_new();
	struct input *input = age_decrypt_new(input_memory_new("x.age", bytes, len), identities);

	if (input == NULL)
		check_refusal();
	input_free(input);
	age_identities_free(identities);
}

/* Pairs of bytes say where a byte is changed; what then still opens is what it was. */
static void
open_damaged(const uint8_t *bytes, size_t len)
{
	static const unsigned char seed[AGE_SEED_BYTES] = { 1 };
	struct age_identities *identities = identities_new();
	struct age_recipients *recipients = age_recipients_new();
	unsigned char secret[AGE_KEY_BYTES], public[AGE_KEY_BYTES], *plain = mem_zero(PLAIN_LEN);
	char recipient[AGE_KEY_TEXT];
	struct buf file = BUF_EMPTY, back = BUF_EMPTY;

	if (age_bech32_decode("AGE-SECRET-KEY-", SECRET, secret) != 0 ||
		age_x25519_public(secret, public) != 0)
		abort();
	age_bech32_encode("age", public, recipient);
	if (age_recipients_add(recipients, recipient, "here") != 0)
		abort();
	struct stage *head = age_encrypt_new(stage_buf_new(&file), recipients, seed);
	if (head == NULL || stage_write(head, plain, PLAIN_LEN) != 0 || stage_finish(head) != 0)
		abort();
	stage_free(head);
	bool changed = len >= 4 && bytes[3] != 0;
	for (size_t i = 0; i + 4 <= len; i += 4)
		file.bytes[(size_t)(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]) % file.len] ^=
			(char)bytes[i + 3];
	struct input *input = age_decrypt_new(input_memory_new("x.age", file.bytes, file.len), identities);
	buf_reserve(&back, PLAIN_LEN);
	if (input == NULL || input_read(input, 0, back.bytes, (size_t)input->size_bytes) != 0)
		check_refusal();
	else if (input->size_bytes != PLAIN_LEN || memcmp(back.bytes, plain, PLAIN_LEN) != 0)
		abort();
	if (!changed && len < 4 && input == NULL)
		abort();
	input_free(input);
	buf_clear(&file);
	buf_clear(&back);
	age_recipients_free(recipients);
	age_identities_free(identities);
	free(plain);
}

static void
read_texts(const uint8_t *bytes, size_t len)
{
	struct age_identities *identities = age_identities_new();
	struct age_recipients *recipients = age_recipients_new();
	char *text = mem_text_n((const char *)bytes, len);

	if (age_identities_add(identities, text, "x.age") != 0)
		check_refusal();
	if (age_recipients_add(recipients, text, "x.age") != 0)
		check_refusal();
	age_identities_free(identities);
	age_recipients_free(recipients);
	free(text);
}

static void
read_armor(const uint8_t *bytes, size_t len)
{
	struct buf out = BUF_EMPTY;

	if (age_armor_decode((const char *)bytes, len, "x.age", &out) != 0)
		check_refusal();
	buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static void (*const targets[])(
		const uint8_t *, size_t) = { open_any, open_damaged, read_texts, read_armor };

	error_clear();
	if (len > 0)
		targets[bytes[0] % 4](bytes + 1, len - 1);
	return 0;
}
