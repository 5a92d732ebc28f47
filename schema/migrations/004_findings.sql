-- What most probably went wrong in a call; what looks like an attack.

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

CREATE TABLE observation (
	seq          INTEGER PRIMARY KEY,
	run          INTEGER NOT NULL,
	id           INTEGER NOT NULL,
	type         TEXT,    -- brute_force, registration_hijack, scanner, extension_scan, sweep, invite_flood, register_flood, malformed_flood, toll_fraud, toll_off_hours, toll_long_calls, wangiri, foreign_rtp, srtp_unused, srtp_downgrade, plain_sip
	first        INTEGER, -- microseconds; first event of it
	last         INTEGER, -- microseconds; latest
	detected     INTEGER, -- microseconds; when there were enough of them
	src          TEXT,    -- address of who does it; of several, the first
	dst          TEXT,    -- address:port it is done to; of several, the first
	sources      INTEGER NOT NULL, -- different addresses; above 127 estimated
	targets      INTEGER NOT NULL, -- different accounts, users, addresses or numbers, by type; above 127 estimated
	subject      ANY,     -- account, user, number, trunk or software it is about; of several, the first
	events       INTEGER NOT NULL, -- attempts, requests, calls or streams that are part of it
	others       INTEGER NOT NULL, -- what the same source, account or user did meanwhile and is no part of it, such as what succeeded
	peak_per_min INTEGER NOT NULL, -- most events in one minute of the clock
	examples     TEXT NOT NULL DEFAULT '[]', -- list of ids, the first five: legs, registrations, streams or calls
	software     ANY,     -- User-Agent header of the first event
	over         INTEGER NOT NULL -- 1: nothing more is told of it
) STRICT;
CREATE INDEX observation_id ON observation (id);

CREATE VIEW v_findings AS SELECT
	printf('%016x', f.id) AS id, printf('%016x', f.call) AS call,
	CASE WHEN f.leg IS NOT NULL THEN printf('%016x', f.leg) END AS leg,
	CASE WHEN f.stream IS NOT NULL THEN printf('%016x', f.stream) END AS stream,
	f.rank, f.code, round(f.confidence, 2) AS confidence, f.points_to, f.peer,
	CAST(f.sentence AS TEXT) AS sentence, CAST(f.evidence AS TEXT) AS evidence,
	strftime('%Y-%m-%dT%H:%M:%S', f.at / 1000000, 'unixepoch') || printf('.%06dZ', f.at % 1000000) AS at,
	f.run
FROM finding AS f;

CREATE VIEW v_observations AS SELECT
	printf('%016x', id) AS id, type,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch') || printf('.%06dZ', first % 1000000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch') || printf('.%06dZ', last % 1000000) AS last,
	src, dst, sources, targets, CAST(subject AS TEXT) AS subject, events, others, peak_per_min,
	CAST(software AS TEXT) AS software, over, run
FROM observation
WHERE seq IN (SELECT max(seq) FROM observation GROUP BY id);
