/*
 * users.c - who may log in and which tools may ask, for the role admin; and everybody's own
 * password.  A secret that is drawn here is in the answer, once, and nowhere else.
 */
#include "web/body.h"

#include <string.h>

#include "web/record_json.h"

static void add_members(struct buffer *to, const struct account *account, bool token)
{
	buffer_format(to, "{\"kind\":\"%s\"", token ? "token" : "user");
	json_add_text(to, "name", account->name);
	json_add_text(to, "role", account->role ? role_names[account->role] : "");
	buffer_format(to, ",\"pii\":%s", account->pii ? "true" : "false");
	if (!token)
		buffer_format(to, ",\"disabled\":%s", account->disabled ? "true" : "false");
	json_add_time(to, "created", account->created);
}

struct listing {
	struct buffer lines;
	bool tokens;
};

static void add_one(void *self, const struct account *account)
{
	struct listing *l = self;
	add_members(&l->lines, account, l->tokens);
	buffer_add_string(&l->lines, "}\n");
}

static bool list(struct exchange *x, bool tokens)
{
	struct listing l = { .tokens = tokens };
	struct accounts *state = auth_look(x->site->auth);
	enum status status = OK;
	if (state) {
		status = accounts_list(state, tokens, add_one, &l);
		auth_look_away(x->site->auth);
	}
	const bool good = handler_changed(x, status, "account");
	if (good)
		handler_add_lines(x, &l.lines);
	buffer_free(&l.lines);
	return good;
}

bool handle_users(struct exchange *x)
{
	return list(x, false);
}

bool handle_tokens(struct exchange *x)
{
	return list(x, true);
}

/* --- what is sent --------------------------------------------------------------------- */

static bool take_name(const json_t *body, struct account *out, struct problem *problem)
{
	const struct body_text name = { "name", 1, sizeof out->name - 1, out->name,
		                        BODY_NEEDED };
	if (!body_take_text(body, &name, problem))
		return false;
	return account_name_is_good(text_from(out->name)) ||
	       problem_in(problem, "name", "bad-value",
	                  "1 to %d of a-z, 0-9, '.', '_' and '-' are expected",
	                  ACCOUNT_NAME - 1);
}

static bool take_rights(const json_t *body, struct account *out, struct problem *problem)
{
	const struct body_name role = { "role", role_names, ROLE_COUNT };
	unsigned int number = out->role;
	if (!body_take_name(body, &role, &number, problem) ||
	    !body_take_flag(body, "pii", &out->pii, problem))
		return false;
	out->role = (enum role)number;
	return true;
}

/* What is kept of a password that is given, or of one that is drawn, which is in `drawn`.
 */
static bool take_password(const json_t *body, const char *name, char drawn[SECRET_TEXT],
                          char kept[SECRET_PASSWORD], struct problem *problem)
{
	char given[SECRET_PASSWORD_MAX + 1] = "";
	const struct body_text text = { name, SECRET_PASSWORD_MIN, SECRET_PASSWORD_MAX,
		                        given, 0 };
	drawn[0] = '\0';
	if (!body_take_text(body, &text, problem))
		return false;
	if (!given[0])
		secret_draw_password(drawn);
	const enum status status =
	        secret_hash_password(text_from(given[0] ? given : drawn), kept);
	explicit_bzero(given, sizeof given);
	return status == OK || problem_set(problem, 503, "no-memory", "memory ran out");
}

/* --- users ---------------------------------------------------------------------------- */

static void tell(struct exchange *x, const struct account *account, bool token,
                 const char *secret)
{
	struct buffer *to = &x->response->body;
	add_members(to, account, token);
	if (secret)
		json_add_text(to, "secret", secret);
	buffer_add_string(to, "}\n");
}

static bool add_user(struct exchange *x, struct account *user, const char *kept)
{
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	const enum status status = accounts_add_user(state, user, kept, x->request->now);
	return handler_end_change(x, handler_changed(x, status, "user"), "user_added",
	                          user->name);
}

bool handle_add_user(struct exchange *x)
{
	static const char *const names[] = { "name", "role", "pii", "password", NULL };
	struct account user = { .role = ROLE_VIEWER, .created = x->request->now };
	char drawn[SECRET_TEXT];
	char kept[SECRET_PASSWORD];
	json_t *body;
	if (!body_read(x, names, &body))
		return false;
	const bool good = take_name(body, &user, x->problem) &&
	                  take_rights(body, &user, x->problem) &&
	                  take_password(body, "password", drawn, kept, x->problem);
	json_decref(body);
	if (!good || !add_user(x, &user, kept))
		return false;
	x->response->status = 201;
	tell(x, &user, false, drawn);
	explicit_bzero(drawn, sizeof drawn);
	return true;
}

/* Who could let anybody in again? */
static bool leaves_an_admin(struct exchange *x, struct accounts *state,
                            const struct account *before)
{
	uint64_t admins = 0;
	if (before->role != ROLE_ADMIN || before->disabled)
		return true;
	const enum status status = accounts_count_admins(state, &admins);
	if (status != OK)
		return handler_changed(x, status, "user");
	return admins > 0 || problem_set(x->problem, 409, "last-admin",
	                                 "nobody else is of the role admin");
}

static bool find_user(struct exchange *x, struct accounts *state, struct account *out)
{
	char kept[ACCOUNT_PASSWORD];
	return handler_changed(x, accounts_user(state, x->name, out, kept), "user");
}

static bool change_user(struct exchange *x, const json_t *body, struct account *user)
{
	struct account before = { 0 };
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	bool good = find_user(x, state, &before);
	*user = before;
	good = good && take_rights(body, user, x->problem) &&
	       body_take_flag(body, "disabled", &user->disabled, x->problem);
	good = good && handler_changed(x, accounts_change_user(state, user), "user") &&
	       leaves_an_admin(x, state, &before);
	return handler_end_change(x, good,
	                          user->disabled && !before.disabled ? "user_disabled"
	                                                             : "user_changed",
	                          before.name);
}

bool handle_change_user(struct exchange *x)
{
	static const char *const names[] = { "role", "pii", "disabled", NULL };
	struct account user = { 0 };
	json_t *body;
	if (!body_read(x, names, &body))
		return false;
	const bool good = change_user(x, body, &user);
	json_decref(body);
	if (good)
		tell(x, &user, false, NULL);
	return good;
}

bool handle_remove_user(struct exchange *x)
{
	struct account before = { 0 };
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	const bool good =
	        find_user(x, state, &before) &&
	        handler_changed(x, accounts_remove_user(state, x->name), "user") &&
	        leaves_an_admin(x, state, &before);
	x->response->status = 204;
	return handler_end_change(x, good, "user_removed", before.name);
}

static bool set_password(struct exchange *x, struct account *user, const char *kept)
{
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	const bool good =
	        find_user(x, state, user) &&
	        handler_changed(
	                x, accounts_set_password(state, x->name, kept, x->request->now),
	                "user");
	return handler_end_change(x, good, "password_set", user->name);
}

bool handle_reset_password(struct exchange *x)
{
	static const char *const names[] = { NULL };
	struct account user = { 0 };
	char drawn[SECRET_TEXT];
	char kept[SECRET_PASSWORD];
	json_t *body;
	if (!body_read(x, names, &body))
		return false;
	const bool good = take_password(body, "password", drawn, kept, x->problem) &&
	                  set_password(x, &user, kept);
	json_decref(body);
	if (good)
		tell(x, &user, false, drawn);
	explicit_bzero(drawn, sizeof drawn);
	return good;
}

/* --- tokens --------------------------------------------------------------------------- */

static bool add_token(struct exchange *x, struct account *token, const char *secret)
{
	uint8_t hash[SECRET_BYTES];
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	secret_hash(text_from(secret), hash);
	const enum status status = accounts_add_token(state, token, hash, x->request->now);
	return handler_end_change(x, handler_changed(x, status, "token"), "token_added",
	                          token->name);
}

bool handle_add_token(struct exchange *x)
{
	static const char *const names[] = { "name", "role", "pii", NULL };
	struct account token = { .role = ROLE_VIEWER, .created = x->request->now };
	char secret[SECRET_TEXT];
	json_t *body;
	if (!body_read(x, names, &body))
		return false;
	const bool good = take_name(body, &token, x->problem) &&
	                  take_rights(body, &token, x->problem);
	json_decref(body);
	secret_draw_token(secret);
	if (!good || !add_token(x, &token, secret))
		return false;
	x->response->status = 201;
	tell(x, &token, true, secret);
	explicit_bzero(secret, sizeof secret);
	return true;
}

bool handle_revoke_token(struct exchange *x)
{
	char name[ACCOUNT_NAME] = "";
	struct accounts *state = handler_begin_change(x);
	if (!state)
		return false;
	text_copy(name, sizeof name, x->name);
	x->response->status = 204;
	const enum status status = accounts_remove_token(state, x->name);
	return handler_end_change(x, handler_changed(x, status, "token"), "token_revoked",
	                          name);
}

/* --- one's own password --------------------------------------------------------------- */

/* All sessions of the user end; who asks gets another one. */
static bool change_own(struct exchange *x, const char *old, const char *fresh)
{
	struct exchange mine = *x;
	struct identity identity;
	struct account user = { 0 };
	char kept[SECRET_PASSWORD];
	struct text name = text_from(x->identity->account.name);
	mine.name = name;
	if (!auth_login(x->site->auth, x->request, name, text_from(old), &identity,
	                x->response->cookie, x->problem))
		return false;
	if (secret_hash_password(text_from(fresh), kept) != OK)
		return problem_set(x->problem, 503, "no-memory", "memory ran out");
	if (!set_password(&mine, &user, kept) ||
	    !auth_login(x->site->auth, x->request, name, text_from(fresh), &identity,
	                x->response->cookie, x->problem))
		return false;
	handler_add_identity(x, &identity);
	return true;
}

bool handle_own_password(struct exchange *x)
{
	static const char *const names[] = { "old", "new", NULL };
	char old[SECRET_PASSWORD_MAX + 1];
	char fresh[SECRET_PASSWORD_MAX + 1];
	const struct body_text texts[] = {
		{ "old", 1, SECRET_PASSWORD_MAX, old, BODY_NEEDED },
		{ "new", SECRET_PASSWORD_MIN, SECRET_PASSWORD_MAX, fresh, BODY_NEEDED },
	};
	json_t *body;
	if (x->identity->way != AUTH_SESSION)
		return problem_set(x->problem, 409, "no-session",
		                   "who has logged in has a password; others have none");
	if (!body_read(x, names, &body))
		return false;
	bool good = body_take_text(body, &texts[0], x->problem) &&
	            body_take_text(body, &texts[1], x->problem);
	json_decref(body);
	good = good && change_own(x, old, fresh);
	explicit_bzero(old, sizeof old);
	explicit_bzero(fresh, sizeof fresh);
	/* It is the password that is wrong, not who asks. */
	if (!good && x->problem->status == 401)
		problem_in(x->problem, "old", "bad-login", "that is not the password");
	return good;
}
