/*
 * media_unlike.c - legs that cannot be one conversation, since other media flows on each.
 */
#include "analyzer/track/media.h"
#include "analyzer/track/media_match.h"

enum { LEAST_TELLING = 6 };
#define LEAST_IN_COMMON (4 * NS_PER_SEC)

static bool is_matched(const struct media *media, uint32_t earlier, uint32_t later)
{
	for (uint32_t p = media_stream(media, earlier)->pairs_as_earlier; p;) {
		const struct stream_pair *pair = pool_at(&media->matcher.pairs, p - 1);
		if (pair->later == later + 1)
			return true;
		p = pair->next_of_earlier;
	}
	return false;
}

static enum codec codec_of(const struct stream *s)
{
	return s->type_count > 0 ? stream_type_at(s, s->audio_at)->meaning.codec
	                         : CODEC_UNKNOWN;
}

/* Would a match have been seen, if there were any? */
static bool are_comparable(const struct stream *a, const struct stream *b)
{
	const nstime from = a->first > b->first ? a->first : b->first;
	const nstime to = a->hot->last < b->hot->last ? a->hot->last : b->hot->last;
	return a->direction == b->direction && !a->encrypted && !b->encrypted &&
	       a->hot->telling >= LEAST_TELLING && b->hot->telling >= LEAST_TELLING &&
	       to - from >= LEAST_IN_COMMON && codec_of(a) != CODEC_UNKNOWN &&
	       codec_of(a) == codec_of(b);
}

struct comparison {
	unsigned int comparable, matched;
};

static void compare(const struct media *media, uint32_t stream, uint32_t others,
                    struct comparison *found)
{
	const struct stream *mine = media_stream(media, stream);
	for (uint32_t o = others; o; o = media_stream(media, o - 1)->next_of_leg) {
		found->comparable += are_comparable(mine, media_stream(media, o - 1));
		found->matched += is_matched(media, stream, o - 1) ||
		                  is_matched(media, o - 1, stream);
	}
}

bool media_legs_unlike(const struct media *media, uint32_t leg, uint32_t other)
{
	const struct media_leg *legs[] = { pool_live(&media->legs, leg),
		                           pool_live(&media->legs, other) };
	struct comparison found = { 0 };
	if (!legs[0] || !legs[1])
		return false;
	const uint32_t mine[] = { legs[0]->first_stream, legs[0]->first_final };
	for (size_t i = 0; i < ARRAY_LEN(mine); i++) {
		for (uint32_t s = mine[i]; s; s = media_stream(media, s - 1)->next_of_leg) {
			compare(media, s - 1, legs[1]->first_stream, &found);
			compare(media, s - 1, legs[1]->first_final, &found);
		}
	}
	return found.comparable > 0 && found.matched == 0;
}
