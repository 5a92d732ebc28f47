/*
 * media_pair.c - pairs of streams that carry the same media: when that is proven, and what
 * was lost between the two.
 */
#include "analyzer/track/media_match.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/track/media.h"

enum {
	PAIRS_PER_STREAM = 8,
	STREAMS_LOOKED_AT = 8, /* that may be the other direction */
	MATCHES_NEEDED = 4,    /* of both directions */
	MATCHES_EACH_WAY = 2,  /* where only both directions together prove anything */
};

#define SAME_OFFSET_MS 60.0 /* a jitter buffer's length may change by that much */

static struct stream_pair *pair_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->matcher.pairs, number);
}

static uint32_t matches_of(const struct stream_pair *pair)
{
	return pair->matches[MATCH_RTP] + pair->matches[MATCH_PAYLOAD];
}

/* --- the lists of a stream's pairs ---------------------------------------------------- */

static struct stream_pair *find_pair(const struct media *media, uint32_t earlier,
                                     uint32_t later)
{
	for (uint32_t p = media_stream(media, earlier)->pairs_as_earlier; p;
	     p = pair_at(media, p - 1)->next_of_earlier)
		if (pair_at(media, p - 1)->later == later + 1)
			return pair_at(media, p - 1);
	return NULL;
}

static void unlink_pair(struct media *media, uint32_t number)
{
	struct stream_pair *pair = pair_at(media, number);
	uint32_t *link;
	if (pair->earlier) {
		link = &media_stream(media, pair->earlier - 1)->pairs_as_earlier;
		while (*link != number + 1)
			link = &pair_at(media, *link - 1)->next_of_earlier;
		*link = pair->next_of_earlier;
		pair->earlier = 0;
	}
	if (pair->later) {
		link = &media_stream(media, pair->later - 1)->pairs_as_later;
		while (*link != number + 1)
			link = &pair_at(media, *link - 1)->next_of_later;
		*link = pair->next_of_later;
		pair->later = 0;
	}
}

/* Of too many the one with the fewest matches makes room: it was chance. */
static void drop_weakest(struct media *media, uint32_t first, bool as_earlier)
{
	uint32_t weakest = 0;
	unsigned int count = 0;
	for (uint32_t p = first; p; count++) {
		const struct stream_pair *pair = pair_at(media, p - 1);
		if (!pair->told &&
		    (!weakest ||
		     matches_of(pair) < matches_of(pair_at(media, weakest - 1))))
			weakest = p;
		p = as_earlier ? pair->next_of_earlier : pair->next_of_later;
	}
	if (count < PAIRS_PER_STREAM || !weakest)
		return;
	unlink_pair(media, weakest - 1);
	pool_give(&media->matcher.pairs, weakest - 1);
}

static struct stream_pair *new_pair(struct media *media, uint32_t earlier, uint32_t later)
{
	struct stream *first = media_stream(media, earlier);
	struct stream *second = media_stream(media, later);
	void *object;
	uint32_t number;
	drop_weakest(media, first->pairs_as_earlier, true);
	drop_weakest(media, second->pairs_as_later, false);
	const enum status status = pool_take(&media->matcher.pairs, &object, &number);
	if (status != OK) {
		context_count_failure(media->context, status, COUNT_MATCHES_NOT_KEPT);
		return NULL;
	}
	struct stream_pair *pair = object;
	*pair = (struct stream_pair){ .earlier = earlier + 1,
		                      .later = later + 1,
		                      .next_of_earlier = first->pairs_as_earlier,
		                      .next_of_later = second->pairs_as_later };
	first->pairs_as_earlier = second->pairs_as_later = number + 1;
	return pair;
}

/* --- the other direction -------------------------------------------------------------- */

struct others {
	size_t count;
	uint32_t list[STREAMS_LOOKED_AT];
};

static void add_of_leg(const struct media *media, struct others *others, uint32_t first,
                       enum direction direction)
{
	for (uint32_t s = first; s && others->count < STREAMS_LOOKED_AT;
	     s = media_stream(media, s - 1)->next_of_leg)
		if (media_stream(media, s - 1)->direction != direction)
			others->list[others->count++] = s - 1;
}

/* Streams that go where this one comes from: of its leg, or else between the same two
 * ports. */
static struct others others_of(const struct media *media, const struct stream *stream)
{
	struct others others = { 0 };
	if (stream->leg) {
		const struct media_leg *leg = pool_at(&media->legs, stream->leg - 1);
		add_of_leg(media, &others, leg->first_stream, stream->direction);
		add_of_leg(media, &others, leg->first_final, stream->direction);
		return others;
	}
	const struct flow *flow = &stream->hot->flow;
	const uint32_t node = media_node_find(media, &flow->dst);
	if (node == MAP_NONE)
		return others;
	const struct media_node *from = pool_at(&media->nodes, node);
	for (uint32_t s = from->first_out; s && others.count < STREAMS_LOOKED_AT;
	     s = media_stream(media, s - 1)->next_out)
		if (endpoint_equal(&media_hot(media, s - 1)->flow.dst, &flow->src))
			others.list[others.count++] = s - 1;
	return others;
}

/* What the pairs of the other direction have: on the way back, and against the way. */
struct back {
	uint32_t returning, contrary, on_the_way;
};

static struct back look_back(const struct media *media, const struct stream_pair *pair)
{
	const struct others earlier =
	        others_of(media, media_stream(media, pair->earlier - 1));
	const struct others later = others_of(media, media_stream(media, pair->later - 1));
	struct back back = { 0 };
	for (size_t i = 0; i < earlier.count; i++) {
		for (size_t k = 0; k < later.count; k++) {
			const struct stream_pair *found =
			        find_pair(media, later.list[k], earlier.list[i]);
			if (found) {
				back.returning += matches_of(found);
				back.on_the_way += found->on_the_way;
			}
			found = find_pair(media, earlier.list[i], later.list[k]);
			back.contrary += found ? matches_of(found) : 0;
		}
	}
	return back;
}

/*
 * Where the media leaves from the host at which it arrived, some matches are enough.
 * Elsewhere (a relay with an address on each side, a host that is both ends) two calls that
 * play one file look the same: but then the later call is later in both directions, and
 * behind a relay it is the first to hear the answer.
 */
static bool is_proven(const struct media *media, const struct stream_pair *pair)
{
	if (pair->same_way)
		return true;
	const struct stream_pair *turned =
	        find_pair(media, pair->later - 1, pair->earlier - 1);
	const uint32_t matches = matches_of(pair);
	if (turned && matches_of(turned) * 4 > matches)
		return false;
	const struct back back = look_back(media, pair);
	if (back.contrary * 4 > matches)
		return false;
	if (pair->on_the_way)
		return matches + (back.on_the_way ? back.returning : 0) >= MATCHES_NEEDED;
	return matches >= MATCHES_EACH_WAY && back.returning >= MATCHES_EACH_WAY &&
	       matches + back.returning >= MATCHES_NEEDED;
}

/* --- matches -------------------------------------------------------------------------- */

/* False when its offset is not that of the others. */
static bool take_offset(struct stream_pair *pair, double offset_ms)
{
	const uint32_t before = matches_of(pair);
	if (before > 0 && fabs(offset_ms - pair->last_offset_ms) > SAME_OFFSET_MS) {
		pair->strays++;
		if (before >= MATCHES_NEEDED && pair->strays <= before / 2)
			return false;
		*pair = (struct stream_pair){ .earlier = pair->earlier,
			                      .later = pair->later,
			                      .next_of_earlier = pair->next_of_earlier,
			                      .next_of_later = pair->next_of_later,
			                      .told = pair->told };
	} else if (before > 0) {
		const double change = fabs(offset_ms - pair->last_offset_ms);
		pair->jitter_ms += (change - pair->jitter_ms) / before;
	}
	pair->last_offset_ms = offset_ms;
	pair->offset_ms += (offset_ms - pair->offset_ms) / (matches_of(pair) + 1);
	return true;
}

static void tell(struct media *media, struct stream_pair *pair)
{
	struct media_matcher *m = &media->matcher;
	const struct stream *streams[] = { media_stream(media, pair->earlier - 1),
		                           media_stream(media, pair->later - 1) };
	pair->told = matches_of(pair);
	if (!streams[0]->leg || !streams[1]->leg || streams[0]->leg == streams[1]->leg)
		return;
	if (m->found_count == m->found_room) {
		const size_t room = m->found_room ? 2 * m->found_room : 16;
		struct leg_match *found = realloc(m->found, room * sizeof *found);
		if (!found) {
			count(media->context, COUNT_NO_MEMORY);
			return;
		}
		m->found = found;
		m->found_room = room;
	}
	m->found[m->found_count++] = (struct leg_match){
		.legs = { streams[0]->signalling_leg, streams[1]->signalling_leg },
		.matches = { pair->matches[0], pair->matches[1] },
		.offset_ms = pair->offset_ms,
	};
	if (m->found_count == 1 && deadline_set(&media->context->deadlines, &m->deadline,
	                                        media->context->now) != OK)
		count(media->context, COUNT_NO_MEMORY); /* then they are told at the end */
}

void media_pair_match(struct media *media, uint32_t earlier, uint32_t later,
                      const struct pair_match *match)
{
	struct stream_pair *pair = find_pair(media, earlier, later);
	if (!pair)
		pair = new_pair(media, earlier, later);
	if (!pair || !take_offset(pair, match->offset_ms))
		return;
	if (matches_of(pair) > 0 && pair->sequence_delta != match->sequence_delta)
		pair->renumbered++;
	pair->sequence_delta = match->sequence_delta;
	pair->on_the_way = match->on_the_way;
	pair->same_way = match->same_way;
	if (pair->same_way)
		media_stream(media, earlier)->flags |= STREAM_SEEN_AGAIN;
	pair->matches[match->kind]++;
	if (matches_of(pair) >= 2 * pair->told && is_proven(media, pair))
		tell(media, pair);
}

/* --- ends ----------------------------------------------------------------------------- */

static struct pair_end end_of(struct stream *stream)
{
	const struct sequence *sequence = &stream->state.sequence;
	stream_settle(stream);
	return (struct pair_end){
		.id = stream->id,
		.first = stream->first,
		.last = stream->hot->last,
		.received = sequence->received,
		.lost = sequence_lost(sequence, &stream->counts),
		.base = (uint16_t)stream->counts.base,
		.max = (uint16_t)sequence->max,
		.restarted = stream->counts.expected_before > 0,
	};
}

void media_pair_end(struct media *media, uint32_t number)
{
	struct stream *stream = media_stream(media, number);
	const struct pair_end end = end_of(stream);
	for (uint32_t p = stream->pairs_as_earlier; p;
	     p = pair_at(media, p - 1)->next_of_earlier)
		pair_at(media, p - 1)->ends[0] = end;
	for (uint32_t p = stream->pairs_as_later; p;
	     p = pair_at(media, p - 1)->next_of_later) {
		struct stream_pair *pair = pair_at(media, p - 1);
		pair->ends[1] = end;
		if (pair->told && pair->told < matches_of(pair))
			tell(media, pair);
	}
}

void media_pair_release(struct media *media, uint32_t number)
{
	struct stream *stream = media_stream(media, number);
	while (stream->pairs_as_later) {
		const uint32_t p = stream->pairs_as_later - 1;
		unlink_pair(media, p);
		pool_give(&media->matcher.pairs, p);
	}
	/* The later one still wants to know what the earlier had. */
	while (stream->pairs_as_earlier) {
		struct stream_pair *pair = pair_at(media, stream->pairs_as_earlier - 1);
		stream->pairs_as_earlier = pair->next_of_earlier;
		pair->earlier = 0;
	}
}

/* --- what lies between ---------------------------------------------------------------- */

static const struct stream_pair *best_pair(const struct media *media,
                                           const struct stream *stream)
{
	const struct stream_pair *best = NULL;
	for (uint32_t p = stream->pairs_as_later; p;
	     p = pair_at(media, p - 1)->next_of_later) {
		const struct stream_pair *pair = pair_at(media, p - 1);
		if (pair->told && (!best || matches_of(pair) > matches_of(best)))
			best = pair;
	}
	return best;
}

enum { EDGE = 25 }; /* packets by which one stream may begin or end before the other */

/* Do both count the same packets, from beginning to end? */
static bool spans_agree(const struct stream_pair *pair)
{
	const struct pair_end *earlier = &pair->ends[0];
	const struct pair_end *later = &pair->ends[1];
	const uint16_t base =
	        (uint16_t)(later->base - earlier->base - pair->sequence_delta);
	const uint16_t max = (uint16_t)(later->max - earlier->max - pair->sequence_delta);
	return !earlier->restarted && !later->restarted && !pair->renumbered &&
	       (uint16_t)(base + EDGE) <= 2 * EDGE && (uint16_t)(max + EDGE) <= 2 * EDGE;
}

void media_pair_record(const struct media *media, struct stream *stream,
                       struct stream_record *out)
{
	out->segment_lost_before = out->segment_lost_between = NAN;
	out->segment_delay_ms = out->segment_jitter_ms = NAN;
	const struct stream_pair *pair = best_pair(media, stream);
	if (!pair)
		return;
	struct pair_end ends[2] = { pair->ends[0], end_of(stream) };
	if (pair->earlier && !ends[0].id)
		ends[0] = end_of(media_stream(media, pair->earlier - 1));
	struct stream_pair whole = *pair;
	whole.ends[0] = ends[0];
	whole.ends[1] = ends[1];
	out->upstream = ends[0].id;
	out->segment_delay_ms = pair->offset_ms;
	out->segment_jitter_ms = pair->jitter_ms;
	out->segment_lost_before = (double)ends[0].lost;
	if (spans_agree(&whole)) {
		out->segment_basis = SEGMENT_SEQUENCE;
		out->segment_lost_between =
		        fmax(0, (double)ends[0].received - (double)ends[1].received);
	} else {
		/* The relay numbers anew: what it did not get, its own numbers do not lack.
		 */
		out->segment_basis = SEGMENT_COUNTS;
		out->segment_lost_between = (double)ends[1].lost;
		if (!pair->renumbered)
			out->segment_lost_between =
			        fmax(0, (double)ends[1].lost - (double)ends[0].lost);
	}
}
