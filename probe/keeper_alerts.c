#include "probe/keeper_alerts.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "schema/query.h"
#include "schema/store_baselines.h"

#define REMEMBER_EVERY (300 * NS_PER_SEC)
enum { WAITING_MOST = 10000, RESTORED_MOST = 20000 };

static void accept_alert(void *self, const struct record *record)
{
	struct keeper_alerts *a = self;
	if (a->count == a->room && a->room < WAITING_MOST) {
		const size_t room = a->room ? 2 * a->room : 16;
		struct record *list = realloc(a->waiting, room * sizeof *list);
		if (list) {
			a->waiting = list;
			a->room = room;
		}
	}
	if (a->count == a->room) {
		a->lost++;
		return;
	}
	a->waiting[a->count++] = *record;
}

/* --- what goes on --------------------------------------------------------------------- */

static void restore_rows(struct keeper_alerts *a, struct keeper_notices *notices,
                         struct query *query, const struct filter *filter)
{
	const struct query_list list = { .kind = RECORD_ALERT,
		                         .filter = filter,
		                         .limit = RESTORED_MOST };
	struct rows rows;
	struct record record;
	enum status status = query_list(query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK) {
		rules_restore(a->rules, &record.alert,
		              a->by_records ? NSTIME_NONE : monitor_now());
		keeper_notices_restore(notices, &record.alert, monitor_now());
	}
	rows_end(&rows);
	if (status != ERR_NOT_FOUND)
		warnx("keeper: alerts that went on: %s", query_error(query));
}

void keeper_alerts_restore(struct keeper_alerts *a, struct keeper_notices *notices,
                           const char *path)
{
	struct query *query = NULL;
	struct db_error error;
	struct filter *filter = NULL;
	struct filter_error why;
	struct stat file;
	if (stat(path, &file) != 0)
		return;
	if (query_open(path, &query, &error) != OK)
		warnx("keeper: alerts that went on: %s", error.text);
	else if (filter_parse(TEXT("state in (pending, firing, clearing)"), RECORD_ALERT,
	                      &filter, &why) == OK)
		restore_rows(a, notices, query, filter);
	filter_free(filter);
	query_close(query);
}

enum status keeper_alerts_open(struct keeper_alerts *a,
                               const struct monitor_options *options)
{
	struct rules_settings settings;
	config_rules_settings(options->config, &settings);
	a->sink = (struct sink){ accept_alert, a };
	a->account_at = NSTIME_NONE;
	a->clock_error_ms = NAN;
	a->by_records = options->watch != NULL;
	a->config = options->config;
	keeper_past_begin(&a->past);
	enum status status = rules_new(&settings, &a->sink, &a->rules);
	if (status == OK)
		status = keeper_channels_init(&a->channels, options->config->trunks);
	return status;
}

void keeper_alerts_free(struct keeper_alerts *a)
{
	keeper_past_stop(&a->past);
	rules_free(a->rules);
	keeper_channels_free(&a->channels);
	config_free(a->own);
	free(a->list);
	free(a->said);
	free(a->waiting);
}

nstime keeper_alerts_now(const struct keeper_alerts *a, nstime now)
{
	return a->by_records ? NSTIME_NONE : now - RECORDS_ARE_IN;
}

/* --- what comes ----------------------------------------------------------------------- */

void keeper_alerts_greet(struct keeper_alerts *a, uint64_t durable)
{
	a->judged = durable;
	a->source_count = 0; /* this engine will say for itself */
	a->account_at = NSTIME_NONE;
	keeper_channels_forget(&a->channels);
}

void keeper_alerts_record(struct keeper_alerts *a, uint64_t number, bool over,
                          const struct record *record)
{
	if (record->kind == RECORD_LEG)
		keeper_channels_leg(&a->channels, &record->leg, over);
	if (number <= a->judged)
		return;
	a->judged = number;
	if (over)
		rules_record(a->rules, record);
}

void keeper_alerts_end(struct keeper_alerts *a)
{
	rules_finish(a->rules);
}

static uint64_t number_of(const json_t *object, const char *name)
{
	const json_int_t value = json_integer_value(json_object_get(object, name));
	return value > 0 ? (uint64_t)value : 0;
}

/* Of the members of an object. */
static uint64_t sum_of(json_t *object)
{
	uint64_t sum = 0;
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		const json_int_t number = json_integer_value(value);
		sum += number > 0 ? (uint64_t)number : 0;
	}
	return sum;
}

static void tell_interface(struct keeper_alerts *a, const char *name, uint64_t received,
                           uint64_t dropped, double seconds, nstime now)
{
	const uint64_t all = received + dropped;
	rules_fact(a->rules, TEXT("interface_packets_s"), text_from(name),
	           (double)all / seconds, now);
	if (all > 0)
		rules_fact(a->rules, TEXT("capture_drop_pct"), text_from(name),
		           100 * (double)dropped / (double)all, now);
}

/* Counters of a handle begin anew with it. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

void keeper_alerts_account(struct keeper_alerts *a,
                           const struct keeper_interface *interfaces, size_t count,
                           struct text account, nstime now)
{
	json_error_t error;
	json_t *root = json_loadb(account.at, account.len, 0, &error);
	const json_t *kernel = json_object_get(root, "kernel");
	const bool is_first = a->account_at == NSTIME_NONE || now <= a->account_at;
	for (size_t i = 0; i < json_array_size(kernel) && i < count; i++) {
		const json_t *counters = json_array_get(kernel, i);
		const uint64_t received = number_of(counters, "received");
		const uint64_t dropped = number_of(counters, "dropped");
		if (!is_first && !interfaces[i].given_up)
			tell_interface(a, interfaces[i].name,
			               grown(received, a->interfaces[i].received),
			               grown(dropped, a->interfaces[i].dropped),
			               ns_to_s(now - a->account_at), now - RECORDS_ARE_IN);
		a->interfaces[i].received = received;
		a->interfaces[i].dropped = dropped;
	}
	if (json_object_get(root, "records_not_kept"))
		rules_fact(a->rules, TEXT("records_not_kept"), TEXT("engine"),
		           (double)sum_of(json_object_get(root, "records_not_kept")),
		           keeper_alerts_now(a, now));
	a->account_at = now;
	json_decref(root);
}

/* --- sources -------------------------------------------------------------------------- */

void keeper_alerts_event(struct keeper_alerts *a, enum live_what what, const char *subject)
{
	const bool clock = what == LIVE_CLOCK_WRONG || what == LIVE_CLOCK_RIGHT;
	const enum live_what wrong = clock ? LIVE_CLOCK_WRONG : LIVE_ONE_SIDED;
	const bool is = what == wrong;
	size_t i = 0;
	if (!clock && !is && what != LIVE_TWO_SIDED)
		return;
	while (i < a->source_count && (a->sources[i].wrong != wrong ||
	                               strcmp(a->sources[i].subject, subject) != 0))
		i++;
	if (i == KEEPER_MARKS)
		return;
	if (i == a->source_count) {
		text_copy(a->sources[i].subject, sizeof a->sources[i].subject,
		          text_from(subject));
		a->source_count++;
	}
	a->sources[i].wrong = wrong;
	a->sources[i].is = is;
}

static void tell_sources(struct keeper_alerts *a, nstime at)
{
	if (at - a->marks_at < RULE_TICK)
		return;
	a->marks_at = at;
	for (size_t i = 0; i < a->source_count; i++)
		rules_fact(a->rules,
		           a->sources[i].wrong == LIVE_CLOCK_WRONG ? TEXT("clock_wrong")
		                                                   : TEXT("one_sided"),
		           text_from(a->sources[i].subject), a->sources[i].is, at);
	if (!isnan(a->clock_error_ms))
		rules_fact(a->rules, TEXT("clock_error_ms"), TEXT("this machine"),
		           a->clock_error_ms, at);
}

void keeper_alerts_disk(struct keeper_alerts *a, double free_pct, nstime now)
{
	if (!a->by_records)
		rules_fact(a->rules, TEXT("disk_free_pct"), TEXT("database"), free_pct,
		           now - RECORDS_ARE_IN);
}

void keeper_alerts_time(struct keeper_alerts *a, nstime now, double waited_s)
{
	if (a->by_records)
		return;
	rules_fact(a->rules, TEXT("store_delay_s"), TEXT("database"), waited_s,
	           now - RECORDS_ARE_IN);
	keeper_channels_tell(&a->channels, a->rules, now - RECORDS_ARE_IN);
	tell_sources(a, now - RECORDS_ARE_IN);
}

/* --- past weeks ----------------------------------------------------------------------- */

static enum alert_scope scope_by_name(const char *name)
{
	for (unsigned int i = 1; i < SCOPE_COUNT; i++)
		if (strcmp(alert_scope_names[i], name) == 0)
			return (enum alert_scope)i;
	return SCOPE_NONE;
}

static void recall_one(void *self, const struct stored_baseline *stored)
{
	struct keeper_alerts *a = self;
	struct rule_baseline baseline = {
		.scope = scope_by_name(stored->scope),
		.direction = stored->direction < KPI_DIRECTION_COUNT
		                     ? (enum kpi_direction)stored->direction
		                     : KPI_DIRECTION_NONE,
		.codec = *stored->codec ? codec_by_name(text_from(stored->codec), 0)
		                        : CODEC_UNKNOWN,
	};
	text_copy(baseline.rule, sizeof baseline.rule, text_from(stored->rule));
	text_copy(baseline.name, sizeof baseline.name, text_from(stored->name));
	memcpy(baseline.hours, stored->hours, sizeof baseline.hours);
	rules_recall(a->rules, &baseline);
}

enum status keeper_alerts_recall(struct keeper_alerts *a, struct store_live *live)
{
	return store_baselines(live, (size_t)RULE_WEEKS * WEEK_HOURS, recall_one, a);
}

void keeper_alerts_learn(struct keeper_alerts *a, const char *db)
{
	struct rules_settings settings;
	if (a->by_records || (!a->past.wanted && !a->past.rules))
		return;
	config_rules_settings(a->config, &settings);
	if (a->list)
		settings.rules = a->list;
	keeper_past_work(&a->past, &settings, db, a->rules);
}

struct remembering {
	struct store_live *live;
	enum status status;
};

static bool remember_one(void *self, const struct rule_baseline *baseline)
{
	struct remembering *r = self;
	const struct stored_baseline stored = {
		.rule = baseline->rule,
		.scope = alert_scope_names[baseline->scope],
		.name = baseline->name,
		.codec =
		        baseline->codec == CODEC_UNKNOWN ? "" : codec_name(baseline->codec),
		.direction = baseline->direction,
		.hours = &baseline->hours[0][0],
		.hour_count = (size_t)RULE_WEEKS * WEEK_HOURS,
	};
	r->status = store_baseline_put(r->live, &stored);
	return r->status == OK;
}

enum status keeper_alerts_remember(struct keeper_alerts *a, struct store_live *live,
                                   nstime now)
{
	struct remembering r = { live, OK };
	if (now - a->remembered_at < REMEMBER_EVERY)
		return OK;
	a->remembered_at = now;
	rules_baselines(a->rules, remember_one, &r);
	if (r.status == OK)
		r.status = store_live_commit(live);
	if (r.status == OK)
		rules_baselines_kept(a->rules);
	return r.status;
}

/* --- into the database ---------------------------------------------------------------- */

enum status keeper_alerts_add(struct keeper_alerts *a, struct store_live *live,
                              struct keeper_notices *notices)
{
	enum status status = OK;
	while (status == OK && a->added < a->count) {
		status = store_live_alert(live, &a->waiting[a->added]);
		if (status == OK)
			status = keeper_notices_add(
			        notices, live, &a->waiting[a->added].alert, monitor_now());
		a->added += status == OK;
	}
	return status;
}

void keeper_alerts_kept(struct keeper_alerts *a)
{
	a->count -= a->added;
	if (a->count)
		memmove(a->waiting, a->waiting + a->added, a->count * sizeof *a->waiting);
	a->added = 0;
}

void keeper_alerts_undone(struct keeper_alerts *a)
{
	a->added = 0;
}
