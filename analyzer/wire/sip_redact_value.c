/* sip_redact_value.c - what is hidden within one value: passwords of URIs, credentials. */
#include "analyzer/wire/sip_redact_parts.h"

#include <string.h>

#include "analyzer/wire/sip_redact.h"

void redacted_keep(struct redacted *out, struct text t)
{
	const struct text fits = text_head(t, out->size - out->len);
	if (fits.len)
		memcpy(out->to + out->len, fits.at, fits.len);
	out->len += fits.len;
}

void redacted_hide(struct redacted *out)
{
	redacted_keep(out, TEXT(SIP_REDACTED));
}

size_t redact_find(struct text t, struct text needle)
{
	for (size_t i = 0; needle.len <= t.len - i; i++)
		if (text_starts_nocase(text_skip(t, i), needle))
			return i;
	return t.len;
}

bool redact_has_any(struct text t, const char *const *needles, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (redact_find(t, text_from(needles[i])) < t.len)
			return true;
	return false;
}

/* --- URIs ----------------------------------------------------------------------------- */

static bool ends_uri(char c)
{
	return (unsigned char)c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f;
}

/*
 * Behind a scheme's colon: user, colon, password, @.  The @ is the last one before what can
 * only follow a host, for careless devices leave one in the password.
 */
static bool find_password(struct text t, size_t *from, size_t *to)
{
	size_t colon = t.len;
	size_t at = t.len;
	for (size_t i = 0; i < t.len && !ends_uri(t.at[i]); i++) {
		const char c = t.at[i];
		if (c == ':' && colon == t.len && at == t.len)
			colon = i;
		else if (c == '@')
			at = i;
		else if (at < t.len && (c == ';' || c == '?' || c == ','))
			break;
	}
	*from = colon + 1;
	*to = at;
	return colon < at && at < t.len && *from < *to;
}

/* A header that the URI brings along (RFC 3261 section 19.1.1), up to the next one. */
static size_t header_end(struct text t)
{
	size_t end = 0;
	while (end < t.len && !ends_uri(t.at[end]) && t.at[end] != '&')
		end++;
	return end;
}

static size_t starts_with(struct text t, const char *const *beginnings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct text beginning = text_from(beginnings[i]);
		if (text_starts_nocase(t, beginning))
			return beginning.len;
	}
	return 0;
}

/* What t begins with that makes the rest of it worth a look; 0 = nothing. */
static size_t uri_step(struct text t, size_t *from, size_t *to)
{
	static const char *const schemes[] = { "sip:", "sips:", "://" };
	static const char *const headers[] = { "authorization=", "?body=", "&body=" };
	size_t len = starts_with(t, schemes, ARRAY_LEN(schemes));
	if (len)
		return find_password(text_skip(t, len), from, to) ? len : 0;
	len = starts_with(t, headers, ARRAY_LEN(headers));
	*from = 0;
	*to = header_end(text_skip(t, len));
	return *to ? len : 0;
}

void redact_uris(struct redacted *out, struct text value)
{
	size_t kept = 0;
	size_t from;
	size_t to;
	for (size_t i = 0; i < value.len; i++) {
		const char c = value.at[i];
		if (c != ':' && c != '?' && c != '&' && ascii_lower(c) != 's' &&
		    ascii_lower(c) != 'a')
			continue;
		const size_t step = uri_step(text_skip(value, i), &from, &to);
		if (!step)
			continue;
		redacted_keep(out,
		              text_head(text_skip(value, kept), i + step + from - kept));
		redacted_hide(out);
		kept = i + step + to;
		i = kept - 1;
	}
	redacted_keep(out, text_skip(value, kept));
}

size_t sip_redact_uris(struct text value, char *to, size_t size)
{
	struct redacted out = { .to = to, .size = size };
	redact_uris(&out, value);
	return out.len;
}

bool sip_may_hold_password(struct text value)
{
	if (text_find(value, '=') < value.len)
		return true;
	/* scheme:user:password@ */
	const struct text user = text_skip(value, text_find(value, ':') + 1);
	const struct text password = text_skip(user, text_find(user, ':') + 1);
	return text_find(password, '@') < password.len;
}

/* --- credentials ---------------------------------------------------------------------- */

static bool is_one_of(struct text name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal_nocase(name, text_from(names[i])))
			return true;
	return false;
}

/* Blanks and line ends, as a folded value has them between its parts. */
static size_t blanks(struct text t)
{
	size_t n = 0;
	while (n < t.len && (ascii_is_space(t.at[n]) || t.at[n] == '\r' || t.at[n] == '\n'))
		n++;
	return n;
}

/* Up to a comma outside of quotes. */
static size_t item_end(struct text t)
{
	bool quoted = false;
	for (size_t i = 0; i < t.len; i++) {
		if (quoted && t.at[i] == '\\')
			i++;
		else if (t.at[i] == '"')
			quoted = !quoted;
		else if (t.at[i] == ',' && !quoted)
			return i;
	}
	return t.len;
}

/* Of a value and the blanks before it: what is in quotes, or a word. */
static size_t word_len(struct text t)
{
	size_t end = blanks(t);
	if (end < t.len && t.at[end] == '"') {
		for (end++; end < t.len && t.at[end] != '"'; end++)
			end += t.at[end] == '\\' && end + 1 < t.len;
		return end < t.len ? end + 1 : t.len;
	}
	while (end < t.len && blanks(text_skip(t, end)) == 0 && t.at[end] != ';' &&
	       t.at[end] != '"')
		end++;
	return end;
}

/* name=value without the blanks around it. */
static void redact_item(struct redacted *out, struct text item)
{
	static const char *const open[] = { "username",  "username*", "realm",
		                            "algorithm", "qop",       "stale" };
	static const char *const known[] = {
		"response", "nonce", "cnonce",     "nextnonce",  "rspauth", "opaque",
		"uri",      "nc",    "domain",     "userhash",   "charset", "auts",
		"ik",       "ck",    "version",    "targetname", "crand",   "cnum",
		"snum",     "srand", "gssapi-data"
	};
	const size_t equals = text_find(item, '=');
	const struct text name = text_trim(text_head(item, equals));
	if (equals < item.len && is_one_of(name, open, ARRAY_LEN(open))) {
		const size_t end = equals + 1 + word_len(text_skip(item, equals + 1));
		redacted_keep(out, text_head(item, end));
		if (end < item.len)
			redacted_hide(out); /* where a comma is missing */
		return;
	}
	if (equals < item.len && is_one_of(name, known, ARRAY_LEN(known))) {
		redacted_keep(out, name);
		redacted_keep(out, TEXT("="));
	}
	if (item.len)
		redacted_hide(out);
}

static void redact_items(struct redacted *out, struct text rest)
{
	while (rest.len) {
		const size_t before = blanks(rest);
		redacted_keep(out, text_head(rest, before));
		rest = text_skip(rest, before);
		const size_t end = item_end(rest);
		const struct text item = text_trim(text_head(rest, end));
		redact_item(out, item);
		redacted_keep(out,
		              text_head(text_skip(rest, item.len), end + 1 - item.len));
		rest = text_skip(rest, end + 1);
	}
}

/* The word in front of the parameters; 0: there is none, as in Authentication-Info. */
static size_t scheme_len(struct text value)
{
	size_t len = 0;
	while (len < value.len && blanks(text_skip(value, len)) == 0 &&
	       value.at[len] != '=' && value.at[len] != ',' && value.at[len] != '"')
		len++;
	const size_t behind = len + blanks(text_skip(value, len));
	return len < value.len && behind > len && value.at[len] != '=' &&
	                       !(behind < value.len && value.at[behind] == '=')
	               ? len
	               : 0;
}

void redact_credentials(struct redacted *out, struct text value)
{
	/* Whose parameters have names; of any other scheme all that follows is secret. */
	static const char *const schemes[] = { "digest", "ntlm", "kerberos", "tls-dsk" };
	const size_t before = blanks(value);
	redacted_keep(out, text_head(value, before));
	value = text_skip(value, before);
	const size_t len = scheme_len(value);
	const struct text scheme = text_head(value, len);
	redacted_keep(out, scheme);
	value = text_skip(value, len);
	if (len == 0 || is_one_of(scheme, schemes, ARRAY_LEN(schemes))) {
		redact_items(out, value);
		return;
	}
	const size_t gap = blanks(value);
	redacted_keep(out, text_head(value, gap));
	if (value.len > gap)
		redacted_hide(out);
}
