-- What a stream sounds like, of runs with `analyze --audio` and streams of G.711 or L16 in the
-- clear (analyzer/quality/audio.h).  NULL in all: not asked for, not decodable, or less than
-- 0.2 s heard.  Levels are dBov: 0 is a square wave at the codec's largest amplitude.  No sound
-- is kept, and of digits not which they were.

ALTER TABLE stream ADD COLUMN audio_heard_s REAL;          -- s of sound decoded; shares are of it
ALTER TABLE stream ADD COLUMN audio_speech_pct REAL;       -- percent of time active, ITU-T P.56 method B
ALTER TABLE stream ADD COLUMN audio_silence_pct REAL;      -- percent of time below -48 dBov
ALTER TABLE stream ADD COLUMN audio_dead_air_s REAL;       -- s, longest silence of at least 5 s; 0: none
ALTER TABLE stream ADD COLUMN audio_dead_air_total_s REAL; -- s, all such silences
ALTER TABLE stream ADD COLUMN audio_clipping_pct REAL;     -- percent of samples at full scale
ALTER TABLE stream ADD COLUMN audio_level_dbov REAL;       -- dBov, active level of ITU-T P.56; NULL also when never active
ALTER TABLE stream ADD COLUMN audio_rms_dbov REAL;         -- dBov, root mean square of all; -127: nothing audible
ALTER TABLE stream ADD COLUMN audio_peak_dbov REAL;        -- dBov, highest sample
ALTER TABLE stream ADD COLUMN audio_dtmf REAL;             -- DTMF digits heard in-band
ALTER TABLE stream ADD COLUMN audio_dtmf_first INTEGER;    -- microseconds; first such digit; NULL also without any
ALTER TABLE stream ADD COLUMN audio_fax TEXT;              -- cng (1100 Hz, calling), ced (2100 Hz, answering): the first heard; NULL also without any
