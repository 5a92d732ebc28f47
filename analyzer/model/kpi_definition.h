/*
 * kpi_definition.h - every key performance indicator: what it is called, how it is computed
 * of the counts, and where the definition is from.  `earshot explain kpi` prints this
 * table, docs/kpis.md is it on paper, and kpi_value computes by it.
 */
#ifndef EARSHOT_MODEL_KPI_DEFINITION_H
#define EARSHOT_MODEL_KPI_DEFINITION_H

#include "analyzer/model/kpi_sum.h"

enum kpi_form {
	KPI_FORM_COUNT,      /* count[a] */
	KPI_FORM_SHARE,      /* 100 * count[a] / (count[b] - count[less]) */
	KPI_FORM_RATIO,      /* count[a] / count[b] */
	KPI_FORM_MEAN_S,     /* sum[a], in s, over count[b] */
	KPI_FORM_MEAN_MS,    /* sum[a], in ms, over what is in the histogram */
	KPI_FORM_PERCENTILE, /* of the histogram, at `percent` */
	KPI_FORM_RATE,       /* count[a] a second */
	KPI_FORM_PEAK,       /* highest second of the series */
	KPI_FORM_PEAK_KBIT,  /* the same, in kbit/s */
	KPI_FORM_KBIT,       /* count[a] octets as kbit/s over all the time */
	KPI_FORM_ERLANG,     /* occupied time over all the time */
	KPI_FORM_BUSY_ERLANG,
	KPI_FORM_CHANNELS,
	KPI_FORM_CONFIGURED,   /* channels, as the configuration has them */
	KPI_FORM_CHANNEL_USED, /* highest second in progress over those */
};

struct kpi_definition {
	const char *name;
	const char *unit; /* empty: a number */
	const char *title;
	const char *numerator, *denominator; /* in words; empty: has none */
	const char *source;
	enum kpi_form form;
	enum kpi_count a, b, less;
	enum kpi_series series;
	unsigned int percent;
	bool every_group; /* also where rows are told apart by codec or status */
	bool of_calls;    /* in the view of calls alone */
};

extern const struct kpi_definition kpi_definitions[];
extern const size_t kpi_definition_count;

/* Is it of the highest second, which is only known where seconds were kept or added up? */
bool kpi_form_is_peak(enum kpi_form form);

/* NULL: there is none of that name. */
const struct kpi_definition *kpi_definition_find(struct text name);

/* The formula as text, of the names of counts and series; `to` holds `size`. */
void kpi_formula(const struct kpi_definition *definition, char *to, size_t size);

/* NAN: nothing to compute it from.  After kpi_sum_finish. */
double kpi_value(const struct kpi_definition *definition, const struct kpi_sum *sum);

#endif
