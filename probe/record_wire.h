/*
 * record_wire.h - a record as bytes, and back: what the engine tells the keeper.
 *
 * The engine reads what strangers send, so the keeper takes it for a stranger too: nothing
 * here is a copy of memory.  Each field goes by itself, in the order of its kind's table,
 * and is checked when it comes back: an enum is in range, a text ends where it may, a list
 * has no more items than there is room for, a count fits the database's signed integers.
 * Bytes left over or missing are an error.  Numbers are in network order.
 *
 *   id, count, number, time, real, ssrc_if   8 octets
 *   ssrc, flags                              4
 *   name, codec                              2
 *   flag                                     1
 *   endpoint, address                        16 and the port, 2
 *   text                                     length, 2; then so many, none of them NUL
 *   ids, codecs, payload_types, buffers      count, 1; then the items
 *   histogram                                4 for each bin
 */
#ifndef EARSHOT_PROBE_RECORD_WIRE_H
#define EARSHOT_PROBE_RECORD_WIRE_H

#include "analyzer/model/record.h"

enum {
	RECORD_WIRE_MAX = 16 << 10,       /* octets of a record without its tail */
	RECORD_WIRE_TAIL_MAX = 640 << 10, /* of its tail */
};

/* The fields of *record; `to` holds RECORD_WIRE_MAX.  Returns how many octets. */
size_t record_wire_encode(const struct record *record, uint8_t *to);

/*
 * A record of that kind out of bytes that may be anything.  Of *out all is set but `at` and
 * `tail`.  ERR_MALFORMED, ERR_TRUNCATED; *out is then of no use.
 */
MUST_CHECK enum status record_wire_decode(enum record_kind kind, struct span bytes,
                                          struct record *out);

#endif
