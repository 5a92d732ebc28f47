#include "probe/print_text.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/emodel.h"
#include "schema/field_text.h"
#include "web/display.h"

#define UNKNOWN "\u2013"
#define ARROW "\u2192"
#define BACK_ARROW "\u2190"

/* Ratings below which many or nearly all users are dissatisfied (G.107 Annex B). */
enum { R_MANY_DISSATISFIED = 70, R_NEARLY_ALL_DISSATISFIED = 60 };

#define COVERAGE_ENOUGH_PCT 90.0 /* below, a score tells of a part of the call only */

#define RELAY_SLOW_MS 30.0 /* more than a packet or two wait in it */

#define WORSE_BY 0.1 /* MOS: below that an interval is not worth a word */

enum { STATE_WIDTH = 11, CODEC_WIDTH = 8 };

const char *text_style(enum text_style style, bool colour)
{
	static const char *const sequences[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m",
		[STYLE_FAINT] = "\033[2m", [STYLE_BAD] = "\033[31m",
		[STYLE_WARN] = "\033[33m",
	};
	return colour ? sequences[style] : "";
}

void text_pad(struct buffer *to, size_t from, size_t width)
{
	if (to->failed)
		return;
	const struct text added = text_skip(buffer_text(to), from);
	const size_t used = display_width(added);
	if (used < width)
		buffer_add_blanks(to, width - used);
}

void text_add_wire(struct buffer *to, const char *bytes)
{
	if (bytes[0])
		display_text(to, text_from(bytes));
	else
		buffer_add_string(to, UNKNOWN);
}

void text_add_real(struct buffer *to, double value, int width, int decimals)
{
	if (isfinite(value)) {
		buffer_add_fixed(to, (size_t)width, (unsigned int)decimals, value);
		return;
	}
	if (width > 1)
		buffer_add_blanks(to, (size_t)width - 1);
	buffer_add_string(to, UNKNOWN);
}

static void add_time(struct buffer *to, nstime t)
{
	if (t == NSTIME_NONE)
		buffer_add_string(to, UNKNOWN);
	else
		display_time(to, t, 3);
}

static void add_endpoint(struct buffer *to, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_string(to, endpoint_format(e, text));
}

static void add_route(struct buffer *to, const struct endpoint *src,
                      const struct endpoint *dst)
{
	add_endpoint(to, src);
	buffer_add_string(to, " " ARROW " ");
	add_endpoint(to, dst);
}

/* The field of that name, for the words of its table. */
static const char *word_of(const struct record *record, const char *name)
{
	const struct field_table table = record_fields(record->kind);
	for (size_t i = 0; i < table.count; i++) {
		if (strcmp(table.fields[i].name, name) == 0)
			return field_name_of(&table.fields[i], record);
	}
	return NULL;
}

static void add_flags(struct buffer *to, const struct record *record, const char *name)
{
	char list[FIELD_LIST_SIZE];
	const struct field_table table = record_fields(record->kind);
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].type != FIELD_FLAGS ||
		    strcmp(table.fields[i].name, name) != 0)
			continue;
		const size_t len = field_format_list(&table.fields[i], record, list);
		for (size_t k = 0; len > 2 && k < len; k++) {
			if (k == 0)
				buffer_add_string(to, "  ");
			if (list[k] == ',')
				buffer_add_string(to, ", ");
			else if (list[k] != '"')
				buffer_add_char(to, list[k]);
		}
	}
}

void text_add_state(struct buffer *to, enum leg_state state)
{
	const struct record record = { .kind = RECORD_CALL, .call = { .state = state } };
	const char *word = word_of(&record, "state");
	buffer_add_string(to, word ? word : UNKNOWN);
}

void text_add_mos(struct buffer *to, double mos, enum band band)
{
	text_add_real(to, mos, 4, 2);
	if (isfinite(mos)) {
		buffer_add_char(to, ' ');
		buffer_add_string(to, band_name(band));
	}
}

static enum text_style state_style(enum leg_state state)
{
	if (state == LEG_FAILED || state == LEG_NO_RESPONSE)
		return STYLE_BAD;
	return STYLE_PLAIN;
}

static void add_start_and_state(struct buffer *to, nstime start, enum leg_state state,
                                bool colour)
{
	add_time(to, start);
	buffer_add_string(to, "  ");
	buffer_add_string(to, text_style(state_style(state), colour));
	const size_t from = to->len;
	text_add_state(to, state);
	text_pad(to, from, STATE_WIDTH);
}

void text_add_media_only(struct buffer *to, const struct record *record, bool colour)
{
	const struct call_record *call = &record->call;
	add_start_and_state(to, call->start, call->state, colour);
	buffer_add_string(to, "   " UNKNOWN);
	buffer_add_string(to, text_style(STYLE_PLAIN, colour));
	text_add_real(to, ns_to_s(call->ended - call->start), 10, 3);
	buffer_add_string(to, " s  signalling not seen");
}

void text_add_outcome(struct buffer *to, const struct record *record, bool colour)
{
	const struct leg_record *leg = &record->leg;
	add_start_and_state(to, leg->start, leg->state, colour);
	if (leg->status)
		buffer_add_number_right(to, 4, leg->status);
	else
		buffer_add_string(to, "   " UNKNOWN);
	buffer_add_string(to, text_style(STYLE_PLAIN, colour));
	text_add_real(to, leg->duration_s, 10, 3);
	buffer_add_string(to, " s  PDD ");
	text_add_real(to, leg->pdd_ms, 7, 0);
	buffer_add_string(to, " ms  ");
	buffer_add_string(to, text_style(STYLE_BOLD, colour));
	text_add_wire(to, leg->from);
	buffer_add_string(to, " " ARROW " ");
	text_add_wire(to, leg->to);
	buffer_add_string(to, text_style(STYLE_PLAIN, colour));
	if (leg->status >= 300 && leg->reason[0]) {
		buffer_add_string(to, "  ");
		display_text(to, text_from(leg->reason));
	}
}

void text_add_signalling(struct buffer *to, const struct record *record)
{
	const struct leg_record *leg = &record->leg;
	const char *transport = word_of(record, "transport");
	const char *ended_by = word_of(record, "ended_by");
	add_route(to, &leg->src, &leg->dst);
	buffer_add_char(to, ' ');
	buffer_add_string(to, transport ? transport : UNKNOWN);
	buffer_add_string(to, "  Call-ID ");
	text_add_wire(to, leg->sip_call_id);
	if (ended_by) {
		buffer_add_string(to, "  ended by ");
		buffer_add_string(to, ended_by);
	}
	if (leg->retransmissions)
		buffer_format(to, "  %llu retransmission%s",
		              (unsigned long long)leg->retransmissions,
		              leg->retransmissions == 1 ? "" : "s");
	if (leg->flags)
		add_flags(to, record, "flags");
}

/* " → stopped after 12.3 s": one direction. */
static void add_fate(struct buffer *to, const struct record *record, const char *arrow,
                     const char *field, nstime until)
{
	const char *word = word_of(record, field);
	buffer_format(to, " %s %s", arrow, word ? word : UNKNOWN);
	if (word && text_equal(text_from(word), TEXT("stopped")) && until != NSTIME_NONE &&
	    record->leg.answered != NSTIME_NONE)
		buffer_format(to, " after %.1f s", ns_to_s(until - record->leg.answered));
}

static bool is_unremarkable(enum audio_fate fate)
{
	return fate == AUDIO_FATE_UNKNOWN || fate == AUDIO_FATE_OK;
}

void text_add_audio(struct buffer *to, const struct record *record, bool colour)
{
	const struct leg_record *leg = &record->leg;
	if (is_unremarkable(leg->audio_forward) && is_unremarkable(leg->audio_reverse))
		return;
	if (leg->audio_forward == AUDIO_FATE_NOT_SEEN &&
	    leg->audio_reverse == AUDIO_FATE_NOT_SEEN) {
		buffer_add_string(to, "  no audio seen");
		return;
	}
	buffer_add_string(to, "  ");
	buffer_add_string(to, text_style(leg->one_way ? STYLE_BAD : STYLE_PLAIN, colour));
	buffer_add_string(to, leg->one_way ? "one-way audio:" : "audio:");
	add_fate(to, record, ARROW, "audio_forward", leg->audio_forward_until);
	buffer_add_char(to, ',');
	add_fate(to, record, BACK_ARROW, "audio_reverse", leg->audio_reverse_until);
	buffer_add_string(to, text_style(STYLE_PLAIN, colour));
}

static enum text_style rating_style(enum band band, double r)
{
	const double common = emodel_common_r(band, r);
	if (common < R_NEARLY_ALL_DISSATISFIED)
		return STYLE_BAD;
	return common < R_MANY_DISSATISFIED ? STYLE_WARN : STYLE_PLAIN;
}

/* What a second line is worth: the worst interval, whose the losses are, round trips. */
static void add_stream_more(struct buffer *to, const struct stream_record *s)
{
	static const char begin[] = "\n      ";
	const char *before = begin;
	if (s->interval_min_mos_lq < s->mos_lq - WORSE_BY) {
		buffer_format(to, "%sworst MOS %.2f at ", before, s->interval_min_mos_lq);
		add_time(to, s->interval_min_at);
		before = "  ";
	}
	if (s->loss_verdict != LOSS_NONE) {
		buffer_add_string(to, before);
		buffer_add_string(to, "losses: ");
		buffer_add_string(to, loss_verdict_names[s->loss_verdict]);
		before = "  ";
	}
	if (s->point[0]) {
		buffer_format(to, "%sseen at ", before);
		display_text(to, text_from(s->point));
		before = "  ";
		if (s->upstream && !isnan(s->segment_lost_between))
			buffer_format(to, ", %.0f lost on the way from where it was before",
			              s->segment_lost_between);
	} else if (s->upstream && (s->segment_lost_before + s->segment_lost_between >= 1 ||
	                           s->segment_delay_ms >= RELAY_SLOW_MS)) {
		buffer_format(to,
		              "%slost before the relay %.0f, in it and around it %.0f, "
		              "%.1f ms later",
		              before, s->segment_lost_before, s->segment_lost_between,
		              s->segment_delay_ms);
		before = "  ";
	}
	if (s->lost_after >= 1) {
		buffer_format(to, "%s%.0f more lost behind the probe", before,
		              s->lost_after);
		before = "  ";
	}
	if (isfinite(s->rtt_ms))
		buffer_format(to, "%sround trip %.1f ms%s", before, s->rtt_ms,
		              s->rtt_partial ? " (one half)" : "");
}

void text_add_stream(struct buffer *to, const struct record *record, bool colour)
{
	static const char *const arrows[DIRECTION_COUNT] = { "\u00b7", ARROW, BACK_ARROW };
	const struct stream_record *s = &record->stream;
	buffer_add_string(to, arrows[s->direction]);
	buffer_add_char(to, ' ');
	const size_t from = to->len;
	buffer_add_string(to, s->codec == CODEC_UNKNOWN ? UNKNOWN : codec_name(s->codec));
	text_pad(to, from, CODEC_WIDTH);
	buffer_add_number_right(to, 8, s->packets);
	buffer_add_string(to, " packets  ");
	buffer_add_number_right(to, 5, s->lost);
	buffer_add_string(to, " lost ");
	text_add_real(to, s->loss_pct, 6, 2);
	buffer_add_string(to, " %  jitter ");
	text_add_real(to, s->jitter_mean_ms, 6, 2);
	buffer_add_string(to, " mean ");
	text_add_real(to, s->jitter_max_ms, 7, 2);
	buffer_add_string(to, " max ms  ");
	buffer_add_string(to, text_style(rating_style(s->band, s->r), colour));
	buffer_add_string(to, "MOS ");
	const size_t mos = to->len;
	text_add_mos(to, s->mos_lq, s->band);
	text_pad(to, mos, 7);
	buffer_add_string(to, text_style(STYLE_PLAIN, colour));
	buffer_add_string(to, "  R ");
	text_add_real(to, s->r, 5, 1);
	if (s->media_coverage_pct < COVERAGE_ENOUGH_PCT)
		buffer_format(to, "  %sof %.0f %% of the call%s",
		              text_style(STYLE_WARN, colour), s->media_coverage_pct,
		              text_style(STYLE_PLAIN, colour));
	buffer_add_string(to, "  ");
	add_route(to, &s->src, &s->dst);
	if (s->encrypted)
		buffer_add_string(to, "  SRTP");
	if (s->flags)
		add_flags(to, record, "flags");
	add_stream_more(to, s);
}

void text_add_report(struct buffer *to, const struct record *record)
{
	const struct report_record *r = &record->report;
	const char *source = word_of(record, "source");
	const char *side = word_of(record, "side");
	char call[ID_TEXT_SIZE];
	add_time(to, r->at);
	buffer_format(to, "  %s, %s  loss ", source ? source : UNKNOWN,
	              side ? side : UNKNOWN);
	text_add_real(to, r->loss_pct, 1, 2);
	buffer_add_string(to, " %  discarded ");
	text_add_real(to, r->discard_pct, 1, 2);
	buffer_add_string(to, " %  RTT ");
	text_add_real(to, r->rtt_ms, 1, 0);
	buffer_add_string(to, " ms  MOS-LQ ");
	text_add_real(to, r->mos_lq, 1, 1);
	buffer_add_string(to, " MOS-CQ ");
	text_add_real(to, r->mos_cq, 1, 1);
	buffer_add_string(to, "  from ");
	add_endpoint(to, &r->src);
	if (r->reporter[0]) {
		buffer_add_char(to, ' ');
		display_text(to, text_from(r->reporter));
	}
	if (r->call)
		buffer_format(to, "  call %s", id_format(r->call, call));
}

void text_add_registration(struct buffer *to, const struct record *record)
{
	const struct registration_record *r = &record->registration;
	add_time(to, r->at);
	if (r->status)
		buffer_format(to, "  %3u", (unsigned int)r->status);
	else
		buffer_add_string(to, "    " UNKNOWN);
	buffer_add_string(to, "  expires ");
	text_add_real(to, r->expires_s, 6, 0);
	buffer_add_string(to, " s  ");
	text_add_wire(to, r->aor);
	buffer_add_string(to, " at ");
	text_add_wire(to, r->contact);
	buffer_add_string(to, "  ");
	add_route(to, &r->src, &r->registrar);
	if (r->authenticated)
		buffer_add_string(to, r->status >= 200 && r->status < 300
		                              ? "  authenticated"
		                              : "  with credentials");
}

void text_add_encrypted(struct buffer *to, const struct record *record)
{
	const struct encrypted_record *e = &record->encrypted;
	const char *transport = word_of(record, "transport");
	char client[ADDRESS_TEXT_SIZE];
	buffer_format(to, "%s %s " ARROW " ", transport ? transport : UNKNOWN,
	              address_format(&e->client.address, client));
	add_endpoint(to, &e->server);
	buffer_format(to, "  encrypted, %llu session%s", (unsigned long long)e->sessions,
	              e->sessions == 1 ? "" : "s");
	if (e->failed)
		buffer_format(to, ", %llu failed", (unsigned long long)e->failed);
	if (e->sni[0]) {
		buffer_add_string(to, "  for ");
		display_text(to, text_from(e->sni));
	}
}
