/*
 * sip_value.h - the inside of header values: lists, parameters, addresses (RFC 3261
 * sections 7.3.1 and 25.1), for headers that sip_message does not take apart.
 */
#ifndef EARSHOT_WIRE_SIP_VALUE_H
#define EARSHOT_WIRE_SIP_VALUE_H

#include "analyzer/wire/sip.h"

/* The values of a list header, one by one: up to a comma outside quotes and < >. */
struct text sip_cut_value(struct text *rest);

/* Next `name=value` of a parameter list; false at its end.  Empty ones are passed over. */
bool sip_next_param(struct text *rest, struct text *name, struct text *value);

/* Does that parameter stand there, with a value or without one? */
bool sip_has_param(struct text params, struct text name);

/* The value of that parameter, without its quotes; empty when it has none, or is absent. */
struct text sip_param(struct text params, struct text name);

/* A value of From, To or Contact; false when it is no name-addr or addr-spec. */
bool sip_read_address(struct text value, struct sip_address *out);

#endif
