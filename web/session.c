/* session.c - who asks; in with a password, and out. */
#include "web/handlers.h"

#include <string.h>

#include "web/body.h"
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

void handler_add_identity(struct exchange *x, const struct identity *identity)
{
	struct buffer *to = &x->response->body;
	buffer_add_char(to, '{');
	add_text(to, "user", identity->account.name);
	add_text(to, "way", auth_way_names[identity->way]);
	add_text(to, "role", role_names[identity->account.role]);
	json_add_flag(to, "pii", auth_sees_people(x->site->auth, identity));
	add_text(to, "csrf", identity->csrf[0] ? identity->csrf : NULL);
	buffer_add_string(to, "}\n");
}

bool handle_session(struct exchange *x)
{
	handler_add_identity(x, x->identity);
	return true;
}

static bool log_in(struct exchange *x, const json_t *body)
{
	struct identity identity;
	char user[ACCOUNT_NAME];
	char password[SECRET_PASSWORD_MAX + 1];
	const struct body_text wanted[] = {
		{ "user", 1, sizeof user - 1, user, BODY_NEEDED },
		{ "password", 1, sizeof password - 1, password, BODY_NEEDED },
	};
	if (!body_take_text(body, &wanted[0], x->problem) ||
	    !body_take_text(body, &wanted[1], x->problem))
		return false;
	const bool done =
	        auth_login(x->site->auth, x->request, text_from(user), text_from(password),
	                   &identity, x->response->cookie, x->problem);
	explicit_bzero(password, sizeof password);
	if (done)
		handler_add_identity(x, &identity);
	return done;
}

bool handle_login(struct exchange *x)
{
	static const char *const names[] = { "user", "password", NULL };
	json_t *body;
	if (!auth_has_accounts(x->site->auth))
		return problem_set(x->problem, 404, "no-accounts", "there are no accounts");
	if (!body_read(x, names, &body))
		return false;
	const bool done = log_in(x, body);
	json_decref(body);
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
