#include "analyzer/track/leg.h"

#include <stdlib.h>

/* RFC 3261 17.1.1.2: timer A doubles from T1, so a UDP caller repeats its INVITE six times.
 */
enum { INVITE_REPEATS = 6 };
#define COPY_WITHIN (10 * NS_PER_MS)          /* T1 is 500 ms; no stack goes so low */
#define TRANSACTION_TIMEOUT (32 * NS_PER_SEC) /* timers B, F, H: 64 * T1 */
/* While calls find little room. */
#define UNANSWERED_TIGHT (30 * NS_PER_SEC)

bool leg_from_caller(const struct leg *leg, uint64_t from_tag, bool is_request)
{
	const bool caller_asked = from_tag == leg->from_tag;
	return is_request ? caller_asked : !caller_asked;
}

static struct leg_seen *seen_at(struct leg *leg, size_t place)
{
	return place < LEG_RECENT_FEW ? &leg->recent[place]
	                              : &leg->more_recent[place - LEG_RECENT_FEW];
}

/* Where the next message is remembered: over the oldest when there is no more room. */
static struct leg_seen *next_place(struct leg *leg)
{
	if (leg->recent_at == LEG_RECENT_FEW && !leg->more_recent) {
		leg->more_recent =
		        calloc(LEG_RECENT - LEG_RECENT_FEW, sizeof *leg->more_recent);
		leg->no_memory |= !leg->more_recent;
	}
	const size_t room = leg->more_recent ? LEG_RECENT : LEG_RECENT_FEW;
	const size_t place = leg->recent_at < room ? leg->recent_at : 0;
	leg->recent_at = (uint8_t)((place + 1) % LEG_RECENT);
	return seen_at(leg, place);
}

enum leg_repeat leg_repeat(struct leg *leg, uint32_t digest, uint16_t ip_id, nstime at)
{
	/* No digest is 0: that place has not been used yet, nor has any behind it. */
	const size_t room = leg->more_recent ? LEG_RECENT : LEG_RECENT_FEW;
	for (size_t i = 0; i < room; i++) {
		struct leg_seen *seen = seen_at(leg, i);
		if (seen->digest == 0)
			break;
		if (seen->digest != digest)
			continue;
		if (at - seen->at < COPY_WITHIN && ip_id == seen->ip_id)
			return LEG_COPY;
		seen->at = at;
		seen->ip_id = ip_id;
		return LEG_RETRANSMISSION;
	}
	*next_place(leg) = (struct leg_seen){ .digest = digest, .ip_id = ip_id, .at = at };
	return LEG_NEW;
}

/* --- requests ------------------------------------------------------------------------- */

/* A new try in the same leg: after a challenge, 422, 3xx to the same host. */
static void begin_attempt(struct leg *leg, const struct sip_message *message, nstime at)
{
	if (sip_is_challenge(leg->status))
		leg->flags |= LEG_AUTHENTICATED;
	leg->invite_cseq = message->cseq;
	leg->has_invite = true;
	leg->invited = at;
	leg->ringing = leg->first_response = leg->ended = NSTIME_NONE;
	leg->ended_by = ENDED_BY_NONE;
	leg->status = 0;
	leg->cancelled = leg->provisional = leg->timed_out = false;
	free(leg->reason);
	leg->reason = NULL;
	leg_stages_begin(&leg->stages);
	leg_ending_begin(&leg->ending, &leg->texts);
}

static void end(struct leg *leg, enum ended_by by, nstime at)
{
	if (leg->ended != NSTIME_NONE)
		return;
	leg->ended = at;
	leg->ended_by = by;
}

static void note_facts(struct leg *leg, const struct sip_message *message, bool from_caller,
                       nstime at)
{
	leg_stages_note(&leg->stages, message, leg->invite_cseq, from_caller, at);
	leg_ending_note(&leg->ending, &leg->texts, message, from_caller, at);
	if (sip_begins_dialog(message))
		leg_marks_note(&leg->marks, message);
	leg_identity_note(&leg->identity, &leg->texts, message, from_caller, at);
	if (message->method == SIP_INFO || message->method == SIP_NOTIFY)
		leg_offers_digits(&leg->offers, message);
}

void leg_request(struct leg *leg, const struct sip_message *message, uint64_t from_tag,
                 nstime at)
{
	const bool from_caller = leg_from_caller(leg, from_tag, true);
	switch (message->method) {
	case SIP_INVITE:
		if (message->to.tag.len == 0 &&
		    (!leg->has_invite || message->cseq > leg->invite_cseq) &&
		    leg->answered == NSTIME_NONE)
			begin_attempt(leg, message, at);
		break;
	case SIP_CANCEL:
		leg->cancelled = leg->cancelled || leg->answered == NSTIME_NONE;
		break;
	case SIP_BYE:
		end(leg, from_caller ? ENDED_BY_CALLER : ENDED_BY_CALLEE, at);
		break;
	default:
		break;
	}
	note_facts(leg, message, from_caller, at);
}

/* --- responses ------------------------------------------------------------------------ */

static void note_branch(struct leg *leg, uint64_t to_tag)
{
	if (to_tag == 0)
		return;
	if (leg->to_tag_count == 0) {
		leg->to_tag = to_tag;
		leg->to_tag_count = 1;
		return;
	}
	if (leg->to_tag == to_tag)
		return;
	leg->flags |= LEG_FORKED;
	for (uint8_t i = 1; i < leg->to_tag_count; i++)
		if (leg->more_tags[i - 1] == to_tag)
			return;
	if (!leg->more_tags)
		leg->more_tags = calloc(LIMIT_BRANCHES_PER_LEG - 1, sizeof *leg->more_tags);
	leg->no_memory |= !leg->more_tags;
	if (leg->more_tags && leg->to_tag_count < LIMIT_BRANCHES_PER_LEG)
		leg->more_tags[leg->to_tag_count++ - 1] = to_tag;
}

static void keep_reason(struct leg *leg, struct text reason)
{
	free(leg->reason);
	leg->reason = NULL;
	const struct text kept = text_head(reason, RECORD_WORDS - 1);
	if (kept.len == 0)
		return;
	leg->reason = malloc(kept.len + 1);
	if (leg->reason)
		text_copy(leg->reason, kept.len + 1, kept);
	else
		leg->no_memory = true;
}

static void final_failure(struct leg *leg, const struct sip_message *message, nstime at)
{
	leg->status = (uint16_t)message->status;
	keep_reason(leg, message->reason);
	/* Nobody hangs up what was never answered, but for the caller who cancels. */
	const bool cancelled = leg->cancelled || message->status == 487;
	leg->ended = NSTIME_NONE;
	end(leg, cancelled ? ENDED_BY_CALLER : ENDED_BY_NONE, at);
}

static void invite_response(struct leg *leg, const struct sip_message *message,
                            uint64_t to_tag, nstime at)
{
	const unsigned int status = message->status;
	if (leg->answered != NSTIME_NONE)
		return; /* a second branch's 200, or a late failure of another branch */
	if (status > 100 && status < 300)
		note_branch(leg, to_tag);
	const bool rings = status >= 180 && status < 190;
	if ((rings || status >= 200) && leg->first_response == NSTIME_NONE)
		leg->first_response = at;
	leg->forwarded = leg->forwarded || status == 181 || status == 301 ||
	                 status == 302 || status == 305;
	if (status < 200) {
		leg->provisional = true;
		if (rings && leg->ringing == NSTIME_NONE)
			leg->ringing = at;
	} else if (status < 300) {
		leg->answered = at;
		leg->status = (uint16_t)status;
		leg->ended = NSTIME_NONE;
		keep_reason(leg, message->reason);
	} else {
		final_failure(leg, message, at);
	}
}

void leg_response(struct leg *leg, const struct sip_message *message, uint64_t from_tag,
                  uint64_t to_tag, nstime at)
{
	note_facts(leg, message, leg_from_caller(leg, from_tag, false), at);
	if (message->method == SIP_INVITE && message->cseq == leg->invite_cseq)
		invite_response(leg, message, to_tag, at);
	else if (message->method == SIP_BYE && message->status < 300 &&
	         message->status >= 200)
		/* The BYE itself was not seen.  From names the one who sent it. */
		end(leg, from_tag == leg->from_tag ? ENDED_BY_CALLER : ENDED_BY_CALLEE, at);
}

/* --- time ----------------------------------------------------------------------------- */

nstime leg_due(const struct leg *leg, const struct limits *limits,
               const struct pressure *pressure, nstime now)
{
	if (leg->ended != NSTIME_NONE)
		return now + (sip_is_challenge(leg->status) ? TRANSACTION_TIMEOUT
		                                            : limits->leg_linger);
	if (leg->sibling_ended != NSTIME_NONE || leg->cancelled)
		return now + TRANSACTION_TIMEOUT;
	if (leg->answered != NSTIME_NONE || (!leg->has_invite && !leg->provisional))
		return now + limits->leg_idle;
	const nstime patience =
	        leg->provisional ? limits->invite_proceeding : limits->invite_no_response;
	return now + pressure_patience(pressure, patience, UNANSWERED_TIGHT);
}

nstime leg_bye_due(const struct leg *leg)
{
	if (leg->answered == NSTIME_NONE || !leg_stages_awaits_bye(&leg->stages))
		return NSTIME_NONE;
	return leg->stages.bye + TRANSACTION_TIMEOUT;
}

/* --- the outcome ---------------------------------------------------------------------- */

static enum leg_state unanswered_state(const struct leg *leg)
{
	const bool rang = leg->ringing != NSTIME_NONE;
	if (leg->status == 487 || leg->cancelled)
		return LEG_CANCELLED;
	if ((leg->status == 408 || leg->status == 480) && rang)
		return LEG_NO_ANSWER;
	if (leg->status)
		return LEG_FAILED;
	/* A BYE on the early dialog (RFC 3261 15), or the answer was not captured. */
	if (leg->ended != NSTIME_NONE)
		return leg->ended_by == ENDED_BY_CALLER ? LEG_CANCELLED : LEG_INCOMPLETE;
	const bool gave_up =
	        !leg->provisional && leg->invite_retransmissions >= INVITE_REPEATS;
	if (leg->timed_out || gave_up)
		return rang ? LEG_NO_ANSWER : LEG_NO_RESPONSE;
	return LEG_IN_PROGRESS;
}

enum leg_state leg_state(const struct leg *leg)
{
	if (!leg->has_invite)
		return LEG_INCOMPLETE;
	if (leg->answered != NSTIME_NONE)
		return leg->ended != NSTIME_NONE ? LEG_COMPLETED : LEG_IN_PROGRESS;
	return unanswered_state(leg);
}

size_t leg_texts_size(const struct leg *leg)
{
	enum { MALLOC_EXTRA = 16 };
	const char *const texts[] = { leg->from, leg->to, leg->user_agent, leg->server,
		                      leg->reason };
	size_t bytes = leg_texts_memory(&leg->texts);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i])
			bytes += strlen(texts[i]) + MALLOC_EXTRA;
	if (leg->more_recent)
		bytes += (LEG_RECENT - LEG_RECENT_FEW) * sizeof *leg->more_recent;
	if (leg->more_tags)
		bytes += (LIMIT_BRANCHES_PER_LEG - 1) * sizeof *leg->more_tags;
	return bytes;
}

void leg_free_texts(struct leg *leg)
{
	free(leg->from);
	free(leg->to);
	free(leg->user_agent);
	free(leg->server);
	free(leg->reason);
	free(leg->more_tags);
	free(leg->more_recent);
	leg_sources_free(&leg->sources);
	leg_texts_free(&leg->texts);
}
