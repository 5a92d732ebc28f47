-- What a run over capture files leaves behind: one table for each kind of record, one
-- column for each field of it, under the field's name (analyzer/model/record.c).
--
-- In every table:
--   seq    order in which the records came; of no meaning outside the file
--   run    run.id of the run that wrote the row
--   ids    64-bit hash of what makes the thing itself, kept as SQLite's signed integer;
--          printf('%016x', id) is the id that people see; the same capture gives the same
--          ids, so a second run with other options has rows of the same id: the highest
--          run counts
--   times  integer microseconds since 1970-01-01 UTC, of the packets
--   texts  of type ANY came off the wire: TEXT when they are valid UTF-8, else a BLOB of
--          the bytes as they came
--   lists  JSON text, the same as in `earshot analyze --json`
--   NULL   not known, or never happened, unless the column says more

CREATE TABLE run (
	id      INTEGER PRIMARY KEY,
	digest  BLOB NOT NULL,    -- 16 bytes, of every frame's time, length and bytes
	options TEXT NOT NULL,    -- those that change the result, in a fixed order
	files   TEXT NOT NULL,    -- JSON list of the names as given
	sensor  TEXT NOT NULL,    -- settings.sensor; enters every id
	program TEXT NOT NULL,    -- version that wrote the run
	frames  INTEGER NOT NULL, -- number read
	written INTEGER NOT NULL, -- when the run ended, by this machine's clock, microseconds UTC
	summary TEXT              -- the `summary` object; NULL when none was given
) STRICT;
CREATE UNIQUE INDEX run_digest ON run (digest, options, sensor);

CREATE TABLE call (
	seq               INTEGER PRIMARY KEY,
	run               INTEGER NOT NULL,
	id                INTEGER NOT NULL,
	legs              TEXT NOT NULL, -- list of leg ids, in hexadecimal, by start
	start             INTEGER, -- microseconds; first INVITE of any leg
	ended             INTEGER, -- microseconds; last leg; NULL while any is in progress
	state             TEXT,    -- completed, in_progress, cancelled, no_answer, no_response, failed, incomplete
	mos_lq_min        REAL,    -- 1..4.5, MOS of the stream with the lowest R; NULL without any score
	mos_lq_min_band   TEXT,    -- nb, wb, fb: the scale of mos_lq_min
	mos_lq_min_stream INTEGER  -- stream.id it comes from
) STRICT;
CREATE INDEX call_id ON call (id);
CREATE INDEX call_start ON call (start);

CREATE TABLE leg (
	seq             INTEGER PRIMARY KEY,
	run             INTEGER NOT NULL,
	id              INTEGER NOT NULL,
	call            INTEGER, -- call.id
	sip_call_id     ANY,     -- Call-ID header, at most 255 bytes
	"from"          ANY,     -- URI of the From header
	"to"            ANY,     -- URI of the To header
	src             TEXT,    -- address:port that sent the first INVITE
	dst             TEXT,    -- address:port it was sent to
	start           INTEGER, -- microseconds; first message
	ringing         INTEGER, -- microseconds; first 18x
	answered        INTEGER, -- microseconds; first 2xx to the INVITE
	ended           INTEGER, -- microseconds; BYE or final failure; NULL when it was not seen to end
	status          INTEGER, -- final SIP status code; NULL without any
	state           TEXT,    -- as call.state
	pdd_ms          REAL,    -- ms from the unchallenged INVITE to the first 18x or final response
	duration_s      REAL,    -- s from the 2xx to the end; NULL when unanswered
	ended_by        TEXT,    -- caller, callee, timeout
	transport       TEXT,    -- udp, tcp, ws, sctp
	codecs          TEXT NOT NULL,    -- list of names, in order of first use
	messages        INTEGER NOT NULL, -- SIP messages seen, retransmissions too
	retransmissions INTEGER NOT NULL, -- messages that repeat an earlier one
	span_copies     INTEGER NOT NULL, -- messages that the mirror gave twice; in no other count
	flags           TEXT NOT NULL,    -- list of names, late_offer to truncated
	user_agent      ANY,     -- User-Agent header of the caller
	server          ANY,     -- Server or User-Agent header of the callee
	reason          ANY,     -- reason phrase of the final response
	ladder          TEXT     -- its messages, NULL without any: a JSON list of [id, at, frame, src, dst,
	                         -- transport, summary, cseq, retransmission, sdp, length], as in
	                         -- JSON; at in microseconds; src and dst 0 or 1 where they are
	                         -- the src or dst of the first message
) STRICT;
CREATE INDEX leg_id ON leg (id);
CREATE INDEX leg_call ON leg (call);
CREATE INDEX leg_sip_call_id ON leg (sip_call_id);

CREATE TABLE stream (
	seq                   INTEGER PRIMARY KEY,
	run                   INTEGER NOT NULL,
	id                    INTEGER NOT NULL,
	leg                   INTEGER, -- leg.id; NULL when no SDP announced it
	call                  INTEGER, -- call.id of that leg
	legs                  TEXT NOT NULL, -- list of ids of all legs that claim it
	direction             TEXT,    -- forward (caller to callee), reverse
	src                   TEXT,    -- address:port that sends
	dst                   TEXT,    -- address:port that receives
	ssrc                  INTEGER, -- 32 bits, RTP header
	codec                 TEXT,    -- of most audio packets
	payload_types         TEXT NOT NULL, -- object: payload type to packets
	clock_hz              INTEGER, -- Hz, RTP timestamp clock
	clock_basis           TEXT,    -- sdp, static, guessed, configured: how clock_hz is known
	packets               INTEGER NOT NULL, -- all seen, copies too
	expected              INTEGER NOT NULL, -- by sequence numbers (RFC 3550 A.3)
	received              INTEGER NOT NULL, -- unique ones
	lost                  INTEGER NOT NULL, -- expected but not received
	duplicates            INTEGER NOT NULL, -- sequence numbers seen again
	reordered             INTEGER NOT NULL, -- packets that came after a later one
	restarts              INTEGER NOT NULL, -- sequence numbering began anew
	ts_resync             INTEGER NOT NULL, -- RTP timestamps jumped; jitter was not charged
	outage_lost           INTEGER NOT NULL, -- packets missing at restarts; not in lost
	span_copies           INTEGER NOT NULL, -- copies made by the mirror port
	loss_pct              REAL,    -- percent of expected; NULL when nothing was expected
	jitter_last_ms        REAL,    -- ms, RFC 3550 A.8, at the last packet; NULL without a clock
	jitter_mean_ms        REAL,    -- ms, mean over packets
	jitter_max_ms         REAL,    -- ms
	delta_max_ms          REAL,    -- ms, longest time between two packets
	delta_mean_ms         REAL,    -- ms
	ptime_ms              REAL,    -- ms of audio in a packet, the most frequent
	first                 INTEGER, -- microseconds; first packet
	last                  INTEGER, -- microseconds; last packet
	dscp                  INTEGER NOT NULL, -- of the first packet, 0..63
	encrypted             INTEGER NOT NULL, -- 1: SRTP by its SDP
	flags                 TEXT NOT NULL,    -- list of names, short to time_backwards
	band                  TEXT,    -- nb, wb, fb: E-model used, scale of mos_lq; NULL: codec not scored
	basis                 TEXT,    -- published, mixed, project, configured: where ie and bpl come from
	ie                    REAL,    -- equipment impairment factor that went into r
	bpl                   REAL,    -- packet-loss robustness that went into r
	ppl                   REAL,    -- percent lost that went into r
	burstr_used           REAL,    -- burst ratio that went into r
	r                     REAL,    -- rating, without delay, not clamped; NULL when not scored
	mos_lq                REAL,    -- 1..4.5, listening quality, of r
	mos_buffer            ANY,     -- which loss mos_lq counts; network: on the wire alone
	rtcp_sender_reports   INTEGER NOT NULL, -- RTCP SR about this stream
	rtcp_receiver_reports INTEGER NOT NULL, -- report blocks about this stream
	rtcp_sent_packets     REAL,    -- sender's packet count, last SR; NULL before the first
	rtcp_lost             REAL,    -- cumulative loss, last report block; may be negative
	rtcp_jitter_ms        REAL,    -- ms, last report block
	rtcp_cname            ANY,     -- SDES CNAME of the sender
	rtcp_bye              INTEGER  -- microseconds; RTCP BYE of the SSRC
) STRICT;
CREATE INDEX stream_id ON stream (id);
CREATE INDEX stream_call ON stream (call);

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
	authenticated INTEGER NOT NULL -- 1: a 401 or 407 round came first
) STRICT;

-- A message whole, where `analyze --messages` asked for it.
CREATE TABLE message_raw (
	seq     INTEGER PRIMARY KEY,
	run     INTEGER NOT NULL,
	message INTEGER NOT NULL, -- message.id
	raw     BLOB NOT NULL,    -- as captured, its first 65536 bytes
	raw_cut INTEGER NOT NULL  -- 1: raw is shorter than what was captured
) STRICT;
CREATE INDEX message_raw_message ON message_raw (message);

CREATE TABLE encrypted (
	seq       INTEGER PRIMARY KEY,
	run       INTEGER NOT NULL,
	id        INTEGER NOT NULL,
	client    TEXT,    -- address, all its ports together
	server    TEXT,    -- address:port
	transport TEXT,    -- tls, wss
	sni       ANY,     -- server name of the first ClientHello that has one
	sessions  INTEGER NOT NULL, -- connections seen
	failed    INTEGER NOT NULL, -- of these, handshakes that failed
	first     INTEGER, -- microseconds; first packet
	last      INTEGER  -- microseconds; last packet
) STRICT;

-- For people with the sqlite3 shell: times as text, ids and SSRCs in hexadecimal.

CREATE VIEW v_legs AS SELECT
	printf('%016x', id) AS id,
	CASE WHEN call IS NOT NULL THEN printf('%016x', call) END AS call,
	CAST(sip_call_id AS TEXT) AS sip_call_id,
	CAST("from" AS TEXT) AS "from", CAST("to" AS TEXT) AS "to", src, dst,
	strftime('%Y-%m-%dT%H:%M:%S', start / 1000000, 'unixepoch') || printf('.%06dZ', start % 1000000) AS start,
	strftime('%Y-%m-%dT%H:%M:%S', ringing / 1000000, 'unixepoch') || printf('.%06dZ', ringing % 1000000) AS ringing,
	strftime('%Y-%m-%dT%H:%M:%S', answered / 1000000, 'unixepoch') || printf('.%06dZ', answered % 1000000) AS answered,
	strftime('%Y-%m-%dT%H:%M:%S', ended / 1000000, 'unixepoch') || printf('.%06dZ', ended % 1000000) AS ended,
	status, CAST(reason AS TEXT) AS reason, state, round(pdd_ms, 3) AS pdd_ms,
	round(duration_s, 3) AS duration_s, ended_by, transport, codecs, messages, retransmissions,
	flags, CAST(user_agent AS TEXT) AS user_agent, CAST(server AS TEXT) AS server, run
FROM leg;

CREATE VIEW v_calls AS SELECT
	printf('%016x', c.id) AS id,
	strftime('%Y-%m-%dT%H:%M:%S', c.start / 1000000, 'unixepoch') || printf('.%06dZ', c.start % 1000000) AS start,
	strftime('%Y-%m-%dT%H:%M:%S', c.ended / 1000000, 'unixepoch') || printf('.%06dZ', c.ended % 1000000) AS ended,
	CAST(l."from" AS TEXT) AS "from", CAST(l."to" AS TEXT) AS "to", c.state, l.status,
	round(l.duration_s, 3) AS duration_s, round(l.pdd_ms, 3) AS pdd_ms,
	round(c.mos_lq_min, 2) AS mos_lq_min, c.mos_lq_min_band,
	(SELECT count(*) FROM leg AS n WHERE n.call = c.id AND n.run = c.run) AS leg_count, CAST(l.sip_call_id AS TEXT) AS sip_call_id, c.run
FROM call AS c LEFT JOIN leg AS l ON l.seq =
	(SELECT f.seq FROM leg AS f WHERE f.call = c.id AND f.run = c.run ORDER BY f.start, f.seq LIMIT 1);

CREATE VIEW v_streams AS SELECT
	printf('%016x', id) AS id,
	CASE WHEN call IS NOT NULL THEN printf('%016x', call) END AS call,
	CASE WHEN leg IS NOT NULL THEN printf('%016x', leg) END AS leg,
	direction, src, dst, printf('0x%08x', ssrc) AS ssrc, codec, clock_hz, packets, expected,
	received, lost, round(loss_pct, 2) AS loss_pct, round(jitter_mean_ms, 2) AS jitter_mean_ms,
	round(jitter_max_ms, 2) AS jitter_max_ms, round(delta_max_ms, 2) AS delta_max_ms, ptime_ms,
	strftime('%Y-%m-%dT%H:%M:%S', first / 1000000, 'unixepoch') || printf('.%06dZ', first % 1000000) AS first,
	strftime('%Y-%m-%dT%H:%M:%S', last / 1000000, 'unixepoch') || printf('.%06dZ', last % 1000000) AS last,
	dscp, encrypted, flags, round(mos_lq, 2) AS mos_lq, band, round(r, 1) AS r, basis, run
FROM stream;

CREATE VIEW v_messages AS SELECT
	printf('%016x', l.call) AS call, printf('%016x', l.id) AS leg,
	strftime('%Y-%m-%dT%H:%M:%S', json_extract(m.value, '$[1]') / 1000000, 'unixepoch') || printf('.%06dZ', json_extract(m.value, '$[1]') % 1000000) AS at,
	json_extract(m.value, '$[2]') AS frame,
	CASE json_extract(m.value, '$[3]') WHEN 0 THEN json_extract(l.ladder, '$[0][3]') WHEN 1 THEN json_extract(l.ladder, '$[0][4]') ELSE json_extract(m.value, '$[3]') END AS src,
	CASE json_extract(m.value, '$[4]') WHEN 0 THEN json_extract(l.ladder, '$[0][3]') WHEN 1 THEN json_extract(l.ladder, '$[0][4]') ELSE json_extract(m.value, '$[4]') END AS dst,
	json_extract(m.value, '$[6]') AS summary, json_extract(m.value, '$[7]') AS cseq,
	json_extract(m.value, '$[8]') AS retransmission, json_extract(m.value, '$[9]') AS sdp,
	json_extract(m.value, '$[10]') AS length,
	CAST((SELECT r.raw FROM message_raw AS r WHERE r.message = json_extract(m.value, '$[0]') AND r.run = l.run) AS TEXT) AS raw, l.run
FROM leg AS l, json_each(l.ladder) AS m;
