/*
 * diagnosis_audio.c - rules for audio that does not arrive, and for the SIP ALG, which is
 * one of its reasons.
 *
 * Where RTP has to go is what its receiver announced; whether it can get there is told by
 * ICMP, by where that receiver's own RTP comes from (devices send from the port that they
 * receive on, RFC 4961), and by the kind of address.
 */
#include "analyzer/track/diagnosis.h"

#include <string.h>

static enum direction direction_of(unsigned int number)
{
	return number == AUDIO_REVERSE ? DIRECTION_REVERSE : DIRECTION_FORWARD;
}

static unsigned int receiver_of(unsigned int direction)
{
	return direction == AUDIO_FORWARD ? TRACE_CALLEE : TRACE_CALLER;
}

static bool is_fault(enum audio_fate fate)
{
	return fate == AUDIO_FATE_NONE || fate == AUDIO_FATE_EARLY_ONLY ||
	       fate == AUDIO_FATE_STOPPED || fate == AUDIO_FATE_CLOSED_PORT ||
	       fate == AUDIO_FATE_PRIVATE_ADDRESS;
}

/* The direction at fault, of two that whose cause is known; AUDIO_DIRECTIONS: none. */
static unsigned int faulty_direction(const struct diagnosis_leg *leg)
{
	unsigned int found = AUDIO_DIRECTIONS;
	for (unsigned int d = 0; d < AUDIO_DIRECTIONS; d++) {
		const bool known = leg->fates[d] == AUDIO_FATE_CLOSED_PORT ||
		                   leg->fates[d] == AUDIO_FATE_PRIVATE_ADDRESS;
		if (known || (found == AUDIO_DIRECTIONS && is_fault(leg->fates[d])))
			found = d;
	}
	return found;
}

/* What a rule about a direction looks at. */
struct way {
	unsigned int direction;
	enum audio_fate fate;
	const struct trace_side *receiver;
	const struct diagnosis_stream *there; /* what goes to the receiver; NULL: nothing */
	const struct diagnosis_stream *back;  /* what the receiver sends */
};

/* AUDIO_DIRECTIONS: none, of which nothing else is known. */
static struct way way_of(const struct rule_subject *subject, unsigned int direction)
{
	const struct diagnosis_leg *leg = subject->leg;
	if (direction >= AUDIO_DIRECTIONS)
		return (struct way){ .direction = AUDIO_DIRECTIONS };
	return (struct way){
		.direction = direction,
		.fate = leg->fates[direction],
		.receiver = &leg->trace.sides[receiver_of(direction)],
		.there =
		        diagnosis_stream_of(subject->all, leg->id, direction_of(direction)),
		.back = diagnosis_stream_of(subject->all, leg->id,
		                            direction_of(AUDIO_DIRECTIONS - 1 - direction)),
	};
}

static void fill(const struct rule_subject *subject, const struct way *way,
                 struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const nstime until = leg->until[way->direction];
	opinion->direction = direction_of(way->direction);
	opinion->points_to =
	        way->direction == AUDIO_FORWARD ? POINTS_TO_CALLEE : POINTS_TO_CALLER;
	opinion->peer = way->receiver->media;
	opinion->first = leg->answered;
	opinion->last = leg->ended;
	opinion->at = way->fate == AUDIO_FATE_STOPPED && until != NSTIME_NONE
	                      ? until
	                      : leg->answered;
}

static const char *announced(const struct way *way, char text[ENDPOINT_TEXT_SIZE])
{
	return endpoint_format(&way->receiver->media, text);
}

/* "198.18.0.1:4000", or "nowhere" where the receiver sends nothing. */
static const char *sends_from(const struct way *way, char text[ENDPOINT_TEXT_SIZE])
{
	return way->back ? endpoint_format(&way->back->src, text) : "nowhere";
}

/* --- kinds of addresses --------------------------------------------------------------- */

/* Loopback, link-local, multicast, the documentation's own: never anybody's over a network.
 */
static bool is_absurd(const struct address *a)
{
	static const uint8_t zeros[15];
	const uint8_t *v4 = a->bytes + 12;
	if (!address_is_ipv4(a))
		return a->bytes[0] == 0xff ||
		       (a->bytes[0] == 0xfe && a->bytes[1] >> 6 == 2) ||
		       (memcmp(a->bytes, zeros, sizeof zeros) == 0 && a->bytes[15] <= 1);
	return v4[0] == 127 || v4[0] == 0 || (v4[0] == 169 && v4[1] == 254) || v4[0] >= 224;
}

/* The receiver lives behind an address that it does not know of. */
static bool is_hidden(const struct way *way)
{
	const struct trace_side *r = way->receiver;
	/* From one private network into another: all that it says of itself is alike. */
	const bool of_another_network =
	        r->media_host == HOST_ELSEWHERE && r->contact == HOST_ELSEWHERE &&
	        r->via != HOST_SOURCE && way->back &&
	        address_equal(&r->sdp_source, &way->back->src.address);
	return r->sdp && audio_address_is_private(&r->media.address) &&
	       (r->media_host == HOST_INSIDE || of_another_network ||
	        (way->back && !audio_address_is_private(&way->back->src.address)));
}

/*
 * It sends from another port or address than it wants to be sent to.  What comes from
 * neither that address nor that of its signalling may be somebody else's, unless ICMP says
 * that what was announced is no good.
 */
static bool is_elsewhere(const struct way *way)
{
	const struct trace_side *r = way->receiver;
	return r->sdp && way->back && !endpoint_equal(&r->media, &way->back->src) &&
	       (address_equal(&r->media.address, &way->back->src.address) ||
	        address_equal(&r->sdp_source, &way->back->src.address) ||
	        way->fate == AUDIO_FATE_CLOSED_PORT);
}

/* --- one-way audio -------------------------------------------------------------------- */

static bool judge_nat(const struct rule_subject *subject, struct opinion *opinion)
{
	char there[ENDPOINT_TEXT_SIZE], back[ENDPOINT_TEXT_SIZE], from[ADDRESS_TEXT_SIZE];
	const struct way way = way_of(subject, faulty_direction(subject->leg));
	/* What has worked for a while was no matter of addresses. */
	if (way.direction == AUDIO_DIRECTIONS || way.fate == AUDIO_FATE_STOPPED ||
	    is_absurd(&way.receiver->media.address) || !is_hidden(&way))
		return false;
	fill(subject, &way, opinion);
	opinion_say(opinion,
	            "SDP says %s, but came from %s; its RTP comes from %s; %.0f packets "
	            "sent to it",
	            announced(&way, there), address_format(&way.receiver->sdp_source, from),
	            sends_from(&way, back), way.there ? way.there->packets : 0.0);
	return true;
}

static bool judge_closed_port(const struct rule_subject *subject, struct opinion *opinion)
{
	char there[ENDPOINT_TEXT_SIZE], back[ENDPOINT_TEXT_SIZE];
	const struct way way = way_of(subject, faulty_direction(subject->leg));
	if (way.direction == AUDIO_DIRECTIONS || way.fate != AUDIO_FATE_CLOSED_PORT)
		return false;
	fill(subject, &way, opinion);
	/* Whoever sends from another port than announced is more likely to have announced
	 * the wrong one. */
	if (is_elsewhere(&way))
		opinion->confidence = 0.6;
	opinion_say(
	        opinion,
	        "ICMP unreachable for %s, as announced in SDP; its own RTP comes from %s; "
	        "%.0f packets sent to it",
	        announced(&way, there), sends_from(&way, back),
	        way.there ? way.there->packets : 0.0);
	return true;
}

/* Does anything come from the very endpoint that was announced? */
static bool speaks_from(const struct diagnosis *d, const struct endpoint *announced)
{
	for (uint8_t i = 0; i < d->stream_count; i++)
		if (endpoint_equal(&d->streams[i].src, announced))
			return true;
	return false;
}

/* Is anything sent to where the receiver really is?  Then its peer follows its RTP. */
static bool is_followed(const struct diagnosis *d, const struct endpoint *source)
{
	for (uint8_t i = 0; i < d->stream_count; i++)
		if (endpoint_equal(&d->streams[i].dst, source))
			return true;
	return false;
}

/*
 * RTP goes to an address that nobody speaks from, while the receiver sends from where its
 * signalling comes from, too: what it announced is not its own.  A gateway whose media has
 * another address than its signalling does not look so.
 */
static bool announces_a_stranger(const struct diagnosis *d, const struct way *way)
{
	const struct trace_side *r = way->receiver;
	return r->sdp && way->back && way->there && way->back->packets > 100 &&
	       !address_equal(&r->media.address, &way->back->src.address) &&
	       address_equal(&r->sdp_source, &way->back->src.address) && !is_hidden(way) &&
	       !speaks_from(d, &r->media) && !is_followed(d, &way->back->src);
}

/* The answer to an offer of both ways allows only one, for the whole call. */
static bool forbids(const struct rule_subject *subject, const struct way *way)
{
	const struct diagnosis_leg *leg = subject->leg;
	const struct trace_side *offerer = &leg->trace.sides[TRACE_CALLER];
	const struct trace_side *answerer = &leg->trace.sides[TRACE_CALLEE];
	const unsigned int other = AUDIO_DIRECTIONS - 1 - way->direction;
	return way->fate == AUDIO_FATE_HELD &&
	       !(leg->flags & (LEG_HELD | LEG_LATE_OFFER)) &&
	       leg->fates[other] == AUDIO_FATE_OK && offerer->sends && offerer->receives &&
	       answerer->sdp && !(answerer->sends && answerer->receives);
}

static bool judge_wrong_sdp_of(const struct rule_subject *subject, unsigned int direction,
                               struct opinion *opinion)
{
	char there[ENDPOINT_TEXT_SIZE], back[ENDPOINT_TEXT_SIZE];
	const struct way way = way_of(subject, direction);
	const bool fault = subject->leg->one_way && is_fault(way.fate) &&
	                   way.fate != AUDIO_FATE_STOPPED;
	const char *why = NULL;
	if (!way.receiver->sdp)
		return false;
	fill(subject, &way, opinion);
	if (fault && is_absurd(&way.receiver->media.address)) {
		why = "an address that is no host's";
		opinion->confidence = 0.95;
	} else if (fault && is_elsewhere(&way) && !is_hidden(&way)) {
		why = "not where it sends from";
	} else if (announces_a_stranger(subject->all, &way)) {
		why = "where nobody answers";
	} else if (forbids(subject, &way)) {
		why = "one direction only, though both were offered";
		opinion->points_to = POINTS_TO_CALLEE;
		opinion->confidence = 0.6;
	}
	if (!why)
		return false;
	opinion_say(opinion,
	            "SDP says %s, %s; its RTP comes from %s; %.0f packets sent to it",
	            announced(&way, there), why, sends_from(&way, back),
	            way.there ? way.there->packets : 0.0);
	return true;
}

static bool judge_wrong_sdp(const struct rule_subject *subject, struct opinion *opinion)
{
	for (unsigned int d = 0; d < AUDIO_DIRECTIONS; d++)
		if (judge_wrong_sdp_of(subject, d, opinion))
			return true;
	return false;
}

static bool judge_one_way(const struct rule_subject *subject, struct opinion *opinion)
{
	char there[ENDPOINT_TEXT_SIZE], back[ENDPOINT_TEXT_SIZE];
	const struct way way = way_of(subject, faulty_direction(subject->leg));
	if (way.direction == AUDIO_DIRECTIONS)
		return false;
	fill(subject, &way, opinion);
	/* Whoever is not heard: no cause is known on the receiver's side. */
	opinion->points_to = way.direction == AUDIO_FORWARD ? POINTS_TO_CALLER_SIDE
	                                                    : POINTS_TO_CALLEE_SIDE;
	opinion_say(opinion, "%.0f packets to %s, %.0f the other way, from %s",
	            way.there ? way.there->packets : 0.0, announced(&way, there),
	            way.back ? way.back->packets : 0.0, sends_from(&way, back));
	return true;
}

/* --- SIP ALG -------------------------------------------------------------------------- */

/* Some of what one side says of itself is translated and some is not. */
static bool is_half_translated(const struct trace_side *side)
{
	const enum trace_host said[] = { side->via, side->contact,
		                         side->own_sdp ? side->media_host : HOST_NOT_SAID,
		                         side->own_sdp ? side->origin_host
		                                       : HOST_NOT_SAID };
	bool outside = false;
	bool inside = false;
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		outside |= said[i] == HOST_SOURCE;
		inside |= said[i] == HOST_INSIDE;
	}
	return outside && inside;
}

/* STUN makes such mixtures, too, so there must be harm done. */
static bool is_harmed(const struct diagnosis_leg *leg)
{
	const struct leg_trace *t = &leg->trace;
	const bool refused = leg->status == 400 || leg->status == 404 ||
	                     leg->status == 406 || leg->status == 481 ||
	                     leg->status == 482 || leg->status == 488;
	return leg->one_way || t->mangled || refused || t->ok_copies >= 3 ||
	       t->unanswered_copies >= 3 || t->lost_copies >= 3;
}

/* The same INVITE on both sides of a router, which a proxy would have put its Via into. */
static const struct diagnosis_leg *rewritten_leg(const struct rule_subject *subject)
{
	const struct diagnosis_leg *leg = subject->leg;
	for (uint8_t i = 0; i < subject->all->leg_count; i++) {
		const struct diagnosis_leg *other = &subject->all->legs[i];
		if (other != leg && leg->trace.branch != 0 &&
		    other->trace.branch == leg->trace.branch &&
		    other->trace.via_count == leg->trace.via_count &&
		    other->trace.content != leg->trace.content)
			return other;
	}
	return NULL;
}

static bool judge_alg(const struct rule_subject *subject, struct opinion *opinion)
{
	static const char *const hosts[] = { "not said", "translated", "private",
		                             "another" };
	char one[ENDPOINT_TEXT_SIZE], two[ENDPOINT_TEXT_SIZE];
	const struct diagnosis_leg *leg = subject->leg;
	const struct diagnosis_leg *other = rewritten_leg(subject);
	for (unsigned int i = 0; i < TRACE_SIDES; i++) {
		const struct trace_side *side = &leg->trace.sides[i];
		const bool half = is_half_translated(side);
		if (!other && !leg->trace.mangled && !(half && is_harmed(leg)))
			continue;
		opinion->points_to =
		        i == TRACE_CALLER ? POINTS_TO_CALLER_SIDE : POINTS_TO_CALLEE_SIDE;
		opinion->peer = i == TRACE_CALLER ? leg->src : leg->dst;
		opinion->direction =
		        i == TRACE_CALLER ? DIRECTION_FORWARD : DIRECTION_REVERSE;
		if (other) {
			opinion_say(opinion,
			            "the INVITE of %s left as that of %s, with other "
			            "addresses in it and no Via of a proxy",
			            endpoint_format(&other->src, one),
			            endpoint_format(&leg->src, two));
			return true;
		}
		if (leg->trace.mangled && !half)
			opinion->confidence = 0.7;
		opinion_say(opinion, "from %s: Via %s, Contact %s, c= %s, o= %s%s",
		            address_format(&opinion->peer.address, one), hosts[side->via],
		            hosts[side->contact], hosts[side->media_host],
		            hosts[side->origin_host],
		            leg->trace.mangled ? "; body longer than Content-Length" : "");
		return true;
	}
	return false;
}

static const struct rule rules[] = {
	{ FINDING_SIP_ALG, false, 0, judge_alg, 0.97,
	  "A router on the way from {sender} rewrites SIP messages (SIP ALG), and not "
	  "consistently: switch it off there.",
	  EXPLAINS(FINDING_ONE_WAY_AUDIO) },
	{ FINDING_ONE_WAY_WRONG_SDP, false, NEEDS_ANSWER, judge_wrong_sdp, 0.9,
	  "No audio {way}: {receiver} announced an address in its SDP that is not its own, or "
	  "told not to send.",
	  EXPLAINS(FINDING_ONE_WAY_AUDIO) },
	{ FINDING_ONE_WAY_NAT, false, NEEDS_ONE_WAY, judge_nat, 0.92,
	  "No audio {way}: {receiver} is behind NAT and announced its private address, which "
	  "cannot be reached from here.",
	  EXPLAINS(FINDING_ONE_WAY_AUDIO) },
	{ FINDING_ONE_WAY_CLOSED_PORT, false, NEEDS_ONE_WAY, judge_closed_port, 0.93,
	  "No audio {way}: {receiver} or a firewall in front of it refuses it; nobody listens "
	  "on that port.",
	  EXPLAINS(FINDING_ONE_WAY_AUDIO) },
	{ FINDING_ONE_WAY_AUDIO, false, NEEDS_ONE_WAY, judge_one_way, 0.6,
	  "No audio {way}: {sender} is not heard, and nothing seen here says why.", 0 },
};

const struct rules diagnosis_audio_rules = { rules, ARRAY_LEN(rules) };
