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

#include "probe/frame_ledger.h"
#include "probe/live_fanout.h"
#include "probe/monitor.h"
#include "probe/packet_ring.h"
#include "probe/steady_clock.h"

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
	struct ring_ledger *ledger; /* borrowed */
	const struct steady_clock
	        *clock; /* borrowed; NULL: the kernel's stamps are right */

	/* What is being read. */
	struct frame *frames; /* borrowed from the caller */
	size_t count;
	uint8_t *bytes; /* owned; LIVE_BATCH frames at their longest */
	size_t used;
};

struct live_source {
	struct live_ring rings[LIVE_WORKERS];
	size_t count;
	bool takes_all;
	struct source_ledger *ledger; /* borrowed; `own` while nobody lent one */
	struct source_ledger own;
	uint64_t base_received, base_dropped; /* before it was taken over */
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

static void ring_init(struct live_ring *ring, uint16_t number, struct ring_ledger *ledger)
{
	ring->number = number;
	ring->ledger = ledger;
	ring->from = NSTIME_NONE;
	atomic_init(&ring->point, 0);
	atomic_init(&ring->until, INT64_MAX);
	atomic_init(&ring->is_over, false);
}

static enum status open_ring(const struct live_source_options *options,
                             struct live_ring *ring, char error[LIVE_ERROR_SIZE])
{
	char text[PCAP_ERRBUF_SIZE] = "";
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

bool live_socket_gives_all(int fd)
{
	struct sockaddr_ll at = { 0 };
	socklen_t len = sizeof at;
	return getsockname(fd, (struct sockaddr *)&at, &len) == 0 && at.sll_ifindex != 0 &&
	       at.sll_hatype != ARPHRD_LOOPBACK;
}

void live_source_set_ledger(struct live_source *source, struct source_ledger *ledger)
{
	source->ledger = ledger;
	for (size_t i = 0; i < source->count; i++)
		source->rings[i].ledger = &ledger->rings[i];
}

void live_source_settle(struct live_source *source, uint64_t frames)
{
	ledger_add(&source->ledger->settled, frames);
}

enum status live_source_open(const struct live_source_options *options,
                             struct live_source **out, char error[LIVE_ERROR_SIZE])
{
	struct live_source *source = calloc(1, sizeof *source);
	enum status status = source ? OK : ERR_NOMEM;
	const size_t workers = options->workers > 1 ? options->workers : 1;
	pcap_t *handles[LIVE_WORKERS];
	if (source)
		source->ledger = &source->own;
	while (status == OK && source->count < workers) {
		struct live_ring *ring = &source->rings[source->count];
		ring_init(ring, options->number, &source->own.rings[source->count]);
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
	if (status != OK) {
		live_source_close(source);
		return status;
	}
	source->takes_all = live_socket_gives_all(live_ring_fd(&source->rings[0]));
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

/* What waits in it is its own; what was taken or dropped before is not. */
static void note_base(struct live_source *source)
{
	const struct source_ledger *ledger = source->ledger;
	source->base_received = source->base_dropped = ledger_get(&ledger->dropped);
	for (size_t i = 0; i < source->count; i++)
		source->base_received += ledger_get(&ledger->rings[i].taken) -
		                         ledger_get(&ledger->rings[i].elsewhere);
}

enum status live_source_adopt(const int *fds, size_t count, uint16_t number,
                              const struct packet_ring_shape *shape,
                              struct source_ledger *ledger, struct live_source **out)
{
	struct live_source *source = calloc(1, sizeof *source);
	enum status status = source ? OK : ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct live_ring *ring = source ? &source->rings[i] : NULL;
		if (status != OK || i >= LIVE_WORKERS) {
			close(fds[i]);
			continue;
		}
		ring_init(ring, number, &ledger->rings[i]);
		ring->link_type = LINKTYPE_ETHERNET;
		source->count = i + 1;
		status = packet_ring_map(fds[i], shape, ring->ledger, &ring->socket);
	}
	if (status != OK) {
		live_source_close(source);
		return status;
	}
	source->takes_all = live_socket_gives_all(live_ring_fd(&source->rings[0]));
	source->ledger = ledger;
	note_base(source);
	*out = source;
	return OK;
}

void live_source_set_clock(struct live_source *source, const struct steady_clock *clock)
{
	for (size_t i = 0; i < source->count; i++)
		source->rings[i].clock = clock;
}

void live_source_begin_at(struct live_source *source, nstime from)
{
	for (size_t i = 0; i < source->count; i++)
		source->rings[i].from = from;
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
	ledger_add(&ring->ledger->elsewhere, *count - kept);
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
	const nstime asked = ring->clock ? steady_clock_now(ring->clock) : monitor_now();
	if (ring->socket)
		ring->count = next_of_socket(ring, frames);
	else
		code = pcap_dispatch(ring->pcap, LIVE_BATCH, take_frame, (u_char *)ring);
	*count = ring->count;
	ledger_add(&ring->ledger->taken, ring->count);
	for (size_t i = 0; ring->clock && i < *count; i++)
		frames[i].at = steady_clock_of(ring->clock, frames[i].at, asked);
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
void live_socket_count(int fd, struct source_ledger *ledger)
{
	struct tpacket_stats_v3 now = { 0 };
	socklen_t len = sizeof now;
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &now, &len) != 0)
		return;
	ledger_add(&ledger->received, now.tp_packets);
	ledger_add(&ledger->dropped, now.tp_drops);
}

struct live_source_stats live_source_stats(struct live_source *source)
{
	struct source_ledger *ledger = source->ledger;
	uint64_t taken = 0;
	uint64_t elsewhere = 0;
	for (size_t i = 0; i < source->count; i++) {
		elsewhere += ledger_get(&source->rings[i].ledger->elsewhere);
		taken += ledger_get(&source->rings[i].ledger->taken);
		live_socket_count(live_ring_fd(&source->rings[i]), ledger);
	}
	const uint64_t received = ledger_get(&ledger->received);
	const uint64_t dropped = ledger_get(&ledger->dropped);
	/* What was taken meanwhile was counted before, or is with the next call. */
	const uint64_t gone = dropped + taken;
	return (struct live_source_stats){
		.received = received - elsewhere - source->base_received,
		.dropped = dropped - source->base_dropped,
		.waiting = source->takes_all && received > gone ? received - gone : 0,
	};
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
