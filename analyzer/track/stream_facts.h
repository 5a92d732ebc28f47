/*
 * stream_facts.h - what is known of a stream at its end beside its record: for its leg and
 * for the diagnosis.
 */
#ifndef EARSHOT_TRACK_STREAM_FACTS_H
#define EARSHOT_TRACK_STREAM_FACTS_H

#include "analyzer/quality/loss_shape.h"
#include "analyzer/track/used_codecs.h"

/* Packets of payload types that the receiver's SDP does not list.  All zero also where no
 * SDP of the receiver was seen. */
struct stream_unlisted {
	uint32_t audio, events; /* events: telephone-event, or what looks like it */
	uint8_t audio_type, event_type;
};

struct stream_facts {
	struct used_codecs used;
	struct loss_shape losses;
	struct stream_unlisted unlisted;
	uint32_t events;      /* packets of telephone-event, listed or not */
	double skew_error_ms; /* struct transit_line; NAN where the skew is not known */
	uint8_t last_dscp;
	const char *point; /* of the network; borrowed from the settings; NULL: not said */
};

#endif
