/*
 * timeline.h - a stream's intervals, and the blob that keeps them: about 15 octets each.
 *
 * Layout, version 2.  A varint has 7 bits an octet, low ones first, the top bit says that
 * more follow.  Zigzag makes a signed number unsigned: 0, -1, 1, -2 ... are 0, 1, 2, 3.
 *
 *   octet    2, the version
 *   varint   length of an interval in ms
 *   varint   zigzag of the slot before the first interval: time since 1970 / length
 *   then for each interval that saw the stream, in order of time, these bits, the top one
 *   of an octet first, and zeros up to a whole octet:
 *   1 bit    0
 *   9 bits   for each of timeline_groups: is a value of it not as predicted?
 *   for each value of such a group, in order, the zigzag z of its error, that is, of the
 *   value minus timeline_predicted() modulo 2^32, as an Exp-Golomb code of the order
 *   k = timeline_order(): n zeros, then z + 2^k, which has n + k + 1 bits.  Prediction and
 *   order follow from the values before it, which timeline_learn() takes notice of.
 *   and at the end, if the capture lost some of the stream:
 *   octet    128: no interval begins with it
 *   then for each interval of which the capture lost packets, in order of time:
 *   varint   zigzag of its slot, minus that of the one before in this list (of the first:
 *            minus the slot that stands at the front)
 *   varint   packets
 *
 * TIMELINE_SLOT is not the number of the slot but how many were skipped: 0 when the
 * interval follows the one before at once.  A value that is not known is -1.
 * schema/timeline.c reads it.
 */
#ifndef EARSHOT_MODEL_TIMELINE_H
#define EARSHOT_MODEL_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

enum { TIMELINE_VERSION = 2, TIMELINE_VIEWS = 4, TIMELINE_NETWORK = 3 };

enum interval_flag {
	INTERVAL_TS_RESYNC = 1 << 0, /* timestamps jumped */
	INTERVAL_RESTART = 1 << 1,   /* sequence numbers began anew */
	INTERVAL_EVENT = 1 << 2,     /* telephone-event packets */
	INTERVAL_COMFORT = 1 << 3,   /* comfort noise packets */
	INTERVAL_BACKWARDS = 1 << 4, /* time stamps ran backwards */
};

/* How the bad packets of an interval lie (quality/bursts.h); each interval by itself. */
struct interval_loss {
	uint32_t bad, runs;
	uint32_t bursts, burst_packets, burst_bad, gaps;
	double r; /* NAN: not scored */
};

/* Not known is NAN, or 0 where 0 can not be. */
struct interval {
	nstime at; /* its start, a multiple of the length since 1970 */
	uint32_t expected, duplicates, reordered;
	uint64_t octets; /* of IP packets, headers too */
	double jitter_last_ms, jitter_mean_ms, jitter_max_ms;
	double delta_max_ms, ptime_ms;
	double pdv_p50_ms, pdv_p95_ms, pdv_p99_ms;
	double depth_ms; /* mean length of the adaptive buffer */
	double rtt_receiver_ms,
	        rtt_sender_ms; /* from the probe to either and back, median */
	double r_cq;           /* of the adaptive buffer, with delay */
	double audio_speech_pct, audio_clipping_pct, audio_level_dbov;
	uint8_t payload_type;                       /* of the audio, the last packet's */
	uint8_t dscp, ttl;                          /* likewise */
	uint32_t flags;                             /* enum interval_flag */
	struct interval_loss views[TIMELINE_VIEWS]; /* three buffers, then the network */
	uint32_t suspect_lost; /* of those lost, by the capture itself */
};

/* What the blob keeps of an interval, in this order.  Times are in 0.01 ms. */
enum timeline_value {
	TIMELINE_JITTER_MEAN,
	TIMELINE_JITTER_LAST,
	TIMELINE_JITTER_MAX,
	TIMELINE_PDV_P50,
	TIMELINE_PDV_P95,
	TIMELINE_PDV_P99,
	TIMELINE_DELTA_MAX,
	TIMELINE_DEPTH, /* of the adaptive buffer, mean */
	TIMELINE_EXPECTED,
	TIMELINE_LOST,     /* bad packets of the network */
	TIMELINE_JOINED,   /* of those lost, behind a lost one: bad - runs */
	TIMELINE_CLUSTERS, /* bursts, burst_packets, burst_bad and gaps of the network */
	TIMELINE_OCTETS = TIMELINE_CLUSTERS + 4,
	TIMELINE_R, /* of the network, 0.01, plus 100,000 */
	TIMELINE_RTT_RECEIVER,
	TIMELINE_RTT_SENDER,
	TIMELINE_R_CQ,     /* as TIMELINE_R, of the adaptive buffer */
	TIMELINE_SPEECH,   /* 0.01 % */
	TIMELINE_CLIPPING, /* likewise */
	TIMELINE_LEVEL,    /* 0.01 dB, plus 20,000 */
	TIMELINE_PTIME,
	TIMELINE_PAYLOAD_TYPE,
	TIMELINE_DSCP,
	TIMELINE_TTL,
	TIMELINE_DUPLICATES,
	TIMELINE_REORDERED,
	TIMELINE_FLAGS,
	TIMELINE_SLOT,
	TIMELINE_BUFFERS, /* for each: six figures of its losses, and R, minus the network's
	                   */
	TIMELINE_OF_BUFFER = 7,
	TIMELINE_VALUES = TIMELINE_BUFFERS + TIMELINE_OF_BUFFER * TIMELINE_NETWORK,
};

/* Where each of the groups begins, and where the last one ends. */
enum { TIMELINE_GROUPS = 9, TIMELINE_SUSPECTS = 0x80 };
extern const uint8_t timeline_groups[TIMELINE_GROUPS + 1];

/* What the writer and the reader know from the intervals before. */
struct timeline_past {
	int32_t values[TIMELINE_VALUES];
	uint8_t widths[TIMELINE_VALUES]; /* running means of bits of z, in 1/8 */
};

struct timeline_kept; /* what is known of the past, and the blob */

/* Grows as intervals come; a stream without any costs little.  All zero is none. */
struct timeline {
	struct timeline_kept *kept; /* owned */
	uint32_t length, room;      /* octets */
	uint32_t intervals;
	bool ended;   /* no more intervals: the suspects have begun */
	int64_t slot; /* of the latest interval, then of the latest suspect one */
	int64_t first_slot;
};

/* Borrowed until the next call for it. */
struct span timeline_blob(const struct timeline *timeline);

/* The slot that `at` falls into; slots are aligned to 1970. */
static inline int64_t timeline_slot(nstime at, nstime length)
{
	return at / length - (at % length < 0);
}

/*
 * Appends an interval behind all before.  ERR_FULL when the blob has grown to `most`
 * octets, ERR_NOMEM: then it is left out.
 */
MUST_CHECK enum status timeline_add(struct timeline *timeline, nstime length,
                                    const struct interval *interval, size_t most);

/* The capture lost so many of that interval's packets.  No interval is added after that. */
MUST_CHECK enum status timeline_suspect(struct timeline *timeline, nstime length, nstime at,
                                        uint32_t lost, size_t most);

void timeline_free(struct timeline *timeline);

/* How the values are coded (timeline_code.c). */
void timeline_begin(struct timeline_past *past);
int32_t timeline_predicted(const struct timeline_past *past,
                           const int32_t values[TIMELINE_VALUES], unsigned int value);
/* All of them at once, for the writer, who has the values. */
void timeline_predict(const struct timeline_past *past,
                      const int32_t values[TIMELINE_VALUES],
                      int32_t predicted[TIMELINE_VALUES]);

enum { TIMELINE_WIDTH_ONE = 8, TIMELINE_WIDTH_MOST = 31 * TIMELINE_WIDTH_ONE };

static inline unsigned int timeline_order(const struct timeline_past *past,
                                          unsigned int value)
{
	const unsigned int one = TIMELINE_WIDTH_ONE;
	const unsigned int bits = (past->widths[value] + one / 2) / one;
	return bits > 0 ? bits - 1 : 0;
}

static inline void timeline_learn(struct timeline_past *past, unsigned int value,
                                  uint32_t zigzag)
{
	const unsigned int most = TIMELINE_WIDTH_MOST;
	const unsigned int bits = zigzag ? 32 - (unsigned int)__builtin_clz(zigzag) : 0;
	const unsigned int width = past->widths[value];
	const unsigned int learnt = width - width / 4 + bits * TIMELINE_WIDTH_ONE / 4;
	past->widths[value] = (uint8_t)(learnt < most ? learnt : most);
}

/* An interval out of the blob's values. */
void timeline_restore(const int32_t values[TIMELINE_VALUES], struct interval *interval);

#endif
