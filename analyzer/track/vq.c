/*
 * vq.c - quality reports of endpoints in SIP (RFC 6035): found in whatever request has
 * one, for phones send them by PUBLISH, NOTIFY, MESSAGE and INFO, and joined with the call
 * that they name.
 *
 * They mostly come after the BYE.  For two seconds the call's streams are still there to
 * be named; then its tombstone knows the call, and the leg if it had but one.
 */
#include "analyzer/track/report.h"
#include "analyzer/track/signalling.h"

/* Sent again, after a challenge or on the next hop, a report has the same body. */
static bool is_repeated(struct signalling *s, struct text body)
{
	const uint64_t hash = hash_text(&s->context->settings.key, body);
	for (size_t i = 0; i < RECENT_REPORTS; i++)
		if (s->recent_reports[i] == hash)
			return true;
	s->recent_reports[s->recent_at++ % RECENT_REPORTS] = hash;
	return false;
}

static uint32_t find_set(const struct signalling *s, struct text sip_call_id)
{
	if (sip_call_id.len == 0)
		return MAP_NONE;
	return dialog_set_find(s, sip_call_id,
	                       hash_text(&s->context->settings.key, sip_call_id));
}

/* By the Call-ID it names, that of the dialog it names, or that of the message itself. */
static struct dialog_set *set_of(const struct signalling *s, const struct vq_report *report,
                                 const struct sip_message *message)
{
	struct text dialog = report->dialog_id;
	uint32_t number = find_set(s, report->call_id);
	if (number == MAP_NONE)
		number = find_set(s, text_trim(text_cut(&dialog, ';')));
	if (number == MAP_NONE)
		number = find_set(s, message->call_id);
	return number == MAP_NONE ? NULL : dialog_set_at(s, number);
}

struct stream *report_join(const struct signalling *s, const struct dialog_set *set,
                           const struct endpoint *src, const struct endpoint *dst,
                           struct report_record *out)
{
	struct stream *stream = NULL;
	out->call = set->call == MAP_NONE ? set->call_id : call_at(s, set->call)->id;
	if (set->leg_count == 1)
		out->leg = set->leg_id;
	for (uint32_t l = set->first_leg; l; l = leg_at(s, l - 1)->next_of_set) {
		const struct leg *leg = leg_at(s, l - 1);
		if (leg->media_given)
			continue;
		const uint32_t number =
		        media_leg_find_stream(s->media, leg->media, out->ssrc, src, dst);
		if (number == MAP_NONE)
			continue;
		stream = media_stream(s->media, number);
		out->stream = stream->id;
		out->leg = leg->id;
	}
	return stream;
}

static void join(const struct signalling *s, const struct dialog_set *set,
                 const struct vq_report *report, struct report_record *out)
{
	const bool local = out->side == SIDE_LOCAL;
	const struct vq_side *to = local ? &report->local : &report->remote;
	const struct vq_side *from = local ? &report->remote : &report->local;
	report_join(s, set, &from->endpoint, &to->endpoint, out);
}

static void give_side(struct signalling *s, const struct sip_event *event,
                      const struct vq_report *report, enum report_side side)
{
	struct dialog_set *set = set_of(s, report, event->message);
	struct report_record record;
	if (set && set->reports == LIMIT_REPORTS_PER_CALL) {
		count(s->context, COUNT_REPORTS_NOT_KEPT);
		return;
	}
	report_of_vq(s->context, report, side, &record);
	if (set) {
		set->reports++;
		join(s, set, report, &record);
	}
	report_give(s->context, event->packet, side, &record);
}

void vq_feed(struct signalling *s, const struct sip_event *event)
{
	struct text body;
	struct vq_report report;
	if (sip_find_body(event->message, TEXT("application/vq-rtcpxr"), &body) != OK)
		return;
	if (is_repeated(s, body)) {
		count(s->context, COUNT_REPORTS_REPEATED);
		return;
	}
	if (vq_report_parse(body, &report) != OK) {
		count(s->context, COUNT_REPORTS_MALFORMED);
		return;
	}
	/* An alert may come without any metrics. */
	if (report.local.has_metrics || !report.remote.has_metrics)
		give_side(s, event, &report, SIDE_LOCAL);
	if (report.remote.has_metrics)
		give_side(s, event, &report, SIDE_REMOTE);
}
