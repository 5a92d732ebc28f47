#include "analyzer/track/stream_types.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/track/stream_mode.h"

/* Clocks a guess may find, and how near it must come (quality.md section 9, dynamic PT). */
static const uint32_t guessable_hz[] = { 8000, 16000, 48000 };
#define GUESS_WITHIN 0.02
#define GUESS_LEAST_PACKETS 10
#define GUESS_LEAST_TIME (200 * NS_PER_MS)

struct stream_type *stream_type(struct stream *stream, uint8_t payload_type)
{
	for (uint8_t i = 0; i < stream->type_count; i++)
		if (stream_type_at(stream, i)->payload_type == payload_type)
			return stream_type_at(stream, i);
	return NULL;
}

void stream_settle_types(struct stream *stream)
{
	stream_end_run(stream);
	struct stream_now *now = &stream->state.now;
	if (now->index == STREAM_NO_TYPE) {
		stream->untyped += now->packets;
	} else {
		struct stream_type *type = stream_type_at(stream, now->index);
		type->heard += now->packets;
		if (!now->carried)
			type->packets += now->packets;
	}
	now->packets = 0;
}

static void set_now(struct stream *stream, uint8_t index, const struct stream_type *type)
{
	struct stream_now *now = &stream->state.now;
	now->index = index;
	now->kind = type->kind;
	now->clock_hz = type->meaning.clock_hz;
	now->undecided = type->undecided;
	now->timed = type->timed;
	stream->hot->has_modes = stream_mode_is_said(type->meaning.codec);
}

void stream_switch(struct stream *stream, uint8_t payload_type, struct stream_type *heard,
                   struct stream_type *own)
{
	stream_settle_types(stream);
	struct stream_now *now = &stream->state.now;
	*now = (struct stream_now){ .payload_type = payload_type,
		                    .index = STREAM_NO_TYPE,
		                    .carried = own };
	stream->hot->has_modes = false;
	if (own)
		own->packets++;
	if (!heard)
		return;
	uint8_t index = 0;
	while (stream_type_at(stream, index) != heard)
		index++;
	set_now(stream, index, heard);
	if (heard->timed)
		stream->audio_at = index;
}

uint64_t stream_packets(const struct stream *stream)
{
	uint64_t packets = stream->untyped + stream->hot->run;
	const struct stream_now *now = &stream->state.now;
	if (!now->carried)
		packets += now->packets;
	for (uint8_t i = 0; i < stream->type_count; i++)
		packets += stream_type_at(stream, i)->packets;
	return packets;
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
	if (stream->type_count == STREAM_FEW_TYPES && !stream->more_types)
		stream->more_types = calloc(RECORD_MAX_TYPES - STREAM_FEW_TYPES,
		                            sizeof *stream->more_types);
	if (stream->type_count >= STREAM_FEW_TYPES && !stream->more_types)
		return NULL;
	struct stream_type *type = stream_type_at(stream, stream->type_count);
	stream->type_count++;
	type->payload_type = payload_type;
	type->first = at;
	give_meaning(type, meaning);
	if (type->kind == CODEC_KIND_REDUNDANCY)
		stream->flags |= STREAM_FEC;
	return type;
}

bool stream_any_undecided(const struct stream *stream)
{
	for (uint8_t i = 0; i < stream->type_count; i++)
		if (stream_type_at(stream, i)->undecided)
			return true;
	return false;
}

bool stream_wants_held(const struct stream *stream)
{
	return !stream->held && stream_any_undecided(stream);
}

/* What was learnt of the types holds for the running one, too. */
static void renew_now(struct stream *stream)
{
	struct stream_now *now = &stream->state.now;
	stream_end_run(stream);
	if (now->index == STREAM_NO_TYPE)
		return;
	set_now(stream, now->index, stream_type_at(stream, now->index));
	if (now->timed)
		stream->audio_at = now->index;
}

void stream_give_meaning(struct stream *stream, struct stream_type *type,
                         const struct payload_meaning *meaning)
{
	give_meaning(type, meaning);
	renew_now(stream);
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

void stream_guess_clocks(struct stream *stream)
{
	for (uint8_t i = 0; i < stream->type_count; i++) {
		struct stream_type *type = stream_type_at(stream, i);
		if (!type->undecided)
			continue;
		type->undecided = false;
		type->meaning.clock_hz = guess_clock(stream->held, type->payload_type);
		if (type->meaning.clock_hz)
			type->meaning.basis = CLOCK_GUESSED;
		type->timed = is_timed(type);
	}
	renew_now(stream);
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
