/*
 * Rules: far_end.h.  A receiver as RFC 3550 A.3 has it stands behind the probe; what each
 * of the two missed is known, packet by packet.
 */
#include "analyzer/quality/far_end.h"

#include <math.h>

#include "tests/unit/unit.h"

enum { PACKETS = 1000 };

/* Receiver of RFC 3550, by a list: what it got, twice perhaps. */
struct receiver {
	uint16_t base;
	uint32_t highest;
	uint64_t got;
	bool started;
};

static void receive(struct receiver *r, uint16_t number, unsigned int turn)
{
	const uint32_t extended = turn << 16 | number;
	if (!r->started)
		*r = (struct receiver){ number, extended, 0, true };
	if (extended > r->highest)
		r->highest = extended;
	r->got++;
}

static struct far_end_block block_of(const struct receiver *r, uint32_t jitter)
{
	const int64_t lost = (int64_t)r->highest - r->base + 1 - (int64_t)r->got;
	return (struct far_end_block){ 7, r->highest, (int32_t)lost, jitter };
}

/* The fate of every nth packet. */
struct path {
	const char *what;
	uint16_t first;
	unsigned int before, capture, behind; /* every so many-th is lost there; 0: none */
	unsigned int twice;                   /* comes so, on the network */
	unsigned int anew;   /* the receiver begins anew at that packet; 0: never */
	unsigned int missed; /* packets before the probe began */
	unsigned int lead;   /* packets that pass us before the report on their elders */
	bool from_start;
	struct far_end_span expected;
	int64_t unconfirmed;
};

static bool every(unsigned int i, unsigned int n)
{
	return n && i % n == n - 1;
}

/* Reports come after packets 199, 399, ... 999, and `lead` packets later to us. */
static const struct path paths[] = {
	{ "nothing is lost", 5, 0, 0, 0, 0, 0, 0, 0, true, { 1000, 0, 0, 0 }, 0 },
	{ "lost before the probe", 5, 10, 0, 0, 0, 0, 0, 0, true, { 999, 99, 99, 0 }, 0 },
	{ "lost behind it", 5, 0, 0, 50, 0, 0, 0, 0, true, { 999, 19, 0, 0 }, 0 },
	{ "both", 5, 10, 0, 7, 0, 0, 0, 0, true, { 999, 227, 99, 0 }, 0 },
	{ "lost by the capture", 5, 0, 25, 0, 0, 0, 0, 0, true, { 1000, 0, 40, 0 }, 40 },
	{ "over the wrap", 65100, 10, 0, 0, 0, 0, 0, 0, true, { 999, 99, 99, 0 }, 0 },
	{ "others have passed", 5, 10, 0, 0, 0, 0, 0, 9, true, { 999, 99, 99, 0 }, 0 },
	{ "many have", 65100, 10, 0, 3, 0, 0, 0, 125, true, { 998, 398, 99, 0 }, 0 },
	{ "copies", 5, 10, 0, 0, 20, 0, 0, 0, true, { 999, 99, 99, 0 }, 0 },
	/* Of the 200 packets in which it does nothing is known. */
	{ "begins anew", 5, 0, 0, 50, 0, 500, 0, 0, true, { 799, 15, 0, 0 }, 0 },
	/* Of the first 200 nothing is said. */
	{ "from its middle", 5, 10, 0, 0, 0, 0, 100, 0, false, { 800, 80, 80, 0 }, 0 },
};

static void check(const struct path *path)
{
	struct far_end far = { 0 };
	struct sequence ours = { 0 };
	struct sequence_counts counts = { 0 };
	struct receiver receiver = { 0 };
	struct far_end_block report = { 0 };
	unsigned int due = PACKETS * 2;
	for (unsigned int i = 0; i < PACKETS + path->lead; i++) {
		const uint32_t n = path->first + i;
		const bool sent = i < PACKETS;
		const bool arrives = !every(i, path->before);
		const unsigned int times = every(i, path->twice) ? 2 : 1;
		if (i >= path->missed && arrives && !every(i, path->capture))
			for (unsigned int k = 0; k < times; k++)
				sequence_update(&ours, &counts, (uint16_t)n);
		if (path->anew && i == path->anew)
			receiver.started = false;
		if (sent && arrives && !every(i, path->behind))
			for (unsigned int k = 0; k < times; k++)
				receive(&receiver, (uint16_t)n, n >> 16);
		if (sent && i % 200 == 199) {
			report = block_of(&receiver, 80);
			due = i + path->lead;
		}
		if (i == due)
			far_end_take(&far, &report, &ours, &counts, counts.duplicates);
	}
	const struct far_end_span got = far_end_total(&far, path->from_start);
	struct far_end_span expected = path->expected;
	if (path->twice) { /* what is doubled and not lost: seen twice by both */
		expected.copies = counts.duplicates;
		expected.lost -= counts.duplicates;
	}
	if (got.expected != expected.expected || got.lost != expected.lost ||
	    got.ours != expected.ours || got.copies != expected.copies)
		fail_msg("%s: %d expected, %d lost, %d ours, %d copies", path->what,
		         (int)got.expected, (int)got.lost, (int)got.ours, (int)got.copies);
	if (far_end_unconfirmed(&got) != path->unconfirmed)
		fail_msg("%s: %d unconfirmed", path->what, (int)far_end_unconfirmed(&got));
}

static void both_witnesses_agree_to_the_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		check(&paths[i]);
}

/* One report after another, about a stream of 400 packets without loss. */
static const struct {
	const char *what;
	struct {
		uint32_t highest;
		int32_t lost;
		uint32_t reporter;
	} reports[3];
	size_t count;
	int64_t expected, lost; /* from the start */
} lists[] = {
	{ "the same twice is no news", { { 300, 4, 1 }, { 300, 4, 1 } }, 2, 201, 4 },
	{ "overtaken", { { 300, 4, 1 }, { 250, 2, 1 }, { 400, 5, 1 } }, 3, 301, 5 },
	{ "late packets take loss back", { { 300, 9, 1 }, { 400, 5, 1 } }, 2, 301, 5 },
	{ "more than were expected", { { 300, 4, 1 }, { 310, 900, 1 } }, 2, 201, 4 },
	{ "a cycle less is a new receiver",
	  { { 65536 + 300, 4, 1 }, { 400, 3, 1 } },
	  2,
	  201,
	  4 },
	{ "another reporter begins its own count",
	  { { 300, 40, 1 }, { 350, 3, 2 }, { 400, 4, 2 } },
	  3,
	  251,
	  41 },
	{ "of packets before ours", { { 40, 4, 1 }, { 300, 5, 1 } }, 2, 201, 5 },
	{ "of a stream that had lost more before", { { 300, 900, 1 } }, 1, 0, 0 },
	{ "far ahead of ours", { { 900, 4, 1 } }, 1, 0, 0 },
};

static void odd_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct far_end far = { 0 };
		struct sequence ours = { 0 };
		struct sequence_counts counts = { 0 };
		uint16_t number = 100;
		for (size_t k = 0; k < lists[i].count; k++) {
			const struct far_end_block block = { lists[i].reports[k].reporter,
				                             lists[i].reports[k].highest,
				                             lists[i].reports[k].lost, 0 };
			for (; number <= (uint16_t)block.highest && number <= 400; number++)
				sequence_update(&ours, &counts, number);
			far_end_take(&far, &block, &ours, &counts, 0);
		}
		const struct far_end_span got = far_end_total(&far, true);
		if (got.expected != lists[i].expected || got.lost != lists[i].lost)
			fail_msg("%s: %d expected, %d lost", lists[i].what,
			         (int)got.expected, (int)got.lost);
	}
}

static void jitter_is_that_of_all_reports(void **state)
{
	(void)state;
	static const uint32_t ticks[] = { 16, 80, 24, UINT32_MAX };
	struct far_end far = { 0 };
	struct sequence ours = { 0 };
	struct sequence_counts counts = { 0 };
	assert_true(isnan(far_end_jitter_mean(&far)));
	assert_true(isnan(far_end_jitter_max(&far)));
	sequence_update(&ours, &counts, 1);
	for (size_t i = 0; i < ARRAY_LEN(ticks); i++) {
		const struct far_end_block block = { 1, 1, 0, ticks[i] };
		far_end_take(&far, &block, &ours, &counts, 0);
	}
	assert_true(far_end_jitter_mean(&far) == 40); /* the last is no jitter */
	assert_true(far_end_jitter_max(&far) == 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_witnesses_agree_to_the_packet),
		cmocka_unit_test(odd_reports),
		cmocka_unit_test(jitter_is_that_of_all_reports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
