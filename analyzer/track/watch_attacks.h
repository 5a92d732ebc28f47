/*
 * watch_attacks.h - what looks like an attack, or like security given up: which message,
 * registration, leg or stream is a sign of what.  What the signs come to is counted in
 * watch_list.h.
 *
 * Consumes transactions, and records as they leave; nothing flows back.
 */
#ifndef EARSHOT_TRACK_WATCH_ATTACKS_H
#define EARSHOT_TRACK_WATCH_ATTACKS_H

#include "analyzer/track/ask.h"
#include "analyzer/track/watch_accounts.h"
#include "analyzer/track/watch_list.h"

enum { ATTACKS_RECENT_CALLS = 64 };

struct attacks {
	struct context *context; /* borrowed */
	struct watchlist list;
	struct accounts accounts;
	/* Ids of calls of which a leg was counted: the hops of one end together. */
	uint64_t recent_calls[ATTACKS_RECENT_CALLS];
	uint32_t recent_at;
};

MUST_CHECK enum status attacks_init(struct attacks *a, struct context *context);
void attacks_free(struct attacks *a);

/* --- watch_asks.c: transactions ------------------------------------------------------- */

/* A new one. */
void attacks_note_request(struct attacks *a, const struct ask *ask);
/* It is over, and whoever asked has not gone on with it; `known`: the peer was seen to
 * answer at some time. */
void attacks_note_outcome(struct attacks *a, const struct ask *ask, bool known);
/* A message that cannot be read. */
void attacks_note_malformed(struct attacks *a, const struct packet *packet);

/* --- watch_calls.c: records ----------------------------------------------------------- */

void attacks_note_leg(struct attacks *a, const struct leg_record *leg);
void attacks_note_registration(struct attacks *a,
                               const struct registration_record *registration);

/* Media of a leg that went in clear, though its keys for SRTP were offered. */
void attacks_note_clear(struct attacks *a, const struct endpoint *src,
                        const struct endpoint *dst, const struct stream_record *stream);
/* A call whose media is encrypted on one leg, and in clear on that from src to dst. */
void attacks_note_downgrade(struct attacks *a, const struct endpoint *src,
                            const struct endpoint *dst, uint64_t call, nstime at);
/* RTP from where nobody announced it, while the announced source sent, too. */
void attacks_note_foreign(struct attacks *a, const struct endpoint *src,
                          const struct endpoint *dst, uint64_t stream, nstime at);

/* Keyed hashes that sources and names are known by. */
uint64_t attacks_key_of_address(const struct attacks *a, const struct address *address);
uint64_t attacks_key_of_text(const struct attacks *a, struct text text);

#endif
