/* media_unlisted.c - what a stream brings that its receiver has not agreed to. */
#include "analyzer/track/media.h"

/* Does the receiver of that direction list it?  true, too, where it says nothing. */
static bool is_listed(const struct media_leg *leg, enum direction direction,
                      uint8_t payload_type)
{
	bool any = false;
	for (const struct expectation *e = leg->expectations; e; e = e->next_of_leg) {
		if (e->direction != direction)
			continue;
		any = true;
		for (uint8_t i = 0; i < e->format_count; i++)
			if (e->formats[i].payload_type == payload_type)
				return true;
	}
	return !any;
}

/*
 * A type of 96 and more that is rare and in no SDP is taken for telephone-event: nothing
 * else comes in so few packets.  Comfort noise is sent unasked by many, and harms nobody.
 */
void media_note_unlisted(const struct media *media, struct stream *stream)
{
	enum { DYNAMIC = 96, RARE = 3 };
	const struct media_leg *leg = pool_at(&media->legs, stream->leg - 1);
	const uint64_t all = stream_packets(stream);
	for (uint8_t i = 0; i < stream->type_count; i++) {
		const struct stream_type *type = stream_type_at(stream, i);
		const bool known = type->kind == CODEC_KIND_AUDIO;
		const bool digits = type->kind == CODEC_KIND_EVENT ||
		                    (type->kind == CODEC_KIND_UNKNOWN &&
		                     type->payload_type >= DYNAMIC &&
		                     RARE * (uint64_t)type->packets < all);
		if (!(known || digits || type->kind == CODEC_KIND_UNKNOWN) ||
		    type->packets == 0 ||
		    is_listed(leg, stream->direction, type->payload_type))
			continue;
		if (digits) {
			stream->unlisted.events += type->packets;
			stream->unlisted.event_type = type->payload_type;
		} else {
			stream->unlisted.audio += type->packets;
			stream->unlisted.audio_type = type->payload_type;
		}
	}
}
