/*
 * counters.h - everything the analyzer saw, ignored, refused or evicted, each with a
 * name: nothing is lost in silence.
 */
#ifndef EARSHOT_MODEL_COUNTERS_H
#define EARSHOT_MODEL_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

enum counter {
	/* packets, by what they were taken for; each packet counts in one of the first six
	 */
	COUNT_SIP_PACKETS,
	COUNT_RTP_PACKETS,
	COUNT_RTCP_PACKETS,
	COUNT_ICMP_PACKETS,    /* errors about media of legs */
	COUNT_PENDING_PACKETS, /* may be RTP: under probation when they came */
	COUNT_UNCLAIMED_PACKETS,
	COUNT_ADMITTED_PACKETS, /* of the pending: those of streams that were admitted */

	COUNT_SIP_MESSAGES,
	COUNT_SIP_RETRANSMISSIONS,
	COUNT_SIP_COPIES,    /* of a mirror */
	COUNT_SIP_ELSEWHERE, /* the same, seen at another point of the network before */
	COUNT_SIP_CUT,       /* the capture cut them too short to be read: not malformed */
	COUNT_SIP_MALFORMED,
	COUNT_SIP_STRAY, /* in no leg and no registration: other methods, unknown dialogs */
	COUNT_SDP_MALFORMED,
	COUNT_SDP_DROPPED_LINES, /* media lines or formats above the limits */
	COUNT_RTP_MALFORMED,
	COUNT_RTP_DUPLICATES,
	COUNT_RTCP_MALFORMED,
	COUNT_RTCP_UNMATCHED,    /* reports about streams not seen */
	COUNT_REPORTS_MALFORMED, /* of endpoints on quality, in RTCP XR or SIP bodies */
	COUNT_REPORTS_REPEATED,  /* that say what was said before */
	COUNT_TRUNCATED_PACKETS,
	COUNT_TIME_BACKWARDS,
	COUNT_TEXT_CUT, /* stored texts that were longer than their limit */

	COUNT_LEGS,
	COUNT_CALLS,
	COUNT_CALLS_MEDIA_ONLY, /* of those: whose signalling was not seen */
	COUNT_STREAMS,
	COUNT_REGISTRATIONS,
	COUNT_REPORTS,

	/* intervals of streams as they are over, by R on the common axis: 80, 70 and 60 are
	 * the bounds (ITU-T G.109); how calls in progress sound is what they grow by */
	COUNT_INTERVALS_GOOD,
	COUNT_INTERVALS_FAIR,
	COUNT_INTERVALS_POOR,
	COUNT_INTERVALS_BAD,

	COUNT_CALLS_JOINED,     /* with others, into one */
	COUNT_CALLS_NOT_JOINED, /* they would have had too many legs */
	COUNT_CALLS_EVICTED,
	COUNT_CALLS_NOT_TRACKED,
	COUNT_LEGS_NOT_TRACKED, /* over the cap for one call */
	COUNT_STREAMS_EVICTED,
	COUNT_STREAMS_NOT_TRACKED,
	COUNT_PROBATIONS_EVICTED,
	COUNT_EXPECTATIONS_EVICTED,
	COUNT_REGISTRATIONS_EVICTED,
	COUNT_BINDINGS_EVICTED,
	COUNT_ASKS_EVICTED, /* transactions: their peer's figures lack them */
	COUNT_PEERS_EVICTED,
	COUNT_ROUTES_EVICTED,
	COUNT_FAILOVERS_NOT_TRACKED,
	COUNT_EVENTS_DROPPED,   /* more at one moment than there is room for */
	COUNT_WATCHED_EVICTED,  /* watched for attacks, with nothing found yet or ever */
	COUNT_ACCOUNTS_EVICTED, /* whose usual networks are to be learnt anew */
	COUNT_TIMELINES_CUT,    /* of a stream, more intervals than there is room for */
	COUNT_REPORTS_NOT_KEPT, /* over the caps of a stream, a call or the run */
	COUNT_HOSTS_EVICTED,    /* senders and receivers of media, by address */
	COUNT_HEADERS_NOT_KEPT, /* pool of held RTP headers was empty: clock learnt late */
	COUNT_AUDIO_NOT_HEARD,  /* streams over the cap of those whose sound is looked at */
	COUNT_JOIN_KEYS_NOT_KEPT, /* headers that name other legs, over the cap */
	COUNT_SIGHTINGS_EVICTED,  /* sampled packets, before their time was over */
	COUNT_MATCHES_NOT_KEPT,   /* pairs of streams with the same media, over the cap */
	COUNT_KPI_GIVEN_EARLY,    /* buckets given because there was no room for another */
	COUNT_KPI_CALLS_NOT_TRACKED,
	COUNT_KPI_PAIRS_EVICTED,   /* callers who might have dialled again */
	COUNT_DELAYS_NOT_BELIEVED, /* longer than anybody waits: a clock jumped */
	COUNT_KPI_LEGS_CUT,        /* in progress for longer than is believed */
	COUNT_KPI_PEERS_IN_REST, /* times that an address of no trunk had no KPIs of its own
	                          */
	COUNT_NO_MEMORY,
	COUNTER_COUNT
};

extern const char *const counter_names[COUNTER_COUNT];

struct counters {
	uint64_t of[COUNTER_COUNT];
};

#endif
