#include "probe/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "analyzer/base/every_packet.h"
#include "probe/application.h"
#include "probe/decode_plain.h"
#include "probe/frame_filter.h"
#include "probe/hep_feed.h"
#include "probe/redact.h"
#include "probe/tcp_stream.h"
#include "probe/tls.h"

enum { DIGEST_HEAD = 64 }; /* Ethernet, IPv4, UDP and RTP, and some of the payload */

struct pipeline {
	struct frame_filter *filter;       /* owned; NULL = every frame */
	struct decoder *decoder;           /* owned */
	struct tcp_streams *tcp;           /* owned */
	struct tls_peers *tls;             /* owned */
	struct analyzer *analyzer;         /* owned */
	struct applications *applications; /* owned; NULL: nobody looks */
	struct tcp_stream_sink messages;
	struct hep_feed *hep; /* owned; NULL: agents are not heard */
	bool hep_in_udp;      /* it is looked for in the packets themselves */
	struct redact redact; /* owns its room */
	struct sink redacting;
	bool redacts; /* what the analyzer says goes through it */

	struct packet batch[ANALYZER_BATCH]; /* decoded, not yet fed; borrowed bytes */
	size_t batched;

	struct frame held;   /* far ahead of all others, waits for the one after it */
	uint8_t *held_bytes; /* owned; NULL = nothing is held */

	nstime latest; /* highest stamp so far; NSTIME_NONE before the first frame */
	uint64_t clock_jumps, capture_dropped, tcp_gaps;
	uint64_t frames, parsed, not_ours;
	uint64_t by_reason[REASON_COUNT];
	uint64_t claims[CLAIM_COUNT]; /* of datagrams */
	uint64_t digest[2];
	bool listening; /* the sound of streams is looked at */
};

static void feed_message(void *self, const struct packet *message)
{
	struct pipeline *p = self;
	enum claim claim;
	if (p->hep && hep_feed_was_told(p->hep, message))
		return;
	analyzer_feed(p->analyzer, message, 1, &claim);
}

enum status pipeline_new(const struct pipeline_options *options, struct pipeline **out,
                         char error[PIPELINE_ERROR_SIZE])
{
	error[0] = '\0';
	struct pipeline *p = calloc(1, sizeof *p);
	if (!p)
		return ERR_NOMEM;
	p->latest = NSTIME_NONE;
	p->listening = options->settings.audio_facts;
	p->hep_in_udp = options->hep_in_udp;
	p->redacts = options->settings.redact;
	p->messages = (struct tcp_stream_sink){ feed_message, p };
	const struct limits *limits = &options->settings.limits;
	const uint16_t *ports = options->settings.sip_ports;
	size_t port_count = 0;
	while (port_count < LIMIT_SIP_PORTS && ports[port_count])
		port_count++;
	enum status status = OK;
	if (options->bpf)
		status = frame_filter_new(options->bpf, &p->filter, error,
		                          PIPELINE_ERROR_SIZE);
	if (status == OK)
		status = decoder_new(limits->fragment_bytes, &p->decoder);
	if (status == OK)
		status = tcp_streams_new(ports, port_count, limits->tcp_bytes, &p->tcp);
	if (status == OK)
		status = tls_peers_new(tls_ports_default, TLS_PORTS_DEFAULT,
		                       limits->tls_peers, &p->tls);
	if (status == OK && options->applications)
		status = applications_new(options->applications_at_once, &p->applications);
	if (status == OK)
		status = redact_room_new(&p->redact.room);
	p->redact.to = options->sink;
	p->redacting = redact_sink(&p->redact);
	if (status == OK && (options->hep_in_udp || options->hep))
		status = hep_feed_new(options->settings.key.k0, &p->hep);
	if (status == OK)
		status = analyzer_new(&options->settings,
		                      p->redacts ? &p->redacting : options->sink,
		                      &p->analyzer);
	if (status != OK) {
		pipeline_free(p);
		return status;
	}
	*out = p;
	return OK;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	analyzer_free(pipeline->analyzer);
	redact_room_free(pipeline->redact.room);
	applications_free(pipeline->applications);
	hep_feed_free(pipeline->hep);
	tls_peers_free(pipeline->tls);
	tcp_streams_free(pipeline->tcp);
	decoder_free(pipeline->decoder);
	frame_filter_free(pipeline->filter);
	free(pipeline->held_bytes);
	free(pipeline);
}

static void feed_batch(struct pipeline *p)
{
	enum claim claims[ANALYZER_BATCH];
	analyzer_feed(p->analyzer, p->batch, p->batched, claims);
	for (size_t i = 0; i < p->batched; i++) {
		p->claims[claims[i]]++;
		if (claims[i] == CLAIM_NONE && p->applications)
			applications_note(p->applications, &p->batch[i]);
	}
	p->batched = 0;
}

/* The next of the batch is filled. */
static void take_datagram(struct pipeline *p)
{
	if (++p->batched == ANALYZER_BATCH)
		feed_batch(p);
}

/* Everything before it is fed first: records keep the order of the packets. */
static void take_segment(struct pipeline *p, const struct decoded *decoded)
{
	feed_batch(p);
	const enum tcp_stream_claim claim = tcp_streams_feed(p->tcp, decoded, &p->messages);
	const uint64_t gaps = tcp_streams_counters(p->tcp).gaps;
	if (gaps > p->tcp_gaps)
		analyzer_note_tcp_gap(p->analyzer, decoded->packet.at);
	p->tcp_gaps = gaps;
	const bool encrypted = tls_peers_feed(p->tls, decoded);
	if (encrypted || claim == TCP_STREAM_OURS)
		p->parsed++;
	else if (claim == TCP_STREAM_FULL)
		p->by_reason[REASON_TCP_FULL]++;
	else
		p->not_ours++;
}

/* --- HEP
 * ---------------------------------------------------------------------------------- */

static void take_verdict(struct pipeline *p, enum hep_verdict verdict,
                         const struct packet *packet, const struct agent_report *report)
{
	bool parsed = true;
	switch (verdict) {
	case HEP_IS_PACKET:
		p->batch[p->batched] = *packet;
		take_datagram(p);
		return;
	case HEP_IS_REPORT:
		feed_batch(p); /* records keep the order of what came */
		parsed = analyzer_feed_report(p->analyzer, report) == OK;
		break;
	case HEP_IS_OTHER:
		p->not_ours++;
		return;
	case HEP_IS_MALFORMED:
		parsed = false;
		break;
	case HEP_IS_COPY:
	case HEP_IS_COUNTED:
		break;
	}
	if (parsed)
		p->parsed++;
	else
		p->by_reason[REASON_HEP]++;
}

static void take_hep_frame(struct pipeline *p, const struct frame *frame)
{
	struct packet packet;
	struct agent_report report;
	take_verdict(p, hep_feed_frame(p->hep, frame, &packet, &report), &packet, &report);
}

/* True: the next of the batch is no packet of ours, and was dealt with. */
SELDOM static bool take_as_hep(struct pipeline *p)
{
	const struct packet around = p->batch[p->batched];
	struct packet packet;
	struct agent_report report;
	if (p->hep_in_udp && hep_is_one(around.payload)) {
		take_verdict(p, hep_feed_payload(p->hep, &around, &packet, &report),
		             &packet, &report);
		return true;
	}
	if (!hep_feed_was_told(p->hep, &around))
		return false;
	p->parsed++;
	return true;
}

/* It is asked of every packet: nearly all are RTP, which no agent tells of. */
static inline bool may_be_hep(const struct pipeline *p)
{
	const uint64_t first = span_first_u64(p->batch[p->batched].payload);
	const bool is_rtp_or_rtcp = (first & 0xc0) == 0x80;
	const bool is_rtcp = ((first >> 8 & 0xff) - 192) < 32; /* RFC 5761 section 4 */
	return p->hep && (!is_rtp_or_rtcp || is_rtcp);
}

SELDOM static void take_layers(struct pipeline *p, const struct frame *frame)
{
	struct decoded decoded;
	decode_frame(p->decoder, frame, &decoded);
	switch (decoded.result) {
	case DECODED_DATAGRAM:
		p->batch[p->batched] = decoded.packet;
		if (!may_be_hep(p) || !take_as_hep(p))
			take_datagram(p);
		if (decoded.reassembled) /* its bytes die at the decoder's next frame */
			feed_batch(p);
		break;
	case DECODED_SEGMENT:
		take_segment(p, &decoded);
		break;
	case DECODED_HELD:
		p->parsed++;
		break;
	case DECODED_NOT_OURS:
		p->not_ours++;
		break;
	case DECODED_MALFORMED:
	case DECODED_DROPPED:
		p->by_reason[decoded.reason]++;
		break;
	}
}

/*
 * Each frame is hashed by itself, so that the processor need not wait for the one before;
 * what joins the hashes is the value of a polynomial in two odd numbers.
 */
static uint64_t digest_seed(const struct frame *frame)
{
	return (uint64_t)frame->at * UINT64_C(0x9e3779b97f4a7c15) ^
	       (uint64_t)frame->length << 16 ^ frame->link_type;
}

static void join_digest(struct pipeline *p, uint64_t hash)
{
	p->digest[0] = p->digest[0] * UINT64_C(0xd1342543de82ef95) + hash;
	p->digest[1] = p->digest[1] * UINT64_C(0xff51afd7ed558ccd) + hash;
}

/* Nearly all have this length: known to the compiler, it costs half. */
static void add_head_to_digest(struct pipeline *p, const struct frame *frame)
{
	join_digest(p,
	            XXH3_64bits_withSeed(frame->bytes.at, DIGEST_HEAD, digest_seed(frame)));
}

SELDOM static void add_to_digest(struct pipeline *p, const struct frame *frame)
{
	join_digest(p, XXH3_64bits_withSeed(frame->bytes.at, frame->bytes.len,
	                                    digest_seed(frame)));
}

/* RTP, and not RTCP on the same port (RFC 5761 section 4). */
static bool looks_like_rtp(struct span payload)
{
	struct reader r = reader_of(payload);
	const uint8_t first = read_u8(&r);
	const uint8_t second = read_u8(&r);
	return !r.ran_out && first >> 6 == 2 && (second < 192 || second > 223);
}

EVERY_PACKET static void take_frame(struct pipeline *p, const struct frame *frame)
{
	struct packet *packet = &p->batch[p->batched];
	if (!decode_plain(frame, packet)) {
		add_to_digest(p, frame);
		if (frame->link_type == FRAME_HEP && p->hep)
			take_hep_frame(p, frame);
		else
			take_layers(p, frame);
		return;
	}
	/* Of a voice packet only its headers can matter, unless its sound is looked at. */
	const bool is_rtp = looks_like_rtp(packet->payload);
	if (is_rtp && frame->bytes.len > DIGEST_HEAD && !p->listening)
		add_head_to_digest(p, frame);
	else
		add_to_digest(p, frame);
	if (is_rtp || !may_be_hep(p) || !take_as_hep(p))
		take_datagram(p);
}

#define CLOCK_JUMP (10 * NS_PER_SEC) /* hardening.md section 4, rule 10 */

static bool is_far_ahead(nstime a, nstime b)
{
	/* Stamps are a stranger's: their difference may not fit a signed number. */
	return a > b && (uint64_t)a - (uint64_t)b > (uint64_t)CLOCK_JUMP;
}

static bool is_ahead(const struct pipeline *p, const struct frame *frame)
{
	return p->latest == NSTIME_NONE || is_far_ahead(frame->at, p->latest);
}

/*
 * A frame far ahead of all others, when the next one is not: its stamp is wrong.  It must
 * not move time on, for that would end every call; it is put where it stands.
 */
static nstime sane_time(struct pipeline *p, const struct frame *frame,
                        const struct frame *next)
{
	if (!is_ahead(p, frame) || !next || !is_far_ahead(frame->at, next->at))
		return frame->at;
	p->clock_jumps++;
	return p->latest == NSTIME_NONE ? next->at : p->latest;
}

/* next: the frame behind it, NULL = there is none. */
EVERY_PACKET static void take_next(struct pipeline *p, const struct frame *frame,
                                   const struct frame *next)
{
	struct frame moved;
	p->frames++;
	const nstime at = sane_time(p, frame, next);
	if (at != frame->at) {
		moved = *frame;
		moved.at = at;
		frame = &moved;
	}
	p->latest = at > p->latest ? at : p->latest;
	if (p->filter && !frame_filter_matches(p->filter, frame)) {
		add_to_digest(p, frame);
		p->by_reason[REASON_FILTERED]++;
	} else {
		take_frame(p, frame);
	}
}

/* Keeps a copy of the frame until the next one is known; false when memory ran out. */
static bool hold(struct pipeline *p, const struct frame *frame)
{
	const struct span bytes = frame->bytes;
	p->held_bytes = malloc(bytes.len + 1);
	if (!p->held_bytes)
		return false;
	if (bytes.len > 0)
		memcpy(p->held_bytes, bytes.at, bytes.len);
	p->held = *frame;
	p->held.bytes.at = p->held_bytes;
	return true;
}

static void take_held(struct pipeline *p, const struct frame *next)
{
	if (!p->held_bytes)
		return;
	take_next(p, &p->held, next);
	feed_batch(p);
	free(p->held_bytes);
	p->held_bytes = NULL;
}

void pipeline_frames(struct pipeline *pipeline, const struct frame *frames, size_t count)
{
	struct pipeline *p = pipeline;
	if (count == 0)
		return;
	take_held(p, &frames[0]);
	for (size_t i = 0; i < count; i++) {
		const bool last = i + 1 == count;
		/* What becomes of a frame must not depend on where a batch happens to end.
		 */
		if (!last || !is_ahead(p, &frames[i]) || !hold(p, &frames[i]))
			take_next(p, &frames[i], last ? NULL : &frames[i + 1]);
	}
	feed_batch(p);
}

void pipeline_advance(struct pipeline *pipeline, nstime now)
{
	struct pipeline *p = pipeline;
	/* It was held because nothing else told the time: now something does. */
	if (p->held_bytes && !is_far_ahead(p->held.at, now))
		take_held(p, NULL);
	if (now > p->latest)
		p->latest = now;
	analyzer_advance(p->analyzer, now);
}

void pipeline_snapshot(const struct pipeline *pipeline, nstime since,
                       const struct sink *sink)
{
	struct redact redact = { .to = sink, .room = pipeline->redact.room };
	const struct sink redacting = redact_sink(&redact);
	analyzer_snapshot(pipeline->analyzer, since, pipeline->redacts ? &redacting : sink);
}

void pipeline_checkpoint(const struct pipeline *pipeline, uint32_t part, uint32_t parts,
                         const struct sink *sink)
{
	struct redact redact = { .to = sink, .room = pipeline->redact.room };
	const struct sink redacting = redact_sink(&redact);
	analyzer_checkpoint(pipeline->analyzer, part, parts,
	                    pipeline->redacts ? &redacting : sink);
}

nstime pipeline_oldest(const struct pipeline *pipeline)
{
	return analyzer_oldest(pipeline->analyzer);
}

void pipeline_set_trunks(struct pipeline *pipeline, const struct trunks *trunks,
                         const struct number_plan *numbers)
{
	analyzer_set_trunks(pipeline->analyzer, trunks, numbers);
}

void pipeline_note_dropped(struct pipeline *pipeline, uint64_t frames)
{
	pipeline->capture_dropped = frames;
	if (frames)
		analyzer_note_drops(pipeline->analyzer, pipeline->frames, frames);
}

/* --- the end -------------------------------------------------------------------------- */

struct encrypted_list {
	struct encrypted_record *list;
	size_t count;
};

static void list_peer(void *self, const struct tls_peer *peer)
{
	struct encrypted_list *all = self;
	struct encrypted_record *longer =
	        realloc(all->list, (all->count + 1) * sizeof *all->list);
	if (!longer)
		return; /* memory ran out: as good as a peer that found no room */
	all->list = longer;
	struct encrypted_record *out = &all->list[all->count++];
	*out = (struct encrypted_record){
		.client = peer->client,
		.server = peer->server,
		.transport = peer->transport,
		.sessions = peer->sessions,
		.failed = peer->failed,
		.first = peer->first,
		.last = peer->last,
	};
	text_copy(out->sni, sizeof out->sni, text_from(peer->server_name));
}

void pipeline_finish(struct pipeline *pipeline)
{
	take_held(pipeline, NULL);
	tcp_streams_finish(pipeline->tcp, &pipeline->messages);
	analyzer_finish(pipeline->analyzer);
	struct encrypted_list encrypted = { 0 };
	tls_peers_each(pipeline->tls, list_peer, &encrypted);
	analyzer_give_encrypted(pipeline->analyzer, encrypted.list, encrypted.count);
	free(encrypted.list);
}

/* Held fragments that came to nothing move from parsed to what became of them. */
static void settle_fragments(const struct pipeline *p, struct summary *summary)
{
	const struct decoder_held held = decoder_held(p->decoder);
	summary->parsed -= held.timed_out + held.evicted + held.refused;
	summary->dropped[REASON_FRAGMENT_TIMEOUT] += held.timed_out;
	summary->dropped[REASON_FRAGMENTS_FULL] += held.evicted;
	summary->malformed[REASON_FRAGMENT] += held.refused;
}

static_assert((int)PROBE_HEP_WRONG_TIME - (int)PROBE_HEP_SIP == (int)HEP_COUNT_WRONG_TIME,
              "counters of HEP in their order");

static void fill_probe_counters(const struct pipeline *p, uint64_t *to)
{
	const struct tcp_stream_counters tcp = tcp_streams_counters(p->tcp);
	const struct tls_counters tls = tls_peers_counters(p->tls);
	to[PROBE_CAPTURE_DROPPED] = p->capture_dropped;
	to[PROBE_CLOCK_JUMPS] = p->clock_jumps;
	to[PROBE_TCP_GAPS] = tcp.gaps;
	to[PROBE_TCP_LOST_BYTES] = tcp.lost_bytes;
	to[PROBE_TCP_RESYNCHRONISED] = tcp.resynchronised;
	to[PROBE_TCP_INCOMPLETE] = tcp.incomplete;
	to[PROBE_TCP_EVICTED] = tcp.evicted;
	to[PROBE_TLS_EVICTED] = tls.evicted;
	to[PROBE_TLS_NOT_KEPT] = tls.not_kept;
	if (p->applications) {
		const struct application_counts *seen =
		        applications_counts(p->applications);
		to[PROBE_APPLICATIONS_EVICTED] = seen->evicted;
		to[PROBE_APPLICATIONS_NOT_ASKED] = seen->not_asked;
	}
	if (!p->hep)
		return;
	memcpy(&to[PROBE_HEP_SIP], p->hep->counts, sizeof p->hep->counts);
	const struct sightings_counters seen = sightings_counters(p->hep->sightings);
	to[PROBE_HEP_COPIES] = seen.copies;
	to[PROBE_SIGHTINGS_EVICTED] = seen.evicted;
}

struct summary pipeline_summary(const struct pipeline *pipeline)
{
	const struct pipeline *p = pipeline;
	const struct counters *counters = analyzer_counters(p->analyzer);
	const uint64_t admitted = counters->of[COUNT_ADMITTED_PACKETS];
	struct summary summary = {
		.frames = p->frames,
		.parsed = p->parsed + p->claims[CLAIM_SIP] + p->claims[CLAIM_RTP] +
		          p->claims[CLAIM_RTCP] + p->claims[CLAIM_ICMP] + admitted,
		.not_ours = p->not_ours + p->claims[CLAIM_NONE] + p->claims[CLAIM_PENDING] -
		            admitted,
		.counters = counters,
		.sip = analyzer_sip_tally(p->analyzer),
		.losses = analyzer_losses(p->analyzer),
		.applications =
		        p->applications ? applications_counts(p->applications) : NULL,
	};
	for (size_t i = 0; i < REASON_COUNT; i++) {
		if (i < REASON_FRAGMENTS_FULL)
			summary.malformed[i] = p->by_reason[i];
		else
			summary.dropped[i] = p->by_reason[i];
	}
	settle_fragments(p, &summary);
	fill_probe_counters(p, summary.probe);
	return summary;
}

nstime pipeline_latest(const struct pipeline *pipeline)
{
	return pipeline->latest;
}

void pipeline_digest(const struct pipeline *pipeline, uint8_t digest[16])
{
	for (size_t i = 0; i < 8; i++) {
		digest[i] = (uint8_t)(pipeline->digest[0] >> (56 - 8 * i));
		digest[8 + i] = (uint8_t)(pipeline->digest[1] >> (56 - 8 * i));
	}
}
