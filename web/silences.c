/*
 * silences.c - nobody is to be told of some alerts for a while: they fire, and are muted.
 */
#include "web/body.h"

#include <stdio.h>

#include "schema/desk.h"
#include "web/record_json.h"

#define LONGEST (NS_PER_SEC * 86400 * 90)
#define BEFORE (NS_PER_SEC * 86400 * 30) /* that are over are listed for so long */
enum { NAME_DIGITS = 18 };

static const char *state_of(const struct desk_silence *silence, nstime now)
{
	if (silence->ends <= now)
		return "over";
	return silence->begins > now ? "coming" : "active";
}

static void add_members(struct exchange *x, const struct desk_silence *silence,
                        struct buffer *to)
{
	buffer_format(to, "{\"kind\":\"silence\",\"id\":%lld", (long long)silence->id);
	json_add_text(to, "state", state_of(silence, x->request->now));
	json_add_text(to, "rule", silence->rule);
	json_add_name(to, "match");
	if (silence->match[0])
		handler_add_words(x, silence->match, to); /* it may be an address */
	else
		buffer_add_string(to, "null");
	json_add_time(to, "begins", silence->begins);
	json_add_time(to, "ends", silence->ends);
	json_add_time(to, "created", silence->created);
	json_add_text(to, "author", silence->author);
	json_add_name(to, "comment");
	handler_add_words(x, silence->comment, to);
	json_add_text(to, "ended_by", silence->ended_by);
	buffer_add_char(to, '}');
}

struct listing {
	struct exchange *x;
	struct buffer lines;
};

static void add_one(void *self, const struct desk_silence *silence)
{
	struct listing *l = self;
	add_members(l->x, silence, &l->lines);
	buffer_add_char(&l->lines, '\n');
}

bool handle_silences(struct exchange *x)
{
	struct listing l = { .x = x };
	struct accounts *state = auth_look(x->site->auth);
	enum status status = OK;
	if (state) {
		status = desk_silences(state, x->request->now - BEFORE, DESK_SILENCES_MAX,
		                       add_one, &l);
		auth_look_away(x->site->auth);
	}
	const bool good = handler_changed(x, status, "silence");
	if (good)
		handler_add_lines(x, &l.lines);
	buffer_free(&l.lines);
	return good;
}

/* --- a new one ------------------------------------------------------------------------ */

static bool read_texts(struct exchange *x, const json_t *body, struct desk_silence *out)
{
	const struct body_text texts[] = {
		{ "rule", 1, sizeof out->rule - 1, out->rule, 0 },
		{ "match", 1, sizeof out->match - 1, out->match, 0 },
		{ "comment", 1, sizeof out->comment - 1, out->comment, BODY_NEEDED },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!body_take_text(body, &texts[i], x->problem))
			return false;
	if (out->rule[0] || out->match[0])
		return true;
	return problem_in(x->problem, "rule", "bad-value",
	                  "rule, match or both are needed: a silence of everything would "
	                  "hide whatever comes");
}

static bool read_times(struct exchange *x, const json_t *body, struct desk_silence *out)
{
	const nstime now = x->request->now;
	double duration_s = 0;
	out->begins = out->created = now;
	out->ends = NSTIME_NONE;
	if (!body_take_time(body, "begins", now, &out->begins, x->problem) ||
	    !body_take_time(body, "ends", now, &out->ends, x->problem) ||
	    !body_take_number(body, "duration_s", &duration_s, x->problem))
		return false;
	if (duration_s > 0 && duration_s <= ns_to_s(LONGEST) && out->ends == NSTIME_NONE)
		out->ends = out->begins + (nstime)(duration_s * NS_PER_SEC);
	if (out->ends == NSTIME_NONE)
		return problem_in(x->problem, "ends", "bad-value",
		                  "ends is needed, or duration_s, up to 90 days");
	if (out->ends <= now || out->ends <= out->begins)
		return problem_in(x->problem, "ends", "bad-value",
		                  "it would be over before it begins");
	if (out->ends - now > LONGEST)
		return problem_in(x->problem, "ends", "bad-value",
		                  "up to 90 days from now");
	return true;
}

static bool add(struct exchange *x, struct desk_silence *silence)
{
	char subject[2 * DESK_NAME + 32];
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	text_copy(silence->author, sizeof silence->author,
	          text_from(x->identity->account.name));
	const bool good = handler_changed(x, desk_silence_add(state, silence, &silence->id),
	                                  "silence");
	snprintf(subject, sizeof subject, "%lld: %s %s", (long long)silence->id,
	         silence->rule, silence->match);
	if (!handler_end_change(x, good, "silence_added", subject))
		return false;
	x->response->status = 201;
	add_members(x, silence, &x->response->body);
	buffer_add_char(&x->response->body, '\n');
	return true;
}

bool handle_add_silence(struct exchange *x)
{
	static const char *const names[] = { "rule", "match",      "comment", "begins",
		                             "ends", "duration_s", NULL };
	struct desk_silence silence = { 0 };
	json_t *body;
	if (!body_read(x, names, &body))
		return false;
	const bool good = read_texts(x, body, &silence) && read_times(x, body, &silence);
	json_decref(body);
	return good && add(x, &silence);
}

bool handle_end_silence(struct exchange *x)
{
	char subject[AUDIT_SUBJECT];
	uint64_t id;
	if (x->name.len > NAME_DIGITS || text_number(x->name, INT64_MAX, &id) != OK)
		return problem_in(x->problem, "id", "bad-value", "a number is expected");
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	const char *who = x->identity->account.name;
	const bool good = handler_changed(
	        x, desk_silence_end(state, (int64_t)id, who, x->request->now),
	        "silence that is not over");
	snprintf(subject, sizeof subject, "%llu", (unsigned long long)id);
	if (!handler_end_change(x, good, "silence_ended", subject))
		return false;
	x->response->status = 204;
	return true;
}
