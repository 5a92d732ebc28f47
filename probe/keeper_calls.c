#include "probe/keeper_calls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "probe/notify_call.h"

void keeper_calls_free(struct keeper_calls *c)
{
	free(c->ended);
	query_close(c->query);
	*c = (struct keeper_calls){ .ended = NULL };
}

static bool are_wanted(const struct keeper_notices *n)
{
	for (size_t i = 0; i < n->settings.count; i++)
		if (n->settings.receivers[i].records != RECORDS_NONE)
			return true;
	return false;
}

void keeper_calls_record(struct keeper_calls *c, const struct keeper_notices *n,
                         const struct record *record)
{
	if (record->kind != RECORD_CALL || c->count == CALLS_OF_A_BATCH || !are_wanted(n))
		return;
	if (!c->ended)
		c->ended = calloc(CALLS_OF_A_BATCH, sizeof *c->ended);
	if (c->ended)
		c->ended[c->count++] = record->call;
}

void keeper_calls_undone(struct keeper_calls *c)
{
	c->count = 0;
}

/* The one that was answered, else the first. */
static bool find_leg(struct keeper_calls *c, const struct call_record *call,
                     struct record *out)
{
	struct found found;
	const uint64_t id = call->answered_leg ? call->answered_leg
	                    : call->legs.count ? call->legs.ids[0]
	                                       : 0;
	if (!id || !c->query || query_by_id(c->query, RECORD_LEG, id, &found) != OK)
		return false;
	return query_read(c->query, &found, out) == OK;
}

static void mask_leg(struct keeper_calls *c, struct record *leg, const uint8_t *key)
{
	struct mask mask;
	if (!c->keyed && !key)
		c->keyed = getrandom(c->key, sizeof c->key, 0) == (ssize_t)sizeof c->key;
	mask_init(&mask, key ? key : c->key);
	mask_record(&mask, leg);
	mask_free(&mask);
}

static void tell_one(struct keeper_calls *c, struct keeper_notices *n,
                     const struct call_record *call, const uint8_t *key)
{
	struct record leg;
	struct buffer line = { 0 };
	const bool known = find_leg(c, call, &leg);
	const bool bad = notify_call_is_bad(call);
	for (uint32_t i = 0; i < n->settings.count; i++) {
		const struct receiver *receiver = &n->settings.receivers[i];
		struct record shown;
		if (receiver->records == RECORDS_NONE ||
		    (receiver->records == RECORDS_BAD && !bad))
			continue;
		if (known)
			shown = leg;
		if (known && receiver->masked)
			mask_leg(c, &shown, key);
		line.len = 0;
		notify_call(&n->settings, receiver, call, known ? &shown.leg : NULL, &line);
		if (!line.failed)
			keeper_notices_pass(n, i, call->id, buffer_text(&line));
	}
	buffer_free(&line);
}

void keeper_calls_kept(struct keeper_calls *c, struct keeper_notices *n, const char *db,
                       const uint8_t *key)
{
	struct db_error error;
	if (c->count == 0)
		return;
	if (!c->query && query_open(db, &c->query, &error) != OK)
		c->query = NULL;
	for (size_t i = 0; i < c->count; i++)
		tell_one(c, n, &c->ended[i], key);
	c->count = 0;
}
