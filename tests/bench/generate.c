/*
 * generate.c - writes a capture of many concurrent calls, and the truth about it.
 *
 *   generate --calls N --packets P --seed S -o OUT.pcap --truth OUT.truth.json [--rtcp]
 *
 * Every call has one leg: INVITE with an offer, 100, 180, 200 with the answer, ACK, then
 * RTP both ways, then BYE and its 200.  The calls begin within the first second and end
 * together, so all N are up at once.  Streams lose, double and reorder packets at random;
 * the truth says by how much, counted as the packets were written and as RFC 3550
 * appendix A.1 sees them.  The same arguments give the same octets.
 *
 * Four rules keep the truth free of interpretation: the first and the last packet of a
 * stream are on time and never lost; nothing comes later than six packets out of place;
 * a double has an IP identification of its own, because the same one would make it a copy
 * by a mirror port; and a stream never pauses.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/call.h"
#include "tests/bench/frame.h"
#include "tests/bench/heap.h"
#include "tests/bench/output.h"

enum {
	US_PER_MS = 1000,
	PTIME_US = 20 * US_PER_MS,
	SAMPLES = 160, /* 20 ms at 8 kHz, for all three codecs */
	RTCP_US = 5 * US_PER_S,
	SIP_PER_CALL = 7,
	CALLS_PER_PHONE = 32,
	GATEWAYS = 16,
	CALLS_MAX = 400000, /* a gateway has no more ports than for its share of these */
	QUIET_ENDS = 8,     /* packets at either end of a stream that stay in their place */
	LATE_MAX = 6,
};

enum kind { SIGNAL, MEDIA, LATE, DOUBLE, REPORT };

struct generator {
	struct call *calls;
	struct heap heap;
	uint64_t random, written;
	uint32_t call_count, stream_packets;
	FILE *out;
	uint8_t noise[4096];
	uint16_t ip_id;
	bool rtcp;
};

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
static uint64_t random_next(struct generator *g)
{
	uint64_t z = g->random += 0x9e3779b97f4a7c15U;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static uint32_t random_below(struct generator *g, uint32_t limit)
{
	return (uint32_t)(((random_next(g) >> 32) * limit) >> 32);
}

static bool chance(struct generator *g, uint32_t in_2_32)
{
	return (uint32_t)(random_next(g) >> 32) < in_2_32;
}

/* Writes the frame whose payload of `len` octets lies at frame + HEADERS. */
static void frame_write(struct generator *g, uint64_t at_us, const struct address *src,
                        const struct address *dst, uint8_t *frame, size_t len)
{
	frame_wrap(frame, len, src, dst, g->ip_id++);
	write_frame(g->out, at_us, frame, len + HEADERS);
	g->written++;
}

static uint64_t arrival(struct generator *g, const struct stream *s, uint32_t packet)
{
	return s->begin_us + (uint64_t)packet * PTIME_US + random_below(g, s->jitter_us);
}

/* Plans the stream's next packet that comes in order, and whatever comes beside it. */
static void media_plan(struct generator *g, uint32_t call, uint8_t side)
{
	struct stream *s = &g->calls[call].streams[side];
	for (;;) {
		struct event event = {
			.call = call, .side = side, .packet = s->next++, .kind = MEDIA
		};
		const bool inner = event.packet >= QUIET_ENDS &&
		                   event.packet + QUIET_ENDS < g->stream_packets;
		const bool end = event.packet == 0 || event.packet + 1 == g->stream_packets;
		if (!end && chance(g, s->loss)) {
			s->lost++;
			continue;
		}
		event.at_us = arrival(g, s, event.packet);
		if (inner && chance(g, s->late)) {
			event.kind = LATE;
			event.at_us +=
			        (1 + random_below(g, LATE_MAX - 1)) * (uint64_t)PTIME_US;
			event_push(&g->heap, event);
			continue;
		}
		event_push(&g->heap, event);
		if (inner && chance(g, s->doubles)) {
			event.kind = DOUBLE;
			event.at_us += 1 + random_below(g, 2 * PTIME_US);
			event_push(&g->heap, event);
		}
		return;
	}
}

static void media_write(struct generator *g, const struct event *event)
{
	struct stream *s = &g->calls[event->call].streams[event->side];
	uint8_t frame[FRAME_MAX], *rtp = frame + HEADERS;
	rtp[0] = 0x80;
	rtp[1] = (uint8_t)(s->codec->type | (event->packet == 0 ? 0x80 : 0));
	put16(rtp + 2, s->first_sequence + event->packet);
	put32(rtp + 4, s->first_timestamp + event->packet * SAMPLES);
	put32(rtp + 8, s->ssrc);
	memcpy(rtp + 12,
	       g->noise + (s->ssrc + event->packet * 31) % (sizeof g->noise - SAMPLES),
	       s->codec->octets);
	frame_write(g, event->at_us, &s->src, &s->dst, frame, 12U + s->codec->octets);

	if (event->kind == DOUBLE) {
		s->duplicates++;
		return;
	}
	s->received++;
	if (event->packet < s->newest)
		s->reordered++;
	else
		s->newest = event->packet;
}

/* A sender report with one report block: RFC 3550 section 6.4.1. */
static void report_write(struct generator *g, const struct event *event)
{
	const struct call *call = &g->calls[event->call];
	const struct stream *s = &call->streams[event->side],
	                    *other = &call->streams[!event->side];
	uint8_t frame[FRAME_MAX], *sr = frame + HEADERS;
	memset(sr, 0, 52);
	put32(sr, 0x81c8000cU);
	put32(sr + 4, s->ssrc);
	put32(sr + 8,
	      (uint32_t)(event->at_us / US_PER_S + 2208988800U)); /* NTP counts from 1900 */
	put32(sr + 12, (uint32_t)(((event->at_us % US_PER_S) << 32) / US_PER_S));
	put32(sr + 16, s->first_timestamp +
	                       (uint32_t)((event->at_us - s->begin_us) * 8 / US_PER_MS));
	put32(sr + 20, s->received + s->lost);
	put32(sr + 24, (s->received + s->lost) * s->codec->octets);
	put32(sr + 28, other->ssrc);
	put32(sr + 32, other->lost);
	put32(sr + 36, other->first_sequence + other->newest);
	put32(sr + 40,
	      other->jitter_us * 8 / US_PER_MS / 3); /* mean |D| of a uniform spread */
	struct address from = s->src, to = s->dst;
	from.port++;
	to.port++;
	frame_write(g, event->at_us, &from, &to, frame, 52);
}

static void signal_plan(struct generator *g, uint32_t call, enum step step, uint64_t at_us)
{
	g->calls[call].at_us[step] = at_us;
	event_push(&g->heap,
	           (struct event){
	                   .at_us = at_us, .call = call, .packet = step, .kind = SIGNAL });
}

static void media_begin(struct generator *g, uint32_t call, uint64_t at_us)
{
	for (uint8_t side = 0; side < 2; side++) {
		struct stream *s = &g->calls[call].streams[side];
		s->begin_us = at_us + random_below(g, PTIME_US);
		media_plan(g, call, side);
		if (g->rtcp)
			event_push(&g->heap, (struct event){ .at_us = s->begin_us + RTCP_US,
			                                     .call = call,
			                                     .side = side,
			                                     .kind = REPORT });
	}
}

static void signal_run(struct generator *g, const struct event *event)
{
	struct call *call = &g->calls[event->call];
	const enum step step = event->packet;
	uint8_t frame[FRAME_MAX];
	struct text text = { (char *)frame + HEADERS, 0, FRAME_MAX - HEADERS };
	sip_text(&text, call, step);
	const bool to_caller = is_response(step) != is_backward(call, step);
	frame_write(g, event->at_us, to_caller ? &call->gateway : &call->phone,
	            to_caller ? &call->phone : &call->gateway, frame, text.len);

	static const uint32_t pause_us[STEPS] = { [INVITE] = 5000,
		                                  [TRYING] = 60000,
		                                  [RINGING] = 120000,
		                                  [ANSWER] = 5000,
		                                  [BYE] = 3000 };
	if (step == ACK)
		media_begin(g, event->call, event->at_us + 5ULL * US_PER_MS);
	else if (step != BYE_OK)
		signal_plan(g, event->call, step + 1,
		            event->at_us + pause_us[step] +
		                    random_below(g, 2 * pause_us[step]));
}

static void media_run(struct generator *g, const struct event *event)
{
	struct call *call = &g->calls[event->call];
	media_write(g, event);
	if (event->kind != MEDIA)
		return;
	if (event->packet + 1 < g->stream_packets)
		media_plan(g, event->call, event->side);
	else if (++call->media_end == ARRAY_LEN(call->streams))
		signal_plan(g, event->call, BYE, event->at_us + 50ULL * US_PER_MS);
}

static void report_run(struct generator *g, const struct event *event)
{
	struct event next = *event;
	if (g->calls[event->call].media_end > 0)
		return;
	report_write(g, event);
	next.at_us += RTCP_US;
	event_push(&g->heap, next);
}

static void stream_init(struct generator *g, struct stream *s, uint32_t index)
{
	const uint32_t percent = UINT32_MAX / 100;
	s->ssrc = (uint32_t)random_next(g);
	s->first_timestamp = (uint32_t)random_next(g);
	s->first_sequence = (uint16_t)random_next(g);
	s->loss = random_below(g, 3 * percent);
	s->doubles = index % 8 == 3 ? percent : 0;
	s->late = index % 8 == 5 ? percent : 0;
	s->jitter_us = 1 + random_below(g, 8 * US_PER_MS); /* under PTIME_US: in order */
}

static void call_init(struct generator *g, uint32_t i)
{
	struct call *call = &g->calls[i];
	struct stream *out = &call->streams[0], *back = &call->streams[1];
	const uint32_t phone = i / CALLS_PER_PHONE, gateway = i % GATEWAYS;
	call->token = random_next(g);
	call->callee_hangs_up = i % 3 == 1;
	call->phone =
	        (struct address){ 0xc6120001U + (phone % 256 << 8) + phone / 256, 5060 };
	call->gateway = (struct address){ 0xc613000aU + (gateway << 8), 5060 };
	out->codec = back->codec = &codecs[i / GATEWAYS % ARRAY_LEN(codecs)];
	out->src.ip = call->phone.ip;
	out->src.port = (uint16_t)(16384 + 2 * (i % CALLS_PER_PHONE));
	out->dst.ip = call->gateway.ip;
	out->dst.port = (uint16_t)(10000 + 2 * (i / GATEWAYS));
	back->src = out->dst;
	back->dst = out->src;
	stream_init(g, out, 2 * i);
	stream_init(g, back, 2 * i + 1);
	signal_plan(g, i, INVITE, (uint64_t)START_S * US_PER_S + random_below(g, US_PER_S));
}

static const char *rfc3339(uint64_t at_us)
{
	static char ring[4][40];
	static unsigned turn;
	char *text = ring[turn++ % ARRAY_LEN(ring)];
	const time_t seconds = (time_t)(at_us / US_PER_S);
	struct tm tm;
	const size_t len = strftime(text, sizeof ring[0], "%Y-%m-%dT%H:%M:%S",
	                            gmtime_r(&seconds, &tm));
	snprintf(text + len, sizeof ring[0] - len, ".%06" PRIu64 "Z", at_us % US_PER_S);
	return text;
}

static void truth_stream(const struct generator *g, const struct stream *s, FILE *out)
{
	fprintf(out, "{\"kind\":\"stream\",\"src\":\"%s:%u\",\"dst\":\"%s:%u\",",
	        dotted(s->src.ip), s->src.port, dotted(s->dst.ip), s->dst.port);
	fprintf(out, "\"ssrc\":\"0x%08" PRIx32 "\",\"codec\":\"%s\",", s->ssrc,
	        s->codec->name);
	fprintf(out, "\"sent\":%" PRIu32 ",\"lost\":%" PRIu32 ",\"received\":%" PRIu32 ",",
	        g->stream_packets, s->lost, s->received);
	fprintf(out, "\"duplicates\":%" PRIu32 ",\"reordered\":%" PRIu32 "}\n",
	        s->duplicates, s->reordered);
}

static void truth_call(const struct call *call, FILE *out)
{
	fprintf(out, "{\"kind\":\"call\",\"sip_call_id\":\"%016" PRIx64 "@%s\",",
	        call->token, dotted(call->phone.ip));
	fprintf(out, "\"start\":\"%s\",\"ringing\":\"%s\",\"answered\":\"%s\",",
	        rfc3339(call->at_us[INVITE]), rfc3339(call->at_us[RINGING]),
	        rfc3339(call->at_us[ANSWER]));
	fprintf(out, "\"ended\":\"%s\",\"ended_by\":\"%s\"}\n", rfc3339(call->at_us[BYE]),
	        call->callee_hangs_up ? "callee" : "caller");
}

static void truth_write(const struct generator *g, FILE *out)
{
	for (uint32_t i = 0; i < g->call_count; i++) {
		truth_call(&g->calls[i], out);
		truth_stream(g, &g->calls[i].streams[0], out);
		truth_stream(g, &g->calls[i].streams[1], out);
	}
}

static void generate(struct generator *g)
{
	write_capture_header(g->out);
	for (size_t i = 0; i < sizeof g->noise; i++)
		g->noise[i] = (uint8_t)random_next(g);
	for (uint32_t i = 0; i < g->call_count; i++)
		call_init(g, i);
	while (g->heap.used) {
		const struct event event = event_pop(&g->heap);
		if (event.kind == SIGNAL)
			signal_run(g, &event);
		else if (event.kind == REPORT)
			report_run(g, &event);
		else
			media_run(g, &event);
	}
}

int main(int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "calls",   required_argument, NULL, 'c' },
		{ "packets", required_argument, NULL, 'p' },
		{ "seed",    required_argument, NULL, 's' },
		{ "truth",   required_argument, NULL, 't' },
		{ "rtcp",    no_argument,       NULL, 'r' },
		{ 0 },
	};
	/* clang-format on */
	static struct generator g;
	const char *path = NULL, *truth_path = NULL;
	uint64_t packets = 0;
	for (int o; (o = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		switch (o) {
		case 'c':
			g.call_count = (uint32_t)number(optarg, 1, CALLS_MAX);
			break;
		case 'p':
			packets = number(optarg, 1, UINT32_MAX);
			break;
		case 's':
			g.random = number(optarg, 0, UINT64_MAX);
			break;
		case 't':
			truth_path = optarg;
			break;
		case 'r':
			g.rtcp = true;
			break;
		case 'o':
			path = optarg;
			break;
		default:
			return 2;
		}
	}
	if (!path || !truth_path || !g.call_count || optind != argc)
		errx(2,
		     "usage: generate --calls N --packets P --seed S -o FILE --truth FILE"
		     " [--rtcp]");
	if (packets / g.call_count < SIP_PER_CALL + 4 * QUIET_ENDS)
		errx(2, "%" PRIu64 " packets are too few for %" PRIu32 " calls", packets,
		     g.call_count);
	g.stream_packets = (uint32_t)(packets / g.call_count - SIP_PER_CALL) / 2;
	g.calls = calloc(g.call_count, sizeof *g.calls);
	if (!g.calls)
		err(1, "calls");

	g.out = create(path);
	generate(&g);
	finish(g.out, path);
	FILE *truth = create(truth_path);
	truth_write(&g, truth);
	finish(truth, truth_path);
	printf("%" PRIu64 " packets, %" PRIu32 " calls\n", g.written, g.call_count);
	free(g.calls);
	free(g.heap.events);
	return 0;
}
