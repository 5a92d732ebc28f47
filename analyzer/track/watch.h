/*
 * watch.h - what goes on around the calls: who asks whom, which peers answer, and what
 * happens where they do not.  Consumes SIP messages and finished legs and streams; nothing
 * flows back.
 */
#ifndef EARSHOT_TRACK_WATCH_H
#define EARSHOT_TRACK_WATCH_H

#include "analyzer/track/ask.h"
#include "analyzer/track/event.h"
#include "analyzer/track/failover.h"
#include "analyzer/track/peer.h"
#include "analyzer/track/watch_attacks.h"

struct watch {
	struct context *context; /* borrowed */
	struct asks asks;
	struct events events;
	struct peers peers;
	struct failovers failovers;
	struct attacks attacks;
};

MUST_CHECK enum status watch_init(struct watch *w, struct context *context);
void watch_free(struct watch *w);

void watch_look_at_pressure(struct watch *w);

/* Every SIP message that could be read; `thing`: id of its leg or registration, or 0. */
void watch_message(struct watch *w, const struct packet *packet,
                   const struct sip_glance *glance, uint64_t thing, nstime at);

void watch_deadline(struct watch *w, struct deadline *deadline);
/* End of input.  Legs that are still open become final after it. */
void watch_finish(struct watch *w, nstime at);

/* The record of kind PEER, EVENT or OBSERVATION; the object is given back. */
void watch_record(struct watch *w, const struct final *final, struct record *out);

#endif
