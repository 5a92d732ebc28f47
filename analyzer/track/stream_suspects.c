/*
 * stream_suspects.c - whose are a stream's losses?  Each interval's go to the witness,
 * which sees all streams, as soon as it is closed; they are judged as late as can be.
 */
#include "analyzer/track/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/track/stream_rtcp.h"

#define LEAST_SUSPECT 0.5 /* packets, as they are rounded */

static struct loss_sample sample_of(const struct stream *stream,
                                    const struct lossy_interval *interval)
{
	const struct flow *flow = &stream->hot->flow;
	return (struct loss_sample){
		.at = interval->at,
		.src = &flow->src.address,
		.dst = &flow->dst.address,
		.counts = { interval->expected, interval->lost, interval->gaps },
	};
}

/* Without room the interval is not marked; the stream's sum has it all the same. */
static void mark(struct stream *stream, nstime at, uint32_t lost)
{
	struct suspects *s = &stream->suspects;
	if (s->marked_count == STREAM_MAX_MARKED) {
		stream->timeline_status = ERR_FULL;
		return;
	}
	if (s->marked_count == s->marked_room) {
		const uint32_t room = s->marked_room ? 2 * s->marked_room : 4;
		struct suspect_interval *marked = realloc(s->marked, room * sizeof *marked);
		if (!marked) {
			stream->timeline_status = ERR_NOMEM;
			return;
		}
		s->marked = marked;
		s->marked_room = room;
	}
	s->marked[s->marked_count++] = (struct suspect_interval){ at, lost };
}

static void judge(struct stream *stream, uint32_t count)
{
	struct suspects *s = &stream->suspects;
	const struct loss_far far = stream_rtcp_confirmed(stream);
	for (uint32_t i = 0; i < count; i++) {
		struct loss_sample sample = sample_of(stream, &s->list[i]);
		sample.far = far;
		const struct loss_shares shares = loss_witness_judge(s->witness, &sample);
		s->shares.network += shares.network;
		s->shares.capture += shares.capture;
		s->shares.unknown += shares.unknown;
		if (shares.capture >= LEAST_SUSPECT)
			mark(stream, s->list[i].at, (uint32_t)lround(shares.capture));
	}
	s->count -= count;
	memmove(s->list, s->list + count, s->count * sizeof *s->list);
}

static enum status make_room(struct stream *stream)
{
	struct suspects *s = &stream->suspects;
	if (s->count == STREAM_MAX_LOSSY)
		judge(stream, STREAM_MAX_LOSSY / 2);
	if (s->count < s->room)
		return OK;
	const uint32_t room = s->room ? 2 * s->room : 4;
	struct lossy_interval *list = realloc(s->list, room * sizeof *list);
	if (!list)
		return ERR_NOMEM;
	s->list = list;
	s->room = room;
	return OK;
}

enum status stream_suspect(struct stream *stream, nstime at,
                           const struct burst_figures *network)
{
	struct suspects *s = &stream->suspects;
	const struct lossy_interval interval = { at, (uint32_t)network->expected,
		                                 (uint32_t)network->bad, network->runs };
	if (!s->witness)
		return OK;
	struct loss_sample sample = sample_of(stream, &interval);
	sample.far = stream_rtcp_confirmed_now(stream);
	loss_witness_add(s->witness, &sample);
	if (interval.lost == 0)
		return OK;
	const enum status status = make_room(stream);
	if (status == OK)
		s->list[s->count++] = interval;
	else
		s->shares.unknown += interval.lost;
	return status;
}

struct loss_shares stream_judge(struct stream *stream, const struct settings *settings)
{
	struct suspects *s = &stream->suspects;
	if (s->count)
		judge(stream, s->count);
	const size_t room = stream->timeline.room;
	for (uint32_t i = 0; i < s->marked_count; i++) {
		const enum status status = timeline_suspect(
		        &stream->timeline, settings->interval, s->marked[i].at,
		        s->marked[i].lost, settings->limits.timeline_bytes);
		if (stream->timeline_status == OK)
			stream->timeline_status = status;
	}
	stream_charge_timeline(stream, room);
	s->marked_count = 0;
	return s->shares;
}
