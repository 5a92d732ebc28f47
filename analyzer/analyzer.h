/*
 * analyzer.h - decoded packets in, call quality records out.
 *
 * No I/O, no threads, no clock, no globals: the same packets in the same order give the
 * same records, byte for byte.  Memory is bounded by `struct limits`.
 */
#ifndef EARSHOT_ANALYZER_H
#define EARSHOT_ANALYZER_H

#include "analyzer/model/counters.h"
#include "analyzer/model/limits.h"
#include "analyzer/model/packet.h"
#include "analyzer/model/pressure.h"
#include "analyzer/model/sink.h"
#include "analyzer/track/agent_report.h"
#include "analyzer/track/loss_witness.h"
#include "analyzer/track/tally.h"

struct analyzer;

/* What a packet was taken for. */
enum claim {
	CLAIM_NONE,    /* nothing of ours */
	CLAIM_PENDING, /* looks like RTP that nobody announced: under probation */
	CLAIM_SIP,
	CLAIM_RTP,
	CLAIM_RTCP,
	CLAIM_ICMP, /* an error about media of a leg */
	CLAIM_COUNT
};

/*
 * Copies *settings; borrows *sink, which must outlive the analyzer.  ERR_NOMEM when
 * memory runs out.
 */
MUST_CHECK enum status analyzer_new(const struct settings *settings,
                                    const struct sink *sink, struct analyzer **out);

/*
 * Takes `count` packets in their order; claims[i] says what packets[i] was.  What a glance
 * shows of a packet (track/glance.h, track/sip_glance.h) comes with it, or is looked up
 * here.  Many at a time are worth their while: the memory that the next two dozen will
 * touch is fetched while one is worked on, and ANALYZER_BATCH are enough for that.  Timers
 * see the highest time so far: an earlier `packet->at` never turns them back.
 */
enum { ANALYZER_BATCH = 64 };
void analyzer_feed(struct analyzer *analyzer, const struct packet *packets, size_t count,
                   enum claim *claims);

/* What an agent tells of streams, at its packet's time: a claim, in no figure of ours.
 * ERR_MALFORMED: it makes no sense, which is counted. */
enum status analyzer_feed_report(struct analyzer *analyzer,
                                 const struct agent_report *report);

/* Closes every stream, leg and call that `now` has made overdue. */
void analyzer_advance(struct analyzer *analyzer, nstime now);

/*
 * Gives the records of legs and calls that are not over, and had a message at `since` or
 * later, as they stand to *sink; they go on, and their own records come when they are over.
 */
void analyzer_snapshot(const struct analyzer *analyzer, nstime since,
                       const struct sink *sink);

/* The same of those that are answered and not over, and of streams that have lasted for a
 * while (STREAM_IN_PROGRESS, without timelines), a part at a time: part 0 to parts - 1
 * together are all of them. */
void analyzer_checkpoint(const struct analyzer *analyzer, uint32_t part, uint32_t parts,
                         const struct sink *sink);

/* When the oldest leg or stream began that is not over; NSTIME_NEVER: there is none.  Walks
 * all of them. */
nstime analyzer_oldest(const struct analyzer *analyzer);

/* Records from now on say whose addresses and numbers are by these; borrows both. */
void analyzer_set_trunks(struct analyzer *analyzer, const struct trunks *trunks,
                         const struct number_plan *numbers);

/* The labels of points (packet.point) are those of *settings from now on: there may be more
 * than before, each in its place. */
void analyzer_set_points(struct analyzer *analyzer, const struct settings *settings);

/* Of calls, streams and requests; PRESSURE_TABLES of them. */
const struct pressure *analyzer_pressures(const struct analyzer *analyzer);

/* End of input: everything still open becomes a record, at the time of the last packet. */
void analyzer_finish(struct analyzer *analyzer);

/*
 * What the sources learnt of signalling that cannot be read, one client and server at a
 * time; after analyzer_finish.  Fills in the ids and gives the records to the sink, in
 * their order.
 */
void analyzer_give_encrypted(struct analyzer *analyzer, struct encrypted_record *list,
                             size_t count);

/*
 * What is known of the capture's own losses: frames that were dropped in the whole run, of
 * all that came; TCP data that was acknowledged but never seen.
 */
void analyzer_note_drops(struct analyzer *analyzer, uint64_t seen, uint64_t dropped);
void analyzer_note_tcp_gap(struct analyzer *analyzer, nstime at);

/* Whose the losses of all streams are that have ended. */
struct loss_shares analyzer_losses(const struct analyzer *analyzer);

const struct counters *analyzer_counters(const struct analyzer *analyzer);
const struct sip_tally *analyzer_sip_tally(const struct analyzer *analyzer);

void analyzer_free(struct analyzer *analyzer); /* NULL is fine */

#endif
