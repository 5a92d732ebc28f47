/*
 * round_trip.h - round-trip times as seen from the middle of the path (quality.md 7.2), by
 * matching RTCP reports.  Given numbers, no packets.
 *
 * A report of A passes the probe on its way to B; B's own report names it (LSR) and says
 * how long B held it (DLSR).  What remains is the way from the probe to B and back.  The
 * reports of B give the other half.  NTP times are only matched, never compared with the
 * capture's clock, so nobody's clock need be right.  The receiver reference time of XR and
 * its DLRR (RFC 3611 4.4, 4.5) work the same way for who sends no SR, and may share the
 * list of a sender's SRs: they are of the same clock.
 */
#ifndef EARSHOT_QUALITY_ROUND_TRIP_H
#define EARSHOT_QUALITY_ROUND_TRIP_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/clock.h"

enum { ROUND_TRIP_REPORTS = 8, ROUND_TRIP_SAMPLES = 32 };

/* The latest reports of one SSRC.  All zero is none. */
struct round_trip_sent {
	nstime at[ROUND_TRIP_REPORTS];
	uint32_t middle[ROUND_TRIP_REPORTS]; /* of the NTP time; 0 = no report */
	uint32_t next;                       /* the oldest, which goes first */
};

/* An SR, or an XR receiver reference time, passes at `at`.  `ntp` is all 64 bits. */
void round_trip_note(struct round_trip_sent *sent, uint64_t ntp, nstime at);

/*
 * The round trip from the probe to the reporter that passes at `at` and names a report of
 * `sent` by LSR (or LRR) and the delay since, in 1/65536 s.  NAN if LSR is 0, which means
 * none, or names none that is kept, or if it comes out as less than 0 or over 10 s.  When
 * several match, for the sender's clock stands still, the latest is meant.
 */
double round_trip_ms(const struct round_trip_sent *sent, uint32_t lsr, uint32_t dlsr,
                     nstime at);

/*
 * What an interval or a stream saw of one half.  Up to 32 samples all are kept; then every
 * second one goes, and from there on only every second comes in, and so on: they stay
 * spread evenly over the whole, and the same input always keeps the same ones.
 */
struct round_trips {
	uint32_t seen;
	uint16_t kept;
	uint16_t halvings; /* one of 2^halvings is kept */
	float ms[ROUND_TRIP_SAMPLES];
};

/* NAN is not a sample. */
void round_trips_add(struct round_trips *trips, double ms);

/* Mean of the middle two if they are even in number; NAN when there is none. */
double round_trips_median_ms(const struct round_trips *trips);

/* Both halves of a call's path. */
struct round_trip {
	double ms;    /* NAN when neither half is known */
	bool partial; /* only one is: the true one is longer */
};

struct round_trip round_trip_sum(double half_ms, double other_half_ms);

#endif
