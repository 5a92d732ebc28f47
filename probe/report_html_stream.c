/* A direction of a call on the page: its score, its timeline, its buffers, its witness. */
#include "probe/report_html_parts.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/emodel.h"
#include "probe/explain_print.h"
#include "probe/explain_why.h"
#include "probe/report_html_kept.h"
#include "schema/field_text.h"
#include "web/display.h"

/* --- in words ------------------------------------------------------------------------- */

static const char *const fault_sentences[FAULT_COUNT] = {
	[FAULT_NONE] = "",
	[FAULT_NETWORK] =
	        "What spoils it is packet loss in the network, between the sender "
	        "and the probe.",
	[FAULT_UNKNOWN] =
	        "What spoils it is packet loss; nothing tells whether the network "
	        "or the capture lost them.",
	[FAULT_CAPTURE] =
	        "The losses are the capture's, not the network's: what the listener "
	        "heard may have been fine.",
	[FAULT_LATE] = "What spoils it are packets that came too late to be played.",
	[FAULT_CODEC] = "The codec allows no more: without any loss it would be as bad.",
};

static const char *const rating_sentences[][2] = {
	{ "good", "As it passed the probe, voice was good." },
	{ "fair", "As it passed the probe, voice was fair: some users would complain." },
	{ "poor",
	  "As it passed the probe, voice was poor: many users would be dissatisfied." },
	{ "bad",
	  "As it passed the probe, voice was bad: nearly all users would be dissatisfied." },
	{ "none", "Nothing is known of how voice was." },
};

static void add_verdict(struct buffer *to, const struct stream_record *s)
{
	const char *rating = html_rating(emodel_common_r(s->band, s->r));
	buffer_add_string(to, "<p>");
	for (size_t i = 0; i < ARRAY_LEN(rating_sentences); i++) {
		if (strcmp(rating_sentences[i][0], rating) == 0)
			buffer_add_string(to, rating_sentences[i][1]);
	}
	buffer_format(to, " %s", fault_sentences[fault_of(s)]);
	if (isfinite(s->mos_lq_unsuspected))
		buffer_format(to,
		              " Without the %.0f packets that the capture lost the MOS "
		              "is %.2f.",
		              s->suspect_lost, s->mos_lq_unsuspected);
	buffer_add_string(to, "</p>\n");
}

/* --- figures -------------------------------------------------------------------------- */

static void begin_figure(struct buffer *to, const char *name)
{
	buffer_format(to, "<div><dt>%s</dt><dd>", name);
}

static void end_figure(struct buffer *to, const char *unit)
{
	buffer_format(to, "%s%s</dd></div>\n", unit[0] ? " " : "", unit);
}

static void add_figure(struct buffer *to, const char *name, double value, int decimals,
                       const char *unit)
{
	begin_figure(to, name);
	html_real(to, value, decimals);
	end_figure(to, isfinite(value) ? unit : "");
}

static void add_loss_figure(struct buffer *to, const struct stream_record *s)
{
	const char *whose = loss_verdict_names[s->loss_verdict];
	begin_figure(to, "lost");
	buffer_format(to, "%llu of %llu", (unsigned long long)s->lost,
	              (unsigned long long)s->expected);
	if (isfinite(s->loss_pct))
		buffer_format(to, ", %.2f %%", s->loss_pct);
	if (s->outage_lost)
		buffer_format(to, ", %llu more in outages",
		              (unsigned long long)s->outage_lost);
	end_figure(to, "");
	begin_figure(to, "whose losses");
	buffer_add_string(to, whose ? whose : "none were lost");
	end_figure(to, "");
}

static void add_figures(struct buffer *to, const struct record *record)
{
	const struct stream_record *s = &record->stream;
	buffer_add_string(to, "<dl class=\"figures\">\n");
	begin_figure(to, "MOS-LQ");
	html_mos(to, s->mos_lq, s->band, emodel_common_r(s->band, s->r));
	end_figure(to, "");
	add_figure(to, "R", s->r, 1, "");
	begin_figure(to, "worst interval");
	html_real(to, s->interval_min_mos_lq, 2);
	if (s->interval_min_at != NSTIME_NONE) {
		buffer_add_string(to, " at ");
		html_clock(to, s->interval_min_at);
	}
	end_figure(to, "");
	if (isfinite(s->mos_cq))
		add_figure(to, "MOS-CQ", s->mos_cq, 2, "");
	add_loss_figure(to, s);
	add_figure(to, "jitter mean", s->jitter_mean_ms, 2, "ms");
	add_figure(to, "jitter max", s->jitter_max_ms, 2, "ms");
	add_figure(to, "PDV p95", s->pdv_p95_ms, 1, "ms");
	add_figure(to, "longest gap", s->delta_max_ms, 0, "ms");
	add_figure(to, "packet time", s->ptime_ms, 0, "ms");
	add_figure(to, "clock skew", s->skew_ppm, 1, "ppm");
	begin_figure(to, "packets");
	html_count(to, s->packets);
	if (s->duplicates || s->reordered)
		buffer_format(to, ", %llu twice, %llu out of order",
		              (unsigned long long)s->duplicates,
		              (unsigned long long)s->reordered);
	end_figure(to, "");
	add_figure(to, "bit rate", s->kbit_s, 0, "kbit/s");
	buffer_add_string(to, "</dl>\n");
}

/* --- buffers side by side ------------------------------------------------------------- */

static void add_cell(struct buffer *to, double value, int decimals)
{
	buffer_add_string(to, "<td>");
	html_real(to, value, decimals);
	buffer_add_string(to, "</td>");
}

static void add_buffer(struct buffer *to, const struct buffer_record *b, enum band band)
{
	char name[sizeof b->name + 1] = "";
	memcpy(name, b->name, sizeof b->name);
	buffer_add_string(to, "<tr><th scope=\"row\">");
	html_text(to, name);
	buffer_add_string(to, "</th>");
	add_cell(to, b->depth_ms, 0);
	add_cell(to, b->discarded, 0);
	add_cell(to, b->ppl, 2);
	add_cell(to, b->burstr, 2);
	add_cell(to, b->burstr_used, 2);
	add_cell(to, b->bursts, 0);
	add_cell(to, b->r, 1);
	buffer_add_string(to, "<td>");
	html_mos(to, b->mos_lq, band, emodel_common_r(band, b->r));
	buffer_add_string(to, "</td></tr>\n");
}

static void add_buffers(struct buffer *to, const struct stream_record *s)
{
	buffer_add_string(to,
	                  "<div class=\"scroll\" tabindex=\"0\"><table class=\"small\">"
	                  "<caption>In three jitter buffers</caption><thead><tr>"
	                  "<th scope=\"col\">buffer</th><th scope=\"col\">length, ms</th>"
	                  "<th scope=\"col\">discarded</th><th scope=\"col\">Ppl, %</th>"
	                  "<th scope=\"col\">BurstR</th><th scope=\"col\">used</th>"
	                  "<th scope=\"col\">bursts</th><th scope=\"col\">R</th>"
	                  "<th scope=\"col\">MOS-LQ</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < s->buffers.count; i++)
		add_buffer(to, &s->buffers.buffers[i], s->band);
	buffer_add_string(to, "</tbody></table></div>\n");
}

/* --- the second witness --------------------------------------------------------------- */

static void add_half(struct buffer *to, const char *segment, double lost, double expected,
                     double rtt_ms)
{
	buffer_format(to, "<tr><th scope=\"row\">%s</th>", segment);
	add_cell(to, lost, 0);
	add_cell(to, expected > 0 ? 100 * lost / expected : NAN, 2);
	add_cell(to, rtt_ms, 1);
	buffer_add_string(to, "</tr>\n");
}

static void add_witness(struct buffer *to, const struct stream_record *s)
{
	if (!s->rtcp_receiver_reports && !s->rtcp_sender_reports) {
		buffer_add_string(
		        to, "<p class=\"dim\">No RTCP about it was seen: what happened "
		            "behind the probe is not known.</p>\n");
		return;
	}
	buffer_add_string(to,
	                  "<div class=\"scroll\" tabindex=\"0\"><table class=\"small\">"
	                  "<caption>The second witness: RTCP</caption><thead><tr>"
	                  "<th scope=\"col\">segment</th><th scope=\"col\">lost</th>"
	                  "<th scope=\"col\">%</th><th scope=\"col\">round trip, ms</th>"
	                  "</tr></thead><tbody>\n");
	add_half(to, "sender \u2192 probe", s->lost_at_report, s->far_expected,
	         s->rtt_sender_ms);
	add_half(to, "probe \u2192 receiver", s->lost_after, s->far_expected,
	         s->rtt_receiver_ms);
	add_half(to, "the whole way", s->far_lost, s->far_expected,
	         s->rtt_partial ? NAN : s->rtt_ms);
	buffer_format(
	        to,
	        "</tbody></table></div>\n<p class=\"dim\">%llu reports of the receiver, "
	        "%llu of the sender. Jitter at the receiver: mean ",
	        (unsigned long long)s->rtcp_receiver_reports,
	        (unsigned long long)s->rtcp_sender_reports);
	html_real(to, s->far_jitter_mean_ms, 1);
	buffer_add_string(to, ", max ");
	html_real(to, s->far_jitter_max_ms, 1);
	buffer_add_string(to, " ms.");
	if (s->unconfirmed_lost >= 1)
		buffer_format(to, " The receiver got %.0f packets that the probe lacks.",
		              s->unconfirmed_lost);
	buffer_add_string(to, "</p>\n");
}

/* --- all of it ------------------------------------------------------------------------ */

static void add_title(struct buffer *to, const struct record *record)
{
	static const char *const names[DIRECTION_COUNT] = { "Stream",
		                                            "Caller \u2192 callee",
		                                            "Callee \u2192 caller" };
	const struct stream_record *s = &record->stream;
	const size_t empty = strlen("<p class=\"dim\">");
	buffer_format(to, "<h4>%s <small>", names[s->direction]);
	buffer_add_string(to, s->codec == CODEC_UNKNOWN ? "unknown codec"
	                                                : codec_name(s->codec));
	buffer_add_string(to, s->encrypted ? ", encrypted, " : ", ");
	html_route(to, &s->src, &s->dst);
	buffer_format(to, ", SSRC 0x%08x</small></h4>\n", s->ssrc);
	const size_t before = to->len;
	buffer_add_string(to, "<p class=\"dim\">");
	report_flags(to, record, "flags");
	if (to->len == before + empty)
		to->len = before;
	else
		buffer_add_string(to, "</p>\n");
}

/* Its sentence may hold what a stranger wrote: it is displayable, not yet escaped. */
static void add_why(struct buffer *to, const struct record *record,
                    const struct explanation *explanation)
{
	struct buffer text = { 0 };
	explain_add_why(&record->stream, explanation, &text);
	buffer_add_string(to, explanation->scored ? "<p>MOS " : "<p>");
	display_html(to, buffer_text(&text));
	buffer_add_string(to, ".</p>\n");
	to->failed |= text.failed;
	buffer_free(&text);
}

static void add_explanation(struct buffer *to, const struct record *record,
                            const struct explanation *explanation,
                            const struct dossier *dossier)
{
	struct buffer text = { 0 };
	explain_add_text(record, explanation, dossier, &text, false);
	buffer_add_string(to, "<details><summary>Why this score: every term</summary>\n");
	html_pre(to, buffer_text(&text));
	buffer_add_string(to, "</details>\n");
	to->failed |= text.failed;
	buffer_free(&text);
}

void report_add_stream(struct buffer *to, const struct record *record,
                       const struct dossier *dossier)
{
	struct explanation explanation;
	const struct stream_record *s = &record->stream;
	char id[ID_TEXT_SIZE];
	buffer_format(to, "<section class=\"stream\" id=\"s%s\">\n", id_format(s->id, id));
	add_title(to, record);
	explain_stream(record, &explanation);
	add_verdict(to, s);
	add_why(to, record, &explanation);
	add_figures(to, record);
	plot_timeline(to, record);
	buffer_add_string(to, "<div class=\"pair\"><figure>"
	                      "<figcaption>Delay variation (PDV): share of packets up to "
	                      "so many ms behind the fastest</figcaption>\n");
	plot_histogram(to, &s->pdv);
	buffer_add_string(to, "</figure><div>\n");
	add_buffers(to, s);
	add_witness(to, s);
	buffer_add_string(to, "</div></div>\n");
	add_explanation(to, record, &explanation, dossier);
	buffer_add_string(to, "</section>\n");
}
