#include "analyzer/track/stream_rtcp.h"

#include <math.h>

#include "analyzer/quality/delay.h"

/* Packets sent before the first that we saw and still taken for none: lost, or under way.
 */
enum { START_SLACK = 16 };

/* A mirror may show a report twice; then the answer to it came to the first. */
static void note_once(struct round_trip_sent *sent, uint64_t ntp, nstime at)
{
	const uint32_t newest = (sent->next + ROUND_TRIP_REPORTS - 1) % ROUND_TRIP_REPORTS;
	if (sent->middle[newest] != (uint32_t)(ntp >> 16))
		round_trip_note(sent, ntp, at);
}

/* The first report decides; a count far below ours is none of this stream's. */
static enum stream_start start_of(const struct stream *stream, uint32_t sent_packets)
{
	const struct sequence_counts *counts = &stream->counts;
	const int64_t seen = (int64_t)sequence_expected(&stream->state.sequence, counts);
	if (counts->expected_before > 0 || sent_packets < seen / 2)
		return START_UNKNOWN;
	return sent_packets - seen > START_SLACK ? START_MISSED : START_SEEN;
}

void stream_rtcp_sent(struct stream *stream, const struct rtcp_part *sr, nstime at)
{
	struct rtcp_figures *rtcp = stream->rtcp;
	stream_settle(stream);
	rtcp->sender_reports++;
	rtcp->sent_packets = sr->packets;
	if (rtcp->start == START_UNKNOWN)
		rtcp->start = start_of(stream, sr->packets);
	note_once(&rtcp->sent, sr->ntp, at);
}

static bool is_copy(const struct rtcp_report *a, const struct rtcp_report *b)
{
	return a->highest_sequence == b->highest_sequence &&
	       a->cumulative_lost == b->cumulative_lost &&
	       a->jitter_ticks == b->jitter_ticks && a->lsr == b->lsr && a->dlsr == b->dlsr;
}

double stream_rtcp_received(struct stream *stream, uint32_t reporter,
                            const struct rtcp_report *report, bool announced, nstime at)
{
	struct rtcp_figures *rtcp = stream->rtcp;
	const struct far_end_block block = { reporter, report->highest_sequence,
		                             report->cumulative_lost,
		                             report->jitter_ticks };
	if (rtcp->receiver_reports++ == 0)
		rtcp->announced = announced;
	else if (is_copy(&rtcp->last, report))
		return NAN;
	rtcp->last = *report;
	stream_settle(stream);
	const struct far_end_span grown =
	        far_end_take(&rtcp->far, &block, &stream->state.sequence, &stream->counts,
	                     stream->counts.duplicates - stream->span_copies);
	loss_far_add(&rtcp->confirmed, grown.expected, grown.ours,
	             grown.lost + grown.copies);
	const double trip = round_trip_ms(&rtcp->sent, report->lsr, report->dlsr, at);
	round_trips_add(&rtcp->receiver, trip);
	round_trips_add(&rtcp->receiver_now, trip);
	return trip;
}

void stream_rtcp_add_sender_trip(struct stream *stream, double ms)
{
	round_trips_add(&stream->rtcp->sender, ms);
	round_trips_add(&stream->rtcp->sender_now, ms);
}

void stream_rtcp_heard(struct stream *stream, uint64_t ntp, nstime at)
{
	note_once(&stream->rtcp->heard, ntp, at);
}

void stream_rtcp_answered(struct stream *stream, uint32_t lsr, uint32_t dlsr, nstime at)
{
	struct rtcp_figures *rtcp = stream->rtcp;
	stream_rtcp_add_sender_trip(stream, round_trip_ms(&rtcp->heard, lsr, dlsr, at));
}

/* Did the probe, too, see the stream from its start? */
static bool is_whole(const struct rtcp_figures *rtcp)
{
	return rtcp->start == START_SEEN ||
	       (rtcp->start == START_UNKNOWN && rtcp->announced);
}

struct loss_far stream_rtcp_confirmed(const struct stream *stream)
{
	const struct rtcp_figures *rtcp = stream->rtcp;
	if (!rtcp)
		return (struct loss_far){ 0 };
	struct loss_far confirmed = rtcp->confirmed;
	const struct far_end_span *first = &rtcp->far.first;
	if (is_whole(rtcp))
		loss_far_add(&confirmed, first->expected, first->ours,
		             first->lost + first->copies);
	return confirmed;
}

struct loss_far stream_rtcp_confirmed_now(struct stream *stream)
{
	const struct loss_far all = stream_rtcp_confirmed(stream);
	if (!stream->rtcp)
		return all;
	struct loss_far *told = &stream->rtcp->confirmed_told;
	if (all.expected < told->expected || all.ours < told->ours ||
	    all.unconfirmed < told->unconfirmed || all.beyond < told->beyond)
		return (struct loss_far){ 0 }; /* its start was not seen after all */
	const struct loss_far now = { all.expected - told->expected, all.ours - told->ours,
		                      all.unconfirmed - told->unconfirmed,
		                      all.beyond - told->beyond };
	*told = all;
	return now;
}

void stream_rtcp_close_interval(struct stream *stream, double *receiver_ms,
                                double *sender_ms)
{
	struct rtcp_figures *rtcp = stream->rtcp;
	*receiver_ms = *sender_ms = NAN;
	if (!rtcp)
		return;
	*receiver_ms = round_trips_median_ms(&rtcp->receiver_now);
	*sender_ms = round_trips_median_ms(&rtcp->sender_now);
	rtcp->receiver_now = rtcp->sender_now = (struct round_trips){ 0 };
}

/* --- the record ----------------------------------------------------------------------- */

static void fill_last(const struct rtcp_figures *rtcp, struct stream_record *out)
{
	out->rtcp_sender_reports = rtcp->sender_reports;
	out->rtcp_receiver_reports = rtcp->receiver_reports;
	out->rtcp_bye = rtcp->bye;
	if (rtcp->sender_reports)
		out->rtcp_sent_packets = rtcp->sent_packets;
	if (rtcp->receiver_reports) {
		out->rtcp_lost = rtcp->last.cumulative_lost;
		if (out->clock_hz)
			out->rtcp_jitter_ms =
			        rtcp->last.jitter_ticks * 1000.0 / (double)out->clock_hz;
	}
	text_copy(out->rtcp_cname, sizeof out->rtcp_cname, text_from(rtcp->cname));
}

static void fill_far_end(const struct rtcp_figures *rtcp, struct stream_record *out)
{
	const struct far_end_span span = far_end_total(&rtcp->far, is_whole(rtcp));
	if (out->clock_hz) {
		const double tick_ms = 1000.0 / (double)out->clock_hz;
		out->far_jitter_mean_ms = far_end_jitter_mean(&rtcp->far) * tick_ms;
		out->far_jitter_max_ms = far_end_jitter_max(&rtcp->far) * tick_ms;
	}
	if (span.expected <= 0)
		return;
	out->far_expected = (double)span.expected;
	out->far_lost = (double)span.lost;
	out->far_loss_pct = 100.0 * (double)span.lost / (double)span.expected;
	out->lost_at_report = (double)span.ours;
	out->lost_after = (double)(span.lost - span.ours);
	out->unconfirmed_lost = (double)far_end_unconfirmed(&span);
}

static void fill_delay(const struct stream *stream, double buffer_depth_ms,
                       struct stream_record *out)
{
	out->rtt_receiver_ms = round_trips_median_ms(&stream->rtcp->receiver);
	out->rtt_sender_ms = round_trips_median_ms(&stream->rtcp->sender);
	const struct round_trip trip =
	        round_trip_sum(out->rtt_receiver_ms, out->rtt_sender_ms);
	out->rtt_ms = trip.ms;
	out->rtt_partial = trip.partial;
	const struct delay_parts parts = {
		.round_trip_ms = trip.ms,
		.buffer_depth_ms = buffer_depth_ms,
		.ptime_ms = out->ptime_ms,
		.look_ahead_ms = codec_info(out->codec)->look_ahead_ms,
	};
	const struct delay_score score = { out->band, out->ie, out->bpl, out->ppl,
		                           out->burstr_used };
	out->ta_ms = delay_ta_ms(&parts);
	const struct conversation conversation = delay_conversation(&score, out->ta_ms);
	out->r_cq = conversation.r_cq;
	out->mos_cq = conversation.mos_cq;
}

void stream_fill_rtcp(const struct stream *stream, double buffer_depth_ms,
                      struct stream_record *out)
{
	out->rtcp_sent_packets = out->rtcp_lost = out->rtcp_jitter_ms = NAN;
	out->rtcp_bye = NSTIME_NONE;
	out->far_expected = out->far_lost = out->far_loss_pct = NAN;
	out->far_jitter_mean_ms = out->far_jitter_max_ms = NAN;
	out->lost_at_report = out->lost_after = out->unconfirmed_lost = NAN;
	out->rtt_receiver_ms = out->rtt_sender_ms = out->rtt_ms = NAN;
	out->ta_ms = out->r_cq = out->mos_cq = NAN;
	if (!stream->rtcp)
		return;
	fill_last(stream->rtcp, out);
	fill_far_end(stream->rtcp, out);
	fill_delay(stream, buffer_depth_ms, out);
}
