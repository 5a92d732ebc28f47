/* stream_record.c - a stream at its end, as a record: its figures and its score. */
#include "analyzer/track/stream.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/impairment.h"

enum { SHORT_STREAM = 100 }; /* packets; quality.md section 9 */

/*
 * The type of most unique packets among audio; then among all.  The primary type inside
 * RFC 2198 packets is heard, though no packet is of that type.
 */
static const struct stream_type *main_type(const struct stream *stream)
{
	const struct stream_type *best = NULL;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		const struct stream_type *type = &stream->types[i];
		const bool audio = type->kind == CODEC_KIND_AUDIO;
		const bool best_audio = best && best->kind == CODEC_KIND_AUDIO;
		if (!best || (audio && !best_audio) ||
		    (audio == best_audio && type->heard > best->heard))
			best = type;
	}
	return best;
}

static void fill_types(const struct stream *stream, struct stream_record *out)
{
	struct payload_type_counts *counts = &out->payload_types;
	for (uint8_t i = 0; i < stream->type_count; i++) {
		if (stream->types[i].packets == 0)
			continue;
		counts->types[counts->count] = stream->types[i].payload_type;
		counts->packets[counts->count++] = stream->types[i].packets;
	}
}

static void fill_counts(const struct stream *stream, struct stream_record *out)
{
	const struct sequence *s = &stream->sequence;
	out->packets = stream->packets;
	out->expected = sequence_expected(s);
	out->received = s->received;
	out->lost = sequence_lost(s);
	out->duplicates = s->duplicates;
	out->reordered = s->reordered;
	out->restarts = s->restarts;
	out->outage_lost = stream->outage_lost;
	out->span_copies = stream->span_copies;
	out->loss_pct = 100.0 * (double)out->lost / (double)out->expected;
}

static void fill_timing(const struct stream *stream, struct stream_record *out)
{
	const struct jitter *j = &stream->jitter;
	out->ts_resync = j->resyncs;
	out->jitter_last_ms = j->updates ? j->last_ms : NAN;
	out->jitter_max_ms = j->updates ? j->max_ms : NAN;
	out->jitter_mean_ms = jitter_mean_ms(j);
	out->ptime_ms = jitter_has_ptime(j) ? jitter_ptime_ms(j) : NAN;
	out->delta_max_ms = delta_max_ms(&stream->delta);
	out->delta_mean_ms = delta_mean_ms(&stream->delta);
}

/* R and MOS on the loss of the network alone, taken as random: bursts are not measured. */
static void fill_score(const struct stream_type *type, struct stream_record *out)
{
	const struct codec_variant variant = {
		.codec = out->codec,
		.bit_rate_bps = type ? type->meaning.bit_rate_bps : 0,
		.no_vad = type && type->meaning.no_vad,
	};
	const struct impairment impairment = impairment_of(&variant);
	const double charged = (double)(out->lost + out->outage_lost);
	out->ppl = 100.0 * charged / (double)(out->expected + out->outage_lost);
	const struct score score = impairment_score(&impairment, out->ppl, 1.0, NAN);
	out->band = score.band;
	out->basis = score.basis;
	out->ie = score.ie;
	out->bpl = score.bpl;
	out->burstr_used = isnan(score.r) ? NAN : score.burstr_used;
	out->r = score.r;
	out->mos_lq = score.mos_lq;
	if (score.extrapolated)
		out->flags |= STREAM_EXTRAPOLATED;
	if (!isnan(score.mos_lq))
		text_copy(out->mos_buffer, sizeof out->mos_buffer, TEXT("network"));
}

static void fill_rtcp(const struct stream *stream, struct stream_record *out)
{
	const struct rtcp_figures *rtcp = stream->rtcp;
	out->rtcp_sent_packets = out->rtcp_lost = out->rtcp_jitter_ms = NAN;
	out->rtcp_bye = NSTIME_NONE;
	if (!rtcp)
		return;
	out->rtcp_sender_reports = rtcp->sender_reports;
	out->rtcp_receiver_reports = rtcp->receiver_reports;
	out->rtcp_bye = rtcp->bye;
	if (rtcp->sender_reports)
		out->rtcp_sent_packets = rtcp->sent_packets;
	if (rtcp->receiver_reports) {
		out->rtcp_lost = rtcp->lost;
		if (out->clock_hz)
			out->rtcp_jitter_ms =
			        rtcp->jitter_ticks * 1000.0 / (double)out->clock_hz;
	}
	text_copy(out->rtcp_cname, sizeof out->rtcp_cname, text_from(rtcp->cname));
}

static uint32_t flags_of(const struct stream *stream, const struct stream_record *out)
{
	uint32_t flags = stream->flags;
	if (out->packets < SHORT_STREAM)
		flags |= STREAM_SHORT;
	if (stream->close_copies * 10 > out->received * 3)
		flags |= STREAM_MIRRORED;
	if (out->clock_basis == CLOCK_GUESSED)
		flags |= STREAM_GUESSED;
	if (stream->backwards)
		flags |= STREAM_TIME_BACKWARDS;
	return flags;
}

void stream_record(const struct stream *stream, struct stream_record *out)
{
	const struct stream_type *type = main_type(stream);
	*out = (struct stream_record){
		.id = stream->id,
		.leg = stream->leg_id,
		.call = stream->call_id,
		.direction = stream->direction,
		.src = stream->flow.src,
		.dst = stream->flow.dst,
		.ssrc = stream->flow.ssrc,
		.codec = type ? type->meaning.codec : CODEC_UNKNOWN,
		.clock_hz = type ? type->meaning.clock_hz : 0,
		.clock_basis = type ? type->meaning.basis : CLOCK_UNKNOWN,
		.first = stream->first,
		.last = stream->last,
		.dscp = stream->dscp,
		.encrypted = stream->encrypted,
	};
	out->legs.count = stream->claim_count;
	memcpy(out->legs.ids, stream->claims, stream->claim_count * sizeof *stream->claims);
	fill_types(stream, out);
	fill_counts(stream, out);
	fill_timing(stream, out);
	out->flags = flags_of(stream, out);
	fill_score(type, out);
	fill_rtcp(stream, out);
}
