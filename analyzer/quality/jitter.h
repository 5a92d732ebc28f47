/*
 * jitter.h - interarrival jitter (RFC 3550 6.4.1, A.8), packet time and inter-arrival
 * delta of one stream, as quality.md 4.3 to 4.6 define them.  Given numbers, no packets.
 */
#ifndef EARSHOT_QUALITY_JITTER_H
#define EARSHOT_QUALITY_JITTER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/clock.h"

enum { PTIME_VOTES = 4 };

/* One audio packet's place in time. */
struct timing {
	nstime arrival;     /* the raw capture stamp */
	int64_t extended;   /* sequence number, extended */
	uint32_t timestamp; /* RTP ticks */
	uint32_t clock_hz;  /* above 0 */
	uint8_t payload_type;
};

/* What every packet changes, and beside it what only the less ordinary ones do. */
struct jitter_level {
	double last_ms, sum_ms; /* of J, over its updates */
	double max_ms;          /* since the last interval was closed */
};

struct jitter {
	nstime arrival; /* of the previous audio packet in arrival order */
	struct jitter_level level;
	uint32_t extended, timestamp, clock_hz; /* of the previous packet */
	uint32_t updates;
	uint32_t step_us, step_count; /* of the timestamp step most voted for */
	uint8_t payload_type;
	bool has_reference;
	uint8_t best_vote;   /* whose votes step_us and step_count are */
	uint32_t step_ticks; /* step_us in ticks, if the latest neighbours had that step,
	                      * and that is all of it; else 0 */
};

struct jitter_past {
	uint32_t resyncs; /* timestamp discontinuities, quality.md 4.4 */
	struct {
		uint32_t step_us;
		uint32_t count;  /* of the best: step_count has more */
		uint32_t before; /* count when the last interval was closed */
	} votes[PTIME_VOTES];    /* timestamp step between neighbours, in us */
	uint32_t updates_before; /* likewise */
	double sum_before_ms;
	double max_before_ms; /* in the intervals that are closed */
};

struct jitter_step {
	double d_ms;  /* RFC 3550's D between the packet before and this one */
	bool restart; /* there is none: the first, a clock change, a discontinuity */
};

/* Takes the next audio packet that is no duplicate, in arrival order. */
struct jitter_step jitter_update(struct jitter *j, struct jitter_past *past,
                                 const struct timing *packet);

#define JITTER_RESYNC_MS 200.0 /* quality.md 4.4: D of no stream that goes on */

/*
 * Packets each behind the one before, of its type, step_ticks later: what jitter_update
 * would do where D is at most JITTER_RESYNC_MS.  jitter_next takes one; of so many that it
 * took, the last of which came at `arrival`, jitter_ran tells the rest.
 */
void jitter_next(struct jitter_level *level, double d_ms);
void jitter_ran(struct jitter *j, uint32_t packets, nstime arrival);

/* The next packet starts anew: a segment start, a source switch. */
void jitter_restart(struct jitter *j);

/*
 * The sender was told to pause before this packet, the next one.  Where its timestamps did
 * not go on with the time meanwhile that is a discontinuity, whatever the sequence numbers
 * say of it: nothing was held up on the way.
 */
void jitter_resume(struct jitter *j, struct jitter_past *past, const struct timing *packet);

double jitter_mean_ms(const struct jitter *j); /* NAN before the first update */
/* Likewise. */
double jitter_max_ms(const struct jitter *j, const struct jitter_past *past);
double jitter_ptime_ms(const struct jitter *j); /* 20 before the first vote */
bool jitter_has_ptime(const struct jitter *j);

/* J in an interval, NAN without an update; the packet time voted for in it, or NAN. */
struct jitter_interval {
	double last_ms, mean_ms, max_ms;
	double ptime_ms;
};

/* The interval that ends now; the next one begins. */
struct jitter_interval jitter_close_interval(struct jitter *j, struct jitter_past *past);

/* Inter-arrival times, quality.md 4.5. */
struct delta {
	nstime arrival; /* of the previous packet, whatever it was */
	double max_ms;  /* where the packet has no marker, since the last close */
	nstime sum;     /* likewise, of all */
	uint32_t extended;
	uint32_t count;
	uint8_t payload_type;
	bool has_previous;
};

struct delta_past {
	uint32_t others; /* packets that count in neither of the two sums */
	uint32_t marked; /* packets with a marker */
	uint32_t marked_count;
	double marked_max_ms, marked_sum_ms; /* where it has a marker; all intervals */
	double max_before_ms;                /* in the intervals that are closed */
};

/* `counts`: comfort noise is not in delta; it still is the next packet's previous one. */
void delta_update(struct delta *d, struct delta_past *past, const struct timing *packet,
                  bool marker, bool counts);
/*
 * So many packets, each behind the one before, of its type and unmarked, the last of which
 * came at `arrival`.  Their longest gap goes into max_ms by itself.
 */
void delta_ran(struct delta *d, uint32_t packets, nstime arrival);
void delta_restart(struct delta *d);

/* NAN when there was none.  Where over half of the packets are marked, marked ones count.
 */
double delta_max_ms(const struct delta *d, const struct delta_past *past);
double delta_mean_ms(const struct delta *d, const struct delta_past *past);

/* The longest, without marker, of the interval that ends now; 0 = none. */
double delta_close_interval(struct delta *d, struct delta_past *past);

#endif
