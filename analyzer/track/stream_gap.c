/* stream_gap.c - a long time between two packets of a stream: was silence announced? */
#include "analyzer/track/stream.h"

static bool is_comfort_noise(const struct stream *stream, uint8_t payload_type)
{
	for (uint8_t i = 0; i < stream->type_count; i++)
		if (stream->types[i].payload_type == payload_type)
			return stream->types[i].kind == CODEC_KIND_COMFORT_NOISE;
	return false;
}

void stream_note_gap(struct stream_hot *hot, const struct stream_packet *packet,
                     int64_t max_before)
{
	const struct jitter *j = &hot->jitter;
	const uint16_t ahead = (uint16_t)(packet->sequence - (uint16_t)max_before);
	const struct coverage_gap gap = {
		.at = hot->last,
		.length = packet->arrival - hot->last,
		.ticks_over = packet->arrival - j->arrival,
		.ticks = packet->timestamp - j->timestamp,
		.clock_hz = j->has_reference ? j->clock_hz : 0,
		.missing = ahead > 0 && ahead < UINT16_MAX / 2 ? ahead - 1u : 0,
		.ptime_ms = jitter_ptime_ms(j),
		.comfort_noise = is_comfort_noise(hot->stream, hot->delta.payload_type),
	};
	if (coverage_is_gap(gap.length, gap.ptime_ms))
		coverage_add(&hot->stream->coverage, &gap);
}
