-- FILE.state, beside the database of calls: who may see it, and who did.  Times are
-- microseconds since 1970, UTC, by this machine's clock.

CREATE TABLE secret (
	name  TEXT PRIMARY KEY, -- pseudonyms: the key that they are made with
	bytes BLOB NOT NULL     -- 32 random octets
) STRICT;

CREATE TABLE user (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE, -- a-z 0-9 . _ -, at most 63
	password TEXT NOT NULL,        -- argon2id, as libsodium writes it: parameters, salt, hash
	role     TEXT NOT NULL,        -- viewer, operator, admin
	pii      INTEGER NOT NULL,     -- 1: sees numbers, names and addresses of people
	disabled INTEGER NOT NULL DEFAULT 0, -- 1: may not log in, and no session of it counts
	created  INTEGER NOT NULL,
	changed  INTEGER NOT NULL      -- when the password was set
) STRICT;

CREATE TABLE token (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL UNIQUE, -- as a user's
	hash    BLOB NOT NULL UNIQUE, -- BLAKE2b, 32 octets, of the token, which is random
	role    TEXT NOT NULL,
	pii     INTEGER NOT NULL,
	created INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
	hash    BLOB PRIMARY KEY, -- BLAKE2b, 32 octets, of what is in the cookie
	user    INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
	created INTEGER NOT NULL,
	seen    INTEGER NOT NULL  -- last request, to the minute
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user, seen);

CREATE TABLE audit (
	id      INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,
	who     TEXT NOT NULL, -- user or token; of the command line "root" or "uid 1000"
	way     TEXT NOT NULL, -- session, token, local (this machine, no account), command
	address TEXT,          -- of the client; NULL: the command line
	action  TEXT NOT NULL, -- login, login_failed, ladder, user_added, ...
	subject TEXT           -- what it was done to: a user, a token, the id of a call
) STRICT;
CREATE INDEX audit_at ON audit (at);
