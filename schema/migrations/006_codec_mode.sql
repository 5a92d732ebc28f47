-- In which mode a stream's codec spoke: what the SDP allows if that is one only, else what most
-- packets with speech say in their headers.

ALTER TABLE stream ADD COLUMN codec_bit_rate_bps INTEGER; -- bit/s of the speech; NULL: not known, or a codec of one mode
ALTER TABLE stream ADD COLUMN codec_audio_hz INTEGER;     -- Hz, highest audio frequency of Opus (and EVS by SDP); NULL likewise
ALTER TABLE stream ADD COLUMN codec_mode_assumed INTEGER NOT NULL DEFAULT 0; -- 1: the codec has modes and none was seen: scored as the usual one
