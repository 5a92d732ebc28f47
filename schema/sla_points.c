/*
 * sla_points.c - a trunk's streams by the point of the network at which they were measured.
 *
 * SIP is one at all points, so that delays and ratios have none; media is measured at each.
 * The month's indicators count a stream once (docs/kpis.md), here it counts at each point
 * that saw it, which is why its rows are read themselves.
 */
#include "schema/sla_points.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct adding {
	struct sla_report *report;
	struct kpi_sum *sums; /* owned; of each point */
	bool no_memory;
};

enum column { POINT, EXPECTED, LOST, LOSS, JITTER, MOS, BAND, SHORT };

static struct text column_text(sqlite3_stmt *row, enum column column)
{
	const void *bytes = sqlite3_column_blob(row, (int)column);
	return (struct text){ bytes ? bytes : "",
		              (size_t)sqlite3_column_bytes(row, (int)column) };
}

/* NULL: there are more points than a report has. */
static struct kpi_sum *sum_of(struct adding *a, struct text name)
{
	struct sla_report *report = a->report;
	size_t i = 0;
	while (i < report->point_count &&
	       !text_equal(text_from(report->points[i].name), name))
		i++;
	if (i == SLA_POINTS) {
		report->points_left_out = true;
		return NULL;
	}
	if (i == report->point_count) {
		text_copy(report->points[i].name, sizeof report->points[i].name, name);
		kpi_sum_begin(&a->sums[i]);
		report->point_count++;
	}
	return &a->sums[i];
}

static void add_sample(struct adding *a, struct kpi_sum *sum, sqlite3_stmt *row,
                       enum column column, enum kpi_series series)
{
	if (sqlite3_column_type(row, (int)column) == SQLITE_NULL)
		return;
	const uint8_t bin = kpi_bin_of(series, sqlite3_column_double(row, (int)column));
	a->no_memory |= kpi_bins_add(&sum->histograms, series, bin, 1) != OK;
}

static void add_stream(struct adding *a, sqlite3_stmt *row)
{
	struct kpi_sum *sum = sum_of(a, column_text(row, POINT));
	if (!sum)
		return;
	const struct text band = column_text(row, BAND);
	sum->counts[KPI_STREAMS]++;
	sum->counts[KPI_EXPECTED] += (uint64_t)sqlite3_column_int64(row, EXPECTED);
	sum->counts[KPI_LOST] += (uint64_t)sqlite3_column_int64(row, LOST);
	if (sqlite3_column_int(row, SHORT))
		return; /* too few packets to speak of a quality */
	add_sample(a, sum, row, LOSS, KPI_LOSS);
	add_sample(a, sum, row, JITTER, KPI_JITTER);
	add_sample(a, sum, row, MOS,
	           text_equal(band, TEXT("wb"))   ? KPI_MOS_WB
	           : text_equal(band, TEXT("fb")) ? KPI_MOS_FB
	                                          : KPI_MOS_NB);
}

/* Of one part of the time. */
static enum status add_part(struct query *query, const struct span_of_time *part,
                            struct adding *a)
{
	static const char sql[] =
	        "SELECT s.point, s.expected, s.lost, s.loss_pct, s.jitter_mean_ms, s.mos_lq, "
	        "s.band, instr(s.flags, '\"short\"') FROM stream AS s WHERE s.first >= ?1 AND "
	        "s.first < ?2 AND s.point IS NOT NULL AND EXISTS (SELECT 1 FROM leg AS l WHERE "
	        "l.id = s.leg AND l.run = s.run AND ?3 IN (l.trunk_src, l.trunk_dst)) AND "
	        "s.run = (SELECT max(run) FROM stream AS other WHERE other.id = s.id)";
	sqlite3_stmt *row = NULL;
	const struct text trunk = text_from(a->report->trunk);
	int code = sqlite3_prepare_v2(query_db(query), sql, -1, &row, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 1, part->from / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 2, part->to / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(row, 3, trunk.at, (int)trunk.len, SQLITE_STATIC);
	while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		add_stream(a, row);
		code = a->no_memory ? SQLITE_NOMEM : SQLITE_OK;
	}
	const enum status status = code == SQLITE_DONE ? OK : query_failed(query);
	sqlite3_finalize(row);
	return a->no_memory ? query_no_memory(query) : status;
}

static void fill(const struct kpi_sum *sum, const struct sla_settings *settings,
                 struct sla_point *point)
{
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++) {
		point->figures[i].value = point->figures[i].target = NAN;
		if (!sla_is_of_media((enum sla_figure)i))
			continue;
		sla_set_figure((enum sla_figure)i, sum, &point->figures[i]);
		sla_judge(settings, (enum sla_figure)i, &point->figures[i]);
	}
	point->streams = sum->counts[KPI_STREAMS];
}

static int by_name(const void *a, const void *b)
{
	const struct sla_point *one = a;
	const struct sla_point *other = b;
	return strcmp(one->name, other->name);
}

enum status sla_points_ask(struct query *query, const struct sla_settings *settings,
                           const struct spans *parts, struct sla_report *out)
{
	struct adding adding = { .report = out,
		                 .sums = calloc(SLA_POINTS, sizeof *adding.sums) };
	enum status status = adding.sums ? OK : query_no_memory(query);
	out->by_point = true;
	for (size_t i = 0; status == OK && i < parts->count; i++)
		status = add_part(query, &parts->list[i], &adding);
	for (size_t i = 0; adding.sums && i < out->point_count; i++) {
		fill(&adding.sums[i], settings, &out->points[i]);
		kpi_sum_free(&adding.sums[i]);
	}
	free(adding.sums);
	if (out->point_count > 1)
		qsort(out->points, out->point_count, sizeof *out->points, by_name);
	return status;
}
