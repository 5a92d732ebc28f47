/*
 * leg_handshake.c - how far ICE and DTLS of a leg came: what was agreed on in SDP against
 * what was seen on the media endpoints before RTP.
 */
#include "analyzer/track/leg.h"
#include "analyzer/wire/handshake.h"

/* RTP of the leg passed here, so its handshakes would have too. */
static bool is_media_seen(const struct leg *leg)
{
	return leg->audio.until[AUDIO_FORWARD] != NSTIME_NONE ||
	       leg->audio.until[AUDIO_REVERSE] != NSTIME_NONE;
}

static enum handshake_state untried(const struct leg *leg)
{
	return is_media_seen(leg) ? HANDSHAKE_NEVER_TRIED : HANDSHAKE_NOT_SEEN;
}

static enum handshake_state ice_of(const struct leg *leg)
{
	const unsigned int steps = leg->steps[AUDIO_FORWARD] | leg->steps[AUDIO_REVERSE];
	const struct leg_offers *offers = &leg->offers;
	if (!offers->offer.ice || !offers->answer.ice)
		return offers->offer.ice ? HANDSHAKE_OFFERED : HANDSHAKE_NONE;
	if (steps & HANDSHAKE_ICE_SUCCESS)
		return HANDSHAKE_COMPLETED;
	return steps & HANDSHAKE_ICE_REQUEST ? HANDSHAKE_FAILED : untried(leg);
}

/* Both sides have used the keys; or one was seen to, and media flowed. */
static enum handshake_state dtls_of(const struct leg *leg)
{
	const unsigned int any = leg->steps[AUDIO_FORWARD] | leg->steps[AUDIO_REVERSE];
	const unsigned int both = leg->steps[AUDIO_FORWARD] & leg->steps[AUDIO_REVERSE];
	const struct leg_offers *offers = &leg->offers;
	if (!(offers->offer.keys & offers->answer.keys & KEYS_DTLS))
		return offers->offer.keys & KEYS_DTLS ? HANDSHAKE_OFFERED : HANDSHAKE_NONE;
	if (both & HANDSHAKE_DTLS_KEYS || (any & HANDSHAKE_DTLS_KEYS && is_media_seen(leg)))
		return HANDSHAKE_COMPLETED;
	return any & HANDSHAKE_DTLS ? HANDSHAKE_FAILED : untried(leg);
}

void leg_handshake_record(const struct leg *leg, struct leg_record *out)
{
	out->ice = ice_of(leg);
	out->dtls = dtls_of(leg);
}
