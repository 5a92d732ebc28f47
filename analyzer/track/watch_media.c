/* watch_media.c - attacks that show when the streams of a leg are known. */
#include "analyzer/track/signalling.h"

void call_watch_media(struct signalling *s, struct leg *leg, struct call *call,
                      const struct stream_record *stream)
{
	struct attacks *attacks = &s->watch.attacks;
	const uint32_t *thresholds = s->context->settings.thresholds;
	struct foreign_source foreign;
	if (leg_sources_stream(&leg->sources, stream, leg->answered,
	                       thresholds[THRESHOLD_FOREIGN_PACKETS], &foreign))
		attacks_note_foreign(attacks, &foreign.src, &foreign.dst, foreign.stream,
		                     foreign.at);
	if (leg->sources.no_memory)
		count(s->context, COUNT_NO_MEMORY);
	leg->sources.no_memory = false;
	if ((stream->flags & STREAM_SHORT) || leg->answered == NSTIME_NONE)
		return;
	if (stream->encrypted) {
		call->secure_leg = leg->id;
	} else {
		call->clear_leg = leg->id;
		call->clear_src = leg->src;
		call->clear_dst = leg->dst;
		if (leg->offers.offer.keys && !leg->offers.answer.keys)
			attacks_note_clear(attacks, &leg->src, &leg->dst, stream);
	}
	if (call->downgraded || !call->secure_leg || !call->clear_leg ||
	    call->secure_leg == call->clear_leg)
		return;
	call->downgraded = true;
	attacks_note_downgrade(attacks, &call->clear_src, &call->clear_dst, call->id,
	                       call->start);
}
