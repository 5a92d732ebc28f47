#include "analyzer/track/media_only.h"

#include <math.h>

#include "analyzer/quality/emodel.h"
#include "analyzer/track/media.h"

struct media_only_call {
	uint64_t id;
	nstime start, ended;
	uint32_t open; /* streams that are not closed */
	double worst_common_r, mos_lq_min;
	enum band mos_lq_min_band;
	uint64_t mos_lq_min_stream;
	bool capture_loss;
};

void media_only_init(struct media_only *only, size_t streams)
{
	pool_init(&only->calls, sizeof(struct media_only_call), (uint32_t)streams);
	for (size_t i = 0; i < MEDIA_ONLY_LEFT; i++)
		only->left[i].at = NSTIME_NONE;
}

void media_only_free(struct media_only *only)
{
	pool_free(&only->calls);
}

/* --- which streams -------------------------------------------------------------------- */

void media_only_leave(struct media *media, const struct media_leg *leg, nstime at)
{
	for (const struct expectation *e = leg->expectations; e; e = e->next_of_leg) {
		const struct media_node *node = pool_at(&media->nodes, e->node);
		const size_t slot = node->hash % MEDIA_ONLY_LEFT;
		media->only.left[slot].hash = node->hash;
		media->only.left[slot].at = at;
	}
}

static bool was_announced(const struct media *media, uint32_t number)
{
	const struct media_node *node = pool_at(&media->nodes, number);
	const size_t slot = node->hash % MEDIA_ONLY_LEFT;
	const nstime at = media->only.left[slot].at;
	return node->expectations ||
	       (at != NSTIME_NONE && media->only.left[slot].hash == node->hash &&
	        media->context->now - at < MEDIA_ONLY_LEFT_S * NS_PER_SEC);
}

bool media_only_unannounced(const struct media *media, const struct stream *stream)
{
	return !was_announced(media, stream->node_in) &&
	       !was_announced(media, stream->node_out);
}

static bool answers(const struct stream *stream, const struct stream *other)
{
	return other->unannounced && !other->leg && other->node_in == stream->node_out &&
	       other->node_out == stream->node_in && other->first <= stream->hot->last &&
	       stream->first <= other->hot->last;
}

/* --- calls ---------------------------------------------------------------------------- */

static struct media_only_call *call_of(const struct media *media,
                                       const struct stream *stream)
{
	return pool_at(&media->only.calls, stream->media_only - 1);
}

static void join(struct media *media, struct stream *stream, uint32_t number)
{
	struct media_only_call *call = pool_at(&media->only.calls, number);
	stream->media_only = number + 1;
	stream->call_id = call->id;
	call->open++;
	if (call->start == NSTIME_NONE || stream->first < call->start)
		call->start = stream->first;
}

/* Named by the stream that began first, which is the same however they end. */
static uint64_t id_of(const struct media *media, const struct stream *a,
                      const struct stream *b)
{
	struct id_builder id = id_begin(media->context, RECORD_CALL);
	const bool a_first = a->first != b->first ? a->first < b->first : a->id < b->id;
	id_add_number(&id, a_first ? a->id : b->id);
	return id_end(&id);
}

static enum status open_call(struct media *media, struct stream *stream,
                             const struct stream *other)
{
	void *object;
	uint32_t number;
	const enum status status = pool_take(&media->only.calls, &object, &number);
	if (status != OK)
		return status;
	struct media_only_call *call = object;
	call->id = id_of(media, stream, other);
	call->start = call->ended = NSTIME_NONE;
	call->worst_common_r = call->mos_lq_min = NAN;
	join(media, stream, number);
	count(media->context, COUNT_CALLS);
	count(media->context, COUNT_CALLS_MEDIA_ONLY);
	return OK;
}

static void unite(struct media *media, struct stream *stream, struct stream *other)
{
	if (!stream->media_only && !other->media_only) {
		const enum status status = open_call(media, stream, other);
		context_count_failure(media->context, status, COUNT_CALLS_NOT_TRACKED);
		if (status != OK)
			return;
	}
	if (!stream->media_only)
		join(media, stream, other->media_only - 1);
	else if (!other->media_only)
		join(media, other, stream->media_only - 1);
}

/*
 * Those that answer are among what goes out where it comes in and among what comes in where
 * it goes out.  A relay may have thousands of either: the shorter list is enough.
 */
static void unite_with_answers(struct media *media, struct stream *stream)
{
	const struct media_node *far = pool_at(&media->nodes, stream->node_in);
	const struct media_node *near = pool_at(&media->nodes, stream->node_out);
	uint32_t out = far->first_out;
	uint32_t in = near->first_in;
	while (out && in) {
		struct stream *leaving = media_stream(media, out - 1);
		struct stream *coming = media_stream(media, in - 1);
		if (leaving != stream && answers(stream, leaving))
			unite(media, stream, leaving);
		if (coming != stream && answers(stream, coming))
			unite(media, stream, coming);
		out = leaving->next_out;
		in = coming->next_in;
	}
}

static void leave(struct media *media, uint32_t number, const struct stream *stream,
                  nstime at)
{
	struct media_only_call *call = pool_at(&media->only.calls, number);
	if (!stream->leg && (call->ended == NSTIME_NONE || stream->hot->last > call->ended))
		call->ended = stream->hot->last;
	if (--call->open > 0)
		return;
	const struct final final = { at, call->id, number, RECORD_CALL, true };
	if (finals_add(&media->context->finals, final) == OK)
		return;
	count(media->context, COUNT_NO_MEMORY);
	pool_give(&media->only.calls, number);
}

/* One that somebody announced after all is of another call by now. */
void media_only_close(struct media *media, uint32_t number, nstime at)
{
	struct stream *stream = media_stream(media, number);
	if (stream->unannounced && !stream->leg)
		unite_with_answers(media, stream);
	if (stream->media_only)
		leave(media, stream->media_only - 1, stream, at);
}

/* --- records -------------------------------------------------------------------------- */

void media_only_note(struct media *media, const struct stream *stream,
                     const struct stream_record *record)
{
	if (!stream->media_only || stream->leg)
		return;
	struct media_only_call *call = call_of(media, stream);
	const double common = emodel_common_r(record->band, record->r);
	call->capture_loss |= (record->flags & STREAM_CAPTURE_LOSS) != 0;
	if (isnan(common) || common >= call->worst_common_r)
		return;
	call->worst_common_r = common;
	call->mos_lq_min = record->mos_lq;
	call->mos_lq_min_band = record->band;
	call->mos_lq_min_stream = record->id;
}

void media_only_record(struct media *media, uint32_t number, struct call_record *out)
{
	const struct media_only_call *call = pool_at(&media->only.calls, number);
	*out = (struct call_record){
		.id = call->id,
		.start = call->start,
		.ended = call->ended,
		.state = CALL_MEDIA_ONLY,
		.mos_lq_min = call->mos_lq_min,
		.mos_lq_min_band = call->mos_lq_min_band,
		.mos_lq_min_stream = call->mos_lq_min_stream,
		.capture_loss = call->capture_loss,
	};
	pool_give(&media->only.calls, number);
}
