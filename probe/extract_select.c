#include "probe/extract_select.h"

#include "analyzer/base/hash.h"
#include "analyzer/wire/rtp.h"

#define FRAGMENT_BYTES ((size_t)32 << 20)

/* As the analyzer has it (track/leg.c). */
static const nstime copy_within = 10 * NS_PER_MS;

enum status extract_select_init(struct extract_select *select,
                                const struct extract_find *find,
                                const struct settings *settings)
{
	*select = (struct extract_select){ .find = find,
		                           .window = extract_find_window(find) };
	enum status status = decoder_new(FRAGMENT_BYTES, &select->decoder);
	if (status == OK)
		status = extract_fragments_init(&select->fragments);
	if (status == OK)
		status = extract_tcp_new(find, settings, &select->tcp);
	return status;
}

void extract_select_free(struct extract_select *select)
{
	extract_tcp_free(select->tcp);
	extract_fragments_free(&select->fragments);
	decoder_free(select->decoder);
	extract_picks_free(&select->picks);
}

/* --- does a datagram belong to the call? ---------------------------------------------- */

static bool is_in_window(const struct extract_select *select, const struct packet *packet)
{
	return packet->at >= select->window.from && packet->at <= select->window.to;
}

static struct extract_datagram describe(const struct packet *packet)
{
	static const struct hash_key key; /* of our own frames: nobody to guard against */
	return (struct extract_datagram){
		.src = packet->src,
		.dst = packet->dst,
		.at = packet->at,
		.payload = hash_bytes(&key, packet->payload.at, packet->payload.len),
		.ip_id = packet->ip_id,
	};
}

/* The analyzer makes no message of what a mirror gave twice. */
static bool is_copy(const struct extract_select *select, const struct packet *packet)
{
	const struct extract_datagram *first = select->recent;
	for (; first < select->recent + EXTRACT_RECENT; first++) {
		if (first->ip_id == packet->ip_id && packet->at - first->at < copy_within &&
		    endpoint_equal(&first->src, &packet->src) &&
		    endpoint_equal(&first->dst, &packet->dst) &&
		    describe(packet).payload == first->payload)
			return true;
	}
	return false;
}

static bool is_message(struct extract_select *select, const struct packet *packet)
{
	const struct extract_message *message =
	        extract_find_message(select->find, packet->frame);
	if (!message || message->transport != TRANSPORT_UDP)
		return is_copy(select, packet);
	select->recent[select->recent_at++ % EXTRACT_RECENT] = describe(packet);
	return true;
}

static bool is_rtp(const struct packet *packet, const struct extract_stream *stream)
{
	struct rtp rtp;
	return packet->at >= stream->first && packet->at <= stream->last &&
	       endpoint_equal(&packet->src, &stream->src) &&
	       endpoint_equal(&packet->dst, &stream->dst) &&
	       rtp_decode(packet->payload, packet->payload_len, &rtp) == OK &&
	       rtp.ssrc == stream->ssrc;
}

/* The endpoint of RTP, or that of its RTCP one port above (RFC 3550 section 11). */
static bool is_at(const struct endpoint *e, const struct endpoint *rtp)
{
	return address_equal(&e->address, &rtp->address) &&
	       (e->port == rtp->port || e->port == rtp->port + 1);
}

static bool is_between(const struct packet *packet, const struct extract_stream *stream)
{
	return (is_at(&packet->src, &stream->src) && is_at(&packet->dst, &stream->dst)) ||
	       (is_at(&packet->src, &stream->dst) && is_at(&packet->dst, &stream->src));
}

static bool is_media(const struct extract_select *select, const struct packet *packet)
{
	const bool rtcp = rtp_is_rtcp(packet->payload) && is_in_window(select, packet);
	for (size_t i = 0; i < select->find->stream_count; i++) {
		const struct extract_stream *stream = &select->find->streams[i];
		if ((rtcp && is_between(packet, stream)) || is_rtp(packet, stream))
			return true;
	}
	return false;
}

/* src and dst are those of the datagram that the error quotes. */
static bool is_error(const struct extract_select *select, const struct packet *packet)
{
	const struct extract_find *find = select->find;
	if (!is_in_window(select, packet))
		return false;
	for (size_t i = 0; i < find->stream_count; i++) {
		if (is_between(packet, &find->streams[i]))
			return true;
	}
	for (size_t i = 0; i < find->message_count; i++) {
		const struct extract_message *message = &find->messages[i];
		if (message->transport == TRANSPORT_UDP &&
		    endpoint_equal(&packet->src, &message->src) &&
		    endpoint_equal(&packet->dst, &message->dst))
			return true;
	}
	return false;
}

static bool is_wanted(struct extract_select *select, const struct packet *packet)
{
	if (packet->transport == TRANSPORT_ICMP)
		return is_error(select, packet);
	return is_message(select, packet) || is_media(select, packet);
}

/* --- frames --------------------------------------------------------------------------- */

void extract_select_frame(struct extract_select *select, const struct frame *frame)
{
	struct decoded decoded;
	bool wanted = false;
	decode_frame(select->decoder, frame, &decoded);
	if (decoded.result == DECODED_HELD)
		extract_fragments_hold(&select->fragments, frame);
	else if (decoded.result == DECODED_SEGMENT)
		extract_tcp_segment(select->tcp, frame, &decoded);
	else if (decoded.result == DECODED_DATAGRAM)
		wanted = is_wanted(select, &decoded.packet);
	else
		return;
	if (decoded.reassembled)
		extract_fragments_settle(&select->fragments, frame, wanted, &select->picks);
	if (wanted) {
		const struct extract_pick pick = extract_pick_of(frame);
		extract_picks_add(&select->picks, &pick);
	}
}

enum status extract_select_finish(struct extract_select *select)
{
	const enum status status = extract_tcp_finish(select->tcp, &select->picks);
	extract_picks_sort(&select->picks);
	return select->fragments.no_memory || select->picks.no_memory ? ERR_NOMEM : status;
}
