-- Alerts of rules (docs/alerts.md): each change of state is a row, all of one alert have its id.

CREATE TABLE alert (
	seq         INTEGER PRIMARY KEY,
	run         INTEGER NOT NULL,
	id          INTEGER NOT NULL,
	at          INTEGER, -- microseconds, packet time; of this state
	rule        ANY,     -- name of the rule
	state       TEXT,    -- pending: bad, not yet for long enough; firing; clearing: good, not yet for long enough; ok: over
	severity    TEXT,    -- info, warning, major, critical
	subject     ANY,     -- what it is about, for people
	since       INTEGER, -- microseconds; first tick at which it was bad
	raised      INTEGER, -- microseconds; when it fired; NULL: it did not
	cleared     INTEGER, -- microseconds; when it was over; NULL: it is not
	ended_by    TEXT,    -- value: good again; samples: too few are left to say so; schedule: not looked at at this hour; rule: that was removed, switched off or looks at something else; NULL: it goes on
	scope       TEXT,    -- all, site, trunk, direction, codec, peer, subject
	site        ANY,     -- of the trunk, or that it is about
	trunk       ANY,     -- that it is about, or the peer's; NULL: none
	direction   TEXT,    -- inbound, outbound; NULL: not by direction
	codec       TEXT,    -- NULL: not by codec
	peer        TEXT,    -- address:port; NULL: not by peer
	about       INTEGER, -- scope subject: observation.id, or a hash of what the fact is about
	metric      ANY,     -- name of the figure
	condition   TEXT,    -- above, below, deviates_above, deviates_below
	value       REAL,    -- of the metric, in its unit; NULL: too little is known
	worst       REAL,    -- since it is pending; NULL: none is known
	threshold   REAL,    -- that value is compared with; of a deviation, of this hour
	expected    REAL,    -- usual at this hour of the week; NULL: it is not compared with that
	samples     INTEGER NOT NULL, -- calls, streams or packets that value is of
	window_s    REAL,    -- seconds that value is of
	examples    TEXT NOT NULL DEFAULT '[]', -- list of ids of up to five calls, the latest first; of observations what these list
	finding     TEXT,    -- finding.code of the first example that has one
	finding_sentence ANY, -- finding.sentence of it
	query       ANY,     -- a filter that finds the calls
	unseen      ANY,     -- what the probe missed meanwhile, in words; NULL: nothing is known of that
	unverified  INTEGER NOT NULL, -- 1: the capture loses so much that value may be its doing
	muted       INTEGER NOT NULL, -- 1: nobody is told
	muted_by    ANY,     -- rule that fires and explains it; silence: somebody wants to hear nothing of it; group: it is told with another; NULL: not muted
	leader      INTEGER, -- alert.id of the one it is told with; NULL: none
	members     INTEGER NOT NULL, -- alerts that fire and are told with this one
	news        TEXT,    -- why somebody is told now: raised, unmuted (what explained it is over), grown (more members), over; NULL: nobody is
	summary     ANY      -- one line for people
) STRICT;
CREATE INDEX alert_id ON alert (id);
CREATE INDEX alert_at ON alert (at);

CREATE VIEW v_alerts AS SELECT
	printf('%016x', id) AS id,
	strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000000, 'unixepoch') AS at, state, severity,
	CAST(rule AS TEXT) AS rule, CAST(subject AS TEXT) AS subject,
	strftime('%Y-%m-%dT%H:%M:%SZ', raised / 1000000, 'unixepoch') AS raised,
	strftime('%Y-%m-%dT%H:%M:%SZ', cleared / 1000000, 'unixepoch') AS cleared,
	CAST(metric AS TEXT) AS metric, round(value, 3) AS value, round(worst, 3) AS worst,
	round(threshold, 3) AS threshold, samples, unverified, CAST(muted_by AS TEXT) AS muted_by,
	CAST(summary AS TEXT) AS summary, run
FROM alert
WHERE seq IN (SELECT max(seq) FROM alert GROUP BY run, id);
