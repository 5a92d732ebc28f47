/*
 * record_stream.h - the RTP packets of one SSRC from one transport address to another.
 */
#ifndef EARSHOT_MODEL_RECORD_STREAM_H
#define EARSHOT_MODEL_RECORD_STREAM_H

#include "analyzer/model/record_base.h"

/* How the clock rate of a stream is known. */
enum clock_basis {
	CLOCK_UNKNOWN,
	CLOCK_SDP,        /* a=rtpmap, or a static type that an SDP lists */
	CLOCK_STATIC,     /* RFC 3551 static payload type, no SDP */
	CLOCK_GUESSED,    /* ticks per packet against packet rate (quality.md section 9) */
	CLOCK_CONFIGURED, /* told by the user */
	CLOCK_BASIS_COUNT
};

/* What a fax calls or answers with, sent in-band (ITU-T T.30). */
enum fax_tone { FAX_TONE_NONE, FAX_TONE_CNG, FAX_TONE_CED, FAX_TONE_COUNT };

enum stream_flag {
	STREAM_SHORT = 1 << 0,        /* under 100 packets */
	STREAM_MIRRORED = 1 << 1,     /* most packets came twice: the mirror's doing */
	STREAM_GUESSED = 1 << 2,      /* clock rate guessed */
	STREAM_EXTRAPOLATED = 1 << 3, /* an E-model input beyond the range of G.107 */
	STREAM_NAT = 1 << 4,          /* came from another address than the SDP said */
	STREAM_EARLY = 1 << 5,        /* began before the answer */
	STREAM_FEC =
	        1 << 6, /* redundancy or FEC present; what it recovers is not modelled */
	STREAM_TRUNCATED = 1 << 7,      /* the capture cut its packets short */
	STREAM_EVICTED = 1 << 8,        /* closed because the stream table was full */
	STREAM_TIME_BACKWARDS = 1 << 9, /* time stamps ran backwards */
	STREAM_TIMELINE_CUT = 1 << 10,  /* more intervals than there was room for */
	STREAM_CAPTURE_LOSS = 1 << 11,  /* the capture lost some of its packets */
	STREAM_IN_PROGRESS = 1 << 12,   /* as it stood: it goes on */
	STREAM_INTERRUPTED = 1 << 13,   /* likewise, but the probe died: the last known */
	STREAM_SEEN_AGAIN = 1 << 14, /* at another point of the network, behind this one */
	STREAM_FLAG_COUNT = 15
};

/* Otherwise than expected of a trunk at one of its ends. */
enum stream_violation {
	STREAM_VIOLATES_CODEC = 1 << 0,
	STREAM_VIOLATES_DSCP = 1 << 1,
	STREAM_VIOLATES_SECURITY = 1 << 2, /* in clear, or encrypted */
	STREAM_VIOLATION_COUNT = 3
};

/* Whose a stream's losses are (track/loss_witness.h). */
enum loss_verdict {
	LOSS_NONE, /* nothing was lost */
	LOSS_NETWORK,
	LOSS_CAPTURE, /* the probe, or the mirror port in front of it */
	LOSS_UNKNOWN,
	LOSS_VERDICT_COUNT
};

/* How the losses of a segment were found. */
enum segment_basis {
	SEGMENT_NONE,
	SEGMENT_SEQUENCE, /* both sides number the same packets */
	SEGMENT_COUNTS,   /* by what each side lacks of its own numbers */
	SEGMENT_BASIS_COUNT
};

extern const char *const loss_verdict_names[LOSS_VERDICT_COUNT]; /* LOSS_NONE: NULL */

struct payload_type_counts {
	uint8_t count;
	uint8_t types[RECORD_MAX_TYPES];
	uint64_t packets[RECORD_MAX_TYPES];
};

enum { RECORD_MAX_BUFFERS = 3, RECORD_PDV_BINS = 13 };

/* What an emulated de-jitter buffer makes of a stream (quality.md sections 5 and 6). */
struct buffer_record {
	char name[8];         /* "f50", "f200", "adaptive"; all 8 may be used */
	double discarded;     /* packets that came too late for it */
	double ppl;           /* percent lost or discarded, outages included */
	double burstr;        /* measured, at least 1 */
	double burstr_used;   /* in r */
	double r, mos_lq;     /* NAN: not scored */
	double bursts;        /* RFC 3611 4.7.2, Gmin 16 */
	double burst_density; /* 0..1; 0 without a burst, and so on */
	double gap_density;
	double burst_ms, gap_ms; /* mean */
	double depth_ms;         /* its length, of the adaptive one the mean */
};

struct buffer_list {
	uint8_t count;
	struct buffer_record buffers[RECORD_MAX_BUFFERS];
};

struct histogram {
	uint32_t counts[RECORD_PDV_BINS];
};

struct stream_record {
	uint64_t id, leg, call;
	struct id_list legs;
	enum direction direction;
	struct endpoint src, dst;
	uint32_t ssrc;
	enum codec codec;
	uint64_t codec_bit_rate_bps; /* of most speech heard; 0 = unknown, or no modes */
	uint64_t codec_audio_hz;     /* likewise, Opus */
	bool codec_mode_assumed;     /* the codec has modes, and nobody said which */
	struct payload_type_counts payload_types;
	uint64_t clock_hz; /* 0 = unknown */
	enum clock_basis clock_basis;
	uint64_t packets, expected, received, lost, duplicates, reordered, restarts,
	        ts_resync;
	uint64_t outage_lost, span_copies;
	double loss_pct;
	/* How the latest losses lie (quality/loss_shape.h); NAN: there are none. */
	double loss_runs, loss_longest, loss_period_ms, loss_pdv_before_ms,
	        loss_pdv_after_ms;
	double jitter_last_ms, jitter_mean_ms, jitter_max_ms, delta_max_ms, delta_mean_ms;
	double ptime_ms;
	double media_coverage_pct, uncovered_s;
	uint64_t ptime_changes;
	double pdv_p50_ms, pdv_p95_ms, pdv_p99_ms;
	struct histogram pdv; /* packets up to 5 10 20 30 50 70 90 120 150 200 300 500 ms */
	double skew_ppm;
	nstime first, last;
	uint64_t octets; /* of IP packets */
	double kbit_s;
	uint64_t dscp, dscp_changes; /* of the first packet; seen to change */
	uint64_t ttl, ttl_changes;
	bool encrypted;
	uint32_t flags; /* enum stream_flag */
	enum band band;
	enum basis basis;
	double ie, bpl, ppl, burstr_used; /* what went into r */
	double r, mos_lq;
	char mos_buffer[16]; /* the buffer that r is of */
	double burstr;       /* measured in that buffer */
	/* The same after the answer, of a stream that began before it; else NAN. */
	double ppl_answered, r_answered, mos_lq_answered;
	struct buffer_list buffers;
	/* Whose the losses are: the network's, the capture's, or nobody can tell; NULL
	 * name: nothing was lost.  The score without those of the capture, NAN when it has
	 * none. */
	enum loss_verdict loss_verdict;
	double suspect_lost;
	double r_unsuspected, mos_lq_unsuspected;
	nstime interval_min_at; /* the lowest interval by R, of those with a second of media
	                         */
	double interval_min_mos_lq;
	uint64_t intervals; /* in the timeline, which is the record's tail */
	/* The stream that carried the same media to the relay that sends this one, and the
	 * segment between the two points where they were seen. */
	uint64_t upstream;
	char point[RECORD_POINT]; /* where in the network it was seen; empty: not said */
	enum segment_basis segment_basis;
	double segment_lost_before, segment_lost_between; /* packets; NAN: no upstream */
	double segment_delay_ms, segment_jitter_ms;
	/* RTCP about this stream, by those who sent or received it; the last of each. */
	uint64_t rtcp_sender_reports, rtcp_receiver_reports;
	double rtcp_sent_packets, rtcp_lost,
	        rtcp_jitter_ms; /* NAN before the first report */
	char rtcp_cname[RECORD_WORDS];
	nstime rtcp_bye;
	/* What it sounds like, where that was asked for and can be decoded; else NAN. */
	double audio_heard_s, audio_speech_pct, audio_silence_pct;
	double audio_dead_air_s, audio_dead_air_total_s;
	double audio_clipping_pct, audio_level_dbov, audio_rms_dbov, audio_peak_dbov;
	double audio_dtmf; /* digits heard in-band */
	nstime audio_dtmf_first;
	enum fax_tone audio_fax;
	/* As the receiver tells, by the growth of its counts; NAN: nothing to grow from. */
	double far_expected, far_lost, far_loss_pct;
	double far_jitter_mean_ms, far_jitter_max_ms;
	double lost_at_report;   /* our own loss over what it reports on */
	double lost_after;       /* theirs less ours: lost behind the probe, if above 0 */
	double unconfirmed_lost; /* ours that the receiver does not lack: the capture's */
	/* From the probe to either end and back; NAN: no report was answered. */
	double rtt_receiver_ms, rtt_sender_ms, rtt_ms;
	bool rtt_partial;           /* rtt_ms is one half only */
	double ta_ms, r_cq, mos_cq; /* only where a round trip was measured */
	/* Whose src and dst are, by their media addresses; empty: of no trunk configured.
	 */
	char trunk_src[RECORD_TRUNK], trunk_dst[RECORD_TRUNK];
	uint32_t trunk_violations; /* enum stream_violation */
};

#endif
