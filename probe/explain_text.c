/* explain_text.c - explanations for a person. */
#include "probe/explain_print.h"

#include <math.h>

#include "analyzer/quality/playout.h"
#include "probe/explain_sources.h"
#include "probe/explain_why.h"
#include "probe/print_text.h"
#include "schema/field_text.h"

void explain_list_terms(const struct emodel_terms *t,
                        struct explained_term to[EXPLAIN_TERMS])
{
	const struct explained_term terms[EXPLAIN_TERMS] = {
		{ "ro", t->ro, "basic signal-to-noise ratio" },
		{ "is", t->is, "impairments that come with the speech" },
		{ "idte", t->idte, "talker echo" },
		{ "idle", t->idle, "listener echo" },
		{ "idd", t->idd, "too long a delay" },
		{ "ie_eff", t->ie_eff, "codec and packet loss" },
		{ "a", t->a, "advantage" },
	};
	for (size_t i = 0; i < EXPLAIN_TERMS; i++)
		to[i] = terms[i];
}

static void add_heading(struct buffer *to, const char *words)
{
	buffer_format(to, "\n  %s\n", words);
}

static void add_row(struct buffer *to, const char *name, double value, const char *unit,
                    const char *meaning)
{
	buffer_add_string(to, "  ");
	const size_t from = to->len;
	buffer_add_string(to, name);
	text_pad(to, from, 14);
	text_add_real(to, value, 10, 4);
	buffer_format(to, " %-2s  %s\n", unit, meaning);
}

static void add_inputs(struct buffer *to, const struct explained_input *inputs,
                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_row(to, inputs[i].name, inputs[i].value, inputs[i].unit,
		        inputs[i].source);
}

static const char *again(bool agrees)
{
	return agrees ? "computed again; equal to the stored one"
	              : "computed again; not equal to the stored one";
}

static void add_score(const struct stream_record *s, const struct explanation *e,
                      struct buffer *to)
{
	struct explained_term terms[EXPLAIN_TERMS];
	buffer_format(to, "\n  listening: E-model %s; basis of Ie and Bpl: %s\n",
	              explain_model(s->band), basis_name(s->basis));
	add_inputs(to, e->inputs, EXPLAIN_INPUTS);
	add_heading(to, "R = ro - is - idte - idle - idd - ie_eff + a");
	explain_list_terms(&e->terms, terms);
	for (size_t i = 0; i < EXPLAIN_TERMS; i++)
		add_row(to, terms[i].name, terms[i].value, "", terms[i].meaning);
	add_row(to, "R", e->terms.r, "", again(e->agrees));
	if (!e->agrees)
		add_row(to, "R stored", s->r, "", "");
	add_row(to, "MOS-LQ", e->mos_lq, band_name(s->band), "listening quality");
}

static void add_conversation(const struct stream_record *s, const struct explanation *e,
                             struct buffer *to)
{
	const struct explained_conversation *c = &e->conversation;
	if (!c->measured) {
		buffer_format(to, "\n  conversation: MOS-CQ not measured: %s\n",
		              c->why_not);
		return;
	}
	add_heading(to, "conversation: the same with the delay Ta, the sum of");
	add_inputs(to, c->parts, EXPLAIN_PARTS);
	add_row(to, "ta_ms", s->ta_ms, "ms", "mouth to ear; free up to 100 ms");
	add_row(to, "idd", c->terms.idd, "", "what it takes off R");
	add_row(to, "R", c->terms.r, "", again(c->agrees));
	add_row(to, "MOS-CQ", c->mos_cq, band_name(s->band), "conversational quality");
}

static void add_losses(const struct stream_record *s, const struct explanation *e,
                       struct buffer *to)
{
	add_heading(to, "who is charged with which loss, in packets");
	for (size_t i = 0; i < EXPLAIN_LOSSES; i++) {
		const struct explained_loss *loss = &e->losses[i];
		buffer_add_string(to, "  ");
		const size_t from = to->len;
		buffer_add_string(to, loss->name);
		text_pad(to, from, 14);
		text_add_real(to, loss->packets, 10, 0);
		text_add_real(to, loss->pct, 9, 3);
		buffer_format(to, " %%  %s%s\n", loss->words,
		              loss->charged ? "" : " (not charged)");
	}
	if (isfinite(s->far_expected))
		buffer_format(to,
		              "  of the %.0f packets that the receiver reports on it lacks "
		              "%.0f: sender to probe %.0f, probe to receiver %.0f\n",
		              s->far_expected, s->far_lost, s->lost_at_report,
		              s->lost_after);
	if (isfinite(s->mos_lq_answered))
		buffer_format(
		        to, "  after the answer alone: Ppl %.4f %%, R %.4f, MOS-LQ %.2f\n",
		        s->ppl_answered, s->r_answered, s->mos_lq_answered);
	if (isfinite(s->mos_lq_unsuspected))
		buffer_format(to,
		              "  without those of the capture: Ppl %.4f %%, R %.4f, MOS-LQ "
		              "%.2f\n",
		              e->unsuspected_ppl, s->r_unsuspected, s->mos_lq_unsuspected);
}

static void add_worst(const struct stream_record *s, const struct explanation *e,
                      struct buffer *to)
{
	if (s->interval_min_at == NSTIME_NONE)
		return;
	buffer_add_string(to, "\n  worst interval: ");
	if (!(s->interval_min_mos_lq < s->mos_lq)) {
		buffer_add_string(to, "none was worse than the whole\n");
		return;
	}
	explain_add_clock(to, s->interval_min_at);
	buffer_format(to, ", MOS-LQ %.2f", s->interval_min_mos_lq);
	if (!e->has_worst) {
		buffer_add_string(to, "; what happened in it was not kept\n");
		return;
	}
	const struct interval *w = &e->worst;
	const uint32_t lost = w->views[TIMELINE_NETWORK].bad;
	const uint32_t late = w->views[PLAYOUT_ADAPTIVE].bad - lost;
	buffer_format(to,
	              "; of %u packets in these %g s %u were missing and %u too late, in "
	              "%u bursts\n  jitter up to ",
	              w->expected, e->worst_length_s, lost, late,
	              w->views[PLAYOUT_ADAPTIVE].bursts);
	text_add_real(to, w->jitter_max_ms, 1, 2);
	buffer_add_string(to, " ms, 95 % of the packets not more than ");
	text_add_real(to, w->pdv_p95_ms, 1, 1);
	buffer_add_string(to, " ms behind the fastest, longest gap ");
	text_add_real(to, w->delta_max_ms, 1, 0);
	buffer_add_string(to, " ms\n");
}

static void add_buffers(const struct stream_record *s, struct buffer *to)
{
	if (s->buffers.count == 0)
		return;
	add_heading(to, "the same stream in each emulated jitter buffer");
	buffer_add_string(to, "            depth   discarded      Ppl   BurstR    used  "
	                      "bursts  mean        R   MOS-LQ\n");
	for (size_t i = 0; i < s->buffers.count; i++) {
		const struct buffer_record *b = &s->buffers.buffers[i];
		buffer_format(to, "  %-8.8s", b->name);
		text_add_real(to, b->depth_ms, 5, 0);
		buffer_add_string(to, " ms");
		text_add_real(to, b->discarded, 11, 0);
		text_add_real(to, b->ppl, 9, 3);
		text_add_real(to, b->burstr, 9, 3);
		text_add_real(to, b->burstr_used, 8, 3);
		text_add_real(to, b->bursts, 8, 0);
		text_add_real(to, b->burst_ms, 6, 0);
		buffer_add_string(to, " ms");
		text_add_real(to, b->r, 8, 2);
		text_add_real(to, b->mos_lq, 9, 2);
		buffer_add_char(to, '\n');
	}
}

static void add_timing(const struct stream_record *s, struct buffer *to)
{
	add_heading(to, "timing");
	buffer_add_string(to, "  round trip: probe to sender ");
	text_add_real(to, s->rtt_sender_ms, 1, 2);
	buffer_add_string(to, " ms, probe to receiver ");
	text_add_real(to, s->rtt_receiver_ms, 1, 2);
	buffer_add_string(to, " ms\n  jitter: mean ");
	text_add_real(to, s->jitter_mean_ms, 1, 2);
	buffer_add_string(to, " ms here, ");
	text_add_real(to, s->far_jitter_mean_ms, 1, 2);
	buffer_add_string(to, " ms at the receiver; at most ");
	text_add_real(to, s->jitter_max_ms, 1, 2);
	buffer_add_string(to, " and ");
	text_add_real(to, s->far_jitter_max_ms, 1, 2);
	buffer_add_string(to, " ms\n  packets of ");
	text_add_real(to, s->ptime_ms, 1, 1);
	buffer_format(to, " ms, %llu changes; clock skew ",
	              (unsigned long long)s->ptime_changes);
	text_add_real(to, s->skew_ppm, 1, 1);
	buffer_format(to, " ppm; DSCP %llu, %llu changes\n  media or announced silence in ",
	              (unsigned long long)s->dscp, (unsigned long long)s->dscp_changes);
	text_add_real(to, s->media_coverage_pct, 1, 1);
	buffer_add_string(to, " % of the answered time; ");
	text_add_real(to, s->uncovered_s, 1, 1);
	buffer_add_string(to, " s of the stream without either\n");
}

void explain_text_claims(const struct dossier *dossier, const char *heading,
                         explain_choice *choose, uint64_t id, struct buffer *to)
{
	bool first = true;
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		if (record->kind != RECORD_REPORT || !choose(dossier, record, id))
			continue;
		buffer_add_string(to, first ? heading : "");
		first = false;
		buffer_add_string(to, "  ");
		text_add_report(to, record);
		buffer_add_char(to, '\n');
	}
}

static void add_notes(const struct explanation *e, bool not_seen, const char *heading,
                      struct buffer *to)
{
	bool first = true;
	for (size_t i = 0; i < e->note_count; i++) {
		if (e->notes[i].not_seen != not_seen)
			continue;
		if (first)
			add_heading(to, heading);
		first = false;
		buffer_format(to, "  - %s\n", e->notes[i].text);
	}
}

void explain_add_text(const struct record *record, const struct explanation *e,
                      const struct dossier *dossier, struct buffer *to, bool colour)
{
	const struct stream_record *s = &record->stream;
	char id[ID_TEXT_SIZE];
	buffer_format(to, "%sstream %s%s\n  ", text_style(STYLE_BOLD, colour),
	              id_format(s->id, id), text_style(STYLE_PLAIN, colour));
	text_add_stream(to, record, colour);
	buffer_format(to, "\n\n  %s", text_style(STYLE_BOLD, colour));
	explain_add_why(s, e, to);
	buffer_format(to, "%s\n", text_style(STYLE_PLAIN, colour));
	if (e->scored) {
		add_score(s, e, to);
		add_conversation(s, e, to);
	}
	add_losses(s, e, to);
	explain_add_segments(s, dossier, to);
	add_worst(s, e, to);
	add_buffers(s, to);
	add_timing(s, to);
	/* Never mixed with ours: they stand here and nowhere else. */
	explain_text_claims(dossier,
	                    "\n  what endpoints claim of it, which is in no figure above\n",
	                    explain_is_claim_of, s->id, to);
	add_notes(e, false, "to be kept in mind", to);
	add_notes(e, true, "not seen", to);
	buffer_add_char(to, '\n');
}
