/*
 * kinds.h - the floods: each function writes what is sent as the event of that number.
 */
#ifndef TESTS_FLOODS_KINDS_H
#define TESTS_FLOODS_KINDS_H

#include "tests/floods/good_calls.h"

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
	put_frame(g, at_us, frame, HEADERS + 512);
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

#endif
