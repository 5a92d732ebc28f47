#include "analyzer/track/agreement.h"

struct audio_side audio_side_of(const struct sdp_glance *sdp, const struct address *from)
{
	struct audio_side side = { 0 };
	for (uint8_t i = 0; i < sdp->line_count; i++) {
		const struct sdp_glance_line *media = &sdp->lines[i];
		side.image = side.image || (media->kind == SDP_IMAGE && media->port != 0);
		if (media->kind != SDP_AUDIO || side.port)
			continue;
		const bool nowhere =
		        media->has_connection && address_is_unspecified(&media->connection);
		side.line = true;
		side.port = media->port != 0;
		side.sends = media->direction == SDP_SENDRECV ||
		             media->direction == SDP_SENDONLY;
		side.receives = (media->direction == SDP_SENDRECV ||
		                 media->direction == SDP_RECVONLY) &&
		                !nowhere;
		side.stranded = media->has_connection && !nowhere &&
		                audio_address_is_private(&media->connection) &&
		                !audio_address_is_private(from);
	}
	return side;
}

static enum audio_want want_of(const struct audio_side *sender,
                               const struct audio_side *receiver, bool holds)
{
	if (!sender->line || !receiver->line)
		return sender->image && receiver->image ? AUDIO_WANT_MOVED
		                                        : AUDIO_WANT_NOTHING;
	if (!sender->port || !receiver->port)
		return AUDIO_WANT_MOVED;
	if (!sender->sends || !receiver->receives)
		return AUDIO_WANT_HELD;
	/* Who puts the other on hold may play music to it, and need not. */
	return holds && !sender->receives ? AUDIO_WANT_HELD : AUDIO_WANTED;
}

/* The other side's answer to the pending offer. */
static void agree(struct agreement *a, const struct audio_side *answer,
                  struct agreement_outcome *out)
{
	const bool caller_holds = a->again && a->by_caller;
	const bool callee_holds = a->again && !a->by_caller;
	*(a->by_caller ? &a->caller : &a->callee) = a->offer;
	*(a->by_caller ? &a->callee : &a->caller) = *answer;
	a->agreed = true;
	*out = (struct agreement_outcome){
		.want = { [AUDIO_FORWARD] = want_of(&a->caller, &a->callee, caller_holds),
		          [AUDIO_REVERSE] = want_of(&a->callee, &a->caller, callee_holds) },
		.unroutable = { [AUDIO_FORWARD] = a->callee.stranded,
		                [AUDIO_REVERSE] = a->caller.stranded },
	};
}

static void offer(struct agreement *a, const struct sip_message *message, bool from_caller,
                  const struct audio_side *side)
{
	a->offer = *side;
	a->pending = true;
	a->by_caller = from_caller;
	a->method = message->method;
	a->again = a->agreed;
}

/* ACK and PRACK answer what a response offered; other requests make an offer. */
static bool take_request(struct agreement *a, const struct sip_message *message,
                         bool from_caller, const struct audio_side *side,
                         struct agreement_outcome *out)
{
	const bool may_answer = message->method == SIP_ACK || message->method == SIP_PRACK;
	if (may_answer && a->pending && a->by_caller != from_caller) {
		agree(a, side, out);
		a->pending = false;
		return true;
	}
	if (message->method != SIP_ACK)
		offer(a, message, from_caller, side);
	return false;
}

/*
 * A provisional answer may be followed by the same or another one in the 2xx, so the offer
 * stays; a failure leaves everything as it was before.
 */
static bool take_response(struct agreement *a, const struct sip_message *message,
                          bool from_caller, const struct audio_side *side,
                          struct agreement_outcome *out)
{
	const bool answers =
	        a->pending && a->by_caller != from_caller && a->method == message->method;
	const bool final = message->status >= 200;
	const bool agreed = side && answers && message->status < 300;
	if (agreed)
		agree(a, side, out);
	if (answers && final)
		a->pending = false;
	else if (side && !a->pending && message->status < 300)
		offer(a, message, from_caller, side);
	return agreed;
}

bool agreement_take(struct agreement *a, const struct sip_message *message,
                    bool from_caller, const struct audio_side *side,
                    struct agreement_outcome *out)
{
	const bool negotiates = message->method == SIP_INVITE ||
	                        message->method == SIP_UPDATE ||
	                        message->method == SIP_PRACK || message->method == SIP_ACK;
	if (!negotiates)
		return false;
	if (!message->is_request)
		return take_response(a, message, from_caller, side, out);
	return side && take_request(a, message, from_caller, side, out);
}
