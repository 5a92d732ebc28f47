/* media_probation.c - what may be RTP and is not known to be: held until enough of it is
 * seen. */
#include "analyzer/track/media.h"
#include "analyzer/track/probation.h"

#include <string.h>

enum { EVICTION_SEARCH = 16 };

/*
 * What sent less long ago is about to send again, and stays: of more flows than there is
 * room for, each in turn would else push out another, and none would ever pass.  So a
 * capture that begins amid thousands of calls knows them all after a few turns.
 */
#define LONGEST_TURN (200 * NS_PER_MS)

static struct probation *probation_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->probations, number);
}

static nstime last_of(const struct probation *p)
{
	return p->packets[p->count - 1].arrival;
}

static uint32_t find(const struct media *media, const struct flow *flow, uint8_t point,
                     uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&media->probation_map, &cursor);
		if (number == MAP_NONE ||
		    (probation_at(media, number)->point == point &&
		     memcmp(&probation_at(media, number)->flow, flow, sizeof *flow) == 0))
			return number;
	}
}

static void drop(struct media *media, uint32_t number)
{
	map_remove(&media->probation_map, probation_at(media, number)->hash, number);
	pool_give(&media->probations, number);
}

/* Makes room, if it can: the longest silent of a few. */
static void evict(struct media *media)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && media->probations.reach; i++) {
		const uint32_t number = media->probation_hand++ % media->probations.reach;
		const struct probation *p = pool_live(&media->probations, number);
		if (p && (victim == MAP_NONE ||
		          last_of(p) < last_of(probation_at(media, victim))))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	const nstime idle = media->context->now - last_of(probation_at(media, victim));
	if (idle < LONGEST_TURN)
		return;
	if (idle < media->context->settings.limits.probation_idle)
		count(media->context, COUNT_PROBATIONS_EVICTED);
	drop(media, victim);
}

static void restart(struct probation *p, const struct stream_packet *packet)
{
	p->packets[0] = *packet;
	p->sequence = packet->sequence;
	p->count = p->passed = 1;
}

static void begin(struct media *media, const struct flow *flow, uint8_t point,
                  uint64_t hash, const struct stream_packet *packet)
{
	void *object;
	uint32_t number;
	if (media->probations.live == media->probations.cap)
		evict(media);
	enum status status = pool_take(&media->probations, &object, &number);
	if (status == OK &&
	    (status = map_insert(&media->probation_map, hash, number)) != OK)
		pool_give(&media->probations, number);
	if (status != OK) {
		context_count_failure(media->context, status, COUNT_PROBATIONS_EVICTED);
		return;
	}
	struct probation *p = object;
	p->flow = *flow;
	p->point = point;
	p->hash = hash;
	restart(p, packet);
}

static bool goes_on(const struct media *media, const struct probation *p,
                    const struct stream_packet *packet)
{
	const struct stream_packet *last = &p->packets[p->count - 1];
	return packet->payload_type == last->payload_type && p->count < PROBATION_HELD &&
	       (uint16_t)(packet->sequence - p->sequence) <= PROBATION_MAX_STEP &&
	       packet->arrival - last->arrival <
	               media->context->settings.limits.probation_idle;
}

/* Where streams find little room, new ones are those of calls. */
static bool is_refused(struct media *media, const struct flow *flow)
{
	media_look_at_pressure(media);
	if (!media->context->pressures[PRESSURE_STREAMS].on)
		return false;
	const uint32_t in = media_node_find(media, &flow->dst);
	const uint32_t out = media_node_find(media, &flow->src);
	return media_find_join(media, in, out).leg == MAP_NONE;
}

static enum media_claim admit(struct media *media, const struct packet *packet,
                              const struct stream_packet *newest, uint32_t number)
{
	const struct probation p = *probation_at(media, number);
	drop(media, number);
	if (is_refused(media, &p.flow)) {
		count(media->context, COUNT_STREAMS_NOT_TRACKED);
		return MEDIA_NONE;
	}
	struct packet first = *packet;
	first.at = p.packets[0].arrival;
	const uint32_t stream = media_stream_new(media, &p.flow, p.hash, &first);
	if (stream == MAP_NONE)
		return MEDIA_NONE;
	for (uint32_t i = 0; i < p.count; i++)
		media_stream_packet(media, stream, &p.packets[i], 0);
	media_stream_packet(media, stream, newest, packet->flags);
	media->context->counters.of[COUNT_ADMITTED_PACKETS] += p.count;
	return MEDIA_RTP;
}

enum media_claim media_probe(struct media *media, const struct packet *packet,
                             const struct rtp *rtp, const struct flow *flow, uint64_t hash)
{
	struct stream_packet sp = stream_packet_of(packet, rtp);
	sp.payload = (struct span){ 0 };
	const uint32_t number = find(media, flow, packet->point, hash);
	if (number == MAP_NONE) {
		begin(media, flow, packet->point, hash, &sp);
		return MEDIA_PENDING;
	}
	struct probation *p = probation_at(media, number);
	if (!goes_on(media, p, &sp)) {
		restart(p, &sp);
		return MEDIA_PENDING;
	}
	/* The same number once more is a copy: kept, but no step forward. */
	if (sp.sequence != p->sequence)
		p->passed++;
	p->sequence = sp.sequence;
	if (p->passed == PROBATION_PACKETS)
		return admit(media, packet, &sp, number);
	p->packets[p->count++] = sp;
	return MEDIA_PENDING;
}
