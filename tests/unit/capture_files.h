/*
 * capture_files.h - for the tests of the source: writes capture files byte by byte into a
 * folder of their own, and reads a source to its end.
 */
#ifndef EARSHOT_TESTS_CAPTURE_FILES_H
#define EARSHOT_TESTS_CAPTURE_FILES_H

#include "probe/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A file under construction. */
struct build {
	uint8_t *bytes;
	size_t len;
	bool big_endian;
};

enum { ROOM = 8 * 1024 * 1024, FRAMES_MAX = 8192 };
static char folder[] = "/tmp/earshot-test-XXXXXX";

static inline void put(struct build *b, const void *bytes, size_t len)
{
	assert_true(len <= ROOM - b->len);
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

static inline void put_number(struct build *b, uint64_t value, unsigned int width)
{
	for (unsigned int i = 0; i < width; i++) {
		const unsigned int shift = 8 * (b->big_endian ? width - 1 - i : i);
		const uint8_t byte = (uint8_t)(value >> shift);
		put(b, &byte, 1);
	}
}

static inline void put32(struct build *b, uint64_t value)
{
	put_number(b, value & 0xffffffff, 4);
}

static inline void put_zeros(struct build *b, size_t n)
{
	for (; n > 0; n--)
		put(b, "", 1);
}

static inline struct build new_build(bool big_endian)
{
	struct build b = { .bytes = malloc(ROOM), .big_endian = big_endian };
	assert_non_null(b.bytes);
	return b;
}

static inline void pcap_header(struct build *b, uint32_t magic, uint32_t link_type)
{
	put32(b, magic);
	put_number(b, 2, 2);
	put_number(b, 4, 2);
	put32(b, 0);
	put32(b, 0);
	put32(b, 65535);
	put32(b, link_type);
}

static inline void pcap_record(struct build *b, uint32_t seconds, uint32_t fraction,
                               const char *bytes, uint32_t length)
{
	put32(b, seconds);
	put32(b, fraction);
	put32(b, strlen(bytes));
	put32(b, length);
	put(b, bytes, strlen(bytes));
}

static inline const char *path_of(const char *name)
{
	static char path[4][64];
	static unsigned int next;
	char *to = path[next++ % 4];
	snprintf(to, sizeof path[0], "%s/%s", folder, name);
	return to;
}

static inline void write_bytes(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(path_of(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static inline void write_file(const char *name, struct build *b)
{
	write_bytes(name, b->bytes, b->len);
	free(b->bytes);
}

/* What a source gave, with copies of the bytes. */
struct reading {
	struct frame *frames;
	char (*bytes)[16];
	size_t count;
	char damage[1024];
	uint64_t dropped, done, total;
};

static inline void read_source(struct source *source, size_t batch, struct reading *r)
{
	struct frame frames[64];
	size_t n = 0;
	*r = (struct reading){ .frames = calloc(FRAMES_MAX, sizeof *r->frames),
		               .bytes = calloc(FRAMES_MAX, sizeof *r->bytes) };
	while (source_next(source, frames, batch, &n) == OK && n > 0) {
		for (size_t i = 0; i < n; i++) {
			assert_true(r->count < FRAMES_MAX);
			const size_t len = frames[i].bytes.len;
			memcpy(r->bytes[r->count], frames[i].bytes.at, len < 15 ? len : 15);
			r->frames[r->count++] = frames[i];
		}
	}
	for (size_t i = 0; source_damage(source, i); i++)
		strncat(r->damage, source_damage(source, i)->text,
		        sizeof r->damage - strlen(r->damage) - 1);
	r->dropped = source_dropped(source);
	source_progress(source, &r->done, &r->total);
	source_close(source);
}

static inline struct reading read_names(const char *const *names, size_t count,
                                        size_t batch)
{
	char *paths[8] = { 0 };
	struct source *source;
	struct source_error error;
	struct reading r;
	for (size_t i = 0; i < count; i++)
		paths[i] = strdup(path_of(names[i]));
	if (source_open_files(paths, count, &source, &error) != OK)
		fail_msg("%s", error.text);
	read_source(source, batch, &r);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	return r;
}

static inline struct reading read_name(const char *name)
{
	return read_names(&name, 1, 64);
}

static inline void free_reading(struct reading *r)
{
	free(r->frames);
	free(r->bytes);
}

static inline int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
	char command[64];
	(void)state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

#endif
