/*
 * call.h - one generated call: its two streams, and its SIP messages as text.
 */
#ifndef TESTS_BENCH_CALL_H
#define TESTS_BENCH_CALL_H

#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/bench/frame.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof(array)[0])

enum step { INVITE, TRYING, RINGING, ANSWER, ACK, BYE, BYE_OK, STEPS };

static const struct codec {
	const char *name;
	uint8_t type;
	uint8_t octets;
} codecs[] = { { "PCMU", 0, 160 }, { "PCMA", 8, 160 }, { "G729", 18, 20 } };

struct stream {
	struct address src, dst;
	const struct codec *codec;
	uint64_t begin_us;
	uint32_t ssrc, first_timestamp;
	uint32_t next, newest;        /* packets, counted from 0 */
	uint32_t loss, doubles, late; /* chances in 2^32 */
	uint32_t jitter_us;
	uint32_t lost, duplicates, reordered, received;
	uint16_t first_sequence;
};

struct call {
	struct stream streams[2]; /* the caller's, the callee's */
	struct address phone, gateway;
	uint64_t at_us[STEPS];
	uint64_t token;
	uint32_t media_end; /* streams that have written their last packet */
	bool callee_hangs_up;
};

struct text {
	char *at;
	size_t len, room;
};

__attribute__((format(printf, 2, 3))) static inline void text_add(struct text *t,
                                                                  const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const int n = vsnprintf(t->at + t->len, t->room - t->len, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= t->room - t->len)
		errx(1, "a message outgrew its frame");
	t->len += (size_t)n;
}

/* Dotted, in one of a few static buffers: several fit into one call of printf. */
static inline const char *dotted(uint32_t ip)
{
	static char ring[8][16];
	static unsigned turn;
	char *text = ring[turn++ % ARRAY_LEN(ring)];
	snprintf(text, sizeof ring[0], "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255,
	         ip >> 8 & 255, ip & 255);
	return text;
}

static inline void sdp_add(struct text *t, const struct stream *own, bool offer)
{
	char body[512];
	struct text sdp = { body, 0, sizeof body };
	const char *host = dotted(own->src.ip);
	text_add(&sdp, "v=0\r\no=- %" PRIu32 " 1 IN IP4 %s\r\ns=call\r\n", own->ssrc, host);
	text_add(&sdp, "c=IN IP4 %s\r\nt=0 0\r\nm=audio %u RTP/AVP", host, own->src.port);
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
		if (offer || own->codec == &codecs[i])
			text_add(&sdp, " %u", codecs[i].type);
	text_add(&sdp, " 101\r\n");
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
		if (offer || own->codec == &codecs[i])
			text_add(&sdp, "a=rtpmap:%u %s/8000\r\n", codecs[i].type,
			         codecs[i].name);
	text_add(&sdp, "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
	               "a=ptime:20\r\na=sendrecv\r\n");
	text_add(t, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
	         sdp.len, body);
}

static inline bool is_response(enum step step)
{
	return step == TRYING || step == RINGING || step == ANSWER || step == BYE_OK;
}

/* Whether the request of this step goes from the callee to the caller. */
static inline bool is_backward(const struct call *call, enum step step)
{
	return (step == BYE || step == BYE_OK) && call->callee_hangs_up;
}

static inline void from_to_add(struct text *t, const struct call *call, enum step step)
{
	const char *from = "From", *to = "To";
	const uint32_t low = (uint32_t)call->token, high = (uint32_t)(call->token >> 32);
	const bool backward = is_backward(call, step);
	text_add(t, "%s: \"Caller %" PRIu32 "\" <sip:+4930%08" PRIu32 "@%s>",
	         backward ? to : from, low % 1000, low % 100000000, dotted(call->phone.ip));
	text_add(t, ";tag=c%08" PRIx32 "\r\n", low);
	text_add(t, "%s: <sip:+4930%08" PRIu32 "@%s>", backward ? from : to,
	         high % 100000000, dotted(call->gateway.ip));
	if (step != INVITE && step != TRYING)
		text_add(t, ";tag=g%08" PRIx32, high);
	text_add(t, "\r\n");
}

static inline void sip_text(struct text *t, const struct call *call, enum step step)
{
	static const char *const first[STEPS] = {
		[INVITE] = "INVITE",
		[TRYING] = "SIP/2.0 100 Trying",
		[RINGING] = "SIP/2.0 180 Ringing",
		[ANSWER] = "SIP/2.0 200 OK",
		[ACK] = "ACK",
		[BYE] = "BYE",
		[BYE_OK] = "SIP/2.0 200 OK",
	};
	/* An ACK of a 2xx is a transaction of its own: RFC 3261 section 17.1.1.3. */
	static const char branch[STEPS] = { 'i', 'i', 'i', 'i', 'a', 'b', 'b' };
	const bool response = is_response(step), backward = is_backward(call, step);
	const uint32_t low = (uint32_t)call->token, high = (uint32_t)(call->token >> 32);
	const char *phone = dotted(call->phone.ip), *gateway = dotted(call->gateway.ip);
	const char *client = backward ? gateway : phone;

	text_add(t, "%s", first[step]);
	if (!response)
		text_add(t, " sip:+4930%08" PRIu32 "@%s:5060;transport=udp SIP/2.0",
		         (backward ? low : high) % 100000000, backward ? phone : gateway);
	text_add(t,
	         "\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK%016" PRIx64 "%c;rport%s\r\n",
	         client, call->token, branch[step], response ? "=5060" : "");
	if (!response)
		text_add(t, "Max-Forwards: 70\r\n");
	from_to_add(t, call, step);
	text_add(t, "Call-ID: %016" PRIx64 "@%s\r\n", call->token, phone);
	text_add(t, "CSeq: %s\r\n",
	         branch[step] == 'b' ? "2 BYE"
	         : step == ACK       ? "1 ACK"
	                             : "1 INVITE");
	if (step == INVITE || step == RINGING || step == ANSWER)
		text_add(t, "Contact: <sip:+4930%08" PRIu32 "@%s:5060;transport=udp>\r\n",
		         (step == INVITE ? low : high) % 100000000,
		         step == INVITE ? phone : gateway);
	text_add(t, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO\r\n"
	            "Supported: timer, 100rel, replaces\r\n");
	text_add(t, "%s: Earshot-bench/1.0\r\n", response ? "Server" : "User-Agent");
	if (step == INVITE)
		text_add(t, "P-Asserted-Identity: <sip:+4930%08" PRIu32 "@%s>\r\n",
		         low % 100000000, phone);
	if (step == INVITE || step == ANSWER)
		sdp_add(t, &call->streams[step == ANSWER], step == INVITE);
	else
		text_add(t, "Content-Length: 0\r\n\r\n");
}

#endif
