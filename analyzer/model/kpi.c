#include "analyzer/model/kpi.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const kpi_count_names[KPI_COUNT_COUNT] = {
	[KPI_SEEN] = "seen",
	[KPI_INCOMPLETE] = "incomplete",
	[KPI_INTERRUPTED] = "interrupted",
	[KPI_PENDING] = "pending",
	[KPI_SEIZURES] = "seizures",
	[KPI_ANSWERED] = "answered",
	[KPI_REDIRECTED] = "redirected",
	[KPI_DELIVERED] = "delivered",
	[KPI_EFFECTIVE] = "effective",
	[KPI_INEFFECTIVE] = "ineffective",
	[KPI_BUSY] = "busy",
	[KPI_NO_ANSWER] = "no_answer",
	[KPI_CANCELLED] = "cancelled",
	[KPI_NO_RESPONSE] = "no_response",
	[KPI_CAPACITY] = "capacity_rejects",
	[KPI_RANG] = "rang",
	[KPI_AUTHENTICATED] = "authenticated",
	[KPI_FORKED] = "forked",
	[KPI_TALKING] = "talking",
	[KPI_ENDED] = "ended",
	[KPI_COMPLETED] = "completed",
	[KPI_SHORT] = "short_calls",
	[KPI_JUDGED] = "audio_judged",
	[KPI_ONE_WAY] = "one_way",
	[KPI_TALK_US] = "talk_us",
	[KPI_COMPLETED_US] = "completed_us",
	[KPI_OCCUPIED_US] = "occupied_us",
	[KPI_PDD_US] = "pdd_us",
	[KPI_SRD_US] = "srd_us",
	[KPI_SRD_FAILED_US] = "srd_failed_us",
	[KPI_SETUP_US] = "setup_us",
	[KPI_SDD_US] = "sdd_us",
	[KPI_RRD_US] = "rrd_us",
	[KPI_MESSAGES] = "messages",
	[KPI_RETRANSMISSIONS] = "retransmissions",
	[KPI_CALL_LEGS] = "call_legs",
	[KPI_REDIALS] = "redials",
	[KPI_REGISTRATIONS] = "registrations",
	[KPI_REGISTRATIONS_FAILED] = "registrations_failed",
	[KPI_STREAMS] = "streams",
	[KPI_EXPECTED] = "packets_expected",
	[KPI_LOST] = "packets_lost",
	[KPI_OCTETS] = "octets",
};
static_assert(ARRAY_LEN(kpi_count_names) == KPI_COUNT_COUNT, "name every count");

const char *const kpi_series_names[KPI_SERIES_COUNT] = {
	[KPI_PDD] = "pdd_ms",
	[KPI_SRD] = "srd_ms",
	[KPI_SRD_FAILED] = "srd_failed_ms",
	[KPI_SETUP] = "setup_ms",
	[KPI_SDD] = "sdd_ms",
	[KPI_RRD] = "rrd_ms",
	[KPI_MOS_NB] = "mos_nb",
	[KPI_MOS_WB] = "mos_wb",
	[KPI_MOS_FB] = "mos_fb",
	[KPI_LOSS] = "loss_pct",
	[KPI_JITTER] = "jitter_ms",
	[KPI_STARTS] = "starts",
	[KPI_OCCUPIED] = "in_progress",
	[KPI_BITS] = "bits",
};
static_assert(ARRAY_LEN(kpi_series_names) == KPI_SERIES_COUNT, "name every series");

/* --- bins ----------------------------------------------------------------------------- */

enum { OCTAVE = 8, MOS_BINS = 50, BIN_MAX = UINT8_MAX };

/* The least value that is told from 0, in the histogram's unit; 0: a MOS. */
static const double resolutions[KPI_HISTOGRAM_COUNT] = {
	[KPI_PDD] = 0.1, [KPI_SRD] = 0.1, [KPI_SRD_FAILED] = 0.1, [KPI_SETUP] = 0.1,
	[KPI_SDD] = 0.1, [KPI_RRD] = 0.1, [KPI_LOSS] = 0.01,      [KPI_JITTER] = 0.1,
};

static bool is_mos(enum kpi_series histogram)
{
	return histogram >= KPI_MOS_NB && histogram <= KPI_MOS_FB;
}

static uint8_t mos_bin(double mos)
{
	const double bin = floor((mos - 1) * MOS_BINS);
	return bin < 0 ? 0 : bin > BIN_MAX ? BIN_MAX : (uint8_t)bin;
}

uint8_t kpi_bin_of(enum kpi_series histogram, double value)
{
	assert(histogram < KPI_HISTOGRAM_COUNT);
	if (is_mos(histogram))
		return mos_bin(value);
	const double ratio = value / resolutions[histogram];
	if (!(ratio >= 1))
		return 0;
	int octave = 0;
	double rest = ratio;
	for (; rest >= 2 && octave <= BIN_MAX / OCTAVE; octave++)
		rest /= 2; /* exact */
	if (rest >= 2)
		return BIN_MAX;
	const int bin = 1 + octave * OCTAVE + (int)((rest - 1) * OCTAVE);
	return bin > BIN_MAX ? BIN_MAX : (uint8_t)bin;
}

double kpi_bin_value(enum kpi_series histogram, uint8_t bin)
{
	assert(histogram < KPI_HISTOGRAM_COUNT);
	if (is_mos(histogram))
		return 1 + (bin + 0.5) / MOS_BINS;
	if (bin == 0)
		return 0;
	double octave = 1;
	for (int i = 0; i < (bin - 1) / OCTAVE; i++)
		octave *= 2;
	const double middle = octave * (1 + ((bin - 1) % OCTAVE + 0.5) / OCTAVE);
	return middle * resolutions[histogram];
}

/* --- lists of bins -------------------------------------------------------------------- */

static enum status make_room(struct kpi_bins *bins)
{
	if (bins->count < bins->room)
		return OK;
	const size_t room = bins->room ? bins->room * 2 : 8;
	struct kpi_bin *list = realloc(bins->list, room * sizeof *list);
	if (!list)
		return ERR_NOMEM;
	bins->list = list;
	bins->room = room;
	return OK;
}

/* The first whose key is not below. */
static size_t find(const struct kpi_bins *bins, uint16_t key)
{
	const struct kpi_bin *low = bins->list;
	if (bins->count == 0)
		return 0;
	/* Where it goes on is computed: no processor could foresee which half it is. */
	for (size_t left = bins->count; left > 1;) {
		const size_t half = left / 2;
		low += (low[half - 1].key < key) * half;
		left -= half;
	}
	return (size_t)(low - bins->list) + (low->key < key);
}

static enum status add_key(struct kpi_bins *bins, uint16_t key, int64_t n)
{
	/* Those that are read come in order. */
	const bool is_last = bins->count == 0 || bins->list[bins->count - 1].key < key;
	const size_t at = is_last ? bins->count : find(bins, key);
	if (at < bins->count && bins->list[at].key == key) {
		bins->list[at].n = (int64_t)((uint64_t)bins->list[at].n + (uint64_t)n);
		return OK;
	}
	if (make_room(bins) != OK)
		return ERR_NOMEM;
	memmove(&bins->list[at + 1], &bins->list[at],
	        (bins->count - at) * sizeof *bins->list);
	bins->list[at] = (struct kpi_bin){ key, n };
	bins->count++;
	return OK;
}

enum status kpi_bins_add(struct kpi_bins *bins, enum kpi_series series, uint8_t bin,
                         int64_t n)
{
	return n == 0 ? OK : add_key(bins, (uint16_t)(series << 8 | bin), n);
}

enum status kpi_bins_add_load(struct kpi_bins *bins, size_t minute, int64_t occupied_us)
{
	assert(minute < KPI_LOAD_MINUTES);
	return occupied_us == 0
	               ? OK
	               : add_key(bins, (uint16_t)((KPI_LOADS << 8) + minute), occupied_us);
}

enum status kpi_bins_merge(struct kpi_bins *to, const struct kpi_bins *from)
{
	for (size_t i = 0; i < from->count; i++) {
		if (add_key(to, from->list[i].key, from->list[i].n) != OK)
			return ERR_NOMEM;
	}
	return OK;
}

void kpi_bins_clear(struct kpi_bins *bins)
{
	bins->count = 0;
}

void kpi_bins_free(struct kpi_bins *bins)
{
	free(bins->list);
	*bins = (struct kpi_bins){ 0 };
}

/* --- what they say -------------------------------------------------------------------- */

struct kpi_range kpi_bins_of(const struct kpi_bins *bins, enum kpi_series series)
{
	const size_t first = find(bins, (uint16_t)(series << 8));
	size_t end = first;
	while (end < bins->count && bins->list[end].key >> 8 == (unsigned int)series)
		end++;
	return (struct kpi_range){ bins->list ? bins->list + first : NULL, end - first };
}

int64_t kpi_total(struct kpi_range range)
{
	uint64_t total = 0;
	for (size_t i = 0; i < range.count; i++)
		total += (uint64_t)range.first[i].n;
	return (int64_t)total;
}

int64_t kpi_peak(const struct kpi_bins *bins, enum kpi_series series)
{
	const struct kpi_range range = kpi_bins_of(bins, series);
	int64_t peak = 0;
	int64_t now = 0;
	for (size_t i = 0; i < range.count; i++) {
		now = series == KPI_STARTS ? range.first[i].n : now + range.first[i].n;
		peak = now > peak ? now : peak;
	}
	return peak;
}

double kpi_percentile(const struct kpi_bins *bins, enum kpi_series histogram,
                      unsigned int percent)
{
	const struct kpi_range range = kpi_bins_of(bins, histogram);
	const int64_t total = kpi_total(range);
	/* Whole numbers: 7 percent of 100 is not a little more than 7. */
	const int64_t rank = total / 100 * percent + (total % 100 * percent + 99) / 100;
	int64_t below = 0;
	for (size_t i = 0; i < range.count; i++) {
		below += range.first[i].n;
		if (range.first[i].n > 0 && below >= rank)
			return kpi_bin_value(histogram, (uint8_t)range.first[i].key);
	}
	return NAN;
}

/* --- as bytes ------------------------------------------------------------------------- */

enum { VERSION = 1, MORE = 0x80 };

static uint8_t *put_number(uint8_t *to, uint64_t number)
{
	for (; number >= MORE; number >>= 7)
		*to++ = (uint8_t)(number | MORE);
	*to++ = (uint8_t)number;
	return to;
}

static uint64_t read_number(struct reader *r)
{
	uint64_t number = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		const uint8_t octet = read_u8(r);
		number |= (uint64_t)(octet & (MORE - 1)) << shift;
		if (!(octet & MORE))
			return number;
	}
	r->ran_out = true;
	return 0;
}

size_t kpi_bins_encode(const struct kpi_bins *bins, uint8_t *to)
{
	uint8_t *at = to;
	uint16_t before = 0;
	*at++ = VERSION;
	for (size_t i = 0; i < bins->count; i++) {
		const int64_t n = bins->list[i].n;
		if (n == 0)
			continue;
		at = put_number(at, (uint64_t)(bins->list[i].key - before));
		at = put_number(at,
		                n < 0 ? (uint64_t) - (n + 1) << 1 | 1 : (uint64_t)n << 1);
		before = bins->list[i].key;
	}
	return (size_t)(at - to);
}

enum status kpi_bins_decode(struct span bytes, struct kpi_bins *to)
{
	struct reader r = reader_of(bytes);
	uint64_t key = 0;
	if (bytes.len == 0)
		return OK;
	if (read_u8(&r) != VERSION)
		return ERR_MALFORMED;
	while (r.rest.len > 0) {
		const uint64_t step = read_number(&r);
		const uint64_t coded = read_number(&r);
		if (r.ran_out || step > UINT16_MAX || key + step > UINT16_MAX)
			return ERR_MALFORMED;
		key += step;
		if (key >= (KPI_LOADS << 8) + KPI_LOAD_MINUTES)
			return ERR_MALFORMED;
		const int64_t n = (int64_t)(coded >> 1);
		if (add_key(to, (uint16_t)key, coded & 1 ? -n - 1 : n) != OK)
			return ERR_NOMEM;
	}
	return OK;
}
