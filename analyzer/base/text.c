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

bool text_starts_nocase(struct text t, struct text prefix)
{
	if (t.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++) {
		const char a = t.at[i];
		const char b = prefix.at[i];
		if (a != b && ascii_lower(a) != ascii_lower(b))
			return false;
	}
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

struct text text_skip(struct text t, size_t n)
{
	if (n >= t.len)
		return (struct text){ 0 };
	return (struct text){ t.at + n, t.len - n };
}

struct text text_head(struct text t, size_t n)
{
	return (struct text){ t.at, n < t.len ? n : t.len };
}

static bool is_folding_space(char c)
{
	return ascii_is_space(c) || c == '\r' || c == '\n';
}

struct text text_trim(struct text t)
{
	while (t.len && is_folding_space(t.at[0]))
		t = text_skip(t, 1);
	while (t.len && is_folding_space(t.at[t.len - 1]))
		t.len--;
	return t;
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
	while (rest->len && ascii_is_space(rest->at[0]))
		*rest = text_skip(*rest, 1);
	size_t n = 0;
	while (n < rest->len && !ascii_is_space(rest->at[n]))
		n++;
	const struct text word = text_head(*rest, n);
	*rest = text_skip(*rest, n);
	return word;
}

enum status text_number(struct text t, uint64_t max, uint64_t *out)
{
	if (t.len == 0)
		return ERR_MALFORMED;
	uint64_t value = 0;
	bool over = false;
	for (size_t i = 0; i < t.len; i++) {
		if (!ascii_is_digit(t.at[i]))
			return ERR_MALFORMED;
		const uint64_t digit = (uint64_t)(t.at[i] - '0');
		over = over || digit > max || value > (max - digit) / 10;
		if (!over)
			value = value * 10 + digit;
	}
	if (over)
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
