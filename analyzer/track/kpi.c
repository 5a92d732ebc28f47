#include "analyzer/track/kpi.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyzer/model/number.h"
#include "analyzer/model/trunk.h"

static_assert((int)KPI_TRUNK == (int)RECORD_TRUNK, "a trunk's name fits into a bucket");

enum status kpis_init(struct kpis *kpis, struct context *context)
{
	const struct limits *limits = &context->settings.limits;
	kpis->context = context;
	kpis->deadline.kind = DEADLINE_KPI;
	pool_init(&kpis->calls, sizeof(struct kpi_call), (uint32_t)limits->calls);
	pool_init(&kpis->pairs, sizeof(struct kpi_pair), (uint32_t)limits->kpi_pairs);
	pool_init(&kpis->peers, sizeof(struct kpi_peer), (uint32_t)limits->kpi_peers);
	if (kpi_cells_init(&kpis->cells, context) != OK ||
	    map_init(&kpis->call_map) != OK || map_init(&kpis->peer_map) != OK)
		return ERR_NOMEM;
	return map_init(&kpis->pair_map);
}

void kpis_free(struct kpis *kpis)
{
	kpi_cells_free(&kpis->cells);
	pool_free(&kpis->calls);
	pool_free(&kpis->pairs);
	pool_free(&kpis->peers);
	map_free(&kpis->call_map);
	map_free(&kpis->pair_map);
	map_free(&kpis->peer_map);
}

/* --- adding --------------------------------------------------------------------------- */

/* Something will have to be given. */
static void wake(struct kpis *kpis)
{
	struct context *context = kpis->context;
	if (context->settings.kpi_every == 0 || kpis->deadline.position)
		return;
	if (deadline_set(&context->deadlines, &kpis->deadline,
	                 context->now + context->settings.kpi_every) != OK)
		count(context, COUNT_NO_MEMORY);
}

static void kpi_add_facts(struct kpis *kpis, const struct kpi_slot *key,
                          const struct kpi_facts *facts)
{
	struct kpi_cell *cell = kpi_cell(&kpis->cells, key);
	if (!cell)
		return;
	wake(kpis);
	for (size_t i = facts->first; i < KPI_COUNT_COUNT; i++)
		cell->counts[i] += facts->counts[i];
	for (size_t i = 0; i < facts->sample_count; i++)
		kpi_cell_add(&kpis->cells, cell, facts->samples[i].series,
		             facts->samples[i].bin, 1);
}

/* The bucket of what is in progress: nobody knows yet with what end. */
static struct kpi_slot in_progress_key(const struct kpi_slot *key, nstime minute)
{
	struct kpi_slot other = *key;
	other.start = minute;
	other.codec = CODEC_UNKNOWN;
	other.status = 0;
	return other;
}

static uint8_t second_of(nstime at, nstime minute)
{
	return (uint8_t)((at - minute) / NS_PER_SEC);
}

/* What lasts: n in each second of `series`. */
struct gauge {
	enum kpi_series series;
	int64_t n;
	nstime start, end;
	bool counts; /* its start, too */
};

/* n more in each second from its start until before its end; its minutes. */
static void kpi_add_gauge(struct kpis *kpis, const struct kpi_slot *key,
                          const struct gauge *gauge)
{
	const nstime start = gauge->start;
	const nstime longest = start + KPI_LONGEST_S * NS_PER_SEC;
	const nstime until = gauge->end < longest ? gauge->end : longest;
	const nstime last = until > start ? until - 1 : start; /* of its time */
	const nstime minute_ns = KPI_MINUTE_S * NS_PER_SEC;
	const nstime first = kpi_minute(start);
	struct kpi_slot minute = in_progress_key(key, first);
	for (nstime m = first; m <= last; m += minute_ns) {
		minute.start = m;
		struct kpi_cell *cell = kpi_cell(&kpis->cells, &minute);
		if (!cell)
			return;
		const nstime from = start > m ? start : m;
		const nstime to = until < m + minute_ns ? until : m + minute_ns;
		if (m == first && gauge->counts)
			kpi_cell_add(&kpis->cells, cell, KPI_STARTS, second_of(start, m),
			             1);
		kpi_cell_add(&kpis->cells, cell, gauge->series, second_of(from, m),
		             gauge->n);
		if (last < m + minute_ns - NS_PER_SEC)
			kpi_cell_add(&kpis->cells, cell, gauge->series,
			             (uint8_t)(second_of(last, m) + 1), -gauge->n);
		if (gauge->series == KPI_OCCUPIED && to > from)
			cell->counts[KPI_OCCUPIED_US] +=
			        (uint64_t)(ns_to_us(to) - ns_to_us(from));
	}
}

/* gauge: NULL for none. */
static void kpi_add(struct kpis *kpis, const struct kpi_slot *key,
                    const struct kpi_facts *facts, const struct gauge *gauge)
{
	kpi_add_facts(kpis, key, facts);
	if (gauge)
		kpi_add_gauge(kpis, key, gauge);
}

/* --- legs ----------------------------------------------------------------------------- */

static bool is_judged(enum audio_fate fate)
{
	return fate != AUDIO_FATE_UNKNOWN && fate != AUDIO_FATE_NOT_SEEN;
}

/* The part of a URI that stands for a person or a number. */
static struct text user_of(const char *uri)
{
	struct text rest = text_from(uri);
	const struct text scheme = text_head(rest, text_find(rest, ':'));
	if (scheme.len < rest.len)
		rest = text_skip(rest, scheme.len + 1);
	return text_head(rest, text_find(rest, '@'));
}

/* How numbers are written where the leg was seen: what its sender or receiver wants. */
static enum number_format format_of(const struct settings *settings,
                                    const struct leg_record *leg)
{
	const struct trunk *trunk =
	        trunk_find(settings->trunks, &leg->src.address, leg->src.port);
	if (!trunk)
		trunk = trunk_find(settings->trunks, &leg->dst.address, leg->dst.port);
	return trunk ? trunk->number_format : NUMBER_FORMAT_ANY;
}

static uint64_t hash_of_party(const struct hash_key *key, struct text user,
                              const struct number *number)
{
	return number->kind == NUMBER_NONE ? hash_text(key, user)
	                                   : hash_text(key, text_from(number->digits));
}

/* Who calls whom, and what the called number is called. */
static void read_parties(const struct settings *settings, const struct leg_record *leg,
                         struct kpi_leg *out)
{
	const struct hash_key *key = &settings->key;
	const enum number_format format = format_of(settings, leg);
	const struct text from = user_of(leg->from);
	const struct text to = user_of(leg->to);
	struct number caller;
	struct number called;
	number_read(settings->numbers, format, from, &caller);
	number_read(settings->numbers, format, to, &called);
	const uint64_t pair[2] = { hash_of_party(key, from, &caller),
		                   hash_of_party(key, to, &called) };
	out->pair = hash_bytes(key, pair, sizeof pair);
	const char *label = number_label(settings->numbers, &called);
	if (label)
		text_copy(out->prefix, sizeof out->prefix, text_from(label));
}

static struct kpi_leg of_record(const struct settings *settings,
                                const struct leg_record *leg, nstime closed)
{
	struct kpi_leg out = {
		.start = leg->start,
		.ringing = leg->ringing,
		.answered = leg->answered,
		.ended = leg->ended,
		.until = leg->ended != NSTIME_NONE ? leg->ended : closed,
		.status = leg->status,
		.state = leg->state,
		.q850 = leg->q850,
		.ended_how = leg->ended_how,
		.codec = leg->codecs.count ? leg->codecs.codecs[0] : CODEC_UNKNOWN,
		.flags = leg->flags,
		.pdd_ms = leg->pdd_ms,
		.srd_ms = leg->srd_ms,
		.setup_ms = leg->setup_ms,
		.sdd_ms = leg->sdd_ms,
		.duration_s = leg->duration_s,
		.one_way = leg->one_way,
		.judged = is_judged(leg->audio_forward) || is_judged(leg->audio_reverse),
		.messages = leg->messages,
		.retransmissions = leg->retransmissions,
	};
	memcpy(out.trunk_src, leg->trunk_src, sizeof out.trunk_src);
	memcpy(out.trunk_dst, leg->trunk_dst, sizeof out.trunk_dst);
	read_parties(settings, leg, &out);
	return out;
}

/* How long it is counted as in progress. */
static void bound_time(struct kpis *kpis, struct kpi_leg *leg)
{
	const nstime longest =
	        leg->answered != NSTIME_NONE ? KPI_LONGEST_S : KPI_LONGEST_UNANSWERED_S;
	/* Stamps are a stranger's: their difference may not fit a signed number. */
	const uint64_t lasted = (uint64_t)leg->until - (uint64_t)leg->start;
	if (leg->until <= leg->start || lasted <= (uint64_t)(longest * NS_PER_SEC))
		return;
	leg->until = leg->start + longest * NS_PER_SEC;
	count(kpis->context, COUNT_KPI_LEGS_CUT);
}

/* --- calls ---------------------------------------------------------------------------- */

static struct kpi_call *find_call(struct kpis *kpis, uint64_t id, uint32_t *number)
{
	struct map_cursor cursor = map_cursor_of(id);
	for (;;) {
		*number = map_next(&kpis->call_map, &cursor);
		if (*number == MAP_NONE)
			return NULL;
		struct kpi_call *call = pool_at(&kpis->calls, *number);
		if (call->id == id)
			return call;
	}
}

static struct kpi_call *open_call(struct kpis *kpis, uint64_t id)
{
	void *object;
	uint32_t number;
	enum status status = pool_take(&kpis->calls, &object, &number);
	if (status == OK && (status = map_insert(&kpis->call_map, id, number)) != OK)
		pool_give(&kpis->calls, number);
	if (status != OK) {
		context_count_failure(kpis->context, status, COUNT_KPI_CALLS_NOT_TRACKED);
		return NULL;
	}
	struct kpi_call *call = object;
	call->id = id;
	call->start = call->first_start = NSTIME_NEVER;
	call->until = NSTIME_NONE;
	return call;
}

/*
 * Does `leg` say more than `than` of what the caller got?  Of answered legs the one that
 * began first is nearest to the caller; of failed ones that which was given up last.
 */
static bool says_more(const struct kpi_leg *leg, const struct kpi_leg *than)
{
	const enum kpi_standing mine = kpi_leg_standing(leg);
	const enum kpi_standing other = kpi_leg_standing(than);
	if (mine != other)
		return mine > other;
	if (mine == KPI_STANDS_FAILED && leg->until != than->until)
		return leg->until > than->until;
	return leg->start < than->start;
}

static void note_leg_of_call(struct kpis *kpis, const struct leg_record *record,
                             const struct kpi_leg *leg)
{
	uint32_t number;
	struct kpi_call *call = find_call(kpis, record->call, &number);
	if (!call)
		call = open_call(kpis, record->call);
	if (!call)
		return;
	if (call->legs == 0 || says_more(leg, &call->outcome))
		call->outcome = *leg;
	if (leg->start < call->first_start) {
		call->first_start = leg->start;
		call->pair = leg->pair;
		memcpy(call->trunk_src, leg->trunk_src, sizeof call->trunk_src);
		memcpy(call->trunk_dst, leg->trunk_dst, sizeof call->trunk_dst);
		call->src = record->src.address;
	}
	call->legs++;
	call->start = leg->start < call->start ? leg->start : call->start;
	call->until = leg->until > call->until ? leg->until : call->until;
}

void kpi_note_leg(struct kpis *kpis, const struct leg_record *record, nstime closed)
{
	if (!kpis->context->settings.keep_kpis)
		return;
	struct kpi_leg leg = of_record(&kpis->context->settings, record, closed);
	bound_time(kpis, &leg);
	struct kpi_slot key = {
		.start = kpi_minute(leg.start),
		.view = KPI_VIEW_LEG,
		.codec = leg.codec,
		.status = leg.status,
	};
	const struct kpi_ends ends = {
		{ leg.trunk_src, leg.trunk_dst },
		{ &record->src.address, &record->dst.address },
	};
	struct kpi_facts facts;
	unsigned int step = 0;
	kpi_leg_facts(&leg, 0, &facts);
	kpis->context->counters.of[COUNT_DELAYS_NOT_BELIEVED] += facts.not_believed;
	facts.counts[KPI_MESSAGES] = leg.messages;
	facts.counts[KPI_RETRANSMISSIONS] = leg.retransmissions;
	kpi_set_prefix(kpis, &key, leg.prefix);
	const struct gauge occupied = { KPI_OCCUPIED, 1, leg.start, leg.until,
		                        leg.state != LEG_INCOMPLETE };
	kpi_add(kpis, &key, &facts, &occupied);
	while (kpi_next_end(kpis, &key, &ends, &step))
		kpi_add(kpis, &key, &facts, &occupied);
	if (record->call)
		note_leg_of_call(kpis, record, &leg);
}

/*
 * The trunk that the call came by; else that by which it went out first; else whoever it
 * came from.
 */
static void set_call_end(struct kpis *kpis, struct kpi_slot *key,
                         const struct kpi_call *call)
{
	if (call->trunk_src[0])
		kpi_set_trunk(kpis, key, call->trunk_src, KPI_INBOUND);
	else if (call->trunk_dst[0])
		kpi_set_trunk(kpis, key, call->trunk_dst, KPI_OUTBOUND);
	else if (!address_is_unspecified(&call->src))
		kpi_set_peer(kpis, key, &call->src, KPI_DIRECTION_NONE);
}

static enum kpi_series mos_series(enum band band)
{
	return band == BAND_WB ? KPI_MOS_WB : band == BAND_FB ? KPI_MOS_FB : KPI_MOS_NB;
}

void kpi_note_call(struct kpis *kpis, const struct call_record *record)
{
	uint32_t number;
	struct kpi_call *call = kpis->context->settings.keep_kpis
	                                ? find_call(kpis, record->id, &number)
	                                : NULL;
	if (!call)
		return;
	const struct kpi_leg *outcome = &call->outcome;
	struct kpi_slot key = {
		.start = kpi_minute(call->start),
		.view = KPI_VIEW_CALL,
		.codec = outcome->codec,
		.status = outcome->status,
	};
	struct kpi_facts facts;
	kpi_leg_facts(outcome, ns_to_ms(outcome->start - call->start), &facts);
	facts.counts[KPI_ONE_WAY] = facts.counts[KPI_JUDGED] && record->one_way;
	facts.counts[KPI_CALL_LEGS] = call->legs;
	kpi_sample(&facts, mos_series(record->mos_lq_min_band), record->mos_lq_min);
	kpi_set_prefix(kpis, &key, outcome->prefix);
	set_call_end(kpis, &key, call);
	const enum kpi_standing standing = kpi_leg_standing(outcome);
	const bool counts =
	        standing != KPI_STANDS_INCOMPLETE && standing != KPI_STANDS_INTERRUPTED;
	kpi_add(kpis, &key, &facts,
	        &(struct gauge){ KPI_OCCUPIED, 1, call->start, call->until, counts });
	if (counts)
		kpi_note_pair(kpis, call->pair, call->start, call->until, &key);
	map_remove(&kpis->call_map, call->id, number);
	pool_give(&kpis->calls, number);
}

/* --- streams and registrations -------------------------------------------------------- */

static void stream_facts(const struct stream_record *stream, struct kpi_facts *out)
{
	*out = (struct kpi_facts){ .first = KPI_STREAMS };
	out->counts[KPI_STREAMS] = 1;
	out->counts[KPI_EXPECTED] = stream->expected;
	out->counts[KPI_LOST] = stream->lost;
	out->counts[KPI_OCTETS] = stream->octets;
	if (stream->flags & STREAM_SHORT)
		return; /* too few packets to speak of a quality */
	kpi_sample(out, mos_series(stream->band), stream->mos_lq);
	kpi_sample(out, KPI_LOSS, stream->loss_pct);
	kpi_sample(out, KPI_JITTER, stream->jitter_mean_ms);
}

void kpi_note_stream(struct kpis *kpis, const struct stream_record *stream)
{
	/* What is seen at two points is one stream: as it was nearest to who hears it. */
	if (!kpis->context->settings.keep_kpis || stream->flags & STREAM_SEEN_AGAIN)
		return;
	struct kpi_facts facts;
	struct kpi_slot key = {
		.start = kpi_minute(stream->first),
		.view = KPI_VIEW_LEG,
		.codec = stream->codec,
	};
	stream_facts(stream, &facts);
	const bool flows = isfinite(stream->kbit_s) && stream->kbit_s > 0;
	const struct gauge bits = {
		.series = KPI_BITS,
		.n = flows ? llround(stream->kbit_s * 1000) : 0,
		.start = stream->first,
		.end = stream->last,
	};
	const struct gauge *gauge = flows ? &bits : NULL;
	kpi_add(kpis, &key, &facts, gauge);
	const struct kpi_ends ends = {
		{ stream->trunk_src, stream->trunk_dst },
		{ &stream->src.address, &stream->dst.address },
	};
	unsigned int step = 0;
	while (kpi_next_end(kpis, &key, &ends, &step))
		kpi_add(kpis, &key, &facts, gauge);
}

void kpi_note_registration(struct kpis *kpis, const struct registration_record *record)
{
	const uint64_t status = record->status;
	if (!kpis->context->settings.keep_kpis)
		return;
	struct kpi_facts facts = { 0 };
	const struct kpi_slot key = {
		.start = kpi_minute(record->at),
		.view = KPI_VIEW_LEG,
		.status = status,
	};
	facts.counts[KPI_REGISTRATIONS] = 1;
	facts.counts[KPI_REGISTRATIONS_FAILED] =
	        status == 0 ||
	        (status >= 400 && status != 401 && status != 402 && status != 407);
	if (status >= 200 && status < 300)
		kpi_sample_ms(&facts, KPI_RRD, KPI_RRD_US, record->rrd_ms);
	kpi_add_facts(kpis, &key, &facts);
}

/* --- giving --------------------------------------------------------------------------- */

void kpis_deadline(struct kpis *kpis)
{
	kpis->due = true;
}

void kpis_give_due(struct kpis *kpis)
{
	if (!kpis->due && !kpi_cells_are_many(&kpis->cells))
		return;
	kpis->due = false;
	kpi_cells_give(&kpis->cells);
}

void kpis_finish(struct kpis *kpis)
{
	kpi_cells_give(&kpis->cells);
}
