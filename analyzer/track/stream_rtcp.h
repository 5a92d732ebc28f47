/*
 * stream_rtcp.h - what RTCP tells about one stream: its sender's reports, its receiver's,
 * and the round trips from the probe to either (quality.md 7.2), which need the reports
 * that go the other way too.
 */
#ifndef EARSHOT_TRACK_STREAM_RTCP_H
#define EARSHOT_TRACK_STREAM_RTCP_H

#include "analyzer/quality/far_end.h"
#include "analyzer/quality/loss_far.h"
#include "analyzer/quality/round_trip.h"
#include "analyzer/track/stream.h"
#include "analyzer/wire/rtcp.h"

/* Was the first packet that we saw the first that was sent? */
enum stream_start { START_UNKNOWN, START_SEEN, START_MISSED };

struct rtcp_figures {
	uint64_t sender_reports, receiver_reports;
	uint32_t sent_packets;
	struct rtcp_report last; /* the receiver's last block */
	nstime bye;
	struct round_trip_sent sent;         /* reports of the stream's sender */
	struct round_trip_sent heard;        /* of a receiver that sends no stream itself */
	struct round_trips receiver, sender; /* from the probe to either and back */
	struct round_trips receiver_now, sender_now; /* in the running interval */
	struct far_end far;
	struct loss_far confirmed; /* our losses beside the receiver's, report by report */
	struct loss_far confirmed_told; /* of these, what the loss witness has been told */
	enum stream_start start;        /* by the sender's own count */
	bool announced;                 /* SDP came first: then the start was seen, too */
	uint64_t last_claim;            /* hash of the XR report given last */
	uint32_t claims;                /* given */
	char cname[RECORD_WORDS];
};

/* All of them need stream->rtcp. */

/* A report of the stream's sender passes. */
void stream_rtcp_sent(struct stream *stream, const struct rtcp_part *sr, nstime at);
/*
 * A block about the stream, by its receiver; `announced`: as in rtcp_figures.  The way from
 * the probe to the receiver and back, NAN if the block tells none.
 */
double stream_rtcp_received(struct stream *stream, uint32_t reporter,
                            const struct rtcp_report *report, bool announced, nstime at);
/* The way from the probe to the stream's sender and back, as its own report told. */
void stream_rtcp_add_sender_trip(struct stream *stream, double ms);
/* Our losses beside the receiver's, the time before its first report too; all zero without
 * RTCP. */
struct loss_far stream_rtcp_confirmed(const struct stream *stream);
/* Of these what is new since the last call. */
struct loss_far stream_rtcp_confirmed_now(struct stream *stream);
/* The round trips of the interval that ends now, medians; NAN without any, or any RTCP. */
void stream_rtcp_close_interval(struct stream *stream, double *receiver_ms,
                                double *sender_ms);
/* A time stamp of the stream's receiver, which the sender may answer. */
void stream_rtcp_heard(struct stream *stream, uint64_t ntp, nstime at);
/* The stream's sender answers one: LSR and DLSR, or LRR and DLRR. */
void stream_rtcp_answered(struct stream *stream, uint32_t lsr, uint32_t dlsr, nstime at);

/*
 * The fields of RTCP, and those of delay, which need them and the score: after all others.
 * `buffer_depth_ms` is that of the buffer which the score is of; NAN for none.
 */
void stream_fill_rtcp(const struct stream *stream, double buffer_depth_ms,
                      struct stream_record *out);

#endif
