/*
 * rtcp.h - compound RTCP packets: SR, RR, SDES, BYE (RFC 3550 section 6) and XR
 * (RFC 3611); other types are walked over.
 */
#ifndef EARSHOT_WIRE_RTCP_H
#define EARSHOT_WIRE_RTCP_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"
#include "analyzer/base/text.h"

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
	RTCP_APP = 204,
	RTCP_RTPFB = 205,
	RTCP_PSFB = 206,
	RTCP_XR = 207,
};

struct rtcp_report {
	uint32_t about_ssrc;
	uint8_t fraction_lost;     /* of 256 */
	int32_t cumulative_lost;   /* signed 24 bit */
	uint32_t highest_sequence; /* extended */
	uint32_t jitter_ticks;
	uint32_t lsr, dlsr; /* NTP middle 32 bits; 1/65536 s */
};

enum { RTCP_MAX_REPORTS = 31, RTCP_MAX_BYE = 31 };

/* One part of a compound packet. */
struct rtcp_part {
	uint8_t type;  /* enum rtcp_type or another */
	uint8_t count; /* RC, SC or FMT */
	struct span
	        body;  /* behind the 4-byte header, padding left out; empty if encrypted */
	uint32_t ssrc; /* of the sender; 0 in SDES and in an empty BYE */
	uint64_t ntp;  /* SR: NTP timestamp */
	uint32_t rtp_timestamp, packets, octets; /* SR */
	uint8_t report_count;
	struct rtcp_report reports[RTCP_MAX_REPORTS];
	uint8_t bye_count;
	uint32_t bye_ssrcs[RTCP_MAX_BYE];
	uint32_t cname_ssrc; /* SDES: first chunk with a CNAME */
	struct text cname;   /* SDES; borrowed, empty if none */
};

struct rtcp_walk {
	struct reader reader;
	bool encrypted; /* set by caller: SRTCP, only the first 8 bytes are clear */
	bool first;     /* no part has been read yet */
};

/*
 * Is this a compound packet by RFC 3550 A.2: version 2, first part SR or RR (or any
 * known type: reduced size, RFC 5506), lengths that add up?  `wire_len` as in rtp.h.
 */
bool rtcp_looks_like(struct span datagram, uint32_t wire_len);

struct rtcp_walk rtcp_walk_begin(struct span datagram);

/*
 * OK: *out holds the next part.  ERR_NOT_FOUND at the end.  Else the packet is bad there
 * and *out is not to be read: ERR_TRUNCATED past the captured bytes, ERR_UNSUPPORTED for
 * another version, ERR_MALFORMED for counts or padding that the part's length denies.
 */
MUST_CHECK enum status rtcp_next(struct rtcp_walk *walk, struct rtcp_part *out);

#endif
