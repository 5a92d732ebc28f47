#include "probe/source_live.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/live_fanout.h"
#include "probe/monitor.h"
#include "probe/packet_ring.h"

/*
 * How long the kernel fills a block of the ring before it hands it over half empty: short
 * enough for people, long enough that a busy link never waits for it.
 */
enum { BLOCK_MS = 20, LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101, LEAST_RING = 1 << 20 };
/* By then a block has been handed over, and the machine may be busy. */
#define SHOWN_AFTER (60 * NS_PER_MS)
/* Of a ring whose place is taken: whatever it has left. */
#define LAST_CHANCE (500 * NS_PER_MS)

struct live_ring {
	pcap_t *pcap;               /* owned; NULL: there is a socket instead */
	struct packet_ring *socket; /* owned */
	uint16_t number;
	uint16_t link_type;
	_Atomic uint8_t point;

	/* Of a source that takes the place of another, and of that other one. */
	nstime from;          /* NSTIME_NONE: any */
	_Atomic nstime until; /* INT64_MAX: for good */
	atomic_bool is_over;
	_Atomic uint64_t taken; /* frames out of the ring */

	/* What is being read. */
	struct frame *frames; /* borrowed from the caller */
	size_t count;
	uint8_t *bytes; /* owned; LIVE_BATCH frames at their longest */
	size_t used;
};

struct live_source {
	struct live_ring rings[LIVE_WORKERS];
	size_t count;
	bool takes_all; /* each frame that the kernel counts comes out of a ring */
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

static void ring_init(struct live_ring *ring, uint16_t number)
{
	ring->number = number;
	ring->from = NSTIME_NONE;
	atomic_init(&ring->point, 0);
	atomic_init(&ring->until, INT64_MAX);
	atomic_init(&ring->is_over, false);
	atomic_init(&ring->taken, 0);
}

static enum status open_ring(const struct live_source_options *options,
                             struct live_ring *ring, char error[LIVE_ERROR_SIZE])
{
	char text[PCAP_ERRBUF_SIZE] = "";
	ring_init(ring, options->number);
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

/* Of a loop, frames come twice, and one of the two is passed over. */
static bool takes_all(const struct live_source *source)
{
	struct sockaddr_ll at = { 0 };
	socklen_t len = sizeof at;
	return getsockname(live_ring_fd(&source->rings[0]), (struct sockaddr *)&at, &len) ==
	               0 &&
	       at.sll_ifindex != 0 && at.sll_hatype != ARPHRD_LOOPBACK;
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
	if (status == OK && options->bpf && workers == 1)
		live_fanout_forget(handles[0]);
	source->takes_all = status == OK && takes_all(source);
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

enum status live_source_adopt(const int *fds, size_t count, uint16_t number,
                              const struct packet_ring_shape *shape, nstime from,
                              struct live_source **out)
{
	struct live_source *source = calloc(1, sizeof *source);
	enum status status = source ? OK : ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct live_ring *ring = source ? &source->rings[i] : NULL;
		if (status != OK || i >= LIVE_WORKERS) {
			close(fds[i]);
			continue;
		}
		ring_init(ring, number);
		ring->link_type = LINKTYPE_ETHERNET;
		ring->from = from;
		source->count = i + 1;
		status = packet_ring_map(fds[i], shape, &ring->socket);
	}
	if (status != OK) {
		live_source_close(source);
		return status;
	}
	source->takes_all = takes_all(source);
	*out = source;
	return OK;
}

void live_source_set_point(struct live_source *source, uint8_t point)
{
	for (size_t i = 0; i < source->count; i++)
		atomic_store_explicit(&source->rings[i].point, point, memory_order_relaxed);
}

void live_source_end_at(struct live_source *source, nstime until)
{
	for (size_t i = 0; i < source->count; i++)
		atomic_store(&source->rings[i].until, until);
}

bool live_ring_is_over(const struct live_ring *ring, nstime now)
{
	const nstime until = atomic_load(&ring->until);
	return atomic_load(&ring->is_over) ||
	       (until != INT64_MAX && now >= until && now - until >= LAST_CHANCE);
}

int live_ring_fd(const struct live_ring *ring)
{
	return ring->pcap ? pcap_get_selectable_fd(ring->pcap)
	                  : packet_ring_fd(ring->socket);
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
		.point = atomic_load_explicit(&ring->point, memory_order_relaxed),
	};
}

/* Of frames that are another ring's to give: before this one's time, or behind it. */
static void change_over(struct live_ring *ring, size_t *count, nstime asked)
{
	const nstime until = atomic_load(&ring->until);
	size_t kept = 0;
	bool is_over = *count == 0 && until != INT64_MAX && asked - until >= SHOWN_AFTER;
	for (size_t i = 0; i < *count; i++) {
		const struct frame frame = ring->frames[i];
		if (frame.at >= ring->from && frame.at < until)
			ring->frames[kept++] = frame;
		is_over = is_over || frame.at >= until;
	}
	*count = kept;
	if (is_over)
		atomic_store(&ring->is_over, true);
}

static size_t next_of_socket(struct live_ring *ring, struct frame frames[LIVE_BATCH])
{
	const size_t count = packet_ring_next(ring->socket, frames);
	const uint8_t point = atomic_load_explicit(&ring->point, memory_order_relaxed);
	for (size_t i = 0; i < count; i++) {
		frames[i].link_type = ring->link_type;
		frames[i].interface = ring->number;
		frames[i].point = point;
	}
	return count;
}

enum status live_ring_next(struct live_ring *ring, struct frame frames[LIVE_BATCH],
                           size_t *count, char error[LIVE_ERROR_SIZE])
{
	int code = 0;
	ring->frames = frames;
	ring->count = ring->used = 0;
	const bool changes =
	        ring->from != NSTIME_NONE ||
	        atomic_load_explicit(&ring->until, memory_order_relaxed) != INT64_MAX;
	const nstime asked = changes ? monitor_now() : 0;
	if (ring->socket)
		ring->count = next_of_socket(ring, frames);
	else
		code = pcap_dispatch(ring->pcap, LIVE_BATCH, take_frame, (u_char *)ring);
	*count = ring->count;
	atomic_fetch_add_explicit(&ring->taken, ring->count, memory_order_relaxed);
	if (changes)
		change_over(ring, count, asked);
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
	uint64_t taken = 0;
	for (size_t i = 0; i < source->count; i++) {
		struct tpacket_stats_v3 now = { 0 };
		taken +=
		        atomic_load_explicit(&source->rings[i].taken, memory_order_relaxed);
		socklen_t len = sizeof now;
		if (getsockopt(live_ring_fd(&source->rings[i]), SOL_PACKET,
		               PACKET_STATISTICS, &now, &len) != 0)
			continue;
		source->stats.received += now.tp_packets;
		source->stats.dropped += now.tp_drops;
	}
	/* What was taken meanwhile was counted before, or is with the next call. */
	const uint64_t gone = source->stats.dropped + taken;
	source->stats.waiting = source->takes_all && source->stats.received > gone
	                                ? source->stats.received - gone
	                                : 0;
	return source->stats;
}

void live_source_stats_add(struct live_source_stats *to,
                           const struct live_source_stats *more, uint64_t rest)
{
	to->received += more->received - more->waiting + rest;
	to->dropped += more->dropped + rest;
}

void live_source_close(struct live_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->count; i++) {
		if (source->rings[i].pcap)
			pcap_close(source->rings[i].pcap);
		packet_ring_free(source->rings[i].socket);
		free(source->rings[i].bytes);
	}
	free(source);
}
