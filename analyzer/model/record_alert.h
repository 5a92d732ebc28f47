/*
 * record_alert.h - a rule's condition came true somewhere, or is over: each change of state
 * is a record, and all of one alert have its id.
 */
#ifndef EARSHOT_MODEL_RECORD_ALERT_H
#define EARSHOT_MODEL_RECORD_ALERT_H

#include "analyzer/model/record_finding.h"
#include "analyzer/model/record_kpi.h"
#include "analyzer/model/record_peer.h"

enum {
	ALERT_RULE = 48,     /* name of a rule, its NUL included */
	ALERT_SUBJECT = 128, /* what it is about, for people */
	ALERT_METRIC = 32,
	ALERT_TEXT = 256,
	ALERT_QUERY = 384,
	ALERT_EXAMPLES = 5,
};

enum alert_state {
	ALERT_STATE_NONE,
	ALERT_OK,      /* over; without `raised`: it never came to an alert */
	ALERT_PENDING, /* the condition is true, not yet for long enough */
	ALERT_FIRING,
	ALERT_CLEARING, /* the condition is false, not yet for long enough */
	ALERT_STATE_COUNT
};

enum alert_severity {
	SEVERITY_NONE,
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_MAJOR,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

/* What the rule is applied to, each on its own. */
enum alert_scope {
	SCOPE_NONE,
	SCOPE_ALL,       /* the probe as a whole */
	SCOPE_SITE,      /* all trunks of a site together */
	SCOPE_TRUNK,     /* a trunk, both directions together */
	SCOPE_DIRECTION, /* a direction of a trunk */
	SCOPE_CODEC,
	SCOPE_PEER,    /* a signalling address */
	SCOPE_SUBJECT, /* whatever the metric is about: an attack, an interface */
	SCOPE_COUNT
};

enum alert_condition {
	CONDITION_NONE,
	CONDITION_ABOVE,
	CONDITION_BELOW,
	/* By so many robust standard deviations off what the same hour of the week had. */
	CONDITION_DEVIATES_ABOVE,
	CONDITION_DEVIATES_BELOW,
	CONDITION_COUNT
};

/* Why it is over. */
enum alert_end {
	ALERT_END_NONE,
	ALERT_END_VALUE,    /* the value is good again */
	ALERT_END_SAMPLES,  /* too little is known to say so any longer */
	ALERT_END_SCHEDULE, /* the rule is not looked at at this hour */
	ALERT_END_RULE, /* the rule was removed, switched off or looks at something else */
	ALERT_END_COUNT
};

/* Why somebody is told of this record. */
enum alert_news {
	NEWS_NONE,    /* nobody is: it is a change that the next one will tell of */
	NEWS_RAISED,  /* it fires */
	NEWS_UNMUTED, /* it has fired for a while, and what explained it is over */
	NEWS_GROWN,   /* there are more members */
	NEWS_OVER,
	NEWS_COUNT
};

extern const char *const alert_news_names[NEWS_COUNT];
extern const char *const alert_end_names[ALERT_END_COUNT];
extern const char *const alert_state_names[ALERT_STATE_COUNT];
extern const char *const alert_severity_names[SEVERITY_COUNT];
extern const char *const alert_scope_names[SCOPE_COUNT];
extern const char *const alert_condition_names[CONDITION_COUNT];

struct alert_record {
	uint64_t id; /* of rule, scope and the time it was pending */
	nstime at;   /* of this state: a tick, in packet time */
	char rule[ALERT_RULE];
	enum alert_state state;
	enum alert_severity severity;
	char subject[ALERT_SUBJECT]; /* "trunk carrier-a, outbound" */

	nstime since, raised, cleared; /* first tick of it; fired; over */
	enum alert_end ended_by;       /* of ALERT_OK */
	enum alert_scope scope;
	char site[RECORD_TRUNK], trunk[KPI_TRUNK];
	enum kpi_direction direction;
	enum codec codec;
	struct endpoint peer;
	uint64_t about; /* SCOPE_SUBJECT: id of the observation, or of what a fact is of */

	char metric[ALERT_METRIC];
	enum alert_condition condition;
	double value, worst; /* NAN: too little is known now; worst: since it is pending */
	double threshold;    /* of the value; of a deviation, in what the value is in */
	double expected;     /* at this hour of the week; NAN: not by that */
	uint64_t samples;    /* calls, streams, packets that the value is of */
	double window_s;

	struct id_list examples; /* ids of calls, the latest first */
	enum finding_code finding;
	char finding_sentence[FINDING_TEXT]; /* the first there is of the examples */
	char query[ALERT_QUERY];             /* a filter that finds the calls */
	char unseen[ALERT_TEXT];             /* what the probe missed meanwhile */
	bool unverified; /* the capture lost too much: the value may be its doing */
	bool muted;      /* nobody is told: see muted_by */
	/* The rule that fires and explains it, "silence", or "group". */
	char muted_by[ALERT_RULE];
	uint64_t leader;          /* of "group": id of the alert it is told with; 0: none */
	uint64_t members;         /* alerts that are told with this one, and fire */
	enum alert_news news;     /* somebody is told now */
	char summary[ALERT_TEXT]; /* one line for people */
};

#endif
