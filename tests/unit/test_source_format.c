#include "probe/source.h"

#include "tests/unit/capture_files.h"

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
		pcap_header(&b, magics[i / 2].magic,
		            0x14000071); /* cooked, with FCS length */
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

/* clang-format off */
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
/* clang-format on */

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
		const nstime part =
		        r.frames[0].at / NS_PER_SEC - stamps[i / 2].at / NS_PER_SEC;
		if (part != 0 || (stamps[i / 2].ticks < UINT64_MAX &&
		                  r.frames[0].at != stamps[i / 2].at))
			fail_msg("%s: %lld", stamps[i / 2].what, (long long)r.frames[0].at);
		assert_string_equal(r.bytes[0], "hello");
		assert_int_equal(r.frames[0].length, 60);
		free_reading(&r);
	}
}

static void statistics(struct build *b, uint32_t id, uint64_t by_interface,
                       uint64_t by_system)
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
	put_zeros(&body, (size_t)3 * 1024 * 1024);
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
		put_zeros(&body, (size_t)1024 * 1024);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_is_read_in_every_unit_and_byte_order),
		cmocka_unit_test(pcapng_stamps_have_any_unit_and_offset),
		cmocka_unit_test(pcapng_takes_every_kind_of_block),
		cmocka_unit_test(damage_has_a_file_a_packet_and_a_reason),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
