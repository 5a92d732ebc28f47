/*
 * ladders.h - the messages of legs that are not over yet, as the JSON text that the leg's
 * row will keep: one row a leg instead of one a message.
 */
#ifndef EARSHOT_SCHEMA_LADDERS_H
#define EARSHOT_SCHEMA_LADDERS_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/record.h"

/* Of one leg: well below what SQLite takes as one text (db.c). */
#define LADDER_MAX_BYTES ((size_t)512 << 10)
/* Of all open legs together; beyond it messages are left out, which leg.messages tells. */
#define LADDERS_MAX_BYTES ((size_t)256 << 20)

/* Of one leg, bytes of messages that are kept whole. */
#define LADDER_RAW_MAX ((size_t)256 << 10)

struct ladders {
	struct pool pool, pieces;
	struct map map; /* by leg id */
	char *whole;    /* owned; where a ladder is put together */
};

MUST_CHECK enum status ladders_init(struct ladders *ladders);
void ladders_free(struct ladders *ladders);

/* One more message of its leg.  ERR_FULL, ERR_NOMEM: it is left out. */
MUST_CHECK enum status ladders_add(struct ladders *ladders,
                                   const struct message_record *message);

/* May a message of that many bytes be kept whole, too?  Then they are counted. */
bool ladders_allow_raw(struct ladders *ladders, uint64_t leg, size_t len);

/*
 * What the leg has so far: a JSON list with, for each message, the list [id, at (us),
 * frame, src, dst, transport, summary, cseq, retransmission, sdp, length].  An endpoint is
 * 0 where it is the first message's src, 1 where its dst; that message has both as text.
 * Empty without messages.  Borrowed until the next call of this function.
 */
struct text ladders_text(const struct ladders *ladders, uint64_t leg);

/*
 * The inverse, for a leg that has none yet: ends are src and dst of the first message. What
 * is no such list, or finds no room, is left out.
 */
void ladders_restore(struct ladders *ladders, uint64_t leg, struct text text,
                     const struct endpoint ends[2]);
void ladders_drop(struct ladders *ladders, uint64_t leg);

#endif
