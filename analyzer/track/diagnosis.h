/*
 * diagnosis.h - from what is known of a call to what most probably went wrong with it.
 *
 * While a call's streams and legs come to their end, a few hundred octets of each are kept
 * with the call; with its last leg the rules below look at them, and only the best three
 * findings are kept until the call itself is final.  Of thousands of calls that end at once
 * most have none.  A rule is a row: which facts it needs, a function that says
 * whether they amount to that fault and how surely, and a sentence.  The rules only read
 * finished facts: nothing flows back.
 *
 * The thresholds ask for trouble that people notice.  A healthy call has up to 0.3 % of
 * random loss, some milliseconds of jitter, now and then a repeated message: none of this
 * is a finding.
 */
#ifndef EARSHOT_TRACK_DIAGNOSIS_H
#define EARSHOT_TRACK_DIAGNOSIS_H

#include "analyzer/model/record.h"
#include "analyzer/model/trunk.h"
#include "analyzer/quality/audio_path.h"
#include "analyzer/track/leg_trace.h"
#include "analyzer/track/stream_facts.h"

/* Of a call with more, the first ones are looked at. */
enum { DIAGNOSIS_LEGS = 8, DIAGNOSIS_STREAMS = 16, DIAGNOSIS_HOPS = 3 };

struct diagnosis_leg {
	uint64_t id;
	struct endpoint src, dst;
	nstime start, ringing, answered, ended;
	nstime until[AUDIO_DIRECTIONS]; /* last packet of audio */
	enum audio_fate fates[AUDIO_DIRECTIONS];
	double pdd_ms, duration_s;
	uint64_t retransmissions;
	uint32_t flags; /* enum leg_flag */
	enum leg_state state;
	enum ended_by ended_by;
	enum transport transport;
	uint32_t session_s; /* as agreed last; 0: never */
	uint16_t status;
	uint16_t q850;      /* of the first Reason that ends it; 0: not said */
	uint16_t bye_cause; /* of SIP, where that was BYE's */
	bool one_way;
	char reason[64];
	struct leg_trace trace;
};

/* In the order of their sizes: there are as many as streams when all calls end at once. */
struct diagnosis_stream {
	uint64_t id, leg;
	uint64_t hops[DIAGNOSIS_HOPS]; /* other legs that announced it, too; 0: none */
	const char *point; /* of the network, where it was seen: borrowed; NULL: not said */
	uint64_t upstream; /* that carried the same to the relay that sends it; 0: none */
	nstime first, last;
	double packets, expected, lost, loss_pct, suspect_lost, outage_lost;
	double burstr; /* of the network's losses alone, at least 1 */
	double discarded_pct;
	double ptime_ms, pdv_p50_ms, pdv_p95_ms, pdv_p99_ms, jitter_mean_ms, jitter_max_ms;
	double held_up; /* share of packets as late as those in front of a loss */
	double lost_between, segment_delay_ms; /* from there to here; NAN without it */
	double skew_ppm, skew_error_ms, lost_after, unconfirmed_lost, far_expected,
	        far_jitter_mean_ms, audio_dtmf;
	uint64_t dscp_changes, reordered;
	const struct loss_shape *losses; /* owned where it has any */
	struct stream_unlisted unlisted;
	uint32_t events;
	uint32_t ssrc, flags;
	struct endpoint src, dst;
	uint8_t direction; /* enum direction */
	uint8_t codec;     /* enum codec */
	uint8_t verdict;   /* enum loss_verdict */
	uint8_t dscp, last_dscp;
	bool encrypted;
	bool pdv_spread; /* there are delays of many lengths, as a queue makes them */
};

/*
 * What a trunk's operator does not expect.  The trunk is a copy: its configuration may have
 * been read anew, and the old one be gone, when the call is judged.
 */
struct trunk_breach {
	enum finding_code code;
	uint64_t leg, stream;      /* stream is 0: the leg's signalling */
	struct endpoint peer;      /* at the trunk's end */
	double dscp_src, dscp_dst; /* of signalling, as in the leg's record */
	struct trunk trunk;
};

struct diagnosis {
	struct diagnosis_leg *legs;       /* owned */
	struct diagnosis_stream *streams; /* owned */
	struct trunk_breach *breaches;    /* owned; of each code one at most */
	uint8_t leg_count, stream_count, breach_count;
	uint8_t finding_count;
	struct finding_record *findings; /* owned; NULL: none, or not concluded yet */
};

/* Facts of a call whose *d may be NULL still.  ERR_NOMEM: they are left out. */
MUST_CHECK enum status diagnosis_note_leg(struct diagnosis **d,
                                          const struct leg_record *leg,
                                          const struct leg_trace *trace);
MUST_CHECK enum status diagnosis_note_stream(struct diagnosis **d,
                                             const struct stream_record *stream,
                                             const struct stream_facts *facts);
/* And what the trunks at their ends do not expect, once trunk_violations is known.  The
 * trunks may be NULL, and are needed in the call only. */
MUST_CHECK enum status diagnosis_note_leg_trunks(struct diagnosis **d,
                                                 const struct trunks *trunks,
                                                 const struct leg_record *leg);
MUST_CHECK enum status diagnosis_note_stream_trunks(struct diagnosis **d,
                                                    const struct trunks *trunks,
                                                    const struct stream_record *stream);
void diagnosis_free(struct diagnosis *d); /* NULL is fine */

/*
 * No facts will be added any more: what is found in them takes their place, and of a call
 * without findings *d becomes NULL.  ERR_NOMEM: the facts stay as they are.
 */
MUST_CHECK enum status diagnosis_conclude(struct diagnosis **d);

/* The best first; how many.  Of each all but id, call and rank is filled in. */
size_t diagnosis_judge(const struct diagnosis *d,
                       struct finding_record out[FINDINGS_PER_CALL]);

/* --- between the files of the rules --------------------------------------------------- */

/* diagnosis_facts.c: all legs and streams, once the findings are there. */
void diagnosis_drop_facts(struct diagnosis *d);

/* What a rule needs before its function is asked. */
enum rule_needs {
	NEEDS_ANSWER = 1 << 0,  /* the leg was answered */
	NEEDS_FAILURE = 1 << 1, /* the leg has a final status above 299 */
	NEEDS_ONE_WAY = 1 << 2, /* audio of one direction of the leg is missing */
	NEEDS_LOSS = 1 << 3,    /* the stream lost more than a healthy one may */
	NEEDS_AUDIO = 1 << 4,   /* the stream has a hundred packets or more */
	NEEDS_BOTH = 1 << 5,    /* a stream of the other direction is known */
};

/* One rule's view of one leg or stream. */
struct opinion {
	double confidence; /* begins as that of the rule */
	enum finding_party points_to;
	struct endpoint peer;
	enum direction direction; /* for the sentence */
	const char *trunk;        /* for the sentence: its name */
	nstime at, first, last;
	char evidence[FINDING_TEXT];
};

/* Exactly one of `leg` and `stream` is not NULL; a stream's leg may be unknown. */
struct rule_subject {
	const struct diagnosis *all;
	const struct diagnosis_leg *leg;
	const struct diagnosis_stream *stream;
};

struct rule {
	enum finding_code code;
	bool of_stream;
	unsigned int needs; /* enum rule_needs */
	bool (*holds)(const struct rule_subject *subject, struct opinion *opinion);
	double confidence;
	/* "{way}": from the caller to the callee; "{place}": between two points, or
	 * nothing;
	 * "{sender}", "{receiver}": the caller; "{trunk}": its name. */
	const char *sentence;
	uint32_t
	        explains; /* bits of finding_code: symptoms that are no finding beside it */
};

#define EXPLAINS(code) (UINT32_C(1) << (code))

struct rules {
	const struct rule *list;
	size_t count;
};

extern const struct rules diagnosis_audio_rules;      /* diagnosis_audio.c */
extern const struct rules diagnosis_repeat_rules;     /* diagnosis_repeats.c */
extern const struct rules diagnosis_signalling_rules; /* diagnosis_signalling.c */
extern const struct rules diagnosis_loss_rules;       /* diagnosis_loss.c */
extern const struct rules diagnosis_media_rules;      /* diagnosis_media.c */
extern const struct rules diagnosis_trunk_rules;      /* diagnosis_trunks.c */

/* Formats the evidence; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) void opinion_say(struct opinion *opinion,
                                                       const char *format, ...);

__attribute__((format(printf, 2, 3))) void opinion_add(struct opinion *opinion,
                                                       const char *format, ...);
/* It points to that party of the leg. */
void opinion_about_leg(const struct rule_subject *subject, struct opinion *opinion,
                       enum finding_party party);
/* Its sender's side, and its time. */
void opinion_about_stream(const struct diagnosis_stream *stream, struct opinion *opinion);

/* The largest stream of that leg (0: of any) and direction; NULL: there is none. */
const struct diagnosis_stream *diagnosis_stream_of(const struct diagnosis *d, uint64_t leg,
                                                   enum direction direction);
const struct diagnosis_leg *diagnosis_leg_of(const struct diagnosis *d, uint64_t leg);

/* NAN where one of them is NSTIME_NONE. */
double diagnosis_seconds(nstime from, nstime to);

/* What goes the other way; NULL: there is none. */
const struct diagnosis_stream *diagnosis_opposite(const struct rule_subject *subject);
/* The same media at the point of measurement before, and at the one behind; or NULL. */
const struct diagnosis_stream *diagnosis_upstream(const struct diagnosis *d,
                                                  const struct diagnosis_stream *stream);
const struct diagnosis_stream *diagnosis_downstream(const struct diagnosis *d,
                                                    const struct diagnosis_stream *stream);

/* Share of its packets that were more than `ms` later than the soonest; a histogram tells,
 * so those of the bin that `ms` is in do not count. */
double diagnosis_held_up(const struct stream_record *stream, double ms);

/* Are its delays of all lengths, as those of a queue, and not of two only? */
bool diagnosis_is_spread(const struct stream_record *stream);

/* More packets lost than 0.4 % of chance explains, with a margin of 4.5 sigma. */
bool diagnosis_is_lossy(const struct diagnosis_stream *stream);

#endif
