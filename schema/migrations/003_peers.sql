-- Who registers, who answers, and what changed there.

CREATE TABLE registration (
	seq           INTEGER PRIMARY KEY,
	run           INTEGER NOT NULL,
	id            INTEGER NOT NULL,
	aor           ANY,     -- URI of the To header
	contact       ANY,     -- first Contact URI
	src           TEXT,    -- address:port of the client
	registrar     TEXT,    -- address:port of the server
	at            INTEGER, -- microseconds; first REGISTER
	status        INTEGER, -- final SIP status code; NULL when no answer was seen
	expires_s     REAL,    -- s, granted, else asked for
	sip_call_id   ANY,     -- Call-ID header
	transport     TEXT,    -- as leg.transport
	authenticated INTEGER NOT NULL, -- 1: a 401 or 407 round came first
	purpose TEXT, -- register, refresh, unregister, fetch; NULL: its request was not seen
	rrd_ms REAL, -- ms, registration request delay (RFC 6076 4.1), challenge included; NULL unless it succeeded
	auth_rounds INTEGER NOT NULL DEFAULT 0, -- 401 and 407 responses
	retransmissions INTEGER NOT NULL DEFAULT 0, -- REGISTER requests that repeat an earlier one
	src_before TEXT, -- address:port of the binding before; NULL unless it was another host
	nat INTEGER NOT NULL DEFAULT 0, -- 1: Contact or Via name another host than the packets come from
	via ANY, -- sent-by of the topmost Via
	user_agent ANY, -- User-Agent header
	binding INTEGER -- binding.id whose state it changed; NULL: none
) STRICT;
CREATE INDEX registration_id ON registration (id);

-- Where an address-of-record can be reached, by the word of a registrar, as it stood at the end
-- of the run, or when it was forgotten.
CREATE TABLE binding (
	seq            INTEGER PRIMARY KEY,
	run            INTEGER NOT NULL,
	id             INTEGER NOT NULL,
	aor            ANY,     -- URI of the To header
	contact        ANY,     -- URI of the Contact header
	state          TEXT,    -- registered, expired, removed
	src            TEXT,    -- address:port of the client, of the latest success
	registrar      TEXT,    -- address:port of the server
	first          INTEGER, -- microseconds; first success
	last           INTEGER, -- microseconds; latest success
	expires        INTEGER, -- microseconds; end of its time; NULL: nobody said
	expires_s      REAL,    -- s, granted last
	registrations  INTEGER NOT NULL, -- REGISTER transactions about it, failed ones too
	refreshes      INTEGER NOT NULL, -- successful ones while it was registered
	failures       INTEGER NOT NULL, -- failed or unanswered ones
	auth_failures  INTEGER NOT NULL, -- of these, with credentials that were not accepted
	auth_rounds    INTEGER NOT NULL, -- 401 and 407 responses
	last_failure   INTEGER, -- SIP status code; NULL: none, or no answer
	source_changes INTEGER NOT NULL, -- times that its client came from another host
	rrd_mean_ms    REAL,    -- ms, registration request delay (RFC 6076 4.1)
	rrd_max_ms     REAL,    -- ms
	transport      TEXT,    -- as leg.transport
	nat            INTEGER NOT NULL, -- as registration.nat
	user_agent     ANY      -- User-Agent header
) STRICT;
CREATE INDEX binding_aor ON binding (aor);

-- Signalling addresses that requests are sent to, as they stood at the end of the run, or when
-- they were forgotten.  Transactions only: retransmissions are not counted.
CREATE TABLE peer (
	seq                  INTEGER PRIMARY KEY,
	run                  INTEGER NOT NULL,
	id                   INTEGER NOT NULL,
	peer                 TEXT,    -- address:port
	trunk                ANY,     -- whose address that is, by the configuration
	state                TEXT,    -- up, down, refusing; NULL: it was not seen to answer
	since                INTEGER, -- microseconds; of the state
	first                INTEGER, -- microseconds; first request
	last                 INTEGER, -- microseconds; last request or answer
	last_answer          INTEGER, -- microseconds
	transport            TEXT,    -- as leg.transport
	options              INTEGER NOT NULL, -- OPTIONS outside of dialogs
	options_answered     INTEGER NOT NULL, -- with any final response, within 4 s
	options_unanswered   INTEGER NOT NULL, -- within 4 s
	rtt_last_ms          REAL,    -- ms, OPTIONS to final response, as seen here
	rtt_min_ms           REAL,    -- ms
	rtt_mean_ms          REAL,    -- ms
	rtt_max_ms           REAL,    -- ms
	invites              INTEGER NOT NULL, -- INVITEs outside of dialogs, those after challenges too
	invites_accepted     INTEGER NOT NULL, -- with 2xx
	invites_unanswered   INTEGER NOT NULL, -- no response at all in 32 s
	registers            INTEGER NOT NULL, -- REGISTERs, those after challenges too
	registers_unanswered INTEGER NOT NULL, -- no response at all in 32 s
	server_errors        INTEGER NOT NULL, -- final 5xx
	unavailable          INTEGER NOT NULL, -- of these, 503
	outages              INTEGER NOT NULL, -- times that it left the state up
	outage_s             REAL,    -- s, all of them, the present one too
	software             ANY      -- Server or User-Agent header of its answers
) STRICT;
CREATE INDEX peer_peer ON peer (peer);

CREATE TABLE event (
	seq            INTEGER PRIMARY KEY,
	run            INTEGER NOT NULL,
	id             INTEGER NOT NULL,
	type           TEXT,    -- peer_down, peer_up, peer_refusing, failover
	began          INTEGER, -- microseconds; first sign
	detected       INTEGER, -- microseconds; when there were enough of them
	ended          INTEGER, -- microseconds; of a failover: first call that the peer took again; NULL: none
	duration_s     REAL,    -- s; of a failover began to ended, of peer_up that of the outage
	peer           TEXT,    -- address:port that it is about
	backup         TEXT,    -- address:port that took its calls; of a failover
	src            TEXT,    -- address of who calls; of a failover
	trunk            ANY,   -- whose the peer is, by the configuration
	backup_trunk     ANY,   -- whose the backup is
	redundancy_group ANY,   -- of the peer's trunk
	cause          TEXT,    -- unanswered_options, unanswered_invite, unanswered_register, server_error, answer
	status         INTEGER, -- SIP status code, latest, of a server error
	failed         INTEGER NOT NULL, -- requests that failed at the peer
	switched       INTEGER NOT NULL, -- attempts that went on to the backup after that
	calls_backup   INTEGER NOT NULL, -- INVITEs that the backup got in its stead
	calls_lost     INTEGER NOT NULL, -- attempts that failed, and nowhere else succeeded
	calls_carried  INTEGER NOT NULL, -- answered calls over the peer when it began; they became:
	calls_survived INTEGER NOT NULL, -- ended by BYE or still there, with audio both ways
	calls_silent   INTEGER NOT NULL, -- audio stopped both ways
	calls_one_way  INTEGER NOT NULL, -- audio stopped one way
	calls_dropped  INTEGER NOT NULL, -- ended without BYE
	rtp_after_s    REAL,    -- s, longest that RTP was still sent to the peer of such a call; NULL: of none
	pdd_before_ms  REAL,    -- ms, mean time to the first 18x or 2xx over the peer before
	pdd_after_ms   REAL,    -- ms, likewise over the backup, from the first attempt on
	mos_lq_before  REAL,    -- 1..4.5, mean of streams over the peer before
	mos_lq_after   REAL     -- 1..4.5, mean of streams over the backup
) STRICT;
CREATE INDEX event_id ON event (id);

CREATE VIEW v_peers AS SELECT
	printf('%016x', id) AS id, peer, trunk, state,
	strftime('%Y-%m-%dT%H:%M:%S', since / 1000000, 'unixepoch') || printf('.%06dZ', since % 1000000) AS since,
	options, options_answered, options_unanswered, round(rtt_mean_ms, 3) AS rtt_mean_ms,
	invites, invites_accepted, invites_unanswered, server_errors, outages, round(outage_s, 3) AS outage_s,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch') || printf('.%06dZ', first % 1000000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch') || printf('.%06dZ', last % 1000000) AS last,
	CAST(software AS TEXT) AS software, run
FROM peer;

CREATE VIEW v_events AS SELECT
	printf('%016x', id) AS id, type,
	strftime('%Y-%m-%dT%H:%M:%S', began / 1000000, 'unixepoch') || printf('.%06dZ', began % 1000000) AS began,
	strftime('%Y-%m-%dT%H:%M:%S', detected / 1000000, 'unixepoch') || printf('.%06dZ', detected % 1000000) AS detected,
	strftime('%Y-%m-%dT%H:%M:%S', ended / 1000000, 'unixepoch') || printf('.%06dZ', ended % 1000000) AS ended,
	round(duration_s, 3) AS duration_s, peer, backup, src, trunk, backup_trunk, cause, status, failed, switched,
	calls_backup, calls_lost, calls_carried, calls_survived, calls_silent, calls_one_way, calls_dropped, run
FROM event;

CREATE VIEW v_bindings AS SELECT
	printf('%016x', id) AS id, CAST(aor AS TEXT) AS aor, CAST(contact AS TEXT) AS contact, state, src, registrar,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch') || printf('.%06dZ', first % 1000000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch') || printf('.%06dZ', last % 1000000) AS last,
	strftime('%Y-%m-%dT%H:%M:%S', expires / 1000000, 'unixepoch') || printf('.%06dZ', expires % 1000000) AS expires,
	refreshes, failures, auth_failures, source_changes, round(rrd_mean_ms, 3) AS rrd_mean_ms, nat,
	CAST(user_agent AS TEXT) AS user_agent, run
FROM binding;
