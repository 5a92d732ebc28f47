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

/* The longest timeline that the store keeps comes to less than a body. */
static void add_timeline(struct exchange *x, const struct record *stream)
{
	struct buffer lines = { 0 };
	x->site->add_intervals(&lines, stream);
	handler_add_lines(x, &lines);
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
