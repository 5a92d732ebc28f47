/*
 * hep_report.h - what agents say of streams in the payload of HEP: RTCP as JSON (type 5: of
 * Asterisk, rtpengine, captagent, heplify) and reports of their own on RTP (types 34, 35:
 * of captagent, heplify).  Claims, like those of endpoints.
 *
 * Of what is not said, a number is NAN.
 */
#ifndef EARSHOT_WIRE_HEP_REPORT_H
#define EARSHOT_WIRE_HEP_REPORT_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/base/text.h"

enum { HEP_BLOCKS = 8 }; /* of one payload; what is more is left out */

/* One reception report, RFC 3550 6.4.1. */
struct hep_block {
	double about;         /* SSRC of the stream */
	double fraction_lost; /* of 256, since the report before */
	double lost;          /* packets, since its begin; may be negative */
	double jitter;        /* ticks of the stream's clock */
};

struct hep_rtcp {
	double sender;  /* SSRC */
	double packets; /* sent by it */
	size_t count;
	struct hep_block blocks[HEP_BLOCKS];
	/* VoIP metrics, RFC 3611 4.7, in its numbers; xr_about NAN or 0: there are none. */
	double xr_about, xr_lost, xr_discarded, xr_burst_density, xr_gap_density,
	        xr_burst_ms, xr_gap_ms, xr_round_trip_ms, xr_end_system_ms, xr_r, xr_mos_lq,
	        xr_mos_cq;
};

struct hep_rtp {
	struct text call_id, codec; /* empty: not said */
	struct endpoint src, dst;   /* zero: not said */
	double ssrc, packets, expected, lost, jitter_ms, mos, r;
};

/* ERR_MALFORMED: no JSON, or nothing of that in it.  Borrow from the text. */
MUST_CHECK enum status hep_rtcp_parse(struct text json, struct hep_rtcp *out);
MUST_CHECK enum status hep_rtp_parse(struct text json, struct hep_rtp *out);

#endif
