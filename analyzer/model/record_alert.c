#include "analyzer/model/record_fields.h"

const char *const alert_state_names[ALERT_STATE_COUNT] = {
	[ALERT_OK] = "ok",
	[ALERT_PENDING] = "pending",
	[ALERT_FIRING] = "firing",
	[ALERT_CLEARING] = "clearing",
};

const char *const alert_news_names[NEWS_COUNT] = {
	[NEWS_RAISED] = "raised",
	[NEWS_UNMUTED] = "unmuted",
	[NEWS_GROWN] = "grown",
	[NEWS_OVER] = "over",
};

const char *const alert_end_names[ALERT_END_COUNT] = {
	[ALERT_END_VALUE] = "value",
	[ALERT_END_SAMPLES] = "samples",
	[ALERT_END_SCHEDULE] = "schedule",
	[ALERT_END_RULE] = "rule",
};

const char *const alert_severity_names[SEVERITY_COUNT] = {
	[SEVERITY_INFO] = "info",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_MAJOR] = "major",
	[SEVERITY_CRITICAL] = "critical",
};

const char *const alert_scope_names[SCOPE_COUNT] = {
	[SCOPE_ALL] = "all",         [SCOPE_SITE] = "site",
	[SCOPE_TRUNK] = "trunk",     [SCOPE_DIRECTION] = "direction",
	[SCOPE_CODEC] = "codec",     [SCOPE_PEER] = "peer",
	[SCOPE_SUBJECT] = "subject",
};

const char *const alert_condition_names[CONDITION_COUNT] = {
	[CONDITION_ABOVE] = "above",
	[CONDITION_BELOW] = "below",
	[CONDITION_DEVIATES_ABOVE] = "deviates_above",
	[CONDITION_DEVIATES_BELOW] = "deviates_below",
};

static const char *const direction_words[KPI_DIRECTION_COUNT] = {
	[KPI_INBOUND] = "inbound",
	[KPI_OUTBOUND] = "outbound",
};

static const struct field alert_fields[] = {
	{ "id", FIELD_ID, AT(alert, id) },
	{ "at", FIELD_TIME, AT(alert, at) },
	{ "rule", FIELD_TEXT, TEXT_AT(alert, rule), .open = true },
	{ "state", FIELD_NAME, AT(alert, state), NAMES(alert_state_names) },
	{ "severity", FIELD_NAME, AT(alert, severity), NAMES(alert_severity_names) },
	{ "subject", FIELD_TEXT, TEXT_AT(alert, subject) },
	{ "since", FIELD_TIME, AT(alert, since) },
	{ "raised", FIELD_TIME, AT(alert, raised) },
	{ "cleared", FIELD_TIME, AT(alert, cleared) },
	{ "ended_by", FIELD_NAME, AT(alert, ended_by), NAMES(alert_end_names) },
	{ "scope", FIELD_NAME, AT(alert, scope), NAMES(alert_scope_names) },
	{ "site", FIELD_TEXT, TEXT_AT(alert, site), .open = true },
	{ "trunk", FIELD_TEXT, TEXT_AT(alert, trunk), .open = true },
	{ "direction", FIELD_NAME, AT(alert, direction), NAMES(direction_words) },
	{ "codec", FIELD_CODEC, AT(alert, codec) },
	{ "peer", FIELD_ENDPOINT, AT(alert, peer) },
	{ "about", FIELD_ID, AT(alert, about) },
	{ "metric", FIELD_TEXT, TEXT_AT(alert, metric), .open = true },
	{ "condition", FIELD_NAME, AT(alert, condition), NAMES(alert_condition_names) },
	{ "value", FIELD_REAL, AT(alert, value) },
	{ "worst", FIELD_REAL, AT(alert, worst) },
	{ "threshold", FIELD_REAL, AT(alert, threshold) },
	{ "expected", FIELD_REAL, AT(alert, expected) },
	{ "samples", FIELD_COUNT, AT(alert, samples) },
	{ "window_s", FIELD_REAL, AT(alert, window_s) },
	{ "examples", FIELD_IDS, AT(alert, examples) },
	{ "finding", FIELD_NAME, AT(alert, finding), NAMES(finding_code_names) },
	{ "finding_sentence", FIELD_TEXT, TEXT_AT(alert, finding_sentence) },
	{ "query", FIELD_TEXT, TEXT_AT(alert, query) },
	{ "unseen", FIELD_TEXT, TEXT_AT(alert, unseen), .open = true },
	{ "unverified", FIELD_FLAG, AT(alert, unverified) },
	{ "muted", FIELD_FLAG, AT(alert, muted) },
	{ "muted_by", FIELD_TEXT, TEXT_AT(alert, muted_by), .open = true },
	{ "leader", FIELD_ID, AT(alert, leader) },
	{ "members", FIELD_COUNT, AT(alert, members) },
	{ "news", FIELD_NAME, AT(alert, news), NAMES(alert_news_names) },
	{ "summary", FIELD_TEXT, TEXT_AT(alert, summary) },
};

const struct field_table record_alert_table = TABLE(alert_fields);
