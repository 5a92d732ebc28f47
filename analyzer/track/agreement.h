/*
 * agreement.h - what the two sides of a leg have agreed on for its audio: offers and
 * answers in their order (RFC 3264, RFC 6337), of which only what was answered counts.
 */
#ifndef EARSHOT_TRACK_AGREEMENT_H
#define EARSHOT_TRACK_AGREEMENT_H

#include "analyzer/quality/audio_path.h"
#include "analyzer/track/sdp_glance.h"
#include "analyzer/wire/sip.h"

/* The first audio line of an SDP that is not refused, as its sender means it. */
struct audio_side {
	bool line; /* there is one */
	bool port; /* not 0 */
	bool sends, receives;
	bool image;    /* there is an m=image that is not refused */
	bool stranded; /* its private address was announced from outside */
};

struct agreement {
	bool pending; /* an offer has no final answer yet: */
	bool by_caller;
	enum sip_method method; /* whose request or response it was in */
	struct audio_side offer;
	struct audio_side caller, callee; /* as agreed last */
	bool agreed, again;               /* ever; and then there was another offer */
};

/* `from`: the address that the SDP came from. */
struct audio_side audio_side_of(const struct sdp_glance *sdp, const struct address *from);

/*
 * A message of the leg; `side` NULL: without SDP.  True when it completes an agreement:
 * then *out says, by direction, what holds from now on.
 */
struct agreement_outcome {
	enum audio_want want[AUDIO_DIRECTIONS];
	bool unroutable[AUDIO_DIRECTIONS];
};
bool agreement_take(struct agreement *a, const struct sip_message *message,
                    bool from_caller, const struct audio_side *side,
                    struct agreement_outcome *out);

#endif
