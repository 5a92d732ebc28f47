/*
 * mask_message.c - what of a SIP message (RFC 3261) and its SDP (RFC 8866) may be seen by
 * those who may not see people: how it went, not who it was.
 *
 * What is on the lists below stays, should it look as it has to; all else, known or not,
 * becomes a pseudonym, so that it can still be seen that two messages say the same.
 */
#include "web/mask.h"

#include <string.h>

#include "analyzer/model/codec.h"

enum { HEADERS_MAX = 512, SMALL_NUMBER = 6 };

static bool is_one_of(struct text t, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal_nocase(t, text_from(words[i])))
			return true;
	}
	return false;
}

static void add_hidden(struct mask *mask, struct text t, struct buffer *to)
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

static bool is_number(struct text t, size_t most_digits)
{
	for (size_t i = 0; i < t.len; i++) {
		if (!ascii_is_digit(t.at[i]))
			return false;
	}
	return t.len > 0 && t.len <= most_digits;
}

static void add_method(struct mask *mask, struct text method, struct buffer *to)
{
	if (is_one_of(method, methods, ARRAY_LEN(methods)))
		buffer_add(to, method);
	else
		add_hidden(mask, method, to);
}

/* "180 Ringing" */
static void add_status(struct mask *mask, struct text line, struct buffer *to)
{
	const struct text code = text_cut(&line, ' ');
	const struct text phrase = text_trim(line);
	if (is_number(code, 3))
		buffer_add(to, code);
	else
		add_hidden(mask, code, to);
	if (phrase.len == 0)
		return;
	buffer_add_char(to, ' ');
	if (is_one_of(phrase, phrases, ARRAY_LEN(phrases)))
		buffer_add(to, phrase);
	else
		add_hidden(mask, phrase, to);
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
	if (is_number(number, 10))
		buffer_add(to, number);
	else
		add_hidden(mask, number, to);
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
		add_hidden(mask, text_cut(&line, ' '), to);
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
		if (is_number(word, SMALL_NUMBER) ||
		    is_one_of(word, words_known, ARRAY_LEN(words_known)) ||
		    is_one_of(word, methods, ARRAY_LEN(methods)))
			buffer_add(to, word);
		else
			add_hidden(mask, word, to);
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
	add_hidden(mask, text_cut(&rest, ';'), to);
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
	add_hidden(mask, value, to);
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
	if (is_one_of(transport, transports, ARRAY_LEN(transports)))
		buffer_add(to, transport);
	else
		add_hidden(mask, transport, to);
	buffer_add_char(to, ' ');
	add_hidden(mask, text_head(value, text_find(value, ';')), to);
	add_parameter(mask, value, TEXT(";branch="), to);
}

static void add_value(struct mask *mask, enum shape shape, struct text value,
                      struct buffer *to)
{
	switch (shape) {
	case SHAPE_NUMBER:
		if (is_number(value, 10))
			buffer_add(to, value);
		else
			add_hidden(mask, value, to);
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
		add_hidden(mask, value, to);
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
	add_hidden(mask, name, to);
	buffer_add_char(to, ' ');
	add_hidden(mask, text_trim(line), to);
	buffer_add_string(to, "\r\n");
}

/* --- SDP ------------------------------------------------------------------------------ */

static const char *const media[] = { "audio", "video",       "image",
	                             "text",  "application", "message" };
static const char *const protocols[] = {
	"RTP/AVP",          "RTP/SAVP",          "RTP/AVPF", "RTP/SAVPF",
	"UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "udptl",    "UDPTL"
};

/* "audio 4000 RTP/AVP 0 8 101" */
static void add_media(struct mask *mask, struct text rest, struct buffer *to)
{
	for (unsigned int i = 0; rest.len > 0; i++) {
		const struct text word = text_cut_word(&rest);
		const bool known =
		        i == 0   ? is_one_of(word, media, ARRAY_LEN(media))
		        : i == 2 ? is_one_of(word, protocols, ARRAY_LEN(protocols))
		                 : is_number(word, 5) || text_equal(word, TEXT("t38"));
		if (i > 0)
			buffer_add_char(to, ' ');
		if (known)
			buffer_add(to, word);
		else
			add_hidden(mask, word, to);
	}
}

/* "IN IP4 192.0.2.1" */
static void add_connection(struct mask *mask, struct text rest, struct buffer *to)
{
	const bool v4 = text_starts(rest, TEXT("IN IP4 "));
	struct address address;
	char text[ENDPOINT_TEXT_SIZE];
	if ((v4 || text_starts(rest, TEXT("IN IP6 "))) &&
	    address_parse(text_trim(text_skip(rest, 7)), &address) == OK) {
		address = mask_address(mask, &address);
		buffer_add_string(to, address_is_ipv4(&address) ? "IN IP4 " : "IN IP6 ");
		buffer_add_string(to, address_format(&address, text));
	} else {
		add_hidden(mask, rest, to);
	}
}

/* "0 PCMU/8000", "101 telephone-event/8000" */
static void add_rtpmap(struct mask *mask, struct text rest, struct buffer *to)
{
	static const char *const others[] = { "telephone-event", "CN", "red" };
	const struct text whole = rest;
	const struct text type = text_cut_word(&rest);
	rest = text_trim(rest);
	const struct text name = text_head(rest, text_find(rest, '/'));
	struct text numbers = text_skip(rest, name.len + 1);
	const struct text clock = text_cut(&numbers, '/');
	if (is_number(type, 3) && is_number(clock, SMALL_NUMBER) &&
	    (numbers.len == 0 || is_number(numbers, 1)) &&
	    (codec_by_name(name, 0) != CODEC_UNKNOWN ||
	     is_one_of(name, others, ARRAY_LEN(others))))
		buffer_add(to, whole);
	else
		add_hidden(mask, whole, to);
}

/* "101 0-16", "18 annexb=no", "111 minptime=10;useinbandfec=1" */
static void add_fmtp(struct mask *mask, struct text rest, struct buffer *to)
{
	static const char *const names[] = {
		"annexa",
		"annexb",
		"mode",
		"minptime",
		"useinbandfec",
		"usedtx",
		"stereo",
		"octet-align",
		"mode-set",
		"cbr",
		"mode-change-capability",
		"max-red",
		"ptime",
		"maxptime",
		"maxplaybackrate",
		"maxaveragebitrate",
		"br",
		"bw",
		"yes",
		"no",
	};
	while (rest.len > 0) {
		size_t len = 0;
		while (len < rest.len && !strchr(" ;,=-", rest.at[len]))
			len++;
		/* octet-align and others have a hyphen within. */
		size_t longer = len;
		while (longer < rest.len && !strchr(" ;,=", rest.at[longer]))
			longer++;
		if (is_one_of(text_head(rest, longer), names, ARRAY_LEN(names)))
			len = longer;
		const struct text word = text_head(rest, len);
		if (is_number(word, SMALL_NUMBER) ||
		    is_one_of(word, names, ARRAY_LEN(names)))
			buffer_add(to, word);
		else
			add_hidden(mask, word, to);
		rest = text_skip(rest, len);
		if (rest.len > 0 && rest.at[0])
			buffer_add_char(to, rest.at[0]);
		rest = text_skip(rest, 1);
	}
}

static void add_attribute(struct mask *mask, struct text rest, struct buffer *to)
{
	static const char *const alone[] = { "sendrecv", "sendonly", "recvonly",
		                             "inactive", "rtcp-mux", "rtcp-rsize",
		                             "ice-lite" };
	static const char *const hidden[] = {
		"candidate", "crypto", "fingerprint", "ice-ufrag", "ice-pwd",
		"msid",      "ssrc",   "cname",       "mid",       "setup",
		"label",     "extmap", "rtcp-fb",     "group",     "rtcp-xr",
	};
	const bool valued = text_find(rest, ':') < rest.len;
	const struct text name = text_cut(&rest, ':');
	if (!valued && is_one_of(name, alone, ARRAY_LEN(alone))) {
		buffer_add(to, name);
		return;
	}
	const bool map = valued && text_equal(name, TEXT("rtpmap"));
	const bool format = valued && text_equal(name, TEXT("fmtp"));
	const bool number =
	        (text_equal(name, TEXT("ptime")) || text_equal(name, TEXT("maxptime")) ||
	         text_equal(name, TEXT("rtcp"))) &&
	        is_number(text_head(rest, text_find(rest, ' ')), 5);
	if (!map && !format && !number && !is_one_of(name, hidden, ARRAY_LEN(hidden))) {
		add_hidden(mask, name, to);
		return;
	}
	buffer_add(to, name);
	buffer_add_char(to, ':');
	if (map)
		add_rtpmap(mask, rest, to);
	else if (format)
		add_fmtp(mask, rest, to);
	else if (number)
		buffer_add(to, text_head(rest, text_find(rest, ' ')));
	else
		add_hidden(mask, rest, to);
}

static void add_sdp_line(struct mask *mask, struct text line, struct buffer *to)
{
	const struct text rest = text_skip(line, 2);
	if (line.len < 2 || line.at[1] != '=' || !strchr("vosiuepcbtrzkam", line.at[0]) ||
	    !line.at[0]) {
		add_hidden(mask, line, to);
		return;
	}
	buffer_add(to, text_head(line, 2));
	if (line.at[0] == 'm')
		add_media(mask, rest, to);
	else if (line.at[0] == 'c')
		add_connection(mask, rest, to);
	else if (line.at[0] == 'a')
		add_attribute(mask, rest, to);
	else if (text_equal(line, TEXT("v=0")) || text_equal(line, TEXT("s=-")) ||
	         text_equal(line, TEXT("t=0 0")))
		buffer_add(to, rest);
	else
		add_hidden(mask, rest, to);
}

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
			add_sdp_line(mask, line, to);
		buffer_add_string(to, "\r\n");
	}
}

/* --- the whole ------------------------------------------------------------------------ */

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
