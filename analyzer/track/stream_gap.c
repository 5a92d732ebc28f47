/*
 * stream_gap.c - what lies between two packets of a stream: a long time (was silence
 * announced?), or numbers that did not come.
 */
#include "analyzer/track/stream.h"

static bool is_comfort_noise(const struct stream *stream, uint8_t payload_type)
{
	for (uint8_t i = 0; i < stream->type_count; i++)
		if (stream_type_at(stream, i)->payload_type == payload_type)
			return stream_type_at(stream, i)->kind == CODEC_KIND_COMFORT_NOISE;
	return false;
}

/* From the agreement to send again it is the first long gap, if it has begun by then. */
void stream_agreed(struct stream *stream, bool wanted, nstime at)
{
	if (!wanted)
		stream->pause = STREAM_PAUSES;
	else if (stream->pause == STREAM_PAUSES)
		stream->pause = at - stream->hot->last > COVERAGE_LEAST_GAP
		                        ? STREAM_RESUMES
		                        : STREAM_GOES_ON;
}

static void note_pause(struct stream *stream, const struct stream_packet *packet)
{
	if (stream->pause == STREAM_GOES_ON)
		return;
	if (stream->pause == STREAM_RESUMES)
		stream->pause = STREAM_GOES_ON;
	const struct timing timing = { .arrival = packet->arrival,
		                       .timestamp = packet->timestamp,
		                       .clock_hz = stream->state.now.clock_hz };
	if (stream->state.now.timed)
		jitter_resume(&stream->state.jitter, &stream->jitter, &timing);
}

void stream_note_gap(struct stream *stream, const struct stream_packet *packet,
                     int64_t max_before)
{
	const struct jitter *j = &stream->state.jitter;
	const uint16_t ahead = (uint16_t)(packet->sequence - (uint16_t)max_before);
	const struct coverage_gap gap = {
		.at = stream->hot->last,
		.length = packet->arrival - stream->hot->last,
		.ticks_over = packet->arrival - j->arrival,
		.ticks = packet->timestamp - j->timestamp,
		.clock_hz = j->has_reference ? j->clock_hz : 0,
		.missing = ahead > 0 && ahead < UINT16_MAX / 2 ? ahead - 1u : 0,
		.ptime_ms = jitter_ptime_ms(j),
		.comfort_noise = is_comfort_noise(stream, stream->state.delta.payload_type),
	};
	if (coverage_is_gap(gap.length, gap.ptime_ms))
		coverage_add(&stream->coverage, &gap);
	note_pause(stream, packet);
}

static uint16_t whole_ms(double ms)
{
	return (uint16_t)(ms > UINT16_MAX ? UINT16_MAX : ms);
}

enum status stream_note_loss(struct stream *stream, nstime arrival, uint16_t number,
                             double before_ms)
{
	const uint16_t length = (uint16_t)((uint16_t)stream->state.sequence.max - number);
	const double at_ms = ns_to_ms(arrival - stream->first);
	const struct loss_gap gap = {
		.at_ms = (uint32_t)(at_ms > 0 && at_ms < UINT32_MAX ? at_ms : 0),
		.number = number,
		.length = length,
		.missing = length,
		.before_ms = whole_ms(before_ms),
		.after_ms = whole_ms(transit_offset_ms(&stream->state.transit.level)),
	};
	return loss_gaps_add(&stream->gaps, &gap);
}
