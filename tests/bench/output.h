/*
 * output.h - what generators of captures have in common: numbers on the command line,
 * those that look as if they were drawn, and the file that is written.
 */
#ifndef TESTS_BENCH_OUTPUT_H
#define TESTS_BENCH_OUTPUT_H

#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline uint64_t number(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	const uint64_t value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value < least || value > most)
		errx(2, "%s: a number from %" PRIu64 " to %" PRIu64 " is needed", text,
		     least, most);
	return value;
}

static inline FILE *create(const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		err(1, "%s", path);
	setvbuf(file, NULL, _IOFBF, 1 << 20);
	return file;
}

static inline void finish(FILE *file, const char *path)
{
	if (ferror(file) || fclose(file))
		err(1, "%s", path);
}

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
static inline uint64_t scatter(uint64_t number)
{
	uint64_t z = (number + 1) * 0x9e3779b97f4a7c15U;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

enum { START_S = 1767225600 /* 2026-01-01T00:00:00Z */, US_PER_S = 1000000 };

/* Classic header in this machine's order: microseconds, version 2.4, Ethernet. */
static inline void write_capture_header(FILE *out)
{
	const uint32_t header[6] = { 0xa1b2c3d4U, 0x00040002U, 0, 0, 262144, 1 };
	fwrite(header, sizeof header, 1, out);
}

/* A frame, and when it came: since 1970. */
static inline void write_frame(FILE *out, uint64_t at_us, const uint8_t *frame, size_t len)
{
	const uint32_t record[4] = { (uint32_t)(at_us / US_PER_S),
		                     (uint32_t)(at_us % US_PER_S), (uint32_t)len,
		                     (uint32_t)len };
	fwrite(record, sizeof record, 1, out);
	fwrite(frame, len, 1, out);
}

#endif
