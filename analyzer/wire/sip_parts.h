/*
 * sip_parts.h - what the files of the SIP parser share; others include sip.h.
 */
#ifndef EARSHOT_WIRE_SIP_PARTS_H
#define EARSHOT_WIRE_SIP_PARTS_H

#include "analyzer/wire/sip.h"
#include "analyzer/wire/sip_value.h"

enum {
	SIP_MAX_LINE = 8 * 1024, /* the start line, or one header field with its folds */
	SIP_MAX_SECTION = 64 * 1024, /* sip_message.first has 16 bits */
	SIP_MAX_FIELDS = 256,
	SIP_MAX_MESSAGE = 256 * 1024,
};

/* Linear white space: a value may hold folds. */
static inline bool sip_is_lws(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool sip_is_token(struct text t); /* RFC 3261 section 25.1; not empty */

enum sip_method sip_method_by_name(struct text name); /* case matters */

/* Blank lines before a start line, which are keep-alives (RFC 5626 section 3.5.1). */
size_t sip_blank_start(struct text t);

/* `line` without its line end.  Sets method or status, URI, reason, start_line. */
enum sip_fault sip_read_start_line(struct text line, struct sip_message *out);

enum sip_line {
	SIP_LINE_FIELD, /* *out is a header field */
	SIP_LINE_BAD,   /* no header field: nothing before the colon, or no colon */
	SIP_LINE_END,   /* the empty line, or nothing more */
};

/* The next field with its folds; *rest becomes what is behind it. */
enum sip_line sip_read_field(struct text *rest, struct sip_header_field *out);

/* One Via value (RFC 3261 section 20.42); false when it is none. */
bool sip_read_via(struct text value, struct text *sent_by, struct text *params);

/* A Date whose zone is not GMT, as section 20.17 demands. */
bool sip_date_is_foreign(struct text value);

#endif
