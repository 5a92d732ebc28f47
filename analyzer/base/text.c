#include "analyzer/base/text.h"

#include <string.h>

struct text text_from(const char *string)
{
	return (struct text){ string, strlen(string) };
}

bool text_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool text_equal_nocase(struct text a, struct text b)
{
	return a.len == b.len && text_starts_nocase(a, b);
}

bool text_starts(struct text t, struct text prefix)
{
	return text_equal(text_head(t, prefix.len), prefix);
}

/* ascii_lower of each of the eight octets. */
static uint64_t lower_eight(uint64_t octets)
{
	const uint64_t low = octets & UINT64_C(0x7f7f7f7f7f7f7f7f);
	/* Their high bits: 'A' or more, more than 'Z'. */
	const uint64_t from_a = low + UINT64_C(0x3f3f3f3f3f3f3f3f);
	const uint64_t behind_z = low + UINT64_C(0x2525252525252525);
	const uint64_t upper = from_a & ~behind_z & ~octets & UINT64_C(0x8080808080808080);
	return octets | upper >> 2;
}

/* The n octets there, n up to eight and known to the compiler. */
static inline bool same_nocase(const char *a, const char *b, size_t n)
{
	uint64_t x = 0, y = 0;
	memcpy(&x, a, n);
	memcpy(&y, b, n);
	return x == y || lower_eight(x) == lower_eight(y);
}

/* Names of headers are what is compared most: many octets at a time, the last ones twice.
 */
bool text_starts_nocase(struct text t, struct text prefix)
{
	const size_t len = prefix.len;
	const char *a = t.at;
	const char *b = prefix.at;
	if (t.len < len)
		return false;
	if (len >= 8) {
		for (size_t i = 0; i + 8 < len; i += 8)
			if (!same_nocase(a + i, b + i, 8))
				return false;
		return same_nocase(a + len - 8, b + len - 8, 8);
	}
	if (len >= 4)
		return same_nocase(a, b, 4) && same_nocase(a + len - 4, b + len - 4, 4);
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i] && ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

bool text_ends_nocase(struct text t, struct text suffix)
{
	return t.len >= suffix.len &&
	       text_equal_nocase(text_skip(t, t.len - suffix.len), suffix);
}

size_t text_find(struct text t, char c)
{
	const char *found = t.len ? memchr(t.at, c, t.len) : NULL;
	return found ? (size_t)(found - t.at) : t.len;
}

size_t text_find_text(struct text t, struct text needle)
{
	const char *found = t.len ? memmem(t.at, t.len, needle.at, needle.len) : NULL;
	return found ? (size_t)(found - t.at) : t.len;
}

static bool is_folding_space(char c)
{
	return (unsigned char)c <= ' ' && (ascii_is_space(c) || c == '\r' || c == '\n');
}

struct text text_trim(struct text t)
{
	while (t.len && is_folding_space(t.at[t.len - 1]))
		t.len--;
	size_t n = 0;
	while (n < t.len && is_folding_space(t.at[n]))
		n++;
	return text_skip(t, n);
}

struct text text_cut(struct text *rest, char c)
{
	const size_t at = text_find(*rest, c);
	const struct text head = text_head(*rest, at);
	*rest = text_skip(*rest, at + 1);
	return head;
}

struct text text_cut_line(struct text *rest)
{
	size_t end = text_find(*rest, '\n');
	size_t next = end + 1;
	if (end ==
	    rest->len) { /* no LF at all: a lone CR ends the line, as old stacks send */
		end = text_find(*rest, '\r');
		next = end + 1;
	}
	struct text line = text_head(*rest, end);
	*rest = text_skip(*rest, next);
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

struct text text_cut_word(struct text *rest)
{
	const struct text t = *rest;
	size_t from = 0;
	while (from < t.len && ascii_is_space(t.at[from]))
		from++;
	size_t to = from;
	while (to < t.len && !ascii_is_space(t.at[to]))
		to++;
	*rest = text_skip(t, to);
	return text_head(text_skip(t, from), to - from);
}

enum status text_number(struct text t, uint64_t max, uint64_t *out)
{
	enum { NO_WRAP = 19 }; /* so many digits always fit */
	if (t.len == 0)
		return ERR_MALFORMED;
	uint64_t value = 0;
	bool over = false;
	for (size_t i = 0; i < t.len; i++) {
		if (!ascii_is_digit(t.at[i]))
			return ERR_MALFORMED;
		const uint64_t digit = (uint64_t)(t.at[i] - '0');
		if (i >= NO_WRAP)
			over = over || value > (UINT64_MAX - digit) / 10;
		value = value * 10 + digit;
	}
	if (over || value > max)
		return ERR_TOO_LONG;
	*out = value;
	return OK;
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	const char lower = ascii_lower(c);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

enum status text_hex32(struct text t, uint32_t *out)
{
	if (text_starts_nocase(t, TEXT("0x")))
		t = text_skip(t, 2);
	if (t.len == 0 || t.len > 8)
		return ERR_MALFORMED;
	uint32_t value = 0;
	for (size_t i = 0; i < t.len; i++) {
		const int digit = hex_digit(t.at[i]);
		if (digit < 0)
			return ERR_MALFORMED;
		value = value << 4 | (uint32_t)digit;
	}
	*out = value;
	return OK;
}

bool text_copy(char *to, size_t size, struct text from)
{
	const struct text fits = text_head(from, size - 1);
	if (fits.len)
		memcpy(to, fits.at, fits.len);
	to[fits.len] = '\0';
	return fits.len == from.len;
}
