#include "analyzer/track/leg_marks.h"

#include "analyzer/base/hash.h"
#include "analyzer/wire/sip_value.h"

static_assert(SIP_METHOD_COUNT <= 16, "a method has a bit");

const char *const leg_marks_tags[MARK_TAGS] = {
	"100rel",     "timer",
	"replaces",   "join",
	"path",       "gruu",
	"outbound",   "histinfo",
	"norefersub", "precondition",
	"tdialog",    "from-change",
	"sec-agree",  "resource-priority",
	"ice",        "sdp-anat",
};

/* Nobody but the caller himself gains by two texts with one hash. */
static uint32_t hash_of(struct text text)
{
	const struct hash_key fixed = { 0 };
	return text.len > 0 ? (uint32_t)hash_text(&fixed, text) | 1 : 0;
}

static uint16_t bits_of(struct text list, const char *const *names, size_t count)
{
	uint16_t bits = 0;
	while (list.len > 0) {
		const struct text one = text_trim(text_cut(&list, ','));
		for (size_t i = 0; i < count; i++)
			if (names[i] && text_equal_nocase(one, text_from(names[i])))
				bits = (uint16_t)(bits | 1u << i);
	}
	return bits;
}

static void note_lists(struct leg_marks *marks, const struct sip_message *message)
{
	struct text rest = message->headers;
	struct sip_header_field field;
	while (sip_next_header(&rest, &field)) {
		if (field.header == SIP_ALLOW)
			marks->allow |=
			        bits_of(field.value, sip_method_names, SIP_METHOD_COUNT);
		else if (field.header == SIP_SUPPORTED)
			marks->supported |= bits_of(field.value, leg_marks_tags, MARK_TAGS);
	}
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
		                     .contact = hash_of(message->contact.uri) };
	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		if (sip_has_header(message, headers[i].header))
			marks->headers |= headers[i].mark;
	if (marks->headers & (MARK_ALLOW | MARK_SUPPORTED))
		note_lists(marks, message);
}
