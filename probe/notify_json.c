#include "probe/notify_json.h"

#include <math.h>
#include <string.h>

#include "schema/field_text.h"
#include "web/display.h"
#include "web/record_json.h"

static void add_member(struct buffer *out, const char *name, const char *value)
{
	json_add_name(out, name);
	display_json(out, text_from(value));
}

/* Labels and annotations that are empty are none. */
static void add_word(struct buffer *out, const char *name, const char *value)
{
	if (value && *value)
		add_member(out, name, value);
}

static void add_link(const struct notify_settings *settings, const char *name,
                     uint64_t alert, struct buffer *out)
{
	char link[sizeof settings->link + ID_TEXT_SIZE];
	char id[ID_TEXT_SIZE];
	snprintf(link, sizeof link, "%s%s", settings->link, id_format(alert, id));
	if (settings->link[0])
		add_member(out, name, link);
}

void notify_json(const struct notify_settings *settings, const struct alert_record *alert,
                 bool reminder, struct buffer *out)
{
	const struct record record = { .kind = RECORD_ALERT,
		                       .at = alert->at,
		                       .alert = *alert };
	char id[ID_TEXT_SIZE];
	buffer_add_char(out, '{');
	json_add_members(out, &record);
	add_member(out, "sensor", settings->sensor);
	add_member(out, "delivery",
	           id_format(notify_delivery_id(settings->sensor, alert), id));
	if (reminder) {
		json_add_name(out, "reminder");
		buffer_add_string(out, "true");
	}
	add_link(settings, "link", alert->id, out);
	buffer_add_char(out, '}');
}

void notify_json_say(const struct notify_settings *settings,
                     const struct notify_saying *saying, struct buffer *out)
{
	char id[ID_TEXT_SIZE];
	buffer_add_char(out, '{');
	add_member(out, "kind", saying->kind);
	json_add_time(out, "at", saying->at);
	add_member(out, "sensor", settings->sensor);
	add_member(out, "delivery", id_format(saying->delivery, id));
	for (size_t i = 0; i < saying->count; i++) {
		json_add_count(out, saying->counts[i].name, saying->counts[i].value);
	}
	json_add_name(out, "summary");
	display_json(out, saying->text);
	buffer_add_char(out, '}');
}

void notify_json_test(const struct notify_settings *settings,
                      const struct receiver *receiver, nstime now, struct buffer *out)
{
	buffer_add_string(out, "{\"kind\":\"test\"");
	add_member(out, "sensor", settings->sensor);
	add_member(out, "receiver", receiver->name);
	json_add_time(out, "at", now);
	add_member(out, "summary", "a test message");
	buffer_add_char(out, '}');
}

static void add_labels(const struct notify_settings *settings,
                       const struct alert_record *alert, struct buffer *out)
{
	char peer[ENDPOINT_TEXT_SIZE] = "";
	if (alert->scope == SCOPE_PEER)
		endpoint_format(&alert->peer, peer);
	json_add_name(out, "labels");
	buffer_add_char(out, '{');
	add_member(out, "alertname", alert->rule);
	add_word(out, "severity", alert_severity_names[alert->severity]);
	add_word(out, "sensor", settings->sensor);
	add_word(out, "scope", alert_scope_names[alert->scope]);
	add_word(out, "subject", alert->subject);
	add_word(out, "site", alert->site);
	add_word(out, "trunk", alert->trunk);
	add_word(out, "peer", peer);
	add_word(out, "metric", alert->metric);
	buffer_add_char(out, '}');
}

static void add_figure(struct buffer *out, const char *name, double value)
{
	char text[32];
	snprintf(text, sizeof text, "%.15g", value);
	if (!isnan(value))
		add_member(out, name, text);
}

static void add_annotations(const struct alert_record *alert, struct buffer *out)
{
	char id[ID_TEXT_SIZE];
	json_add_name(out, "annotations");
	buffer_add_char(out, '{');
	add_member(out, "id", id_format(alert->id, id));
	add_word(out, "summary", alert->summary);
	add_word(out, "finding", alert->finding ? alert->finding_sentence : "");
	add_word(out, "unseen", alert->unseen);
	add_word(out, "unverified", alert->unverified ? "the capture loses packets" : "");
	add_word(out, "query", alert->query);
	add_figure(out, "value", alert->value);
	add_figure(out, "threshold", alert->threshold);
	if (alert->examples.count)
		add_member(out, "example", id_format(alert->examples.ids[0], id));
	buffer_add_char(out, '}');
}

void notify_alertmanager_add(const struct notify_settings *settings,
                             const struct alert_record *alert, struct buffer *out)
{
	buffer_add_string(out, out->len > 1 ? ",{" : "{");
	add_labels(settings, alert, out);
	add_annotations(alert, out);
	json_add_time(out, "startsAt", alert->raised);
	if (alert->state == ALERT_OK)
		json_add_time(out, "endsAt", alert->at);
	add_link(settings, "generatorURL", alert->id, out);
	buffer_add_char(out, '}');
}

void notify_alertmanager(const struct notify_settings *settings,
                         const struct alert_record *alert, struct buffer *out)
{
	buffer_add_char(out, '[');
	notify_alertmanager_add(settings, alert, out);
	buffer_add_char(out, ']');
}

void notify_alertmanager_test(const struct notify_settings *settings,
                              const struct receiver *receiver, nstime now,
                              struct buffer *out)
{
	struct alert_record alert = {
		.at = now,
		.raised = now - NS_PER_SEC,
		.state = ALERT_OK,
		.severity = receiver->least,
		.scope = SCOPE_ALL,
		.value = NAN,
		.threshold = NAN,
	};
	text_copy(alert.rule, sizeof alert.rule, TEXT("test"));
	text_copy(alert.summary, sizeof alert.summary, TEXT("a test message"));
	notify_alertmanager(settings, &alert, out);
}
