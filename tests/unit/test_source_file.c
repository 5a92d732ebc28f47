#include "probe/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

/* A file under construction. */
struct build {
	uint8_t *bytes;
	size_t len;
	bool big_endian;
};

enum { ROOM = 8 * 1024 * 1024, FRAMES_MAX = 8192 };
static char folder[] = "/tmp/earshot-test-XXXXXX";

static void put(struct build *b, const void *bytes, size_t len)
{
	assert_true(len <= ROOM - b->len);
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

static void put_number(struct build *b, uint64_t value, unsigned int width)
{
	for (unsigned int i = 0; i < width; i++) {
		const unsigned int shift = 8 * (b->big_endian ? width - 1 - i : i);
		const uint8_t byte = (uint8_t)(value >> shift);
		put(b, &byte, 1);
	}
}

static void put32(struct build *b, uint64_t value)
{
	put_number(b, value & 0xffffffff, 4);
}

static void put_zeros(struct build *b, size_t n)
{
	for (; n > 0; n--)
		put(b, "", 1);
}

static struct build new_build(bool big_endian)
{
	struct build b = { .bytes = malloc(ROOM), .big_endian = big_endian };
	assert_non_null(b.bytes);
	return b;
}

static void pcap_header(struct build *b, uint32_t magic, uint32_t link_type)
{
	put32(b, magic);
	put_number(b, 2, 2);
	put_number(b, 4, 2);
	put32(b, 0);
	put32(b, 0);
	put32(b, 65535);
	put32(b, link_type);
}

static void pcap_record(struct build *b, uint32_t seconds, uint32_t fraction, const char *bytes,
                        uint32_t length)
{
	put32(b, seconds);
	put32(b, fraction);
	put32(b, strlen(bytes));
	put32(b, length);
	put(b, bytes, strlen(bytes));
}

/* A block around `body`, which is padded here. */
static void block(struct build *b, uint32_t type, const struct build *body)
{
	const size_t padded = (body->len + 3) / 4 * 4;
	put32(b, type);
	put32(b, padded + 12);
	put(b, body->bytes, body->len);
	put_zeros(b, padded - body->len);
	put32(b, padded + 12);
	free(body->bytes);
}

static void section(struct build *b)
{
	struct build body = new_build(b->big_endian);
	put32(&body, 0x1a2b3c4d);
	put_number(&body, 1, 2);
	put_number(&body, 0, 2);
	put_number(&body, UINT64_MAX, 8);
	block(b, 0x0a0d0d0a, &body);
}

/* unit -1: no option; offset 0: no option. */
static void interface(struct build *b, uint16_t link_type, uint32_t snap, int unit,
                      int64_t offset_s)
{
	struct build body = new_build(b->big_endian);
	put_number(&body, link_type, 2);
	put_number(&body, 0, 2);
	put32(&body, snap);
	if (unit >= 0) {
		put_number(&body, 9, 2);
		put_number(&body, 1, 2);
		put_number(&body, (uint64_t)unit, 1);
		put_zeros(&body, 3);
	}
	if (offset_s) {
		put_number(&body, 14, 2);
		put_number(&body, 8, 2);
		put_number(&body, (uint64_t)offset_s, 8);
	}
	put32(&body, 0);
	block(b, 1, &body);
}

static void packet(struct build *b, uint32_t id, uint64_t ticks, const char *bytes,
                   uint32_t length)
{
	struct build body = new_build(b->big_endian);
	put32(&body, id);
	put32(&body, ticks >> 32);
	put32(&body, ticks);
	put32(&body, strlen(bytes));
	put32(&body, length);
	put(&body, bytes, strlen(bytes));
	block(b, 6, &body);
}

static const char *path_of(const char *name)
{
	static char path[4][64];
	static unsigned int next;
	char *to = path[next++ % 4];
	snprintf(to, sizeof path[0], "%s/%s", folder, name);
	return to;
}

static void write_bytes(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(path_of(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void write_file(const char *name, struct build *b)
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

static void read_source(struct source *source, size_t batch, struct reading *r)
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

static struct reading read_names(const char *const *names, size_t count, size_t batch)
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

static struct reading read_name(const char *name)
{
	return read_names(&name, 1, 64);
}

static void free_reading(struct reading *r)
{
	free(r->frames);
	free(r->bytes);
}

static const struct {
	const char *what;
	uint32_t magic;
	size_t extra; /* bytes more in a record header */
	nstime second_at;
} magics[] = {
	{ "microseconds", 0xa1b2c3d4, 0, 2 * NS_PER_SEC + 999999000 },
	{ "nanoseconds", 0xa1b23c4d, 0, 2 * NS_PER_SEC + 999999 },
	{ "Kuznetzov's longer header", 0xa1b2cd34, 8, 2 * NS_PER_SEC + 999999000 },
};

static void pcap_is_read_in_every_unit_and_byte_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(magics); i++) {
		struct build b = new_build(i % 2);
		pcap_header(&b, magics[i / 2].magic, 0x14000071); /* cooked, with FCS length */
		for (uint32_t k = 1; k <= 2; k++) {
			put32(&b, k);
			put32(&b, k == 2 ? 999999 : 0);
			put32(&b, 5);
			put32(&b, k == 2 ? 1500 : 3); /* 3: less than was captured */
			put_zeros(&b, magics[i / 2].extra);
			put(&b, k == 2 ? "world" : "hello", 5);
		}
		write_file("magic", &b);
		struct reading r = read_name("magic");
		if (r.count != 2 || r.frames[1].at != magics[i / 2].second_at)
			fail_msg("%s: %zu frames", magics[i / 2].what, r.count);
		assert_string_equal(r.damage, "");
		assert_int_equal(r.frames[0].at, NS_PER_SEC);
		assert_int_equal(r.frames[0].length, 5);
		assert_int_equal(r.frames[1].length, 1500);
		assert_int_equal(r.frames[1].number, 2);
		assert_int_equal(r.frames[0].link_type, 113);
		assert_string_equal(r.bytes[1], "world");
		assert_int_equal(r.done, r.total);
		free_reading(&r);
	}
}

static const struct {
	const char *what;
	int unit;
	int64_t offset_s;
	uint64_t ticks;
	nstime at;
} stamps[] = {
	{ "microseconds unless told otherwise", -1, 0, 1500000, 1500000000 },
	{ "nanoseconds", 9, 0, 1500000000, 1500000000 },
	{ "milliseconds", 3, 0, 1500, 1500000000 },
	{ "seconds", 0, 0, 3, 3000000000 },
	{ "picoseconds", 12, 0, UINT64_C(1500000000000), 1500000000 },
	{ "2^-10 s", 0x8a, 0, 1536, 1500000000 },
	{ "2^-32 s", 0xa0, 0, UINT64_C(0x180000000), 1500000000 },
	{ "2^-63 s", 0xbf, 0, UINT64_C(0xc000000000000000), 1500000000 },
	{ "an offset in seconds", 6, 1000, 1500000, INT64_C(1001500000000) },
	{ "an offset back", 6, -1, 1500000, 500000000 },
	{ "a stamp in the year 586,524 ends in 2255", 6, 0, UINT64_MAX, INT64_C(9000000000709551615) },
	{ "so does an absurd offset", 6, INT64_MAX, 0, INT64_C(9000000000000000000) },
};

static void pcapng_stamps_have_any_unit_and_offset(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(stamps); i++) {
		struct build b = new_build(i % 2);
		section(&b);
		interface(&b, 1, 0, stamps[i / 2].unit, stamps[i / 2].offset_s);
		packet(&b, 0, stamps[i / 2].ticks, "hello", 60);
		write_file("stamp", &b);
		struct reading r = read_name("stamp");
		assert_int_equal(r.count, 1);
		const nstime part = r.frames[0].at / NS_PER_SEC - stamps[i / 2].at / NS_PER_SEC;
		if (part != 0 || (stamps[i / 2].ticks < UINT64_MAX && r.frames[0].at != stamps[i / 2].at))
			fail_msg("%s: %lld", stamps[i / 2].what, (long long)r.frames[0].at);
		assert_string_equal(r.bytes[0], "hello");
		assert_int_equal(r.frames[0].length, 60);
		free_reading(&r);
	}
}

static void statistics(struct build *b, uint32_t id, uint64_t by_interface, uint64_t by_system)
{
	struct build body = new_build(b->big_endian);
	put32(&body, id);
	put_zeros(&body, 8);
	put_number(&body, 5, 2);
	put_number(&body, 8, 2);
	put_number(&body, by_interface, 8);
	put_number(&body, 7, 2);
	put_number(&body, 8, 2);
	put_number(&body, by_system, 8);
	block(b, 5, &body);
}

static void pcapng_takes_every_kind_of_block(void **state)
{
	struct build b = new_build(false), body;
	(void)state;
	section(&b);
	interface(&b, 1, 3, -1, 0);
	interface(&b, 101, 0, 9, 0);
	packet(&b, 1, 7, "enhanced", 8);
	body = new_build(false); /* simple: as long as the snapshot length says */
	put32(&body, 6);
	put(&body, "simple", 3);
	block(&b, 3, &body);
	body = new_build(false); /* a block nobody knows, longer than any window */
	put_zeros(&body, 3 * 1024 * 1024);
	block(&b, 0x0bad, &body);
	statistics(&b, 0, 5, 1);
	statistics(&b, 0, 7, 2); /* counts since the start: replaces the one before */
	b.big_endian = true;
	section(&b);
	interface(&b, 276, 0, 6, 0);
	body = new_build(true); /* the packet block of old, with 9 drops */
	put_number(&body, 0, 2);
	put_number(&body, 9, 2);
	put32(&body, 0);
	put32(&body, 8);
	put32(&body, 3);
	put32(&body, 3);
	put(&body, "old", 3);
	block(&b, 2, &body);
	statistics(&b, 0, 100, 0);
	write_file("blocks", &b);
	struct reading r = read_name("blocks");
	assert_string_equal(r.damage, "");
	assert_int_equal(r.count, 3);
	assert_string_equal(r.bytes[0], "enhanced");
	assert_int_equal(r.frames[0].link_type, 101);
	assert_int_equal(r.frames[0].at, 7);
	assert_string_equal(r.bytes[1], "sim");
	assert_int_equal(r.frames[1].length, 6);
	assert_int_equal(r.frames[1].at, 7); /* of the frame before */
	assert_string_equal(r.bytes[2], "old");
	assert_int_equal(r.frames[2].at, 8000);
	assert_int_equal(r.frames[2].link_type, 276);
	assert_int_not_equal(r.frames[0].interface, r.frames[1].interface);
	assert_int_not_equal(r.frames[1].interface, r.frames[2].interface);
	assert_int_equal(r.dropped, 109);
	free_reading(&r);
}

/* 5,000 frames, longer together than the window, each with its number inside. */
static void big_file(struct build *b)
{
	char text[1001];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	pcap_header(b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, 8, "%07u", i);
		text[7] = ' ';
		text[700 + i % 300] = '\0';
		pcap_record(b, i, 0, text, 1000);
		text[700 + i % 300] = 'x';
	}
}

static void check_big(struct reading *r)
{
	assert_string_equal(r->damage, "");
	assert_int_equal(r->count, 5000);
	for (uint32_t i = 0; i < 5000; i++) {
		char text[8];
		snprintf(text, sizeof text, "%07u", i);
		assert_memory_equal(r->bytes[i], text, 7);
		assert_int_equal(r->frames[i].bytes.len, 700 + i % 300);
		assert_int_equal(r->frames[i].number, i + 1);
	}
	free_reading(r);
}

static void write_packed(const char *gzip_name, const char *zstd_name, const struct build *b)
{
	const size_t room = ZSTD_compressBound(b->len);
	uint8_t *packed = malloc(room);
	const size_t half = b->len / 2;
	const size_t len = ZSTD_compress(packed, room, b->bytes, b->len, 3);
	assert_false(ZSTD_isError(len));
	write_bytes(zstd_name, packed, len);
	free(packed);
	for (size_t at = 0; at < b->len; at += half) { /* two members, as two gzips in a row */
		const size_t n = b->len - at < half ? b->len - at : half;
		gzFile file = gzopen(path_of(gzip_name), at ? "ab" : "wb");
		assert_int_equal(gzwrite(file, b->bytes + at, (unsigned int)n), (int)n);
		assert_int_equal(gzclose(file), Z_OK);
	}
}

static void a_long_file_is_the_same_plain_gzip_and_zstd(void **state)
{
	static const char *const names[] = { "big", "big.gz", "big.zst" };
	struct build b = new_build(false);
	(void)state;
	big_file(&b);
	write_packed("big.gz", "big.zst", &b);
	write_file("big", &b);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		for (size_t batch = 1; batch <= 64; batch *= 8) {
			struct reading r = read_names(&names[i], 1, batch);
			assert_int_equal(r.done, r.total);
			check_big(&r);
		}
	}
}

/* The first `percent` of a file, read to where it ends. */
static void expect_cut(const char *name, size_t percent, const char *damage)
{
	uint8_t *bytes = malloc(ROOM);
	FILE *file = fopen(path_of(name), "rb");
	const size_t len = fread(bytes, 1, ROOM, file);
	fclose(file);
	write_bytes("cut", bytes, len * percent / 100);
	free(bytes);
	struct reading r = read_name("cut");
	if (!strstr(r.damage, damage))
		fail_msg("%s: %s", name, r.damage);
	assert_in_range(r.count, 1000, 4999);
	for (uint32_t i = 0; i < r.count; i++)
		assert_int_equal(r.frames[i].at, i * NS_PER_SEC);
	free_reading(&r);
}

static void what_comes_before_the_damage_is_read(void **state)
{
	(void)state;
	expect_cut("big", 60, "cut: packet 2995: the record runs past the end of the file");
	expect_cut("big.gz", 80, "the compressed data ends early");
	expect_cut("big.zst", 80, "the compressed data ends early");
}

static void append_bad(struct build *b, unsigned int kind)
{
	struct build body = new_build(false);
	switch (kind) {
	case 0: /* pcap: a record of 300,000 bytes */
		free(body.bytes);
		put_zeros(b, 8);
		put32(b, 300000);
		put32(b, 300000);
		put_zeros(b, 300000);
		return;
	case 1: /* a packet of interface 9 */
		free(body.bytes);
		packet(b, 9, 0, "x", 1);
		return;
	case 2: /* a block of 10 bytes */
		free(body.bytes);
		put32(b, 6);
		put32(b, 10);
		put_zeros(b, 12);
		return;
	case 3: /* lengths that differ */
		free(body.bytes);
		packet(b, 0, 0, "x", 1);
		b->bytes[b->len - 4]++;
		return;
	case 4: /* more data than the block holds */
		put_zeros(&body, 12);
		put32(&body, 100);
		put32(&body, 100);
		block(b, 6, &body);
		return;
	default: /* a packet block of a megabyte */
		put_zeros(&body, 1024 * 1024);
		block(b, 6, &body);
		return;
	}
}

static void damage_has_a_file_a_packet_and_a_reason(void **state)
{
	static const char *const reasons[] = {
		"/bad: packet 2: record of 300000 bytes is longer than any frame",
		"/bad: packet 2: a packet of an interface that was not described",
		"/bad: packet 2: a block of 10 bytes",
		"/bad: packet 2: a block whose two lengths differ",
		"/bad: packet 2: a packet longer than its block",
		"/bad: packet 2: a block of 1048588 bytes is longer than any packet's",
	};
	(void)state;
	for (unsigned int i = 0; i < ARRAY_LEN(reasons); i++) {
		struct build b = new_build(false);
		if (i == 0) {
			pcap_header(&b, 0xa1b2c3d4, 1);
			pcap_record(&b, 1, 0, "good", 4);
		} else {
			section(&b);
			interface(&b, 1, 0, -1, 0);
			packet(&b, 0, 0, "good", 4);
		}
		append_bad(&b, i);
		write_file("bad", &b);
		struct reading r = read_name("bad");
		assert_int_equal(r.count, 1);
		if (!strstr(r.damage, reasons[i]))
			fail_msg("%s", r.damage);
		free_reading(&r);
	}
}

static void what_is_no_capture_is_refused(void **state)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
		enum status status;
		const char *error;
	} files[] = {
		{ "nothing", "", 0, ERR_MALFORMED, "the file is empty" },
		{ "text", "INVITE sip:a@b SIP/2.0\r\n", 24, ERR_MALFORMED, "not a capture file" },
		{ "ten bytes of pcap", "\xd4\xc3\xb2\xa1\2\0\4\0\0\0", 10, ERR_MALFORMED, "ends inside its header" },
		{ "eight bytes of pcapng", "\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, ERR_MALFORMED, "ends inside its header" },
		{ "pcap version 3", "\xd4\xc3\xb2\xa1\3\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\0\0", 24,
		  ERR_UNSUPPORTED, "version" },
		{ "gzip of nothing good", "\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff", 14, ERR_MALFORMED,
		  "the compressed data is damaged" },
	};
	char *path[1];
	struct source *source;
	struct source_error error;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		write_bytes("refused", files[i].bytes, files[i].len);
		path[0] = strdup(path_of("refused"));
		const enum status status = source_open_files(path, 1, &source, &error);
		if (status != files[i].status || !strstr(error.text, files[i].error))
			fail_msg("%s: %s: %s", files[i].what, status_name(status), error.text);
		free(path[0]);
	}
	path[0] = strdup(path_of("missing"));
	assert_int_equal(source_open_files(path, 1, &source, &error), ERR_IO);
	assert_non_null(strstr(error.text, "No such file"));
	free(path[0]);
	path[0] = folder;
	assert_int_equal(source_open_files(path, 1, &source, &error), ERR_IO);
	assert_non_null(strstr(error.text, "directory"));
}

static void an_empty_capture_has_no_frames(void **state)
{
	struct build b = new_build(true);
	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	write_file("none", &b);
	struct reading r = read_name("none");
	assert_int_equal(r.count, 0);
	assert_string_equal(r.damage, "");
	free_reading(&r);
}

static void write_times(const char *name, char letter, const uint32_t *times, size_t count)
{
	struct build b = new_build(false);
	char text[8];
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof text, "%c%zu", letter, i);
		pcap_record(&b, times[i], 0, text, 60);
	}
	write_file(name, &b);
}

static void several_files_are_merged_by_time(void **state)
{
	static const uint32_t a[] = { 5, 6, 6, 9, 2, 10 }; /* 2: a clock that went back */
	static const uint32_t b[] = { 1, 6, 7, 20 };
	static const uint32_t c[] = { 6, 30 };
	static const char *const names[] = { "a", "b", "none", "c" };
	static const char *const merged[] = { "b0", "a0", "b1", "a1", "a2", "c0", "b2", "a3",
		                              "a4", "a5", "b3", "c1" };
	(void)state;
	write_times("a", 'a', a, ARRAY_LEN(a));
	write_times("b", 'b', b, ARRAY_LEN(b));
	write_times("c", 'c', c, ARRAY_LEN(c));
	for (size_t batch = 1; batch <= 64; batch *= 4) {
		struct reading r = read_names(names, 4, batch);
		assert_int_equal(r.count, ARRAY_LEN(merged));
		for (size_t i = 0; i < ARRAY_LEN(merged); i++) {
			assert_string_equal(r.bytes[i], merged[i]);
			assert_int_equal(r.frames[i].number, i + 1);
		}
		assert_int_equal(r.done, r.total);
		free_reading(&r);
	}
}

static void long_files_are_merged_whatever_their_order(void **state)
{
	static const char *const names[] = { "late", "early", "big" };
	uint32_t times[1500];
	(void)state;
	for (uint32_t i = 0; i < 1500; i++)
		times[i] = 4000 + i;
	write_times("late", 'l', times, 1500);
	for (uint32_t i = 0; i < 1500; i++)
		times[i] = i / 3;
	write_times("early", 'e', times, 1500);
	struct reading r = read_names(names, 3, 64);
	assert_int_equal(r.count, 8000);
	for (size_t i = 1; i < r.count; i++) {
		assert_true(r.frames[i].at >= r.frames[i - 1].at);
		assert_int_equal(r.frames[i].number, i + 1);
	}
	free_reading(&r);
}

static void damage_in_one_file_leaves_the_others(void **state)
{
	static const char *const names[] = { "bad", "b" };
	(void)state;
	struct reading r = read_names(names, 2, 64);
	assert_int_equal(r.count, 1 + 4);
	assert_non_null(strstr(r.damage, "/bad: packet 2"));
	free_reading(&r);
}

static void standard_input_is_a_file_too(void **state)
{
	char *twice[] = { "-", "-" };
	struct source *source;
	struct source_error error;
	struct reading r;
	const int kept = dup(STDIN_FILENO);
	(void)state;
	assert_non_null(freopen(path_of("big.gz"), "rb", stdin));
	assert_int_equal(source_open_files(twice, 1, &source, &error), OK);
	read_source(source, 64, &r);
	assert_int_equal(r.total, 0);
	check_big(&r);
	assert_non_null(freopen(path_of("b"), "rb", stdin));
	assert_int_equal(source_open_files(twice, 2, &source, &error), ERR_UNSUPPORTED);
	assert_non_null(strstr(error.text, "only once"));
	dup2(kept, STDIN_FILENO);
	close(kept);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "magic", "stamp", "blocks", "big", "big.gz", "big.zst",
		                             "cut", "bad", "refused", "none", "a", "b", "c",
		                             "late", "early" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		remove(path_of(names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_is_read_in_every_unit_and_byte_order),
		cmocka_unit_test(pcapng_stamps_have_any_unit_and_offset),
		cmocka_unit_test(pcapng_takes_every_kind_of_block),
		cmocka_unit_test(a_long_file_is_the_same_plain_gzip_and_zstd),
		cmocka_unit_test(what_comes_before_the_damage_is_read),
		cmocka_unit_test(damage_has_a_file_a_packet_and_a_reason),
		cmocka_unit_test(what_is_no_capture_is_refused),
		cmocka_unit_test(an_empty_capture_has_no_frames),
		cmocka_unit_test(several_files_are_merged_by_time),
		cmocka_unit_test(long_files_are_merged_whatever_their_order),
		cmocka_unit_test(damage_in_one_file_leaves_the_others),
		cmocka_unit_test(standard_input_is_a_file_too),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
