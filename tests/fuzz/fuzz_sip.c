/*
 * fuzz_sip.c - one SIP message.  The first byte says how it came; what is read must be
 * slices of it, and must not depend on what a datagram holds behind its message.
 */
#include "analyzer/wire/sip.h"

#include <assert.h>
#include <string.h>

static void expect_inside(struct text inner, struct span outer)
{
	const char *const start = (const char *)outer.at;
	assert(inner.len == 0 || (inner.at >= start && inner.len <= outer.len &&
	                          (size_t)(inner.at - start) <= outer.len - inner.len));
}

static void expect_address(const struct sip_address *a, struct span bytes)
{
	expect_inside(a->raw, bytes);
	const struct span raw = text_bytes(a->raw);
	expect_inside(a->display, raw);
	expect_inside(a->uri, raw);
	expect_inside(a->params, raw);
	expect_inside(a->tag, text_bytes(a->params));
}

static void expect_slices(const struct sip_message *m, struct span bytes)
{
	const struct text all[] = {
		m->method_name, m->request_uri,   m->reason,       m->start_line,
		m->call_id,     m->via_sent_by,   m->via_branch,   m->user_agent,
		m->server,      m->session_id,    m->content_type, m->reason_header,
		m->headers,     text_of(m->body),
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		expect_inside(all[i], bytes);
	expect_address(&m->from, bytes);
	expect_address(&m->to, bytes);
	expect_address(&m->contact, bytes);
}

static void walk_headers(const struct sip_message *m)
{
	struct text rest = m->headers;
	struct sip_header_field field;
	unsigned int vias = 0;
	while (sip_next_header(&rest, &field)) {
		char value[64];
		const bool whole = sip_unfold(field.value, value, sizeof value);
		assert(memchr(value, '\0', sizeof value));
		assert(whole || field.value.len >= sizeof value);
		vias += field.header == SIP_VIA;
	}
	assert(m->via_count == 0 || vias > 0);
}

static void expect_sound(const struct sip_message *m, struct span bytes)
{
	assert(m->call_id.len > 0);
	assert(m->is_request ? m->status == 0 && m->request_uri.len > 0
	                     : m->status >= 100 && m->status <= 699);
	assert(!m->is_request || (m->from.uri.len > 0 && m->to.uri.len > 0));
	assert(m->consumed <= bytes.len);
	assert(m->body.len <= m->consumed);
	walk_headers(m);
	struct text sdp;
	if (sip_find_sdp(m, &sdp) == OK)
		expect_inside(sdp, m->body);
}

/* The message alone is the same message as with octets behind it. */
static void expect_same_alone(const struct sip_message *m, struct span bytes)
{
	struct sip_message alone;
	enum sip_fault fault;
	const struct span only = { bytes.at, m->consumed };
	if (m->truncated)
		return;
	assert(sip_parse(only, SIP_DATAGRAM, &alone, &fault) == OK);
	assert(alone.consumed == m->consumed && alone.body.len == m->body.len);
	assert(text_equal(alone.call_id, m->call_id) &&
	       text_equal(alone.to.tag, m->to.tag));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	const enum sip_carrier carrier = (enum sip_carrier)(read_u8(&r) % 3);
	const struct span bytes = r.rest;
	struct sip_message m;
	enum sip_fault fault;
	const enum status status = sip_parse(bytes, carrier, &m, &fault);
	assert((status == OK) == (fault == SIP_FAULT_NONE));
	assert(fault < SIP_FAULT_COUNT && sip_fault_names[fault]);
	expect_slices(&m, bytes);
	if (status != OK)
		return 0;
	assert(sip_looks_like(bytes));
	expect_sound(&m, bytes);
	expect_same_alone(&m, bytes);
	return 0;
}
