#include "web/auth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/display.h"
#include "web/login_limits.h"

#define COOKIE_NAME "earshot_session"
/* A browser takes it from an encrypted page of this very host alone. */
#define COOKIE_NAME_TLS "__Host-earshot_session"

const char *const auth_way_names[AUTH_WAY_COUNT] = {
	[AUTH_LOCAL] = "local",
	[AUTH_TOKEN] = "token",
	[AUTH_SESSION] = "session",
};

const char *const auth_masking_names[MASK_COUNT] = {
	[MASK_BY_RIGHT] = "by-right",
	[MASK_ALWAYS] = "always",
	[MASK_NEVER] = "never",
};

struct auth {
	struct auth_options options;
	char *path;                        /* owned; that of the options */
	struct accounts *_Atomic accounts; /* owned; NULL: there are none yet */
	char local_csrf[SECRET_HEX];
	uint8_t pseudonym_key[SECRET_BYTES];
	pthread_mutex_t lock;     /* of accounts */
	pthread_mutex_t guessing; /* of limits: one password is tried at a time */
	struct login_limits limits;
};

static nstime monotonic_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

/* --- life ----------------------------------------------------------------------------- */

static void count_account(void *self, const struct account *account)
{
	(void)account;
	++*(size_t *)self;
}

/* Somebody must be able to log in first. */
static enum status make_admin(struct auth *auth)
{
	char secret[SECRET_TEXT];
	char kept[SECRET_PASSWORD];
	struct account admin = { .name = "admin", .role = ROLE_ADMIN, .pii = true };
	struct timespec now;
	size_t users = 0;
	enum status status = accounts_list(auth->accounts, false, count_account, &users);
	if (status != OK || users > 0)
		return status;
	clock_gettime(CLOCK_REALTIME, &now);
	secret_draw_password(secret);
	status = secret_hash_password(text_from(secret), kept);
	if (status == OK)
		status = accounts_add_user(auth->accounts, &admin, kept,
		                           (nstime)now.tv_sec * NS_PER_SEC);
	if (status == OK && auth->options.told)
		auth->options.told(secret);
	return status;
}

/* Pseudonyms that were told before there was a file stay what they are. */
static enum status open_accounts(struct auth *auth, struct db_error *error)
{
	uint8_t fresh[SECRET_BYTES];
	struct accounts *accounts = NULL;
	enum status status = accounts_open(auth->options.path, &accounts, error);
	if (status != OK)
		return status;
	memcpy(fresh, auth->pseudonym_key, sizeof fresh);
	status = accounts_secret(accounts, "pseudonyms", fresh, auth->pseudonym_key);
	if (status != OK) {
		snprintf(error->text, sizeof error->text, "%s", accounts_error(accounts));
		accounts_close(accounts);
		return status;
	}
	auth->accounts = accounts;
	return OK;
}

static enum status open_at_start(struct auth *auth, struct db_error *error)
{
	if (!auth->options.path || auth->options.later)
		return OK;
	enum status status = open_accounts(auth, error);
	if (status == OK && !auth->options.local_admin) {
		status = make_admin(auth);
		if (status != OK)
			snprintf(error->text, sizeof error->text, "%s",
			         accounts_error(auth->accounts));
	}
	return status;
}

enum status auth_new(const struct auth_options *options, struct auth **out,
                     struct db_error *error)
{
	uint8_t seed[SECRET_BYTES];
	struct auth *auth = calloc(1, sizeof *auth);
	if (!auth || !secret_init()) {
		free(auth);
		snprintf(error->text, sizeof error->text, "no memory or no random numbers");
		return ERR_NOMEM;
	}
	auth->options = *options;
	auth->options.path = auth->path = options->path ? strdup(options->path) : NULL;
	pthread_mutex_init(&auth->lock, NULL);
	pthread_mutex_init(&auth->guessing, NULL);
	secret_draw(auth->pseudonym_key);
	secret_draw(seed);
	memcpy(auth->limits.seed, seed, sizeof auth->limits.seed);
	secret_draw(seed);
	secret_derive((struct text){ (const char *)seed, sizeof seed }, TEXT("local"),
	              auth->local_csrf);
	enum status status = ERR_NOMEM;
	snprintf(error->text, sizeof error->text, "out of memory");
	if (auth->path || !options->path)
		status = open_at_start(auth, error);
	if (status != OK) {
		auth_free(auth);
		return status;
	}
	*out = auth;
	return OK;
}

void auth_free(struct auth *auth)
{
	if (!auth)
		return;
	accounts_close(auth->accounts);
	pthread_mutex_destroy(&auth->guessing);
	pthread_mutex_destroy(&auth->lock);
	free(auth->path);
	free(auth);
}

bool auth_has_accounts(const struct auth *auth)
{
	return auth->accounts;
}

void auth_pseudonym_key(struct auth *auth, uint8_t to[SECRET_BYTES])
{
	pthread_mutex_lock(&auth->lock);
	memcpy(to, auth->pseudonym_key, SECRET_BYTES);
	pthread_mutex_unlock(&auth->lock);
}

static bool no_answer(struct problem *problem)
{
	problem_set(problem, 503, "no-accounts", "the accounts cannot be asked now");
	problem->retry_s = 5;
	return false;
}

/* --- who ------------------------------------------------------------------------------ */

/* The value of the session's cookie; .at is NULL where there is none. */
static struct text session_cookie(const struct auth *auth, const struct request *request)
{
	const struct text name =
	        auth->options.tls ? TEXT(COOKIE_NAME_TLS) : TEXT(COOKIE_NAME);
	struct text rest = text_from(request->cookie ? request->cookie : "");
	while (rest.len > 0) {
		struct text pair = text_trim(text_cut(&rest, ';'));
		if (text_equal(text_cut(&pair, '='), name))
			return pair;
	}
	return (struct text){ 0 };
}

static bool known_by_token(struct auth *auth, struct text given, struct identity *out,
                           struct problem *problem)
{
	uint8_t hash[SECRET_BYTES];
	enum status status = ERR_NOT_FOUND;
	if (text_starts_nocase(given, TEXT("Bearer ")) && auth->accounts) {
		secret_hash(text_trim(text_skip(given, 7)), hash);
		pthread_mutex_lock(&auth->lock);
		status = accounts_token(auth->accounts, hash, &out->account);
		pthread_mutex_unlock(&auth->lock);
	}
	if (status == ERR_NOT_FOUND)
		return problem_set(problem, 401, "bad-token",
		                   "a token of this probe is expected, as `Bearer "
		                   "earshot_...`");
	if (status != OK)
		return no_answer(problem);
	out->way = AUTH_TOKEN;
	return true;
}

/* A cookie by which nobody is known is that of a session that is over. */
static bool known_by_session(struct auth *auth, struct text cookie, nstime now,
                             struct identity *out, struct problem *problem)
{
	secret_hash(cookie, out->session);
	pthread_mutex_lock(&auth->lock);
	const enum status status =
	        accounts_session(auth->accounts, out->session, now, &out->account);
	pthread_mutex_unlock(&auth->lock);
	if (status == ERR_NOT_FOUND)
		return true;
	if (status != OK)
		return no_answer(problem);
	out->way = AUTH_SESSION;
	secret_derive(cookie, TEXT("write"), out->csrf);
	return true;
}

bool auth_identify(struct auth *auth, const struct request *request, struct identity *out,
                   struct problem *problem)
{
	*out = (struct identity){ 0 };
	if (request->authorization)
		return known_by_token(auth, text_from(request->authorization), out,
		                      problem);
	const struct text cookie = session_cookie(auth, request);
	if (cookie.at && auth->accounts &&
	    !known_by_session(auth, cookie, request->now, out, problem))
		return false;
	if (out->way == AUTH_NOBODY && request->local && auth->options.local_admin) {
		out->way = AUTH_LOCAL;
		out->account = (struct account){ "local", ROLE_ADMIN, true, 0 };
		text_copy(out->csrf, sizeof out->csrf, text_from(auth->local_csrf));
	}
	return true;
}

/* "https://probe.example:8443" and "probe.example:8443" */
static bool is_same_origin(const struct request *request)
{
	const struct text origin = text_from(request->origin);
	const size_t slashes = text_find_text(origin, TEXT("://"));
	return request->host && text_equal_nocase(text_skip(origin, slashes + 3),
	                                          text_trim(text_from(request->host)));
}

bool auth_allows_write(const struct identity *identity, const struct request *request,
                       struct problem *problem)
{
	if (request->origin && !is_same_origin(request))
		return problem_set(problem, 403, "foreign-origin",
		                   "pages from elsewhere may not change anything here");
	/* No browser sends a token of its own accord. */
	if (identity->way == AUTH_NOBODY || identity->way == AUTH_TOKEN)
		return true;
	if (request->csrf &&
	    secret_equal(text_from(request->csrf), text_from(identity->csrf)))
		return true;
	return problem_set(problem, 403, "no-write-token",
	                   "a change needs the field X-Earshot-Token with what "
	                   "/api/v1/session calls csrf");
}

bool auth_sees_people(const struct auth *auth, const struct identity *identity)
{
	switch (auth->options.masking) {
	case MASK_ALWAYS:
		return false;
	case MASK_NEVER:
		return true;
	default:
		return identity->account.pii;
	}
}

/* --- audit ---------------------------------------------------------------------------- */

struct noted {
	const struct request *request;
	const char *who;
	enum auth_way way;
	const char *action, *subject;
};

/* The lock is held. */
static enum status write_note(struct auth *auth, const struct noted *noted)
{
	struct audit audit = { .at = noted->request->now };
	struct buffer shown = { 0 };
	char address[ENDPOINT_TEXT_SIZE];
	const char *way = auth_way_names[noted->way];
	text_copy(audit.who, sizeof audit.who, text_from(noted->who));
	text_copy(audit.way, sizeof audit.way, text_from(way ? way : "nobody"));
	text_copy(audit.address, sizeof audit.address,
	          text_from(address_format(&noted->request->client, address)));
	text_copy(audit.action, sizeof audit.action, text_from(noted->action));
	display_log(&shown, text_from(noted->subject));
	text_copy(audit.subject, sizeof audit.subject, buffer_text(&shown));
	buffer_free(&shown);
	return accounts_log(auth->accounts, &audit);
}

static bool note(struct auth *auth, const struct noted *noted, struct problem *problem)
{
	if (!auth->accounts)
		return true;
	pthread_mutex_lock(&auth->lock);
	const enum status status = write_note(auth, noted);
	pthread_mutex_unlock(&auth->lock);
	return status == OK || no_answer(problem);
}

bool auth_note(struct auth *auth, const struct request *request,
               const struct identity *identity, const char *action, const char *subject,
               struct problem *problem)
{
	const struct noted noted = { request, identity->account.name, identity->way, action,
		                     subject };
	return note(auth, &noted, problem);
}

/* --- changes -------------------------------------------------------------------------- */

struct accounts *auth_take(struct auth *auth, struct problem *problem)
{
	struct db_error error;
	enum status status = OK;
	pthread_mutex_lock(&auth->lock);
	if (!auth->accounts)
		status = auth->options.path ? open_accounts(auth, &error) : ERR_IO;
	if (status == OK)
		status = accounts_begin(auth->accounts);
	if (status == OK)
		return auth->accounts;
	pthread_mutex_unlock(&auth->lock);
	if (auth->accounts && status == ERR_FULL) {
		no_answer(problem);
		return NULL;
	}
	problem_set(problem, 409, "read-only",
	            "what people do is kept in a file beside the database, which cannot "
	            "be written here");
	return NULL;
}

bool auth_give(struct auth *auth, bool good, const struct auth_deed *deed,
               struct problem *problem)
{
	const struct identity *who = deed->identity;
	const struct noted noted = { deed->request, who->account.name, who->way,
		                     deed->action, deed->subject };
	enum status status = OK;
	if (good)
		status = write_note(auth, &noted);
	if (good && status == OK)
		status = accounts_commit(auth->accounts);
	if (!good || status != OK)
		accounts_undo(auth->accounts);
	pthread_mutex_unlock(&auth->lock);
	if (good && status != OK)
		no_answer(problem);
	return good && status == OK;
}

struct accounts *auth_look(struct auth *auth)
{
	pthread_mutex_lock(&auth->lock);
	if (auth->accounts)
		return auth->accounts;
	pthread_mutex_unlock(&auth->lock);
	return NULL;
}

void auth_look_away(struct auth *auth)
{
	pthread_mutex_unlock(&auth->lock);
}

enum status auth_audit(struct auth *auth, int64_t before, nstime from, nstime to,
                       size_t limit, accounts_each_audit *each, void *self)
{
	if (!auth->accounts)
		return OK;
	pthread_mutex_lock(&auth->lock);
	const enum status status =
	        accounts_audit(auth->accounts, before, from, to, limit, each, self);
	pthread_mutex_unlock(&auth->lock);
	return status;
}

/* --- sessions ------------------------------------------------------------------------- */

static void write_cookie(const struct auth *auth, const char *value, bool over,
                         char cookie[AUTH_COOKIE])
{
	snprintf(cookie, AUTH_COOKIE, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
	         auth->options.tls ? COOKIE_NAME_TLS : COOKIE_NAME, value,
	         auth->options.tls ? "; Secure" : "", over ? "; Max-Age=0" : "");
}

/* One at a time, so that no two guess within one another's check. */
static bool try_password(struct auth *auth, const struct request *request, struct text user,
                         struct text password, struct account *out, struct problem *problem)
{
	const struct login_attempt attempt = { &request->client, user, monotonic_now() };
	char kept[ACCOUNT_PASSWORD] = "";
	unsigned int wait = login_limits_check(&auth->limits, &attempt);
	if (wait > 0) {
		problem_set(problem, 429, "too-many-logins",
		            "too many attempts failed; try again later");
		problem->retry_s = wait;
		return false;
	}
	pthread_mutex_lock(&auth->lock);
	const enum status status = accounts_user(auth->accounts, user, out, kept);
	pthread_mutex_unlock(&auth->lock);
	if (status != OK && status != ERR_NOT_FOUND)
		return no_answer(problem);
	const bool right = secret_is_password(status == OK ? kept : NULL, password);
	if (right && !out->disabled) {
		login_limits_succeeded(&auth->limits, &attempt);
		return true;
	}
	login_limits_failed(&auth->limits, &attempt);
	return problem_set(problem, 401, "bad-login", "user or password is wrong");
}

/* What is typed as a user may be a password: a name of nobody is not noted. */
static bool refuse(struct auth *auth, const struct request *request, struct text user,
                   struct problem *problem)
{
	struct problem ignored;
	struct account account;
	char kept[ACCOUNT_PASSWORD];
	if (problem->status != 401)
		return false;
	pthread_mutex_lock(&auth->lock);
	const bool known = accounts_user(auth->accounts, user, &account, kept) == OK;
	pthread_mutex_unlock(&auth->lock);
	const struct noted noted = { request, known ? account.name : "unknown", AUTH_NOBODY,
		                     "login_failed", "" };
	(void)!note(auth, &noted, &ignored);
	return false;
}

bool auth_login(struct auth *auth, const struct request *request, struct text user,
                struct text password, struct identity *out, char cookie[AUTH_COOKIE],
                struct problem *problem)
{
	char session[SECRET_TEXT];
	*out = (struct identity){ .way = AUTH_SESSION };
	pthread_mutex_lock(&auth->guessing);
	const bool right =
	        try_password(auth, request, user, password, &out->account, problem);
	pthread_mutex_unlock(&auth->guessing);
	if (!right)
		return refuse(auth, request, user, problem);
	secret_draw_session(session);
	secret_hash(text_from(session), out->session);
	secret_derive(text_from(session), TEXT("write"), out->csrf);
	pthread_mutex_lock(&auth->lock);
	const enum status status = accounts_begin_session(
	        auth->accounts, text_from(out->account.name), out->session, request->now);
	pthread_mutex_unlock(&auth->lock);
	if (status != OK)
		return no_answer(problem);
	write_cookie(auth, session, false, cookie);
	return auth_note(auth, request, out, "login", "", problem);
}

bool auth_logout(struct auth *auth, const struct request *request,
                 const struct identity *identity, char cookie[AUTH_COOKIE],
                 struct problem *problem)
{
	if (identity->way != AUTH_SESSION)
		return true;
	pthread_mutex_lock(&auth->lock);
	const enum status status = accounts_end_session(auth->accounts, identity->session);
	pthread_mutex_unlock(&auth->lock);
	if (status != OK && status != ERR_NOT_FOUND)
		return no_answer(problem);
	write_cookie(auth, "", true, cookie);
	return auth_note(auth, request, identity, "logout", "", problem);
}
