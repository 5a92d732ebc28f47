/*
 * Calls between sites are made packet by packet, with losses in the network and in the
 * capture that the generator knows apart; the witness is told only what was not seen.
 */
#include "analyzer/track/loss_witness.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#define START (INT64_C(1700000000) * NS_PER_SEC)
#define LENGTH (5 * NS_PER_SEC)

enum {
	MOST_CALLS = 16,
	MOST_STREAMS = 2 * MOST_CALLS,
	MOST_FAULTS = 5,
	MOST_INTERVALS = 24,
	PACKETS = 250, /* of an interval */
};

static const struct hash_key key = { 1, 2 };

/* An address: site and host; 0 is any. */
struct place {
	uint8_t site, host;
};

struct call {
	struct place from, to;
	unsigned int until; /* interval in which it is over; 0: it goes on */
};

/* What of a network is broken: streams from and to these places. */
struct fault {
	struct place from, to;
	double rate;
	unsigned int run; /* packets lost in a row; 0 and 1: one */
	bool together;    /* all streams lose at the same moment */
	bool both;        /* also to..from */
};

struct scenario {
	const char *what;
	const struct call *calls;
	unsigned int intervals;
	double capture;            /* rate */
	unsigned int capture_from; /* interval in which it begins to lose */
	unsigned int capture_run;  /* frames in a row, of whatever stream */
	struct fault faults[MOST_FAULTS];
	unsigned int reporting; /* calls, of the first ones, that have RTCP */
	bool denied;            /* by receivers that report no loss whatever happens */
	double far;             /* loss behind the probe */
	bool drops, tcp_gap; /* the kernel tells its drops; data was acknowledged unseen */
	/* Of the streams that lost at least 5, in percent of all runs: with network,
	 * capture or unknown as the truth has it, and at most so many with the other's
	 * name. */
	unsigned int right_pct;
	bool wants_unknown; /* then `right` is unknown */
};

/* clang-format off */
static const struct call four_sites[] = {
	{ { 1, 1 }, { 2, 1 } }, { { 3, 1 }, { 4, 1 } }, { { 1, 2 }, { 3, 2 } },
	{ { 2, 2 }, { 4, 2 } }, { { 1, 3 }, { 4, 3 } }, { { 2, 3 }, { 3, 3 } }, { { 0, 0 }, { 0, 0 } },
};
static const struct call apart[] = {
	{ { 1, 1 }, { 2, 1 } }, { { 3, 1 }, { 4, 1 } }, { { 5, 1 }, { 6, 1 } },
	{ { 7, 1 }, { 8, 1 } }, { { 0, 0 }, { 0, 0 } },
};
static const struct call two_apart[] = {
	{ { 1, 1 }, { 2, 1 } }, { { 3, 1 }, { 4, 1 } }, { { 0, 0 }, { 0, 0 } },
};
static const struct call triangle[] = {
	{ { 1, 1 }, { 2, 1 } }, { { 2, 2 }, { 3, 1 } }, { { 3, 2 }, { 1, 2 } },
	{ { 0, 0 }, { 0, 0 } },
};
static const struct call hub[] = {
	{ { 1, 1 }, { 9, 1 } }, { { 2, 1 }, { 9, 1 } }, { { 3, 1 }, { 9, 1 } },
	{ { 4, 1 }, { 9, 1 } }, { { 5, 1 }, { 9, 1 } }, { { 0, 0 }, { 0, 0 } },
};
static const struct call one_site[] = {
	{ { 1, 1 }, { 1, 2 } }, { { 1, 3 }, { 1, 4 } }, { { 1, 5 }, { 1, 6 } },
	{ { 0, 0 }, { 0, 0 } },
};
static const struct call one[] = { { { 1, 1 }, { 2, 1 } }, { { 0, 0 }, { 0, 0 } } };

static const struct call short_ones[] = {
	{ { 1, 1 }, { 2, 1 }, 6 }, { { 3, 1 }, { 4, 1 }, 6 }, { { 1, 2 }, { 3, 2 }, 7 },
	{ { 2, 2 }, { 4, 2 } }, { { 1, 3 }, { 4, 3 } }, { { 2, 3 }, { 3, 3 } },
	{ { 5, 3 }, { 6, 3 } }, { { 7, 3 }, { 3, 3 } }, { { 0, 0 }, { 0, 0 } },
};

#define FAULT(...) .faults = { __VA_ARGS__ }
static const struct scenario scenarios[] = {
	{ "1 % of all frames, mesh of four sites", four_sites, 12, .capture = 0.01,
	  .right_pct = 97 },
	{ "the same, 20 s", four_sites, 4, .capture = 0.01, .right_pct = 90 },
	{ "the same, four calls that share nothing", apart, 12, .capture = 0.01,
	  .right_pct = 97 },
	{ "the same, two of them: two links may have the same fault", two_apart, 12,
	  .capture = 0.01, .right_pct = 90, .wants_unknown = true },
	{ "the same, three sites", triangle, 12, .capture = 0.01, .right_pct = 90 },
	{ "losses begin when some calls are over: they are no witnesses", short_ones, 12,
	  .capture = 0.02, .capture_from = 6, .right_pct = 95 },
	{ "two minutes", four_sites, 24, .capture = 0.01, .right_pct = 97 },
	{ "3 % in runs of frames", four_sites, 12, .capture = 0.03, .capture_run = 20,
	  .right_pct = 95 },
	{ "with RTCP", four_sites, 12, .capture = 0.01, .reporting = 6, .right_pct = 97 },

	{ "1 % on one path", four_sites, 12, FAULT({ { 1, 1 }, { 2, 1 }, 0.01 }),
	  .right_pct = 95 },
	{ "the same in runs of four", four_sites, 12, FAULT({ { 1, 1 }, { 2, 1 }, 0.01, 4 }),
	  .right_pct = 90 },
	{ "3 % in runs of ten", four_sites, 12, FAULT({ { 1, 1 }, { 2, 1 }, 0.03, 10 }),
	  .right_pct = 90 },
	{ "1 % on one of two paths", two_apart, 12, FAULT({ { 1, 1 }, { 2, 1 }, 0.01 }),
	  .right_pct = 95 },
	{ "both directions of a call", four_sites, 12,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.01, .both = true }), .right_pct = 95 },
	{ "all calls of a site, out", four_sites, 12, FAULT({ { 1, 0 }, { 0, 0 }, 0.01 }),
	  .right_pct = 95 },
	{ "all calls of a site, in the same moment", four_sites, 12,
	  FAULT({ { 1, 0 }, { 0, 0 }, 0.01, 5, .together = true }), .right_pct = 95 },
	{ "in, too", four_sites, 12,
	  FAULT({ { 1, 0 }, { 0, 0 }, 0.01, 5, .together = true, .both = true }),
	  .right_pct = 95 },
	{ "two sites at once", four_sites, 12,
	  FAULT({ { 1, 0 }, { 0, 0 }, 0.01 }, { { 0, 0 }, { 4, 0 }, 0.02 }), .right_pct = 85 },
	{ "one spoke of a hub", hub, 12, FAULT({ { 1, 0 }, { 0, 0 }, 0.01 }), .right_pct = 95 },
	{ "with RTCP, every call", one, 12, .reporting = 1,
	  FAULT({ { 0, 0 }, { 0, 0 }, 0.01 }), .right_pct = 95 },
	{ "everywhere, but receivers confirm it", apart, 12, .reporting = 3,
	  FAULT({ { 0, 0 }, { 0, 0 }, 0.01 }), .right_pct = 97 },

	/* Nobody shall call these the capture's; who the network's cannot always be said. */
	{ "one path, whose receiver denies it", four_sites, 12, .reporting = 1,
	  .denied = true, FAULT({ { 1, 1 }, { 2, 1 }, 0.02 }), .wants_unknown = true,
	  .right_pct = 95 },
	{ "one direction of a trunk", apart, 12,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.01 }, { { 3, 1 }, { 4, 1 }, 0.01 },
	        { { 5, 1 }, { 6, 1 }, 0.01 }, { { 7, 1 }, { 8, 1 }, 0.01 }) },
	{ "two links, both ways, 1 and 2 %", two_apart, 12,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.01, .both = true },
	        { { 3, 1 }, { 4, 1 }, 0.02, .both = true }) },
	{ "every link has some loss of its own", apart, 12,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.001, .both = true },
	        { { 3, 1 }, { 4, 1 }, 0.002, .both = true },
	        { { 5, 1 }, { 6, 1 }, 0.004, .both = true },
	        { { 7, 1 }, { 8, 1 }, 0.008, .both = true }) },
	{ "every direction", apart, 12,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.001 }, { { 3, 1 }, { 4, 1 }, 0.008 },
	        { { 6, 1 }, { 5, 1 }, 0.002 }, { { 7, 1 }, { 8, 1 }, 0.004 },
	        { { 0, 0 }, { 0, 0 }, 0.0005 }) },
	{ "runs on two links", four_sites, 12,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.01, 10, .both = true },
	        { { 3, 1 }, { 4, 1 }, 0.01, 10, .both = true }) },

	{ "both: 1 % everywhere, 4 % more on one path", four_sites, 12, .capture = 0.01,
	  FAULT({ { 1, 1 }, { 2, 1 }, 0.04 }), .right_pct = 95 },
	{ "both: a site's link, too", apart, 12, .capture = 0.01,
	  FAULT({ { 1, 0 }, { 0, 0 }, 0.05, 5, .together = true }), .right_pct = 85 },

	{ "a hub: its link may lose both ways", hub, 12, .capture = 0.01, .right_pct = 99,
	  .wants_unknown = true },
	{ "unless RTCP decides", hub, 12, .capture = 0.01, .reporting = 2, .right_pct = 97 },
	{ "or other signs", hub, 12, .capture = 0.01, .tcp_gap = true, .right_pct = 95 },
	{ "or the kernel", one, 12, .capture = 0.01, .drops = true, .right_pct = 97 },
	{ "a hub's link does", hub, 12, FAULT({ { 0, 0 }, { 0, 0 }, 0.01 }), .right_pct = 99,
	  .wants_unknown = true },
	{ "all in one site", one_site, 12, .capture = 0.01, .right_pct = 99,
	  .wants_unknown = true },
	{ "a single call", one, 12, .capture = 0.01, .right_pct = 100, .wants_unknown = true },
	{ "a single call with RTCP", one, 12, .capture = 0.01, .reporting = 1,
	  .right_pct = 97 },
	{ "loss behind the probe hides nothing", one, 12, .capture = 0.02, .reporting = 1,
	  .far = 0.02, .right_pct = 90, .wants_unknown = true },
};
/* clang-format on */

/* --- the generator -------------------------------------------------------------------- */

struct flow_state {
	struct address src, dst;
	struct place from, to;
	bool reports, was_lost;
	unsigned int until;
	unsigned int runs[MOST_FAULTS]; /* packets of a run still to lose */
	struct loss_counts counts[MOST_INTERVALS];
	struct loss_far far[MOST_INTERVALS];
	double network, capture; /* the truth */
};

struct world {
	const struct scenario *scenario;
	uint64_t state;
	size_t streams;
	struct flow_state stream[MOST_STREAMS];
	unsigned int runs[MOST_FAULTS]; /* for those that lose together */
	unsigned int capture_run;
	uint64_t seen[MOST_INTERVALS], dropped[MOST_INTERVALS]; /* by the capture */
};

static bool chance(struct world *world, double p)
{
	return (double)(disorder(&world->state) >> 11) * 0x1p-53 < p;
}

static struct address address_of(struct place place)
{
	const uint8_t bytes[4] = { 10, place.site, 7, place.host };
	return address_ipv4(bytes);
}

static bool is_at(struct place where, struct place any)
{
	return (!any.site || any.site == where.site) &&
	       (!any.host || any.host == where.host);
}

static bool touches(const struct fault *fault, const struct flow_state *s)
{
	return (is_at(s->from, fault->from) && is_at(s->to, fault->to)) ||
	       (fault->both && is_at(s->to, fault->from) && is_at(s->from, fault->to));
}

/* Runs begin so often that the rate comes out; `left` says how long this one goes on. */
static bool in_run(struct world *world, double rate, unsigned int run, unsigned int *left)
{
	const unsigned int length = run > 1 ? run : 1;
	if (*left == 0 && chance(world, rate / length))
		*left = length;
	if (*left == 0)
		return false;
	--*left;
	return true;
}

static bool network_loses(struct world *world, struct flow_state *s, const bool together[])
{
	bool lost = false;
	for (int i = 0; i < MOST_FAULTS; i++) {
		const struct fault *fault = &world->scenario->faults[i];
		if (fault->rate > 0 && touches(fault, s))
			lost |= fault->together ? together[i]
			                        : in_run(world, fault->rate, fault->run,
			                                 &s->runs[i]);
	}
	return lost;
}

struct packet_fate {
	bool network, capture, far;
};

static void count(struct flow_state *s, unsigned int interval,
                  const struct packet_fate *fate, struct loss_far *span)
{
	const bool lost = fate->network || fate->capture;
	s->counts[interval].expected++;
	s->counts[interval].lost += lost;
	s->counts[interval].gaps += lost && !s->was_lost;
	s->was_lost = lost;
	s->network += fate->network;
	s->capture += fate->capture;
	span->expected++;
	span->ours += lost;
	span->beyond += fate->network || fate->far; /* here: what the receiver lacks */
}

static void make_interval(struct world *world, unsigned int interval)
{
	const struct scenario *scenario = world->scenario;
	struct loss_far spans[MOST_STREAMS] = { 0 };
	for (int packet = 0; packet < PACKETS; packet++) {
		bool together[MOST_FAULTS];
		for (int i = 0; i < MOST_FAULTS; i++)
			together[i] = in_run(world, scenario->faults[i].rate,
			                     scenario->faults[i].run, &world->runs[i]);
		for (size_t i = 0; i < world->streams; i++) {
			struct flow_state *s = &world->stream[i];
			if (interval >= s->until)
				continue;
			struct packet_fate fate = { .network = network_loses(world, s,
				                                             together) };
			fate.capture = !fate.network &&
			               interval >= scenario->capture_from &&
			               in_run(world, scenario->capture,
			                      scenario->capture_run, &world->capture_run);
			fate.far = chance(world, scenario->far);
			count(s, interval, &fate, &spans[i]);
			world->dropped[interval] += fate.capture;
			world->seen[interval] += !fate.network && !fate.capture;
		}
	}
	for (size_t i = 0; i < world->streams; i++)
		if (world->stream[i].reports)
			loss_far_add(&world->stream[i].far[interval],
			             (int64_t)spans[i].expected, (int64_t)spans[i].ours,
			             scenario->denied ? 0 : (int64_t)spans[i].beyond);
}

static void make_world(struct world *world, const struct scenario *scenario, uint64_t seed)
{
	*world = (struct world){ .scenario = scenario };
	world->state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (unsigned int i = 0; scenario->calls[i].from.site; i++) {
		const struct call *call = &scenario->calls[i];
		for (int way = 0; way < 2; way++) {
			struct flow_state *s = &world->stream[world->streams++];
			s->from = way ? call->to : call->from;
			s->to = way ? call->from : call->to;
			s->src = address_of(s->from);
			s->dst = address_of(s->to);
			s->until = call->until ? call->until : scenario->intervals;
			s->reports = i < scenario->reporting;
		}
	}
	for (unsigned int i = 0; i < scenario->intervals; i++)
		make_interval(world, i);
}

/* --- what the witness makes of it ----------------------------------------------------- */

static struct loss_sample sample_of(const struct flow_state *s, unsigned int interval)
{
	return (struct loss_sample){ START + interval * LENGTH, &s->src, &s->dst,
		                     s->counts[interval], s->far[interval] };
}

static void tell(struct loss_witness *w, const struct world *world)
{
	for (unsigned int i = 0; i < world->scenario->intervals; i++) {
		const nstime at = START + i * LENGTH;
		for (size_t j = 0; j < world->streams; j++) {
			const struct loss_sample sample = sample_of(&world->stream[j], i);
			if (sample.counts.expected)
				loss_witness_add(w, &sample);
		}
		if (world->scenario->drops)
			loss_witness_drops(w, at, world->seen[i], world->dropped[i]);
		if (world->scenario->tcp_gap && i % 5 == 2)
			loss_witness_tcp_gap(w, at);
	}
}

static struct loss_shares ask(struct loss_witness *w, const struct flow_state *s,
                              unsigned int intervals)
{
	struct loss_shares sum = { 0 };
	struct loss_far far = { 0 };
	for (unsigned int i = 0; i < intervals; i++)
		loss_far_sum(&far, &s->far[i]);
	for (unsigned int i = 0; i < intervals; i++) {
		struct loss_sample sample = sample_of(s, i);
		sample.far = far;
		const struct loss_shares one_interval = loss_witness_judge(w, &sample);
		sum.network += one_interval.network;
		sum.capture += one_interval.capture;
		sum.unknown += one_interval.unknown;
		const double all =
		        one_interval.network + one_interval.capture + one_interval.unknown;
		assert_true(fabs(all - (double)s->counts[i].lost) < 1e-9);
		assert_true(one_interval.network >= 0 && one_interval.capture >= 0 &&
		            one_interval.unknown >= -1e-9);
	}
	return sum;
}

struct outcome {
	unsigned int asked, right, blamed_network, blamed_capture;
	double truth, suspect; /* of all streams: lost by the capture, said to be */
};

/* A verdict is wrong where the truth has clearly more of the other. */
static void rate(struct outcome *out, const struct scenario *scenario,
                 const struct flow_state *s, const struct loss_shares *shares)
{
	const enum loss_verdict verdict = loss_shares_verdict(shares);
	const enum loss_verdict truth = scenario->wants_unknown   ? LOSS_UNKNOWN
	                                : s->network > s->capture ? LOSS_NETWORK
	                                                          : LOSS_CAPTURE;
	out->truth += s->capture;
	out->suspect += shares->capture;
	if (s->network + s->capture < 5 || fabs(s->network - s->capture) < 5)
		return;
	out->asked++;
	out->right += verdict == truth;
	out->blamed_network += verdict == LOSS_NETWORK && s->capture > s->network;
	out->blamed_capture += verdict == LOSS_CAPTURE && s->network > s->capture;
}

#ifndef RUNS
#define RUNS 40
#endif

static struct outcome play(const struct scenario *scenario)
{
	static struct world world;
	struct outcome out = { 0 };
	for (uint64_t run = 0; run < RUNS; run++) {
		struct loss_witness w;
		make_world(&world, scenario, run);
		assert_int_equal(loss_witness_init(&w, &key, LENGTH), OK);
		tell(&w, &world);
		for (size_t i = 0; i < world.streams; i++) {
			const struct loss_shares shares =
			        ask(&w, &world.stream[i], scenario->intervals);
			rate(&out, scenario, &world.stream[i], &shares);
		}
		loss_witness_free(&w);
	}
	return out;
}

static void scenarios_are_told_apart(void **state)
{
	(void)state;
	unsigned int failed = 0;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		const struct scenario *scenario = &scenarios[i];
		const struct outcome out = play(scenario);
		const double right = 100.0 * out.right / out.asked;
		const bool bad = out.asked == 0 || right < scenario->right_pct ||
		                 out.blamed_capture * 1000 > out.asked ||
		                 out.blamed_network * 1000 > out.asked;
		printf("%s%s: %.1f %% of %u right, network blamed %u, capture blamed %u, "
		       "suspect %.0f of %.0f\n",
		       bad ? "BAD " : "", scenario->what, right, out.asked,
		       out.blamed_network, out.blamed_capture, out.suspect, out.truth);
		failed += bad;
	}
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenarios_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
