#include "analyzer/model/kpi_sum.h"

#include <math.h>
#include <stdlib.h>

void kpi_sum_begin(struct kpi_sum *sum)
{
	*sum = (struct kpi_sum){ .channels_configured = NAN,
		                 .minute = NSTIME_NONE,
		                 .busy_hour = NSTIME_NONE,
		                 .busy_hour_erlang = NAN };
}

void kpi_sum_free(struct kpi_sum *sum)
{
	kpi_bins_free(&sum->histograms);
	kpi_bins_free(&sum->seconds_of_minute);
	free(sum->loads);
	kpi_sum_begin(sum);
}

/* --- adding --------------------------------------------------------------------------- */

static void end_minute(struct kpi_sum *sum)
{
	for (unsigned int i = 0; i < KPI_PEAK_COUNT; i++) {
		const enum kpi_series series = (enum kpi_series)(KPI_HISTOGRAM_COUNT + i);
		const int64_t peak = kpi_peak(&sum->seconds_of_minute, series);
		if (peak > sum->peaks[i])
			sum->peaks[i] = peak;
	}
	kpi_bins_clear(&sum->seconds_of_minute);
}

static void add_load(struct kpi_sum *sum, nstime minute, uint64_t occupied_us)
{
	if (occupied_us == 0)
		return;
	if (sum->load_count > 0 && sum->loads[sum->load_count - 1].minute == minute) {
		sum->loads[sum->load_count - 1].occupied_us += occupied_us;
		return;
	}
	if (sum->load_count == sum->load_room) {
		const size_t room = sum->load_room ? sum->load_room * 2 : 64;
		struct kpi_load *loads = realloc(sum->loads, room * sizeof *loads);
		if (!loads) {
			sum->no_memory = true;
			return;
		}
		sum->loads = loads;
		sum->load_room = room;
	}
	sum->loads[sum->load_count++] = (struct kpi_load){ minute, occupied_us };
}

/* Histograms add up over all time, seconds only within their minute. */
static enum status share_out(struct kpi_sum *sum, const struct kpi_bins *bins)
{
	for (size_t i = 0; i < bins->count; i++) {
		const struct kpi_bin bin = bins->list[i];
		const enum kpi_series series = (enum kpi_series)(bin.key >> 8);
		struct kpi_bins *to = series < KPI_HISTOGRAM_COUNT
		                              ? &sum->histograms
		                              : &sum->seconds_of_minute;
		if (kpi_bins_add(to, series, (uint8_t)bin.key, bin.n) != OK)
			return ERR_NOMEM;
	}
	return OK;
}

enum status kpi_sum_add(struct kpi_sum *sum, const struct kpi_record *record,
                        struct span tail)
{
	struct kpi_bins bins = { 0 };
	if (record->key.start != sum->minute)
		end_minute(sum);
	sum->minute = record->key.start;
	for (size_t i = 0; i < KPI_COUNT_COUNT; i++)
		sum->counts[i] += record->counts[i];
	add_load(sum, record->key.start, record->counts[KPI_OCCUPIED_US]);
	enum status status = kpi_bins_decode(tail, &bins);
	if (status != ERR_NOMEM && share_out(sum, &bins) != OK)
		status = ERR_NOMEM;
	sum->no_memory |= status == ERR_NOMEM;
	kpi_bins_free(&bins);
	return status;
}

/* --- the busy hour -------------------------------------------------------------------- */

static void find_busy_hour(struct kpi_sum *sum)
{
	const nstime hour = 3600 * NS_PER_SEC;
	uint64_t most = 0;
	uint64_t within = 0;
	size_t end = 0;
	for (size_t first = 0; first < sum->load_count; first++) {
		const nstime from = sum->loads[first].minute;
		while (end < sum->load_count && sum->loads[end].minute < from + hour)
			within += sum->loads[end++].occupied_us;
		if (within > most) {
			most = within;
			sum->busy_hour = from;
		}
		within -= sum->loads[first].occupied_us;
	}
	if (most > 0)
		sum->busy_hour_erlang = (double)most / 3600e6;
}

void kpi_sum_finish(struct kpi_sum *sum)
{
	end_minute(sum);
	find_busy_hour(sum);
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
