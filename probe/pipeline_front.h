/*
 * pipeline_front.h - the first half of a frame's journey: filtered, decoded, put together;
 * packets leave in batches.  What it keeps is its own: it never asks the analyzer.
 */
#ifndef EARSHOT_PROBE_PIPELINE_FRONT_H
#define EARSHOT_PROBE_PIPELINE_FRONT_H

#include "probe/packet_batch.h"
#include "probe/pipeline.h"

struct front;

/* Where batches go. */
struct front_outlet {
	/* Takes a batch, and says which one is to be filled next: it is empty. */
	struct packet_batch *(*deliver)(void *self, struct packet_batch *batch);
	void *self;
};

/* Borrows `first`, the batch that is filled first.  Errors as pipeline_new. */
MUST_CHECK enum status front_new(const struct pipeline_options *options,
                                 const struct front_outlet *outlet,
                                 struct packet_batch *first, struct front **out,
                                 char error[PIPELINE_ERROR_SIZE]);

void front_frames(struct front *front, const struct frame *frames, size_t count);
void front_advance(struct front *front, nstime now);
void front_note_dropped(struct front *front, uint64_t frames);

/* pipeline.h says what for. */
MUST_CHECK enum status front_set_points(struct front *front,
                                        const struct settings *settings);
MUST_CHECK enum status front_expect_hep(struct front *front);

/* What is in its batch goes. */
void front_flush(struct front *front);

/* The last packets, and the word that there will be no more; what that borrows the front
 * keeps until it is freed. */
void front_finish(struct front *front);

struct frame_tally front_tally(const struct front *front);
/* The account of frames without what the analyzer took; adds to *summary. */
void front_add_summary(const struct front *front, struct summary *summary);
nstime front_latest(const struct front *front);
void front_digest(const struct front *front, uint8_t digest[16]);

void front_free(struct front *front); /* NULL is fine */

#endif
