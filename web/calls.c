/*
 * calls.c - one call: its legs, streams, what endpoints claim, what most probably went
 * wrong; the ladder; how its figures came about.
 */
#include "web/handlers.h"

#include "schema/field_text.h"
#include "web/record_json.h"

/* `"name":[...]`, all that the run has of the call of that kind. */
static enum status add_parts(struct exchange *x, const struct found *call, const char *name,
                             enum record_kind kind, bool *truncated)
{
	struct rendering rendering;
	struct rows rows;
	json_add_name(&x->response->body, name);
	rendering_begin(&rendering, x, kind);
	enum status status = query_of_call(x->query, kind, call->id, call->run, &rows);
	if (status == OK)
		status = rendering_add_rows(&rendering, &rows);
	rows_end(&rows);
	rendering_end(&rendering);
	*truncated |= rendering.full;
	return status;
}

static void add_end(struct exchange *x, bool truncated)
{
	json_add_name(&x->response->body, "truncated");
	buffer_add_string(&x->response->body, truncated ? "true}\n" : "false}\n");
}

bool handle_call(struct exchange *x)
{
	struct buffer *to = &x->response->body;
	struct found found;
	struct record record;
	bool truncated = false;
	if (!handler_find(x, &found))
		return false;
	if (query_read(x->query, &found, &record) != OK)
		return handler_failed(x);
	buffer_add_string(to, "{\"call\":");
	json_add_object(to, &record);
	if (add_parts(x, &found, "legs", RECORD_LEG, &truncated) != OK ||
	    add_parts(x, &found, "streams", RECORD_STREAM, &truncated) != OK ||
	    add_parts(x, &found, "reports", RECORD_REPORT, &truncated) != OK ||
	    add_parts(x, &found, "events", RECORD_EVENT, &truncated) != OK ||
	    add_parts(x, &found, "findings", RECORD_FINDING, &truncated) != OK)
		return handler_failed(x);
	add_end(x, truncated);
	return true;
}

/* A mask has to know the legs and streams of the messages that it hides. */
static enum status show_to_mask(struct exchange *x, const struct found *call,
                                enum record_kind kind)
{
	struct rows rows;
	struct record record;
	enum status status = OK;
	if (!x->mask)
		return OK;
	status = query_of_call(x->query, kind, call->id, call->run, &rows);
	while (status == OK)
		status = rows_next(&rows, &record);
	rows_end(&rows);
	return status == ERR_NOT_FOUND ? OK : status;
}

/*
 * Who looked at what people said to whom.  Where it cannot be noted, on a full disk, it is
 * shown all the same: it may be what tells why.
 */
static void note_view(struct exchange *x)
{
	struct problem ignored;
	char id[ID_TEXT_SIZE];
	if (!x->mask && x->identity->way != AUTH_LOCAL)
		(void)!auth_note(x->site->auth, x->request, x->identity, "ladder",
		                 id_format(x->id, id), &ignored);
}

/* The messages, and when each stream was there: what is drawn on one time axis. */
bool handle_ladder(struct exchange *x)
{
	struct found found;
	bool truncated = false;
	if (!handler_find(x, &found))
		return false;
	if (show_to_mask(x, &found, RECORD_LEG) != OK)
		return handler_failed(x);
	buffer_add_char(&x->response->body, '{');
	if (add_parts(x, &found, "messages", RECORD_MESSAGE, &truncated) != OK ||
	    add_parts(x, &found, "streams", RECORD_STREAM, &truncated) != OK)
		return handler_failed(x);
	add_end(x, truncated);
	note_view(x);
	return true;
}

/* Also of a leg or a stream. */
bool handle_explain(struct exchange *x)
{
	struct found found;
	struct buffer lines = { 0 };
	if (!handler_find(x, &found))
		return false;
	const enum status status = x->site->explain(x->query, &found, &lines);
	handler_add_lines(x, &lines);
	buffer_free(&lines);
	return status == OK || handler_failed(x);
}

/* Packets are not kept: their headers and figures are. */
bool handle_pcap(struct exchange *x)
{
	struct found found;
	return handler_find(x, &found) &&
	       problem_set(x->problem, 404, "not-recorded",
	                   "no packets of this call were recorded");
}

bool handle_legs_of_call(struct exchange *x)
{
	struct found found;
	struct rows rows;
	struct rendering rendering;
	struct buffer *to = &x->response->body;
	if (!handler_find(x, &found))
		return false;
	if (x->response->format == FORMAT_JSON)
		buffer_add_string(to, "{\"items\":");
	rendering_begin(&rendering, x, RECORD_LEG);
	enum status status =
	        query_of_call(x->query, RECORD_LEG, found.id, found.run, &rows);
	if (status == OK)
		status = rendering_add_rows(&rendering, &rows);
	rows_end(&rows);
	rendering_end(&rendering);
	if (x->response->format == FORMAT_JSON)
		add_end(x, rendering.full);
	return status == OK || handler_failed(x);
}
