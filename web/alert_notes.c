/*
 * alert_notes.c - one alert, and what people say of it: that they have it in hand, that
 * they have not, or anything else.
 */
#include "web/body.h"

#include <stdio.h>

#include "schema/desk.h"
#include "schema/field_text.h"
#include "web/display.h"
#include "web/record_json.h"

enum { STATES_MOST = 200 };

/* --- notes ---------------------------------------------------------------------------- */

struct notes {
	struct exchange *x;
	struct buffer *to;
	enum response_format format;
	size_t count, limit;
	int64_t last; /* id of the last that was added */
	bool more;
};

static void add_note(void *self, const struct desk_note *note)
{
	struct notes *n = self;
	char id[ID_TEXT_SIZE];
	if (n->count == n->limit) {
		n->more = true;
		return;
	}
	if (n->count++ > 0 && n->format == FORMAT_JSON)
		buffer_add_char(n->to, ',');
	buffer_format(n->to, "{\"kind\":\"alert_note\",\"id\":%lld,\"alert\":\"%s\"",
	              (long long)note->id, id_format(note->alert, id));
	handler_add_time(n->to, "at", note->at);
	handler_add_text(n->to, "who", note->who);
	handler_add_text(n->to, "action",
	                 note->action ? desk_action_names[note->action] : "");
	json_add_name(n->to, "text");
	if (note->text[0])
		handler_add_words(n->x, note->text, n->to);
	else
		buffer_add_string(n->to, "null");
	buffer_add_char(n->to, '}');
	if (n->format == FORMAT_LINES)
		buffer_add_char(n->to, '\n');
	n->last = note->id;
}

/* Of that alert, or of all; false: *problem. */
static bool add_notes(struct notes *n, const uint64_t *alert, int64_t before)
{
	struct accounts *state = auth_look(n->x->site->auth);
	if (!state)
		return true;
	const enum status status =
	        desk_notes(state, alert, before, n->limit + 1, add_note, n);
	auth_look_away(n->x->site->auth);
	return handler_changed(n->x, status, "note");
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

bool handle_alert_notes(struct exchange *x)
{
	struct notes n = { .x = x, .to = &x->response->body };
	int64_t before;
	n.format = x->response->format;
	if (!handler_read_limit(x, &n.limit) || !read_before(x, &before))
		return false;
	if (n.format == FORMAT_JSON)
		buffer_add_string(n.to, "{\"items\":[");
	if (!add_notes(&n, NULL, before))
		return false;
	if (n.format != FORMAT_JSON)
		return true;
	buffer_format(n.to, "],\"truncated\":%s,\"next\":", n.more ? "true" : "false");
	buffer_format(n.to, n.more ? "\"%lld\"}\n" : "null}\n", (long long)n.last);
	return true;
}

/* --- in hand -------------------------------------------------------------------------- */

static void add_in_hand(const struct desk_note *note, struct buffer *to)
{
	json_add_name(to, "acknowledged");
	if (note->action != DESK_ACKNOWLEDGED) {
		buffer_add_string(to, "null");
		return;
	}
	buffer_add_string(to, "{\"by\":");
	display_json(to, text_from(note->who));
	handler_add_time(to, "at", note->at);
	buffer_add_char(to, '}');
}

void handler_add_beside(struct exchange *x, const struct record *record, struct buffer *to)
{
	struct desk_note note = { 0 };
	if (record->kind != RECORD_ALERT)
		return;
	struct accounts *state = auth_look(x->site->auth);
	if (state && desk_in_hand(state, record->alert.id, &note) != OK)
		note.action = DESK_NOTHING;
	if (state)
		auth_look_away(x->site->auth);
	add_in_hand(&note, to);
}

/* --- one alert ------------------------------------------------------------------------ */

/* How it stood last, or each change, the latest first; ERR_NOT_FOUND: there is none. */
static enum status add_states(struct exchange *x, bool each, struct buffer *to)
{
	struct query_list list = { .kind = RECORD_ALERT, .every_state = each };
	struct filter *filter = NULL;
	struct filter_error why;
	struct rows rows;
	struct record record;
	struct rendering rendering = { .x = x, .to = to, .format = FORMAT_JSON };
	char text[ID_TEXT_SIZE + 8];
	char id[ID_TEXT_SIZE];
	snprintf(text, sizeof text, "id = %s", id_format(x->id, id));
	enum status status = filter_parse(text_from(text), RECORD_ALERT, &filter, &why);
	if (status != OK)
		return status;
	list.filter = filter;
	list.limit = each ? STATES_MOST : 1;
	status = query_list(x->query, &list, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK)
		rendering_add(&rendering, &record);
	rows_end(&rows);
	filter_free(filter);
	if (status == ERR_NOT_FOUND && rendering.count > 0)
		return OK;
	return status;
}

static bool tell_missing(struct exchange *x, enum status status)
{
	if (status == ERR_NOT_FOUND)
		return problem_set(x->problem, 404, "no-such-id",
		                   "there is no alert of that id");
	return status == OK || handler_failed(x);
}

bool handle_alert(struct exchange *x)
{
	struct buffer *to = &x->response->body;
	struct notes n = { .x = x, .to = to, .format = FORMAT_JSON };
	n.limit = DESK_NOTES_OF_ONE;
	buffer_add_string(to, "{\"alert\":");
	if (!tell_missing(x, add_states(x, false, to)))
		return false;
	buffer_add_string(to, ",\"states\":[");
	if (!tell_missing(x, add_states(x, true, to)))
		return false;
	buffer_add_string(to, "],\"notes\":[");
	if (!add_notes(&n, &x->id, INT64_MAX))
		return false;
	buffer_add_string(to, "]}\n");
	return true;
}

/* --- said of it ----------------------------------------------------------------------- */

static bool is_there(struct exchange *x)
{
	struct buffer ignored = { 0 };
	const enum status status = add_states(x, false, &ignored);
	buffer_free(&ignored);
	return tell_missing(x, status);
}

/* Nobody has it in hand twice, and nobody gives back what nobody has. */
static bool makes_sense(struct exchange *x, struct accounts *state,
                        const struct desk_note *note)
{
	struct desk_note before;
	const enum status status = desk_in_hand(state, x->id, &before);
	const bool in_hand = before.action == DESK_ACKNOWLEDGED;
	if (status != OK)
		return handler_changed(x, status, "note");
	if (note->action == DESK_ACKNOWLEDGED && in_hand)
		return problem_set(x->problem, 409, "acknowledged",
		                   "it is acknowledged already, by %s", before.who);
	if (note->action == DESK_REOPENED && !in_hand)
		return problem_set(x->problem, 409, "not-acknowledged",
		                   "it is not acknowledged");
	return true;
}

static bool keep(struct exchange *x, const struct desk_note *note, const char *action)
{
	char id[ID_TEXT_SIZE];
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	const bool good = makes_sense(x, state, note) &&
	                  handler_changed(x, desk_note_add(state, note), "note");
	return handler_end_change(x, good, action, id_format(x->id, id)) && handle_alert(x);
}

static bool say(struct exchange *x, enum desk_action what, const char *action, bool needed)
{
	static const char *const names[] = { "text", NULL };
	struct desk_note note = { .alert = x->id, .at = x->request->now, .action = what };
	const struct body_text text = { "text", needed, sizeof note.text - 1, note.text,
		                        needed ? BODY_NEEDED : 0 };
	json_t *body;
	if (!is_there(x) || !body_read(x, names, &body))
		return false;
	text_copy(note.who, sizeof note.who, text_from(x->identity->account.name));
	const bool good = body_take_text(body, &text, x->problem);
	json_decref(body);
	return good && keep(x, &note, action);
}

bool handle_acknowledge(struct exchange *x)
{
	return say(x, DESK_ACKNOWLEDGED, "alert_acknowledged", false);
}

bool handle_reopen(struct exchange *x)
{
	return say(x, DESK_REOPENED, "alert_reopened", false);
}

bool handle_comment(struct exchange *x)
{
	return say(x, DESK_COMMENTED, "alert_commented", true);
}
