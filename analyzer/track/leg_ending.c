#include "analyzer/track/leg_ending.h"

#include "analyzer/track/leg.h"
#include "analyzer/wire/sip_value.h"

/* Who hangs up that soon after the other's voice stopped may have had any reason. */
#define MEDIA_GONE_FOR (10 * NS_PER_SEC)

/* 64 * T1: the INVITE with Replaces has its answer, and the other dialog its BYE. */
#define REPLACED_WITHIN (32 * NS_PER_SEC)

/*
 * What those write who end a call that nobody hung up: Sofia-SIP (FreeSWITCH) "Session
 * timeout" and "MEDIA_TIMEOUT", Cisco "Session Expired" and "media inactivity", proxies
 * after rtpengine or rtpproxy "RTP timeout".
 */
static const struct {
	struct text words;
	enum ended_how how;
} hints[] = {
	{ { "session expired", 15 }, ENDED_HOW_SESSION_TIMER },
	{ { "session timeout", 15 }, ENDED_HOW_SESSION_TIMER },
	{ { "session timer", 13 }, ENDED_HOW_SESSION_TIMER },
	{ { "session-timer", 13 }, ENDED_HOW_SESSION_TIMER },
	{ { "media timeout", 13 }, ENDED_HOW_MEDIA_GONE },
	{ { "media_timeout", 13 }, ENDED_HOW_MEDIA_GONE },
	{ { "media inactivity", 16 }, ENDED_HOW_MEDIA_GONE },
	{ { "rtp timeout", 11 }, ENDED_HOW_MEDIA_GONE },
	{ { "rtp_timeout", 11 }, ENDED_HOW_MEDIA_GONE },
	{ { "no rtp", 6 }, ENDED_HOW_MEDIA_GONE },
};

static bool holds(struct text text, struct text words)
{
	for (; text.len >= words.len; text = text_skip(text, 1))
		if (text_starts_nocase(text, words))
			return true;
	return false;
}

static enum ended_how hint_of(struct text text)
{
	const struct text looked_at = text_head(text, RECORD_WORDS);
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (holds(looked_at, hints[i].words))
			return hints[i].how;
	return ENDED_HOW_UNKNOWN;
}

void leg_ending_begin(struct leg_ending *ending, struct leg_texts *texts)
{
	ending->q850 = ending->sip_cause = 0;
	ending->cause_in = CAUSE_IN_NONE;
	ending->hint = ENDED_HOW_UNKNOWN;
	leg_texts_replace(texts, LEG_TEXT_CAUSE, (struct text){ 0 }, 0);
}

/* protocol *( ";" cause / text ); the words of Q.850 say more than those of SIP. */
static void take_reason(struct leg_ending *ending, struct leg_texts *texts,
                        struct text value)
{
	uint64_t cause = 0;
	const struct text protocol = text_trim(text_cut(&value, ';'));
	const struct text words = sip_param(value, TEXT("text"));
	const bool is_q850 = text_equal_nocase(protocol, TEXT("Q.850"));
	if (text_number(sip_param(value, TEXT("cause")), 999, &cause) != OK)
		cause = 0;
	if (ending->hint == ENDED_HOW_UNKNOWN)
		ending->hint = (uint8_t)hint_of(words);
	if (is_q850 && !ending->q850 && cause <= 127) {
		ending->q850 = (uint16_t)cause;
		if (words.len)
			leg_texts_replace(texts, LEG_TEXT_CAUSE, words, RECORD_CAUSE - 1);
	} else if (!is_q850) {
		if (!ending->sip_cause && text_equal_nocase(protocol, TEXT("SIP")))
			ending->sip_cause = (uint16_t)cause;
		leg_texts_keep(texts, LEG_TEXT_CAUSE, words, RECORD_CAUSE - 1);
	}
}

/* The first message that ends it and says why counts. */
static void take_reasons(struct leg_ending *ending, struct leg_texts *texts,
                         const struct sip_message *message, enum cause_in where)
{
	struct text rest = message->headers, values;
	if (ending->cause_in != CAUSE_IN_NONE || !sip_has_header(message, SIP_REASON))
		return;
	ending->cause_in = (uint8_t)where;
	while (sip_next_named(&rest, TEXT("Reason"), &values))
		while (values.len > 0)
			take_reason(ending, texts, sip_cut_value(&values));
}

void leg_ending_note(struct leg_ending *ending, struct leg_texts *texts,
                     const struct sip_message *message, bool from_caller, nstime at)
{
	if (message->is_request && message->method == SIP_BYE)
		take_reasons(ending, texts, message, CAUSE_IN_BYE);
	else if (message->is_request && message->method == SIP_CANCEL)
		take_reasons(ending, texts, message, CAUSE_IN_CANCEL);
	else if (message->method == SIP_INVITE && message->status >= 300 &&
	         !sip_is_challenge(message->status))
		take_reasons(ending, texts, message, CAUSE_IN_RESPONSE);
	leg_session_note(&ending->session, message, from_caller, at);
}

/* Had what the side that hung up should hear stopped well before? */
static bool is_media_gone(const struct leg *leg)
{
	const unsigned int heard =
	        leg->stages.bye_by_caller ? AUDIO_REVERSE : AUDIO_FORWARD;
	const nstime until = leg->audio.until[heard];
	return leg->audio.fates[heard] == AUDIO_FATE_STOPPED && until != NSTIME_NONE &&
	       leg->stages.bye - until >= MEDIA_GONE_FOR;
}

static enum ended_how how_answered(const struct leg *leg)
{
	const struct leg_ending *ending = &leg->ending;
	if (ending->hint)
		return (enum ended_how)ending->hint;
	if (leg->ended_by == ENDED_BY_TIMEOUT)
		return ENDED_HOW_TIMEOUT;
	if (!leg->stages.bye)
		return ENDED_HOW_BYE; /* its answer alone was seen, or it was on another hop
		                       */
	if (leg_session_explains(&ending->session, leg->stages.bye_by_caller,
	                         leg->stages.bye))
		return ENDED_HOW_SESSION_TIMER;
	return is_media_gone(leg) ? ENDED_HOW_MEDIA_GONE : ENDED_HOW_BYE;
}

/* A Replaces that was refused leaves the dialog as it was, to end some day. */
static bool is_replaced(const struct leg *leg)
{
	return leg->ending.replaced && leg->ended != NSTIME_NONE &&
	       leg->ended - leg->ending.replaced <= REPLACED_WITHIN;
}

static enum ended_how how_of(const struct leg *leg, enum leg_state state)
{
	if (is_replaced(leg))
		return ENDED_HOW_REPLACED;
	switch (state) {
	case LEG_COMPLETED:
		return how_answered(leg);
	case LEG_INCOMPLETE:
		return leg->ended != NSTIME_NONE ? how_answered(leg) : ENDED_HOW_UNKNOWN;
	case LEG_CANCELLED:
		return leg->stages.bye && !leg->cancelled ? ENDED_HOW_BYE
		                                          : ENDED_HOW_CANCEL;
	case LEG_NO_ANSWER:
	case LEG_NO_RESPONSE:
	case LEG_FAILED:
		return leg->status ? ENDED_HOW_REFUSED : ENDED_HOW_TIMEOUT;
	default:
		return ENDED_HOW_UNKNOWN;
	}
}

void leg_ending_record(const struct leg *leg, struct leg_record *out)
{
	const struct leg_ending *ending = &leg->ending;
	out->ended_how = how_of(leg, out->state);
	out->q850 = ending->q850;
	out->sip_cause = ending->sip_cause;
	out->cause_in = (enum cause_in)ending->cause_in;
	leg_texts_copy(&leg->texts, LEG_TEXT_CAUSE, out->cause_text,
	               sizeof out->cause_text);
	leg_session_record(&ending->session, out);
}
