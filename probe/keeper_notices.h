/*
 * keeper_notices.h - alerts on their way to receivers, as far as the keeper has them: kept
 * with the alert, handed to the notifier in order, forgotten when the receiver has them.
 */
#ifndef EARSHOT_PROBE_KEEPER_NOTICES_H
#define EARSHOT_PROBE_KEEPER_NOTICES_H

#include <assert.h>
#include <stddef.h>

#include "analyzer/track/rules.h"
#include "probe/keeper_told.h"
#include "probe/notify_stream.h"
#include "schema/accounts.h"
#include "schema/store_notices.h"

enum notice_kind {
	NOTICE_MESSAGE, /* to the notifier: to be delivered; number 0: a passing one */
	/* to the keeper */
	NOTICE_DELIVERED, /* up to that number; the text: what goes wrong, "": nothing */
	NOTICE_REFUSED,   /* that one: the receiver does not want it */
	NOTICE_KIND_COUNT
};

/* One packet of the pair between keeper and notifier, each way. */
struct notice_packet {
	uint64_t number;   /* notice.seq */
	uint64_t id;       /* notice.delivery; of NOTICE_DELIVERED: passing ones left out */
	uint32_t receiver; /* place in the configuration */
	uint32_t kind;     /* enum notice_kind */
	uint32_t len, unused; /* of the text */
	char text[NOTICE_MAX];
};

enum { NOTICE_HEAD = 32, NOTICES_HANDED = 128 };
static_assert(offsetof(struct notice_packet, text) == NOTICE_HEAD, "no gap");

/* What was given up is news for so long. */
#define NOTICES_LATELY (3600 * NS_PER_SEC)
enum { STRANDED_MOST = 8 };

/* Messages whose receiver the configuration has no more. */
struct stranded {
	char name[RECEIVER_NAME];
	uint64_t count;
	nstime at; /* wall clock, when it was found; 0: by a keeper before us */
};

struct keeper_notices {
	struct notify_settings settings;
	int fd; /* to the notifier; -1: there is none */
	struct {
		uint64_t handed, delivered, forgotten;
		uint64_t refused[NOTICES_HANDED]; /* of those that are not forgotten */
		size_t refused_count;
		char error[NOTIFY_ERROR_SIZE]; /* "": it takes what it gets */
		nstime took_at, failed_at;     /* wall clock; the latest; 0: never */
		uint64_t given_up;             /* since it took something */
		nstime gave_up_at;             /* wall clock */
		uint64_t passing_left_out;     /* by the notifier, as it says; by us */
		uint64_t passing_dropped;
		nstime heartbeat_at, repeat_at, summary_at; /* wall clock */
		bool waiting; /* there may be more in the database */
	} of[RECEIVERS];
	struct told told;
	bool sorted; /* what waits, by the receivers that there are */
	struct stranded stranded[STRANDED_MOST];
	size_t stranded_count;
	uint64_t saying;  /* how many of these there were; makes ids of them */
	nstime looked_at; /* for those that are too old, wall clock */
	nstime said_at;   /* what is to be said now and then; wall clock */
	nstime facts_at;  /* wall clock */
	struct accounts
	        *state; /* borrowed; knows who has which in hand; NULL: nobody has */
};

void keeper_notices_init(struct keeper_notices *notices,
                         const struct notify_settings *settings, const char *sensor);
void keeper_notices_free(struct keeper_notices *notices);

/* Other receivers: nothing goes to the notifier of the former ones any more. */
void keeper_notices_follow(struct keeper_notices *notices,
                           const struct notify_settings *settings);
/* A notifier, which has nothing yet. */
void keeper_notices_connect(struct keeper_notices *notices, int fd);

/* In the batch of the alert: for each receiver that is to be told; now: wall clock. */
MUST_CHECK enum status keeper_notices_add(struct keeper_notices *notices,
                                          struct store_live *live,
                                          const struct alert_record *alert, nstime now);
/* One that went on when the keeper began. */
void keeper_notices_restore(struct keeper_notices *notices,
                            const struct alert_record *alert, nstime now);

/* What the notifier says; now: wall clock; true: something is to be forgotten in a batch.
 */
bool keeper_notices_hear(struct keeper_notices *notices, nstime now);
MUST_CHECK enum status keeper_notices_forget(struct keeper_notices *notices,
                                             struct store_live *live);
/* Outside of a batch: hands over what is kept; now: wall clock. */
MUST_CHECK enum status keeper_notices_hand(struct keeper_notices *notices,
                                           struct store_live *live, nstime now);
/* Gives up what is too old. */
MUST_CHECK enum status keeper_notices_expire(struct keeper_notices *notices,
                                             struct store_live *live, nstime now);

/* What was given up lately, for the rules: every ten seconds, as of `at`. */
void keeper_notices_tell(struct keeper_notices *notices, struct rules *rules, nstime now,
                         nstime at);

/* --- keeper_stranded.c: receivers that are gone --------------------------------------- */

/*
 * Once for each configuration: what waits for a receiver that is gone is given up, and so
 * is what was written for another kind of receiver of that name.  One that is back gets
 * what it would not have given up on by now.
 */
MUST_CHECK enum status keeper_notices_sort(struct keeper_notices *notices,
                                           struct store_live *live, nstime now);
/* Of late, as dead letters. */
void keeper_notices_tell_stranded(const struct keeper_notices *notices, struct rules *rules,
                                  nstime now, nstime at);

/* The batch was committed; it was undone. */
void keeper_notices_kept(struct keeper_notices *notices);
void keeper_notices_undone(struct keeper_notices *notices);

/* --- keeper_sayings.c: what is said without a change of state ------------------------- */

/* What the probe is doing, for heartbeats. */
struct notice_pulse {
	uint64_t frames, dropped;
};

/* Summaries and reminders, into a batch; heartbeats, and to Alertmanager what fires: each
 * when it is due. */
MUST_CHECK enum status keeper_notices_say(struct keeper_notices *notices,
                                          struct store_live *live,
                                          const struct notice_pulse *pulse, nstime now);
/* To the notifier, and nowhere else: whatever becomes of it. */
void keeper_notices_pass(struct keeper_notices *notices, uint32_t receiver, uint64_t id,
                         struct text text);
MUST_CHECK enum status keeper_notices_put(struct keeper_notices *notices,
                                          struct store_live *live, size_t receiver,
                                          const struct alert_record *alert,
                                          enum told_verdict how, nstime now);

/* As a JSON list, for people and programs. */
void keeper_notices_add_status(const struct keeper_notices *notices,
                               struct store_live *live, struct buffer *out);

#endif
