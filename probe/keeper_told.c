#include "probe/keeper_told.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * NS_PER_SEC)

void told_free(struct told *t)
{
	free(t->list);
	*t = (struct told){ .list = NULL };
}

static struct told_alert *find(const struct told *t, uint64_t id)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].alert.id == id)
			return &t->list[i];
	return NULL;
}

static struct told_alert *find_or_add(struct told *t, const struct alert_record *alert)
{
	struct told_alert *found = find(t, alert->id);
	if (found || t->count == TOLD_MOST)
		return found;
	if (t->count == t->room) {
		const size_t room = t->room ? 2 * t->room : 16;
		struct told_alert *list = realloc(t->list, room * sizeof *list);
		if (!list)
			return NULL;
		t->list = list;
		t->room = room;
	}
	found = &t->list[t->count++];
	memset(found, 0, sizeof *found);
	found->alert = *alert;
	return found;
}

/* Of emergency calls each alert is told by itself; Alertmanager puts them together itself.
 */
static bool is_too_many(struct told *t, const struct receiver *receiver, size_t i,
                        const struct alert_record *alert, nstime now)
{
	if (!receiver->limit_per_minute || receiver->transport == RECEIVER_ALERTMANAGER ||
	    strcmp(alert->metric, "emergency_failed") == 0)
		return false;
	if (now - t->limit[i].since >= MINUTE || now < t->limit[i].since) {
		t->limit[i].since = now;
		t->limit[i].count = t->limit[i].count_now = 0;
	}
	return t->limit[i].count_now >= receiver->limit_per_minute;
}

static enum told_verdict judge_firing(struct told *t,
                                      const struct notify_settings *settings, size_t i,
                                      const struct alert_record *alert, nstime now)
{
	const struct receiver *receiver = &settings->receivers[i];
	struct told_alert *entry = find_or_add(t, alert);
	const bool known = entry && entry->told_now & 1U << i;
	if (!notify_wants(receiver, alert) || (known && alert->news != NEWS_GROWN))
		return TOLD_NOT;
	if (is_too_many(t, receiver, i, alert, now))
		return TOLD_TOGETHER;
	t->limit[i].count_now++;
	if (entry) {
		entry->told_now |= 1U << i;
		entry->remind_at[i] = now + receiver->reminder;
	}
	return TOLD_SINGLY;
}

enum told_verdict told_judge(struct told *t, const struct notify_settings *settings,
                             size_t i, const struct alert_record *alert, nstime now)
{
	const struct told_alert *entry = find(t, alert->id);
	if (alert->state == ALERT_FIRING)
		return judge_firing(t, settings, i, alert, now);
	if (alert->state != ALERT_OK)
		return TOLD_NOT;
	/* Whoever was told hears of the end, also of one that is muted by now. */
	const bool told = entry ? (entry->told_now & 1U << i) != 0
	                        : notify_wants(&settings->receivers[i], alert);
	return told ? TOLD_SINGLY : TOLD_NOT;
}

void told_note(struct told *t, const struct alert_record *alert)
{
	struct told_alert *entry = find(t, alert->id);
	if (!entry)
		return;
	entry->alert = *alert;
	entry->over = alert->state == ALERT_OK;
}

void told_restore(struct told *t, const struct notify_settings *settings,
                  const struct alert_record *alert, nstime now)
{
	struct alert_record firing = *alert;
	firing.state = ALERT_FIRING;
	if (alert->raised == NSTIME_NONE || alert->state == ALERT_OK)
		return;
	struct told_alert *entry = find_or_add(t, alert);
	for (size_t i = 0; entry && i < settings->count; i++) {
		if (!notify_wants(&settings->receivers[i], &firing))
			continue;
		entry->told |= 1U << i;
		entry->remind_at[i] = now + settings->receivers[i].reminder;
	}
	if (entry)
		entry->told_now = entry->told;
}

void told_move(struct told *t, const struct notify_settings *from,
               const struct notify_settings *to)
{
	for (size_t e = 0; e < t->count; e++) {
		struct told_alert moved = t->list[e];
		moved.told = moved.told_now = 0;
		for (size_t i = 0; i < to->count; i++)
			for (size_t j = 0; j < from->count; j++) {
				if (strcmp(to->receivers[i].name,
				           from->receivers[j].name) != 0)
					continue;
				moved.told |= (t->list[e].told >> j & 1) << i;
				moved.told_now |= (t->list[e].told_now >> j & 1) << i;
				moved.remind_at[i] = t->list[e].remind_at[j];
			}
		t->list[e] = moved;
	}
	memset(t->limit, 0, sizeof t->limit);
}

void told_kept(struct told *t)
{
	size_t left = 0;
	for (size_t i = 0; i < t->count; i++) {
		t->list[i].told = t->list[i].told_now;
		if (!t->list[i].over)
			t->list[left++] = t->list[i];
	}
	t->count = left;
	for (size_t i = 0; i < RECEIVERS; i++)
		t->limit[i].count = t->limit[i].count_now;
}

void told_undone(struct told *t)
{
	for (size_t i = 0; i < t->count; i++) {
		t->list[i].told_now = t->list[i].told;
		t->list[i].over = false;
	}
	for (size_t i = 0; i < RECEIVERS; i++)
		t->limit[i].count_now = t->limit[i].count;
}
