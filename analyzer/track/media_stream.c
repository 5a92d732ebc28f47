/* media_stream.c - the table of streams: finding, opening, feeding and closing them. */
#include "analyzer/track/media.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/every_packet.h"
#include "analyzer/track/stream_mode.h"

struct stream *media_stream(const struct media *media, uint32_t number)
{
	return pool_at(&media->streams, number);
}

EVERY_PACKET struct stream_hot *media_hot(const struct media *media, uint32_t number)
{
	return pool_at(&media->hots, number);
}

uint32_t media_stream_find(const struct media *media, const struct flow *flow,
                           uint8_t point, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&media->stream_map, &cursor);
		if (number == MAP_NONE ||
		    (media_hot(media, number)->point == point &&
		     memcmp(&media_hot(media, number)->flow, flow, sizeof *flow) == 0))
			return number;
	}
}

static void link_nodes(struct media *media, uint32_t number)
{
	struct stream *stream = media_stream(media, number);
	struct media_node *in = pool_at(&media->nodes, stream->node_in);
	struct media_node *out = pool_at(&media->nodes, stream->node_out);
	stream->next_in = in->first_in;
	if (in->first_in)
		media_stream(media, in->first_in - 1)->prev_in = number + 1;
	in->first_in = number + 1;
	stream->next_out = out->first_out;
	if (out->first_out)
		media_stream(media, out->first_out - 1)->prev_out = number + 1;
	out->first_out = number + 1;
}

static void unlink_nodes(struct media *media, struct stream *stream)
{
	struct media_node *in = pool_at(&media->nodes, stream->node_in);
	struct media_node *out = pool_at(&media->nodes, stream->node_out);
	if (stream->next_in)
		media_stream(media, stream->next_in - 1)->prev_in = stream->prev_in;
	if (stream->prev_in)
		media_stream(media, stream->prev_in - 1)->next_in = stream->next_in;
	else
		in->first_in = stream->next_in;
	if (stream->next_out)
		media_stream(media, stream->next_out - 1)->prev_out = stream->prev_out;
	if (stream->prev_out)
		media_stream(media, stream->prev_out - 1)->next_out = stream->next_out;
	else
		out->first_out = stream->next_out;
	const uint32_t node_in = stream->node_in;
	const uint32_t node_out = stream->node_out;
	media_node_drop(media, node_in);
	if (node_out != node_in)
		media_node_drop(media, node_out);
}

static void unlink_leg(struct media *media, struct stream *stream)
{
	struct media_leg *owner = pool_at(&media->legs, stream->leg - 1);
	owner->stream_count--;
	if (stream->next_of_leg)
		media_stream(media, stream->next_of_leg - 1)->prev_of_leg =
		        stream->prev_of_leg;
	if (stream->prev_of_leg) {
		media_stream(media, stream->prev_of_leg - 1)->next_of_leg =
		        stream->next_of_leg;
	} else {
		owner->first_stream = stream->next_of_leg;
	}
}

static uint64_t id_of(const struct media *media, const struct stream *stream)
{
	struct id_builder id = id_begin(media->context, RECORD_STREAM);
	const struct flow *flow = &stream->hot->flow;
	id_add_endpoint(&id, &flow->src);
	id_add_endpoint(&id, &flow->dst);
	id_add_number(&id, flow->ssrc);
	id_add_number(&id, (uint64_t)stream->first);
	if (stream->hot->point)
		id_add_text(
		        &id,
		        text_from(media->context->settings.points[stream->hot->point - 1]));
	return id_end(&id);
}

static void give_slot(struct media *media, uint32_t number)
{
	pool_give(&media->streams, number);
	pool_give(&media->hots, number);
	media->emptied += media->hots.live == 0;
}

/* Takes a stream and its two nodes, or nothing. */
static enum status take_slot(struct media *media, const struct flow *flow, uint32_t *number)
{
	void *object;
	void *hot;
	enum status status = pool_take(&media->streams, &object, number);
	if (status != OK)
		return status;
	status = pool_take(&media->hots, &hot, number);
	if (status != OK) {
		pool_give(&media->streams, *number);
		return status;
	}
	struct stream *stream = object;
	stream->hot = hot;
	stream->node_in = media_node_get(media, &flow->dst);
	stream->node_out = media_node_get(media, &flow->src);
	if (stream->node_in != MAP_NONE && stream->node_out != MAP_NONE &&
	    !media_is_one_too_many(media, stream))
		return OK;
	if (stream->node_in != MAP_NONE)
		media_node_drop(media, stream->node_in);
	if (stream->node_out != MAP_NONE && stream->node_out != stream->node_in)
		media_node_drop(media, stream->node_out);
	give_slot(media, *number);
	return ERR_FULL;
}

uint32_t media_stream_new(struct media *media, const struct flow *flow, uint64_t hash,
                          const struct packet *packet)
{
	struct context *context = media->context;
	uint32_t number;
	media_make_room(media);
	enum status status = take_slot(media, flow, &number);
	if (status == OK && (status = map_insert(&media->stream_map, hash, number)) != OK) {
		const struct stream *stream = media_stream(media, number);
		const uint32_t in = stream->node_in;
		const uint32_t out = stream->node_out;
		give_slot(media, number);
		media_node_drop(media, in);
		if (out != in)
			media_node_drop(media, out);
	}
	if (status != OK) {
		context_count_failure(context, status, COUNT_STREAMS_NOT_TRACKED);
		return MAP_NONE;
	}
	struct stream *stream = media_stream(media, number);
	stream->hot->open = true;
	stream->hot->flow = *flow;
	stream->hot->point = packet->point;
	stream_begin(stream, stream->hot, &context->settings, packet->at);
	stream->suspects.witness = &media->witness;
	stream->ratings = &media->ratings;
	stream->id = id_of(media, stream);
	stream->deadline.kind = DEADLINE_STREAM;
	stream->deadline.number = number;
	link_nodes(media, number);
	count(context, COUNT_STREAMS);

	const struct media_join join =
	        media_find_join(media, stream->node_in, stream->node_out);
	stream->unannounced = media_only_unannounced(media, stream);
	if (join.leg != MAP_NONE)
		media_join_stream(media, number, &join);
	else if (deadline_set(&context->deadlines, &stream->deadline,
	                      context->now + media_stream_idle(media)) != OK)
		count(context, COUNT_NO_MEMORY); /* it then stays until the end of input */
	return number;
}

static void give_held_block(struct media *media, struct stream *stream)
{
	if (media->held_blocks < media->context->settings.limits.held_headers)
		stream->held = calloc(1, sizeof *stream->held);
	if (stream->held)
		media->held_blocks++;
	else
		count(media->context, COUNT_HEADERS_NOT_KEPT);
}

static void take_held_block(struct media *media, struct stream *stream)
{
	if (!stream->held)
		return;
	free(stream->held);
	stream->held = NULL;
	media->held_blocks--;
}

void media_release_held(struct media *media, struct stream *stream)
{
	if (stream->held && !stream->state.holding)
		take_held_block(media, stream);
}

static struct stream_type *type_of(struct media *media, struct stream *stream, uint8_t type,
                                   nstime at)
{
	struct stream_type *known = stream_type(stream, type);
	if (known)
		return known;
	const struct payload_meaning meaning = media_meaning(media, stream, type);
	known = stream_add_type(stream, type, at, &meaning);
	if (stream_wants_held(stream))
		give_held_block(media, stream);
	return known;
}

/*
 * One SSRC of one source may go to two destinations in turn (a transfer, a relay that
 * fails over).  Numbers that this stream lacks and that another has taken up since are not
 * lost.
 */
static bool was_elsewhere(const struct media *media, const struct stream *stream,
                          uint16_t number)
{
	const uint16_t ahead = (uint16_t)(number - (uint16_t)stream->state.sequence.max);
	if (!stream->next_out && !stream->prev_out)
		return false; /* its source has no other */
	const struct stream_hot *hot = stream->hot;
	const struct media_node *source = pool_at(&media->nodes, stream->node_out);
	for (uint32_t s = source->first_out; s; s = media_stream(media, s - 1)->next_out) {
		const struct stream_hot *other = media_hot(media, s - 1);
		if (other == hot || other->flow.ssrc != hot->flow.ssrc ||
		    other->point != hot->point || other->last <= hot->last)
			continue;
		struct stream *owner = media_stream(media, s - 1);
		stream_settle(owner);
		const int64_t base = owner->counts.base;
		const uint16_t behind =
		        (uint16_t)(number - (uint16_t)owner->state.sequence.max);
		const uint16_t began = (uint16_t)(number - (uint16_t)base);
		/* It began within the gap: what goes to both at once proves nothing. */
		if (behind > 0 && began < ahead)
			return true;
	}
	return false;
}

static bool is_gap(const struct stream *stream, uint16_t number)
{
	const uint16_t ahead = (uint16_t)(number - (uint16_t)stream->state.sequence.max);
	return ahead > 1 && ahead < UINT16_MAX - SEQUENCE_MAX_MISORDER;
}

/*
 * Another payload type than before, or one that must be looked into each time.  An interval
 * that is over is still the type's before.
 */
SELDOM static void switch_type(struct media *media, struct stream *stream,
                               const struct stream_packet *packet)
{
	if (packet->arrival >= stream->state.interval_end && !stream->state.holding)
		stream_close_interval(stream, &media->context->settings, packet->arrival);
	struct stream_type *own =
	        type_of(media, stream, packet->payload_type, packet->arrival);
	uint8_t primary;
	if (own && own->meaning.codec == CODEC_RED &&
	    stream_red_primary(packet->payload, &primary)) {
		struct stream_type *heard =
		        type_of(media, stream, primary, packet->arrival);
		stream_switch(stream, packet->payload_type, heard, own);
	} else {
		stream_switch(stream, packet->payload_type, own, NULL);
	}
}

SELDOM static void note_mode(struct media *media, struct stream *stream,
                             const struct stream_packet *packet)
{
	if (stream_mode_note(stream, packet) != OK)
		count(media->context, COUNT_NO_MEMORY);
}

/* Numbers were skipped: they are lost, late, or went elsewhere. */
SELDOM static void update_behind_gap(struct media *media, struct stream *stream,
                                     const struct stream_packet *packet)
{
	const double before_ms = transit_offset_ms(&stream->state.transit.level);
	const uint16_t number = (uint16_t)(stream->state.sequence.max + 1);
	const uint16_t skipped = (uint16_t)(packet->sequence - number);
	const bool elsewhere = was_elsewhere(media, stream, packet->sequence);
	if (elsewhere)
		stream_interrupt(stream);
	stream_update(stream, &media->context->settings, packet);
	if (!elsewhere && skipped < SEQUENCE_MAX_DROPOUT &&
	    stream_note_loss(stream, packet->arrival, number, before_ms) != OK)
		count(media->context, COUNT_NO_MEMORY);
}

/* Any packet. */
SELDOM static void take_packet(struct media *media, struct stream *stream,
                               const struct stream_packet *packet)
{
	stream_settle(stream);
	if (stream_must_switch(stream, packet->payload_type))
		switch_type(media, stream, packet);
	const bool was_holding = stream->state.holding;
	if (is_gap(stream, packet->sequence) && stream->state.sequence.started)
		update_behind_gap(media, stream, packet);
	else
		stream_update(stream, &media->context->settings, packet);
	if (was_holding && !stream->state.holding)
		take_held_block(media, stream);
}

void media_stream_hear(struct media *media, uint32_t number,
                       const struct stream_packet *packet)
{
	if (media_hot(media, number)->has_modes)
		note_mode(media, media_stream(media, number), packet);
	if (media->context->settings.audio_facts)
		media_audio_packet(media, media_stream(media, number), packet);
}

void media_stream_sample(struct media *media, uint32_t number,
                         const struct stream_packet *packet)
{
	const struct stream_hot *hot = media_hot(media, number);
	const struct media_sample sample = {
		.at = packet->arrival,
		.sequence = packet->sequence,
		.of = glance_sample(&media->flow_key, packet->payload, hot->flow.ssrc,
		                    packet->timestamp, packet->sequence),
	};
	if (media_match_wants(hot, sample.of.kind))
		media_match_note(media, number, &sample);
}

void media_stream_packet(struct media *media, uint32_t number,
                         const struct stream_packet *packet, uint8_t packet_flags)
{
	struct stream *stream = media_stream(media, number);
	if (packet_flags & PACKET_TRUNCATED)
		stream->hot->truncated = true;
	take_packet(media, stream, packet);
	media_stream_hear(media, number, packet);
	media_stream_sample(media, number, packet);
}

static void give_final(struct media *media, uint32_t number, nstime at)
{
	const struct final final = { at, media_stream(media, number)->id, number,
		                     RECORD_STREAM };
	if (finals_add(&media->context->finals, final) == OK)
		return;
	count(media->context, COUNT_NO_MEMORY);
	media_release(media, number);
}

/* Of a leg: its call may yet turn out to be part of another. */
static void keep_final(struct media *media, uint32_t number)
{
	struct stream *stream = media_stream(media, number);
	struct media_leg *leg = pool_at(&media->legs, stream->leg - 1);
	stream->next_of_leg = leg->first_final;
	leg->first_final = number + 1;
}

void media_stream_close(struct media *media, uint32_t number, nstime at)
{
	struct context *context = media->context;
	struct stream *stream = media_stream(media, number);
	stream_end(stream, &context->settings);
	media_pair_end(media, number);
	take_held_block(media, stream);
	deadline_clear(&context->deadlines, &stream->deadline);
	stream->hot->open = false;
	map_remove(&media->stream_map,
	           media_flow_hash(media, &stream->hot->flow, stream->hot->point), number);
	media_path_note(media, number);
	media_only_close(media, number, at);
	if (stream->leg) {
		if (media_is_translated(media, stream))
			stream->flags |= STREAM_NAT;
		media_note_unlisted(media, stream);
		unlink_leg(media, stream);
	}
	unlink_nodes(media, stream);
	if (stream->leg)
		keep_final(media, number);
	else
		give_final(media, number, at);
}

void media_leg_give(struct media *media, uint32_t number, nstime at)
{
	const struct media_leg *leg = pool_at(&media->legs, number);
	for (uint32_t next, s = leg->first_final; s; s = next) {
		next = media_stream(media, s - 1)->next_of_leg;
		give_final(media, s - 1, at);
	}
	pool_give(&media->legs, number);
}

uint32_t media_record(struct media *media, uint32_t number, struct record *out,
                      struct stream_facts *facts)
{
	struct stream *stream = media_stream(media, number);
	stream_record(stream, &media->context->settings, &out->stream);
	context_count_failure(media->context, stream->timeline_status, COUNT_TIMELINES_CUT);
	media_audio_record(stream, &out->stream);
	media_pair_record(media, stream, &out->stream);
	media_name_point(media, stream, &out->stream);
	const struct loss_shares *shares = &stream->suspects.shares;
	media->losses.network += shares->network;
	media->losses.capture += shares->capture;
	media->losses.unknown += shares->unknown;
	out->stream.media_coverage_pct = stream->media_coverage_pct;
	out->stream.uncovered_s = ns_to_s(stream->coverage.uncovered);
	media_only_note(media, stream, &out->stream);
	out->tail = timeline_blob(&stream->timeline);
	stream_facts_of(stream, &out->stream, facts);
	facts->point = stream->hot->point
	                       ? media->context->settings.points[stream->hot->point - 1]
	                       : NULL;
	return stream->leg ? stream->signalling_leg : MAP_NONE;
}

void media_release(struct media *media, uint32_t number)
{
	struct stream *stream = media_stream(media, number);
	media_pair_release(media, number);
	stream_drop(stream);
	media_audio_drop(media, stream);
	give_slot(media, number);
}

void media_deadline(struct media *media, struct deadline *deadline)
{
	struct context *context = media->context;
	const struct stream *stream = media_stream(media, deadline->number);
	const nstime due = stream->hot->last + media_stream_idle(media);
	if (due <= deadline->at)
		media_stream_close(media, deadline->number, deadline->at);
	else if (deadline_set(&context->deadlines, deadline, due) != OK)
		count(context, COUNT_NO_MEMORY);
}

void media_finish(struct media *media, nstime at)
{
	/* A slot is final when it is in no map: those wait for their record already. */
	for (uint32_t number = 0; number < media->streams.reach; number++) {
		if (!pool_live(&media->streams, number))
			continue;
		const struct stream_hot *hot = media_hot(media, number);
		const uint64_t hash = media_flow_hash(media, &hot->flow, hot->point);
		if (media_stream_find(media, &hot->flow, hot->point, hash) == number)
			media_stream_close(media, number, at);
	}
}
