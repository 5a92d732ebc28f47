#include "probe/summary.h"

#include <assert.h>

const char *const probe_counter_names[PROBE_COUNTER_COUNT] = {
	[PROBE_CAPTURE_DROPPED] = "capture_dropped",
	[PROBE_CLOCK_JUMPS] = "clock_jumps",
	[PROBE_TCP_GAPS] = "tcp_gaps",
	[PROBE_TCP_LOST_BYTES] = "tcp_lost_bytes",
	[PROBE_TCP_RESYNCHRONISED] = "tcp_resynchronised",
	[PROBE_TCP_INCOMPLETE] = "tcp_incomplete",
	[PROBE_TCP_EVICTED] = "tcp_evicted",
	[PROBE_TCP_NOT_FOLLOWED] = "tcp_not_followed",
	[PROBE_TLS_EVICTED] = "tls_evicted",
	[PROBE_TLS_NOT_KEPT] = "tls_not_kept",
	[PROBE_TLS_PEERS_EVICTED] = "tls_peers_evicted",
	[PROBE_APPLICATIONS_EVICTED] = "applications_evicted",
	[PROBE_APPLICATIONS_NOT_ASKED] = "applications_not_asked",
	[PROBE_HEP_SIP] = "hep_sip",
	[PROBE_HEP_RTCP] = "hep_rtcp",
	[PROBE_HEP_RTP] = "hep_rtp",
	[PROBE_HEP_LOGS] = "hep_logs",
	[PROBE_HEP_OTHERS] = "hep_others",
	[PROBE_HEP_WRONG_TIME] = "hep_wrong_time",
	[PROBE_HEP_COPIES] = "hep_copies",
	[PROBE_SIGHTINGS_EVICTED] = "sightings_evicted",
	[PROBE_POINT_SIGHTS_EVICTED] = "point_sights_evicted",
};
static_assert(ARRAY_LEN(probe_counter_names) == PROBE_COUNTER_COUNT, "name every counter");
