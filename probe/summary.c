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
	[PROBE_TLS_EVICTED] = "tls_evicted",
	[PROBE_TLS_NOT_KEPT] = "tls_not_kept",
	[PROBE_APPLICATIONS_EVICTED] = "applications_evicted",
	[PROBE_APPLICATIONS_NOT_ASKED] = "applications_not_asked",
};
static_assert(ARRAY_LEN(probe_counter_names) == PROBE_COUNTER_COUNT, "name every counter");
