/*
 * auth.h - who asks, and may they?  Users log in and have a session, tools have a token;
 * whoever sits at the machine itself may need neither.
 *
 * All of it is safe to be called by many threads at once.
 */
#ifndef EARSHOT_WEB_AUTH_H
#define EARSHOT_WEB_AUTH_H

#include "schema/accounts.h"
#include "web/request.h"
#include "web/secret.h"

enum auth_way { AUTH_NOBODY, AUTH_LOCAL, AUTH_TOKEN, AUTH_SESSION, AUTH_WAY_COUNT };

extern const char *const auth_way_names[AUTH_WAY_COUNT];

struct identity {
	enum auth_way way;
	struct account account;        /* of AUTH_NOBODY: no role */
	uint8_t session[SECRET_BYTES]; /* of AUTH_SESSION: its hash */
	char csrf[SECRET_HEX]; /* of AUTH_LOCAL, AUTH_SESSION: what a write must show */
};

struct auth;

/* Who sees numbers, names and addresses of people. */
enum auth_masking {
	MASK_BY_RIGHT, /* whoever has the right */
	MASK_ALWAYS,
	MASK_NEVER, /* whoever may ask */
	MASK_COUNT
};

extern const char *const auth_masking_names[MASK_COUNT];

struct auth_options {
	const char *path; /* of the accounts; NULL: there are none, and never will be */
	bool later;       /* not there yet; made when something is to be kept in it */
	bool local_admin; /* who asks from this machine, through no proxy, needs no account
	                   */
	bool tls;         /* cookies go nowhere else */
	enum auth_masking masking;
	/* Called with the secret of the account `admin`, should one have been made. */
	void (*told)(const char *secret);
};

/* ERR_NOMEM, or what accounts_open says; *error is filled. */
MUST_CHECK enum status auth_new(const struct auth_options *options, struct auth **out,
                                struct db_error *error);
void auth_free(struct auth *auth); /* NULL is fine */

bool auth_has_accounts(const struct auth *auth);

/* The key of the installation that pseudonyms are made with; without accounts, of this
 * process. */
void auth_pseudonym_key(struct auth *auth, uint8_t to[SECRET_BYTES]);

/* false: it gave something by which nobody is known, or that cannot be found out now. */
MUST_CHECK bool auth_identify(struct auth *auth, const struct request *request,
                              struct identity *out, struct problem *problem);

/* Is somebody else's page behind this write? */
MUST_CHECK bool auth_allows_write(const struct identity *identity,
                                  const struct request *request, struct problem *problem);

/* Does that person see other persons? */
bool auth_sees_people(const struct auth *auth, const struct identity *identity);

/*
 * A session for who knows the password.  cookie: what Set-Cookie says.  false: *problem,
 * the same, and as late, whatever was wrong.
 */
enum { AUTH_COOKIE = 192 };
MUST_CHECK bool auth_login(struct auth *auth, const struct request *request,
                           struct text user, struct text password, struct identity *out,
                           char cookie[AUTH_COOKIE], struct problem *problem);
/* Ends the session, if it is one. */
MUST_CHECK bool auth_logout(struct auth *auth, const struct request *request,
                            const struct identity *identity, char cookie[AUTH_COOKIE],
                            struct problem *problem);

/* Notes what was done; where there are no accounts, nowhere.  false: it cannot be noted. */
MUST_CHECK bool auth_note(struct auth *auth, const struct request *request,
                          const struct identity *identity, const char *action,
                          const char *subject, struct problem *problem);

/*
 * FILE.state for this thread alone until auth_give, made where it is not there yet; what is
 * changed in it is kept together, or not at all.  NULL: *problem says why not.
 */
MUST_CHECK struct accounts *auth_take(struct auth *auth, struct problem *problem);
/* good: it is noted who did what, and all is kept.  false: it is not, *problem says why. */
struct auth_deed {
	const struct request *request;
	const struct identity *identity;
	const char *action, *subject;
};
MUST_CHECK bool auth_give(struct auth *auth, bool good, const struct auth_deed *deed,
                          struct problem *problem);

/* The same to read in: NULL where nothing was ever kept.  auth_look_away only if it is. */
MUST_CHECK struct accounts *auth_look(struct auth *auth);
void auth_look_away(struct auth *auth);

/* As accounts_audit. */
MUST_CHECK enum status auth_audit(struct auth *auth, int64_t before, nstime from, nstime to,
                                  size_t limit, accounts_each_audit *each, void *self);

#endif
