/*
 * empty_loop.c - the least that reading a capture can cost: libpcap and a counter.
 *
 * The benchmark's yardstick: what `earshot analyze` takes is told as a multiple of what
 * this takes over the same file, in the same run, on the same machine.
 */
#include <err.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct count {
	uint64_t packets, octets;
};

static void count_packet(u_char *self, const struct pcap_pkthdr *header,
                         const u_char *frame)
{
	struct count *count = (struct count *)(void *)self;
	(void)frame;
	count->packets++;
	count->octets += header->caplen;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: empty_loop FILE");
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(argv[1], why);
	if (!pcap)
		errx(1, "%s", why);
	struct count count = { 0 };
	if (pcap_loop(pcap, -1, count_packet, (u_char *)&count) != 0)
		errx(1, "%s: %s", argv[1], pcap_geterr(pcap));
	pcap_close(pcap);
	printf("%" PRIu64 " packets, %" PRIu64 " octets\n", count.packets, count.octets);
	return 0;
}
