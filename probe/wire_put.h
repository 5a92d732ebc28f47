/*
 * wire_put.h - numbers and bytes put one behind the other, in network order: the other side
 * of analyzer/base/span.h.  Who puts has made sure of the room; each returns where the next
 * one goes.
 */
#ifndef EARSHOT_PROBE_WIRE_PUT_H
#define EARSHOT_PROBE_WIRE_PUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t *put_u16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
	return to + 2;
}

static inline uint8_t *put_u32(uint8_t *to, uint32_t value)
{
	return put_u16(put_u16(to, (uint16_t)(value >> 16)), (uint16_t)value);
}

static inline uint8_t *put_u64(uint8_t *to, uint64_t value)
{
	return put_u32(put_u32(to, (uint32_t)(value >> 32)), (uint32_t)value);
}

static inline uint8_t *put_bytes(uint8_t *to, const void *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

#endif
