/*
 * sdp.h - session descriptions (RFC 8866) as offer/answer needs them (RFC 3264):
 * which endpoint expects which formats, which way.
 *
 * Lenient as devices are: lines in odd order, LF alone, missing v= or t= are read; a
 * media line that cannot be read is kept as rejected (port 0) so that the order of media
 * lines, by which an answer matches its offer, holds.
 */
#ifndef EARSHOT_WIRE_SDP_H
#define EARSHOT_WIRE_SDP_H

#include "analyzer/base/endpoint.h"
#include "analyzer/base/text.h"

enum {
	SDP_MAX_BYTES = 16 * 1024,
	SDP_MAX_MEDIA = 16,
	SDP_MAX_FORMATS = 64,
};

enum sdp_kind { SDP_OTHER, SDP_AUDIO, SDP_VIDEO, SDP_IMAGE, SDP_APPLICATION, SDP_TEXT };

/* As seen by the one who sent this SDP. */
enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

struct sdp_format {
	uint8_t payload_type;
	bool mapped;          /* an a=rtpmap names it; else the static table must */
	struct text encoding; /* as written: "PCMU", "opus" */
	uint32_t clock_hz;    /* 0 = absent or absurd (over 384 kHz) */
	uint8_t channels;     /* 1 when not said */
	struct text fmtp;     /* a=fmtp parameters; empty if none */
};

struct sdp_media {
	enum sdp_kind kind;
	struct text proto;         /* "RTP/AVP", "UDP/TLS/RTP/SAVPF", "udptl" */
	uint16_t port;             /* 0 = rejected or unused */
	struct address connection; /* the media's, else the session's, else unset */
	bool has_connection;       /* an address (not a name) was given */
	bool is_rtp;               /* proto is an RTP profile */
	bool is_secure;            /* SAVP, SAVPF: SRTP */
	bool rtcp_mux;
	bool has_crypto;              /* a=crypto: SDES keys offered in clear */
	bool has_fingerprint;         /* a=fingerprint: DTLS-SRTP */
	bool has_ice;                 /* a=candidate or a=ice-ufrag */
	uint16_t rtcp_port;           /* a=rtcp (RFC 3605), else port + 1; 0 with port 0 */
	struct address rtcp_address;  /* a=rtcp's, else `connection` */
	uint16_t ptime_ms;            /* a=ptime; 0 = not said */
	enum sdp_direction direction; /* media level, else session level, else sendrecv */
	uint8_t format_count;
	struct sdp_format formats[SDP_MAX_FORMATS];
};

struct sdp {
	struct text origin;                   /* the o= value */
	uint64_t session_id, session_version; /* of o=, 0 when not numbers */
	struct address connection;
	bool has_connection;
	uint8_t media_count;
	/* Large: keep one as scratch, not on deep stacks. */
	struct sdp_media media[SDP_MAX_MEDIA];
};

/*
 * ERR_MALFORMED when it holds no line an SDP could have, ERR_TOO_LONG above
 * SDP_MAX_BYTES.  Media lines or formats above the limits are left out: *dropped says how
 * many.  Slices borrow from `body`.
 */
MUST_CHECK enum status sdp_parse(struct text body, struct sdp *out, unsigned int *dropped);

/* A parameter of an fmtp such as "annexb=no; mode-set=7"; empty if absent.  No case. */
struct text sdp_fmtp_param(struct text fmtp, struct text name);

#endif
