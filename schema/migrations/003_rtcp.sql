-- RTCP as a second witness: what the receiver lost beside what we did, round trips seen
-- from the middle, and the reports of endpoints on their own quality.

ALTER TABLE stream ADD COLUMN far_expected       REAL; -- packets that the receiver's reports cover, by their growth; NULL: none, or only one of a stream seen from its middle
ALTER TABLE stream ADD COLUMN far_lost           REAL; -- of these, lost as the receiver says; duplicates may make it negative
ALTER TABLE stream ADD COLUMN far_loss_pct       REAL; -- percent, far_lost of far_expected
ALTER TABLE stream ADD COLUMN far_jitter_mean_ms REAL; -- ms, jitter of report blocks, mean; NULL without a clock
ALTER TABLE stream ADD COLUMN far_jitter_max_ms  REAL; -- ms, the highest
ALTER TABLE stream ADD COLUMN lost_at_report     REAL; -- packets lost to us, over far_expected
ALTER TABLE stream ADD COLUMN lost_after         REAL; -- far_lost less lost_at_report: lost between the probe and the receiver
ALTER TABLE stream ADD COLUMN unconfirmed_lost   REAL; -- packets that we lack although the receiver does not: the capture's loss
ALTER TABLE stream ADD COLUMN rtt_receiver_ms    REAL; -- ms from the probe to the receiver and back, median; NULL: no report was answered
ALTER TABLE stream ADD COLUMN rtt_sender_ms      REAL; -- ms from the probe to the sender and back, median
ALTER TABLE stream ADD COLUMN rtt_ms             REAL; -- ms, the sum of both, or the one that is known
ALTER TABLE stream ADD COLUMN rtt_partial        INTEGER NOT NULL DEFAULT 0; -- 1: rtt_ms is one half only
ALTER TABLE stream ADD COLUMN ta_ms              REAL; -- ms, one-way delay from mouth to ear that went into r_cq; NULL: no round trip measured
ALTER TABLE stream ADD COLUMN r_cq               REAL; -- rating with delay
ALTER TABLE stream ADD COLUMN mos_cq             REAL; -- 1..4.5, conversational quality, of r_cq

-- What an endpoint claims: RTCP XR VoIP metrics (RFC 3611 4.7), or one side of a vq-rtcpxr
-- body in SIP (RFC 6035).  In no figure of ours.  NULL: it did not say, or did not know.
CREATE TABLE report (
	seq                 INTEGER PRIMARY KEY,
	run                 INTEGER NOT NULL,
	id                  INTEGER NOT NULL,
	stream              INTEGER, -- stream.id that it is about; NULL: none of that SSRC known then
	leg                 INTEGER, -- leg.id
	call                INTEGER, -- call.id
	at                  INTEGER, -- microseconds; when it passed
	source              TEXT,    -- xr, vq_session, vq_interval, vq_alert
	side                TEXT,    -- local: the reporter's own reception; remote: what it tells of its peer's
	src                 TEXT,    -- address:port that the packet came from
	dst                 TEXT,    -- address:port that it went to
	reporter            ANY,     -- LocalID
	peer                ANY,     -- RemoteID
	sip_call_id         ANY,     -- Call-ID of the call reported on
	ssrc                INTEGER, -- of the stream reported on
	start               INTEGER, -- microseconds; by the endpoint's clock
	stop                INTEGER, -- microseconds; by the endpoint's clock
	codec               ANY,     -- as the reporter calls it
	loss_pct            REAL,    -- percent, lost on the network
	discard_pct         REAL,    -- percent, discarded by the jitter buffer
	burst_density_pct   REAL,    -- percent lost or discarded within bursts
	burst_ms            REAL,    -- ms, mean duration of bursts
	gap_density_pct     REAL,    -- percent lost or discarded within gaps
	gap_ms              REAL,    -- ms, mean duration of gaps
	gmin                REAL,    -- packets, threshold between burst and gap
	rtt_ms              REAL,    -- ms, round trip between the RTP interfaces
	end_system_ms       REAL,    -- ms, delay in the endpoint
	one_way_ms          REAL,    -- ms
	jitter_ms           REAL,    -- ms, interarrival jitter (RFC 3550)
	mean_abs_jitter_ms  REAL,    -- ms (ITU-T G.1020)
	signal_dbm0         REAL,    -- dBm0, level of speech
	noise_dbm0          REAL,    -- dBm0, level of silence
	echo_return_loss_db REAL,    -- dB, residual
	r_lq                REAL,    -- R factor, listening
	r_cq                REAL,    -- R factor, conversational; of XR its R factor
	external_r_in       REAL,    -- R factor of a network beyond; of XR its external R factor
	external_r_out      REAL,    -- R factor of a network beyond, outward
	mos_lq              REAL,    -- 1..5
	mos_cq              REAL,    -- 1..5
	concealment         TEXT,    -- disabled, enhanced, standard
	buffer              TEXT,    -- jitter buffer: fixed, adaptive, reserved
	buffer_nominal_ms   REAL,    -- ms
	buffer_max_ms       REAL,    -- ms
	buffer_abs_max_ms   REAL,    -- ms
	alert_type          ANY,     -- vq_alert: what was crossed
	alert_severity      ANY      -- vq_alert
) STRICT;
CREATE INDEX report_call ON report (call);
