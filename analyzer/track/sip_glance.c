#include "analyzer/track/sip_glance.h"

#include <string.h>

#include "analyzer/model/limits.h"

enum { LINE_LOOKED_AT = 1024 };

static bool is_sip_port(const uint16_t *sip_ports, uint16_t port)
{
	for (size_t i = 0; i < LIMIT_SIP_PORTS && sip_ports[i]; i++)
		if (sip_ports[i] == port)
			return true;
	return false;
}

bool sip_glance_claims(const uint16_t *sip_ports, const struct packet *packet)
{
	if (packet->transport == TRANSPORT_ICMP || packet->payload.len == 0)
		return false;
	if (packet->transport != TRANSPORT_UDP || sip_looks_like(packet->payload))
		return true; /* streams give us whole SIP messages and nothing else */
	if (!is_sip_port(sip_ports, packet->src.port) &&
	    !is_sip_port(sip_ports, packet->dst.port))
		return false;
	/* On a SIP port, a first line that names SIP is SIP, however broken. */
	struct text rest = text_of(packet->payload);
	const struct text line = text_head(text_cut_line(&rest), LINE_LOOKED_AT);
	return text_find_text(line, TEXT("SIP/")) < line.len;
}

static uint64_t tag_hash(const struct hash_key *key, struct text tag)
{
	if (tag.len == 0)
		return 0;
	const uint64_t hash = hash_text(key, tag);
	return hash ? hash : 1;
}

static uint32_t digest_of(const struct hash_key *key, const struct packet *packet,
                          const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	struct {
		uint64_t from_tag, to_tag, branch, body, method;
		struct endpoint src;
		uint32_t cseq;
		uint32_t status;
	} parts;
	memset(&parts, 0, sizeof parts);
	parts.from_tag = glance->from_tag;
	parts.to_tag = glance->to_tag;
	parts.branch = hash_text(key, message->via_branch);
	parts.body = hash_bytes(key, message->body.at, message->body.len);
	parts.method = hash_text(key, message->method_name);
	parts.src = packet->src;
	parts.cseq = message->cseq;
	parts.status = message->status;
	const uint32_t digest = (uint32_t)hash_bytes(key, &parts, sizeof parts);
	return digest ? digest : 1;
}

void sip_glance_at(const struct hash_key *key, const struct packet *packet,
                   struct sip_glance *out)
{
	out->carrier = SIP_STREAM;
	out->fault = SIP_FAULT_NONE;
	if (packet->transport == TRANSPORT_UDP)
		out->carrier =
		        packet->flags & PACKET_TRUNCATED ? SIP_DATAGRAM_CUT : SIP_DATAGRAM;
	out->status = sip_parse(packet->payload, out->carrier, &out->message, &out->fault);
	if (out->status != OK)
		return;
	out->call_id = hash_text(key, out->message.call_id);
	out->from_tag = tag_hash(key, out->message.from.tag);
	out->to_tag = tag_hash(key, out->message.to.tag);
	out->digest = digest_of(key, packet, out);
}
