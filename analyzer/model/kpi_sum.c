#include "analyzer/model/kpi_sum.h"

#include <assert.h>
#include <math.h>

void kpi_sum_begin(struct kpi_sum *sum)
{
	*sum = (struct kpi_sum){ .channels_configured = NAN,
		                 .bucket = NSTIME_NONE,
		                 .busy_hour = NSTIME_NONE,
		                 .busy_hour_erlang = NAN };
}

void kpi_sum_free(struct kpi_sum *sum)
{
	kpi_bins_free(&sum->histograms);
	kpi_bins_free(&sum->by_second);
	kpi_bins_free(&sum->loads);
	kpi_bins_free(&sum->read);
	kpi_sum_begin(sum);
}

/* --- the busy hour -------------------------------------------------------------------- */

static void drop_first(struct kpi_window *w)
{
	w->occupied_us -= w->minutes[w->first].occupied_us;
	w->first = (w->first + 1) % ARRAY_LEN(w->minutes);
	w->count--;
}

/* Minutes come in order: what is in the window at any is all of some 60 minutes. */
static void add_load(struct kpi_sum *sum, nstime minute, uint64_t occupied_us)
{
	const nstime hour = 3600 * NS_PER_SEC;
	struct kpi_window *w = &sum->window;
	while (w->count > 0 && (w->minutes[w->first].minute <= minute - hour ||
	                        w->count == ARRAY_LEN(w->minutes)))
		drop_first(w);
	const size_t last = (w->first + w->count++) % ARRAY_LEN(w->minutes);
	w->minutes[last].minute = minute;
	w->minutes[last].occupied_us = occupied_us;
	w->occupied_us += occupied_us;
	if (w->occupied_us > sum->busiest_us) {
		sum->busiest_us = w->occupied_us;
		sum->busy_hour = w->minutes[w->first].minute;
	}
}

/* --- adding --------------------------------------------------------------------------- */

void kpi_sum_add_peaks(struct kpi_sum *sum, const int64_t peaks[KPI_PEAK_COUNT])
{
	for (unsigned int i = 0; i < KPI_PEAK_COUNT; i++) {
		if (peaks[i] > sum->peaks[i])
			sum->peaks[i] = peaks[i];
	}
}

static void end_bucket(struct kpi_sum *sum)
{
	int64_t peaks[KPI_PEAK_COUNT];
	for (unsigned int i = 0; i < KPI_PEAK_COUNT; i++)
		peaks[i] = kpi_peak(&sum->by_second,
		                    (enum kpi_series)(KPI_HISTOGRAM_COUNT + i));
	kpi_sum_add_peaks(sum, peaks);
	for (size_t i = 0; i < sum->loads.count; i++) {
		const struct kpi_bin load = sum->loads.list[i];
		const nstime minute = load.key - (KPI_LOADS << 8);
		if (load.n > 0)
			add_load(sum, sum->bucket + minute * KPI_MINUTE_S * NS_PER_SEC,
			         (uint64_t)load.n);
	}
	kpi_bins_clear(&sum->by_second);
	kpi_bins_clear(&sum->loads);
}

/* Histograms add up over all time, seconds only within their minute. */
static enum status share_out(struct kpi_sum *sum, const struct kpi_bins *bins)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < bins->count; i++) {
		const struct kpi_bin bin = bins->list[i];
		const enum kpi_series series = (enum kpi_series)(bin.key >> 8);
		if (bin.key >= KPI_LOADS << 8)
			status = kpi_bins_add_load(
			        &sum->loads, bin.key - (size_t)(KPI_LOADS << 8), bin.n);
		else
			status =
			        kpi_bins_add(series < KPI_HISTOGRAM_COUNT ? &sum->histograms
			                                                  : &sum->by_second,
			                     series, (uint8_t)bin.key, bin.n);
	}
	return status;
}

static bool has_loads(const struct kpi_bins *bins)
{
	return bins->count > 0 && bins->list[bins->count - 1].key >= KPI_LOADS << 8;
}

enum status kpi_sum_add(struct kpi_sum *sum, const struct kpi_record *record,
                        struct span tail)
{
	struct kpi_bins *bins = &sum->read;
	if (record->key.start != sum->bucket)
		end_bucket(sum);
	sum->bucket = record->key.start;
	for (size_t i = 0; i < KPI_COUNT_COUNT; i++)
		sum->counts[i] += record->counts[i];
	kpi_bins_clear(bins);
	enum status status = kpi_bins_decode(tail, bins);
	if (status != ERR_NOMEM && share_out(sum, bins) != OK)
		status = ERR_NOMEM;
	/* A minute is its own load. */
	if (status != ERR_NOMEM && !has_loads(bins) &&
	    kpi_bins_add_load(&sum->loads, 0, (int64_t)record->counts[KPI_OCCUPIED_US]) !=
	            OK)
		status = ERR_NOMEM;
	sum->no_memory |= status == ERR_NOMEM;
	return status;
}

void kpi_sum_finish(struct kpi_sum *sum)
{
	end_bucket(sum);
	if (sum->busiest_us > 0)
		sum->busy_hour_erlang = (double)sum->busiest_us / 3600e6;
}

unsigned int kpi_channels(double erlang, double blocked)
{
	double inverse = 1; /* 1 / B(0) */
	unsigned int channels = 0;
	if (!(erlang > 0))
		return 0;
	/* 1 / B(N) = 1 + N / A * 1 / B(N - 1): nothing overflows that matters. */
	while (inverse * blocked < 1 && channels < KPI_CHANNELS_MAX) {
		channels++;
		inverse = 1 + (double)channels / erlang * inverse;
	}
	return channels;
}
