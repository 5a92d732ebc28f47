/*
 * monitor_receivers.h - sockets for the notifier: the parent makes them, for the receivers
 * of the configuration and for no other place, when their address is known.
 */
#ifndef EARSHOT_PROBE_MONITOR_RECEIVERS_H
#define EARSHOT_PROBE_MONITOR_RECEIVERS_H

#include <poll.h>

#include "probe/monitor.h"
#include "probe/notify_resolve.h"

struct receiving {
	const struct monitor_options *options; /* borrowed */
	struct resolver resolvers[RECEIVERS];
};

void receiving_init(struct receiving *receiving, const struct monitor_options *options);
void receiving_free(struct receiving *receiving);

/* The notifier at the other end of `control` wants one of that receiver. */
void receiving_ask(struct receiving *receiving, uint32_t number, int control);

/* What to wait for, at most RECEIVERS, and that there may be some. */
nfds_t receiving_poll(const struct receiving *receiving, struct pollfd *polled);
void receiving_hear(struct receiving *receiving, int control);

/* Is there something to be read again, and can it be?  Says why not. */
bool receiving_may_reload(const struct receiving *receiving);

#endif
