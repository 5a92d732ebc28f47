#include "probe/kept_sockets.h"

#include <fcntl.h>
#include <unistd.h>

static bool copy_all(const int *fds, size_t count, int *to)
{
	for (size_t i = 0; i < count; i++) {
		to[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (to[i] >= 0)
			continue;
		while (i > 0)
			close(to[--i]);
		return false;
	}
	return true;
}

bool kept_sockets_take(struct kept_sockets *kept, const int *fds, size_t count,
                       const struct packet_ring_shape *shape)
{
	kept_sockets_drop(kept);
	kept->set = (kept->set + 1) % LEDGER_SETS;
	kept->has_shape = shape != NULL;
	if (shape)
		kept->shape = *shape;
	if (!copy_all(fds, count, kept->fds))
		return false;
	kept->count = count;
	return true;
}

void kept_sockets_drop(struct kept_sockets *kept)
{
	while (kept->count > 0)
		close(kept->fds[--kept->count]);
}

bool kept_sockets_copy(const struct kept_sockets *kept, int fds[LIVE_WORKERS])
{
	return copy_all(kept->fds, kept->count, fds);
}

uint64_t kept_sockets_settle(const struct kept_sockets *kept, struct frame_ledger *ledger,
                             size_t interface, bool goes_on, uint64_t *dropped)
{
	struct source_ledger *of = &ledger->sources[interface][kept->set];
	const uint64_t before = ledger_get(&of->dropped);
	*dropped = 0;
	if (!kept->count)
		return 0;
	for (size_t i = 0; i < kept->count; i++)
		live_socket_count(kept->fds[i], of);
	*dropped = ledger_get(&of->dropped) - before;
	/* Of a loop, what the kernel counts is not what there was to be read. */
	const bool by_count = live_socket_gives_all(kept->fds[0]);
	const uint64_t lost = source_ledger_lost(of, goes_on || !by_count);
	ledger_add(&of->settled, lost);
	return lost;
}
