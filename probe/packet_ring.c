#include "probe/packet_ring.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/frame_ledger.h"

enum {
	/* Room for the longest frame, and for many short ones.  Not more: after BLOCK_MS a
	 * block is over that has one frame, so their number is how long nobody may read. */
	BLOCK_BYTES = 1 << 17,
	BLOCKS_LEAST = 4,
	FRAME_BYTES = 2048, /* of no meaning to this version, but asked for */
	BLOCK_MS = 20,      /* as in source_live.c */
	PROBING_BYTES = 1 << 20,
	TAG_BYTES = 4, /* IEEE 802.1Q, which the kernel takes out of the frame */
	ADDRESSES_BYTES = 2 * ETH_ALEN,
};

/* --- who opens it --------------------------------------------------------------------- */

static enum status fail(const char *interface, const char *why, char error[LIVE_ERROR_SIZE])
{
	const int code = errno;
	snprintf(error, LIVE_ERROR_SIZE, "%s: %s: %s", interface, why, strerror(code));
	return code == ENODEV || code == ENETDOWN ? ERR_NOT_FOUND : ERR_IO;
}

/* libpcap knows what frames of the interface are, and what a filter for them is. */
static enum status compile(const struct live_source_options *options,
                           struct bpf_program *program, char error[LIVE_ERROR_SIZE])
{
	char text[PCAP_ERRBUF_SIZE] = "";
	enum status status = OK;
	pcap_t *handle = pcap_create(options->interface, text);
	if (handle) {
		pcap_set_snaplen(handle, options->snaplen);
		pcap_set_buffer_size(handle, PROBING_BYTES);
	}
	if (!handle || pcap_activate(handle) < 0) {
		snprintf(error, LIVE_ERROR_SIZE, "%s: %s", options->interface,
		         handle ? pcap_geterr(handle) : text);
		status = ERR_NOT_FOUND;
	} else if (pcap_datalink(handle) != DLT_EN10MB) {
		status = ERR_UNSUPPORTED;
	} else if (pcap_compile(handle, program, options->bpf ? options->bpf : "", 1,
	                        PCAP_NETMASK_UNKNOWN) < 0) {
		snprintf(error, LIVE_ERROR_SIZE, "%s", pcap_geterr(handle));
		status = ERR_MALFORMED;
	}
	if (handle)
		pcap_close(handle);
	return status;
}

static bool attach(int fd, const struct bpf_program *program)
{
	/* The same, under the kernel's name. */
	static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "one layout");
	const struct sock_fprog wanted = { (unsigned short)program->bf_len,
		                           (struct sock_filter *)program->bf_insns };
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &wanted, sizeof wanted) == 0;
}

static bool set(int fd, int option, const void *value, size_t size)
{
	return setsockopt(fd, SOL_PACKET, option, value, (socklen_t)size) == 0;
}

static bool make_ring(int fd, const struct packet_ring_shape *shape)
{
	const int version = TPACKET_V3;
	const unsigned int reserve = TAG_BYTES;
	const struct tpacket_req3 wanted = {
		.tp_block_size = shape->block_bytes,
		.tp_block_nr = shape->block_count,
		.tp_frame_size = FRAME_BYTES,
		.tp_frame_nr = shape->block_bytes / FRAME_BYTES * shape->block_count,
		.tp_retire_blk_tov = BLOCK_MS,
	};
	return set(fd, PACKET_VERSION, &version, sizeof version) &&
	       set(fd, PACKET_RESERVE, &reserve, sizeof reserve) &&
	       set(fd, PACKET_RX_RING, &wanted, sizeof wanted);
}

static bool listen_to(int fd, int index, bool promiscuous)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		                        .sll_protocol = htons(ETH_P_ALL),
		                        .sll_ifindex = index };
	const struct packet_mreq all = { .mr_ifindex = index,
		                         .mr_type = PACKET_MR_PROMISC };
	return bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
	       (!promiscuous || set(fd, PACKET_ADD_MEMBERSHIP, &all, sizeof all));
}

/* Its flows are shared out as in live_fanout.c.  *group: 0 = a new one, which is told. */
static bool join(int fd, unsigned int *group)
{
	const unsigned int unique = *group ? 0 : PACKET_FANOUT_FLAG_UNIQUEID;
	const unsigned int wanted = (PACKET_FANOUT_HASH | unique) << 16 | *group;
	unsigned int got = 0;
	socklen_t len = sizeof got;
	if (!set(fd, PACKET_FANOUT, &wanted, sizeof wanted) ||
	    getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &got, &len) != 0)
		return false;
	*group = got & 0xffff;
	return true;
}

/* Nothing comes through before all of them share it: so none has what another has. */
static enum status open_all(const struct live_source_options *options, size_t count,
                            const struct packet_ring_shape *shape,
                            const struct bpf_program *program, int fds[LIVE_WORKERS],
                            char error[LIVE_ERROR_SIZE])
{
	struct bpf_insn refuse = { .code = BPF_RET | BPF_K };
	const struct bpf_program nothing = { 1, &refuse };
	const int index = (int)if_nametoindex(options->interface);
	unsigned int group = 0;
	if (index == 0)
		return fail(options->interface, "no such interface", error);
	for (size_t i = 0; i < count; i++) {
		fds[i] = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fds[i] < 0 || !attach(fds[i], &nothing) || !make_ring(fds[i], shape) ||
		    !listen_to(fds[i], index, options->promiscuous))
			return fail(options->interface, "cannot be listened to", error);
	}
	for (size_t i = 0; count > 1 && i < count; i++)
		if (!join(fds[i], &group))
			return fail(options->interface, "frames cannot be shared out",
			            error);
	for (size_t i = 0; i < count; i++)
		if (!attach(fds[i], program))
			return fail(options->interface, "the filter is not taken", error);
	return OK;
}

enum status packet_ring_open(const struct live_source_options *options,
                             int fds[LIVE_WORKERS], struct packet_ring_shape *shape,
                             char error[LIVE_ERROR_SIZE])
{
	struct bpf_program program = { 0 };
	const size_t count = options->workers > 1 ? options->workers : 1;
	const size_t blocks = ((size_t)options->buffer_mib << 20) / count / BLOCK_BYTES;
	*shape = (struct packet_ring_shape){
		BLOCK_BYTES, (uint32_t)(blocks > BLOCKS_LEAST ? blocks : BLOCKS_LEAST)
	};
	for (size_t i = 0; i < LIVE_WORKERS; i++)
		fds[i] = -1;
	if (options->adapter_stamps || count > LIVE_WORKERS)
		return ERR_UNSUPPORTED;
	enum status status = compile(options, &program, error);
	if (status == OK)
		status = open_all(options, count, shape, &program, fds, error);
	pcap_freecode(&program);
	for (size_t i = 0; status != OK && i < LIVE_WORKERS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
	return status;
}

/* --- who reads it --------------------------------------------------------------------- */

struct packet_ring {
	int fd;
	struct ring_ledger *ledger; /* borrowed */
	uint8_t *memory;            /* mapped */
	size_t bytes;
	uint32_t block_bytes, block_count;
	uint32_t block; /* that is read, or will be */
	uint32_t held;  /* before it, that the kernel has not got back */
	/* Of the block that is being read. */
	uint8_t *next;
	const uint8_t *end;
	uint32_t left;
	bool begun;
	bool is_loopback; /* frames show there as they go, and as they come */
};

static bool is_loopback(int fd)
{
	struct sockaddr_ll at = { 0 };
	socklen_t len = sizeof at;
	return getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
	       at.sll_hatype == ARPHRD_LOOPBACK;
}

/* Where whoever wants to go on has to begin. */
static void note_place(const struct packet_ring *ring)
{
	struct ring_ledger *to = ring->ledger;
	atomic_store_explicit(&to->block, ring->block, memory_order_relaxed);
	atomic_store_explicit(&to->held, ring->held, memory_order_relaxed);
	atomic_store_explicit(&to->left, ring->begun ? ring->left : 0,
	                      memory_order_relaxed);
	atomic_store_explicit(&to->begun, ring->begun, memory_order_relaxed);
}

static struct tpacket_block_desc *block_at(const struct packet_ring *ring, uint32_t number)
{
	return (struct tpacket_block_desc *)(ring->memory +
	                                     (size_t)number * ring->block_bytes);
}

/* The kernel's word for whose a block is, which both sides write. */
static _Atomic uint32_t *owner_of(struct tpacket_block_desc *block)
{
	static_assert(sizeof(_Atomic uint32_t) == sizeof block->hdr.bh1.block_status,
	              "the kernel's own size");
	return (_Atomic uint32_t *)&block->hdr.bh1.block_status;
}

static void give_back(struct packet_ring *ring)
{
	for (; ring->held > 0; ring->held--) {
		const uint32_t first =
		        (ring->block + ring->block_count - ring->held) % ring->block_count;
		atomic_store_explicit(owner_of(block_at(ring, first)), TP_STATUS_KERNEL,
		                      memory_order_release);
	}
	/* Not before: a block that nobody gives back stops the ring for good. */
	atomic_store_explicit(&ring->ledger->held, 0, memory_order_relaxed);
}

/* Behind the block that was in hand, whose frames are done with, or lost. */
static void go_on(struct packet_ring *ring)
{
	struct ring_ledger *from = ring->ledger;
	const uint32_t held = atomic_load(&from->held);
	const bool begun = atomic_load(&from->begun);
	ring->block = atomic_load(&from->block) % ring->block_count;
	ring->held = held < ring->block_count ? held : ring->block_count;
	if (begun && ring->held < ring->block_count) {
		ring->block = (ring->block + 1) % ring->block_count;
		ring->held++;
	}
	ledger_add(&from->taken, atomic_load(&from->left));
	give_back(ring);
	note_place(ring);
}

enum status packet_ring_map(int fd, const struct packet_ring_shape *shape,
                            struct ring_ledger *ledger, struct packet_ring **out)
{
	struct packet_ring *ring = calloc(1, sizeof *ring);
	if (!ring) {
		close(fd);
		return ERR_NOMEM;
	}
	*ring = (struct packet_ring){
		.fd = fd,
		.ledger = ledger,
		.bytes = (size_t)shape->block_bytes * shape->block_count,
		.block_bytes = shape->block_bytes,
		.block_count = shape->block_count,
		.is_loopback = is_loopback(fd),
	};
	void *memory = ring->bytes ? mmap(NULL, ring->bytes, PROT_READ | PROT_WRITE,
	                                  MAP_SHARED, fd, 0)
	                           : MAP_FAILED;
	if (memory == MAP_FAILED) {
		packet_ring_free(ring);
		return ERR_IO;
	}
	ring->memory = memory;
	go_on(ring);
	*out = ring;
	return OK;
}

void packet_ring_free(struct packet_ring *ring)
{
	if (!ring)
		return;
	if (ring->memory)
		munmap(ring->memory, ring->bytes);
	close(ring->fd);
	free(ring);
}

int packet_ring_fd(const struct packet_ring *ring)
{
	return ring->fd;
}

/* False: the kernel has not finished any. */
static bool begin_block(struct packet_ring *ring)
{
	struct tpacket_block_desc *block = block_at(ring, ring->block);
	if (!(atomic_load_explicit(owner_of(block), memory_order_acquire) & TP_STATUS_USER))
		return false;
	ring->left = block->hdr.bh1.num_pkts;
	ring->next = (uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
	ring->end = (uint8_t *)block + ring->block_bytes;
	ring->begun = true;
	return true;
}

/* In front of the frame there is room for it. */
static uint8_t *put_tag_back(const struct tpacket3_hdr *head, uint8_t *frame)
{
	const uint16_t protocol = head->tp_status & TP_STATUS_VLAN_TPID_VALID
	                                  ? head->hv1.tp_vlan_tpid
	                                  : ETH_P_8021Q;
	const uint16_t tag[] = { htons(protocol), htons((uint16_t)head->hv1.tp_vlan_tci) };
	memmove(frame - TAG_BYTES, frame, ADDRESSES_BYTES);
	memcpy(frame - TAG_BYTES + ADDRESSES_BYTES, tag, TAG_BYTES);
	return frame - TAG_BYTES;
}

/* The kernel's word is good; but an engine before this one could write here, and died. */
static bool is_inside(const struct packet_ring *ring, const struct tpacket3_hdr *head)
{
	const uint8_t *at = (const uint8_t *)head;
	const size_t least = sizeof *head + sizeof(struct sockaddr_ll);
	return at <= ring->end && (size_t)(ring->end - at) >= least &&
	       head->tp_mac >= least + TAG_BYTES &&
	       (size_t)(ring->end - at) >= (size_t)head->tp_mac + head->tp_snaplen;
}

/* False: it is one that shows twice. */
static bool take_frame(const struct packet_ring *ring, struct tpacket3_hdr *head,
                       struct frame *frame)
{
	const struct sockaddr_ll *from =
	        (const struct sockaddr_ll *)((const uint8_t *)head +
	                                     TPACKET_ALIGN((int)sizeof *head));
	uint8_t *bytes = (uint8_t *)head + head->tp_mac;
	uint32_t tag = 0;
	if (ring->is_loopback && from->sll_pkttype == PACKET_OUTGOING)
		return false;
	if (head->tp_status & TP_STATUS_VLAN_VALID && head->tp_snaplen >= ADDRESSES_BYTES) {
		bytes = put_tag_back(head, bytes);
		tag = TAG_BYTES;
	}
	*frame = (struct frame){
		.at = (nstime)head->tp_sec * NS_PER_SEC + head->tp_nsec,
		.bytes = { bytes, head->tp_snaplen + tag },
		.length = head->tp_len + tag,
	};
	return true;
}

/* An interface that was set down says so until somebody has asked. */
static void clear_error(const struct packet_ring *ring)
{
	int error;
	socklen_t len = sizeof error;
	(void)getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

size_t packet_ring_next(struct packet_ring *ring, struct frame frames[LIVE_BATCH])
{
	size_t count = 0;
	give_back(ring);
	while (count < LIVE_BATCH && (ring->begun || begin_block(ring))) {
		for (; ring->left > 0 && count < LIVE_BATCH; ring->left--) {
			struct tpacket3_hdr *head = (struct tpacket3_hdr *)ring->next;
			if (!is_inside(ring, head)) {
				ring->left = 0;
				break;
			}
			count += take_frame(ring, head, &frames[count]);
			ring->next += head->tp_next_offset;
		}
		if (ring->left > 0)
			break;
		ring->block = (ring->block + 1) % ring->block_count;
		ring->begun = false;
		if (++ring->held == ring->block_count)
			break; /* that was all of the ring */
	}
	note_place(ring);
	if (count == 0)
		clear_error(ring);
	return count;
}
