/*
 * peer.h - the signalling addresses that requests are sent to: do they answer, how fast,
 * and since when not.
 *
 * A peer is up as soon as it answers anything.  Hysteresis (peer.c): it is down after three
 * transactions in a row that it met with silence, refusing after three server errors in a
 * row, and up again after two good answers in a row.  One that was never seen to answer is
 * not down: its answers may go another way than past the probe.
 */
#ifndef EARSHOT_TRACK_PEER_H
#define EARSHOT_TRACK_PEER_H

#include "analyzer/track/ask.h"
#include "analyzer/track/event.h"

struct peer {
	uint64_t hash, id;
	struct endpoint at;
	enum transport transport;
	enum peer_state state;
	nstime since, first, last, last_answer;
	uint32_t ping;     /* number + 1 of the latest OPTIONS transaction */
	nstime row_began;  /* first of the row that is counted here */
	nstime good_began; /* likewise */
	nstime outage_began;
	uint32_t silent_row, refused_row, good_row; /* in a row, until now */
	uint64_t options, options_answered, options_unanswered;
	uint64_t invites, invites_accepted, invites_unanswered;
	uint64_t registers, registers_unanswered;
	uint64_t server_errors, unavailable, outages;
	double rtt_last_ms, rtt_min_ms, rtt_max_ms, rtt_sum_ms;
	uint64_t rtt_count; /* of those */
	double outage_s;
	char software[RECORD_WORDS];
	bool leaving;
};

struct peers {
	struct context *context; /* borrowed */
	struct events *events;   /* borrowed */
	struct pool pool;
	struct map map;
	uint32_t hand;
};

MUST_CHECK enum status peers_init(struct peers *peers, struct context *context,
                                  struct events *events);
void peers_free(struct peers *peers);

/*
 * A new transaction; sets ask->peer.  Returns the number of the one before, if this is a
 * ping and that was one: who pings again has given it up.  MAP_NONE: none.
 */
uint32_t peers_asked(struct peers *peers, struct ask *ask);
/* Its first response, or its final one, came now. */
void peers_answered(struct peers *peers, const struct ask *ask,
                    const struct sip_message *message, nstime at);
/* It has its outcome. */
void peers_outcome(struct peers *peers, const struct ask *ask, nstime at);

/* Did the peer of this transaction ever answer anything, as far as is remembered? */
bool peers_has_answered(const struct peers *peers, const struct ask *ask);

/* Since when it is down or refusing; NSTIME_NONE when it is not, as far as is known. */
nstime peers_unwell_since(const struct peers *peers, uint32_t number);

void peers_finish(struct peers *peers, nstime at);
/* The record of one that leaves, which is given back. */
void peers_record(struct peers *peers, uint32_t number, struct peer_record *out);

#endif
