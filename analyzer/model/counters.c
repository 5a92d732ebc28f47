#include "analyzer/model/counters.h"

#include <assert.h>

#include "analyzer/base/status.h"

const char *const counter_names[COUNTER_COUNT] = {
	[COUNT_SIP_PACKETS] = "sip_packets",
	[COUNT_RTP_PACKETS] = "rtp_packets",
	[COUNT_RTCP_PACKETS] = "rtcp_packets",
	[COUNT_PENDING_PACKETS] = "pending_packets",
	[COUNT_UNCLAIMED_PACKETS] = "unclaimed_packets",
	[COUNT_ADMITTED_PACKETS] = "admitted_packets",
	[COUNT_SIP_MESSAGES] = "sip_messages",
	[COUNT_SIP_RETRANSMISSIONS] = "sip_retransmissions",
	[COUNT_SIP_COPIES] = "sip_copies",
	[COUNT_SIP_CUT] = "sip_cut",
	[COUNT_SIP_MALFORMED] = "sip_malformed",
	[COUNT_SIP_STRAY] = "sip_stray",
	[COUNT_SDP_MALFORMED] = "sdp_malformed",
	[COUNT_SDP_DROPPED_LINES] = "sdp_dropped_lines",
	[COUNT_RTP_MALFORMED] = "rtp_malformed",
	[COUNT_RTP_DUPLICATES] = "rtp_duplicates",
	[COUNT_RTCP_MALFORMED] = "rtcp_malformed",
	[COUNT_RTCP_UNMATCHED] = "rtcp_unmatched",
	[COUNT_REPORTS_MALFORMED] = "reports_malformed",
	[COUNT_REPORTS_REPEATED] = "reports_repeated",
	[COUNT_TRUNCATED_PACKETS] = "truncated_packets",
	[COUNT_TIME_BACKWARDS] = "time_backwards",
	[COUNT_TEXT_CUT] = "text_cut",
	[COUNT_LEGS] = "legs",
	[COUNT_CALLS] = "calls",
	[COUNT_STREAMS] = "streams",
	[COUNT_REGISTRATIONS] = "registrations",
	[COUNT_REPORTS] = "reports",
	[COUNT_CALLS_EVICTED] = "calls_evicted",
	[COUNT_CALLS_NOT_TRACKED] = "calls_not_tracked",
	[COUNT_LEGS_NOT_TRACKED] = "legs_not_tracked",
	[COUNT_STREAMS_EVICTED] = "streams_evicted",
	[COUNT_STREAMS_NOT_TRACKED] = "streams_not_tracked",
	[COUNT_PROBATIONS_EVICTED] = "probations_evicted",
	[COUNT_EXPECTATIONS_EVICTED] = "expectations_evicted",
	[COUNT_REGISTRATIONS_EVICTED] = "registrations_evicted",
	[COUNT_TIMELINES_CUT] = "timelines_cut",
	[COUNT_REPORTS_NOT_KEPT] = "reports_not_kept",
	[COUNT_HEADERS_NOT_KEPT] = "headers_not_kept",
	[COUNT_NO_MEMORY] = "no_memory",
};
static_assert(ARRAY_LEN(counter_names) == COUNTER_COUNT, "name every counter");
