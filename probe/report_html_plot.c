/*
 * The plots, as inline SVG: colours are the style sheet's, so that they follow the theme.
 */
#include "probe/report_html_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyzer/quality/delay_variation.h"
#include "analyzer/quality/emodel.h"
#include "schema/timeline.h"
#include "web/display.h"

static_assert((int)DELAY_VARIATION_BINS == (int)RECORD_PDV_BINS, "one bar for each bin");

enum { ADAPTIVE = 2 }; /* of the views of an interval */

/* --- the timeline, folded into columns ------------------------------------------------ */

enum { COLUMNS_MAX = 240 };

struct column {
	uint32_t intervals;
	uint64_t expected, lost, suspect, discarded, bursts, burst_packets, burst_bad;
	double r; /* the lowest; NAN */
	double jitter_max_ms, pdv_p95_ms;
};

struct plot {
	struct column columns[COLUMNS_MAX];
	uint32_t count;
	nstime start;  /* of the first column */
	int64_t slot;  /* likewise: the number of its interval */
	nstime length; /* of an interval */
	int64_t each;  /* intervals in a column */
	enum band band;
	double loss_top_pct, delay_top_ms; /* upper ends of the axes */
};

/* Where it begins and how many intervals it spans; false when there is nothing to plot. */
static bool measure(struct span blob, struct plot *plot)
{
	struct timeline_reader reader;
	struct interval interval;
	if (timeline_open(blob, &reader) != OK || timeline_next(&reader, &interval) != OK)
		return false;
	plot->slot = reader.slot;
	plot->start = interval.at;
	plot->length = reader.length;
	while (timeline_next(&reader, &interval) == OK)
		;
	int64_t slots;
	if (__builtin_sub_overflow(reader.slot, plot->slot, &slots) || slots == INT64_MAX)
		return false;
	slots++;
	plot->each = slots / COLUMNS_MAX + (slots % COLUMNS_MAX != 0);
	plot->count = (uint32_t)(slots / plot->each + (slots % plot->each != 0));
	return true;
}

static double larger(double a, double b)
{
	return isfinite(b) && !(a >= b) ? b : a;
}

static void fold(struct column *column, const struct interval *interval)
{
	const struct interval_loss *network = &interval->views[TIMELINE_NETWORK];
	const struct interval_loss *heard = &interval->views[ADAPTIVE];
	column->intervals++;
	column->expected += interval->expected;
	column->lost += network->bad;
	column->suspect += interval->suspect_lost < network->bad ? interval->suspect_lost
	                                                         : network->bad;
	column->discarded += heard->bad > network->bad ? heard->bad - network->bad : 0;
	column->bursts += heard->bursts;
	column->burst_packets += heard->burst_packets;
	column->burst_bad += heard->burst_bad;
	if (isfinite(heard->r) && !(column->r <= heard->r))
		column->r = heard->r;
	column->jitter_max_ms = larger(column->jitter_max_ms, interval->jitter_max_ms);
	column->pdv_p95_ms = larger(column->pdv_p95_ms, interval->pdv_p95_ms);
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? fmin(100, 100 * (double)part / (double)whole) : 0;
}

/* The next of 1, 2, 5, 10, 20, ... that is not below. */
static double round_up(double value, double least)
{
	static const double steps[] = { 2, 2.5, 2 };
	double top = least;
	for (unsigned int i = 0; top < value && i < 60; i++)
		top *= steps[i % ARRAY_LEN(steps)];
	return top;
}

static bool fill(const struct record *record, struct plot *plot)
{
	struct timeline_reader reader;
	struct interval interval;
	double loss = 0;
	double delay = 0;
	if (!measure(record->tail, plot) || timeline_open(record->tail, &reader) != OK)
		return false;
	for (uint32_t i = 0; i < plot->count; i++)
		plot->columns[i] = (struct column){ .r = NAN, NAN, NAN };
	while (timeline_next(&reader, &interval) == OK)
		fold(&plot->columns[(reader.slot - plot->slot) / plot->each], &interval);
	for (uint32_t i = 0; i < plot->count; i++) {
		const struct column *c = &plot->columns[i];
		loss = fmax(loss, share(c->lost + c->discarded, c->expected));
		delay = larger(larger(delay, c->jitter_max_ms), c->pdv_p95_ms);
	}
	plot->band = record->stream.band;
	plot->loss_top_pct = fmin(100, round_up(loss, 1));
	plot->delay_top_ms = round_up(delay, 10);
	return true;
}

/* --- where things lie ----------------------------------------------------------------- */

enum { LEFT = 46, RIGHT = 948, WIDTH = 960, HEIGHT = 292 };

struct panel {
	double top, bottom;
	const char *title;
};

static const struct panel mos_panel = { 20, 100, "MOS-LQ in the adaptive buffer" };
static const struct panel loss_panel = { 122, 178, "lost and discarded, %" };
static const struct panel burst_panel = { 182, 192, NULL };
static const struct panel delay_panel = { 214, 266, "jitter max and PDV p95, ms" };

static double x_of(const struct plot *plot, double column)
{
	return LEFT + column * (RIGHT - LEFT) / plot->count;
}

static double y_of(const struct panel *panel, double value, double low, double high)
{
	const double part = fmin(1, fmax(0, (value - low) / (high - low)));
	return panel->bottom - part * (panel->bottom - panel->top);
}

static nstime time_of(const struct plot *plot, uint32_t column)
{
	nstime at;
	if (__builtin_mul_overflow(plot->length, plot->each, &at) ||
	    __builtin_mul_overflow(at, (nstime)column, &at) ||
	    __builtin_add_overflow(plot->start, at, &at))
		return NSTIME_NONE;
	return at;
}

static void add_grid(struct buffer *to, const struct panel *panel, double low, double high,
                     unsigned int lines)
{
	buffer_format(to, "<text class=\"t\" x=\"%d\" y=\"%g\">%s</text>", LEFT,
	              panel->top - 6, panel->title);
	for (unsigned int i = 0; i <= lines; i++) {
		const double value = low + (high - low) * i / lines;
		const double y = y_of(panel, value, low, high);
		buffer_format(to, "<path class=\"g\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT);
		buffer_format(
		        to,
		        "<text class=\"l\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%g</text>",
		        LEFT - 6, y + 4, value);
	}
	buffer_add_char(to, '\n');
}

/* --- axis of time --------------------------------------------------------------------- */

enum { TICKS_MAX = 9, DAY_S = 86400 };

/* Seconds between two ticks, so that their texts do not touch. */
static int64_t tick_step(double span_s)
{
	static const int64_t steps[] = { 1,    2,    5,     10,    15,    30,
		                         60,   120,  300,   600,   900,   1800,
		                         3600, 7200, 14400, 21600, 43200, DAY_S };
	int64_t step = DAY_S;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (span_s / (double)steps[i] <= TICKS_MAX)
			return steps[i];
	}
	while (span_s / (double)step > TICKS_MAX)
		step *= 2;
	return step;
}

static void add_tick(struct buffer *to, nstime at, double x, bool date)
{
	char text[32] = "";
	struct buffer label = { 0 };
	display_time(&label, at, 3);
	text_copy(text, sizeof text, buffer_text(&label));
	buffer_free(&label);
	buffer_format(to, "<path class=\"g\" d=\"M%.1f %gV%g\"/>", x, delay_panel.bottom,
	              delay_panel.bottom + 5);
	buffer_format(
	        to,
	        "<text class=\"l\" text-anchor=\"middle\" x=\"%.1f\" y=\"%g\">%.*s</text>",
	        x, delay_panel.bottom + 19, date ? 10 : 8, date ? text : text + 11);
}

static void add_ticks(struct buffer *to, const struct plot *plot)
{
	const nstime end = time_of(plot, plot->count);
	nstime span;
	if (end == NSTIME_NONE || __builtin_sub_overflow(end, plot->start, &span))
		return;
	const int64_t step = tick_step(ns_to_s(span)) * NS_PER_SEC;
	const int64_t first = plot->start / step + (plot->start % step > 0);
	for (int64_t i = 0; i <= TICKS_MAX; i++) {
		nstime at;
		if (__builtin_mul_overflow(first + i, step, &at) || at > end)
			break;
		const double x =
		        LEFT + (double)(at - plot->start) / (double)span * (RIGHT - LEFT);
		if (x < RIGHT - 20)
			add_tick(to, at, fmax(x, LEFT + 4), step >= DAY_S * NS_PER_SEC);
	}
	buffer_add_char(to, '\n');
}

/* --- what is drawn -------------------------------------------------------------------- */

static void add_bar(struct buffer *to, const struct plot *plot, uint32_t column, double top,
                    double bottom)
{
	const double width = x_of(plot, 1) - x_of(plot, 0);
	const double space = width > 6 ? 1 : width * 0.1;
	buffer_format(to, "M%.1f %.1fH%.1fV%.1fH%.1fz", x_of(plot, column) + space / 2,
	              bottom, x_of(plot, column + 1) - space / 2, top,
	              x_of(plot, column) + space / 2);
}

static void begin_path(struct buffer *to, const char *class)
{
	buffer_format(to, "<path class=\"%s\" d=\"M0 0", class);
}

static void end_path(struct buffer *to)
{
	buffer_add_string(to, "\"/>\n");
}

static void add_mos(struct buffer *to, const struct plot *plot)
{
	static const char *const ratings[] = { "good", "fair", "poor", "bad" };
	for (size_t k = 0; k < ARRAY_LEN(ratings); k++) {
		begin_path(to, ratings[k]);
		for (uint32_t i = 0; i < plot->count; i++) {
			const double r = plot->columns[i].r;
			const double mos = emodel_mos(plot->band, r);
			const char *rating = html_rating(emodel_common_r(plot->band, r));
			/* A MOS of 1 shall be seen as well. */
			if (strcmp(rating, ratings[k]) == 0)
				add_bar(to, plot, i,
				        y_of(&mos_panel, fmax(mos, 1.08), 1, 5),
				        mos_panel.bottom);
		}
		end_path(to);
	}
}

/* Stacked: what the network may have lost, what the capture lost, what came too late. */
static void add_losses(struct buffer *to, const struct plot *plot)
{
	static const char *const parts[] = { "lost", "capture", "late" };
	for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
		begin_path(to, parts[k]);
		for (uint32_t i = 0; i < plot->count; i++) {
			const struct column *c = &plot->columns[i];
			const uint64_t ends[] = { 0, c->lost - c->suspect, c->lost,
				                  c->lost + c->discarded };
			if (ends[k + 1] > ends[k])
				add_bar(to, plot, i,
				        y_of(&loss_panel, share(ends[k + 1], c->expected),
				             0, plot->loss_top_pct),
				        y_of(&loss_panel, share(ends[k], c->expected), 0,
				             plot->loss_top_pct));
		}
		end_path(to);
	}
}

/* As wide as the share of the column's packets that lie within bursts. */
static void add_bursts(struct buffer *to, const struct plot *plot)
{
	buffer_format(
	        to,
	        "<text class=\"l\" text-anchor=\"end\" x=\"%d\" y=\"%g\">bursts</text>"
	        "<path class=\"g\" d=\"M%d %gH%d\"/>",
	        LEFT - 6, burst_panel.bottom, LEFT, burst_panel.bottom, RIGHT);
	begin_path(to, "burst");
	for (uint32_t i = 0; i < plot->count; i++) {
		const struct column *c = &plot->columns[i];
		const double left = x_of(plot, i);
		const double width = (x_of(plot, i + 1) - left) *
		                     share(c->burst_packets, c->expected) / 100;
		if (c->bursts)
			buffer_format(to, "M%.1f %gh%.1fV%gh-%.1fz", left,
			              burst_panel.bottom, fmax(width, 2), burst_panel.top,
			              fmax(width, 2));
	}
	end_path(to);
}

/* Broken where there is no value; a value alone is a dot, by its round ends. */
static void add_line(struct buffer *to, const struct plot *plot, const char *class,
                     size_t offset)
{
	bool drawing = false;
	begin_path(to, class);
	for (uint32_t i = 0; i < plot->count; i++) {
		const void *at = (const char *)&plot->columns[i] + offset;
		const double value = *(const double *)at;
		const double y = y_of(&delay_panel, value, 0, plot->delay_top_ms);
		if (isfinite(value))
			buffer_format(to, drawing ? "L%.1f %.1f" : "M%.1f %.1fh0",
			              x_of(plot, i + 0.5), y);
		drawing = isfinite(value);
	}
	end_path(to);
}

/* Stretches without a packet, over all panels. */
static void add_gaps(struct buffer *to, const struct plot *plot)
{
	for (uint32_t i = 0; i < plot->count; i++) {
		const uint32_t first = i;
		while (i < plot->count && plot->columns[i].intervals == 0)
			i++;
		if (i == first)
			continue;
		buffer_format(
		        to,
		        "<rect class=\"gap\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"%g\">"
		        "<title>no packet from ",
		        x_of(plot, first), mos_panel.top, x_of(plot, i) - x_of(plot, first),
		        delay_panel.bottom - mos_panel.top);
		html_clock(to, time_of(plot, first));
		buffer_add_string(to, " to ");
		html_clock(to, time_of(plot, i));
		buffer_add_string(to, "</title></rect>\n");
	}
}

static void add_column_words(struct buffer *to, const struct plot *plot, uint32_t i)
{
	const struct column *c = &plot->columns[i];
	html_clock(to, time_of(plot, i));
	buffer_add_string(to, "  MOS ");
	html_real(to, emodel_mos(plot->band, c->r), 2);
	buffer_add_string(to, "  R ");
	html_real(to, c->r, 1);
	buffer_format(to, "\n%llu expected, %llu lost, %llu discarded",
	              (unsigned long long)c->expected, (unsigned long long)c->lost,
	              (unsigned long long)c->discarded);
	if (c->suspect)
		buffer_format(to, "\n%llu of them lost by the capture",
		              (unsigned long long)c->suspect);
	if (c->bursts)
		buffer_format(to, "\n%llu burst%s of %llu packets, %llu of them missing",
		              (unsigned long long)c->bursts, c->bursts == 1 ? "" : "s",
		              (unsigned long long)c->burst_packets,
		              (unsigned long long)c->burst_bad);
	buffer_add_string(to, "\njitter max ");
	html_real(to, c->jitter_max_ms, 1);
	buffer_add_string(to, " ms, PDV p95 ");
	html_real(to, c->pdv_p95_ms, 1);
	buffer_add_string(to, " ms");
}

/* What a pointer that rests on a column is told. */
static void add_words(struct buffer *to, const struct plot *plot)
{
	for (uint32_t i = 0; i < plot->count; i++) {
		if (plot->columns[i].intervals == 0)
			continue;
		buffer_format(
		        to,
		        "<rect class=\"h\" x=\"%.1f\" y=\"%g\" width=\"%.1f\" height=\"%g\"><title>",
		        x_of(plot, i), mos_panel.top, x_of(plot, i + 1) - x_of(plot, i),
		        delay_panel.bottom - mos_panel.top);
		add_column_words(to, plot, i);
		buffer_add_string(to, "</title></rect>\n");
	}
}

static void add_legend(struct buffer *to, const struct plot *plot)
{
	buffer_add_string(to, "<figcaption><span class=\"key lost\"></span>lost "
	                      "<span class=\"key capture\"></span>lost by the capture "
	                      "<span class=\"key late\"></span>discarded, too late "
	                      "<span class=\"key burst\"></span>bursts "
	                      "<span class=\"key jitter\"></span>jitter max "
	                      "<span class=\"key pdv\"></span>PDV p95 "
	                      "<span class=\"key gap\"></span>no packets. ");
	buffer_format(to, "A column is %g s; times are UTC.</figcaption>\n",
	              ns_to_s(plot->length) * (double)plot->each);
}

void plot_timeline(struct buffer *to, const struct record *record)
{
	struct plot plot = { .count = 0 };
	if (!fill(record, &plot)) {
		buffer_add_string(to, "<p class=\"dim\">No interval of it was kept.</p>\n");
		return;
	}
	buffer_format(
	        to,
	        "<figure class=\"wide\"><div class=\"scroll\" tabindex=\"0\">"
	        "<svg class=\"timeline\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\""
	        "Timeline of MOS, loss, discards, bursts and delay variation\">\n",
	        WIDTH, HEIGHT);
	add_gaps(to, &plot);
	add_grid(to, &mos_panel, 1, 5, 4);
	add_grid(to, &loss_panel, 0, plot.loss_top_pct, 2);
	add_grid(to, &delay_panel, 0, plot.delay_top_ms, 2);
	add_ticks(to, &plot);
	add_mos(to, &plot);
	add_losses(to, &plot);
	add_bursts(to, &plot);
	add_line(to, &plot, "pdv", offsetof(struct column, pdv_p95_ms));
	add_line(to, &plot, "jitter", offsetof(struct column, jitter_max_ms));
	add_words(to, &plot);
	buffer_add_string(to, "</svg></div>\n");
	add_legend(to, &plot);
	buffer_add_string(to, "</figure>\n");
}

/* --- the histogram -------------------------------------------------------------------- */

void plot_histogram(struct buffer *to, const struct histogram *pdv)
{
	enum { BAR = 40, BOTTOM = 110, TOP = 22 };
	uint64_t total = 0;
	uint32_t most = 0;
	for (size_t i = 0; i < RECORD_PDV_BINS; i++) {
		total += pdv->counts[i];
		most = pdv->counts[i] > most ? pdv->counts[i] : most;
	}
	if (!total) {
		buffer_add_string(
		        to, "<p class=\"dim\">No delay variation was measured.</p>\n");
		return;
	}
	buffer_format(to,
	              "<svg class=\"histogram\" viewBox=\"0 0 %d 134\" role=\"img\" "
	              "aria-label=\"Histogram of delay variation\">\n",
	              BAR * RECORD_PDV_BINS + 12);
	for (size_t i = 0; i < RECORD_PDV_BINS; i++) {
		const uint32_t count = pdv->counts[i];
		const double part = (double)count / (double)most;
		const double height = count ? fmax(1.5, part * (BOTTOM - TOP)) : 0;
		const double x = (double)(BAR * i) + 4;
		const bool last = i + 1 == RECORD_PDV_BINS;
		buffer_format(
		        to,
		        "<rect class=\"pdv-bar\" x=\"%g\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
		        x + 2, BOTTOM - height, BAR - 4, height);
		const double pct = 100 * (double)count / (double)total;
		if (count)
			buffer_format(to,
			              "<text class=\"l\" text-anchor=\"middle\" x=\"%g\" "
			              "y=\"%.1f\">%s%.3g%%</text>",
			              x + BAR / 2.0, BOTTOM - height - 4,
			              pct < 1 ? "&lt;" : "", fmax(pct, 1));
		buffer_format(
		        to,
		        "<text class=\"l\" text-anchor=\"middle\" x=\"%g\" y=\"126\">%s%g</text>\n",
		        x + BAR / 2.0, last ? "&gt;" : "",
		        delay_variation_bounds_ms[last ? i - 1 : i]);
	}
	buffer_format(to, "<path class=\"g\" d=\"M4 %dH%d\"/></svg>\n", BOTTOM,
	              BAR * RECORD_PDV_BINS + 4);
}
