#include "analyzer/wire/sip_frame.h"

#include "analyzer/wire/sip.h"
#include "analyzer/wire/sip_parts.h"

/* What begins at a start line. */
struct extent {
	enum { WHOLE, UNFINISHED, TOO_LONG } state;
	size_t len;
};

/* Content-Length as a stream needs it: one value, and a message that fits the limit. */
struct body_length {
	uint64_t len;
	bool known;
	bool usable;
};

static void take_length(struct body_length *body, struct text value)
{
	uint64_t len = 0;
	if (value.len == 0)
		return;
	if (text_number(value, SIP_MAX_MESSAGE, &len) != OK ||
	    (body->known && body->len != len))
		body->usable = false;
	body->len = len;
	body->known = true;
}

/*
 * A message whose length cannot be known is cut behind its headers: the parser refuses and
 * counts it, and its body is passed over as foreign bytes.
 */
static size_t whole_length(size_t headers, const struct body_length *body)
{
	if (!body->usable || headers + body->len > SIP_MAX_MESSAGE)
		return headers;
	return headers + (size_t)body->len;
}

/* t begins at a start line. */
static struct extent measure(struct text t)
{
	const struct text section = text_head(t, SIP_MAX_LINE + SIP_MAX_SECTION);
	struct text rest = text_skip(section, text_find(section, '\n') + 1);
	struct body_length body = { .usable = true };
	while (rest.len > 0 && text_find(rest, '\n') < rest.len) {
		struct sip_header_field field;
		if (sip_read_field(&rest, &field) == SIP_LINE_END) {
			const size_t len = whole_length(section.len - rest.len, &body);
			return (struct extent){ len > t.len ? UNFINISHED : WHOLE, len };
		}
		if (field.header == SIP_CONTENT_LENGTH)
			take_length(&body, field.value);
	}
	return (struct extent){ section.len < t.len ? TOO_LONG : UNFINISHED, section.len };
}

/* A line that is not all there yet: judged when it is, so that cuts change nothing. */
static bool is_unfinished_line(struct text t)
{
	return t.len < SIP_MAX_LINE && text_find(t, '\n') == t.len;
}

struct sip_frame sip_frame_next(struct span bytes)
{
	struct sip_frame frame = { .result = SIP_FRAME_MORE };
	struct text rest = text_of(bytes);
	for (;;) {
		rest = text_skip(rest, sip_blank_start(rest));
		frame.skip = bytes.len - rest.len;
		if (rest.len == 0 || is_unfinished_line(rest))
			return frame;
		size_t over = 0;
		if (sip_looks_like(text_bytes(rest))) {
			const struct extent extent = measure(rest);
			if (extent.state == WHOLE) {
				frame.result = SIP_FRAME_MESSAGE;
				frame.len = extent.len;
			}
			if (extent.state != TOO_LONG)
				return frame;
			/* All of what was searched goes, so that a flood of start lines
			 * is not searched once for each of them. */
			over = extent.len;
		}
		frame.resynchronised = true;
		rest = text_skip(rest, over);
		rest = text_skip(rest, text_find(rest, '\n') + 1);
	}
}
