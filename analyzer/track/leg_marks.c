#include "analyzer/track/leg_marks.h"

#include "analyzer/base/hash.h"

/* Nobody but the caller himself gains by two texts with one hash. */
static uint32_t hash_of(struct text text)
{
	const struct hash_key fixed = { 0 };
	return text.len > 0 ? (uint32_t)hash_text(&fixed, text) | 1 : 0;
}

void leg_marks_note(struct leg_marks *marks, const struct sip_message *message)
{
	static const struct {
		enum sip_header header;
		uint8_t mark;
	} headers[] = {
		{ SIP_P_ASSERTED_IDENTITY, MARK_ASSERTED },
		{ SIP_DIVERSION, MARK_DIVERSION },
		{ SIP_HISTORY_INFO, MARK_HISTORY_INFO },
		{ SIP_IDENTITY, MARK_IDENTITY },
		{ SIP_ALLOW, MARK_ALLOW },
		{ SIP_SUPPORTED, MARK_SUPPORTED },
	};
	*marks = (struct leg_marks){ .display = hash_of(message->from.display),
		                     .contact = hash_of(message->contact.uri),
		                     .allow = message->allow,
		                     .supported = message->supported };
	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		if (sip_has_header(message, headers[i].header))
			marks->headers |= headers[i].mark;
}
