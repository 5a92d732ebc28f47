/* leg_record.c - the record of a leg, out of what its parts know. */
#include "analyzer/track/leg.h"

#include <math.h>

static double ms_between(nstime from, nstime to)
{
	return from == NSTIME_NONE || to == NSTIME_NONE ? NAN : ns_to_ms(to - from);
}

static void copy_if(char *to, size_t size, const char *from)
{
	if (from)
		text_copy(to, size, text_from(from));
}

void leg_record(const struct leg *leg, struct leg_record *out)
{
	const enum leg_state state = leg_state(leg);
	*out = (struct leg_record){
		.id = leg->id,
		.src = leg->src,
		.dst = leg->dst,
		.start = leg->start,
		.ringing = leg->ringing,
		.answered = leg->answered,
		.ended = leg->ended,
		.status = leg->status,
		.state = state,
		.pdd_ms = leg->has_invite ? ms_between(leg->invited, leg->first_response)
		                          : NAN,
		.duration_s = ms_between(leg->answered, leg->ended) / 1000,
		.ended_by = leg->ended_by,
		.transport = leg->transport,
		.messages = leg->messages,
		.retransmissions = leg->retransmissions,
		.span_copies = leg->span_copies,
		.flags = leg->flags,
		.one_way = leg->audio.one_way,
		.audio_forward = leg->audio.fates[AUDIO_FORWARD],
		.audio_reverse = leg->audio.fates[AUDIO_REVERSE],
		.audio_forward_until = leg->audio.until[AUDIO_FORWARD],
		.audio_reverse_until = leg->audio.until[AUDIO_REVERSE],
		.media_coverage_forward_pct = leg->audio.coverage_pct[AUDIO_FORWARD],
		.media_coverage_reverse_pct = leg->audio.coverage_pct[AUDIO_REVERSE],
	};
	if (state == LEG_NO_RESPONSE || (state == LEG_NO_ANSWER && leg->status == 0))
		out->ended_by = ENDED_BY_TIMEOUT;
	else if (state == LEG_CANCELLED)
		out->ended_by = ENDED_BY_CALLER;
	out->codecs.count = leg->codecs.count;
	for (uint8_t i = 0; i < leg->codecs.count; i++)
		out->codecs.codecs[i] = leg->codecs.codecs[i];
	copy_if(out->from, sizeof out->from, leg->from);
	copy_if(out->to, sizeof out->to, leg->to);
	copy_if(out->user_agent, sizeof out->user_agent, leg->user_agent);
	copy_if(out->server, sizeof out->server, leg->server);
	copy_if(out->reason, sizeof out->reason, leg->reason);
	out->invite_retransmissions = leg->invite_retransmissions;
	leg_stages_record(&leg->stages, leg->has_invite ? leg->invited : NSTIME_NONE, out);
	leg_holds_record(&leg->holds, leg->ended, leg->last, out);
	leg_ending_record(leg, out);
	leg_offers_record(&leg->offers, out);
	leg_nat_record(&leg->nat, &leg->texts, out);
	leg_handshake_record(leg, out);
	leg_identity_record(&leg->identity, &leg->texts, out);
}
