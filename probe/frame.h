/*
 * frame.h - one captured frame, as a source hands it out.
 */
#ifndef EARSHOT_PROBE_FRAME_H
#define EARSHOT_PROBE_FRAME_H

#include "analyzer/base/clock.h"
#include "analyzer/base/span.h"

/* No link type: a fact that an agent told by HEP, and its number (hep_agents.h) in place of
 * the interface's. */
enum { FRAME_HEP = 65534 };

/* At which point of the network an interface listens (points.h). */
struct interface_point {
	const char *name; /* of the interface; borrowed */
	uint8_t point;
};

struct interface_points {
	const struct interface_point *list; /* borrowed */
	size_t count;
};

struct frame {
	nstime at;          /* capture time stamp */
	struct span bytes;  /* captured; borrowed until the source's next batch */
	uint32_t length;    /* on the wire; at least bytes.len */
	uint16_t link_type; /* LINKTYPE_ value of the file format (tcpdump.org/linktypes) */
	uint16_t interface; /* small number, unique within the source */
	uint8_t point;      /* where in the network it was seen (points.h); 0: not said */
	bool stays;         /* its bytes do so for longer: they lie in a source_room */
	uint64_t number;    /* of the frame in the whole input, from 1 */
};

#endif
