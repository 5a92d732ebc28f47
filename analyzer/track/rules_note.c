/* rules_note.c - what a record adds to which scopes. */
#include "analyzer/track/rules_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Facts come at least once a minute. */
#define FACT_KEEPS (180 * NS_PER_SEC)
enum { PLACES = 8, LEVEL_MOST_S = 86400, SLOW_MS = 3000 };
#define EXAMPLE_MOS 3.6
#define EXAMPLE_LOSS_PCT 1
#define EXAMPLE_JITTER_MS 30

/* Where something counts. */
struct places {
	struct scope *scopes[PLACES];
	size_t count;
};

static void add_place(struct rules *rules, struct places *places,
                      const struct scope_key *key)
{
	struct scope *scope = places->count < PLACES ? scope_find(rules, key) : NULL;
	if (scope)
		places->scopes[places->count++] = scope;
}

static bool is_wanted(const struct rules *rules, enum alert_scope scope)
{
	return class_of(rules, scope, false)->rule_count > 0;
}

static void add_trunk(struct rules *rules, struct places *places, const char *trunk,
                      enum kpi_direction direction)
{
	struct scope_key key = { .scope = SCOPE_TRUNK };
	text_copy(key.name, sizeof key.name, text_from(trunk));
	add_place(rules, places, &key);
	key.scope = SCOPE_DIRECTION;
	key.direction = direction;
	if (direction)
		add_place(rules, places, &key);
	if (!is_wanted(rules, SCOPE_SITE))
		return;
	const struct trunk *known =
	        trunks_by_name(rules->settings.trunks, text_from(trunk));
	struct scope_key site = { .scope = SCOPE_SITE };
	text_copy(site.name, sizeof site.name, text_from(known ? known->site : ""));
	if (site.name[0])
		add_place(rules, places, &site);
}

/* Those without a trunk, one by one; not the rest of them together. */
static void add_peer(struct rules *rules, struct places *places, const char *peer)
{
	struct scope_key key = { .scope = SCOPE_PEER };
	if (is_wanted(rules, SCOPE_PEER) && rules->peers_counted &&
	    address_parse(text_from(peer), &key.peer.address) == OK)
		add_place(rules, places, &key);
}

static void add_codec(struct rules *rules, struct places *places, enum codec codec)
{
	const struct scope_key key = { .scope = SCOPE_CODEC, .codec = codec };
	if (codec != CODEC_UNKNOWN)
		add_place(rules, places, &key);
}

static void add_all(struct rules *rules, struct places *places)
{
	add_place(rules, places, &(struct scope_key){ .scope = SCOPE_ALL });
}

/* Of a leg or a stream: the probe, both ends, the codec. */
static void places_of_ends(struct rules *rules, const char *src, const char *dst,
                           enum codec codec, struct places *places)
{
	places->count = 0;
	add_all(rules, places);
	add_codec(rules, places, codec);
	if (*src)
		add_trunk(rules, places, src, KPI_INBOUND);
	if (*dst)
		add_trunk(rules, places, dst, KPI_OUTBOUND);
	if (!*src && !*dst)
		add_trunk(rules, places, "", KPI_DIRECTION_NONE);
}

static void count_at(struct rules *rules, const struct places *places, enum rule_count what,
                     uint64_t n)
{
	for (size_t i = 0; i < places->count && n > 0; i++)
		scope_count(rules, places->scopes[i], what, n);
}

static void show_at(const struct places *places, enum rule_family family, uint64_t call)
{
	for (size_t i = 0; i < places->count && call; i++)
		scope_example(places->scopes[i], family, call);
}

/* --- KPI buckets ---------------------------------------------------------------------- */

static void places_of_bucket(struct rules *rules, const struct kpi_key *bucket,
                             struct places *places)
{
	struct scope_key key = { .scope = SCOPE_ALL, .of_calls = true };
	places->count = 0;
	if (bucket->view == KPI_VIEW_LEG) {
		add_all(rules, places);
		add_codec(rules, places, bucket->codec);
	} else if (bucket->view == KPI_VIEW_TRUNK) {
		add_trunk(rules, places, bucket->trunk, bucket->direction);
	} else if (bucket->view == KPI_VIEW_PEER) {
		add_peer(rules, places, bucket->peer);
	} else if (bucket->view == KPI_VIEW_CALL) {
		add_place(rules, places, &key);
		key.scope = SCOPE_TRUNK;
		text_copy(key.name, sizeof key.name, text_from(bucket->trunk));
		add_place(rules, places, &key);
	}
}

static void note_kpi(struct rules *rules, const struct record *record)
{
	const struct kpi_record *kpi = &record->kpi;
	const uint64_t status = kpi->key.status;
	const uint64_t seizures = kpi->counts[KPI_SEIZURES];
	struct places places;
	places_of_bucket(rules, &kpi->key, &places);
	kpi_bins_clear(&rules->scratch);
	if (!rules->learning && kpi_bins_decode(record->tail, &rules->scratch) == ERR_NOMEM)
		rules->counters.no_memory++;
	for (size_t i = 0; i < places.count; i++)
		scope_add(rules, places.scopes[i], kpi->counts, &rules->scratch);
	if (status >= 500 && status < 600)
		count_at(rules, &places, RULE_COUNT_SERVER_ERRORS, seizures);
	if (status == 401 || status == 402 || status == 403 || status == 407)
		count_at(rules, &places, RULE_COUNT_FORBIDDEN, seizures);
	if (status == 404 || status == 410 || status == 484 || status == 604)
		count_at(rules, &places, RULE_COUNT_NOT_FOUND, seizures);
}

/* --- streams, legs, findings, registrations ------------------------------------------- */

/* Of the trunks at its ends, does one want a DSCP? */
static bool is_marked(const struct rules *rules, const struct stream_record *stream)
{
	const char *const ends[] = { stream->trunk_src, stream->trunk_dst };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		const struct trunk *trunk =
		        *ends[i]
		                ? trunks_by_name(rules->settings.trunks, text_from(ends[i]))
		                : NULL;
		if (trunk && trunk->dscp != TRUNK_DSCP_ANY)
			return true;
	}
	return false;
}

static void note_stream(struct rules *rules, const struct stream_record *stream)
{
	const bool scored = !(stream->flags & STREAM_SHORT) && !isnan(stream->mos_lq);
	struct places places;
	places_of_ends(rules, stream->trunk_src, stream->trunk_dst, stream->codec, &places);
	count_at(rules, &places, RULE_COUNT_SCORED, scored);
	count_at(rules, &places, RULE_COUNT_POOR, scored && stream->mos_lq < RULE_POOR_MOS);
	count_at(rules, &places, RULE_COUNT_MEDIA, stream->expected);
	if (stream->suspect_lost > 0)
		count_at(rules, &places, RULE_COUNT_SUSPECT,
		         (uint64_t)llround(stream->suspect_lost));
	if (is_marked(rules, stream)) {
		count_at(rules, &places, RULE_COUNT_MARKED, 1);
		count_at(rules, &places, RULE_COUNT_MISMARKED,
		         (stream->trunk_violations & STREAM_VIOLATES_DSCP) != 0);
	}
	if (scored && stream->mos_lq < EXAMPLE_MOS)
		show_at(&places, FAMILY_QUALITY, stream->call);
	if (stream->loss_pct > EXAMPLE_LOSS_PCT ||
	    stream->jitter_mean_ms > EXAMPLE_JITTER_MS)
		show_at(&places, FAMILY_LOSS, stream->call);
}

static void note_leg(struct rules *rules, const struct leg_record *leg)
{
	const bool failed = leg->state == LEG_FAILED || leg->state == LEG_NO_RESPONSE;
	struct places places;
	places_of_ends(rules, leg->trunk_src, leg->trunk_dst, CODEC_UNKNOWN, &places);
	if (leg->emergency && leg->state != LEG_INCOMPLETE) {
		count_at(rules, &places, RULE_COUNT_EMERGENCY, 1);
		count_at(rules, &places, RULE_COUNT_EMERGENCY_FAILED, failed);
		if (failed)
			show_at(&places, FAMILY_EMERGENCY, leg->call);
	}
	if (failed)
		show_at(&places, FAMILY_FAILED, leg->call);
	if (leg->answered == NSTIME_NONE && leg->state != LEG_INCOMPLETE)
		show_at(&places, FAMILY_UNANSWERED, leg->call);
	if (leg->one_way)
		show_at(&places, FAMILY_ONE_WAY, leg->call);
	if (leg->pdd_ms > SLOW_MS)
		show_at(&places, FAMILY_SLOW, leg->call);
	if (leg->answered != NSTIME_NONE && leg->duration_s < KPI_SHORT_S)
		show_at(&places, FAMILY_SHORT, leg->call);
}

static void note_finding(struct rules *rules, const struct finding_record *finding)
{
	struct kept_finding *kept = &rules->findings[rules->finding_next];
	if (finding->rank > 1)
		return;
	kept->call = finding->call;
	kept->code = finding->code;
	text_copy(kept->sentence, sizeof kept->sentence, text_from(finding->sentence));
	rules->finding_next = (rules->finding_next + 1) % RULE_FINDINGS;
}

/* At the registrar's trunk, and at that of the phone: a site's phones are lost together. */
static void count_registration(struct rules *rules, const struct endpoint *registrar,
                               const struct endpoint *phone, enum rule_count what)
{
	const struct trunks *trunks = rules->settings.trunks;
	const struct trunk *at = trunk_find(trunks, &registrar->address, registrar->port);
	const struct trunk *of = trunk_find(trunks, &phone->address, phone->port);
	struct places places = { .count = 0 };
	add_all(rules, &places);
	add_trunk(rules, &places, at ? at->name : "", KPI_DIRECTION_NONE);
	if (of && of != at)
		add_trunk(rules, &places, of->name, KPI_DIRECTION_NONE);
	count_at(rules, &places, what, 1);
}

/* --- levels: what is there or not ----------------------------------------------------- */

struct level {
	bool on;
	double value;
	nstime until;
	const char *subject; /* NULL = as it was */
	const char *trunk;
	const struct id_list *examples; /* NULL = none */
};

static void set_level(struct rules *rules, struct active *active, const struct level *level)
{
	if (level->on && !active->on)
		active->on_at = rules->now;
	active->on = level->on;
	active->level = level->value;
	active->until = level->until;
	if (level->subject)
		text_copy(active->subject, sizeof active->subject,
		          text_from(level->subject));
	text_copy(active->trunk, sizeof active->trunk, text_from(level->trunk));
	for (size_t i = 0; level->examples && i < level->examples->count; i++)
		if (i < RULE_EXAMPLES) {
			active->examples.calls[i] = level->examples->ids[i];
			active->examples.count = (uint8_t)(i + 1);
		}
}

/* Of the rules about that metric, the state of the thing that has the key. */
static void note_level(struct rules *rules, const struct scope_key *key,
                       const struct rule_metric *metric, const struct level *level)
{
	const struct rule_class *class = class_of(rules, key->scope, false);
	for (size_t i = 0; i < class->rule_count; i++) {
		const struct rule_metric *wanted = &rule_at(rules, class->rules[i])->metric;
		if (wanted->kind != metric->kind || wanted->event != metric->event ||
		    wanted->observation != metric->observation ||
		    (metric->kind == METRIC_FACT && !is_same(wanted->name, metric->name)))
			continue;
		struct scope *scope = scope_find(rules, key);
		if (!scope || (!level->on && !scope->states[i].active))
			continue;
		struct active *active = active_of(rules, scope, i);
		if (!active)
			continue;
		set_level(rules, active, level);
		if (wanted->event == EVENT_FAILOVER) /* it has no end: it did happen */
			active->until =
			        rules->now + rule_at(rules, class->rules[i])->window;
	}
}

static void note_event(struct rules *rules, const struct event_record *event)
{
	const struct scope_key key = { .scope = SCOPE_PEER, .peer = event->peer };
	static const enum event_type levels[] = { EVENT_PEER_DOWN, EVENT_PEER_REFUSING };
	const char *cause = event_cause_names[event->cause];
	struct level level = {
		.value = (double)event->failed,
		.until = rules->now + LEVEL_MOST_S * NS_PER_SEC,
		.trunk = event->trunk,
	};
	struct rule_metric metric = { .kind = METRIC_EVENT, .event = event->type };
	if (event->type == EVENT_FAILOVER) {
		level.on = true;
		level.subject = cause;
		level.value = (double)event->switched;
		note_level(rules, &key, &metric, &level);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		metric.event = levels[i];
		level.on = event->type == levels[i];
		level.subject = level.on ? cause : NULL; /* not what ends it */
		note_level(rules, &key, &metric, &level);
	}
}

static void note_observation(struct rules *rules, const struct observation_record *seen)
{
	const struct scope_key key = { .scope = SCOPE_SUBJECT, .about = seen->id };
	const struct rule_metric metric = { .kind = METRIC_OBSERVATION,
		                            .observation = seen->type };
	char src[ADDRESS_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE], subject[RULE_SUBJECT];
	snprintf(subject, sizeof subject, "from %s%s to %s",
	         address_format(&seen->src.address, src),
	         seen->sources > 1 ? " and others" : "", endpoint_format(&seen->dst, dst));
	const struct level level = {
		.on = !seen->over,
		.value = (double)seen->events,
		.until = rules->now + LEVEL_MOST_S * NS_PER_SEC,
		.subject = subject,
		.trunk = "",
		.examples = &seen->examples,
	};
	note_level(rules, &key, &metric, &level);
}

void rules_fact(struct rules *rules, struct text name, struct text subject, double value,
                nstime at)
{
	struct rule_metric metric;
	struct id_builder about = rules->id_start;
	char words[RULE_SUBJECT];
	if (rule_metric_find(name, &metric) != OK || metric.kind != METRIC_FACT)
		return;
	if (at == NSTIME_NONE && rules->now == NSTIME_NONE)
		return;
	if (at != NSTIME_NONE)
		rules_advance(rules, at);
	id_add_text(&about, name);
	id_add_text(&about, subject);
	text_copy(words, sizeof words, subject);
	const struct trunk *trunk = trunks_by_name(rules->settings.trunks, subject);
	const struct scope_key key = { .scope = SCOPE_SUBJECT, .about = id_end(&about) };
	const struct level level = {
		.on = true,
		.value = value,
		.until = rules->now + FACT_KEEPS,
		.subject = words,
		.trunk = trunk ? trunk->name : "",
	};
	note_level(rules, &key, &metric, &level);
}

/* --- all kinds ------------------------------------------------------------------------ */

void rules_note(struct rules *rules, const struct record *record)
{
	const struct registration_record *registration = &record->registration;
	switch (record->kind) {
	case RECORD_KPI:
		note_kpi(rules, record);
		break;
	case RECORD_STREAM:
		note_stream(rules, &record->stream);
		break;
	case RECORD_LEG:
		note_leg(rules, &record->leg);
		break;
	case RECORD_FINDING:
		note_finding(rules, &record->finding);
		break;
	case RECORD_REGISTRATION:
		if (registration->status >= 200 && registration->status < 300 &&
		    registration->purpose != REGISTER_REMOVAL)
			count_registration(rules, &registration->registrar,
			                   &registration->src, RULE_COUNT_RENEWED);
		break;
	case RECORD_BINDING:
		if (record->binding.state == BINDING_EXPIRED)
			count_registration(rules, &record->binding.registrar,
			                   &record->binding.src, RULE_COUNT_EXPIRED);
		break;
	case RECORD_EVENT:
		note_event(rules, &record->event);
		break;
	case RECORD_OBSERVATION:
		note_observation(rules, &record->observation);
		break;
	default:
		break;
	}
}
