/*
 * audio_path.h - what became of the audio of a call, one direction at a time: what its SDP
 * asked for, what was seen, and what both together mean.  Numbers in, a verdict out.
 *
 * An alarm needs audio that was asked for and did not come for AUDIO_STOP.  What may have
 * gone another way than past the probe is no alarm.
 */
#ifndef EARSHOT_QUALITY_AUDIO_PATH_H
#define EARSHOT_QUALITY_AUDIO_PATH_H

#include "analyzer/model/record.h"
#include "analyzer/quality/coverage.h"

#define AUDIO_STOP                                                                         \
	(3 * NS_PER_SEC)             /* missing for so long: a fault; shorter calls: none  \
	                              */
#define AUDIO_EARLY (NS_PER_SEC / 5) /* on its way when the answer came */
#define AUDIO_HANG_UP (2 * NS_PER_SEC) /* ports close around the end of a call */
#define AUDIO_PAUSE                                                                        \
	(30 * NS_PER_SEC) /* may be as long, of a sender that is used to pause */
#define AUDIO_OPENED                                                                       \
	(5 * NS_PER_SEC) /* RTP for so long after an error: the port is open               \
	                  */

/* Directions as numbers. */
enum { AUDIO_FORWARD, AUDIO_REVERSE, AUDIO_DIRECTIONS };

/* What the two sides have agreed on for one direction. */
enum audio_want {
	AUDIO_WANT_UNKNOWN, /* no offer with its answer was seen */
	AUDIO_WANTED,
	AUDIO_WANT_HELD,    /* hold, recvonly, inactive, 0.0.0.0 */
	AUDIO_WANT_MOVED,   /* port 0, or another medium in its place */
	AUDIO_WANT_NOTHING, /* there never was audio in the SDP */
};

enum { AUDIO_PLAN_CHANGES = 6 };

struct audio_plan {
	nstime answered, ended; /* NSTIME_NONE: not yet */
	nstime changed[AUDIO_PLAN_CHANGES];
	uint8_t want[AUDIO_PLAN_CHANGES][AUDIO_DIRECTIONS]; /* enum audio_want, from then */
	uint8_t change_count;
	bool unroutable[AUDIO_DIRECTIONS]; /* its receiver named a private address from
	                                    * outside */
};

void audio_plan_init(struct audio_plan *plan);
/* From `at` on; of more changes than there is room for, the first ones are forgotten. */
void audio_plan_change(struct audio_plan *plan, nstime at,
                       const enum audio_want want[AUDIO_DIRECTIONS]);
/* Neither side sends audio any more: another medium is in its place, as a fax. */
bool audio_plan_has_moved(const struct audio_plan *plan);
/* Time within [from, to) and the answered time in which that direction was `want`. */
nstime audio_plan_time(const struct audio_plan *plan, unsigned int direction,
                       enum audio_want want, nstime from, nstime to);

/* Of the wanted time, what a stream covers that was seen from `first` to `last`. */
nstime audio_plan_covered(const struct audio_plan *plan, unsigned int direction,
                          const struct coverage *coverage, nstime first, nstime last);

/* What was seen of one direction. */
struct audio_path {
	nstime first, last; /* RTP; NSTIME_NONE without any */
	uint64_t packets;
	uint64_t astray;          /* of these, from outside to a private address */
	bool from_private;        /* some came from a private address */
	bool pausing;             /* the last packet was comfort noise */
	bool unseen_host;         /* nothing ever came this way: see track/sight.h */
	bool pauses;              /* it was silent before, and announced it */
	bool received;            /* its receiver reports by RTCP that it receives */
	nstime covered;           /* of the wanted time */
	double heard_s, silent_s; /* sound that was looked at, and the silence in it */

	/* ICMP about RTP of this direction: the latest errors without a pause. */
	nstime unreachable_first, unreachable_last;
	uint32_t unreachable;

	/* RTCP, of RTP that was not seen. */
	uint32_t unheard; /* reports of its receiver that name no sender */
	uint32_t sent_first, sent_last, sent_reports; /* packet counts of its sender */
};

void audio_path_init(struct audio_path *path);

/* A stream, or a part of one. */
struct audio_seen {
	nstime first, last;
	uint64_t packets;
	bool from_private, to_private;
	bool pausing, pauses;
	nstime covered;
	double heard_s, silence_pct; /* NAN: not looked at */
};
void audio_path_add(struct audio_path *path, const struct audio_seen *seen);
void audio_path_unreachable(struct audio_path *path, nstime at);

/* What became of both directions. */
struct audio_outcome {
	enum audio_fate fates[AUDIO_DIRECTIONS];
	nstime until[AUDIO_DIRECTIONS];        /* last packet; NSTIME_NONE without any */
	double coverage_pct[AUDIO_DIRECTIONS]; /* NAN: nothing to cover, or not seen */
	bool one_way;                          /* one of the fates is a fault */
};
/* plan->ended is set. */
struct audio_outcome audio_judge(const struct audio_plan *plan,
                                 const struct audio_path paths[AUDIO_DIRECTIONS]);

/* RFC 1918, RFC 4193, loopback, link-local: of no use to anybody further away. */
bool audio_address_is_private(const struct address *address);

#endif
