/*
 * record_report.h - what an endpoint claims of the quality of a stream.
 */
#ifndef EARSHOT_MODEL_RECORD_REPORT_H
#define EARSHOT_MODEL_RECORD_REPORT_H

#include "analyzer/model/record_base.h"

enum report_source {
	REPORT_SOURCE_NONE,
	REPORT_XR,         /* RTCP XR VoIP metrics, RFC 3611 4.7 */
	REPORT_VQ_SESSION, /* RFC 6035, in this order */
	REPORT_VQ_INTERVAL,
	REPORT_VQ_ALERT,
	REPORT_HEP_RTCP, /* of a proxy or relay: RTCP that it saw, or sent */
	REPORT_HEP_RTP,  /* likewise, what it measured itself */
	REPORT_SOURCE_COUNT
};

/* Whose metrics: those of the endpoint that reports, or what it tells of its peer's. */
enum report_side { SIDE_NONE, SIDE_LOCAL, SIDE_REMOTE, SIDE_COUNT };

/* How an endpoint hides loss and holds packets, in the numbers of RFC 3611 4.7.6. */
enum report_concealment {
	CONCEALMENT_UNSPECIFIED,
	CONCEALMENT_DISABLED,
	CONCEALMENT_ENHANCED,
	CONCEALMENT_STANDARD,
	CONCEALMENT_COUNT
};
enum report_buffer {
	REPORT_BUFFER_UNKNOWN,
	REPORT_BUFFER_RESERVED,
	REPORT_BUFFER_FIXED,
	REPORT_BUFFER_ADAPTIVE,
	REPORT_BUFFER_COUNT
};

/*
 * An endpoint's own view of a stream: a claim, kept as such and in no figure of ours.  Of
 * what it does not say, or says not to know, a real is NAN.
 */
struct report_record {
	uint64_t id;
	uint64_t stream, leg, call; /* 0 = not known */
	nstime at;
	enum report_source source;
	enum report_side side;
	struct endpoint src, dst;                      /* of the packet it came in */
	char reporter[RECORD_TEXT], peer[RECORD_TEXT]; /* LocalID, RemoteID */
	char sip_call_id[RECORD_TEXT];                 /* of the call reported on */
	int64_t ssrc;                                  /* of the stream; -1 = not said */
	nstime start, stop;                            /* the time reported on */
	char codec[48];                                /* as the reporter calls it */
	double loss_pct, discard_pct;                  /* on the network, by the buffer */
	double lost_packets;                           /* since the stream began */
	double burst_density_pct, burst_ms, gap_density_pct, gap_ms, gmin;
	double rtt_ms, end_system_ms, one_way_ms;
	double jitter_ms, mean_abs_jitter_ms;
	double signal_dbm0, noise_dbm0, echo_return_loss_db;
	double r_lq, r_cq, external_r_in, external_r_out;
	double mos_lq, mos_cq;
	enum report_concealment concealment;
	enum report_buffer buffer;
	double buffer_nominal_ms, buffer_max_ms, buffer_abs_max_ms;
	char alert_type[48], alert_severity[48];
};

#endif
