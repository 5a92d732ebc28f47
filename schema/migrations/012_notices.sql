-- Messages about alerts that a receiver has not taken yet, in the order in which it gets them.

CREATE TABLE notice (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	receiver TEXT NOT NULL,    -- name of alerts.receivers
	alert    INTEGER NOT NULL, -- alert.id
	delivery INTEGER NOT NULL DEFAULT 0, -- tells copies of it from other messages
	at       INTEGER NOT NULL, -- microseconds, by this machine's clock: since when it waits
	state    TEXT NOT NULL,    -- waiting; together: one of many that are told by their number; dead: given up, for it was too old or refused; stranded: given up, for the configuration has no such receiver any more
	form     TEXT NOT NULL DEFAULT 'syslog', -- what the text is for: syslog, webhook, alertmanager
	text     TEXT NOT NULL     -- the message; of those together, the rule
) STRICT;
CREATE INDEX notice_receiver ON notice (receiver, state, seq);

-- What is usual of a figure that a rule compares with past weeks, by hours of the week.
CREATE TABLE alert_baseline (
	rule      TEXT NOT NULL,
	scope     TEXT NOT NULL, -- all, site, trunk, direction, codec
	name      TEXT NOT NULL, -- of trunk or site; empty: none
	direction INTEGER NOT NULL, -- 0: both together, 1: inbound, 2: outbound
	codec     TEXT NOT NULL, -- empty: not by codec
	hours     BLOB NOT NULL, -- 5 weeks, in turn, of 168 hours from Monday 0:00 of 4 octets, IEEE 754, the lowest first; NaN: not known
	PRIMARY KEY (rule, scope, name, direction, codec)
) STRICT, WITHOUT ROWID;
