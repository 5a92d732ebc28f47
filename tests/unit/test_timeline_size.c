/* Rule: an interval of a timeline takes 24 octets or fewer, on average. */
#include "analyzer/model/timeline.h"

#include <math.h>

#include "analyzer/track/stream.h"
#include "tests/unit/unit.h"

#define BEGIN (INT64_C(1767225600) * NS_PER_SEC) /* 2026-01-01 */

static const struct path {
	const char *what;
	double loss_begins, loss_ends; /* chances of a Markov chain, for each packet */
	double jitter_ms;              /* mean of a one-sided exponential */
	double spikes, spike_ms;       /* how many packets, and how much at most */
	double most_octets;            /* of an interval, on average */
} paths[] = {
	{ "nothing happens", 0, 1, 0, 0, 0, 3 },
	{ "no loss, 0.5 ms of jitter", 0, 1, 0.5, 0, 0, 12 },
	{ "no loss, 3 ms of jitter", 0, 1, 3, 0, 0, 16 },
	{ "1 % random loss", 0.01, 0.99, 2, 0, 0, 16 },
	{ "5 % in bursts", 0.0132, 0.25, 2, 0, 0, 20 },
	{ "1 % random loss, each buffer discards others", 0.01, 0.99, 5, 0.01, 200, 26 },
	{ "5 % in bursts, each buffer discards others", 0.0132, 0.25, 8, 0.03, 300, 34 },
};

static double chance(uint64_t *seed)
{
	return disorder_below(seed, 1u << 24) / 16777216.0;
}

static double next_arrival(const struct path *path, uint64_t *seed, double sent_ms,
                           double last)
{
	double delay = -path->jitter_ms * log(1 - chance(seed));
	if (chance(seed) < path->spikes)
		delay += path->spike_ms * chance(seed);
	return fmax(sent_ms + delay, last + 0.01); /* a queue keeps the order */
}

/* Ten minutes of PCMU over that path; octets for each interval. */
static double octets_per_interval(const struct path *path)
{
	static const struct payload_meaning pcmu = { .codec = CODEC_PCMU,
		                                     .clock_hz = 8000,
		                                     .basis = CLOCK_SDP };
	const struct settings settings = settings_default();
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	uint64_t seed = 99;
	bool bad = false;
	stream_begin(&stream, &hot, &settings, BEGIN);
	stream_switch(&stream, 0, stream_add_type(&stream, 0, BEGIN, &pcmu), NULL);
	double at = 0;
	for (uint32_t i = 0; i < 30000; i++) {
		bad = bad ? chance(&seed) >= path->loss_ends
		          : chance(&seed) < path->loss_begins;
		if (bad)
			continue;
		at = next_arrival(path, &seed, 20.0 * i, at);
		const struct stream_packet packet = { .arrival = BEGIN + (nstime)(at * 1e6),
			                              .timestamp = 160 * i,
			                              .sequence = (uint16_t)i,
			                              .dscp = 46,
			                              .ttl = 60,
			                              .ip_len = 200 };
		stream_update(&stream, &settings, &packet);
	}
	stream_end(&stream, &settings);
	assert_in_range(stream.timeline.intervals, 120, 121);
	const double octets = (double)stream.timeline.length / stream.timeline.intervals;
	stream_drop(&stream);
	return octets;
}

static void an_interval_takes_few_octets(void **state)
{
	(void)state;
	double sum = 0;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const double octets = octets_per_interval(&paths[i]);
		print_message("%5.1f octets: %s\n", octets, paths[i].what);
		if (octets > paths[i].most_octets)
			fail_msg("%s: %.1f octets an interval", paths[i].what, octets);
		sum += octets;
	}
	const size_t count = ARRAY_LEN(paths);
	assert_true(sum / (double)count < 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interval_takes_few_octets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
