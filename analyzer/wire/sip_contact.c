#include "analyzer/wire/sip_contact.h"

#include "analyzer/wire/sip_value.h"

static int64_t expires_of(const struct sip_address *contact)
{
	struct text params = contact->params, name, value;
	uint64_t seconds;
	while (sip_next_param(&params, &name, &value))
		if (text_equal_nocase(name, TEXT("expires")) &&
		    text_number(value, UINT32_MAX, &seconds) == OK)
			return (int64_t)seconds;
	return -1;
}

bool sip_find_contact(const struct sip_message *message, struct text uri, size_t *count,
                      int64_t *expires_s)
{
	struct text headers = message->headers;
	struct sip_header_field field;
	bool found = false;
	*count = 0;
	*expires_s = -1;
	while (sip_next_header(&headers, &field)) {
		if (field.header != SIP_CONTACT)
			continue;
		for (struct text rest = field.value; rest.len > 0;) {
			struct sip_address contact;
			const struct text value = sip_cut_value(&rest);
			if (value.len == 0 || !sip_read_address(value, &contact))
				continue;
			++*count;
			if (found || !text_equal_nocase(contact.uri, uri))
				continue;
			found = true;
			*expires_s = expires_of(&contact);
		}
	}
	return found;
}
