/*
 * watch_list.h - sources, users and calls that are counted until they are conspicuous,
 * and then until they have stopped: each rule watches one kind of thing.
 *
 * A rule has bounds (model/threshold.h) on the number of what is part of an attack within a
 * window, on how many different ones it concerns, and on the share it is of all that the
 * same one does.  A window begins with the first event that is not in one; what spans two
 * is seen when it goes on.  For a source, what usually succeeds from there in a minute
 * counts on the good side: who serves a thousand phones has failures by the hundreds in a
 * bad hour.
 *
 * One attack is one observation: told when it is found, each time it has grown tenfold, and
 * when it is over.
 */
#ifndef EARSHOT_TRACK_WATCH_LIST_H
#define EARSHOT_TRACK_WATCH_LIST_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"
#include "analyzer/track/watch_distinct.h"

enum watch_rule {
	RULE_NONE,
	/* No rules: calls and registrations of a source that succeed, and requests of it
	 * that are answered, in its best minute of late. */
	RULE_SUCCESSES,
	RULE_ANSWERS,
	RULE_GUESS,
	RULE_GUESS_ACCOUNT,
	RULE_HIJACK,
	RULE_SCANNER,
	RULE_USERS,
	RULE_ADDRESSES,
	RULE_INVITES,
	RULE_REGISTERS,
	RULE_MALFORMED,
	RULE_TOLL,
	RULE_TOLL_OFF_HOURS,
	RULE_TOLL_LONG,
	RULE_WANGIRI,
	RULE_FOREIGN_RTP,
	RULE_SRTP_UNUSED,
	RULE_SRTP_DOWNGRADE,
	RULE_PLAIN_SIP,
	RULE_COUNT
};

/* Something that is part of what the rule looks for. */
struct sign {
	enum watch_rule rule;
	uint64_t key;    /* keyed hash of what is watched */
	uint64_t other;  /* of the one of many that it concerns; 0: of none */
	uint64_t number; /* of a user, for rows that rise by one; 0: none */
	uint64_t thing;  /* id of an example; 0: none */
	nstime at;
	struct endpoint src, dst;
	struct text subject, software;
};

enum { WATCHED_SUBJECT = 64, WATCHED_SOFTWARE = 64 };

struct watched {
	enum watch_rule rule;
	uint64_t hash; /* of rule and key */
	uint64_t id;
	nstime first, last, detected;
	struct endpoint src, dst;
	uint64_t events, others;
	uint64_t tell_at;   /* events; tenfold of those told last */
	int64_t minute;     /* of the clock */
	uint64_t of_minute; /* events in it */
	uint64_t peak;      /* RULE_SUCCESSES, RULE_ANSWERS: fades */
	uint64_t number;    /* of the latest event */
	uint32_t row;       /* of events whose numbers rise by one */
	uint32_t longest_row;
	struct distinct *others_met; /* owned; NULL = none */
	uint64_t examples[OBSERVATION_EXAMPLES];
	uint8_t example_count;
	bool raised;
	char subject[WATCHED_SUBJECT], software[WATCHED_SOFTWARE];
	struct deadline deadline;
};

struct watchlist {
	struct context *context; /* borrowed */
	struct pool pool;
	struct map map;
	struct pool told; /* of struct observation_record, until they have left */
	uint32_t hand;
};

MUST_CHECK enum status watchlist_init(struct watchlist *s, struct context *context);
void watchlist_free(struct watchlist *s);

void watchlist_note(struct watchlist *s, const struct sign *sign);
/* The same one did something that is no part of it. */
void watchlist_note_other(struct watchlist *s, enum watch_rule rule, uint64_t key);
/* RULE_SUCCESSES, RULE_ANSWERS: one more of that source. */
void watchlist_note_good(struct watchlist *s, enum watch_rule rule, uint64_t source,
                         nstime at);

/* Is there an observation that goes on? */
bool watchlist_is_raised(const struct watchlist *s, enum watch_rule rule, uint64_t key);

void watchlist_deadline(struct watchlist *s, struct deadline *deadline);
void watchlist_finish(struct watchlist *s);
void watchlist_record(struct watchlist *s, uint32_t number, struct observation_record *out);

#endif
