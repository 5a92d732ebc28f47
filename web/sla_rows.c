#include "web/sla_rows.h"

#include <math.h>
#include <stdio.h>

#include "web/display.h"
#include "web/record_json.h"

#define MINUTE_NS (60 * NS_PER_SEC)
#define DAY_NS (86400 * NS_PER_SEC)

/* Of noon of its first day on the wall: days since 1970 to year and month. */
void sla_month(const struct sla_report *report, char to[SLA_MONTH])
{
	struct buffer text = { 0 };
	const nstime offset = local_offset_s(&report->zone.time, report->from) * NS_PER_SEC;
	display_time(&text, report->from + offset + DAY_NS / 2, 3);
	text_copy(to, SLA_MONTH, text_head(buffer_text(&text), SLA_MONTH - 1));
	buffer_free(&text);
}

static double minutes(nstime length)
{
	return (double)length / (double)MINUTE_NS;
}

static const struct {
	const char *name, *title;
} minute_names[] = {
	{ "month", "in the month so far" },
	{ "excluded", "in maintenance windows" },
	{ "blind", "not watched" },
	{ "measured", "measured" },
	{ "unavailable", "of these, no address of the trunk answered" },
};
enum { MINUTES = ARRAY_LEN(minute_names) };

static void list_minutes(const struct sla_report *report, double to[MINUTES])
{
	to[0] = minutes(report->until - report->from);
	to[1] = minutes(report->excluded);
	to[2] = minutes(report->blind);
	to[3] = minutes(report->measured);
	to[4] = minutes(report->unavailable);
}

/* --- JSON ----------------------------------------------------------------------------- */

static void add_figure(struct buffer *to, const struct sla_meaning *meaning,
                       const struct sla_value *figure)
{
	buffer_add_char(to, '{');
	json_add_text(to, "name", meaning->name);
	json_add_text(to, "unit", meaning->unit);
	json_add_text(to, "title", meaning->title);
	json_add_real(to, "value", figure->value);
	json_add_real(to, "target", figure->target);
	if (isnan(figure->value) || isnan(figure->target)) {
		json_add_name(to, "met");
		buffer_add(to, TEXT("null"));
	} else {
		json_add_flag(to, "met", !figure->missed);
	}
	json_add_count(to, "samples", figure->samples);
	json_add_text(to, "source", meaning->source);
	buffer_add_char(to, '}');
}

static void add_incident(struct buffer *to, const struct sla_incident *incident)
{
	const bool ended = incident->ended != NSTIME_NONE;
	buffer_add_char(to, '{');
	json_add_text(to, "peer", incident->peer);
	json_add_text(to, "cause", incident->cause);
	json_add_time(to, "began", incident->began);
	json_add_time(to, "detected", incident->detected);
	json_add_time(to, "ended", incident->ended);
	json_add_real(to, "time_to_detect_s",
	              ns_to_s(incident->detected - incident->began));
	json_add_real(to, "time_to_restore_s",
	              ended ? ns_to_s(incident->ended - incident->began) : (double)NAN);
	json_add_flag(to, "excluded", incident->excluded);
	buffer_add_char(to, '}');
}

static void add_head(struct buffer *to, const struct sla_report *report,
                     const struct sla_settings *settings, const char *version)
{
	char month[SLA_MONTH];
	double numbers[MINUTES];
	sla_month(report, month);
	list_minutes(report, numbers);
	json_add_text(to, "trunk", report->trunk);
	json_add_text(to, "month", month);
	json_add_text(to, "time_zone", report->zone.name);
	json_add_time(to, "from", report->from);
	json_add_time(to, "to", report->to);
	json_add_time(to, "until", report->until);
	json_add_text(to, "sensor", settings->sensor);
	json_add_text(to, "site", settings->site);
	json_add_text(to, "point", settings->point);
	json_add_name(to, "definitions");
	buffer_add_number(to, SLA_DEFINITIONS);
	json_add_text(to, "version", version);
	json_add_text(to, "watched_by", report->of_health ? "probe" : "packets");
	json_add_name(to, "peers");
	buffer_add_number(to, report->peers);
	json_add_name(to, "minutes");
	buffer_add_char(to, '{');
	for (size_t i = 0; i < MINUTES; i++)
		json_add_real(to, minute_names[i].name, numbers[i]);
	buffer_add_char(to, '}');
}

static void add_points(struct buffer *to, const struct sla_report *report)
{
	for (size_t i = 0; i < report->point_count; i++) {
		const struct sla_point *point = &report->points[i];
		const char *between = "";
		buffer_add_string(to, i ? ",{" : "{");
		json_add_text(to, "point", point->name);
		json_add_name(to, "streams");
		display_json_count(to, point->streams);
		json_add_name(to, "figures");
		buffer_add_char(to, '[');
		for (size_t k = 0; k < SLA_FIGURE_COUNT; k++) {
			if (!sla_is_of_media((enum sla_figure)k))
				continue;
			buffer_add_string(to, between);
			add_figure(to, &sla_meanings[k], &point->figures[k]);
			between = ",";
		}
		buffer_add_string(to, "]}");
	}
}

void sla_add_json(struct buffer *to, const struct sla_report *report,
                  const struct sla_settings *settings, const char *version)
{
	buffer_add_char(to, '{');
	add_head(to, report, settings, version);
	json_add_name(to, "figures");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++) {
		if (i)
			buffer_add_char(to, ',');
		add_figure(to, &sla_meanings[i], &report->figures[i]);
	}
	buffer_add_string(to, "]");
	json_add_name(to, "points");
	buffer_add_string(to, report->by_point ? "[" : "null");
	add_points(to, report);
	buffer_add_string(to, report->by_point ? "]" : "");
	json_add_name(to, "incidents");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < report->incident_count; i++) {
		if (i)
			buffer_add_char(to, ',');
		add_incident(to, &report->incidents[i]);
	}
	buffer_format(to, "],\"truncated\":%s}\n",
	              report->incidents_left_out || report->points_left_out ? "true"
	                                                                    : "false");
}

/* --- CSV ------------------------------------------------------------------------------ */

static void add_cell(struct buffer *to, const char *text)
{
	display_csv(to, text_from(text));
	buffer_add_char(to, ',');
}

static void add_real_cell(struct buffer *to, double value)
{
	if (!isnan(value))
		display_json_real(to, value);
	buffer_add_char(to, ',');
}

static void add_row(struct buffer *to, const struct sla_report *report, const char *point,
                    const char *version, const struct sla_meaning *meaning,
                    const struct sla_value *figure)
{
	char month[SLA_MONTH];
	const bool judged = !isnan(figure->value) && !isnan(figure->target);
	sla_month(report, month);
	add_cell(to, report->trunk);
	add_cell(to, month);
	add_cell(to, report->zone.name);
	add_cell(to, meaning->name);
	add_cell(to, meaning->unit);
	add_real_cell(to, figure->value);
	add_real_cell(to, figure->target);
	add_cell(to, !judged ? "" : figure->missed ? "no" : "yes");
	buffer_add_number(to, figure->samples);
	buffer_add_char(to, ',');
	add_cell(to, meaning->title);
	add_cell(to, meaning->source);
	add_cell(to, point);
	buffer_add_number(to, SLA_DEFINITIONS);
	buffer_add_char(to, ',');
	display_csv(to, text_from(version));
	buffer_add_string(to, "\r\n");
}

void sla_add_csv(struct buffer *to, const struct sla_report *report,
                 const struct sla_settings *settings, const char *version)
{
	double numbers[MINUTES];
	char name[32];
	list_minutes(report, numbers);
	buffer_add_string(to,
	                  "trunk,month,time_zone,name,unit,value,target,met,samples,title,"
	                  "source,point,definitions,version\r\n");
	for (size_t i = 0; i < SLA_FIGURE_COUNT; i++)
		add_row(to, report, settings->point, version, &sla_meanings[i],
		        &report->figures[i]);
	for (size_t i = 0; i < report->point_count; i++) {
		const struct sla_point *point = &report->points[i];
		for (size_t k = 0; k < SLA_FIGURE_COUNT; k++) {
			if (sla_is_of_media((enum sla_figure)k))
				add_row(to, report, point->name, version, &sla_meanings[k],
				        &point->figures[k]);
		}
	}
	for (size_t i = 0; i < MINUTES; i++) {
		snprintf(name, sizeof name, "minutes_%s", minute_names[i].name);
		const struct sla_meaning meaning = { .name = name,
			                             .unit = "min",
			                             .title = minute_names[i].title,
			                             .source = "project" };
		const struct sla_value value = { .value = numbers[i], .target = NAN };
		add_row(to, report, settings->point, version, &meaning, &value);
	}
}
