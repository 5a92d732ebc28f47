/* keeper_stranded.c - messages whose receiver is gone, or is of another kind by now
 * (keeper_notices.h).
 *
 * They are given up at once, not when they are old: nobody will come for them, and whoever
 * changed the configuration is still there to be told.  If that was a mistake, the receiver
 * gets them when it is back.
 */
#include "probe/keeper_notices.h"

#include <err.h>
#include <string.h>

enum { GROUPS_MOST = 64 };

/* Those of one receiver and one form. */
struct waiting_group {
	char receiver[RECEIVER_NAME], form[32];
	uint64_t count;
};

struct waiting_groups {
	struct waiting_group list[GROUPS_MOST];
	size_t count;
};

static void take_group(void *self, const char *receiver, const char *form, uint64_t count)
{
	struct waiting_groups *groups = self;
	if (groups->count == GROUPS_MOST)
		return; /* at the next change */
	struct waiting_group *group = &groups->list[groups->count++];
	text_copy(group->receiver, sizeof group->receiver, text_from(receiver));
	text_copy(group->form, sizeof group->form, text_from(form));
	group->count = count;
}

/* -1: there is none of that name. */
static int receiver_of(const struct keeper_notices *n, const char *name)
{
	for (size_t i = 0; i < n->settings.count; i++)
		if (strcmp(n->settings.receivers[i].name, name) == 0)
			return (int)i;
	return -1;
}

static struct stranded *find(struct keeper_notices *n, const char *name)
{
	for (size_t i = 0; i < n->stranded_count; i++)
		if (strcmp(n->stranded[i].name, name) == 0)
			return &n->stranded[i];
	return NULL;
}

static void note_stranded(struct keeper_notices *n, const struct waiting_group *group,
                          nstime now)
{
	struct stranded *stranded = find(n, group->receiver);
	if (!stranded && n->stranded_count < STRANDED_MOST) {
		stranded = &n->stranded[n->stranded_count++];
		*stranded = (struct stranded){ .count = 0 };
		text_copy(stranded->name, sizeof stranded->name,
		          text_from(group->receiver));
	}
	if (!stranded)
		return;
	stranded->count += group->count;
	if (now)
		stranded->at = now;
}

static enum status give_up(struct keeper_notices *n, struct store_live *live,
                           const struct waiting_group *group, nstime now)
{
	const struct stored_notice like = { .receiver = group->receiver,
		                            .form = group->form,
		                            .at = INT64_MIN };
	const int i = receiver_of(n, group->receiver);
	uint64_t count = 0;
	if (i >= 0 && strcmp(notify_form(&n->settings.receivers[i]), group->form) == 0)
		return OK;
	const enum status status = store_notices_move(
	        live, &like, NOTICE_WAITING, i < 0 ? NOTICE_STRANDED : NOTICE_DEAD, &count);
	if (status != OK || count == 0)
		return status;
	if (i < 0) {
		warnx("keeper: receiver %s is gone: %llu messages that waited for it are "
		      "given up",
		      group->receiver, (unsigned long long)count);
		note_stranded(n, group, now);
		return OK;
	}
	n->of[i].given_up += count;
	n->of[i].gave_up_at = now;
	return OK;
}

static enum status take_up(struct keeper_notices *n, struct store_live *live, size_t i,
                           nstime now)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	const struct stored_notice like = { .receiver = receiver->name,
		                            .form = notify_form(receiver),
		                            .at = now - receiver->give_up };
	uint64_t count;
	n->of[i].waiting = true;
	return store_notices_move(live, &like, NOTICE_STRANDED, NOTICE_WAITING, &count);
}

enum status keeper_notices_sort(struct keeper_notices *n, struct store_live *live,
                                nstime now)
{
	struct waiting_groups waiting = { .count = 0 };
	struct waiting_groups stranded = { .count = 0 };
	size_t left = 0;
	if (n->sorted)
		return OK;
	enum status status =
	        store_notices_whose(live, NOTICE_WAITING, take_group, &waiting);
	for (size_t i = 0; i < n->settings.count && status == OK; i++)
		status = take_up(n, live, i, now);
	if (status == OK)
		status = store_notices_whose(live, NOTICE_STRANDED, take_group, &stranded);
	if (status != OK)
		return status;
	for (size_t i = 0; i < n->stranded_count; i++)
		n->stranded[i].count = 0;
	for (size_t i = 0; i < stranded.count; i++)
		note_stranded(n, &stranded.list[i], 0);
	for (size_t i = 0; i < waiting.count && status == OK; i++)
		status = give_up(n, live, &waiting.list[i], now);
	for (size_t i = 0; i < n->stranded_count; i++)
		if (n->stranded[i].count)
			n->stranded[left++] = n->stranded[i];
	n->stranded_count = left;
	n->sorted = status == OK;
	return status;
}

void keeper_notices_tell_stranded(const struct keeper_notices *n, struct rules *rules,
                                  nstime now, nstime at)
{
	for (size_t i = 0; i < n->stranded_count; i++)
		if (n->stranded[i].at && now - n->stranded[i].at < NOTICES_LATELY)
			rules_fact(rules, TEXT("dead_letters"),
			           text_from(n->stranded[i].name),
			           (double)n->stranded[i].count, at);
}
