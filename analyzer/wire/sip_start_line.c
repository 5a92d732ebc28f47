/*
 * sip_start_line.c - request line and status line (RFC 3261 sections 7.1 and 7.2), as
 * strict as RFC 4475 wants them: one blank between the parts and none behind.
 */
#include "analyzer/wire/sip_parts.h"

#define SLOT(first, last, len) (((len) + (size_t)(first) + 7 * (size_t)(last)) & 31)
#define METHOD(first, last, string, id) [SLOT(first, last, sizeof(string) - 1)] = id

const char *const sip_method_names[SIP_METHOD_COUNT] = {
	[SIP_INVITE] = "INVITE",     [SIP_ACK] = "ACK",
	[SIP_BYE] = "BYE",           [SIP_CANCEL] = "CANCEL",
	[SIP_REGISTER] = "REGISTER", [SIP_OPTIONS] = "OPTIONS",
	[SIP_PRACK] = "PRACK",       [SIP_UPDATE] = "UPDATE",
	[SIP_INFO] = "INFO",         [SIP_SUBSCRIBE] = "SUBSCRIBE",
	[SIP_NOTIFY] = "NOTIFY",     [SIP_REFER] = "REFER",
	[SIP_MESSAGE] = "MESSAGE",   [SIP_PUBLISH] = "PUBLISH",
};

/* A perfect hash as in sip_header.c; the empty slots are SIP_METHOD_OTHER. */
static const enum sip_method methods[32] = {
	METHOD('I', 'E', "INVITE", SIP_INVITE),
	METHOD('A', 'K', "ACK", SIP_ACK),
	METHOD('B', 'E', "BYE", SIP_BYE),
	METHOD('C', 'L', "CANCEL", SIP_CANCEL),
	METHOD('R', 'R', "REGISTER", SIP_REGISTER),
	METHOD('O', 'S', "OPTIONS", SIP_OPTIONS),
	METHOD('P', 'K', "PRACK", SIP_PRACK),
	METHOD('U', 'E', "UPDATE", SIP_UPDATE),
	METHOD('I', 'O', "INFO", SIP_INFO),
	METHOD('N', 'Y', "NOTIFY", SIP_NOTIFY),
	METHOD('S', 'E', "SUBSCRIBE", SIP_SUBSCRIBE),
	METHOD('R', 'R', "REFER", SIP_REFER),
	METHOD('M', 'E', "MESSAGE", SIP_MESSAGE),
	METHOD('P', 'H', "PUBLISH", SIP_PUBLISH),
};

enum sip_method sip_method_by_name(struct text name)
{
	if (name.len == 0)
		return SIP_METHOD_OTHER;
	const size_t first = (unsigned char)name.at[0];
	const size_t last = (unsigned char)name.at[name.len - 1];
	const enum sip_method method = methods[SLOT(first, last, name.len)];
	if (method == SIP_METHOD_OTHER ||
	    !text_equal(name, text_from(sip_method_names[method])))
		return SIP_METHOD_OTHER;
	return method;
}

static bool is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/* token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~" ) */
static bool is_token_char(char c)
{
	return is_letter(c) || ascii_is_digit(c) ||
	       (c != '\0' && text_find(TEXT("-.!%*_+`'~"), c) < sizeof "-.!%*_+`'~" - 1);
}

bool sip_is_token(struct text t)
{
	size_t n = 0;
	while (n < t.len && is_token_char(t.at[n]))
		n++;
	return n > 0 && n == t.len;
}

size_t sip_blank_start(struct text t)
{
	size_t n = 0;
	while (n < t.len && (t.at[n] == '\r' || t.at[n] == '\n'))
		n++;
	return n;
}

/* Cheap for what is not SIP: most of it fails on its first byte. */
bool sip_looks_like(struct span bytes)
{
	struct text t = text_of(bytes);
	t = text_skip(t, sip_blank_start(t));
	if (text_starts_nocase(t, TEXT("SIP/")))
		return true;
	size_t n = 0;
	while (n < t.len && n < SIP_MAX_LINE && is_token_char(t.at[n]))
		n++;
	if (n == 0 || n == t.len || t.at[n] != ' ')
		return false;
	if (sip_method_by_name(text_head(t, n)) != SIP_METHOD_OTHER)
		return true;
	const size_t line_len = text_find(text_head(t, SIP_MAX_LINE), '\n');
	const struct text line = text_head(t, line_len);
	return text_find_text(line, TEXT(" SIP/")) < line.len;
}

/* Where the scheme's colon is; t.len if t does not begin with a scheme. */
static size_t scheme_end(struct text t)
{
	size_t n = 0;
	while (n < t.len && (is_letter(t.at[n]) ||
	                     (n > 0 && (ascii_is_digit(t.at[n]) || t.at[n] == '+' ||
	                                t.at[n] == '-' || t.at[n] == '.'))))
		n++;
	return n > 0 && n < t.len && t.at[n] == ':' ? n : t.len;
}

/* What is behind the user part.  A user part may hold any of ; ? : so look for the @. */
static struct text host_part(struct text t)
{
	for (size_t n = t.len; n > 0; n--)
		if (t.at[n - 1] == '@')
			return text_skip(t, n);
	return t;
}

/* Length of the host; 0 if there is none.  IPv6 stands in brackets (RFC 5118 section 4.1).
 */
static size_t host_len(struct text t)
{
	if (t.len > 0 && t.at[0] == '[') {
		const size_t end = text_find(t, ']');
		return end < t.len ? end + 1 : 0;
	}
	size_t n = 0;
	while (n < t.len && t.at[n] != ':' && t.at[n] != ';' && t.at[n] != '?')
		n++;
	return n;
}

/* hostport and parameters; headers have no place in a Request-URI (section 19.1.1). */
static bool is_host_part(struct text t)
{
	const size_t n = host_len(t);
	if (n == 0)
		return false;
	t = text_skip(t, n);
	if (t.len > 0 && t.at[0] == ':') {
		t = text_skip(t, 1);
		while (t.len > 0 && ascii_is_digit(t.at[0]))
			t = text_skip(t, 1);
	}
	return t.len == 0 || (t.at[0] == ';' && text_find(t, '?') == t.len);
}

/* Blanks, controls, and what may stand around a URI. */
static bool is_foreign_to_uris(unsigned char c)
{
	static const uint64_t low = (UINT64_C(1) << (' ' + 1)) - 1 + (UINT64_C(1) << '"') +
	                            (UINT64_C(1) << '<') + (UINT64_C(1) << '>');
	return c < 64 ? low >> c & 1 : c == 0x7f;
}

static bool is_request_uri(struct text uri)
{
	for (size_t i = 0; i < uri.len; i++)
		if (is_foreign_to_uris((unsigned char)uri.at[i]))
			return false;
	const size_t colon = scheme_end(uri);
	if (colon == uri.len)
		return false;
	const struct text scheme = text_head(uri, colon);
	if (text_equal_nocase(scheme, TEXT("sip")) ||
	    text_equal_nocase(scheme, TEXT("sips")))
		return is_host_part(host_part(text_skip(uri, colon + 1)));
	return true; /* tel, or a scheme nobody knows: well formed (RFC 4475 section 3.3.2)
	              */
}

static enum sip_fault read_version(struct text version)
{
	if (!text_starts_nocase(version, TEXT("SIP/")))
		return SIP_FAULT_START_LINE;
	return text_equal_nocase(version, TEXT("SIP/2.0")) ? SIP_FAULT_NONE
	                                                   : SIP_FAULT_VERSION;
}

/* Request-Line = Method SP Request-URI SP SIP-Version CRLF */
static enum sip_fault read_request_line(struct text line, struct sip_message *out)
{
	struct text rest = line;
	out->is_request = true;
	out->method_name = text_cut(&rest, ' ');
	out->method = sip_method_by_name(out->method_name);
	size_t blank = rest.len;
	while (blank > 0 && rest.at[blank - 1] != ' ')
		blank--;
	if (blank == 0)
		return SIP_FAULT_START_LINE;
	out->request_uri = text_head(rest, blank - 1);
	const enum sip_fault fault = read_version(text_skip(rest, blank));
	if (fault != SIP_FAULT_NONE)
		return fault;
	if (out->method == SIP_METHOD_OTHER && !sip_is_token(out->method_name))
		return SIP_FAULT_START_LINE;
	const struct text uri = out->request_uri;
	if (uri.len == 0 || uri.at[0] == ' ' || uri.at[uri.len - 1] == ' ')
		return SIP_FAULT_START_LINE;
	return is_request_uri(uri) ? SIP_FAULT_NONE : SIP_FAULT_REQUEST_URI;
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF; the last SP may lack. */
static enum sip_fault read_status_line(struct text line, struct sip_message *out)
{
	struct text rest = line;
	const enum sip_fault fault = read_version(text_cut(&rest, ' '));
	if (fault != SIP_FAULT_NONE)
		return fault;
	const struct text code = text_cut(&rest, ' ');
	uint64_t status;
	if (code.len == 0)
		return SIP_FAULT_START_LINE;
	if (code.len != 3 || text_number(code, 699, &status) != OK || status < 100)
		return SIP_FAULT_STATUS_CODE;
	out->status = (unsigned int)status;
	out->reason = rest;
	return SIP_FAULT_NONE;
}

enum sip_fault sip_read_start_line(struct text line, struct sip_message *out)
{
	out->start_line = line;
	if (text_starts_nocase(line, TEXT("SIP/")))
		return read_status_line(line, out);
	return read_request_line(line, out);
}
