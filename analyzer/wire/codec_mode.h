/*
 * codec_mode.h - what a payload says of its codec: the mode in use, how many frames of
 * which length, and whether they are speech at all.
 *
 * Only headers and lengths are read, never a sample.  `payload` is what was captured of a
 * payload of `payload_len` bytes on the wire (rtp.h), so a capture that cut the packet
 * gives less or nothing, but nothing wrong.  Encrypted payloads are not for these
 * functions: they are not clear, and longer by a tag.
 *
 * Left out: interleaving, robust sorting and CRCs of RFC 4867, and several channels.  Their
 * payloads have other lengths, and are unknown here.
 */
#ifndef EARSHOT_WIRE_CODEC_MODE_H
#define EARSHOT_WIRE_CODEC_MODE_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

/* Of several frames in one packet the last of these that occurs is told. */
enum codec_frame {
	CODEC_FRAME_UNKNOWN,
	CODEC_FRAME_NO_DATA, /* nothing sent, or lost before the sender */
	CODEC_FRAME_SID,     /* comfort noise */
	CODEC_FRAME_SPEECH
};

/* All zero: the payload is not what it should be, or not enough of it was captured. */
struct codec_mode {
	enum codec_frame frame;
	unsigned int frames;   /* in the packet; 0 unknown */
	double frame_ms;       /* length of one; 0 unknown */
	uint32_t bit_rate_bps; /* of the first speech frame; 0 unknown, or no speech */
	uint32_t audio_hz;     /* Opus: audio bandwidth by RFC 6716 table 1 */
	bool amr_wb_io;        /* EVS: the mode is one of AMR-WB's */
};

/*
 * RFC 4867 sections 4.3 and 4.4.  `octet_aligned` as the SDP's octet-align says.  A length
 * that does not fit the frame types is unknown: that finds out an SDP that lies.
 */
struct codec_mode codec_mode_of_amr(struct span payload, uint32_t payload_len,
                                    bool octet_aligned);
struct codec_mode codec_mode_of_amr_wb(struct span payload, uint32_t payload_len,
                                       bool octet_aligned);

/*
 * 3GPP TS 26.445 annex A.  `header_full_only` as the SDP's hf-only says; without it the
 * compact format is known by its lengths, which no other payload may have.
 */
struct codec_mode codec_mode_of_evs(struct span payload, uint32_t payload_len,
                                    bool header_full_only);

/*
 * RFC 6716 section 3.1: bandwidth, frame length and count.  Opus has no SID frames; a
 * packet that is its TOC alone carries no data (DTX).  Its bit rate is not written.
 */
struct codec_mode codec_mode_of_opus(struct span payload, uint32_t payload_len);

/* RFC 3551 section 4.5.3: by the first two bits, or by the length where only that is known.
 */
struct codec_mode codec_mode_of_g723(struct span payload, uint32_t payload_len);

/* RFC 3951: 38 bytes are 20 ms, 50 are 30 ms. */
struct codec_mode codec_mode_of_ilbc(uint32_t payload_len);

/* The primary block of RFC 2198 redundancy: what the packet would be without it. */
struct codec_primary {
	uint8_t payload_type;
	unsigned int redundant_blocks;
	struct span payload;  /* captured part */
	uint32_t payload_len; /* on the wire */
};

/*
 * ERR_TRUNCATED: the capture ends within the block headers.  ERR_MALFORMED: the headers or
 * the blocks they announce are longer than the payload.
 */
MUST_CHECK enum status codec_primary_of_red(struct span payload, uint32_t payload_len,
                                            struct codec_primary *out);

#endif
