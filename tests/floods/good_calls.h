/*
 * good_calls.h - the calls inside a flood, which it must not harm, and the frames that both
 * are made of.
 */
#ifndef TESTS_FLOODS_GOOD_CALLS_H
#define TESTS_FLOODS_GOOD_CALLS_H

#include "tests/bench/call.h"
#include "tests/bench/heap.h"
#include "tests/bench/output.h"

enum {
	PTIME_US = 20000,
	GOOD_PACKETS = 100,
	GOOD_US = 5 * US_PER_S, /* a good call lasts no longer */
	TALK_US = GOOD_PACKETS * PTIME_US,
	CODEC = 1, /* PCMA */
};

static const uint32_t PBX = 0xc6130001U;         /* 198.19.0.1 */
static const uint32_t GOOD_PHONES = 0xc6120000U; /* 198.18.0.0 */
static const uint32_t ATTACKER = 0xcb007107U;    /* 203.0.113.7 */

struct generator {
	FILE *out;
	uint64_t count, events_us;
	uint32_t call_count;
	struct heap heap;
	struct call *calls;
	uint64_t frames;
	uint16_t ip_id;
	uint8_t noise[1024];
};

static void put_frame(struct generator *g, uint64_t at_us, const uint8_t *frame, size_t len)
{
	write_frame(g->out, (uint64_t)START_S * US_PER_S + at_us, frame, len);
	g->frames++;
}

/* The payload lies at frame + HEADERS. */
static void write_udp(struct generator *g, uint64_t at_us, uint8_t *frame, size_t len,
                      struct address src, struct address dst)
{
	frame_wrap(frame, len, &src, &dst, g->ip_id++);
	put_frame(g, at_us, frame, len + HEADERS);
}

enum { TCP_HEADERS = 14 + 20 + 20, TCP_SYN = 2, TCP_ACK = 16 };

/* The payload of `len` octets lies at frame + TCP_HEADERS. */
static void write_tcp(struct generator *g, uint64_t at_us, uint8_t *frame, size_t len,
                      struct address src, struct address dst, uint32_t sequence,
                      uint8_t flags)
{
	frame_wrap(frame, len + 12, &src, &dst, g->ip_id++);
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	ip[9] = 6;
	put16(ip + 10, 0);
	put16(ip + 10, checksum(sum16(ip, 20, 0)));
	memset(tcp, 0, 20);
	put16(tcp, src.port);
	put16(tcp + 2, dst.port);
	put32(tcp + 4, sequence);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put16(tcp + 14, 8192);
	put16(tcp + 16,
	      checksum(sum16(tcp, len + 20, sum16(ip + 12, 8, 6 + (uint32_t)len + 20))));
	put_frame(g, at_us, frame, TCP_HEADERS + len);
}

/* --- the good calls ------------------------------------------------------------------- */

static void plan(struct generator *g, uint32_t call, enum step step, uint64_t at_us)
{
	event_push(&g->heap,
	           (struct event){ .at_us = at_us, .call = call, .packet = step });
}

static void plan_media(struct generator *g, uint32_t call, uint64_t at_us, uint32_t packet)
{
	for (uint8_t side = 0; side < 2; side++)
		event_push(&g->heap, (struct event){ .at_us = at_us + (uint64_t)side * 7000,
		                                     .call = call,
		                                     .packet = packet,
		                                     .side = side,
		                                     .kind = 1 });
}

static void init_call(struct generator *g, uint32_t i)
{
	struct call *call = &g->calls[i];
	call->phone = (struct address){ GOOD_PHONES + (i << 8) + 10, 5060 };
	call->gateway = (struct address){ PBX, 5060 };
	call->token = scatter(i ^ UINT64_C(0x600d) << 32);
	for (uint32_t side = 0; side < 2; side++) {
		struct stream *s = &call->streams[side];
		const struct address phone = { call->phone.ip, 16384 };
		const struct address pbx = { PBX, (uint16_t)(10000 + 2 * i) };
		s->codec = &codecs[CODEC];
		s->src = side ? pbx : phone;
		s->dst = side ? phone : pbx;
		s->ssrc = (uint32_t)scatter(call->token + side);
		s->first_sequence = (uint16_t)(100 * i);
	}
	const uint64_t last_us = g->events_us > GOOD_US ? g->events_us - GOOD_US : 0;
	plan(g, i, INVITE, last_us * i / (g->call_count > 1 ? g->call_count - 1 : 1));
}

/* A connection for each call, opened without ceremony; after that octet by octet. */
static void write_signal_tcp(struct generator *g, const struct event *event,
                             const struct text *text, bool to_caller)
{
	struct call *call = &g->calls[event->call];
	uint32_t *next =
	        &call->streams[to_caller].newest; /* which RTP does not need here */
	uint8_t frame[FRAME_MAX];
	if (text->len > sizeof frame - TCP_HEADERS)
		errx(1, "a message outgrew its frame");
	memcpy(frame + TCP_HEADERS, text->at, text->len);
	write_tcp(g, event->at_us, frame, text->len,
	          to_caller ? call->gateway : call->phone,
	          to_caller ? call->phone : call->gateway, ++*next, TCP_ACK);
	*next += (uint32_t)text->len - 1;
}

enum { FIRST_PIECE = 400 };

/* One datagram in two frames, of which the second comes a little later. */
static void write_signal_pieces(struct generator *g, const struct event *event,
                                uint8_t *frame, size_t len, bool second)
{
	const struct call *call = &g->calls[event->call];
	uint8_t *ip = frame + 14;
	frame_wrap(frame, len, &call->phone, &call->gateway,
	           (uint16_t)(60000 + event->call));
	const size_t begin = second ? FIRST_PIECE : 0;
	const size_t end = second ? len + 8 : FIRST_PIECE;
	memmove(ip + 20, ip + 20 + begin, end - begin);
	put16(ip + 2, (uint32_t)(20 + end - begin));
	put16(ip + 6, second ? FIRST_PIECE / 8 : 0x2000);
	put16(ip + 10, 0);
	put16(ip + 10, checksum(sum16(ip, 20, 0)));
	put_frame(g, event->at_us, frame, 34 + end - begin);
	if (!second)
		event_push(&g->heap, (struct event){ .at_us = event->at_us + 4000,
		                                     .call = event->call,
		                                     .packet = event->packet,
		                                     .kind = 2 });
}

/* Every fifth call signals by TCP, and the INVITE of every fifth comes in two pieces. */
static bool is_by_tcp(uint32_t call)
{
	return call % 5 == 3;
}

static bool is_in_pieces(const struct event *event)
{
	return event->call % 5 == 1 && event->packet == INVITE;
}

static void write_signal(struct generator *g, const struct event *event)
{
	static const uint32_t pause_us[STEPS] = { [INVITE] = 5000,
		                                  [TRYING] = 60000,
		                                  [RINGING] = 100000,
		                                  [ANSWER] = 5000,
		                                  [BYE] = 3000 };
	const struct call *call = &g->calls[event->call];
	const enum step step = (enum step)event->packet;
	uint8_t frame[FRAME_MAX];
	struct text text = { (char *)frame + HEADERS, 0, FRAME_MAX - HEADERS };
	sip_text(&text, call, step);
	/* "@198.18.x.y" of the Call-ID becomes "@good", by which the test knows it. */
	char *host = strstr(text.at, "Call-ID: ") + 9 + 16 + 1;
	char *end = strstr(host, "\r\n");
	memcpy(host, "good", 4);
	memmove(host + 4, end, text.len - (size_t)(end - text.at));
	text.len -= (size_t)(end - host) - 4;
	const bool to_caller = is_response(step);
	if (is_in_pieces(event))
		write_signal_pieces(g, event, frame, text.len, event->kind == 2);
	else if (is_by_tcp(event->call))
		write_signal_tcp(g, event, &text, to_caller);
	else
		write_udp(g, event->at_us, frame, text.len,
		          to_caller ? call->gateway : call->phone,
		          to_caller ? call->phone : call->gateway);
	if (event->kind == 2)
		return;
	if (step == ACK)
		plan_media(g, event->call, event->at_us + 5000, 0);
	else if (step != BYE_OK)
		plan(g, event->call, step + 1,
		     event->at_us + pause_us[step] +
		             (step == RINGING && event->call % 2 ? TALK_US : 0));
}

static void write_media(struct generator *g, const struct event *event)
{
	const struct stream *s = &g->calls[event->call].streams[event->side];
	uint8_t frame[FRAME_MAX], *rtp = frame + HEADERS;
	rtp[0] = 0x80;
	rtp[1] = s->codec->type;
	put16(rtp + 2, s->first_sequence + event->packet);
	put32(rtp + 4, event->packet * 160);
	put32(rtp + 8, s->ssrc);
	memcpy(rtp + 12, g->noise + (s->ssrc + event->packet * 31) % 512, s->codec->octets);
	write_udp(g, event->at_us, frame, 12U + s->codec->octets, s->src, s->dst);
	if (event->side == 1 && event->packet + 1 < GOOD_PACKETS)
		plan_media(g, event->call, event->at_us - 7000 + PTIME_US,
		           event->packet + 1);
	else if (event->side == 1)
		plan(g, event->call, BYE, event->at_us + 20000);
}

#endif
