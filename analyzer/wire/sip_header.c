#include "analyzer/wire/sip_header.h"

#include "analyzer/wire/sip_parts.h"

/*
 * A perfect hash over length, first and last letter in lower case, so that a name costs one
 * comparison: of names as they are usually spelled, since that is the fastest.
 * Two names in one slot would be two initializers of one element: a compiler warning.
 */
#define SLOT(first, last, len) ((2 * (len) + (size_t)(first) + 9 * (size_t)(last)) & 255)
#define HEADER(first, last, string, id)                                                    \
	[SLOT(first, last, sizeof(string) - 1)] = { { string, sizeof(string) - 1 }, id }

struct named_header {
	struct text name;
	enum sip_header header;
};

/*
 * Names of RFC 3261 section 20; Reason RFC 3326, Replaces RFC 3891, Join RFC 3911,
 * Session-ID RFC 7989,
 * Session-Expires and Min-SE RFC 4028, Identity RFC 8224, P-Asserted-Identity and
 * P-Preferred-Identity RFC 3325, Privacy RFC 3323, Remote-Party-ID (its drafts), Diversion
 * RFC 5806, History-Info RFC 7044, Refer-To RFC 3515, Referred-By RFC 3892.
 */
static const struct named_header names[256] = {
	HEADER('a', 'w', "Allow", SIP_ALLOW),
	HEADER('a', 'n', "Authorization", SIP_AUTHORIZATION),
	HEADER('c', 'd', "Call-ID", SIP_CALL_ID),
	HEADER('i', 'i', "i", SIP_CALL_ID),
	HEADER('c', 't', "Contact", SIP_CONTACT),
	HEADER('m', 'm', "m", SIP_CONTACT),
	HEADER('c', 'g', "Content-Encoding", SIP_CONTENT_ENCODING),
	HEADER('e', 'e', "e", SIP_CONTENT_ENCODING),
	HEADER('c', 'h', "Content-Length", SIP_CONTENT_LENGTH),
	HEADER('l', 'l', "l", SIP_CONTENT_LENGTH),
	HEADER('c', 'e', "Content-Type", SIP_CONTENT_TYPE),
	HEADER('c', 'c', "c", SIP_CONTENT_TYPE),
	HEADER('c', 'q', "CSeq", SIP_CSEQ),
	HEADER('d', 'e', "Date", SIP_DATE),
	HEADER('d', 'n', "Diversion", SIP_DIVERSION),
	HEADER('e', 's', "Expires", SIP_EXPIRES),
	HEADER('f', 'm', "From", SIP_FROM),
	HEADER('f', 'f', "f", SIP_FROM),
	HEADER('h', 'o', "History-Info", SIP_HISTORY_INFO),
	HEADER('i', 'y', "Identity", SIP_IDENTITY),
	HEADER('y', 'y', "y", SIP_IDENTITY),
	HEADER('j', 'n', "Join", SIP_JOIN),
	HEADER('m', 's', "Max-Forwards", SIP_MAX_FORWARDS),
	HEADER('m', 'e', "Min-SE", SIP_MIN_SE),
	HEADER('p', 'y', "P-Asserted-Identity", SIP_P_ASSERTED_IDENTITY),
	HEADER('p', 'y', "P-Preferred-Identity", SIP_P_PREFERRED_IDENTITY),
	HEADER('p', 'y', "Privacy", SIP_PRIVACY),
	HEADER('p', 'n', "Proxy-Authorization", SIP_PROXY_AUTHORIZATION),
	HEADER('r', 'n', "Reason", SIP_REASON),
	HEADER('r', 'o', "Refer-To", SIP_REFER_TO),
	HEADER('r', 'r', "r", SIP_REFER_TO),
	HEADER('r', 'y', "Referred-By", SIP_REFERRED_BY),
	HEADER('b', 'b', "b", SIP_REFERRED_BY),
	HEADER('r', 'd', "Remote-Party-Id", SIP_REMOTE_PARTY_ID),
	HEADER('r', 's', "Replaces", SIP_REPLACES),
	HEADER('s', 'r', "Server", SIP_SERVER),
	HEADER('s', 's', "Session-Expires", SIP_SESSION_EXPIRES),
	HEADER('x', 'x', "x", SIP_SESSION_EXPIRES),
	HEADER('s', 'd', "Session-ID", SIP_SESSION_ID),
	HEADER('s', 'd', "Supported", SIP_SUPPORTED),
	HEADER('k', 'k', "k", SIP_SUPPORTED),
	HEADER('t', 'o', "To", SIP_TO),
	HEADER('t', 't', "t", SIP_TO),
	HEADER('u', 't', "User-Agent", SIP_USER_AGENT),
	HEADER('v', 'a', "Via", SIP_VIA),
	HEADER('v', 'v', "v", SIP_VIA),
	HEADER('w', 'g', "Warning", SIP_WARNING),
};

enum sip_header sip_header_by_name(struct text name)
{
	if (name.len == 0)
		return SIP_HEADER_OTHER;
	const size_t first = (unsigned char)ascii_lower(name.at[0]);
	const size_t last = (unsigned char)ascii_lower(name.at[name.len - 1]);
	const struct named_header *known = &names[SLOT(first, last, name.len)];
	return text_equal_nocase(name, known->name) ? known->header : SIP_HEADER_OTHER;
}

uint64_t sip_name_bit(struct text name)
{
	if (name.len == 0)
		return 1;
	const size_t first = (unsigned char)ascii_lower(name.at[0]);
	const size_t last = (unsigned char)ascii_lower(name.at[name.len - 1]);
	return UINT64_C(1) << ((name.len + 5 * first + 3 * last) & 63);
}

/* Index of the LF that ends the field at the start of t, folds included; t.len if none. */
static size_t field_end(struct text t, size_t first_line)
{
	size_t at = first_line;
	while (at + 1 < t.len && ascii_is_space(t.at[at + 1])) {
		at++;
		at += text_find(text_skip(t, at), '\n');
	}
	return at;
}

enum sip_line sip_read_field(struct text *rest, struct sip_header_field *out)
{
	const size_t first_line = text_find(*rest, '\n');
	size_t visible = rest->at ? first_line : 0;
	while (visible > 0 && rest->at[visible - 1] == '\r')
		visible--;
	if (visible == 0) {
		*rest = text_skip(*rest, first_line + 1);
		return SIP_LINE_END;
	}
	const size_t end = field_end(*rest, first_line);
	const struct text field = text_head(*rest, end);
	*rest = text_skip(*rest, end + 1);
	const size_t colon = text_find(text_head(field, first_line), ':');
	out->name = text_trim(text_head(field, colon));
	out->value = text_trim(text_skip(field, colon + 1));
	out->header = sip_header_by_name(out->name);
	return out->name.len == 0 || colon == first_line ? SIP_LINE_BAD : SIP_LINE_FIELD;
}

bool sip_next_header(struct text *rest, struct sip_header_field *out)
{
	enum sip_line line;
	while ((line = sip_read_field(rest, out)) != SIP_LINE_END) {
		if (line != SIP_LINE_BAD)
			return true;
	}
	return false;
}

/*
 * The compact forms of the IANA registry that the table above does not have, for who asks
 * for any header by its name.
 */
static const struct {
	const char *name;
	char compact;
} compacts[] = {
	{ "accept-contact", 'a' },
	{ "allow-events", 'u' },
	{ "event", 'o' },
	{ "identity-info", 'n' },
	{ "k", 'k' },
	{ "reject-contact", 'd' },
	{ "request-disposition", 'j' },
	{ "subject", 's' },
	{ "supported", 'k' },
};

static char compact_of(struct text name)
{
	for (size_t i = 0; i < ARRAY_LEN(compacts); i++)
		if (text_equal_nocase(name, text_from(compacts[i].name)))
			return compacts[i].compact;
	return '\0';
}

static bool is_called(const struct sip_header_field *field, struct text name,
                      enum sip_header known, char compact)
{
	if (known != SIP_HEADER_OTHER)
		return field->header == known;
	if (field->header != SIP_HEADER_OTHER)
		return false;
	return text_equal_nocase(field->name, name) ||
	       (compact && field->name.len == 1 &&
	        ascii_lower(field->name.at[0]) == compact);
}

bool sip_next_named(struct text *rest, struct text name, struct text *value)
{
	const enum sip_header known = sip_header_by_name(name);
	const char compact = known == SIP_HEADER_OTHER ? compact_of(name) : '\0';
	struct sip_header_field field;
	while (sip_next_header(rest, &field)) {
		if (!is_called(&field, name, known, compact))
			continue;
		*value = field.value;
		return true;
	}
	return false;
}

bool sip_find_header(const struct sip_message *message, struct text name,
                     struct text *value)
{
	const enum sip_header known = sip_header_by_name(name);
	struct text rest = message->headers;
	if (known != SIP_HEADER_OTHER && sip_has_header(message, known))
		rest = text_skip(rest, message->first[known]);
	return sip_next_named(&rest, name, value);
}

bool sip_unfold(struct text value, char *to, size_t size)
{
	size_t n = 0;
	size_t at = 0;
	if (text_find(value, '\r') == value.len && text_find(value, '\n') == value.len)
		return text_copy(to, size, value);
	while (at < value.len && n + 1 < size) {
		size_t end = at;
		bool fold = false;
		while (end < value.len && sip_is_lws(value.at[end])) {
			fold = fold || value.at[end] == '\r' || value.at[end] == '\n';
			end++;
		}
		if (fold) {
			to[n++] = ' ';
			at = end;
			continue;
		}
		for (end += end < value.len; at < end && n + 1 < size; at++)
			to[n++] = value.at[at];
	}
	to[n] = '\0';
	return at == value.len;
}
