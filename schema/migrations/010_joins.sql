-- Calls from legs: what says that legs are one conversation.

ALTER TABLE call ADD COLUMN strategies TEXT; -- list of what says that its legs are one call: call_id, session_id, header, rtp, payload, numbers; [] with one leg
ALTER TABLE call ADD COLUMN aliases TEXT; -- list of ids, in hexadecimal, that parts of it had before they were known to be one call
ALTER TABLE leg ADD COLUMN joined_by TEXT; -- which of those joined it with joined_leg; NULL: the first leg of its call
ALTER TABLE leg ADD COLUMN joined_leg INTEGER; -- leg.id it was joined with; NULL likewise
ALTER TABLE leg ADD COLUMN joined_header ANY; -- name of the header that said so; NULL: none did
ALTER TABLE leg ADD COLUMN joined_value INTEGER; -- 64-bit hash of what the header said; NULL likewise
ALTER TABLE leg ADD COLUMN joined_matches INTEGER; -- number of sampled packets that were the same in streams of both legs; NULL: not joined by media
ALTER TABLE leg ADD COLUMN joined_offset_ms REAL; -- ms by which these were seen later in the later leg, mean; NULL likewise

-- Of two streams that carry the same media, what lies between the two points where they
-- were seen: the relay, and the path to it and from it.

ALTER TABLE stream ADD COLUMN upstream INTEGER; -- stream.id that brought this one's media to the relay that sends it on; NULL: none was found
ALTER TABLE stream ADD COLUMN segment_basis TEXT; -- sequence: both sides number the same packets; counts: by what each side lacks of its own numbers
ALTER TABLE stream ADD COLUMN segment_lost_before REAL; -- packets that the upstream lacks already; NULL: no upstream
ALTER TABLE stream ADD COLUMN segment_lost_between REAL; -- packets that were seen upstream and not here; NULL likewise
ALTER TABLE stream ADD COLUMN segment_delay_ms REAL; -- ms, mean of sampled packets, from there to here
ALTER TABLE stream ADD COLUMN segment_jitter_ms REAL; -- ms, mean change of that delay from sample to sample
