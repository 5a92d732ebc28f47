/* probe_events.c - what befell the probe itself, newest first. */
#include "web/handlers.h"

#include "schema/probe_events.h"
#include "web/display.h"
#include "web/record_json.h"

struct event_rows {
	struct buffer *to;
	bool lines;
	size_t limit, count;
	int64_t last; /* seq of the last row that was added */
	bool more;
};

static void add_time(struct buffer *to, const char *name, nstime at)
{
	json_add_name(to, name);
	if (at == NSTIME_NONE) {
		buffer_add(to, TEXT("null"));
		return;
	}
	buffer_add_char(to, '"');
	display_time(to, at, 6);
	buffer_add_char(to, '"');
}

static void add_row(void *self, const struct probe_event_row *row)
{
	struct event_rows *rows = self;
	struct buffer *to = rows->to;
	if (rows->count == rows->limit) {
		rows->more = true;
		return;
	}
	if (rows->count++ > 0 && !rows->lines)
		buffer_add_char(to, ',');
	buffer_add_string(to, "{\"kind\":\"probe_event\"");
	add_time(to, "at", row->at);
	add_time(to, "until", row->until);
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
	buffer_add_string(to, rows->lines ? "}\n" : "}");
	rows->last = row->seq;
}

static bool read_before(struct exchange *x, int64_t *before)
{
	const struct text value = request_parameter(x->request, "cursor");
	uint64_t number;
	*before = INT64_MAX;
	if (!value.at)
		return true;
	if (text_number(value, INT64_MAX, &number) != OK)
		return problem_in(x->problem, "cursor", "bad-cursor",
		                  "a cursor out of the page before is expected");
	*before = (int64_t)number;
	return true;
}

bool handle_probe_events(struct exchange *x)
{
	struct buffer *to = &x->response->body;
	struct handler_times times = { x->request->now, NSTIME_NONE, NSTIME_NONE, false };
	struct event_rows rows = { .to = to, .lines = x->response->format == FORMAT_LINES };
	struct probe_events_wanted wanted = { 0 };
	if (!handler_read_limit(x, &rows.limit) || !handler_read_times(x, &times) ||
	    !read_before(x, &wanted.before))
		return false;
	wanted.from = times.from;
	wanted.to = times.to;
	wanted.limit = rows.limit + 1;
	if (!rows.lines)
		buffer_add_string(to, "{\"items\":[");
	if (probe_events_ask(x->query, &wanted, add_row, &rows) != OK)
		return handler_failed(x);
	if (rows.lines)
		return true;
	buffer_format(to, "],\"truncated\":%s,\"next\":", rows.more ? "true" : "false");
	buffer_format(to, rows.more ? "\"%lld\"}\n" : "null}\n", (long long)rows.last);
	return true;
}
