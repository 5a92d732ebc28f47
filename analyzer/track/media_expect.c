/* media_expect.c - what legs expect, and which stream that explains. */
#include "analyzer/track/media.h"

#include <stdlib.h>

/* Load generators give every call the same endpoint. */
enum { CLAIMS_LOOKED_AT = 64 };

static struct media_leg *leg_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->legs, number);
}

static struct media_node *node_at(const struct media *media, uint32_t number)
{
	return pool_at(&media->nodes, number);
}

static enum direction opposite(enum direction direction)
{
	return direction == DIRECTION_FORWARD ? DIRECTION_REVERSE : DIRECTION_FORWARD;
}

enum status media_leg_open(struct media *media, const struct media_leg *leg,
                           uint32_t *number)
{
	void *object;
	const enum status status = pool_take(&media->legs, &object, number);
	if (status != OK)
		return status;
	struct media_leg *opened = object;
	*opened = *leg;
	audio_plan_init(&opened->plan);
	audio_path_init(&opened->paths[AUDIO_FORWARD]);
	audio_path_init(&opened->paths[AUDIO_REVERSE]);
	return OK;
}

static const struct media_format *format_of(const struct expectation *e,
                                            uint8_t payload_type)
{
	for (uint8_t i = 0; i < e->format_count; i++)
		if (e->formats[i].payload_type == payload_type)
			return &e->formats[i];
	return NULL;
}

/* --- which leg a stream belongs to ---------------------------------------------------- */

void media_leg_over(struct media *media, uint32_t leg, nstime ended)
{
	leg_at(media, leg)->over = ended != NSTIME_NONE;
	leg_at(media, leg)->plan.ended = ended;
}

void media_leg_answered(struct media *media, uint32_t leg, nstime answered)
{
	struct media_leg *it = leg_at(media, leg);
	const bool early = it->plan.answered == NSTIME_NONE && answered != NSTIME_NONE;
	it->plan.answered = answered;
	for (uint32_t s = early ? it->first_stream : 0; s;
	     s = media_stream(media, s - 1)->next_of_leg)
		stream_answered(media_stream(media, s - 1));
}

void media_leg_agreed(struct media *media, uint32_t number, nstime at,
                      const enum audio_want want[AUDIO_DIRECTIONS],
                      const bool unroutable[AUDIO_DIRECTIONS])
{
	struct media_leg *leg = leg_at(media, number);
	audio_plan_change(&leg->plan, at, want);
	leg->plan.unroutable[AUDIO_FORWARD] = unroutable[AUDIO_FORWARD];
	leg->plan.unroutable[AUDIO_REVERSE] = unroutable[AUDIO_REVERSE];
	for (uint32_t s = leg->first_stream; s;
	     s = media_stream(media, s - 1)->next_of_leg) {
		struct stream *stream = media_stream(media, s - 1);
		const bool reverse = stream->direction == DIRECTION_REVERSE;
		const enum audio_want now = want[reverse ? AUDIO_REVERSE : AUDIO_FORWARD];
		stream_agreed(stream, now == AUDIO_WANTED || now == AUDIO_WANT_UNKNOWN, at);
	}
}

bool media_is_expected(const struct media *media, uint32_t node_in, uint32_t node_out,
                       uint8_t payload_type)
{
	const struct media_join join = media_find_join(media, node_in, node_out);
	if (join.leg == MAP_NONE)
		return false;
	/* UDPTL has no version: from 32768 on its numbers look like that of RTP. */
	const struct media_leg *leg = leg_at(media, join.leg);
	if (!media_may_skip_probation(media, leg) || audio_plan_has_moved(&leg->plan))
		return false;
	if (codec_by_payload_type(payload_type) != CODEC_UNKNOWN)
		return true;
	for (const struct expectation *e = leg->expectations; e; e = e->next_of_leg)
		if (format_of(e, payload_type))
			return true;
	return false;
}

static void add_claim(struct stream *stream, uint64_t leg)
{
	for (uint8_t i = 0; i < stream->claim_count; i++)
		if (stream->claims[i] == leg)
			return;
	if (stream->claim_count < STREAM_MAX_CLAIMS)
		stream->claims[stream->claim_count++] = leg;
}

static void media_note_claims(struct media *media, struct stream *stream)
{
	if (!stream->leg)
		return;
	const struct media_leg *owner = leg_at(media, stream->leg - 1);
	add_claim(stream, owner->leg);
	const uint32_t nodes[] = { stream->node_in, stream->node_out };
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		unsigned int left = CLAIMS_LOOKED_AT;
		for (const struct expectation *e = node_at(media, nodes[i])->expectations;
		     e && left--; e = e->next_at_node) {
			const struct media_leg *leg = leg_at(media, e->leg);
			if (leg->call == owner->call)
				add_claim(stream, leg->leg);
		}
	}
}

void media_join_stream(struct media *media, uint32_t number, const struct media_join *join)
{
	struct stream *stream = media_stream(media, number);
	struct media_leg *leg = leg_at(media, join->leg);
	stream->leg = join->leg + 1;
	stream->signalling_leg = leg->signalling_leg;
	stream->leg_id = leg->leg;
	stream->call_id = leg->call;
	stream->direction = (uint8_t)join->direction;
	stream->encrypted = join->secure;
	stream->next_of_leg = leg->first_stream;
	stream->prev_of_leg = 0;
	if (leg->first_stream)
		media_stream(media, leg->first_stream - 1)->prev_of_leg = number + 1;
	leg->first_stream = number + 1;
	leg->stream_count++;
	leg->streams_ever++;
	media_path_joined(media, stream);
	deadline_clear(&media->context->deadlines, &stream->deadline);
	media_note_claims(media, stream);
}

bool media_is_translated(const struct media *media, const struct stream *stream)
{
	bool any = false;
	for (const struct expectation *e = leg_at(media, stream->leg - 1)->expectations; e;
	     e = e->next_of_leg) {
		if (e->direction == stream->direction)
			continue;
		any = true;
		if (address_equal(&node_at(media, e->node)->at.address,
		                  &stream->hot->flow.src.address))
			return false;
	}
	return any;
}

/* --- what a payload type means -------------------------------------------------------- */

static const struct media_format *format_at_node(const struct media *media, uint32_t node,
                                                 uint64_t call, uint8_t payload_type)
{
	unsigned int left = CLAIMS_LOOKED_AT;
	for (const struct expectation *e = node_at(media, node)->expectations; e && left--;
	     e = e->next_at_node) {
		const struct media_format *format = format_of(e, payload_type);
		if (format && leg_at(media, e->leg)->call == call)
			return format;
	}
	return NULL;
}

/* The receiver's SDP, the sender's, then any of the leg's. */
static const struct media_format *negotiated(const struct media *media,
                                             const struct stream *stream,
                                             uint8_t payload_type)
{
	if (!stream->leg)
		return NULL;
	const struct media_leg *leg = leg_at(media, stream->leg - 1);
	const struct media_format *format =
	        format_at_node(media, stream->node_in, leg->call, payload_type);
	if (!format)
		format = format_at_node(media, stream->node_out, leg->call, payload_type);
	for (const struct expectation *e = leg->expectations; e && !format;
	     e = e->next_of_leg)
		format = format_of(e, payload_type);
	return format;
}

struct payload_meaning media_meaning(const struct media *media, const struct stream *stream,
                                     uint8_t payload_type)
{
	const struct media_format *format = negotiated(media, stream, payload_type);
	if (format)
		return format->meaning;
	const struct rtp_map *told = &media->context->settings.rtp_map[payload_type & 0x7f];
	if (told->clock_hz)
		return (struct payload_meaning){ .codec = told->codec,
			                         .clock_hz = told->clock_hz,
			                         .basis = CLOCK_CONFIGURED };
	const enum codec codec = codec_by_payload_type(payload_type);
	if (codec != CODEC_UNKNOWN)
		return (struct payload_meaning){ .codec = codec,
			                         .clock_hz = codec_payload_clock_hz(
			                                 payload_type),
			                         .basis = CLOCK_STATIC };
	return (struct payload_meaning){ 0 };
}

static void explain_stream(struct media *media, struct stream *stream)
{
	for (uint8_t i = 0; i < stream->type_count; i++) {
		struct stream_type *type = stream_type_at(stream, i);
		const struct payload_meaning meaning =
		        media_meaning(media, stream, type->payload_type);
		if (meaning.basis == CLOCK_SDP &&
		    !payload_meaning_equal(&meaning, &type->meaning))
			stream_explain(stream, &media->context->settings, type, &meaning);
	}
	media_release_held(media, stream);
}

/* --- publication ---------------------------------------------------------------------- */

/* Streams that were there before the expectation: ours, somebody else's, or nobody's. */
static void meet_stream(struct media *media, const struct expectation *e, uint32_t number,
                        bool arriving, bool new_claim)
{
	struct stream *stream = media_stream(media, number);
	const struct media_leg *leg = leg_at(media, e->leg);
	if (stream->leg && stream->call_id == leg->call) {
		media_note_claims(media, stream);
	} else if (!stream->leg && (leg->incomplete || stream->first >= leg->start)) {
		const struct media_join join = { e->leg,
			                         arriving ? e->direction
			                                  : opposite(e->direction),
			                         !arriving, e->secure };
		media_join_stream(media, number, &join);
	} else {
		if (new_claim &&
		    (stream->leg ? media_takes_over(media, e, stream, arriving) : arriving))
			media_stream_close(media, number, media->context->now);
		return;
	}
	explain_stream(media, stream);
}

static void meet_streams(struct media *media, const struct expectation *e, bool new_claim)
{
	const struct media_node *node = node_at(media, e->node);
	for (uint32_t next, s = node->first_in; s; s = next) {
		next = media_stream(media, s - 1)->next_in;
		meet_stream(media, e, s - 1, true, new_claim);
	}
	for (uint32_t next, s = node->first_out; s; s = next) {
		next = media_stream(media, s - 1)->next_out;
		meet_stream(media, e, s - 1, false, new_claim);
	}
}

static void unlink_from_node(struct media *media, struct expectation *e)
{
	if (e->prev_at_node)
		e->prev_at_node->next_at_node = e->next_at_node;
	else
		node_at(media, e->node)->expectations = e->next_at_node;
	if (e->next_at_node)
		e->next_at_node->prev_at_node = e->prev_at_node;
	media_node_drop(media, e->node);
}

static void forget_last(struct media *media, struct media_leg *leg)
{
	struct expectation **link = &leg->expectations;
	while ((*link)->next_of_leg)
		link = &(*link)->next_of_leg;
	struct expectation *last = *link;
	*link = NULL;
	unlink_from_node(media, last);
	free(last);
	leg->expectation_count--;
	media->expectations--;
}

static struct expectation *find_expectation(const struct media *media, uint32_t leg,
                                            const struct media_offer *offer)
{
	for (struct expectation *e = leg_at(media, leg)->expectations; e;
	     e = e->next_of_leg)
		if (e->direction == offer->direction &&
		    endpoint_equal(&node_at(media, e->node)->at, &offer->at))
			return e;
	return NULL;
}

/* Formats of the offer first, then those of before that it does not name. */
static struct expectation *make(const struct media_offer *offer,
                                const struct expectation *before)
{
	const size_t room = offer->format_count + (before ? before->format_count : 0);
	struct expectation *e = calloc(1, sizeof *e + room * sizeof e->formats[0]);
	if (!e)
		return NULL;
	if (before) {
		*e = *before;
		e->format_count = 0;
	}
	for (size_t i = 0; i < offer->format_count; i++)
		if (!format_of(e, offer->formats[i].payload_type))
			e->formats[e->format_count++] = offer->formats[i];
	for (uint8_t i = 0; before && i < before->format_count; i++)
		if (e->format_count < MEDIA_MAX_FORMATS &&
		    !format_of(e, before->formats[i].payload_type))
			e->formats[e->format_count++] = before->formats[i];
	e->direction = offer->direction;
	e->secure = offer->secure;
	return e;
}

static void replace(struct media *media, struct expectation *before,
                    struct expectation *after)
{
	struct expectation **link = &leg_at(media, before->leg)->expectations;
	while (*link != before)
		link = &(*link)->next_of_leg;
	*link = after;
	if (after->prev_at_node)
		after->prev_at_node->next_at_node = after;
	else
		node_at(media, after->node)->expectations = after;
	if (after->next_at_node)
		after->next_at_node->prev_at_node = after;
	free(before);
}

static bool same_formats(const struct expectation *e, const struct media_offer *offer)
{
	if (e->secure != offer->secure || e->format_count < offer->format_count)
		return false;
	for (size_t i = 0; i < offer->format_count; i++) {
		const struct payload_meaning *a = &e->formats[i].meaning;
		const struct payload_meaning *b = &offer->formats[i].meaning;
		if (e->formats[i].payload_type != offer->formats[i].payload_type ||
		    !payload_meaning_equal(a, b))
			return false;
	}
	return true;
}

static struct expectation *add_expectation(struct media *media, uint32_t number,
                                           const struct media_offer *offer)
{
	struct media_leg *leg = leg_at(media, number);
	if (leg->expectation_count == LIMIT_EXPECTATIONS_PER_LEG) {
		count(media->context, COUNT_EXPECTATIONS_EVICTED);
		forget_last(media, leg);
	}
	const uint32_t node =
	        media->expectations < media->context->settings.limits.expectations
	                ? media_node_get(media, &offer->at)
	                : MAP_NONE;
	struct expectation *e = node == MAP_NONE ? NULL : make(offer, NULL);
	if (!e) {
		count(media->context, COUNT_EXPECTATIONS_EVICTED);
		if (node != MAP_NONE)
			media_node_drop(media, node);
		return NULL;
	}
	e->node = node;
	e->leg = number;
	e->next_of_leg = leg->expectations;
	leg->expectations = e;
	struct media_node *at = node_at(media, node);
	e->next_at_node = at->expectations;
	if (at->expectations)
		at->expectations->prev_at_node = e;
	at->expectations = e;
	leg->expectation_count++;
	media->expectations++;
	return e;
}

static void note_rtcp(struct media *media, uint32_t node, const struct media_offer *offer)
{
	if (offer->rtcp.port)
		media_node_set_rtcp(media, node, &offer->rtcp);
}

void media_expect(struct media *media, uint32_t leg, const struct media_offer *offer)
{
	struct expectation *before = find_expectation(media, leg, offer);
	if (!before) {
		const struct expectation *e = add_expectation(media, leg, offer);
		if (e) {
			note_rtcp(media, e->node, offer);
			meet_streams(media, e, true);
		}
		return;
	}
	note_rtcp(media, before->node, offer);
	if (same_formats(before, offer))
		return;
	struct expectation *merged = make(offer, before);
	if (!merged) {
		count(media->context, COUNT_NO_MEMORY);
		return;
	}
	replace(media, before, merged);
	meet_streams(media, merged, false);
}

uint32_t media_leg_find_stream(const struct media *media, uint32_t leg, int64_t ssrc,
                               const struct endpoint *src, const struct endpoint *dst)
{
	for (uint32_t s = leg_at(media, leg)->first_stream; s;
	     s = media_stream(media, s - 1)->next_of_leg) {
		const struct flow *flow = &media_hot(media, s - 1)->flow;
		if (ssrc >= 0 ? flow->ssrc == (uint32_t)ssrc
		              : endpoint_equal(&flow->src, src) &&
		                        endpoint_equal(&flow->dst, dst))
			return s - 1;
	}
	return MAP_NONE;
}

nstime media_leg_last(const struct media *media, uint32_t leg)
{
	nstime last = NSTIME_NONE;
	for (uint32_t s = leg_at(media, leg)->first_stream; s;
	     s = media_stream(media, s - 1)->next_of_leg)
		if (media_hot(media, s - 1)->last > last)
			last = media_hot(media, s - 1)->last;
	return last;
}

void media_leg_close(struct media *media, uint32_t number, nstime at,
                     struct audio_outcome *audio)
{
	struct media_leg *leg = leg_at(media, number);
	media_path_collect(media, number);
	while (leg->first_stream)
		media_stream_close(media, leg->first_stream - 1, at);
	*audio = media_path_judge(media, number);
	media_only_leave(media, leg, at);
	while (leg->expectations)
		forget_last(media, leg);
}
