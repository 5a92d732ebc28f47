#include "schema/sla.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/sla_points.h"
#include "schema/sla_times.h"

#define RFC6076 "RFC 6076 4.3.1"
#define PROJECT "project"

/* clang-format off */
const struct sla_meaning sla_meanings[SLA_FIGURE_COUNT] = {
	[SLA_AVAILABILITY] = { "availability_pct", "%", "share of the measured time in which an address of the trunk answered", PROJECT, NULL, true },
	[SLA_DETECT] = { "time_to_detect_s", "s", "longest time from the first sign of an incident to its detection", PROJECT, NULL, false },
	[SLA_RESTORE] = { "time_to_restore_s", "s", "longest time from the first sign of an incident to the first answer again", PROJECT, NULL, false },
	[SLA_NER] = { "ner", "%", "network effectiveness ratio", "ITU-T E.425", "ner", true },
	[SLA_PDD_P50] = { "pdd_p50_ms", "ms", "post-dial delay, median", "ITU-T E.721", "pdd_p50_ms", false },
	[SLA_PDD_P95] = { "pdd_p95_ms", "ms", "post-dial delay, 95th percentile", "ITU-T E.721", "pdd_p95_ms", false },
	[SLA_SRD_P95] = { "srd_p95_ms", "ms", "session request delay, 95th percentile", RFC6076, "srd_p95_ms", false },
	[SLA_LOSS] = { "loss_pct", "%", "packets lost", "RFC 3550 A.3", "loss_pct", false },
	[SLA_LOSS_P95] = { "loss_p95_pct", "%", "loss of a stream, 95th percentile", "RFC 3550 A.3", "loss_p95_pct", false },
	[SLA_JITTER_P50] = { "jitter_p50_ms", "ms", "jitter of a stream, median", "RFC 3550 A.8", "jitter_p50_ms", false },
	[SLA_JITTER_P95] = { "jitter_p95_ms", "ms", "jitter of a stream, 95th percentile", "RFC 3550 A.8", "jitter_p95_ms", false },
	[SLA_MOS_NB_P5] = { "mos_nb_p5", "", "MOS of narrowband streams, 5th percentile", "ITU-T G.107", "mos_nb_p5", true },
	[SLA_MOS_NB_P50] = { "mos_nb_p50", "", "MOS of narrowband streams, median", "ITU-T G.107", "mos_nb_p50", true },
	[SLA_MOS_WB_P5] = { "mos_wb_p5", "", "MOS of wideband streams, 5th percentile", "ITU-T G.107.1", "mos_wb_p5", true },
	[SLA_MOS_WB_P50] = { "mos_wb_p50", "", "MOS of wideband streams, median", "ITU-T G.107.1", "mos_wb_p50", true },
};
/* clang-format on */

/* --- the month ------------------------------------------------------------------------ */

enum { DAY_S = 86400 };

bool sla_read_month(struct text t, unsigned int *year, unsigned int *month)
{
	uint64_t y = 0;
	uint64_t m = 0;
	const struct text first = text_cut(&t, '-');
	if (first.len != 4 || t.len != 2 || text_number(first, 2099, &y) != OK ||
	    y < 1971 || text_number(t, 12, &m) != OK || m == 0)
		return false;
	*year = (unsigned int)y;
	*month = (unsigned int)m;
	return true;
}

/* Days from 1970-01-01 to the first of that month. */
static int64_t days_before(unsigned int year, unsigned int month)
{
	static const unsigned int before[] = { 0,   31,  59,  90,  120, 151,
		                               181, 212, 243, 273, 304, 334 };
	const int64_t years = (int64_t)year - 1970;
	const int64_t passed = (int64_t)year - 1; /* whose 29th of February is over */
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	const int64_t leaps = passed / 4 - passed / 100 + passed / 400 - 477;
	return years * 365 + leaps + before[month - 1] + (leap && month > 2);
}

/* When that month begins on the wall: noon of its first day is there in any zone. */
static nstime month_start(const struct local_time *zone, unsigned int year,
                          unsigned int month)
{
	const int64_t noon = days_before(year, month) * DAY_S + DAY_S / 2;
	const int64_t offset = local_offset_s(zone, noon * NS_PER_SEC);
	return local_day_start(zone, (noon - offset) * NS_PER_SEC);
}

static void set_month(const struct sla_request *request, struct sla_report *out)
{
	const bool last = request->month == 12;
	out->from = month_start(&out->zone.time, request->year, request->month);
	out->to = month_start(&out->zone.time, request->year + last,
	                      last ? 1 : request->month + 1);
	out->until = request->now < out->to ? request->now : out->to;
	if (out->until < out->from)
		out->until = out->from;
}

static enum status choose_zone(struct query *query, const struct sla_request *request,
                               struct sla_report *out)
{
	if (request->zone) {
		out->zone = *request->zone;
		return OK;
	}
	const int code = kpi_zone_read(query_db(query), &out->zone);
	return code == SQLITE_OK || code == SQLITE_DONE ? OK : query_failed(query);
}

/* --- figures of calls and streams ----------------------------------------------------- */

/* Of the trunk, in one part of the time, added to what was before. */
static enum status add_part(struct query *query, const struct filter *filter,
                            const struct span_of_time *part, struct kpi_sum *sum)
{
	const struct kpi_request request = { .view = KPI_VIEW_TRUNK,
		                             .by = KPI_BY_TRUNK,
		                             .from = part->from,
		                             .to = part->to,
		                             .no_peaks = true,
		                             .filter = filter };
	struct kpi_rows rows;
	enum status status = kpi_ask(query, &request, &rows);
	for (size_t i = 0; status == OK && i < rows.count; i++) {
		const struct kpi_sum *row = &rows.list[i].sum;
		for (size_t k = 0; k < KPI_COUNT_COUNT; k++)
			sum->counts[k] += row->counts[k];
		status = kpi_bins_merge(&sum->histograms, &row->histograms);
	}
	kpi_rows_free(&rows);
	return status;
}

/* How many calls, streams or packets a figure is of. */
static uint64_t samples_of(const struct kpi_definition *d, const struct kpi_sum *sum)
{
	if (d->form == KPI_FORM_PERCENTILE)
		return (uint64_t)kpi_total(kpi_bins_of(&sum->histograms, d->series));
	return sum->counts[d->b];
}

bool sla_is_of_media(enum sla_figure figure)
{
	return figure >= SLA_LOSS && figure <= SLA_MOS_WB_P50;
}

void sla_set_figure(enum sla_figure figure, const struct kpi_sum *sum,
                    struct sla_value *out)
{
	const struct kpi_definition *d =
	        kpi_definition_find(text_from(sla_meanings[figure].kpi));
	out->value = kpi_value(d, sum);
	out->samples = samples_of(d, sum);
}

static enum status make_filter(struct query *query, struct text trunk, struct filter **out)
{
	char text[2 * SLA_NAME + 16];
	struct filter_error error;
	size_t len = (size_t)snprintf(text, sizeof text, "trunk = \"");
	for (size_t i = 0; i < trunk.len && i < SLA_NAME; i++) {
		if (trunk.at[i] == '"' || trunk.at[i] == '\\')
			text[len++] = '\\';
		text[len++] = trunk.at[i];
	}
	text[len++] = '"';
	const enum status status =
	        filter_parse((struct text){ text, len }, RECORD_KPI, out, &error);
	return status == ERR_NOMEM ? query_no_memory(query) : status;
}

static enum status add_figures(struct query *query, const struct spans *parts,
                               struct sla_report *out)
{
	struct kpi_sum sum;
	struct filter *filter = NULL;
	enum status status = make_filter(query, text_from(out->trunk), &filter);
	kpi_sum_begin(&sum);
	for (size_t i = 0; status == OK && i < parts->count; i++)
		status = add_part(query, filter, &parts->list[i], &sum);
	for (size_t i = 0; status == OK && i < SLA_FIGURE_COUNT; i++) {
		if (!sla_meanings[i].kpi)
			continue;
		sla_set_figure((enum sla_figure)i, &sum, &out->figures[i]);
	}
	kpi_sum_free(&sum);
	filter_free(filter);
	return status;
}

/* --- the report ----------------------------------------------------------------------- */

static void add_incidents(struct sla_report *out)
{
	struct sla_value *detect = &out->figures[SLA_DETECT];
	struct sla_value *restore = &out->figures[SLA_RESTORE];
	for (size_t i = 0; i < out->incident_count; i++) {
		const struct sla_incident *one = &out->incidents[i];
		const double detected = ns_to_s(one->detected - one->began);
		if (one->excluded)
			continue;
		detect->samples++;
		detect->value = fmax(detect->value, detected); /* NAN gives way */
		if (one->ended == NSTIME_NONE)
			continue;
		restore->samples++;
		restore->value = fmax(restore->value, ns_to_s(one->ended - one->began));
	}
}

void sla_judge(const struct sla_settings *settings, enum sla_figure figure,
               struct sla_value *value)
{
	const double target = settings->targets[figure];
	value->target = target > 0 ? target : (double)NAN;
	/* False of what is not known. */
	value->missed = sla_meanings[figure].at_least ? value->value < value->target
	                                              : value->value > value->target;
}

static void judge(const struct sla_settings *settings, struct sla_report *out)
{
	if (out->peers > 0 && out->measured > 0) {
		struct sla_value *availability = &out->figures[SLA_AVAILABILITY];
		availability->value =
		        100 * (1 - (double)out->unavailable / (double)out->measured);
		availability->samples = out->peers;
	}
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++)
		sla_judge(settings, (enum sla_figure)i, &out->figures[i]);
}

enum status sla_ask(struct query *query, const struct sla_request *request,
                    struct sla_report *out)
{
	struct sla_times times = { 0 };
	*out = (struct sla_report){ 0 };
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++)
		out->figures[i].value = NAN;
	if (!text_copy(out->trunk, sizeof out->trunk, request->trunk))
		return ERR_NOT_FOUND;
	enum status status = choose_zone(query, request, out);
	if (status != OK)
		return status;
	set_month(request, out);
	status = sla_times_ask(query, request->settings, out, &times);
	if (status == OK)
		status = add_figures(query, &times.counted, out);
	if (status == OK && request->by_point)
		status = sla_points_ask(query, request->settings, &times.counted, out);
	sla_times_free(&times);
	if (status != OK)
		return status;
	add_incidents(out);
	judge(request->settings, out);
	return OK;
}

void sla_free(struct sla_report *report)
{
	free(report->incidents);
	report->incidents = NULL;
	report->incident_count = 0;
}
