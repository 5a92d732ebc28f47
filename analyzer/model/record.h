/*
 * record.h - the analyzer's output: plain data, nothing borrowed but one tail.
 *
 * Each kind of record has a struct and a table of its fields (record_fields.c): the
 * names there are the names in JSON, CSV and the database, and the printers and the store
 * walk these tables instead of knowing the structs.
 *
 * Not known is: NSTIME_NONE for a time, NAN for a real, 0 for an id or a status, an empty
 * string for text, all zero for an endpoint, 0 for an enum.
 */
#ifndef EARSHOT_MODEL_RECORD_H
#define EARSHOT_MODEL_RECORD_H

#include <string.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/model/codec.h"
#include "analyzer/model/packet.h"

enum {
	RECORD_TEXT = 256,    /* Call-ID, URIs (hardening.md section 4) */
	RECORD_WORDS = 128,   /* names of software, CNAMEs */
	RECORD_MAX_LEGS = 32, /* ids listed in a call or claiming a stream */
	RECORD_MAX_CODECS = 8,
	RECORD_MAX_TYPES = 8, /* payload types told apart in one stream */
};

/* In the order in which records of the same time leave the analyzer. */
enum record_kind {
	RECORD_MESSAGE,
	RECORD_REPORT,
	RECORD_REGISTRATION,
	RECORD_STREAM,
	RECORD_LEG,
	RECORD_CALL,
	RECORD_ENCRYPTED,
	RECORD_KIND_COUNT
};

extern const char *const record_kind_names[RECORD_KIND_COUNT];

/* What became of a leg. */
enum leg_state {
	LEG_STATE_NONE,
	LEG_COMPLETED,   /* answered and ended */
	LEG_IN_PROGRESS, /* answered, ringing or trying when the capture ended */
	LEG_CANCELLED,   /* CANCEL, or 487 */
	LEG_NO_ANSWER,   /* 18x seen, then 408, 480 or the caller's timer */
	LEG_NO_RESPONSE, /* nothing, or only 100, until the time-out */
	LEG_FAILED,      /* any other final response */
	LEG_INCOMPLETE,  /* begun before the capture */
	LEG_STATE_COUNT
};

enum ended_by {
	ENDED_BY_NONE,
	ENDED_BY_CALLER,
	ENDED_BY_CALLEE,
	ENDED_BY_TIMEOUT,
	ENDED_BY_COUNT
};

/* forward: caller to callee. */
enum direction { DIRECTION_NONE, DIRECTION_FORWARD, DIRECTION_REVERSE, DIRECTION_COUNT };

/* What became of the audio of an answered leg, in one direction. */
enum audio_fate {
	AUDIO_FATE_UNKNOWN, /* never answered, or not for long enough */
	AUDIO_FATE_OK,
	AUDIO_FATE_NONE,            /* no packet at all */
	AUDIO_FATE_EARLY_ONLY,      /* none after the answer */
	AUDIO_FATE_STOPPED,         /* in mid-call, and did not come back */
	AUDIO_FATE_SILENT,          /* RTP flows, nothing is said */
	AUDIO_FATE_CLOSED_PORT,     /* ICMP says that it does not arrive */
	AUDIO_FATE_PRIVATE_ADDRESS, /* the receiver named one that leads nowhere */
	AUDIO_FATE_HELD,            /* nobody asked for it */
	AUDIO_FATE_MOVED,           /* T.38 or another medium took its place */
	AUDIO_FATE_NOT_SEEN,        /* goes another way than past the probe, or may do so */
	AUDIO_FATE_COUNT
};

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
	STREAM_FLAG_COUNT = 12
};

/* Whose a stream's losses are (track/loss_witness.h). */
enum loss_verdict {
	LOSS_NONE, /* nothing was lost */
	LOSS_NETWORK,
	LOSS_CAPTURE, /* the probe, or the mirror port in front of it */
	LOSS_UNKNOWN,
	LOSS_VERDICT_COUNT
};

extern const char *const loss_verdict_names[LOSS_VERDICT_COUNT]; /* LOSS_NONE: NULL */

enum leg_flag {
	LEG_LATE_OFFER = 1 << 0,    /* offer in the 2xx, answer in the ACK */
	LEG_EARLY_MEDIA = 1 << 1,   /* SDP in a provisional response */
	LEG_FORKED = 1 << 2,        /* several To tags answered the INVITE */
	LEG_HELD = 1 << 3,          /* was on hold at some time */
	LEG_AUTHENTICATED = 1 << 4, /* went through 401 or 407 */
	LEG_T38 = 1 << 5,           /* m=image accepted */
	LEG_SRTP = 1 << 6,          /* a secure profile, keys or fingerprint in the SDP */
	LEG_EVICTED = 1 << 7,       /* closed because the table was full */
	LEG_TRUNCATED = 1 << 8,     /* a message was cut short by the capture */
	LEG_FLAG_COUNT = 9
};

struct codec_list {
	uint8_t count;
	enum codec codecs[RECORD_MAX_CODECS];
};

struct leg_record {
	uint64_t id, call;
	char sip_call_id[RECORD_TEXT];
	char from[RECORD_TEXT], to[RECORD_TEXT]; /* URIs */
	struct endpoint src, dst;
	nstime start, ringing, answered, ended;
	uint64_t status; /* final SIP code */
	enum leg_state state;
	double pdd_ms, duration_s;
	enum ended_by ended_by;
	enum transport transport;
	struct codec_list codecs; /* used, in order of first use */
	uint64_t messages, retransmissions, span_copies;
	uint32_t flags; /* enum leg_flag */
	char user_agent[RECORD_WORDS], server[RECORD_WORDS];
	char reason[RECORD_WORDS]; /* reason phrase of the final response */
	bool one_way;              /* a fault in one direction */
	enum audio_fate audio_forward, audio_reverse;
	nstime audio_forward_until, audio_reverse_until; /* last packet of it */
	double media_coverage_forward_pct, media_coverage_reverse_pct;
};

struct id_list {
	uint8_t count;
	uint64_t ids[RECORD_MAX_LEGS];
};

struct call_record {
	uint64_t id;
	struct id_list legs;
	nstime start, ended;
	enum leg_state state;
	double mos_lq_min;
	enum band mos_lq_min_band;
	uint64_t mos_lq_min_stream;
	bool capture_loss; /* the capture lost packets of it */
	bool one_way;      /* any of its legs is */
};

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
};

enum report_source {
	REPORT_SOURCE_NONE,
	REPORT_XR,         /* RTCP XR VoIP metrics, RFC 3611 4.7 */
	REPORT_VQ_SESSION, /* RFC 6035, in this order */
	REPORT_VQ_INTERVAL,
	REPORT_VQ_ALERT,
	REPORT_SOURCE_COUNT
};

/* Whose metrics: those of the endpoint that reports, or what it tells of its peer's. */
enum report_side { SIDE_NONE, SIDE_LOCAL, SIDE_REMOTE, SIDE_COUNT };

/* How an endpoint hides loss and holds packets, in the numbers of RFC 3611 4.7.6. */
enum report_concealment {
	CONCEALMENT_UNSPECIFIED,
	CONCEALMENT_DISABLED,
	CONCEALMENT_ENHANCED,
	CONCEALMENT_STANDARD,
	CONCEALMENT_COUNT
};
enum report_buffer {
	REPORT_BUFFER_UNKNOWN,
	REPORT_BUFFER_RESERVED,
	REPORT_BUFFER_FIXED,
	REPORT_BUFFER_ADAPTIVE,
	REPORT_BUFFER_COUNT
};

/*
 * An endpoint's own view of a stream: a claim, kept as such and in no figure of ours.  Of
 * what it does not say, or says not to know, a real is NAN.
 */
struct report_record {
	uint64_t id;
	uint64_t stream, leg, call; /* 0 = not known */
	nstime at;
	enum report_source source;
	enum report_side side;
	struct endpoint src, dst;                      /* of the packet it came in */
	char reporter[RECORD_TEXT], peer[RECORD_TEXT]; /* LocalID, RemoteID */
	char sip_call_id[RECORD_TEXT];                 /* of the call reported on */
	int64_t ssrc;                                  /* of the stream; -1 = not said */
	nstime start, stop;                            /* the time reported on */
	char codec[48];                                /* as the reporter calls it */
	double loss_pct, discard_pct;                  /* on the network, by the buffer */
	double burst_density_pct, burst_ms, gap_density_pct, gap_ms, gmin;
	double rtt_ms, end_system_ms, one_way_ms;
	double jitter_ms, mean_abs_jitter_ms;
	double signal_dbm0, noise_dbm0, echo_return_loss_db;
	double r_lq, r_cq, external_r_in, external_r_out;
	double mos_lq, mos_cq;
	enum report_concealment concealment;
	enum report_buffer buffer;
	double buffer_nominal_ms, buffer_max_ms, buffer_abs_max_ms;
	char alert_type[48], alert_severity[48];
};

struct registration_record {
	uint64_t id;
	char aor[RECORD_TEXT], contact[RECORD_TEXT];
	struct endpoint src, registrar;
	nstime at;
	uint64_t status; /* final; 0 = none came */
	double expires_s;
	char sip_call_id[RECORD_TEXT];
	enum transport transport;
	bool authenticated; /* a 401 or 407 round came first */
};

/* One SIP message of a leg; the message itself is the record's tail. */
struct message_record {
	uint64_t id, leg, call;
	nstime at;
	uint64_t frame;
	struct endpoint src, dst;
	enum transport transport;
	char summary[RECORD_WORDS]; /* "INVITE", "180 Ringing" */
	char cseq[48];              /* "1 INVITE" */
	bool retransmission;
	bool sdp;
	uint64_t length; /* bytes on the wire; the tail may be shorter */
};

/* Signalling that nobody without keys can read: one client at one server. */
struct encrypted_record {
	uint64_t id;
	struct endpoint client, server; /* the client's port is 0: all of them together */
	enum transport transport;       /* tls or wss */
	char sni[RECORD_TEXT];
	uint64_t sessions, failed;
	nstime first, last;
};

struct record {
	enum record_kind kind;
	nstime at; /* packet time at which it became final */
	union {
		struct leg_record leg;
		struct call_record call;
		struct stream_record stream;
		struct registration_record registration;
		struct message_record message;
		struct encrypted_record encrypted;
		struct report_record report;
	};
	/* Borrowed for the time of the call: a message's bytes, a stream's timeline. */
	struct span tail;
};

enum field_type {
	FIELD_ID,       /* uint64_t; 16 hex digits */
	FIELD_TEXT,     /* char[]; bytes from the wire: shown by the output rules only */
	FIELD_TIME,     /* nstime */
	FIELD_ENDPOINT, /* struct endpoint */
	FIELD_ADDRESS,  /* struct endpoint, shown without its port */
	FIELD_COUNT,    /* uint64_t */
	FIELD_NUMBER,   /* uint64_t, 0 = not known */
	FIELD_REAL,     /* double */
	FIELD_NAME,     /* an enum; `names` */
	FIELD_FLAG,     /* bool */
	FIELD_FLAGS,    /* uint32_t bits; `names`, one for each bit: a list of names */
	FIELD_SSRC,     /* uint32_t; "0x17cb308c" */
	FIELD_SSRC_IF,  /* int64_t; -1 = not known */
	FIELD_IDS,      /* struct id_list */
	FIELD_CODEC,    /* enum codec */
	FIELD_CODECS,   /* struct codec_list */
	FIELD_PAYLOAD_TYPES, /* struct payload_type_counts: type -> packets */
	FIELD_BUFFERS,       /* struct buffer_list */
	FIELD_HISTOGRAM,     /* struct histogram: a list of counts */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* within struct record */
	const char *const *names;
	size_t name_count;
	bool rare; /* not known in most records: the store may leave it out */
};

struct field_table {
	const struct field *fields;
	size_t count;
};

/* The fields of a kind, in the order in which they are shown. */
struct field_table record_fields(enum record_kind kind);

/* The figures of a buffer, in the order in which they are shown. */
enum { BUFFER_FIELDS = 12 };

struct buffer_field {
	const char *name;
	size_t offset; /* of a double within struct buffer_record */
};

const struct buffer_field *record_buffer_field(size_t index);

static inline double buffer_value(const struct buffer_record *buffer, size_t index)
{
	double value;
	memcpy(&value, (const char *)buffer + record_buffer_field(index)->offset,
	       sizeof value);
	return value;
}

/* Where the field lies in that record. */
static inline const void *field_at(const struct record *record, const struct field *field)
{
	return (const char *)record + field->offset;
}

/* Order of records in a run: (at, kind, id). */
int record_compare(const struct record *a, const struct record *b);
uint64_t record_id(const struct record *record);

#endif
