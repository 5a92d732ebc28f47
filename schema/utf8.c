#include "schema/utf8.h"

#include <string.h>

/*
 * Well-formed sequences (Unicode 15, table 3-7): their first byte, how many follow, and the
 * bounds of the second byte; all later ones are 80..BF.
 */
static const struct {
	uint8_t first, last, follow, second_min, second_max;
} forms[] = {
	{ 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f },
	{ 0xee, 0xef, 2, 0x80, 0xbf }, { 0xf0, 0xf0, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static uint32_t next_of_form(const uint8_t *bytes, size_t available, size_t form,
                             size_t *len)
{
	const size_t follow = forms[form].follow;
	uint32_t code_point = bytes[0] & (0x3fU >> follow);
	for (size_t i = 1; i <= follow; i++) {
		const uint8_t min = i == 1 ? forms[form].second_min : 0x80;
		const uint8_t max = i == 1 ? forms[form].second_max : 0xbf;
		if (i == available || bytes[i] < min || bytes[i] > max) {
			*len = i;
			return UTF8_INVALID;
		}
		code_point = code_point << 6 | (bytes[i] & 0x3fU);
	}
	*len = follow + 1;
	return code_point;
}

uint32_t utf8_next(struct text t, size_t *len)
{
	const uint8_t *bytes = (const uint8_t *)t.at;
	*len = 1;
	if (bytes[0] < 0x80)
		return bytes[0];
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (bytes[0] >= forms[i].first && bytes[0] <= forms[i].last)
			return next_of_form(bytes, t.len, i, len);
	}
	return UTF8_INVALID;
}

/* Eight bytes of ASCII from there on. */
static bool is_plain_word(struct text t, size_t at)
{
	uint64_t word;
	if (t.len - at < sizeof word)
		return false;
	memcpy(&word, t.at + at, sizeof word);
	return !(word & UINT64_C(0x8080808080808080));
}

bool utf8_valid(struct text t)
{
	size_t i = 0;
	while (i < t.len) {
		if (is_plain_word(t, i)) {
			i += sizeof(uint64_t);
			continue;
		}
		size_t len = 1;
		if ((uint8_t)t.at[i] >= 0x80 &&
		    utf8_next(text_skip(t, i), &len) == UTF8_INVALID)
			return false;
		i += len;
	}
	return true;
}

size_t utf8_encode(uint32_t code_point, char *to)
{
	if (code_point < 0x80) {
		to[0] = (char)code_point;
		return 1;
	}
	const size_t follow = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
	static const uint8_t marks[] = { 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = follow; i > 0; i--) {
		to[i] = (char)(0x80 | (code_point & 0x3f));
		code_point >>= 6;
	}
	to[0] = (char)(marks[follow] | code_point);
	return follow + 1;
}
