#include "probe/print_peers.h"

#include <math.h>

#include "web/display.h"

static void add_endpoint(struct buffer *to, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_string(to, endpoint_format(e, text));
}

static void add_count(struct buffer *to, const char *before, uint64_t count,
                      const char *what)
{
	if (count)
		buffer_format(to, "%s%llu %s", before, (unsigned long long)count, what);
}

static void add_cause(struct buffer *to, const struct event_record *event)
{
	static const char *const words[EVENT_CAUSE_COUNT] = {
		[EVENT_UNANSWERED_OPTIONS] = "OPTIONS unanswered",
		[EVENT_UNANSWERED_INVITE] = "INVITEs unanswered",
		[EVENT_UNANSWERED_REGISTER] = "REGISTERs unanswered",
		[EVENT_SERVER_ERROR] = "refused with",
	};
	if (!words[event->cause])
		return;
	buffer_format(to, "  %s", words[event->cause]);
	if (event->status)
		buffer_format(to, " %llu", (unsigned long long)event->status);
	if (event->failed)
		buffer_format(to, ", %llu of them", (unsigned long long)event->failed);
}

static void add_change(struct buffer *to, const char *before, const char *unit, double from,
                       double after, int decimals)
{
	if (isfinite(from) && isfinite(after))
		buffer_format(to, "  %s %.*f, then %.*f%s", before, decimals, from,
		              decimals, after, unit);
}

static void add_failover(struct buffer *to, const struct event_record *event)
{
	char address[ADDRESS_TEXT_SIZE];
	buffer_add_string(to, ", calls of ");
	buffer_add_string(to, address_format(&event->src.address, address));
	buffer_add_string(to, " go to ");
	add_endpoint(to, &event->backup);
	if (event->ended == NSTIME_NONE)
		buffer_add_string(to, " until the end");
	else
		buffer_format(to, " for %.1f s", event->duration_s);
	add_cause(to, event);
	buffer_format(to, "  %llu calls over the backup",
	              (unsigned long long)event->calls_backup);
	add_count(to, ", ", event->calls_lost, "lost");
	add_count(to, "  of ", event->calls_carried, "in progress");
	add_count(to, " ", event->calls_survived, "survived");
	add_count(to, " ", event->calls_silent, "went silent");
	add_count(to, " ", event->calls_one_way, "lost one direction");
	add_count(to, " ", event->calls_dropped, "were dropped");
	add_change(to, "PDD", " ms", event->pdd_before_ms, event->pdd_after_ms, 0);
	add_change(to, "MOS", "", event->mos_lq_before, event->mos_lq_after, 2);
}

void text_add_event(struct buffer *to, const struct record *record)
{
	static const char *const words[EVENT_TYPE_COUNT] = {
		[EVENT_PEER_DOWN] = "is down",
		[EVENT_PEER_UP] = "is up again",
		[EVENT_PEER_REFUSING] = "refuses",
		[EVENT_FAILOVER] = "fails",
	};
	const struct event_record *event = &record->event;
	if (event->began != NSTIME_NONE)
		display_time(to, event->began, 3);
	buffer_add_string(to, "  ");
	add_endpoint(to, &event->peer);
	buffer_format(to, " %s", words[event->type] ? words[event->type] : "");
	if (event->type == EVENT_FAILOVER)
		add_failover(to, event);
	else if (event->type == EVENT_PEER_UP)
		buffer_format(to, " after %.1f s", event->duration_s);
	else
		add_cause(to, event);
}
