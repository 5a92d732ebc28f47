/*
 * frame.h - an Ethernet frame around a UDP payload, checksums included, for the generator.
 */
#ifndef TESTS_BENCH_FRAME_H
#define TESTS_BENCH_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HEADERS = 14 + 20 + 8, FRAME_MAX = 2048 };

struct address {
	uint32_t ip;
	uint16_t port;
};

static inline void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static inline uint32_t sum16(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	return len & 1 ? sum + ((uint32_t)at[len - 1] << 8) : sum;
}

static inline uint16_t checksum(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/* Fills in the headers before the payload of `len` octets at frame + HEADERS. */
static inline void frame_wrap(uint8_t *frame, size_t len, const struct address *src,
                              const struct address *dst, uint16_t ip_id)
{
	static const uint8_t ethernet[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0 };
	uint8_t *ip = frame + sizeof ethernet, *udp = ip + 20;
	memcpy(frame, ethernet, sizeof ethernet);
	memcpy(ip, (const uint8_t[20]){ 0x45, 0xb8, [8] = 61, [9] = 17 }, 20);
	put16(ip + 2, (uint32_t)len + 28);
	put16(ip + 4, ip_id);
	put32(ip + 12, src->ip);
	put32(ip + 16, dst->ip);
	put16(ip + 10, checksum(sum16(ip, 20, 0)));
	put16(udp, src->port);
	put16(udp + 2, dst->port);
	put16(udp + 4, (uint32_t)len + 8);
	put16(udp + 6, 0);
	const uint16_t sum =
	        checksum(sum16(udp, len + 8, sum16(ip + 12, 8, 17 + (uint32_t)len + 8)));
	put16(udp + 6, sum ? sum : 0xffff); /* RFC 768: zero would mean none */
}

#endif
