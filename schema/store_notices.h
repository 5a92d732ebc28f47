/*
 * store_notices.h - messages about alerts, kept until their receiver has them.  They are
 * part of the batch of a probe that listens: kept with the alert they are of, or not at
 * all.
 */
#ifndef EARSHOT_SCHEMA_STORE_NOTICES_H
#define EARSHOT_SCHEMA_STORE_NOTICES_H

#include "schema/store_live.h"

struct stored_notice {
	uint64_t seq; /* given by the database */
	const char *receiver;
	uint64_t alert, delivery; /* ids, of which the latter tells copies from others */
	nstime at;                /* wall clock: since when it waits */
	const char *form;         /* what the text is for: a name of notify_form */
	struct text text;         /* borrowed for the time of the call */
	bool together; /* not told singly: it waits to be counted; the text is its rule */
};

MUST_CHECK enum status store_notice_add(struct store_live *live,
                                        const struct stored_notice *notice);
/*
 * Hands those of the receiver that wait behind `after` to `hand`, in order, until it says
 * false or there are none.
 */
MUST_CHECK enum status store_notices(
        struct store_live *live, const char *receiver, uint64_t after,
        bool (*hand)(void *self, const struct stored_notice *notice), void *self);

/* The receiver has all up to that. */
MUST_CHECK enum status store_notices_delivered(struct store_live *live,
                                               const char *receiver, uint64_t seq);

/* The receiver does not want this one, and never will: it is given up. */
MUST_CHECK enum status store_notice_refused(struct store_live *live, uint64_t seq);

/* Those of the receiver that wait since before then are given up; *count: how many. */
MUST_CHECK enum status store_notices_expire(struct store_live *live, const char *receiver,
                                            nstime before, uint64_t *count);
/* Those that were given up are forgotten after that, and who was never told together. */
MUST_CHECK enum status store_notices_forget_dead(struct store_live *live, nstime before);

enum notice_state {
	NOTICE_WAITING,
	NOTICE_TOGETHER,
	NOTICE_DEAD,
	NOTICE_STRANDED, /* there is no such receiver any more */
	NOTICE_STATE_COUNT
};

/* How many there are of the receiver, since then; 0: of all times.  ERR_IO. */
MUST_CHECK enum status store_notices_count(struct store_live *live, const char *receiver,
                                           enum notice_state state, nstime since,
                                           uint64_t *count);
/* Of those that wait to be counted: by rule, the most first; they are taken away. */
MUST_CHECK enum status store_notices_together(struct store_live *live, const char *receiver,
                                              void (*sum)(void *self, struct text rule,
                                                          uint64_t count),
                                              void *self);
/* Whose there are in that state, and of which form. */
MUST_CHECK enum status store_notices_whose(struct store_live *live, enum notice_state state,
                                           void (*hand)(void *self, const char *receiver,
                                                        const char *form, uint64_t count),
                                           void *self);
/* The receiver's of that form which wait since then or later are in another state now;
 * *count: how many. */
MUST_CHECK enum status store_notices_move(struct store_live *live,
                                          const struct stored_notice *like,
                                          enum notice_state from, enum notice_state to,
                                          uint64_t *count);
/* Calls that are in progress in the run that goes on.  ERR_IO. */
MUST_CHECK enum status store_notices_calls(struct store_live *live, uint64_t *calls);

#endif
