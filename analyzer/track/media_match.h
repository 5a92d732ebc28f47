/*
 * media_match.h - streams that carry the same media: what a relay or a B2BUA sends on.
 *
 * A few packets in a hundred are sampled, and which ones the packet itself decides, so that
 * both sides of a relay choose the same: by the first octets of its payload, whatever the
 * headers in front of them have become; and by its sequence number, for relays that keep
 * SSRC, sequence number and time stamp but encrypt or decrypt the payload.  A sighting of
 * each waits for two seconds in a table; then those of the same digest are looked at
 * together.
 *
 * Two sightings are evidence that one stream goes on as the other.  More than two are only
 * where they follow one way from host to host: a file that several calls play is seen in
 * several streams and joins none.  A digest that comes again in one stream is a tone, or
 * silence, and no evidence; payload of few different octets is not even looked at.
 */
#ifndef EARSHOT_TRACK_MEDIA_MATCH_H
#define EARSHOT_TRACK_MEDIA_MATCH_H

#include "analyzer/base/pool.h"
#include "analyzer/model/limits.h"
#include "analyzer/model/record.h"
#include "analyzer/track/glance.h"
#include "analyzer/track/stream.h"

enum match_kind { MATCH_RTP, MATCH_PAYLOAD, MATCH_KINDS };

struct sighting; /* media_match.c */

/* A stream when it ended. */
struct pair_end {
	uint64_t id;
	nstime first, last;
	uint64_t received, lost;
	uint16_t base, max; /* sequence numbers; of one without restarts */
	bool restarted;
};

/* A stream that was seen first, and another that carried the same a little later. */
struct stream_pair {
	uint32_t earlier, later;                 /* stream numbers + 1; 0: released */
	uint32_t next_of_earlier, next_of_later; /* pairs, number + 1 */
	uint32_t matches[MATCH_KINDS];
	uint32_t strays;         /* of another offset than the rest */
	uint32_t renumbered;     /* times that the difference of their numbers changed */
	uint16_t sequence_delta; /* later less earlier */
	bool on_the_way; /* the later leaves from the host where the earlier arrives */
	bool same_way;   /* the same packets, seen at two points */
	uint32_t told;   /* matches, when the signalling machine heard of it */
	double offset_ms, jitter_ms; /* mean of the later's delay, and of its changes */
	double last_offset_ms;
	struct pair_end ends[2]; /* the earlier's, the later's */
};

/* Two legs that carry the same media, by their numbers in the signalling machine. */
struct leg_match {
	uint32_t legs[2];
	uint32_t matches[MATCH_KINDS];
	double offset_ms;
};

struct media_matcher {
	struct sighting *ring; /* owned; `room` of them, a power of two, or none */
	uint32_t *buckets;     /* owned; twice as many: latest position of that hash */
	uint32_t room;
	uint32_t head, tail; /* positions, which count up for ever */
	struct pool pairs;
	struct leg_match *found; /* owned */
	size_t found_count, found_room;
	struct deadline deadline; /* set while there is anything in `found` */
};

struct media;

void media_match_init(struct media_matcher *matcher, const struct settings *settings);
void media_match_free(struct media_matcher *matcher);

enum { YOUNG_PACKETS = 512 };

struct media_sample {
	nstime at;
	uint16_t sequence;
	struct glance_sample of;
};

/* Does a packet of that stream count as such a sample? */
static inline bool media_match_wants(const struct stream_hot *hot, enum packet_sample kind)
{
	return kind != SAMPLE_NONE &&
	       (kind != SAMPLE_OF_YOUNG || hot->received + hot->run < YOUNG_PACKETS);
}

/* What media_match_note will look at first; NULL: nothing. */
const void *media_match_place(const struct media_matcher *matcher, uint32_t digest);

/* A sampled packet of that stream. */
void media_match_note(struct media *media, uint32_t stream,
                      const struct media_sample *sample);
/* Looks at what was seen over two seconds before `now`; NSTIME_NEVER: at everything. */
void media_match_settle(struct media *media, nstime now);
/* media_pair.c: the later stream had once more what the earlier had. */
struct pair_match {
	enum match_kind kind;
	double offset_ms;
	uint16_t sequence_delta;
	bool on_the_way, same_way;
};
void media_pair_match(struct media *media, uint32_t earlier, uint32_t later,
                      const struct pair_match *match);
/* The stream ends, or has given its record and goes. */
void media_pair_end(struct media *media, uint32_t stream);
void media_pair_release(struct media *media, uint32_t stream);
/*
 * media_unlike.c: do two legs carry other media, by their numbers here?  So where streams
 * of one direction and codec have both been sampled often enough in the same time, and
 * nothing matches.  What is encrypted, transcoded, silent, or a tone tells nothing.
 */
bool media_legs_unlike(const struct media *media, uint32_t leg, uint32_t other);
/* Where its media came from, and what was lost on the way from there. */
void media_pair_record(const struct media *media, struct stream *stream,
                       struct stream_record *out);

#endif
