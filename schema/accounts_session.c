/* accounts_session.c - sessions: begun, used, over. */
#include "schema/accounts_parts.h"

/* A row is written at most so often for its use. */
#define SEEN_STEP (60 * NS_PER_SEC)

/* What is over, and what is more than a user may have, is forgotten when one begins. */
static enum status forget_old(struct accounts *accounts, struct text user, nstime now)
{
	static const char over[] = "DELETE FROM session WHERE seen < ?1 OR created < ?2";
	static const char most[] =
	        "DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE user = "
	        "(SELECT id FROM user WHERE name = ?1) ORDER BY seen DESC, created DESC "
	        "LIMIT -1 OFFSET ?2)";
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(accounts, &statement, over, "ii",
	                                      (now - SESSION_IDLE) / NS_PER_US,
	                                      (now - SESSION_MOST) / NS_PER_US);
	status = accounts_run(accounts, statement, status);
	if (status != OK && status != ERR_NOT_FOUND)
		return status;
	statement = NULL;
	status = accounts_prepare(accounts, &statement, most, "ti", user,
	                          (int64_t)ACCOUNT_SESSIONS_MAX - 1);
	status = accounts_run(accounts, statement, status);
	return status == ERR_NOT_FOUND ? OK : status;
}

enum status accounts_begin_session(struct accounts *accounts, struct text user,
                                   const uint8_t hash[ACCOUNT_HASH], nstime now)
{
	static const char sql[] = "INSERT INTO session (hash, user, created, seen) "
	                          "SELECT ?2, id, ?3, ?3 FROM user WHERE name = ?1";
	sqlite3_stmt *statement = NULL;
	enum status status = forget_old(accounts, user, now);
	if (status != OK)
		return status;
	status = accounts_prepare(accounts, &statement, sql, "thi", user, hash,
	                          now / NS_PER_US);
	return accounts_run(accounts, statement, status);
}

enum status accounts_session(struct accounts *accounts, const uint8_t hash[ACCOUNT_HASH],
                             nstime now, struct account *out)
{
	static const char sql[] =
	        "SELECT name, role, pii, user.created, disabled FROM session JOIN user "
	        "ON user.id = session.user WHERE hash = ?1 AND seen >= ?2 AND "
	        "session.created >= ?3 AND disabled = 0";
	static const char touch[] =
	        "UPDATE session SET seen = ?2 WHERE hash = ?1 AND seen < ?3";
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(accounts, &statement, sql, "hii", hash,
	                                      (now - SESSION_IDLE) / NS_PER_US,
	                                      (now - SESSION_MOST) / NS_PER_US);
	status = accounts_read_one(accounts, statement, status, out, NULL);
	if (status != OK)
		return status;
	statement = NULL;
	status = accounts_prepare(accounts, &statement, touch, "hii", hash, now / NS_PER_US,
	                          (now - SEEN_STEP) / NS_PER_US);
	status = accounts_run(accounts, statement, status);
	/* A full disk locks nobody out who is in. */
	return status == ERR_IO || status == ERR_FULL || status == ERR_NOT_FOUND ? OK
	                                                                         : status;
}

enum status accounts_end_session(struct accounts *accounts,
                                 const uint8_t hash[ACCOUNT_HASH])
{
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        accounts, &statement, "DELETE FROM session WHERE hash = ?1", "h", hash);
	return accounts_run(accounts, statement, status);
}
