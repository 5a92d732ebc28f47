#include "analyzer/model/rule_metric.h"

#include <math.h>
#include <string.h>

#define SHARE(A, B) .kind = METRIC_SHARE, .a = (A), .b = (B), .share = true
#define COUNT(A) .kind = METRIC_COUNT, .a = (A), .volume = true
#define EVENT(TYPE) .unit = "", .kind = METRIC_EVENT, .event = (TYPE)
#define SEEN(TYPE) .unit = "", .kind = METRIC_OBSERVATION, .observation = (TYPE)
#define FACT .kind = METRIC_FACT

/* clang-format off */
static const struct rule_metric own[] = {
	{ "poor_pct", "%", "share of streams with a MOS below 3.1", SHARE(RULE_COUNT_POOR, RULE_COUNT_SCORED), .family = FAMILY_QUALITY, .quality = true },
	{ "poor_streams", "", "streams with a MOS below 3.1", COUNT(RULE_COUNT_POOR), .family = FAMILY_QUALITY, .quality = true },
	{ "one_way_calls", "", "legs with one-way audio", COUNT(KPI_ONE_WAY), .family = FAMILY_ONE_WAY, .of_buckets = true },
	{ "capture_loss_pct", "%", "packets that the capture lost, as streams show it", SHARE(RULE_COUNT_SUSPECT, RULE_COUNT_MEDIA), .capture = true },
	{ "dscp_wrong_pct", "%", "share of streams with another DSCP than their trunk wants", SHARE(RULE_COUNT_MISMARKED, RULE_COUNT_MARKED) },
	{ "server_error_pct", "%", "share of attempts with a 5xx", SHARE(RULE_COUNT_SERVER_ERRORS, KPI_SEIZURES), .family = FAMILY_FAILED, .of_buckets = true },
	{ "server_errors", "", "attempts with a 5xx", COUNT(RULE_COUNT_SERVER_ERRORS), .family = FAMILY_FAILED, .of_buckets = true },
	{ "forbidden_pct", "%", "share of attempts with 401, 402, 403 or 407", SHARE(RULE_COUNT_FORBIDDEN, KPI_SEIZURES), .family = FAMILY_FAILED, .of_buckets = true },
	{ "not_found_pct", "%", "share of attempts with 404, 410, 484 or 604", SHARE(RULE_COUNT_NOT_FOUND, KPI_SEIZURES), .family = FAMILY_FAILED, .of_buckets = true },
	{ "capacity_pct", "%", "share of attempts that were refused for want of channels", SHARE(KPI_CAPACITY, KPI_SEIZURES), .family = FAMILY_FAILED, .of_buckets = true },
	{ "no_response_pct", "%", "share of attempts without a final response", SHARE(KPI_NO_RESPONSE, KPI_SEIZURES), .family = FAMILY_FAILED, .of_buckets = true },
	{ "emergency_failed", "", "emergency calls that were not answered, and not cancelled", COUNT(RULE_COUNT_EMERGENCY_FAILED), .family = FAMILY_EMERGENCY },
	{ "registrations_lost", "", "contacts whose registration ran out", COUNT(RULE_COUNT_EXPIRED) },
	{ "registrations_lost_pct", "%", "contacts whose registration ran out, of these and registrations that succeeded", .kind = METRIC_SHARE_OF_SUM, .share = true, .a = RULE_COUNT_EXPIRED, .b = RULE_COUNT_RENEWED },

	{ "peer_down", .title = "a peer does not answer", EVENT(EVENT_PEER_DOWN) },
	{ "peer_refusing", .title = "a peer answers with 500, 502, 503 or 504", EVENT(EVENT_PEER_REFUSING) },
	{ "failover", .title = "calls went to another peer because this one fails", EVENT(EVENT_FAILOVER) },

	{ "brute_force", .title = "passwords are guessed", SEEN(OBSERVATION_BRUTE_FORCE) },
	{ "registration_hijack", .title = "an account registers from an unusual network", SEEN(OBSERVATION_HIJACK) },
	{ "scanner", .title = "a scanning tool that gives its name", SEEN(OBSERVATION_SCANNER) },
	{ "extension_scan", .title = "one user after the other is tried", SEEN(OBSERVATION_EXTENSION_SCAN) },
	{ "sweep", .title = "one address after the other is tried", SEEN(OBSERVATION_SWEEP) },
	{ "invite_flood", .title = "a flood of INVITEs", SEEN(OBSERVATION_INVITE_FLOOD) },
	{ "register_flood", .title = "a flood of REGISTERs", SEEN(OBSERVATION_REGISTER_FLOOD) },
	{ "malformed_flood", .title = "a flood of SIP that cannot be read", SEEN(OBSERVATION_MALFORMED_FLOOD) },
	{ "toll_fraud", .title = "a burst of calls to dear destinations", SEEN(OBSERVATION_TOLL_FRAUD) },
	{ "toll_off_hours", .title = "calls to dear destinations while nobody works", SEEN(OBSERVATION_TOLL_OFF_HOURS) },
	{ "toll_long_calls", .title = "long calls to dear destinations", SEEN(OBSERVATION_TOLL_LONG) },
	{ "wangiri", .title = "one ring each at many numbers, to be called back", SEEN(OBSERVATION_WANGIRI) },
	{ "foreign_rtp", .title = "RTP from a source that nobody announced", SEEN(OBSERVATION_FOREIGN_RTP) },
	{ "srtp_unused", .title = "SRTP was offered, and media goes in clear", SEEN(OBSERVATION_SRTP_UNUSED) },
	{ "srtp_downgrade", .title = "media is encrypted on one leg, and not on another", SEEN(OBSERVATION_SRTP_DOWNGRADE) },
	{ "plain_sip", .title = "SIP in clear where the trunk is to use TLS", SEEN(OBSERVATION_PLAIN_SIP) },

	{ "channel_use_pct", "%", "calls in progress, of the trunk's channels", FACT },
	{ "channels_left_min", "min", "minutes until a trunk has no channel left, as calls grow now", FACT },
	{ "one_sided", "", "a mirror shows one direction alone: 1", FACT },
	{ "clock_wrong", "", "packets are stamped by a clock that is wrong: 1", FACT },
	{ "clock_error_ms", "ms", "how far this machine's clock may be off, as far as it knows", FACT },
	{ "capture_drop_pct", "%", "frames that the kernel dropped before the probe had them", FACT, .capture = true },
	{ "interface_packets_s", "1/s", "packets a second of an interface", FACT },
	{ "disk_free_pct", "%", "room left on the database's file system", FACT },
	{ "store_delay_s", "s", "how long records have waited for the database", FACT },
	{ "records_not_kept", "", "records that found no room", FACT },
	{ "dead_letters", "", "alerts that a receiver never took", FACT },
};
/* clang-format on */

static enum rule_family family_of(const struct kpi_definition *kpi)
{
	static const struct {
		const char *start;
		enum rule_family family;
	} families[] = {
		{ "mos_", FAMILY_QUALITY },    { "loss_", FAMILY_LOSS },
		{ "jitter_", FAMILY_LOSS },    { "one_way", FAMILY_ONE_WAY },
		{ "short_", FAMILY_SHORT },    { "acd", FAMILY_SHORT },
		{ "pdd", FAMILY_SLOW },        { "srd", FAMILY_SLOW },
		{ "setup", FAMILY_SLOW },      { "asr", FAMILY_UNANSWERED },
		{ "ner", FAMILY_FAILED },      { "se", FAMILY_FAILED },
		{ "isa", FAMILY_FAILED },      { "scr", FAMILY_FAILED },
		{ "capacity", FAMILY_FAILED },
	};
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (text_starts(text_from(kpi->name), text_from(families[i].start)))
			return families[i].family;
	return FAMILY_NONE;
}

/* What is in progress is only counted when it is over: too late to warn of it. */
static bool is_known_soon(const struct kpi_definition *kpi)
{
	return kpi->form != KPI_FORM_PEAK && kpi->form != KPI_FORM_PEAK_KBIT &&
	       kpi->form != KPI_FORM_ERLANG && kpi->form != KPI_FORM_BUSY_ERLANG &&
	       kpi->form != KPI_FORM_CHANNELS;
}

static struct rule_metric of_kpi(const struct kpi_definition *kpi)
{
	const enum rule_family family = family_of(kpi);
	return (struct rule_metric){
		.name = kpi->name,
		.unit = kpi->unit,
		.title = kpi->title,
		.kind = METRIC_KPI,
		.family = family,
		.kpi = kpi,
		.a = kpi->a,
		.b = kpi->b,
		.of_calls = kpi->of_calls,
		.of_buckets = true,
		.quality = family == FAMILY_QUALITY || family == FAMILY_LOSS,
		.volume = kpi->form == KPI_FORM_COUNT,
		.share = kpi->form == KPI_FORM_SHARE,
	};
}

bool rule_metric_at(size_t index, struct rule_metric *out)
{
	for (size_t i = 0; i < kpi_definition_count; i++)
		if (is_known_soon(&kpi_definitions[i]) && index-- == 0) {
			*out = of_kpi(&kpi_definitions[i]);
			return true;
		}
	if (index >= ARRAY_LEN(own))
		return false;
	*out = own[index];
	return true;
}

enum status rule_metric_find(struct text name, struct rule_metric *out)
{
	for (size_t i = 0; rule_metric_at(i, out); i++)
		if (text_equal(text_from(out->name), name))
			return OK;
	return ERR_NOT_FOUND;
}

static double percent(uint64_t a, uint64_t b)
{
	return b > 0 ? 100 * (double)a / (double)b : NAN;
}

double rule_metric_value(const struct rule_metric *metric, const struct rule_sums *sums)
{
	const uint64_t *counts = sums->counts;
	switch (metric->kind) {
	case METRIC_KPI:
		return kpi_value(metric->kpi, &sums->kpi);
	case METRIC_COUNT:
		return (double)counts[metric->a];
	case METRIC_SHARE:
		return percent(counts[metric->a], counts[metric->b]);
	case METRIC_SHARE_OF_SUM:
		return percent(counts[metric->a], counts[metric->a] + counts[metric->b]);
	default:
		return NAN;
	}
}

uint64_t rule_metric_samples(const struct rule_metric *metric, const struct rule_sums *sums)
{
	const struct kpi_definition *kpi = metric->kpi;
	if (metric->kind == METRIC_SHARE)
		return sums->counts[metric->b];
	if (metric->kind == METRIC_SHARE_OF_SUM)
		return sums->counts[metric->a] + sums->counts[metric->b];
	if (metric->kind != METRIC_KPI)
		return sums->counts[metric->a];
	if (kpi->form == KPI_FORM_PERCENTILE || kpi->form == KPI_FORM_MEAN_MS)
		return (uint64_t)kpi_total(kpi_bins_of(&sums->kpi.histograms, kpi->series));
	if (kpi->form == KPI_FORM_SHARE || kpi->form == KPI_FORM_RATIO ||
	    kpi->form == KPI_FORM_MEAN_S)
		return sums->counts[kpi->b];
	return sums->counts[kpi->a];
}
