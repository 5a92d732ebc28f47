#include "probe/keeper_channels.h"

#include <math.h>

/* Beyond it a leg is in no count; trunks for as many are none. */
enum { LEGS = 65536, NO_TRUNK = UINT16_MAX };

struct channel_leg {
	uint64_t id;
	uint16_t trunks[2]; /* of its ends */
};

enum status keeper_channels_init(struct keeper_channels *c, const struct trunks *trunks)
{
	c->trunks = trunks;
	pool_init(&c->legs, sizeof(struct channel_leg), LEGS);
	return map_init(&c->map);
}

void keeper_channels_free(struct keeper_channels *c)
{
	pool_free(&c->legs);
	map_free(&c->map);
}

static uint16_t trunk_at_end(const struct keeper_channels *c, const struct endpoint *end)
{
	const struct trunk *trunk = trunk_find(c->trunks, &end->address, end->port);
	return trunk ? (uint16_t)(trunk - trunks_at(c->trunks, 0)) : NO_TRUNK;
}

static void count(struct keeper_channels *c, const struct channel_leg *leg, bool more)
{
	for (size_t i = 0; i < ARRAY_LEN(leg->trunks); i++) {
		const uint16_t trunk = leg->trunks[i];
		if (trunk >= LIMIT_TRUNKS || (i > 0 && trunk == leg->trunks[0]))
			continue;
		c->in_use[trunk] = more ? c->in_use[trunk] + 1 : c->in_use[trunk] - 1;
	}
}

static uint32_t find(const struct keeper_channels *c, uint64_t id)
{
	struct map_cursor cursor = map_cursor_of(id);
	uint32_t number;
	while ((number = map_next(&c->map, &cursor)) != MAP_NONE) {
		const struct channel_leg *leg = pool_at(&c->legs, number);
		if (leg->id == id)
			return number;
	}
	return MAP_NONE;
}

static void forget(struct keeper_channels *c, uint32_t number)
{
	const struct channel_leg *leg = pool_at(&c->legs, number);
	count(c, leg, false);
	map_remove(&c->map, leg->id, number);
	pool_give(&c->legs, number);
}

static void add(struct keeper_channels *c, const struct leg_record *leg)
{
	void *object;
	uint32_t number;
	const struct channel_leg entry = {
		.id = leg->id,
		.trunks = { trunk_at_end(c, &leg->src), trunk_at_end(c, &leg->dst) },
	};
	if (entry.trunks[0] == NO_TRUNK && entry.trunks[1] == NO_TRUNK)
		return;
	if (pool_take(&c->legs, &object, &number) != OK)
		return;
	if (map_insert(&c->map, leg->id, number) != OK) {
		pool_give(&c->legs, number);
		return;
	}
	*(struct channel_leg *)object = entry;
	count(c, &entry, true);
}

void keeper_channels_leg(struct keeper_channels *c, const struct leg_record *leg, bool over)
{
	if (trunks_count(c->trunks) == 0)
		return;
	const uint32_t number = find(c, leg->id);
	const bool ended = over || leg->ended != NSTIME_NONE || leg->status >= 300;
	if (ended && number != MAP_NONE)
		forget(c, number);
	else if (!ended && number == MAP_NONE)
		add(c, leg);
}

void keeper_channels_forget(struct keeper_channels *c)
{
	for (uint32_t i = 0; i < c->legs.reach; i++)
		if (pool_live(&c->legs, i))
			forget(c, i);
	c->history_count = 0; /* what comes back is no growth */
}

void keeper_channels_follow(struct keeper_channels *c, const struct trunks *trunks)
{
	keeper_channels_forget(c);
	c->trunks = trunks;
}

/* The slope of the least squares, and the square root of the calls as what chance does. */
double channels_left_min(const uint16_t used[CHANNEL_HISTORY], uint32_t channels)
{
	const double middle = (CHANNEL_HISTORY - 1) / 2.0;
	const double per_min = 60 / ns_to_s(RULE_TICK);
	double sum = 0;
	double squares = 0;
	double product = 0;
	for (size_t i = 0; i < CHANNEL_HISTORY; i++) {
		const double at = (double)i - middle;
		sum += used[i];
		squares += at * at;
		product += at * used[i];
	}
	const double mean = sum / CHANNEL_HISTORY;
	const double by_chance = sqrt(mean) * per_min / CHANNEL_HISTORY;
	const double growth = product / squares * per_min - by_chance;
	const double now = used[CHANNEL_HISTORY - 1];
	if (now >= channels)
		return 0;
	if (growth <= 0 || 2 * now < channels)
		return CHANNEL_LEFT_MOST;
	return fmin((channels - now) / growth, CHANNEL_LEFT_MOST);
}

static void tell_forecast(struct keeper_channels *c, struct rules *rules, size_t trunk,
                          nstime at)
{
	const struct trunk *of = trunks_at(c->trunks, trunk);
	uint16_t used[CHANNEL_HISTORY];
	if (c->history_count < CHANNEL_HISTORY)
		return;
	for (size_t i = 0; i < CHANNEL_HISTORY; i++)
		used[i] = c->history[trunk][(c->history_count + i) % CHANNEL_HISTORY];
	rules_fact(rules, TEXT("channels_left_min"), text_from(of->name),
	           channels_left_min(used, of->channels), at);
}

void keeper_channels_tell(struct keeper_channels *c, struct rules *rules, nstime at)
{
	if (at - c->told_at < RULE_TICK)
		return;
	c->told_at = at;
	for (size_t i = 0; i < trunks_count(c->trunks); i++) {
		const uint32_t used = c->in_use[i] < UINT16_MAX ? c->in_use[i] : UINT16_MAX;
		c->history[i][c->history_count % CHANNEL_HISTORY] = (uint16_t)used;
	}
	c->history_count++;
	for (size_t i = 0; i < trunks_count(c->trunks); i++) {
		const struct trunk *trunk = trunks_at(c->trunks, i);
		if (!trunk->channels)
			continue;
		rules_fact(rules, TEXT("channel_use_pct"), text_from(trunk->name),
		           100.0 * c->in_use[i] / trunk->channels, at);
		tell_forecast(c, rules, i, at);
	}
}
