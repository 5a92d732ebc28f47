/*
 * rules.c - when somebody is to be told: the rules of the configuration, to be read, and
 * those made here, which a probe that runs takes over within a tick.
 */
#include "web/body.h"

#include <stdlib.h>
#include <string.h>

#include "schema/desk.h"
#include "schema/learnt.h"
#include "web/display.h"
#include "web/record_json.h"
#include "web/rule_board.h"
#include "web/rule_body.h"

struct listing {
	struct exchange *x;
	struct rule_sheet *sheet;  /* owned; of the configuration, and those made here */
	bool covered[LIMIT_RULES]; /* one made here lies over it */
	struct learnt *learnt;     /* owned; of rules that compare with past weeks */
	size_t learnt_count;
	struct buffer lines;
};

/* --- one rule ------------------------------------------------------------------------- */

static void add_value(struct buffer *to, const json_t *value)
{
	if (json_is_string(value)) {
		display_json(to, (struct text){ json_string_value(value),
		                                json_string_length(value) });
	} else if (json_is_integer(value)) {
		display_json_count(to, (uint64_t)json_integer_value(value));
	} else if (json_is_real(value)) {
		display_json_real(to, json_real_value(value));
	} else if (json_is_array(value)) {
		buffer_add_char(to, '[');
		for (size_t i = 0; i < json_array_size(value); i++) {
			const char *name = json_string_value(json_array_get(value, i));
			buffer_add_string(to, i ? "," : "");
			display_json(to, text_from(name ? name : ""));
		}
		buffer_add_char(to, ']');
	} else {
		buffer_add_string(to, json_is_true(value)    ? "true"
		                      : json_is_false(value) ? "false"
		                                             : "null");
	}
}

static void add_members(struct buffer *to, const struct rule *rule)
{
	json_t *body = rule_body_of(rule);
	const char *name;
	json_t *value;
	to->failed |= !body;
	json_object_foreach(body, name, value)
	{
		json_add_name(to, name);
		add_value(to, value);
	}
	json_decref(body);
	json_add_text(to, "unit", rule->metric.unit ? rule->metric.unit : "");
	json_add_text(to, "title", rule->metric.title ? rule->metric.title : "");
}

static void add_origin(struct buffer *to, const char *origin, bool in_use)
{
	json_add_name(to, "origin");
	buffer_format(to, "\"%s\",\"in_use\":%s", origin, in_use ? "true" : "false");
}

static void add_author(struct buffer *to, const struct desk_rule *kept)
{
	json_add_text(to, "author", kept ? kept->author : "");
	json_add_time(to, "changed", kept ? kept->changed : NSTIME_NONE);
}

/* What a rule that compares with past weeks knows of them; null: it is none, or nothing is
 * known of that here. */
static void add_learning(const struct listing *l, const struct rule *rule,
                         struct buffer *to)
{
	const struct learnt *learnt =
	        l ? learnt_of(l->learnt, l->learnt_count, rule->name) : NULL;
	json_add_name(to, "learning");
	if (!l || !rule_learns(rule)) {
		buffer_add_string(to, "null");
		return;
	}
	buffer_format(to, "{\"subjects\":%llu,\"weeks\":%u,\"missing_weeks\":%u,",
	              (unsigned long long)(learnt ? learnt->subjects : 0),
	              learnt ? learnt->weeks : 0, learnt_missing_weeks(learnt));
	buffer_add_string(to, "\"known_pct\":");
	display_json_real(to, learnt ? learnt->known_pct : 0);
	buffer_add_char(to, '}');
}

static void add_of_file(struct listing *l, size_t i)
{
	const struct rule *rule = &l->sheet->rules.rules[i];
	buffer_add_string(&l->lines, "{\"kind\":\"rule\"");
	add_members(&l->lines, rule);
	add_origin(&l->lines, l->sheet->own[i] ? "file" : "shipped",
	           rule->enabled && !l->covered[i]);
	add_author(&l->lines, NULL);
	add_learning(l, rule, &l->lines);
	buffer_add_string(&l->lines, "}\n");
}

/* One that makes no sense any more is not in use. */
static bool takes_part(struct rule_list *list, struct rule *rule)
{
	char why[RULE_ERROR_SIZE];
	const struct rule said = *rule;
	if (!rule_list_say(list, &said, why))
		return false;
	*rule = *rule_list_find(list, text_from(rule->name));
	return rule->enabled;
}

static bool parse(struct text text, struct rule *out)
{
	char why[RULE_ERROR_SIZE];
	json_error_t error;
	json_t *body = json_loadb(text.at, text.len, 0, &error);
	const bool good = body && rule_body_read(body, out, why);
	json_decref(body);
	return good;
}

static void cover(void *self, const struct desk_rule *kept)
{
	struct listing *l = self;
	const struct rule *there = rule_list_find(&l->sheet->rules, text_from(kept->name));
	if (there)
		l->covered[there - l->sheet->rules.rules] = true;
}

static void add_rule(const struct listing *l, struct buffer *to,
                     const struct desk_rule *kept, struct rule *rule, bool in_use)
{
	buffer_add_string(to, "{\"kind\":\"rule\"");
	add_members(to, rule);
	add_origin(to, "api", in_use);
	add_author(to, kept);
	add_learning(l, rule, to);
	buffer_add_string(to, "}\n");
}

static void add_of_api(void *self, const struct desk_rule *kept)
{
	struct listing *l = self;
	struct rule rule;
	if (!parse(text_from(kept->body), &rule))
		return;
	text_copy(rule.name, sizeof rule.name, text_from(kept->name));
	const bool in_use = takes_part(&l->sheet->rules, &rule);
	add_rule(l, &l->lines, kept, &rule, in_use);
}

/* NULL: no memory, which was said. */
static struct rule_sheet *copy_sheet(struct exchange *x)
{
	struct rule_sheet *sheet = malloc(sizeof *sheet);
	if (sheet)
		rule_board_copy(x->site->rules, sheet);
	else
		problem_set(x->problem, 503, "no-memory", "memory ran out");
	return sheet;
}

static enum status add_rules(struct listing *l, struct accounts *state)
{
	const size_t count = l->sheet->rules.count;
	enum status status = state ? desk_rules(state, cover, l) : OK;
	for (size_t i = 0; i < count; i++)
		add_of_file(l, i);
	if (state && status == OK)
		status = desk_rules(state, add_of_api, l);
	return status;
}

bool handle_rules(struct exchange *x)
{
	struct listing l = { .x = x, .sheet = copy_sheet(x) };
	if (!l.sheet)
		return false;
	if (query_learnt(x->query, &l.learnt, &l.learnt_count) != OK) {
		free(l.learnt);
		free(l.sheet);
		return handler_failed(x);
	}
	struct accounts *state = auth_look(x->site->auth);
	const enum status status = add_rules(&l, state);
	if (state)
		auth_look_away(x->site->auth);
	const bool good = handler_changed(x, status, "rule");
	if (good)
		handler_add_lines(x, &l.lines);
	buffer_free(&l.lines);
	free(l.learnt);
	free(l.sheet);
	return good;
}

/* --- changes -------------------------------------------------------------------------- */

struct fresh {
	struct rule rule;
	struct desk_rule kept;
};

/* As it would be among the others; false: *problem. */
static bool fits(struct exchange *x, struct fresh *f)
{
	struct rule_sheet *sheet = copy_sheet(x);
	char why[RULE_ERROR_SIZE];
	const struct rule said = f->rule;
	struct rule whole = rule_default();
	bool good = false;
	if (!sheet)
		return false;
	if (rule_list_find(&sheet->rules, text_from(said.name))) {
		problem_set(x->problem, 409, "of-the-configuration",
		            "the configuration has a rule of that name, which is changed "
		            "there");
	} else if (!rule_list_say(&sheet->rules, &said, why)) {
		struct buffer safe = { 0 };
		rule_take_over(&whole, &said);
		problem_in(x->problem, rule_wrong_member(&whole), "bad-rule", "%s", "");
		display_text(&safe, text_from(why));
		text_copy(x->problem->detail, sizeof x->problem->detail,
		          buffer_text(&safe));
		buffer_free(&safe);
	} else {
		f->rule = *rule_list_find(&sheet->rules, text_from(said.name));
		good = true;
	}
	free(sheet);
	return good;
}

static bool keep_body(struct exchange *x, const json_t *body, struct desk_rule *kept)
{
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	const bool good = text && text_copy(kept->body, sizeof kept->body, text_from(text));
	free(text);
	return good ||
	       problem_set(x->problem, 413, "body-too-long",
	                   "a rule of more than %d octets is not taken", DESK_BODY - 1);
}

static bool is_rule_name(const char *name)
{
	for (size_t i = 0; name[i]; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') && !ascii_is_digit(name[i]) &&
		    name[i] != '_')
			return false;
	return name[0];
}

/* `why` begins with the member that it is about. */
static bool refuse(struct exchange *x, const char *why)
{
	struct text rest = text_from(why);
	struct problem *problem = x->problem;
	struct buffer safe = { 0 };
	const struct text member = text_cut(&rest, ':');
	problem_in(problem, "body", "bad-value", "%s", "");
	if (member.len > 0)
		text_copy(problem->parameter, sizeof problem->parameter, member);
	display_text(&safe, text_trim(rest));
	text_copy(problem->detail, sizeof problem->detail, buffer_text(&safe));
	buffer_free(&safe);
	return false;
}

/* The name is in the path, or in the body, or in both, the same. */
static bool read_rule(struct exchange *x, json_t *body, struct fresh *f)
{
	const json_t *name = json_object_get(body, "name");
	if (x->name.at && !name)
		(void)json_object_set_new(body, "name",
		                          json_stringn(x->name.at, x->name.len));
	else if (x->name.at &&
	         !text_equal(x->name, (struct text){ json_string_value(name),
	                                             json_string_length(name) }))
		return problem_in(x->problem, "name", "bad-value",
		                  "it is the one of the path: a rule keeps its name");
	char why[RULE_ERROR_SIZE];
	if (!rule_body_read(body, &f->rule, why))
		return refuse(x, why);
	if (!is_rule_name(f->rule.name))
		return problem_in(x->problem, "name", "bad-value",
		                  "a name of a-z, 0-9 and '_' is expected");
	if (!keep_body(x, body, &f->kept))
		return false;
	text_copy(f->kept.name, sizeof f->kept.name, text_from(f->rule.name));
	text_copy(f->kept.author, sizeof f->kept.author,
	          text_from(x->identity->account.name));
	f->kept.changed = x->request->now;
	return fits(x, f);
}

static bool put(struct exchange *x, bool is_fresh)
{
	struct fresh f = { 0 };
	json_t *body;
	if (!body_read(x, NULL, &body))
		return false;
	bool good = read_rule(x, body, &f);
	json_decref(body);
	struct accounts *state = good ? handler_begin_change(x) : NULL;
	if (!state)
		return false;
	good = handler_changed(x, desk_rule_put(state, &f.kept, is_fresh),
	                       "rule made here");
	if (!handler_end_change(x, good, is_fresh ? "rule_added" : "rule_changed",
	                        f.kept.name))
		return false;
	x->response->status = is_fresh ? 201 : 200;
	add_rule(NULL, &x->response->body, &f.kept, &f.rule, f.rule.enabled);
	return true;
}

bool handle_add_rule(struct exchange *x)
{
	return put(x, true);
}

bool handle_change_rule(struct exchange *x)
{
	return put(x, false);
}

bool handle_remove_rule(struct exchange *x)
{
	char name[DESK_NAME] = "";
	text_copy(name, sizeof name, x->name);
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	x->response->status = 204;
	const bool good =
	        handler_changed(x, desk_rule_remove(state, x->name), "rule made here");
	return handler_end_change(x, good, "rule_removed", name);
}
