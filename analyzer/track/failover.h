/*
 * failover.h - calls that go another way because a peer fails: who turned from which peer
 * to which other one, when that began, when it was over, and what it cost.
 *
 * Nothing needs to be configured.  An attempt that a peer met with silence or with a server
 * error (or with 408 before it rang) and that the same host then makes at another address,
 * under the same Call-ID or between the same users, has been switched.  Two of them, or one
 * and then calls that go straight to an address which that host did not use before, are a
 * failover; three are needed where the host uses both anyway.  So are calls that leave
 * their usual peer while its OPTIONS or INVITEs fail.  It is over with the first of two
 * calls in a row that the peer takes again.
 */
#ifndef EARSHOT_TRACK_FAILOVER_H
#define EARSHOT_TRACK_FAILOVER_H

#include "analyzer/track/ask.h"
#include "analyzer/track/event.h"
#include "analyzer/track/peer.h"

/* A mean that forgets: the latest of about fifty count the most. */
struct running_mean {
	double mean;
	uint32_t count;
};

struct sum {
	uint64_t count;
	double total;
};

static inline void sum_add(struct sum *sum, double value)
{
	sum->count++;
	sum->total += value;
}

/* One host's way to one peer. */
struct route {
	uint64_t hash;
	struct address from;
	struct endpoint to;
	uint32_t peer;        /* number, of the latest attempt */
	nstime last;          /* attempt that was not switched here */
	nstime failing_since; /* first of the failures in a row; NSTIME_NONE */
	uint32_t failed, switched, direct, lost; /* since then */
	enum event_cause cause;
	uint16_t status;
	uint64_t age;         /* changes with each recovery; no two routes share one */
	uint32_t primary;     /* route that it stands in for, number + 1 */
	uint64_t primary_age; /* that route's then: another one, and it no longer does */
	uint32_t failover;    /* number + 1, of the one that goes on here */
	bool was_idle;        /* before it stood in */
	struct running_mean pdd_ms, mos_lq;
	struct sum stand_in_pdd_ms; /* of the calls that it got in the primary's stead */
};

/* A host that calls: which of its routes it uses the most (Boyer and Moore's majority). */
struct caller {
	uint64_t hash;
	struct address address;
	uint32_t route; /* number + 1 */
	uint32_t votes;
	nstime last;
};

/*
 * An answered call that is over, kept for a while: when it shows that a peer had failed, it
 * may have been one that the failure hit.
 */
struct past_call {
	uint64_t call; /* id */
	struct endpoint src, dst;
	nstime answered, ended, forward_until, reverse_until;
	enum audio_fate forward, reverse;
	enum ended_by ended_by;
};

enum { PAST_CALLS = 1024, CARRIED_CALLS = 128 };

struct failover {
	struct event_record event;
	uint32_t primary; /* route number, until it is over; then MAP_NONE */
	uint32_t good_row;
	bool leaving;
	struct sum pdd_ms, mos_lq; /* of calls over the backup */
	/* Calls that the peer carried, until their media are known, of the first so many.
	 */
	struct past_call carried[CARRIED_CALLS];
	uint32_t carried_count;
	struct deadline deadline;
};

struct failovers {
	struct context *context;   /* borrowed */
	struct asks *asks;         /* borrowed */
	const struct peers *peers; /* borrowed */
	struct pool routes, callers, list;
	struct map route_map, caller_map;
	struct past_call *past; /* owned; PAST_CALLS of them, a ring */
	uint32_t past_at;
	uint64_t ages;
	uint32_t route_hand, caller_hand;
};

MUST_CHECK enum status failovers_init(struct failovers *f, struct context *context,
                                      struct asks *asks, const struct peers *peers);
void failovers_free(struct failovers *f);

/* A new INVITE; sets ask->route, and ask->begun where it goes on with an older attempt. */
void failovers_asked(struct failovers *f, uint32_t ask);
/* It rings, or is answered, for the first time. */
void failovers_progress(struct failovers *f, const struct ask *ask, nstime at);
void failovers_outcome(struct failovers *f, const struct ask *ask, nstime at);
/* It has failed, and nobody has tried elsewhere. */
void failovers_lost(struct failovers *f, const struct ask *ask);

void failovers_note_leg(struct failovers *f, const struct leg_record *leg);
/* A stream of a leg between these addresses that was begun then. */
void failovers_note_stream(struct failovers *f, const struct endpoint *src,
                           const struct endpoint *dst, nstime begun,
                           const struct stream_record *stream);

void failovers_deadline(struct failovers *f, struct deadline *deadline);
void failovers_finish(struct failovers *f, struct events *events);
/* Those that are ready to leave do so, by way of the events. */
void failovers_release(struct failovers *f, struct events *events);

/* --- between the files of it ---------------------------------------------------------- */

/* failover_route.c: numbers, MAP_NONE for none. */
struct route *route_at(const struct failovers *f, uint32_t number);
uint32_t route_find(const struct failovers *f, const struct address *from,
                    const struct endpoint *to);
/* Made if need be; MAP_NONE without room, counted. */
uint32_t route_get(struct failovers *f, const struct address *from,
                   const struct endpoint *to);
bool route_is_between(const struct route *route, const struct address *from,
                      const struct endpoint *to);
/* The way that the transaction took, unless another has its place by now: NULL. */
struct route *route_of_ask(const struct failovers *f, const struct ask *ask);
/* The route that this one stands in for at present. */
uint32_t route_primary(const struct failovers *f, const struct route *route);
/* A call of this host went well over that route. */
void route_vote(struct failovers *f, const struct route *route, uint32_t number);
/* The route that this host mostly uses. */
uint32_t route_usual(const struct failovers *f, const struct address *from);

void running_mean_add(struct running_mean *mean, double value); /* NAN is passed over */
double running_mean_of(const struct running_mean *mean);        /* NAN of none */

/* failover_calls.c: among the calls that are over already, those it was carrying. */
void failovers_recall(const struct failovers *f, struct failover *failover);
/* The figures of all that it carried. */
void failovers_sum_up(const struct failovers *f, struct failover *failover);

#endif
