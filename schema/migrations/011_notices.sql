-- Messages about alerts that a receiver has not taken yet, in the order in which it gets them.

CREATE TABLE notice (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	receiver TEXT NOT NULL,    -- name of alerts.receivers
	alert    INTEGER NOT NULL, -- alert.id
	at       INTEGER NOT NULL, -- microseconds, packet time; alert.at
	state    TEXT NOT NULL,    -- waiting; dead: given up, for it was too old
	text     TEXT NOT NULL     -- the message
) STRICT;
CREATE INDEX notice_receiver ON notice (receiver, state, seq);
