/*
 * media_path.c - which legs learn what from a stream, from an ICMP error or from RTCP about
 * RTP that is not seen.
 *
 * A stream belongs to one leg, but others send or expect the same packets: other hops of a
 * proxy, and the other call of a B2BUA that leaves the media alone.  For them audio is not
 * missing.  Nor is it where somebody answers from a port that no SDP names: what comes back
 * to where a leg's stream comes from is that leg's.
 */
#include "analyzer/track/media.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/audio.h"
#include "analyzer/wire/handshake.h"

enum {
	LOOKED_AT =
	        64, /* claims, or streams, of one endpoint: a load generator's are more */
	MAX_CONCERNS = 32,
};

/* What concerns legs, each in one of its directions. */
struct concerns {
	size_t count;
	struct {
		uint32_t leg;
		unsigned int direction;
	} list[MAX_CONCERNS];
};

static struct media_leg *leg_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->legs, number);
}

static const struct media_node *node_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->nodes, number);
}

static unsigned int number_of(enum direction direction)
{
	return direction == DIRECTION_REVERSE ? AUDIO_REVERSE : AUDIO_FORWARD;
}

static unsigned int opposite(unsigned int direction)
{
	return AUDIO_DIRECTIONS - 1 - direction;
}

/* --- who is concerned ----------------------------------------------------------------- */

static void add_concern(struct concerns *c, uint32_t leg, unsigned int direction)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].leg == leg)
			return;
	if (c->count == MAX_CONCERNS)
		return;
	c->list[c->count].leg = leg;
	c->list[c->count++].direction = direction;
}

static void add_claims(const struct media *media, struct concerns *c, uint32_t node,
                       bool arriving)
{
	if (node == MAP_NONE)
		return;
	unsigned int left = LOOKED_AT;
	for (const struct expectation *e = node_at(media, node)->expectations; e && left--;
	     e = e->next_at_node) {
		const unsigned int direction = number_of(e->direction);
		add_concern(c, e->leg, arriving ? direction : opposite(direction));
	}
}

/* Legs whose own streams come from where this goes to. */
static void add_answered(const struct media *media, struct concerns *c, uint32_t node_in)
{
	if (node_in == MAP_NONE)
		return;
	unsigned int left = LOOKED_AT;
	for (uint32_t s = node_at(media, node_in)->first_out; s && left--;
	     s = media_stream(media, s - 1)->next_out) {
		const struct stream *stream = media_stream(media, s - 1);
		if (stream->leg)
			add_concern(c, stream->leg - 1,
			            opposite(number_of(stream->direction)));
	}
}

/* What goes from one node to the other; MAP_NONE: there is no such node. */
static void find_concerns(const struct media *media, struct concerns *c, uint32_t node_in,
                          uint32_t node_out)
{
	add_claims(media, c, node_in, true);
	add_claims(media, c, node_out, false);
	add_answered(media, c, node_in);
}

/* --- streams -------------------------------------------------------------------------- */

#define VIDEO_HZ 90000 /* RFC 3551 section 5 */

/* Digits alone are none: whoever sends them is not heard. */
static bool is_audio(const struct stream *stream)
{
	bool any = false;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		const struct stream_type *type = stream_type_at(stream, i);
		if (type->kind == CODEC_KIND_VIDEO || type->meaning.clock_hz == VIDEO_HZ)
			return false;
		/* Those since the latest switch of types are not in `heard` yet. */
		const bool now = stream->state.now.index == i && stream->state.now.packets;
		any = any || (type->kind != CODEC_KIND_EVENT && (type->heard || now));
	}
	return any || stream->untyped;
}

static nstime covered_until(const struct stream *stream)
{
	const double ptime_ms = jitter_ptime_ms(&stream->state.jitter);
	return stream->hot->last + (nstime)(ptime_ms * (double)NS_PER_MS);
}

static nstime covered_of(const struct media_leg *leg, unsigned int direction,
                         const struct stream *stream)
{
	return audio_plan_covered(&leg->plan, direction, &stream->coverage, stream->first,
	                          covered_until(stream));
}

/* The last packets of the call before come in on the port that this one has now. */
static bool is_of_call_before(const struct media *media, const struct media_leg *leg,
                              const struct stream *stream)
{
	return stream->first < leg->start && !leg->incomplete && stream->leg &&
	       stream->call_id != leg->call && media_knows_both_ends(media, stream);
}

/* A stream that ended before the leg began, or began after its end, is another call's. */
static void take_stream(const struct media *media, struct media_leg *leg,
                        unsigned int direction, const struct stream *stream)
{
	const struct stream_hot *hot = stream->hot;
	if (!is_audio(stream) || hot->last < leg->start ||
	    (leg->plan.ended != NSTIME_NONE && stream->first > leg->plan.ended) ||
	    is_of_call_before(media, leg, stream))
		return;
	struct audio_seen seen = {
		.first = stream->first,
		.last = hot->last,
		.packets = stream_packets(stream),
		.from_private = audio_address_is_private(&hot->flow.src.address),
		.to_private = audio_address_is_private(&hot->flow.dst.address),
		.pausing = stream->state.now.kind == CODEC_KIND_COMFORT_NOISE,
		.pauses = stream->coverage.longest_pause > 0,
		.covered = covered_of(leg, direction, stream),
		.heard_s = NAN,
		.silence_pct = NAN,
	};
	struct audio_figures figures;
	if (stream->audio && !stream->encrypted && audio_figures(stream->audio, &figures)) {
		seen.heard_s = figures.all.heard_s;
		seen.silence_pct = figures.all.silence_pct;
	}
	audio_path_add(&leg->paths[direction], &seen);
}

/* Of its own leg's answered time so far. */
static double own_coverage_pct(const struct media *media, const struct stream *stream)
{
	if (!stream->leg || !is_audio(stream))
		return NAN;
	const struct media_leg *leg = leg_at(media, stream->leg - 1);
	const unsigned int direction = number_of(stream->direction);
	const nstime wanted = audio_plan_time(&leg->plan, direction, AUDIO_WANTED,
	                                      leg->plan.answered, media->context->now);
	return coverage_pct(covered_of(leg, direction, stream), wanted);
}

void media_path_note(struct media *media, uint32_t number)
{
	struct stream *stream = media_stream(media, number);
	struct concerns concerns = { 0 };
	stream->media_coverage_pct = own_coverage_pct(media, stream);
	if (stream->leg)
		add_concern(&concerns, stream->leg - 1, number_of(stream->direction));
	find_concerns(media, &concerns, stream->node_in, stream->node_out);
	for (size_t i = 0; i < concerns.count; i++)
		take_stream(media, leg_at(media, concerns.list[i].leg),
		            concerns.list[i].direction, stream);
}

/* Somebody else's stream, once. */
static void collect_stream(struct media *media, uint32_t leg_number, unsigned int direction,
                           uint32_t stream_number)
{
	struct media_leg *leg = leg_at(media, leg_number);
	struct stream *stream = media_stream(media, stream_number);
	if (stream->leg == leg_number + 1 || stream->noted_by == leg->leg)
		return;
	stream->noted_by = leg->leg;
	take_stream(media, leg, direction, stream);
}

static void collect_arriving(struct media *media, uint32_t leg, unsigned int direction,
                             uint32_t node)
{
	unsigned int left = LOOKED_AT;
	for (uint32_t s = node_at(media, node)->first_in; s && left--;
	     s = media_stream(media, s - 1)->next_in)
		collect_stream(media, leg, direction, s - 1);
}

static void collect_leaving(struct media *media, uint32_t leg, unsigned int direction,
                            uint32_t node)
{
	unsigned int left = LOOKED_AT;
	for (uint32_t s = node_at(media, node)->first_out; s && left--;
	     s = media_stream(media, s - 1)->next_out)
		collect_stream(media, leg, direction, s - 1);
}

void media_path_collect(struct media *media, uint32_t number)
{
	struct media_leg *leg = leg_at(media, number);
	if (leg->plan.answered == NSTIME_NONE)
		return;
	for (const struct expectation *e = leg->expectations; e; e = e->next_of_leg) {
		const unsigned int direction = number_of(e->direction);
		collect_arriving(media, number, direction, e->node);
		collect_leaving(media, number, opposite(direction), e->node);
	}
	for (uint32_t s = leg->first_stream; s;
	     s = media_stream(media, s - 1)->next_of_leg) {
		const struct stream *own = media_stream(media, s - 1);
		const unsigned int back = opposite(number_of(own->direction));
		collect_arriving(media, number, back, own->node_out);
		if (sight_is_one_sided(&media->sight, &own->hot->flow.src.address,
		                       &own->hot->flow.dst.address))
			leg->paths[back].unseen_host = true;
	}
}

struct audio_outcome media_path_judge(const struct media *media, uint32_t number)
{
	const struct media_leg *leg = leg_at(media, number);
	return audio_judge(&leg->plan, leg->paths);
}

void media_path_joined(struct media *media, const struct stream *joined)
{
	const struct media_leg *leg = leg_at(media, joined->leg - 1);
	for (uint32_t s = leg->first_stream; s;
	     s = media_stream(media, s - 1)->next_of_leg) {
		const struct stream *stream = media_stream(media, s - 1);
		if (stream != joined && stream->direction == joined->direction)
			return;
	}
	sight_note(&media->sight, &joined->hot->flow.src.address,
	           &joined->hot->flow.dst.address);
}

/* --- what comes before RTP ------------------------------------------------------------ */

void media_path_handshake(struct media *media, const struct packet *packet)
{
	const unsigned int steps = handshake_steps(packet->payload);
	struct concerns concerns = { 0 };
	if (!steps)
		return;
	find_concerns(media, &concerns, media_node_find(media, &packet->dst),
	              media_node_find(media, &packet->src));
	for (size_t i = 0; i < concerns.count; i++) {
		struct media_leg *leg = leg_at(media, concerns.list[i].leg);
		const unsigned int before = leg->steps[0] | leg->steps[1];
		/* What is only encrypted is DTLS where DTLS has begun. */
		if (steps != HANDSHAKE_DTLS_KEYS || before & HANDSHAKE_DTLS)
			leg->steps[concerns.list[i].direction] |= (uint8_t)steps;
	}
}

void media_leg_steps(const struct media *media, uint32_t number,
                     uint8_t steps[AUDIO_DIRECTIONS])
{
	memcpy(steps, leg_at(media, number)->steps, AUDIO_DIRECTIONS);
}

/* --- what others say of RTP ----------------------------------------------------------- */

static struct audio_path *path_at(const struct media *media, const struct concerns *c,
                                  size_t i)
{
	return &leg_at(media, c->list[i].leg)->paths[c->list[i].direction];
}

bool media_path_unreachable(struct media *media, const struct packet *packet)
{
	if (!(packet->flags & PACKET_UNREACHABLE))
		return false;
	struct concerns concerns = { 0 };
	find_concerns(media, &concerns, media_node_find(media, &packet->dst),
	              media_node_find(media, &packet->src));
	for (size_t i = 0; i < concerns.count; i++)
		audio_path_unreachable(path_at(media, &concerns, i), packet->at);
	return concerns.count > 0;
}

/* Whom RTP concerns that goes with RTCP from there to there. */
static void find_concerns_of_rtcp(const struct media *media, struct concerns *c,
                                  const struct endpoint *src, const struct endpoint *dst)
{
	const struct rtp_ends from = media_rtp_ends(media, src);
	const struct rtp_ends to = media_rtp_ends(media, dst);
	for (size_t i = 0; i < from.count && c->count == 0; i++)
		for (size_t k = 0; k < to.count && c->count == 0; k++)
			find_concerns(media, c, media_node_find(media, &to.list[k]),
			              media_node_find(media, &from.list[i]));
}

void media_path_received(struct media *media, const struct packet *packet)
{
	struct concerns concerns = { 0 };
	find_concerns_of_rtcp(media, &concerns, &packet->dst, &packet->src);
	for (size_t i = 0; i < concerns.count; i++)
		path_at(media, &concerns, i)->received = true;
}

void media_path_unheard(struct media *media, const struct packet *packet)
{
	struct concerns concerns = { 0 };
	find_concerns_of_rtcp(media, &concerns, &packet->dst, &packet->src);
	for (size_t i = 0; i < concerns.count; i++)
		path_at(media, &concerns, i)->unheard++;
}

void media_path_sent(struct media *media, const struct packet *packet, uint32_t count)
{
	struct concerns concerns = { 0 };
	find_concerns_of_rtcp(media, &concerns, &packet->src, &packet->dst);
	for (size_t i = 0; i < concerns.count; i++) {
		struct audio_path *path = path_at(media, &concerns, i);
		if (path->sent_reports++ == 0)
			path->sent_first = count;
		path->sent_last = count;
	}
}
