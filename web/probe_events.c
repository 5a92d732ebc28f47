/* probe_events.c - what befell the probe itself, newest first. */
#include "web/handlers.h"

#include "schema/probe_events.h"
#include "web/display.h"
#include "web/record_json.h"

static void add_row(void *self, const struct probe_event_row *row)
{
	struct numbered *page = self;
	struct buffer *to = page->to;
	if (!numbered_add(page))
		return;
	buffer_add_string(to, "{\"kind\":\"probe_event\"");
	json_add_time(to, "at", row->at);
	json_add_time(to, "until", row->until);
	json_add_name(to, "what");
	display_json(to, row->what);
	json_add_name(to, "subject");
	if (row->subject.len > 0)
		display_json(to, row->subject);
	else
		buffer_add(to, TEXT("null"));
	json_add_name(to, "count");
	if (row->count >= 0)
		display_json_count(to, (uint64_t)row->count);
	else
		buffer_add(to, TEXT("null"));
	buffer_add_char(to, '}');
	numbered_added(page, row->seq);
}

bool handle_probe_events(struct exchange *x)
{
	struct numbered page;
	struct handler_times times = { x->request->now, NSTIME_NONE, NSTIME_NONE, false };
	if (!numbered_read(&page, x) || !handler_read_times(x, &times))
		return false;
	const struct probe_events_wanted wanted = {
		.from = times.from,
		.to = times.to,
		.before = page.before,
		.limit = page.limit + 1,
	};
	numbered_begin(&page);
	if (probe_events_ask(x->query, &wanted, add_row, &page) != OK)
		return handler_failed(x);
	numbered_end(&page);
	return true;
}
