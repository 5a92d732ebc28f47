/*
 * diagnosis_trunks.c - what went over a configured trunk otherwise than the operator
 * expects.
 *
 * That it was so is certain, that anybody noticed is not: the confidence, which tells how
 * sure it is that this went wrong with the call, is below that of each other rule.  So a
 * fault that people hear always comes first.
 */
#include <math.h>
#include <stdlib.h>

#include "analyzer/track/diagnosis.h"
#include "analyzer/track/trunk_rules.h"

enum { LEAST_PACKETS = 100 }; /* 2 s of audio: fewer say nothing of a stream */

/* --- facts ---------------------------------------------------------------------------- */

static const struct trunk_breach *breach_of(const struct diagnosis *d,
                                            enum finding_code code)
{
	for (uint8_t i = 0; d && i < d->breach_count; i++)
		if (d->breaches[i].code == code)
			return &d->breaches[i];
	return NULL;
}

/* Of each kind the first one is kept: a call has no second finding of the same code. */
static enum status keep(struct diagnosis **d, const struct trunk_breach *breach)
{
	if (breach_of(*d, breach->code))
		return OK;
	if (!*d)
		*d = calloc(1, sizeof **d);
	if (!*d)
		return ERR_NOMEM;
	const size_t count = (*d)->breach_count + 1u;
	void *moved = realloc((*d)->breaches, count * sizeof *(*d)->breaches);
	if (!moved)
		return ERR_NOMEM;
	(*d)->breaches = moved;
	(*d)->breaches[(*d)->breach_count++] = *breach;
	return OK;
}

/* A violation, as a bit of a record's trunk_violations, and what it is found as. */
struct violation {
	uint32_t bit;
	enum finding_code code;
};

static enum status keep_all(struct diagnosis **d, const struct violation *list,
                            size_t count, uint32_t violations, struct trunk_breach *breach)
{
	for (size_t i = 0; i < count; i++) {
		breach->code = list[i].code;
		if ((violations & list[i].bit) && keep(d, breach) != OK)
			return ERR_NOMEM;
	}
	return OK;
}

enum status diagnosis_note_leg_trunks(struct diagnosis **d, const struct trunks *trunks,
                                      const struct leg_record *leg)
{
	static const struct violation list[] = {
		{ LEG_VIOLATES_TRANSPORT, FINDING_TRUNK_TRANSPORT },
		{ LEG_VIOLATES_DSCP, FINDING_TRUNK_SIP_DSCP },
	};
	const struct endpoint *const ends[] = { &leg->src, &leg->dst };
	for (size_t i = 0; i < ARRAY_LEN(ends) && leg->trunk_violations; i++) {
		const struct trunk *trunk =
		        trunk_find(trunks, &ends[i]->address, ends[i]->port);
		const uint32_t violations = trunk_rules_leg(trunk, leg);
		if (violations == 0)
			continue;
		struct trunk_breach breach = { .leg = leg->id,
			                       .peer = *ends[i],
			                       .trunk = *trunk,
			                       .dscp_src = leg->dscp_src,
			                       .dscp_dst = leg->dscp_dst };
		if (keep_all(d, list, ARRAY_LEN(list), violations, &breach) != OK)
			return ERR_NOMEM;
	}
	return OK;
}

enum status diagnosis_note_stream_trunks(struct diagnosis **d, const struct trunks *trunks,
                                         const struct stream_record *stream)
{
	static const struct violation list[] = {
		{ STREAM_VIOLATES_CODEC, FINDING_TRUNK_CODEC },
		{ STREAM_VIOLATES_DSCP, FINDING_TRUNK_DSCP },
		{ STREAM_VIOLATES_SECURITY, FINDING_TRUNK_SECURITY },
	};
	const struct endpoint *const ends[] = { &stream->src, &stream->dst };
	if (stream->packets < LEAST_PACKETS)
		return OK;
	for (size_t i = 0; i < ARRAY_LEN(ends) && stream->trunk_violations; i++) {
		const struct trunk *trunk =
		        trunk_find_media(trunks, &ends[i]->address, ends[i]->port);
		const uint32_t violations = trunk_rules_stream(trunk, stream);
		if (violations == 0)
			continue;
		struct trunk_breach breach = { .leg = stream->leg,
			                       .stream = stream->id,
			                       .peer = *ends[i],
			                       .trunk = *trunk };
		if (keep_all(d, list, ARRAY_LEN(list), violations, &breach) != OK)
			return ERR_NOMEM;
	}
	return OK;
}

/* --- rules ---------------------------------------------------------------------------- */

/* What breaks that rule, if it is the subject that does. */
static const struct trunk_breach *breach_by(const struct rule_subject *subject,
                                            enum finding_code code, struct opinion *opinion)
{
	const struct trunk_breach *breach = breach_of(subject->all, code);
	if (!breach || (subject->stream ? breach->stream != subject->stream->id
	                                : breach->leg != subject->leg->id))
		return NULL;
	opinion->points_to = POINTS_TO_TRUNK;
	opinion->peer = breach->peer;
	opinion->trunk = breach->trunk.name;
	return breach;
}

static bool judge_transport(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct trunk_breach *breach =
	        breach_by(subject, FINDING_TRUNK_TRANSPORT, opinion);
	const char *between = "";
	if (!breach)
		return false;
	opinion_say(opinion, "%s; expected ", transport_names[subject->leg->transport]);
	for (unsigned int i = TRANSPORT_NONE + 1; i < TRANSPORT_COUNT; i++) {
		if (!(breach->trunk.transports & UINT32_C(1) << i))
			continue;
		opinion_add(opinion, "%s%s", between, transport_names[i]);
		between = " or ";
	}
	return true;
}

static void add_mark(struct opinion *opinion, const char *of, double dscp)
{
	if (!isnan(dscp))
		opinion_add(opinion, "DSCP %.0f from the %s; ", dscp, of);
}

static bool judge_sip_dscp(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct trunk_breach *breach =
	        breach_by(subject, FINDING_TRUNK_SIP_DSCP, opinion);
	if (!breach)
		return false;
	add_mark(opinion, "caller", breach->dscp_src);
	add_mark(opinion, "callee", breach->dscp_dst);
	opinion_add(opinion, "expected %u", breach->trunk.dscp_signalling);
	return true;
}

static bool judge_codec(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct trunk_breach *breach =
	        breach_by(subject, FINDING_TRUNK_CODEC, opinion);
	if (!breach)
		return false;
	opinion_say(opinion, "%s, %.0f packets; expected ",
	            codec_name((enum codec)s->codec), s->packets);
	for (uint32_t i = 0; i < breach->trunk.codec_count; i++)
		opinion_add(opinion, "%s%s", i ? " or " : "",
		            codec_name(breach->trunk.codecs[i]));
	return true;
}

static bool judge_marking(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct trunk_breach *breach = breach_by(subject, FINDING_TRUNK_DSCP, opinion);
	if (!breach)
		return false;
	opinion_say(opinion, "DSCP %u; expected %u", subject->stream->dscp,
	            breach->trunk.dscp);
	return true;
}

static bool judge_security(const struct rule_subject *subject, struct opinion *opinion)
{
	if (!breach_by(subject, FINDING_TRUNK_SECURITY, opinion))
		return false;
	opinion_say(opinion, "%s",
	            subject->stream->encrypted ? "SRTP; expected RTP in clear"
	                                       : "RTP in clear by its SDP; expected SRTP");
	return true;
}

static const struct rule rules[] = {
	{ FINDING_TRUNK_SECURITY, true, 0, judge_security, 0.4,
	  "Audio {way} is not protected as is expected of trunk {trunk}.", 0 },
	{ FINDING_TRUNK_TRANSPORT, false, 0, judge_transport, 0.35,
	  "Signalling goes over another transport than is expected of trunk {trunk}.", 0 },
	{ FINDING_TRUNK_CODEC, true, 0, judge_codec, 0.3,
	  "Audio {way} has a codec that is not expected of trunk {trunk}.", 0 },
	{ FINDING_TRUNK_DSCP, true, 0, judge_marking, 0.25,
	  "Audio {way} has another priority (DSCP) than is expected of trunk {trunk}.", 0 },
	{ FINDING_TRUNK_SIP_DSCP, false, 0, judge_sip_dscp, 0.2,
	  "Signalling has another priority (DSCP) than is expected of trunk {trunk}.", 0 },
};

const struct rules diagnosis_trunk_rules = { rules, ARRAY_LEN(rules) };
