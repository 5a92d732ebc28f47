#include "analyzer/wire/base64url.h"

/* Its six bits; -1 for what is no character of it. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	if (c == '-' || c == '+')
		return 62;
	return c == '_' || c == '/' ? 63 : -1;
}

enum status base64url_decode(struct text from, uint8_t *to, size_t size, size_t *len)
{
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t n = 0;
	for (unsigned int padding = 0; padding < 2; padding++)
		if (from.len > 0 && from.at[from.len - 1] == '=')
			from.len--;
	if (from.len % 4 == 1)
		return ERR_MALFORMED; /* six bits are no byte */
	for (size_t i = 0; i < from.len; i++) {
		const int value = value_of(from.at[i]);
		if (value < 0)
			return ERR_MALFORMED;
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (n == size)
			return ERR_TOO_LONG;
		to[n++] = (uint8_t)(bits >> held);
	}
	*len = n;
	return OK;
}
