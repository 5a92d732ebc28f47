/*
 * packet_batch.h - packets on their way to the analyzer, some at a time, and what follows
 * them there.
 */
#ifndef EARSHOT_PROBE_PACKET_BATCH_H
#define EARSHOT_PROBE_PACKET_BATCH_H

#include "analyzer/analyzer.h"
#include "analyzer/track/sip_glance.h"
#include "probe/kept_bytes.h"

/* Hundreds: what handing one over costs is nothing for each. */
enum { PACKET_BATCH = 512 };
/* With so many SIP messages it is handed over before it is full: it tells what they say. */
enum { PACKET_BATCH_SIP = 64 };

/* What comes behind the packets of a batch, at that very place. */
enum batch_end {
	BATCH_ENDS,         /* nothing */
	BATCH_THEN_TCP_GAP, /* at: when */
	BATCH_THEN_REPORT,  /* report */
	BATCH_THEN_ADVANCE, /* at: until when */
	BATCH_THEN_DROPS,   /* seen, dropped */
	BATCH_THEN_FINISH,  /* encrypted: the list to be given behind all else */
	BATCH_THEN_NO_MORE, /* the thread ends */
};

struct packet_batch {
	size_t count, limit; /* packets; as many as it may hold */
	bool messages;       /* they come out of TCP: their frames are counted elsewhere */
	enum batch_end end;
	nstime at;
	uint64_t seen, dropped;
	struct agent_report report; /* of `reported`, if the batch keeps */
	struct packet reported;
	struct encrypted_record *encrypted; /* borrowed */
	size_t encrypted_count;

	/* What the packets borrow from, if it is to outlive their frames; else it has no
	 * room.
	 */
	struct kept_bytes kept;

	size_t sip_count;
	struct sip_glance sip[PACKET_BATCH_SIP]; /* of its packets */

	struct packet packets[PACKET_BATCH];
};

/* limit: up to PACKET_BATCH.  keeps: payloads are copied.  ERR_NOMEM. */
MUST_CHECK enum status packet_batch_init(struct packet_batch *batch, size_t limit,
                                         bool keeps);
void packet_batch_free(struct packet_batch *batch); /* what it owns; zeroed is fine */

/* Nothing is in it, and nothing follows. */
static inline bool packet_batch_is_empty(const struct packet_batch *batch)
{
	return batch->count == 0 && batch->end == BATCH_ENDS;
}

void packet_batch_clear(struct packet_batch *batch);

/*
 * The next packets will be written where another processor has read before: to ask for that
 * memory in time makes filling a batch twice as fast.
 */
static inline void packet_batch_expect(const struct packet_batch *batch)
{
#if defined(__x86_64__)
	enum { LINE = 64, PACKETS_AHEAD = 12 };
	const char *packet = (const char *)&batch->packets[batch->count + PACKETS_AHEAD];
	__asm__ volatile("prefetchw %0" ::"m"(packet[0]));
	__asm__ volatile("prefetchw %0" ::"m"(packet[LINE]));
#else
	(void)batch; /* others write by without it */
#endif
}

#endif
