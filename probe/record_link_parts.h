/* record_link_parts.h - what both sides of the record stream agree on. */
#ifndef EARSHOT_PROBE_RECORD_LINK_PARTS_H
#define EARSHOT_PROBE_RECORD_LINK_PARTS_H

#include <assert.h>

#include "probe/record_link.h"

#define LINK_MAGIC UINT32_C(0x45415253) /* "EARS" */
enum {
	LINK_VERSION = 1,
	LINK_ACK = 4 + 8, /* magic, number: what the keeper tells */
};

/* The head, LINK_HEAD octets; returns where the body goes. */
uint8_t *link_put_head(uint8_t *to, const struct link_frame *frame);

#endif
