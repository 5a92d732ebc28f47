/*
 * sip_redact.h - a SIP message without what nobody but its two ends may know.
 *
 * In its place stands SIP_REDACTED, so that one sees that there was something:
 *
 *   - keys of media: a=crypto (RFC 4568), k= (RFC 4566), a=key-mgmt (RFC 4567), a=ice-pwd
 *   - credentials and what they could be guessed from: of Authorization, of challenges and
 *     of Authentication-Info all but username, realm, algorithm, qop and stale; headers
 *     whose name says that they hold a password or a token
 *   - passwords within URIs (RFC 3261 section 19.1), and headers that a URI brings along
 *   - what people write: bodies of MESSAGE
 *   - what people dial during a call: bodies of INFO but SDP and media control, and of any
 *     method those of type DTMF or KPML
 *   - bodies that are encoded, in which none of this can be looked for
 *
 * It reads lines, not a parsed message, so that a message which is hardly one is not a way
 * out.  Header lines may be folded, names be compact or of any case.
 */
#ifndef EARSHOT_WIRE_SIP_REDACT_H
#define EARSHOT_WIRE_SIP_REDACT_H

#include "analyzer/base/text.h"

#define SIP_REDACTED "[redacted]"

/* Writes at most `size` characters, none of them a NUL of ours; returns how many.  What
 * finds no room is cut. */
size_t sip_redact(struct text message, char *to, size_t size);

/* The same for a value that may hold URIs and nothing else of the above. */
size_t sip_redact_uris(struct text value, char *to, size_t size);

/* Cheap: false for nearly all values that sip_redact_uris would leave alone. */
bool sip_may_hold_password(struct text value);

#endif
