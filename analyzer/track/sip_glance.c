#include "analyzer/track/sip_glance.h"

#include <string.h>

#include "analyzer/model/limits.h"
#include "analyzer/wire/sip_uri.h"

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

/* --- hashes --------------------------------------------------------------------------- */

static uint64_t hash_if_any(const struct hash_key *key, struct text t)
{
	if (t.len == 0)
		return 0;
	const uint64_t hash = hash_text(key, t);
	return hash ? hash : 1;
}

static uint64_t content_hash(const struct hash_key *key, const struct sip_glance *glance,
                             uint64_t body)
{
	const uint64_t parts[] = {
		hash_text(key, glance->message.contact.uri),
		glance->sent_by,
		body,
	};
	return hash_bytes(key, parts, sizeof parts);
}

static uint32_t digest_of(const struct hash_key *key, const struct packet *packet,
                          const struct sip_glance *glance, uint64_t body)
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
	parts.branch = glance->branch;
	parts.body = body;
	parts.method = message->method;
	if (message->method == SIP_METHOD_OTHER)
		parts.method = hash_text(key, message->method_name);
	parts.src = packet->src;
	parts.cseq = message->cseq;
	parts.status = message->status;
	const uint32_t digest = (uint32_t)hash_bytes(key, &parts, sizeof parts);
	return digest ? digest : 1;
}

/* Whoever asks: a NAT may change its port from one message to the next. */
static uint64_t asker_of(const struct hash_key *key, const struct packet *packet,
                         const struct sip_glance *glance)
{
	const enum sip_method method = glance->message.method;
	const struct endpoint *asker =
	        glance->message.is_request ? &packet->src : &packet->dst;
	const struct hash_key mixed = { key->k0 ^ glance->call_id, key->k1 };
	if (method != SIP_INVITE && method != SIP_OPTIONS && method != SIP_REGISTER &&
	    method != SIP_CANCEL)
		return 0;
	const uint64_t hash = hash_bytes(&mixed, &asker->address, sizeof asker->address);
	return hash ? hash : 1;
}

static void take_hashes(const struct hash_key *key, const struct packet *packet,
                        struct sip_glance *out)
{
	const struct sip_message *message = &out->message;
	const uint64_t body = hash_bytes(key, message->body.at, message->body.len);
	const bool invite = message->method == SIP_INVITE;
	out->call_id = hash_text(key, message->call_id);
	out->asker = asker_of(key, packet, out);
	out->from_tag = hash_if_any(key, message->from.tag);
	out->to_tag = hash_if_any(key, message->to.tag);
	out->branch = hash_if_any(key, message->via_branch);
	out->sent_by = invite ? hash_if_any(key, message->via_sent_by) : 0;
	out->content = sip_begins_dialog(message) ? content_hash(key, out, body) : 0;
	out->digest = digest_of(key, packet, out, body);
}

/* --- hosts and users ------------------------------------------------------------------ */

static struct sip_host host_of(struct text name)
{
	struct sip_host host = { .name = name, .said = true };
	host.is_address = address_parse(name, &host.address) == OK;
	return host;
}

static struct text user_of(struct text uri)
{
	struct sip_uri parts;
	return sip_uri_read(uri, &parts) ? parts.user : (struct text){ 0 };
}

static void take_parties(struct sip_glance *out)
{
	const struct sip_message *message = &out->message;
	struct sip_uri contact;
	struct text host;
	uint16_t port;
	out->via = out->contact = (struct sip_host){ 0 };
	out->from_user = out->to_user = (struct text){ 0 };
	if (message->contact.uri.len > 0 && sip_uri_read(message->contact.uri, &contact))
		out->contact = host_of(contact.host);
	if (!message->is_request)
		return;
	sip_host_port(message->via_sent_by, &host, &port);
	out->via = host_of(host);
	if (message->to.tag.len > 0)
		return;
	out->from_user = user_of(message->from.uri);
	out->to_user = user_of(message->to.uri);
}

/* --- all of it ------------------------------------------------------------------------ */

void sip_glance_at(const struct hash_key *key, const struct packet *packet,
                   struct sdp *scratch, struct sip_glance *out)
{
	const struct sdp_glance_room room = { out->lines, out->formats, SIP_GLANCE_LINES,
		                              SIP_GLANCE_FORMATS };
	out->carrier = SIP_STREAM;
	out->fault = SIP_FAULT_NONE;
	out->asker = 0;
	if (packet->transport == TRANSPORT_UDP)
		out->carrier =
		        packet->flags & PACKET_TRUNCATED ? SIP_DATAGRAM_CUT : SIP_DATAGRAM;
	out->status = sip_parse(packet->payload, out->carrier, &out->message, &out->fault);
	if (out->status != OK)
		return;
	take_hashes(key, packet, out);
	take_parties(out);
	sdp_glance_at(&out->message, scratch, &room, &out->sdp);
}
