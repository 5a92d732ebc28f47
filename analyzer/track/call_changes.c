/*
 * call_changes.c - what a proxy, a B2BUA or an SBC has made of a call on its way from one
 * leg to the next.
 */
#include "analyzer/track/signalling.h"

/* As it was agreed on: what was only offered protects nothing. */
static bool is_secure(const struct leg *leg)
{
	return leg->flags & LEG_SRTP &&
	       (!leg->offers.offer.keys || leg->offers.answer.keys);
}

static bool has_codec(const struct used_codecs *codecs, enum codec codec)
{
	for (uint8_t i = 0; i < codecs->count; i++)
		if (codecs->codecs[i] == codec)
			return true;
	return false;
}

/* Both carried media, in no codec that is the same. */
static bool is_transcoded(const struct used_codecs *a, const struct used_codecs *b)
{
	for (uint8_t i = 0; i < a->count; i++)
		if (has_codec(b, a->codecs[i]))
			return false;
	return a->count > 0 && b->count > 0;
}

static bool differ(const struct signalling *s, const struct leg *a, const char *uri_a,
                   const struct leg *b, const char *uri_b)
{
	return uri_a && uri_b &&
	       !correlate_same_party(s, a, text_from(uri_a), b, text_from(uri_b));
}

uint32_t call_changes(const struct signalling *s, const struct leg *leg,
                      const struct leg *parent)
{
	const bool both_answered =
	        leg->answered != NSTIME_NONE && parent->answered != NSTIME_NONE;
	const bool secure = is_secure(leg);
	const bool was_secure = is_secure(parent);
	uint32_t changes = 0;
	if (leg->set != parent->set)
		changes |= CHANGE_CALL_ID;
	if (leg->from_tag != parent->from_tag)
		changes |= CHANGE_TAG;
	if (differ(s, parent, parent->from, leg, leg->from))
		changes |= CHANGE_CALLER;
	if (differ(s, parent, parent->to, leg, leg->to))
		changes |= CHANGE_CALLEE;
	if (leg->transport != parent->transport)
		changes |= CHANGE_TRANSPORT;
	if (is_transcoded(&parent->codecs, &leg->codecs))
		changes |= CHANGE_TRANSCODED;
	if (both_answered && was_secure != secure)
		changes |= secure ? CHANGE_SRTP_ADDED : CHANGE_SRTP_REMOVED;
	return changes;
}
