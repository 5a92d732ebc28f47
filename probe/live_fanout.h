/*
 * live_fanout.h - several packet sockets of one interface share its frames.
 */
#ifndef EARSHOT_PROBE_LIVE_FANOUT_H
#define EARSHOT_PROBE_LIVE_FANOUT_H

#include <pcap/pcap.h>

#include "analyzer/base/status.h"

/* Of a handle that does not block: what has come so far, and the kernel's account of it. */
void live_fanout_forget(pcap_t *handle);

/*
 * Makes a group of activated handles, which do not block.  Until then each heard
 * everything: what they have is thrown away, and their filters are gone.  Takes some
 * hundredths of a second.  ERR_IO: errno says why.
 */
MUST_CHECK enum status live_fanout_join(pcap_t *const *handles, size_t count);

#endif
