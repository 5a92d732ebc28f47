/*
 * kpi_leg.c - what became of a leg, in the terms of RFC 6076 and ITU-T E.425.
 */
#include <math.h>

#include "analyzer/model/kpi_cause.h"
#include "analyzer/track/kpi.h"

static bool is_one_of(uint64_t status, const uint16_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == status)
			return true;
	}
	return false;
}
#define ONE_OF(status, ...)                                                                \
	is_one_of((status), (const uint16_t[]){ __VA_ARGS__ },                             \
	          ARRAY_LEN(((const uint16_t[]){ __VA_ARGS__ })))

enum kpi_standing kpi_leg_standing(const struct kpi_leg *leg)
{
	if (leg->flags & LEG_EVICTED)
		return KPI_STANDS_INTERRUPTED;
	if (leg->state == LEG_INCOMPLETE || leg->state == LEG_STATE_NONE)
		return KPI_STANDS_INCOMPLETE;
	if (leg->answered != NSTIME_NONE)
		return KPI_STANDS_ANSWERED;
	return leg->state == LEG_IN_PROGRESS ? KPI_STANDS_PENDING : KPI_STANDS_FAILED;
}

void kpi_sample(struct kpi_facts *facts, enum kpi_series series, double value)
{
	if (isnan(value) || facts->sample_count == KPI_SAMPLES_MAX)
		return;
	facts->samples[facts->sample_count].series = series;
	facts->samples[facts->sample_count++].bin = kpi_bin_of(series, value);
}

void kpi_sample_ms(struct kpi_facts *facts, enum kpi_series series, enum kpi_count sum,
                   double ms)
{
	if (isnan(ms) || ms < 0)
		return;
	if (ms > KPI_LONGEST_DELAY_S * 1000.0) {
		facts->not_believed++;
		return;
	}
	kpi_sample(facts, series, ms);
	facts->counts[sum] += (uint64_t)llround(ms * 1000);
}

static void answered(const struct kpi_leg *leg, double offset_ms, struct kpi_facts *out)
{
	uint64_t *counts = out->counts;
	/* Not by a BYE because the session timer ran out or nothing was heard any more. */
	const bool by_bye =
	        leg->ended_how == ENDED_HOW_BYE || leg->ended_how == ENDED_HOW_REPLACED;
	counts[KPI_ANSWERED] = counts[KPI_DELIVERED] = counts[KPI_EFFECTIVE] = 1;
	counts[KPI_JUDGED] = leg->judged;
	counts[KPI_ONE_WAY] = leg->judged && leg->one_way;
	kpi_sample_ms(out, KPI_SRD, KPI_SRD_US, leg->srd_ms + offset_ms);
	kpi_sample_ms(out, KPI_SETUP, KPI_SETUP_US, leg->setup_ms + offset_ms);
	kpi_sample_ms(out, KPI_SDD, KPI_SDD_US, leg->sdd_ms);
	counts[KPI_TALKING] = leg->ended == NSTIME_NONE;
	if (leg->ended == NSTIME_NONE)
		return;
	const uint64_t talk_us = (uint64_t)llround(leg->duration_s * 1e6);
	counts[KPI_ENDED] = 1;
	counts[KPI_TALK_US] = talk_us;
	counts[KPI_SHORT] = leg->duration_s < KPI_SHORT_S;
	counts[KPI_COMPLETED] = by_bye;
	counts[KPI_COMPLETED_US] = by_bye ? talk_us : 0;
}

/* Was the called terminal reached, though nobody answered?  (ITU-T E.425, NER) */
static bool is_delivered(const struct kpi_leg *leg)
{
	const bool rang = leg->ringing != NSTIME_NONE;
	if (rang && (leg->state == LEG_NO_ANSWER || leg->state == LEG_CANCELLED))
		return true;
	return kpi_cause_delivers(leg->status, leg->q850);
}

static void not_answered(const struct kpi_leg *leg, double offset_ms, struct kpi_facts *out)
{
	const uint64_t status = leg->status;
	const bool timed_out = status == 0 && (leg->state == LEG_NO_RESPONSE ||
	                                       leg->state == LEG_NO_ANSWER);
	uint64_t *counts = out->counts;
	counts[KPI_REDIRECTED] = status >= 300 && status < 400;
	counts[KPI_DELIVERED] = is_delivered(leg);
	counts[KPI_EFFECTIVE] = ONE_OF(status, 480, 486, 600, 603);
	counts[KPI_INEFFECTIVE] = timed_out || ONE_OF(status, 408, 500, 503, 504);
	counts[KPI_BUSY] = ONE_OF(status, 486, 600);
	counts[KPI_NO_ANSWER] = leg->state == LEG_NO_ANSWER;
	counts[KPI_CANCELLED] = leg->state == LEG_CANCELLED;
	counts[KPI_NO_RESPONSE] = leg->state == LEG_NO_RESPONSE;
	counts[KPI_CAPACITY] = kpi_cause_wants_channels(status, leg->q850);
	if (status >= 400 && !ONE_OF(status, 401, 402, 407, 487))
		kpi_sample_ms(out, KPI_SRD_FAILED, KPI_SRD_FAILED_US,
		              leg->srd_ms + offset_ms);
}

void kpi_leg_facts(const struct kpi_leg *leg, double offset_ms, struct kpi_facts *out)
{
	static const enum kpi_count standings[] = {
		[KPI_STANDS_INTERRUPTED] = KPI_INTERRUPTED,
		[KPI_STANDS_INCOMPLETE] = KPI_INCOMPLETE,
		[KPI_STANDS_FAILED] = KPI_SEIZURES,
		[KPI_STANDS_PENDING] = KPI_PENDING,
		[KPI_STANDS_ANSWERED] = KPI_SEIZURES,
	};
	const enum kpi_standing standing = kpi_leg_standing(leg);
	*out = (struct kpi_facts){ 0 };
	out->counts[KPI_SEEN] = 1;
	out->counts[standings[standing]] = 1;
	if (standing != KPI_STANDS_ANSWERED && standing != KPI_STANDS_FAILED)
		return;
	out->counts[KPI_RANG] = leg->ringing != NSTIME_NONE;
	out->counts[KPI_AUTHENTICATED] = (leg->flags & LEG_AUTHENTICATED) != 0;
	out->counts[KPI_FORKED] = (leg->flags & LEG_FORKED) != 0;
	kpi_sample_ms(out, KPI_PDD, KPI_PDD_US, leg->pdd_ms + offset_ms);
	if (standing == KPI_STANDS_ANSWERED)
		answered(leg, offset_ms, out);
	else
		not_answered(leg, offset_ms, out);
}
