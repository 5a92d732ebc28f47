-- What became of the audio of answered legs, in each direction, and how much of the
-- answered time had any.

ALTER TABLE leg ADD COLUMN one_way INTEGER NOT NULL DEFAULT 0; -- 1: a fault in one direction: none, early_only, stopped, closed_port, private_address
ALTER TABLE leg ADD COLUMN audio_forward TEXT; -- ok, none, early_only, stopped, silent, closed_port, private_address, held, moved, not_seen; NULL: not answered, or for under 3 s
ALTER TABLE leg ADD COLUMN audio_reverse TEXT; -- likewise
ALTER TABLE leg ADD COLUMN audio_forward_until INTEGER; -- microseconds; last RTP packet of that direction; NULL without any
ALTER TABLE leg ADD COLUMN audio_reverse_until INTEGER; -- likewise
ALTER TABLE leg ADD COLUMN media_coverage_forward_pct REAL; -- percent of the answered time, hold left out, with media or announced silence; NULL: nothing to cover, or not_seen
ALTER TABLE leg ADD COLUMN media_coverage_reverse_pct REAL; -- likewise
ALTER TABLE call ADD COLUMN one_way INTEGER NOT NULL DEFAULT 0; -- 1: any of its legs is
ALTER TABLE stream ADD COLUMN media_coverage_pct REAL; -- percent, as in leg, that this stream covers alone; NULL: belongs to no answered leg
ALTER TABLE stream ADD COLUMN uncovered_s REAL; -- s within the stream without packets that nothing announced; gaps over 0.2 s

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
	flags, CAST(user_agent AS TEXT) AS user_agent, CAST(server AS TEXT) AS server, run
FROM leg;
