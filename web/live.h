/*
 * live.h - what a running probe tells those who watch: how it stands, as the latest
 * snapshot, and what happens, as Server-Sent Events.
 *
 * Who publishes never waits for who reads.  Events lie in a ring; who reads so slowly that
 * they were overwritten is told how many, and its stream ends: the browser begins another.
 */
#ifndef EARSHOT_WEB_LIVE_H
#define EARSHOT_WEB_LIVE_H

#include "analyzer/model/record.h"
#include "web/buffer.h"
#include "web/secret.h"

enum {
	LIVE_EVENTS = 256,
	LIVE_STREAMS = 32,
	LIVE_HEARTBEAT_S = 5, /* a comment, so that both ends know of each other */
	LIVE_STREAM_S = 600,  /* then it ends, for rights may have changed */
};

struct live;

MUST_CHECK enum status live_new(struct live **out);
void live_free(struct live *live); /* NULL is fine; no stream is open */

/* A JSON object without line breaks, and without anything of a person but the methods that
 * nobody knows among its counts: the snapshot from now on, and an event of that type. */
void live_publish_snapshot(struct live *live, const char *type, struct text json,
                           const uint8_t key[SECRET_BYTES]);

/* An event with the record as JSON, for those who may see people and those who may not. */
void live_publish_record(struct live *live, const char *type, const struct record *record,
                         const uint8_t key[SECRET_BYTES]);

/* Appends the latest snapshot; false: there is none yet. */
bool live_add_snapshot(struct live *live, bool masked, struct buffer *to);

/* All streams end. */
void live_end_streams(struct live *live);
/* The same, and no more begin. */
void live_stop(struct live *live);

/* --- one who watches ------------------------------------------------------------------ */

struct live_stream;

/*
 * masked: may not see people.  after: the id of the last event that it had, 0 = those from
 * now on.  ERR_FULL: too many watch, or live_stop.
 */
MUST_CHECK enum status live_open(struct live *live, bool masked, uint64_t after,
                                 struct live_stream **out);

/* Up to `room` octets of the stream, more than 0, within LIVE_HEARTBEAT_S.  0: it is over.
 */
size_t live_read(struct live_stream *stream, char *to, size_t room);
void live_close(struct live_stream *stream); /* NULL is fine */

#endif
