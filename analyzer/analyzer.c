#include "analyzer/analyzer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/every_packet.h"
#include "analyzer/track/final_fetch.h"
#include "analyzer/track/kpi.h"
#include "analyzer/track/media.h"
#include "analyzer/track/signalling.h"
#include "analyzer/track/snapshot.h"
#include "analyzer/track/trunk_ends.h"

struct analyzer {
	struct context context;
	struct media media;
	struct signalling signalling;
	struct kpis kpis;
};

enum status analyzer_new(const struct settings *settings, const struct sink *sink,
                         struct analyzer **out)
{
	enum status status = ERR_NOMEM;
	struct analyzer *a = calloc(1, sizeof *a);
	if (!a)
		goto fail;
	a->context.settings = *settings;
	a->context.sink = sink;
	a->context.now = NSTIME_NONE;
	context_init_ids(&a->context);
	if ((status = media_init(&a->media, &a->context)) != OK)
		goto fail;
	if ((status = signalling_init(&a->signalling, &a->context, &a->media)) != OK)
		goto fail;
	if ((status = kpis_init(&a->kpis, &a->context)) != OK)
		goto fail;
	*out = a;
	return OK;
fail:
	analyzer_free(a);
	return status;
}

void analyzer_free(struct analyzer *analyzer)
{
	if (!analyzer)
		return;
	signalling_free(&analyzer->signalling);
	media_free(&analyzer->media);
	kpis_free(&analyzer->kpis);
	finals_free(&analyzer->context.finals);
	deadlines_free(&analyzer->context.deadlines);
	free(analyzer);
}

/* --- records -------------------------------------------------------------------------- */

/* All of its kind is filled in by whoever knows it: most of it is large. */
static void begin(struct record *record, const struct final *final)
{
	record->kind = final->kind;
	record->at = final->at;
	record->tail = (struct span){ 0 };
}

static void give_stream(struct analyzer *a, const struct final *final)
{
	struct record record;
	begin(&record, final);
	struct stream_facts facts;
	const uint32_t leg = media_record(&a->media, final->number, &record, &facts);
	trunk_ends_of_stream(&a->context.settings, &record.stream);
	if (leg != MAP_NONE)
		signalling_note_stream(&a->signalling, leg, &record.stream, &facts);
	kpi_note_stream(&a->kpis, &record.stream);
	a->context.counters.of[COUNT_RTP_DUPLICATES] += record.stream.duplicates;
	a->context.sink->accept(a->context.sink->self, &record);
	media_release(&a->media, final->number);
}

static void give_findings(struct analyzer *a, const struct final *final)
{
	struct finding_record findings[FINDINGS_PER_CALL];
	const size_t count = signalling_findings(&a->signalling, final->number, findings);
	for (size_t i = 0; i < count; i++) {
		struct record record = { .kind = RECORD_FINDING, .at = final->at };
		record.finding = findings[i];
		a->context.sink->accept(a->context.sink->self, &record);
	}
}

static void give_leg(struct analyzer *a, const struct final *final)
{
	struct record record;
	begin(&record, final);
	const nstime closed = leg_at(&a->signalling, final->number)->closed;
	signalling_leg_record(&a->signalling, final->number, &record.leg);
	failovers_note_leg(&a->signalling.watch.failovers, &record.leg);
	kpi_note_leg(&a->kpis, &record.leg, closed);
	attacks_note_leg(&a->signalling.watch.attacks, &record.leg);
	a->context.sink->accept(a->context.sink->self, &record);
}

static void give_call(struct analyzer *a, const struct final *final)
{
	struct record record;
	begin(&record, final);
	if (final->media_only)
		media_only_record(&a->media, final->number, &record.call);
	else
		signalling_call_record(&a->signalling, final->number, &record.call);
	kpi_note_call(&a->kpis, &record.call);
	a->context.sink->accept(a->context.sink->self, &record);
}

static void give_other(struct analyzer *a, const struct final *final)
{
	struct record record = { .kind = final->kind, .at = final->at };
	switch (final->kind) {
	case RECORD_REGISTRATION:
		registrations_record(&a->signalling.registrations, final->number,
		                     &record.registration);
		kpi_note_registration(&a->kpis, &record.registration);
		attacks_note_registration(&a->signalling.watch.attacks,
		                          &record.registration);
		break;
	case RECORD_BINDING:
		bindings_record(&a->signalling.registrations.bindings, final->number,
		                &record.binding);
		break;
	case RECORD_PEER:
	case RECORD_EVENT:
	case RECORD_OBSERVATION:
		watch_record(&a->signalling.watch, final, &record);
		break;
	default:
		return;
	}
	a->context.sink->accept(a->context.sink->self, &record);
}

static void give(struct analyzer *a, const struct final *final)
{
	if (final->kind == RECORD_STREAM)
		give_stream(a, final);
	else if (final->kind == RECORD_LEG)
		give_leg(a, final);
	else if (final->kind == RECORD_FINDING)
		give_findings(a, final);
	else if (final->kind == RECORD_CALL)
		give_call(a, final);
	else
		give_other(a, final);
}

/* Those behind the first `at`: each one step further than the one behind it. */
static void fetch_ahead(const struct analyzer *a, size_t at, size_t end)
{
	const struct final *list = a->context.finals.list;
	for (unsigned int step = 0; step < FINAL_FETCH_STEPS; step++) {
		const size_t ahead = at + FINAL_FETCH_STEPS - step;
		if (ahead < end)
			fetch_final(&a->media, &a->signalling, &list[ahead], step);
	}
}

static void give_finals(struct analyzer *a)
{
	struct finals *finals = &a->context.finals;
	/* What is told of them may bring about more, which then go behind. */
	for (size_t begin = 0, end; begin < finals->count; begin = end) {
		end = finals->count;
		finals_sort(finals, begin);
		for (size_t i = begin; i < end; i++) {
			const struct final final = finals->list[i];
			fetch_ahead(a, i, end);
			give(a, &final);
		}
	}
	finals->count = 0;
}

/* KPI buckets come behind all else of their time. */
static void give_all(struct analyzer *a)
{
	give_finals(a);
	kpis_give_due(&a->kpis);
}

static int compare_encrypted(const void *left, const void *right)
{
	const struct encrypted_record *a = left;
	const struct encrypted_record *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

void analyzer_give_encrypted(struct analyzer *analyzer, struct encrypted_record *list,
                             size_t count)
{
	struct context *context = &analyzer->context;
	for (size_t i = 0; i < count; i++) {
		struct id_builder id = id_begin(context, RECORD_ENCRYPTED);
		id_add_endpoint(&id, &list[i].client);
		id_add_endpoint(&id, &list[i].server);
		id_add_number(&id, list[i].transport);
		list[i].id = id_end(&id);
	}
	if (count > 1)
		qsort(list, count, sizeof *list, compare_encrypted);
	for (size_t i = 0; i < count; i++) {
		struct record record = { .kind = RECORD_ENCRYPTED, .at = context->now };
		record.encrypted = list[i];
		context->sink->accept(context->sink->self, &record);
	}
}

/* --- time ----------------------------------------------------------------------------- */

/* Whoever fills a table looks, too; here it is found that it has become emptier. */
static void look_at_pressure(struct analyzer *a)
{
	const struct pressure *p = a->context.pressures;
	if (p[PRESSURE_CALLS].on)
		call_look_at_pressure(&a->signalling);
	if (p[PRESSURE_STREAMS].on)
		media_look_at_pressure(&a->media);
	if (p[PRESSURE_REQUESTS].on)
		watch_look_at_pressure(&a->signalling.watch);
}

const struct pressure *analyzer_pressures(const struct analyzer *analyzer)
{
	return analyzer->context.pressures;
}

void analyzer_advance(struct analyzer *analyzer, nstime now)
{
	struct context *context = &analyzer->context;
	struct deadline *due;
	while ((due = deadlines_pop(&context->deadlines, now))) {
		const nstime at = due->at;
		/* Timers started while this one runs out must count from its time. */
		context->now = at > context->now ? at : context->now;
		if (due->kind == DEADLINE_STREAM)
			media_deadline(&analyzer->media, due);
		else if (due->kind == DEADLINE_KPI)
			kpis_deadline(&analyzer->kpis);
		else
			signalling_deadline(&analyzer->signalling, due);
		if (deadlines_next(&context->deadlines) > at) {
			give_all(analyzer);
			look_at_pressure(analyzer);
		}
	}
	if (now > context->now)
		context->now = now;
}

void analyzer_snapshot(const struct analyzer *analyzer, nstime since,
                       const struct sink *sink)
{
	signalling_snapshot(&analyzer->signalling, since, sink);
}

void analyzer_checkpoint(const struct analyzer *analyzer, uint32_t part, uint32_t parts,
                         const struct sink *sink)
{
	signalling_checkpoint(&analyzer->signalling, part, parts, sink);
}

nstime analyzer_oldest(const struct analyzer *analyzer)
{
	const struct pool *legs = &analyzer->signalling.legs;
	const struct pool *streams = &analyzer->media.streams;
	nstime oldest = NSTIME_NEVER;
	for (uint32_t number = 0; number < legs->reach; number++) {
		const struct leg *leg = pool_live(legs, number);
		if (leg && leg->start < oldest)
			oldest = leg->start;
	}
	for (uint32_t number = 0; number < streams->reach; number++) {
		const struct stream *stream = pool_live(streams, number);
		if (stream && stream->first < oldest)
			oldest = stream->first;
	}
	return oldest;
}

void analyzer_set_trunks(struct analyzer *analyzer, const struct trunks *trunks,
                         const struct number_plan *numbers)
{
	analyzer->context.settings.trunks = trunks;
	analyzer->context.settings.numbers = numbers;
}

void analyzer_set_points(struct analyzer *analyzer, const struct settings *settings)
{
	memcpy(analyzer->context.settings.points, settings->points,
	       sizeof settings->points);
}

void analyzer_finish(struct analyzer *analyzer)
{
	const nstime at = analyzer->context.now;
	media_match_settle(&analyzer->media, NSTIME_NEVER);
	signalling_finish(&analyzer->signalling, at);
	media_finish(&analyzer->media, at);
	give_finals(analyzer);
	/* What became of the legs and streams belongs to what is told of peers. */
	watch_finish(&analyzer->signalling.watch, at);
	give_finals(analyzer);
	kpis_finish(&analyzer->kpis);
}

/* --- packets -------------------------------------------------------------------------- */

static const struct {
	enum claim claim;
	enum counter counter;
} media_claims[] = {
	[MEDIA_NONE] = { CLAIM_NONE, COUNT_UNCLAIMED_PACKETS },
	[MEDIA_PENDING] = { CLAIM_PENDING, COUNT_PENDING_PACKETS },
	[MEDIA_RTP] = { CLAIM_RTP, COUNT_RTP_PACKETS },
	[MEDIA_RTCP] = { CLAIM_RTCP, COUNT_RTCP_PACKETS },
	[MEDIA_ICMP] = { CLAIM_ICMP, COUNT_ICMP_PACKETS },
};

/* emptied: media.emptied, when it was looked ahead. */
EVERY_PACKET static enum claim feed_one(struct analyzer *a, const struct packet *packet,
                                        struct media_ahead *ahead, uint64_t emptied)
{
	struct context *context = &a->context;
	if (packet->at >= deadlines_next(&context->deadlines))
		analyzer_advance(a, packet->at);
	if (packet->at > context->now)
		context->now = packet->at;
	else if (packet->at < context->now)
		count(context, COUNT_TIME_BACKWARDS);
	if (packet->flags & PACKET_TRUNCATED)
		count(context, COUNT_TRUNCATED_PACKETS);

	/* SIP text never has RTP's version bits: what may be RTP need not be asked. */
	if (ahead->glance->shows <= SHOWS_SIP &&
	    signalling_claims(&a->signalling, packet)) {
		count(context, COUNT_SIP_PACKETS);
		signalling_feed(&a->signalling, packet);
		give_all(a);
		return CLAIM_SIP;
	}
	if (__builtin_expect(a->media.emptied != emptied, 0))
		ahead->hot = NULL; /* time has moved on */
	const enum media_claim claim = media_feed(&a->media, packet, ahead);
	count(context, media_claims[claim].counter);
	if (__builtin_expect(context->finals.count > 0, 0))
		give_all(a);
	return media_claims[claim].claim;
}

enum status analyzer_feed_report(struct analyzer *analyzer,
                                 const struct agent_report *report)
{
	struct context *context = &analyzer->context;
	if (report->packet->at >= deadlines_next(&context->deadlines))
		analyzer_advance(analyzer, report->packet->at);
	if (report->packet->at > context->now)
		context->now = report->packet->at;
	return agent_report_feed(&analyzer->signalling, report);
}

/*
 * How far ahead packets are looked at, step by step: each step gives memory, be it that of
 * the outermost cache, the time to answer, and takes no more than the processor can have on
 * the way at once.  What is asked for all at once is forgotten.
 */
enum { FORESEEN = 24, FOUND_AT_ONCE = 8, FETCHED = 7, FETCHED_MORE = 4 };
enum { ROOM_AHEAD = 2 * FOUND_AT_ONCE };
static_assert((int)FETCHED < (int)FOUND_AT_ONCE, "what is fetched has been found");

static bool shows_sip(const struct packet *packet)
{
	return packet->glance.shows == SHOWS_SIP;
}

static inline bool may_be_rtp(const struct packet *packet)
{
	return __builtin_expect(packet->glance.shows >= SHOWS_RTP, 1);
}

static inline void foresee(const struct analyzer *a, const struct packet *packet)
{
	if (may_be_rtp(packet))
		media_foresee(&a->media, packet);
	else if (shows_sip(packet))
		signalling_foresee(&a->signalling, packet);
}

static inline void find_one(const struct analyzer *a, const struct packet *packet,
                            struct media_ahead *out)
{
	media_find_ahead(&a->media, packet, out);
	if (!may_be_rtp(packet) && shows_sip(packet))
		out->number = signalling_find_ahead(&a->signalling, packet);
}

/* Several at once: what is not there yet is waited for together. */
static inline void find_ahead(const struct analyzer *a, const struct packet *packets,
                              size_t from, size_t count,
                              struct media_ahead ahead[ROOM_AHEAD])
{
	for (size_t i = from; i < count && i < from + FOUND_AT_ONCE; i++)
		find_one(a, &packets[i], &ahead[i % ROOM_AHEAD]);
}

static inline void fetch_more(const struct analyzer *a, const struct packet *packet,
                              const struct media_ahead *ahead)
{
	if (__builtin_expect(ahead->hot != NULL, 1))
		media_fetch_more(&a->media, packet, ahead);
	else if (shows_sip(packet))
		signalling_fetch_ahead(&a->signalling, packet, ahead->number);
}

/* The memory that held the streams has gone. */
SELDOM static void forget_ahead(struct media_ahead ahead[ROOM_AHEAD])
{
	for (size_t i = 0; i < ROOM_AHEAD; i++)
		ahead[i].hot = NULL;
}

void analyzer_feed(struct analyzer *analyzer, const struct packet *packets, size_t count,
                   enum claim *claims)
{
	const struct media *media = &analyzer->media;
	struct media_ahead ahead[ROOM_AHEAD];
	uint64_t emptied = media->emptied;
	for (size_t i = 0; i < count && i < FORESEEN; i++)
		foresee(analyzer, &packets[i]);
	find_ahead(analyzer, packets, 0, count, ahead);
	for (size_t i = 0; i < count && i < FETCHED; i++)
		media_fetch_ahead(&ahead[i]);
	for (size_t i = 0; i < count; i++) {
		if (i + FORESEEN < count)
			foresee(analyzer, &packets[i + FORESEEN]);
		if (i % FOUND_AT_ONCE == 0)
			find_ahead(analyzer, packets, i + FOUND_AT_ONCE, count, ahead);
		if (i + FETCHED < count)
			media_fetch_ahead(&ahead[(i + FETCHED) % ROOM_AHEAD]);
		if (i + FETCHED_MORE < count)
			fetch_more(analyzer, &packets[i + FETCHED_MORE],
			           &ahead[(i + FETCHED_MORE) % ROOM_AHEAD]);
		claims[i] =
		        feed_one(analyzer, &packets[i], &ahead[i % ROOM_AHEAD], emptied);
		if (__builtin_expect(media->emptied != emptied, 0)) {
			forget_ahead(ahead);
			emptied = media->emptied;
		}
	}
}

void analyzer_note_drops(struct analyzer *analyzer, uint64_t seen, uint64_t dropped)
{
	loss_witness_drops(&analyzer->media.witness, NSTIME_NONE, seen, dropped);
}

void analyzer_note_tcp_gap(struct analyzer *analyzer, nstime at)
{
	loss_witness_tcp_gap(&analyzer->media.witness, at);
}

struct loss_shares analyzer_losses(const struct analyzer *analyzer)
{
	return analyzer->media.losses;
}

const struct counters *analyzer_counters(const struct analyzer *analyzer)
{
	return &analyzer->context.counters;
}

const struct sip_tally *analyzer_sip_tally(const struct analyzer *analyzer)
{
	return &analyzer->signalling.tally;
}
