/*
 * packet_ring.h - a packet socket with its ring in shared memory (TPACKET_V3, packet(7)),
 * opened by one process and read by another that runs already.
 *
 * A handle of libpcap cannot be given to another process but by fork; a socket can.  So
 * what an engine is given while it runs (an interface that came back, or that the
 * configuration names now) comes this way; what frames mean stays libpcap's business: the
 * filter is compiled by it, and only interfaces with Ethernet frames are opened like this.
 */
#ifndef EARSHOT_PROBE_PACKET_RING_H
#define EARSHOT_PROBE_PACKET_RING_H

#include "probe/source_live.h"

struct packet_ring_shape {
	uint32_t block_bytes, block_count;
};

/*
 * The sockets of one interface, options->workers of them, the caller's from then on; -1 in
 * the places behind them.  Not blocking, and capturing.  ERR_UNSUPPORTED: its frames are
 * no Ethernet, or adapter stamps are wanted: a handle of libpcap is needed.  Others as
 * live_source_open.
 */
MUST_CHECK enum status packet_ring_open(const struct live_source_options *options,
                                        int fds[LIVE_WORKERS],
                                        struct packet_ring_shape *shape,
                                        char error[LIVE_ERROR_SIZE]);

struct packet_ring;

/*
 * Takes the socket over, also when it fails: ERR_NOMEM, ERR_IO.  The ledger, borrowed, says
 * where in the ring another process stopped, if one did: what that had in hand is passed
 * over, and what it had not seen yet comes.
 */
struct ring_ledger;
MUST_CHECK enum status packet_ring_map(int fd, const struct packet_ring_shape *shape,
                                       struct ring_ledger *ledger,
                                       struct packet_ring **out);

/*
 * Up to LIVE_BATCH frames that are there now; their bytes are borrowed until the next call.
 * Number, point and link type are the caller's to fill in.
 */
size_t packet_ring_next(struct packet_ring *ring, struct frame frames[LIVE_BATCH]);

int packet_ring_fd(const struct packet_ring *ring);
void packet_ring_free(struct packet_ring *ring); /* NULL is fine */

#endif
