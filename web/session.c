/* session.c - who asks; in with a password, and out. */
#include "web/handlers.h"

#include <jansson.h>
#include <string.h>

#include "web/display.h"
#include "web/record_json.h"

static void add_text(struct buffer *to, const char *name, const char *value)
{
	json_add_name(to, name);
	if (value)
		display_json(to, text_from(value));
	else
		buffer_add_string(to, "null");
}

static void add_identity(struct exchange *x, const struct identity *identity)
{
	struct buffer *to = &x->response->body;
	buffer_add_char(to, '{');
	add_text(to, "user", identity->account.name);
	add_text(to, "way", auth_way_names[identity->way]);
	add_text(to, "role", role_names[identity->account.role]);
	json_add_name(to, "pii");
	buffer_add_string(to, auth_sees_people(x->site->auth, identity) ? "true" : "false");
	add_text(to, "csrf", identity->csrf[0] ? identity->csrf : NULL);
	buffer_add_string(to, "}\n");
}

bool handle_session(struct exchange *x)
{
	add_identity(x, x->identity);
	return true;
}

/* A string member of the body; false: *problem says that it is not there. */
static bool read_member(const json_t *body, const char *name, size_t most, struct text *out,
                        struct problem *problem)
{
	const json_t *member = json_object_get(body, name);
	*out = (struct text){ json_string_value(member), json_string_length(member) };
	if (out->at && out->len > 0 && out->len <= most)
		return true;
	return problem_in(problem, name, "bad-value",
	                  "a string of 1 to %zu octets is expected", most);
}

static bool log_in(struct exchange *x, const json_t *body)
{
	struct identity identity;
	struct text user;
	struct text password;
	if (!read_member(body, "user", ACCOUNT_NAME - 1, &user, x->problem) ||
	    !read_member(body, "password", SECRET_PASSWORD_MAX, &password, x->problem) ||
	    !auth_login(x->site->auth, x->request, user, password, &identity,
	                x->response->cookie, x->problem))
		return false;
	add_identity(x, &identity);
	return true;
}

bool handle_login(struct exchange *x)
{
	const struct text body = x->request->body;
	struct text type =
	        text_from(x->request->content_type ? x->request->content_type : "");
	json_error_t error;
	if (!auth_has_accounts(x->site->auth))
		return problem_set(x->problem, 404, "no-accounts", "there are no accounts");
	/* What no form of another page can send. */
	if (!text_equal_nocase(text_trim(text_cut(&type, ';')), TEXT("application/json")))
		return problem_set(x->problem, 415, "bad-type",
		                   "a body of application/json is expected");
	json_t *parsed = json_loadb(body.at ? body.at : "", body.len,
	                            JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(parsed)) {
		json_decref(parsed);
		return problem_in(x->problem, "body", "bad-json",
		                  "an object with user and password is expected");
	}
	const bool done = log_in(x, parsed);
	json_decref(parsed);
	return done;
}

bool handle_logout(struct exchange *x)
{
	if (!auth_logout(x->site->auth, x->request, x->identity, x->response->cookie,
	                 x->problem))
		return false;
	x->response->status = 204;
	return true;
}
