#include "probe/source_live.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "probe/live_fanout.h"

/*
 * How long the kernel fills a block of the ring before it hands it over half empty: short
 * enough for people, long enough that a busy link never waits for it.
 */
enum { BLOCK_MS = 20, LINKTYPE_RAW = 101, LEAST_RING = 1 << 20 };

struct live_ring {
	pcap_t *pcap; /* owned */
	uint16_t number;
	uint8_t point;
	uint16_t link_type;

	/* What is being read. */
	struct frame *frames; /* borrowed from the caller */
	size_t count;
	uint8_t *bytes; /* owned; LIVE_BATCH frames at their longest */
	size_t used;
};

struct live_source {
	struct live_ring rings[LIVE_WORKERS];
	size_t count;
	struct live_source_stats stats;
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

/* Each has its part of the room. */
static int ring_bytes(const struct live_source_options *options)
{
	const int all = options->buffer_mib << 20;
	const int part = options->workers > 1 ? all / (int)options->workers : all;
	return part > LEAST_RING ? part : LEAST_RING;
}

static enum status activate(pcap_t *pcap, const struct live_source_options *options,
                            char *error)
{
	pcap_set_snaplen(pcap, options->snaplen);
	pcap_set_promisc(pcap, options->promiscuous);
	pcap_set_timeout(pcap, BLOCK_MS);
	pcap_set_buffer_size(pcap, ring_bytes(options));
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

static enum status open_ring(const struct live_source_options *options,
                             struct live_ring *ring, char error[LIVE_ERROR_SIZE])
{
	char text[PCAP_ERRBUF_SIZE] = "";
	ring->number = options->number;
	ring->point = options->point;
	ring->bytes = malloc((size_t)LIVE_BATCH * (size_t)options->snaplen);
	ring->pcap = pcap_create(options->interface, text);
	enum status status = ring->bytes ? OK : ERR_NOMEM;
	if (status == OK && !ring->pcap) {
		snprintf(error, LIVE_ERROR_SIZE, "%s: %s", options->interface, text);
		status = ERR_IO;
	}
	if (status == OK)
		status = activate(ring->pcap, options, error);
	if (status == OK)
		status = set_filter(ring->pcap, options, error);
	if (status == OK && pcap_setnonblock(ring->pcap, 1, text) < 0) {
		snprintf(error, LIVE_ERROR_SIZE, "%s: %s", options->interface, text);
		status = ERR_IO;
	}
	if (status == OK)
		ring->link_type = link_type_of(ring->pcap);
	return status;
}

enum status live_source_open(const struct live_source_options *options,
                             struct live_source **out, char error[LIVE_ERROR_SIZE])
{
	struct live_source *source = calloc(1, sizeof *source);
	enum status status = source ? OK : ERR_NOMEM;
	const size_t workers = options->workers > 1 ? options->workers : 1;
	pcap_t *handles[LIVE_WORKERS];
	while (status == OK && source->count < workers) {
		struct live_ring *ring = &source->rings[source->count];
		status = open_ring(options, ring, error);
		handles[source->count++] = ring->pcap;
	}
	if (status == OK && workers > 1 && live_fanout_join(handles, workers) != OK) {
		snprintf(error, LIVE_ERROR_SIZE, "%s: frames cannot be shared out: %s",
		         options->interface, strerror(errno));
		status = ERR_IO;
	}
	for (size_t i = 0; status == OK && workers > 1 && i < workers; i++)
		status = set_filter(handles[i], options, error);
	if (status != OK) {
		live_source_close(source);
		return status;
	}
	*out = source;
	return OK;
}

size_t live_source_rings(const struct live_source *source)
{
	return source->count;
}

struct live_ring *live_source_ring(struct live_source *source, size_t worker)
{
	return &source->rings[worker];
}

int live_ring_fd(const struct live_ring *ring)
{
	return pcap_get_selectable_fd(ring->pcap);
}

/* The ring takes its block back as soon as the last frame of it was shown: so each is
 * copied. */
static void take_frame(u_char *self, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct live_ring *ring = (struct live_ring *)self;
	uint8_t *copy = ring->bytes + ring->used;
	memcpy(copy, bytes, header->caplen);
	ring->used += header->caplen;
	ring->frames[ring->count++] = (struct frame){
		/* Nanoseconds, as was asked for, whatever the member's name. */
		.at = (nstime)header->ts.tv_sec * NS_PER_SEC + header->ts.tv_usec,
		.bytes = { copy, header->caplen },
		.length = header->len > header->caplen ? header->len : header->caplen,
		.link_type = ring->link_type,
		.interface = ring->number,
		.point = ring->point,
	};
}

enum status live_ring_next(struct live_ring *ring, struct frame frames[LIVE_BATCH],
                           size_t *count, char error[LIVE_ERROR_SIZE])
{
	ring->frames = frames;
	ring->count = ring->used = 0;
	const int code = pcap_dispatch(ring->pcap, LIVE_BATCH, take_frame, (u_char *)ring);
	*count = ring->count;
	if (code >= 0)
		return OK;
	snprintf(error, LIVE_ERROR_SIZE, "%s", pcap_geterr(ring->pcap));
	return ERR_NOT_FOUND;
}

/*
 * Asked of the socket itself, for pcap_stats opens files of /sys.  The kernel counts from
 * zero each time that it is asked, dropped frames among those received.
 */
struct live_source_stats live_source_stats(struct live_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		struct tpacket_stats_v3 now = { 0 };
		socklen_t len = sizeof now;
		if (getsockopt(pcap_fileno(source->rings[i].pcap), SOL_PACKET,
		               PACKET_STATISTICS, &now, &len) != 0)
			continue;
		source->stats.received += now.tp_packets;
		source->stats.dropped += now.tp_drops;
	}
	return source->stats;
}

void live_source_close(struct live_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->count; i++) {
		if (source->rings[i].pcap)
			pcap_close(source->rings[i].pcap);
		free(source->rings[i].bytes);
	}
	free(source);
}
