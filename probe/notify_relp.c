#include "probe/notify_relp.h"

void relp_add(struct buffer *out, uint64_t number, const char *command, struct text data)
{
	buffer_format(out, "%llu %s %zu%s", (unsigned long long)number, command, data.len,
	              data.len ? " " : "");
	buffer_add(out, data);
	buffer_add_char(out, '\n');
}

size_t relp_take(struct text bytes, size_t most, struct relp_frame *out)
{
	struct text rest = bytes;
	uint64_t len = 0;
	const struct text first = text_cut(&rest, ' ');
	out->command = text_cut(&rest, ' ');
	const size_t blank = text_find(rest, ' ');
	const size_t line = text_find(rest, '\n');
	const size_t digits = blank < line ? blank : line;
	if (digits == rest.len)
		return bytes.len < most ? 0 : SIZE_MAX;
	if (text_number(first, RELP_NUMBER_MOST, &out->number) != OK ||
	    text_number(text_head(rest, digits), most, &len) != OK)
		return SIZE_MAX;
	const size_t gap = len ? 1 : 0;
	const size_t whole = (size_t)(rest.at - bytes.at) + digits + gap + (size_t)len + 1;
	if (whole > most)
		return SIZE_MAX;
	if (whole > bytes.len)
		return 0;
	out->data = text_head(text_skip(rest, digits + gap), (size_t)len);
	return whole;
}
