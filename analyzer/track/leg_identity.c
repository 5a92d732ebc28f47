#include "analyzer/track/leg_identity.h"

#include <math.h>

#include "analyzer/wire/sip_uri.h"
#include "analyzer/wire/sip_value.h"

/* Of most INVITEs these bits are all zero: then there is nothing to look for. */
#define BIT(header) (UINT64_C(1) << (header))
#define INTERESTING                                                                        \
	(BIT(SIP_P_ASSERTED_IDENTITY) | BIT(SIP_P_PREFERRED_IDENTITY) |                    \
	 BIT(SIP_REMOTE_PARTY_ID) | BIT(SIP_PRIVACY) | BIT(SIP_DIVERSION) |                \
	 BIT(SIP_HISTORY_INFO) | BIT(SIP_IDENTITY) | BIT(SIP_REPLACES) |                   \
	 BIT(SIP_REFER_TO) | BIT(SIP_REFERRED_BY))

static bool first_address(const struct sip_message *message, struct text name,
                          struct sip_address *out)
{
	struct text value;
	return sip_find_header(message, name, &value) &&
	       sip_read_address(sip_cut_value(&value), out);
}

/* --- identity and privacy ------------------------------------------------------------- */

static const struct {
	struct text name;
	enum sip_header header;
	enum identity_header as;
} identities[] = {
	/* The best one first. */
	{ { "P-Asserted-Identity", 19 }, SIP_P_ASSERTED_IDENTITY, IDENTITY_ASSERTED },
	{ { "Remote-Party-ID", 15 }, SIP_REMOTE_PARTY_ID, IDENTITY_REMOTE_PARTY },
	{ { "P-Preferred-Identity", 20 }, SIP_P_PREFERRED_IDENTITY, IDENTITY_PREFERRED },
};

static enum identity_header find_identity(const struct sip_message *message,
                                          struct sip_address *out)
{
	for (size_t i = 0; i < ARRAY_LEN(identities); i++)
		if (sip_has_header(message, identities[i].header) &&
		    first_address(message, identities[i].name, out))
			return identities[i].as;
	return IDENTITY_NONE;
}

static uint8_t privacy_of_word(struct text word)
{
	static const struct {
		struct text word;
		enum privacy privacy;
	} words[] = {
		{ { "header", 6 }, PRIVACY_HEADER },
		{ { "session", 7 }, PRIVACY_SESSION },
		{ { "user", 4 }, PRIVACY_USER },
		{ { "none", 4 }, PRIVACY_ASKED_NONE },
		{ { "critical", 8 }, PRIVACY_CRITICAL },
		{ { "id", 2 }, PRIVACY_ID },
		{ { "history", 7 }, PRIVACY_HISTORY },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal_nocase(word, words[i].word))
			return (uint8_t)words[i].privacy;
	return 0;
}

static void note_privacy(struct leg_identity *identity, const struct sip_message *message)
{
	struct text value;
	struct sip_address address;
	struct sip_uri from;
	if (sip_has_header(message, SIP_PRIVACY) &&
	    sip_find_header(message, TEXT("Privacy"), &value))
		while (value.len > 0)
			identity->privacy |=
			        privacy_of_word(text_trim(text_cut(&value, ';')));
	if (sip_has_header(message, SIP_REMOTE_PARTY_ID) &&
	    first_address(message, TEXT("Remote-Party-ID"), &address)) {
		const struct text said = sip_param(address.params, TEXT("privacy"));
		if (said.len > 0 && !text_equal_nocase(said, TEXT("off")))
			identity->privacy |= PRIVACY_ID;
	}
	if (sip_uri_read(message->from.uri, &from) &&
	    (text_equal_nocase(from.user, TEXT("anonymous")) ||
	     text_equal_nocase(from.host, TEXT("anonymous.invalid"))))
		identity->privacy |= PRIVACY_ANONYMOUS;
}

/* --- diversion ------------------------------------------------------------------------ */

/* All values of a header in their order: how many, and the first and the last. */
struct values {
	unsigned int count;
	struct text first, last;
};

static struct values values_of(const struct sip_message *message, struct text name)
{
	struct values values = { 0 };
	struct text rest = message->headers, list;
	while (sip_next_named(&rest, name, &list)) {
		while (list.len > 0) {
			const struct text value = sip_cut_value(&list);
			if (value.len == 0)
				continue;
			if (values.count++ == 0)
				values.first = value;
			values.last = value;
		}
	}
	return values;
}

/*
 * Diversion has the latest on top, so its last value is who was called first; History-Info
 * begins with that one, and its first entry alone is no diversion.
 */
static void note_diversion(struct leg_identity *identity, struct leg_texts *texts,
                           const struct sip_message *message)
{
	struct values values = { 0 };
	struct sip_address address;
	struct text first = { 0 };
	if (sip_has_header(message, SIP_DIVERSION)) {
		values = values_of(message, TEXT("Diversion"));
		first = values.last;
	} else if (sip_has_header(message, SIP_HISTORY_INFO)) {
		values = values_of(message, TEXT("History-Info"));
		first = values.first;
		values.count -= values.count > 0;
	}
	identity->diversions =
	        (uint8_t)(values.count < UINT8_MAX ? values.count : UINT8_MAX);
	if (values.count > 0 && sip_read_address(first, &address))
		leg_texts_replace(texts, LEG_TEXT_DIVERTED_FROM, address.uri,
		                  RECORD_PARTY - 1);
}

/* --- transfer ------------------------------------------------------------------------- */

static void note_transfer(struct leg_identity *identity, struct leg_texts *texts,
                          const struct sip_message *message)
{
	struct sip_address address;
	struct text value;
	if (message->method == SIP_INVITE && sip_has_header(message, SIP_REPLACES) &&
	    sip_find_header(message, TEXT("Replaces"), &value)) {
		identity->transfer |= TRANSFER_REPLACES;
		leg_texts_keep(texts, LEG_TEXT_REPLACES, value, RECORD_PARTY - 1);
	}
	if (message->method == SIP_INVITE && sip_has_header(message, SIP_JOIN) &&
	    sip_find_header(message, TEXT("Join"), &value)) {
		identity->transfer |= TRANSFER_JOIN;
		leg_texts_keep(texts, LEG_TEXT_CONFERENCE, value, RECORD_PARTY - 1);
	}
	if (message->method == SIP_REFER && sip_has_header(message, SIP_REFER_TO) &&
	    first_address(message, TEXT("Refer-To"), &address)) {
		identity->transfer |= TRANSFER_REFER;
		leg_texts_replace(texts, LEG_TEXT_REFER_TO, address.uri, RECORD_PARTY - 1);
	}
	if (sip_has_header(message, SIP_REFERRED_BY) &&
	    first_address(message, TEXT("Referred-By"), &address)) {
		identity->transfer |= TRANSFER_REFERRED_BY;
		leg_texts_keep(texts, LEG_TEXT_REFERRED_BY, address.uri, RECORD_PARTY - 1);
	}
}

/* --- all of it ------------------------------------------------------------------------ */

static void note_invite(struct leg_identity *identity, struct leg_texts *texts,
                        const struct sip_message *message, nstime at)
{
	struct sip_address address;
	note_privacy(identity, message);
	if (!(message->header_bits & INTERESTING))
		return;
	const enum identity_header in = find_identity(message, &address);
	if (in != IDENTITY_NONE) {
		identity->asserted_in = (uint8_t)in;
		leg_texts_replace(texts, LEG_TEXT_ASSERTED, address.uri, RECORD_PARTY - 1);
	}
	note_diversion(identity, texts, message);
	if (sip_has_header(message, SIP_IDENTITY))
		leg_stir_note(identity, texts, message, at);
}

void leg_identity_note(struct leg_identity *identity, struct leg_texts *texts,
                       const struct sip_message *message, bool from_caller, nstime at)
{
	struct sip_address address;
	const bool is_invite = message->method == SIP_INVITE;
	if (message->is_request && (is_invite || message->method == SIP_REFER))
		note_transfer(identity, texts, message);
	if (!is_invite)
		return;
	if (sip_has_param(message->contact.params, TEXT("isfocus"))) {
		identity->transfer |= TRANSFER_FOCUS;
		leg_texts_replace(texts, LEG_TEXT_CONFERENCE, message->contact.uri,
		                  RECORD_PARTY - 1);
	}
	if (message->is_request && from_caller && message->to.tag.len == 0)
		note_invite(identity, texts, message, at);
	else if (!message->is_request && message->status > 100 && message->status < 300 &&
	         !from_caller && message->header_bits & INTERESTING &&
	         find_identity(message, &address) != IDENTITY_NONE)
		leg_texts_replace(texts, LEG_TEXT_CONNECTED, address.uri, RECORD_PARTY - 1);
}

void leg_identity_record(const struct leg_identity *identity, const struct leg_texts *texts,
                         struct leg_record *out)
{
	static const struct {
		enum leg_text_kind kind;
		size_t offset, size;
	} places[] = {
		{ LEG_TEXT_ASSERTED, offsetof(struct leg_record, asserted), RECORD_PARTY },
		{ LEG_TEXT_CONNECTED, offsetof(struct leg_record, connected),
		  RECORD_PARTY },
		{ LEG_TEXT_DIVERTED_FROM, offsetof(struct leg_record, diverted_from),
		  RECORD_PARTY },
		{ LEG_TEXT_REPLACES, offsetof(struct leg_record, replaces), RECORD_PARTY },
		{ LEG_TEXT_REFER_TO, offsetof(struct leg_record, refer_to), RECORD_PARTY },
		{ LEG_TEXT_REFERRED_BY, offsetof(struct leg_record, referred_by),
		  RECORD_PARTY },
		{ LEG_TEXT_CONFERENCE, offsetof(struct leg_record, conference),
		  RECORD_PARTY },
		{ LEG_TEXT_STIR_ORIG, offsetof(struct leg_record, stir_orig), RECORD_HOST },
		{ LEG_TEXT_STIR_DEST, offsetof(struct leg_record, stir_dest), RECORD_HOST },
	};
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		leg_texts_copy(texts, places[i].kind, (char *)out + places[i].offset,
		               places[i].size);
	out->asserted_in = (enum identity_header)identity->asserted_in;
	out->privacy = identity->privacy;
	out->diversions = identity->diversions;
	out->transfer = identity->transfer;
	out->stir = identity->stir;
	out->stir_attest = (enum stir_attest)identity->attest;
	out->stir_age_s = identity->stir_aged ? (double)identity->stir_age_s : NAN;
}
