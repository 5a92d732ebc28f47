#include "analyzer/track/leg_nat.h"

#include "analyzer/quality/audio_path.h"
#include "analyzer/wire/sip_uri.h"
#include "analyzer/wire/sip_value.h"

enum alg_sign {
	ALG_DIRECT = 1 << 0, /* no proxy between the caller and here */
	ALG_VIA_SOURCE = 1 << 1,
	ALG_CONTACT_PRIVATE = 1 << 2,
	ALG_SDP_SOURCE = 1 << 3,
	ALG_ORIGIN_PRIVATE = 1 << 4,
};

/* How a host stands to the address that the packet came from. */
enum standing {
	STANDS_UNKNOWN, /* a name, or nothing */
	STANDS_SAME,
	STANDS_ELSEWHERE,
	STANDS_PRIVATE, /* while the packet came from a public address */
};

static enum standing standing_of(const struct address *said, const struct address *from)
{
	if (address_is_unspecified(said))
		return STANDS_UNKNOWN;
	if (address_equal(said, from))
		return STANDS_SAME;
	return audio_address_is_private(said) && !audio_address_is_private(from)
	               ? STANDS_PRIVATE
	               : STANDS_ELSEWHERE;
}

static enum standing standing_of_host(const struct sip_host *host,
                                      const struct address *from)
{
	return host->is_address ? standing_of(&host->address, from) : STANDS_UNKNOWN;
}

/* Of texts of one leg, for comparison: never 0. */
static uint32_t short_hash(uint64_t hash)
{
	return (uint32_t)hash ? (uint32_t)hash : 1;
}

static void note_via(struct leg_nat *nat, struct leg_texts *texts,
                     const struct sip_glance *glance, const struct address *from)
{
	const struct sip_message *message = &glance->message;
	const enum standing standing = standing_of_host(&glance->via, from);
	nat->via_branch = glance->branch ? short_hash(glance->branch) : 0;
	nat->via_sent_by = short_hash(glance->sent_by);
	nat->alg = (uint8_t)(nat->alg | (message->via_count == 1 ? ALG_DIRECT : 0) |
	                     (standing == STANDS_SAME ? ALG_VIA_SOURCE : 0));
	if (standing == STANDS_ELSEWHERE || standing == STANDS_PRIVATE)
		nat->src |= NAT_VIA;
	if (standing != STANDS_SAME)
		leg_texts_keep(texts, LEG_TEXT_VIA_SRC, message->via_sent_by,
		               RECORD_HOST - 1);
}

/*
 * The server says where it saw the request come from (RFC 3581); and what it copies from
 * the request must be what was in there.
 */
static void note_via_back(struct leg_nat *nat, const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	struct text host;
	uint16_t port;
	const struct text received = sip_param(message->via_params, TEXT("received"));
	sip_host_port(message->via_sent_by, &host, &port);
	if (received.len && !text_equal_nocase(received, host))
		nat->src |= NAT_RECEIVED;
	if (nat->via_branch && glance->branch &&
	    short_hash(glance->branch) == nat->via_branch &&
	    short_hash(glance->sent_by) != nat->via_sent_by)
		nat->src |= NAT_REWRITTEN;
}

static void note_contact(struct leg_nat *nat, struct leg_texts *texts,
                         const struct sip_host *contact, const struct address *from,
                         bool from_caller)
{
	bool *seen = from_caller ? &nat->contact_src : &nat->contact_dst;
	uint8_t *signs = from_caller ? &nat->src : &nat->dst;
	if (*seen || !contact->said)
		return;
	*seen = true;
	const enum standing standing = standing_of_host(contact, from);
	if (standing == STANDS_SAME)
		return;
	if (standing == STANDS_PRIVATE)
		*signs |= NAT_CONTACT_PRIVATE;
	if (standing != STANDS_UNKNOWN)
		*signs |= NAT_CONTACT;
	if (from_caller && standing == STANDS_PRIVATE)
		nat->alg |= ALG_CONTACT_PRIVATE;
	leg_texts_keep(texts, from_caller ? LEG_TEXT_CONTACT_SRC : LEG_TEXT_CONTACT_DST,
	               contact->name, RECORD_HOST - 1);
}

void leg_nat_note(struct leg_nat *nat, struct leg_texts *texts,
                  const struct sip_glance *glance, const struct address *from,
                  bool from_caller)
{
	const struct sip_message *message = &glance->message;
	if (message->method != SIP_INVITE)
		return;
	if (message->is_request && message->to.tag.len == 0 && from_caller)
		note_via(nat, texts, glance, from);
	else if (!message->is_request && !from_caller)
		note_via_back(nat, glance);
	note_contact(nat, texts, &glance->contact, from, from_caller);
}

static void keep_address(struct leg_texts *texts, enum leg_text_kind kind,
                         const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	leg_texts_keep(texts, kind, text_from(address_format(address, text)),
	               RECORD_HOST - 1);
}

void leg_nat_sdp(struct leg_nat *nat, struct leg_texts *texts, const struct sdp_glance *sdp,
                 const struct address *from, bool from_caller)
{
	bool *seen = from_caller ? &nat->sdp_src : &nat->sdp_dst;
	uint8_t *signs = from_caller ? &nat->src : &nat->dst;
	uint8_t line = 0;
	while (line < sdp->line_count &&
	       (sdp->lines[line].kind != SDP_AUDIO || !sdp->lines[line].has_connection))
		line++;
	if (*seen || line == sdp->line_count)
		return;
	*seen = true;
	const struct address *said = &sdp->lines[line].connection;
	const enum standing standing = standing_of(said, from);
	const enum standing origin = standing_of(&sdp->origin, from);
	if (from_caller)
		nat->alg = (uint8_t)(nat->alg |
		                     (standing == STANDS_SAME ? ALG_SDP_SOURCE : 0) |
		                     (origin == STANDS_PRIVATE ? ALG_ORIGIN_PRIVATE : 0));
	if (standing == STANDS_SAME || standing == STANDS_UNKNOWN)
		return;
	*signs |= NAT_SDP;
	if (standing == STANDS_PRIVATE)
		*signs |= NAT_SDP_PRIVATE;
	keep_address(texts, from_caller ? LEG_TEXT_SDP_SRC : LEG_TEXT_SDP_DST, said);
}

/*
 * A device behind NAT that knows its public address says it everywhere; one that does not
 * says its private one everywhere.  Halves of both in one message, straight from its
 * network, are the work of something in between.  (A device that learnt from rport may have
 * the public address in Contact alone.)
 */
static bool is_half_rewritten(uint8_t alg)
{
	const bool direct = alg & ALG_DIRECT;
	const bool contact_private = alg & ALG_CONTACT_PRIVATE;
	const bool sdp_source = alg & ALG_SDP_SOURCE;
	return direct && ((sdp_source && alg & ALG_ORIGIN_PRIVATE) ||
	                  (sdp_source && contact_private) ||
	                  (alg & ALG_VIA_SOURCE && contact_private));
}

void leg_nat_record(const struct leg_nat *nat, const struct leg_texts *texts,
                    struct leg_record *out)
{
	const bool is_alg = nat->src & NAT_REWRITTEN || is_half_rewritten(nat->alg);
	out->nat_src = nat->src | (is_alg ? NAT_ALG : 0);
	out->nat_dst = nat->dst;
	leg_texts_copy(texts, LEG_TEXT_VIA_SRC, out->via_src, sizeof out->via_src);
	leg_texts_copy(texts, LEG_TEXT_CONTACT_SRC, out->contact_src,
	               sizeof out->contact_src);
	leg_texts_copy(texts, LEG_TEXT_CONTACT_DST, out->contact_dst,
	               sizeof out->contact_dst);
	leg_texts_copy(texts, LEG_TEXT_SDP_SRC, out->sdp_src, sizeof out->sdp_src);
	leg_texts_copy(texts, LEG_TEXT_SDP_DST, out->sdp_dst, sizeof out->sdp_dst);
}
