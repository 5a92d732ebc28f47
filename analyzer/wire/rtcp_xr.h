/*
 * rtcp_xr.h - the report blocks of an RTCP extended report (RFC 3611): receiver reference
 * time, DLRR, statistics summary and VoIP metrics; other blocks are walked over.
 *
 * All of it is what an endpoint claims.  A figure that the endpoint marks as unavailable,
 * or that is outside its range, is NAN here (integers: -1), never a number.
 */
#ifndef EARSHOT_WIRE_RTCP_XR_H
#define EARSHOT_WIRE_RTCP_XR_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

enum rtcp_xr_type {
	RTCP_XR_RRTR = 4,       /* receiver reference time */
	RTCP_XR_DLRR = 5,       /* delay since last RRTR */
	RTCP_XR_STATISTICS = 6, /* statistics summary */
	RTCP_XR_VOIP = 7,       /* VoIP metrics */
};

/* Section 4.5: the answer to one receiver's RRTR, as LSR and DLSR answer an SR. */
struct rtcp_xr_dlrr {
	uint32_t ssrc;      /* of the receiver */
	uint32_t lrr, dlrr; /* NTP middle 32 bits; 1/65536 s */
};

/* What the time-to-live fields of a statistics summary count. */
enum rtcp_xr_ttl { RTCP_XR_TTL_NONE, RTCP_XR_TTL_IPV4, RTCP_XR_HOP_LIMIT_IPV6 };

/* Section 4.6.  -1 where the block's flags say that the figure is not there. */
struct rtcp_xr_statistics {
	uint32_t about_ssrc;
	uint16_t begin_sequence, end_sequence; /* the last one reported on is end - 1 */
	int64_t lost, duplicates;              /* packets */
	int64_t min_jitter_ticks, max_jitter_ticks, mean_jitter_ticks, dev_jitter_ticks;
	enum rtcp_xr_ttl ttl_kind;
	int min_ttl, max_ttl, mean_ttl, dev_ttl;
};

/* Section 4.7.6. */
enum rtcp_xr_concealment {
	RTCP_XR_PLC_UNSPECIFIED,
	RTCP_XR_PLC_DISABLED,
	RTCP_XR_PLC_ENHANCED,
	RTCP_XR_PLC_STANDARD
};

enum rtcp_xr_buffer {
	RTCP_XR_BUFFER_UNKNOWN,
	RTCP_XR_BUFFER_RESERVED,
	RTCP_XR_BUFFER_FIXED,
	RTCP_XR_BUFFER_ADAPTIVE
};

/*
 * Section 4.7.  Unavailable by its sentinel: 127 in levels, echo, R and MOS; 65535 in what
 * is in ms, where it means "not measured" to devices and "65535 or more" to the RFC: no
 * figure in either case.  The four shares have no sentinel, nor has a delay of 0, which
 * many send before they know better.
 */
struct rtcp_xr_voip {
	uint32_t about_ssrc;
	double loss_pct, discard_pct; /* of the expected packets; 255/256 is the most */
	double burst_density_pct, gap_density_pct;
	double burst_ms, gap_ms; /* mean durations */
	double round_trip_ms, end_system_ms;
	double signal_dbm0, noise_dbm0;
	double echo_return_loss_db; /* residual */
	double r_factor;            /* 0..100 */
	double external_r_factor;   /* of the network beyond this endpoint; 0..100 */
	double mos_lq, mos_cq;      /* 1.0..5.0 */
	uint8_t gmin;               /* threshold of the burst metrics; 16 is usual */
	enum rtcp_xr_concealment concealment;
	enum rtcp_xr_buffer buffer;
	uint8_t buffer_rate; /* 0..15: it adjusts within 2 * rate * frame length */
	double buffer_nominal_ms, buffer_max_ms, buffer_abs_max_ms;
};

struct rtcp_xr_block {
	uint8_t type; /* enum rtcp_xr_type, or another that is only walked over */
	struct span
	        items; /* behind the block's 4-byte header; DLRR: see rtcp_xr_next_dlrr */
	union {
		uint64_t ntp; /* RRTR */
		struct rtcp_xr_statistics statistics;
		struct rtcp_xr_voip voip;
	};
};

struct rtcp_xr_walk {
	struct reader reader;
};

/* `body` is that of an rtcp_part of type RTCP_XR: the sender's SSRC, then the blocks. */
struct rtcp_xr_walk rtcp_xr_walk_begin(struct span body);

/*
 * OK: *out holds the next block.  ERR_NOT_FOUND at the end.  ERR_MALFORMED: a block too
 * short for its type, *out is not to be read and the walk goes on behind it.
 * ERR_TRUNCATED: the block claims more than there is, and the walk ends.
 */
MUST_CHECK enum status rtcp_xr_next(struct rtcp_xr_walk *walk, struct rtcp_xr_block *out);

/* Next sub-block of a DLRR block, whose items are *rest at first; false at its end. */
bool rtcp_xr_next_dlrr(struct span *rest, struct rtcp_xr_dlrr *out);

#endif
