/* stream_record.c - a stream at its end, as a record: its figures and its score. */
#include "analyzer/track/stream.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/impairment.h"
#include "analyzer/track/stream_mode.h"
#include "analyzer/track/stream_rtcp.h"

enum { SHORT_STREAM = 100 }; /* packets; quality.md section 9 */

static uint32_t unique(const struct stream_type *type)
{
	return type->heard - type->unheard;
}

/*
 * The type of most unique packets among audio; then among all.  The primary type inside
 * RFC 2198 packets is heard, though no packet is of that type.
 */
static const struct stream_type *main_type(const struct stream *stream)
{
	const struct stream_type *best = NULL;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		const struct stream_type *type = stream_type_at(stream, i);
		const bool audio = type->kind == CODEC_KIND_AUDIO;
		const bool best_audio = best && best->kind == CODEC_KIND_AUDIO;
		if (!best || (audio && !best_audio) ||
		    (audio == best_audio && unique(type) > unique(best)))
			best = type;
	}
	return best;
}

static void fill_types(const struct stream *stream, struct stream_record *out)
{
	struct payload_type_counts *counts = &out->payload_types;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		if (stream_type_at(stream, i)->packets == 0)
			continue;
		counts->types[counts->count] = stream_type_at(stream, i)->payload_type;
		counts->packets[counts->count++] = stream_type_at(stream, i)->packets;
	}
}

static void fill_counts(const struct stream *stream, struct stream_record *out)
{
	const struct sequence *s = &stream->state.sequence;
	const struct sequence_counts *counts = &stream->counts;
	out->packets = stream_packets(stream);
	out->expected = sequence_expected(s, counts);
	out->received = s->received;
	out->lost = sequence_lost(s, counts);
	out->duplicates = counts->duplicates;
	out->reordered = counts->reordered;
	out->restarts = counts->restarts;
	out->outage_lost = stream->outage_lost;
	out->span_copies = stream->span_copies;
	out->loss_pct = 100.0 * (double)out->lost / (double)out->expected;
}

static void fill_timing(const struct stream *stream, struct stream_record *out)
{
	const struct jitter *j = &stream->state.jitter;
	out->ts_resync = stream->jitter.resyncs;
	out->jitter_last_ms = j->updates ? j->level.last_ms : NAN;
	out->jitter_max_ms = jitter_max_ms(j, &stream->jitter);
	out->jitter_mean_ms = jitter_mean_ms(j);
	out->ptime_ms = jitter_has_ptime(j) ? jitter_ptime_ms(j) : NAN;
	out->delta_max_ms = delta_max_ms(&stream->state.delta, &stream->delta);
	out->delta_mean_ms = delta_mean_ms(&stream->state.delta, &stream->delta);
	out->ptime_changes = stream->ptime_changes;
	out->skew_ppm = transit_skew(&stream->state.transit, &stream->transit).ppm;
	const struct delay_variation variation = stream_delay_variation(stream);
	out->pdv_p50_ms = delay_variation_percentile_ms(&variation, 50);
	out->pdv_p95_ms = delay_variation_percentile_ms(&variation, 95);
	out->pdv_p99_ms = delay_variation_percentile_ms(&variation, 99);
	memcpy(out->pdv.counts, variation.counts, sizeof out->pdv.counts);
}

/* The last packet's own time counts, too: so a stream of one packet has a rate. */
static void fill_ip(const struct stream *stream, struct stream_record *out)
{
	out->octets = stream->octets;
	out->dscp = stream->first_dscp;
	out->dscp_changes = stream->dscp_changes;
	out->ttl = stream->first_ttl;
	out->ttl_changes = stream->ttl_changes;
	const double ms = ns_to_ms(stream->hot->last - stream->first) +
	                  jitter_ptime_ms(&stream->state.jitter);
	out->kbit_s = (double)stream->octets * 8 / ms;
}

/* "f50" of 50 ms; two of the same length, or one of a fraction, look the same. */
static void name_buffer(struct buffer_record *buffer, unsigned int number,
                        const struct playout_sizes *sizes)
{
	static const char adaptive[] = "adaptive";
	if (number == PLAYOUT_ADAPTIVE) {
		memcpy(buffer->name, adaptive, sizeof buffer->name);
		return;
	}
	char digits[sizeof buffer->name];
	size_t count = 0;
	for (uint32_t ms = (uint32_t)sizes->fixed_ms[number]; ms && count < 7; ms /= 10)
		digits[count++] = (char)('0' + ms % 10);
	buffer->name[0] = 'f';
	for (size_t i = 0; i < count; i++)
		buffer->name[1 + i] = digits[count - 1 - i];
}

static void fill_buffers(const struct stream *stream, const struct settings *settings,
                         const struct burst_figures views[FATE_VIEWS],
                         const struct stream_rating *rating, struct stream_record *out)
{
	const enum band band = rating->impairment.band;
	const double ptime_ms = jitter_ptime_ms(&stream->state.jitter);
	out->buffers.count = PLAYOUT_BUFFERS;
	for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++) {
		const struct burst_figures *view = &views[b];
		struct buffer_record *buffer = &out->buffers.buffers[b];
		name_buffer(buffer, b, &settings->playout);
		buffer->discarded = (double)(view->bad - views[FATE_NETWORK].bad);
		buffer->ppl = 100 * (double)view->bad / (double)view->expected;
		buffer->burstr = view->burst_ratio;
		buffer->bursts = view->bursts;
		buffer->burst_density = burst_density(view);
		buffer->gap_density = gap_density(view);
		buffer->burst_ms = burst_mean_ms(view, ptime_ms);
		buffer->gap_ms = gap_mean_ms(view, ptime_ms);
		buffer->depth_ms = b == PLAYOUT_ADAPTIVE
		                           ? playout_mean_depth_ms(&stream->state.playout)
		                           : settings->playout.fixed_ms[b];
		buffer->burstr_used = buffer->r = buffer->mos_lq = NAN;
		if (band == BAND_NONE)
			continue;
		buffer->burstr_used = burstr_policy(band, rating->impairment.bpl,
		                                    buffer->ppl, buffer->burstr);
		buffer->r = impairment_rating(&rating->impairment, rating->lossless_r,
		                              buffer->ppl, buffer->burstr);
		buffer->mos_lq = emodel_mos(band, buffer->r);
	}
}

/* What the type costs in the mode heard most, which goes into the record; no type: NAN. */
static struct stream_rating rate(const struct stream *stream,
                                 const struct settings *settings,
                                 const struct stream_type *type, struct stream_record *out)
{
	if (!type)
		return (struct stream_rating){
			.impairment = { .band = BAND_NONE, .ie = NAN, .bpl = NAN },
			.lossless_r = NAN,
		};
	const struct codec_variant variant = stream_mode_of_all(stream, type);
	const struct stream_rating rating = stream_rating(stream, settings, &variant);
	out->codec_bit_rate_bps = variant.bit_rate_bps;
	out->codec_audio_hz = codec_bandwidth_hz(variant.bandwidth);
	out->codec_mode_assumed = rating.mode_assumed;
	return rating;
}

/*
 * What came after the answer, where some came before it (quality.md section 9, early
 * media).  A run of losses across that moment counts on both sides.
 */
static void fill_answered(const struct stream *stream, const struct burst_figures *whole,
                          const struct stream_rating *rating, struct stream_record *out)
{
	const struct early_media *early = &stream->early;
	out->ppl_answered = out->r_answered = out->mos_lq_answered = NAN;
	const uint64_t expected = whole->expected - early->expected;
	if (early->expected == 0 || expected == 0 || out->band == BAND_NONE)
		return;
	const double bad = (double)(whole->bad - early->bad);
	const double share = bad / (double)expected;
	const double runs = fmax(1, whole->runs - early->runs);
	out->ppl_answered = 100 * share;
	out->r_answered =
	        impairment_rating(&rating->impairment, rating->lossless_r,
	                          out->ppl_answered, fmax(1, bad / runs * (1 - share)));
	out->mos_lq_answered = emodel_mos(out->band, out->r_answered);
}

/*
 * R and MOS in the adaptive buffer.  Packets whose clock is unknown are played by no
 * buffer; those of a codec that is known have a clock.
 */
static void fill_score(const struct stream *stream, const struct settings *settings,
                       const struct stream_rating *rating, struct stream_record *out)
{
	struct burst_figures views[FATE_VIEWS];
	fate_stream(&stream->state.fate, &stream->fate, views);
	fill_buffers(stream, settings, views, rating, out);
	const struct buffer_record *buffer = &out->buffers.buffers[PLAYOUT_ADAPTIVE];
	const struct score score = impairment_score_from(
	        &rating->impairment, rating->lossless_r, buffer->ppl, buffer->burstr);
	out->band = score.band;
	out->basis = score.basis;
	out->ie = score.ie;
	out->bpl = score.bpl;
	out->ppl = buffer->ppl;
	out->burstr = buffer->burstr;
	out->burstr_used = isnan(score.r) ? NAN : score.burstr_used;
	out->r = score.r;
	out->mos_lq = score.mos_lq;
	if (score.extrapolated)
		out->flags |= STREAM_EXTRAPOLATED;
	fill_answered(stream, &views[PLAYOUT_ADAPTIVE], rating, out);
	if (!isnan(score.mos_lq))
		text_copy(out->mos_buffer, sizeof out->mos_buffer, TEXT("adaptive"));
}

/* The loss without that which is the capture's own, in the buffer that r is of. */
static void fill_suspects(const struct loss_shares *shares,
                          const struct stream_rating *rating, struct stream_record *out)
{
	out->loss_verdict = loss_shares_verdict(shares);
	out->suspect_lost = round(shares->capture);
	out->r_unsuspected = out->mos_lq_unsuspected = NAN;
	if (out->suspect_lost < 1)
		return;
	out->flags |= STREAM_CAPTURE_LOSS;
	if (out->band == BAND_NONE)
		return;
	const double expected = (double)(out->expected + out->outage_lost);
	const double ppl = fmax(0, out->ppl - 100 * out->suspect_lost / expected);
	out->r_unsuspected = impairment_rating(&rating->impairment, rating->lossless_r, ppl,
	                                       out->burstr);
	out->mos_lq_unsuspected = emodel_mos(out->band, out->r_unsuspected);
}

static void fill_timeline(const struct stream *stream, struct stream_record *out)
{
	const struct worst_interval *worst = &stream->worst;
	out->interval_min_at = isnan(worst->r) ? NSTIME_NONE : worst->at;
	out->interval_min_mos_lq = emodel_mos(worst->band, worst->r);
	out->intervals = stream->timeline.intervals;
	if (stream->timeline_status != OK)
		out->flags |= STREAM_TIMELINE_CUT;
}

static double known_if(bool known, double value)
{
	return known ? value : NAN;
}

void stream_facts_of(const struct stream *stream, struct stream_record *out,
                     struct stream_facts *facts)
{
	*facts = (struct stream_facts){ .losses = loss_shape_of(
		                                &stream->gaps,
		                                jitter_ptime_ms(&stream->state.jitter)),
		                        .unlisted = stream->unlisted };
	const struct loss_shape *losses = &facts->losses;
	out->loss_runs = known_if(losses->runs > 0, losses->runs);
	out->loss_longest = known_if(losses->runs > 0, losses->longest);
	out->loss_period_ms = losses->period_ms;
	out->loss_pdv_before_ms = losses->before_ms;
	out->loss_pdv_after_ms = losses->after_ms;
	facts->last_dscp = stream->hot->dscp;
	facts->skew_error_ms =
	        transit_skew(&stream->state.transit, &stream->transit).error_ms;
	facts->events = stream->unlisted.events;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		const struct stream_type *type = stream_type_at(stream, i);
		facts->used.events |= type->meaning.codec == CODEC_TELEPHONE_EVENT;
		if (type->kind == CODEC_KIND_AUDIO)
			used_codecs_add(&facts->used, type->meaning.codec, type->first);
		else if (type->kind == CODEC_KIND_EVENT &&
		         type->payload_type != stream->unlisted.event_type)
			facts->events += type->packets;
	}
}

static uint32_t flags_of(const struct stream *stream, const struct stream_record *out)
{
	uint32_t flags = stream->flags;
	if (stream->hot->truncated)
		flags |= STREAM_TRUNCATED;
	if (out->packets < SHORT_STREAM)
		flags |= STREAM_SHORT;
	if (UINT64_C(10) * stream->close_copies > out->received * 3)
		flags |= STREAM_MIRRORED;
	if (out->clock_basis == CLOCK_GUESSED)
		flags |= STREAM_GUESSED;
	if (stream->backwards)
		flags |= STREAM_TIME_BACKWARDS;
	return flags;
}

static void describe(const struct stream *stream, const struct settings *settings,
                     const struct loss_shares *shares, struct stream_record *out)
{
	const struct stream_type *type = main_type(stream);
	*out = (struct stream_record){
		.id = stream->id,
		.leg = stream->leg_id,
		.call = stream->call_id,
		.direction = stream->direction,
		.src = stream->hot->flow.src,
		.dst = stream->hot->flow.dst,
		.ssrc = stream->hot->flow.ssrc,
		.codec = type ? type->meaning.codec : CODEC_UNKNOWN,
		.clock_hz = type ? type->meaning.clock_hz : 0,
		.clock_basis = type ? type->meaning.basis : CLOCK_UNKNOWN,
		.first = stream->first,
		.last = stream->hot->last,
		.encrypted = stream->encrypted,
	};
	out->legs.count = stream->claim_count;
	memcpy(out->legs.ids, stream->claims, stream->claim_count * sizeof *stream->claims);
	fill_types(stream, out);
	fill_counts(stream, out);
	fill_timing(stream, out);
	out->flags = flags_of(stream, out);
	fill_ip(stream, out);
	const struct stream_rating rating = rate(stream, settings, type, out);
	fill_score(stream, settings, &rating, out);
	fill_suspects(shares, &rating, out);
	fill_timeline(stream, out);
	stream_fill_rtcp(stream, out->buffers.buffers[PLAYOUT_ADAPTIVE].depth_ms, out);
}

void stream_record(struct stream *stream, const struct settings *settings,
                   struct stream_record *out)
{
	const struct loss_shares shares = stream_judge(stream, settings);
	describe(stream, settings, &shares, out);
}

void stream_record_so_far(struct stream *stream, const struct settings *settings,
                          struct stream_record *out)
{
	stream_settle(stream);
	describe(stream, settings, &stream->suspects.shares, out);
	out->flags |= STREAM_IN_PROGRESS;
}
