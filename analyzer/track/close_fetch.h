/*
 * close_fetch.h - what the end of a call will touch is fetched while those before it end.
 * At the end of a capture thousands end at once, and each would wait for its legs, its
 * media and its streams, one after the other.
 */
#ifndef EARSHOT_TRACK_CLOSE_FETCH_H
#define EARSHOT_TRACK_CLOSE_FETCH_H

#include "analyzer/track/media.h"
#include "analyzer/track/signalling.h"

/* Each step looks into what the one before has fetched. */
enum { CLOSE_FETCH_STEPS = 6 };

static inline void fetch_stream_of_leg(const struct media *media, uint32_t stream)
{
	if (!stream)
		return;
	pool_prefetch(&media->streams, stream - 1);
	pool_prefetch(&media->hots, stream - 1);
}

/* Of the first leg of a call: most have no other. */
static inline void fetch_closing(const struct signalling *s, uint32_t number,
                                 unsigned int step)
{
	const struct media *media = s->media;
	const struct call *call = pool_live(&s->calls, number);
	if (!call)
		return;
	if (step == 0) {
		pool_prefetch(&s->calls, number);
		return;
	}
	if (!call->first_set)
		return;
	if (step == 1) {
		pool_prefetch(&s->dialog_sets, call->first_set - 1);
		return;
	}
	const struct dialog_set *set = pool_at(&s->dialog_sets, call->first_set - 1);
	if (!set->first_leg)
		return;
	if (step == 2) {
		pool_prefetch(&s->legs, set->first_leg - 1);
		return;
	}
	const struct leg *leg = pool_at(&s->legs, set->first_leg - 1);
	if (leg->media_closed)
		return;
	if (step == 3) {
		pool_prefetch(&media->legs, leg->media);
		return;
	}
	const struct media_leg *media_leg = pool_at(&media->legs, leg->media);
	if (!media_leg->first_stream)
		return;
	if (step == 4) {
		fetch_stream_of_leg(media, media_leg->first_stream);
		return;
	}
	const struct stream *stream = pool_at(&media->streams, media_leg->first_stream - 1);
	fetch_stream_of_leg(media, stream->next_of_leg);
}

#endif
