#include "probe/explain.h"

#include <math.h>
#include <string.h>

#include "analyzer/quality/playout.h"
#include "probe/explain_sources.h"
#include "schema/timeline.h"

static const double agreement = 1e-9;

static const struct buffer_record *buffer_of(const struct stream_record *s)
{
	const struct text wanted = text_from(s->mos_buffer[0] ? s->mos_buffer : "adaptive");
	for (size_t i = 0; i < s->buffers.count; i++) {
		const struct buffer_record *buffer = &s->buffers.buffers[i];
		const struct text name = { buffer->name,
			                   strnlen(buffer->name, sizeof buffer->name) };
		if (text_equal(name, wanted))
			return buffer;
	}
	return NULL;
}

static struct emodel_input model_input(const struct stream_record *s)
{
	struct emodel_input in = emodel_defaults(s->band);
	in.ie = s->ie;
	in.bpl = s->bpl;
	in.ppl = s->ppl;
	in.burstr = s->burstr_used;
	return in;
}

static void explain_rating(const struct stream_record *s, struct explanation *e)
{
	struct emodel_input in = model_input(s);
	e->scored = isfinite(s->r) && s->band != BAND_NONE;
	e->terms = emodel_rate(&in);
	e->mos_lq = emodel_mos(s->band, e->terms.r);
	e->agrees = e->scored && fabs(e->terms.r - s->r) <= agreement &&
	            fabs(e->mos_lq - s->mos_lq) <= agreement;
	in.ppl = 0;
	e->mos_lossless = emodel_mos(s->band, emodel_rate(&in).r);
}

static const char *before_words(const struct stream_record *s)
{
	switch (s->loss_verdict) {
	case LOSS_UNKNOWN:
		return "missing here; whether the network or the capture lost them "
		       "cannot be told";
	case LOSS_NETWORK:
		return "missing here, and by all signs the network lost them";
	default:
		return "missing here";
	}
}

/* Whose the bad packets are.  The charged ones are what Ppl is made of. */
static void explain_losses(const struct stream_record *s, struct explanation *e)
{
	const double expected = (double)(s->expected + s->outage_lost);
	const double suspect = isnan(s->suspect_lost) ? 0 : s->suspect_lost;
	const struct explained_loss losses[EXPLAIN_LOSSES] = {
		[SHARE_BEFORE] = { "before_probe", (double)s->lost - suspect, 0, true,
		                   before_words(s) },
		[SHARE_CAPTURE] = { "by_capture", suspect, 0, true,
		                    "missing here, but lost by the probe or its mirror "
		                    "port" },
		[SHARE_OUTAGE] = { "outage", (double)s->outage_lost, 0, true,
		                   "missing here in one gap of a minute or more" },
		[SHARE_LATE] = { "too_late", e->buffer ? e->buffer->discarded : NAN, 0,
		                 e->buffer != NULL,
		                 "arrived here, but too late for the emulated buffer" },
		[SHARE_BEHIND] = { "behind_probe", s->lost_after, 0, false,
		                   "what the receiver's reports lack beyond our own loss" },
	};
	memcpy(e->losses, losses, sizeof losses);
	for (size_t i = 0; i < EXPLAIN_LOSSES; i++)
		e->losses[i].pct = 100 * e->losses[i].packets /
		                   (i == SHARE_BEHIND ? s->far_expected : expected);
}

/* The score as it were, had the capture lost nothing. */
static void explain_suspects(const struct stream_record *s, struct explanation *e)
{
	e->unsuspected_ppl = e->unsuspected_burstr = NAN;
	if (isnan(s->r_unsuspected))
		return;
	const double expected = (double)(s->expected + s->outage_lost);
	e->unsuspected_ppl = fmax(0, s->ppl - 100 * s->suspect_lost / expected);
	e->unsuspected_burstr =
	        burstr_policy(s->band, s->bpl, e->unsuspected_ppl, s->burstr);
}

static void explain_conversation(const struct stream_record *s, struct explanation *e)
{
	struct explained_conversation *c = &e->conversation;
	double sum = 0;
	c->measured = e->scored && isfinite(s->r_cq);
	c->why_not = explain_why_no_delay(s);
	explain_delay_sources(s, e->buffer, c->parts);
	for (size_t i = 0; i < EXPLAIN_PARTS; i++)
		sum += isnan(c->parts[i].value) ? 0 : c->parts[i].value;
	struct emodel_input in = model_input(s);
	in.ta_ms = s->ta_ms;
	c->terms = emodel_rate(&in);
	c->mos_cq = emodel_mos(s->band, c->terms.r);
	c->agrees = c->measured && fabs(sum - s->ta_ms) <= agreement * fmax(1, sum) &&
	            fabs(c->terms.r - s->r_cq) <= agreement &&
	            fabs(c->mos_cq - s->mos_cq) <= agreement;
}

/* Finds the lowest interval again, for what happened in it. */
static void explain_worst(const struct record *record, struct explanation *e)
{
	const nstime at = record->stream.interval_min_at;
	struct timeline_reader reader;
	struct interval interval;
	if (at == NSTIME_NONE || timeline_open(record->tail, &reader) != OK)
		return;
	e->worst_length_s = ns_to_ms(reader.length) / 1000;
	while (timeline_next(&reader, &interval) == OK) {
		if (interval.at != at)
			continue;
		const double r = interval.views[PLAYOUT_ADAPTIVE].r;
		if (e->has_worst && !(r < e->worst.views[PLAYOUT_ADAPTIVE].r))
			continue;
		e->worst = interval;
		e->has_worst = true;
	}
}

void explain_stream(const struct record *record, struct explanation *out)
{
	const struct stream_record *stream = &record->stream;
	*out = (struct explanation){ .buffer = buffer_of(stream) };
	explain_rating(stream, out);
	explain_losses(stream, out);
	explain_suspects(stream, out);
	explain_input_sources(stream, out->inputs);
	explain_conversation(stream, out);
	explain_worst(record, out);
	explain_add_notes(stream, out);
}
