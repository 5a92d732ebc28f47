#include "web/body.h"

#include <string.h>

#include "schema/filter_time.h"

static bool is_json(const struct request *request)
{
	struct text type = text_from(request->content_type ? request->content_type : "");
	return text_equal_nocase(text_trim(text_cut(&type, ';')), TEXT("application/json"));
}

static bool knows(const char *const *names, const char *name)
{
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool check_members(json_t *body, const char *const *names, struct problem *problem)
{
	const char *name;
	json_t *value;
	struct problem unknown;
	json_object_foreach(body, name, value)
	{
		if (knows(names, name))
			continue;
		problem_in(&unknown, name[0] ? name : "body", "unknown-member",
		           "the body may not have this member");
		*problem = unknown;
		return false;
	}
	return true;
}

bool body_read(struct exchange *x, const char *const *names, json_t **out)
{
	const struct text body = x->request->body;
	json_error_t error;
	*out = NULL;
	if (body.len == 0) {
		*out = json_object();
		return *out || handler_failed(x);
	}
	/* What no form of another page can send. */
	if (!is_json(x->request))
		return problem_set(x->problem, 415, "bad-type",
		                   "a body of application/json is expected");
	json_t *parsed = json_loadb(body.at, body.len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(parsed)) {
		json_decref(parsed);
		return problem_in(x->problem, "body", "bad-json", "an object is expected");
	}
	if (names && !check_members(parsed, names, x->problem)) {
		json_decref(parsed);
		return false;
	}
	*out = parsed;
	return true;
}

static const json_t *member(const json_t *body, const char *name)
{
	const json_t *value = json_object_get(body, name);
	return json_is_null(value) ? NULL : value;
}

bool body_take_text(const json_t *body, const struct body_text *text,
                    struct problem *problem)
{
	const json_t *value = member(body, text->name);
	const char *at = json_string_value(value);
	const size_t len = json_string_length(value);
	if (!value && !(text->flags & BODY_NEEDED))
		return true;
	/* Parsed without JSON_ALLOW_NUL: there is none within. */
	if (!at || len < text->least || len > text->most)
		return problem_in(problem, text->name, "bad-value",
		                  "a string of %zu to %zu octets is expected", text->least,
		                  text->most);
	memcpy(text->to, at, len + 1);
	return true;
}

bool body_take_flag(const json_t *body, const char *name, bool *out,
                    struct problem *problem)
{
	const json_t *value = member(body, name);
	if (!value)
		return true;
	if (!json_is_boolean(value))
		return problem_in(problem, name, "bad-value", "true or false is expected");
	*out = json_is_true(value);
	return true;
}

bool body_take_number(const json_t *body, const char *name, double *out,
                      struct problem *problem)
{
	const json_t *value = member(body, name);
	if (!value)
		return true;
	if (!json_is_number(value))
		return problem_in(problem, name, "bad-value", "a number is expected");
	*out = json_number_value(value);
	return true;
}

bool body_take_time(const json_t *body, const char *name, nstime now, nstime *out,
                    struct problem *problem)
{
	const json_t *value = member(body, name);
	const char *at = json_string_value(value);
	nstime offset;
	if (!value)
		return true;
	if (at && filter_time_relative(text_from(at), &offset) == OK) {
		*out = now + offset;
		return true;
	}
	if (at && filter_time_absolute(text_from(at), out) == OK)
		return true;
	return problem_in(problem, name, "bad-value",
	                  "a time is expected, as 2026-01-31T09:44:01Z or -2h");
}

static void list_names(const struct body_name *name, struct buffer *to)
{
	for (size_t i = 1; i < name->count; i++)
		buffer_format(to, "%s%s", i > 1 ? ", " : "", name->names[i]);
	buffer_add_char(to, '\0');
}

bool body_take_name(const json_t *body, const struct body_name *name, unsigned int *out,
                    struct problem *problem)
{
	const json_t *value = member(body, name->name);
	const char *at = json_string_value(value);
	struct buffer allowed = { 0 };
	if (!value)
		return true;
	for (size_t i = 1; at && i < name->count; i++) {
		if (strcmp(at, name->names[i]) == 0) {
			*out = (unsigned int)i;
			return true;
		}
	}
	list_names(name, &allowed);
	problem_in(problem, name->name, "bad-value", "one of %s is expected",
	           allowed.failed ? "its names" : allowed.at);
	buffer_free(&allowed);
	return false;
}
