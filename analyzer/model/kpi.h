/*
 * kpi.h - what key performance indicators are made of: counts, sums, histograms and values
 * by the second, every one of them additive.  Two minutes, two trunks or two halves of a
 * run are merged by adding, in any order, and nothing is lost by it.  What is computed of
 * them, and where each definition is from: kpi_definition.h and docs/kpis.md.
 */
#ifndef EARSHOT_MODEL_KPI_H
#define EARSHOT_MODEL_KPI_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

/* Sums of time are whole microseconds: adding them is exact. */
enum kpi_count {
	KPI_SEEN,        /* all legs, or calls, of which the next three enter no ratio */
	KPI_INCOMPLETE,  /* begun before the capture, or cut off by what it lacks */
	KPI_INTERRUPTED, /* given up by the probe: its table was full */
	KPI_PENDING,     /* not answered, not refused when the capture ended */
	KPI_SEIZURES,    /* the rest: what became of them is known */
	/* of seizures */
	KPI_ANSWERED,    /* 2xx */
	KPI_REDIRECTED,  /* 3xx */
	KPI_DELIVERED,   /* reached the called terminal: the numerator of NER */
	KPI_EFFECTIVE,   /* 2xx, 480, 486, 600, 603: the numerator of SEER */
	KPI_INEFFECTIVE, /* 408, 500, 503, 504 or no answer at all: ISA */
	KPI_BUSY,        /* 486, 600 */
	KPI_NO_ANSWER,
	KPI_CANCELLED,
	KPI_NO_RESPONSE,
	KPI_CAPACITY, /* refused for want of channels */
	KPI_RANG,     /* a 18x came */
	KPI_AUTHENTICATED,
	KPI_FORKED,
	/* of answered ones */
	KPI_TALKING,   /* still in progress when the capture ended */
	KPI_ENDED,     /* and over when it ended: the rest */
	KPI_COMPLETED, /* ended by a BYE */
	KPI_SHORT,     /* ended within KPI_SHORT_S of the answer */
	KPI_JUDGED,    /* it is known what became of the audio */
	KPI_ONE_WAY,
	KPI_TALK_US,      /* answer to end, of all that ended */
	KPI_COMPLETED_US, /* the same of those that a BYE ended */
	KPI_OCCUPIED_US,  /* first INVITE to end, split at the minutes' bounds */
	/* sums of what the histograms of the same name count */
	KPI_PDD_US,
	KPI_SRD_US,
	KPI_SRD_FAILED_US,
	KPI_SETUP_US,
	KPI_SDD_US,
	KPI_RRD_US,
	KPI_MESSAGES,
	KPI_RETRANSMISSIONS,
	/* of calls */
	KPI_CALL_LEGS,
	KPI_REDIALS,
	/* of registrations */
	KPI_REGISTRATIONS,
	KPI_REGISTRATIONS_FAILED,
	/* of streams */
	KPI_STREAMS,
	KPI_EXPECTED,
	KPI_LOST,
	KPI_OCTETS, /* of IP packets */
	KPI_COUNT_COUNT
};

extern const char *const kpi_count_names[KPI_COUNT_COUNT];

enum {
	KPI_SHORT_S = 10,
	KPI_REDIAL_S = 60,
	KPI_MINUTE_S = 60,
	KPI_TICK_S =
	        10, /* live, and where alerts are asked for, buckets are given so often */
	/* What lasts longer is in progress for so long: the clock may have jumped. */
	KPI_LONGEST_S = 86400,
	KPI_LONGEST_UNANSWERED_S = 3600,
	KPI_LONGEST_DELAY_S = 3600, /* no transaction is waited for so long */
	KPI_CHANNELS_MAX = 100000,
};

/* Histograms first, then values by the second of their minute. */
enum kpi_series {
	KPI_PDD,
	KPI_SRD,
	KPI_SRD_FAILED,
	KPI_SETUP,
	KPI_SDD,
	KPI_RRD,
	KPI_MOS_NB,
	KPI_MOS_WB,
	KPI_MOS_FB,
	KPI_LOSS,
	KPI_JITTER,
	KPI_HISTOGRAM_COUNT,
	KPI_STARTS = KPI_HISTOGRAM_COUNT, /* begun in that second */
	/* by how much it differs from the second before; bin 0 from nothing */
	KPI_OCCUPIED, /* in progress at any time of that second */
	KPI_BITS,     /* bit/s of streams that flow in that second: their means */
	KPI_SERIES_COUNT
};
/*
 * Hours and days have, instead of what is by the second, the microseconds occupied in each
 * of their minutes: keys from KPI_LOADS << 8 on, of 1,536 minutes (a day may have 25
 * hours).
 */
enum { KPI_LOADS = KPI_SERIES_COUNT, KPI_LOAD_MINUTES = 6 * 256 };
enum { KPI_PEAK_COUNT = KPI_SERIES_COUNT - KPI_HISTOGRAM_COUNT };

extern const char *const kpi_series_names[KPI_SERIES_COUNT];

/*
 * A value's bin.  Of milliseconds and percents: below the resolution 0, from there on eight
 * bins an octave, so that a bin is at most an eighth wide and its middle at most 1/16 off.
 * Of MOS: 50 bins a point.
 */
uint8_t kpi_bin_of(enum kpi_series histogram, double value);
/* What the bin stands for: its middle; 0 below the resolution. */
double kpi_bin_value(enum kpi_series histogram, uint8_t bin);

/* All series of a bucket: of each bin that is not zero its number, in the order of keys. */
struct kpi_bin {
	uint16_t key; /* series << 8 | bin */
	int64_t n;
};

struct kpi_bins {
	struct kpi_bin *list; /* owned */
	size_t count, room;
};

MUST_CHECK enum status kpi_bins_add(struct kpi_bins *bins, enum kpi_series series,
                                    uint8_t bin, int64_t n);
/* `minute` below KPI_LOAD_MINUTES. */
MUST_CHECK enum status kpi_bins_add_load(struct kpi_bins *bins, size_t minute,
                                         int64_t occupied_us);
MUST_CHECK enum status kpi_bins_merge(struct kpi_bins *to, const struct kpi_bins *from);
void kpi_bins_clear(struct kpi_bins *bins); /* keeps the memory */
void kpi_bins_free(struct kpi_bins *bins);

/* Those of one series. */
struct kpi_range {
	const struct kpi_bin *first; /* borrowed */
	size_t count;
};
struct kpi_range kpi_bins_of(const struct kpi_bins *bins, enum kpi_series series);

int64_t kpi_total(struct kpi_range range);
/* The highest second, at least 0, of KPI_STARTS and what follows it. */
int64_t kpi_peak(const struct kpi_bins *bins, enum kpi_series series);

/*
 * The value of rank ceil(percent * n / 100), 1 to 100 percent, as its bin has it; NAN
 * without any.
 */
double kpi_percentile(const struct kpi_bins *bins, enum kpi_series histogram,
                      unsigned int percent);

/*
 * As bytes: an octet 1, then for each bin the distance of its key from the one before and
 * its number, both as variable-length integers, seven bits an octet, lowest first; the
 * number with its sign as the lowest bit.
 */
enum { KPI_CODED_BIN_MAX = 3 + 10 };
static inline size_t kpi_coded_max(const struct kpi_bins *bins)
{
	return 1 + bins->count * KPI_CODED_BIN_MAX;
}
size_t kpi_bins_encode(const struct kpi_bins *bins, uint8_t *to);
/* Adds what the bytes say.  ERR_MALFORMED: what came before the fault has been added;
 * ERR_NOMEM. */
MUST_CHECK enum status kpi_bins_decode(struct span bytes, struct kpi_bins *to);

#endif
