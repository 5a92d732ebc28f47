-- What the signalling of a leg says beyond its outcome: when each stage was reached, how it
-- ended and why, session timer, hold, what was offered and taken, addresses, who the sides are
-- said to be, ICE and DTLS.

ALTER TABLE leg ADD COLUMN invited INTEGER;   -- microseconds; the INVITE that was not challenged; NULL: not seen
ALTER TABLE leg ADD COLUMN responded INTEGER; -- microseconds; first response to it, 100 too; NULL: none came
ALTER TABLE leg ADD COLUMN ack INTEGER;       -- microseconds; ACK of its final response; NULL: not seen
ALTER TABLE leg ADD COLUMN setup_ms REAL;     -- ms from that INVITE to the 2xx; NULL: not answered
ALTER TABLE leg ADD COLUMN ringing_ms REAL;   -- ms from the first 18x to the 2xx, or to the end; NULL: did not ring, or not seen to end
ALTER TABLE leg ADD COLUMN srd_ms REAL;       -- RFC 6076 4.3: ms from that INVITE to the first response but 100 and challenges; of a successful request if answered is not NULL, else of a failed one; NULL: none came
ALTER TABLE leg ADD COLUMN sdd_ms REAL;       -- RFC 6076 4.4: ms from the BYE that was not challenged to its 2xx; NULL: no BYE, or no 2xx to it
ALTER TABLE leg ADD COLUMN invite_retransmissions INTEGER NOT NULL DEFAULT 0; -- repeated INVITEs, re-INVITEs too
ALTER TABLE leg ADD COLUMN bye_retransmissions INTEGER NOT NULL DEFAULT 0;    -- repeated BYEs
ALTER TABLE leg ADD COLUMN final_retransmissions INTEGER NOT NULL DEFAULT 0;  -- repeated final responses to the INVITE: their ACK was late or lost
ALTER TABLE leg ADD COLUMN auth_rounds INTEGER NOT NULL DEFAULT 0; -- 401 and 407 to its INVITEs
ALTER TABLE leg ADD COLUMN ended_how TEXT;    -- bye, cancel, refused, timeout, session_timer, media_gone, replaced; NULL: not over
ALTER TABLE leg ADD COLUMN bye_status INTEGER; -- final SIP status code that the BYE was answered with; NULL: none, or no BYE
ALTER TABLE leg ADD COLUMN q850 INTEGER;      -- Q.850 cause in a Reason header of BYE, CANCEL or final response; NULL: not said
ALTER TABLE leg ADD COLUMN sip_cause INTEGER; -- SIP cause likewise
ALTER TABLE leg ADD COLUMN cause_in TEXT;     -- bye, cancel, response: where that Reason stood; NULL: there was none
ALTER TABLE leg ADD COLUMN cause_text ANY;    -- its words, those of Q.850 before others, at most 63 bytes
ALTER TABLE leg ADD COLUMN session_expires_s INTEGER; -- s, session timer as agreed on last (RFC 4028); NULL: none
ALTER TABLE leg ADD COLUMN session_refresher TEXT; -- caller, callee; NULL: not said
ALTER TABLE leg ADD COLUMN session_refreshes INTEGER NOT NULL DEFAULT 0; -- agreements on it after the first
ALTER TABLE leg ADD COLUMN holds INTEGER NOT NULL DEFAULT 0; -- times that the call went on hold after the answer
ALTER TABLE leg ADD COLUMN hold_s REAL;       -- s on hold in all; NULL: never
ALTER TABLE leg ADD COLUMN held_by TEXT;      -- caller, callee, both; NULL: never on hold
ALTER TABLE leg ADD COLUMN codecs_offered TEXT NOT NULL DEFAULT '[]';  -- list of names: audio of the first offer, at most 8
ALTER TABLE leg ADD COLUMN codecs_answered TEXT NOT NULL DEFAULT '[]'; -- likewise of the answer to it
ALTER TABLE leg ADD COLUMN codec_changes INTEGER NOT NULL DEFAULT 0; -- after the answer: by agreement, or those heard in one stream beyond the first, whichever are more
ALTER TABLE leg ADD COLUMN early_rtp INTEGER; -- microseconds; first RTP packet to the caller before the answer; NULL: none
ALTER TABLE leg ADD COLUMN keys_offered TEXT NOT NULL DEFAULT '[]';  -- list of sdes, dtls: for SRTP, in the first offer
ALTER TABLE leg ADD COLUMN keys_accepted TEXT NOT NULL DEFAULT '[]'; -- likewise in the answer to it
ALTER TABLE leg ADD COLUMN dtmf_offered INTEGER;  -- payload type of telephone-event in the first offer; NULL: none
ALTER TABLE leg ADD COLUMN dtmf_answered INTEGER; -- likewise in the answer to it
ALTER TABLE leg ADD COLUMN dtmf_seen TEXT NOT NULL DEFAULT '[]'; -- list of rfc4733, info, notify, inband (heard, with --audio)
ALTER TABLE leg ADD COLUMN dtmf_mismatch INTEGER NOT NULL DEFAULT 0; -- 1: digits came, but not by events though both sides had them; or by events that they had not
ALTER TABLE leg ADD COLUMN t38 INTEGER;       -- microseconds; T.38 was agreed on; NULL: never
ALTER TABLE leg ADD COLUMN dscp_src REAL;     -- DSCP of the first message from src; NULL: none came from there
ALTER TABLE leg ADD COLUMN dscp_dst REAL;     -- likewise from dst
ALTER TABLE leg ADD COLUMN nat_src TEXT NOT NULL DEFAULT '[]'; -- list of via, received, contact, contact_private, sdp, sdp_private, rewritten, alg: how the caller's addresses differ from where its packets come from
ALTER TABLE leg ADD COLUMN nat_dst TEXT NOT NULL DEFAULT '[]'; -- likewise the callee's: contact, contact_private, sdp, sdp_private
ALTER TABLE leg ADD COLUMN via_src ANY;       -- sent-by of the caller's topmost Via, host:port as it stood; NULL: the packet's source address
ALTER TABLE leg ADD COLUMN contact_src ANY;   -- host of the caller's Contact; NULL: none, or the packet's source address
ALTER TABLE leg ADD COLUMN contact_dst ANY;   -- likewise the callee's
ALTER TABLE leg ADD COLUMN sdp_src ANY;       -- address of the caller's first audio (c=); NULL: none, or the packet's source address
ALTER TABLE leg ADD COLUMN sdp_dst ANY;       -- likewise the callee's
ALTER TABLE leg ADD COLUMN asserted ANY;      -- URI of who calls, by the header that asserted_in names, at most 127 bytes; NULL: no such header
ALTER TABLE leg ADD COLUMN asserted_in TEXT;  -- p_asserted_identity, else remote_party_id, else p_preferred_identity
ALTER TABLE leg ADD COLUMN connected ANY;     -- URI of who was reached, by such a header in the latest 1xx or 2xx
ALTER TABLE leg ADD COLUMN privacy TEXT NOT NULL DEFAULT '[]'; -- list of header, session, user, none, critical, id, history (RFC 3323, 3325, 7044), anonymous (From)
ALTER TABLE leg ADD COLUMN diversions INTEGER NOT NULL DEFAULT 0; -- values of Diversion, else those of History-Info after the first
ALTER TABLE leg ADD COLUMN diverted_from ANY; -- URI of who was called first, by these
ALTER TABLE leg ADD COLUMN transfer TEXT NOT NULL DEFAULT '[]'; -- list of replaces (INVITE with Replaces), refer (REFER within the dialog), referred_by
ALTER TABLE leg ADD COLUMN replaces ANY;      -- the Replaces header
ALTER TABLE leg ADD COLUMN refer_to ANY;      -- URI of the latest Refer-To
ALTER TABLE leg ADD COLUMN referred_by ANY;   -- URI of Referred-By
ALTER TABLE leg ADD COLUMN stir TEXT NOT NULL DEFAULT '[]'; -- list of unverified (there is an Identity header; its signature was not looked at), malformed, compact, stale, future, orig_mismatch, dest_mismatch, foreign_alg, diverted
ALTER TABLE leg ADD COLUMN stir_attest TEXT;  -- A, B, C; NULL: not said
ALTER TABLE leg ADD COLUMN stir_age_s REAL;   -- s from its iat to the INVITE; NULL: not said
ALTER TABLE leg ADD COLUMN stir_orig ANY;     -- number or URI of who calls, by it
ALTER TABLE leg ADD COLUMN stir_dest ANY;     -- likewise the first of those called
ALTER TABLE leg ADD COLUMN ice TEXT;          -- offered (not taken), completed, failed, never_tried, not_seen (nor any media); NULL: nobody offered it
ALTER TABLE leg ADD COLUMN dtls TEXT;         -- likewise DTLS-SRTP

DROP VIEW v_legs;
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
	CAST(referred_by AS TEXT) AS referred_by, stir, stir_attest, stir_age_s,
	CAST(stir_orig AS TEXT) AS stir_orig, CAST(stir_dest AS TEXT) AS stir_dest, ice, dtls,
	flags, CAST(user_agent AS TEXT) AS user_agent, CAST(server AS TEXT) AS server, run
FROM leg;
