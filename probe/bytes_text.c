#include "probe/bytes_text.h"

static const char units[] = "KMGT";

/* How far to shift; false: no unit. */
static bool read_unit(struct text unit, unsigned int *shift)
{
	*shift = 0;
	if (unit.len == 0 || text_equal_nocase(unit, TEXT("B")))
		return true;
	for (unsigned int i = 0; units[i]; i++) {
		if (ascii_lower(unit.at[0]) != ascii_lower(units[i]))
			continue;
		*shift = 10 * (i + 1);
		const struct text rest = text_skip(unit, 1);
		return rest.len == 0 || text_equal_nocase(rest, TEXT("B")) ||
		       text_equal_nocase(rest, TEXT("iB"));
	}
	return false;
}

bool bytes_read(struct text text, uint64_t *out)
{
	unsigned int shift;
	size_t digits = 0;
	while (digits < text.len && ascii_is_digit(text.at[digits]))
		digits++;
	if (digits == 0 || !read_unit(text_trim(text_skip(text, digits)), &shift) ||
	    text_number(text_head(text, digits), UINT64_MAX >> shift, out) != OK)
		return false;
	*out <<= shift;
	return true;
}

void bytes_show(uint64_t bytes, struct buffer *out)
{
	size_t unit = 0;
	while (bytes && bytes % 1024 == 0 && units[unit]) {
		bytes /= 1024;
		unit++;
	}
	buffer_add_number(out, bytes);
	if (unit)
		buffer_format(out, "%ciB", units[unit - 1]);
}
