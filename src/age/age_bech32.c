/*
 * Bech32 (BIP 173) as age has it: without the limit of 90 characters, and with the prefix in one case
 * throughout. Only keys of 32 bytes are coded here.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "age_inside.h"
#include "incant/secret.h"

#define CHECK_DIGITS 6
#define KEY_DIGITS   52 /* 256 bits in digits of five */

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the checksum's polynomial, modulo BIP 173's generator. */
static uint32_t
check_step(uint32_t check, unsigned digit)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = check >> 25;

	check = (check & 0x1ffffff) << 5 ^ digit;
	for (size_t i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			check ^= generator[i];
	return check;
}

/* The checksum so far of the prefix, which counts in lower case. */
static uint32_t
check_prefix(const char *hrp)
{
	uint32_t check = 1;

	for (const char *c = hrp; *c != '\0'; c++)
		check = check_step(check, (unsigned)tolower((unsigned char)*c) >> 5);
	check = check_step(check, 0);
	for (const char *c = hrp; *c != '\0'; c++)
		check = check_step(check, (unsigned)tolower((unsigned char)*c) & 31);
	return check;
}

static bool
is_upper(const char *hrp)
{
	return isupper((unsigned char)hrp[0]) != 0;
}

void
age_bech32_encode(const char *hrp, const unsigned char bytes[AGE_KEY_BYTES], char *text)
{
	size_t at = strlen(hrp);
	bool upper = is_upper(hrp);
	uint32_t check = check_prefix(hrp);
	unsigned digits[KEY_DIGITS + CHECK_DIGITS] = { 0 };

	for (size_t bit = 0; bit < (size_t)8 * AGE_KEY_BYTES; bit++)
		digits[bit / 5] |= (bytes[bit / 8] >> (7 - bit % 8) & 1U) << (4 - bit % 5);
	for (size_t i = 0; i < KEY_DIGITS; i++)
		check = check_step(check, digits[i]);
	for (size_t i = 0; i < CHECK_DIGITS; i++)
		check = check_step(check, 0);
	check ^= 1;
	for (size_t i = 0; i < CHECK_DIGITS; i++)
		digits[KEY_DIGITS + i] = check >> 5 * (CHECK_DIGITS - 1 - i) & 31;

	memcpy(text, hrp, at);
	text[at++] = '1';
	for (size_t i = 0; i < KEY_DIGITS + CHECK_DIGITS; i++) {
		char c = alphabet[digits[i]];
		text[at++] = (char)(upper ? toupper((unsigned char)c) : c);
	}
	text[at] = '\0';
	secret_wipe(digits, sizeof(digits));
}

/* The value of a digit in the right case, or -1. */
static int
digit_of(char c, bool upper)
{
	char lower = (char)tolower((unsigned char)c);
	const char *at = lower != '\0' ? strchr(alphabet, lower) : NULL;

	if (at == NULL || (c != lower && !upper) || (c == lower && isalpha((unsigned char)c) && upper))
		return -1;
	return (int)(at - alphabet);
}

int
age_bech32_decode(const char *hrp, const char *text, unsigned char bytes[AGE_KEY_BYTES])
{
	size_t front = strlen(hrp);
	uint32_t check = check_prefix(hrp);

	if (strncmp(text, hrp, front) != 0 || text[front] != '1' ||
		strlen(text + front + 1) != KEY_DIGITS + CHECK_DIGITS)
		return -1;
	memset(bytes, 0, AGE_KEY_BYTES);
	for (size_t i = 0; i < KEY_DIGITS + CHECK_DIGITS; i++) {
		int digit = digit_of(text[front + 1 + i], is_upper(hrp));
		if (digit < 0)
			return -1;
		check = check_step(check, (unsigned)digit);
		for (size_t bit = 5 * i; i < KEY_DIGITS && bit < 5 * i + 5; bit++) {
			unsigned one = (unsigned)digit >> (4 - bit % 5) & 1;
			if (bit < (size_t)8 * AGE_KEY_BYTES)
				bytes[bit / 8] |= (unsigned char)(one << (7 - bit % 8));
			else if (one != 0)
				return -1; /* 52 digits hold four bits more than a key */
		}
	}
	return check == 1 ? 0 : -1;
}
