#include "analyzer/model/counters.h"

#include <assert.h>

const char *const counter_names[COUNTER_COUNT] = {
	[COUNT_SIP_PACKETS] = "sip_packets",
	[COUNT_RTP_PACKETS] = "rtp_packets",
	[COUNT_RTCP_PACKETS] = "rtcp_packets",
	[COUNT_PENDING_PACKETS] = "pending_packets",
	[COUNT_UNCLAIMED_PACKETS] = "unclaimed_packets",
	[COUNT_ADMITTED_PACKETS] = "admitted_packets",
	[COUNT_SIP_MESSAGES] = "sip_messages",
	[COUNT_SIP_RETRANSMISSIONS] = "sip_retransmissions",
	[COUNT_SIP_MALFORMED] = "sip_malformed",
	[COUNT_SIP_STRAY] = "sip_stray",
	[COUNT_SDP_MALFORMED] = "sdp_malformed",
	[COUNT_SDP_DROPPED_LINES] = "sdp_dropped_lines",
	[COUNT_RTP_MALFORMED] = "rtp_malformed",
	[COUNT_RTP_DUPLICATES] = "rtp_duplicates",
	[COUNT_RTCP_MALFORMED] = "rtcp_malformed",
	[COUNT_RTCP_UNMATCHED] = "rtcp_unmatched",
	[COUNT_TRUNCATED_PACKETS] = "truncated_packets",
	[COUNT_TIME_BACKWARDS] = "time_backwards",
	[COUNT_TEXT_CUT] = "text_cut",
	[COUNT_LEGS] = "legs",
	[COUNT_CALLS] = "calls",
	[COUNT_STREAMS] = "streams",
	[COUNT_REGISTRATIONS] = "registrations",
	[COUNT_CALLS_EVICTED] = "calls_evicted",
	[COUNT_CALLS_NOT_TRACKED] = "calls_not_tracked",
	[COUNT_LEGS_NOT_TRACKED] = "legs_not_tracked",
	[COUNT_STREAMS_EVICTED] = "streams_evicted",
	[COUNT_STREAMS_NOT_TRACKED] = "streams_not_tracked",
	[COUNT_PROBATIONS_EVICTED] = "probations_evicted",
	[COUNT_EXPECTATIONS_EVICTED] = "expectations_evicted",
	[COUNT_REGISTRATIONS_EVICTED] = "registrations_evicted",
	[COUNT_HEADERS_NOT_KEPT] = "headers_not_kept",
	[COUNT_NO_MEMORY] = "no_memory",
};

static void tally_other(struct sip_tally *tally, const struct sip_message *message)
{
	size_t i = 0;
	const struct text name = text_head(message->method_name, TALLY_NAME - 1);
	while (i < tally->other_count && !text_equal(text_from(tally->other[i].name), name))
		i++;
	if (i == tally->other_count && i < TALLY_OTHER_METHODS) {
		text_copy(tally->other[i].name, TALLY_NAME, name);
		tally->other_count++;
	}
	if (message->is_request) {
		if (i < TALLY_OTHER_METHODS)
			tally->other[i].requests++;
		else
			tally->other_requests++;
		return;
	}
	size_t p = 0;
	while (p < tally->pair_count &&
	       (tally->pairs[p].method != i || tally->pairs[p].status != message->status))
		p++;
	if (p == TALLY_OTHER_PAIRS) {
		tally->pairs_not_told_apart++;
		return;
	}
	if (p == tally->pair_count) {
		tally->pairs[p].method = (uint16_t)i;
		tally->pairs[p].status = (uint16_t)message->status;
		tally->pair_count++;
	}
	tally->pairs[p].count++;
}

void sip_tally_add(struct sip_tally *tally, const struct sip_message *message)
{
	if (message->method == SIP_METHOD_OTHER && message->method_name.len > 0)
		tally_other(tally, message);
	else if (message->is_request)
		tally->requests[message->method]++;
	else if (message->status <= TALLY_STATUS_MAX)
		tally->responses[message->status][message->method]++;
}
