#include "analyzer/wire/rtcp.h"

enum { RTCP_VERSION = 2, RTCP_HEADER_BYTES = 4, RTCP_WORD_BYTES = 4, SDES_CNAME = 1 };

/* |V=2|P|  count  |      type     |  length: 32-bit words minus one  |  section 6.4.1 */
struct part_header {
	uint8_t version;
	bool padded;
	uint8_t count;
	uint8_t type;
	uint32_t body_len; /* bytes behind this header */
};

static struct part_header read_header(struct reader *r)
{
	const uint8_t first = read_u8(r);
	struct part_header header = {
		.version = first >> 6,
		.padded = first & 0x20,
		.count = first & 0x1f,
	};
	header.type = read_u8(r);
	header.body_len = (uint32_t)read_u16(r) * RTCP_WORD_BYTES;
	return header;
}

bool rtcp_looks_like(struct span datagram, uint32_t wire_len)
{
	struct reader r = reader_of(datagram);
	uint32_t wire_left = wire_len > datagram.len ? wire_len : (uint32_t)datagram.len;
	bool first = true;
	while (r.rest.len > 0 || first) {
		const struct part_header header = read_header(&r);
		if (r.ran_out)
			return !first && wire_left >= RTCP_HEADER_BYTES;
		if (header.version != RTCP_VERSION)
			return false;
		if (first && (header.type < RTCP_SR || header.type > RTCP_XR))
			return false;
		wire_left -= RTCP_HEADER_BYTES;
		if (header.body_len > wire_left)
			return false;
		wire_left -= header.body_len;
		if (header.padded && wire_left > 0)
			return false;      /* only the last part may carry padding */
		take(&r, header.body_len); /* it may end behind the capture */
		first = false;
	}
	return true;
}

struct rtcp_walk rtcp_walk_begin(struct span datagram)
{
	return (struct rtcp_walk){ .reader = reader_of(datagram), .first = true };
}

/*
 * |                  SSRC this block is about                     |
 * | fraction lost |       cumulative number of packets lost       |
 * |           extended highest sequence number received           |
 * |                      interarrival jitter                      |
 * |                         last SR (LSR)                         |
 * |                   delay since last SR (DLSR)                  |
 */
static struct rtcp_report read_report(struct reader *r)
{
	struct rtcp_report report = { .about_ssrc = read_u32(r) };
	report.fraction_lost = read_u8(r);
	const int32_t lost = (int32_t)read_u24(r);
	report.cumulative_lost = lost & 0x800000 ? lost - 0x1000000 : lost;
	report.highest_sequence = read_u32(r);
	report.jitter_ticks = read_u32(r);
	report.lsr = read_u32(r);
	report.dlsr = read_u32(r);
	return report;
}

static void read_reports(struct reader *r, struct rtcp_part *out)
{
	for (uint8_t i = 0; i < out->count && !r->ran_out; i++)
		out->reports[i] = read_report(r);
	out->report_count = out->count;
}

static void read_sender_report(struct reader *r, struct rtcp_part *out)
{
	out->ssrc = read_u32(r);
	out->ntp = read_u64(r);
	out->rtp_timestamp = read_u32(r);
	out->packets = read_u32(r);
	out->octets = read_u32(r);
	read_reports(r, out);
}

/* Items end with a zero, and zeros fill the chunk up to a word (section 6.5). */
static void read_chunk(struct reader *r, struct rtcp_part *out)
{
	const size_t before = r->rest.len;
	const uint32_t ssrc = read_u32(r);
	uint8_t type;
	while ((type = read_u8(r)) != 0) {
		const uint8_t len = read_u8(r);
		const struct span value = take(r, len);
		if (type != SDES_CNAME || out->cname.len > 0 || r->ran_out)
			continue;
		out->cname = text_of(value);
		out->cname_ssrc = ssrc;
	}
	const size_t over = (before - r->rest.len) % RTCP_WORD_BYTES;
	take(r, over ? RTCP_WORD_BYTES - over : 0);
}

static void read_descriptions(struct reader *r, struct rtcp_part *out)
{
	for (uint8_t i = 0; i < out->count && !r->ran_out; i++)
		read_chunk(r, out);
}

static void read_bye(struct reader *r, struct rtcp_part *out)
{
	for (uint8_t i = 0; i < out->count; i++)
		out->bye_ssrcs[i] = read_u32(r);
	out->bye_count = out->count;
	out->ssrc = out->count ? out->bye_ssrcs[0] : 0;
}

static enum status read_body(struct rtcp_part *out)
{
	struct reader r = reader_of(out->body);
	switch (out->type) {
	case RTCP_SR:
		read_sender_report(&r, out);
		break;
	case RTCP_RR:
		out->ssrc = read_u32(&r);
		read_reports(&r, out);
		break;
	case RTCP_SDES:
		read_descriptions(&r, out);
		break;
	case RTCP_BYE:
		read_bye(&r, out);
		break;
	default:
		out->ssrc = read_u32(&r);
		break;
	}
	return r.ran_out ? ERR_MALFORMED : OK;
}

/* The last byte of a padded part counts the padding, itself included. */
static enum status strip_padding(struct span *body)
{
	struct reader r = reader_of(*body);
	take(&r, body->len - 1); /* runs out when the body is empty */
	const uint8_t padding = read_u8(&r);
	if (padding == 0 || padding > body->len)
		return ERR_MALFORMED;
	body->len -= padding;
	return OK;
}

/* Everything but the arrays, which are valid only as far as their counts say. */
static void start_part(struct rtcp_part *out, const struct part_header *header)
{
	out->type = header->type;
	out->count = header->count;
	out->ssrc = 0;
	out->ntp = 0;
	out->rtp_timestamp = out->packets = out->octets = 0;
	out->report_count = out->bye_count = 0;
	out->cname_ssrc = 0;
	out->cname = (struct text){ 0 };
}

/* SRTCP (RFC 3711 section 3.4): header and sender are clear, the rest is for the key. */
static enum status read_clear_start(struct rtcp_walk *walk, struct rtcp_part *out)
{
	out->ssrc = read_u32(&walk->reader);
	out->body = (struct span){ 0 };
	return walk->reader.ran_out ? ERR_TRUNCATED : OK;
}

enum status rtcp_next(struct rtcp_walk *walk, struct rtcp_part *out)
{
	if (walk->reader.rest.len == 0 || (walk->encrypted && !walk->first))
		return ERR_NOT_FOUND;
	walk->first = false;
	const struct part_header header = read_header(&walk->reader);
	if (walk->reader.ran_out)
		return ERR_TRUNCATED;
	if (header.version != RTCP_VERSION) {
		walk->reader = (struct reader){ .ran_out = true };
		return ERR_UNSUPPORTED;
	}
	start_part(out, &header);
	if (walk->encrypted)
		return read_clear_start(walk, out);
	out->body = take(&walk->reader, header.body_len);
	if (walk->reader.ran_out)
		return ERR_TRUNCATED;
	if (header.padded && strip_padding(&out->body) != OK)
		return ERR_MALFORMED;
	return read_body(out);
}
