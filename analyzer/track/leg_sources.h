/*
 * leg_sources.h - where the RTP of a leg comes from: from where its SDP announced it, and
 * from elsewhere besides.
 *
 * From elsewhere alone is what NAT and media servers do.  Both at once, to the same
 * receiver, is somebody who puts his own sound into the call (or what a switch sends that
 * forgot to say so).
 */
#ifndef EARSHOT_TRACK_LEG_SOURCES_H
#define EARSHOT_TRACK_LEG_SOURCES_H

#include "analyzer/model/record.h"

/* One that was not announced. */
struct other_source {
	nstime first, last;
	struct endpoint src, dst;
	uint64_t stream; /* 0: told */
};

struct leg_sources {
	struct {
		nstime first, last;         /* of the announced source; 0: none */
		struct other_source *other; /* owned; NULL: none */
	} ways[2];                          /* by direction */
	bool no_memory; /* one could not be kept: to be counted, then cleared */
};

struct foreign_source {
	struct endpoint src, dst;
	uint64_t stream;
	nstime at;
};

/*
 * A stream of the leg is final.  True: now both are known; *out is the one that nobody
 * announced, if it has so many packets.  Before the answer, forks may send from anywhere.
 */
bool leg_sources_stream(struct leg_sources *sources, const struct stream_record *stream,
                        nstime answered, uint64_t least_packets,
                        struct foreign_source *out);
void leg_sources_free(struct leg_sources *sources);

#endif
