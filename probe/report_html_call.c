/* A call on the page: its legs, its streams, what endpoints claim, its ladder. */
#include "probe/report_html_parts.h"

#include <math.h>
#include <stdlib.h>

#include "probe/ladder.h"
#include "probe/report_html_kept.h"
#include "schema/field_text.h"
#include "web/display.h"

enum { PARTS_MAX = 32 }; /* legs of a call, and streams of a leg, that are shown */

void report_add_outcome(struct buffer *to, const struct kept_call *call)
{
	static const char *const words[FAULT_COUNT] = {
		[FAULT_NONE] = NULL,
		[FAULT_NETWORK] = "loss in the network",
		[FAULT_UNKNOWN] = "loss, whose is unknown",
		[FAULT_CAPTURE] = "the capture lost packets",
		[FAULT_LATE] = "packets too late",
		[FAULT_CODEC] = "the codec",
	};
	const char *word = words[call->fault];
	if (call->one_way)
		word = "one-way audio";
	else if (!word && call->state == LEG_FAILED && call->status)
		buffer_format(to, "failed with %llu", (unsigned long long)call->status);
	else if (!word && call->state == LEG_NO_RESPONSE)
		word = "no response";
	else if (!word && call->behind_pct >= 1)
		word = "loss behind the probe";
	if (word)
		buffer_add_string(to, word);
}

/* --- legs ----------------------------------------------------------------------------- */

static void add_row(struct buffer *to, const char *name)
{
	buffer_format(to, "<div><dt>%s</dt><dd>", name);
}

static void end_row(struct buffer *to)
{
	buffer_add_string(to, "</dd></div>\n");
}

static void add_text_row(struct buffer *to, const char *name, const char *bytes)
{
	if (!bytes[0])
		return;
	add_row(to, name);
	html_text(to, bytes);
	end_row(to);
}

static void add_time_row(struct buffer *to, const char *name, nstime t)
{
	add_row(to, name);
	html_time(to, t);
	end_row(to);
}

static void add_state_row(struct buffer *to, const struct record *record)
{
	const struct leg_record *leg = &record->leg;
	const char *state = report_word(record, "state");
	const char *ended_by = report_word(record, "ended_by");
	add_row(to, "state");
	html_text(to, state ? state : "");
	if (leg->status)
		buffer_format(to, ", %llu ", (unsigned long long)leg->status);
	if (leg->reason[0])
		html_text(to, leg->reason);
	if (ended_by)
		buffer_format(to, ", ended by %s", ended_by);
	end_row(to);
}

/* What became of the audio of one direction. */
static void add_audio_row(struct buffer *to, const char *name, enum audio_fate fate,
                          nstime until, double coverage_pct)
{
	static const char *const words[AUDIO_FATE_COUNT] = {
		[AUDIO_FATE_OK] = "came",
		[AUDIO_FATE_NONE] = "no packet at all",
		[AUDIO_FATE_EARLY_ONLY] = "none after the answer",
		[AUDIO_FATE_STOPPED] = "stopped in mid-call",
		[AUDIO_FATE_SILENT] = "came, but nothing was said",
		[AUDIO_FATE_CLOSED_PORT] = "went to a closed port",
		[AUDIO_FATE_PRIVATE_ADDRESS] = "went to a private address",
		[AUDIO_FATE_HELD] = "not asked for: held",
		[AUDIO_FATE_MOVED] = "gave way to another medium",
		[AUDIO_FATE_NOT_SEEN] = "does not pass the probe",
	};
	if (fate == AUDIO_FATE_UNKNOWN)
		return;
	add_row(to, name);
	buffer_add_string(to, words[fate]);
	if (fate == AUDIO_FATE_STOPPED || fate == AUDIO_FATE_EARLY_ONLY) {
		buffer_add_string(to, ", the last packet at ");
		html_clock(to, until);
	}
	if (isfinite(coverage_pct))
		buffer_format(to, ", media %.0f %% of the time", coverage_pct);
	end_row(to);
}

static void add_leg(struct buffer *to, const struct record *record)
{
	const struct leg_record *leg = &record->leg;
	const char *transport = report_word(record, "transport");
	buffer_add_string(to, "<section class=\"leg\"><h4>Leg <small>");
	html_route(to, &leg->src, &leg->dst);
	buffer_format(to, " %s</small></h4>\n<dl class=\"rows\">\n",
	              transport ? transport : "");
	add_text_row(to, "from", leg->from);
	add_text_row(to, "to", leg->to);
	add_text_row(to, "Call-ID", leg->sip_call_id);
	add_state_row(to, record);
	add_audio_row(to, "audio to callee", leg->audio_forward, leg->audio_forward_until,
	              leg->media_coverage_forward_pct);
	add_audio_row(to, "audio to caller", leg->audio_reverse, leg->audio_reverse_until,
	              leg->media_coverage_reverse_pct);
	add_time_row(to, "start", leg->start);
	add_time_row(to, "ringing", leg->ringing);
	add_time_row(to, "answered", leg->answered);
	add_time_row(to, "ended", leg->ended);
	add_row(to, "duration");
	html_duration(to, leg->duration_s);
	end_row(to);
	add_row(to, "post-dial delay");
	html_real(to, leg->pdd_ms, 0);
	buffer_add_string(to, isfinite(leg->pdd_ms) ? " ms" : "");
	end_row(to);
	add_text_row(to, "caller's software", leg->user_agent);
	add_text_row(to, "callee's software", leg->server);
	if (leg->flags) {
		add_row(to, "noted");
		report_flags(to, record, "flags");
		end_row(to);
	}
	buffer_add_string(to, "</dl></section>\n");
}

/* --- what endpoints claim ------------------------------------------------------------- */

static void add_claim_cell(struct buffer *to, double value, int decimals)
{
	buffer_add_string(to, "<td>");
	html_real(to, value, decimals);
	buffer_add_string(to, "</td>");
}

static void add_claim(struct buffer *to, const struct record *record)
{
	const struct report_record *r = &record->report;
	const char *source = report_word(record, "source");
	const char *side = report_word(record, "side");
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_string(to, "<tr><td>");
	html_clock(to, r->at);
	buffer_format(to, "</td><th scope=\"row\">%s ", endpoint_format(&r->src, text));
	if (r->reporter[0])
		html_text(to, r->reporter);
	buffer_format(to, "</th><td>%s, %s</td>", source ? source : "\u2013",
	              side ? side : "\u2013");
	add_claim_cell(to, r->loss_pct, 2);
	add_claim_cell(to, r->discard_pct, 2);
	add_claim_cell(to, r->rtt_ms, 0);
	add_claim_cell(to, r->mos_lq, 1);
	add_claim_cell(to, r->mos_cq, 1);
	buffer_add_string(to, "</tr>\n");
}

/* --- all of it ------------------------------------------------------------------------ */

static size_t count_of(const struct dossier *parts, enum record_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < parts->count; i++)
		count += parts->records[i].kind == kind;
	return count;
}

static void add_claims(struct buffer *to, const struct kept_call *call,
                       const struct dossier *parts)
{
	if (!count_of(parts, RECORD_REPORT))
		return;
	buffer_add_string(
	        to,
	        "<details><summary>What endpoints claim</summary>"
	        "<div class=\"scroll\" tabindex=\"0\"><table class=\"small\"><thead><tr>"
	        "<th scope=\"col\">at</th><th scope=\"col\">who</th>"
	        "<th scope=\"col\">by</th><th scope=\"col\">lost, %</th>"
	        "<th scope=\"col\">discarded, %</th><th scope=\"col\">RTT, ms</th>"
	        "<th scope=\"col\">MOS-LQ</th><th scope=\"col\">MOS-CQ</th>"
	        "</tr></thead><tbody>\n");
	for (size_t i = 0; i < parts->count; i++) {
		if (parts->records[i].kind == RECORD_REPORT)
			add_claim(to, &parts->records[i]);
	}
	buffer_add_string(to, "</tbody></table></div>");
	if (call->reports_left_out) {
		buffer_add_string(to, "<p class=\"dim\">");
		html_count(to, call->reports_left_out);
		buffer_add_string(to, " more are not shown.</p>");
	}
	buffer_add_string(to, "</details>\n");
}

/* What most probably went wrong, the best first, above everything else. */
static void add_findings(struct buffer *to, const struct dossier *parts)
{
	if (!count_of(parts, RECORD_FINDING))
		return;
	buffer_add_string(to, "<ul>\n");
	for (size_t i = 0; i < parts->count; i++) {
		const struct record *record = &parts->records[i];
		const char *points_to;
		if (record->kind != RECORD_FINDING)
			continue;
		points_to = report_word(record, "points_to");
		buffer_add_string(to, "<li>");
		html_text(to, record->finding.sentence);
		buffer_format(to, " <small><code>%s</code>, %.0f %%",
		              report_word(record, "code"),
		              100 * record->finding.confidence);
		if (points_to)
			buffer_format(to, ", points to %s", points_to);
		buffer_add_string(to, ": ");
		html_text(to, record->finding.evidence);
		buffer_add_string(to, "</small></li>\n");
	}
	buffer_add_string(to, "</ul>\n");
}

static void add_ladder(struct buffer *to, const struct kept_call *call,
                       const struct dossier *parts)
{
	struct ladder ladder = { 0 };
	struct buffer text = { 0 };
	for (size_t i = 0; i < parts->count; i++) {
		if (parts->records[i].kind == RECORD_MESSAGE)
			ladder_add_message(&ladder, &parts->records[i]);
	}
	if (ladder.count > 0) {
		for (size_t i = 0; i < parts->count; i++) {
			if (parts->records[i].kind == RECORD_STREAM)
				ladder_add_stream(&ladder, &parts->records[i]);
		}
		ladder.left_out += call->messages_left_out;
		ladder_draw(&ladder, call->start, &text);
		buffer_add_string(to, "<details><summary>SIP ladder</summary>\n");
		html_pre(to, buffer_text(&text));
		buffer_add_string(to, "</details>\n");
	}
	to->failed |= ladder.failed || text.failed;
	ladder_free(&ladder);
	buffer_free(&text);
}

/* In the order of arrival; they borrow their tails from what is kept. */
static struct dossier read_parts(const struct kept_call *call)
{
	struct dossier parts = { .count = 0 };
	for (const struct kept_record *k = call->records; k; k = k->next)
		parts.count++;
	parts.records = calloc(parts.count + 1, sizeof *parts.records);
	size_t i = parts.records ? parts.count : 0;
	for (const struct kept_record *k = call->records; k && i > 0; k = k->next)
		kept_record_read(k, &parts.records[--i]);
	if (!parts.records)
		parts.count = 0;
	return parts;
}

static nstime begin_of(const struct record *record)
{
	return record->kind == RECORD_STREAM ? record->stream.first : record->leg.start;
}

/* Of a leg its streams come forward first; else by time, of equals as they came. */
static bool goes_before(const struct record *a, const struct record *b)
{
	if (a->kind == RECORD_STREAM && a->stream.direction != b->stream.direction)
		return a->stream.direction < b->stream.direction;
	return begin_of(a) < begin_of(b);
}

struct chosen {
	const struct record *list[PARTS_MAX];
	size_t count, left_out;
};

static void choose(struct chosen *chosen, const struct record *record)
{
	if (chosen->count == PARTS_MAX) {
		chosen->left_out++;
		return;
	}
	size_t at = chosen->count++;
	for (; at > 0 && goes_before(record, chosen->list[at - 1]); at--)
		chosen->list[at] = chosen->list[at - 1];
	chosen->list[at] = record;
}

static void end_chosen(struct buffer *to, const struct chosen *chosen)
{
	if (!chosen->left_out)
		return;
	buffer_add_string(to, "<p class=\"dim\">");
	html_count(to, chosen->left_out);
	buffer_add_string(to, " more are not shown.</p>\n");
}

/* Those of a leg; leg 0: those of none of these legs. */
static void add_streams(struct buffer *to, const struct dossier *parts, uint64_t leg,
                        const struct chosen *legs)
{
	struct chosen streams = { .count = 0 };
	for (size_t i = 0; i < parts->count; i++) {
		const struct record *record = &parts->records[i];
		bool wanted = record->kind == RECORD_STREAM;
		if (wanted && leg)
			wanted = record->stream.leg == leg;
		for (size_t k = 0; wanted && !leg && k < legs->count; k++)
			wanted = record->stream.leg != legs->list[k]->leg.id;
		if (wanted)
			choose(&streams, record);
	}
	for (size_t i = 0; i < streams.count; i++)
		report_add_stream(to, streams.list[i], parts);
	end_chosen(to, &streams);
}

/* Each leg, the earlier first, with its streams behind it. */
static void add_legs(struct buffer *to, const struct dossier *parts)
{
	struct chosen legs = { .count = 0 };
	for (size_t i = 0; i < parts->count; i++) {
		if (parts->records[i].kind == RECORD_LEG)
			choose(&legs, &parts->records[i]);
	}
	for (size_t i = 0; i < legs.count; i++) {
		add_leg(to, legs.list[i]);
		add_streams(to, parts, legs.list[i]->leg.id, &legs);
	}
	end_chosen(to, &legs);
	add_streams(to, parts, 0, &legs);
}

static void add_summary(struct buffer *to, const struct kept_call *call)
{
	html_mos(to, call->mos_lq, call->band, call->r);
	buffer_add_string(to, " <span class=\"who\">");
	if (call->is_stream || !call->has_leg) {
		html_route(to, &call->src, &call->dst);
	} else {
		html_text(to, call->from);
		buffer_add_string(to, " \u2192 ");
		html_text(to, call->to);
	}
	buffer_add_string(to, "</span> <small>");
	html_time(to, call->start);
	buffer_add_string(to, "</small> <em>");
	report_add_outcome(to, call);
	buffer_add_string(to, "</em>");
}

void report_add_call(struct buffer *to, const struct kept_call *call, bool open)
{
	char id[ID_TEXT_SIZE];
	struct dossier parts = read_parts(call);
	buffer_format(to, "<details class=\"call\"%s><summary>", open ? " open" : "");
	add_summary(to, call);
	id_format(call->id, id);
	buffer_format(to,
	              "</summary>\n<div class=\"inside\" id=\"c%s\">\n<p class=\"dim\">%s "
	              "<code>%s</code></p>\n",
	              id, call->is_stream ? "stream of no call" : "call", id);
	add_findings(to, &parts);
	add_legs(to, &parts);
	if (!count_of(&parts, RECORD_STREAM))
		buffer_add_string(to, "<p class=\"dim\">No media of it was seen.</p>\n");
	add_claims(to, call, &parts);
	add_ladder(to, call, &parts);
	buffer_add_string(to, "</div></details>\n");
	to->failed |= !parts.records;
	free(parts.records);
}
