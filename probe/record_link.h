/*
 * record_link.h - the record stream between the engine and the keeper: a stream socket with
 * frames of a fixed head, a body and a tail, all lengths checked; and, the other way, the
 * number of the last record that is kept for good.
 *
 *   magic, 4 | version, 1 | kind, 1 | flags, 2 | number, 8 | at, 8 | body, 4 | tail, 4
 *
 * Numbers rise by one from 1 within an engine's life; only the hello has none.  The engine
 * (over a folder of captures, within the run's life; and what only says how things stand
 * has the number of the record before it).  The engine
 * holds what is not kept yet and sends it again when the stream breaks and a new one comes.
 * It never waits: what finds no room is not sent at all, in an order that is told below,
 * and counted by kind.
 */
#ifndef EARSHOT_PROBE_RECORD_LINK_H
#define EARSHOT_PROBE_RECORD_LINK_H

#include "analyzer/model/record.h"
#include "probe/record_wire.h"
#include "probe/source_live.h"

enum {
	LINK_HEAD = 32,
	LINK_FRAME_MAX = LINK_HEAD + RECORD_WIRE_MAX + RECORD_WIRE_TAIL_MAX,
	LINK_ENGINE_ID = 16,
};

/* What a frame carries, beside the kinds of records. */
enum link_kind {
	LINK_HELLO = 0xf0,   /* engine id, then the run's options as text */
	LINK_ACCOUNT = 0xf1, /* struct link_account, 8 octets each; tail: JSON */
	LINK_GOODBYE = 0xf2, /* ended in order */
	/* over a folder of captures (schema/store_watch.h), each of 8 octets: */
	LINK_POSITION = 0xf3,   /* frames, steps */
	LINK_FILE_BEGIN = 0xf4, /* id, place, frames before it */
	LINK_FILE_END = 0xf5,   /* id, frames, last, needed; tail: damage */
	LINK_FINISHING = 0xf6,  /* no body */
};

enum link_flag { LINK_NOT_OVER = 1 << 0 /* a leg or a call as it stands */ };

struct link_frame {
	uint8_t kind; /* enum record_kind or enum link_kind */
	uint16_t flags;
	uint64_t number;
	nstime at;
	struct span body, tail; /* borrowed */
};

/* What found no room: records of a kind, and these. */
enum link_loss {
	LINK_LOSS_BYTES =
	        RECORD_KIND_COUNT, /* the bytes of a message, which itself is kept */
	LINK_LOSS_TIMELINE,        /* the same of a stream */
	LINK_LOSS_PROGRESS,        /* a leg or a call as it stood: a later one comes */
	LINK_LOSS_ACCOUNT,
	LINK_LOSS_COUNT
};

const char *link_loss_name(size_t loss);

/* Since the engine began. */
struct link_account {
	uint64_t frames, parsed, not_ours, malformed,
	        dropped;                        /* the first: the sum of these */
	uint64_t queue_bytes, queue_most_bytes; /* now; since the account before */
	uint64_t capture_lost; /* RTP packets that were lost on the way to the probe */
	uint64_t kernel_received[LIVE_SOURCES], kernel_dropped[LIVE_SOURCES];
	uint64_t not_kept[LINK_LOSS_COUNT];
};
enum { LINK_ACCOUNT_NUMBERS = sizeof(struct link_account) / sizeof(uint64_t) };

/* False: it is none. */
MUST_CHECK bool link_read_account(struct span body, struct link_account *out);

/* --- the engine's side ---------------------------------------------------------------- */

struct link_sender;

/*
 * most: bytes held at most.  As they fill up, first the bytes of messages are left out,
 * then messages, then timelines of streams, then streams and what is not over, then all but
 * calls and legs; at the brim everything.  ERR_NOMEM.
 */
MUST_CHECK enum status link_sender_new(const uint8_t engine[LINK_ENGINE_ID],
                                       const char *options, size_t most,
                                       struct link_sender **out);
void link_sender_free(struct link_sender *sender); /* NULL is fine; closes its socket */

/* A new stream, which becomes the sender's: it begins with the hello, then comes all that
 * is not known to be kept. */
void link_sender_connect(struct link_sender *sender, int fd);
int link_sender_fd(const struct link_sender *sender); /* -1 = none */

void link_sender_record(struct link_sender *sender, const struct record *record, bool over);
/* What it says of the queue, and not_kept, are the sender's to know. */
void link_sender_account(struct link_sender *sender, const struct link_account *account,
                         struct text json);
void link_sender_goodbye(struct link_sender *sender);

/* The run goes on: its records up to that number are kept.  What says how things stand has
 * no number of its own from then on. */
void link_sender_watch(struct link_sender *sender, uint64_t number);
uint64_t link_sender_number(const struct link_sender *sender); /* of the last frame */
/* One of the kinds from LINK_POSITION on; its body is those numbers. */
void link_sender_tell(struct link_sender *sender, enum link_kind kind,
                      const uint64_t *numbers, size_t count, struct text tail);

/* Legs and calls as they stood, of which nothing was sent yet: how they end comes next. */
void link_sender_drop_progress(struct link_sender *sender);
/* Whatever was not begun to be sent has no time to be: it is counted.  How many records. */
uint64_t link_sender_cut(struct link_sender *sender);

/* Sends what the socket takes and hears what is kept; a broken stream is closed. */
void link_sender_work(struct link_sender *sender);
bool link_sender_wants_to_write(const struct link_sender *sender);
bool link_sender_has_unsent(const struct link_sender *sender);
size_t link_sender_bytes(const struct link_sender *sender); /* held */
uint64_t link_sender_not_kept(const struct link_sender *sender, size_t loss);

/* --- the keeper's side ---------------------------------------------------------------- */

/*
 * Frames as they come, in memory of a fixed size: those looked at stay until they are said
 * to be kept, and can be looked at again.
 */
struct link_receiver {
	int fd; /* -1 = none */
	uint8_t *bytes;
	size_t kept_to, read_to, filled; /* kept_to <= read_to <= filled */
	bool ended;                      /* the engine's end is closed */
};

MUST_CHECK enum status link_receiver_init(struct link_receiver *receiver);
void link_receiver_free(struct link_receiver *receiver);
void link_receiver_connect(struct link_receiver *receiver, int fd);

/* Takes what has come; it may be that there is no room before something is kept. */
void link_receiver_fill(struct link_receiver *receiver);
bool link_receiver_has_room(const struct link_receiver *receiver);
/* Less than a quarter of it is free. */
bool link_receiver_is_filling_up(const struct link_receiver *receiver);
/* For bytes that come from elsewhere: where they go, and how many; and that they are there.
 */
uint8_t *link_receiver_room(struct link_receiver *receiver, size_t *size);
void link_receiver_added(struct link_receiver *receiver, size_t len);

/* The next frame.  ERR_NOT_FOUND: it is not there, or not all of it.  ERR_MALFORMED: the
 * engine is mad. */
MUST_CHECK enum status link_receiver_next(struct link_receiver *receiver,
                                          struct link_frame *out);
void link_receiver_rewind(struct link_receiver *receiver); /* to what is not kept */
void link_receiver_kept(struct link_receiver *receiver);   /* all that was looked at */

/* Tells the engine; a stream that does not take it will break anyway. */
void link_receiver_tell(const struct link_receiver *receiver, uint64_t durable);

#endif
