#include "analyzer/track/media_match.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/track/media.h"

#define WINDOW (2 * NS_PER_SEC)        /* sightings further apart have nothing to do */
#define LATEST_OFFSET (1 * NS_PER_SEC) /* of a relay with the longest jitter buffer */

enum {
	FIRST_ROOM = 1024,
	MOST_PLACES = 6, /* on one way: four relays in a row */
	CHAIN_LOOKED_AT = 32,
};

struct sighting {
	nstime at;
	uint32_t digest;
	uint32_t older; /* position of the one before it in its bucket */
	uint32_t stream;
	uint16_t sequence;
	uint8_t kind;
	bool follows : 1;  /* another of the same digest came less than WINDOW before */
	bool followed : 1; /* likewise after it */
	bool spoilt : 1;   /* the same stream had that digest already */
};

void media_match_init(struct media_matcher *matcher, const struct settings *settings)
{
	*matcher = (struct media_matcher){ 0 };
	matcher->deadline.kind = DEADLINE_MATCH;
	pool_init(&matcher->pairs, sizeof(struct stream_pair),
	          (uint32_t)settings->limits.matches);
}

void media_match_free(struct media_matcher *matcher)
{
	free(matcher->ring);
	free(matcher->buckets);
	free(matcher->found);
	pool_free(&matcher->pairs);
}

/* --- the table of sightings ----------------------------------------------------------- */

static struct sighting *sighting_at(const struct media_matcher *m, uint32_t position)
{
	return &m->ring[position & (m->room - 1)];
}

static uint32_t *bucket_of(const struct media_matcher *m, uint32_t digest)
{
	return &m->buckets[digest & (2 * m->room - 1)];
}

static bool is_kept(const struct media_matcher *m, uint32_t position)
{
	return position - m->tail < m->head - m->tail;
}

static void link(struct media_matcher *m, uint32_t position)
{
	struct sighting *s = sighting_at(m, position);
	uint32_t *bucket = bucket_of(m, s->digest);
	s->older = *bucket;
	*bucket = position;
}

/* Twice the room; ERR_FULL at the limit, ERR_NOMEM. */
static enum status grow(struct media_matcher *m, size_t limit)
{
	const uint32_t room = m->room ? 2 * m->room : FIRST_ROOM;
	if (room > limit)
		return ERR_FULL;
	struct sighting *ring = malloc(room * sizeof *ring);
	uint32_t *buckets = ring ? calloc((size_t)2 * room, sizeof *buckets) : NULL;
	if (!buckets) {
		free(ring);
		return ERR_NOMEM;
	}
	for (uint32_t p = m->tail; p != m->head; p++)
		ring[p & (room - 1)] = *sighting_at(m, p);
	free(m->ring);
	free(m->buckets);
	m->ring = ring;
	m->buckets = buckets;
	m->room = room;
	/* A bucket that nothing is in holds a position that never is kept: 0 is none. */
	if (m->head == 0)
		m->head = m->tail = 1;
	for (uint32_t p = m->tail; p != m->head; p++)
		link(m, p);
	return OK;
}

/* The latest sighting of that digest before `position`; or MAP_NONE. */
static uint32_t find_same(const struct media_matcher *m, uint32_t position, uint32_t digest,
                          unsigned int *left)
{
	while (is_kept(m, position) && (*left)--) {
		const struct sighting *s = sighting_at(m, position);
		if (s->digest == digest)
			return position;
		if (s->older - m->tail >= position - m->tail)
			break; /* it was kept once; another is in its place */
		position = s->older;
	}
	return MAP_NONE;
}

static void settle_one(struct media *media);

/* False when there is none: no memory, or a limit of nothing. */
static bool make_room(struct media *media)
{
	struct media_matcher *m = &media->matcher;
	if (m->head - m->tail < m->room)
		return true;
	const enum status status = grow(m, media->context->settings.limits.sightings);
	if (status == OK)
		return true;
	context_count_failure(media->context, status, COUNT_SIGHTINGS_EVICTED);
	if (m->room > 0)
		settle_one(media);
	return m->room > 0;
}

/* True when its stream has not had it shortly before. */
static bool add(struct media *media, const struct sighting *seen)
{
	struct media_matcher *m = &media->matcher;
	unsigned int left = CHAIN_LOOKED_AT;
	if (!make_room(media))
		return false;
	struct sighting fresh = *seen;
	const uint32_t before =
	        find_same(m, *bucket_of(m, seen->digest), seen->digest, &left);
	if (before != MAP_NONE) {
		struct sighting *same = sighting_at(m, before);
		if (same->stream == seen->stream && same->sequence == seen->sequence)
			return false; /* a copy of the same packet */
		same->followed = fresh.follows = true;
		fresh.spoilt = same->stream == seen->stream;
	}
	*sighting_at(m, m->head) = fresh;
	link(m, m->head);
	m->head++;
	return !fresh.spoilt;
}

const void *media_match_place(const struct media_matcher *matcher, uint32_t digest)
{
	return matcher->room ? bucket_of(matcher, digest) : NULL;
}

void media_match_note(struct media *media, uint32_t number,
                      const struct media_sample *sample)
{
	struct stream_hot *hot = media_hot(media, number);
	const bool by_number = sample->of.kind == SAMPLE_BY_NUMBER;
	const struct sighting seen = { .at = sample->at,
		                       .digest = sample->of.digest,
		                       .stream = number,
		                       .sequence = sample->sequence,
		                       .kind = by_number ? MATCH_RTP : MATCH_PAYLOAD };
	media_match_settle(media, sample->at);
	if (add(media, &seen) && !by_number && hot->telling < UINT8_MAX)
		hot->telling++;
}

/* --- from sightings to pairs ---------------------------------------------------------- */

static const struct flow *flow_of(const struct media *media, const struct sighting *s)
{
	return &media_hot(media, s->stream)->flow;
}

/* The stream may be gone, and another have its number. */
static bool is_there(const struct media *media, const struct sighting *s)
{
	const struct stream *stream = pool_live(&media->streams, s->stream);
	return stream && stream->first <= s->at;
}

/* The same packets, at two points of the network. */
static bool is_same_way(const struct media *media, const struct sighting *a,
                        const struct sighting *b)
{
	return media_hot(media, a->stream)->point != media_hot(media, b->stream)->point &&
	       memcmp(flow_of(media, a), flow_of(media, b), sizeof(struct flow)) == 0;
}

/* From host to host, and to none twice; on each stretch seen at one point or several. */
static bool is_one_way(const struct media *media, const struct sighting *const *list,
                       size_t count)
{
	const struct address *hosts[MOST_PLACES + 1];
	size_t last = 0;
	hosts[0] = &flow_of(media, list[0])->src.address;
	for (size_t i = 0; i < count; i++) {
		const struct flow *flow = flow_of(media, list[i]);
		if (i > 0 && is_same_way(media, list[i - 1], list[i]))
			continue;
		if (!address_equal(hosts[last], &flow->src.address))
			return false;
		for (size_t k = 0; k <= last; k++)
			if (address_equal(hosts[k], &flow->dst.address))
				return false;
		hosts[++last] = &flow->dst.address;
	}
	return true;
}

/* All that were seen of one digest: tells which streams go on as which. */
static void judge(struct media *media, const struct sighting *const *list, size_t count)
{
	const bool one_way = is_one_way(media, list, count);
	if (count > 2 && !one_way)
		return;
	for (size_t i = 0; i + 1 < count; i++)
		media_pair_match(
		        media, list[i]->stream, list[i + 1]->stream,
		        &(struct pair_match){
		                .kind = list[i]->kind,
		                .offset_ms = ns_to_ms(list[i + 1]->at - list[i]->at),
		                .sequence_delta = (uint16_t)(list[i + 1]->sequence -
		                                             list[i]->sequence),
		                .on_the_way = one_way,
		                .same_way = is_same_way(media, list[i], list[i + 1]),
		        });
}

/* Those of the digest of `first`, which nobody follows before it, in order of time. */
static size_t gather(const struct media *media, uint32_t first,
                     const struct sighting *list[MOST_PLACES])
{
	const struct media_matcher *m = &media->matcher;
	const struct sighting *oldest = sighting_at(m, first);
	const struct sighting *found[MOST_PLACES];
	unsigned int left = CHAIN_LOOKED_AT;
	size_t count = 0;
	for (uint32_t p =
	             find_same(m, *bucket_of(m, oldest->digest), oldest->digest, &left);
	     p != MAP_NONE;
	     p = find_same(m, sighting_at(m, p)->older, oldest->digest, &left)) {
		const struct sighting *s = sighting_at(m, p);
		if (count == MOST_PLACES || s->spoilt || s->kind != oldest->kind ||
		    s->at - oldest->at > LATEST_OFFSET || !is_there(media, s))
			return 0;
		for (size_t i = 0; i < count; i++)
			if (found[i]->stream == s->stream)
				return 0;
		found[count++] = s;
		if (p == first)
			break;
	}
	if (count == 0 || found[count - 1] != oldest)
		return 0; /* there are more than we care to look at */
	for (size_t i = 0; i < count; i++)
		list[i] = found[count - 1 - i];
	return count;
}

/* The oldest sighting has waited long enough. */
static void settle_one(struct media *media)
{
	struct media_matcher *m = &media->matcher;
	const struct sighting *s = sighting_at(m, m->tail);
	const struct sighting *list[MOST_PLACES];
	if (s->followed && !s->follows) {
		const size_t count = gather(media, m->tail, list);
		if (count > 1)
			judge(media, list, count);
	}
	m->tail++;
}

void media_match_settle(struct media *media, nstime now)
{
	struct media_matcher *m = &media->matcher;
	while (m->tail != m->head &&
	       (now == NSTIME_NEVER || sighting_at(m, m->tail)->at + WINDOW < now))
		settle_one(media);
}
