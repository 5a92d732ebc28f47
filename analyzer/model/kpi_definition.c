#include "analyzer/model/kpi_definition.h"

#include <math.h>
#include <stdio.h>

#include "analyzer/base/text.h"

/* Erlang B is solved for this share of calls that find no channel. */
#define BLOCKED 0.01

#define SHARE(A, B) .form = KPI_FORM_SHARE, .a = (A), .b = (B), .less = KPI_COUNT_COUNT
#define SHARE_LESS(A, B, LESS) .form = KPI_FORM_SHARE, .a = (A), .b = (B), .less = (LESS)
#define COUNT(A) .form = KPI_FORM_COUNT, .a = (A)
#define MEAN_MS(A, SERIES) .form = KPI_FORM_MEAN_MS, .a = (A), .series = (SERIES)
#define MEAN_S(A, B) .form = KPI_FORM_MEAN_S, .a = (A), .b = (B)
#define PERCENTILE(SERIES, P)                                                              \
	.form = KPI_FORM_PERCENTILE, .series = (SERIES), .percent = (P)
#define PEAK(SERIES) .form = KPI_FORM_PEAK, .series = (SERIES)
#define ALWAYS .every_group = true

#define RFC6076(SECTION) "RFC 6076 section " SECTION

/* clang-format off */
const struct kpi_definition kpi_definitions[] = {
	{ "seen", "", "all that was seen", "legs, or calls", "", "project", COUNT(KPI_SEEN), ALWAYS },
	{ "incomplete", "", "begun before the capture, in no ratio", "legs in state incomplete", "", "project", COUNT(KPI_INCOMPLETE), ALWAYS },
	{ "interrupted", "", "given up by the probe, in no ratio", "legs flagged evicted", "", "project", COUNT(KPI_INTERRUPTED), ALWAYS },
	{ "pending", "", "still without an outcome, in no ratio", "legs in state in_progress that nobody has answered", "", "project", COUNT(KPI_PENDING), ALWAYS },
	{ "seizures", "", "attempts whose outcome is known", "all legs but incomplete, interrupted and pending ones", "", "ITU-T E.600", COUNT(KPI_SEIZURES), ALWAYS },
	{ "answered", "", "attempts that were answered", "seizures with a 2xx", "", "ITU-T E.411", COUNT(KPI_ANSWERED), ALWAYS },

	{ "asr", "%", "answer-seizure ratio", "seizures with a 2xx", "all seizures", "ITU-T E.411, E.425", SHARE(KPI_ANSWERED, KPI_SEIZURES), ALWAYS },
	{ "ner", "%", "network effectiveness ratio", "seizures with a 2xx, or 480, 486, 600, 603, or that rang and were then cancelled or not answered", "all seizures", "ITU-T E.425; SIP codes as Q.850 causes by RFC 3398", SHARE(KPI_DELIVERED, KPI_SEIZURES), ALWAYS },
	{ "ser", "%", "session establishment ratio", "seizures with a 2xx", "all seizures but those with a 3xx", RFC6076("4.6"), SHARE_LESS(KPI_ANSWERED, KPI_SEIZURES, KPI_REDIRECTED), ALWAYS },
	{ "seer", "%", "session establishment effectiveness ratio", "seizures with a 2xx, 480, 486, 600 or 603", "all seizures but those with a 3xx", RFC6076("4.7"), SHARE_LESS(KPI_EFFECTIVE, KPI_SEIZURES, KPI_REDIRECTED), ALWAYS },
	{ "isa", "%", "ineffective session attempts", "seizures with a 408, 500, 503 or 504, or with no final response before the time-out", "all seizures", RFC6076("4.8"), SHARE(KPI_INEFFECTIVE, KPI_SEIZURES), ALWAYS },
	{ "scr", "%", "session completion ratio", "seizures with a 2xx that a BYE ended", "all seizures but those still in progress", RFC6076("4.9"), SHARE_LESS(KPI_COMPLETED, KPI_SEIZURES, KPI_TALKING), ALWAYS },

	{ "pdd_ms", "ms", "post-dial delay, mean", "INVITE to the first 18x or final response", "seizures with either", "ITU-T E.721 (post-selection delay)", MEAN_MS(KPI_PDD_US, KPI_PDD), ALWAYS },
	{ "pdd_p50_ms", "ms", "post-dial delay, median", "as pdd_ms", "", "ITU-T E.721", PERCENTILE(KPI_PDD, 50), ALWAYS },
	{ "pdd_p95_ms", "ms", "post-dial delay, 95th percentile", "as pdd_ms", "", "ITU-T E.721", PERCENTILE(KPI_PDD, 95), ALWAYS },
	{ "srd_ms", "ms", "session request delay of successful sessions, mean", "INVITE to the first response but 100", "seizures with a 2xx", RFC6076("4.3.1"), MEAN_MS(KPI_SRD_US, KPI_SRD), ALWAYS },
	{ "srd_p95_ms", "ms", "session request delay of successful sessions, 95th percentile", "as srd_ms", "", RFC6076("4.3.1"), PERCENTILE(KPI_SRD, 95), ALWAYS },
	{ "srd_failed_ms", "ms", "session request delay of failed sessions, mean", "INVITE to the first response but 100", "seizures with a 4xx, 5xx or 6xx, but 401, 402, 407 and 487", RFC6076("4.3.2"), MEAN_MS(KPI_SRD_FAILED_US, KPI_SRD_FAILED), ALWAYS },
	{ "setup_p50_ms", "ms", "time to answer, median", "INVITE to the 2xx", "", "project", PERCENTILE(KPI_SETUP, 50), ALWAYS },
	{ "setup_p95_ms", "ms", "time to answer, 95th percentile", "INVITE to the 2xx", "", "project", PERCENTILE(KPI_SETUP, 95), ALWAYS },
	{ "sdd_ms", "ms", "session disconnect delay, mean", "BYE to its 2xx", "sessions of which both were seen", RFC6076("4.4"), MEAN_MS(KPI_SDD_US, KPI_SDD), ALWAYS },
	{ "sdt_s", "s", "session duration time of completed sessions, mean", "2xx to the BYE", "sessions that a BYE ended", RFC6076("4.5"), MEAN_S(KPI_COMPLETED_US, KPI_COMPLETED), ALWAYS },
	{ "acd_s", "s", "average call duration (average length of conversation)", "2xx to the end, however it came", "answered seizures that have ended", "ITU-T E.411 (ALOC as E.437)", MEAN_S(KPI_TALK_US, KPI_ENDED), ALWAYS },
	{ "short_calls", "", "answered, and over within 10 s", "answered seizures that ended less than 10 s after the 2xx", "", "project", COUNT(KPI_SHORT), ALWAYS },
	{ "short_pct", "%", "share of short calls", "as short_calls", "answered seizures that have ended", "project", SHARE(KPI_SHORT, KPI_ENDED), ALWAYS },
	{ "capacity_rejects", "", "refused for want of channels", "seizures with a 503", "", "RFC 3398 section 8.2.6.1: Q.850 34, 42, 47", COUNT(KPI_CAPACITY), ALWAYS },
	{ "one_way_pct", "%", "share of calls with one-way audio", "answered seizures with a fault in one direction", "answered seizures of which it is known what became of the audio", "project", SHARE(KPI_ONE_WAY, KPI_JUDGED), ALWAYS },
	{ "retransmitted_pct", "%", "share of SIP messages that repeat an earlier one", "retransmissions", "messages of all legs", "RFC 3261 section 17", SHARE(KPI_RETRANSMISSIONS, KPI_MESSAGES), ALWAYS },

	{ "cps", "1/s", "attempts a second, mean", "seizures", "seconds", "project", .form = KPI_FORM_RATE, .a = KPI_SEIZURES, ALWAYS },
	{ "cps_peak", "1/s", "attempts in the busiest second", "legs that began in it, but incomplete ones", "", "project", PEAK(KPI_STARTS) },
	{ "concurrent_peak", "", "in progress at once, at most", "legs between their first INVITE and their end at any time of one second", "", "project", PEAK(KPI_OCCUPIED) },
	{ "erlang", "E", "traffic carried, mean", "time between first INVITE and end, of all legs", "time", "ITU-T E.600", .form = KPI_FORM_ERLANG },
	{ "busy_hour_erlang", "E", "traffic of the busy hour", "the same of the 60 minutes in a row that have most of it", "one hour", "ITU-T E.600", .form = KPI_FORM_BUSY_ERLANG },
	{ "channels", "", "channels for 1 % blocking in the busy hour", "least N with B(N, busy_hour_erlang) of at most 0.01", "", "Erlang B, ITU-T E.520", .form = KPI_FORM_CHANNELS },
	{ "channels_configured", "", "channels that there are; views trunk and peer, in rows of one trunk or site", "channels of the trunk, or of all trunks of the site if all of them say", "", "configuration", .form = KPI_FORM_CONFIGURED, ALWAYS },
	{ "channels_used_pct", "%", "share of the channels in use at the peak", "legs in progress at once, at most", "channels_configured", "project", .form = KPI_FORM_CHANNEL_USED },

	{ "legs_per_call", "", "legs of a call, mean; view call only", "legs of the calls", "calls", "project", .form = KPI_FORM_RATIO, .a = KPI_CALL_LEGS, .b = KPI_SEEN, ALWAYS, .of_calls = true },
	{ "redials", "", "dialled again; view call only", "calls from the same to the same within 60 s after the end of the one before", "", "project", COUNT(KPI_REDIALS), ALWAYS, .of_calls = true },
	{ "redial_pct", "%", "share of calls that were dialled again; view call only", "as redials", "calls", "project", SHARE(KPI_REDIALS, KPI_SEEN), ALWAYS, .of_calls = true },

	{ "registrations", "", "attempts to register", "REGISTER transactions, a challenge and its answer as one", "", "project", COUNT(KPI_REGISTRATIONS), ALWAYS },
	{ "ira", "%", "ineffective registration attempts", "registrations with a 4xx but 401, 402 and 407, a 5xx, a 6xx, or no response", "all registrations", RFC6076("4.2"), SHARE(KPI_REGISTRATIONS_FAILED, KPI_REGISTRATIONS), ALWAYS },
	{ "rrd_ms", "ms", "registration request delay, mean", "first REGISTER to the 2xx, a challenge in between included", "registrations with a 2xx", RFC6076("4.1"), MEAN_MS(KPI_RRD_US, KPI_RRD), ALWAYS },

	{ "streams", "", "RTP streams", "streams", "", "project", COUNT(KPI_STREAMS), ALWAYS },
	{ "loss_pct", "%", "packets lost", "packets lost", "packets expected", "RFC 3550 A.3", SHARE(KPI_LOST, KPI_EXPECTED), ALWAYS },
	{ "loss_p95_pct", "%", "loss of a stream, 95th percentile", "stream.loss_pct of streams with 100 packets and more", "", "RFC 3550 A.3", PERCENTILE(KPI_LOSS, 95), ALWAYS },
	{ "jitter_p50_ms", "ms", "mean jitter of a stream, median", "stream.jitter_mean_ms of streams with 100 packets and more", "", "RFC 3550 A.8", PERCENTILE(KPI_JITTER, 50), ALWAYS },
	{ "jitter_p95_ms", "ms", "mean jitter of a stream, 95th percentile", "as jitter_p50_ms", "", "RFC 3550 A.8", PERCENTILE(KPI_JITTER, 95), ALWAYS },
	{ "mos_nb_p5", "", "MOS of narrowband streams, 5th percentile", "stream.mos_lq of streams with 100 packets and more; view call: the lowest of each call", "", "ITU-T G.107", PERCENTILE(KPI_MOS_NB, 5), ALWAYS },
	{ "mos_nb_p50", "", "MOS of narrowband streams, median", "as mos_nb_p5", "", "ITU-T G.107", PERCENTILE(KPI_MOS_NB, 50), ALWAYS },
	{ "mos_wb_p5", "", "MOS of wideband streams, 5th percentile", "as mos_nb_p5", "", "ITU-T G.107.1", PERCENTILE(KPI_MOS_WB, 5), ALWAYS },
	{ "mos_wb_p50", "", "MOS of wideband streams, median", "as mos_nb_p5", "", "ITU-T G.107.1", PERCENTILE(KPI_MOS_WB, 50), ALWAYS },
	{ "mos_fb_p5", "", "MOS of fullband streams, 5th percentile", "as mos_nb_p5", "", "ITU-T G.107.2", PERCENTILE(KPI_MOS_FB, 5), ALWAYS },
	{ "mos_fb_p50", "", "MOS of fullband streams, median", "as mos_nb_p5", "", "ITU-T G.107.2", PERCENTILE(KPI_MOS_FB, 50), ALWAYS },
	{ "voice_kbit_s", "kbit/s", "voice bandwidth, mean", "octets of IP packets of all streams", "time", "project", .form = KPI_FORM_KBIT, .a = KPI_OCTETS, ALWAYS },
	{ "voice_peak_kbit_s", "kbit/s", "voice bandwidth of the busiest second", "mean rates of the streams that flow in it", "", "project", .form = KPI_FORM_PEAK_KBIT, .series = KPI_BITS },
};
/* clang-format on */
const size_t kpi_definition_count = ARRAY_LEN(kpi_definitions);

const struct kpi_definition *kpi_definition_find(struct text name)
{
	for (size_t i = 0; i < kpi_definition_count; i++) {
		if (text_equal(text_from(kpi_definitions[i].name), name))
			return &kpi_definitions[i];
	}
	return NULL;
}

void kpi_formula(const struct kpi_definition *d, char *to, size_t size)
{
	const char *a = d->a < KPI_COUNT_COUNT ? kpi_count_names[d->a] : "";
	const char *b = d->b < KPI_COUNT_COUNT ? kpi_count_names[d->b] : "";
	const char *series = kpi_series_names[d->series];
	switch (d->form) {
	case KPI_FORM_COUNT:
		snprintf(to, size, "%s", a);
		break;
	case KPI_FORM_SHARE:
		if (d->less < KPI_COUNT_COUNT)
			snprintf(to, size, "100 * %s / (%s - %s)", a, b,
			         kpi_count_names[d->less]);
		else
			snprintf(to, size, "100 * %s / %s", a, b);
		break;
	case KPI_FORM_RATIO:
		snprintf(to, size, "%s / %s", a, b);
		break;
	case KPI_FORM_MEAN_S:
		snprintf(to, size, "%s / 1000000 / %s", a, b);
		break;
	case KPI_FORM_MEAN_MS:
		snprintf(to, size, "%s / 1000 / total(%s)", a, series);
		break;
	case KPI_FORM_PERCENTILE:
		snprintf(to, size, "percentile(%s, %u)", series, d->percent);
		break;
	case KPI_FORM_RATE:
		snprintf(to, size, "%s / seconds", a);
		break;
	case KPI_FORM_PEAK:
		snprintf(to, size, "peak(%s)", series);
		break;
	case KPI_FORM_PEAK_KBIT:
		snprintf(to, size, "peak(%s) / 1000", series);
		break;
	case KPI_FORM_KBIT:
		snprintf(to, size, "8 * %s / 1000 / seconds", a);
		break;
	case KPI_FORM_ERLANG:
		snprintf(to, size, "occupied_us / 1000000 / seconds");
		break;
	case KPI_FORM_BUSY_ERLANG:
		snprintf(to, size, "max(occupied_us of 60 minutes) / 1000000 / 3600");
		break;
	case KPI_FORM_CHANNELS:
		snprintf(to, size, "erlang_b(busy_hour_erlang, %.2f)", BLOCKED);
		break;
	case KPI_FORM_CONFIGURED:
		snprintf(to, size, "sum(trunks[].channels)");
		break;
	case KPI_FORM_CHANNEL_USED:
		snprintf(to, size, "100 * peak(in_progress) / channels_configured");
		break;
	}
}

bool kpi_form_is_peak(enum kpi_form form)
{
	return form == KPI_FORM_PEAK || form == KPI_FORM_PEAK_KBIT ||
	       form == KPI_FORM_CHANNEL_USED;
}

static double over(double numerator, double denominator)
{
	return denominator > 0 ? numerator / denominator : NAN;
}

static double share(const struct kpi_definition *d, const struct kpi_sum *sum)
{
	const uint64_t less = d->less < KPI_COUNT_COUNT ? sum->counts[d->less] : 0;
	return over(100 * (double)sum->counts[d->a],
	            (double)sum->counts[d->b] - (double)less);
}

static double peak(const struct kpi_definition *d, const struct kpi_sum *sum)
{
	return (double)sum->peaks[d->series - KPI_HISTOGRAM_COUNT];
}

double kpi_value(const struct kpi_definition *d, const struct kpi_sum *sum)
{
	switch (d->form) {
	case KPI_FORM_COUNT:
		return (double)sum->counts[d->a];
	case KPI_FORM_SHARE:
		return share(d, sum);
	case KPI_FORM_RATIO:
		return over((double)sum->counts[d->a], (double)sum->counts[d->b]);
	case KPI_FORM_MEAN_S:
		return over((double)sum->counts[d->a] / 1e6, (double)sum->counts[d->b]);
	case KPI_FORM_MEAN_MS:
		return over((double)sum->counts[d->a] / 1e3,
		            (double)kpi_total(kpi_bins_of(&sum->histograms, d->series)));
	case KPI_FORM_PERCENTILE:
		return kpi_percentile(&sum->histograms, d->series, d->percent);
	case KPI_FORM_RATE:
		return over((double)sum->counts[d->a], sum->seconds);
	case KPI_FORM_PEAK:
		return peak(d, sum);
	case KPI_FORM_PEAK_KBIT:
		return peak(d, sum) / 1000;
	case KPI_FORM_KBIT:
		return over((double)sum->counts[d->a] * 8 / 1000, sum->seconds);
	case KPI_FORM_ERLANG:
		return over((double)sum->counts[KPI_OCCUPIED_US] / 1e6, sum->seconds);
	case KPI_FORM_BUSY_ERLANG:
		return sum->busy_hour_erlang;
	case KPI_FORM_CHANNELS:
		return isnan(sum->busy_hour_erlang)
		               ? NAN
		               : (double)kpi_channels(sum->busy_hour_erlang, BLOCKED);
	case KPI_FORM_CONFIGURED:
		return sum->channels_configured;
	case KPI_FORM_CHANNEL_USED:
		return over(100 * (double)sum->peaks[KPI_OCCUPIED - KPI_HISTOGRAM_COUNT],
		            sum->channels_configured);
	}
	return NAN;
}
