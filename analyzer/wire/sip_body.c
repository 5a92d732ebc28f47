/*
 * sip_body.c - finds what a body holds, multipart ones included (RFC 5621, RFC 2046).
 */
#include "analyzer/wire/sip_parts.h"

enum { MULTIPART_DEPTH = 4 };

struct multipart {
	struct text rest;     /* behind the delimiter of the part to read next */
	struct text boundary; /* without the two dashes */
};

static bool media_type_is(struct text content_type, struct text type)
{
	return text_equal_nocase(
	        text_trim(text_head(content_type, text_find(content_type, ';'))), type);
}

static struct text boundary_of(struct text content_type)
{
	struct text rest = content_type, name, value;
	text_cut(&rest, ';');
	while (sip_next_param(&rest, &name, &value)) {
		if (!text_equal_nocase(name, TEXT("boundary")))
			continue;
		if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
			value = text_skip(text_head(value, value.len - 1), 1);
		return value;
	}
	return (struct text){ 0 };
}

/* Does a line of t's start say "--boundary"?  Blanks and "--" may follow (RFC 2046 5.1.1).
 */
static bool is_delimiter(struct text t, struct text boundary)
{
	if (!text_starts(t, TEXT("--")) || !text_starts(text_skip(t, 2), boundary))
		return false;
	const struct text tail = text_skip(t, 2 + boundary.len);
	return tail.len == 0 || sip_is_lws(tail.at[0]) || tail.at[0] == '-';
}

/* Index of the next delimiter line; t.len if there is none. */
static size_t find_delimiter(struct text t, struct text boundary)
{
	size_t at = 0;
	while (at < t.len) {
		const struct text rest = text_skip(t, at);
		if (is_delimiter(rest, boundary))
			return at;
		at += text_find(rest, '\n') + 1;
	}
	return t.len;
}

/* Goes behind the next delimiter line; false at "--boundary--" and without any. */
static bool go_behind_delimiter(struct multipart *m)
{
	const size_t at = find_delimiter(m->rest, m->boundary);
	if (at == m->rest.len)
		return false;
	m->rest = text_skip(m->rest, at + 2 + m->boundary.len);
	const struct text tail = text_cut_line(&m->rest);
	return !text_starts(tail, TEXT("--"));
}

/* The next part's type and body; false when there is no other. */
static bool next_part(struct multipart *m, struct text *content_type, struct text *body)
{
	if (!go_behind_delimiter(m))
		return false;
	struct text rest = text_head(m->rest, find_delimiter(m->rest, m->boundary));
	m->rest = text_skip(m->rest, rest.len);
	struct sip_header_field field;
	*content_type = (struct text){ 0 };
	while (sip_next_header(&rest, &field))
		if (field.header == SIP_CONTENT_TYPE)
			*content_type = field.value;
	/* The line end before a delimiter belongs to the delimiter; to SDP and to reports
	 * it is no matter. */
	*body = rest;
	return true;
}

static bool open_multipart(struct text content_type, struct text body,
                           struct multipart *out)
{
	if (!text_starts_nocase(content_type, TEXT("multipart/")))
		return false;
	*out = (struct multipart){ .rest = body, .boundary = boundary_of(content_type) };
	return out->boundary.len > 0;
}

/* Each level's rest only shrinks, so this ends; deeper ones than four are not opened. */
static enum status search_multipart(struct multipart *levels, struct text type,
                                    struct text *out)
{
	size_t depth = 1;
	while (depth > 0) {
		struct text content_type, body;
		if (!next_part(&levels[depth - 1], &content_type, &body)) {
			depth--;
			continue;
		}
		if (media_type_is(content_type, type) && body.len > 0) {
			*out = body;
			return OK;
		}
		if (depth < MULTIPART_DEPTH &&
		    open_multipart(content_type, body, &levels[depth]))
			depth++;
	}
	return ERR_NOT_FOUND;
}

enum status sip_find_body(const struct sip_message *message, struct text type,
                          struct text *out)
{
	const struct text body = text_of(message->body);
	const struct text content_type = message->content_type;
	struct multipart levels[MULTIPART_DEPTH];
	if (body.len == 0)
		return ERR_NOT_FOUND;
	if (media_type_is(content_type, type)) {
		*out = body;
		return OK;
	}
	if (!open_multipart(content_type, body, &levels[0]))
		return ERR_NOT_FOUND;
	return search_multipart(levels, type, out);
}

enum status sip_find_sdp(const struct sip_message *message, struct text *out)
{
	/* Some devices forget Content-Type; "v=" is how each SDP begins. */
	*out = text_of(message->body);
	if (message->content_type.len == 0)
		return text_starts(*out, TEXT("v=")) ? OK : ERR_NOT_FOUND;
	return sip_find_body(message, TEXT("application/sdp"), out);
}
