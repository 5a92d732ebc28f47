/* stream_interval.c - a slot of a stream's timeline: closed, scored and kept. */
#include "analyzer/track/stream.h"

#include <math.h>

#include "analyzer/quality/audio.h"
#include "analyzer/quality/delay.h"
#include "analyzer/track/stream_mode.h"
#include "analyzer/track/stream_rtcp.h"

/* ITU-T G.109: satisfied, some dissatisfied, many dissatisfied. */
enum { R_GOOD = 80, R_FAIR = 70, R_POOR = 60 };
#define LEAST_MEDIA_MS 1000.0 /* of an interval that may be called the worst */

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

static struct interval_loss loss_of(const struct burst_figures *view,
                                    const struct stream_rating *rating)
{
	const double ppl = 100 * ratio((double)view->bad, (double)view->expected);
	return (struct interval_loss){
		.bad = (uint32_t)view->bad,
		.runs = view->runs,
		.bursts = view->bursts,
		.burst_packets = (uint32_t)view->burst_packets,
		.burst_bad = (uint32_t)view->burst_bad,
		.gaps = view->gaps,
		.r = impairment_rating(&rating->impairment, rating->lossless_r, ppl,
		                       view->burst_ratio),
	};
}

/* What came in this interval: the counters since the marks. */
static void fill_counts(const struct stream *stream, struct interval *out)
{
	const struct stream_marks *marks = &stream->marks;
	const struct playout *playout = &stream->state.playout;
	out->octets = stream->hot->octets;
	out->duplicates = stream->counts.duplicates - marks->duplicates;
	out->reordered = stream->counts.reordered - marks->reordered;
	out->depth_ms = ratio(playout->level.depth_sum_ms - marks->depth_sum_ms,
	                      playout->packets - marks->depth_packets);
	out->flags = stream->state.interval_flags;
	if (stream->jitter.resyncs != marks->resyncs)
		out->flags |= INTERVAL_TS_RESYNC;
	const struct delay_variation now = stream_delay_variation(stream);
	struct delay_variation variation;
	delay_variation_since(&now, &marks->delay_variation, &variation);
	out->pdv_p50_ms = delay_variation_percentile_ms(&variation, 50);
	out->pdv_p95_ms = delay_variation_percentile_ms(&variation, 95);
	out->pdv_p99_ms = delay_variation_percentile_ms(&variation, 99);
}

static void set_marks(struct stream *stream)
{
	struct stream_hot *hot = stream->hot;
	const struct playout *playout = &stream->state.playout;
	delay_variation_settle(&stream->delay_variation, &hot->near);
	stream->marks = (struct stream_marks){
		.duplicates = stream->counts.duplicates,
		.reordered = stream->counts.reordered,
		.resyncs = stream->jitter.resyncs,
		.depth_sum_ms = playout->level.depth_sum_ms,
		.depth_packets = playout->packets,
		.delay_variation = stream->delay_variation,
	};
	stream_mode_close_interval(stream);
	stream->octets += hot->octets;
	hot->octets = 0;
	stream->state.interval_flags = 0;
}

static void note_ptime(struct stream *stream, double ptime_ms)
{
	if (isnan(ptime_ms))
		return;
	if (stream->ptime_before_ms > 0 && ptime_ms != stream->ptime_before_ms)
		stream->ptime_changes++;
	stream->ptime_before_ms = ptime_ms;
}

/* Of equals the first; too little media makes no worst interval. */
static void note_worst(struct stream *stream, const struct interval *interval,
                       enum band band)
{
	struct worst_interval *worst = &stream->worst;
	const double r = interval->views[PLAYOUT_ADAPTIVE].r;
	const double media_ms = interval->expected * jitter_ptime_ms(&stream->state.jitter);
	if (isnan(r) || media_ms < LEAST_MEDIA_MS)
		return;
	if (isnan(worst->r) ||
	    emodel_common_r(band, r) < emodel_common_r(worst->band, worst->r))
		*worst = (struct worst_interval){ interval->at, r, band };
}

/* How it sounded, for who looks at calls that are not over. */
static void count_quality(const struct stream *stream, const struct interval *interval,
                          enum band band)
{
	const double r = emodel_common_r(band, interval->views[PLAYOUT_ADAPTIVE].r);
	if (!stream->ratings || !stream->ratings->counters || isnan(r))
		return;
	stream->ratings->counters->of[r >= R_GOOD   ? COUNT_INTERVALS_GOOD
	                              : r >= R_FAIR ? COUNT_INTERVALS_FAIR
	                              : r >= R_POOR ? COUNT_INTERVALS_POOR
	                                            : COUNT_INTERVALS_BAD]++;
}

/* With the delay, where a round trip was measured in this interval. */
static void fill_conversation(struct stream *stream, const struct stream_type *type,
                              const struct stream_rating *rating,
                              const struct burst_figures *view, struct interval *out)
{
	stream_rtcp_close_interval(stream, &out->rtt_receiver_ms, &out->rtt_sender_ms);
	const struct impairment *impairment = &rating->impairment;
	const double ppl = 100 * ratio((double)view->bad, (double)view->expected);
	const struct delay_parts parts = {
		.round_trip_ms =
		        round_trip_sum(out->rtt_receiver_ms, out->rtt_sender_ms).ms,
		.buffer_depth_ms = out->depth_ms,
		.ptime_ms = jitter_ptime_ms(&stream->state.jitter),
		.look_ahead_ms = codec_info(type->meaning.codec)->look_ahead_ms,
	};
	out->r_cq = NAN;
	if (isnan(parts.round_trip_ms))
		return;
	const struct delay_score score = {
		impairment->band, impairment->ie, impairment->bpl, ppl,
		burstr_policy(impairment->band, impairment->bpl, ppl, view->burst_ratio)
	};
	out->r_cq = delay_conversation(&score, delay_ta_ms(&parts)).r_cq;
}

static void fill_audio(struct stream *stream, struct interval *out)
{
	struct audio_interval heard = { .heard_s = 0 };
	out->audio_speech_pct = out->audio_clipping_pct = out->audio_level_dbov = NAN;
	if (stream->audio && !stream->encrypted)
		audio_close_interval(stream->audio, &heard);
	if (!(heard.heard_s > 0))
		return;
	out->audio_speech_pct = heard.speech_pct;
	out->audio_clipping_pct = heard.clipping_pct;
	out->audio_level_dbov = heard.level_dbov;
}

enum { TIMELINE_ALWAYS = 256 }; /* bytes that each may have, however little is left */

void stream_charge_timeline(const struct stream *stream, size_t room_before)
{
	if (stream->ratings)
		stream->ratings->timeline_bytes += stream->timeline.room - room_before;
}

/* Of all timelines together there may be so much; then they do not grow any more. */
static size_t most_of(const struct stream *stream, const struct limits *limits)
{
	const bool full =
	        stream->ratings && stream->ratings->timeline_bytes >= limits->timelines;
	size_t most = limits->timeline_bytes;
	if (full && most > stream->timeline.room)
		most = stream->timeline.room;
	return full && most < TIMELINE_ALWAYS ? TIMELINE_ALWAYS : most;
}

static enum status add_to_timeline(struct stream *stream, const struct settings *settings,
                                   const struct interval *interval)
{
	const size_t room = stream->timeline.room;
	const enum status status =
	        timeline_add(&stream->timeline, settings->interval, interval,
	                     most_of(stream, &settings->limits));
	stream_charge_timeline(stream, room);
	return status;
}

static void keep(struct stream *stream, const struct settings *settings,
                 const struct burst_figures views[FATE_VIEWS])
{
	struct stream_state *state = &stream->state;
	const struct stream_type *type = stream_type_at(stream, stream->audio_at);
	const struct codec_variant variant = stream_mode_of_interval(stream, type);
	const struct stream_rating rating = stream_rating(stream, settings, &variant);
	const struct jitter_interval jitter =
	        jitter_close_interval(&state->jitter, &stream->jitter);
	struct interval interval = {
		.at = state->interval_end - settings->interval,
		.expected = (uint32_t)views[FATE_NETWORK].expected,
		.jitter_last_ms = jitter.last_ms,
		.jitter_mean_ms = jitter.mean_ms,
		.jitter_max_ms = jitter.max_ms,
		.ptime_ms = jitter.ptime_ms,
		.delta_max_ms = delta_close_interval(&state->delta, &stream->delta),
		.payload_type = type->payload_type,
		.dscp = stream->hot->dscp,
		.ttl = stream->hot->ttl,
	};
	fill_counts(stream, &interval);
	for (unsigned int view = 0; view < FATE_VIEWS; view++)
		interval.views[view] = loss_of(&views[view], &rating);
	fill_conversation(stream, type, &rating, &views[PLAYOUT_ADAPTIVE], &interval);
	fill_audio(stream, &interval);
	note_ptime(stream, jitter.ptime_ms);
	note_worst(stream, &interval, rating.impairment.band);
	count_quality(stream, &interval, rating.impairment.band);
	const enum status status = add_to_timeline(stream, settings, &interval);
	if (stream->timeline_status == OK)
		stream->timeline_status = status;
	if (stream->fate.no_memory)
		stream->timeline_status = ERR_NOMEM;
	if (stream_suspect(stream, interval.at, &views[FATE_NETWORK]) != OK)
		stream->timeline_status = ERR_NOMEM;
	set_marks(stream);
}

void stream_close_interval(struct stream *stream, const struct settings *settings,
                           nstime at)
{
	struct burst_figures views[FATE_VIEWS];
	stream_end_run(stream);
	fate_close_interval(&stream->state.fate, &stream->fate, views);
	if (views[FATE_NETWORK].expected > 0)
		keep(stream, settings, views);
	const nstime length = settings->interval;
	stream->state.interval_end = (timeline_slot(at, length) + 1) * length;
}
