/*
 * bursts.h - how loss is spread over a stream: BurstR of G.107, burst and gap of RFC 3611
 * section 4.7.2 with Gmin 16, as quality.md section 5 defines them; and the fate of every
 * packet, from which they are computed.  Given numbers, no packets.
 *
 * Packets are meant by their position: the count of packets expected before them, over all
 * segments of the stream as if nothing lay between these.  It has 32 bits, more than two
 * years at 50 packets a second.  Bad is a packet that is lost,
 * or discarded by the buffer that is looked at.  Only bad packets cost time.
 *
 * Differs from the counters of RFC 3611 A.2, which endpoints send, on purpose: those open
 * a burst at the very first loss if fewer than Gmin packets came before it, and never close
 * the last one.
 */
#ifndef EARSHOT_QUALITY_BURSTS_H
#define EARSHOT_QUALITY_BURSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/quality/playout.h"

enum { BURSTS_GMIN = 16 };

/*
 * Two bad packets with fewer than Gmin good ones between them are of one cluster; a cluster
 * of two or more is a burst, from its first to its last bad packet.  All else is gap.
 */
struct bursts {
	uint32_t first;                  /* position where it begins */
	uint32_t cluster_from, last_bad; /* ends of the latest cluster */
	uint32_t cluster_bad;
	uint32_t bad;
	uint32_t runs;   /* of bad packets, one or more */
	uint32_t bursts; /* of closed clusters */
	uint32_t burst_bad, burst_packets;
	uint32_t leading; /* 1 if the very first packet begins a burst */
};

/* `count` bad packets from position `at` on, which is behind all before.  Else: good. */
void bursts_bad(struct bursts *b, uint32_t at, uint32_t count);

struct burst_figures {
	uint64_t expected, bad;
	uint32_t runs;
	double burst_ratio; /* as measured, at least 1; 1 if nothing or all is bad */
	uint32_t bursts;
	uint32_t gaps; /* that are not empty */
	uint64_t burst_packets, burst_bad;
	uint64_t gap_packets, gap_bad;
};

/* What it amounts to if the stream, or interval, ends before position `end`. */
struct burst_figures bursts_figures(const struct bursts *b, uint32_t end);

/* 0 where there is no burst, or no gap, as in RFC 3611 4.7.2. */
double burst_density(const struct burst_figures *f); /* 0..1 */
double gap_density(const struct burst_figures *f);
double burst_mean_ms(const struct burst_figures *f, double ptime_ms);
double gap_mean_ms(const struct burst_figures *f, double ptime_ms);

/* Who looks: the network, that loses; each buffer, that discards, too. */
enum { FATE_NETWORK = PLAYOUT_BUFFERS, FATE_VIEWS };

/*
 * What became of each packet.  That is final once it is FATE_WINDOW behind the newest: no
 * late packet is accepted from further behind (quality.md 4.1 takes 100).  Until then it
 * stays in a window of 4 bits a packet.
 *
 * Intervals: a packet belongs to the interval in which it was expected, that is, in which
 * it or a later one came.  An interval is judged when it is closed, with what has come
 * until then; a straggler that comes after that mends the stream's figures, no longer the
 * interval's.  So intervals may sum up to a few more lost than the stream, never to fewer,
 * and losses stand beside the jitter and the delays of the same seconds.  Each interval is
 * a session of its own as to the edges of bursts and gaps.
 *
 * All zero is a stream that has not begun.
 */
enum { FATE_WINDOW = 128, FATE_WORDS = FATE_WINDOW / 16 };

struct fate {
	/* All that is touched while nothing bad comes or leaves the window. */
	int64_t newest;    /* extended sequence number */
	uint32_t expected; /* position behind the newest */
	uint32_t leaves;   /* the oldest of the bad packets in the window leaves when
	                    * `expected` is there; UINT32_MAX: there is none */
};

/* What the buffers make of it, from the first packet on that one of them discards. */
struct fate_buffers {
	struct bursts stream[PLAYOUT_BUFFERS];
	struct bursts interval[PLAYOUT_BUFFERS];
};

struct fate_past {
	uint64_t words[FATE_WORDS];   /* 4 bits for each number modulo the window: the views
	                               * to which it is discarded, or lost (top bit) */
	int64_t base;                 /* lowest number of the segment */
	struct bursts stream;         /* to the network; what has left the window */
	struct bursts interval;       /* likewise, since the last close */
	struct fate_buffers *buffers; /* owned; NULL: they see what the network sees */
	bool no_memory;               /* discards could not be kept, and count for none */
};

/* Gives back what it owns. */
void fate_drop(struct fate_past *past);

/* A new segment begins with this packet; what is in the window is final. */
void fate_begin(struct fate *f, struct fate_past *past, int64_t extended,
                unsigned int discarded);

/*
 * Between the segment that ends here and the one that begins next so many packets were lost
 * in an outage: a run of the stream's, in no interval.
 */
void fate_outage(struct fate *f, struct fate_past *past, uint32_t lost);

/* Takes a packet ahead of the newest by more than one, or behind it, or the very first. */
void fate_take_other(struct fate *f, struct fate_past *past, int64_t extended,
                     unsigned int discarded);

/*
 * The bad one leaves the window, if there is one, whose place the next packet takes: its
 * fate is final a packet earlier.
 */
void fate_make_way(struct fate *f, struct fate_past *past);

/* The next in order, where it or one in the window is bad. */
void fate_take_next(struct fate *f, struct fate_past *past, unsigned int discarded);

/*
 * Takes the next packet that is no duplicate, in arrival order.  `discarded` is what
 * playout_update says; 0 for a packet that no buffer plays: an event, comfort noise.
 */
static inline void fate_take(struct fate *f, struct fate_past *past, int64_t extended,
                             unsigned int discarded)
{
	if (__builtin_expect(extended != f->newest + 1 || f->expected == 0, 0)) {
		fate_take_other(f, past, extended, discarded);
	} else if (discarded == 0 && f->expected < f->leaves) {
		f->newest++;
		f->expected++;
	} else {
		fate_take_next(f, past, discarded);
	}
}

/* So many packets, each the next in order and good, at most leaves - expected. */
static inline void fate_ran(struct fate *f, uint32_t packets)
{
	f->newest += packets;
	f->expected += packets;
}

/* The stream's figures as of now; at its end, the final ones. */
void fate_stream(const struct fate *f, const struct fate_past *past,
                 struct burst_figures out[FATE_VIEWS]);

/* The figures of the interval that ends now; the next one begins. */
void fate_close_interval(struct fate *f, struct fate_past *past,
                         struct burst_figures out[FATE_VIEWS]);

#endif
