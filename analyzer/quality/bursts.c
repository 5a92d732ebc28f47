#include "analyzer/quality/bursts.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LOST (1u << FATE_NETWORK)

static_assert(FATE_VIEWS == 4, "a packet's fate has 4 bits");

static void close_cluster(struct bursts *b)
{
	if (b->cluster_bad < 2)
		return;
	b->leading |= b->cluster_from == b->first;
	b->bursts++;
	b->burst_bad += b->cluster_bad;
	b->burst_packets += b->last_bad - b->cluster_from + 1;
}

void bursts_bad(struct bursts *b, uint32_t at, uint32_t count)
{
	const uint32_t good_before = at - b->last_bad - 1;
	b->runs += b->bad == 0 || good_before > 0;
	if (b->cluster_bad && good_before >= BURSTS_GMIN) {
		close_cluster(b);
		b->cluster_bad = 0;
	}
	if (b->cluster_bad == 0)
		b->cluster_from = at;
	b->cluster_bad += count;
	b->bad += count;
	b->last_bad = at + count - 1;
}

/* Mean run of bad packets over that of random loss, (bad / runs) (1 - bad / expected). */
static double burst_ratio(const struct burst_figures *f)
{
	if (f->bad == 0)
		return 1;
	const double good_share = (double)(f->expected - f->bad) / (double)f->expected;
	return fmax(1, (double)f->bad / f->runs * good_share);
}

struct burst_figures bursts_figures(const struct bursts *b, uint32_t end)
{
	struct bursts closed = *b;
	close_cluster(&closed);
	struct burst_figures f = {
		.expected = end - b->first,
		.bad = b->bad,
		.runs = b->runs,
		.bursts = closed.bursts,
		.burst_packets = closed.burst_packets,
		.burst_bad = closed.burst_bad,
	};
	f.burst_ratio = burst_ratio(&f);
	f.gap_packets = f.expected - f.burst_packets;
	f.gap_bad = f.bad - f.burst_bad;
	/* Between two bursts lie Gmin packets at least: only the outer gaps can be empty.
	 */
	const uint32_t trailing = b->cluster_bad >= 2 && b->last_bad == end - 1;
	f.gaps = f.gap_packets ? f.bursts + 1 - closed.leading - trailing : 0;
	return f;
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

double burst_density(const struct burst_figures *f)
{
	return ratio((double)f->burst_bad, (double)f->burst_packets);
}

double gap_density(const struct burst_figures *f)
{
	return ratio((double)f->gap_bad, (double)f->gap_packets);
}

double burst_mean_ms(const struct burst_figures *f, double ptime_ms)
{
	return ratio((double)f->burst_packets * ptime_ms, f->bursts);
}

double gap_mean_ms(const struct burst_figures *f, double ptime_ms)
{
	return ratio((double)f->gap_packets * ptime_ms, f->gaps);
}

static void judge_one(struct bursts *view, uint32_t at, uint32_t count)
{
	if (at >= view->first)
		bursts_bad(view, at, count);
}

/* What is lost is bad to everyone.  `buffers` is NULL as long as they discard nothing. */
static void judge(struct bursts *network, struct bursts *buffers, unsigned int fate,
                  uint32_t at, uint32_t count)
{
	if (fate & LOST)
		judge_one(network, at, count);
	for (unsigned int b = 0; buffers && b < PLAYOUT_BUFFERS; b++)
		if (fate & (1u << b | LOST))
			judge_one(&buffers[b], at, count);
}

static void judge_stream(struct fate_past *past, unsigned int fate, uint32_t at,
                         uint32_t count)
{
	struct fate_buffers *buffers = past->buffers;
	judge(&past->stream, buffers ? buffers->stream : NULL, fate, at, count);
}

static void judge_interval(struct fate_past *past, unsigned int fate, uint32_t at,
                           uint32_t count)
{
	struct fate_buffers *buffers = past->buffers;
	judge(&past->interval, buffers ? buffers->interval : NULL, fate, at, count);
}

/* A bad packet leaves the window: its fate is final. */
static void settle(struct fate_past *past, unsigned int fate, uint32_t at)
{
	judge_stream(past, fate, at, 1);
	judge_interval(past, fate, at, 1);
}

/* The first discard: until now the buffers saw what the network saw. */
static bool open_buffers(struct fate_past *past)
{
	if (!past->buffers)
		past->buffers = malloc(sizeof *past->buffers);
	past->no_memory |= !past->buffers;
	for (unsigned int b = 0; past->buffers && b < PLAYOUT_BUFFERS; b++) {
		past->buffers->stream[b] = past->stream;
		past->buffers->interval[b] = past->interval;
	}
	return past->buffers;
}

void fate_drop(struct fate_past *past)
{
	free(past->buffers);
	past->buffers = NULL;
}

static unsigned int fate_of(const struct fate_past *past, int64_t extended)
{
	return past->words[(uint64_t)extended / 16 % FATE_WORDS] >>
	               ((unsigned int)extended % 16 * 4) &
	       0xf;
}

static void set_fate(struct fate_past *past, int64_t extended, unsigned int fate)
{
	uint64_t *word = &past->words[(uint64_t)extended / 16 % FATE_WORDS];
	const unsigned int shift = (unsigned int)extended % 16 * 4;
	*word = (*word & ~(UINT64_C(0xf) << shift)) | (uint64_t)fate << shift;
}

/* Marks a packet in the window as bad or, late, as good after all. */
static void mark(struct fate *f, struct fate_past *past, int64_t extended,
                 unsigned int fate)
{
	if (__builtin_expect(fate & ~LOST && !past->buffers && !open_buffers(past), 0))
		fate &= LOST;
	set_fate(past, extended, fate);
	const uint32_t at = f->expected - 1 - (uint32_t)(f->newest - extended);
	if (fate && at + FATE_WINDOW < f->leaves)
		f->leaves = at + FATE_WINDOW;
}

/* The first bad one from `extended` on up to the newest; behind that: there is none. */
static int64_t next_bad(const struct fate *f, const struct fate_past *past,
                        int64_t extended)
{
	while (extended <= f->newest) {
		const uint64_t word = past->words[(uint64_t)extended / 16 % FATE_WORDS] >>
		                      ((unsigned int)extended % 16 * 4);
		if (word)
			return extended + __builtin_ctzll(word) / 4;
		extended = (extended | 15) + 1;
	}
	return extended;
}

/* The oldest one of the bad has left, or may have. */
static void find_oldest(struct fate *f, struct fate_past *past)
{
	const int64_t oldest = next_bad(f, past, f->newest - (FATE_WINDOW - 1));
	f->leaves = UINT32_MAX;
	if (oldest <= f->newest)
		f->leaves = f->expected - 1 - (uint32_t)(f->newest - oldest) + FATE_WINDOW;
}

void fate_make_way(struct fate *f, struct fate_past *past)
{
	const int64_t next = f->newest + 1;
	if (f->expected < f->leaves)
		return;
	const unsigned int fate = fate_of(past, next);
	if (fate) {
		settle(past, fate, f->expected - FATE_WINDOW);
		set_fate(past, next, 0);
	}
	find_oldest(f, past);
}

void fate_take_next(struct fate *f, struct fate_past *past, unsigned int discarded)
{
	fate_make_way(f, past);
	f->newest++;
	f->expected++;
	if (discarded)
		mark(f, past, f->newest, discarded);
}

/*
 * What is still in the window.  Numbers before the segment's base are in it, too, as good:
 * they cost nothing.
 */
static void judge_window(const struct fate *f, const struct fate_past *past,
                         struct bursts *network, struct bursts *buffers)
{
	if (f->leaves == UINT32_MAX)
		return;
	for (int64_t bad = f->newest - (FATE_WINDOW - 1);
	     (bad = next_bad(f, past, bad)) <= f->newest; bad++)
		judge(network, buffers, fate_of(past, bad),
		      f->expected - 1 - (uint32_t)(f->newest - bad), 1);
}

static void settle_window(struct fate *f, struct fate_past *past)
{
	struct fate_buffers *buffers = past->buffers;
	judge_window(f, past, &past->stream, buffers ? buffers->stream : NULL);
	judge_window(f, past, &past->interval, buffers ? buffers->interval : NULL);
	memset(past->words, 0, sizeof past->words);
	f->leaves = UINT32_MAX;
}

void fate_begin(struct fate *f, struct fate_past *past, int64_t extended,
                unsigned int discarded)
{
	settle_window(f, past);
	f->newest = past->base = extended;
	f->expected++;
	mark(f, past, extended, discarded);
}

void fate_outage(struct fate *f, struct fate_past *past, uint32_t lost)
{
	settle_window(f, past);
	judge_stream(past, LOST, f->expected, lost);
	f->expected += lost;
	past->interval.first += lost;
	for (unsigned int b = 0; past->buffers && b < PLAYOUT_BUFFERS; b++)
		past->buffers->interval[b].first += lost;
}

/* The longest gap costs no more than a window. */
static void skip(struct fate *f, struct fate_past *past, int64_t lost)
{
	if (lost > FATE_WINDOW) {
		const uint32_t at_once = (uint32_t)lost - FATE_WINDOW;
		settle_window(f, past);
		judge_stream(past, LOST, f->expected, at_once);
		judge_interval(past, LOST, f->expected, at_once);
		f->newest += at_once;
		f->expected += at_once;
		lost = FATE_WINDOW;
	}
	for (; lost > 0; lost--)
		fate_take(f, past, f->newest + 1, LOST);
}

/*
 * Reordered before anything of the segment has left the window: the packets in front of it
 * move all later ones back, and an interval that closed among those with them.
 */
static void lower_base(struct fate *f, struct fate_past *past, int64_t extended)
{
	const uint32_t by = (uint32_t)(past->base - extended);
	const uint32_t segment = f->expected - (uint32_t)(f->newest - past->base + 1);
	const bool moves = past->interval.first > segment; /* so do those of the buffers */
	past->interval.first += moves ? by : 0;
	for (unsigned int b = 0; moves && past->buffers && b < PLAYOUT_BUFFERS; b++)
		past->buffers->interval[b].first += by;
	past->base = extended;
	f->expected += by;
	if (f->leaves != UINT32_MAX)
		f->leaves += by;
	for (int64_t between = extended + 1; between < extended + by; between++)
		mark(f, past, between, LOST);
}

void fate_take_other(struct fate *f, struct fate_past *past, int64_t extended,
                     unsigned int discarded)
{
	if (f->expected == 0) {
		fate_begin(f, past, extended, discarded);
	} else if (extended > f->newest) {
		skip(f, past, extended - f->newest - 1);
		fate_take(f, past, extended, discarded);
	} else {
		assert(f->newest - extended < FATE_WINDOW - 1);
		if (extended < past->base)
			lower_base(f, past, extended);
		mark(f, past, extended, discarded);
	}
}

/* Of the stream or of the interval, by what has been settled and by the window. */
static void figures(const struct fate *f, const struct fate_past *past,
                    const struct bursts *network, const struct bursts *buffers,
                    struct burst_figures out[FATE_VIEWS])
{
	struct bursts views[FATE_VIEWS];
	views[FATE_NETWORK] = *network;
	if (buffers)
		memcpy(views, buffers, PLAYOUT_BUFFERS * sizeof *views);
	judge_window(f, past, &views[FATE_NETWORK], buffers ? views : NULL);
	out[FATE_NETWORK] = bursts_figures(&views[FATE_NETWORK], f->expected);
	for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++)
		out[b] = buffers ? bursts_figures(&views[b], f->expected)
		                 : out[FATE_NETWORK];
}

void fate_stream(const struct fate *f, const struct fate_past *past,
                 struct burst_figures out[FATE_VIEWS])
{
	figures(f, past, &past->stream, past->buffers ? past->buffers->stream : NULL, out);
}

void fate_close_interval(struct fate *f, struct fate_past *past,
                         struct burst_figures out[FATE_VIEWS])
{
	figures(f, past, &past->interval, past->buffers ? past->buffers->interval : NULL,
	        out);
	past->interval = (struct bursts){ .first = f->expected };
	for (unsigned int b = 0; past->buffers && b < PLAYOUT_BUFFERS; b++)
		past->buffers->interval[b] = past->interval;
}
