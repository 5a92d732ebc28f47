/*
 * summary.h - what became of every frame, at the end of a run.
 *
 * frames = parsed + not_ours + all of malformed + all of dropped, always.
 */
#ifndef EARSHOT_PROBE_SUMMARY_H
#define EARSHOT_PROBE_SUMMARY_H

#include "analyzer/model/counters.h"
#include "analyzer/model/pressure.h"
#include "analyzer/track/loss_witness.h"
#include "analyzer/track/tally.h"
#include "probe/application.h"
#include "probe/decode.h"

/* What the stages before the analyzer met, beside what became of frames. */
enum probe_counter {
	PROBE_CAPTURE_DROPPED,    /* the capture says it dropped them (pcapng statistics) */
	PROBE_CLOCK_JUMPS,        /* frames alone with a stamp over 10 s ahead; set back */
	PROBE_TCP_GAPS,           /* segments the capture lost, given up */
	PROBE_TCP_LOST_BYTES,     /* in them */
	PROBE_TCP_RESYNCHRONISED, /* bytes in SIP connections that were passed over */
	PROBE_TCP_INCOMPLETE,     /* messages of which only a part was seen */
	PROBE_TCP_EVICTED,        /* connections that had to make room */
	PROBE_TCP_NOT_FOLLOWED,   /* half-open ones, for want of room */
	PROBE_TLS_EVICTED,
	PROBE_TLS_NOT_KEPT,
	PROBE_TLS_PEERS_EVICTED,
	PROBE_APPLICATIONS_EVICTED,   /* flows of other applications, or of none */
	PROBE_APPLICATIONS_NOT_ASKED, /* datagrams that nDPI should have seen */
	/* what agents told by HEP */
	PROBE_HEP_SIP,
	PROBE_HEP_RTCP,
	PROBE_HEP_RTP,
	PROBE_HEP_LOGS,
	PROBE_HEP_OTHERS,
	PROBE_HEP_WRONG_TIME,
	PROBE_HEP_COPIES,           /* of what was seen on the wire, or told twice */
	PROBE_SIGHTINGS_EVICTED,    /* before it was too late for a copy */
	PROBE_POINT_SIGHTS_EVICTED, /* likewise, for another point to show it */
	PROBE_COUNTER_COUNT
};
extern const char *const probe_counter_names[PROBE_COUNTER_COUNT];

struct summary {
	uint64_t probe[PROBE_COUNTER_COUNT];
	uint64_t frames, parsed, not_ours;
	uint64_t malformed[REASON_COUNT];
	uint64_t dropped[REASON_COUNT];
	const struct counters *counters; /* borrowed */
	const struct sip_tally *sip;     /* borrowed */
	struct loss_shares losses;       /* of all streams: whose they are */
	struct pressure pressures[PRESSURE_TABLES];
	const struct application_counts *applications; /* borrowed; NULL: nobody looked */
};

#endif
