/*
 * generate.c - writes a capture of a flood with good calls inside.
 *
 *   generate --flood KIND --count N --calls N --seconds S -o OUT.pcap
 *   generate --list
 *
 * The flood's N events are spread evenly over S seconds.  The good calls begin one after
 * the other, so that the last ends with the flood: INVITE with an offer, 100, 180, 200 with
 * the answer, ACK, GOOD_PACKETS of RTP each way, BYE and its 200.  Every second rings for
 * as long as it talks; some signal by TCP, some in IP fragments.  The Call-IDs of good
 * calls end in "@good"; each has a phone of its own, and all have one PBX, which the flood
 * may speak to as well.  Prints the number of frames.  The same arguments give the same
 * octets.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/bench/call.h"
#include "tests/bench/heap.h"

enum {
	START_S = 1767225600, /* 2026-01-01T00:00:00Z */
	US_PER_S = 1000000,
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

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
static uint64_t scatter(uint64_t number)
{
	uint64_t z = (number + 1) * 0x9e3779b97f4a7c15U;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static void write_frame(struct generator *g, uint64_t at_us, const uint8_t *frame,
                        size_t len)
{
	const uint32_t record[4] = { (uint32_t)(START_S + at_us / US_PER_S),
		                     (uint32_t)(at_us % US_PER_S), (uint32_t)len,
		                     (uint32_t)len };
	fwrite(record, sizeof record, 1, g->out);
	fwrite(frame, len, 1, g->out);
	g->frames++;
}

/* The payload lies at frame + HEADERS. */
static void write_udp(struct generator *g, uint64_t at_us, uint8_t *frame, size_t len,
                      struct address src, struct address dst)
{
	frame_wrap(frame, len, &src, &dst, g->ip_id++);
	write_frame(g, at_us, frame, len + HEADERS);
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
	write_frame(g, at_us, frame, TCP_HEADERS + len);
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
	write_frame(g, event->at_us, frame, 34 + end - begin);
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

/* --- floods: each writes what is sent as the event of that number --------------------- */

static struct address attacker(uint64_t n)
{
	return (struct address){ ATTACKER, (uint16_t)(1024 + n % 60000) };
}

/* From all over the world, and from another place each time. */
static struct address anybody(uint64_t n)
{
	const uint64_t z = scatter(n);
	return (struct address){ 0x0b000000U + (uint32_t)(z % 0x60000000U),
		                 (uint16_t)(1024 + (z >> 40) % 60000) };
}

static const struct address pbx = { 0xc6130001U, 5060 };

struct flood_sip {
	struct address from, to;
	uint64_t n, call;       /* `call` makes the Call-ID and From tag */
	const char *first_line; /* NULL: a request of `method` */
	const char *method;
	const char *to_tag;
	uint16_t sdp_port; /* 0: none */
	uint32_t sdp_host;
	bool ever_new_names;
};

static void send_sip(struct generator *g, uint64_t at_us, const struct flood_sip *m)
{
	uint8_t frame[FRAME_MAX];
	struct text t = { (char *)frame + HEADERS, 0, FRAME_MAX - HEADERS };
	const char *host =
	        m->ever_new_names ? dotted((uint32_t)scatter(m->n)) : "pbx.example";
	const uint64_t user = m->ever_new_names ? m->n : 100;
	if (m->first_line)
		text_add(&t, "SIP/2.0 %s\r\n", m->first_line);
	else
		text_add(&t, "%s sip:+%" PRIu64 "@%s SIP/2.0\r\n", m->method, user, host);
	text_add(&t, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%" PRIx64 "\r\n",
	         dotted(m->from.ip), m->from.port, m->call);
	text_add(&t, "From: <sip:%" PRIu64 "@%s>;tag=f%" PRIx64 "\r\n", user + 7, host,
	         m->call);
	text_add(&t, "To: <sip:+%" PRIu64 "@%s>%s%s\r\n", user, host,
	         m->to_tag ? ";tag=" : "", m->to_tag ? m->to_tag : "");
	text_add(&t, "Call-ID: %" PRIx64 "@flood\r\nCSeq: 1 %s\r\n", m->call, m->method);
	text_add(&t, "Contact: <sip:%" PRIu64 "@%s>\r\nMax-Forwards: 70\r\n", user + 7,
	         dotted(m->from.ip));
	if (strcmp(m->method, "SUBSCRIBE") == 0)
		text_add(&t, "Event: dialog\r\nExpires: 600\r\n");
	if (strcmp(m->method, "REGISTER") == 0)
		text_add(&t, "Expires: 3600\r\n");
	if (m->sdp_port) {
		char sdp[256];
		const int len =
		        snprintf(sdp, sizeof sdp,
		                 "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\n"
		                 "t=0 0\r\nm=audio %u RTP/AVP 0 8\r\n",
		                 dotted(m->sdp_host), dotted(m->sdp_host), m->sdp_port);
		text_add(&t,
		         "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		         len, sdp);
	} else {
		text_add(&t, "Content-Length: 0\r\n\r\n");
	}
	write_udp(g, at_us, frame, t.len, m->from, m->to);
}

static void request(struct generator *g, uint64_t n, uint64_t at_us, const char *method,
                    struct address from)
{
	const struct flood_sip m = {
		.from = from, .to = pbx, .n = n, .call = scatter(n), .method = method
	};
	send_sip(g, at_us, &m);
}

static void answer(struct generator *g, uint64_t n, uint64_t at_us, const char *method,
                   const char *line, struct address to)
{
	const struct flood_sip m = { .from = pbx,
		                     .to = to,
		                     .n = n,
		                     .call = scatter(n),
		                     .method = method,
		                     .first_line = line,
		                     .to_tag = "pbx" };
	send_sip(g, at_us, &m);
}

static void flood_invites(struct generator *g, uint64_t n, uint64_t at_us)
{
	request(g, n, at_us, "INVITE", attacker(n));
}

static void flood_invites_spread(struct generator *g, uint64_t n, uint64_t at_us)
{
	request(g, n, at_us, "INVITE", anybody(n));
}

static void flood_ringing(struct generator *g, uint64_t n, uint64_t at_us)
{
	request(g, n, at_us, "INVITE", attacker(n));
	answer(g, n, at_us, "INVITE", "180 Ringing", attacker(n));
}

static void flood_answered(struct generator *g, uint64_t n, uint64_t at_us)
{
	request(g, n, at_us, "INVITE", attacker(n));
	answer(g, n, at_us, "INVITE", "200 OK", attacker(n));
}

static void flood_acknowledged(struct generator *g, uint64_t n, uint64_t at_us)
{
	flood_answered(g, n, at_us);
	const struct flood_sip m = { .from = attacker(n),
		                     .to = pbx,
		                     .n = n,
		                     .call = scatter(n),
		                     .method = "ACK",
		                     .to_tag = "pbx" };
	send_sip(g, at_us, &m);
}

static void flood_refused(struct generator *g, uint64_t n, uint64_t at_us)
{
	request(g, n, at_us, "INVITE", anybody(n));
	answer(g, n, at_us, "INVITE", "404 Not Found", anybody(n));
}

static void flood_forks(struct generator *g, uint64_t n, uint64_t at_us)
{
	char tag[32];
	if (n == 0)
		request(g, 0, at_us, "INVITE", attacker(0));
	snprintf(tag, sizeof tag, "%" PRIx64, scatter(n));
	const struct flood_sip m = { .from = pbx,
		                     .to = attacker(0),
		                     .n = 0,
		                     .call = scatter(0),
		                     .method = "INVITE",
		                     .first_line =
		                             n % 2 ? "200 OK" : "183 Session Progress",
		                     .to_tag = tag,
		                     .sdp_port = (uint16_t)(1024 + n % 60000),
		                     .sdp_host = PBX + (uint32_t)(n >> 8) };
	send_sip(g, at_us, &m);
}

/* Everything that is kept of an INVITE, as long as it may be. */
static void flood_long_texts(struct generator *g, uint64_t n, uint64_t at_us)
{
	static char word[250];
	const uint64_t z = scatter(n);
	memset(word, 'x', sizeof word - 1);
	uint8_t frame[4096];
	struct text t = { (char *)frame + HEADERS, 0, sizeof frame - HEADERS };
	text_add(&t,
	         "INVITE sip:%s@pbx SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%" PRIx64
	         "\r\n",
	         word, word, z);
	text_add(&t,
	         "From: <sip:%" PRIx64 "%s>;tag=%" PRIx64 "\r\nTo: <sip:%" PRIx64 "%s>\r\n",
	         z, word, z, z, word);
	text_add(&t, "Call-ID: %" PRIx64 "%s\r\nCSeq: 1 INVITE\r\nUser-Agent: %s\r\n", z,
	         word, word);
	text_add(&t,
	         "Contact: <sip:a@%s>\r\nReferred-By: <sip:%s>\r\nDiversion: <sip:%s>\r\n",
	         word, word, word);
	text_add(&t,
	         "P-Asserted-Identity: <sip:%s@a>\r\nReplaces: %s;to-tag=1;from-tag=2\r\n",
	         word, word);
	text_add(&t, "Content-Length: 0\r\n\r\n");
	write_udp(g, at_us, frame, t.len, anybody(n), pbx);
}

/* Ever new attempts, which all have one Call-ID. */
static void flood_one_call_id(struct generator *g, uint64_t n, uint64_t at_us)
{
	const char *const methods[] = { "INVITE", "REGISTER", "OPTIONS" };
	uint8_t frame[FRAME_MAX];
	struct text t = { (char *)frame + HEADERS, 0, FRAME_MAX - HEADERS };
	const char *method = methods[n % ARRAY_LEN(methods)];
	text_add(&t,
	         "%s sip:pbx.example SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%" PRIx64
	         "\r\n",
	         method, scatter(n));
	text_add(&t,
	         "From: <sip:a@b>;tag=%" PRIx64
	         "\r\nTo: <sip:c@d>\r\nCall-ID: same@flood\r\n",
	         scatter(n));
	text_add(&t, "CSeq: %" PRIu64 " %s\r\nContent-Length: 0\r\n\r\n", n + 1, method);
	write_udp(g, at_us, frame, t.len, attacker(n), pbx);
}

static void flood_ports(struct generator *g, uint64_t n, uint64_t at_us)
{
	const struct flood_sip m = { .from = attacker(n),
		                     .to = pbx,
		                     .n = n,
		                     .call = scatter(n / 1000), /* re-INVITEs, as it were */
		                     .method = "INVITE",
		                     .sdp_port = (uint16_t)(1024 + n % 60000),
		                     .sdp_host = (uint32_t)scatter(n) };
	send_sip(g, at_us, &m);
}

static void flood_offers(struct generator *g, uint64_t n, uint64_t at_us)
{
	const struct flood_sip m = { .from = attacker(n),
		                     .to = pbx,
		                     .n = n,
		                     .call = scatter(n),
		                     .method = "INVITE",
		                     .sdp_port = (uint16_t)(1024 + n % 60000),
		                     .sdp_host = (uint32_t)scatter(n) };
	send_sip(g, at_us, &m);
}

static void flood_registers(struct generator *g, uint64_t n, uint64_t at_us)
{
	const struct flood_sip m = { .from = attacker(n),
		                     .to = pbx,
		                     .n = n,
		                     .call = scatter(n),
		                     .method = "REGISTER",
		                     .ever_new_names = true };
	send_sip(g, at_us, &m);
}

static void flood_bindings(struct generator *g, uint64_t n, uint64_t at_us)
{
	struct flood_sip m = { .from = attacker(n),
		               .to = pbx,
		               .n = n,
		               .call = scatter(n),
		               .method = "REGISTER",
		               .ever_new_names = true };
	send_sip(g, at_us, &m);
	m.from = pbx;
	m.to = attacker(n);
	m.first_line = "200 OK";
	m.to_tag = "pbx";
	send_sip(g, at_us, &m);
}

static void flood_subscribes(struct generator *g, uint64_t n, uint64_t at_us)
{
	request(g, n, at_us, "SUBSCRIBE", attacker(n));
}

static void flood_options(struct generator *g, uint64_t n, uint64_t at_us)
{
	struct flood_sip m = { .from = attacker(n),
		               .to = { anybody(n).ip, 5060 },
		               .n = n,
		               .call = scatter(n),
		               .method = "OPTIONS" };
	send_sip(g, at_us, &m);
}

/* Refused calls with ever new numbers, domains, hosts: what KPIs are kept of. */
static void flood_numbers(struct generator *g, uint64_t n, uint64_t at_us)
{
	struct flood_sip m = { .from = anybody(n),
		               .to = { anybody(~n).ip, 5060 },
		               .n = n,
		               .call = scatter(n),
		               .method = "INVITE",
		               .ever_new_names = true };
	send_sip(g, at_us, &m);
	const struct address from = m.from;
	m.from = m.to;
	m.to = from;
	m.first_line = "486 Busy Here";
	m.to_tag = "x";
	send_sip(g, at_us, &m);
}

static void send_rtp(struct generator *g, uint64_t at_us, uint32_t ssrc, uint16_t sequence,
                     struct address src, struct address dst)
{
	uint8_t frame[FRAME_MAX], *rtp = frame + HEADERS;
	rtp[0] = 0x80;
	rtp[1] = 8;
	put16(rtp + 2, sequence);
	put32(rtp + 4, sequence * 160U);
	put32(rtp + 8, ssrc);
	memcpy(rtp + 12, g->noise + ssrc % 512, 160);
	write_udp(g, at_us, frame, 172, src, dst);
}

static void flood_ssrcs(struct generator *g, uint64_t n, uint64_t at_us)
{
	send_rtp(g, at_us, (uint32_t)scatter(n), (uint16_t)n,
	         (struct address){ ATTACKER, 4000 }, (struct address){ PBX, 4000 });
}

/* Into the calls themselves: from where the phone of the call that goes on sends. */
static void flood_ssrcs_in_calls(struct generator *g, uint64_t n, uint64_t at_us)
{
	const struct stream *s =
	        &g->calls[at_us * g->call_count / (g->events_us + 1)].streams[0];
	send_rtp(g, at_us, (uint32_t)scatter(n), (uint16_t)n, s->src, s->dst);
}

static void flood_ssrcs_spread(struct generator *g, uint64_t n, uint64_t at_us)
{
	send_rtp(g, at_us, (uint32_t)scatter(n), (uint16_t)n, anybody(n), anybody(~n));
}

/* Six packets of each, which is enough to be taken for a stream. */
static void flood_streams(struct generator *g, uint64_t n, uint64_t at_us)
{
	const uint64_t stream = n / 6;
	send_rtp(g, at_us, (uint32_t)scatter(stream), (uint16_t)n, anybody(stream),
	         anybody(~stream));
}

static void flood_streams_in_calls(struct generator *g, uint64_t n, uint64_t at_us)
{
	const uint64_t into = at_us * g->call_count / (g->events_us + 1);
	const struct stream *s = &g->calls[into & ~UINT64_C(1)].streams[0];
	send_rtp(g, at_us, (uint32_t)scatter(n / 6), (uint16_t)n,
	         (struct address){ s->src.ip, 17000 }, s->dst);
}

static void flood_streams_one_flow(struct generator *g, uint64_t n, uint64_t at_us)
{
	send_rtp(g, at_us, (uint32_t)scatter(n / 6), (uint16_t)n,
	         (struct address){ ATTACKER, 4000 }, (struct address){ PBX, 4000 });
}

static void flood_rtcp(struct generator *g, uint64_t n, uint64_t at_us)
{
	uint8_t frame[FRAME_MAX], *sr = frame + HEADERS;
	memset(sr, 0, 52);
	put32(sr, 0x81c8000cU);
	put32(sr + 4, (uint32_t)scatter(n));
	put32(sr + 28, (uint32_t)scatter(~n));
	const struct stream *s =
	        &g->calls[n % g->call_count].streams[n / g->call_count % 2];
	struct address src = s->src, dst = s->dst;
	src.port++;
	dst.port++;
	write_udp(g, at_us, frame, 52, src, dst);
}

/* First fragments of datagrams whose others never come. */
static void send_fragment(struct generator *g, uint64_t n, uint64_t at_us,
                          struct address src)
{
	uint8_t frame[FRAME_MAX];
	const struct address dst = { PBX, 5060 };
	memcpy(frame + HEADERS, g->noise, 512);
	frame_wrap(frame, 512, &src, &dst, (uint16_t)n);
	put16(frame + 14 + 6, 0x2000); /* more fragments */
	put16(frame + 14 + 10, 0);
	put16(frame + 14 + 10, checksum(sum16(frame + 14, 20, 0)));
	write_frame(g, at_us, frame, HEADERS + 512);
}

static void flood_fragments(struct generator *g, uint64_t n, uint64_t at_us)
{
	send_fragment(g, n, at_us,
	              (struct address){ ATTACKER + (uint32_t)(n >> 16), 5060 });
}

static void flood_fragments_spread(struct generator *g, uint64_t n, uint64_t at_us)
{
	send_fragment(g, n, at_us, anybody(n));
}

static void flood_half_open(struct generator *g, uint64_t n, uint64_t at_us)
{
	uint8_t frame[FRAME_MAX];
	write_tcp(g, at_us, frame, 0, anybody(n), pbx, 1, TCP_SYN);
}

/* A connection each, and the beginning of a message that does not go on. */
static void flood_half_messages(struct generator *g, uint64_t n, uint64_t at_us)
{
	uint8_t frame[FRAME_MAX];
	struct text t = { (char *)frame + TCP_HEADERS, 0, FRAME_MAX - TCP_HEADERS };
	text_add(&t,
	         "INVITE sip:100@pbx.example SIP/2.0\r\nContent-Length: 60000\r\n\r\n%400s",
	         "x");
	write_tcp(g, at_us, frame, t.len, anybody(n), pbx, 1, TCP_ACK);
}

/* A thousand connections, in which the first octets never come. */
static void flood_tcp_gaps(struct generator *g, uint64_t n, uint64_t at_us)
{
	uint8_t frame[FRAME_MAX];
	const struct address src = { ATTACKER, (uint16_t)(1024 + n % 1000) };
	if (n < 1000) {
		write_tcp(g, at_us, frame, 0, src, pbx, 0, TCP_SYN);
		return;
	}
	memcpy(frame + TCP_HEADERS, g->noise, 512);
	write_tcp(g, at_us, frame, 512, src, pbx, (uint32_t)(10 + n / 1000 * 1024),
	          TCP_ACK);
}

/* Small datagrams that are nothing: each a flow of its own that is looked at. */
static void flood_unknown(struct generator *g, uint64_t n, uint64_t at_us)
{
	uint8_t frame[FRAME_MAX];
	memcpy(frame + HEADERS, g->noise, 64);
	frame[HEADERS] = 0x17;
	write_udp(g, at_us, frame, 64, anybody(n), anybody(~n));
}

/* TLS handshakes with ever new peers. */
static void flood_tls(struct generator *g, uint64_t n, uint64_t at_us)
{
	static const uint8_t hello[] = { 0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3 };
	uint8_t frame[FRAME_MAX];
	memset(frame + TCP_HEADERS, 0, 50);
	memcpy(frame + TCP_HEADERS, hello, sizeof hello);
	write_tcp(g, at_us, frame, 50, anybody(n), (struct address){ PBX, 5061 }, 1,
	          TCP_ACK);
}

static const struct {
	const char *name;
	void (*send)(struct generator *g, uint64_t n, uint64_t at_us);
} floods[] = {
	{ "invites", flood_invites },
	{ "invites_spread", flood_invites_spread },
	{ "ringing", flood_ringing },
	{ "answered", flood_answered },
	{ "acknowledged", flood_acknowledged },
	{ "long_texts", flood_long_texts },
	{ "one_call_id", flood_one_call_id },
	{ "refused", flood_refused },
	{ "forks", flood_forks },
	{ "ports", flood_ports },
	{ "offers", flood_offers },
	{ "registers", flood_registers },
	{ "bindings", flood_bindings },
	{ "subscribes", flood_subscribes },
	{ "options", flood_options },
	{ "numbers", flood_numbers },
	{ "ssrcs", flood_ssrcs },
	{ "ssrcs_in_calls", flood_ssrcs_in_calls },
	{ "ssrcs_spread", flood_ssrcs_spread },
	{ "streams", flood_streams },
	{ "streams_in_calls", flood_streams_in_calls },
	{ "streams_one_flow", flood_streams_one_flow },
	{ "rtcp", flood_rtcp },
	{ "fragments", flood_fragments },
	{ "fragments_spread", flood_fragments_spread },
	{ "half_open", flood_half_open },
	{ "half_messages", flood_half_messages },
	{ "tcp_gaps", flood_tcp_gaps },
	{ "unknown", flood_unknown },
	{ "tls", flood_tls },
};

/* --- everything ----------------------------------------------------------------------- */

static void generate(struct generator *g, size_t flood)
{
	/* Classic header in this machine's order: microseconds, version 2.4, Ethernet. */
	const uint32_t header[6] = { 0xa1b2c3d4U, 0x00040002U, 0, 0, 262144, 1 };
	fwrite(header, sizeof header, 1, g->out);
	for (size_t i = 0; i < sizeof g->noise; i++)
		g->noise[i] = (uint8_t)scatter(i);
	for (uint32_t i = 0; i < g->call_count; i++)
		init_call(g, i);
	for (uint64_t n = 0; n < g->count || g->heap.used;) {
		const uint64_t at_us =
		        n < g->count ? g->events_us * n / g->count : UINT64_MAX;
		if (g->heap.used && g->heap.events[0].at_us <= at_us) {
			const struct event event = event_pop(&g->heap);
			if (event.kind != 1)
				write_signal(g, &event);
			else
				write_media(g, &event);
		} else {
			floods[flood].send(g, n++, at_us);
		}
	}
}

static size_t flood_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(floods); i++)
		if (strcmp(floods[i].name, name) == 0)
			return i;
	errx(2, "no flood is called %s", name);
}

static uint64_t number(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	const uint64_t value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value < least || value > most)
		errx(2, "%s: a number from %" PRIu64 " to %" PRIu64 " is needed", text,
		     least, most);
	return value;
}

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		err(1, "%s", path);
	setvbuf(file, NULL, _IOFBF, 1 << 20);
	return file;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "flood", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'n' },
		{ "calls", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 's' },
		{ "list", no_argument, NULL, 'l' },
		{ 0 },
	};
	struct generator g = { .call_count = 50, .events_us = 60ULL * US_PER_S };
	const char *path = NULL, *flood = NULL;
	for (int o; (o = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		switch (o) {
		case 'f':
			flood = optarg;
			break;
		case 'n':
			g.count = number(optarg, 0, UINT32_MAX);
			break;
		case 'c':
			g.call_count = (uint32_t)number(optarg, 1, 250);
			break;
		case 's':
			g.events_us = number(optarg, 1, 86400) * US_PER_S;
			break;
		case 'o':
			path = optarg;
			break;
		case 'l':
			for (size_t i = 0; i < ARRAY_LEN(floods); i++)
				puts(floods[i].name);
			return 0;
		default:
			return 2;
		}
	}
	if (!path || !flood || optind != argc)
		errx(2,
		     "usage: generate --flood KIND --count N [--calls N] [--seconds S] -o FILE");
	const size_t kind = flood_of(flood);
	g.out = create(path);
	g.calls = calloc(g.call_count, sizeof *g.calls);
	if (!g.calls)
		err(1, "calls");
	generate(&g, kind);
	if (ferror(g.out) || fclose(g.out))
		err(1, "%s", path);
	printf("%" PRIu64 "\n", g.frames);
	free(g.calls);
	free(g.heap.events);
	return 0;
}
