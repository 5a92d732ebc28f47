/*
 * points.h - points of the network at which packets are seen: `outside` and `inside` of an
 * SBC, say.  What is captured at each is told apart, so that copies which a mirror makes
 * are removed within one point alone, and two points measure what lies between them.
 *
 * SIP is the exception: a message that two points show is one message, and the second sight
 * of it only says where it came by.  Which one is new is counted off: the second time at
 * one point is a retransmission, the first time at another is not.
 */
#ifndef EARSHOT_PROBE_POINTS_H
#define EARSHOT_PROBE_POINTS_H

#include "analyzer/model/limits.h"
#include "analyzer/model/packet.h"

/* The number of that point in the settings, entered if it is new; 0: there are too many, or
 * the name is too long. */
uint8_t points_enter(struct settings *settings, struct text name);
/* Is there more than one? */
bool points_are_several(const struct settings *settings);

struct point_sights;

/* seed: whoever sends packets must not know what collides. */
MUST_CHECK enum status point_sights_new(uint64_t seed, struct point_sights **out);
void point_sights_free(struct point_sights *sights); /* NULL is fine */
/* Messages that were forgotten before it was too late for another point to show them. */
uint64_t point_sights_evicted(const struct point_sights *sights);

/* A datagram that may be SIP: PACKET_ELSEWHERE when another point has shown it as often
 * before, with PACKET_COPY when it is a copy of what was such a one. */
uint8_t point_sights_note(struct point_sights *sights, const struct packet *packet);

#endif
