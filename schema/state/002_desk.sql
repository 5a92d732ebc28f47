-- What people do about alerts.  Times are microseconds since 1970, UTC, by this machine's clock.

CREATE TABLE alert_note (
	id     INTEGER PRIMARY KEY AUTOINCREMENT,
	alert  INTEGER NOT NULL, -- alert.id of the database of calls
	at     INTEGER NOT NULL,
	who    TEXT NOT NULL,    -- user or token
	action TEXT NOT NULL,    -- acknowledged, reopened, commented
	text   TEXT              -- what they said of it; NULL: nothing
) STRICT;
CREATE INDEX alert_note_alert ON alert_note (alert, id);

CREATE TABLE silence (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	rule     TEXT NOT NULL,    -- name of a rule; empty: any
	match    TEXT NOT NULL,    -- name of a trunk or site, or a peer's address; empty: any
	begins   INTEGER NOT NULL,
	ends     INTEGER NOT NULL, -- also when somebody ended it sooner
	author   TEXT NOT NULL,
	comment  TEXT NOT NULL,
	created  INTEGER NOT NULL,
	ended_by TEXT              -- who ended it; NULL: it ends by itself
) STRICT;
CREATE INDEX silence_ends ON silence (ends);

-- Rules beside those of the configuration.
CREATE TABLE rule (
	name    TEXT PRIMARY KEY,
	body    TEXT NOT NULL,   -- JSON, as /api/v1/rules has it
	author  TEXT NOT NULL,   -- who changed it last
	changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
