#include "analyzer/track/leg_stages.h"

#include <math.h>

void leg_stages_begin(struct leg_stages *stages)
{
	stages->responded = stages->indicated = stages->acked = 0;
	stages->final_retransmissions = 0;
}

/*
 * Time runs from the BYE that was let through: a challenged one is asked again with another
 * CSeq.  Where both sides hang up at once the first BYE counts.
 */
static void note_bye(struct leg_stages *stages, const struct sip_message *message,
                     bool from_caller, nstime at)
{
	if (stages->bye &&
	    (stages->bye_by_caller != from_caller || !sip_is_challenge(stages->bye_status)))
		return;
	stages->bye = at;
	stages->bye_cseq = message->cseq;
	stages->bye_by_caller = from_caller;
	stages->bye_status = 0;
}

static void note_bye_response(struct leg_stages *stages, const struct sip_message *message,
                              bool from_caller, nstime at)
{
	if (!stages->bye || message->cseq != stages->bye_cseq ||
	    from_caller == stages->bye_by_caller || message->status < 200 ||
	    stages->bye_status)
		return;
	stages->bye_status = (uint16_t)message->status;
	if (message->status < 300)
		stages->bye_answered = at;
}

static void note_invite_response(struct leg_stages *stages,
                                 const struct sip_message *message, nstime at)
{
	if (!stages->responded)
		stages->responded = at;
	if (sip_is_challenge(message->status)) {
		if (stages->auth_rounds < UINT16_MAX)
			stages->auth_rounds++;
		return;
	}
	if (message->status > 100 && !stages->indicated)
		stages->indicated = at;
}

void leg_stages_note(struct leg_stages *stages, const struct sip_message *message,
                     uint32_t invite_cseq, bool from_caller, nstime at)
{
	const bool is_invites = message->cseq == invite_cseq;
	if (message->method == SIP_BYE && message->is_request)
		note_bye(stages, message, from_caller, at);
	else if (message->method == SIP_BYE)
		note_bye_response(stages, message, from_caller, at);
	else if (message->method == SIP_ACK && is_invites && !stages->acked)
		stages->acked = at;
	else if (message->method == SIP_INVITE && !message->is_request && is_invites)
		note_invite_response(stages, message, at);
}

void leg_stages_repeat(struct leg_stages *stages, const struct sip_message *message,
                       uint32_t invite_cseq)
{
	if (message->is_request)
		stages->bye_retransmissions += message->method == SIP_BYE;
	else if (message->method == SIP_INVITE && message->cseq == invite_cseq)
		stages->final_retransmissions += message->status >= 200;
}

bool leg_stages_awaits_bye(const struct leg_stages *stages)
{
	return stages->bye && !stages->bye_status;
}

static nstime time_of(nstime stage)
{
	return stage ? stage : NSTIME_NONE;
}

/* NAN unless both were reached. */
static double ms_between(nstime from, nstime to)
{
	const bool reached = from != NSTIME_NONE && to != NSTIME_NONE && to >= from;
	return reached ? ns_to_ms(to - from) : NAN;
}

void leg_stages_record(const struct leg_stages *stages, nstime invited,
                       struct leg_record *out)
{
	out->invited = invited;
	out->responded = time_of(stages->responded);
	out->ack = time_of(stages->acked);
	out->setup_ms = ms_between(invited, out->answered);
	out->srd_ms = ms_between(invited, time_of(stages->indicated));
	out->ringing_ms = ms_between(
	        out->ringing, out->answered != NSTIME_NONE ? out->answered : out->ended);
	out->sdd_ms = ms_between(time_of(stages->bye), time_of(stages->bye_answered));
	out->bye_status = stages->bye_status;
	out->auth_rounds = stages->auth_rounds;
	out->bye_retransmissions = stages->bye_retransmissions;
	out->final_retransmissions = stages->final_retransmissions;
}
