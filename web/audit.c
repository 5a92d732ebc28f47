/* audit.c - who did what, newest first. */
#include "web/handlers.h"

#include "web/display.h"
#include "web/record_json.h"

struct rows_of_audit {
	struct rendering rendering;
	size_t limit;
	int64_t last; /* id of the last row that was added */
	bool more;
};

static void add_member(struct buffer *to, const char *name, const char *value)
{
	json_add_name(to, name);
	if (value[0])
		display_json(to, text_from(value));
	else
		buffer_add_string(to, "null");
}

static void add_row(void *self, const struct audit *audit)
{
	struct rows_of_audit *rows = self;
	struct buffer *to = rows->rendering.to;
	if (rows->rendering.count == rows->limit) {
		rows->more = true;
		return;
	}
	if (rows->rendering.count++ > 0 && rows->rendering.format == FORMAT_JSON)
		buffer_add_char(to, ',');
	buffer_add_string(to, "{\"kind\":\"audit\"");
	json_add_name(to, "id");
	buffer_add_number(to, (uint64_t)audit->id);
	json_add_name(to, "at");
	buffer_add_char(to, '"');
	display_time(to, audit->at, 6);
	buffer_add_char(to, '"');
	add_member(to, "who", audit->who);
	add_member(to, "way", audit->way);
	add_member(to, "address", audit->address);
	add_member(to, "action", audit->action);
	add_member(to, "subject", audit->subject);
	buffer_add_char(to, '}');
	if (rows->rendering.format == FORMAT_LINES)
		buffer_add_char(to, '\n');
	rows->last = audit->id;
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

bool handle_audit(struct exchange *x)
{
	struct rows_of_audit rows = { .limit = 0 };
	struct handler_times times = { x->request->now, 0, INT64_MAX, false };
	struct buffer *to = &x->response->body;
	int64_t before;
	if (!handler_read_limit(x, &rows.limit) || !handler_read_times(x, &times) ||
	    !read_before(x, &before))
		return false;
	rows.rendering = (struct rendering){ .to = to, .format = x->response->format };
	if (rows.rendering.format == FORMAT_JSON)
		buffer_add_string(to, "{\"items\":[");
	if (auth_audit(x->site->auth, before, times.from, times.to, rows.limit + 1, add_row,
	               &rows) != OK)
		return problem_set(x->problem, 503, "no-accounts",
		                   "the accounts cannot be asked now");
	if (rows.rendering.format == FORMAT_JSON) {
		buffer_format(to,
		              "],\"truncated\":%s,\"next\":", rows.more ? "true" : "false");
		buffer_format(to, rows.more ? "\"%lld\"}\n" : "null}\n",
		              (long long)rows.last);
	}
	return true;
}
