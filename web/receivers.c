#include "web/receivers.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "schema/filter_time.h"

/* Owned; NULL: nobody knows. */
static json_t *receivers_of(const struct site *site)
{
	struct buffer snapshot = { 0 };
	json_t *list = NULL;
	if (site->live && live_add_snapshot(site->live, false, &snapshot) &&
	    !snapshot.failed) {
		json_t *root = json_loadb(snapshot.at, snapshot.len, 0, NULL);
		list = json_incref(json_object_get(root, "receivers"));
		json_decref(root);
	}
	buffer_free(&snapshot);
	return list;
}

void receivers_add(const struct site *site, struct buffer *to)
{
	json_t *list = receivers_of(site);
	char *text = list ? json_dumps(list, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	buffer_add_string(to, text ? text : "null");
	free(text);
	json_decref(list);
}

/* --- for Prometheus ------------------------------------------------------------------- */

static const char *word(const json_t *one, const char *name)
{
	const char *text = json_string_value(json_object_get(one, name));
	return text ? text : "";
}

static void add_sample(struct metrics *m, const char *family, const json_t *one,
                       double value)
{
	buffer_format(m->to, "%s{receiver=\"", family);
	for (const char *name = word(one, "name"); *name; name++) {
		if (*name == '"' || *name == '\\')
			buffer_add_char(m->to, '\\');
		buffer_add_char(m->to, *name);
	}
	buffer_add_string(m->to, "\"}");
	metrics_value(m, value);
}

static void add_counts(struct metrics *m, json_t *list, const char *family,
                       const char *member, const char *help)
{
	size_t i;
	json_t *one;
	metrics_family(m, family, "gauge", help);
	json_array_foreach(list, i, one)
	{
		const json_t *count = json_object_get(one, member);
		if (json_is_integer(count))
			add_sample(m, family, one, (double)json_integer_value(count));
	}
}

/* Good until it is known to be bad: one to which nothing went yet is no alarm. */
static void add_failing(struct metrics *m, json_t *list)
{
	static const char family[] = "earshot_alert_receiver_failing";
	size_t i;
	json_t *one;
	metrics_family(m, family, "gauge",
	               "1: the latest attempt to reach the receiver failed.");
	json_array_foreach(list, i, one)
	        add_sample(m, family, one, strcmp(word(one, "state"), "failing") == 0);
}

static void add_taken(struct metrics *m, json_t *list)
{
	static const char family[] = "earshot_alert_receiver_taken_timestamp_seconds";
	size_t i;
	json_t *one;
	nstime at;
	metrics_family(m, family, "gauge", "When the receiver took an alert last.");
	json_array_foreach(list, i, one)
	{
		const char *taken = word(one, "last_taken");
		if (*taken && filter_time_absolute(text_from(taken), &at) == OK)
			add_sample(m, family, one, (double)at / (double)NS_PER_SEC);
	}
}

void metrics_receivers(struct metrics *m, const struct site *site)
{
	json_t *list = receivers_of(site);
	if (json_array_size(list) > 0) {
		add_counts(m, list, "earshot_alert_receiver_waiting_messages", "waiting",
		           "Alerts that the receiver has not taken yet.");
		add_counts(m, list, "earshot_alert_receiver_dead_messages", "dead",
		           "Alerts that were given up in the last 30 days.");
		add_failing(m, list);
		add_taken(m, list);
	}
	json_decref(list);
}
