#include "analyzer/track/event.h"

#include <math.h>
#include <string.h>

/* Of those that one packet, or one moment of time, can bring about. */
enum { EVENTS_AT_ONCE = 65536 };

void events_init(struct events *events, struct context *context)
{
	events->context = context;
	pool_init(&events->pool, sizeof(struct event_record), EVENTS_AT_ONCE);
}

void events_free(struct events *events)
{
	pool_free(&events->pool);
}

struct event_record event_blank(enum event_type type, const struct endpoint *peer)
{
	return (struct event_record){
		.type = type,
		.peer = *peer,
		.began = NSTIME_NONE,
		.detected = NSTIME_NONE,
		.ended = NSTIME_NONE,
		.duration_s = NAN,
		.rtp_after_s = NAN,
		.pdd_before_ms = NAN,
		.pdd_after_ms = NAN,
		.mos_lq_before = NAN,
		.mos_lq_after = NAN,
	};
}

static uint64_t id_of(const struct events *events, const struct event_record *event)
{
	struct id_builder id = id_begin(events->context, RECORD_EVENT);
	id_add_text(&id, text_from(event_type_names[event->type]));
	id_add_endpoint(&id, &event->peer);
	id_add_endpoint(&id, &event->backup);
	id_add_endpoint(&id, &event->src);
	id_add_number(&id, (uint64_t)event->began);
	return id_end(&id);
}

static const struct trunk *trunk_of(const struct events *events, const struct endpoint *at)
{
	return trunk_find(events->context->settings.trunks, &at->address, at->port);
}

static void name_trunks(const struct events *events, struct event_record *event)
{
	const struct trunk *trunk = trunk_of(events, &event->peer);
	const struct trunk *backup = trunk_of(events, &event->backup);
	if (trunk) {
		memcpy(event->trunk, trunk->name, sizeof event->trunk);
		memcpy(event->group, trunk->group, sizeof event->group);
	}
	if (backup)
		memcpy(event->backup_trunk, backup->name, sizeof event->backup_trunk);
}

void events_add(struct events *events, const struct event_record *event)
{
	void *object;
	uint32_t number;
	struct context *context = events->context;
	enum status status = pool_take(&events->pool, &object, &number);
	if (status != OK) {
		context_count_failure(context, status, COUNT_EVENTS_DROPPED);
		return;
	}
	struct event_record *kept = object;
	*kept = *event;
	kept->id = id_of(events, event);
	name_trunks(events, kept);
	const struct final final = { context->now, kept->id, number, RECORD_EVENT };
	if (finals_add(&context->finals, final) == OK)
		return;
	count(context, COUNT_NO_MEMORY);
	pool_give(&events->pool, number);
}

void events_record(struct events *events, uint32_t number, struct event_record *out)
{
	*out = *(const struct event_record *)pool_at(&events->pool, number);
	pool_give(&events->pool, number);
}
