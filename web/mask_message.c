/*
 * mask_message.c - what of a SIP message (RFC 3261) and its SDP (RFC 8866) may be seen by
 * those who may not see people: how it went, not who it was.
 *
 * What is on the lists below stays, should it look as it has to; all else, known or not,
 * becomes a pseudonym, so that it can still be seen that two messages say the same.
 */
#include "web/mask_parts.h"

#include <string.h>

#include "analyzer/model/codec.h"

enum { HEADERS_MAX = 512 };

bool mask_is_one_of(struct text t, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal_nocase(t, text_from(words[i])))
			return true;
	}
	return false;
}

void mask_add_hidden(struct mask *mask, struct text t, struct buffer *to)
{
	char pseudonym[MASK_TEXT];
	mask_text(mask, t, pseudonym);
	buffer_add_string(to, pseudonym);
}

/* --- first lines ---------------------------------------------------------------------- */

static const char *const methods[] = {
	"INVITE", "ACK",       "BYE",    "CANCEL",  "OPTIONS", "REGISTER", "PRACK",
	"UPDATE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO",    "REFER",    "MESSAGE",
};

/* RFC 3261 section 21 and what came later; anything else may be anything. */
static const char *const phrases[] = {
	"Trying",
	"Ringing",
	"Call Is Being Forwarded",
	"Queued",
	"Session Progress",
	"Early Dialog Terminated",
	"OK",
	"Accepted",
	"No Notification",
	"Multiple Choices",
	"Moved Permanently",
	"Moved Temporarily",
	"Use Proxy",
	"Alternative Service",
	"Bad Request",
	"Unauthorized",
	"Payment Required",
	"Forbidden",
	"Not Found",
	"Method Not Allowed",
	"Not Acceptable",
	"Proxy Authentication Required",
	"Request Timeout",
	"Gone",
	"Conditional Request Failed",
	"Request Entity Too Large",
	"Request-URI Too Long",
	"Unsupported Media Type",
	"Unsupported URI Scheme",
	"Bad Extension",
	"Extension Required",
	"Session Interval Too Small",
	"Interval Too Brief",
	"Provide Referrer Identity",
	"Flow Failed",
	"Anonymity Disallowed",
	"Temporarily Unavailable",
	"Temporarily not available",
	"Call/Transaction Does Not Exist",
	"Call Leg/Transaction Does Not Exist",
	"Loop Detected",
	"Too Many Hops",
	"Address Incomplete",
	"Ambiguous",
	"Busy Here",
	"Request Terminated",
	"Request Cancelled",
	"Not Acceptable Here",
	"Bad Event",
	"Request Pending",
	"Undecipherable",
	"Security Agreement Required",
	"Server Internal Error",
	"Internal Server Error",
	"Not Implemented",
	"Bad Gateway",
	"Service Unavailable",
	"Server Time-out",
	"Version Not Supported",
	"Message Too Large",
	"Precondition Failure",
	"Busy Everywhere",
	"Decline",
	"Does Not Exist Anywhere",
	"Unwanted",
	"Rejected",
};

bool mask_is_common(struct text t)
{
	return mask_is_one_of(t, phrases, ARRAY_LEN(phrases)) ||
	       codec_by_name(t, 0) != CODEC_UNKNOWN;
}

bool mask_is_number(struct text t, size_t most_digits)
{
	for (size_t i = 0; i < t.len; i++) {
		if (!ascii_is_digit(t.at[i]))
			return false;
	}
	return t.len > 0 && t.len <= most_digits;
}

static void add_method(struct mask *mask, struct text method, struct buffer *to)
{
	if (mask_is_one_of(method, methods, ARRAY_LEN(methods)))
		buffer_add(to, method);
	else
		mask_add_hidden(mask, method, to);
}

/* "180 Ringing" */
static void add_status(struct mask *mask, struct text line, struct buffer *to)
{
	const struct text code = text_cut(&line, ' ');
	const struct text phrase = text_trim(line);
	if (mask_is_number(code, 3))
		buffer_add(to, code);
	else
		mask_add_hidden(mask, code, to);
	if (phrase.len == 0)
		return;
	buffer_add_char(to, ' ');
	if (mask_is_one_of(phrase, phrases, ARRAY_LEN(phrases)))
		buffer_add(to, phrase);
	else
		mask_add_hidden(mask, phrase, to);
}

void mask_add_summary(struct mask *mask, struct text summary, struct buffer *to)
{
	if (summary.len > 0 && ascii_is_digit(summary.at[0]))
		add_status(mask, summary, to);
	else
		add_method(mask, summary, to);
}

void mask_add_cseq(struct mask *mask, struct text cseq, struct buffer *to)
{
	const struct text number = text_cut_word(&cseq);
	if (mask_is_number(number, 10))
		buffer_add(to, number);
	else
		mask_add_hidden(mask, number, to);
	if (cseq.len > 0)
		buffer_add_char(to, ' ');
	add_method(mask, text_trim(cseq), to);
}

static void add_first_line(struct mask *mask, struct text line, struct buffer *to)
{
	if (text_starts_nocase(line, TEXT("SIP/2.0 "))) {
		buffer_add_string(to, "SIP/2.0 ");
		add_status(mask, text_skip(line, 8), to);
	} else {
		add_method(mask, text_cut(&line, ' '), to);
		buffer_add_char(to, ' ');
		mask_add_hidden(mask, text_cut(&line, ' '), to);
		if (text_equal_nocase(text_trim(line), TEXT("SIP/2.0")))
			buffer_add_string(to, " SIP/2.0");
	}
	buffer_add_string(to, "\r\n");
}

/* --- header fields -------------------------------------------------------------------- */

enum shape {
	SHAPE_HIDDEN, /* the name is known, the value is not shown */
	SHAPE_NUMBER,
	SHAPE_CSEQ,
	SHAPE_WORDS,  /* names of methods, options and types, with commas between */
	SHAPE_PERSON, /* a URI and perhaps a tag */
	SHAPE_VIA,
};

static const struct {
	const char *name;
	enum shape shape;
} headers[] = {
	{ "CSeq", SHAPE_CSEQ },
	{ "Content-Length", SHAPE_NUMBER },
	{ "l", SHAPE_NUMBER },
	{ "Max-Forwards", SHAPE_NUMBER },
	{ "Expires", SHAPE_NUMBER },
	{ "Min-Expires", SHAPE_NUMBER },
	{ "Min-SE", SHAPE_NUMBER },
	{ "Session-Expires", SHAPE_WORDS },
	{ "x", SHAPE_WORDS },
	{ "Retry-After", SHAPE_NUMBER },
	{ "Allow", SHAPE_WORDS },
	{ "Allow-Events", SHAPE_WORDS },
	{ "Accept", SHAPE_WORDS },
	{ "Content-Type", SHAPE_WORDS },
	{ "c", SHAPE_WORDS },
	{ "Content-Disposition", SHAPE_WORDS },
	{ "Supported", SHAPE_WORDS },
	{ "k", SHAPE_WORDS },
	{ "Require", SHAPE_WORDS },
	{ "Proxy-Require", SHAPE_WORDS },
	{ "Unsupported", SHAPE_WORDS },
	{ "Event", SHAPE_WORDS },
	{ "o", SHAPE_WORDS },
	{ "Privacy", SHAPE_WORDS },
	{ "Via", SHAPE_VIA },
	{ "v", SHAPE_VIA },
	{ "From", SHAPE_PERSON },
	{ "f", SHAPE_PERSON },
	{ "To", SHAPE_PERSON },
	{ "t", SHAPE_PERSON },
	{ "Contact", SHAPE_PERSON },
	{ "m", SHAPE_PERSON },
	{ "P-Asserted-Identity", SHAPE_PERSON },
	{ "P-Preferred-Identity", SHAPE_PERSON },
	{ "P-Called-Party-ID", SHAPE_PERSON },
	{ "Remote-Party-ID", SHAPE_PERSON },
	{ "Diversion", SHAPE_PERSON },
	{ "History-Info", SHAPE_PERSON },
	{ "Refer-To", SHAPE_PERSON },
	{ "r", SHAPE_PERSON },
	{ "Referred-By", SHAPE_PERSON },
	{ "b", SHAPE_PERSON },
	{ "Route", SHAPE_PERSON },
	{ "Record-Route", SHAPE_PERSON },
	{ "Call-ID", SHAPE_HIDDEN },
	{ "i", SHAPE_HIDDEN },
	{ "User-Agent", SHAPE_HIDDEN },
	{ "Server", SHAPE_HIDDEN },
	{ "Subject", SHAPE_HIDDEN },
	{ "s", SHAPE_HIDDEN },
	{ "Organization", SHAPE_HIDDEN },
	{ "Authorization", SHAPE_HIDDEN },
	{ "Proxy-Authorization", SHAPE_HIDDEN },
	{ "WWW-Authenticate", SHAPE_HIDDEN },
	{ "Proxy-Authenticate", SHAPE_HIDDEN },
	{ "Authentication-Info", SHAPE_HIDDEN },
	{ "Reason", SHAPE_HIDDEN },
	{ "Warning", SHAPE_HIDDEN },
	{ "Replaces", SHAPE_HIDDEN },
	{ "Identity", SHAPE_HIDDEN },
	{ "RSeq", SHAPE_NUMBER },
	{ "RAck", SHAPE_HIDDEN },
	{ "Date", SHAPE_HIDDEN },
	{ "Session-ID", SHAPE_HIDDEN },
	{ "Path", SHAPE_PERSON },
	{ "Service-Route", SHAPE_PERSON },
	{ "P-Access-Network-Info", SHAPE_HIDDEN },
	{ "P-Charging-Vector", SHAPE_HIDDEN },
	{ "Subscription-State", SHAPE_HIDDEN },
	{ "Geolocation", SHAPE_HIDDEN },
	{ "Alert-Info", SHAPE_HIDDEN },
	{ "Call-Info", SHAPE_HIDDEN },
	{ "Accept-Encoding", SHAPE_HIDDEN },
	{ "Accept-Language", SHAPE_HIDDEN },
	{ "Timestamp", SHAPE_HIDDEN },
};

/* Options, event packages, types and what stands between. */
static const char *const words_known[] = {
	"100rel",
	"timer",
	"replaces",
	"outbound",
	"path",
	"gruu",
	"precondition",
	"norefersub",
	"histinfo",
	"from-change",
	"tdialog",
	"eventlist",
	"join",
	"early-session",
	"sec-agree",
	"refresher=uac",
	"refresher=uas",
	"application/sdp",
	"application/dtmf-relay",
	"application/simple-message-summary",
	"application/pidf+xml",
	"application/vq-rtcpxr",
	"application/isup",
	"multipart/mixed",
	"text/plain",
	"message/sipfrag",
	"dialog",
	"presence",
	"message-summary",
	"refer",
	"reg",
	"vq-rtcpxr",
	"session",
	"render",
	"id",
	"header",
	"user",
	"none",
	"critical",
	"history",
};

static void add_words(struct mask *mask, struct text value, struct buffer *to)
{
	while (value.len > 0) {
		size_t len = 0;
		while (len < value.len && !strchr(" ,;\t", value.at[len]))
			len++;
		const struct text word = text_head(value, len);
		if (mask_is_number(word, MASK_SMALL_NUMBER) ||
		    mask_is_one_of(word, words_known, ARRAY_LEN(words_known)) ||
		    mask_is_one_of(word, methods, ARRAY_LEN(methods)))
			buffer_add(to, word);
		else
			mask_add_hidden(mask, word, to);
		value = text_skip(value, len);
		if (value.len > 0 && value.at[0])
			buffer_add_char(to, value.at[0]);
		value = text_skip(value, 1);
	}
}

/* `name=value` among the parameters behind the URI, as a pseudonym. */
static void add_parameter(struct mask *mask, struct text value, struct text name,
                          struct buffer *to)
{
	const size_t at = text_find_text(value, name);
	if (at >= value.len)
		return;
	struct text rest = text_skip(value, at + name.len);
	buffer_add(to, name);
	mask_add_hidden(mask, text_cut(&rest, ';'), to);
}

static void add_person(struct mask *mask, struct text value, struct buffer *to)
{
	const size_t bracket = text_find(value, '>');
	if (value.len == 0)
		return;
	if (text_equal(value, TEXT("*"))) { /* Contact of who unregisters */
		buffer_add(to, value);
		return;
	}
	buffer_add_char(to, '<');
	mask_add_hidden(mask, value, to);
	buffer_add_char(to, '>');
	add_parameter(mask, bracket < value.len ? text_skip(value, bracket) : value,
	              TEXT(";tag="), to);
}

/* "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK..." */
static void add_via(struct mask *mask, struct text value, struct buffer *to)
{
	static const char *const transports[] = { "SIP/2.0/UDP", "SIP/2.0/TCP",
		                                  "SIP/2.0/TLS", "SIP/2.0/WS",
		                                  "SIP/2.0/WSS", "SIP/2.0/SCTP" };
	const struct text transport = text_cut_word(&value);
	if (mask_is_one_of(transport, transports, ARRAY_LEN(transports)))
		buffer_add(to, transport);
	else
		mask_add_hidden(mask, transport, to);
	buffer_add_char(to, ' ');
	mask_add_hidden(mask, text_head(value, text_find(value, ';')), to);
	add_parameter(mask, value, TEXT(";branch="), to);
}

static void add_value(struct mask *mask, enum shape shape, struct text value,
                      struct buffer *to)
{
	switch (shape) {
	case SHAPE_NUMBER:
		if (mask_is_number(value, 10))
			buffer_add(to, value);
		else
			mask_add_hidden(mask, value, to);
		break;
	case SHAPE_CSEQ:
		mask_add_cseq(mask, value, to);
		break;
	case SHAPE_WORDS:
		add_words(mask, value, to);
		break;
	case SHAPE_PERSON:
		add_person(mask, value, to);
		break;
	case SHAPE_VIA:
		add_via(mask, value, to);
		break;
	case SHAPE_HIDDEN:
		mask_add_hidden(mask, value, to);
		break;
	}
}

static void add_header(struct mask *mask, struct text line, struct buffer *to)
{
	const struct text name = text_trim(text_cut(&line, ':'));
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		if (!text_equal_nocase(name, text_from(headers[i].name)))
			continue;
		buffer_add_string(to, headers[i].name);
		buffer_add_string(to, ": ");
		add_value(mask, headers[i].shape, text_trim(line), to);
		buffer_add_string(to, "\r\n");
		return;
	}
	buffer_add_string(to, "X-Hidden: ");
	mask_add_hidden(mask, name, to);
	buffer_add_char(to, ' ');
	mask_add_hidden(mask, text_trim(line), to);
	buffer_add_string(to, "\r\n");
}

/* --- the whole ------------------------------------------------------------------------ */

static void add_body(struct mask *mask, struct text body, struct buffer *to)
{
	if (body.len == 0)
		return;
	if (!text_starts(body, TEXT("v="))) {
		buffer_format(to, "(%zu octets)\r\n", body.len);
		return;
	}
	while (body.len > 0) {
		const struct text line = text_cut_line(&body);
		if (line.len > 0)
			mask_add_sdp_line(mask, line, to);
		buffer_add_string(to, "\r\n");
	}
}

/* A header field with its folded lines; advances *rest. */
static struct text cut_header(struct text *rest)
{
	const char *const begin = rest->at;
	struct text line = text_cut_line(rest);
	size_t len = line.len;
	while (rest->len > 0 && ascii_is_space(rest->at[0])) {
		line = text_cut_line(rest);
		len = (size_t)(line.at - begin) + line.len;
	}
	return (struct text){ begin, len };
}

void mask_add_message(struct mask *mask, struct text message, struct buffer *to)
{
	if (message.len == 0)
		return;
	add_first_line(mask, text_cut_line(&message), to);
	for (size_t i = 0; message.len > 0 && i < HEADERS_MAX; i++) {
		const struct text line = cut_header(&message);
		if (line.len == 0)
			break;
		add_header(mask, line, to);
	}
	buffer_add_string(to, "\r\n");
	add_body(mask, message, to);
}
