/*
 * keeper_notices.h - alerts on their way to receivers, as far as the keeper has them: kept
 * with the alert, handed to the notifier in order, forgotten when the receiver has them.
 */
#ifndef EARSHOT_PROBE_KEEPER_NOTICES_H
#define EARSHOT_PROBE_KEEPER_NOTICES_H

#include <assert.h>
#include <stddef.h>

#include "probe/notify_stream.h"
#include "schema/store_notices.h"

enum notice_kind {
	NOTICE_MESSAGE, /* to the notifier: to be delivered */
	/* to the keeper */
	NOTICE_DELIVERED, /* up to that number; the text: what goes wrong, "": nothing */
	NOTICE_REFUSED,   /* that one: the receiver does not want it */
	NOTICE_KIND_COUNT
};

/* One packet of the pair between keeper and notifier, each way. */
struct notice_packet {
	uint64_t number;      /* notice.seq */
	uint64_t id;          /* notice.delivery */
	uint32_t receiver;    /* place in the configuration */
	uint32_t kind;        /* enum notice_kind */
	uint32_t len, unused; /* of the text */
	char text[NOTICE_MAX];
};

enum { NOTICE_HEAD = 32, NOTICES_HANDED = 128 };
static_assert(offsetof(struct notice_packet, text) == NOTICE_HEAD, "no gap");

struct keeper_notices {
	struct notify_settings settings;
	int fd; /* to the notifier; -1: there is none */
	struct {
		uint64_t handed, delivered, forgotten;
		uint64_t refused[NOTICES_HANDED]; /* of those that are not forgotten */
		size_t refused_count;
		char error[NOTIFY_ERROR_SIZE]; /* "": it takes what it gets */
		nstime took_at, failed_at;     /* wall clock; the latest; 0: never */
		bool waiting;                  /* there may be more in the database */
	} of[RECEIVERS];
	uint64_t dead;
	nstime looked_at; /* for those that are too old, wall clock */
};

void keeper_notices_init(struct keeper_notices *notices,
                         const struct notify_settings *settings, const char *sensor);
void keeper_notices_free(struct keeper_notices *notices);

/* Other receivers: nothing goes to the notifier of the former ones any more. */
void keeper_notices_follow(struct keeper_notices *notices,
                           const struct notify_settings *settings);
/* A notifier, which has nothing yet. */
void keeper_notices_connect(struct keeper_notices *notices, int fd);

/* In the batch of the alert: for each receiver that is to be told. */
MUST_CHECK enum status keeper_notices_add(struct keeper_notices *notices,
                                          struct store_live *live,
                                          const struct alert_record *alert);

/* What the notifier says; now: wall clock; true: something is to be forgotten in a batch.
 */
bool keeper_notices_hear(struct keeper_notices *notices, nstime now);
MUST_CHECK enum status keeper_notices_forget(struct keeper_notices *notices,
                                             struct store_live *live);
/* Outside of a batch: hands over what is kept. */
MUST_CHECK enum status keeper_notices_hand(struct keeper_notices *notices,
                                           struct store_live *live);
/* Gives up what is too old. */
MUST_CHECK enum status keeper_notices_expire(struct keeper_notices *notices,
                                             struct store_live *live, nstime now);

#endif
