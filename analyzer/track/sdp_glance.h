/*
 * sdp_glance.h - what an SDP says of media, in few bytes: its lines, and what each format
 * means.  Like sip_glance.h, for whoever has its bytes.
 */
#ifndef EARSHOT_TRACK_SDP_GLANCE_H
#define EARSHOT_TRACK_SDP_GLANCE_H

#include "analyzer/track/stream.h"
#include "analyzer/wire/sdp.h"
#include "analyzer/wire/sip.h"

struct sdp_glance_format {
	uint8_t payload_type;
	bool is_event; /* it is called telephone-event */
	struct payload_meaning meaning;
};

/* A media line; see struct sdp_media. */
struct sdp_glance_line {
	struct address connection;
	struct endpoint rtcp; /* if neither on the same port nor on the one above; else zero
	                       */
	uint16_t port, ptime_ms;
	uint16_t first_format, format_count;
	enum sdp_kind kind : 8;
	enum sdp_direction direction : 8;
	bool has_connection : 1;
	bool is_rtp : 1;
	bool is_secure : 1;
	bool has_crypto : 1;
	bool has_fingerprint : 1;
	bool has_ice : 1;
};

struct sdp_glance {
	/* OK.  ERR_NOT_FOUND: the message has none; ERR_MALFORMED, ERR_TOO_LONG: as
	 * sdp_parse says; ERR_FULL: it has more lines or formats than there was room for.
	 */
	enum status status;
	struct address origin; /* of o=; unspecified where that is a name */
	unsigned int dropped;  /* lines and formats above the limits of sdp.h */
	uint8_t line_count;
	const struct sdp_glance_line *lines; /* in the room that was given */
	const struct sdp_glance_format *formats;
};

struct sdp_glance_room {
	struct sdp_glance_line *lines;
	struct sdp_glance_format *formats;
	size_t line_room, format_room;
};

/* *scratch: too large for a stack; nothing of it is borrowed afterwards. */
void sdp_glance_at(const struct sip_message *message, struct sdp *scratch,
                   const struct sdp_glance_room *room, struct sdp_glance *out);

/* The same of one that has been parsed. */
void sdp_glance_of(const struct sdp *sdp, const struct sdp_glance_room *room,
                   struct sdp_glance *out);

/* Of that line its `format_count` formats, which the glance borrows. */
static inline const struct sdp_glance_format *sdp_glance_formats(
        const struct sdp_glance *sdp, const struct sdp_glance_line *line)
{
	return sdp->formats + line->first_format;
}

#endif
