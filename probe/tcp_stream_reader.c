#include "probe/tcp_stream_reader.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/wire/sip.h"
#include "analyzer/wire/sip_frame.h"
#include "analyzer/wire/websocket.h"

enum {
	MESSAGE_MAX = 256 * 1024, /* and headers: hardening limits of a message */
	HEADERS_MAX = 64 * 1024,
	FIRST_LINE_MAX = 8 * 1024,
};
static const nstime gap_limit = 10 * NS_PER_SEC; /* longer than any retransmission lasts */

/* Where a message goes: the segment at hand, whose time and frame it carries. */
struct delivery {
	const struct tcp_outlet *outlet;
	nstime at;
	uint64_t frame;
};

/* Does an empty line begin in `bytes`, counted from the byte `from`? */
static bool has_empty_line(struct span bytes, size_t from)
{
	struct text t = text_skip(text_of(bytes), from);
	while (t.len > 0) {
		t = text_skip(t, text_find(t, '\n') + 1);
		if (text_starts(t, TEXT("\n")) || text_starts(t, TEXT("\r\n")))
			return true;
	}
	return false;
}

static struct text without_blank_lines(struct text t)
{
	while (t.len > 0 && (t.at[0] == '\r' || t.at[0] == '\n'))
		t = text_skip(t, 1);
	return t;
}

/* HTTP and RTSP have methods in common with SIP; their first lines name them. */
static bool is_relative_of_sip(struct text line)
{
	return text_starts(line, TEXT("HTTP/1.")) || text_starts(line, TEXT("RTSP/1.")) ||
	       text_find_text(line, TEXT(" HTTP/1.")) < line.len ||
	       text_find_text(line, TEXT(" RTSP/1.")) < line.len;
}

/* The first line, blank ones before it left out; false while its end is not there. */
static bool first_line(struct text t, struct text *line)
{
	t = without_blank_lines(t);
	const size_t len = text_find(text_head(t, FIRST_LINE_MAX), '\n');
	*line = text_head(t, len);
	return len < t.len;
}

bool tcp_reader_is_beginning(struct span payload)
{
	struct text line;
	size_t handshake_len;
	if (payload.len == 0)
		return false;
	first_line(text_of(payload), &line);
	if (is_relative_of_sip(line))
		return websocket_handshake(payload, &handshake_len) == OK;
	return sip_looks_like(payload);
}

/*
 * What does a direction carry that has not shown it yet?  From the connection's start, its
 * first line decides; from the middle, anything may come before the next start line.
 */
static enum tcp_carrier judge(const struct tcp_side *side)
{
	const struct span all = { side->order.bytes, side->order.len };
	struct text line;
	size_t handshake_len;
	const bool whole_line = first_line(text_of(all), &line);
	if (whole_line && is_relative_of_sip(line)) {
		const enum status status = websocket_handshake(all, &handshake_len);
		return status == OK              ? CARRIER_WEBSOCKET
		       : status == ERR_TRUNCATED ? CARRIER_UNKNOWN
		                                 : CARRIER_FOREIGN;
	}
	if (whole_line && sip_looks_like(all))
		return CARRIER_SIP;
	if (!side->from_start)
		return side->passed > HEADERS_MAX ? CARRIER_FOREIGN : CARRIER_UNKNOWN;
	if (whole_line || line.len == 0)
		return whole_line ? CARRIER_FOREIGN : CARRIER_UNKNOWN;
	const bool printable =
	        line.at[0] > ' ' && line.at[0] < 0x7f; /* a method is a token */
	return printable ? CARRIER_UNKNOWN : CARRIER_FOREIGN;
}

static void deliver(struct tcp_side *side, struct span bytes, enum transport transport,
                    const struct delivery *to)
{
	struct packet message = side->last;
	message.at = to->at;
	message.frame = to->frame;
	message.payload = bytes;
	message.payload_len = (uint32_t)bytes.len;
	message.transport = transport;
	message.flags &= (uint8_t)~PACKET_TRUNCATED;
	to->outlet->counters->messages++;
	to->outlet->sink->message(to->outlet->sink->self, &message);
}

/*
 * Looking for a message costs as much as its headers are long: worth it once they are all
 * there, or once they are longer than headers may be.
 */
static bool is_worth_framing(struct tcp_side *side, struct span rest)
{
	if (!side->behind_header)
		side->behind_header = has_empty_line(rest, side->searched);
	side->searched = rest.len > 2 ? rest.len - 2 : 0;
	return side->behind_header || rest.len > HEADERS_MAX;
}

/* Cuts whole messages off the front; returns the bytes that are done with. */
static size_t frame_messages(struct tcp_reader *r, struct tcp_side *side,
                             const struct delivery *to)
{
	struct reader rest = reader_of((struct span){ side->order.bytes, side->order.len });
	while (rest.rest.len > 0 && is_worth_framing(side, rest.rest)) {
		const struct sip_frame frame = sip_frame_next(rest.rest);
		to->outlet->counters->resynchronised += frame.resynchronised;
		side->behind_header = false;
		side->searched = 0;
		side->passed += frame.skip;
		take(&rest, frame.skip);
		if (frame.result == SIP_FRAME_MORE) {
			is_worth_framing(side, rest.rest); /* sets where to go on */
			break;
		}
		const struct span message = take(&rest, frame.len);
		assert(message.len > 0);
		r->carrier = CARRIER_SIP;
		deliver(side, message, TRANSPORT_TCP, to);
	}
	return side->order.len - rest.rest.len;
}

/* The opening handshake of a side, if it was captured; false while it is not whole. */
static bool pass_handshake(struct tcp_reader *r, struct tcp_side *side)
{
	size_t len = 0;
	if (side->in_frames)
		return true;
	const struct span all = { side->order.bytes, side->order.len };
	const enum status status = websocket_handshake(all, &len);
	if (status == ERR_TRUNCATED)
		return false;
	if (status == OK)
		tcp_order_consume(&side->order, len);
	else if (side->from_start) /* the server says no */
		r->carrier = CARRIER_FOREIGN;
	side->in_frames = true;
	return side->order.len > 0;
}

/* Messages out of WebSocket frames, as frame_messages; RFC 7118 has one in each. */
static size_t unwrap_messages(struct tcp_side *side, const struct delivery *to)
{
	struct reader rest = reader_of((struct span){ side->order.bytes, side->order.len });
	uint8_t **scratch = to->outlet->scratch;
	if (!*scratch && !(*scratch = malloc(MESSAGE_MAX)))
		return 0;
	while (rest.rest.len > 0) {
		const struct websocket found =
		        websocket_next(rest.rest, *scratch, MESSAGE_MAX);
		if (found.result ==
		    WEBSOCKET_BROKEN) { /* perhaps the next segment begins well */
			to->outlet->counters->resynchronised++;
			return side->order.len;
		}
		take(&rest, found.skip);
		if (found.result == WEBSOCKET_MORE)
			break;
		const struct span message = { *scratch, found.len };
		if (sip_looks_like(message))
			deliver(side, message, TRANSPORT_WS, to);
	}
	return side->order.len - rest.rest.len;
}

static void drop_foreign(struct tcp_reader *r)
{
	tcp_order_drop_bytes(&r->sides[0].order);
	tcp_order_drop_bytes(&r->sides[1].order);
}

static void drain(struct tcp_reader *r, struct tcp_side *side, const struct delivery *to)
{
	if (side->order.len == 0)
		return;
	if (r->carrier == CARRIER_UNKNOWN)
		r->carrier = judge(side);
	size_t used = 0;
	if (r->carrier == CARRIER_WEBSOCKET && pass_handshake(r, side) &&
	    r->carrier == CARRIER_WEBSOCKET)
		used = unwrap_messages(side, to);
	else if (r->carrier == CARRIER_SIP ||
	         (r->carrier == CARRIER_UNKNOWN && !side->from_start))
		used = frame_messages(r, side, to);
	if (r->carrier == CARRIER_FOREIGN) {
		drop_foreign(r);
		return;
	}
	if (used > 0) {
		tcp_order_consume(&side->order, used);
		side->from_start = false;
	}
	if (side->order.len > MESSAGE_MAX) {
		to->outlet->counters->incomplete++;
		tcp_order_consume(&side->order, side->order.len);
	}
}

static void skip_gap(struct tcp_side *side, struct tcp_stream_counters *counters)
{
	counters->incomplete += side->order.len > 0;
	counters->gaps++;
	counters->lost_bytes += tcp_order_skip_gap(&side->order);
	side->behind_header = false;
	side->searched = 0;
	side->from_start = false;
	side->has_gap = false;
}

static bool is_gap_over(struct tcp_side *side, nstime now)
{
	const bool had_gap = side->has_gap;
	side->has_gap = side->order.waiting != NULL;
	if (side->has_gap && !had_gap)
		side->gap_since = now;
	return side->has_gap &&
	       (tcp_order_is_gap_lost(&side->order) ||
	        (now > side->gap_since && now - side->gap_since > gap_limit));
}

/* Delivers what can be; a gap that nothing will fill is stepped over. */
static void settle(struct tcp_reader *r, struct tcp_side *side, const struct delivery *to)
{
	drain(r, side, to);
	while (is_gap_over(side, to->at)) {
		skip_gap(side, to->outlet->counters);
		drain(r, side, to);
	}
}

static void flush(struct tcp_reader *r, struct tcp_side *side, const struct delivery *to)
{
	drain(r, side, to);
	while (side->order.waiting) {
		skip_gap(side, to->outlet->counters);
		drain(r, side, to);
	}
}

void tcp_reader_drop(struct tcp_reader *r, struct tcp_stream_counters *counters)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct tcp_side *side = &r->sides[i];
		const bool ours =
		        r->carrier == CARRIER_SIP || r->carrier == CARRIER_WEBSOCKET;
		counters->incomplete += ours && side->order.len > 0;
		tcp_order_drop_bytes(&side->order);
		side->behind_header = side->has_gap = false;
		side->searched = 0;
	}
}

void tcp_reader_finish(struct tcp_reader *r, const struct tcp_outlet *outlet)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct tcp_side *side = &r->sides[i];
		const struct delivery to = { outlet, side->last.at, side->last.frame };
		flush(r, side, &to);
	}
	tcp_reader_drop(r, outlet->counters);
}

/* A SYN: the side's numbers begin; one with other numbers is a new connection. */
static void begin(struct tcp_reader *r, unsigned int side, const struct tcp_header *tcp,
                  const struct tcp_outlet *outlet)
{
	struct tcp_side *mine = &r->sides[side];
	if (mine->has_syn && mine->first_sequence == tcp->sequence)
		return;
	if (mine->order.started)
		tcp_reader_finish(r, outlet);
	if (!tcp->ack) {
		tcp_reader_drop(r, outlet->counters);
		*r = (struct tcp_reader){ 0 };
	}
	tcp_order_start(&mine->order, tcp->sequence + 1);
	mine->first_sequence = tcp->sequence;
	mine->has_syn = mine->from_start = true;
	mine->has_gap = mine->in_frames = false;
	mine->passed = 0;
}

bool tcp_reader_feed(struct tcp_reader *r, unsigned int side, const struct decoded *segment,
                     const struct tcp_outlet *outlet)
{
	struct tcp_side *mine = &r->sides[side], *other = &r->sides[!side];
	const struct tcp_header *tcp = &segment->tcp;
	const struct packet *p = &segment->packet;
	const struct delivery to = { outlet, p->at, p->frame };
	if (tcp->syn)
		begin(r, side, tcp, outlet);
	mine->last = *p;
	mine->last.payload = (struct span){ 0 };
	if (tcp_reader_is_foreign(r))
		return true;
	if (tcp->ack)
		tcp_order_acknowledge(&other->order, tcp->acknowledgement);
	settle(r, other, &to);
	const uint32_t first = tcp->sequence + tcp->syn;
	const bool fits = tcp_order_add(&mine->order, first, p->payload);
	mine->order.has_fin |= tcp->fin;
	settle(r, mine, &to);
	if (tcp->rst || (mine->order.has_fin && other->order.has_fin)) {
		flush(r, other, &to);
		flush(r, mine, &to);
		tcp_reader_drop(r, outlet->counters);
	}
	return fits;
}

size_t tcp_reader_memory(const struct tcp_reader *r)
{
	return tcp_order_memory(&r->sides[0].order) + tcp_order_memory(&r->sides[1].order);
}
