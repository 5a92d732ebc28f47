#include "analyzer/wire/sip_redact.h"

#include "analyzer/wire/sip_header.h"
#include "analyzer/wire/sip_redact_parts.h"

/* What the head says of the body. */
struct head {
	bool is_message, is_info; /* the method, of the request or in CSeq */
	bool is_sip, is_multipart, is_harmless, is_dialled, is_encoded;
};

/* --- lines ---------------------------------------------------------------------------- */

/* Index behind the end of the first line: CRLF, LF or CR; or several CR, which some send.
 */
static size_t line_end(struct text t)
{
	size_t i = 0;
	while (i < t.len && t.at[i] != '\r' && t.at[i] != '\n')
		i++;
	while (i < t.len && t.at[i] == '\r')
		i++;
	return i < t.len && t.at[i] == '\n' ? i + 1 : i;
}

static size_t without_end(struct text line)
{
	size_t len = line.len;
	while (len > 0 && (line.at[len - 1] == '\r' || line.at[len - 1] == '\n'))
		len--;
	return len;
}

/* A line with those that continue it: they begin with a blank. */
static struct text cut_field(struct text *rest)
{
	size_t end = line_end(*rest);
	while (end < rest->len && ascii_is_space(rest->at[end]))
		end += line_end(text_skip(*rest, end));
	const struct text field = text_head(*rest, end);
	*rest = text_skip(*rest, end);
	return field;
}

static void keep_end(struct redacted *out, struct text field)
{
	redacted_keep(out, text_skip(field, without_end(field)));
}

/* --- header fields -------------------------------------------------------------------- */

static bool is_credentials(struct text name)
{
	return text_ends_nocase(name, TEXT("authorization")) ||
	       text_ends_nocase(name, TEXT("authenticate")) ||
	       text_ends_nocase(name, TEXT("authentication-info"));
}

/* No standard's, but what devices and proxies add. */
static bool is_secret(struct text name)
{
	static const char *const words[] = { "passw",  "secret",  "token",  "credential",
		                             "apikey", "api-key", "cookie", "auth" };
	return redact_has_any(name, words, ARRAY_LEN(words));
}

/* True: that was a header whose value is not to be seen. */
static bool redact_header(struct redacted *out, struct text field)
{
	const size_t colon = text_find(field, ':');
	const struct text name = text_trim(text_head(field, colon));
	const struct text value =
	        text_skip(text_head(field, without_end(field)), colon + 1);
	if (colon == field.len || (!is_credentials(name) && !is_secret(name)))
		return false;
	redacted_keep(out, text_head(field, colon + 1));
	if (is_credentials(name)) {
		redact_credentials(out, value);
	} else if (text_trim(value).len) {
		redacted_keep(out, TEXT(" "));
		redacted_hide(out);
	}
	keep_end(out, field);
	return true;
}

static void note_method(struct head *head, struct text method)
{
	head->is_message = head->is_message || text_equal_nocase(method, TEXT("MESSAGE"));
	head->is_info = head->is_info || text_equal_nocase(method, TEXT("INFO"));
}

static void note_type(struct head *head, struct text type)
{
	static const char *const dialled[] = { "dtmf", "kpml", "digits",
		                               "telephone-event" };
	static const char *const closed[] = { "pkcs7", "cpim" };
	const struct text bare = text_trim(text_head(type, text_find(type, ';')));
	head->is_sip = head->is_sip || text_equal_nocase(bare, TEXT("message/sip"));
	head->is_multipart =
	        head->is_multipart || text_starts_nocase(bare, TEXT("multipart/"));
	head->is_harmless = text_equal_nocase(bare, TEXT("application/sdp")) ||
	                    text_equal_nocase(bare, TEXT("application/media_control+xml"));
	head->is_dialled =
	        head->is_dialled || redact_has_any(type, dialled, ARRAY_LEN(dialled));
	head->is_encoded =
	        head->is_encoded || redact_has_any(type, closed, ARRAY_LEN(closed));
}

static void note_header(struct head *head, struct text field)
{
	const size_t colon = text_find(field, ':');
	const struct text name = text_trim(text_head(field, colon));
	struct text value = text_trim(text_skip(field, colon + 1));
	const enum sip_header header = sip_header_by_name(name);
	if (header == SIP_CSEQ) {
		text_cut_word(&value);
		note_method(head, text_trim(value));
	} else if (header == SIP_CONTENT_TYPE) {
		note_type(head, value);
	} else if (header == SIP_CONTENT_ENCODING ||
	           text_equal_nocase(name, TEXT("content-transfer-encoding"))) {
		static const char *const plain[] = { "identity", "8bit", "7bit", "binary" };
		head->is_encoded =
		        head->is_encoded ||
		        (value.len && !redact_has_any(value, plain, ARRAY_LEN(plain)));
	}
}

/* --- the body ------------------------------------------------------------------------- */

/* Of what the lines of a body say, should it have messages or parts of a multipart. */
static struct head head_within(struct text body)
{
	struct head head = { 0 };
	while (body.len) {
		const struct text field = cut_field(&body);
		const struct text line = text_trim(text_head(field, without_end(field)));
		struct text words = line;
		if (text_ends_nocase(line, TEXT("SIP/2.0")))
			note_method(&head, text_cut_word(&words));
		note_header(&head, field);
	}
	return head;
}

static bool hides_all(const struct head *head, struct text body)
{
	static const char *const parts[] = { "dtmf",
		                             "kpml",
		                             "networks.digits",
		                             "cpim",
		                             "pkcs7",
		                             "quoted-printable",
		                             "base64",
		                             "content-encoding" };
	if (head->is_message || (head->is_info && !head->is_harmless) || head->is_dialled ||
	    head->is_encoded || head->is_sip)
		return true;
	if (head->is_harmless)
		return false;
	const struct head within = head_within(body);
	return within.is_message || within.is_info || within.is_dialled ||
	       within.is_encoded || within.is_sip ||
	       (head->is_multipart && redact_has_any(body, parts, ARRAY_LEN(parts)));
}

/* "1 AES_CM_128_HMAC_SHA1_80 " of what follows crypto: tells which, and no key. */
static size_t suite_end(struct text t)
{
	static const char *const suites[] = { "AES_",  "AEAD_", "F8_",
		                              "SEED_", "NULL_", "ARIA_" };
	struct text rest = t;
	const struct text tag = text_cut_word(&rest);
	const struct text suite = text_cut_word(&rest);
	uint64_t number;
	if (text_number(tag, INT32_MAX, &number) != OK)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(suites); i++)
		if (text_starts_nocase(suite, text_from(suites[i])))
			return t.len - rest.len;
	return (size_t)(tag.at + tag.len - t.at);
}

/* "passw" to "password=": as much as says what it is that is not shown. */
static size_t word_end(struct text line, size_t at)
{
	while (at < line.len && ascii_lower(line.at[at]) >= 'a' &&
	       ascii_lower(line.at[at]) <= 'z')
		at++;
	const struct text behind = text_trim(text_skip(line, at));
	const bool says = behind.len && (behind.at[0] == '=' || behind.at[0] == ':' ||
	                                 behind.at[0] == '>');
	return says ? (size_t)(behind.at + 1 - line.at) : at;
}

/* Behind the attribute's colon, blanks before which are nobody's but are seen; line.len:
 * it is not there. */
static size_t attribute_end(struct text line, const char *name)
{
	const struct text needle = text_from(name);
	for (size_t from = 0; from < line.len;) {
		const size_t at = from + redact_find(text_skip(line, from), needle);
		if (at >= line.len)
			break;
		from = at + needle.len;
		size_t colon = from;
		while (colon < line.len && ascii_is_space(line.at[colon]))
			colon++;
		if (colon < line.len && line.at[colon] == ':')
			return colon + 1;
	}
	return line.len;
}

/* Where in a line of SDP, or of any text, something begins that ends with the line. */
static size_t secret_in(struct text line)
{
	static const char *const keys[] = { "key-mgmt", "ice-pwd", "inline" };
	static const char *const words[] = { "passw", "secret" };
	const struct text first = text_trim(text_head(line, text_find(line, '=')));
	if (text_equal_nocase(first, TEXT("k")) && text_find(line, '=') < line.len)
		return text_find(line, '=') + 1;
	const size_t crypto = attribute_end(line, "crypto");
	if (crypto < line.len)
		return crypto + suite_end(text_skip(line, crypto));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const size_t at = attribute_end(line, keys[i]);
		if (at < line.len)
			return at;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const size_t at = redact_find(line, text_from(words[i]));
		if (at < line.len)
			return word_end(line, at + text_from(words[i]).len);
	}
	return line.len;
}

/* Begins it like a line of which something is hidden whatever stands there? */
static bool is_hidden(struct text line)
{
	const struct text name = text_trim(text_head(line, text_find(line, ':')));
	const struct text type = text_trim(text_head(line, text_find(line, '=')));
	return (text_find(line, ':') < line.len &&
	        (is_credentials(name) || is_secret(name))) ||
	       (text_find(line, '=') < line.len && text_equal_nocase(type, TEXT("k")));
}

/* Where a line begins, behind its blanks, that only looks as if it continued another:
 * bodies need not be folded as headers are. */
static size_t hidden_line(struct text field)
{
	size_t at = line_end(field);
	while (at < field.len) {
		while (at < field.len && ascii_is_space(field.at[at]))
			at++;
		const struct text rest = text_skip(field, at);
		const size_t end = line_end(rest);
		if (is_hidden(text_head(rest, end)))
			return at;
		at += end;
	}
	return field.len;
}

static void redact_body_line(struct redacted *out, struct text field)
{
	const struct text line = text_head(field, without_end(field));
	size_t secret = secret_in(line);
	if (redact_header(out, field))
		return;
	while (secret < line.len && ascii_is_space(line.at[secret]))
		secret++;
	redact_uris(out, text_head(line, secret));
	if (secret < line.len)
		redacted_hide(out);
	keep_end(out, field);
}

static void redact_body_field(struct redacted *out, struct text field)
{
	const struct text line = text_head(field, without_end(field));
	const size_t hidden = hidden_line(line);
	const bool own = !is_hidden(line) && hidden < secret_in(line);
	if (own)
		redact_uris(out, text_head(field, hidden));
	redact_body_line(out, own ? text_skip(field, hidden) : field);
}

static void redact_body(struct redacted *out, const struct head *head, struct text body)
{
	if (body.len == 0)
		return;
	if (hides_all(head, body)) {
		redacted_hide(out);
		return;
	}
	while (body.len)
		redact_body_field(out, cut_field(&body));
}

size_t sip_redact(struct text message, char *to, size_t size)
{
	struct redacted out = { .to = to, .size = size };
	struct head head = { 0 };
	size_t before = 0;
	while (before < message.len &&
	       (message.at[before] == '\r' || message.at[before] == '\n'))
		before++; /* as keep-alive packets have them */
	redacted_keep(&out, text_head(message, before));
	struct text rest = text_skip(message, before);
	const struct text start = cut_field(&rest);
	struct text words = start;
	note_method(&head, text_cut_word(&words));
	redact_uris(&out, start);
	while (rest.len) {
		const struct text field = cut_field(&rest);
		if (without_end(field) == 0) {
			redacted_keep(&out, field);
			break;
		}
		note_header(&head, field);
		if (!redact_header(&out, field))
			redact_uris(&out, field);
	}
	redact_body(&out, &head, rest);
	return out.len;
}
