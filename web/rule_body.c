#include "web/rule_body.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum kind { TEXT_MEMBER, NAME_MEMBER, REAL_MEMBER, SECONDS_MEMBER, COUNT_MEMBER };

#define AT(MEMBER)                                                                         \
	.at = offsetof(struct rule, MEMBER), .size = sizeof((struct rule *)0)->MEMBER
#define NAMES(TABLE) .names = (TABLE), .count = ARRAY_LEN(TABLE)

/* clang-format off */
static const struct member {
	const char *name;
	enum kind kind;
	size_t at, size;
	const char *const *names;
	size_t count;
} members[] = {
	{ "name", TEXT_MEMBER, AT(name) },
	{ "metric", TEXT_MEMBER, AT(metric_name) },
	{ "scope", NAME_MEMBER, AT(scope), NAMES(alert_scope_names) },
	{ "match", TEXT_MEMBER, AT(match) },
	{ "condition", NAME_MEMBER, AT(condition), NAMES(alert_condition_names) },
	{ "threshold", REAL_MEMBER, AT(threshold) },
	{ "clear", REAL_MEMBER, AT(clear) },
	{ "least_pct", REAL_MEMBER, AT(least_pct) },
	{ "certainty", REAL_MEMBER, AT(certainty) },
	{ "min_samples", COUNT_MEMBER, AT(min_samples) },
	{ "window_s", SECONDS_MEMBER, AT(window) },
	{ "raise_after_s", SECONDS_MEMBER, AT(raise_after) },
	{ "clear_after_s", SECONDS_MEMBER, AT(clear_after) },
	{ "group", NAME_MEMBER, AT(group), NAMES(rule_group_names) },
	{ "severity", NAME_MEMBER, AT(severity), NAMES(alert_severity_names) },
	{ "schedule", NAME_MEMBER, AT(schedule), NAMES(rule_schedule_names) },
	{ "doc", TEXT_MEMBER, AT(doc) },
};
/* clang-format on */

static_assert(sizeof(enum alert_scope) == sizeof(unsigned int), "names are taken as one");

static void *place_of(struct rule *rule, const struct member *member)
{
	return (char *)rule + member->at;
}

/* --- reading -------------------------------------------------------------------------- */

static bool refuse(char *error, const char *name, const char *what)
{
	snprintf(error, RULE_ERROR_SIZE, "%s: %s", name, what);
	return false;
}

static bool read_text(const json_t *value, void *to, size_t size)
{
	const char *at = json_string_value(value);
	const struct text text = { at, at ? json_string_length(value) : 0 };
	return text.len > 0 && text_find(text, '\0') == text.len &&
	       text_copy(to, size, text);
}

static bool read_name(const json_t *value, const struct member *member, void *to)
{
	const char *name = json_string_value(value);
	for (unsigned int i = 1; name && i < member->count; i++) {
		if (strcmp(member->names[i], name) != 0)
			continue;
		memcpy(to, &i, sizeof i);
		return true;
	}
	return false;
}

static bool read_real(const json_t *value, double most, double *to)
{
	*to = json_number_value(value);
	return json_is_number(value) && isfinite(*to) && fabs(*to) <= most;
}

static bool read_member(const json_t *value, const struct member *member, struct rule *said,
                        char *error)
{
	const double most_s = 1e6;
	void *to = place_of(said, member);
	double real = 0;
	switch (member->kind) {
	case TEXT_MEMBER:
		return read_text(value, to, member->size) ||
		       refuse(error, member->name, "is no text, or a long one");
	case NAME_MEMBER:
		return read_name(value, member, to) ||
		       refuse(error, member->name, "is none of its words");
	case REAL_MEMBER:
		return read_real(value, 1e15, to) ||
		       refuse(error, member->name, "is no number");
	case SECONDS_MEMBER:
		if (!read_real(value, most_s, &real) || real < 0)
			return refuse(error, member->name, "is no number of seconds");
		*(nstime *)to = (nstime)llround(real * (double)NS_PER_SEC);
		return true;
	default:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return refuse(error, member->name, "is no whole number");
		*(uint64_t *)to = (uint64_t)json_integer_value(value);
		return true;
	}
}

static bool read_muters(const json_t *list, struct rule *said, char *error)
{
	if (!json_is_array(list) || json_array_size(list) > LIMIT_MUTERS)
		return refuse(error, "muted_by", "is no list of at most 4 names of rules");
	said->muter_count = json_array_size(list);
	for (size_t i = 0; i < said->muter_count; i++)
		if (!read_text(json_array_get(list, i), said->muted_by[i], ALERT_RULE))
			return refuse(error, "muted_by", "has what is no name of a rule");
	return true;
}

static bool read_one(const char *name, const json_t *value, struct rule *said, char *error)
{
	if (strcmp(name, "enabled") == 0) {
		said->enabled = json_is_true(value);
		return json_is_boolean(value) ||
		       refuse(error, name, "is not true or false");
	}
	if (strcmp(name, "muted_by") == 0)
		return read_muters(value, said, error);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (strcmp(name, members[i].name) == 0)
			return read_member(value, &members[i], said, error);
	return refuse(error, name, "is no member of a rule");
}

bool rule_body_read(const json_t *body, struct rule *said, char error[RULE_ERROR_SIZE])
{
	void *member;
	*said = rule_unsaid();
	if (!json_is_object(body))
		return refuse(error, "a rule", "is an object");
	for (member = json_object_iter((json_t *)body); member;
	     member = json_object_iter_next((json_t *)body, member)) {
		const json_t *value = json_object_iter_value(member);
		if (!json_is_null(value) &&
		    !read_one(json_object_iter_key(member), value, said, error))
			return false;
	}
	return true;
}

/* --- writing -------------------------------------------------------------------------- */

static json_t *text_of_rule(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *member_of(const struct rule *rule, const struct member *member)
{
	const void *from = place_of((struct rule *)rule, member);
	unsigned int name;
	double real;
	switch (member->kind) {
	case TEXT_MEMBER:
		return text_of_rule(from);
	case NAME_MEMBER:
		memcpy(&name, from, sizeof name);
		return name && name < member->count ? json_string(member->names[name])
		                                    : json_null();
	case REAL_MEMBER:
		memcpy(&real, from, sizeof real);
		return isfinite(real) ? json_real(real) : json_null();
	case SECONDS_MEMBER:
		return *(const nstime *)from < 0
		               ? json_null()
		               : json_real(ns_to_s(*(const nstime *)from));
	default:
		return json_integer((json_int_t) * (const uint64_t *)from);
	}
}

static json_t *muters_of(const struct rule *rule)
{
	json_t *list = json_array();
	for (size_t i = 0; list && i < rule->muter_count; i++)
		if (json_array_append_new(list, json_string(rule->muted_by[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

json_t *rule_body_of(const struct rule *rule)
{
	json_t *body = json_object();
	bool good = body != NULL;
	for (size_t i = 0; i < ARRAY_LEN(members) && good; i++)
		good = json_object_set_new(body, members[i].name,
		                           member_of(rule, &members[i])) == 0;
	good = good && json_object_set_new(body, "muted_by", muters_of(rule)) == 0;
	good = good &&
	       json_object_set_new(body, "enabled", json_boolean(rule->enabled)) == 0;
	if (good)
		return body;
	json_decref(body);
	return NULL;
}
