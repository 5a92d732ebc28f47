/*
 * rule_metric.h - what a rule may look at: every key performance indicator that is known
 * soon enough, figures of streams, legs and bindings beside them, events, observations, and
 * the health of the probe itself.
 */
#ifndef EARSHOT_MODEL_RULE_METRIC_H
#define EARSHOT_MODEL_RULE_METRIC_H

#include "analyzer/model/kpi_definition.h"
#include "analyzer/model/record_alert.h"
#include "analyzer/model/record_event.h"
#include "analyzer/model/record_observation.h"

/* Behind the counts of KPI buckets (enum kpi_count): what rules count themselves. */
enum rule_count {
	RULE_COUNT_SCORED = KPI_COUNT_COUNT, /* streams with a MOS */
	RULE_COUNT_POOR,                     /* of them: MOS below RULE_POOR_MOS */
	RULE_COUNT_MEDIA,                    /* packets expected of streams */
	RULE_COUNT_SUSPECT,                  /* of them: lost by the capture */
	RULE_COUNT_MARKED,                   /* streams of trunks that want a DSCP */
	RULE_COUNT_MISMARKED,                /* of them: with another */
	RULE_COUNT_SERVER_ERRORS,            /* seizures with a 5xx */
	RULE_COUNT_FORBIDDEN,                /* seizures with 401, 402, 403, 407 */
	RULE_COUNT_NOT_FOUND,                /* seizures with 404, 410, 484, 604 */
	RULE_COUNT_EMERGENCY,                /* calls to emergency numbers, ended */
	RULE_COUNT_EMERGENCY_FAILED,         /* of them: not answered, by no one's wish */
	RULE_COUNT_EXPIRED,                  /* bindings whose time ran out */
	RULE_COUNT_RENEWED,                  /* registrations that succeeded */
	RULE_COUNT_COUNT
};

/* Below it nearly all users are dissatisfied (ITU-T G.109, R of 60 in G.107 annex B). */
#define RULE_POOR_MOS 3.1

enum rule_metric_kind {
	METRIC_NONE,
	METRIC_KPI,          /* kpi_value of the window */
	METRIC_COUNT,        /* a count of the window */
	METRIC_SHARE,        /* 100 * a / b */
	METRIC_SHARE_OF_SUM, /* 100 * a / (a + b) */
	METRIC_EVENT,       /* 1 while the peer is in that state; a failover for a window */
	METRIC_OBSERVATION, /* events of it, while it goes on */
	METRIC_FACT,        /* what the program says of itself */
};

/* Which calls show what the alert is about. */
enum rule_family {
	FAMILY_NONE,
	FAMILY_QUALITY,
	FAMILY_LOSS, /* loss and jitter, whatever becomes of speech */
	FAMILY_ONE_WAY,
	FAMILY_FAILED,
	FAMILY_UNANSWERED, /* for whatever reason */
	FAMILY_SLOW,
	FAMILY_SHORT,
	FAMILY_EMERGENCY,
	FAMILY_COUNT
};

struct rule_metric {
	const char *name, *unit, *title;
	enum rule_metric_kind kind;
	enum rule_family family;
	const struct kpi_definition *kpi;
	unsigned int a, b; /* enum rule_count */
	enum event_type event;
	enum observation_type observation;
	bool of_calls;   /* in the caller's view alone */
	bool of_buckets; /* of KPI buckets alone: known of peers, too */
	bool quality;    /* a capture that loses packets makes it worse than it is */
	bool capture;    /* it says that the capture loses packets */
	bool volume;     /* grows with the length of the window */
	bool share;      /* percent of the samples */
};

/* ERR_NOT_FOUND: there is none of that name, or it is known too late for a rule. */
MUST_CHECK enum status rule_metric_find(struct text name, struct rule_metric *out);
/* All of them, in the order in which they are shown; false behind the last. */
bool rule_metric_at(size_t index, struct rule_metric *out);

/* A window, ready to be asked. */
struct rule_sums {
	struct kpi_sum kpi; /* histograms are borrowed */
	uint64_t counts[RULE_COUNT_COUNT];
};

/* NAN: nothing to compute it of.  Not of events, observations and facts. */
double rule_metric_value(const struct rule_metric *metric, const struct rule_sums *sums);
/* How many calls, streams or packets it is of. */
uint64_t rule_metric_samples(const struct rule_metric *metric,
                             const struct rule_sums *sums);

#endif
