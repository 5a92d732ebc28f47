#include "probe/report_sla.h"

#include <math.h>

#include "probe/report_html_parts.h"
#include "probe/version.h"
#include "web/display.h"
#include "web/sla_rows.h"

static void add_time(struct buffer *to, nstime at)
{
	if (at == NSTIME_NONE)
		buffer_add_string(to, "\u2013");
	else
		display_time(to, at, 3);
}

static void add_row(struct buffer *to, const char *name, const char *value)
{
	buffer_format(to, "<div><dt>%s</dt><dd>", name);
	html_text(to, value);
	buffer_add_string(to, "</dd></div>\n");
}

static void add_minutes(struct buffer *to, const char *name, nstime length)
{
	buffer_format(to, "<div><dt>%s</dt><dd>%.1f min</dd></div>\n", name,
	              ns_to_s(length) / 60);
}

static void add_head(struct buffer *to, const struct sla_report *report,
                     const struct sla_settings *settings, const char *month)
{
	buffer_add_string(to, "<header>\n<h1>Trunk ");
	html_text(to, report->trunk);
	buffer_format(to, ", %s</h1>\n<dl class=\"rows\">\n", month);
	add_row(to, "Sensor", settings->sensor);
	add_row(to, "Site", settings->site);
	add_row(to, "Point of measurement", settings->point);
	add_row(to, "Time zone", report->zone.name);
	buffer_add_string(to, "<div><dt>From</dt><dd>");
	add_time(to, report->from);
	buffer_add_string(to, "</dd></div>\n<div><dt>To</dt><dd>");
	add_time(to, report->to);
	buffer_add_string(to, "</dd></div>\n");
	if (report->until < report->to) {
		buffer_add_string(to, "<div><dt>So far</dt><dd>until ");
		add_time(to, report->until);
		buffer_add_string(to, "</dd></div>\n");
	}
	add_minutes(to, "Time", report->until - report->from);
	add_minutes(to, "Maintenance, not counted", report->excluded);
	add_minutes(to, "Not watched", report->blind);
	add_minutes(to, "Measured", report->measured);
	add_minutes(to, "Unavailable", report->unavailable);
	buffer_add_string(to, "</dl>\n</header>\n");
}

static void add_figures(struct buffer *to, const struct sla_report *report)
{
	buffer_add_string(to,
	                  "<h2>Figures</h2>\n<div class=\"scroll\"><table>\n<thead><tr>"
	                  "<th>Figure</th><th class=\"n\">Value</th><th class=\"n\">Target"
	                  "</th><th>Met</th><th class=\"n\">Samples</th><th>Defined by</th>"
	                  "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++) {
		const struct sla_meaning *meaning = &sla_meanings[i];
		const struct sla_value *figure = &report->figures[i];
		const bool judged = !isnan(figure->value) && !isnan(figure->target);
		const int decimals = i == SLA_AVAILABILITY ? 4 : 2;
		buffer_format(to, "<tr><th scope=\"row\">%s</th><td class=\"n\">",
		              meaning->title);
		html_real(to, figure->value, decimals);
		buffer_format(to, " %s</td><td class=\"n\">",
		              isnan(figure->value) ? "" : meaning->unit);
		if (!isnan(figure->target))
			buffer_add_string(to, meaning->at_least ? "at least " : "at most ");
		html_real(to, figure->target, decimals);
		buffer_format(to, "</td><td>%s</td><td class=\"n\">",
		              !judged          ? "\u2013"
		              : figure->missed ? "<strong>no</strong>"
		                               : "yes");
		html_count(to, figure->samples);
		buffer_format(to, "</td><td>%s</td></tr>\n", meaning->source);
	}
	buffer_add_string(to, "</tbody>\n</table></div>\n");
}

static void add_point(struct buffer *to, const struct sla_point *point)
{
	buffer_add_string(to, "<tr><th scope=\"row\">");
	html_text(to, point->name);
	buffer_add_string(to, "</th><td class=\"n\">");
	html_count(to, point->streams);
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++) {
		if (!sla_is_of_media((enum sla_figure)i))
			continue;
		buffer_format(to, "</td><td class=\"n\">%s",
		              point->figures[i].missed ? "<strong>" : "");
		html_real(to, point->figures[i].value, 2);
		buffer_add_string(to, point->figures[i].missed ? "</strong>" : "");
	}
	buffer_add_string(to, "</td></tr>\n");
}

/* What one point has more than another was lost between them. */
static void add_points(struct buffer *to, const struct sla_report *report)
{
	if (!report->by_point)
		return;
	buffer_add_string(to, "<h2>By point of the network</h2>\n");
	if (report->point_count == 0) {
		buffer_add_string(to,
		                  "<p>No stream says at which point it was seen.</p>\n");
		return;
	}
	buffer_add_string(to, "<div class=\"scroll\"><table class=\"small\">\n<thead><tr>"
	                      "<th>Point</th><th class=\"n\">Streams</th>");
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++) {
		if (sla_is_of_media((enum sla_figure)i))
			buffer_format(
			        to, "<th class=\"n\">%s%s%s</th>", sla_meanings[i].title,
			        sla_meanings[i].unit[0] ? ", " : "", sla_meanings[i].unit);
	}
	buffer_add_string(to, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < report->point_count; i++)
		add_point(to, &report->points[i]);
	buffer_add_string(to,
	                  "</tbody>\n</table></div>\n<p>Each stream counts at every point "
	                  "that saw it; missed targets are bold.</p>\n");
	if (report->points_left_out)
		buffer_add_string(to, "<p>More points are not listed.</p>\n");
}

static void add_incident(struct buffer *to, const struct sla_incident *incident)
{
	const bool ended = incident->ended != NSTIME_NONE;
	buffer_add_string(to, "<tr><td>");
	add_time(to, incident->began);
	buffer_add_string(to, "</td><td>");
	html_text(to, incident->peer);
	buffer_add_string(to, "</td><td>");
	html_text(to, incident->cause);
	buffer_add_string(to, "</td><td class=\"n\">");
	html_real(to, ns_to_s(incident->detected - incident->began), 1);
	buffer_add_string(to, "</td><td class=\"n\">");
	html_real(to, ended ? ns_to_s(incident->ended - incident->began) : (double)NAN, 1);
	buffer_format(to, "</td><td>%s</td></tr>\n",
	              incident->excluded ? "maintenance"
	              : ended            ? ""
	                                 : "not seen to end");
}

static void add_incidents(struct buffer *to, const struct sla_report *report)
{
	buffer_add_string(to, "<h2>Incidents</h2>\n");
	if (report->peers == 0)
		buffer_add_string(
		        to, "<p>No address of this trunk was asked for anything in "
		            "this time, so nothing is known of its availability.</p>\n");
	else if (report->incident_count == 0)
		buffer_add_string(to, "<p>None was seen.</p>\n");
	if (report->incident_count == 0)
		return;
	buffer_add_string(to,
	                  "<div class=\"scroll\"><table class=\"small\">\n<thead><tr><th>"
	                  "Began (UTC)</th><th>Address</th><th>By</th><th class=\"n\">"
	                  "Detected after, s</th><th class=\"n\">Restored after, s</th>"
	                  "<th></th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < report->incident_count; i++)
		add_incident(to, &report->incidents[i]);
	buffer_add_string(to, "</tbody>\n</table></div>\n");
	if (report->incidents_left_out)
		buffer_format(to, "<p>%zu more are not listed.</p>\n",
		              report->incidents_left_out);
}

void report_sla_add(struct buffer *to, const struct sla_report *report,
                    const struct sla_settings *settings)
{
	char month[SLA_MONTH];
	sla_month(report, month);
	report_begin(to, "Earshot: service levels");
	add_head(to, report, settings, month);
	buffer_add_string(to, "<main>\n");
	add_figures(to, report);
	add_points(to, report);
	add_incidents(to, report);
	buffer_format(
	        to,
	        "<p class=\"dim\">The trunk is unavailable while each of its addresses that was "
	        "seen (%zu) leaves requests without an answer, or refuses them; an incident is one "
	        "address doing so. Availability is of the measured time, delays and quality of "
	        "all but maintenance. What was watched is known by %s. Definitions %d, earshot "
	        "%s.</p>\n</main>\n</body>\n</html>\n",
	        report->peers,
	        report->of_health ? "the probe's own account of each minute"
	                          : "the first and the last packet",
	        SLA_DEFINITIONS, EARSHOT_VERSION);
}
