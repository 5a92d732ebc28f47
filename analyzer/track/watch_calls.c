/* watch_calls.c - attacks that show in calls: fraud, and media that is not as agreed. */
#include "analyzer/model/trunk.h"
#include "analyzer/track/watch_attacks.h"
#include "analyzer/wire/sip_uri.h"

#define MINUTE_S 60.0

enum { FRIDAY = 4 };

/* --- calls to numbers that cost ------------------------------------------------------ */

static bool is_counted(struct attacks *a, uint64_t call)
{
	for (size_t i = 0; i < ATTACKS_RECENT_CALLS; i++)
		if (a->recent_calls[i] == call)
			return true;
	a->recent_calls[a->recent_at++ % ATTACKS_RECENT_CALLS] = call;
	return false;
}

/* What was called; of the trunk's way to write numbers, where one is known. */
static void read_number(const struct settings *settings, const struct leg_record *leg,
                        struct number *out)
{
	struct sip_uri to = { 0 };
	const struct trunk *trunk =
	        leg->trunk_dst[0]
	                ? trunks_by_name(settings->trunks, text_from(leg->trunk_dst))
	                : NULL;
	const bool readable = sip_uri_read(text_from(leg->to), &to);
	number_read(settings->numbers, trunk ? trunk->number_format : NUMBER_FORMAT_ANY,
	            readable ? to.telephone : (struct text){ 0 }, out);
}

/* Premium, or abroad as far as it is known where home is. */
static bool is_dear(const struct number_plan *plan, const struct number *number)
{
	if (number->emergency)
		return false;
	if (number_is_premium(plan, number))
		return true;
	return number->kind == NUMBER_GLOBAL && plan && plan->country_code[0] &&
	       !text_starts(text_skip(text_from(number->digits), 1),
	                    text_from(plan->country_code));
}

static bool is_off_hours(const struct settings *settings, nstime at)
{
	if (!settings->local_time)
		return false;
	const struct local_hour now = local_hour_at(settings->local_time, at);
	return now.weekday > FRIDAY ||
	       !local_is_within(now.hour, settings->thresholds[THRESHOLD_WORK_BEGINS],
	                        settings->thresholds[THRESHOLD_WORK_ENDS]);
}

/* The digits as a number, to see rows. */
static uint64_t value_of(const struct number *number)
{
	uint64_t value;
	const struct text digits = text_from(number->digits);
	const struct text plain = text_skip(digits, digits.len && digits.at[0] == '+');
	return text_number(plain, UINT64_MAX / 10, &value) == OK ? value : 0;
}

static void note_toll(struct attacks *a, const struct leg_record *leg,
                      const struct number *number, uint64_t caller)
{
	const struct settings *settings = &a->context->settings;
	const struct sign sign = {
		.rule = is_off_hours(settings, leg->start) ? RULE_TOLL_OFF_HOURS
		                                           : RULE_TOLL,
		.key = caller,
		.other = attacks_key_of_text(a, text_from(number->digits)),
		.number = value_of(number),
		.thing = leg->id,
		.at = leg->start,
		.src = leg->src,
		.dst = leg->dst,
		.subject = text_from(leg->from),
		.software = text_from(leg->user_agent),
	};
	watchlist_note(&a->list, &sign);
	struct sign long_one = sign;
	long_one.rule = RULE_TOLL_LONG;
	if (leg->duration_s >= MINUTE_S * settings->thresholds[THRESHOLD_TOLL_LONG_MIN])
		watchlist_note(&a->list, &long_one);
}

/* --- one ring, in the hope of being called back --------------------------------------- */

static void note_ring(struct attacks *a, const struct leg_record *leg, uint64_t caller)
{
	const nstime most =
	        (nstime)a->context->settings.thresholds[THRESHOLD_WANGIRI_RING_S] *
	        NS_PER_SEC;
	if (leg->state != LEG_CANCELLED || leg->ringing == NSTIME_NONE ||
	    leg->ended == NSTIME_NONE || leg->ended - leg->ringing > most) {
		watchlist_note_other(&a->list, RULE_WANGIRI, caller);
		return;
	}
	const struct sign sign = {
		.rule = RULE_WANGIRI,
		.key = caller,
		.other = attacks_key_of_text(a, text_from(leg->to)),
		.thing = leg->id,
		.at = leg->start,
		.src = leg->src,
		.dst = leg->dst,
		.subject = text_from(leg->from),
		.software = text_from(leg->user_agent),
	};
	watchlist_note(&a->list, &sign);
}

/* Refused calls cost nothing. */
static bool got_through(const struct leg_record *leg)
{
	return leg->ringing != NSTIME_NONE || leg->answered != NSTIME_NONE;
}

void attacks_note_leg(struct attacks *a, const struct leg_record *leg)
{
	static const enum watch_rule toll[] = { RULE_TOLL, RULE_TOLL_OFF_HOURS,
		                                RULE_TOLL_LONG };
	struct number number;
	if (!got_through(leg) || is_counted(a, leg->call))
		return;
	read_number(&a->context->settings, leg, &number);
	const uint64_t caller = attacks_key_of_text(a, text_from(leg->from));
	note_ring(a, leg, caller);
	if (is_dear(a->context->settings.numbers, &number)) {
		note_toll(a, leg, &number, caller);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(toll); i++)
		watchlist_note_other(&a->list, toll[i], caller);
}

/* --- accounts ------------------------------------------------------------------------ */

void attacks_note_registration(struct attacks *a,
                               const struct registration_record *registration)
{
	const bool granted = registration->status >= 200 && registration->status < 300 &&
	                     registration->expires_s != 0 &&
	                     registration->purpose != REGISTER_FETCH;
	if (!granted || !accounts_note(&a->accounts, registration))
		return;
	const struct text account = text_from(registration->aor);
	const struct sign sign = {
		.rule = RULE_HIJACK,
		.key = attacks_key_of_text(a, account),
		.other = attacks_key_of_address(a, &registration->src.address),
		.thing = registration->id,
		.at = registration->at,
		.src = registration->src,
		.dst = registration->registrar,
		.subject = account,
		.software = text_from(registration->user_agent),
	};
	watchlist_note(&a->list, &sign);
}

/* --- media --------------------------------------------------------------------------- */

/* Both ends of the signalling: what is set up wrong there is so for all calls. */
static uint64_t key_of_pair(const struct attacks *a, const struct address *src,
                            const struct address *dst)
{
	const struct address pair[2] = { *src, *dst };
	return hash_bytes(&a->context->settings.key, pair, sizeof pair);
}

void attacks_note_clear(struct attacks *a, const struct endpoint *src,
                        const struct endpoint *dst, const struct stream_record *stream)
{
	const struct sign sign = {
		.rule = RULE_SRTP_UNUSED,
		.key = key_of_pair(a, &src->address, &dst->address),
		.other = attacks_key_of_address(a, &stream->dst.address),
		.thing = stream->leg,
		.at = stream->first,
		.src = *src,
		.dst = *dst,
	};
	watchlist_note(&a->list, &sign);
}

void attacks_note_downgrade(struct attacks *a, const struct endpoint *src,
                            const struct endpoint *dst, uint64_t call, nstime at)
{
	const struct sign sign = {
		.rule = RULE_SRTP_DOWNGRADE,
		.key = key_of_pair(a, &src->address, &dst->address),
		.other = attacks_key_of_address(a, &dst->address),
		.thing = call,
		.at = at,
		.src = *src,
		.dst = *dst,
	};
	watchlist_note(&a->list, &sign);
}

void attacks_note_foreign(struct attacks *a, const struct endpoint *src,
                          const struct endpoint *dst, uint64_t stream, nstime at)
{
	const struct sign sign = {
		.rule = RULE_FOREIGN_RTP,
		.key = attacks_key_of_address(a, &src->address),
		.other = attacks_key_of_address(a, &dst->address),
		.thing = stream,
		.at = at,
		.src = *src,
		.dst = *dst,
	};
	watchlist_note(&a->list, &sign);
}
