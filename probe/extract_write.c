#include "probe/extract_write.h"

/* draft-ietf-opsawg-pcap: the magic of nanosecond stamps. */
#define PCAP_MAGIC_NS UINT32_C(0xa1b23c4d)
enum { SNAPLEN = 256 * 1024 };

/* draft-ietf-opsawg-pcapng */
#define PCAPNG_SECTION UINT32_C(0x0a0d0d0a)
#define PCAPNG_BYTE_ORDER UINT32_C(0x1a2b3c4d)
enum { PCAPNG_INTERFACE = 1, PCAPNG_PACKET = 6, PCAPNG_TSRESOL = 9, NANOSECONDS = 9 };
enum { SECTION_BYTES = 28, INTERFACE_BYTES = 32, PACKET_BYTES = 32 };

/* Little-endian, whatever this machine is. */
static void put_u16(FILE *out, uint16_t value)
{
	putc(value & 0xff, out);
	putc(value >> 8, out);
}

static void put_u32(FILE *out, uint32_t value)
{
	put_u16(out, (uint16_t)value);
	put_u16(out, (uint16_t)(value >> 16));
}

static void put_bytes(FILE *out, struct span bytes)
{
	if (bytes.len > 0)
		fwrite(bytes.at, 1, bytes.len, out);
}

/* | magic | 2, 4 | 0 | 0 | longest frame | link type | */
static void put_pcap_head(FILE *out, uint16_t link_type)
{
	put_u32(out, PCAP_MAGIC_NS);
	put_u16(out, 2);
	put_u16(out, 4);
	put_u32(out, 0);
	put_u32(out, 0);
	put_u32(out, SNAPLEN);
	put_u32(out, link_type);
}

/* | type | length | byte order | 1, 0 | section length: not said | length | */
static void put_section(FILE *out)
{
	put_u32(out, PCAPNG_SECTION);
	put_u32(out, SECTION_BYTES);
	put_u32(out, PCAPNG_BYTE_ORDER);
	put_u16(out, 1);
	put_u16(out, 0);
	put_u32(out, UINT32_MAX);
	put_u32(out, UINT32_MAX);
	put_u32(out, SECTION_BYTES);
}

/* | type | length | link type, 0 | longest frame | if_tsresol | end of options | length |
 */
static void put_interface(FILE *out, uint16_t link_type)
{
	put_u32(out, PCAPNG_INTERFACE);
	put_u32(out, INTERFACE_BYTES);
	put_u16(out, link_type);
	put_u16(out, 0);
	put_u32(out, SNAPLEN);
	put_u16(out, PCAPNG_TSRESOL);
	put_u16(out, 1);
	put_u32(out, NANOSECONDS);
	put_u32(out, 0);
	put_u32(out, INTERFACE_BYTES);
}

static bool fits_pcap(nstime at)
{
	return at >= 0 && at / NS_PER_SEC <= UINT32_MAX;
}

static size_t interface_of(const struct extract_writer *writer, uint16_t link_type)
{
	size_t i = 0;
	while (i < writer->link_type_count && writer->link_types[i] != link_type)
		i++;
	return i;
}

enum status extract_writer_begin(struct extract_writer *writer, FILE *out,
                                 const struct extract_picks *picks)
{
	*writer = (struct extract_writer){ .out = out };
	for (size_t i = 0; i < picks->count; i++) {
		const struct extract_pick *pick = &picks->list[i];
		writer->pcapng |= !fits_pcap(pick->at);
		if (interface_of(writer, pick->link_type) < writer->link_type_count)
			continue;
		if (writer->link_type_count == EXTRACT_LINK_TYPES)
			return ERR_FULL;
		writer->link_types[writer->link_type_count++] = pick->link_type;
	}
	writer->pcapng |= writer->link_type_count > 1;
	if (!writer->pcapng) {
		put_pcap_head(out, writer->link_types[0]);
		return OK;
	}
	put_section(out);
	for (size_t i = 0; i < writer->link_type_count; i++)
		put_interface(out, writer->link_types[i]);
	return OK;
}

/* | seconds | nanoseconds | captured | on the wire | */
static void put_pcap_frame(FILE *out, const struct frame *frame)
{
	put_u32(out, (uint32_t)(frame->at / NS_PER_SEC));
	put_u32(out, (uint32_t)(frame->at % NS_PER_SEC));
	put_u32(out, (uint32_t)frame->bytes.len);
	put_u32(out, frame->length);
	put_bytes(out, frame->bytes);
}

/* | type | length | interface | time, upper and lower | captured | on the wire | ... | */
static void put_pcapng_frame(FILE *out, size_t interface, const struct frame *frame)
{
	const uint32_t padding = (uint32_t)-frame->bytes.len & 3;
	const uint32_t length = PACKET_BYTES + (uint32_t)frame->bytes.len + padding;
	put_u32(out, PCAPNG_PACKET);
	put_u32(out, length);
	put_u32(out, (uint32_t)interface);
	put_u32(out, (uint32_t)((uint64_t)frame->at >> 32));
	put_u32(out, (uint32_t)frame->at);
	put_u32(out, (uint32_t)frame->bytes.len);
	put_u32(out, frame->length);
	put_bytes(out, frame->bytes);
	for (uint32_t i = 0; i < padding; i++)
		putc(0, out);
	put_u32(out, length);
}

void extract_writer_frame(const struct extract_writer *writer, const struct frame *frame)
{
	if (writer->pcapng)
		put_pcapng_frame(writer->out, interface_of(writer, frame->link_type),
		                 frame);
	else
		put_pcap_frame(writer->out, frame);
}
