/*
 * rules_mute.c - of what fires, what somebody is told, and when.
 *
 * Nobody is told of what another alert explains, nor of what somebody silenced.  Alerts of
 * one rule that begin soon behind each other at one site are one piece of news: the first
 * is told, with those that came behind it as its members.
 */
#include "analyzer/track/rules_parts.h"

#include <math.h>
#include <string.h>

/* So long behind the latest of a group an alert is of it; and so often somebody is told
 * that it has grown. */
#define GROUP_WITHIN (300 * NS_PER_SEC)
#define GROUP_TELLS (60 * NS_PER_SEC)

/* The name of the trunk it is about; of a peer, whose it is. */
static const char *active_trunk(const struct rules *rules, const struct active *active)
{
	const struct scope *scope = scope_at(rules, active->scope);
	return scope->key.scope == SCOPE_TRUNK || scope->key.scope == SCOPE_DIRECTION
	               ? scope->key.name
	               : active->trunk;
}

static const char *site_of(const struct rules *rules, const struct active *active)
{
	const struct scope *scope = scope_at(rules, active->scope);
	if (scope->key.scope == SCOPE_SITE)
		return scope->key.name;
	const struct trunk *trunk = trunks_by_name(rules->settings.trunks,
	                                           text_from(active_trunk(rules, active)));
	return trunk ? trunk->site : "";
}

/* Is what one is about part of what the other is about, or the other way round? */
static bool is_covered(const struct rules *rules, const struct active *one,
                       const struct active *other)
{
	const enum alert_scope a = scope_at(rules, one->scope)->key.scope;
	const enum alert_scope b = scope_at(rules, other->scope)->key.scope;
	if (a == SCOPE_ALL || b == SCOPE_ALL || a == SCOPE_CODEC || b == SCOPE_CODEC)
		return true;
	if (b == SCOPE_SUBJECT && !other->trunk[0])
		return true;
	if (a == SCOPE_SITE || b == SCOPE_SITE)
		return is_same(site_of(rules, one), site_of(rules, other));
	return is_same(active_trunk(rules, one), active_trunk(rules, other));
}

static bool is_about(const struct rules *rules, const struct active *active,
                     const char *match)
{
	const struct scope_key *key = &scope_at(rules, active->scope)->key;
	char whole[ENDPOINT_TEXT_SIZE];
	char address[ADDRESS_TEXT_SIZE];
	return is_same(match, active_trunk(rules, active)) ||
	       is_same(match, site_of(rules, active)) ||
	       (key->scope == SCOPE_PEER &&
	        (is_same(match, endpoint_format(&key->peer, whole)) ||
	         is_same(match, address_format(&key->peer.address, address))));
}

static bool is_silenced(const struct rules *rules, const struct active *active, nstime at)
{
	const struct rule *rule = rule_at(rules, active->rule);
	for (size_t i = 0; i < rules->silence_count; i++) {
		const struct rule_silence *silence = &rules->silences[i];
		if (silence->from <= at && silence->until > at &&
		    (!silence->rule[0] || is_same(silence->rule, rule->name)) &&
		    (!silence->match[0] || is_about(rules, active, silence->match)))
			return true;
	}
	return false;
}

/* A capture that loses packets makes figures doubtful, and mutes none. */
static bool explains(const struct rules *rules, const struct active *active,
                     const struct active *loud)
{
	const bool capture = rule_at(rules, loud->rule)->metric.capture;
	return !(capture && rule_at(rules, active->rule)->metric.quality) &&
	       is_covered(rules, active, loud);
}

static int16_t cause_of(const struct rules *rules, const struct active *active, nstime at)
{
	const struct rule *rule = rule_at(rules, active->rule);
	if (rule->always_told)
		return MUTED_BY_NOBODY;
	for (size_t i = 0; i < rules->loud_count && rule->muter_count; i++) {
		const struct active *loud = active_at(rules, rules->loud[i]);
		for (size_t m = 0; m < rule->muter_count; m++)
			if (rules->muters[active->rule][m] == (int16_t)loud->rule &&
			    explains(rules, active, loud))
				return (int16_t)loud->rule;
	}
	return is_silenced(rules, active, at) ? MUTED_BY_SILENCE : MUTED_BY_NOBODY;
}

/* --- groups --------------------------------------------------------------------------- */

static uint64_t group_key(const struct rules *rules, const struct active *active)
{
	const struct rule *rule = rule_at(rules, active->rule);
	const char *site = rule->group == GROUP_ALL ? "" : site_of(rules, active);
	const uint64_t words[] = { active->rule,
		                   hash_text(&rules->settings.key, text_from(site)) };
	return hash_bytes(&rules->settings.key, words, sizeof words);
}

/* It fires or is about to be over, and somebody was told. */
static bool is_leader(const struct rules *rules, const struct alert_group *group)
{
	const struct active *active = pool_live(&rules->actives, group->leader);
	return active && active->id == group->id &&
	       (active->state == ALERT_FIRING || active->state == ALERT_CLEARING) &&
	       active->muter == MUTED_BY_NOBODY;
}

/* Behind a restart a member finds its leader by its id, however long ago that was. */
static struct alert_group *group_of(struct rules *rules, const struct active *active,
                                    nstime at)
{
	const uint64_t key = group_key(rules, active);
	for (size_t i = 0; i < rules->group_count; i++) {
		struct alert_group *group = &rules->groups[i];
		if (group->key == key && is_leader(rules, group) &&
		    (at - group->latest <= GROUP_WITHIN || group->id == active->leader))
			return group;
	}
	return NULL;
}

static void lead(struct rules *rules, uint32_t number, nstime at)
{
	struct active *active = active_at(rules, number);
	struct alert_group *place = &rules->groups[0];
	active->leader = 0;
	for (size_t i = 0; i < rules->group_count; i++) {
		if (!is_leader(rules, &rules->groups[i])) {
			place = &rules->groups[i];
			break;
		}
		if (rules->groups[i].latest < place->latest)
			place = &rules->groups[i];
	}
	if (rules->group_count < RULE_GROUPS &&
	    (rules->group_count == 0 || is_leader(rules, place)))
		place = &rules->groups[rules->group_count++];
	*place = (struct alert_group){ group_key(rules, active), active->id, number, at };
}

static bool is_grouped(const struct rule *rule)
{
	return rule->group != GROUP_NEVER && !rule->always_told;
}

static void regroup(struct rules *rules)
{
	rules->ungrouped = false;
	rules->group_count = 0;
	for (uint32_t i = 0; i < rules->actives.reach; i++) {
		const struct active *active = pool_live(&rules->actives, i);
		if (active && active_is_told(active) &&
		    is_grouped(rule_at(rules, active->rule)))
			lead(rules, i, active->told);
	}
}

/* Whether somebody is told of it alone, now that nothing explains it. */
static void join_or_lead(struct rules *rules, struct active *active, nstime at)
{
	if (!is_grouped(rule_at(rules, active->rule)))
		return;
	struct alert_group *group = group_of(rules, active, at);
	if (!group) {
		const struct rule_state *states = scope_at(rules, active->scope)->states;
		lead(rules, states[active->place].active - 1, at);
		return;
	}
	struct active *leader = active_at(rules, group->leader);
	leader->joined += active->leader != group->id;
	active->leader = group->id;
	active->muter = MUTED_BY_GROUP;
	group->latest = at;
}

/* What may mute others, and whether the capture can be trusted. */
void rules_find_loud(struct rules *rules)
{
	if (rules->ungrouped)
		regroup(rules);
	rules->loud_count = 0;
	rules->capture_bad = false;
	for (uint32_t i = 0; i < rules->actives.reach; i++) {
		const struct active *active = pool_live(&rules->actives, i);
		if (!active || active->state == ALERT_OK)
			continue;
		const struct rule *rule = rule_at(rules, active->rule);
		if (rule->metric.capture && rule->severity >= SEVERITY_MAJOR &&
		    active->state != ALERT_PENDING)
			rules->capture_bad = true;
		if (rules->is_muter[active->rule] && rules->loud_count < RULE_MUTERS)
			rules->loud[rules->loud_count++] = i;
	}
}

size_t active_members(const struct rules *rules, const struct active *leader,
                      uint32_t *numbers, size_t room)
{
	size_t count = 0;
	for (uint32_t i = 0; leader->joined && i < rules->actives.reach; i++) {
		const struct active *active = pool_live(&rules->actives, i);
		if (!active || active->leader != leader->id ||
		    active->muter != MUTED_BY_GROUP ||
		    (active->state != ALERT_FIRING && active->state != ALERT_CLEARING))
			continue;
		if (count < room)
			numbers[count] = i;
		count++;
	}
	return count;
}

/* --- news ----------------------------------------------------------------------------- */

static void decide(struct rules *rules, struct active *active, nstime at)
{
	active->muter = cause_of(rules, active, at);
	if (active->muter == MUTED_BY_NOBODY)
		join_or_lead(rules, active, at);
}

static bool tell(struct active *active, enum alert_news news, nstime at)
{
	active->news = news;
	active->told = at;
	active->joined_told = active->joined;
	return true;
}

bool active_has_news(struct rules *rules, struct active *active, nstime at)
{
	if (active->state != ALERT_FIRING || active->raised == at)
		return false;
	const int16_t muter = active->muter;
	if (muter != MUTED_BY_NOBODY) {
		decide(rules, active, at);
		return active->muter == MUTED_BY_NOBODY ? tell(active, NEWS_UNMUTED, at)
		                                        : active->muter != muter;
	}
	return active->joined > active->joined_told && at - active->told >= GROUP_TELLS &&
	       tell(active, NEWS_GROWN, at);
}

void rules_mute(struct rules *rules, nstime at)
{
	rules_find_loud(rules);
	for (size_t i = 0; i < rules->change_count; i++) {
		struct active *active = active_at(rules, rules->changes[i].active);
		if (active->state != ALERT_FIRING || active->raised != at ||
		    active->changed != at)
			continue;
		decide(rules, active, at);
		rules->counters.muted += active->muter != MUTED_BY_NOBODY;
		if (active->muter == MUTED_BY_NOBODY)
			tell(active, NEWS_RAISED, at);
	}
	/* Those that came with it are told with it. */
	for (size_t i = 0; i < rules->change_count; i++) {
		struct active *active = active_at(rules, rules->changes[i].active);
		if (active->told == at)
			active->joined_told = active->joined;
	}
}
