
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
	mos_lq_min_stream INTEGER, -- stream.id it comes from
	capture_loss INTEGER NOT NULL DEFAULT 0, -- 1: the capture lost packets of a stream of it
	one_way INTEGER NOT NULL DEFAULT 0, -- 1: any of its legs is
	strategies TEXT, -- list of what says that its legs are one call: call_id, session_id, header, rtp, payload, numbers; [] with one leg
	aliases TEXT, -- list of ids, in hexadecimal, that parts of it had before they were known to be one call
	branches INTEGER, -- number of legs that it was forked into, or of To tags that answered, whichever is more; 0: it was not forked
	answered_leg INTEGER, -- leg.id of the leg that reached who answered; NULL: nobody did
	family INTEGER, -- call.id of the first call of those that came out of one another; NULL: no other is known
	relation TEXT -- how it came out of that one: transfer_blind, transfer_attended, consultation, forward, pickup, conference; NULL: it is the first
) STRICT;
-- With the run, which says whether the row counts, so that only the index is read.
CREATE INDEX call_id ON call (id, run);
CREATE INDEX call_start ON call (start);
-- The worst first, which people ask for most and nobody can tell without all of them.
CREATE INDEX call_mos ON call (mos_lq_min, id);
-- The same within each hour, so that the worst of a day are not looked for among all of it.
CREATE INDEX call_hour_mos ON call (start / 3600000000, mos_lq_min, id, start);

CREATE TABLE leg (
	seq             INTEGER PRIMARY KEY,
	run             INTEGER NOT NULL,
	id              INTEGER NOT NULL,
	call            INTEGER, -- call.id
	sip_call_id     ANY,     -- Call-ID header, at most 255 bytes
	-- Keys by which numbers are found from their ends (schema/digits.h); NULL: no number.
	digits_from     INTEGER, -- of number_from
	digits_to       INTEGER, -- of number_to
	digits_asserted INTEGER, -- of asserted
	digits_diverted INTEGER, -- of diverted_from
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
	ladder          TEXT, -- its messages, NULL without any: a JSON list of [id, at, frame, src, dst,
	                         -- transport, summary, cseq, retransmission, sdp, length], as in
	                         -- JSON; at in microseconds; src and dst 0 or 1 where they are
	                         -- the src or dst of the first message
	one_way INTEGER NOT NULL DEFAULT 0, -- 1: a fault in one direction: none, early_only, stopped, closed_port, private_address
	audio_forward TEXT, -- ok, none, early_only, stopped, silent, closed_port, private_address, held, moved, not_seen; NULL: not answered, or for under 3 s
	audio_reverse TEXT, -- likewise
	audio_forward_until INTEGER, -- microseconds; last RTP packet of that direction; NULL without any
	audio_reverse_until INTEGER, -- likewise
	media_coverage_forward_pct REAL, -- percent of the answered time, hold left out, with media or announced silence; NULL: nothing to cover, or not_seen
	media_coverage_reverse_pct REAL, -- likewise
	trunk_src ANY, -- name of the trunk that src is of; NULL: of none that is configured
	trunk_dst ANY, -- likewise of dst
	invited INTEGER, -- microseconds; the INVITE that was not challenged; NULL: not seen
	responded INTEGER, -- microseconds; first response to it, 100 too; NULL: none came
	ack INTEGER, -- microseconds; ACK of its final response; NULL: not seen
	setup_ms REAL, -- ms from that INVITE to the 2xx; NULL: not answered
	ringing_ms REAL, -- ms from the first 18x to the 2xx, or to the end; NULL: did not ring, or not seen to end
	srd_ms REAL, -- RFC 6076 4.3: ms from that INVITE to the first response but 100 and challenges; of a successful request if answered is not NULL, else of a failed one; NULL: none came
	sdd_ms REAL, -- RFC 6076 4.4: ms from the BYE that was not challenged to its 2xx; NULL: no BYE, or no 2xx to it
	invite_retransmissions INTEGER NOT NULL DEFAULT 0, -- repeated INVITEs, re-INVITEs too
	bye_retransmissions INTEGER NOT NULL DEFAULT 0, -- repeated BYEs
	final_retransmissions INTEGER NOT NULL DEFAULT 0, -- repeated final responses to the INVITE: their ACK was late or lost
	auth_rounds INTEGER NOT NULL DEFAULT 0, -- 401 and 407 to its INVITEs
	ended_how TEXT, -- bye, cancel, refused, timeout, session_timer, media_gone, replaced; NULL: not over
	bye_status INTEGER, -- final SIP status code that the BYE was answered with; NULL: none, or no BYE
	q850 INTEGER, -- Q.850 cause in a Reason header of BYE, CANCEL or final response; NULL: not said
	sip_cause INTEGER, -- SIP cause likewise
	cause_in TEXT, -- bye, cancel, response: where that Reason stood; NULL: there was none
	cause_text ANY, -- its words, those of Q.850 before others, at most 63 bytes
	session_expires_s INTEGER, -- s, session timer as agreed on last (RFC 4028); NULL: none
	session_refresher TEXT, -- caller, callee; NULL: not said
	session_refreshes INTEGER NOT NULL DEFAULT 0, -- agreements on it after the first
	holds INTEGER NOT NULL DEFAULT 0, -- times that the call went on hold after the answer
	hold_s REAL, -- s on hold in all; NULL: never
	held_by TEXT, -- caller, callee, both; NULL: never on hold
	codecs_offered TEXT NOT NULL DEFAULT '[]', -- list of names: audio of the first offer, at most 8
	codecs_answered TEXT NOT NULL DEFAULT '[]', -- likewise of the answer to it
	codec_changes INTEGER NOT NULL DEFAULT 0, -- after the answer: by agreement, or those heard in one stream beyond the first, whichever are more
	early_rtp INTEGER, -- microseconds; first RTP packet to the caller before the answer; NULL: none
	keys_offered TEXT NOT NULL DEFAULT '[]', -- list of sdes, dtls: for SRTP, in the first offer
	keys_accepted TEXT NOT NULL DEFAULT '[]', -- likewise in the answer to it
	dtmf_offered INTEGER, -- payload type of telephone-event in the first offer; NULL: none
	dtmf_answered INTEGER, -- likewise in the answer to it
	dtmf_seen TEXT NOT NULL DEFAULT '[]', -- list of rfc4733, info, notify, inband (heard, with --audio)
	dtmf_mismatch INTEGER NOT NULL DEFAULT 0, -- 1: digits came, but not by events though both sides had them; or by events that they had not
	t38 INTEGER, -- microseconds; T.38 was agreed on; NULL: never
	dscp_src REAL, -- DSCP of the first message from src; NULL: none came from there
	dscp_dst REAL, -- likewise from dst
	nat_src TEXT NOT NULL DEFAULT '[]', -- list of via, received, contact, contact_private, sdp, sdp_private, rewritten, alg: how the caller's addresses differ from where its packets come from
	nat_dst TEXT NOT NULL DEFAULT '[]', -- likewise the callee's: contact, contact_private, sdp, sdp_private
	via_src ANY, -- sent-by of the caller's topmost Via, host:port as it stood; NULL: the packet's source address
	contact_src ANY, -- host of the caller's Contact; NULL: none, or the packet's source address
	contact_dst ANY, -- likewise the callee's
	sdp_src ANY, -- address of the caller's first audio (c=); NULL: none, or the packet's source address
	sdp_dst ANY, -- likewise the callee's
	asserted ANY, -- URI of who calls, by the header that asserted_in names, at most 127 bytes; NULL: no such header
	asserted_in TEXT, -- p_asserted_identity, else remote_party_id, else p_preferred_identity
	connected ANY, -- URI of who was reached, by such a header in the latest 1xx or 2xx
	privacy TEXT NOT NULL DEFAULT '[]', -- list of header, session, user, none, critical, id, history (RFC 3323, 3325, 7044), anonymous (From)
	diversions INTEGER NOT NULL DEFAULT 0, -- values of Diversion, else those of History-Info after the first
	diverted_from ANY, -- URI of who was called first, by these
	transfer TEXT NOT NULL DEFAULT '[]', -- list of replaces (INVITE with Replaces), refer (REFER within the dialog), referred_by, join (INVITE with Join), focus (one side is the focus of a conference)
	replaces ANY, -- the Replaces header
	refer_to ANY, -- URI of the latest Refer-To
	referred_by ANY, -- URI of Referred-By
	conference ANY, -- URI of the conference's focus, else the Join header; NULL: neither
	stir TEXT NOT NULL DEFAULT '[]', -- list of unverified (there is an Identity header; its signature was not looked at), malformed, compact, stale, future, orig_mismatch, dest_mismatch, foreign_alg, diverted
	stir_attest TEXT, -- A, B, C; NULL: not said
	stir_age_s REAL, -- s from its iat to the INVITE; NULL: not said
	stir_orig ANY, -- number or URI of who calls, by it
	stir_dest ANY, -- likewise the first of those called
	ice TEXT, -- offered (not taken), completed, failed, never_tried, not_seen (nor any media); NULL: nobody offered it
	dtls TEXT, -- likewise DTLS-SRTP
	joined_by TEXT, -- which of those joined it with joined_leg; NULL: the first leg of its call
	joined_leg INTEGER, -- leg.id it was joined with; NULL likewise
	joined_header ANY, -- name of the header that said so; NULL: none did
	joined_value INTEGER, -- 64-bit hash of what the header said; NULL likewise
	joined_matches INTEGER, -- number of sampled packets that were the same in streams of both legs; NULL: not joined by media
	joined_offset_ms REAL, -- ms by which these were seen later in the later leg, mean; NULL likewise
	trunk_violations TEXT NOT NULL DEFAULT '', -- list of names of what the trunks at its ends do not expect: transport, dscp
	number_from ANY, -- number in From, by the rules of the configuration: +4420... where it could be completed, else as it was dialled; NULL: no number
	number_to ANY, -- likewise in To
	prefix_label ANY, -- what number_to leads to: emergency, the label of the longest configured prefix, premium, or its country by ITU-T E.164; NULL: not known
	emergency INTEGER NOT NULL DEFAULT 0, -- 1: To is an emergency number of the configuration or urn:service:sos (RFC 5031)
	number_violation TEXT, -- from, to, both: which number is written otherwise than the trunks at its ends want; NULL: none
	branch TEXT, -- what became of it beside others that one INVITE was forked into: answered, answered_elsewhere (cancelled because another was), cancelled, refused, no_answer, open; NULL: it is no branch
	parent_leg INTEGER, -- leg.id of the leg of its call that led to the host from which this one leaves; NULL: none was seen
	changes TEXT, -- list of what is otherwise than on that leg: call_id, tag (of From), caller, callee (users or numbers, in whatever format), transport, transcoded (no codec in common), srtp_removed, srtp_added; and of what its INVITE says: display, from_user, to_user, asserted, diversion, history_info, contact, user_agent, codecs, media_address, ptime, media_direction, keys, allow, supported, session_timer, identity; [] with no such leg
	rewritten ANY, -- those of what its INVITE says, with both values where they are kept, at most 511 bytes: "supported: 100rel,timer > timer; identity: there > none"; NULL: none
	points ANY -- labels of the points of the network where its signalling was seen, with a comma between them; NULL: not said
) STRICT;
-- With the run, which says whether the row counts, so that only the index is read.
CREATE INDEX leg_id ON leg (id, run);
CREATE INDEX leg_call ON leg (call);
CREATE INDEX leg_sip_call_id ON leg (sip_call_id);
-- The list, newest first; rows come nearly in this order, so they go to its end.
CREATE INDEX leg_start ON leg (start);
-- A number in a list of millions is found by nothing else.  Of those that few legs have,
-- only these legs.
CREATE INDEX leg_digits_from ON leg (digits_from) WHERE digits_from IS NOT NULL;
CREATE INDEX leg_digits_to ON leg (digits_to) WHERE digits_to IS NOT NULL;
CREATE INDEX leg_digits_asserted ON leg (digits_asserted) WHERE digits_asserted IS NOT NULL;
CREATE INDEX leg_digits_diverted ON leg (digits_diverted) WHERE digits_diverted IS NOT NULL;

-- A message whole, where `analyze --messages` asked for it.
CREATE TABLE message_raw (
	seq     INTEGER PRIMARY KEY,
	run     INTEGER NOT NULL,
	message INTEGER NOT NULL, -- message.id
	at      INTEGER NOT NULL, -- microseconds; message.at
	raw     BLOB NOT NULL,    -- its first 65536 bytes, without secrets; a Zstandard frame with
	                          -- the dictionary of schema/message_dictionary.c, or as they are
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
	one_way, audio_forward, audio_reverse,
	strftime('%Y-%m-%dT%H:%M:%S', audio_forward_until / 1000000, 'unixepoch') || printf('.%06dZ', audio_forward_until % 1000000) AS audio_forward_until,
	strftime('%Y-%m-%dT%H:%M:%S', audio_reverse_until / 1000000, 'unixepoch') || printf('.%06dZ', audio_reverse_until % 1000000) AS audio_reverse_until,
	round(media_coverage_forward_pct, 1) AS media_coverage_forward_pct,
	round(media_coverage_reverse_pct, 1) AS media_coverage_reverse_pct,
	CAST(trunk_src AS TEXT) AS trunk_src, CAST(trunk_dst AS TEXT) AS trunk_dst,
	strftime('%Y-%m-%dT%H:%M:%S', invited / 1000000, 'unixepoch') || printf('.%06dZ', invited % 1000000) AS invited,
	strftime('%Y-%m-%dT%H:%M:%S', responded / 1000000, 'unixepoch') || printf('.%06dZ', responded % 1000000) AS responded,
	strftime('%Y-%m-%dT%H:%M:%S', ack / 1000000, 'unixepoch') || printf('.%06dZ', ack % 1000000) AS ack,
	round(setup_ms, 3) AS setup_ms, round(ringing_ms, 3) AS ringing_ms, round(srd_ms, 3) AS srd_ms,
	round(sdd_ms, 3) AS sdd_ms, invite_retransmissions, bye_retransmissions, final_retransmissions,
	auth_rounds, ended_how, bye_status, q850, sip_cause, cause_in,
	CAST(cause_text AS TEXT) AS cause_text, session_expires_s, session_refresher, session_refreshes,
	holds, round(hold_s, 3) AS hold_s, held_by, codecs_offered, codecs_answered, codec_changes,
	strftime('%Y-%m-%dT%H:%M:%S', early_rtp / 1000000, 'unixepoch') || printf('.%06dZ', early_rtp % 1000000) AS early_rtp,
	keys_offered, keys_accepted, dtmf_offered, dtmf_answered, dtmf_seen, dtmf_mismatch,
	strftime('%Y-%m-%dT%H:%M:%S', t38 / 1000000, 'unixepoch') || printf('.%06dZ', t38 % 1000000) AS t38,
	dscp_src, dscp_dst, nat_src, nat_dst, CAST(via_src AS TEXT) AS via_src,
	CAST(contact_src AS TEXT) AS contact_src, CAST(contact_dst AS TEXT) AS contact_dst,
	CAST(sdp_src AS TEXT) AS sdp_src, CAST(sdp_dst AS TEXT) AS sdp_dst,
	CAST(asserted AS TEXT) AS asserted, asserted_in, CAST(connected AS TEXT) AS connected, privacy,
	diversions, CAST(diverted_from AS TEXT) AS diverted_from, transfer,
	CAST(replaces AS TEXT) AS replaces, CAST(refer_to AS TEXT) AS refer_to,
	CAST(referred_by AS TEXT) AS referred_by,
	CAST(conference AS TEXT) AS conference, stir, stir_attest, stir_age_s,
	CAST(stir_orig AS TEXT) AS stir_orig, CAST(stir_dest AS TEXT) AS stir_dest, ice, dtls,
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

CREATE VIEW v_messages AS SELECT
	printf('%016x', l.call) AS call, printf('%016x', l.id) AS leg,
	strftime('%Y-%m-%dT%H:%M:%S', json_extract(m.value, '$[1]') / 1000000, 'unixepoch') || printf('.%06dZ', json_extract(m.value, '$[1]') % 1000000) AS at,
	json_extract(m.value, '$[2]') AS frame,
	CASE json_extract(m.value, '$[3]') WHEN 0 THEN json_extract(l.ladder, '$[0][3]') WHEN 1 THEN json_extract(l.ladder, '$[0][4]') ELSE json_extract(m.value, '$[3]') END AS src,
	CASE json_extract(m.value, '$[4]') WHEN 0 THEN json_extract(l.ladder, '$[0][3]') WHEN 1 THEN json_extract(l.ladder, '$[0][4]') ELSE json_extract(m.value, '$[4]') END AS dst,
	json_extract(m.value, '$[6]') AS summary, json_extract(m.value, '$[7]') AS cseq,
	json_extract(m.value, '$[8]') AS retransmission, json_extract(m.value, '$[9]') AS sdp,
	json_extract(m.value, '$[10]') AS length, l.run
FROM leg AS l, json_each(l.ladder) AS m;
