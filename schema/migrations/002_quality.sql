-- What emulated de-jitter buffers, delay variation and intervals add to a stream.

ALTER TABLE stream ADD COLUMN ptime_changes INTEGER NOT NULL DEFAULT 0; -- of the majority of intervals
ALTER TABLE stream ADD COLUMN pdv_p50_ms REAL; -- ms behind the fastest packets of 10 to 20 s, median; NULL without a clock
ALTER TABLE stream ADD COLUMN pdv_p95_ms REAL; -- ms
ALTER TABLE stream ADD COLUMN pdv_p99_ms REAL; -- ms
ALTER TABLE stream ADD COLUMN pdv TEXT NOT NULL DEFAULT '[]'; -- list of packet counts up to 5 10 20 30 50 70 90 120 150 200 300 500 ms and above
ALTER TABLE stream ADD COLUMN skew_ppm REAL; -- sender's clock against the capture's, positive: slower; NULL under 30 s
ALTER TABLE stream ADD COLUMN octets INTEGER NOT NULL DEFAULT 0; -- of IP packets, headers too; copies of a mirror not
ALTER TABLE stream ADD COLUMN kbit_s REAL; -- kbit/s at IP, mean over the stream
ALTER TABLE stream ADD COLUMN dscp_changes INTEGER NOT NULL DEFAULT 0; -- packets with another DSCP than the one before
ALTER TABLE stream ADD COLUMN ttl INTEGER NOT NULL DEFAULT 0; -- TTL or hop limit of the first packet
ALTER TABLE stream ADD COLUMN ttl_changes INTEGER NOT NULL DEFAULT 0; -- packets with another one than the packet before
ALTER TABLE stream ADD COLUMN burstr REAL; -- burst ratio measured in the buffer that mos_buffer names, at least 1
ALTER TABLE stream ADD COLUMN buffers BLOB; -- figures of each emulated de-jitter buffer; layout in schema/buffers.h
ALTER TABLE stream ADD COLUMN ppl_answered REAL; -- ppl after the answer; NULL when the stream did not begin before it
ALTER TABLE stream ADD COLUMN r_answered REAL; -- r of that
ALTER TABLE stream ADD COLUMN mos_lq_answered REAL; -- MOS of that, same band
ALTER TABLE stream ADD COLUMN loss_verdict TEXT; -- network, capture, unknown: whose the losses are; NULL: none
ALTER TABLE stream ADD COLUMN suspect_lost REAL; -- packets of lost that the capture lost
ALTER TABLE stream ADD COLUMN r_unsuspected REAL; -- r without these; NULL when there are none
ALTER TABLE stream ADD COLUMN mos_lq_unsuspected REAL; -- MOS of that, same band
ALTER TABLE call ADD COLUMN capture_loss INTEGER NOT NULL DEFAULT 0; -- 1: the capture lost packets of a stream of it
ALTER TABLE stream ADD COLUMN interval_min_at INTEGER; -- microseconds; start of the interval with the lowest R; NULL: none was scored
ALTER TABLE stream ADD COLUMN interval_min_mos_lq REAL; -- 1..4.5, its MOS, same band
ALTER TABLE stream ADD COLUMN intervals INTEGER NOT NULL DEFAULT 0; -- in timeline
ALTER TABLE stream ADD COLUMN timeline BLOB; -- the intervals; layout in analyzer/model/timeline.h, read by schema/timeline.c
