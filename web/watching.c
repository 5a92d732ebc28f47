/* watching.c - a probe that runs: how it stands now, and what happens. */
#include "web/handlers.h"

#include "web/display.h"

static bool is_not_live(struct exchange *x)
{
	return problem_set(x->problem, 404, "not-live",
	                   "this server answers for a database, not for a probe that runs");
}

bool handle_live(struct exchange *x)
{
	if (!x->site->live)
		return is_not_live(x);
	if (!live_add_snapshot(x->site->live, x->mask, &x->response->body)) {
		problem_set(x->problem, 503, "not-yet", "the probe has told nothing yet");
		x->problem->retry_s = 1;
		return false;
	}
	buffer_add_char(&x->response->body, '\n');
	return true;
}

/* What the browser had last, of a stream that was interrupted. */
static bool read_last(struct exchange *x, uint64_t *last)
{
	const char *field = x->request->last_event_id;
	*last = 0;
	if (!field || !*field || text_number(text_from(field), UINT64_MAX, last) == OK)
		return true;
	return problem_in(x->problem, "Last-Event-ID", "bad-value", "a number is expected");
}

bool handle_events(struct exchange *x)
{
	uint64_t last;
	if (!x->site->live)
		return is_not_live(x);
	if (!read_last(x, &last))
		return false;
	if (x->request->method == METHOD_HEAD)
		return true;
	if (live_open(x->site->live, !auth_sees_people(x->site->auth, x->identity), last,
	              &x->response->stream) == OK)
		return true;
	problem_set(x->problem, 503, "busy", "too many watch already");
	x->problem->retry_s = 5;
	return false;
}
