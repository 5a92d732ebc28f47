/*
 * media_only.h - calls whose signalling is not seen: encrypted, on another way, or before
 * the capture began.
 *
 * Streams that nobody announced and that go both ways between two transport addresses at
 * the same time are one call, without legs.  Who calls whom is not known: its start is its
 * first packet, its end the last.
 */
#ifndef EARSHOT_TRACK_MEDIA_ONLY_H
#define EARSHOT_TRACK_MEDIA_ONLY_H

#include "analyzer/base/pool.h"
#include "analyzer/model/record.h"

struct media;
struct media_leg;
struct stream;

enum {
	MEDIA_ONLY_LEFT = 4096, /* announced addresses remembered: those of 2000 calls */
	MEDIA_ONLY_LEFT_S = 10, /* for so long */
};

struct media_only {
	struct pool calls;
	/* Where media was announced until then, by hash: what goes on behind a BYE is no
	 * call. */
	struct {
		uint64_t hash;
		nstime at;
	} left[MEDIA_ONLY_LEFT];
};

void media_only_init(struct media_only *only, size_t streams);
void media_only_free(struct media_only *only);

/* The expectations of a leg are about to be forgotten. */
void media_only_leave(struct media *media, const struct media_leg *leg, nstime at);
/* Of a new stream: did nobody announce media at either end, now or just before? */
bool media_only_unannounced(const struct media *media, const struct stream *stream);
/*
 * A stream is about to be closed: it and those that answer it become a call.  With the
 * call's last stream the call is final, too.
 */
void media_only_close(struct media *media, uint32_t stream, nstime at);
/* Its record has been made. */
void media_only_note(struct media *media, const struct stream *stream,
                     const struct stream_record *record);

/* The record of a final call, which is given back. */
void media_only_record(struct media *media, uint32_t call, struct call_record *out);

#endif
