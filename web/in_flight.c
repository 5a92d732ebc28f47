#include "web/in_flight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/record_fields.h"
#include "web/record_json.h"

/* They are told of every 30 s at the latest. */
#define FORGOTTEN_AFTER (95 * NS_PER_SEC)

/* As pages colour them: R of 60, 70 and 80 on the narrowband scale. */
enum rating {
	RATING_NONE,
	RATING_BAD,
	RATING_POOR,
	RATING_FAIR,
	RATING_GOOD,
	RATING_COUNT
};
static const struct {
	const char *name;
	double from;
} ratings[RATING_COUNT] = {
	[RATING_NONE] = { "unscored", NAN }, [RATING_BAD] = { "bad", 0 },
	[RATING_POOR] = { "poor", 3.1 },     [RATING_FAIR] = { "fair", 3.6 },
	[RATING_GOOD] = { "good", 4.03 },
};

struct entry {
	uint64_t id, call;
	nstime at;
	double mos_lq; /* NAN: not scored */
	float loss_pct, jitter_mean_ms;
	enum band band;
	enum direction direction;
};

struct in_flight {
	struct hash_key key; /* random */
	struct map map;
	struct pool pool;
	nstime latest;
};

enum status in_flight_new(struct in_flight **out)
{
	struct in_flight *f = calloc(1, sizeof *f);
	if (!f)
		return ERR_NOMEM;
	if (getrandom(&f->key, sizeof f->key, 0) != (ssize_t)sizeof f->key ||
	    map_init(&f->map) != OK) {
		free(f);
		return ERR_NOMEM;
	}
	pool_init(&f->pool, sizeof(struct entry), IN_FLIGHT_STREAMS);
	*out = f;
	return OK;
}

void in_flight_free(struct in_flight *f)
{
	if (!f)
		return;
	map_free(&f->map);
	pool_free(&f->pool);
	free(f);
}

static uint64_t hash_of(const struct in_flight *f, uint64_t id)
{
	return hash_bytes(&f->key, &id, sizeof id);
}

static uint32_t find(const struct in_flight *f, uint64_t id)
{
	struct map_cursor cursor = map_cursor_of(hash_of(f, id));
	uint32_t number;
	while ((number = map_next(&f->map, &cursor)) != MAP_NONE)
		if (((const struct entry *)pool_at(&f->pool, number))->id == id)
			break;
	return number;
}

static void drop(struct in_flight *f, uint32_t number)
{
	const struct entry *entry = pool_at(&f->pool, number);
	map_remove(&f->map, hash_of(f, entry->id), number);
	pool_give(&f->pool, number);
}

/* NULL: there is no room. */
static struct entry *find_or_add(struct in_flight *f, uint64_t id)
{
	uint32_t number = find(f, id);
	void *added;
	if (number != MAP_NONE)
		return pool_at(&f->pool, number);
	if (pool_take(&f->pool, &added, &number) != OK)
		return NULL;
	if (map_insert(&f->map, hash_of(f, id), number) == OK)
		return added;
	pool_give(&f->pool, number);
	return NULL;
}

void in_flight_note(struct in_flight *f, const struct record *record, bool over)
{
	const struct stream_record *stream = &record->stream;
	if (record->kind != RECORD_STREAM)
		return;
	if (record->at > f->latest)
		f->latest = record->at;
	const uint32_t known = over ? find(f, stream->id) : MAP_NONE;
	if (known != MAP_NONE)
		drop(f, known);
	struct entry *entry = over ? NULL : find_or_add(f, stream->id);
	if (entry)
		*entry = (struct entry){ .id = stream->id,
			                 .call = stream->call,
			                 .at = record->at,
			                 .mos_lq = stream->mos_lq,
			                 .loss_pct = (float)stream->loss_pct,
			                 .jitter_mean_ms = (float)stream->jitter_mean_ms,
			                 .band = stream->band,
			                 .direction = stream->direction };
}

void in_flight_clear(struct in_flight *f)
{
	for (uint32_t number = f->pool.reach; number-- > 0;)
		if (pool_live(&f->pool, number))
			drop(f, number);
	f->latest = 0;
}

/* --- what is told --------------------------------------------------------------------- */

struct outline {
	size_t count[RATING_COUNT];
	const struct entry *worst[IN_FLIGHT_WORST]; /* the lowest first */
	size_t worst_count;
};

static enum rating rating_of(double mos_lq)
{
	enum rating rating = RATING_GOOD;
	if (isnan(mos_lq))
		return RATING_NONE;
	while (rating > RATING_BAD && mos_lq < ratings[rating].from)
		rating--;
	return rating;
}

static bool is_worse(const struct entry *a, const struct entry *b)
{
	return a->mos_lq < b->mos_lq || (a->mos_lq == b->mos_lq && a->id < b->id);
}

static void add_entry(struct outline *o, const struct entry *entry)
{
	const enum rating rating = rating_of(entry->mos_lq);
	o->count[rating]++;
	if (rating == RATING_NONE)
		return;
	size_t at = o->worst_count;
	while (at > 0 && is_worse(entry, o->worst[at - 1]))
		at--;
	if (at == IN_FLIGHT_WORST)
		return;
	o->worst_count += o->worst_count < IN_FLIGHT_WORST;
	memmove(&o->worst[at + 1], &o->worst[at],
	        (o->worst_count - 1 - at) * sizeof *o->worst);
	o->worst[at] = entry;
}

static struct outline outline_of(struct in_flight *f)
{
	struct outline o = { .worst_count = 0 };
	for (uint32_t number = 0; number < f->pool.reach; number++) {
		const struct entry *entry = pool_live(&f->pool, number);
		if (entry && f->latest - entry->at > FORGOTTEN_AFTER)
			drop(f, number);
		else if (entry)
			add_entry(&o, entry);
	}
	return o;
}

static void add_name(struct buffer *to, const char *member, const char *name)
{
	json_add_name(to, member);
	buffer_format(to, name ? "\"%s\"" : "null", name);
}

static void add_worst(struct buffer *to, const struct entry *entry)
{
	buffer_format(to,
	              "{\"stream\":\"%016llx\",\"call\":", (unsigned long long)entry->id);
	buffer_format(to, entry->call ? "\"%016llx\"" : "null",
	              (unsigned long long)entry->call);
	add_name(to, "direction", direction_names[entry->direction]);
	json_add_time(to, "at", entry->at);
	json_add_real(to, "mos_lq", entry->mos_lq);
	add_name(to, "band", band_names[entry->band]);
	json_add_real(to, "loss_pct", (double)entry->loss_pct);
	json_add_real(to, "jitter_mean_ms", (double)entry->jitter_mean_ms);
	buffer_add_char(to, '}');
}

void in_flight_add(struct in_flight *f, struct buffer *to)
{
	const struct outline o = outline_of(f);
	buffer_format(to, "{\"streams\":%u", f->pool.live);
	for (size_t i = RATING_COUNT; i-- > 0;)
		buffer_format(to, ",\"%s\":%zu", ratings[i].name, o.count[i]);
	buffer_add_string(to, ",\"worst\":[");
	for (size_t i = 0; i < o.worst_count; i++) {
		buffer_add_string(to, i ? "," : "");
		add_worst(to, o.worst[i]);
	}
	buffer_add_string(to, "]}");
}
