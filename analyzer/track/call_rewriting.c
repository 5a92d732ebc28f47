/*
 * call_rewriting.c - what is written otherwise in the INVITE of a leg than in that of the
 * leg that led to it, and how: what carriers argue about when something does not work.
 *
 * Both values are told where both legs keep them for their own sake.  Hosts of From, To and
 * Via change wherever a B2BUA is, and are not looked at.
 */
#include <stdio.h>
#include <string.h>

#include "analyzer/track/signalling.h"
#include "analyzer/wire/sip_uri.h"

enum { VALUE = 128 };

/* Empty: there is none, or it is not kept. */
struct values {
	char before[VALUE], after[VALUE];
};

static bool set(struct values *values, struct text before, struct text after)
{
	text_copy(values->before, VALUE, before);
	text_copy(values->after, VALUE, after);
	return !text_equal(before, after);
}

/* --- parties -------------------------------------------------------------------------- */

static struct text user_of(const char *uri)
{
	struct sip_uri parts;
	return uri && sip_uri_read(text_from(uri), &parts) ? parts.user
	                                                   : (struct text){ 0 };
}

static bool from_differs(const struct leg *before, const struct leg *after,
                         struct values *values)
{
	return set(values, user_of(before->from), user_of(after->from));
}

static bool to_differs(const struct leg *before, const struct leg *after,
                       struct values *values)
{
	return set(values, user_of(before->to), user_of(after->to));
}

static bool display_differs(const struct leg *before, const struct leg *after,
                            struct values *values)
{
	(void)values;
	return before->marks.display != after->marks.display;
}

static bool asserted_differs(const struct leg *before, const struct leg *after,
                             struct values *values)
{
	const bool users = set(values, leg_texts_get(&before->texts, LEG_TEXT_ASSERTED),
	                       leg_texts_get(&after->texts, LEG_TEXT_ASSERTED));
	struct sip_uri parts[2];
	/* The host says whose word it is, and is each carrier's own. */
	if (sip_uri_read(text_from(values->before), &parts[0]) &&
	    sip_uri_read(text_from(values->after), &parts[1]))
		return !text_equal(parts[0].user, parts[1].user);
	return users;
}

static bool contact_differs(const struct leg *before, const struct leg *after,
                            struct values *values)
{
	char text[2][ADDRESS_TEXT_SIZE];
	const struct leg *legs[] = { before, after };
	struct text hosts[2];
	for (size_t i = 0; i < ARRAY_LEN(legs); i++) {
		hosts[i] = leg_texts_get(&legs[i]->texts, LEG_TEXT_CONTACT_SRC);
		if (hosts[i].len == 0 && legs[i]->marks.contact)
			hosts[i] =
			        text_from(address_format(&legs[i]->src.address, text[i]));
	}
	(void)set(values, hosts[0], hosts[1]);
	return before->marks.contact != after->marks.contact;
}

static bool user_agent_differs(const struct leg *before, const struct leg *after,
                               struct values *values)
{
	return set(values, text_from(before->user_agent ? before->user_agent : ""),
	           text_from(after->user_agent ? after->user_agent : ""));
}

/* --- headers that are there, or are not ----------------------------------------------- */

static bool presence_differs(const struct leg *before, const struct leg *after,
                             uint8_t header, struct values *values)
{
	const bool was = before->marks.headers & header;
	const bool is = after->marks.headers & header;
	(void)set(values, text_from(was ? "there" : ""), text_from(is ? "there" : ""));
	return was != is;
}

static bool diversion_differs(const struct leg *before, const struct leg *after,
                              struct values *values)
{
	const bool there = presence_differs(before, after, MARK_DIVERSION, values);
	const bool both = before->marks.headers & after->marks.headers & MARK_DIVERSION;
	const struct text was = leg_texts_get(&before->texts, LEG_TEXT_DIVERTED_FROM);
	const struct text is = leg_texts_get(&after->texts, LEG_TEXT_DIVERTED_FROM);
	return there || (both && set(values, was, is));
}

static bool history_differs(const struct leg *before, const struct leg *after,
                            struct values *values)
{
	return presence_differs(before, after, MARK_HISTORY_INFO, values);
}

static bool identity_differs(const struct leg *before, const struct leg *after,
                             struct values *values)
{
	return presence_differs(before, after, MARK_IDENTITY, values);
}

/* Those of `names` whose bits are set, with commas between. */
static void list(char to[VALUE], unsigned int bits, const char *const *names, size_t count)
{
	size_t used = 0;
	to[0] = '\0';
	for (size_t i = 0; i < count && used < VALUE; i++)
		if (bits >> i & 1 && names[i])
			used += (size_t)snprintf(to + used, VALUE - used, "%s%s",
			                         used ? "," : "", names[i]);
}

static bool allow_differs(const struct leg *before, const struct leg *after,
                          struct values *values)
{
	list(values->before, before->marks.allow, sip_method_names, SIP_METHOD_COUNT);
	list(values->after, after->marks.allow, sip_method_names, SIP_METHOD_COUNT);
	return before->marks.allow != after->marks.allow;
}

static bool supported_differs(const struct leg *before, const struct leg *after,
                              struct values *values)
{
	list(values->before, before->marks.supported, sip_option_tags, SIP_OPTION_TAGS);
	list(values->after, after->marks.supported, sip_option_tags, SIP_OPTION_TAGS);
	return before->marks.supported != after->marks.supported;
}

static bool timer_differs(const struct leg *before, const struct leg *after,
                          struct values *values)
{
	const uint32_t was = before->ending.session.expires_s;
	const uint32_t is = after->ending.session.expires_s;
	if (was)
		snprintf(values->before, VALUE, "%u", was);
	if (is)
		snprintf(values->after, VALUE, "%u", is);
	return was != is;
}

/* --- the offer ------------------------------------------------------------------------ */

static void list_codecs(char to[VALUE], const struct offered_codecs *codecs)
{
	size_t used = 0;
	to[0] = '\0';
	for (uint8_t i = 0; i < codecs->count && used < VALUE; i++)
		used += (size_t)snprintf(to + used, VALUE - used, "%s%s", i ? "," : "",
		                         codec_name((enum codec)codecs->list[i]));
}

static bool codecs_differ(const struct leg *before, const struct leg *after,
                          struct values *values)
{
	const struct offered_codecs *was = &before->offers.offer.codecs;
	const struct offered_codecs *is = &after->offers.offer.codecs;
	list_codecs(values->before, was);
	list_codecs(values->after, is);
	return was->count > 0 && is->count > 0 &&
	       (was->count != is->count || memcmp(was->list, is->list, was->count) != 0);
}

/* NULL: one of them has none. */
static const struct trace_side *caller_sdp(const struct leg *leg)
{
	const struct trace_side *side = &leg->trace.sides[TRACE_CALLER];
	return side->sdp ? side : NULL;
}

static bool media_differs(const struct leg *before, const struct leg *after,
                          struct values *values)
{
	const struct trace_side *was = caller_sdp(before);
	const struct trace_side *is = caller_sdp(after);
	if (!was || !is || endpoint_equal(&was->media, &is->media))
		return false;
	endpoint_format(&was->media, values->before);
	endpoint_format(&is->media, values->after);
	return true;
}

static bool ptime_differs(const struct leg *before, const struct leg *after,
                          struct values *values)
{
	const struct trace_side *was = caller_sdp(before);
	const struct trace_side *is = caller_sdp(after);
	if (!was || !is || was->ptime_ms == is->ptime_ms)
		return false;
	if (was->ptime_ms)
		snprintf(values->before, VALUE, "%u", was->ptime_ms);
	if (is->ptime_ms)
		snprintf(values->after, VALUE, "%u", is->ptime_ms);
	return true;
}

static const char *way_of(const struct trace_side *side)
{
	if (side->sends)
		return side->receives ? "sendrecv" : "sendonly";
	return side->receives ? "recvonly" : "inactive";
}

static bool direction_differs(const struct leg *before, const struct leg *after,
                              struct values *values)
{
	const struct trace_side *was = caller_sdp(before);
	const struct trace_side *is = caller_sdp(after);
	return was && is && set(values, text_from(way_of(was)), text_from(way_of(is)));
}

static bool keys_differ(const struct leg *before, const struct leg *after,
                        struct values *values)
{
	static const char *const names[KEYS_COUNT] = { "sdes", "dtls" };
	list(values->before, before->offers.offer.keys, names, KEYS_COUNT);
	list(values->after, after->offers.offer.keys, names, KEYS_COUNT);
	return before->offers.offer.keys != after->offers.offer.keys;
}

/* --- all of it ------------------------------------------------------------------------ */

static const struct {
	enum change change;
	bool (*differs)(const struct leg *before, const struct leg *after,
	                struct values *values);
} rows[] = {
	{ CHANGE_FROM_USER, from_differs },
	{ CHANGE_DISPLAY, display_differs },
	{ CHANGE_TO_USER, to_differs },
	{ CHANGE_ASSERTED, asserted_differs },
	{ CHANGE_DIVERSION, diversion_differs },
	{ CHANGE_HISTORY_INFO, history_differs },
	{ CHANGE_IDENTITY, identity_differs },
	{ CHANGE_SUPPORTED, supported_differs },
	{ CHANGE_ALLOW, allow_differs },
	{ CHANGE_SESSION_TIMER, timer_differs },
	{ CHANGE_CODECS, codecs_differ },
	{ CHANGE_KEYS, keys_differ },
	{ CHANGE_PTIME, ptime_differs },
	{ CHANGE_MEDIA_DIRECTION, direction_differs },
	{ CHANGE_MEDIA_ADDRESS, media_differs },
	{ CHANGE_CONTACT, contact_differs },
	{ CHANGE_USER_AGENT, user_agent_differs },
};

static const char *name_of(enum change change)
{
	for (size_t bit = 0; bit < CHANGE_COUNT; bit++)
		if (change == (enum change)(UINT32_C(1) << bit))
			return change_names[bit];
	return "";
}

static size_t add(char *to, size_t room, enum change change, const struct values *values)
{
	const bool told = values->before[0] || values->after[0];
	const int len = snprintf(to, room, "%s%s%s%s", name_of(change), told ? ": " : "",
	                         told && !values->before[0] ? "none" : values->before,
	                         told ? " > " : "");
	size_t used = len < 0 ? 0 : (size_t)len;
	if (told && used < room) {
		const int more = snprintf(to + used, room - used, "%s",
		                          values->after[0] ? values->after : "none");
		used += more < 0 ? 0 : (size_t)more;
	}
	return used < room ? used : room - 1;
}

uint32_t call_rewriting(const struct leg *before, const struct leg *after,
                        char to[RECORD_REWRITTEN])
{
	uint32_t changes = 0;
	size_t used = 0;
	/* What was not seen from its begin is not known. */
	if (!before->has_invite || !after->has_invite)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct values values = { 0 };
		if (!rows[i].differs(before, after, &values))
			continue;
		changes |= rows[i].change;
		if (used > 0 && used + 3 < RECORD_REWRITTEN) {
			memcpy(to + used, "; ", 3);
			used += 2;
		}
		used += add(to + used, RECORD_REWRITTEN - used, rows[i].change, &values);
	}
	return changes;
}
