/* explain_json.c - explanations for programs. */
#include "probe/explain_print.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/playout.h"
#include "probe/explain_sources.h"
#include "probe/explain_why.h"
#include "schema/field_text.h"
#include "web/display.h"
#include "web/record_json.h"

/* --- members -------------------------------------------------------------------------- */

/* Null without a value. */
static void add_string(struct buffer *to, const char *name, const char *value)
{
	json_add_name(to, name);
	if (value)
		display_json(to, text_from(value));
	else
		buffer_add(to, TEXT("null"));
}

static void add_bool(struct buffer *to, const char *name, bool known, bool value)
{
	json_add_name(to, name);
	buffer_add_string(to, !known ? "null" : value ? "true" : "false");
}

static void add_id(struct buffer *to, const char *name, uint64_t id)
{
	char text[ID_TEXT_SIZE];
	add_string(to, name, id ? id_format(id, text) : NULL);
}

static void open_object(struct buffer *to, const char *name)
{
	json_add_name(to, name);
	buffer_add_char(to, '{');
}

/* --- parts ---------------------------------------------------------------------------- */

static void add_inputs(struct buffer *to, const struct explained_input *inputs,
                       size_t count)
{
	json_add_name(to, "inputs");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < count; i++) {
		const char trust[] = { inputs[i].trust, '\0' };
		buffer_add_string(to, i ? ",{" : "{");
		add_string(to, "name", inputs[i].name);
		json_add_real(to, "value", inputs[i].value);
		add_string(to, "unit", inputs[i].unit[0] ? inputs[i].unit : NULL);
		add_string(to, "trust", inputs[i].trust == '-' ? NULL : trust);
		add_string(to, "source", inputs[i].source);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
}

static void add_terms(struct buffer *to, const struct emodel_terms *of)
{
	struct explained_term terms[EXPLAIN_TERMS];
	explain_list_terms(of, terms);
	open_object(to, "terms");
	for (size_t i = 0; i < EXPLAIN_TERMS; i++)
		json_add_real(to, terms[i].name, terms[i].value);
	buffer_add_char(to, '}');
}

static void add_score(const struct stream_record *s, const struct explanation *e,
                      struct buffer *to)
{
	add_string(to, "model", explain_model(s->band));
	add_string(to, "band", s->band == BAND_NONE ? NULL : band_name(s->band));
	add_string(to, "basis", s->basis == BASIS_NONE ? NULL : basis_name(s->basis));
	add_inputs(to, e->inputs, EXPLAIN_INPUTS);
	json_add_real(to, "burstr_measured", s->burstr);
	add_terms(to, &e->terms);
	json_add_real(to, "r", s->r);
	json_add_real(to, "mos_lq", s->mos_lq);
	add_string(to, "mos_buffer", s->mos_buffer[0] ? s->mos_buffer : NULL);
	json_add_real(to, "r_again", e->terms.r);
	json_add_real(to, "mos_lq_lossless", e->mos_lossless);
	add_bool(to, "agrees", e->scored, e->agrees);
}

static void add_conversation(const struct stream_record *s, const struct explanation *e,
                             struct buffer *to)
{
	const struct explained_conversation *c = &e->conversation;
	open_object(to, "conversation");
	add_string(to, "not_measured", c->measured ? NULL : c->why_not);
	if (c->measured) {
		add_inputs(to, c->parts, EXPLAIN_PARTS);
		add_terms(to, &c->terms);
	}
	json_add_real(to, "ta_ms", s->ta_ms);
	json_add_real(to, "r_cq", s->r_cq);
	json_add_real(to, "mos_cq", s->mos_cq);
	add_bool(to, "agrees", c->measured, c->agrees);
	buffer_add_char(to, '}');
}

static void add_losses(const struct stream_record *s, const struct explanation *e,
                       struct buffer *to)
{
	json_add_name(to, "losses");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < EXPLAIN_LOSSES; i++) {
		buffer_add_string(to, i ? ",{" : "{");
		add_string(to, "name", e->losses[i].name);
		json_add_real(to, "packets", e->losses[i].packets);
		json_add_real(to, "pct", e->losses[i].pct);
		add_bool(to, "charged", true, e->losses[i].charged);
		add_string(to, "source", e->losses[i].words);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
	json_add_real(to, "expected", (double)(s->expected + s->outage_lost));
	add_string(to, "loss_verdict", loss_verdict_names[s->loss_verdict]);
	open_object(to, "without_capture_loss");
	json_add_real(to, "ppl", e->unsuspected_ppl);
	json_add_real(to, "burstr_used", e->unsuspected_burstr);
	json_add_real(to, "r", s->r_unsuspected);
	json_add_real(to, "mos_lq", s->mos_lq_unsuspected);
	buffer_add_char(to, '}');
	open_object(to, "after_answer");
	json_add_real(to, "ppl", s->ppl_answered);
	json_add_real(to, "r", s->r_answered);
	json_add_real(to, "mos_lq", s->mos_lq_answered);
	buffer_add_char(to, '}');
	open_object(to, "segments");
	json_add_real(to, "reported_on", s->far_expected);
	json_add_real(to, "receiver_lacks", s->far_lost);
	json_add_real(to, "sender_to_probe_lost", s->lost_at_report);
	json_add_real(to, "probe_to_receiver_lost", s->lost_after);
	json_add_real(to, "unconfirmed_lost", s->unconfirmed_lost);
	buffer_add_char(to, '}');
}

static void add_worst(const struct stream_record *s, const struct explanation *e,
                      struct buffer *to)
{
	if (s->interval_min_at == NSTIME_NONE) {
		add_string(to, "worst_interval", NULL);
		return;
	}
	const struct interval *w = &e->worst;
	const double known = e->has_worst ? 0 : NAN;
	const uint32_t lost = w->views[TIMELINE_NETWORK].bad;
	open_object(to, "worst_interval");
	json_add_time(to, "at", s->interval_min_at);
	json_add_real(to, "mos_lq", s->interval_min_mos_lq);
	json_add_real(to, "length_s", e->has_worst ? e->worst_length_s : NAN);
	json_add_real(to, "expected", known + w->expected);
	json_add_real(to, "lost", known + lost);
	json_add_real(to, "too_late", known + (w->views[PLAYOUT_ADAPTIVE].bad - lost));
	json_add_real(to, "bursts", known + w->views[PLAYOUT_ADAPTIVE].bursts);
	json_add_real(to, "jitter_max_ms", known + w->jitter_max_ms);
	json_add_real(to, "pdv_p95_ms", known + w->pdv_p95_ms);
	json_add_real(to, "delta_max_ms", known + w->delta_max_ms);
	buffer_add_char(to, '}');
}

static void add_timing(const struct stream_record *s, struct buffer *to)
{
	open_object(to, "timing");
	json_add_real(to, "rtt_sender_ms", s->rtt_sender_ms);
	json_add_real(to, "rtt_receiver_ms", s->rtt_receiver_ms);
	json_add_real(to, "rtt_ms", s->rtt_ms);
	add_bool(to, "rtt_partial", isfinite(s->rtt_ms), s->rtt_partial);
	json_add_real(to, "jitter_mean_ms", s->jitter_mean_ms);
	json_add_real(to, "jitter_max_ms", s->jitter_max_ms);
	json_add_real(to, "far_jitter_mean_ms", s->far_jitter_mean_ms);
	json_add_real(to, "far_jitter_max_ms", s->far_jitter_max_ms);
	json_add_real(to, "ptime_ms", s->ptime_ms);
	json_add_real(to, "ptime_changes", (double)s->ptime_changes);
	json_add_real(to, "skew_ppm", s->skew_ppm);
	json_add_real(to, "dscp", (double)s->dscp);
	json_add_real(to, "dscp_changes", (double)s->dscp_changes);
	json_add_real(to, "media_coverage_pct", s->media_coverage_pct);
	json_add_real(to, "uncovered_s", s->uncovered_s);
	buffer_add_char(to, '}');
}

static void add_notes(const struct explanation *e, bool not_seen, const char *name,
                      struct buffer *to)
{
	bool first = true;
	json_add_name(to, name);
	buffer_add_char(to, '[');
	for (size_t i = 0; i < e->note_count; i++) {
		if (e->notes[i].not_seen != not_seen)
			continue;
		buffer_add_string(to, first ? "" : ",");
		display_json(to, text_from(e->notes[i].text));
		first = false;
	}
	buffer_add_char(to, ']');
}

void explain_json_members(const struct dossier *dossier, enum record_kind kind,
                          const char *name, explain_choice *choose, uint64_t id,
                          struct buffer *to)
{
	bool first = true;
	json_add_name(to, name);
	buffer_add_char(to, '[');
	for (size_t i = 0; i < dossier->count; i++) {
		const struct record *record = &dossier->records[i];
		if (record->kind != kind || !choose(dossier, record, id))
			continue;
		buffer_add_string(to, first ? "{" : ",{");
		json_add_members(to, record);
		buffer_add_char(to, '}');
		first = false;
	}
	buffer_add_char(to, ']');
}

bool explain_is_claim_of(const struct dossier *dossier, const struct record *report,
                         uint64_t stream)
{
	(void)dossier;
	return report->report.stream == stream;
}

/* The buffers are those of the stream's own record, under the same name. */
static void add_buffers(const struct stream_record *s, struct buffer *to)
{
	json_add_name(to, "buffers");
	json_add_buffers(to, &s->buffers);
}

void explain_add_json(const struct record *record, const struct explanation *e,
                      const struct dossier *dossier, struct buffer *to)
{
	const struct stream_record *s = &record->stream;
	struct buffer why = { 0 };
	buffer_add_string(to, "{\"kind\":\"explanation\"");
	add_id(to, "stream", s->id);
	add_id(to, "leg", s->leg);
	add_id(to, "call", s->call);
	json_add_name(to, "why");
	explain_add_why(s, e, &why);
	display_json(to, buffer_text(&why));
	to->failed |= why.failed;
	buffer_free(&why);
	add_string(to, "codec", codec_name(s->codec));
	add_score(s, e, to);
	add_conversation(s, e, to);
	add_losses(s, e, to);
	add_worst(s, e, to);
	add_buffers(s, to);
	add_timing(s, to);
	explain_json_members(dossier, RECORD_REPORT, "claims", explain_is_claim_of, s->id,
	                     to);
	add_notes(e, false, "notes", to);
	add_notes(e, true, "not_seen", to);
	buffer_add_string(to, "}\n");
}
