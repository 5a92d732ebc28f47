/*
 * sla.h - what a trunk delivered in a month, beside what was agreed on.
 *
 * A month is one of the sensor's time zone, with an hour more or less where clocks change.
 * Of it are measured the minutes that were watched and are in no maintenance window; blind
 * are those in which nothing was captured.  The trunk is unavailable while each of its
 * addresses that was seen is down or refuses, by the requests that it left unanswered
 * (docs/figures.md); an incident is one address being so.  Delays, loss, jitter and MOS are
 * figures of docs/kpis.md, of the minutes outside of maintenance windows.  Asked by point,
 * loss, jitter and MOS are also those of each point of the network that saw the streams.
 */
#ifndef EARSHOT_SCHEMA_SLA_H
#define EARSHOT_SCHEMA_SLA_H

#include "schema/kpi.h"
#include "schema/spans.h"

/* Rises whenever a figure means something else than it did. */
enum { SLA_DEFINITIONS = 1 };

enum sla_figure {
	SLA_AVAILABILITY,
	SLA_DETECT,
	SLA_RESTORE,
	SLA_NER,
	SLA_PDD_P50,
	SLA_PDD_P95,
	SLA_SRD_P95,
	SLA_LOSS,
	SLA_LOSS_P95,
	SLA_JITTER_P50,
	SLA_JITTER_P95,
	SLA_MOS_NB_P5,
	SLA_MOS_NB_P50,
	SLA_MOS_WB_P5,
	SLA_MOS_WB_P50,
	SLA_FIGURE_COUNT
};

struct sla_meaning {
	const char *name, *unit, *title, *source;
	const char *kpi; /* the figure of kpi_definition.h that it is; NULL: none */
	bool at_least;   /* good is what is not below the target, else not above */
};
extern const struct sla_meaning sla_meanings[SLA_FIGURE_COUNT];

enum { SLA_WINDOWS = 256, SLA_NAME = 64, SLA_INCIDENTS = 1000, SLA_POINTS = 16 };

/* Maintenance. */
struct sla_window {
	nstime from, to;
	char trunk[SLA_NAME]; /* "" = all of them */
};

struct sla_settings {
	double targets[SLA_FIGURE_COUNT]; /* 0 = none was agreed on */
	struct sla_window windows[SLA_WINDOWS];
	size_t window_count;
	char sensor[SLA_NAME], site[SLA_NAME], point[SLA_NAME]; /* "" = not said */
};

struct sla_value {
	double value; /* NAN: nothing to compute it from */
	uint64_t samples;
	double target; /* NAN: none */
	bool missed;   /* the value is worse than the target */
};

struct sla_incident {
	char peer[ENDPOINT_TEXT_SIZE];
	char cause[32];
	nstime began, detected;
	nstime ended;  /* NSTIME_NONE: it was not seen to end */
	bool excluded; /* all of it within maintenance */
};

/* What one point of the network measured. */
struct sla_point {
	char name[SLA_NAME];
	uint64_t streams;
	struct sla_value figures[SLA_FIGURE_COUNT]; /* NAN: not a figure of streams */
};

struct sla_report {
	char trunk[SLA_NAME];
	struct kpi_zone zone;
	nstime from, to; /* the month */
	nstime until;    /* what there is of it so far */
	bool of_health; /* watched is known of the probe itself, not of its packets alone */
	/* Of the time from `from` to `until`. */
	nstime excluded, blind, measured, unavailable;
	size_t peers; /* addresses of the trunk that were seen */
	struct sla_value figures[SLA_FIGURE_COUNT];
	bool by_point;                       /* it was asked so */
	bool points_left_out;                /* there are more than SLA_POINTS */
	struct sla_point points[SLA_POINTS]; /* by name */
	size_t point_count;
	struct sla_incident *incidents; /* owned; by time, at most SLA_INCIDENTS */
	size_t incident_count, incidents_left_out;
};

struct sla_request {
	struct text trunk;
	unsigned int year, month;    /* 1 to 12 */
	const struct kpi_zone *zone; /* borrowed; NULL: that of the database */
	nstime now;
	const struct sla_settings *settings; /* borrowed */
	bool by_point;
};

/* Is it a figure of streams, which each point of the network has? */
bool sla_is_of_media(enum sla_figure figure);

/* "2026-03"; false: no month. */
MUST_CHECK bool sla_read_month(struct text t, unsigned int *year, unsigned int *month);

/* ERR_NOT_FOUND: nothing is known of that trunk.  Free *out in any case. */
MUST_CHECK enum status sla_ask(struct query *query, const struct sla_request *request,
                               struct sla_report *out);
void sla_free(struct sla_report *report);

#endif
