/* config_table_alerts.c - the keys of what somebody has to be told, and who that is. */
#include "probe/config_rows.h"

const struct config_key config_alert_keys[] = {
	/* clang-format off */
	{ "security", CONFIG_SECTION,
	  .doc = "When something that repeats is worth an observation." },
#define SECURITY_ROW(member, key, value, highest, words)                                     \
	{ "security." #key, CONFIG_NUMBER, AT(settings.thresholds[THRESHOLD_##member]), AT_START, \
	  .least = (highest) > 100, .most = (highest), .doc = (words) },
	THRESHOLDS(SECURITY_ROW)
#undef SECURITY_ROW

	{ "alerts", CONFIG_SECTION,
	  .doc = "When somebody has to be told." },
	{ "alerts.no_defaults", CONFIG_FLAG, AT(alerts.no_defaults),
	  .doc = "Without the rules that are shipped, which docs/alerts.md lists." },
	{ "alerts.off", CONFIG_CUSTOM, LIST(rules_off), .example = "[scanner, sweep]",
	  .allowed = "names of shipped rules",
	  .doc = "Shipped rules that are not wanted." },
	{ "alerts.holidays", CONFIG_CUSTOM, LIST(holidays), .example = "[2026-12-25, 2026-12-26]",
	  .allowed = "days, at most 64",
	  .doc = "Days that are like Sundays: for business hours, and for what is usual." },
	{ "alerts.rules", CONFIG_OBJECTS, .begin = config_begin_rule, .end = config_end_rule,
	  .doc = "Rules, with the shipped ones at most 128. One that has the name of a shipped "
	         "rule changes of it what it says." },
	{ "alerts.rules[].name", CONFIG_TEXT, AT(draft.rule.name), .example = "night_asr",
	  .doc = "What alerts call it. Needed." },
	{ "alerts.rules[].metric", CONFIG_TEXT, AT(draft.rule.metric_name), .example = "asr",
	  .doc = "What it looks at: a figure that earshot explain kpi or docs/alerts.md lists. "
	         "Needed unless the rule is a shipped one." },
	{ "alerts.rules[].scope", CONFIG_NAME_OF, AT(draft.rule.scope), NAMES(alert_scope_names),
	  .example = "trunk",
	  .doc = "To what it is applied, each on its own." },
	{ "alerts.rules[].match", CONFIG_TEXT, AT(draft.rule.match), .example = "carrier-a",
	  .doc = "The one that it is for: name of a trunk, site or codec, address of a peer; without "
	         "it, each." },
	{ "alerts.rules[].condition", CONFIG_NAME_OF, AT(draft.rule.condition),
	  NAMES(alert_condition_names), .example = "below",
	  .doc = "Which values are bad. A deviation is from the same hour of the week in the past "
	         "five weeks; with fewer than three there is none." },
	{ "alerts.rules[].threshold", CONFIG_REAL, AT(draft.rule.threshold), .least = -1e15,
	  .most = 1e15, .example = "40",
	  .doc = "Beyond it a value is bad; of a deviation, in standard deviations." },
	{ "alerts.rules[].clear", CONFIG_REAL, AT(draft.rule.clear), .least = -1e15,
	  .most = 1e15, .example = "45",
	  .doc = "Behind it a value is good again; without it, behind the threshold." },
	{ "alerts.rules[].least_pct", CONFIG_REAL, AT(draft.rule.least_pct), .least = 0,
	  .most = 10000, .example = "0",
	  .doc = "Of a deviation: off by less, in percent of what is usual, is none." },
	{ "alerts.rules[].certainty", CONFIG_REAL, AT(draft.rule.certainty), .least = 0,
	  .most = 10, .example = "2",
	  .doc = "Of a share: by how many standard deviations it has to be beyond the threshold, "
	         "for chance does a lot to few calls; 0 takes it as it is." },
	{ "alerts.rules[].min_samples", CONFIG_NUMBER, AT(draft.rule.min_samples),
	  .most = 1e12, .example = "30",
	  .doc = "Of fewer calls, streams or packets nothing is said; of a deviation in numbers, "
	         "where fewer are usual." },
	{ "alerts.rules[].window_s", CONFIG_SECONDS, AT(draft.rule.window), .least = 10,
	  .most = 3600, .example = "900",
	  .doc = "Over how many seconds the value is taken." },
	{ "alerts.rules[].raise_after_s", CONFIG_SECONDS, AT(draft.rule.raise_after),
	  .most = 86400, .example = "0",
	  .doc = "For how many seconds it has to be bad." },
	{ "alerts.rules[].clear_after_s", CONFIG_SECONDS, AT(draft.rule.clear_after),
	  .most = 86400, .example = "300",
	  .doc = "For how many seconds it has to be good again." },
	{ "alerts.rules[].group", CONFIG_NAME_OF, AT(draft.rule.group), NAMES(rule_group_names),
	  .example = "all",
	  .doc = "Which alerts of the rule that begin within five minutes of each other are told "
	         "as one: those of a site (and of no site), all, or never any." },
	{ "alerts.rules[].severity", CONFIG_NAME_OF, AT(draft.rule.severity),
	  NAMES(alert_severity_names), .example = "major",
	  .doc = "How bad it is." },
	{ "alerts.rules[].schedule", CONFIG_NAME_OF, AT(draft.rule.schedule),
	  NAMES(rule_schedule_names), .example = "off_hours",
	  .doc = "When it is looked at: business hours are those of security.work_begins and "
	         "work_ends, Monday to Friday, holidays left out." },
	{ "alerts.rules[].muted_by", CONFIG_CUSTOM, LIST(rule_muters), .example = "[peer_down]",
	  .allowed = "names of rules, at most 4",
	  .doc = "Rules that explain it: while one of them fires for the same trunk, nobody is "
	         "told." },
	{ "alerts.rules[].enabled", CONFIG_FLAG, AT(draft.rule.enabled),
	  .doc = "Whether it is looked at." },
	{ "alerts.rules[].doc", CONFIG_TEXT, AT(draft.rule.doc),
	  .example = "Half of the calls at night are answered.",
	  .doc = "What it means, for those who are woken." },

	{ "alerts.enterprise", CONFIG_NUMBER, AT(notify.enterprise), .least = 1,
	  .most = 4294967295.0,
	  .doc = "Private enterprise number of the structured data in syslog messages. 32473 is "
	         "for documentation (RFC 5612): use your own." },
	{ "alerts.link", CONFIG_TEXT, AT(notify.link), .example = "https://probe.example/alerts/",
	  .doc = "What is put before the id of an alert to make a link of it." },
	{ "alerts.receivers", CONFIG_OBJECTS, .begin = config_begin_receiver,
	  .end = config_end_receiver,
	  .doc = "Who is told of alerts, at most 8. Alerts are kept until the receiver has them." },
	{ "alerts.receivers[].name", CONFIG_TEXT, AT(draft.receiver.name), .example = "noc",
	  .doc = "What to call it. Needed." },
	{ "alerts.receivers[].transport", CONFIG_NAME_OF, AT(draft.receiver.transport),
	  NAMES(receiver_transport_names), .example = "webhook",
	  .doc = "How it is told. local and udp are best effort; tcp (RFC 6587) and tls (RFC 5425) "
	         "count octets and send the last minute again on a new connection; relp "
	         "acknowledges each message; these speak syslog (RFC 5424). webhook and "
	         "alertmanager (its API v2) take JSON by HTTP. Needed." },
	{ "alerts.receivers[].address", CONFIG_TEXT, AT(draft.receiver.address),
	  .example = "https://hooks.example.net/earshot",
	  .doc = "Where: HOST:PORT, the path of a local socket, such as /dev/log, or of webhook "
	         "and alertmanager a URL; to alertmanager's, /api/v2/alerts is added where it has "
	         "no path. Needed." },
	{ "alerts.receivers[].least", CONFIG_NAME_OF, AT(draft.receiver.least),
	  NAMES(alert_severity_names), .example = "warning",
	  .doc = "It is told of alerts of this severity and above." },
	{ "alerts.receivers[].facility", CONFIG_NUMBER, AT(draft.receiver.facility),
	  .most = SYSLOG_FACILITIES - 1, .example = "16",
	  .doc = "Facility of the messages (RFC 5424 table 1); 3 is system daemons, 16 to 23 are "
	         "local use 0 to 7." },
	{ "alerts.receivers[].limit_per_minute", CONFIG_NUMBER,
	  AT(draft.receiver.limit_per_minute), .most = 6000, .example = "60",
	  .doc = "Of more alerts a minute one line says how many there were; 0: each is told. "
	         "Alerts of emergency calls are told always, and so is the end of an alert that was. "
	         "alertmanager gets all." },
	{ "alerts.receivers[].reminder_s", CONFIG_SECONDS, AT(draft.receiver.reminder),
	  .most = 604800, .example = "3600",
	  .doc = "What still fires is told again after so many seconds; 0: never. alertmanager "
	         "reminds by itself." },
	{ "alerts.receivers[].heartbeat_s", CONFIG_SECONDS, AT(draft.receiver.heartbeat),
	  .most = 86400, .example = "300",
	  .doc = "How often the probe says that it lives, with calls, packets and drops; 0: never. "
	         "Not of alertmanager." },
	{ "alerts.receivers[].records", CONFIG_NAME_OF, AT(draft.receiver.records),
	  NAMES(notify_records_names), .example = "none",
	  .doc = "By syslog: a line for each call that is over, or for each bad one: not connected, "
	         "one-way, or with a MOS below 3.6. Alerts go first; what finds no room is left out "
	         "and counted." },
	{ "alerts.receivers[].record_format", CONFIG_NAME_OF, AT(draft.receiver.format),
	  NAMES(notify_format_names), .example = "cef",
	  .doc = "How records are written: structured data, or as SIEMs read it." },
	{ "alerts.receivers[].record_masked", CONFIG_FLAG, AT(draft.receiver.masked),
	  .example = "true",
	  .doc = "People in records are pseudonyms, the same as on the pages." },
	{ "alerts.receivers[].give_up_after_s", CONFIG_SECONDS, AT(draft.receiver.give_up),
	  .least = 60, .most = 2592000, .example = "86400",
	  .doc = "What the receiver has not taken for so long is given up, which is an alert of its "
	         "own." },
	{ "alerts.receivers[].resend_s", CONFIG_SECONDS, AT(draft.receiver.resend),
	  .least = 1, .most = 240, .example = "60",
	  .doc = "How often alertmanager hears of what still fires: it takes for over what it has "
	         "not heard of for its resolve_timeout, 5 min, and has forgotten all when it starts." },
	{ "alerts.receivers[].secret", CONFIG_TEXT, AT(draft.receiver.secret),
	  .example = "/etc/earshot/webhook.secret",
	  .doc = "By http: file with a secret in its first line, which signs what is sent; "
	         "docs/alerts.md says how." },
	{ "alerts.receivers[].authorization", CONFIG_TEXT, AT(draft.receiver.authorization),
	  .example = "/etc/earshot/webhook.token",
	  .doc = "By http: file with the value of the header Authorization in its first line, "
	         "such as Bearer and a token." },
	{ "alerts.receivers[].ca", CONFIG_TEXT, AT(draft.receiver.ca),
	  .example = "/etc/earshot/noc-ca.pem",
	  .doc = "By tls and https: file of the CAs, PEM, one of which has to have signed the "
	         "receiver's certificate; without it those of the system. Read again at a reload, "
	         "as are certificate, key, secret and authorization." },
	{ "alerts.receivers[].server_name", CONFIG_TEXT, AT(draft.receiver.server_name),
	  .example = "logs.example.net",
	  .doc = "By tls and https: the name that the certificate has to be of; without it the "
	         "host of the address." },
	{ "alerts.receivers[].certificate", CONFIG_TEXT, AT(draft.receiver.certificate),
	  .example = "/etc/earshot/probe.pem",
	  .doc = "By tls and https: our own certificate and its chain, PEM, where the receiver "
	         "wants one." },
	{ "alerts.receivers[].key", CONFIG_TEXT, AT(draft.receiver.key),
	  .example = "/etc/earshot/probe.key",
	  .doc = "By tls and https: its key, PEM, for nobody else to read." },
	/* clang-format on */
};
const size_t config_alert_key_count = ARRAY_LEN(config_alert_keys);
