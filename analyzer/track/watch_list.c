#include "analyzer/track/watch_list.h"

#include <stdlib.h>
#include <string.h>

enum {
	EVICTION_SEARCH = 32,
	CHAIN_SEARCH = 64,
	TOLD_AT_ONCE = 65536,
	GROWTH = 10,
	FADES_IN_MIN = 64, /* what usually succeeds: by 1/64 of it a minute */
};
#define MINUTE (60 * NS_PER_SEC)
#define HOUR (60 * MINUTE)

enum many { MANY_TARGETS, MANY_SOURCES };
enum { ANY = THRESHOLD_COUNT }; /* no bound */

/* clang-format off */
static const struct rule {
	enum observation_type type;
	nstime window;
	nstime quiet;              /* after which it is over */
	unsigned int events;       /* enum threshold: events at least, */
	unsigned int row;          /* or a row at least; ANY: no rows are looked for */
	unsigned int distinct;     /* and so many different others */
	unsigned int share;        /* and so many percent */
	enum many many;
	enum watch_rule usual;     /* keyed by source: what usually goes well counts */
} rules[RULE_COUNT] = {
	[RULE_GUESS] = { OBSERVATION_BRUTE_FORCE, 10 * MINUTE, 10 * MINUTE,
		THRESHOLD_GUESSES, ANY, ANY, THRESHOLD_GUESS_SHARE, MANY_TARGETS, RULE_SUCCESSES },
	[RULE_GUESS_ACCOUNT] = { OBSERVATION_BRUTE_FORCE, 10 * MINUTE, 10 * MINUTE,
		THRESHOLD_GUESSES, ANY, THRESHOLD_GUESS_SOURCES, THRESHOLD_GUESS_SHARE,
		MANY_SOURCES, RULE_NONE },
	[RULE_HIJACK] = { OBSERVATION_HIJACK, HOUR, HOUR, ANY, ANY, ANY, ANY, MANY_SOURCES,
		RULE_NONE },
	[RULE_SCANNER] = { OBSERVATION_SCANNER, HOUR, 10 * MINUTE, THRESHOLD_SCANNER, ANY, ANY,
		ANY, MANY_TARGETS, RULE_NONE },
	[RULE_USERS] = { OBSERVATION_EXTENSION_SCAN, MINUTE, 10 * MINUTE, ANY,
		THRESHOLD_USERS_ROW, THRESHOLD_USERS, THRESHOLD_USERS_SHARE, MANY_TARGETS, RULE_SUCCESSES },
	[RULE_ADDRESSES] = { OBSERVATION_SWEEP, MINUTE, 10 * MINUTE, ANY, ANY,
		THRESHOLD_ADDRESSES, THRESHOLD_ADDRESSES_SHARE, MANY_TARGETS, RULE_ANSWERS },
	[RULE_INVITES] = { OBSERVATION_INVITE_FLOOD, MINUTE, 5 * MINUTE, THRESHOLD_FLOOD, ANY,
		ANY, THRESHOLD_FLOOD_SHARE, MANY_TARGETS, RULE_SUCCESSES },
	[RULE_REGISTERS] = { OBSERVATION_REGISTER_FLOOD, MINUTE, 5 * MINUTE, THRESHOLD_FLOOD,
		ANY, ANY, THRESHOLD_FLOOD_SHARE, MANY_TARGETS, RULE_SUCCESSES },
	[RULE_MALFORMED] = { OBSERVATION_MALFORMED_FLOOD, MINUTE, 5 * MINUTE,
		THRESHOLD_MALFORMED, ANY, ANY, THRESHOLD_MALFORMED_SHARE, MANY_TARGETS, RULE_NONE },
	[RULE_TOLL] = { OBSERVATION_TOLL_FRAUD, 10 * MINUTE, 30 * MINUTE, THRESHOLD_TOLL_CALLS,
		THRESHOLD_TOLL_ROW, ANY, THRESHOLD_TOLL_SHARE, MANY_TARGETS, RULE_NONE },
	[RULE_TOLL_OFF_HOURS] = { OBSERVATION_TOLL_OFF_HOURS, 10 * MINUTE, 30 * MINUTE,
		THRESHOLD_TOLL_OFF_HOURS, ANY, ANY, THRESHOLD_TOLL_SHARE, MANY_TARGETS, RULE_NONE },
	[RULE_TOLL_LONG] = { OBSERVATION_TOLL_LONG, 24 * HOUR, 24 * HOUR,
		THRESHOLD_TOLL_LONG_CALLS, ANY, ANY, THRESHOLD_TOLL_SHARE, MANY_TARGETS, RULE_NONE },
	[RULE_WANGIRI] = { OBSERVATION_WANGIRI, 10 * MINUTE, 30 * MINUTE, THRESHOLD_WANGIRI_CALLS,
		ANY, THRESHOLD_WANGIRI_USERS, THRESHOLD_WANGIRI_SHARE, MANY_TARGETS, RULE_NONE },
	[RULE_FOREIGN_RTP] = { OBSERVATION_FOREIGN_RTP, HOUR, 10 * MINUTE, ANY, ANY, ANY, ANY,
		MANY_TARGETS, RULE_NONE },
	[RULE_SRTP_UNUSED] = { OBSERVATION_SRTP_UNUSED, HOUR, HOUR, ANY, ANY, ANY, ANY,
		MANY_TARGETS, RULE_NONE },
	[RULE_SRTP_DOWNGRADE] = { OBSERVATION_SRTP_DOWNGRADE, HOUR, HOUR, ANY, ANY, ANY, ANY,
		MANY_TARGETS, RULE_NONE },
	[RULE_PLAIN_SIP] = { OBSERVATION_PLAIN_SIP, HOUR, HOUR, ANY, ANY, ANY, ANY,
		MANY_TARGETS, RULE_NONE },
};
/* clang-format on */

enum status watchlist_init(struct watchlist *s, struct context *context)
{
	s->context = context;
	pool_init(&s->pool, sizeof(struct watched),
	          (uint32_t)context->settings.limits.watched);
	pool_init(&s->told, sizeof(struct observation_record), TOLD_AT_ONCE);
	return map_init(&s->map);
}

static struct watched *watched_at(const struct watchlist *s, uint32_t number)
{
	return pool_at(&s->pool, number);
}

static void give_back(struct watchlist *s, uint32_t number)
{
	struct watched *watched = watched_at(s, number);
	deadline_clear(&s->context->deadlines, &watched->deadline);
	map_remove(&s->map, watched->hash, number);
	free(watched->others_met);
	pool_give(&s->pool, number);
}

void watchlist_free(struct watchlist *s)
{
	for (uint32_t number = 0; number < s->pool.reach; number++)
		if (pool_live(&s->pool, number))
			free(watched_at(s, number)->others_met);
	pool_free(&s->pool);
	pool_free(&s->told);
	map_free(&s->map);
}

/* --- telling ------------------------------------------------------------------------- */

static void describe(const struct watched *watched, struct observation_record *out)
{
	const struct rule *rule = &rules[watched->rule];
	const uint64_t met = watched->others_met ? distinct_count(watched->others_met) : 1;
	*out = (struct observation_record){
		.id = watched->id,
		.type = rule->type,
		.first = watched->first,
		.last = watched->last,
		.detected = watched->detected,
		.src = watched->src,
		.dst = watched->dst,
		.sources = rule->many == MANY_SOURCES ? met : 1,
		.targets = rule->many == MANY_TARGETS ? met : 1,
		.events = watched->events,
		.others = watched->others,
		.peak_per_min = watched->peak,
		.examples.count = watched->example_count,
	};
	memcpy(out->examples.ids, watched->examples, sizeof watched->examples);
	memcpy(out->subject, watched->subject, sizeof watched->subject);
	memcpy(out->software, watched->software, sizeof watched->software);
}

static void tell(struct watchlist *s, struct watched *watched, bool over)
{
	void *object;
	uint32_t number;
	struct context *context = s->context;
	const enum status status = pool_take(&s->told, &object, &number);
	if (status != OK) {
		context_count_failure(context, status, COUNT_EVENTS_DROPPED);
		return;
	}
	struct observation_record *record = object;
	describe(watched, record);
	record->over = over;
	watched->tell_at = watched->events * GROWTH;
	const struct final final = { context->now, watched->id, number,
		                     RECORD_OBSERVATION };
	if (finals_add(&context->finals, final) == OK)
		return;
	count(context, COUNT_NO_MEMORY);
	pool_give(&s->told, number);
}

void watchlist_record(struct watchlist *s, uint32_t number, struct observation_record *out)
{
	*out = *(const struct observation_record *)pool_at(&s->told, number);
	pool_give(&s->told, number);
}

static void end(struct watchlist *s, uint32_t number)
{
	if (watched_at(s, number)->raised)
		tell(s, watched_at(s, number), true);
	give_back(s, number);
}

/* --- the table ----------------------------------------------------------------------- */

static uint64_t hash_of(const struct watchlist *s, enum watch_rule rule, uint64_t key)
{
	const uint64_t parts[2] = { rule, key };
	return hash_bytes(&s->context->settings.key, parts, sizeof parts);
}

static uint32_t find(const struct watchlist *s, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (unsigned int i = 0; i < CHAIN_SEARCH; i++) {
		const uint32_t number = map_next(&s->map, &cursor);
		if (number == MAP_NONE || watched_at(s, number)->hash == hash)
			return number;
	}
	return MAP_NONE;
}

/* What has been found goes last; else the one that was seen least lately. */
static bool is_less_worth(const struct watched *a, const struct watched *b)
{
	return a->raised == b->raised ? a->last < b->last : b->raised;
}

static void evict(struct watchlist *s)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && s->pool.reach; i++) {
		const uint32_t number = s->hand++ % s->pool.reach;
		const struct watched *watched = pool_live(&s->pool, number);
		if (watched &&
		    (victim == MAP_NONE || is_less_worth(watched, watched_at(s, victim))))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(s->context, COUNT_WATCHED_EVICTED);
	end(s, victim);
}

static uint32_t get(struct watchlist *s, enum watch_rule rule, uint64_t key)
{
	void *object;
	const uint64_t hash = hash_of(s, rule, key);
	uint32_t number = find(s, hash);
	if (number != MAP_NONE)
		return number;
	if (s->pool.live == s->pool.cap)
		evict(s);
	enum status status = pool_take(&s->pool, &object, &number);
	if (status == OK && (status = map_insert(&s->map, hash, number)) != OK)
		pool_give(&s->pool, number);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_WATCHED_EVICTED);
		return MAP_NONE;
	}
	struct watched *watched = object;
	watched->rule = rule;
	watched->hash = hash;
	watched->first = watched->last = NSTIME_NONE;
	watched->deadline.kind = DEADLINE_WATCHED;
	watched->deadline.number = number;
	return number;
}

bool watchlist_is_raised(const struct watchlist *s, enum watch_rule rule, uint64_t key)
{
	const uint32_t number = find(s, hash_of(s, rule, key));
	return number != MAP_NONE && watched_at(s, number)->raised;
}

/* --- what usually goes well ---------------------------------------------------------- */

static void fade(struct watched *standing, int64_t minutes)
{
	if (minutes >= (int64_t)FADES_IN_MIN * 16)
		standing->peak = 0;
	for (; minutes > 0 && standing->peak; minutes--)
		standing->peak -= (standing->peak + FADES_IN_MIN - 1) / FADES_IN_MIN;
}

void watchlist_note_good(struct watchlist *s, enum watch_rule rule, uint64_t source,
                         nstime at)
{
	const uint32_t number = get(s, rule, source);
	if (number == MAP_NONE)
		return;
	struct watched *standing = watched_at(s, number);
	const int64_t minute = at / MINUTE;
	if (minute > standing->minute) {
		fade(standing, minute - standing->minute);
		standing->minute = minute;
		standing->of_minute = 0;
	}
	standing->last = at;
	if (++standing->of_minute > standing->peak)
		standing->peak = standing->of_minute;
}

/* In as long as the window is. */
static uint64_t usually_good(const struct watchlist *s, const struct rule *rule,
                             uint64_t source)
{
	const uint32_t number =
	        rule->usual ? find(s, hash_of(s, rule->usual, source)) : MAP_NONE;
	if (number == MAP_NONE)
		return 0;
	return watched_at(s, number)->peak * (uint64_t)(rule->window / MINUTE);
}

/* --- counting ------------------------------------------------------------------------ */

static void begin_window(struct watched *watched)
{
	watched->first = watched->last = NSTIME_NONE;
	watched->events = watched->others = 0;
	watched->of_minute = watched->peak = 0;
	watched->row = watched->longest_row = 0;
	watched->number = 0;
	watched->example_count = 0;
	watched->subject[0] = watched->software[0] = '\0';
	free(watched->others_met);
	watched->others_met = NULL;
}

static void note_other(struct watchlist *s, struct watched *watched, uint64_t other)
{
	if (other == 0)
		return;
	if (!watched->others_met)
		watched->others_met = calloc(1, sizeof *watched->others_met);
	if (watched->others_met)
		distinct_add(watched->others_met, other);
	else
		count(s->context, COUNT_NO_MEMORY);
}

static void note_time(struct watched *watched, nstime at)
{
	const int64_t minute = at / MINUTE;
	/* What failed for want of an answer comes late: out of order. */
	if (watched->first == NSTIME_NONE || at < watched->first)
		watched->first = at;
	if (at > watched->last)
		watched->last = at;
	if (minute != watched->minute)
		watched->of_minute = 0;
	watched->minute = minute;
	if (++watched->of_minute > watched->peak)
		watched->peak = watched->of_minute;
}

static void note_row(struct watched *watched, uint64_t number)
{
	if (number == 0 || number == watched->number)
		return;
	watched->row = number == watched->number + 1 ? watched->row + 1 : 1;
	watched->number = number;
	if (watched->row > watched->longest_row)
		watched->longest_row = watched->row;
}

static bool reaches(const struct watchlist *s, unsigned int threshold, uint64_t value)
{
	return threshold == ANY || value >= s->context->settings.thresholds[threshold];
}

static bool is_conspicuous(const struct watchlist *s, const struct watched *watched,
                           uint64_t source)
{
	const struct rule *rule = &rules[watched->rule];
	const uint64_t met = watched->others_met ? distinct_count(watched->others_met) : 1;
	const bool row = rule->row != ANY && reaches(s, rule->row, watched->longest_row);
	if (!row && (!reaches(s, rule->events, watched->events) ||
	             !reaches(s, rule->distinct, met)))
		return false;
	const uint64_t usual = usually_good(s, rule, source);
	const uint64_t others = usual > watched->others ? usual : watched->others;
	return reaches(s, rule->share, watched->events * 100 / (watched->events + others));
}

static void raise_it(struct watchlist *s, struct watched *watched)
{
	struct context *context = s->context;
	struct id_builder id = id_begin(context, RECORD_OBSERVATION);
	id_add_text(&id, text_from(observation_type_names[rules[watched->rule].type]));
	id_add_endpoint(&id, &watched->src);
	id_add_endpoint(&id, &watched->dst);
	id_add_text(&id, text_from(watched->subject));
	id_add_number(&id, (uint64_t)watched->first);
	watched->id = id_end(&id);
	watched->raised = true;
	watched->detected = context->now;
	tell(s, watched, false);
	if (deadline_set(&context->deadlines, &watched->deadline,
	                 context->now + rules[watched->rule].quiet) != OK)
		count(context, COUNT_NO_MEMORY);
}

static void describe_first(struct watched *watched, const struct sign *sign)
{
	watched->src = sign->src;
	watched->src.port = 0;
	watched->dst = sign->dst;
	text_copy(watched->subject, sizeof watched->subject, sign->subject);
	text_copy(watched->software, sizeof watched->software, sign->software);
}

void watchlist_note(struct watchlist *s, const struct sign *sign)
{
	const struct rule *rule = &rules[sign->rule];
	const uint32_t number = get(s, sign->rule, sign->key);
	if (number == MAP_NONE)
		return;
	struct watched *watched = watched_at(s, number);
	if (!watched->raised && watched->first != NSTIME_NONE &&
	    sign->at - watched->first > rule->window)
		begin_window(watched);
	if (watched->events++ == 0)
		describe_first(watched, sign);
	note_time(watched, sign->at);
	note_other(s, watched, sign->other);
	if (rule->row != ANY)
		note_row(watched, sign->number);
	if (sign->thing && watched->example_count < OBSERVATION_EXAMPLES)
		watched->examples[watched->example_count++] = sign->thing;
	if (watched->raised && watched->events >= watched->tell_at)
		tell(s, watched, false);
	else if (!watched->raised && is_conspicuous(s, watched, sign->key))
		raise_it(s, watched);
}

void watchlist_note_other(struct watchlist *s, enum watch_rule rule, uint64_t key)
{
	const uint32_t number = find(s, hash_of(s, rule, key));
	if (number != MAP_NONE)
		watched_at(s, number)->others++;
}

/* --- the end ------------------------------------------------------------------------- */

void watchlist_deadline(struct watchlist *s, struct deadline *deadline)
{
	struct watched *watched = watched_at(s, deadline->number);
	const nstime until = watched->last + rules[watched->rule].quiet;
	if (until > deadline->at &&
	    deadline_set(&s->context->deadlines, &watched->deadline, until) == OK)
		return;
	end(s, deadline->number);
}

void watchlist_finish(struct watchlist *s)
{
	for (uint32_t number = 0; number < s->pool.reach; number++)
		if (pool_live(&s->pool, number))
			end(s, number);
}
