/* media_evict.c - which stream makes room for another, and which one has none. */
#include "analyzer/track/media.h"

/* Silence of a stream without SIP, while streams find little room. */
#define IDLE_TIGHT (10 * NS_PER_SEC)

enum {
	LOOKED_AT = 64,
	STREAMS_OF_LEG_FULL = 4,
};

/* What is new goes before what has lasted, then what has been silent for longer. */
static bool is_less_worth(const struct stream *a, const struct stream *b)
{
	const bool a_new = a->timeline.intervals == 0;
	const bool b_new = b->timeline.intervals == 0;
	return a_new == b_new ? a->hot->last < b->hot->last : a_new;
}

void media_look_at_pressure(struct media *media)
{
	pressure_look(&media->context->pressures[PRESSURE_STREAMS], media->streams.live,
	              media->streams.cap, media->context->now);
}

nstime media_stream_idle(const struct media *media)
{
	return pressure_patience(&media->context->pressures[PRESSURE_STREAMS],
	                         media->context->settings.limits.stream_idle, IDLE_TIGHT);
}

void media_make_room(struct media *media)
{
	uint32_t victim = MAP_NONE;
	media_look_at_pressure(media);
	if (!pool_is_tight(&media->streams))
		return;
	for (unsigned int i = 0; i < LOOKED_AT && media->streams.reach > 0; i++) {
		const uint32_t number = media->stream_hand++ % media->streams.reach;
		const struct stream *stream = pool_live(&media->streams, number);
		if (!stream || stream->leg || !stream->deadline.position)
			continue;
		if (victim == MAP_NONE ||
		    is_less_worth(stream, media_stream(media, victim)))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	media_stream(media, victim)->flags |= STREAM_EVICTED;
	count(media->context, COUNT_STREAMS_EVICTED);
	media_stream_close(media, victim, media->context->now);
}

/*
 * Streams of a leg stay until it is over: a flood into one call must not take the room of
 * all others.  So what is not like RTP for a few packets gets little once half of all room
 * is taken, and of what is there is no more than a few when it has become tight.
 */
bool media_may_skip_probation(const struct media *media, const struct media_leg *leg)
{
	const struct pool *streams = &media->streams;
	return leg->stream_count < (streams->live < streams->cap / 2 ? LIMIT_STREAMS_PER_LEG
	                                                             : STREAMS_OF_LEG_FULL);
}

bool media_is_one_too_many(const struct media *media, const struct stream *stream)
{
	if (!pool_is_tight(&media->streams))
		return false;
	const struct media_join join =
	        media_find_join(media, stream->node_in, stream->node_out);
	if (join.leg == MAP_NONE)
		return false;
	const struct media_leg *leg = pool_at(&media->legs, join.leg);
	return leg->streams_ever >= LIMIT_STREAMS_PER_LEG + STREAMS_OF_LEG_FULL;
}
