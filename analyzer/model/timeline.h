/*
 * timeline.h - a stream's intervals, and the blob that keeps them: about 20 octets each.
 *
 * Layout, version 1.  All integers are varints: 7 bits an octet, low ones first, the top
 * bit says that more follow; signed ones are zigzag coded first (0, -1, 1, -2, ...).
 *
 *   octet    1, the version
 *   varint   length of an interval in ms
 *   signed   number of the slot before the first interval: time since 1970 / length
 *   then for each interval that saw the stream, in order of time:
 *   varint   bits: which of the values of `timeline_values` differ from those of the
 *            interval before (of the first: from 0), bit 0 the first
 *   signed   for each set bit, lowest first: by how much
 *   and at the end, if the capture lost some of the stream:
 *   varint   the bit above those of all values, alone
 *   then for each interval of which the capture lost packets, in order of time:
 *   signed   number of its slot, minus that of the one before in this list (of the first:
 *            minus the number that stands at the front)
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

enum { TIMELINE_VERSION = 1, TIMELINE_VIEWS = 4, TIMELINE_NETWORK = 3 };

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

/*
 * What the blob keeps of an interval, in the order of the bits: what changes most often
 * first.  Times are in 0.01 ms.
 */
enum timeline_value {
	TIMELINE_JITTER_MEAN,
	TIMELINE_JITTER_LAST,
	TIMELINE_JITTER_MAX,
	TIMELINE_PDV_P50,
	TIMELINE_PDV_P95,
	TIMELINE_PDV_P99,
	TIMELINE_DELTA_MAX,
	TIMELINE_OCTETS,
	TIMELINE_EXPECTED,
	TIMELINE_LOST,     /* bad packets of the network */
	TIMELINE_R,        /* of the adaptive buffer, 0.01, plus 100,000 */
	TIMELINE_JOINED,   /* of those lost, behind a lost one: bad - runs */
	TIMELINE_DEPTH,    /* of the adaptive buffer, mean */
	TIMELINE_CLUSTERS, /* bursts, burst_packets, burst_bad and gaps of the network */
	TIMELINE_R_MORE =
	        TIMELINE_CLUSTERS + 4, /* R of the network and the fixed buffers */
	TIMELINE_DUPLICATES = TIMELINE_R_MORE + 3,
	TIMELINE_REORDERED,
	TIMELINE_FLAGS,
	TIMELINE_RTT_RECEIVER,
	TIMELINE_RTT_SENDER,
	TIMELINE_R_CQ,    /* as TIMELINE_R */
	TIMELINE_BUFFERS, /* for each: the six figures of its losses minus the network's */
	TIMELINE_PTIME = TIMELINE_BUFFERS + 6 * TIMELINE_NETWORK,
	TIMELINE_SPEECH,   /* 0.01 % */
	TIMELINE_CLIPPING, /* likewise */
	TIMELINE_LEVEL,    /* 0.01 dB, plus 20,000 */
	TIMELINE_PAYLOAD_TYPE,
	TIMELINE_DSCP,
	TIMELINE_TTL,
	TIMELINE_SLOT,
	TIMELINE_VALUES
};

struct timeline_kept; /* the latest interval's values, and the blob */

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

/* Between the blob's values and an interval's, for the writer here and schema's reader. */
void timeline_quantize(const struct interval *interval, int32_t values[TIMELINE_VALUES]);
void timeline_restore(const int32_t values[TIMELINE_VALUES], struct interval *interval);

#endif
