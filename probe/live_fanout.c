#include "probe/live_fanout.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

/* The kernel hands over a block that is not full after 20 ms. */
enum { LAST_BLOCK_NS = 50 * 1000 * 1000 };

static bool refuse_all(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = { 1, &nothing };
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

/* *group: 0 = a new one, which is then told. */
static bool join(int fd, unsigned int *group)
{
	unsigned int flags = PACKET_FANOUT_HASH;
	if (*group == 0)
		flags |= PACKET_FANOUT_FLAG_UNIQUEID;
	const unsigned int wanted = flags << 16 | *group;
	unsigned int got = 0;
	socklen_t len = sizeof got;
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &wanted, sizeof wanted) != 0 ||
	    getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &got, &len) != 0)
		return false;
	*group = got & 0xffff;
	return true;
}

static void pass_over(u_char *self, const struct pcap_pkthdr *header, const u_char *bytes)
{
	(void)self;
	(void)header;
	(void)bytes;
}

void live_fanout_forget(pcap_t *handle)
{
	struct tpacket_stats_v3 stats;
	socklen_t len = sizeof stats;
	while (pcap_dispatch(handle, -1, pass_over, NULL) > 0) {
	}
	(void)getsockopt(pcap_fileno(handle), SOL_PACKET, PACKET_STATISTICS, &stats, &len);
}

enum status live_fanout_join(pcap_t *const *handles, size_t count)
{
	const struct timespec last_block = { .tv_nsec = LAST_BLOCK_NS };
	unsigned int group = 0;
	for (size_t i = 0; i < count; i++)
		if (!refuse_all(pcap_fileno(handles[i])))
			return ERR_IO;
	for (size_t i = 0; i < count; i++)
		if (!join(pcap_fileno(handles[i]), &group))
			return ERR_IO;
	nanosleep(&last_block, NULL);
	for (size_t i = 0; i < count; i++)
		live_fanout_forget(handles[i]);
	const int nothing = 0;
	for (size_t i = 0; i < count; i++)
		if (setsockopt(pcap_fileno(handles[i]), SOL_SOCKET, SO_DETACH_FILTER,
		               &nothing, sizeof nothing) != 0)
			return ERR_IO;
	return OK;
}
