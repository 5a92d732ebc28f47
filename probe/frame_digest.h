/*
 * frame_digest.h - a digest over frames: their stamps, lengths and bytes.
 *
 * In a header because it runs for each of them.
 */
#ifndef EARSHOT_PROBE_FRAME_DIGEST_H
#define EARSHOT_PROBE_FRAME_DIGEST_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "probe/frame.h"

enum { FRAME_DIGEST_HEAD = 64 }; /* Ethernet, IPv4, UDP and RTP, and some of the payload */

struct frame_digest {
	uint64_t values[2];
};

/*
 * Each frame is hashed by itself, so that the processor need not wait for the one before;
 * what joins the hashes is the value of a polynomial in two odd numbers.
 */
static inline uint64_t frame_digest_seed(const struct frame *frame)
{
	return (uint64_t)frame->at * UINT64_C(0x9e3779b97f4a7c15) ^
	       (uint64_t)frame->length << 16 ^ frame->link_type;
}

static inline void frame_digest_join(struct frame_digest *digest, uint64_t hash)
{
	digest->values[0] = digest->values[0] * UINT64_C(0xd1342543de82ef95) + hash;
	digest->values[1] = digest->values[1] * UINT64_C(0xff51afd7ed558ccd) + hash;
}

/* Nearly all have this length: known to the compiler, it costs half. */
static inline void frame_digest_add_head(struct frame_digest *digest,
                                         const struct frame *frame)
{
	frame_digest_join(digest, XXH3_64bits_withSeed(frame->bytes.at, FRAME_DIGEST_HEAD,
	                                               frame_digest_seed(frame)));
}

/* The same of all its bytes. */
void frame_digest_add(struct frame_digest *digest, const struct frame *frame);

void frame_digest_end(const struct frame_digest *digest, uint8_t bytes[16]);

#endif
