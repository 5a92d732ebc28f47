#include "analyzer/wire/sip.h"

#include "analyzer/wire/sip_parts.h"

const char *const sip_fault_names[SIP_FAULT_COUNT] = {
	[SIP_FAULT_NONE] = "none",
	[SIP_FAULT_START_LINE] = "start_line",
	[SIP_FAULT_VERSION] = "version",
	[SIP_FAULT_REQUEST_URI] = "request_uri",
	[SIP_FAULT_STATUS_CODE] = "status_code",
	[SIP_FAULT_HEADER] = "header",
	[SIP_FAULT_MISSING_HEADER] = "missing_header",
	[SIP_FAULT_REPEATED_HEADER] = "repeated_header",
	[SIP_FAULT_CSEQ] = "cseq",
	[SIP_FAULT_ADDRESS] = "address",
	[SIP_FAULT_VIA] = "via",
	[SIP_FAULT_CONTENT_LENGTH] = "content_length",
	[SIP_FAULT_DATE] = "date",
	[SIP_FAULT_TOO_LONG] = "too_long",
};

const char *const sip_option_tags[SIP_OPTION_TAGS] = {
	"100rel",     "timer",
	"replaces",   "join",
	"path",       "gruu",
	"outbound",   "histinfo",
	"norefersub", "precondition",
	"tdialog",    "from-change",
	"sec-agree",  "resource-priority",
	"ice",        "sdp-anat",
};

static_assert(SIP_METHOD_COUNT <= 16, "a method has a bit");

/* What the header walk must remember besides the message. */
struct walk {
	struct sip_message *message;
	struct text cseq; /* the whole value, to tell a repetition from a contradiction */
	int64_t content_length; /* -1: no such header */
};

/* For headers of which there is one: a copy is no harm, another value is (RFC 4475 3.3.8).
 */
static enum sip_fault repeated(struct text first, struct text value)
{
	return text_equal(first, value) ? SIP_FAULT_NONE : SIP_FAULT_REPEATED_HEADER;
}

static void keep_first(struct text *slot, struct text value)
{
	if (slot->len == 0)
		*slot = value;
}

static enum sip_fault take_call_id(struct sip_message *m, struct text value)
{
	if (m->call_id.len > 0)
		return repeated(m->call_id, value);
	m->call_id = value;
	return SIP_FAULT_NONE;
}

static enum sip_fault take_address(struct sip_address *address, struct text value)
{
	if (address->raw.len > 0)
		return repeated(address->raw, value);
	if (value.len == 0)
		return SIP_FAULT_NONE; /* as good as absent */
	return sip_read_address(value, address) ? SIP_FAULT_NONE : SIP_FAULT_ADDRESS;
}

/* CSeq = 1*DIGIT LWS Method */
static enum sip_fault take_cseq(struct walk *walk, struct text value)
{
	struct sip_message *m = walk->message;
	if (walk->cseq.len > 0)
		return repeated(walk->cseq, value);
	walk->cseq = value;
	size_t digits = 0;
	while (digits < value.len && ascii_is_digit(value.at[digits]))
		digits++;
	uint64_t number;
	const struct text method = text_trim(text_skip(value, digits));
	const bool parted = digits < value.len && sip_is_lws(value.at[digits]);
	if (text_number(text_head(value, digits), UINT32_MAX, &number) != OK || !parted)
		return value.len == 0 ? SIP_FAULT_NONE : SIP_FAULT_CSEQ;
	m->cseq = (uint32_t)number;
	if (m->is_request)
		return text_equal(method, m->method_name) ? SIP_FAULT_NONE : SIP_FAULT_CSEQ;
	m->method_name = method;
	m->method = sip_method_by_name(method);
	return m->method != SIP_METHOD_OTHER || sip_is_token(method) ? SIP_FAULT_NONE
	                                                             : SIP_FAULT_CSEQ;
}

/* Each value is looked at, the topmost is kept. */
static enum sip_fault take_via(struct sip_message *m, struct text value)
{
	while (value.len > 0) {
		const struct text via = sip_cut_value(&value);
		struct text sent_by, params, name, param;
		if (via.len == 0)
			continue;
		if (!sip_read_via(via, &sent_by, &params))
			return SIP_FAULT_VIA;
		if (m->via_count++ > 0)
			continue;
		m->via_sent_by = sent_by;
		m->via_params = params;
		while (m->via_branch.len == 0 && sip_next_param(&params, &name, &param))
			if (text_equal_nocase(name, TEXT("branch")))
				m->via_branch = param;
	}
	return SIP_FAULT_NONE;
}

/* Seconds of an Expires; -1 for what is no number or beyond 32 bits (RFC 4475 3.1.2.4). */
static int64_t seconds(struct text value)
{
	uint64_t number;
	return text_number(value, UINT32_MAX, &number) == OK ? (int64_t)number : -1;
}

static enum sip_fault take_contact(struct sip_message *m, struct text value)
{
	if (m->contact.raw.len > 0 || m->contact_is_star)
		return SIP_FAULT_NONE;
	const struct text first = sip_cut_value(&value);
	if (first.len == 0)
		return SIP_FAULT_NONE;
	m->contact_is_star = text_equal(first, TEXT("*"));
	if (m->contact_is_star)
		return SIP_FAULT_NONE;
	if (!sip_read_address(first, &m->contact))
		return SIP_FAULT_ADDRESS;
	struct text params = m->contact.params, name, param;
	while (sip_next_param(&params, &name, &param))
		if (text_equal_nocase(name, TEXT("expires")))
			m->contact_expires_s = seconds(param);
	return SIP_FAULT_NONE;
}

static enum sip_fault take_content_length(struct walk *walk, struct text value)
{
	uint64_t number;
	/* A word says nothing, as if the header were absent; a number must be a sane one.
	 */
	if (value.len == 0 ||
	    (ascii_lower(value.at[0]) >= 'a' && ascii_lower(value.at[0]) <= 'z'))
		return SIP_FAULT_NONE;
	if (text_number(value, UINT32_MAX, &number) != OK)
		return SIP_FAULT_CONTENT_LENGTH;
	if (walk->content_length >= 0 && (uint64_t)walk->content_length != number)
		return SIP_FAULT_REPEATED_HEADER;
	walk->content_length = (int64_t)number;
	return SIP_FAULT_NONE;
}

/* Bits of those names that the list has. */
static uint16_t bits_of(struct text list, const char *const *names, size_t count)
{
	uint16_t bits = 0;
	while (list.len > 0) {
		const struct text one = text_trim(text_cut(&list, ','));
		for (size_t i = 0; one.len > 0 && i < count; i++)
			if (names[i] &&
			    ascii_lower(names[i][0]) == ascii_lower(one.at[0]) &&
			    text_equal_nocase(one, text_from(names[i])))
				bits = (uint16_t)(bits | 1u << i);
	}
	return bits;
}

/* What an INVITE says that its sender can do. */
static void keep_abilities(struct sip_message *m, const struct sip_header_field *field)
{
	if (m->method != SIP_INVITE || !m->is_request)
		return;
	if (field->header == SIP_ALLOW)
		m->allow |= bits_of(field->value, sip_method_names, SIP_METHOD_COUNT);
	else
		m->supported |= bits_of(field->value, sip_option_tags, SIP_OPTION_TAGS);
}

/* The headers that are only kept, as they stand. */
static void keep_text(struct sip_message *m, const struct sip_header_field *field)
{
	switch (field->header) {
	case SIP_HEADER_OTHER:
		m->other_bits |= sip_name_bit(field->name);
		break;
	case SIP_ALLOW:
	case SIP_SUPPORTED:
		keep_abilities(m, field);
		break;
	case SIP_CONTENT_TYPE:
		keep_first(&m->content_type, field->value);
		break;
	case SIP_EXPIRES:
		if (m->expires_s < 0)
			m->expires_s = seconds(field->value);
		break;
	case SIP_REASON:
		keep_first(&m->reason_header, field->value);
		break;
	case SIP_SERVER:
		keep_first(&m->server, field->value);
		break;
	case SIP_SESSION_ID:
		keep_first(&m->session_id, field->value);
		break;
	case SIP_USER_AGENT:
		keep_first(&m->user_agent, field->value);
		break;
	case SIP_AUTHORIZATION:
	case SIP_PROXY_AUTHORIZATION:
		m->has_authorization = true;
		break;
	case SIP_REPLACES:
		m->has_replaces = true;
		break;
	default:
		break;
	}
}

static enum sip_fault take_field(struct walk *walk, const struct sip_header_field *field)
{
	struct sip_message *m = walk->message;
	m->header_bits |= UINT64_C(1) << field->header;
	switch (field->header) {
	case SIP_CALL_ID:
		return take_call_id(m, field->value);
	case SIP_FROM:
		return take_address(&m->from, field->value);
	case SIP_TO:
		return take_address(&m->to, field->value);
	case SIP_CSEQ:
		return take_cseq(walk, field->value);
	case SIP_VIA:
		return take_via(m, field->value);
	case SIP_CONTACT:
		return take_contact(m, field->value);
	case SIP_CONTENT_LENGTH:
		return take_content_length(walk, field->value);
	case SIP_DATE:
		return sip_date_is_foreign(field->value) ? SIP_FAULT_DATE : SIP_FAULT_NONE;
	default:
		keep_text(m, field);
		return SIP_FAULT_NONE;
	}
}

/* Reads the header section at the start of *rest, which becomes the body. */
static enum sip_fault read_headers(struct walk *walk, enum sip_carrier carrier,
                                   struct text *rest)
{
	struct sip_message *m = walk->message;
	const struct text all = *rest;
	struct sip_header_field field;
	for (unsigned int fields = 0; rest->len > 0; fields++) {
		const size_t before = rest->len;
		const enum sip_line line = sip_read_field(rest, &field);
		if (before - rest->len > SIP_MAX_LINE ||
		    all.len - rest->len > SIP_MAX_SECTION)
			return SIP_FAULT_TOO_LONG;
		const bool is_cut = rest->len == 0 && all.at[all.len - 1] != '\n';
		if (is_cut && carrier == SIP_DATAGRAM_CUT)
			break; /* half a field is worse than none */
		m->headers = text_head(all, all.len - rest->len);
		if (line == SIP_LINE_END)
			return SIP_FAULT_NONE;
		if (fields == SIP_MAX_FIELDS)
			return SIP_FAULT_TOO_LONG;
		if (!sip_has_header(m, field.header))
			m->first[field.header] = (uint16_t)(all.len - before);
		const enum sip_fault fault =
		        line == SIP_LINE_BAD ? SIP_FAULT_HEADER : take_field(walk, &field);
		if (fault != SIP_FAULT_NONE)
			return fault;
	}
	m->truncated = carrier == SIP_DATAGRAM_CUT;
	return SIP_FAULT_NONE;
}

/*
 * A response belongs to a call by its Call-ID alone; what else it lacks, devices in the
 * field leave out too.  A request starts or changes something and must be whole.
 */
static bool has_all_headers(const struct sip_message *m, struct text cseq)
{
	if (!m->is_request)
		return m->call_id.len > 0;
	return m->call_id.len > 0 && cseq.len > 0 && m->from.raw.len > 0 &&
	       m->to.raw.len > 0 && m->via_count > 0;
}

/* A datagram's octets behind Content-Length are not ours (RFC 3261 section 18.3). */
static enum sip_fault cut_body(const struct walk *walk, enum sip_carrier carrier,
                               struct text rest)
{
	struct sip_message *m = walk->message;
	size_t len = rest.len;
	if (walk->content_length >= 0 && (uint64_t)walk->content_length <= rest.len)
		len = (size_t)walk->content_length;
	else if (carrier == SIP_DATAGRAM_CUT)
		m->truncated = true;
	else if (walk->content_length >= 0)
		return SIP_FAULT_CONTENT_LENGTH;
	m->body = text_bytes(text_head(rest, len));
	return SIP_FAULT_NONE;
}

static enum sip_fault read_message(struct text all, enum sip_carrier carrier,
                                   struct sip_message *m)
{
	struct walk walk = { .message = m, .content_length = -1 };
	struct text rest = text_skip(all, sip_blank_start(all));
	const size_t line_len = text_find(rest, '\n');
	struct text line = text_head(rest, line_len);
	if (line_len > SIP_MAX_LINE)
		return SIP_FAULT_TOO_LONG;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	enum sip_fault fault = sip_read_start_line(line, m);
	if (fault != SIP_FAULT_NONE)
		return fault;
	rest = text_skip(rest, line_len + 1);
	fault = read_headers(&walk, carrier, &rest);
	if (fault != SIP_FAULT_NONE)
		return fault;
	if (!has_all_headers(m, walk.cseq))
		return SIP_FAULT_MISSING_HEADER;
	fault = cut_body(&walk, carrier, rest);
	m->consumed = all.len - rest.len + m->body.len;
	if (fault == SIP_FAULT_NONE && m->consumed > SIP_MAX_MESSAGE)
		return SIP_FAULT_TOO_LONG;
	return fault;
}

enum status sip_parse(struct span bytes, enum sip_carrier carrier, struct sip_message *out,
                      enum sip_fault *fault)
{
	*out = (struct sip_message){ .contact_expires_s = -1, .expires_s = -1 };
	*fault = read_message(text_of(bytes), carrier, out);
	if (*fault == SIP_FAULT_NONE)
		return OK;
	return *fault == SIP_FAULT_TOO_LONG ? ERR_TOO_LONG : ERR_MALFORMED;
}
