/*
 * metrics_kpis.c - what the last hour of KPI buckets adds up to, for Prometheus.
 *
 * Gauges, not counters: a call counts in the minute it began, so that the past still grows,
 * and minutes are removed in time, so that a total would fall.  The labels are the trunks
 * of the configuration and their directions; who belongs to no trunk is one of them.
 */
#include "web/metrics.h"

#include <math.h>

#include "schema/kpi.h"

#define HOUR_NS (3600 * NS_PER_SEC)
#define MINUTE_NS (KPI_MINUTE_S * NS_PER_SEC)
/* Of trunk and direction: more would not fit into an answer. */
enum { ROWS_MAX = 500 };

/* --- the question --------------------------------------------------------------------- */

/* The last hour: by the clock where a probe runs, else that of which there is data. */
static bool last_hour(struct exchange *x, nstime *end)
{
	struct kpi_span span = { .view = KPI_VIEW_PEER,
		                 .from = NSTIME_NONE,
		                 .to = NSTIME_NONE };
	if (x->site->live) {
		*end = x->request->now;
		return true;
	}
	const enum status status = query_kpi_span(x->query, &span);
	*end = status == OK ? span.last + MINUTE_NS : NSTIME_NONE;
	return status == OK || status == ERR_NOT_FOUND;
}

/* Peaks are added up of minutes; hours and days do not have those of this grouping. */
static bool ask(struct exchange *x, enum kpi_view view, nstime end, struct kpi_rows *out)
{
	struct kpi_request request = { .view = view,
		                       .by = KPI_BY_TRUNK | KPI_BY_DIRECTION,
		                       .from = end - HOUR_NS,
		                       .to = end,
		                       .now = x->request->now,
		                       .minutes_alone = true };
	return !kpi_request_check(&request) && kpi_ask(x->query, &request, out) == OK;
}

/* --- numbers -------------------------------------------------------------------------- */

static size_t shown(const struct kpi_rows *rows)
{
	return rows->count < ROWS_MAX ? rows->count : ROWS_MAX;
}

struct count_family {
	const char *name, *help;
	enum kpi_count count;
	double unit; /* what one of the count is, in the family's unit */
};

static void add_counts(struct metrics *m, const struct kpi_rows *rows,
                       const struct count_family *families, size_t count)
{
	for (size_t f = 0; f < count; f++) {
		metrics_family(m, families[f].name, "gauge", families[f].help);
		for (size_t i = 0; i < shown(rows); i++) {
			const struct kpi_row *row = &rows->list[i];
			metrics_labels(m, families[f].name, &row->key);
			buffer_add_char(m->to, '}');
			metrics_value(m,
			              families[f].unit *
			                      (double)row->sum.counts[families[f].count]);
		}
	}
}

/* An attempt that was refused with a cause may be of two reasons (docs/metrics.md). */
static void add_failures(struct metrics *m, const struct kpi_rows *rows)
{
	static const struct {
		const char *reason;
		enum kpi_count count;
	} reasons[] = {
		{ "busy", KPI_BUSY },           { "no_answer", KPI_NO_ANSWER },
		{ "cancelled", KPI_CANCELLED }, { "no_response", KPI_NO_RESPONSE },
		{ "capacity", KPI_CAPACITY },   { "redirected", KPI_REDIRECTED },
	};
	static const char name[] = "earshot_failed_attempts";
	metrics_family(m, name, "gauge", "Attempts of the last hour that nobody answered.");
	for (size_t i = 0; i < shown(rows); i++) {
		const uint64_t *counts = rows->list[i].sum.counts;
		uint64_t rest = counts[KPI_SEIZURES] - counts[KPI_ANSWERED];
		for (size_t r = 0; r < ARRAY_LEN(reasons); r++) {
			const uint64_t n = counts[reasons[r].count];
			metrics_labels(m, name, &rows->list[i].key);
			buffer_format(m->to, ",reason=\"%s\"}", reasons[r].reason);
			metrics_value(m, (double)n);
			rest -= n < rest ? n : rest;
		}
		metrics_labels(m, name, &rows->list[i].key);
		buffer_add_string(m->to, ",reason=\"other\"}");
		metrics_value(m, (double)rest);
	}
}

static void add_peaks(struct metrics *m, const struct kpi_rows *rows)
{
	static const char name[] = "earshot_legs_in_progress_peak";
	metrics_family(m, name, "gauge",
	               "Legs in progress at once, at most in the last hour.");
	for (size_t i = 0; i < shown(rows); i++) {
		const int64_t *peaks = rows->list[i].sum.peaks;
		metrics_labels(m, name, &rows->list[i].key);
		buffer_add_char(m->to, '}');
		metrics_value(m, (double)peaks[KPI_OCCUPIED - KPI_STARTS]);
	}
}

/* --- histograms ----------------------------------------------------------------------- */

enum { BOUNDS_MAX = 16, OCTAVE = 8 };

/*
 * Bounds lie where bins of the KPIs end, so that no value is on the wrong side.  Each is
 * given by the number of bins below: of MOS 50 a point, of the others one and then eight
 * an octave from the least value that is told from 0.
 */
struct histogram_family {
	const char *name, *help;
	enum kpi_series series;
	const char *band;                /* of a MOS */
	bool same;                       /* as the family before */
	double least, unit;              /* of a bin's value, in the family's unit */
	unsigned int bounds[BOUNDS_MAX]; /* hundredths of MOS, octaves else; 0 ends it */
};

#define DELAYS                                                                             \
	{                                                                                  \
		7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18                                \
	}
#define MOS                                                                                \
	{                                                                                  \
		200, 260, 310, 360, 400, 430, 450                                          \
	}
static const struct histogram_family histograms[] = {
	{ "earshot_post_dial_delay_seconds", "Post-dial delay, of the last hour.", KPI_PDD,
	  NULL, false, 1e-4, 1e-3, DELAYS },
	{ "earshot_session_request_delay_seconds",
	  "Session request delay of successful attempts, of the last hour.", KPI_SRD, NULL,
	  false, 1e-4, 1e-3, DELAYS },
	{ "earshot_jitter_seconds",
	  "Mean jitter of streams, of the last hour.",
	  KPI_JITTER,
	  NULL,
	  false,
	  1e-4,
	  1e-3,
	  { 2, 3, 4, 5, 6, 7, 8, 9, 10 } },
	{ "earshot_loss_ratio",
	  "Packet loss of streams, of the last hour.",
	  KPI_LOSS,
	  NULL,
	  false,
	  1e-4,
	  1e-2,
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } },
	{ "earshot_mos", "MOS of streams, of the last hour.", KPI_MOS_NB, "narrowband",
	  false, 0, 1, MOS },
	{ "earshot_mos", "", KPI_MOS_WB, "wideband", true, 0, 1, MOS },
	{ "earshot_mos", "", KPI_MOS_FB, "fullband", true, 0, 1, MOS },
};

static bool is_mos(const struct histogram_family *family)
{
	return family->band;
}

/* Of the bound: how many bins are below, and its value in the family's unit. */
static unsigned int bins_below(const struct histogram_family *family, unsigned int bound,
                               double *value)
{
	*value = is_mos(family) ? bound / 100.0 : ldexp(family->least, (int)bound);
	return is_mos(family) ? (bound - 100) / 2 : 1 + OCTAVE * bound;
}

static void add_sample(struct metrics *m, const struct histogram_family *family,
                       const struct kpi_key *key, const char *suffix, const char *le)
{
	char name[64];
	snprintf(name, sizeof name, "%s_%s", family->name, suffix);
	metrics_labels(m, name, key);
	if (is_mos(family))
		buffer_format(m->to, ",band=\"%s\"", family->band);
	if (le)
		buffer_format(m->to, ",le=\"%s\"", le);
	buffer_add_char(m->to, '}');
}

static void add_histogram(struct metrics *m, const struct histogram_family *family,
                          const struct kpi_row *row)
{
	const struct kpi_range range = kpi_bins_of(&row->sum.histograms, family->series);
	char le[32];
	double sum = 0;
	double bound = 0;
	int64_t n = 0;
	size_t i = 0;
	for (size_t b = 0; b < BOUNDS_MAX && family->bounds[b]; b++) {
		const unsigned int below = bins_below(family, family->bounds[b], &bound);
		for (; i < range.count && (range.first[i].key & UINT8_MAX) < below; i++)
			n += range.first[i].n;
		snprintf(le, sizeof le, "%.6g%s", bound, bound == floor(bound) ? ".0" : "");
		add_sample(m, family, &row->key, "bucket", le);
		metrics_value(m, (double)n);
	}
	for (size_t k = 0; k < range.count; k++)
		sum += family->unit * (double)range.first[k].n *
		       kpi_bin_value(family->series,
		                     (uint8_t)(range.first[k].key & UINT8_MAX));
	add_sample(m, family, &row->key, "bucket", "+Inf");
	metrics_value(m, (double)kpi_total(range));
	add_sample(m, family, &row->key, m->open ? "gcount" : "count", NULL);
	metrics_value(m, (double)kpi_total(range));
	add_sample(m, family, &row->key, m->open ? "gsum" : "sum", NULL);
	metrics_value(m, sum);
}

static void add_histograms(struct metrics *m, const struct kpi_rows *rows)
{
	for (size_t f = 0; f < ARRAY_LEN(histograms); f++) {
		const struct histogram_family *family = &histograms[f];
		if (!family->same)
			metrics_family(m, family->name, "histogram", family->help);
		for (size_t i = 0; i < shown(rows); i++)
			add_histogram(m, family, &rows->list[i]);
	}
}

/* --- all of it ------------------------------------------------------------------------ */

static bool add_legs(struct metrics *m, struct exchange *x, nstime end)
{
	static const struct count_family families[] = {
		{ "earshot_attempts", "Attempts of the last hour whose outcome is known.",
		  KPI_SEIZURES, 1 },
		{ "earshot_answered_attempts", "Of these: answered.", KPI_ANSWERED, 1 },
		{ "earshot_delivered_attempts",
		  "Of these: that reached the called terminal (NER).", KPI_DELIVERED, 1 },
		{ "earshot_short_calls", "Answered, and over within 10 s.", KPI_SHORT, 1 },
		{ "earshot_audio_judged_calls",
		  "Answered, and it is known what became of the audio.", KPI_JUDGED, 1 },
		{ "earshot_one_way_calls", "Of these: with audio one way alone.",
		  KPI_ONE_WAY, 1 },
		{ "earshot_talk_seconds", "Answer to end, of those that ended.",
		  KPI_TALK_US, 1e-6 },
		{ "earshot_legs_in_progress_mean",
		  "Legs in progress, mean of the last hour: erlangs.", KPI_OCCUPIED_US,
		  1e-6 / 3600 },
		{ "earshot_streams", "RTP streams of the last hour.", KPI_STREAMS, 1 },
		{ "earshot_expected_packets", "RTP packets that should have come.",
		  KPI_EXPECTED, 1 },
		{ "earshot_lost_packets", "Of these: that did not.", KPI_LOST, 1 },
		{ "earshot_media_bytes", "IP packets of the streams.", KPI_OCTETS, 1 },
	};
	struct kpi_rows rows = { 0 };
	const bool done = ask(x, KPI_VIEW_PEER, end, &rows);
	if (done) {
		add_counts(m, &rows, families, ARRAY_LEN(families));
		add_failures(m, &rows);
		add_peaks(m, &rows);
		add_histograms(m, &rows);
		metrics_gauge(m, "earshot_metrics_left_out_rows",
		              "Trunks and directions that had no room here.",
		              (double)(rows.count - shown(&rows)));
	}
	kpi_rows_free(&rows);
	return done;
}

static bool add_calls(struct metrics *m, struct exchange *x, nstime end)
{
	static const struct count_family families[] = {
		{ "earshot_calls", "Calls of the last hour, each once, at its caller.",
		  KPI_SEEN, 1 },
		{ "earshot_redialled_calls",
		  "Of these: from the same to the same as one that ended up to 60 s before.",
		  KPI_REDIALS, 1 },
	};
	struct kpi_rows rows = { 0 };
	const bool done = ask(x, KPI_VIEW_CALL, end, &rows);
	if (done)
		add_counts(m, &rows, families, ARRAY_LEN(families));
	kpi_rows_free(&rows);
	return done;
}

/* An hour of which too much is kept must not cost how the probe and the server fare. */
bool metrics_kpis(struct metrics *m, struct exchange *x)
{
	nstime end = NSTIME_NONE;
	bool done = last_hour(x, &end);
	if (done && end != NSTIME_NONE) {
		metrics_gauge(m, "earshot_hour_end_timestamp_seconds",
		              "When the hour ends that is the last one here.",
		              (double)end / (double)NS_PER_SEC);
		done = add_calls(m, x, end) && add_legs(m, x, end);
	}
	if (!done && !query_was_braked(x->query))
		return handler_failed(x);
	metrics_gauge(m, "earshot_hour_complete_boolean",
	              "0: adding the hour up took too long, and some of it is not here.",
	              done);
	return true;
}
