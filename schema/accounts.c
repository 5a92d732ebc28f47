#include "schema/accounts.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/accounts_parts.h"

const char *const role_names[ROLE_COUNT] = {
	[ROLE_VIEWER] = "viewer",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

enum role role_by_name(struct text name)
{
	for (unsigned int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
		if (text_equal(name, text_from(role_names[i])))
			return (enum role)i;
	}
	return ROLE_NONE;
}

bool account_name_is_good(struct text name)
{
	if (name.len == 0 || name.len >= ACCOUNT_NAME)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.at[i];
		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '.' && c != '_' &&
		    c != '-')
			return false;
	}
	return true;
}

/* SQLite takes the mode of a file that is there, and gives it to its journal. */
static void create_private(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

enum status accounts_open(const char *path, struct accounts **out, struct db_error *error)
{
	struct accounts *accounts = calloc(1, sizeof *accounts);
	if (!accounts || !(accounts->path = strdup(path))) {
		free(accounts);
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	create_private(path);
	const enum status status = db_open_state(path, &accounts->db, error);
	if (status != OK) {
		accounts_close(accounts);
		return status;
	}
	*out = accounts;
	return OK;
}

void accounts_close(struct accounts *accounts)
{
	if (!accounts)
		return;
	db_close(accounts->db);
	free(accounts->path);
	free(accounts);
}

const char *accounts_error(const struct accounts *accounts)
{
	return accounts->error.text;
}

/* --- statements ----------------------------------------------------------------------- */

enum status accounts_failed(struct accounts *accounts)
{
	return db_failed(accounts->db, accounts->path, &accounts->error);
}

/* One parameter for each letter: t a struct text, i an int64_t, h a hash. */
enum status accounts_prepare(struct accounts *accounts, sqlite3_stmt **out, const char *sql,
                             const char *types, ...)
{
	va_list values;
	int code = sqlite3_prepare_v2(accounts->db, sql, -1, out, NULL);
	va_start(values, types);
	for (int i = 0; code == SQLITE_OK && types[i]; i++) {
		if (types[i] == 't') {
			const struct text t = va_arg(values, struct text);
			code = sqlite3_bind_text(*out, i + 1, t.at ? t.at : "", (int)t.len,
			                         SQLITE_TRANSIENT);
		} else if (types[i] == 'h') {
			code = sqlite3_bind_blob(*out, i + 1,
			                         va_arg(values, const uint8_t *),
			                         ACCOUNT_HASH, SQLITE_TRANSIENT);
		} else {
			code = sqlite3_bind_int64(*out, i + 1, va_arg(values, int64_t));
		}
	}
	va_end(values);
	return code == SQLITE_OK ? OK : accounts_failed(accounts);
}

enum status accounts_run(struct accounts *accounts, sqlite3_stmt *statement,
                         enum status prepared)
{
	enum status status = prepared;
	if (status == OK) {
		const int code = sqlite3_step(statement);
		if (code != SQLITE_DONE && code != SQLITE_ROW)
			status = (code & 0xff) == SQLITE_CONSTRAINT
			                 ? ERR_UNSUPPORTED
			                 : accounts_failed(accounts);
		else if (sqlite3_changes(accounts->db) == 0)
			status = ERR_NOT_FOUND;
	}
	sqlite3_finalize(statement);
	return status;
}

static void read_text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const void *bytes = sqlite3_column_blob(row, column);
	const size_t len = (size_t)sqlite3_column_bytes(row, column);
	text_copy(to, size, (struct text){ bytes ? bytes : "", len });
}

/* name, role, pii, created, and of a user whether it is disabled */
static void read_account(sqlite3_stmt *row, struct account *out)
{
	char role[16];
	*out = (struct account){ 0 };
	read_text(row, 0, out->name, sizeof out->name);
	read_text(row, 1, role, sizeof role);
	out->role = role_by_name(text_from(role));
	out->pii = sqlite3_column_int(row, 2) == 1;
	out->created = sqlite3_column_int64(row, 3) * NS_PER_US;
	out->disabled = sqlite3_column_int(row, 4) == 1;
}

/* The one row that the statement finds.  Ends the statement. */
enum status accounts_read_one(struct accounts *accounts, sqlite3_stmt *statement,
                              enum status prepared, struct account *out,
                              char password[ACCOUNT_PASSWORD])
{
	enum status status = prepared;
	if (status == OK) {
		const int code = sqlite3_step(statement);
		if (code == SQLITE_ROW) {
			read_account(statement, out);
			if (password)
				read_text(statement, 5, password, ACCOUNT_PASSWORD);
		} else {
			status = code == SQLITE_DONE ? ERR_NOT_FOUND
			                             : accounts_failed(accounts);
		}
	}
	sqlite3_finalize(statement);
	return status;
}

/* --- together, or not at all ---------------------------------------------------------- */

static enum status execute(struct accounts *accounts, const char *sql)
{
	const int code = sqlite3_exec(accounts->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? OK : accounts_failed(accounts);
}

enum status accounts_begin(struct accounts *accounts)
{
	return execute(accounts, "BEGIN IMMEDIATE");
}

enum status accounts_commit(struct accounts *accounts)
{
	return execute(accounts, "COMMIT");
}

void accounts_undo(struct accounts *accounts)
{
	(void)execute(accounts, "ROLLBACK");
}

/* --- secrets -------------------------------------------------------------------------- */

enum status accounts_secret(struct accounts *accounts, const char *name,
                            const uint8_t fresh[ACCOUNT_SECRET],
                            uint8_t out[ACCOUNT_SECRET])
{
	static const char insert[] = "INSERT OR IGNORE INTO secret (name, bytes) "
	                             "VALUES (?1, ?2)";
	static const char select[] = "SELECT bytes FROM secret WHERE name = ?1 AND "
	                             "length(bytes) = 32";
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(accounts, &statement, insert, "th",
	                                      text_from(name), fresh);
	status = accounts_run(accounts, statement, status);
	if (status != OK && status != ERR_NOT_FOUND)
		return status;
	statement = NULL;
	status = accounts_prepare(accounts, &statement, select, "t", text_from(name));
	if (status == OK && sqlite3_step(statement) == SQLITE_ROW)
		memcpy(out, sqlite3_column_blob(statement, 0), ACCOUNT_SECRET);
	else if (status == OK)
		status = accounts_failed(accounts);
	sqlite3_finalize(statement);
	return status;
}

/* --- users ---------------------------------------------------------------------------- */

/* Was nothing changed, then because there are too many, not because nothing was found. */
static enum status was_added(struct accounts *accounts, enum status status)
{
	if (status == ERR_UNSUPPORTED)
		snprintf(accounts->error.text, sizeof accounts->error.text,
		         "there is one of that name");
	if (status != ERR_NOT_FOUND)
		return status;
	snprintf(accounts->error.text, sizeof accounts->error.text, "there are %d already",
	         ACCOUNTS_MAX);
	return ERR_FULL;
}

enum status accounts_add_user(struct accounts *accounts, const struct account *user,
                              const char *password, nstime now)
{
	static const char sql[] =
	        "INSERT INTO user (name, password, role, pii, created, changed) "
	        "SELECT ?1, ?2, ?3, ?4, ?5, ?5 WHERE (SELECT count(*) FROM user) < ?6";
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        accounts, &statement, sql, "tttiii", text_from(user->name),
	        text_from(password), text_from(role_names[user->role]), (int64_t)user->pii,
	        now / NS_PER_US, (int64_t)ACCOUNTS_MAX);
	return was_added(accounts, accounts_run(accounts, statement, status));
}

static enum status end_sessions(struct accounts *accounts, struct text name)
{
	static const char end[] =
	        "DELETE FROM session WHERE user = (SELECT id FROM user WHERE name = ?1)";
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(accounts, &statement, end, "t", name);
	status = accounts_run(accounts, statement, status);
	return status == ERR_NOT_FOUND ? OK : status;
}

enum status accounts_set_password(struct accounts *accounts, struct text name,
                                  const char *password, nstime now)
{
	static const char sql[] =
	        "UPDATE user SET password = ?2, changed = ?3 WHERE name = ?1";
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(accounts, &statement, sql, "tti", name,
	                                      text_from(password), now / NS_PER_US);
	status = accounts_run(accounts, statement, status);
	return status == OK ? end_sessions(accounts, name) : status;
}

enum status accounts_change_user(struct accounts *accounts, const struct account *user)
{
	static const char sql[] =
	        "UPDATE user SET role = ?2, pii = ?3, disabled = ?4 WHERE name = ?1";
	sqlite3_stmt *statement = NULL;
	enum status status =
	        accounts_prepare(accounts, &statement, sql, "ttii", text_from(user->name),
	                         text_from(role_names[user->role]), (int64_t)user->pii,
	                         (int64_t)user->disabled);
	status = accounts_run(accounts, statement, status);
	if (status == OK && user->disabled)
		status = end_sessions(accounts, text_from(user->name));
	return status;
}

enum status accounts_count_admins(struct accounts *accounts, uint64_t *count)
{
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(
	        accounts, &statement,
	        "SELECT count(*) FROM user WHERE role = 'admin' AND disabled = 0", "");
	if (status == OK && sqlite3_step(statement) == SQLITE_ROW)
		*count = (uint64_t)sqlite3_column_int64(statement, 0);
	else if (status == OK)
		status = accounts_failed(accounts);
	sqlite3_finalize(statement);
	return status;
}

enum status accounts_remove_user(struct accounts *accounts, struct text name)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        accounts, &statement, "DELETE FROM user WHERE name = ?1", "t", name);
	return accounts_run(accounts, statement, status);
}

enum status accounts_user(struct accounts *accounts, struct text name, struct account *out,
                          char password[ACCOUNT_PASSWORD])
{
	static const char sql[] =
	        "SELECT name, role, pii, created, disabled, password FROM user "
	        "WHERE name = ?1";
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(accounts, &statement, sql, "t", name);
	return accounts_read_one(accounts, statement, status, out, password);
}

/* --- tokens --------------------------------------------------------------------------- */

enum status accounts_add_token(struct accounts *accounts, const struct account *token,
                               const uint8_t hash[ACCOUNT_HASH], nstime now)
{
	static const char sql[] =
	        "INSERT INTO token (name, hash, role, pii, created) "
	        "SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM token) < ?6";
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        accounts, &statement, sql, "thtiii", text_from(token->name), hash,
	        text_from(role_names[token->role]), (int64_t)token->pii, now / NS_PER_US,
	        (int64_t)ACCOUNTS_MAX);
	return was_added(accounts, accounts_run(accounts, statement, status));
}

enum status accounts_remove_token(struct accounts *accounts, struct text name)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        accounts, &statement, "DELETE FROM token WHERE name = ?1", "t", name);
	return accounts_run(accounts, statement, status);
}

enum status accounts_token(struct accounts *accounts, const uint8_t hash[ACCOUNT_HASH],
                           struct account *out)
{
	static const char sql[] = "SELECT name, role, pii, created, 0 FROM token "
	                          "WHERE hash = ?1";
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(accounts, &statement, sql, "h", hash);
	return accounts_read_one(accounts, statement, status, out, NULL);
}

enum status accounts_list(struct accounts *accounts, bool tokens, accounts_each *each,
                          void *self)
{
	sqlite3_stmt *statement = NULL;
	struct account account;
	int code = SQLITE_OK;
	enum status status = accounts_prepare(
	        accounts, &statement,
	        tokens ? "SELECT name, role, pii, created, 0 FROM token ORDER BY name"
	               : "SELECT name, role, pii, created, disabled FROM user "
	                 "ORDER BY name",
	        "");
	while (status == OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		read_account(statement, &account);
		each(self, &account);
	}
	if (status == OK && code != SQLITE_DONE)
		status = accounts_failed(accounts);
	sqlite3_finalize(statement);
	return status;
}

/* --- audit ---------------------------------------------------------------------------- */

enum status accounts_log(struct accounts *accounts, const struct audit *audit)
{
	static const char sql[] =
	        "INSERT INTO audit (at, who, way, address, action, subject) "
	        "VALUES (?1, ?2, ?3, nullif(?4, ''), ?5, nullif(?6, ''))";
	static const char forget[] =
	        "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?1";
	sqlite3_stmt *statement = NULL;
	enum status status = accounts_prepare(
	        accounts, &statement, sql, "ittttt", audit->at / NS_PER_US,
	        text_from(audit->who), text_from(audit->way), text_from(audit->address),
	        text_from(audit->action), text_from(audit->subject));
	status = accounts_run(accounts, statement, status);
	if (status != OK)
		return status;
	statement = NULL;
	status = accounts_prepare(accounts, &statement, forget, "i", (int64_t)AUDIT_MAX);
	status = accounts_run(accounts, statement, status);
	return status == ERR_NOT_FOUND ? OK : status;
}

static void read_audit(sqlite3_stmt *row, struct audit *out)
{
	out->id = sqlite3_column_int64(row, 0);
	out->at = sqlite3_column_int64(row, 1) * NS_PER_US;
	read_text(row, 2, out->who, sizeof out->who);
	read_text(row, 3, out->way, sizeof out->way);
	read_text(row, 4, out->address, sizeof out->address);
	read_text(row, 5, out->action, sizeof out->action);
	read_text(row, 6, out->subject, sizeof out->subject);
}

enum status accounts_audit(struct accounts *accounts, int64_t before, nstime from,
                           nstime to, size_t limit, accounts_each_audit *each, void *self)
{
	static const char sql[] =
	        "SELECT id, at, who, way, address, action, subject FROM audit "
	        "WHERE id < ?1 AND at >= ?2 AND at < ?3 ORDER BY id DESC LIMIT ?4";
	sqlite3_stmt *statement = NULL;
	struct audit audit;
	int code = SQLITE_OK;
	enum status status =
	        accounts_prepare(accounts, &statement, sql, "iiii", before,
	                         from / NS_PER_US, to / NS_PER_US, (int64_t)limit);
	while (status == OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		read_audit(statement, &audit);
		each(self, &audit);
	}
	if (status == OK && code != SQLITE_DONE)
		status = accounts_failed(accounts);
	sqlite3_finalize(statement);
	return status;
}
