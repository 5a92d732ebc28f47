#include "probe/frame_digest.h"

void frame_digest_add(struct frame_digest *digest, const struct frame *frame)
{
	frame_digest_join(digest, XXH3_64bits_withSeed(frame->bytes.at, frame->bytes.len,
	                                               frame_digest_seed(frame)));
}

void frame_digest_end(const struct frame_digest *digest, uint8_t bytes[16])
{
	for (size_t i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(digest->values[0] >> (56 - 8 * i));
		bytes[8 + i] = (uint8_t)(digest->values[1] >> (56 - 8 * i));
	}
}
