/*
 * kpi_sum.h - buckets added up: the row of an answer.
 */
#ifndef EARSHOT_MODEL_KPI_SUM_H
#define EARSHOT_MODEL_KPI_SUM_H

#include "analyzer/model/record_kpi.h"

/* The minutes with traffic of the last hour, the oldest first. */
struct kpi_window {
	struct {
		nstime minute;
		uint64_t occupied_us;
	} minutes[60];
	size_t first, count;
	uint64_t occupied_us; /* of all of them */
};

struct kpi_sum {
	/* Set by who asks: */
	double seconds;             /* of time that it is about, for rates */
	double channels_configured; /* of the trunks that it is about; NAN: not known */

	uint64_t counts[KPI_COUNT_COUNT];
	struct kpi_bins histograms;    /* owned */
	int64_t peaks[KPI_PEAK_COUNT]; /* of KPI_STARTS, KPI_OCCUPIED, KPI_BITS */

	/* The minute, hour or day being added: what it peaks at is known when all is there.
	 */
	nstime bucket;
	struct kpi_bins by_second; /* owned; of a minute, by the second */
	struct kpi_bins loads;     /* owned; of its minutes */
	struct kpi_bins read;      /* owned; room for what a bucket brings */
	struct kpi_window window;
	uint64_t busiest_us;

	/* Of kpi_sum_finish: the 60 minutes with the most traffic, the first of several. */
	nstime busy_hour;        /* NSTIME_NONE: no traffic */
	double busy_hour_erlang; /* NAN likewise */
	bool no_memory;          /* something is missing in it */
};

void kpi_sum_begin(struct kpi_sum *sum);
/*
 * Adds a bucket: a minute, or an hour or a day that has its loads in the bins; they come in
 * the order of their times.  ERR_MALFORMED: its bins are damaged, and counted as far as
 * they go.
 */
MUST_CHECK enum status kpi_sum_add(struct kpi_sum *sum, const struct kpi_record *record,
                                   struct span bins);
/* Peaks of an hour or a day, which its bins do not have: all of the row's together. */
void kpi_sum_add_peaks(struct kpi_sum *sum, const int64_t peaks[KPI_PEAK_COUNT]);
/* After the last. */
void kpi_sum_finish(struct kpi_sum *sum);
void kpi_sum_free(struct kpi_sum *sum);

/*
 * The least number of channels with which at most `blocked` of the offered traffic finds
 * none (Erlang B, ITU-T E.520); 0 without traffic, KPI_CHANNELS_MAX if it is not enough.
 */
unsigned int kpi_channels(double erlang, double blocked);

#endif
