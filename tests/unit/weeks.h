/*
 * weeks.h - weeks of generated traffic on twenty trunks, and the incidents in them.
 */
#ifndef EARSHOT_TESTS_UNIT_WEEKS_H
#define EARSHOT_TESTS_UNIT_WEEKS_H

#include <stdlib.h>

#include "tests/unit/alerts.h"

enum { TRUNKS = 20 };
/* Seconds. */
#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)
#define LEARNT (4 * WEEK)

/*
 * Mondays 0:00 in Berlin.  Clocks change on 2026-03-29 and 10-25; of five weeks from the
 * first one the change lies between the fourth and the fifth, from the others within the
 * fifth.
 */
#define MARCH INT64_C(1772406000)     /* 2026-03-02 */
#define FEBRUARY (MARCH - WEEK)       /* 2026-02-23 */
#define SEPTEMBER INT64_C(1790546400) /* 2026-09-28 */

/* What one place is like, and another is not. */
struct climate {
	const char *name;
	uint64_t seed;
	int64_t begin;      /* of the first week */
	double least, step; /* calls a minute at the peak, of the smallest trunk, and more
	                       of the next */
	double rest;        /* on Sundays and holidays, of a working day */
	double mood;        /* a day is off by up to that share */
	double swing;       /* and so is each quarter of an hour */
	int holiday;  /* day of the fifth week, that nobody has configured; -1: none */
	bool varied;  /* each trunk has figures, a size, a rhythm and a clock of its own */
	double grows; /* from week to week, as a factor; 0: as it is */
	int past_holiday; /* day of the second week, counted from 1; 0: none */
};

static const struct climate plain = {
	"plain", 0x9e3779b97f4a7c15, MARCH, 2, 1.5, 0.3, 0.07, 0, 4
};
#define WEEK_5 (w->fifth)

/* What makes a minute of a trunk other than usual. */
struct incident {
	const char *name, *rule;
	int trunk; /* -1: not of a trunk */
	double mos, poor, loss, jitter, one_way, answered, delivered, pdd_ms, errors;
	double rejects, /* of attempts */ shorts, redials, repeated, traffic, suspect,
	        mismarked, failing;
	enum event_type event;
	enum observation_type observation;
	int expired; /* contacts a minute */
	bool emergency;
	int moment; /* 1: it is over at once */
};

static const struct incident usual = {
	.trunk = -1,
	.mos = 4.35,
	.poor = 0.01,
	.loss = 0.0005,
	.jitter = 5,
	.one_way = 0.01,
	.answered = 0.62,
	.delivered = 0.97,
	.pdd_ms = 1500,
	.errors = 0.01,
	.rejects = 0.003,
	.shorts = 0.12,
	.redials = 0.06,
	.repeated = 0.005,
	.traffic = 1,
	.mismarked = 0.01,
	.failing = 0.02,
};

#define OF_TRUNK(N, FIELD, VALUE) .trunk = (N), .FIELD = (VALUE)
static const struct incident incidents[] = {
	{ "the speech of a trunk is bad", "mos_low", OF_TRUNK(3, mos, 3.0) },
	{ "a part of the streams is bad", "mos_poor", OF_TRUNK(4, poor, 0.4) },
	{ "packets are lost", "loss_high", OF_TRUNK(5, loss, 0.04) },
	{ "a queue is long", "jitter_high", OF_TRUNK(6, jitter, 80) },
	{ "a firewall lets one direction through", "one_way_audio",
	  OF_TRUNK(7, one_way, 0.5) },
	{ "half of the calls are not answered any more", "asr_drop",
	  OF_TRUNK(8, answered, 0.25) },
	{ "hardly any call is answered", "asr_low", OF_TRUNK(9, answered, 0.02) },
	{ "the network fails", "ner_low", OF_TRUNK(10, delivered, 0.5) },
	{ "callers wait for a tone", "pdd_high", OF_TRUNK(11, pdd_ms, 14000) },
	{ "a server fails", "server_errors", OF_TRUNK(12, errors, 0.5) },
	{ "channels run out", "capacity", OF_TRUNK(13, rejects, 0.3) },
	{ "a machine dials", "short_calls", OF_TRUNK(14, shorts, 0.8) },
	{ "callers dial again and again", "redials", OF_TRUNK(-1, redials, 0.6) },
	{ "signalling is lost", "retry_storm", OF_TRUNK(15, repeated, 0.4) },
	{ "a trunk falls silent", "trunk_silent", OF_TRUNK(16, traffic, 1e-9) },
	{ "a campaign", "traffic_high", OF_TRUNK(17, traffic, 5) },
	{ "a peer is dead", "peer_down", -1, .event = EVENT_PEER_DOWN },
	{ "a peer refuses", "peer_refusing", -1, .event = EVENT_PEER_REFUSING },
	{ "calls go to the backup", "failover", -1, .event = EVENT_FAILOVER, .moment = 1 },
	{ "passwords are guessed", "brute_force", -1,
	  .observation = OBSERVATION_BRUTE_FORCE },
	{ "fraud", "toll_fraud", -1, .observation = OBSERVATION_TOLL_FRAUD },
	{ "a flood", "invite_flood", -1, .observation = OBSERVATION_INVITE_FLOOD },
	{ "the phones of a site are gone", "registrations_lost", -1, .expired = 20 },
	{ "registrations fail", "registration_failures", -1, .failing = 0.7 },
	{ "the mirror port loses packets", "capture_loss", -1, .suspect = 0.05 },
	{ "a router marks anew", "dscp_wrong", OF_TRUNK(18, mismarked, 0.6) },
	{ "an emergency call fails", "emergency_failed", -1, .emergency = true,
	  .moment = 1 },
};

/* --- a generator of traffic ----------------------------------------------------------- */

struct world {
	struct alerts *alerts;
	struct local_time zone;
	struct trunks *trunks;
	uint64_t random;
	const struct climate *climate;
	struct incident usual[TRUNKS];   /* of each */
	int64_t fifth;                   /* its Monday, 0:00 */
	const struct incident *incident; /* NULL = none */
	int64_t from, to;                /* of it, s */
};

static double chance(struct world *w)
{
	return disorder_below(&w->random, 1u << 30) / (double)(1u << 30);
}

static double normal(struct world *w)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += chance(w);
	return sum;
}

static uint64_t poisson(struct world *w, double mean)
{
	if (mean > 25)
		return (uint64_t)fmax(0, round(mean + sqrt(mean) * normal(w)));
	const double bound = exp(-mean);
	double product = chance(w);
	uint64_t n = 0;
	for (; product > bound; n++)
		product *= chance(w);
	return n;
}

/* Of so many, each on its own. */
static uint64_t part(struct world *w, uint64_t of, double share)
{
	const double mean = (double)of * share;
	uint64_t n = 0;
	if (mean > 25 && mean < (double)of - 25)
		return (uint64_t)fmin(
		        (double)of,
		        fmax(0, round(mean + sqrt(mean * (1 - share)) * normal(w))));
	if (of > 2000)
		return share < 0.5 ? poisson(w, mean) : of - poisson(w, (double)of - mean);
	for (uint64_t i = 0; i < of; i++)
		n += chance(w) < share;
	return n;
}

/* Of the peak, at that hour of the wall clock. */
static const double rhythms[][24] = {
	/* Night, morning, lunch, evening. */
	{ .03, .02, .02, .02, .03, .06, .15, .35, .70, .95, 1,   .95,
	  .80, .85, .95, .95, .90, .75, .55, .40, .30, .20, .10, .05 },
	/* An office that opens at eight and closes at five. */
	{ 0,  0,  0, 0,  0,  0,   .01, .08, .9, 1, 1, .9,
	  .4, .8, 1, .9, .8, .15, .03, .01, 0,  0, 0, 0 },
	/* A call centre with two shifts, which dials in the evening. */
	{ .01, .01, .01, .01, .01, .02, .1, .3, .5, .6, .6, .6,
	  .5,  .6,  .6,  .7,  .8,  1,   1,  1,  .9, .5, .1, .02 },
	/* Homes: little by day, most in the evening. */
	{ .08, .04, .02, .02, .02, .04, .1, .2, .3, .3, .35, .4,
	  .4,  .35, .35, .4,  .5,  .7,  .9, 1,  1,  .8, .5,  .2 },
	/* Machines, and a hospital. */
	{ .6, .6, .6, .6, .6, .6,  .65, .7, .8,  .9, .9,  .9,
	  .9, .9, .9, .9, .9, .85, .8,  .8, .75, .7, .65, .6 },
};
enum { MONTHLY = TRUNKS - 1, FOREIGN = 5 };

/* Of that number, always the same: -1 to 1. */
static double about(uint64_t seed, uint64_t number)
{
	uint64_t state = (seed ^ (number + 1) * 0x9e3779b97f4a7c15) | 1;
	for (int i = 0; i < 4; i++)
		(void)disorder_below(&state, 2);
	return disorder_below(&state, 20001) / 10000.0 - 1;
}

/* The figure of a trunk that is always the same, between two. */
static double between(const struct world *w, int trunk, uint64_t which, double least,
                      double most)
{
	const uint64_t number = 1000 * which + (uint64_t)trunk;
	return least + (most - least) * (about(w->climate->seed, number) + 1) / 2;
}

/* Calls a minute at the peak: the largest of the trunks has two hundred times the least. */
static double size_of(const struct world *w, int trunk)
{
	const struct climate *c = w->climate;
	if (!c->varied)
		return c->least + c->step * trunk;
	return c->least * pow(200, between(w, trunk, 1, 0, 1));
}

/* Some have the clock of another continent, whose days of change are others. */
static struct local_hour clock_of(const struct world *w, int64_t at, int trunk)
{
	static const struct local_time utc = { .count = 1 };
	const bool foreign = w->climate->varied && trunk % FOREIGN == FOREIGN - 1;
	return local_hour_at(foreign ? &utc : &w->zone, SECONDS(at));
}

static bool is_rest(const struct world *w, int64_t at, const struct local_hour *now)
{
	const struct climate *c = w->climate;
	const int64_t holiday = w->fifth + c->holiday * (int64_t)DAY;
	const int64_t past = c->begin + WEEK + (c->past_holiday - 1) * (int64_t)DAY;
	return now->weekday >= 5 ||
	       (c->holiday >= 0 && at >= holiday && at < holiday + DAY) ||
	       (c->past_holiday && at >= past && at < past + DAY);
}

/* Is it one of the last two days of a month?  Of these five weeks. */
static bool is_months_end(int64_t at)
{
	static const int64_t ends[] = { 1772319600, 1774994400, 1790805600, 1793487600 };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (at < ends[i] && at >= ends[i] - 2 * DAY)
			return true;
	return false;
}

static double load_at(const struct world *w, int64_t at, int trunk)
{
	const struct climate *c = w->climate;
	const struct local_hour now = clock_of(w, at, trunk);
	const double *rhythm = rhythms[c->varied ? (size_t)trunk % ARRAY_LEN(rhythms) : 0];
	const double next = now.second / 3600.0;
	const double day =
	        rhythm[now.hour] * (1 - next) + rhythm[(now.hour + 1) % 24] * next;
	/* Each day is a little other than the same day of the week before; and so is each
	 * quarter of an hour of a trunk. */
	const double mood = 1 + c->mood * about(c->seed, (uint64_t)(at / DAY));
	const double swing =
	        1 + c->swing * about(c->seed + (uint64_t)trunk, (uint64_t)(at / 900));
	const int64_t weeks = (at - c->begin) / WEEK;
	const double grown = c->grows > 0 ? pow(c->grows, (double)weeks) : 1;
	if (c->varied && trunk == MONTHLY && !is_months_end(at))
		return 0;
	return size_of(w, trunk) * day * (is_rest(w, at, &now) ? c->rest : 1) * mood *
	       swing * grown;
}

/* What healthy trunks differ in: a codec, a continent, who is called. */
static void make_usual(struct world *w)
{
	for (int trunk = 0; trunk < TRUNKS; trunk++) {
		struct incident *u = &w->usual[trunk];
		*u = usual;
		if (!w->climate->varied)
			continue;
		u->mos = between(w, trunk, 2, 3.95, 4.4);
		u->poor = between(w, trunk, 3, 0.002, 0.03);
		u->loss = between(w, trunk, 4, 0.00005, 0.002);
		u->jitter = between(w, trunk, 5, 2, 15);
		u->one_way = between(w, trunk, 6, 0.001, 0.03);
		u->answered = between(w, trunk, 7, 0.35, 0.8);
		u->delivered = between(w, trunk, 8, 0.94, 0.99);
		u->pdd_ms = between(w, trunk, 9, 600, 3000);
		u->errors = between(w, trunk, 10, 0.002, 0.03);
		u->rejects = between(w, trunk, 11, 0, 0.015);
		u->shorts = between(w, trunk, 12, 0.06, 0.18);
		u->repeated = between(w, trunk, 13, 0.001, 0.02);
		u->mismarked = between(w, trunk, 14, 0.002, 0.03);
	}
}

/* Is it going on, and for that trunk? */
static bool is_on(const struct world *w, int64_t at, int trunk)
{
	return w->incident && at >= w->from && at < w->to &&
	       (w->incident->trunk == trunk || w->incident->trunk < 0);
}

static double figure(const struct world *w, int64_t at, int trunk, double of_incident,
                     double as_usual)
{
	return is_on(w, at, trunk) && of_incident > 0 ? of_incident : as_usual;
}
#define FIGURE(MEMBER)                                                                     \
	figure(w, at, trunk, w->incident ? w->incident->MEMBER : 0,                        \
	       w->usual[trunk < 0 ? 0 : trunk].MEMBER)

static void name_trunk(char *to, size_t size, int trunk)
{
	snprintf(to, size, "trunk-%02d", trunk);
}

static void add_counts(struct world *w, int64_t at, int trunk, uint64_t seizures,
                       uint64_t *counts)
{
	counts[KPI_SEEN] = counts[KPI_SEIZURES] = seizures;
	counts[KPI_ANSWERED] = part(w, seizures, FIGURE(answered));
	counts[KPI_DELIVERED] = seizures - part(w, seizures, 1 - FIGURE(delivered));
	counts[KPI_ENDED] = counts[KPI_JUDGED] = counts[KPI_ANSWERED];
	counts[KPI_SHORT] = part(w, counts[KPI_ENDED], FIGURE(shorts));
	counts[KPI_ONE_WAY] = part(w, counts[KPI_JUDGED], FIGURE(one_way));
	counts[KPI_CAPACITY] = part(w, seizures, FIGURE(rejects));
	counts[KPI_MESSAGES] = 8 * seizures;
	counts[KPI_RETRANSMISSIONS] = part(w, 8 * seizures, FIGURE(repeated));
	counts[KPI_STREAMS] = 2 * counts[KPI_ANSWERED];
	counts[KPI_EXPECTED] = 6000 * counts[KPI_STREAMS];
	counts[KPI_LOST] = part(w, counts[KPI_EXPECTED], FIGURE(loss));
	counts[KPI_REDIALS] = part(w, seizures, FIGURE(redials));
}

/* Five values around one are enough of a histogram. */
static void add_samples(struct kpi_bins *bins, enum kpi_series series, double middle,
                        double step, uint64_t n)
{
	for (int i = 0; i < 5 && n > 0; i++) {
		const double value = middle + step * (i - 2);
		const int64_t share = (int64_t)((n + (uint64_t)i) / 5);
		assert_int_equal(
		        kpi_bins_add(bins, series, kpi_bin_of(series, value), share), OK);
	}
}

static void feed_bucket(struct world *w, struct record *record, int64_t at, int trunk)
{
	struct kpi_bins bins = { 0 };
	uint8_t tail[1024];
	const uint64_t streams = record->kpi.counts[KPI_STREAMS];
	add_samples(&bins, KPI_MOS_NB, FIGURE(mos), 0.03, streams);
	add_samples(&bins, KPI_JITTER, FIGURE(jitter), FIGURE(jitter) / 8, streams);
	add_samples(&bins, KPI_PDD, FIGURE(pdd_ms), FIGURE(pdd_ms) / 3,
	            record->kpi.counts[KPI_SEIZURES]);
	assert_true(kpi_coded_max(&bins) <= sizeof tail);
	record->tail = (struct span){ tail, kpi_bins_encode(&bins, tail) };
	rules_record(w->alerts->rules, record);
	kpi_bins_free(&bins);
}

/* Of all streams a few, one by one. */
static void feed_stream(struct world *w, int64_t at, int trunk)
{
	struct record record = { .kind = RECORD_STREAM, .at = SECONDS(at + 60) };
	struct stream_record *stream = &record.stream;
	name_trunk(stream->trunk_src, sizeof stream->trunk_src, trunk);
	stream->mos_lq = chance(w) < FIGURE(poor) ? 2.6 : 4.3;
	stream->expected = 6000;
	stream->suspect_lost = 6000 * FIGURE(suspect);
	stream->trunk_violations = chance(w) < FIGURE(mismarked) ? STREAM_VIOLATES_DSCP : 0;
	stream->call = 1 + disorder_below(&w->random, 1u << 30);
	rules_record(w->alerts->rules, &record);
}

static void feed_trunk(struct world *w, int64_t at, int trunk, uint64_t *all)
{
	struct record record = bucket_of("", 0);
	const uint64_t seizures = poisson(w, load_at(w, at, trunk) * FIGURE(traffic));
	record.at = SECONDS(at + 60);
	record.kpi.key.start = SECONDS(at);
	name_trunk(record.kpi.key.trunk, sizeof record.kpi.key.trunk, trunk);
	add_counts(w, at, trunk, seizures, record.kpi.counts);
	if (seizures)
		feed_bucket(w, &record, at, trunk);
	for (size_t i = 0; i < KPI_COUNT_COUNT; i++)
		all[i] += record.kpi.counts[i];
	const uint64_t errors = part(w, seizures, FIGURE(errors));
	memset(record.kpi.counts, 0, sizeof record.kpi.counts);
	record.tail = (struct span){ 0 };
	record.kpi.key.status = 500;
	record.kpi.counts[KPI_SEIZURES] = errors;
	if (errors)
		rules_record(w->alerts->rules, &record);
	for (int i = 0; i < 3; i++)
		if (seizures > 1)
			feed_stream(w, at, trunk);
}

static void feed_registrations(struct world *w, int64_t at)
{
	const int trunk = -1;
	struct record record = { .kind = RECORD_REGISTRATION, .at = SECONDS(at + 60) };
	struct record bucket = bucket_of("", 0);
	const uint64_t attempts = poisson(w, 12 * w->climate->least / plain.least);
	const uint64_t failed = part(w, attempts, FIGURE(failing));
	record.registration.status = 200;
	for (uint64_t i = failed; i < attempts; i++)
		rules_record(w->alerts->rules, &record);
	bucket.at = SECONDS(at + 60);
	bucket.kpi.key.view = KPI_VIEW_LEG;
	bucket.kpi.counts[KPI_REGISTRATIONS] = attempts;
	bucket.kpi.counts[KPI_REGISTRATIONS_FAILED] = failed;
	rules_record(w->alerts->rules, &bucket);
	record.kind = RECORD_BINDING;
	memset(&record.binding, 0, sizeof record.binding);
	record.binding.state = BINDING_EXPIRED;
	const uint64_t gone =
	        is_on(w, at, trunk) && w->incident->expired
	                ? (uint64_t)(w->incident->expired * w->climate->least / plain.least)
	                : poisson(w, 0.1);
	for (uint64_t i = 0; i < gone; i++)
		rules_record(w->alerts->rules, &record);
}

/* What has a beginning and an end. */
static void feed_moments(struct world *w, int64_t at)
{
	const struct incident *incident = w->incident;
	const bool begins = incident && at == w->from;
	const bool ends = incident && at == w->to;
	struct record record = { .at = SECONDS(at + 60) };
	if (incident && incident->event && (begins || (ends && !incident->moment))) {
		record.kind = RECORD_EVENT;
		record.event.type = begins ? incident->event : EVENT_PEER_UP;
		record.event.peer.port = 5060;
		rules_record(w->alerts->rules, &record);
	} else if (incident && incident->observation && (begins || ends)) {
		record.kind = RECORD_OBSERVATION;
		record.observation.type = incident->observation;
		record.observation.id = 77;
		record.observation.over = ends;
		record.observation.events = 100;
		rules_record(w->alerts->rules, &record);
	} else if (incident && incident->emergency && begins) {
		record.kind = RECORD_LEG;
		record.leg.emergency = true;
		record.leg.state = LEG_FAILED;
		record.leg.call = 112;
		record.leg.answered = NSTIME_NONE;
		rules_record(w->alerts->rules, &record);
	}
}

static void feed_minute(struct world *w, int64_t at)
{
	struct record record = bucket_of("", 0);
	uint64_t all[KPI_COUNT_COUNT] = { 0 };
	for (int trunk = 0; trunk < TRUNKS; trunk++)
		feed_trunk(w, at, trunk, all);
	memcpy(record.kpi.counts, all, sizeof all);
	record.at = SECONDS(at + 60);
	record.kpi.key.view = KPI_VIEW_LEG;
	record.kpi.key.direction = KPI_DIRECTION_NONE;
	rules_record(w->alerts->rules, &record);
	record.kpi.key.view = KPI_VIEW_CALL;
	rules_record(w->alerts->rules, &record);
	feed_registrations(w, at);
	feed_moments(w, at);
}

#endif
