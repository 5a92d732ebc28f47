#include "probe/explain_sources.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { SKEW_WORTH_A_WARNING_PPM = 200, SKEW_OF_A_WRONG_CLOCK_PPM = 1000 };

const char *explain_model(enum band band)
{
	static const char *const models[BAND_COUNT] = {
		[BAND_NONE] = "none",
		[BAND_NB] = "narrowband, ITU-T G.107 (06/2015)",
		[BAND_WB] = "wideband, ITU-T G.107.1 (06/2019)",
		[BAND_FB] = "fullband, ITU-T G.107.2 (06/2019)",
	};
	return models[band];
}

static const char *explain_trust(char trust)
{
	switch (trust) {
	case 'A':
		return "several public sources agree";
	case 'B':
		return "one public source";
	case 'C':
		return "recalled from the standard, not seen there";
	case 'P':
		return "our own value, nothing is published";
	default:
		return NULL;
	}
}

/* --- inputs --------------------------------------------------------------------------- */

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
	input->trust = '-';
}

/* EVS in a mode of AMR-WB is scored as that. */
static enum codec scored_codec(const struct stream_record *s)
{
	return s->codec == CODEC_EVS && s->band == BAND_WB ? CODEC_AMR_WB : s->codec;
}

/* Ie and Bpl, by the row of the table that has both. */
static void set_codec_input(const struct stream_record *s, struct explained_input *input,
                            const char *name, double used, bool is_ie)
{
	const char *codec = codec_name(scored_codec(s));
	struct impairment row;
	if (isnan(used)) {
		set_input(input, name, used, "", "not known for %s", codec);
	} else if (s->basis == BASIS_CONFIGURED) {
		set_input(input, name, used, "", "configured by the operator");
	} else if (impairment_find(scored_codec(s), s->ie, s->bpl, &row)) {
		const char trust = is_ie ? row.ie_trust : row.bpl_trust;
		set_input(input, name, used, "", "%s, %s; %s%s", codec, row.source,
		          explain_trust(trust),
		          s->codec_mode_assumed
		                  ? "; the mode was not seen, its usual one is assumed"
		                  : "");
		input->trust = trust;
	} else {
		set_input(input, name, used, "",
		          "%s; no row of this version's table has these figures", codec);
	}
}

static void set_burst_ratio(const struct stream_record *s, struct explained_input *input)
{
	static const char name[] = "burstr_used";
	const double used = s->burstr_used;
	if (isnan(used))
		set_input(input, name, used, "", "no score, so none enters it");
	else if (s->ppl == 0)
		set_input(input, name, used, "", "nothing was lost");
	else if (used == s->burstr)
		set_input(input, name, used, "", "measured%s",
		          used == 1 ? ": as if by chance" : "");
	else if (s->band != BAND_NB)
		set_input(input, name, used, "",
		          "measured %.4f, but this model knows random loss only",
		          s->burstr);
	else if (used == 1)
		set_input(input, name, used, "",
		          "measured %.4f, which G.113 foresees only for codecs with an "
		          "efficient concealment (Bpl of 16 or more)",
		          s->burstr);
	else
		set_input(input, name, used, "",
		          "measured %.4f, but G.107 covers at most %s", s->burstr,
		          s->ppl >= 2 ? "2 from 2 % loss on" : "8");
}

void explain_input_sources(const struct stream_record *s,
                           struct explained_input inputs[EXPLAIN_INPUTS])
{
	set_codec_input(s, &inputs[INPUT_IE], "ie", s->ie, true);
	set_codec_input(s, &inputs[INPUT_BPL], "bpl", s->bpl, false);
	set_input(&inputs[INPUT_PPL], "ppl", s->ppl, "%",
	          "of %.0f packets expected here, those that the table of losses charges",
	          (double)s->expected + (double)s->outage_lost);
	set_burst_ratio(s, &inputs[INPUT_BURSTR]);
	set_input(&inputs[INPUT_TA], "ta_ms", 0, "ms",
	          "listening quality does not charge delay");
}

/* --- delay ---------------------------------------------------------------------------- */

static const char *round_trip_words(const struct stream_record *s)
{
	if (!s->rtt_partial)
		return "half of both round trips seen from here, by RTCP";
	return isnan(s->rtt_receiver_ms)
	               ? "half of the round trip to the sender, by RTCP; that to the "
	                 "receiver was not measured, so the delay is too low"
	               : "half of the round trip to the receiver, by RTCP; that to the "
	                 "sender was not measured, so the delay is too low";
}

void explain_delay_sources(const struct stream_record *s,
                           const struct buffer_record *buffer,
                           struct explained_input parts[EXPLAIN_PARTS])
{
	set_input(&parts[PART_NETWORK], "network_ms", s->rtt_ms / 2, "ms", "%s",
	          isnan(s->rtt_ms) ? "not measured" : round_trip_words(s));
	set_input(&parts[PART_BUFFER], "buffer_ms", buffer ? buffer->depth_ms : NAN, "ms",
	          "mean depth of the emulated buffer");
	set_input(&parts[PART_PTIME], "ptime_ms", s->ptime_ms, "ms",
	          "audio in a packet, which has to be full before it leaves");
	set_input(&parts[PART_LOOK_AHEAD], "look_ahead_ms",
	          codec_info(s->codec)->look_ahead_ms, "ms", "look-ahead of %s",
	          codec_name(s->codec));
}

const char *explain_why_no_delay(const struct stream_record *s)
{
	if (s->rtcp_sender_reports == 0 && s->rtcp_receiver_reports == 0)
		return "no RTCP of this stream was seen, and a delay is never assumed";
	if (isnan(s->rtt_ms))
		return "RTCP was seen, but no report that answers another, and a delay is "
		       "never assumed";
	if (isnan(s->ptime_ms))
		return "a round trip was measured, but the audio in a packet is not known";
	return "a round trip was measured, but the stream has no score";
}

/* --- notes ---------------------------------------------------------------------------- */

/* What each flag means for the figures. */
static const struct {
	enum stream_flag flag;
	bool not_seen;
	const char *note;
} flag_notes[] = {
	{ STREAM_SHORT, false, "fewer than 100 packets: the figures say little" },
	{ STREAM_MIRRORED, false,
	  "most packets came twice from the mirror port; the copies were left out" },
	{ STREAM_GUESSED, false,
	  "the clock rate was guessed: jitter may be scaled wrongly" },
	{ STREAM_EXTRAPOLATED, false,
	  "an input is beyond the range for which G.107 was validated" },
	{ STREAM_NAT, false, "the stream came from another address than the SDP said" },
	{ STREAM_EARLY, false, "it began before the call was answered" },
	{ STREAM_FEC, false,
	  "redundancy or FEC is present; what it recovers is not modelled" },
	{ STREAM_TRUNCATED, true, "the capture cut packets short" },
	{ STREAM_EVICTED, true, "closed early because the stream table was full" },
	{ STREAM_TIME_BACKWARDS, false, "the capture's time stamps ran backwards" },
	{ STREAM_TIMELINE_CUT, true, "its timeline was longer than what is kept" },
	{ STREAM_CAPTURE_LOSS, true,
	  "what the capture itself lost (suspect_lost); R charges it all the same" },
	{ STREAM_IN_PROGRESS, true,
	  "it goes on: the figures are those of the last checkpoint" },
	{ STREAM_INTERRUPTED, true,
	  "the probe died before it ended: the figures are those of the last checkpoint" },
	{ STREAM_SEEN_AGAIN, false,
	  "it was seen once more, at another point behind this one" },
};

__attribute__((format(printf, 3, 4))) static void add_note(struct explanation *e,
                                                           bool not_seen,
                                                           const char *format, ...)
{
	va_list arguments;
	if (e->note_count == EXPLAIN_NOTES)
		return;
	struct explained_note *note = &e->notes[e->note_count++];
	note->not_seen = not_seen;
	va_start(arguments, format);
	vsnprintf(note->text, sizeof note->text, format, arguments);
	va_end(arguments);
}

static void add_clock_notes(const struct stream_record *s, struct explanation *e)
{
	const double ppm = fabs(s->skew_ppm);
	if (!(ppm > SKEW_WORTH_A_WARNING_PPM))
		return;
	const char *way = s->skew_ppm > 0 ? "slower" : "faster";
	if (ppm > SKEW_OF_A_WRONG_CLOCK_PPM)
		add_note(
		        e, false,
		        "the sender's clock is %.0f ppm %s than the capture's: its rate is "
		        "probably not the %llu Hz that is assumed",
		        ppm, way, (unsigned long long)s->clock_hz);
	else
		add_note(e, false,
		         "the sender's clock is %.0f ppm %s than the capture's: a buffer "
		         "must drop or insert audio to follow it",
		         ppm, way);
}

static void add_change_notes(const struct stream_record *s, struct explanation *e)
{
	if (s->ptime_changes)
		add_note(e, false, "the audio in a packet changed %llu times",
		         (unsigned long long)s->ptime_changes);
	if (s->dscp_changes)
		add_note(e, false,
		         "the DSCP changed %llu times on the way; it was %llu at first",
		         (unsigned long long)s->dscp_changes, (unsigned long long)s->dscp);
	if (s->restarts)
		add_note(e, false,
		         "the sequence numbers began anew %llu times; what was lost in "
		         "between is not counted, but for outages",
		         (unsigned long long)s->restarts);
	if (s->ts_resync)
		add_note(
		        e, false,
		        "the timestamps jumped, or stood still over a hold, %llu times; no "
		        "jitter was charged for it",
		        (unsigned long long)s->ts_resync);
}

static void add_witness_notes(const struct stream_record *s, struct explanation *e)
{
	if (s->rtcp_receiver_reports == 0)
		add_note(e, true,
		         "no RTCP from the receiver: what was lost behind the probe is not "
		         "known");
	else if (isnan(s->far_expected))
		add_note(e, true,
		         "too few reports of the receiver to tell what was lost behind the "
		         "probe");
	if (s->unconfirmed_lost > 0)
		add_note(e, false,
		         "the receiver has %.0f of the packets that are missing here: the "
		         "capture lost them",
		         s->unconfirmed_lost);
	if (s->rtt_partial)
		add_note(e, true, "the round trip to the %s",
		         isnan(s->rtt_receiver_ms) ? "receiver" : "sender");
}

void explain_add_notes(const struct stream_record *s, struct explanation *e)
{
	for (size_t i = 0; i < ARRAY_LEN(flag_notes); i++) {
		if (s->flags & flag_notes[i].flag)
			add_note(e, flag_notes[i].not_seen, "%s", flag_notes[i].note);
	}
	if (s->encrypted)
		add_note(e, true, "the payload is encrypted: only headers were seen");
	if (s->media_coverage_pct < EXPLAIN_COVERAGE_PCT)
		add_note(e, false,
		         "media covers only %.0f %% of the answered time: what was never "
		         "sent is in no score",
		         s->media_coverage_pct);
	add_witness_notes(s, e);
	add_clock_notes(s, e);
	add_change_notes(s, e);
	if (!e->buffer && e->scored)
		add_note(e, true,
		         "what came too late for a buffer: the version that wrote this "
		         "emulated none");
	if (e->scored && !e->agrees)
		add_note(e, false,
		         "the stored R is not what these inputs give: another version "
		         "wrote it");
}
