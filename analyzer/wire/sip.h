/*
 * sip.h - one SIP message to slices of itself (RFC 3261 sections 7, 20, 25).
 *
 * A monitor's parser: it accepts what devices really send (bare LF, blanks before the
 * colon, Content-Length padded with blanks, RFC 2543 syntax without branch or tags)
 * and refuses, with a named fault, what RFC 3261 does not let anybody act upon.  It
 * keeps no list of all headers; `sip_next_header` walks them again for who wants one
 * that is not kept here.
 */
#ifndef EARSHOT_WIRE_SIP_H
#define EARSHOT_WIRE_SIP_H

#include "analyzer/base/text.h"
#include "analyzer/wire/sip_header.h"

enum sip_method {
	SIP_METHOD_OTHER, /* well formed, none of ours: sip_message.method says which */
	/* clang-format off */
	SIP_INVITE, SIP_ACK, SIP_BYE, SIP_CANCEL, SIP_REGISTER, SIP_OPTIONS, SIP_PRACK,
	SIP_UPDATE, SIP_INFO, SIP_SUBSCRIBE, SIP_NOTIFY, SIP_REFER, SIP_MESSAGE, SIP_PUBLISH,
	/* clang-format on */
	SIP_METHOD_COUNT
};

/* Why a message is refused (hardening: malformed is a result, with a reason). */
enum sip_fault {
	SIP_FAULT_NONE,
	SIP_FAULT_START_LINE, /* neither a request line nor a status line */
	SIP_FAULT_VERSION,    /* SIP/ but not 2.0 */
	SIP_FAULT_REQUEST_URI,
	SIP_FAULT_STATUS_CODE,     /* outside 100..699 */
	SIP_FAULT_HEADER,          /* a line that is no header field */
	SIP_FAULT_MISSING_HEADER,  /* in a response only Call-ID is missed */
	SIP_FAULT_REPEATED_HEADER, /* two different values where one is allowed */
	SIP_FAULT_CSEQ,    /* not a number below 2^32 and a method; or not the request's */
	SIP_FAULT_ADDRESS, /* From, To or Contact that is no name-addr or addr-spec */
	SIP_FAULT_VIA,
	SIP_FAULT_CONTENT_LENGTH, /* not a number, or beyond the end of the datagram */
	SIP_FAULT_DATE,           /* in a time zone other than GMT */
	SIP_FAULT_TOO_LONG,       /* a line or the headers over a limit of sip.c */
	SIP_FAULT_COUNT
};

extern const char *const sip_fault_names[SIP_FAULT_COUNT];
extern const char *const sip_method_names[SIP_METHOD_COUNT]; /* [SIP_METHOD_OTHER] NULL */

/* Of the registry that RFC 3261 section 27.1 began. */
enum { SIP_OPTION_TAGS = 16 };
extern const char *const sip_option_tags[SIP_OPTION_TAGS];

/* From, To, Contact: the parts that matter here.  Borrowed slices. */
struct sip_address {
	struct text raw;     /* the whole value as it stood */
	struct text display; /* without its quotes, escapes left in; may be empty */
	struct text uri;     /* without angle brackets */
	struct text params;  /* behind the address, without the first ';' */
	struct text tag;     /* of From and To; empty if none */
};

struct sip_message {
	bool is_request;
	/* Of the request, or of CSeq in a response; OTHER without CSeq. */
	enum sip_method method;
	struct text method_name; /* verbatim; of a response, CSeq's; empty if it has none */
	struct text request_uri; /* requests */
	unsigned int status;     /* responses, 100..699; 0 in requests */
	struct text reason;      /* responses; may be empty */
	struct text start_line;

	struct text call_id; /* case-sensitive, verbatim */
	struct sip_address from, to;
	uint32_t cseq;
	struct text via_sent_by;    /* of the topmost Via */
	struct text via_branch;     /* too; may be empty (RFC 2543) */
	struct text via_params;     /* too; all of them */
	unsigned int via_count;     /* Via values, all headers together */
	struct sip_address contact; /* first Contact value; uri empty if none */
	bool contact_is_star;
	int64_t contact_expires_s; /* expires= of the first Contact; -1 if absent */
	int64_t expires_s;         /* Expires header; -1 if absent */
	struct text user_agent, server, content_type, session_id, reason_header;
	bool has_authorization; /* Authorization or Proxy-Authorization */
	bool has_replaces;

	uint64_t header_bits; /* those of sip_header.h that stand there: sip_has_header */
	uint64_t other_bits;  /* of others, their sip_name_bit */
	uint16_t first[SIP_HEADER_COUNT]; /* where in `headers` the first such one stands */
	/* Of an INVITE, all of its Allow and Supported: bits of enum sip_method, and of
	 * sip_option_tags. */
	uint16_t allow, supported;
	struct text headers; /* the header section, for sip_next_header */
	struct span body;    /* by Content-Length, or the rest of a datagram without one */
	size_t consumed;     /* bytes of the input that this message takes */
	bool truncated;      /* the capture ended first; what was there is in here */
};

/* An INVITE outside any dialog (RFC 3261 section 13.2). */
static inline bool sip_begins_dialog(const struct sip_message *message)
{
	return message->is_request && message->method == SIP_INVITE &&
	       message->to.tag.len == 0;
}

/* How the message came. */
enum sip_carrier {
	SIP_DATAGRAM,     /* all of it, or nothing of it, is there */
	SIP_DATAGRAM_CUT, /* the capture cut the datagram short (snaplen) */
	SIP_STREAM,       /* exactly one message as framed by sip_frame.h */
};

/* Cheap: does it begin like a SIP request or response?  Blank lines before it count not. */
bool sip_looks_like(struct span bytes);

/*
 * Parses one message.  OK: *out is complete.  ERR_MALFORMED, ERR_TOO_LONG: *fault says
 * why; *out still holds what was read so far (Call-ID for a sample, say) but must not
 * change any state.  *out borrows from `bytes`.
 */
MUST_CHECK enum status sip_parse(struct span bytes, enum sip_carrier carrier,
                                 struct sip_message *out, enum sip_fault *fault);

struct sip_header_field {
	enum sip_header header; /* SIP_HEADER_OTHER: see name */
	struct text name;
	struct text value; /* trimmed; may hold folds, see sip_unfold */
};

/* Spares a walk for one of the headers that the table of sip_header.h knows. */
static inline bool sip_has_header(const struct sip_message *message, enum sip_header header)
{
	return message->header_bits >> header & 1;
}

/* Asks for credentials (RFC 3261 section 22): the same will be tried again. */
static inline bool sip_is_challenge(unsigned int status)
{
	return status == 401 || status == 407;
}

/* Next field of a header section; false at its end.  *rest starts as message.headers. */
bool sip_next_header(struct text *rest, struct sip_header_field *out);

/*
 * Any header by its name, whether the table of sip_header.h knows it or not: the long name
 * without regard to case, which finds its compact form too.  For the few that a message is
 * asked for once, since each question walks the section again; `value` is empty for a
 * header that is there without one.  False: it is not (or no more) there.
 */
bool sip_find_header(const struct sip_message *message, struct text name,
                     struct text *value);
/* One after the other, of a header that stands there several times; *rest as above. */
bool sip_next_named(struct text *rest, struct text name, struct text *value);

/* Copies with each fold (CRLF and blanks) made one blank; false when it had to cut. */
bool sip_unfold(struct text value, char *to, size_t size);

/*
 * The body of that media type ("application/sdp"), which may be wrapped in multipart (RFC
 * 5621), up to four deep.  ERR_NOT_FOUND when there is none.
 */
MUST_CHECK enum status sip_find_body(const struct sip_message *message, struct text type,
                                     struct text *out);

/* The SDP, also of a message that does not say what its body is. */
MUST_CHECK enum status sip_find_sdp(const struct sip_message *message, struct text *out);

#endif
