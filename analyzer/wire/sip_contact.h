/*
 * sip_contact.h - the Contact values of a message, all of them (RFC 3261 section 20.10).
 */
#ifndef EARSHOT_WIRE_SIP_CONTACT_H
#define EARSHOT_WIRE_SIP_CONTACT_H

#include "analyzer/wire/sip.h"

/*
 * Is that URI among the Contact values?  Compared without regard to case, for registrars
 * echo what they were given.  *count: how many values there are; *expires_s: what the one
 * that was found grants, or -1.
 */
bool sip_find_contact(const struct sip_message *message, struct text uri, size_t *count,
                      int64_t *expires_s);

#endif
