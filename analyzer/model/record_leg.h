/*
 * record_leg.h - one INVITE dialog between two signalling addresses, as it went.
 */
#ifndef EARSHOT_MODEL_RECORD_LEG_H
#define EARSHOT_MODEL_RECORD_LEG_H

#include "analyzer/model/record_base.h"

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
	CALL_MEDIA_ONLY, /* of a call without legs: its signalling was not seen */
	LEG_INTERRUPTED, /* in progress when the probe itself failed */
	LEG_STATE_COUNT
};

enum ended_by {
	ENDED_BY_NONE,
	ENDED_BY_CALLER,
	ENDED_BY_CALLEE,
	ENDED_BY_TIMEOUT,
	ENDED_BY_COUNT
};

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

/* How a leg ended (who ended it: enum ended_by). */
enum ended_how {
	ENDED_HOW_UNKNOWN, /* not over, or not seen to end */
	ENDED_HOW_BYE,
	ENDED_HOW_CANCEL,
	ENDED_HOW_REFUSED, /* a final response of 300 and above */
	ENDED_HOW_TIMEOUT, /* nobody answered; or an answered dialog fell silent */
	ENDED_HOW_SESSION_TIMER,
	ENDED_HOW_MEDIA_GONE, /* BYE because nothing was heard any more */
	ENDED_HOW_REPLACED,   /* by an INVITE with Replaces */
	ENDED_HOW_COUNT
};

/* Where the first Reason stood. */
enum cause_in {
	CAUSE_IN_NONE,
	CAUSE_IN_BYE,
	CAUSE_IN_CANCEL,
	CAUSE_IN_RESPONSE,
	CAUSE_IN_COUNT
};

/* One of the two sides; as bits. */
enum party { PARTY_NONE, PARTY_CALLER, PARTY_CALLEE, PARTY_BOTH, PARTY_COUNT };

/* How keys for SRTP are agreed on. */
enum key_exchange {
	KEYS_SDES = 1 << 0, /* a=crypto (RFC 4568) */
	KEYS_DTLS = 1 << 1, /* a=fingerprint (RFC 5763) */
	KEYS_COUNT = 2
};

/* How digits came. */
enum dtmf_way {
	DTMF_RFC4733 = 1 << 0, /* events in RTP */
	DTMF_INFO = 1 << 1,
	DTMF_NOTIFY = 1 << 2,
	DTMF_INBAND = 1 << 3, /* heard as tones, where that was asked for */
	DTMF_WAY_COUNT = 4
};

/* What one side's addresses tell (track/leg_nat.h). */
enum nat_sign {
	NAT_VIA = 1 << 0,             /* sent-by of Via is not where the packet is from */
	NAT_RECEIVED = 1 << 1,        /* nor where the server got it from: received= */
	NAT_CONTACT = 1 << 2,         /* Contact is elsewhere: a proxy, or NAT */
	NAT_CONTACT_PRIVATE = 1 << 3, /* at a private address, from a public one */
	NAT_SDP = 1 << 4,             /* c= likewise */
	NAT_SDP_PRIVATE = 1 << 5,
	NAT_REWRITTEN = 1 << 6, /* the response has another Via than the request had */
	NAT_ALG = 1 << 7,       /* half of the addresses are rewritten */
	NAT_SIGN_COUNT = 8
};

/* Which header an identity stood in. */
enum identity_header {
	IDENTITY_NONE,
	IDENTITY_ASSERTED,     /* P-Asserted-Identity */
	IDENTITY_PREFERRED,    /* P-Preferred-Identity */
	IDENTITY_REMOTE_PARTY, /* Remote-Party-ID */
	IDENTITY_HEADER_COUNT
};

/* What became of ICE, or DTLS, on the way of the media. */
enum handshake_state {
	HANDSHAKE_NONE,    /* nobody offered it */
	HANDSHAKE_OFFERED, /* and nobody took it */
	HANDSHAKE_COMPLETED,
	HANDSHAKE_FAILED,      /* begun, without success */
	HANDSHAKE_NEVER_TRIED, /* media was seen, of this nothing */
	HANDSHAKE_NOT_SEEN,    /* nor any media */
	HANDSHAKE_STATE_COUNT
};

/* What the caller asks not to be told of him (RFC 3323, RFC 3325, RFC 7044). */
enum privacy {
	PRIVACY_HEADER = 1 << 0,
	PRIVACY_SESSION = 1 << 1,
	PRIVACY_USER = 1 << 2,
	PRIVACY_ASKED_NONE = 1 << 3,
	PRIVACY_CRITICAL = 1 << 4,
	PRIVACY_ID = 1 << 5,
	PRIVACY_HISTORY = 1 << 6,
	PRIVACY_ANONYMOUS = 1 << 7, /* From says so */
	PRIVACY_COUNT = 8
};

/* What an Identity header shows (track/leg_stir.c); its signature was not looked at. */
enum stir_flag {
	STIR_UNVERIFIED = 1 << 0, /* there is one */
	STIR_MALFORMED = 1 << 1,
	STIR_COMPACT = 1 << 2,
	STIR_STALE = 1 << 3,
	STIR_FUTURE = 1 << 4,
	STIR_ORIG_MISMATCH = 1 << 5,
	STIR_DEST_MISMATCH = 1 << 6,
	STIR_FOREIGN_ALG = 1 << 7,
	STIR_DIVERTED = 1 << 8, /* there is one of type "div" too */
	STIR_FLAG_COUNT = 9
};

enum stir_attest {
	STIR_ATTEST_NONE,
	STIR_ATTEST_A, /* full: the customer and the right to the number are known */
	STIR_ATTEST_B, /* partial: the customer is known */
	STIR_ATTEST_C, /* gateway */
	STIR_ATTEST_COUNT
};

enum transfer {
	TRANSFER_REPLACES = 1 << 0, /* the INVITE takes the place of another dialog */
	TRANSFER_REFER = 1 << 1,    /* REFER within the dialog */
	TRANSFER_REFERRED_BY = 1 << 2,
	TRANSFER_JOIN = 1 << 3,  /* the INVITE joins another dialog (RFC 3911) */
	TRANSFER_FOCUS = 1 << 4, /* one side is a conference's focus (RFC 4579) */
	TRANSFER_COUNT = 5
};

enum {
	RECORD_CAUSE = 64,  /* words of a Reason header */
	RECORD_HOST = 64,   /* names and addresses of hosts */
	RECORD_PARTY = 128, /* URIs of other parties */
	RECORD_REWRITTEN = 512,
};

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
	LEG_GAP = 1 << 9, /* the probe died meanwhile, and the next one saw the end */
	LEG_FLAG_COUNT = 10
};

/* What says that a leg is of the same conversation as others, strongest first. */
enum joined_by {
	JOINED_BY_NONE, /* it is the first, or the only one */
	JOINED_BY_CALL_ID,
	JOINED_BY_SESSION_ID, /* RFC 7989 */
	JOINED_BY_HEADER,     /* of those that name another leg, or the whole call */
	JOINED_BY_RTP,        /* same SSRC, sequence number and time stamp on both sides */
	JOINED_BY_PAYLOAD,    /* same media on both sides */
	JOINED_BY_NUMBERS,    /* same two numbers at the same time: a guess */
	JOINED_BY_COUNT
};

/* What became of a leg beside others that one INVITE was forked into. */
enum branch_fate {
	BRANCH_NONE, /* it is no branch */
	BRANCH_ANSWERED,
	BRANCH_ELSEWHERE, /* cancelled because another was answered */
	BRANCH_CANCELLED, /* by the caller */
	BRANCH_REFUSED,
	BRANCH_NO_ANSWER,
	BRANCH_OPEN, /* when the capture ended */
	BRANCH_FATE_COUNT
};

/* What is otherwise on a leg than on the one that led to it (track/call_changes.c). */
enum change {
	CHANGE_CALL_ID = 1 << 0,
	CHANGE_TAG = 1 << 1,    /* of From: two dialogs */
	CHANGE_CALLER = 1 << 2, /* who From says it is, in whatever format */
	CHANGE_CALLEE = 1 << 3,
	CHANGE_TRANSPORT = 1 << 4,
	CHANGE_TRANSCODED = 1 << 5, /* no codec was used on both */
	CHANGE_SRTP_REMOVED = 1 << 6,
	CHANGE_SRTP_ADDED = 1 << 7,
	/* What its INVITE says (track/call_rewriting.c). */
	CHANGE_DISPLAY = 1 << 8,   /* name in From */
	CHANGE_FROM_USER = 1 << 9, /* written otherwise, be it the same number */
	CHANGE_TO_USER = 1 << 10,
	CHANGE_ASSERTED = 1 << 11,
	CHANGE_DIVERSION = 1 << 12,
	CHANGE_HISTORY_INFO = 1 << 13,
	CHANGE_CONTACT = 1 << 14,
	CHANGE_USER_AGENT = 1 << 15,
	CHANGE_CODECS = 1 << 16, /* of the offer, or their order */
	CHANGE_MEDIA_ADDRESS = 1 << 17,
	CHANGE_PTIME = 1 << 18,
	CHANGE_MEDIA_DIRECTION = 1 << 19,
	CHANGE_KEYS = 1 << 20, /* for SRTP, as offered */
	CHANGE_ALLOW = 1 << 21,
	CHANGE_SUPPORTED = 1 << 22,
	CHANGE_SESSION_TIMER = 1 << 23, /* as agreed on */
	CHANGE_IDENTITY = 1 << 24,      /* of RFC 8224 */
	CHANGE_COUNT = 25
};

extern const char *const change_names[CHANGE_COUNT];

static inline uint32_t joined_by_bit(enum joined_by by)
{
	return by == JOINED_BY_NONE ? 0 : UINT32_C(1) << (by - 1);
}

/* Written otherwise than the number format of a trunk at one of its ends wants. */
enum number_violation {
	NUMBER_VIOLATION_NONE,
	NUMBER_VIOLATION_FROM,
	NUMBER_VIOLATION_TO,
	NUMBER_VIOLATION_BOTH,
	NUMBER_VIOLATION_COUNT
};

/* Otherwise than expected of a trunk at one of its ends. */
enum leg_violation {
	LEG_VIOLATES_TRANSPORT = 1 << 0,
	LEG_VIOLATES_DSCP = 1 << 1, /* of signalling, on either way */
	LEG_VIOLATION_COUNT = 2,
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
	/* Whose src and dst are; empty: of no trunk that is configured. */
	char trunk_src[RECORD_TRUNK], trunk_dst[RECORD_TRUNK];
	uint32_t trunk_violations; /* enum leg_violation */

	/* Of From and To: complete where that can be told, else as dialled; empty: no
	 * number. */
	char number_from[RECORD_NUMBER], number_to[RECORD_NUMBER];
	char prefix_label[RECORD_LABEL]; /* what number_to leads to; empty: not known */
	bool emergency;                  /* to an emergency number or service */
	enum number_violation number_violation;

	/* Stages: of the INVITE that counts, which is the one that was not challenged. */
	nstime invited, responded, ack;
	double setup_ms, ringing_ms;
	double srd_ms, sdd_ms; /* RFC 6076 4.3, 4.4 */
	uint64_t invite_retransmissions, bye_retransmissions, final_retransmissions;
	uint64_t auth_rounds;
	/* Its end. */
	enum ended_how ended_how;
	uint64_t bye_status; /* final response to the BYE; 0 = none */
	uint64_t q850, sip_cause;
	enum cause_in cause_in;
	char cause_text[RECORD_CAUSE];
	/* Session timer (RFC 4028), as agreed on last. */
	uint64_t session_expires_s, session_refreshes; /* 0 = none */
	enum party session_refresher;
	/* Hold. */
	uint64_t holds;
	double hold_s;
	enum party held_by;
	/* Audio: of the first offer, and of the answer to it. */
	struct codec_list codecs_offered, codecs_answered;
	uint64_t codec_changes;
	nstime early_rtp; /* first packet to the caller before the answer */
	uint32_t keys_offered, keys_accepted; /* enum key_exchange */
	uint64_t dtmf_offered, dtmf_answered; /* payload types; 0 = none */
	uint32_t dtmf_seen;                   /* enum dtmf_way */
	bool dtmf_mismatch;
	nstime t38;
	/* Addresses, where they are not those that packets come from; else empty. */
	uint32_t nat_src, nat_dst; /* enum nat_sign */
	char via_src[RECORD_HOST];
	char contact_src[RECORD_HOST], contact_dst[RECORD_HOST];
	char sdp_src[RECORD_HOST], sdp_dst[RECORD_HOST];
	/* Who they are said to be. */
	enum identity_header asserted_in;
	char asserted[RECORD_PARTY];  /* of the caller */
	char connected[RECORD_PARTY]; /* of the callee, in a response */
	uint32_t privacy;             /* enum privacy */
	uint64_t diversions;
	char diverted_from[RECORD_PARTY]; /* who was called first */
	uint32_t transfer;                /* enum transfer */
	char replaces[RECORD_PARTY], refer_to[RECORD_PARTY], referred_by[RECORD_PARTY];
	char conference[RECORD_PARTY]; /* URI of its focus, or the Join header */
	uint32_t stir;                 /* enum stir_flag */
	enum stir_attest stir_attest;
	double stir_age_s;
	char stir_orig[RECORD_HOST], stir_dest[RECORD_HOST];
	enum handshake_state ice, dtls;
	double dscp_src, dscp_dst; /* of signalling; NAN: no message from there */
	enum joined_by joined_by;
	uint64_t joined_leg;             /* with this one */
	char joined_header[RECORD_NAME]; /* that named it */
	uint64_t joined_value;           /* hash of what the header said */
	uint64_t joined_matches;         /* packets that were the same on both sides */
	double joined_offset_ms;         /* by which those were later here, mean */
	enum branch_fate branch;
	uint64_t parent_leg; /* that led to the host from which it leaves; 0: none was seen
	                      */
	uint32_t changes;    /* enum change, against that one */
	/* Those of what its INVITE says, with both values where they are kept:
	 * "supported: 100rel,timer > timer; identity: there > none". */
	char rewritten[RECORD_REWRITTEN];
	char points[RECORD_POINTS]; /* of the network, where it was seen; empty: not said */
};

#endif
