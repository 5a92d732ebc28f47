/* rendering.c - records, and what is numbered, as the items of an answer. */
#include "web/handlers.h"

#include "web/record_csv.h"
#include "web/record_json.h"

/* What may still come behind the last record of a body. */
enum { BODY_REST = 64 << 10 };

void rendering_begin(struct rendering *r, struct exchange *x, enum record_kind kind)
{
	struct response *response = x->response;
	*r = (struct rendering){ .x = x,
		                 .to = &response->body,
		                 .format = response->format };
	if (r->format == FORMAT_JSON)
		buffer_add_char(r->to, '[');
	else if (r->format == FORMAT_CSV)
		csv_add_header(r->to, kind);
}

static void add_object(struct rendering *r, const struct record *record)
{
	buffer_add_char(r->to, '{');
	json_add_members(r->to, record);
	handler_add_beside(r->x, record, r->to);
	buffer_add_char(r->to, '}');
}

bool rendering_add(struct rendering *r, const struct record *record)
{
	const size_t before = r->to->len;
	if (r->full)
		return false;
	if (r->format == FORMAT_CSV) {
		csv_add_record(r->to, record);
	} else if (r->format == FORMAT_LINES) {
		add_object(r, record);
		buffer_add_char(r->to, '\n');
	} else {
		if (r->count > 0)
			buffer_add_char(r->to, ',');
		add_object(r, record);
	}
	if (r->to->len > RESPONSE_BODY_MAX - BODY_REST) {
		r->to->len = before;
		r->full = true;
		return false;
	}
	r->count++;
	return true;
}

void rendering_end(struct rendering *r)
{
	if (r->format == FORMAT_JSON)
		buffer_add_char(r->to, ']');
}

/* No line break is within one. */
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

void handler_add_lines(struct exchange *x, const struct buffer *lines)
{
	struct buffer *to = &x->response->body;
	to->failed |= lines->failed;
	if (x->response->format == FORMAT_LINES) {
		buffer_add(to, buffer_text(lines));
		return;
	}
	buffer_add_string(to, "{\"items\":[");
	add_items(to, buffer_text(lines));
	buffer_add_string(to, "],\"truncated\":false}\n");
}

enum status rendering_add_rows(struct rendering *r, struct rows *rows)
{
	struct record record;
	enum status status = OK;
	while (!r->full && (status = rows_next(rows, &record)) == OK)
		rendering_add(r, &record);
	return status == ERR_NOT_FOUND ? OK : status;
}

static bool read_cursor(struct exchange *x, int64_t *before)
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

bool numbered_read(struct numbered *n, struct exchange *x)
{
	*n = (struct numbered){ .to = &x->response->body, .format = x->response->format };
	return handler_read_limit(x, &n->limit) && read_cursor(x, &n->before);
}

void numbered_begin(struct numbered *n)
{
	if (n->format == FORMAT_JSON)
		buffer_add_string(n->to, "{\"items\":[");
}

bool numbered_add(struct numbered *n)
{
	if (n->count == n->limit) {
		n->more = true;
		return false;
	}
	if (n->count++ > 0 && n->format == FORMAT_JSON)
		buffer_add_char(n->to, ',');
	return true;
}

void numbered_added(struct numbered *n, int64_t number)
{
	if (n->format == FORMAT_LINES)
		buffer_add_char(n->to, '\n');
	n->last = number;
}

void numbered_end(struct numbered *n)
{
	if (n->format != FORMAT_JSON)
		return;
	buffer_format(n->to, "],\"truncated\":%s,\"next\":", n->more ? "true" : "false");
	buffer_format(n->to, n->more ? "\"%lld\"}\n" : "null}\n", (long long)n->last);
}
