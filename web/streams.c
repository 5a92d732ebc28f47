/* streams.c - one stream, and how it went over time. */
#include "web/handlers.h"

#include "web/record_json.h"

bool handle_stream(struct exchange *x)
{
	struct found found;
	struct record record;
	if (!handler_find(x, &found))
		return false;
	if (query_read(x->query, &found, &record) != OK)
		return handler_failed(x);
	json_add_record(&x->response->body, &record);
	return true;
}

/* Lines become the items of an array; no line break is within one. */
static void add_items(struct buffer *to, struct text lines)
{
	while (lines.len > 0) {
		const size_t end = text_find(lines, '\n');
		buffer_add(to, text_head(lines, end));
		lines = text_skip(lines, end + 1);
		if (lines.len > 0)
			buffer_add_char(to, ',');
	}
}

static void add_timeline(struct exchange *x, const struct record *stream)
{
	struct buffer *to = &x->response->body;
	struct buffer lines = { 0 };
	x->site->add_intervals(&lines, stream);
	/* The longest timeline that the store keeps comes to less than a body. */
	if (x->response->format == FORMAT_LINES) {
		buffer_add(to, buffer_text(&lines));
	} else {
		buffer_add_string(to, "{\"items\":[");
		add_items(to, buffer_text(&lines));
		buffer_add_string(to, "],\"truncated\":false}\n");
	}
	to->failed |= lines.failed;
	buffer_free(&lines);
}

bool handle_timeline(struct exchange *x)
{
	struct found found;
	struct rows rows;
	struct record record;
	if (!handler_find(x, &found))
		return false;
	enum status status = query_one(x->query, &found, &rows);
	if (status == OK)
		status = rows_next(&rows, &record);
	if (status == OK)
		add_timeline(x, &record);
	rows_end(&rows);
	return status == OK || handler_failed(x);
}
