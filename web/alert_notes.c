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
	struct numbered page;
};

static void add_note(void *self, const struct desk_note *note)
{
	struct notes *n = self;
	struct buffer *to = n->page.to;
	char id[ID_TEXT_SIZE];
	if (!numbered_add(&n->page))
		return;
	buffer_format(to, "{\"kind\":\"alert_note\",\"id\":%lld,\"alert\":\"%s\"",
	              (long long)note->id, id_format(note->alert, id));
	json_add_time(to, "at", note->at);
	json_add_text(to, "who", note->who);
	json_add_text(to, "action", note->action ? desk_action_names[note->action] : "");
	json_add_name(to, "text");
	if (note->text[0])
		handler_add_words(n->x, note->text, to);
	else
		buffer_add_string(to, "null");
	buffer_add_char(to, '}');
	numbered_added(&n->page, note->id);
}

/* Of that alert, or of all; false: *problem. */
static bool add_notes(struct notes *n, const uint64_t *alert)
{
	struct accounts *state = auth_look(n->x->site->auth);
	if (!state)
		return true;
	const enum status status =
	        desk_notes(state, alert, n->page.before, n->page.limit + 1, add_note, n);
	auth_look_away(n->x->site->auth);
	return handler_changed(n->x, status, "note");
}

bool handle_alert_notes(struct exchange *x)
{
	struct notes n = { .x = x };
	if (!numbered_read(&n.page, x))
		return false;
	numbered_begin(&n.page);
	if (!add_notes(&n, NULL))
		return false;
	numbered_end(&n.page);
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
	json_add_time(to, "at", note->at);
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
	struct notes n = { .x = x,
		           .page = { .to = to,
		                     .format = FORMAT_JSON,
		                     .limit = DESK_NOTES_OF_ONE,
		                     .before = INT64_MAX } };
	buffer_add_string(to, "{\"alert\":");
	if (!tell_missing(x, add_states(x, false, to)))
		return false;
	buffer_add_string(to, ",\"states\":[");
	if (!tell_missing(x, add_states(x, true, to)))
		return false;
	buffer_add_string(to, "],\"notes\":[");
	if (!add_notes(&n, &x->id))
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
