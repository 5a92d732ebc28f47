/*
 * accounts.h - FILE.state: users, tokens, sessions, and what was done with them.
 *
 * Secrets never come here: a password as the text that libsodium makes of it, a token or a
 * session as its hash.  A connection is used by one thread at a time.
 */
#ifndef EARSHOT_SCHEMA_ACCOUNTS_H
#define EARSHOT_SCHEMA_ACCOUNTS_H

#include "analyzer/base/clock.h"
#include "analyzer/base/text.h"
#include "schema/db.h"

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN, ROLE_COUNT };

extern const char *const role_names[ROLE_COUNT]; /* ROLE_NONE: NULL */

enum {
	ACCOUNT_NAME = 64,      /* with its NUL */
	ACCOUNT_PASSWORD = 128, /* likewise, as libsodium writes it */
	ACCOUNT_HASH = 32,
	ACCOUNT_SECRET = 32,
	ACCOUNTS_MAX = 10000,      /* users; tokens likewise */
	ACCOUNT_SESSIONS_MAX = 16, /* of a user; then the one unused for longest ends */
	AUDIT_MAX = 200000,        /* rows; then the oldest go */
	AUDIT_SUBJECT = 128,
};

/* How long a session lasts without a request, and at most. */
#define SESSION_IDLE (NS_PER_SEC * 3600 * 8)
#define SESSION_MOST (NS_PER_SEC * 86400 * 7)

struct account {
	char name[ACCOUNT_NAME];
	enum role role;
	bool pii;      /* sees numbers, names and addresses of people */
	bool disabled; /* a user who may not log in now */
	nstime created;
};

/* Is it a name that a user or a token may have? */
bool account_name_is_good(struct text name);
/* ROLE_NONE: there is none of that name. */
enum role role_by_name(struct text name);

struct accounts;

/* Opens or creates; only its owner may read a new one.  Errors as db_open_write. */
MUST_CHECK enum status accounts_open(const char *path, struct accounts **out,
                                     struct db_error *error);
void accounts_close(struct accounts *accounts); /* NULL is fine */

/* Why the last call returned neither OK nor ERR_NOT_FOUND; names the file. */
const char *accounts_error(const struct accounts *accounts);

/* The secret of that name, made of `fresh` when there is none. */
MUST_CHECK enum status accounts_secret(struct accounts *accounts, const char *name,
                                       const uint8_t fresh[ACCOUNT_SECRET],
                                       uint8_t out[ACCOUNT_SECRET]);

/* What is between them is kept together, or not at all. */
MUST_CHECK enum status accounts_begin(struct accounts *accounts);
MUST_CHECK enum status accounts_commit(struct accounts *accounts);
void accounts_undo(struct accounts *accounts);

/* --- users ---------------------------------------------------------------------------- */

/* ERR_UNSUPPORTED: there is one of that name.  ERR_FULL: there are too many. */
MUST_CHECK enum status accounts_add_user(struct accounts *accounts,
                                         const struct account *user, const char *password,
                                         nstime now);
/* All its sessions end.  ERR_NOT_FOUND. */
MUST_CHECK enum status accounts_set_password(struct accounts *accounts, struct text name,
                                             const char *password, nstime now);
/* Its role, whether it sees people, and whether it is disabled; where that is so, its
 * sessions end.  ERR_NOT_FOUND. */
MUST_CHECK enum status accounts_change_user(struct accounts *accounts,
                                            const struct account *user);
/* How many there are who may log in and are of the role admin. */
MUST_CHECK enum status accounts_count_admins(struct accounts *accounts, uint64_t *count);
/* Its sessions with it.  ERR_NOT_FOUND. */
MUST_CHECK enum status accounts_remove_user(struct accounts *accounts, struct text name);
/* ERR_NOT_FOUND. */
MUST_CHECK enum status accounts_user(struct accounts *accounts, struct text name,
                                     struct account *out, char password[ACCOUNT_PASSWORD]);

/* --- tokens --------------------------------------------------------------------------- */

/* Errors as accounts_add_user. */
MUST_CHECK enum status accounts_add_token(struct accounts *accounts,
                                          const struct account *token,
                                          const uint8_t hash[ACCOUNT_HASH], nstime now);
MUST_CHECK enum status accounts_remove_token(struct accounts *accounts, struct text name);
MUST_CHECK enum status accounts_token(struct accounts *accounts,
                                      const uint8_t hash[ACCOUNT_HASH],
                                      struct account *out);

/* All users, or all tokens, by name. */
typedef void accounts_each(void *self, const struct account *account);
MUST_CHECK enum status accounts_list(struct accounts *accounts, bool tokens,
                                     accounts_each *each, void *self);

/* --- sessions ------------------------------------------------------------------------- */

MUST_CHECK enum status accounts_begin_session(struct accounts *accounts, struct text user,
                                              const uint8_t hash[ACCOUNT_HASH], nstime now);
/* Whose it is, and that it is in use.  ERR_NOT_FOUND: there is none, or it is over. */
MUST_CHECK enum status accounts_session(struct accounts *accounts,
                                        const uint8_t hash[ACCOUNT_HASH], nstime now,
                                        struct account *out);
MUST_CHECK enum status accounts_end_session(struct accounts *accounts,
                                            const uint8_t hash[ACCOUNT_HASH]);

/* --- audit ---------------------------------------------------------------------------- */

struct audit {
	int64_t id; /* given by the database; they rise */
	nstime at;
	char who[ACCOUNT_NAME];
	char way[16];
	char address[48];            /* "" = the command line */
	char action[32];             /* our word for it */
	char subject[AUDIT_SUBJECT]; /* "" = none */
};

MUST_CHECK enum status accounts_log(struct accounts *accounts, const struct audit *audit);

/* The newest before that id (INT64_MAX: of all) and within the times. */
typedef void accounts_each_audit(void *self, const struct audit *audit);
MUST_CHECK enum status accounts_audit(struct accounts *accounts, int64_t before,
                                      nstime from, nstime to, size_t limit,
                                      accounts_each_audit *each, void *self);

#endif
