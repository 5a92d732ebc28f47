/*
 * mirror_health.h - is the mirror whole?  Told are an interface that brings no packets, and
 * that one direction is missing: requests without responses (or the other way round), or
 * media one way only, in nearly all calls of a window.
 *
 * What was told is taken back late: an interface speaks again after some frames, a
 * direction is there again when a window with as many messages or calls shows both.
 */
#ifndef EARSHOT_PROBE_MIRROR_HEALTH_H
#define EARSHOT_PROBE_MIRROR_HEALTH_H

#include "analyzer/model/record.h"
#include "probe/source_live.h"
#include "schema/store_live.h"

enum mirror_side { MIRROR_SIGNALLING, MIRROR_MEDIA, MIRROR_SIDES };

struct mirror_health {
	struct {
		uint64_t frames;   /* when it was looked at last */
		uint64_t heard_at; /* frames when it fell silent */
		nstime last; /* monotonic; of the latest frame; 0: not looked at yet */
		bool silent;
	} of[LIVE_SOURCES];
	nstime window; /* monotonic; its begin; 0: none yet */
	struct {
		uint64_t both, one; /* messages, or calls, of this window */
		bool one_sided;
	} sides[MIRROR_SIDES];
	uint64_t requests, responses; /* when the window began */
};

struct mirror_tick {
	nstime now;               /* monotonic */
	nstime silent, one_sided; /* lengths; 0: not looked for */
	size_t interfaces;
	const char *const *names;
	const bool *open;             /* it is there */
	const uint64_t *frames;       /* of each, since the start */
	uint64_t requests, responses; /* likewise, of SIP */
};

/* Of a leg that is over: which way its media went. */
void mirror_health_leg(struct mirror_health *health, const struct leg_record *leg);

/* Once a second or so. */
void mirror_health_tick(struct mirror_health *health, const struct mirror_tick *tick,
                        void (*tell)(void *self, enum live_what what, const char *subject),
                        void *self);

#endif
