#include "probe/source_live.h"

#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * How long the kernel fills a block of the ring before it hands it over half empty: short
 * enough for people, long enough that a busy link never waits for it.
 */
enum { BLOCK_MS = 20, LINKTYPE_RAW = 101 };

struct live_source {
	pcap_t *pcap; /* owned */
	uint16_t number;
	uint16_t link_type;
	struct live_source_stats stats;

	/* What is being read. */
	struct frame *frames; /* borrowed from the caller */
	size_t count;
	uint8_t *bytes; /* owned; LIVE_BATCH frames at their longest */
	size_t used;
};

static enum status status_of(int code)
{
	switch (code) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
	case PCAP_ERROR_IFACE_NOT_UP:
		return ERR_NOT_FOUND;
	default:
		return ERR_IO;
	}
}

static enum status activate(pcap_t *pcap, const struct live_source_options *options,
                            char *error)
{
	pcap_set_snaplen(pcap, options->snaplen);
	pcap_set_promisc(pcap, options->promiscuous);
	pcap_set_timeout(pcap, BLOCK_MS);
	pcap_set_buffer_size(pcap, options->buffer_mib << 20);
	if (options->adapter_stamps)
		(void)pcap_set_tstamp_type(pcap, PCAP_TSTAMP_ADAPTER); /* else the host's */
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	const int code = pcap_activate(pcap);
	if (code >= 0)
		return OK;
	snprintf(error, LIVE_ERROR_SIZE, "%s: %s (%s)", options->interface,
	         pcap_statustostr(code), pcap_geterr(pcap));
	return status_of(code);
}

static enum status set_filter(pcap_t *pcap, const struct live_source_options *options,
                              char *error)
{
	struct bpf_program program;
	if (!options->bpf)
		return OK;
	if (pcap_compile(pcap, &program, options->bpf, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		snprintf(error, LIVE_ERROR_SIZE, "%s", pcap_geterr(pcap));
		return ERR_MALFORMED;
	}
	const int code = pcap_setfilter(pcap, &program);
	pcap_freecode(&program);
	if (code == 0)
		return OK;
	snprintf(error, LIVE_ERROR_SIZE, "%s: %s", options->interface, pcap_geterr(pcap));
	return ERR_IO;
}

/* What files call it (tcpdump.org/linktypes): the same but for one. */
static uint16_t link_type_of(pcap_t *pcap)
{
	const int link = pcap_datalink(pcap);
	return link == DLT_RAW ? LINKTYPE_RAW : (uint16_t)link;
}

enum status live_source_open(const struct live_source_options *options,
                             struct live_source **out, char error[LIVE_ERROR_SIZE])
{
	char text[PCAP_ERRBUF_SIZE] = "";
	struct live_source *source = calloc(1, sizeof *source);
	if (!source)
		return ERR_NOMEM;
	source->number = options->number;
	source->bytes = malloc((size_t)LIVE_BATCH * (size_t)options->snaplen);
	source->pcap = pcap_create(options->interface, text);
	enum status status = source->bytes ? OK : ERR_NOMEM;
	if (status == OK && !source->pcap) {
		snprintf(error, LIVE_ERROR_SIZE, "%s: %s", options->interface, text);
		status = ERR_IO;
	}
	if (status == OK)
		status = activate(source->pcap, options, error);
	if (status == OK)
		status = set_filter(source->pcap, options, error);
	if (status == OK && pcap_setnonblock(source->pcap, 1, text) < 0) {
		snprintf(error, LIVE_ERROR_SIZE, "%s: %s", options->interface, text);
		status = ERR_IO;
	}
	if (status != OK) {
		live_source_close(source);
		return status;
	}
	source->link_type = link_type_of(source->pcap);
	*out = source;
	return OK;
}

int live_source_fd(const struct live_source *source)
{
	return pcap_get_selectable_fd(source->pcap);
}

/* The ring takes its block back as soon as the last frame of it was shown: so each is
 * copied. */
static void take_frame(u_char *self, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct live_source *source = (struct live_source *)self;
	uint8_t *copy = source->bytes + source->used;
	memcpy(copy, bytes, header->caplen);
	source->used += header->caplen;
	source->frames[source->count++] = (struct frame){
		/* Nanoseconds, as was asked for, whatever the member's name. */
		.at = (nstime)header->ts.tv_sec * NS_PER_SEC + header->ts.tv_usec,
		.bytes = { copy, header->caplen },
		.length = header->len > header->caplen ? header->len : header->caplen,
		.link_type = source->link_type,
		.interface = source->number,
	};
}

enum status live_source_next(struct live_source *source, struct frame frames[LIVE_BATCH],
                             size_t *count, char error[LIVE_ERROR_SIZE])
{
	source->frames = frames;
	source->count = source->used = 0;
	const int code =
	        pcap_dispatch(source->pcap, LIVE_BATCH, take_frame, (u_char *)source);
	*count = source->count;
	if (code >= 0)
		return OK;
	snprintf(error, LIVE_ERROR_SIZE, "%s", pcap_geterr(source->pcap));
	return ERR_NOT_FOUND;
}

/*
 * Asked of the socket itself, for pcap_stats opens files of /sys.  The kernel counts from
 * zero each time that it is asked, dropped frames among those received.
 */
struct live_source_stats live_source_stats(struct live_source *source)
{
	struct tpacket_stats_v3 now = { 0 };
	socklen_t len = sizeof now;
	if (getsockopt(pcap_fileno(source->pcap), SOL_PACKET, PACKET_STATISTICS, &now,
	               &len) == 0) {
		source->stats.received += now.tp_packets;
		source->stats.dropped += now.tp_drops;
	}
	return source->stats;
}

void live_source_close(struct live_source *source)
{
	if (!source)
		return;
	if (source->pcap)
		pcap_close(source->pcap);
	free(source->bytes);
	free(source);
}
