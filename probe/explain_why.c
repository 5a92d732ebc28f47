#include "probe/explain_why.h"

#include <math.h>

#include "probe/explain_sources.h"
#include "web/display.h"

/* Less than this is no difference in a MOS of two decimals. */
static const double visible = 0.005;

void explain_add_clock(struct buffer *to, nstime at)
{
	struct buffer whole = { 0 };
	display_time(&whole, at, 3);
	buffer_add(to, text_head(text_skip(buffer_text(&whole), 11), 8));
	to->failed |= whole.failed;
	buffer_free(&whole);
}

const char *explain_why_not_scored(const struct stream_record *s)
{
	if (s->codec == CODEC_UNKNOWN)
		return "not scored: the codec is not known (no SDP, and no static payload "
		       "type)";
	if (codec_info(s->codec)->kind != CODEC_KIND_AUDIO)
		return "not scored: this is no speech";
	if (s->band == BAND_NONE)
		return "not scored: no Ie is known for this codec";
	return "not scored: no packet was expected";
}

static void add_share(struct buffer *to, double pct)
{
	buffer_format(to, pct < 0.1 ? "%.1g %%" : pct < 10 ? "%.2f %%" : "%.1f %%", pct);
}

/* What is charged, the largest share first. */
static void add_causes(const struct explanation *e, struct buffer *to)
{
	static const char *const words[EXPLAIN_LOSSES] = {
		[SHARE_BEFORE] = "lost before this probe",
		[SHARE_CAPTURE] = "lost by the capture itself",
		[SHARE_OUTAGE] = "lost in an outage",
		[SHARE_LATE] = "too late for the jitter buffer",
	};
	bool told[EXPLAIN_LOSSES] = { false };
	for (bool first = true;; first = false) {
		size_t most = EXPLAIN_LOSSES;
		for (size_t i = 0; i < EXPLAIN_LOSSES; i++) {
			const struct explained_loss *loss = &e->losses[i];
			if (loss->charged && loss->packets > 0 && !told[i] &&
			    (most == EXPLAIN_LOSSES || loss->pct > e->losses[most].pct))
				most = i;
		}
		if (most == EXPLAIN_LOSSES)
			return;
		buffer_add_string(to, first ? "" : " and ");
		add_share(to, e->losses[most].pct);
		buffer_add_string(to, first ? " of the packets were " : " were ");
		buffer_add_string(to, words[most]);
		told[most] = true;
	}
}

static void add_bursts(const struct explanation *e, struct buffer *to)
{
	if (!e->buffer || isnan(e->buffer->bursts))
		return;
	if (e->buffer->bursts == 0)
		buffer_add_string(to, ", each by itself");
	else
		buffer_format(to, ", in %.0f burst%s", e->buffer->bursts,
		              e->buffer->bursts == 1 ? "" : "s");
}

static void add_lossy_why(const struct stream_record *s, const struct explanation *e,
                          struct buffer *to)
{
	const bool matters = e->mos_lossless - s->mos_lq >= visible;
	buffer_add_string(to, matters ? " because " : " although ");
	add_causes(e, to);
	add_bursts(e, to);
	if (s->interval_min_at != NSTIME_NONE &&
	    s->mos_lq - s->interval_min_mos_lq >= visible) {
		buffer_add_string(to, ", worst at ");
		explain_add_clock(to, s->interval_min_at);
		buffer_format(to, " (%.2f)", s->interval_min_mos_lq);
	}
	buffer_format(to, "; the codec alone allows %.2f", e->mos_lossless);
	if (isfinite(s->mos_lq_unsuspected))
		buffer_format(to, ", and without what the capture lost it were %.2f",
		              s->mos_lq_unsuspected);
}

void explain_add_why(const struct stream_record *s, const struct explanation *e,
                     struct buffer *to)
{
	if (!e->scored) {
		buffer_add_string(to, explain_why_not_scored(s));
		return;
	}
	buffer_format(to, "%.2f", s->mos_lq);
	if (s->ppl > 0)
		add_lossy_why(s, e, to);
	else
		buffer_format(to, ": no packet was lost%s, and %s allows no more than that",
		              e->buffer ? " or too late" : "", codec_name(s->codec));
	if (fabs(s->mos_lq_answered - s->mos_lq) >= visible)
		buffer_format(to, "; after the answer alone it is %.2f",
		              s->mos_lq_answered);
	if (s->media_coverage_pct < EXPLAIN_COVERAGE_PCT)
		buffer_format(to, "; it tells of %.0f %% of the answered time only",
		              s->media_coverage_pct);
	if (s->lost_after > 0) {
		buffer_format(to, "; the receiver lacks %.0f packets more (",
		              s->lost_after);
		add_share(to, e->losses[SHARE_BEHIND].pct);
		buffer_add_string(to, "), lost behind this probe and in no score of ours");
	}
}
