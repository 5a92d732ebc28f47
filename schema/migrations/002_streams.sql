-- What is measured of RTP, and what endpoints claim of it.

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
	ts_resync             INTEGER NOT NULL, -- RTP timestamps jumped, or stood still over a hold; jitter was not charged
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
	rtcp_bye              INTEGER, -- microseconds; RTCP BYE of the SSRC
	ptime_changes INTEGER NOT NULL DEFAULT 0, -- of the majority of intervals
	pdv_p50_ms REAL, -- ms behind the fastest packets of 10 to 20 s, median; NULL without a clock
	pdv_p95_ms REAL, -- ms
	pdv_p99_ms REAL, -- ms
	pdv TEXT NOT NULL DEFAULT '[]', -- list of packet counts up to 5 10 20 30 50 70 90 120 150 200 300 500 ms and above
	skew_ppm REAL, -- sender's clock against the capture's, positive: slower; NULL under 30 s
	octets INTEGER NOT NULL DEFAULT 0, -- of IP packets, headers too; copies of a mirror not
	kbit_s REAL, -- kbit/s at IP, mean over the stream
	dscp_changes INTEGER NOT NULL DEFAULT 0, -- packets with another DSCP than the one before
	ttl INTEGER NOT NULL DEFAULT 0, -- TTL or hop limit of the first packet
	ttl_changes INTEGER NOT NULL DEFAULT 0, -- packets with another one than the packet before
	burstr REAL, -- burst ratio measured in the buffer that mos_buffer names, at least 1
	buffers BLOB, -- figures of each emulated de-jitter buffer; layout in schema/buffers.h
	ppl_answered REAL, -- ppl after the answer; NULL when the stream did not begin before it
	r_answered REAL, -- r of that
	mos_lq_answered REAL, -- MOS of that, same band
	loss_verdict TEXT, -- network, capture, unknown: whose the losses are; NULL: none
	suspect_lost REAL, -- packets of lost that the capture lost
	r_unsuspected REAL, -- r without these; NULL when there are none
	mos_lq_unsuspected REAL, -- MOS of that, same band
	interval_min_at INTEGER, -- microseconds; start of the interval with the lowest R; NULL: none was scored
	interval_min_mos_lq REAL, -- 1..4.5, its MOS, same band
	intervals INTEGER NOT NULL DEFAULT 0, -- in timeline
	timeline BLOB, -- the intervals; layout in analyzer/model/timeline.h, read by schema/timeline.c
	far_expected       REAL, -- packets that the receiver's reports cover, by their growth; NULL: none, or only one of a stream seen from its middle
	far_lost           REAL, -- of these, lost as the receiver says; duplicates may make it negative
	far_loss_pct       REAL, -- percent, far_lost of far_expected
	far_jitter_mean_ms REAL, -- ms, jitter of report blocks, mean; NULL without a clock
	far_jitter_max_ms  REAL, -- ms, the highest
	lost_at_report     REAL, -- packets lost to us, over far_expected
	lost_after         REAL, -- far_lost less lost_at_report: lost between the probe and the receiver
	unconfirmed_lost   REAL, -- packets that we lack although the receiver does not: the capture's loss
	rtt_receiver_ms    REAL, -- ms from the probe to the receiver and back, median; NULL: no report was answered
	rtt_sender_ms      REAL, -- ms from the probe to the sender and back, median
	rtt_ms             REAL, -- ms, the sum of both, or the one that is known
	rtt_partial        INTEGER NOT NULL DEFAULT 0, -- 1: rtt_ms is one half only
	ta_ms              REAL, -- ms, one-way delay from mouth to ear that went into r_cq; NULL: no round trip measured
	r_cq               REAL, -- rating with delay
	mos_cq             REAL, -- 1..4.5, conversational quality, of r_cq
	audio_heard_s REAL, -- s of sound decoded; shares are of it
	audio_speech_pct REAL, -- percent of time active, ITU-T P.56 method B
	audio_silence_pct REAL, -- percent of time below -48 dBov
	audio_dead_air_s REAL, -- s, longest silence of at least 5 s; 0: none
	audio_dead_air_total_s REAL, -- s, all such silences
	audio_clipping_pct REAL, -- percent of samples at full scale
	audio_level_dbov REAL, -- dBov, active level of ITU-T P.56; NULL also when never active
	audio_rms_dbov REAL, -- dBov, root mean square of all; -127: nothing audible
	audio_peak_dbov REAL, -- dBov, highest sample
	audio_dtmf REAL, -- DTMF digits heard in-band
	audio_dtmf_first INTEGER, -- microseconds; first such digit; NULL also without any
	audio_fax TEXT, -- cng (1100 Hz, calling), ced (2100 Hz, answering): the first heard; NULL also without any
	media_coverage_pct REAL, -- percent, as in leg, that this stream covers alone; NULL: belongs to no answered leg
	uncovered_s REAL, -- s within the stream without packets that nothing announced; gaps over 0.2 s
	codec_bit_rate_bps INTEGER, -- bit/s of the speech; NULL: not known, or a codec of one mode
	codec_audio_hz INTEGER, -- Hz, highest audio frequency of Opus (and EVS by SDP); NULL likewise
	codec_mode_assumed INTEGER NOT NULL DEFAULT 0, -- 1: the codec has modes and none was seen: scored as the usual one
	trunk_src ANY, -- name of the trunk that src is of, by its media addresses; NULL: of none that is configured
	trunk_dst ANY, -- likewise of dst
	upstream INTEGER, -- stream.id that brought this one's media to the relay that sends it on; NULL: none was found
	point ANY, -- where in the network it was seen, as the configuration or --point says; NULL: not said
	segment_basis TEXT, -- sequence: both sides number the same packets; counts: by what each side lacks of its own numbers
	segment_lost_before REAL, -- packets that the upstream lacks already; NULL: no upstream
	segment_lost_between REAL, -- packets that were seen upstream and not here; NULL likewise
	segment_delay_ms REAL, -- ms, mean of sampled packets, from there to here
	segment_jitter_ms REAL, -- ms, mean change of that delay from sample to sample
	trunk_violations TEXT NOT NULL DEFAULT '', -- list of names of what the trunks at its ends do not expect: codec, dscp, security (encrypted, or in clear)
	loss_runs REAL, -- losses of one packet or several in a row; NULL: none is remembered
	loss_longest REAL, -- packets, the longest of these
	loss_period_ms REAL, -- ms from one loss to the next where that is always the same; NULL: it is not
	loss_pdv_before_ms REAL, -- ms, delay variation of the packet in front of a loss, median
	loss_pdv_after_ms REAL -- ms, of the packet behind it
) STRICT;
-- With the run, which says whether the row counts, so that only the index is read.
CREATE INDEX stream_id ON stream (id, run);
CREATE INDEX stream_call ON stream (call);
-- The list, newest first; rows come nearly in this order, so they go to its end.
CREATE INDEX stream_first ON stream (first);

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
	source              TEXT,    -- xr, vq_session, vq_interval, vq_alert; by HEP, of an agent: hep_rtcp (RTCP that it saw), hep_rtp (what it measured)
	side                TEXT,    -- local: the reporter's own reception; remote: what it tells of its peer's
	src                 TEXT,    -- address:port that the packet came from
	dst                 TEXT,    -- address:port that it went to
	reporter            ANY,     -- LocalID; by HEP, the capture id
	peer                ANY,     -- RemoteID
	sip_call_id         ANY,     -- Call-ID of the call reported on
	ssrc                INTEGER, -- of the stream reported on
	start               INTEGER, -- microseconds; by the endpoint's clock
	stop                INTEGER, -- microseconds; by the endpoint's clock
	codec               ANY,     -- as the reporter calls it
	loss_pct            REAL,    -- percent, lost on the network
	discard_pct         REAL,    -- percent, discarded by the jitter buffer
	lost_packets        REAL,    -- packets lost since the stream began; negative: more came than were sent
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
