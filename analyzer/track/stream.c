#include "analyzer/track/stream.h"

#include <math.h>
#include <stdlib.h>

#define COPY_WITHIN (2 * NS_PER_MS) /* quality.md section 9, duplicates */
#define OUTAGE_AGREE 0.05           /* quality.md section 9, real outage */

/* Clocks a guess may find, and how near it must come (quality.md section 9, dynamic PT). */
static const uint32_t guessable_hz[] = { 8000, 16000, 48000 };
#define GUESS_WITHIN 0.02
#define GUESS_LEAST_PACKETS 10
#define GUESS_LEAST_TIME (200 * NS_PER_MS)

struct stream_type *stream_type(struct stream *stream, uint8_t payload_type)
{
	if (stream->types[stream->type_at].payload_type == payload_type &&
	    stream->type_at < stream->type_count)
		return &stream->types[stream->type_at];
	for (uint8_t i = 0; i < stream->type_count; i++)
		if (stream->types[i].payload_type == payload_type) {
			stream->type_at = i;
			return &stream->types[i];
		}
	return NULL;
}

#define VIDEO_HZ 90000 /* RFC 3551 section 5: the clock of video, and of nothing else */

/* Only audio of a known clock has a jitter: no events, no comfort noise, no video. */
static bool is_timed(const struct stream_type *type)
{
	if (type->kind == CODEC_KIND_UNKNOWN)
		return type->meaning.clock_hz > 0 && type->meaning.clock_hz != VIDEO_HZ;
	return type->meaning.clock_hz > 0 && type->kind == CODEC_KIND_AUDIO;
}

static void give_meaning(struct stream_type *type, const struct payload_meaning *meaning)
{
	type->meaning = *meaning;
	type->kind = (uint8_t)codec_info(meaning->codec)->kind;
	type->undecided = meaning->codec == CODEC_UNKNOWN && meaning->clock_hz == 0;
	type->timed = is_timed(type);
}

struct stream_type *stream_add_type(struct stream *stream, uint8_t payload_type, nstime at,
                                    const struct payload_meaning *meaning)
{
	if (stream->type_count == RECORD_MAX_TYPES)
		return NULL;
	struct stream_type *type = &stream->types[stream->type_count];
	stream->type_at = stream->type_count++;
	type->payload_type = payload_type;
	type->first = at;
	give_meaning(type, meaning);
	if (type->kind == CODEC_KIND_REDUNDANCY)
		stream->flags |= STREAM_FEC;
	return type;
}

static bool any_undecided(const struct stream *stream)
{
	for (uint8_t i = 0; i < stream->type_count; i++)
		if (stream->types[i].undecided)
			return true;
	return false;
}

bool stream_wants_held(const struct stream *stream)
{
	return !stream->held && any_undecided(stream);
}

/* Times an audio packet; which buffers discard it. */
static unsigned int play(struct stream *stream, const struct settings *settings,
                         const struct timing *timing)
{
	const struct jitter_step step = jitter_update(&stream->jitter, timing);
	struct transit *transit = &stream->transit;
	if (__builtin_expect(step.restart, 0)) {
		transit_reset(transit, timing->arrival);
		playout_reset(&stream->playout, &settings->playout);
	}
	transit_update(transit, timing->arrival, step.d_ms);
	delay_variation_update(&stream->delay_variation, transit_offset_ms(transit));
	return playout_update(&stream->playout, &settings->playout, transit,
	                      jitter_ptime_ms(&stream->jitter));
}

/*
 * What a unique packet does to the figures, once its type is known, if it ever will be.
 * `restart`: a segment begins with it.
 */
static void account(struct stream *stream, const struct settings *settings,
                    const struct timing *timing, const struct stream_type *type,
                    bool restart)
{
	if (__builtin_expect(timing->arrival >= stream->interval_end, 0))
		stream_close_interval(stream, settings, timing->arrival);
	unsigned int discarded = 0;
	if (__builtin_expect(restart, 0))
		jitter_restart(&stream->jitter);
	if (type && type->timed) {
		stream->audio_at = (uint8_t)(type - stream->types);
		discarded = play(stream, settings, timing);
	}
	if (__builtin_expect(restart, 0))
		fate_begin(&stream->fate, timing->extended, discarded);
	else
		fate_take(&stream->fate, timing->extended, discarded);
}

static void replay(struct stream *stream, const struct settings *settings)
{
	struct held_headers *held = stream->held;
	for (uint32_t i = 0; i < held->count; i++) {
		const struct stream_type *type =
		        stream_type(stream, held->list[i].payload_type);
		const struct timing timing = { held->list[i].arrival,
			                       held->list[i].extended,
			                       held->list[i].timestamp,
			                       type ? type->meaning.clock_hz : 0,
			                       held->list[i].payload_type };
		account(stream, settings, &timing, type, held->list[i].restart);
	}
	held->count = 0;
	stream->holding = false;
}

void stream_begin(struct stream *stream, const struct settings *settings, nstime at)
{
	stream->first = stream->last = at;
	stream->interval_end =
	        (timeline_slot(at, settings->interval) + 1) * settings->interval;
	stream->worst.r = NAN;
}

void stream_explain(struct stream *stream, const struct settings *settings,
                    struct stream_type *type, const struct payload_meaning *meaning)
{
	give_meaning(type, meaning);
	if (stream->holding && !any_undecided(stream))
		replay(stream, settings);
}

/* Ticks per second as the held headers of one type show them; 0 when that says nothing. */
static uint32_t guess_clock(const struct held_headers *held, uint8_t payload_type)
{
	uint32_t first = HELD_HEADERS;
	uint32_t last = 0;
	uint32_t packets = 0;
	for (uint32_t i = 0; i < held->count; i++) {
		if (held->list[i].payload_type != payload_type)
			continue;
		first = first == HELD_HEADERS ? i : first;
		last = i;
		packets++;
	}
	if (packets < GUESS_LEAST_PACKETS)
		return 0;
	const nstime time = held->list[last].arrival - held->list[first].arrival;
	const uint32_t ticks = held->list[last].timestamp - held->list[first].timestamp;
	if (time < GUESS_LEAST_TIME)
		return 0;
	const double hz = ticks / ns_to_s(time);
	for (size_t i = 0; i < ARRAY_LEN(guessable_hz); i++)
		if (fabs(hz / guessable_hz[i] - 1) <= GUESS_WITHIN)
			return guessable_hz[i];
	return 0;
}

void stream_decide(struct stream *stream, const struct settings *settings)
{
	if (!stream->held)
		return;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		struct stream_type *type = &stream->types[i];
		if (!type->undecided)
			continue;
		type->undecided = false;
		type->meaning.clock_hz = guess_clock(stream->held, type->payload_type);
		if (type->meaning.clock_hz)
			type->meaning.basis = CLOCK_GUESSED;
		type->timed = is_timed(type);
	}
	replay(stream, settings);
}

static void hold(struct stream *stream, const struct settings *settings,
                 const struct timing *timing, bool restart)
{
	struct held_headers *held = stream->held;
	const uint32_t at = held->count++;
	held->list[at].arrival = timing->arrival;
	held->list[at].extended = timing->extended;
	held->list[at].timestamp = timing->timestamp;
	held->list[at].payload_type = timing->payload_type;
	held->list[at].restart = restart;
	stream->holding = true;
	if (held->count == HELD_HEADERS)
		stream_decide(stream, settings);
}

/* Headers of 4 bytes while the first bit is set, then one of 1 byte. */
bool stream_red_primary(struct span payload, uint8_t *payload_type)
{
	struct reader r = reader_of(payload);
	for (;;) {
		const uint8_t first = read_u8(&r);
		if (r.ran_out)
			return false;
		if (!(first & 0x80)) {
			*payload_type = first;
			return true;
		}
		take(&r, 3);
	}
}

static void time_packet(struct stream *stream, const struct settings *settings,
                        const struct timing *timing, const struct stream_type *type,
                        bool restart)
{
	if (__builtin_expect(stream->holding, 0) ||
	    (type && __builtin_expect(type->undecided, 0) && stream->held))
		hold(stream, settings, timing, restart);
	else
		account(stream, settings, timing, type, restart);
}

/*
 * A jump that was no jump: numbers, timestamps and the clock on the wall agree that so
 * many packets were sent and none came (quality.md section 9, real outage).
 */
static void charge_outage(struct stream *stream, const struct stream_type *type,
                          int64_t max_before)
{
	const struct jitter *j = &stream->jitter;
	if (!type || !type->timed || !j->has_reference)
		return;
	const uint16_t ahead = (uint16_t)(stream->sequence.held - (uint16_t)max_before);
	const double gap_ms = ns_to_ms(stream->jumped.arrival - j->arrival);
	const double due_ms = ahead * jitter_ptime_ms(j);
	const uint32_t ticks = stream->jumped.timestamp - j->timestamp;
	const double step_ms = ticks * 1000.0 / type->meaning.clock_hz;
	if (gap_ms > 0 && fabs(due_ms / gap_ms - 1) <= OUTAGE_AGREE &&
	    fabs(step_ms / gap_ms - 1) <= OUTAGE_AGREE) {
		stream->outage_lost += ahead - 1u;
		fate_outage(&stream->fate, ahead - 1u);
	}
}

static struct timing timing_of(const struct stream_packet *packet, int64_t extended,
                               const struct stream_type *type)
{
	return (struct timing){ packet->arrival, extended, packet->timestamp,
		                type ? type->meaning.clock_hz : 0,
		                type ? type->payload_type : packet->payload_type };
}

/* The held packet was the first of a new segment after all. */
static void begin_segment(struct stream *stream, const struct settings *settings,
                          int64_t extended, int64_t max_before)
{
	struct stream_type *type = stream_type(stream, stream->jumped.payload_type);
	charge_outage(stream, type, max_before);
	delta_restart(&stream->delta);
	stream->jumped.extended = extended;
	stream->jumped.clock_hz = type ? type->meaning.clock_hz : 0;
	const bool counts = !type || type->kind != CODEC_KIND_COMFORT_NOISE;
	delta_update(&stream->delta, stream->jumped.arrival, extended, stream->jumped_type,
	             stream->jumped_marker, counts);
	if (type)
		type->heard++;
	stream->interval_flags |= INTERVAL_RESTART;
	time_packet(stream, settings, &stream->jumped, type, true);
}

/*
 * A mirror of several ports gives the same IP packet again, at once and with the same
 * identification; without one, time alone must do.  What a sender repeats has another.
 */
static bool is_copy(struct stream *stream, const struct stream_packet *packet,
                    uint16_t previous_ip_id)
{
	const nstime since = packet->arrival - stream->delta.arrival;
	if (since > COPY_WITHIN || since < -COPY_WITHIN)
		return false;
	stream->close_copies++;
	if (packet->ip_id != previous_ip_id)
		return false;
	stream->span_copies++;
	return true;
}

/* What the packet's own IP header says, of the stream's latest one. */
static void note_ip(struct stream *stream, const struct stream_packet *packet)
{
	stream->octets += packet->ip_len;
	if (__builtin_expect(packet->dscp == stream->dscp && packet->ttl == stream->ttl, 1))
		return;
	if (stream->packets == 1) {
		stream->first_dscp = packet->dscp;
		stream->first_ttl = packet->ttl;
	} else {
		stream->dscp_changes += packet->dscp != stream->dscp;
		stream->ttl_changes += packet->ttl != stream->ttl;
	}
	stream->dscp = packet->dscp;
	stream->ttl = packet->ttl;
}

static void note_time(struct stream *stream, nstime arrival)
{
	if (arrival > stream->last) {
		stream->last = arrival;
	} else if (arrival < stream->last) {
		stream->backwards++;
		stream->interval_flags |= INTERVAL_BACKWARDS;
	}
}

void stream_update(struct stream *stream, const struct settings *settings,
                   const struct stream_packet *packet, struct stream_type *type,
                   struct stream_type *heard)
{
	const int64_t max_before = stream->sequence.max;
	const struct sequence_step step =
	        sequence_update(&stream->sequence, packet->sequence);
	const uint16_t previous_ip_id = stream->ip_id;
	stream->ip_id = packet->ip_id;
	stream->packets++;
	note_time(stream, packet->arrival);
	if (type)
		type->packets++;
	if (step.dropped_held) /* it was the previous packet, and has no number */
		delta_restart(&stream->delta);
	if (step.verdict == SEQUENCE_HELD) {
		stream->jumped = timing_of(packet, 0, heard);
		stream->jumped_type = packet->payload_type;
		stream->jumped_marker = packet->marker;
		return;
	}
	if (step.verdict == SEQUENCE_DUPLICATE && is_copy(stream, packet, previous_ip_id))
		return; /* what a mirror adds touches nothing else */
	if (step.verdict == SEQUENCE_RESTART)
		begin_segment(stream, settings, step.extended - 1, max_before);

	const bool counts = !heard || heard->kind != CODEC_KIND_COMFORT_NOISE;
	delta_update(&stream->delta, packet->arrival, step.extended, packet->payload_type,
	             packet->marker, counts);
	if (step.verdict != SEQUENCE_DUPLICATE) {
		if (heard)
			heard->heard++;
		const struct timing timing = timing_of(packet, step.extended, heard);
		time_packet(stream, settings, &timing, heard, stream->interrupted);
		stream->interrupted = false;
	}
	note_ip(stream, packet);
}

void stream_interrupt(struct stream *stream)
{
	sequence_interrupt(&stream->sequence);
	delta_restart(&stream->delta);
	stream->interrupted = true;
}

void stream_end(struct stream *stream, const struct settings *settings)
{
	stream_decide(stream, settings);
	stream_close_interval(stream, settings, stream->last);
}
