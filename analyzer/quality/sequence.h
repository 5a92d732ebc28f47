/*
 * sequence.h - extended sequence numbers, loss, duplicates, reordering and restarts of one
 * stream: RFC 3550 A.1 and A.3 as quality.md 4.1 and 4.2 tighten them.
 *
 * Differs from the RFC on purpose: no probation (the first packet counts), and duplicates
 * are counted apart, so that they never hide a loss.
 */
#ifndef EARSHOT_QUALITY_SEQUENCE_H
#define EARSHOT_QUALITY_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SEQUENCE_MAX_DROPOUT = 3000, /* RFC 3550 A.1 */
	SEQUENCE_MAX_MISORDER = 100,
};

/* What every packet touches, and beside it what only the less ordinary ones do. */
struct sequence {
	int64_t max;        /* extended, of the current segment */
	uint64_t window[2]; /* bit i: max - i was seen; window[0] holds 0..63 */
	uint32_t received;  /* unique packets */
	uint16_t held;      /* a packet that jumped, waiting for its successor */
	bool is_held;
	bool started;
};

struct sequence_counts {
	int64_t base;             /* extended, of the current segment */
	uint64_t expected_before; /* of the segments that are over */
	uint32_t duplicates, reordered, restarts;
};

enum sequence_verdict {
	SEQUENCE_NEXT, /* ahead of all before it; a gap may lie between */
	SEQUENCE_LATE, /* reordered, not seen before */
	SEQUENCE_DUPLICATE,
	SEQUENCE_HELD,    /* jumped: counts only if its successor comes next */
	SEQUENCE_RESTART, /* successor of the held one: both begin a new segment */
};

struct sequence_step {
	enum sequence_verdict verdict;
	int64_t extended;      /* of this packet; of a held one, none */
	uint32_t dropped_held; /* 1 when a held packet was given up */
};

/* Takes the next packet in arrival order. */
struct sequence_step sequence_update(struct sequence *s, struct sequence_counts *counts,
                                     uint16_t number);

/* So many numbers, each behind the newest, where none is held: as sequence_update would. */
void sequence_ran(struct sequence *s, uint32_t packets);

/*
 * The sender was sending elsewhere: what it numbered meanwhile is no loss, and the next
 * packet is the first of a new segment.  Not a restart of the sender's.
 */
void sequence_interrupt(struct sequence *s, struct sequence_counts *counts);

/* Packets that were sent between the first and the last seen, segment by segment. */
uint64_t sequence_expected(const struct sequence *s, const struct sequence_counts *counts);
/* expected - received; never negative. */
uint64_t sequence_lost(const struct sequence *s, const struct sequence_counts *counts);

/* The extended number that somebody means who tells its low 16 bits: the nearest to max. */
int64_t sequence_extend(const struct sequence *s, uint16_t number);

/*
 * What of all up to and including `until` is lost, earlier segments too.  Exact, for the
 * window tells which packets behind `until` were counted; hence false, and *lost as it was,
 * if `until` is over 128 below max, before this segment, or over SEQUENCE_MAX_MISORDER
 * ahead.  Those ahead of max count as lost: who names them got them, and we did not.
 */
bool sequence_lost_until(const struct sequence *s, const struct sequence_counts *counts,
                         int64_t until, int64_t *lost);

#endif
