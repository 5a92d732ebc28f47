/*
 * send.c - sends the frames of a capture into an interface, at a given rate and not at the
 * times they have: what a mirror port would do.
 *
 *   send FILE INTERFACE RATE PACKETS
 *
 * RATE is in packets a second, 0 = as fast as it goes.  Of a file with fewer PACKETS it
 * sends all.  Prints how many went out, and in how many seconds.
 */
#include <err.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64 };

struct frames {
	struct iovec *list;
	size_t count;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* All of it in memory first: a disk must not set the pace. */
static struct frames read_frames(const char *path, size_t most)
{
	char why[PCAP_ERRBUF_SIZE];
	struct frames frames = { .list = calloc(most, sizeof *frames.list) };
	pcap_t *pcap = pcap_open_offline(path, why);
	if (!pcap)
		errx(1, "%s", why);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	while (frames.list && frames.count < most &&
	       pcap_next_ex(pcap, &header, &bytes) == 1) {
		void *copy = malloc(header->caplen);
		if (!copy)
			err(1, "memory");
		memcpy(copy, bytes, header->caplen);
		frames.list[frames.count++] = (struct iovec){ copy, header->caplen };
	}
	pcap_close(pcap);
	if (frames.count == 0)
		errx(1, "%s: no frames", path);
	return frames;
}

static int open_interface(const char *name)
{
	const int one = 1;
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                             .sll_ifindex = (int)if_nametoindex(name) };
	const int fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || address.sll_ifindex == 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) < 0)
		err(1, "%s", name);
	return fd;
}

/* Waits until it is time for packet number `sent`. */
static void keep_pace(double begin, double rate, size_t sent)
{
	const double due = begin + (double)sent / rate;
	const double wait = due - now();
	if (wait > 0.0002) {
		const struct timespec t = { .tv_nsec = (long)(wait * 0.8e9) };
		nanosleep(&t, NULL);
	}
	while (now() < due)
		;
}

static void send_all(int fd, const struct frames *frames, double rate)
{
	struct mmsghdr messages[BATCH];
	memset(messages, 0, sizeof messages);
	const double begin = now();
	size_t sent = 0;
	while (sent < frames->count) {
		size_t batch = frames->count - sent < BATCH ? frames->count - sent : BATCH;
		if (rate > 0)
			keep_pace(begin, rate, sent);
		for (size_t i = 0; i < batch; i++) {
			messages[i].msg_hdr.msg_iov = &frames->list[sent + i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		const int done = sendmmsg(fd, messages, (unsigned int)batch, 0);
		if (done < 0 && errno != ENOBUFS && errno != EAGAIN)
			err(1, "sendmmsg");
		sent += done > 0 ? (size_t)done : 0;
	}
	printf("%zu %.6f\n", sent, now() - begin);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		errx(2, "usage: send FILE INTERFACE RATE PACKETS");
	const struct frames frames = read_frames(argv[1], strtoul(argv[4], NULL, 10));
	send_all(open_interface(argv[2]), &frames, strtod(argv[3], NULL));
	return 0;
}
