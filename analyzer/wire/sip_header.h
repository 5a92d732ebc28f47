/*
 * sip_header.h - header names, long and compact (RFC 3261 section 7.3.3 and the IANA
 * SIP parameters registry), as far as the monitor tells them apart.
 */
#ifndef EARSHOT_WIRE_SIP_HEADER_H
#define EARSHOT_WIRE_SIP_HEADER_H

#include <assert.h>

#include "analyzer/base/text.h"

enum sip_header {
	SIP_HEADER_OTHER,
	/* clang-format off */
	SIP_ALLOW, SIP_AUTHORIZATION, SIP_CALL_ID, SIP_CONTACT, SIP_CONTENT_ENCODING, SIP_CONTENT_LENGTH,
	SIP_CONTENT_TYPE, SIP_CSEQ, SIP_DATE, SIP_DIVERSION, SIP_EXPIRES, SIP_FROM,
	SIP_HISTORY_INFO, SIP_IDENTITY, SIP_JOIN, SIP_MAX_FORWARDS, SIP_MIN_SE,
	SIP_P_ASSERTED_IDENTITY, SIP_P_PREFERRED_IDENTITY, SIP_PRIVACY,
	SIP_PROXY_AUTHORIZATION, SIP_REASON, SIP_REFER_TO, SIP_REFERRED_BY,
	SIP_REMOTE_PARTY_ID, SIP_REPLACES, SIP_SERVER, SIP_SESSION_EXPIRES, SIP_SESSION_ID,
	SIP_SUPPORTED, SIP_TO, SIP_USER_AGENT, SIP_VIA, SIP_WARNING,
	/* clang-format on */
	SIP_HEADER_COUNT
};

static_assert(SIP_HEADER_COUNT <= 64, "sip_message.header_bits has one bit for each");

/* Case-insensitive; SIP_HEADER_OTHER for a name not in the table. */
enum sip_header sip_header_by_name(struct text name);

/* One of 64, likewise: names whose bits differ are different names. */
uint64_t sip_name_bit(struct text name);

#endif
