/*
 * source_live.h - frames from a network interface, by libpcap: a ring in shared memory
 * (TPACKET_V3), time stamps in nanoseconds.
 *
 * One process opens the handle, as root; another that it forks reads, without any right.
 * So reading never opens a file, and never blocks: pcap_dispatch may wait without end on a
 * silent link whatever its time-out says; who reads polls live_source_fd instead.
 */
#ifndef EARSHOT_PROBE_SOURCE_LIVE_H
#define EARSHOT_PROBE_SOURCE_LIVE_H

#include "analyzer/base/status.h"
#include "probe/frame.h"

enum {
	LIVE_INTERFACES = 8, /* at most, at a time */
	LIVE_SOURCES =
	        16,       /* at most, since the probe began: each has its number for good */
	LIVE_WORKERS = 8, /* at most, that share one */
	LIVE_BATCH = 64,  /* frames of one live_source_next */
	LIVE_ERROR_SIZE = 512, /* room for why it did not work */
};

struct live_source;

struct live_source_options {
	const char *interface;
	const char *bpf;      /* pcap-filter(7); NULL = every frame */
	int snaplen;          /* bytes kept of a frame, 64..65535 */
	int buffer_mib;       /* the ring, 1..2047; of all workers together */
	unsigned int workers; /* that share its frames; 0 is 1 */
	bool adapter_stamps;  /* by the adapter's clock, where it has one */
	bool promiscuous;     /* also frames for others: a mirror port has no other */
	uint16_t number;      /* of the interface, in its frames */
	uint8_t point;        /* of the network, in its frames */
};

struct live_source_stats {
	uint64_t received; /* that the filter let through, dropped ones too */
	uint64_t dropped;  /* by the kernel: the ring was full */
	uint64_t waiting;  /* not dropped, and not taken out of the ring yet */
};

/*
 * ERR_NOT_FOUND: there is no such interface, or it is down.  ERR_MALFORMED: the filter does
 * not compile.  ERR_IO for the rest (no right to capture).  `error` says why.
 */
MUST_CHECK enum status live_source_open(const struct live_source_options *options,
                                        struct live_source **out,
                                        char error[LIVE_ERROR_SIZE]);

/*
 * Each worker has a ring of its own.  The kernel deals frames to them by a hash of
 * addresses, protocol and ports that is the same both ways (PACKET_FANOUT): so a flow stays
 * with one.
 */
struct live_ring;
size_t live_source_rings(const struct live_source *source);
struct live_ring *live_source_ring(struct live_source *source, size_t worker);

/* To be polled for POLLIN; errors show there too. */
int live_ring_fd(const struct live_ring *ring);

/*
 * Up to LIVE_BATCH frames that are there now; borrowed until the next call.  ERR_NOT_FOUND:
 * the interface has gone, `error` says how.
 */
MUST_CHECK enum status live_ring_next(struct live_ring *ring,
                                      struct frame frames[LIVE_BATCH], size_t *count,
                                      char error[LIVE_ERROR_SIZE]);

/*
 * The same of sockets that were opened for it and handed over (packet_ring.h), which it
 * takes over also when it fails.  The ledger, borrowed, says how far somebody came who read
 * them before: it goes on there.  ERR_NOMEM, ERR_IO.
 */
struct packet_ring_shape;
struct source_ledger;
MUST_CHECK enum status live_source_adopt(const int *fds, size_t count, uint16_t number,
                                         const struct packet_ring_shape *shape,
                                         struct source_ledger *ledger,
                                         struct live_source **out);

/* Of one that was just opened: how far it is read is written there, borrowed. */
void live_source_set_ledger(struct live_source *source, struct source_ledger *ledger);
/* That many of its frames are analysed, or counted as dropped. */
void live_source_settle(struct live_source *source, uint64_t frames);

/* Stamps are by that clock from then on, borrowed; NULL, as at first: by the kernel's. */
struct steady_clock;
void live_source_set_clock(struct live_source *source, const struct steady_clock *clock);

/* Its frames before that are of the source whose place it takes. */
void live_source_begin_at(struct live_source *source, nstime from);

/* Frames from then on belong to the source that takes its place, and are not given. */
void live_source_end_at(struct live_source *source, nstime until);
/* All that is before that was given; now: by the same clock as the stamps. */
bool live_ring_is_over(const struct live_ring *ring, nstime now);

/* Where in the network it listens, from the next frames on; any thread's. */
void live_source_set_point(struct live_source *source, uint8_t point);

/* Of all rings, since it was opened or taken over, with what waited then; frames that are
 * another source's left out.  The kernel's own counters are 32 bits wide and may wrap. */
struct live_source_stats live_source_stats(struct live_source *source);
/* What the kernel has counted since it was last asked goes to the ledger. */
void live_socket_count(int fd, struct source_ledger *ledger);
/* Each frame that the kernel counts comes out of a ring: of a loop, they come twice, and
 * one of the two is passed over. */
bool live_socket_gives_all(int fd);

/* What a source that is closed counted, to those before it; rest: how much of what waited
 * in it nobody else will take. */
void live_source_stats_add(struct live_source_stats *to,
                           const struct live_source_stats *more, uint64_t rest);

/* In the process that has opened it and in that which reads: each closes its own. */
void live_source_close(struct live_source *source); /* NULL is fine */

#endif
