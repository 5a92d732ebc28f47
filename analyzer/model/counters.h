/*
 * counters.h - everything the analyzer saw, ignored, refused or evicted, each with a
 * name: nothing is lost in silence.
 */
#ifndef EARSHOT_MODEL_COUNTERS_H
#define EARSHOT_MODEL_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/wire/sip.h"

enum counter {
	/* packets, by what they were taken for; each packet counts in one of the first five */
	COUNT_SIP_PACKETS,
	COUNT_RTP_PACKETS,
	COUNT_RTCP_PACKETS,
	COUNT_PENDING_PACKETS,  /* may be RTP: under probation when they came */
	COUNT_UNCLAIMED_PACKETS,
	COUNT_ADMITTED_PACKETS, /* of the pending: those of streams that were admitted */

	COUNT_SIP_MESSAGES,
	COUNT_SIP_RETRANSMISSIONS,
	COUNT_SIP_MALFORMED,
	COUNT_SIP_STRAY,        /* in no leg and no registration: other methods, unknown dialogs */
	COUNT_SDP_MALFORMED,
	COUNT_SDP_DROPPED_LINES, /* media lines or formats above the limits */
	COUNT_RTP_MALFORMED,
	COUNT_RTP_DUPLICATES,
	COUNT_RTCP_MALFORMED,
	COUNT_RTCP_UNMATCHED,   /* reports about streams not seen */
	COUNT_TRUNCATED_PACKETS,
	COUNT_TIME_BACKWARDS,
	COUNT_TEXT_CUT,         /* stored texts that were longer than their limit */

	COUNT_LEGS, COUNT_CALLS, COUNT_STREAMS, COUNT_REGISTRATIONS,

	COUNT_CALLS_EVICTED,
	COUNT_CALLS_NOT_TRACKED,
	COUNT_LEGS_NOT_TRACKED,   /* over the cap for one call */
	COUNT_STREAMS_EVICTED,
	COUNT_STREAMS_NOT_TRACKED,
	COUNT_PROBATIONS_EVICTED,
	COUNT_EXPECTATIONS_EVICTED,
	COUNT_REGISTRATIONS_EVICTED,
	COUNT_HEADERS_NOT_KEPT,   /* pool of held RTP headers was empty: clock learnt late */
	COUNT_NO_MEMORY,
	COUNTER_COUNT
};

extern const char *const counter_names[COUNTER_COUNT];

enum {
	TALLY_STATUS_MAX = 699,
	TALLY_OTHER_METHODS = 64, /* method names outside our table, verbatim */
	TALLY_OTHER_PAIRS = 256,  /* (status, method) pairs of such methods */
	TALLY_NAME = 64,
};

/*
 * Every SIP message by method, or by status and method ("200 (INVITE)").  Index
 * SIP_METHOD_OTHER of `responses` counts responses without CSeq ("200 (None)").
 */
struct sip_tally {
	uint64_t requests[SIP_METHOD_COUNT];
	uint64_t responses[TALLY_STATUS_MAX + 1][SIP_METHOD_COUNT];
	size_t other_count; /* methods in use below */
	struct {
		char name[TALLY_NAME];
		uint64_t requests;
	} other[TALLY_OTHER_METHODS];
	uint64_t other_requests; /* of methods past the cap */
	size_t pair_count;
	struct {
		uint16_t method; /* index into `other`, TALLY_OTHER_METHODS = past the cap */
		uint16_t status;
		uint64_t count;
	} pairs[TALLY_OTHER_PAIRS];
	uint64_t pairs_not_told_apart;
};

struct counters {
	uint64_t of[COUNTER_COUNT];
	uint64_t sip_faults[SIP_FAULT_COUNT];
	struct sip_tally sip;
};

void sip_tally_add(struct sip_tally *tally, const struct sip_message *message);

#endif
