#include "probe/explain.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "probe/display.h"
#include "probe/print_json.h"
#include "probe/print_text.h"
#include "schema/field_text.h"

static const double agreement = 1e-9;

static const char *const models[BAND_COUNT] = {
	[BAND_NONE] = "none",
	[BAND_NB] = "narrowband, ITU-T G.107 (06/2015)",
	[BAND_WB] = "wideband, ITU-T G.107.1 (06/2019)",
	[BAND_FB] = "fullband, ITU-T G.107.2 (06/2019)",
};

static const char *trust_words(char trust)
{
	switch (trust) {
	case 'A':
		return "several public sources agree";
	case 'B':
		return "one public source";
	case 'C':
		return "recalled from the standard";
	case 'P':
		return "our own value";
	default:
		return "no source";
	}
}

/* What each flag means for the figures. */
static const struct {
	enum stream_flag flag;
	const char *note;
} flag_notes[] = {
	{ STREAM_SHORT, "fewer than 100 packets: the figures say little" },
	{ STREAM_MIRRORED,
	  "most packets came twice from the mirror port; the copies were left out" },
	{ STREAM_GUESSED, "the clock rate was guessed: jitter may be scaled wrongly" },
	{ STREAM_EXTRAPOLATED,
	  "an input is beyond the range for which G.107 was validated" },
	{ STREAM_NAT, "the stream came from another address than the SDP said" },
	{ STREAM_EARLY, "it began before the call was answered" },
	{ STREAM_FEC, "redundancy or FEC is present; what it recovers is not modelled" },
	{ STREAM_TRUNCATED, "the capture cut packets short" },
	{ STREAM_EVICTED, "closed early because the stream table was full" },
	{ STREAM_TIME_BACKWARDS, "the capture's time stamps ran backwards" },
	{ STREAM_CAPTURE_LOSS,
	  "the capture itself lost packets of it (suspect_lost); R charges them all the same" },
	{ STREAM_TIMELINE_CUT, "its timeline was longer than what is kept" },
};

static void add_note(struct explanation *e, const char *note)
{
	if (e->note_count < EXPLAIN_NOTES)
		e->notes[e->note_count++] = note;
}

static void add_notes(const struct stream_record *stream, struct explanation *e)
{
	for (size_t i = 0; i < ARRAY_LEN(flag_notes); i++) {
		if (stream->flags & flag_notes[i].flag)
			add_note(e, flag_notes[i].note);
	}
	if (stream->encrypted)
		add_note(e, "the payload is encrypted: only headers were seen");
	if (stream->media_coverage_pct < 90)
		add_note(
		        e,
		        "media covers under 90 % of the answered time (media_coverage_pct): what was never sent is in no score");
	if (stream->outage_lost)
		add_note(e, "the loss charged includes an outage (outage_lost)");
	if (stream->rtcp_receiver_reports == 0)
		add_note(
		        e,
		        "no RTCP from the receiver: what was lost behind the probe is not known");
	add_note(
	        e,
	        "losses are those at the point of capture; a jitter buffer's discards are not in");
	if (e->scored && !e->agrees)
		add_note(
		        e,
		        "the stored R is not what these inputs give: another version wrote it");
}

__attribute__((format(printf, 5, 6))) static void set_input(struct explained_input *input,
                                                            const char *name, double value,
                                                            const char *unit,
                                                            const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(input->source, sizeof input->source, format, arguments);
	va_end(arguments);
	input->name = name;
	input->value = value;
	input->unit = unit;
}

/* Ie and Bpl, beside what the codec gets without more knowledge of its mode. */
static void set_codec_input(const struct stream_record *stream,
                            struct explained_input *input, const char *name, double used,
                            double usual, char trust, const char *source)
{
	if (isnan(used))
		set_input(input, name, used, "", "not known for %s",
		          codec_name(stream->codec));
	else if (stream->basis == BASIS_CONFIGURED)
		set_input(input, name, used, "", "configured by the operator");
	else if (used == usual)
		set_input(input, name, used, "", "%s: %s; %s", codec_name(stream->codec),
		          source, trust_words(trust));
	else
		set_input(input, name, used, "",
		          "%s in the mode this stream used; its usual mode has %g",
		          codec_name(stream->codec), usual);
}

static void set_inputs(const struct stream_record *s, struct explanation *e)
{
	const struct codec_variant variant = { .codec = s->codec };
	const struct impairment usual = impairment_of(&variant);
	set_codec_input(s, &e->inputs[0], "ie", s->ie, usual.ie, usual.ie_trust,
	                usual.source);
	set_codec_input(s, &e->inputs[1], "bpl", s->bpl, usual.bpl, usual.bpl_trust,
	                usual.source);
	set_input(&e->inputs[2], "ppl", s->ppl, "%",
	          "%llu of %llu expected packets lost on the wire",
	          (unsigned long long)(s->lost + s->outage_lost),
	          (unsigned long long)(s->expected + s->outage_lost));
	set_input(&e->inputs[3], "burstr_used", s->burstr_used, "",
	          "assumed: bursts are not measured, so loss counts as random");
	set_input(&e->inputs[4], "ta_ms", NAN, "ms",
	          "not measured: no conversational quality (MOS-CQ)");
}

void explain_stream(const struct stream_record *stream, struct explanation *out)
{
	*out = (struct explanation){
		.scored = isfinite(stream->r) && stream->band != BAND_NONE, .mos_lq = NAN
	};
	set_inputs(stream, out);
	struct emodel_input in = emodel_defaults(stream->band);
	in.ie = stream->ie;
	in.bpl = stream->bpl;
	in.ppl = stream->ppl;
	in.burstr = stream->burstr_used;
	out->terms = emodel_rate(&in);
	out->mos_lq = emodel_mos(stream->band, out->terms.r);
	out->agrees = out->scored && fabs(out->terms.r - stream->r) <= agreement;
	add_notes(stream, out);
}

static const char *why_not_scored(const struct stream_record *stream)
{
	if (stream->codec == CODEC_UNKNOWN)
		return "not scored: the codec is not known (no SDP, and no static payload type)";
	if (codec_info(stream->codec)->kind != CODEC_KIND_AUDIO)
		return "not scored: this is no speech";
	if (stream->band == BAND_NONE)
		return "not scored: no Ie is known for this codec";
	return "not scored: no packet was expected";
}

struct term {
	const char *name;
	double value;
	const char *meaning;
};

enum { TERM_COUNT = 7 };

static void list_terms(const struct emodel_terms *t, struct term *to)
{
	const struct term terms[TERM_COUNT] = {
		{ "ro", t->ro, "basic signal-to-noise ratio" },
		{ "is", t->is, "impairments that come with the speech" },
		{ "idte", t->idte, "talker echo" },
		{ "idle", t->idle, "listener echo" },
		{ "idd", t->idd, "too long a delay" },
		{ "ie_eff", t->ie_eff, "codec and packet loss" },
		{ "a", t->a, "advantage" },
	};
	for (size_t i = 0; i < TERM_COUNT; i++)
		to[i] = terms[i];
}

static void add_row(struct buffer *to, const char *name, double value, const char *unit,
                    const char *meaning)
{
	buffer_add_string(to, "  ");
	const size_t from = to->len;
	buffer_add_string(to, name);
	text_pad(to, from, 12);
	text_add_real(to, value, 10, 4);
	buffer_format(to, " %-2s  %s\n", unit, meaning);
}

static void add_score_text(const struct stream_record *stream, const struct explanation *e,
                           struct buffer *to)
{
	struct term terms[TERM_COUNT];
	buffer_format(to, "  E-model: %s; basis of Ie and Bpl: %s\n\n",
	              models[stream->band], basis_name(stream->basis));
	for (size_t i = 0; i < EXPLAIN_INPUTS; i++)
		add_row(to, e->inputs[i].name, e->inputs[i].value, e->inputs[i].unit,
		        e->inputs[i].source);
	buffer_add_string(to, "\n  R = ro - is - idte - idle - idd - ie_eff + a\n");
	list_terms(&e->terms, terms);
	for (size_t i = 0; i < TERM_COUNT; i++)
		add_row(to, terms[i].name, terms[i].value, "", terms[i].meaning);
	add_row(to, "R", e->terms.r, "",
	        e->agrees ? "computed again; equal to the stored one"
	                  : "computed again; not equal to the stored one");
	if (!e->agrees)
		add_row(to, "R stored", stream->r, "", "");
	add_row(to, "MOS-LQ", e->mos_lq, band_name(stream->band), "listening quality");
}

void explain_add_text(const struct record *record, const struct explanation *e,
                      struct buffer *to, bool colour)
{
	const struct stream_record *stream = &record->stream;
	char id[ID_TEXT_SIZE];
	buffer_format(to, "%sstream %s%s\n  ", text_style(STYLE_BOLD, colour),
	              id_format(stream->id, id), text_style(STYLE_PLAIN, colour));
	text_add_stream(to, record, colour);
	buffer_add_string(to, "\n\n");
	if (e->scored)
		add_score_text(stream, e, to);
	else
		buffer_format(to, "  %s\n", why_not_scored(stream));
	buffer_add_string(to, "\n  to be kept in mind\n");
	for (size_t i = 0; i < e->note_count; i++)
		buffer_format(to, "  - %s\n", e->notes[i]);
	buffer_add_char(to, '\n');
}

static void add_json_member(struct buffer *to, const char *name, double value)
{
	json_add_name(to, name);
	display_json_real(to, value);
}

static void add_json_string(struct buffer *to, const char *name, const char *value)
{
	json_add_name(to, name);
	display_json(to, text_from(value));
}

static void add_json_inputs(struct buffer *to, const struct explanation *e)
{
	json_add_name(to, "inputs");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < EXPLAIN_INPUTS; i++) {
		buffer_add_string(to, i ? ",{" : "{");
		add_json_string(to, "name", e->inputs[i].name);
		add_json_member(to, "value", e->inputs[i].value);
		add_json_string(to, "source", e->inputs[i].source);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
}

static void add_json_terms(struct buffer *to, const struct explanation *e)
{
	struct term terms[TERM_COUNT];
	list_terms(&e->terms, terms);
	json_add_name(to, "terms");
	buffer_add_char(to, '{');
	for (size_t i = 0; i < TERM_COUNT; i++)
		add_json_member(to, terms[i].name, terms[i].value);
	buffer_add_char(to, '}');
}

void explain_add_json(const struct record *record, const struct explanation *e,
                      struct buffer *to)
{
	const struct stream_record *stream = &record->stream;
	char id[ID_TEXT_SIZE];
	buffer_add_string(to, "{\"kind\":\"explanation\"");
	add_json_string(to, "stream", id_format(stream->id, id));
	add_json_string(to, "codec", codec_name(stream->codec));
	add_json_string(to, "model", models[stream->band]);
	add_json_string(to, "basis", basis_name(stream->basis));
	add_json_inputs(to, e);
	add_json_terms(to, e);
	add_json_member(to, "r", stream->r);
	add_json_member(to, "mos_lq", stream->mos_lq);
	add_json_member(to, "r_again", e->terms.r);
	json_add_name(to, "agrees");
	buffer_add_string(to, !e->scored ? "null" : e->agrees ? "true" : "false");
	json_add_name(to, "notes");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < e->note_count; i++) {
		buffer_add_string(to, i ? "," : "");
		display_json(to, text_from(e->notes[i]));
	}
	if (!e->scored) {
		buffer_add_string(to, e->note_count ? "," : "");
		display_json(to, text_from(why_not_scored(stream)));
	}
	buffer_add_string(to, "]}\n");
}
