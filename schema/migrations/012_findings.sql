-- What most probably went wrong in a call, and what of a stream's losses led there.

CREATE TABLE finding (
	seq        INTEGER PRIMARY KEY,
	run        INTEGER NOT NULL,
	id         INTEGER NOT NULL,
	call       INTEGER, -- call.id
	leg        INTEGER, -- leg.id it is about; NULL: the call as a whole
	stream     INTEGER, -- stream.id it is about; NULL: none
	rank       INTEGER NOT NULL, -- 1 to 3 within the call, the best first
	code       TEXT,    -- one_way_nat, sip_alg, ...: docs/figures.md lists them
	confidence REAL,    -- 0 to 1
	points_to  TEXT,    -- caller, callee, caller_side, callee_side, between, peer, probe
	peer       TEXT,    -- address:port it points to; NULL where it points to none
	sentence   ANY,     -- what went wrong, for people
	evidence   ANY,     -- messages, packets, times, figures
	at         INTEGER, -- microseconds; the moment that tells most
	first      INTEGER, -- microseconds; of what it is about
	last       INTEGER  -- microseconds
) STRICT;
CREATE INDEX finding_call ON finding (call);
CREATE INDEX finding_at ON finding (at);

ALTER TABLE stream ADD COLUMN loss_runs REAL;        -- losses of one packet or several in a row; NULL: none is remembered
ALTER TABLE stream ADD COLUMN loss_longest REAL;     -- packets, the longest of these
ALTER TABLE stream ADD COLUMN loss_period_ms REAL;   -- ms from one loss to the next where that is always the same; NULL: it is not
ALTER TABLE stream ADD COLUMN loss_pdv_before_ms REAL; -- ms, delay variation of the packet in front of a loss, median
ALTER TABLE stream ADD COLUMN loss_pdv_after_ms REAL;  -- ms, of the packet behind it

CREATE VIEW v_findings AS SELECT
	printf('%016x', f.id) AS id, printf('%016x', f.call) AS call,
	CASE WHEN f.leg IS NOT NULL THEN printf('%016x', f.leg) END AS leg,
	CASE WHEN f.stream IS NOT NULL THEN printf('%016x', f.stream) END AS stream,
	f.rank, f.code, round(f.confidence, 2) AS confidence, f.points_to, f.peer,
	CAST(f.sentence AS TEXT) AS sentence, CAST(f.evidence AS TEXT) AS evidence,
	strftime('%Y-%m-%dT%H:%M:%S', f.at / 1000000, 'unixepoch') || printf('.%06dZ', f.at % 1000000) AS at,
	f.run
FROM finding AS f;
