/*
 * vq_report.h - an endpoint's voice quality report, application/vq-rtcpxr (RFC 6035), as
 * phones send it in the body of PUBLISH, NOTIFY or MESSAGE.
 *
 * Lenient, because the dialects are many: with or without a colon or blanks around it, any
 * line end, any case, `Metrics:` for `LocalMetrics:` (RFC 6035 section 4.7.4 does it
 * itself), metrics under any heading or none, IP=address:port, SSRC without 0x.  All of it
 * is what the endpoint claims: it is stored as such and never enters a score of ours.
 *
 * Left out: vendors' own lines (x-...), groups and MAC addresses, estimation algorithms.
 */
#ifndef EARSHOT_WIRE_VQ_REPORT_H
#define EARSHOT_WIRE_VQ_REPORT_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/base/status.h"
#include "analyzer/base/text.h"

enum { VQ_REPORT_MAX_BYTES = 16384 }; /* real ones have one or two thousand */

enum vq_kind { VQ_SESSION, VQ_INTERVAL, VQ_ALERT, VQ_KIND_COUNT };

/*
 * One side's metrics (section 4.6.2).  NAN where the line or the parameter is missing, is
 * no number, is outside its range, or is the mark for unavailable: 127 for levels, echo, R
 * and MOS, 65535 for what is in ms.  A MOS below 1 is none.
 */
struct vq_metrics {
	nstime start, stop; /* Timestamps; NSTIME_NONE if absent or not RFC 3339 */
	struct text codec;  /* PD */
	struct text fmtp;   /* without its quotes */
	struct text silence_suppression; /* SSUP: "on", "off" */
	double payload_type;             /* PT */
	double sample_rate_hz;           /* SR */
	double frame_ms, frame_octets, frames_per_packet, packets_per_s; /* FD FO FPP PPS */
	double concealment;     /* PLC, in the numbers of enum rtcp_xr_concealment */
	double buffer_adaptive; /* JBA, in the numbers of enum rtcp_xr_buffer */
	double buffer_rate;     /* JBR */
	double buffer_nominal_ms, buffer_max_ms, buffer_abs_max_ms; /* JBN JBM JBX */
	double loss_pct, discard_pct;                               /* NLR JDR */
	double burst_density_pct, burst_ms;                         /* BLD BD */
	double gap_density_pct, gap_ms;                             /* GLD GD */
	double gmin;
	double round_trip_ms, end_system_ms;     /* RTD ESD */
	double one_way_ms, symmetric_one_way_ms; /* OWD SOWD */
	double jitter_ms, mean_abs_jitter_ms;    /* IAJ MAJ */
	double signal_dbm0, noise_dbm0;          /* SL NL */
	double echo_return_loss_db;              /* RERL */
	double r_lq, r_cq;                       /* RLQ RCQ */
	double external_r_in, external_r_out;    /* EXTRI EXTRO */
	double mos_lq, mos_cq;                   /* MOSLQ MOSCQ */
};

struct vq_side {
	struct text id;           /* LocalID, RemoteID: a SIP name-addr */
	struct endpoint endpoint; /* all zero where absent or no address */
	bool has_ssrc;
	uint32_t ssrc;
	bool has_metrics; /* at least one was there, available or not */
	struct vq_metrics metrics;
};

/*
 * Slices are borrowed from the body and empty where absent.  Like header values they may
 * hold folds: see sip_unfold.
 */
struct vq_report {
	enum vq_kind kind;
	bool call_ended;            /* VQSessionReport: CallTerm */
	struct text call_id;        /* of the call reported on, not of the message */
	struct text dialog_id;      /* Call-ID;to-tag=...;from-tag=... */
	struct text orig_id;        /* of who began the call */
	struct text from_id, to_id; /* before RFC 6035, instead of LocalID and RemoteID */
	struct text alert_type, alert_severity, alert_direction;
	struct vq_side local, remote; /* as the reporter sees it */
};

/*
 * ERR_NOT_FOUND: no line of the body says which kind of report this is, and *out is not
 * to be read.  ERR_TOO_LONG: over VQ_REPORT_MAX_BYTES.
 */
MUST_CHECK enum status vq_report_parse(struct text body, struct vq_report *out);

#endif
