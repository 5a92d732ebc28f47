/*
 * final_fetch.h - what a record will be made of is fetched while those before it are
 * written.  Records go out in the order of their ids, which have none in memory: of
 * thousands of calls that end at once, each would wait for what it touches, one after the
 * other.
 */
#ifndef EARSHOT_TRACK_FINAL_FETCH_H
#define EARSHOT_TRACK_FINAL_FETCH_H

#include "analyzer/track/media.h"
#include "analyzer/track/signalling.h"

/* Each step looks into what the one before has fetched. */
enum { FINAL_FETCH_STEPS = 4 };

static inline void fetch_leg(const struct signalling *s, uint32_t number, unsigned int step)
{
	const struct leg *leg = pool_at(&s->legs, number);
	if (step == 0) {
		pool_prefetch(&s->legs, number);
		return;
	}
	if (step == 1) {
		pool_prefetch(&s->dialog_sets, leg->set);
		fetch_line(leg->from);
		fetch_line(leg->to);
		fetch_line(leg->user_agent);
		fetch_line(leg->server);
		return;
	}
	const struct dialog_set *set = pool_at(&s->dialog_sets, leg->set);
	if (set->call == MAP_NONE)
		return;
	if (step == 2) {
		pool_prefetch(&s->calls, set->call);
		fetch_line(set->sip_call_id);
		return;
	}
	const struct call *call = pool_at(&s->calls, set->call);
	fetch_line(call->diagnosis);
}

static inline void fetch_stream(const struct media *media, const struct signalling *s,
                                uint32_t number, unsigned int step)
{
	if (step == 0) {
		pool_prefetch(&media->streams, number);
		pool_prefetch(&media->hots, number);
		return;
	}
	const struct stream *stream = pool_at(&media->streams, number);
	if (step == 1) {
		const struct span blob = timeline_blob(&stream->timeline);
		fetch(blob.at, blob.len);
		fetch(stream->gaps.list, stream->gaps.room * sizeof *stream->gaps.list);
		fetch_line(stream->suspects.list);
	}
	if (stream->leg)
		fetch_leg(s, stream->signalling_leg, step - 1);
}

static inline void fetch_final(const struct media *media, const struct signalling *s,
                               const struct final *final, unsigned int step)
{
	if (final->kind == RECORD_STREAM)
		fetch_stream(media, s, final->number, step);
	else if (final->kind == RECORD_LEG)
		fetch_leg(s, final->number, step);
	else if (final->kind == RECORD_CALL && !final->media_only && step == 0)
		pool_prefetch(&s->calls, final->number);
}

#endif
