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
